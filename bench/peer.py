"""One other runtime in a process of its own: steps one batch on and reports the time of every step as JSON.

usage: peer.py onnxruntime STEP.onnx | openvino|openvino-f32 STEP.onnx|STEP.xml
               | torch|torch-compile|torch-int8 CHECKPOINT   [--threads N] [--batch B] [--steps N | --seconds S]
"""

import argparse
import json
import time
import warnings
from pathlib import Path


def first_inputs(path: Path) -> dict:
    """What step-<batch>.onnx and its int8 forms take at first."""
    import numpy as np

    return dict(np.load(path.parent / (path.name.split(".")[0] + ".npz")))


def onnxruntime_step(path: Path, options):
    import onnxruntime

    begin = time.perf_counter()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    load_s = time.perf_counter() - begin
    state = first_inputs(path)

    def step():
        *latents, logits, _ = session.run(None, state)
        state.update(zip([name for name in state if name != "x"], latents, strict=True))
        return logits

    return step, load_s


def openvino_step(path: Path, options):
    import openvino

    begin = time.perf_counter()
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": options.threads, "NUM_STREAMS": 1}
    if options.runtime == "openvino-f32":
        settings["INFERENCE_PRECISION_HINT"] = "f32"  # else it takes bfloat16 where the CPU has it
    request = openvino.Core().compile_model(path, "CPU", settings).create_infer_request()
    load_s = time.perf_counter() - begin
    state = first_inputs(path)

    def step():
        outputs = request.infer(state)
        state.update({name: outputs[f"{name}_out"] for name in state if name != "x"})
        return outputs["logits"]

    return step, load_s


def torch_step(checkpoint: Path, options):
    import torch

    from shapes import fresh_batch, load_reference

    torch.set_num_threads(options.threads)
    begin = time.perf_counter()
    reference = load_reference(checkpoint.parent)
    if options.runtime == "torch-int8":
        warnings.simplefilter("ignore")  # deprecated, but what PyTorch has built in
        reference = torch.ao.quantization.quantize_dynamic(reference, {torch.nn.Linear}, dtype=torch.qint8)
    elif options.runtime == "torch-compile":
        torch._inductor.config.freezing = True  # weights are constants and packed once
        for network in (name for name in ("H_level", "L_level") if hasattr(reference, name)):
            setattr(reference, network, torch.compile(getattr(reference, network)))  # one pass, called by every cycle
        for i, layer in enumerate(getattr(reference, "layers", ())):  # URM calls its layers itself
            reference.layers[i] = torch.compile(layer)
    load_s = time.perf_counter() - begin
    state = list(fresh_batch(reference, options.batch))

    @torch.no_grad()
    def step():
        state[0], _, _ = reference(*state)

    return step, load_s


MAKE_STEP = {
    "onnxruntime": onnxruntime_step,
    "openvino": openvino_step,
    "openvino-f32": openvino_step,
    "torch": torch_step,
    "torch-compile": torch_step,
    "torch-int8": torch_step,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runtime", choices=MAKE_STEP)
    parser.add_argument("path", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=0, help="that many, the first included")
    parser.add_argument("--seconds", type=float, default=3, help="as many as fit after one that warms up, at least 3")
    options = parser.parse_args()
    step, load_s = MAKE_STEP[options.runtime](options.path, options)
    if not options.steps:
        step()
    times = []
    start = time.perf_counter()
    while len(times) < (options.steps or 3) or (not options.steps and time.perf_counter() - start < options.seconds):
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    print(json.dumps({"times": times, "load_s": load_s}))


if __name__ == "__main__":
    main()
