"""ARC tasks on a small canvas, every one in several views (augmentations) with a puzzle id each.

A grid is a row of side x side tokens, as the official data set has them on 30 x 30: 0 padding, 1 end of the grid,
colour c is c + 2; the grid lies at the top left, with a row of 1s under it and a column of 1s right of it where there
is room.

A view is one of the eight symmetries and a permutation of the colours that fixes 0, named NAME|||tK|||DIGITS; the plain
task keeps its name. The id of a view is its place in `identifiers`; 0 is "<blank>".

Split: training sees the demonstration pairs of every view; the tasks' test inputs are held out, in all views.
"""

import dataclasses
import json
import random
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
VOCABULARY = 12
TRANSFORMS = (
    lambda grid: grid,
    lambda grid: np.rot90(grid),
    lambda grid: np.rot90(grid, 2),
    lambda grid: np.rot90(grid, 3),
    lambda grid: np.fliplr(grid),
    lambda grid: np.flipud(grid),
    lambda grid: grid.T,
    lambda grid: np.fliplr(np.rot90(grid)),
)


@dataclasses.dataclass(frozen=True)
class Level:
    max_steps: int = 16


def tokens(grid: np.ndarray, side: int) -> np.ndarray:
    """[side * side]"""
    canvas = np.zeros((side, side), np.uint8)
    rows, columns = grid.shape
    canvas[:rows, :columns] = grid + 2
    if rows < side:
        canvas[rows, :columns] = 1
    if columns < side:
        canvas[:rows, columns] = 1
    return canvas.ravel()


@dataclasses.dataclass(frozen=True)
class View:
    transform: int = 0
    colours: tuple[int, ...] = tuple(range(10))

    def apply(self, grid: list[list[int]]) -> np.ndarray:
        return TRANSFORMS[self.transform](np.array(self.colours, np.uint8)[np.array(grid)])

    def name(self, task: str) -> str:
        return task if self == View() else f"{task}|||t{self.transform}|||{''.join(map(str, self.colours))}"


class Arcs:
    """The tasks of one challenges file and their views."""

    vocabulary = VOCABULARY

    def __init__(self, side: int, challenges: str, solutions: str, views: int, seed: int, held_out: dict[str, dict]):
        self.side, self.cells, self.levels = side, side * side, [Level()]
        self.challenges, self.solutions = (json.loads((ROOT / path).read_text()) for path in (challenges, solutions))
        self.identifiers, self.views = ["<blank>"], {}
        for name in self.challenges:
            self.views[name] = self.draw_views(name, views, random.Random(f"{seed}.{name}"))
            self.identifiers += [view.name(name) for view in self.views[name]]
        ids = {name: i for i, name in enumerate(self.identifiers)}
        self.tests = {name: self.make_test(ids, **test) for name, test in held_out.items() if test}
        self.ids = ids

    def pairs(self, name: str) -> list[tuple]:
        """The demonstrations of a task, then its test pairs."""
        task = self.challenges[name]
        tests = zip((test["input"] for test in task["test"]), self.solutions[name])
        return [(pair["input"], pair["output"]) for pair in task["train"]] + list(tests)

    def draw_views(self, name: str, count: int, rng: random.Random) -> list[View]:
        """The plain task and others that differ from it and from each other; fewer where a task has no more."""
        kept, seen = [], set()
        for trial in range(5 * count):
            view = View(rng.randrange(8), (0, *rng.sample(range(1, 10), 9))) if trial else View()
            grids = [tuple(tokens(view.apply(grid), self.side).tobytes() for grid in pair) for pair in self.pairs(name)]
            if (key := tuple(sorted(grids))) not in seen and len(kept) < count:
                seen.add(key)
                kept.append(view)
        return kept

    def make_test(self, ids: dict[str, int], seed: int, views: int) -> list[tuple]:
        """The test pairs, each in some of its task's views, the plain one first."""
        rng, pairs = random.Random(seed), []
        for name, kept in self.views.items():
            for view in [kept[0], *rng.sample(kept[1:], min(views - 1, len(kept) - 1))]:
                for pair in self.pairs(name)[len(self.challenges[name]["train"]) :]:
                    pairs.append((*(tokens(view.apply(g), self.side).tolist() for g in pair), ids[view.name(name)]))
        return pairs

    def demonstrations(self) -> dict[str, np.ndarray]:
        """inputs and labels [N, S] of every demonstration in every view; `first` and `count` of the N by puzzle id."""
        inputs, labels, first, count = [], [], [0], [0]
        for name, kept in self.views.items():
            for view in kept:
                pairs = self.pairs(name)[: len(self.challenges[name]["train"])]
                first.append(len(inputs))
                count.append(len(pairs))
                for question, answer in pairs:
                    inputs.append(tokens(view.apply(question), self.side))
                    labels.append(tokens(view.apply(answer), self.side))
        return {
            "inputs": np.array(inputs), "labels": np.array(labels), "first": np.array(first), "count": np.array(count)
        }  # fmt: skip
