"""Mazes on a square: find a shortest way from S to G.

A maze is drawn as a text, a line a row: "#" wall, " " or "." free, "S" start, "G" goal, "o" path. As an integer array
[side, side] it holds the tokens of models: 1 wall, 2 free, 3 start, 4 goal, 5 path.
"""

from __future__ import annotations

from typing import Optional, Union

import numpy.typing as npt

from . import _puzzles
from ._kind import kind_of
from ._library import MAZE as _CODE
from ._model import Halt, Model, PathLike
from ._puzzles import IntArray, Puzzles, Solution

__all__ = ["Solution", "check", "read", "solve", "solve_all", "write"]

_KIND = kind_of(_CODE, 0, 0)


def solve(
    puzzle: Puzzles,
    *,
    model: Union[Model, PathLike, None] = None,
    tries: Optional[int] = None,
    steps: Optional[int] = None,
    halt: Halt = None,
    seed: int = 0,
    time_limit: Optional[float] = None,
    threads: int = 0,
) -> Solution:
    """Solves one maze. Ctrl-C stops it.

    Args:
        puzzle: a text, an array [side, side] of tokens, or the path of a file (pathlib.Path).
        model: a model for mazes, or the path of one; by default one that comes with the package and has this side.
        tries: at most; the first is the maze as given, later ones are symmetries of it.
        steps: supervision steps of a try; by default what suits the model and the number of tries.
        halt: a try also ends where the halting head says so by more than this, or with "residual" once the answer
            stands still (Model.run); by default it does not.
        seed: of the views. The same seed gives the same answer.
        time_limit: seconds.
        threads: 0: as many as this process has CPUs.

    Raises:
        trm.InputError: the text is no maze of this side, or could be read in two ways.
        trm.UsageError: there are several mazes; the model is for another task; an array has another shape.
    """
    return _puzzles.solve_one(_KIND, puzzle, model, tries, steps, halt, True, seed, time_limit, threads)


def solve_all(
    puzzles: Puzzles,
    *,
    model: Union[Model, PathLike, None] = None,
    tries: Optional[int] = None,
    steps: Optional[int] = None,
    halt: Halt = None,
    seed: int = 0,
    time_limit: Optional[float] = None,
    threads: int = 0,
) -> list[Solution]:
    """Solves many mazes of one side: a text or a list of texts, an array [B, side, side], the path of a file.

    `time_limit` is for all together. The rest as in `solve`.
    """
    return _puzzles.solve(_KIND, puzzles, model, tries, steps, halt, True, seed, time_limit, threads)


def read(puzzles: Puzzles, side: Optional[int] = None) -> list[IntArray]:
    """The mazes of a text or a file as int32 arrays [side, side] of tokens; by default of a bundled model's side."""
    return _puzzles.grids(_KIND, puzzles, _puzzles.sides_of_bundled(_KIND) if side is None else [side])


def write(grid: npt.ArrayLike) -> str:
    """A maze [side, side] as text, a line a row."""
    return _puzzles.write(_KIND, grid)


def check(puzzle: npt.ArrayLike, answer: npt.ArrayLike) -> tuple[int, str]:
    """What keeps `answer` from solving `puzzle`, [side, side] both: the number of faults, and the first in words."""
    return _puzzles.check(_KIND, puzzle, answer)
