"""Sudokus: the model proposes, the rules judge after every step, and what is not solved is tried in another view.

A sudoku is a text in any layout of docs/puzzles.md ("53..7....6..195..." with "." or "0" for a blank), or an integer
array [9, 9] or [81] of digits with 0 for a blank. A model may be for boards of 4x4, 6x6, 16x16 or 25x25: then its
puzzles have that size, and a text writes the digits from 10 on as A to P.

The tokens of models are digit + 1; those of nano-trm's are digit + 2, and their boards may be padded. `tokens` and
`grids` translate between them and digits, for `Model.run`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Union

import numpy.typing as npt

from . import _puzzles
from ._kind import kind_of
from ._library import SUDOKU as _CODE
from ._model import Halt, Model, PathLike
from ._puzzles import IntArray, Puzzles, Solution

__all__ = ["Solution", "check", "grids", "read", "solve", "solve_all", "tokens", "write"]

_KIND = kind_of(_CODE, 9, 81)


def solve(
    puzzle: Puzzles,
    *,
    model: Union[Model, PathLike, None] = None,
    tries: Optional[int] = None,
    steps: Optional[int] = None,
    halt: Halt = None,
    guesses: bool = True,
    seed: int = 0,
    time_limit: Optional[float] = None,
    threads: int = 0,
) -> Solution:
    """Solves one sudoku. Ctrl-C stops it.

    Args:
        puzzle: a text, an array [9, 9] or [81] of digits with 0 for a blank, or the path of a file (pathlib.Path).
        model: a model for sudokus, or the path of one; by default the one that comes with the package.
        tries: at most; the first is the puzzle as given, later ones are views of it. By default 14.
        steps: supervision steps of a try; by default what suits the model and the number of tries.
        halt: a try also ends where the halting head says so by more than this, or with "residual" once the answer
            stands still (Model.run); by default it does not.
        guesses: later tries have one more digit, guessed.
        seed: of the views and the guesses. The same seed gives the same answer.
        time_limit: seconds.
        threads: 0: as many as this process has CPUs.

    Raises:
        trm.InputError: the text is no sudoku, or could be read in two ways; a number is no digit.
        trm.UsageError: there are several puzzles; the model is for another task; an array has another shape.
    """
    return _puzzles.solve_one(_KIND, puzzle, model, tries, steps, halt, guesses, seed, time_limit, threads)


def solve_all(
    puzzles: Puzzles,
    *,
    model: Union[Model, PathLike, None] = None,
    tries: Optional[int] = None,
    steps: Optional[int] = None,
    halt: Halt = None,
    guesses: bool = True,
    seed: int = 0,
    time_limit: Optional[float] = None,
    threads: int = 0,
) -> list[Solution]:
    """Solves many sudokus: a text or a list of texts, an array [B, 9, 9] or [B, 81], the path of a file.

    All get their first try before any gets its second; `time_limit` is for all together. The rest as in `solve`.
    """
    return _puzzles.solve(_KIND, puzzles, model, tries, steps, halt, guesses, seed, time_limit, threads)


def tokens(puzzles: Puzzles, model: Union[Model, PathLike, None] = None) -> IntArray:
    """Sudokus as a model takes them in `Model.run`: [B, S] tokens of its own board and alphabet."""
    return _puzzles.model_and_tokens(_KIND, puzzles, model)[1]


def grids(tokens: npt.ArrayLike, model: Model) -> IntArray:
    """What a model answers, `Result.predictions` [B, S], as digits [B, side, side], 0 for a blank."""
    return _puzzles.grids_of(_KIND, tokens, model)


def read(puzzles: Puzzles, *, side: int = 9) -> list[IntArray]:
    """The sudokus of a text or a file, as int32 arrays [side, side] of digits, 0 for a blank."""
    return _puzzles.grids(replace(_KIND, highest=side), puzzles, [side])


def write(grid: npt.ArrayLike) -> str:
    """A sudoku [side, side] as one line, a character a cell, "." for a blank."""
    return _puzzles.write(_KIND, grid)


def check(puzzle: npt.ArrayLike, answer: npt.ArrayLike) -> tuple[int, str]:
    """What keeps `answer` [side, side] from solving `puzzle` [side, side]: the number of faults, and the first in words."""
    return _puzzles.check(_KIND, puzzle, answer)
