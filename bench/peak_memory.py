"""Peak memory (resident set) of solving one full-size sudoku, 16 steps in float32, each runtime in a fresh process.

usage: peak_memory.py TRM [--json FILE]
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

import shapes

HERE = Path(__file__).resolve().parent


def peak_bytes(*command) -> int:
    process = os.posix_spawn(command[0], [str(part) for part in command], os.environ,
                             file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])  # fmt: skip
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        sys.exit(f"peak_memory: {' '.join(map(str, command))} failed")
    return usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for shape in ("attention-97", "mlp-97"):
            case = shapes.prepare_model(options.trm, Path(folder), shape)
            step = shapes.export_step(case, 1)
            np.save(case / "inputs.npy", np.ones((1, 81), np.int32))
            np.save(case / "ids.npy", np.zeros(1, np.int32))
            peer = (sys.executable, HERE / "peer.py")
            peaks = {
                "trm": peak_bytes(options.trm.resolve(), "run", case / "converted.gguf", "--inputs", case / "inputs.npy",
                                  "--puzzle-identifiers", case / "ids.npy", "--out", case / "out", "--quiet"),
                "onnxruntime": peak_bytes(*peer, "onnxruntime", step, "--threads", "2", "--steps", "16"),
                "torch": peak_bytes(*peer, "torch", case, "--threads", "2", "--steps", "16"),
            }  # fmt: skip
            results.append({"shape": shape, "peak_rss_bytes": peaks})
            print(f"{shape:15} " + ", ".join(f"{name} {peak / 1e6:.0f} MB" for name, peak in peaks.items()))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
