"""int8 beside float32 after one step on random full-size models of every family, and which rounding costs how much.

The weights are 0.4 of the usual initialisation, beyond which the loop is chaotic (tests/data/golden/README.md). "trm" is
the program; the other columns are the reference model with the products of its layers rounded as they say, product by
product: what int8 can reach with exact everything else. Cosines of all logits with float32's.

usage: family_fidelity.py TRM [--puzzles N] [FAMILY...]
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import shapes
from quantization_error import quantize
from table import grid

GAIN = 0.4
BASELINE = dict(name="recursive_reasoning.transformers_baseline@Model_ACTV2", num_heads=12, H_layers=8, L_layers=0,
                puzzle_emb_len=0)  # fmt: skip
FAMILIES = {
    "trm, attention": {},
    "trm, MLP": dict(mlp_t=True, pos_encodings="none"),
    "trm_singlez": dict(name="recursive_reasoning.trm_singlez@TinyRecursiveReasoningModel_ACTV1"),
    "trm_hier6": dict(name="recursive_reasoning.trm_hier6@TinyRecursiveReasoningModel_ACTV1"),
    "hrm": shapes.HRM,
    "transformers_baseline": BASELINE,
    "trm_mamba2": shapes.MAMBA2,
}
VARIANTS = {  # as quantization_error's: bits of activations, features to a scale, weights in int8
    "int8, 7 bits": (7, 0, True),
    "int8, 8 bits": (8, 0, True),
    "weights alone": (0, 0, True),
    "activations alone, 8 bits": (8, 0, False),
}


def cosine(a, b) -> float:
    return F.cosine_similarity(torch.as_tensor(a).double().flatten(), torch.as_tensor(b).double().flatten(), 0).item()


def prepare(trm: Path, case: Path, changes: dict, puzzles: int):
    """The model in float32 and int8, and its inputs."""
    shapes.write_model(case, {**shapes.FULL, **changes}, seed=1, gain=GAIN)
    subprocess.run([trm, "convert", shapes.find(case), "-o", case / "converted.gguf", "--quiet"], check=True)
    shapes.model_of_type(trm, case, "int8")
    cells = torch.randint(11, (puzzles, 81), generator=torch.Generator().manual_seed(2))
    np.save(case / "inputs.npy", cells.numpy().astype(np.int32))
    np.save(case / "ids.npy", np.zeros(puzzles, np.int32))
    return cells


def trm_logits(trm: Path, case: Path, model: str):
    out = case / model
    subprocess.run([trm, "run", case / f"{model}.gguf", "--inputs", case / "inputs.npy", "--puzzle-identifiers",
                    case / "ids.npy", "--steps", "1", "--out", out, "--quiet"], check=True)  # fmt: skip
    return np.load(out / "logits.npy")


@torch.no_grad()
def simulated_logits(case: Path, cells, variant=None):
    reference = shapes.load_reference(case)
    if variant:
        quantize(reference, *variant)
    x = reference.embed(cells, torch.zeros(len(cells), dtype=torch.long))
    return reference(reference.fresh_carry(len(cells)), x)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("family", nargs="*", choices=[*FAMILIES, []])
    parser.add_argument("--puzzles", type=int, default=4)
    options = parser.parse_args()
    rows = [["family", "trm int8", *VARIANTS]]
    for name in options.family or FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            case = Path(folder)
            cells = prepare(options.trm.resolve(), case, FAMILIES[name], options.puzzles)
            exact = simulated_logits(case, cells)
            ours = cosine(trm_logits(options.trm, case, "int8"), trm_logits(options.trm, case, "converted"))
            simulated = (cosine(simulated_logits(case, cells, v), exact) for v in VARIANTS.values())
            rows.append([name, *(f"{c:.5f}" for c in (ours, *simulated))])
            print("  ".join(rows[-1]), flush=True)
    print(grid(rows))


if __name__ == "__main__":
    main()
