"""One other runtime in a process of its own: steps one batch on and reports the time of every step as JSON.

usage: peer.py onnxruntime STEP.onnx | torch CASE_FOLDER   [--threads N] [--batch B] [--steps N | --seconds S]
"""

import argparse
import json
import resource
import time
from pathlib import Path


def onnxruntime_step(path: Path, options):
    import numpy as np
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    state = dict(np.load(path.with_suffix(".npz")))

    def step():
        state["z_high"], state["z_low"], *_ = session.run(None, state)

    return step


def torch_step(case: Path, options):
    import torch

    from shapes import fresh_batch, load_reference

    torch.set_num_threads(options.threads)
    reference = load_reference(case)
    state = list(fresh_batch(reference, options.batch))

    @torch.no_grad()
    def step():
        state[0], _, _ = reference(*state)

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runtime", choices=["onnxruntime", "torch"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=0, help="that many, the first included")
    parser.add_argument("--seconds", type=float, default=3, help="as many as fit after one that warms up, at least 3")
    options = parser.parse_args()
    make_step = {"onnxruntime": onnxruntime_step, "torch": torch_step}[options.runtime]
    step = make_step(options.path, options)
    if not options.steps:
        step()
    times = []
    start = time.perf_counter()
    while len(times) < (options.steps or 3) or (not options.steps and time.perf_counter() - start < options.seconds):
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"times": times, "peak_rss_bytes": peak}))


if __name__ == "__main__":
    main()
