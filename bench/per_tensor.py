"""Four bits with one scale a tensor, beside which `--type q4_0` is judged: rounds a checkpoint's layers and writes it.

usage: per_tensor.py CHECKPOINT_FOLDER OUT_FOLDER

Every matrix of the layers, those that mix tokens included, becomes s * q with q from -8 to 7 and s the largest magnitude
divided by 7. The rest stays as it is, and so do activations: convert the result to float32, then `trm eval`.
"""

import shutil
import sys
from pathlib import Path

import torch


def rounded(weight: torch.Tensor) -> torch.Tensor:
    scale = weight.abs().max() / 7
    return (weight / scale).round().clamp(-8, 7) * scale


def main():
    source, target = map(Path, sys.argv[1:])
    shutil.copytree(source, target)
    (checkpoint,) = target.glob("step_*")
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    for name, tensor in state.items():
        if ".layers." in name and name.endswith("_proj.weight"):
            state[name] = rounded(tensor)
    torch.save(state, checkpoint)


main()
