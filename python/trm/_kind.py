"""Kinds of puzzles, and how models write them as tokens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library as c

_END_MARKER = 1


@dataclass(frozen=True)
class Kind:
    """A kind of puzzle. Its arrays hold digits for sudokus, 0 for a blank, and tokens for mazes: 0 to `highest`.

    The tokens of models are `value + offset`. The board of a model may have more cells a row and more rows than the
    puzzle, `margin` of each, which then stands at the top left: below it the end marker, beside it padding.
    """

    name: str
    code: int
    offset: int
    highest: int
    margin: int = 0

    def tokens(self, values: npt.NDArray[Any], side: int) -> npt.NDArray[np.int32]:
        """The tokens [B, S] of puzzles [B, side * side]."""
        width = side + self.margin
        boards = np.zeros((len(values), width, width), np.int32)
        boards[:, :side, :side] = values.reshape(-1, side, side)
        boards[:, :side, :side] += self.offset
        if self.margin:
            boards[:, side, 0] = _END_MARKER
        return boards.reshape(len(values), width * width)

    def grids(self, tokens: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """The puzzles [B, side, side] of tokens [B, S]."""
        width = math.isqrt(tokens.shape[1])
        side = width - self.margin
        boards = tokens.reshape(-1, width, width)[:, :side, :side].astype(np.int32)
        values: npt.NDArray[np.int32] = np.maximum(boards - self.offset, 0)
        return values


def kind_of(code: int, side: int, cells: int) -> Kind:
    """The kind whose number in trm.h is `code`: puzzles of `side` cells a row on a model's board of so many cells."""
    if code == c.MAZE:
        return Kind("maze", code, offset=0, highest=5)
    offset = 1 if code == c.SUDOKU else 2
    return Kind("sudoku", code, offset, highest=side, margin=math.isqrt(cells) - side)
