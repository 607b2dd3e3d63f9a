"""State dicts in the containers that public checkpoints come in."""

import pickle
import types
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

PREFIXES = ("_orig_mod.model.inner.", "model.inner.", "inner.")


class _Lenient(pickle.Unpickler):
    """Reads a trainer's own objects, which need its program, as empty ones."""

    def find_class(self, module, name):
        if module.split(".")[0] in ("collections", "numpy", "torch", "_codecs", "builtins"):
            return super().find_class(module, name)
        return type(name, (), {})


LENIENT = types.SimpleNamespace(__name__="lenient", Unpickler=_Lenient, load=pickle.load)


def load(path: Path):
    """What a torch file holds; EqR's checkpoints hold objects of their trainer beside the weights."""
    if path.name.startswith("eqr"):
        return torch.load(path, map_location="cpu", weights_only=False, pickle_module=LENIENT)
    return torch.load(path, map_location="cpu", weights_only=True)


def find(folder: Path) -> Path:
    """The checkpoint of a case folder."""
    names = [p for p in sorted(folder.iterdir()) if p.name.startswith(("step_", "model.", "eqr.pth"))]
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
        tensors = load(path)
        average = tensors.get("callbacks", {}).get("EMACallback", {}).get("shadow", {})
        for wrapper in ("state_dict", "model_state_dict", "model"):
            if isinstance(tensors.get("ema"), dict) and "shadow" in tensors["ema"]:
                tensors = tensors["ema"]["shadow"]
            if isinstance(tensors.get("ema"), dict) and isinstance(tensors.get("model"), dict):  # FPRM
                average = tensors["ema"]
            if isinstance(tensors.get(wrapper), dict):
                tensors = tensors[wrapper] | average
    return {strip(key): value.float() for key, value in tensors.items() if not key.endswith(".mask")}


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
