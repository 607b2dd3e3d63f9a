"""Pools of puzzles that a trainer on a GPU draws from without waiting for Python.

usage: pools.py CONFIG.yaml OUT.npz [--workers N]

A pool is made once, by several processes, with the same bytes for any number of them; the trainer makes the one that
its configuration describes (`data: pool:`) if nobody has. `draw` picks puzzles of given levels and puts every one
under a random symmetry, all on the device: a puzzle of the pool stands for 8 mazes or for millions of sudokus. It
returns inputs and labels [B, S] and puzzle ids [B].

Shapes: N puzzles of the pool, B puzzles drawn, S cells.
"""

import argparse
import itertools
import multiprocessing
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import arc
import maze
import numpy as np
import sudoku
import torch
import yaml
from torch import Tensor

TASKS = {"maze": maze.Mazes, "sudoku": sudoku.Sudokus, "arc": arc.Arcs}
CHUNK = 500  # puzzles that one generator draws
Uniform = Callable[..., Tensor]  # uniform(*shape) -> numbers in [0, 1) on the device


def below(uniform: Tensor, count: Tensor | int) -> Tensor:
    """Whole numbers in [0, count)."""
    return (uniform * count).long()


class MazePool:
    """Solved mazes by level: `mazes` for each."""

    def __init__(self, task: maze.Mazes, arrays: dict[str, np.ndarray], device: str):
        self.answers = torch.from_numpy(arrays["answers"]).to(device)  # [levels, N, S]
        self.transforms = torch.tensor(task.transforms, device=device)

    @staticmethod
    def chunks(task: maze.Mazes, mazes: int) -> list[tuple]:
        return [(level, i) for level in range(len(task.levels)) for i in range(-(-mazes // CHUNK))]

    @staticmethod
    def make(task: maze.Mazes, level: int, i: int) -> dict[str, np.ndarray]:
        rng = random.Random(f"pool.{level}.{i}")
        return {"answers": np.array([task.sample(rng, level)[1] for _ in range(CHUNK)], np.uint8)}

    @staticmethod
    def join(task: maze.Mazes, arrays: dict[str, np.ndarray], mazes: int) -> dict[str, np.ndarray]:
        return {"answers": arrays["answers"].reshape(len(task.levels), -1, task.cells)[:, :mazes]}

    def draw(self, level: Tensor, uniform: Uniform) -> tuple[Tensor, Tensor, Tensor]:
        size = len(level)
        answers = self.answers[level, below(uniform(size), self.answers.shape[1])].long()
        labels = answers.gather(1, self.transforms[below(uniform(size), 8)])
        return torch.where(labels == maze.PATH, maze.FREE, labels), labels, torch.zeros_like(level)


class SudokuPool:
    """Solved grids and the order in which their cells can be emptied: `bases` of them, for all levels."""

    def __init__(self, task: sudoku.Sudokus, arrays: dict[str, np.ndarray], device: str):
        self.solutions, self.ranks, self.lengths, self.singles = (
            torch.from_numpy(arrays[name]).to(device) for name in ("solutions", "ranks", "lengths", "singles")
        )
        levels = [(*level.blanks, level.guessing) for level in task.levels]
        self.least, self.most, self.guessing = (torch.tensor(column, device=device) for column in zip(*levels))
        self.hard = (self.singles < self.lengths).nonzero().flatten()  # bases whose emptiest puzzles need guessing
        self.orders = torch.tensor(list(itertools.permutations(range(3))), device=device)

    @staticmethod
    def chunks(task: sudoku.Sudokus, bases: int) -> list[tuple]:
        return [(i,) for i in range(-(-bases // CHUNK))]

    @staticmethod
    def make(task: sudoku.Sudokus, i: int) -> dict[str, np.ndarray]:
        rng, bases = random.Random(f"pool.{i}"), []
        while len(bases) < CHUNK:
            base = sudoku.make_base(rng)
            if sudoku.invariant(base.solution) not in task.excluded:
                bases.append(base)
        ranks = np.full((CHUNK, 81), 81, np.uint8)
        for row, base in zip(ranks, bases):
            row[base.order] = np.arange(len(base.order))
        return {
            "solutions": np.array([base.solution for base in bases], np.uint8),
            "ranks": ranks,  # when a cell is emptied; 81: never
            "lengths": np.array([len(base.order) for base in bases], np.int64),
            "singles": np.array([base.singles for base in bases], np.int64),
        }

    @staticmethod
    def join(task: sudoku.Sudokus, arrays: dict[str, np.ndarray], bases: int) -> dict[str, np.ndarray]:
        return {name: array[:bases] for name, array in arrays.items()}

    def draw(self, level: Tensor, uniform: Uniform) -> tuple[Tensor, Tensor, Tensor]:
        """As Sudokus.draw, but a level with guessing takes only bases that allow it."""
        size = len(level)
        guessing, choice = self.guessing[level], uniform(size)
        hard = self.hard[below(choice, len(self.hard))]
        base = torch.where(guessing, hard, below(choice, len(self.solutions)))
        length, singles = self.lengths[base], self.singles[base]
        least = torch.where(guessing, singles + 1, torch.minimum(self.least[level], length))
        most = torch.where(guessing, length, torch.minimum(self.most[level], length))
        blanks = least + below(uniform(size), most - least + 1)
        solution = self.solutions[base].long()
        question = torch.where(self.ranks[base] < blanks[:, None], 0, solution)
        source = self.positions(uniform, size)
        digits = torch.cat((torch.zeros_like(blanks)[:, None], uniform(size, 9).argsort(1) + 1), dim=1)
        inputs, labels = (digits.gather(1, grid.gather(1, source)) + 1 for grid in (question, solution))
        return inputs, labels, torch.zeros_like(level)

    def positions(self, uniform: Uniform, size: int) -> Tensor:
        """[B, 81]: the source of every cell under a random symmetry."""

        def lines() -> Tensor:
            bands = self.orders[below(uniform(size), 6)]
            inner = self.orders[below(uniform(size, 3), 6)]
            return (3 * bands[:, :, None] + inner).view(size, 9)

        source = 9 * lines()[:, :, None] + lines()[:, None, :]
        turned = torch.where(uniform(size, 1, 1) < 0.5, source.transpose(1, 2), source)
        return turned.reshape(size, 81)


class ArcPool:
    """The demonstrations of every view. A view is as likely as any other; its symmetry is its own."""

    def __init__(self, task: arc.Arcs, arrays: dict[str, np.ndarray], device: str):
        self.inputs, self.labels, self.first, self.count = (
            torch.from_numpy(arrays[name]).to(device) for name in ("inputs", "labels", "first", "count")
        )

    @staticmethod
    def chunks(task: arc.Arcs) -> list[tuple]:
        return [()]

    @staticmethod
    def make(task: arc.Arcs) -> dict[str, np.ndarray]:
        return task.demonstrations()

    @staticmethod
    def join(task: arc.Arcs, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return arrays

    def draw(self, level: Tensor, uniform: Uniform) -> tuple[Tensor, Tensor, Tensor]:
        size = len(level)
        ids = 1 + below(uniform(size), len(self.count) - 1)
        row = self.first[ids] + below(uniform(size), self.count[ids])
        return self.inputs[row].long(), self.labels[row].long(), ids


POOLS: dict[type, Any] = {maze.Mazes: MazePool, sudoku.Sudokus: SudokuPool, arc.Arcs: ArcPool}


def build(task: Any, wanted: dict, workers: int) -> dict[str, np.ndarray]:
    """The arrays of a pool. `wanted`: the keyword arguments of its chunks."""
    pool = POOLS[type(task)]
    jobs = [(task, *chunk) for chunk in pool.chunks(task, **wanted)]
    with multiprocessing.get_context("fork").Pool(workers) as processes:
        parts = processes.starmap(pool.make, jobs, chunksize=1)
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pool.join(task, arrays, **wanted)


def write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    with path.open("wb") as file:  # given a name, NumPy would add .npz to it
        np.savez_compressed(file, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    data = yaml.safe_load(args.config.read_text())["data"]
    if "pool" not in data:
        sys.exit(f"{args.config}: no data: pool:")
    task = TASKS[data["task"]](**data["options"])
    write(args.out, build(task, data["pool"], args.workers))


if __name__ == "__main__":
    main()
