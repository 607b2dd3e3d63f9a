"""How far int8 strays from float32 in one step on random full-size models, and which rounding costs how much.

A cell is the cosine of all logits with those of PyTorch in float32 and, in brackets, that of the worst puzzle. trm's
own float32 and float16 say how far another order of sums, or weights of 11 bits, lead astray. "int8, 7 bits" and the
like are the reference model with the products of its layers rounded so: what int8 can reach with exact everything
else. --peers adds int8 of other runtimes, which take the puzzles one at a time.

The gain multiplies the usual initialisation of the weights, which is what the authors draw (1). There the loop of TRM
is chaotic (tests/data/golden/README.md); by default the gain is 0.4.

usage: family_fidelity.py TRM [--family FAMILY]... [--gain GAIN]... [--puzzles N] [--cells N] [--seed N] [--peers]
"""

import argparse
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F

import int8
import peer
import shapes
from quantization_error import quantize
from table import grid

BASELINE = dict(name="recursive_reasoning.transformers_baseline@Model_ACTV2", num_heads=12, H_layers=8, L_layers=0,
                puzzle_emb_len=0)  # fmt: skip
NANO = dict(name="nano_trm", num_layers=2, N_supervision_val=16, ffn_expansion=4, puzzle_emb_dim=512, puzzle_emb_len=16,
            num_puzzles=5, pos_emb_type="2d", use_mlp_t=False)  # fmt: skip
EQR = dict(name="eqr@EqRModel", lambda_=0.95, noise_scale=0, puzzle_emb_ndim=0, puzzle_emb_len=0)
FPRM = dict(name="fprm", max_iter_eval=1000, norm_type="pre-norm", residual_scale="input-independent", init_std=6,
            L_cycles=1, H_cycles=1, conv_type="conv2d", conv_kernel_size=3)  # fmt: skip
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
    "int8, 9 bits": (9, 0, True),
    "int8, 10 bits": (10, 0, True),
    "weights alone": (0, 0, True),
    "activations alone, 8 bits": (8, 0, False),
}
PEERS = {  # how peer.py runs it, and what makes the model
    "ONNX Runtime int8": ("onnxruntime", int8.onnxruntime_int8),
    "OpenVINO int8": ("openvino", int8.openvino_int8),
    "OpenVINO int8, rest float32": ("openvino-f32", int8.openvino_int8),
}


def cosine(a, b) -> float:
    return F.cosine_similarity(torch.as_tensor(a).double().flatten(), torch.as_tensor(b).double().flatten(), 0).item()


def fidelity(logits, exact) -> str:
    """The cosine of all logits, and of the worst puzzle's."""
    worst = min(cosine(ours, theirs) for ours, theirs in zip(logits, exact, strict=True))
    return f"{cosine(logits, exact):.5f} ({worst:.5f})"


def first_inputs(case: Path, reference, cells):
    """(latents, input embedding) at the start of these puzzles."""
    x = reference.embed(cells, torch.zeros(len(cells), dtype=torch.long))
    start = case / "z_init.npy"
    return tuple(torch.from_numpy(np.load(start))) if start.exists() else reference.fresh_carry(len(cells)), x


@torch.no_grad()
def simulated_logits(case: Path, cells, variant=None):
    reference = shapes.load_reference(case)
    if variant:
        quantize(reference, *variant)
    return reference(*first_inputs(case, reference, cells))[1]


@torch.no_grad()
def peer_logits(case: Path, cells, runtime: str, make):
    """What another runtime's int8 model of a step gives for each puzzle."""
    path, reference, logits = make(case, 1), shapes.load_reference(case), []
    carry, x = first_inputs(case, reference, cells)
    for i in range(len(cells)):
        inputs = {name: z[i : i + 1].numpy() for name, z in zip((*shapes.latent_names(carry), "x"), (*carry, x))}
        np.savez(case / "step-1.npz", **inputs)
        step, _ = peer.MAKE_STEP[runtime](path, SimpleNamespace(runtime=runtime, threads=1))
        logits.append(np.array(step())[0])
    return np.stack(logits)


def save_start(case: Path, cells):
    """The start of families that begin at random, with the spread that their published settings have."""
    h = shapes.hyperparameters.load(case)
    latents = getattr(shapes.model.FAMILIES[h.family], "latents", ())
    if not latents:
        return []
    start = torch.randn(len(latents), len(cells), h.tokens, h.hidden_size, generator=torch.Generator().manual_seed(3))
    np.save(case / "z_init.npy", ((6 if h.family == "fprm" else 1) * start).numpy())
    return ["--start", case / "z_init.npy"]


def columns(trm: Path, case: Path, cells, peers: bool):
    """(name, cell of the table) of everything that is compared on one model, each when it is computed."""
    shapes.save_puzzles(case, cells)
    start = save_start(case, cells)
    exact = simulated_logits(case, cells)
    for kind, name in {"f32": "trm float32", "f16": "trm float16", "int8": "trm int8"}.items():
        path = shapes.model_of_type(trm, case, kind)
        yield name, fidelity(shapes.trm_outputs(trm, case, path, *start, "--steps", 1)[0], exact)
    for name, (runtime, make) in PEERS.items() if peers else ():
        yield name, fidelity(peer_logits(case, cells, runtime, make), exact)
    for name, variant in VARIANTS.items():
        yield name, fidelity(simulated_logits(case, cells, variant), exact)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="default: all")
    parser.add_argument("--gain", type=float, action="append", help="default 0.4")
    parser.add_argument("--puzzles", type=int, default=4)
    parser.add_argument("--cells", type=int, default=81, help="of a puzzle, default 81")
    parser.add_argument("--seed", type=int, default=2, help="that the puzzles are drawn with, default 2")
    parser.add_argument("--peers", action="store_true", help="int8 of ONNX Runtime and OpenVINO, too")
    return parser.parse_args()


def main():
    options = parse()
    cells = torch.randint(11, (options.puzzles, options.cells), generator=torch.Generator().manual_seed(options.seed))
    rows = []
    for family in options.family or FAMILIES:
        for gain in options.gain or [0.4]:
            with tempfile.TemporaryDirectory() as folder:
                case, row = Path(folder), {"family": family, "gain": f"{gain:g}"}
                changes = {**shapes.FULL, "seq_len": options.cells, **FAMILIES[family]}
                shapes.make_model(options.trm.resolve(), case, changes, gain)
                for name, cell in columns(options.trm.resolve(), case, cells, options.peers):
                    row[name] = cell
                    print(f"{family}, gain {gain:g}: {name:30} {cell}", flush=True)
                rows.append(row)
    table = [list(rows[0]), *(list(row.values()) for row in rows)]
    print(grid(table if len(options.family or FAMILIES) > 1 else list(map(list, zip(*table)))))


if __name__ == "__main__":
    main()
