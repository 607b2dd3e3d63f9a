"""Writes a new golden case: a random model, its configuration, its inputs, and what the reference computes.

The layout is that of tests/data/golden (README.md there); logits, q and latents come from a float64 run. The default
is a small TRM; --set changes any field of all_config.yaml's arch or of dataset.json, `--set name=...` its family.

example: make_case.py /tmp/case --seed 7 --set mlp_t=true --set pos_encodings=none --set hidden_size=96
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
import yaml

import checkpoint
import draws
import hyperparameters
import model

ARCH = {
    "name": "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1",
    "hidden_size": 64, "num_heads": 4, "expansion": 4, "H_layers": 0, "L_layers": 2, "H_cycles": 2, "L_cycles": 3,
    "halt_max_steps": 4, "mlp_t": False, "pos_encodings": "rope", "puzzle_emb_ndim": 64, "puzzle_emb_len": 0,
    "no_ACT_continue": True, "forward_dtype": "bfloat16",
}  # fmt: skip
DATASET = {"pad_id": 0, "blank_identifier_id": 0, "vocab_size": 11, "seq_len": 36, "num_puzzle_identifiers": 5}
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
CONTAINERS = {"torch": "step_1", "trainer": "step_1", "safetensors": "model.safetensors", "npz": "model.npz"}
LARGEST_NOISE = 1e-3  # beyond it two correct programs are on different orbits and nothing can be compared


def random_weights(h, gain, generator, dtype):
    """A state dict, scaled to `gain` of the usual initialisation, that `dtype` represents exactly."""
    tensors = {}
    for name, like in model.make_model(h).state_dict().items():
        values = torch.randn(like.shape, generator=generator)
        if name.endswith(("_init", "init_vec")) or name == "init_hidden":
            tensors[name] = values.to(torch.bfloat16)
            continue
        if name.endswith("A_log"):
            values = torch.log(1 + 15 * torch.rand(like.shape, generator=generator))
        elif name.endswith(("mamba.D", "norm.weight", ".D")):
            values = 1 + 0.1 * values
        elif values.ndim == 0:  # FPRM's fixed scales
            values = 0.6 + 0.1 * values
        elif name.endswith("conv.bias"):
            values *= 0.1
        elif like.ndim > 1 and not name.startswith("puzzle_emb"):
            fan_in = h.hidden_size if "embed" in name else like[0].numel()
            values *= gain / fan_in**0.5
        tensors[name] = values.to(dtype)
    return tensors


def reference_run(h, tensors, inputs, ids, dtype, start=None):
    """logits [steps, B, S, V], q [steps, B, 2] and each latent of the carry [2, B, T, D] (first and last step)."""
    reference = model.make_model(h)
    reference.load_state_dict({key: value.float() for key, value in tensors.items()}, strict=True)
    carries, logits, q = zip(*model.run(reference.to(dtype), inputs, ids, h.halt_max_steps, None if start is None else start.to(dtype)))
    latents = [torch.stack((first, last)) for first, last in zip(carries[0], carries[-1]) if torch.is_tensor(first)]
    return torch.stack(logits), torch.stack(q), latents


def write_checkpoint(folder, tensors, container):
    prefix = "_orig_mod.model.inner." if container in ("torch", "trainer") else ""
    tensors = {prefix + key: value for key, value in tensors.items()}
    if container == "trainer":
        tensors = {"epoch": 3, "model_state_dict": tensors, "optimizer": {"lr": 1e-4}}
    if container == "npz":
        tensors = {key: value.float() if value.dtype == torch.bfloat16 else value for key, value in tensors.items()}
    checkpoint.write(folder / CONTAINERS[container], tensors)


def write_model(folder: Path, changes: dict, seed=0, gain=0.5, container="torch", dtype="f32"):
    """A random checkpoint with the two files that lie beside a real one. Returns hyperparameters, tensors, generator."""
    arch = {key: changes.get(key, value) for key, value in ARCH.items()}
    dataset = {key: changes.get(key, value) for key, value in DATASET.items()}
    arch.update({key: value for key, value in changes.items() if key not in arch and key not in dataset})
    h = hyperparameters.from_configuration(arch, dataset)
    generator = torch.Generator().manual_seed(seed)
    tensors = random_weights(h, gain, generator, TYPES[dtype])
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(folder, tensors, container)
    (folder / "all_config.yaml").write_text(yaml.safe_dump({"arch": arch, "seed": seed}))
    (folder / "dataset.json").write_text(json.dumps(dataset))
    return h, tensors, generator


def random_start(h, batch, seed=0, samples=None):
    """[latents, B, T, D] in float64, what the seed draws, or None where the checkpoint has the start."""
    deviations = () if h.fixed_init else getattr(model.FAMILIES[h.family], "deviations", ())
    shape = (batch, h.tokens, h.hidden_size)
    starts = [draws.start(shape, getattr(h, name), seed, latent, samples) for latent, name in enumerate(deviations)]
    return torch.stack(starts) if starts else None


def make_case(folder: Path, changes: dict, seed=0, batch=2, gain=0.5, container="torch", dtype="f32"):
    """Returns the case's largest float32 noise."""
    h, tensors, generator = write_model(folder, changes, seed, gain, container, dtype)
    inputs = torch.randint(h.vocab_size, (batch, h.seq_len), generator=generator)
    ids = torch.randint(h.num_puzzle_identifiers, (batch,), generator=generator)
    start = random_start(h, batch)
    logits, q, latents = reference_run(h, tensors, inputs, ids, torch.float64, start)
    logits32, q32, _ = reference_run(h, tensors, inputs, ids, torch.float32, start)
    noise = torch.maximum((logits - logits32).abs().amax((1, 2, 3)), (q - q32).abs().amax((1, 2))).tolist()
    if max(noise) > LARGEST_NOISE:
        raise ValueError(f"float32 strays {max(noise):.1e} from float64: the recursion is chaotic; lower the gain")

    (folder / "case.json").write_text(json.dumps({"family": h.family, "float32_noise_per_step": noise}, indent=1))
    np.save(folder / "inputs.npy", inputs.int().numpy())
    np.save(folder / "puzzle_identifiers.npy", ids.int().numpy())
    if start is not None:
        np.save(folder / "z_init.npy", start.float().numpy())
    np.save(folder / "logits.npy", logits.float().numpy())
    np.save(folder / "q.npy", q.float().numpy())
    for name, latent in zip(latent_names(h), latents):
        np.save(folder / f"{name}.npy", latent.float().numpy())
    return max(noise)


def latent_names(h):
    """File names of the carry's latents, in its order."""
    named = {"H_init": "z_high", "L_init": "z_low", "z_H_init": "z_high", "z_L_init": "z_low", "init_hidden": "z_low"}
    if hasattr(model.FAMILIES[h.family], "latents"):
        return list(model.FAMILIES[h.family].latents)
    return [named.get(init, f"latent_z_{init.removesuffix('_init')}") for init in model.FAMILIES[h.family].inits]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--gain", type=float, default=0.5, help="part of the usual initialisation (default 0.5)")
    parser.add_argument("--container", choices=CONTAINERS, default="torch")
    parser.add_argument("--type", choices=TYPES, default="f32", help="in which the weights are stored")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="changes")
    options = parser.parse_args()
    changes = {key: yaml.safe_load(value) for key, value in (change.split("=", 1) for change in options.changes)}
    try:
        noise = make_case(options.folder, changes, options.seed, options.batch, options.gain, options.container,
                          options.type)  # fmt: skip
    except ValueError as error:
        sys.exit(f"make_case: {error}")
    print(f"{options.folder}: float32 noise at most {noise:.1e}")


if __name__ == "__main__":
    main()
