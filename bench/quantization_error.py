"""Which part of int8 costs how much: a simulation on the reference model, product by product and bit by bit.

Mean cosine of z_high / z_low with float32's after each step, when weights are rounded to int8 per output channel and
activations to so many bits per row; with none of one of them rounded; and with scales for 64 features at a time.

usage: quantization_error.py MODEL_FOLDER PUZZLES.csv [--puzzles N] [--steps N]
"""

import argparse
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "reference"))
import sudoku_csv  # noqa: E402
from verify_cases import load_model  # noqa: E402

VARIANTS = {  # name: bits of activations (0: float32), features to a scale (0: all), weights in int8
    "int8, 7 bits": (7, 0, True),
    "int8, 8 bits": (8, 0, True),
    "int8, 7 bits, 64 to a scale": (7, 64, True),
    "weights alone": (0, 0, True),
    "activations alone, 7 bits": (7, 0, False),
}


def rounded(x, bits, group=0):
    """x with a scale for each `group` values of the last axis, or for all of it."""
    largest = 2 ** (bits - 1) - 1
    if group:
        size = x.shape[-1]
        return rounded(F.pad(x, (0, -size % group)).unflatten(-1, (-1, group)), bits).flatten(-2)[..., :size]
    scale = x.abs().amax(-1, keepdim=True).clamp_min(1e-30) / largest
    return (x / scale).round() * scale


def quantize(model, bits, group, weights):
    """Every product of a layer computes as the variant says from now on."""
    for module in model.modules():
        if not isinstance(module, torch.nn.Linear) or module in (model.lm_head, model.q_head):
            continue
        weight = rounded(module.weight.data, 8) if weights else module.weight.data
        activation = (lambda x: rounded(x, bits, group)) if bits else (lambda x: x)
        module.forward = lambda x, w=weight, a=activation: F.linear(a(x), w)


@torch.no_grad()
def latents(model, inputs, steps):
    x, carry, after = model.embed(inputs, torch.zeros(len(inputs), dtype=torch.long)), model.fresh_carry(len(inputs)), []
    for _ in range(steps):
        carry, *_ = model(carry, x)
        after.append(carry)
    return after


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("puzzles_file", type=Path)
    parser.add_argument("--puzzles", type=int, default=32)
    parser.add_argument("--steps", type=int, default=4)
    options = parser.parse_args()
    inputs = torch.from_numpy(sudoku_csv.read(options.puzzles_file, "question", options.puzzles))
    expected = latents(load_model(options.folder).eval(), inputs, options.steps)
    for name, variant in VARIANTS.items():
        model = load_model(options.folder).eval()
        quantize(model, *variant)
        cosines = [[F.cosine_similarity(a, b, dim=-1).mean().item() for a, b in zip(got, want)]
                   for got, want in zip(latents(model, inputs, options.steps), expected)]  # fmt: skip
        print(f"{name:28}", "  ".join(" / ".join(f"{c:.4f}" for c in step) for step in cosines), flush=True)


if __name__ == "__main__":
    main()
