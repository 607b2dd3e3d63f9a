"""Where learned positions and attention heads begin, so that a board's neighbours can be found.

The architecture stays the official one (pos_encodings: learned). Only the values that training starts from differ, and
training may change all of them: the positions become waves over rows and columns, and head i of every attention layer
looks at the neighbour in direction i.
"""

import math

import torch
from torch import Tensor

from layers import Attention

DIRECTIONS = ((-1, 0), (0, -1), (0, 1), (1, 0))  # of the heads, in rows and columns; more heads begin at random


def frequencies(side: int, size: int) -> Tensor:
    """Radians a cell [D / 4]: from one wave in two cells to one in four boards."""
    return math.pi * 2.0 ** -torch.linspace(0, math.log2(2 * side), size // 4)


def grid_positions(side: int, slots: int, size: int) -> Tensor:
    """[slots + S, D]: sines of rows, of columns, cosines of rows, of columns."""
    frequency, cell = frequencies(side, size), torch.arange(side * side)
    angles = torch.cat((torch.outer(cell // side, frequency), torch.outer(cell % side, frequency)), dim=1)
    waves = torch.cat((angles.sin(), angles.cos()), dim=1)
    return torch.cat((torch.zeros(slots, size), waves)) * (2 / size) ** 0.5


@torch.no_grad()
def point_heads(model: torch.nn.Module, side: int, gain: float) -> None:
    """Queries and keys whose product is greatest where the key's cell is the neighbour of the query's cell.

    cos(f (key - query - offset)), summed over rows, columns and some frequencies f, as products of sines and cosines.
    """
    for attention in (module for module in model.modules() if isinstance(module, Attention)):
        width = attention.qkv_proj.in_features
        quarter, head_dim = width // 4, attention.head_dim
        frequency = frequencies(side, width)
        chosen = torch.linspace(0, 0.75 * (quarter - 1), head_dim // 4).round().long().tolist()
        q, k, _ = attention.qkv_proj.weight.view(3, attention.heads, head_dim, width)
        for head, offsets in zip(range(attention.heads), DIRECTIONS):
            q[head], k[head] = 0, 0
            row = 0
            for axis, offset in enumerate(offsets):
                for i in chosen:
                    sine, cosine = axis * quarter + i, (2 + axis) * quarter + i
                    angle = float(frequency[i]) * offset
                    k[head, row, sine] = k[head, row + 1, cosine] = gain
                    q[head, row, sine] = q[head, row + 1, cosine] = gain * math.cos(angle)
                    q[head, row, cosine], q[head, row + 1, sine] = gain * math.sin(angle), -gain * math.sin(angle)
                    row += 2
