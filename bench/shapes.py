"""The shapes that are compared: full-size random models, as a model file, a checkpoint and an exported step."""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "reference"))
import hyperparameters  # noqa: E402
import model  # noqa: E402
from checkpoint import find, read  # noqa: E402
from chunked_mamba2 import use_chunks  # noqa: E402
from make_case import write_model  # noqa: E402

FULL = dict(hidden_size=512, num_heads=8, H_cycles=3, L_cycles=6, halt_max_steps=16, puzzle_emb_ndim=512,
            puzzle_emb_len=16, seq_len=81, vocab_size=11)  # fmt: skip
ARC = dict(seq_len=900, vocab_size=12)
HRM = dict(name="recursive_reasoning.hrm@HierarchicalReasoningModel_ACTV1", H_layers=4, L_layers=4, H_cycles=2,
           L_cycles=2, no_ACT_continue=False)  # fmt: skip
MAMBA2 = dict(name="recursive_reasoning.trm_mamba2@TinyRecursiveReasoningModel_ACTV1", L_layers=1, mamba_layers=2,
              mamba_d_state=128, mamba_head_dim=64, mamba_expand=2, mamba_d_conv=4, mamba_n_groups=1)  # fmt: skip
URM = dict(name="urm.urm@URM", num_layers=4, loops=16, H_cycles=2, L_cycles=6)
SHAPES = {  # name-tokens: what differs from make_case's model
    "attention-97": FULL,
    "mlp-97": {**FULL, "mlp_t": True, "pos_encodings": "none"},
    "attention-916": {**FULL, **ARC, "L_cycles": 4},
    "hrm-97": {**FULL, **HRM},
    "hrm-916": {**FULL, **HRM, **ARC},
    "mamba2-97": {**FULL, **MAMBA2},
    "mamba2-916": {**FULL, **MAMBA2, **ARC, "L_cycles": 4},
    "urm-916": {**FULL, **URM, **ARC, "seq_len": 915},  # one puzzle token
}


def make_model(trm: Path, case: Path, changes: dict, gain=0.5):
    """A random checkpoint of what differs from make_case's model, and converted.gguf made from it."""
    write_model(case, changes, seed=1, gain=gain, container="torch")
    subprocess.run([trm, "convert", find(case), "-o", case / "converted.gguf", "--quiet"], check=True)


def prepare_model(trm: Path, folder: Path, shape: str) -> Path:
    """Folder with the checkpoint of a shape and converted.gguf made from it."""
    case = folder / shape
    if not (case / "converted.gguf").exists():
        make_model(trm, case, SHAPES[shape])
    return case


def save_puzzles(case: Path, cells: torch.Tensor):
    """inputs.npy and ids.npy, as trm run takes them."""
    np.save(case / "inputs.npy", cells.numpy().astype(np.int32))
    np.save(case / "ids.npy", np.zeros(len(cells), np.int32))


def trm_outputs(trm: Path, case: Path, model: Path, *options):
    """(logits, q) of the puzzles saved in a case."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([trm, "run", model, "--inputs", case / "inputs.npy", "--puzzle-identifiers", case / "ids.npy",
                        *map(str, options), "--out", out, "--quiet"], check=True)  # fmt: skip
        return np.load(Path(out) / "logits.npy"), np.load(Path(out) / "q.npy")


def model_of_type(trm: Path, case: Path, kind: str) -> Path:
    """converted.gguf, or what trm quantize makes of it."""
    path = case / ("converted.gguf" if kind == "f32" else f"{kind}.gguf")
    if not path.exists():
        subprocess.run([trm, "quantize", case / "converted.gguf", "-o", path, "--type", kind, "--quiet"], check=True)
    return path


def load_reference(case: Path) -> model.RecursiveModel:
    reference = model.make_model(hyperparameters.load(case))
    reference.load_state_dict(read(find(case)), strict=True)
    use_chunks(reference)
    return reference


@torch.no_grad()
def fresh_batch(reference: model.RecursiveModel, batch: int):
    """(z_high, z_low), input embedding: what a step takes, at the start of a batch."""
    h = reference.h
    cells = (7 * torch.arange(h.seq_len) % h.vocab_size).expand(batch, -1)
    x = reference.embed(cells, torch.zeros(batch, dtype=torch.long))
    return tuple(z.contiguous() for z in reference.fresh_carry(batch)), x


def latent_names(carry) -> list[str]:
    """Families with one latent have no z_high."""
    return ["z_high", "z_low"][-len(carry) :]


class Step(torch.nn.Module):
    """One supervision step with flat inputs and outputs."""

    def __init__(self, reference):
        super().__init__()
        self.reference = reference

    def forward(self, *state):
        """The latents, one or two, and the input embedding."""
        carry, logits, q = self.reference(state[:-1], state[-1])
        return *carry, logits, q


def export_step(case: Path, batch: int) -> Path:
    """step-<batch>.onnx, and beside it the inputs of a first step as .npz."""
    path = case / f"step-{batch}.onnx"
    if not path.exists():
        reference = load_reference(case)
        carry, x = fresh_batch(reference, batch)
        latents = latent_names(carry)
        names = [*latents, "x"]
        np.savez(path.with_suffix(".npz"), **dict(zip(names, (z.numpy() for z in (*carry, x)))))
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(Step(reference), (*carry, x), path, input_names=names, dynamo=False, opset_version=17,
                              output_names=[*(f"{name}_out" for name in latents), "logits", "q"])  # fmt: skip
    return path
