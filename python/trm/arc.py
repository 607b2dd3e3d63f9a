"""ARC tasks: votes over many augmented samples, from a challenges file to a submission (docs/arc.md)."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Union, cast

import numpy as np
import numpy.typing as npt

from . import _drawing, _errors
from . import _library as c
from ._call import Call, Handle
from ._model import Halt, Model, PathLike, load, steps_and_halt

__all__ = ["Candidate", "Ranking", "solve"]

_UNTIL_DECIDED = {False: 0, True: 1, "probable": 2}


@dataclass(frozen=True, repr=False)
class Candidate:
    """An answer to one test input.

    Attributes:
        grid: [rows, columns] uint8, colours 0 to 9.
        votes: samples that gave this grid.
        confidence: the mean of sigmoid(q_halt) over its votes.
    """

    grid: npt.NDArray[np.uint8]
    votes: int
    confidence: float

    def __repr__(self) -> str:
        rows, columns = self.grid.shape
        return f"<trm.arc.Candidate: {rows} x {columns}, {self.votes} votes, confidence {self.confidence:.3f}>"

    def _repr_html_(self) -> str:
        return _drawing.figure(_drawing.arc_grid(self.grid), self._caption())

    def _caption(self) -> str:
        return f"{self.votes} votes, {self.confidence:.3f}"


class Ranking(Mapping[str, list[list[Candidate]]]):
    """The candidates for every test input: `ranking[task][test]` is a list of them, the best first.

    Attributes:
        submission: the text of submission.json with the first two of each, as `trm arc` writes it, byte for byte.
        json: all candidates as JSON, as `trm arc` writes them.
        complete: all samples were run; not so after a time limit, or where `progress` stopped the run.
    """

    def __init__(
        self, candidates: dict[str, list[list[Candidate]]], submission: str, text: str, complete: bool
    ) -> None:
        self._candidates = candidates
        self.submission = submission
        self.json = text
        self.complete = complete

    def save(self, path: PathLike) -> None:
        """Writes submission.json."""
        Path(path).write_bytes(self.submission.encode())

    def __getitem__(self, task: str) -> list[list[Candidate]]:
        return self._candidates[task]

    def __iter__(self) -> Iterator[str]:
        return iter(self._candidates)

    def __len__(self) -> int:
        return len(self._candidates)

    def __repr__(self) -> str:
        tests = sum(map(len, self._candidates.values()))
        unfinished = "" if self.complete else ", not all samples were run"
        return f"<trm.arc.Ranking: {len(self)} tasks, {tests} test inputs{unfinished}>"

    def _repr_html_(self) -> str:
        rows: list[str] = []
        for task, tests in list(self._candidates.items())[: _drawing.LIMIT]:
            for number, candidates in enumerate(tests, 1):
                figures = [_drawing.figure(_drawing.arc_grid(each.grid), each._caption()) for each in candidates[:3]]
                rows.append(_drawing.row(f"{task}, test {number}", figures))
        return _drawing.block(rows, len(self))


def solve(
    challenges: Union[str, os.PathLike[str], Mapping[str, Any]],
    model: Union[Model, PathLike],
    *,
    identifiers: Optional[PathLike] = None,
    samples: Optional[int] = None,
    steps: Optional[int] = None,
    halt: Halt = None,
    until_decided: Union[bool, str] = False,
    time_limit: Optional[float] = None,
    threads: int = 0,
    progress: Union[bool, Callable[[int, int], object]] = False,
) -> Ranking:
    """Runs every test input in the views of its task that the model was trained on; the predictions are votes.

    The ranking is that of the program `trm arc`, byte for byte. Ctrl-C stops the run.

    Args:
        challenges: the path of a challenges file, its text, or what json.load gives of it: {task: {train, test}}, or
            one task {train, test}.
        model: an ARC model or the path of one. It knows the ids of its training data alone (docs/arc.md).
        identifiers: path of the training data's identifiers.json; by default the names in the model file are used.
        samples: of each test input, at most; by default one for each view that the model was trained on.
        steps: supervision steps of a sample; by default the model's `max_steps`.
        halt: a sample ends where the halting head says so by more than this, or with "residual" once its answer stands
            still (Model.run); by default it does not.
        until_decided: no more samples of a test input: True, once none could change its first two answers; "probable",
            once that has an estimated chance below 1 %.
        time_limit: seconds.
        progress: True: a line on stderr; or a function of the samples finished and of all, which is called in the
            calling thread and stops the run by returning False.

    Raises:
        trm.InputError: the challenges are wrong as a whole, or no puzzle id of any task is known.
        trm.UsageError: the model is for another task.
        trm.FileError: a file cannot be read.
    """
    if until_decided not in _UNTIL_DECIDED:
        raise _errors.UsageError(f"until_decided is {until_decided!r}", remedy='use True, False or "probable"')
    chosen = model if isinstance(model, Model) else load(model)
    text, name = _challenges_text(challenges)
    report = _line_on_stderr if progress is True else progress or None
    call = Call()
    made = ctypes.c_void_p()
    callbacks: dict[str, Any] = {}
    if report is not None:
        callbacks["on_progress"] = c.OnSamples(lambda _context, done, all_of: call.emit(lambda: (done, all_of)))
    options = c.sized(
        c.ArcOptions,
        **steps_and_halt(steps, halt),
        name=name,
        identifiers=os.fsencode(identifiers) if identifiers is not None else None,
        samples=samples or 0,
        until_decided=_UNTIL_DECIDED[until_decided],
        time_limit=time_limit or 0.0,
        **callbacks,
        **call.cancel,
    )

    def work() -> Ranking:
        complete = True
        try:
            chosen._use_session(threads, "arc_solve", text, len(text), options, made)
        except _errors.Cancelled:
            complete = False
            if not made.value:
                raise
        return _read_ranking(Handle(made.value, "ranking_free"), complete)

    return cast(Ranking, call.wait(work, (lambda event: report(*event)) if report is not None else None))


def _challenges_text(challenges: Union[str, os.PathLike[str], Mapping[str, Any]]) -> tuple[bytes, Optional[bytes]]:
    """The JSON text and the name of its file."""
    if isinstance(challenges, Mapping):
        return json.dumps(challenges, default=lambda array: array.tolist()).encode(), None
    if isinstance(challenges, str) and challenges.lstrip().startswith("{"):
        return challenges.encode(), None
    return _errors.read_file(challenges), os.fsencode(challenges)


def _read_ranking(ranking: Handle, complete: bool) -> Ranking:
    tasks: dict[str, list[list[Candidate]]] = {}
    while True:
        name = c.library.trm_ranking_task(ranking, len(tasks))
        if name is None:
            break
        task = len(tasks)
        tasks[name.decode()] = [
            [
                _read_candidate(ranking, task, test, place)
                for place in range(c.library.trm_ranking_candidates(ranking, task, test))
            ]
            for test in range(c.library.trm_ranking_tests(ranking, task))
        ]
    return Ranking(tasks, _text(ranking, "ranking_submission"), _text(ranking, "ranking_json"), complete)


def _read_candidate(ranking: Handle, task: int, test: int, place: int) -> Candidate:
    read = c.sized(c.Candidate)
    _errors.call("ranking_candidate", ranking, task, test, place, read)
    cells = np.ctypeslib.as_array(read.cells, (read.rows, read.columns)).copy()
    return Candidate(cells, read.votes, read.confidence)


def _text(ranking: Handle, function: str) -> str:
    text, length = ctypes.c_char_p(), ctypes.c_size_t()
    _errors.call(function, ranking, text, length)
    return ctypes.string_at(cast(Any, text), length.value).decode()


def _line_on_stderr(done: int, all_of: int) -> None:
    print(f"\r{done} of {all_of} samples", end="\n" if done == all_of else "", file=sys.stderr, flush=True)
