"""Writes the intermediate tensors of one supervision step of one sample, computed by PyTorch, in the form that
`trm study trace` compares: index.txt names the tensors in the order of computation, each lies in NAME.npy.

usage: trace.py CHECKPOINT --inputs X.npy [--puzzle-identifiers I.npy] [--sample N] [--step K] [--dtype f32] -o DIR

CHECKPOINT is a file beside its all_config.yaml and dataset.json, or their folder. Names are those of the modules:
"pass3.L_level.layers.0.mlp" is the output of that module in the fourth call of a network (passes count from 0), with
".input" at the end its input. To trace other code, copy `Recorder`: it hooks any module that is called pass by pass.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

import model
from fixed_point import FixedPointNetwork
from layers import Network
from verify_cases import load_model


class Recorder:
    """Keeps the inputs and outputs of all modules of the networks, by name, in the order of computation."""

    def __init__(self, reference: torch.nn.Module):
        self.tensors: dict[str, torch.Tensor] = {}
        self.passes = -1
        for name, module in reference.named_children():
            if isinstance(module, (Network, FixedPointNetwork)):
                module.register_forward_pre_hook(self.begin_pass)
                self.hook(name, module)
            elif isinstance(module, torch.nn.ModuleList):  # layers that the model calls itself, one after another
                module[0].register_forward_pre_hook(self.begin_pass)
                for i, layer in enumerate(module):
                    self.hook(f"{name}.{i}", layer)

    def hook(self, name: str, parent: torch.nn.Module):
        for inner, module in parent.named_modules(prefix=name):
            module.register_forward_pre_hook(lambda _, args, inner=inner: self.keep(f"{inner}.input", args[0]))
            module.register_forward_hook(lambda _, args, output, inner=inner: self.keep(inner, output))

    def begin_pass(self, *_):
        self.passes += 1

    def keep(self, name: str, tensor: torch.Tensor):
        self.tensors[f"pass{self.passes}.{name}"] = tensor[0]  # of a batch of one


@torch.no_grad()
def trace(reference: model.RecursiveModel, inputs, puzzle_identifiers, step: int) -> dict[str, torch.Tensor]:
    """The tensors of a step, from 1, of a batch of one sample."""
    latents = [f"z_{init.removesuffix('_init').removeprefix('z_')}" for init in reference.inits] or ["z_L"]
    x, carry = reference.embed(inputs, puzzle_identifiers), reference.fresh_carry(1)
    for _ in range(step - 1):
        carry = reference.step(carry, x)
    recorder = Recorder(reference)
    tensors = recorder.tensors
    tensors["input_embedding"] = x[0]
    tensors |= {f"start.{name}": z[0] for name, z in zip(latents, carry)}
    carry = reference.step(carry, x)
    tensors |= {name: z[0] for name, z in zip(latents, carry)}
    logits, q = reference.heads(carry[0])
    return tensors | {"logits": logits[0], "q": q}


def write(folder: Path, tensors: dict[str, torch.Tensor]):
    folder.mkdir(parents=True, exist_ok=True)
    for name, tensor in tensors.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(tensor.float().numpy()))
    (folder / "index.txt").write_text("".join(f"{name}\n" for name in tensors))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--inputs", type=Path, required=True, help="token ids [B, S]")
    parser.add_argument("--puzzle-identifiers", type=Path, help="puzzle ids [B] (default: 0)")
    parser.add_argument("--sample", type=int, default=0, help="which of the B samples (default 0)")
    parser.add_argument("--step", type=int, default=1, help="which supervision step, from 1 (default)")
    parser.add_argument("--dtype", choices=("f32", "f64"), default="f64", help="to compute in (default f64)")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="DIR")
    options = parser.parse_args()
    folder = options.checkpoint if options.checkpoint.is_dir() else options.checkpoint.parent
    reference = load_model(folder).to({"f32": torch.float32, "f64": torch.float64}[options.dtype])
    inputs = torch.from_numpy(np.load(options.inputs)).long()
    if not 0 <= options.sample < len(inputs):
        sys.exit(f"trace: there is no sample {options.sample}: {options.inputs} has {len(inputs)}")
    ids = torch.zeros(len(inputs)) if options.puzzle_identifiers is None else np.load(options.puzzle_identifiers)
    one = slice(options.sample, options.sample + 1)
    tensors = trace(reference, inputs[one], torch.as_tensor(ids).long()[one], options.step)
    write(options.out, tensors)
    print(f"{options.out}: {len(tensors)} tensors of step {options.step}")


if __name__ == "__main__":
    main()
