"""Where learned positions and attention heads begin, so that a board's neighbours can be found.

The architecture stays the official one (pos_encodings: learned). Only the values that training starts from differ:

* wave_positions: half of the channels are waves over rows and columns.
* separate_positions and point_heads: nothing else writes to the waves, and head i of every attention layer looks at the
  neighbour in direction i. Training may change all of them, or none (`kept`).
* unit_positions: a channel for every row, column and box of a sudoku, and heads that look along them.

What is given so has to be named where accuracy is stated.
"""

import math

import torch
from layers import Attention, Layer
from torch import Tensor

DIRECTIONS = ((-1, 0), (0, -1), (0, 1), (1, 0))  # of the heads, in rows and columns; more heads begin at random


def frequencies(side: int, count: int) -> Tensor:
    """Radians a cell: from one wave in two cells to one in four boards."""
    return math.pi * 2.0 ** -torch.linspace(0, math.log2(2 * side), count)


def grid_positions(side: int, slots: int, size: int) -> Tensor:
    """[slots + S, D]: sines of rows, of columns, cosines of rows, of columns, an eighth of D each; then zeros."""
    frequency, cell = frequencies(side, size // 8), torch.arange(side * side)
    angles = torch.cat((torch.outer(cell // side, frequency), torch.outer(cell % side, frequency)), dim=1)
    waves = torch.cat((angles.sin(), angles.cos(), torch.zeros(side * side, size // 2)), dim=1)
    return torch.cat((torch.zeros(slots, size), waves)) * (2 / size) ** 0.5


@torch.no_grad()
def wave_positions(model: torch.nn.Module, side: int, amplitude: float) -> None:
    """Half of the channels begin as waves over rows and columns, the others stay random."""
    half = model.h.hidden_size // 2
    waves = grid_positions(side, model.h.puzzle_emb_len, model.h.hidden_size)
    model.embed_pos.embedding_weight[:, :half] = amplitude * waves[:, :half]


@torch.no_grad()
def unit_positions(model: torch.nn.Module, value: float, gain: float) -> None:
    """Sudoku: a channel for every row, column and box, of `value` in the cells of that unit once the input embedding is
    scaled; head i of every layer begins at the cells in the same row, column or box (i mod 3)."""
    slots, cell = model.h.puzzle_emb_len, torch.arange(81)
    units = torch.stack((cell // 9, 9 + cell % 9, 18 + cell // 27 * 3 + cell % 9 // 3), dim=1)  # [81, 3]
    table = model.embed_pos.embedding_weight
    table[:, :27] = 0
    table[slots:, :27] = torch.zeros(81, 27).scatter(1, units, value / (0.707106781 * model.h.hidden_size**0.5))
    for attention in (module for module in model.modules() if isinstance(module, Attention)):
        q, k, _ = attention.qkv_proj.weight.view(3, attention.heads, attention.head_dim, -1)
        for head in range(attention.heads):
            for i in range(9):
                for weight in (q, k):
                    weight[head, i] = 0
                    weight[head, i, 9 * (head % 3) + i] = gain


class Kept:
    """Entries of a weight that stay as they are."""

    def __init__(self, weight: torch.nn.Parameter, mask: Tensor):
        self.weight, self.mask, self.values = weight, mask.expand_as(weight), weight.detach().clone()

    def to(self, device: str) -> None:
        self.mask, self.values = self.mask.to(device), self.values.to(device)

    @torch.no_grad()
    def restore(self) -> None:
        self.weight.copy_(torch.where(self.mask, self.values, self.weight))


@torch.no_grad()
def separate_positions(model: torch.nn.Module, side: int, amplitude: float) -> list[Kept]:
    """The waves, and zeros wherever else something would write to their channels. Returns what must be kept so."""
    size = model.h.hidden_size
    first = torch.arange(size) < size // 2
    model.embed_pos.embedding_weight.copy_(amplitude * grid_positions(side, model.h.puzzle_emb_len, size))
    for name in model.inits:
        getattr(model, name)[first] = 0
    writers = [(model.embed_tokens.embedding_weight, first)]
    if model.h.puzzle_emb_ndim:
        writers.append((model.puzzle_emb.weights, (torch.arange(model.h.puzzle_emb_ndim) % size) < size // 2))
    for layer in (module for module in model.modules() if isinstance(module, Layer)):
        writers += [(layer.self_attn.o_proj.weight, first[:, None]), (layer.mlp.down_proj.weight, first[:, None])]
    for weight, mask in writers:
        weight.masked_fill_(mask, 0)
    return [Kept(weight, mask) for weight, mask in writers] + [
        Kept(model.embed_pos.embedding_weight, torch.tensor(True))
    ]


@torch.no_grad()
def point_heads(model: torch.nn.Module, side: int, gain: float) -> list[Kept]:
    """Queries and keys whose product is greatest where the key's cell is the neighbour of the query's cell.

    cos(f (key - query - offset)), summed over rows, columns and some frequencies f, as products of sines and cosines.
    Returns the queries and keys of those heads.
    """
    kept = []
    for attention in (module for module in model.modules() if isinstance(module, Attention)):
        width = attention.qkv_proj.in_features
        eighth, head_dim = width // 8, attention.head_dim
        frequency = frequencies(side, eighth)
        chosen = torch.linspace(0, 0.75 * (eighth - 1), head_dim // 4).round().long().tolist()
        q, k, _ = attention.qkv_proj.weight.view(3, attention.heads, head_dim, width)
        for head, offsets in zip(range(attention.heads), DIRECTIONS):
            q[head], k[head] = 0, 0
            row = 0
            for axis, offset in enumerate(offsets):
                for i in chosen:
                    sine, cosine = axis * eighth + i, (2 + axis) * eighth + i
                    angle = float(frequency[i]) * offset
                    k[head, row, sine] = k[head, row + 1, cosine] = gain
                    q[head, row, sine] = q[head, row + 1, cosine] = gain * math.cos(angle)
                    q[head, row, cosine], q[head, row + 1, sine] = gain * math.sin(angle), -gain * math.sin(angle)
                    row += 2
        mask = torch.zeros(3, attention.heads, head_dim, width, dtype=torch.bool)
        mask[:2, : len(DIRECTIONS)] = True
        kept.append(Kept(attention.qkv_proj.weight, mask.view_as(attention.qkv_proj.weight)))
    return kept
