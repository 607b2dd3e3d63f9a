"""Makes the model that a runtime reads, in a process of its own: what exporting takes is no part of any measurement.

usage: prepare.py model TRM FOLDER SHAPE RUNTIME BATCH     prints {"path": ..., "bytes": ...}
       prepare.py check TRM FOLDER SHAPE                   prints {"difference": ...}: trm in float32 and PyTorch
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

import shapes
from runtimes import RUNTIMES

CHECKED_STEPS = 2


def make(trm: Path, case: Path, runtime, batch: int) -> Path:
    import int8

    if runtime.engine == "trm":
        return shapes.model_of_type(trm, case, runtime.type)
    return {
        "checkpoint": lambda: shapes.find(case),
        "onnx": lambda: shapes.export_step(case, batch),
        "onnxruntime-int8": lambda: int8.onnxruntime_int8(case, batch),
        "openvino-int8": lambda: int8.openvino_int8(case, batch),
    }[runtime.model]()


def model_bytes(path: Path) -> int:
    weights = path.with_suffix(".bin")  # of OpenVINO's .xml
    return path.stat().st_size + (weights.stat().st_size if path.suffix == ".xml" else 0)


@torch.no_grad()
def difference(trm: Path, case: Path) -> float:
    """The largest difference of a logit or halting value, over the first steps. Leaves the puzzle in the folder."""
    reference = shapes.load_reference(case)
    cells = 7 * torch.arange(reference.h.seq_len)[None] % reference.h.vocab_size  # as in fresh_batch
    shapes.save_puzzles(case, cells)
    ours, our_q = shapes.trm_outputs(trm, case, case / "converted.gguf", "--steps", CHECKED_STEPS, "--every-step")
    (carry, x), worst = shapes.fresh_batch(reference, 1), 0.0
    for step in range(CHECKED_STEPS):
        carry, logits, q = reference(carry, x)
        worst = max(worst, np.abs(logits.numpy() - ours[step]).max(), np.abs(q.numpy() - our_q[step]).max())
    return float(worst)


def main():
    what, trm, folder, shape, *rest = sys.argv[1:]
    case = shapes.prepare_model(Path(trm), Path(folder), shape)
    if what == "check":
        print(json.dumps({"difference": difference(Path(trm), case)}))
    else:
        name, batch = rest
        path = make(Path(trm), case, RUNTIMES[name], int(batch))
        print(json.dumps({"path": str(path), "bytes": model_bytes(path)}))


if __name__ == "__main__":
    main()
