"""The model that is trained, one supervision step with its gradient, and the loss.

Shapes: B batch, S cells, T tokens, D hidden size, V vocabulary.
"""

from typing import Any

import data_set
import hyperparameters
import torch
from model import FAMILIES, RecursiveModel, Table, TransformersBaseline
from torch import Tensor, nn


def make_model(config: dict, task: Any) -> RecursiveModel:
    h = hyperparameters.from_configuration(config["arch"], data_set.description(task))
    model = FAMILIES[h.family](h)
    initialise(model)
    return model


@torch.no_grad()
def initialise(model: RecursiveModel) -> None:
    """As the official models: outputs keep their inputs' variance; nothing halts at first; latents start at random."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            truncated_normal(module.weight, module.in_features**-0.5)
        elif isinstance(module, Table) and module.name == "embedding_weight":
            truncated_normal(module.embedding_weight, model.h.hidden_size**-0.5)
    model.q_head.weight.zero_()
    model.q_head.bias.fill_(-5)
    for name in model.inits:
        getattr(model, name).requires_grad_(False)
        truncated_normal(getattr(model, name), 1.0)


def truncated_normal(tensor: Tensor, std: float) -> None:
    nn.init.trunc_normal_(tensor, std=std, a=-2 * std, b=2 * std)


def supervision_step(model: RecursiveModel, carry: tuple, x: Tensor) -> tuple[tuple, Tensor, Tensor]:
    """carry of [B, T, D], x [B, T, D] -> new carry, logits [B, S, V], q_halt [B]. Gradient of the last H cycle only."""
    cycles = model.h.H_cycles
    try:
        if cycles > 1 and not isinstance(model, TransformersBaseline):  # whose step is one pass
            with torch.no_grad():
                model.h.H_cycles = cycles - 1
                carry = model.step(carry, x)
        model.h.H_cycles = 1
        carry = model.step(carry, x)
    finally:
        model.h.H_cycles = cycles
    logits, q = model.heads(carry[0])
    return tuple(z.detach().float() for z in carry), logits.float(), q[:, 0].float()


def stablemax_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy [B, S] of probabilities in proportion to 1 + x above zero and 1 / (1 - x) below."""
    s = torch.where(logits < 0, 1 / (1 - logits.clamp(max=0)), logits + 1)
    return s.sum(-1).log() - s.gather(-1, labels[..., None]).squeeze(-1).log()


def exact_match(logits: Tensor, labels: Tensor) -> Tensor:
    """[B]: whether every cell is right whose label is not padding."""
    return ((logits.argmax(-1) == labels) | (labels == 0)).all(-1)
