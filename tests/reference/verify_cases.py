"""Compares the reference model with golden cases made by the official implementations.

usage: verify_cases.py CASE_FOLDER...
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

import checkpoint
import hyperparameters
import model
from make_case import latent_names


def load_model(folder: Path) -> model.RecursiveModel:
    h = hyperparameters.load(folder)
    if h.family == "eqr":
        h.noise_scale = 0  # as the cases were made
    reference = model.make_model(h)
    reference.load_state_dict(checkpoint.read(checkpoint.find(folder)), strict=True)
    return reference


def latents(folder: Path, reference: model.RecursiveModel):
    """The recorded latents in the order of the carry: [2, B, T, D] (first and last step), or only the last [B, T, D]."""
    files = [folder / f"{name}.npy" for name in latent_names(reference.h)]
    return [np.load(file) for file in files] if all(file.exists() for file in files) else []


def difference(a: torch.Tensor, b: np.ndarray) -> float:
    return float((a.double() - torch.from_numpy(b).double()).abs().max())


def block_difference(folder: Path, reference: model.RecursiveModel) -> float:
    """One pass without injection, where a case records one."""
    if not (folder / "block_input.npy").exists():
        return 0.0
    block_input = torch.from_numpy(np.load(folder / "block_input.npy"))
    output = reference.L_level(block_input, torch.zeros_like(block_input))
    return difference(output, np.load(folder / "block_output.npy"))


def verify(folder: Path) -> bool:
    reference = load_model(folder)
    inputs, ids, logits, q = (
        np.load(folder / f"{name}.npy") for name in ("inputs", "puzzle_identifiers", "logits", "q")
    )
    reference.goes_on = True  # as FPRM's outputs were made: until all samples of the batch have stopped
    noise = json.loads((folder / "case.json").read_text())["float32_noise_per_step"]
    recorded = latents(folder, reference)
    worst = block_difference(folder, reference) / 1e-5  # as a part of what is allowed
    results = model.run(reference, torch.from_numpy(inputs).long(), torch.from_numpy(ids).long(), len(logits),
                        torch.from_numpy(np.load(folder / "z_init.npy")) if (folder / "z_init.npy").exists() else None)  # fmt: skip
    for step, (carry, step_logits, step_q) in enumerate(results):
        errors = [difference(step_logits, logits[step]), difference(step_q, q[step])]
        if step == 0:
            errors += [difference(z, r[0]) for z, r in zip(carry, recorded) if r.ndim == 4]
        if step == len(logits) - 1:
            errors += [difference(z, r if r.ndim == 3 else r[-1]) for z, r in zip(carry, recorded)]
        worst = max(worst, max(errors) / max(1e-5, 10 * noise[step]))
    print(f"{folder.name:24} {len(logits):2} steps, worst difference {100 * worst:5.1f} % of the tolerance")
    return worst <= 1


def main() -> int:
    torch.manual_seed(0)
    folders = [Path(argument) for argument in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    return 0 if all([verify(folder) for folder in folders]) else 1


if __name__ == "__main__":
    sys.exit(main())
