"""int8 beside float32 after one step on random full-size models of every family, and which rounding costs how much.

The weights are 0.4 of the usual initialisation, beyond which the loop is chaotic (tests/data/golden/README.md). "trm" is
the program; the other columns are the reference model with the products of its layers rounded as they say, product by
product: what int8 can reach with exact everything else. Cosines of all logits with float32's.

usage: family_fidelity.py TRM [--puzzles N] [--family FAMILY]
"""

import argparse
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
NANO = dict(name="nano_trm", num_layers=2, N_supervision_val=16, ffn_expansion=4, puzzle_emb_dim=512, puzzle_emb_len=16,
            num_puzzles=3, pos_emb_type="2d", use_mlp_t=False)
EQR = dict(name="eqr@EqRModel", lambda_=0.95, noise_scale=0, puzzle_emb_ndim=0, puzzle_emb_len=0)
FPRM = dict(name="fprm", max_iter_eval=1000, norm_type="pre-norm", residual_scale="input-independent", init_std=6,
            L_cycles=1, H_cycles=1, conv_type="conv2d", conv_kernel_size=3)
FAMILIES = {
    "trm, attention": {},
    "trm, MLP": dict(mlp_t=True, pos_encodings="none"),
    "trm_singlez": dict(name="recursive_reasoning.trm_singlez@TinyRecursiveReasoningModel_ACTV1"),
    "trm_hier6": dict(name="recursive_reasoning.trm_hier6@TinyRecursiveReasoningModel_ACTV1"),
    "hrm": shapes.HRM,
    "transformers_baseline": BASELINE,
    "trm_mamba2": shapes.MAMBA2,
    "urm": shapes.URM,
    "nano_trm, convolution": NANO | dict(use_conv_swiglu=True),
    "nano_trm, board": NANO | dict(use_board_swiglu=True, max_grid_size=9),
    "eqr, attention": EQR,
    "eqr, MLP": EQR | dict(mlp_t=True, pos_encodings="none"),
    "fprm, sudoku": FPRM,
    "fprm, maze": FPRM | dict(conv_type="conv1d", conv_kernel_size=4, norm_placement="output"),
}
VARIANTS = {  # as quantization_error's: bits of activations, features to a scale, weights in int8
    "int8, 7 bits": (7, 0, True),
    "int8, 8 bits": (8, 0, True),
    "weights alone": (0, 0, True),
    "activations alone, 8 bits": (8, 0, False),
}


def cosine(a, b) -> float:
    return F.cosine_similarity(torch.as_tensor(a).double().flatten(), torch.as_tensor(b).double().flatten(), 0).item()


@torch.no_grad()
def simulated_logits(case: Path, cells, variant=None):
    reference = shapes.load_reference(case)
    if variant:
        quantize(reference, *variant)
    x = reference.embed(cells, torch.zeros(len(cells), dtype=torch.long))
    start = case / "z_init.npy"
    carry = tuple(torch.from_numpy(np.load(start))) if start.exists() else reference.fresh_carry(len(cells))
    return reference(carry, x)[1]


def save_start(case: Path, cells):
    """The start of families that begin at random, with the spread that their published settings have."""
    h = shapes.hyperparameters.load(case)
    latents = getattr(shapes.model.FAMILIES[h.family], "latents", ())
    if not latents:
        return []
    start = torch.randn(len(latents), len(cells), h.tokens, h.hidden_size, generator=torch.Generator().manual_seed(3))
    np.save(case / "z_init.npy", ((6 if h.family == "fprm" else 1) * start).numpy())
    return ["--start", case / "z_init.npy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="default: all")
    parser.add_argument("--puzzles", type=int, default=4)
    options = parser.parse_args()
    trm = options.trm.resolve()
    cells = torch.randint(11, (options.puzzles, 81), generator=torch.Generator().manual_seed(2))
    rows = [["family", "trm int8", *VARIANTS]]
    for name in options.family or FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            case = Path(folder)
            shapes.make_model(trm, case, {**shapes.FULL, **FAMILIES[name]}, GAIN)
            shapes.save_puzzles(case, cells)
            start = save_start(case, cells)
            exact = simulated_logits(case, cells)
            ours = cosine(*(shapes.trm_outputs(trm, case, shapes.model_of_type(trm, case, kind), *start, "--steps", 1)[0]
                            for kind in ("int8", "f32")))  # fmt: skip
            simulated = (cosine(simulated_logits(case, cells, v), exact) for v in VARIANTS.values())
            rows.append([name, *(f"{c:.5f}" for c in (ours, *simulated))])
            print("  ".join(rows[-1]), flush=True)
    print(grid(rows))


if __name__ == "__main__":
    main()
