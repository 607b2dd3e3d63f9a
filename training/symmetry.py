"""Weights that a board's symmetry makes equal: token mixing that is the same everywhere on the board.

A token MLP (mlp_t) has one weight for each pair of a hidden unit and a token, and knows nothing of which cells belong
together. Here its hidden units are laid out as features x cells, and a task names the relation of two cells (the offset
between them on a maze, "same row" in a sudoku; None where they have nothing to do with each other):

  * the weight between the unit (feature, cell) and a cell depends on the feature and the relation of the two cells, and
    is zero without one (with offsets: a depthwise convolution);
  * the weight between the unit and a puzzle-embedding slot depends on the feature and the slot;
  * the units that are left over are global: one weight for all cells.

The trainer keeps the matrices whole and averages their gradients over each class of equal weights, so the model that
is saved is an ordinary one. The structure is given, not learned: say so where accuracy is stated.
"""

from collections.abc import Callable, Hashable

import torch
from torch import Tensor

Relation = Callable[[int, int], Hashable | None]


def token_classes(hidden: int, cells: int, slots: int, relation: Relation) -> Tensor:
    """The class of every weight [hidden, slots + cells]; -1 where the weight is zero."""
    features = hidden // cells
    keys: dict[tuple, int] = {}
    classes = torch.full((hidden, slots + cells), -1, dtype=torch.long)
    for unit in range(hidden):
        feature, cell = divmod(unit, cells)
        local = feature < features
        for slot in range(slots):
            key = ("slot", feature if local else unit, slot)
            classes[unit, slot] = keys.setdefault(key, len(keys))
        for other in range(cells):
            related = relation(cell, other) if local else None
            if local and related is None:
                continue
            key = ("cell", feature, related) if local else ("cell", unit)
            classes[unit, slots + other] = keys.setdefault(key, len(keys))
    return classes


class TiedMatrix:
    """One weight matrix and the classes of its equal entries."""

    def __init__(self, weight: torch.nn.Parameter, classes: Tensor):
        self.weight = weight
        self.mask = (classes >= 0).to(weight.dtype)
        self.index = classes.clamp(min=0).reshape(-1)
        self.size = int(classes.max()) + 1
        self.count = torch.zeros(self.size).index_add_(0, self.index, self.mask.reshape(-1)).clamp(min=1)

    def to(self, device: str) -> None:
        """After the model: a parameter stays the same object when it moves."""
        self.mask, self.index, self.count = (t.to(device) for t in (self.mask, self.index, self.count))

    def average(self, values: Tensor) -> Tensor:
        """Every entry replaced by the mean of its class, zero where there is no class."""
        total = torch.zeros_like(self.count).index_add_(0, self.index, (values * self.mask).reshape(-1))
        return (total / self.count)[self.index].view_as(values) * self.mask

    @torch.no_grad()
    def initialise(self) -> None:
        """One random value a class, smaller where a row holds the class often.

        Neighbouring cells hold similar values. Their sum grows faster than that of independent ones, so a class that a
        row holds n times gets n^-0.75 instead of n^-0.5.
        """
        values = torch.randn(self.size)
        weight = torch.zeros_like(self.weight)
        for row, (classes, mask) in enumerate(zip(self.index.view_as(weight), self.mask)):
            present, place, times = classes[mask > 0].unique(return_inverse=True, return_counts=True)
            weight[row, mask > 0] = (values[present] * times**-0.75 * len(present) ** -0.5)[place]
        # A row of the border holds a class less often: the entries of the class must still agree.
        self.weight.copy_(self.average(weight))

    @torch.no_grad()
    def project_gradient(self) -> None:
        self.weight.grad.copy_(self.average(self.weight.grad))


def tie_token_mixing(model: torch.nn.Module, cells: int, slots: int, relation: Relation) -> list[TiedMatrix]:
    """Ties gate, up and down of every token MLP of `model`."""
    tied = []
    for module in model.modules():
        mixer = getattr(module, "mlp_t", None)
        if mixer is None:
            continue
        down = token_classes(mixer.down_proj.in_features, cells, slots, relation)
        gate_up = torch.cat((down, torch.where(down < 0, down, down + int(down.max()) + 1)))
        tied.append(TiedMatrix(mixer.gate_up_proj.weight, gate_up))
        tied.append(TiedMatrix(mixer.down_proj.weight, down.T.contiguous()))
    return tied
