"""State dicts in the containers that public checkpoints come in."""

from pathlib import Path

import numpy as np
import safetensors.torch
import torch

PREFIXES = ("_orig_mod.model.inner.", "model.inner.", "inner.")


def find(folder: Path) -> Path:
    """The checkpoint of a case folder."""
    names = [p for p in sorted(folder.iterdir()) if p.name.startswith(("step_", "model."))]
    if len(names) != 1:
        raise FileNotFoundError(f"{folder}: {len(names)} checkpoints, expected one")
    return names[0]


def read(path: Path) -> dict[str, torch.Tensor]:
    """Keys without prefix, tensors in float32."""
    if path.suffix == ".safetensors":
        tensors = safetensors.torch.load_file(path)
    elif path.suffix == ".npz":
        tensors = {key: torch.from_numpy(value) for key, value in np.load(path).items()}
    else:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        average = tensors.get("callbacks", {}).get("EMACallback", {}).get("shadow", {})
        for wrapper in ("state_dict", "model_state_dict", "model"):
            if isinstance(tensors.get(wrapper), dict):
                tensors = tensors[wrapper] | average
    return {strip(key): value.float() for key, value in tensors.items()}


def write(path: Path, tensors: dict[str, torch.Tensor]):
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(tensors, path)
    elif path.suffix == ".npz":
        np.savez(path, **{key: value.numpy() for key, value in tensors.items()})
    else:
        torch.save(tensors, path)


def strip(key: str) -> str:
    for prefix in PREFIXES:
        if key.startswith(prefix):
            return key[len(prefix) :]
    return key
