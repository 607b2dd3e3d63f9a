"""What sudokus and mazes have in common: reading, solving, checking by the rules."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from . import _drawing, _errors
from . import _library as c
from ._batch import Batch, address, as_tokens, integers
from ._bundled import bundled, bundled_models
from ._call import Call
from ._kind import Kind
from ._model import Halt, Model, PathLike, checked_seed, load, steps_and_halt

IntArray = npt.NDArray[np.int32]
Puzzles = Union[str, Sequence[str], npt.ArrayLike, "os.PathLike[str]"]
_NOT_FINISHED = 2**64 - 1


@dataclass(frozen=True, repr=False)
class Solution:
    """A puzzle and its answer; `str(solution)` is the answer as text.

    Attributes:
        puzzle: [side, side] int32: the digits of a sudoku, 0 for a blank; the tokens of a maze (`trm.maze`).
        answer: [side, side] int32, likewise: the answer that obeys the rules, else the one with the fewest faults.
        solved: the answer obeys the rules.
        faults: what keeps the answer from solving the puzzle, counted; None: the puzzle was not tried in time.
        fault: the first of them in words; "" if there is none.
        attempt: the try that the answer comes from, from 1; 0: not tried, the givens contradict each other.
        tries: made.
        steps: supervision steps of all tries together.
    """

    puzzle: IntArray
    answer: IntArray
    solved: bool
    faults: Optional[int]
    fault: str
    attempt: int
    tries: int
    steps: int
    kind: Kind

    @property
    def text(self) -> str:
        """The answer: a sudoku as one line, a character a cell, a maze as a line a row."""
        return write(self.kind, self.answer)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        if self.faults is None:
            state = "not tried in time"
        elif self.solved:
            state = f"solved at try {self.attempt} of {self.tries} in {self.steps} steps"
        else:
            state = f"not solved: {self.fault}"
        answer = f": {self.text}" if self.kind.name == "sudoku" else ""
        return f"<trm.Solution of a {self.kind.name}{answer}, {state}>"

    def _repr_html_(self) -> str:
        return _drawing.pairs(self.kind.name, self.puzzle.reshape(1, -1), self.answer.reshape(1, -1))


def read(kind: Kind, text: bytes, side: int, name: str) -> IntArray:
    """The puzzles of a text, as tokens [B, S]."""
    count = ctypes.c_size_t()
    arguments = (kind.code, side, text, len(text), name.encode())
    _errors.call("puzzles_read", *arguments, None, 0, count)
    tokens = np.empty((count.value, (side + kind.margin) ** 2), np.int32)
    _errors.call("puzzles_read", *arguments, address(tokens), len(tokens), count)
    return tokens


def write(kind: Kind, grid: npt.ArrayLike) -> str:
    tokens, side = _one(kind, grid)
    length = ctypes.c_size_t()
    text = ctypes.create_string_buffer(side * (side + 1) + 1)
    _errors.call("puzzle_write", kind.code, side, address(tokens), text, len(text), length)
    return text.raw[: length.value].decode()


def check(kind: Kind, puzzle: npt.ArrayLike, answer: npt.ArrayLike) -> tuple[int, str]:
    """How many faults the answer has, and the first in words."""
    question, side = _one(kind, puzzle)
    answered, answer_side = _one(kind, answer)
    if side != answer_side:
        raise _errors.UsageError(f"the puzzle has {side} cells a row, the answer {answer_side}")
    faults = ctypes.c_size_t()
    text = ctypes.create_string_buffer(256)
    _errors.call("puzzle_check", kind.code, side, address(question), address(answered), faults, text, len(text))
    return faults.value, text.value.decode("utf-8", "ignore")


def solve(
    kind: Kind,
    puzzles: Puzzles,
    model: Union[Model, PathLike, None],
    tries: Optional[int],
    steps: Optional[int],
    halt: Halt,
    guesses: bool,
    seed: int,
    time_limit: Optional[float],
    threads: int,
) -> list[Solution]:
    chosen, tokens = model_and_tokens(kind, puzzles, model)
    for name, number in (("tries", tries), ("time_limit", time_limit)):
        if number is not None and not number > 0:
            raise _errors.UsageError(f"{name} is {number}", remedy="give a positive number, or None")
    batch = Batch(tokens)
    samples = len(tokens)
    answers = tokens.copy()  # what a puzzle that is not tried keeps
    faults = np.full(samples, _NOT_FINISHED, np.uint64)
    attempts, tries_made, steps_taken = (np.zeros(samples, np.int64) for _ in range(3))
    call = Call()
    options = c.sized(
        c.SolveOptions,
        **steps_and_halt(steps, halt),
        tries=tries or 0,
        no_guesses=not guesses,
        seed=checked_seed(seed),
        time_limit=time_limit or 0.0,
        **call.cancel,
    )
    solutions = c.sized(
        c.Solutions,
        answers=address(answers),
        faults=address(faults),
        attempts=address(attempts),
        tries=address(tries_made),
        steps=address(steps_taken),
    )
    call.wait(lambda: chosen._use_session(threads, "solve", batch.struct, options, solutions))

    in_tokens = _kind_for(chosen, kind)
    all_puzzles, all_answers = in_tokens.grids(tokens), in_tokens.grids(answers)

    def solution(i: int) -> Solution:
        puzzle, answer = all_puzzles[i], all_answers[i]
        count = None if faults[i] == _NOT_FINISHED else int(faults[i])
        fault = check(kind, puzzle, answer)[1] if count else ""
        numbers = int(attempts[i]), int(tries_made[i]), int(steps_taken[i])
        return Solution(puzzle, answer, count == 0, count, fault, *numbers, kind)

    return [solution(i) for i in range(samples)]


def solve_one(kind: Kind, puzzle: Puzzles, *arguments: Any) -> Solution:
    solutions = solve(kind, puzzle, *arguments)
    if len(solutions) != 1:
        raise _errors.UsageError(f"these are {len(solutions)} puzzles", remedy=f"use trm.{kind.name}.solve_all")
    return solutions[0]


def grids(kind: Kind, puzzles: Puzzles, sides: Sequence[int]) -> list[IntArray]:
    """Puzzles as arrays [side, side]."""
    return list(kind.grids(_tokens(kind, puzzles, sides)))


def grids_of(kind: Kind, tokens: npt.ArrayLike, model: Model) -> IntArray:
    return _kind_for(model, kind).grids(as_tokens(tokens, model.cells))


def sides_of_bundled(kind: Kind) -> list[int]:
    return [math.isqrt(bundled(name).cells) for name in bundled_models() if name.startswith(kind.name)]


def _kind_for(model: Model, kind: Kind) -> Kind:
    """The kind with the tokens of this model."""
    if model.task != kind.name or model._kind is None:
        raise _errors.UsageError(f"the model is for {model.task or 'another task'}", file=model.name)
    return model._kind


def model_and_tokens(kind: Kind, puzzles: Puzzles, model: Union[Model, PathLike, None]) -> tuple[Model, IntArray]:
    if model is None:
        models = [bundled(name) for name in bundled_models() if name.startswith(kind.name)]
        tokens = _tokens(kind, puzzles, [math.isqrt(each.cells) for each in models])
        return next(each for each in models if each.cells == tokens.shape[1]), tokens
    chosen = model if isinstance(model, Model) else load(model)
    return chosen, _tokens(_kind_for(chosen, kind), puzzles, [chosen.puzzle_side])


def _tokens(kind: Kind, puzzles: Puzzles, sides: Sequence[int]) -> IntArray:
    """Tokens [B, S] of puzzles with one of the sides."""
    if isinstance(puzzles, str):
        return _read_any(kind, puzzles.encode(), sides, "text")
    if isinstance(puzzles, os.PathLike):
        return _read_any(kind, _errors.read_file(puzzles), sides, os.fspath(puzzles))
    if isinstance(puzzles, (list, tuple)) and puzzles and all(isinstance(each, str) for each in puzzles):
        return np.concatenate(
            [_read_any(kind, each.encode(), sides, f"puzzle {i}") for i, each in enumerate(puzzles, 1)]
        )
    array = integers(puzzles, "puzzles")
    for side in sides:
        if array.shape[-2:] == (side, side) or array.shape[-1:] == (side * side,):
            return _checked_tokens(kind, array.reshape(-1, side * side), side)
    known = " or ".join(f"[B, {side}, {side}]" for side in sides)
    raise _errors.UsageError(f"puzzles have the shape {list(array.shape)}", remedy=f"the model takes {known}")


def _read_any(kind: Kind, text: bytes, sides: Sequence[int], name: str) -> IntArray:
    """Reads a text with the first of the sides that fits it."""
    failure: Optional[_errors.Error] = None
    for side in sides:
        try:
            return read(kind, text, side, name)
        except _errors.InputError as error:
            failure = failure or error
    raise failure or _errors.UsageError(f"there is no model for a {kind.name}", remedy="name one with model=")


def _one(kind: Kind, grid: npt.ArrayLike) -> tuple[IntArray, int]:
    """The tokens [side * side] of one puzzle and its side."""
    array = integers(grid, "puzzle")
    side = math.isqrt(array.size)
    if side * side != array.size or side == 0:
        raise _errors.UsageError(f"a {kind.name} has the shape {list(array.shape)}", remedy="give [side, side]")
    if kind.name == "sudoku":
        kind = replace(kind, highest=side)
    return _checked_tokens(kind, array.reshape(1, -1), side)[0], side


def _checked_tokens(kind: Kind, values: npt.NDArray[Any], side: int) -> IntArray:
    wrong = (values < 0) | (values > kind.highest)
    if wrong.any():
        raise _errors.InputError(f"a {kind.name} has no {values[wrong][0]}", remedy=f"0 to {kind.highest} are known")
    return kind.tokens(values, side)
