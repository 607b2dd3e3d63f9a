"""The generators of training data: seeded, right by another solver, held-out puzzles never among the training ones.

usage: training_data.py
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "training"))
import arc  # noqa: E402
import data_set  # noqa: E402
import maze  # noqa: E402
import pools  # noqa: E402
import sudoku  # noqa: E402
import torch  # noqa: E402


def maze_answers(question: list[int], side: int) -> tuple[int, list[int]]:
    """How many shortest paths there are, and the cells that lie on one: by powers of the adjacency matrix."""
    free = np.array([token != maze.WALL for token in question])
    cells = np.arange(side * side)
    rows, columns = cells // side, cells % side
    apart = abs(rows[:, None] - rows) + abs(columns[:, None] - columns)
    step = ((apart == 1) & free[:, None] & free).astype(np.int64)
    start, goal = question.index(maze.START), question.index(maze.GOAL)
    ahead = [np.eye(side * side, dtype=np.int64)[start]]
    while ahead[-1][goal] == 0:
        ahead.append(ahead[-1] @ step)
    back = [np.eye(side * side, dtype=np.int64)[goal]]
    for _ in ahead[1:]:
        back.append(back[-1] @ step)
    on_path = sum((a > 0) & (b > 0) for a, b in zip(ahead, reversed(back)))
    return int(ahead[-1][goal]), np.flatnonzero(on_path).tolist()


def check_mazes():
    side = 11
    levels = [
        dict(rooms=[2, 3], openings=[0, 0], min_moves=2),
        dict(rooms=[3, 5], openings=[0, 6], min_moves=4),
    ]
    held_out = dict(tree=dict(seed=1, count=50, level=levels[1]), small=dict(seed=2, count=100, level=levels[0]))
    mazes = maze.Mazes(side, levels, held_out)
    rng = random.Random(3)
    samples = [mazes.sample(rng, level) for level in (0, 1) for _ in range(300)]
    for question, answer in samples + mazes.tests["tree"]:
        ways, path = maze_answers(question, side)
        assert ways == 1, f"{ways} shortest paths:\n{maze.text(question)}"
        expected = [maze.PATH if i in path and token == maze.FREE else token for i, token in enumerate(question)]
        assert answer == expected, maze.text(answer)
        assert len(path) > 4 or len(path) > 2 and question in [q for q, _ in samples[:300]]
        border = [question[i] for i in range(side * side) if i % side in (0, side - 1) or i // side in (0, side - 1)]
        assert set(border) == {maze.WALL}

    # The set of small mazes is a good part of all there are, so that a leak would show.
    key = lambda question: min(np.rot90(flip, k).tobytes() for flip in both(question, side) for k in range(4))
    tests = [key(question) for pairs in mazes.tests.values() for question, _ in pairs]
    assert len(set(tests)) == len(tests), "the same held-out maze twice"
    assert not set(tests) & {key(question) for question, _ in samples}, "a held-out maze among the samples"

    again = maze.Mazes(side, levels, held_out)
    rng = random.Random(3)
    assert again.tests == mazes.tests and samples == [again.sample(rng, level) for level in (0, 1) for _ in range(300)]
    assert samples[0] != samples[1]


def both(question: list[int], side: int) -> tuple[np.ndarray, np.ndarray]:
    grid = np.array(question, dtype=np.uint8).reshape(side, side)
    return grid, grid.T


def cover(columns: dict, rows: dict, limit: int) -> list[list]:
    """Algorithm X: up to `limit` exact covers. columns: constraint -> rows; rows: row -> constraints."""
    if not columns:
        return [[]]
    found = []
    for row in sorted(min(columns.values(), key=len)):
        left = {c: {r for r in rs if not rows[r] & rows[row]} for c, rs in columns.items() if c not in rows[row]}
        found += [[row, *rest] for rest in cover(left, rows, limit - len(found))]
        if len(found) >= limit:
            break
    return found


def sudoku_answers(question: list[int]) -> list[list[int]]:
    """Up to two solutions of a sudoku in digits, 0 blank: as an exact cover."""
    rows = {
        (i, d): frozenset({("cell", i), ("row", i // 9, d), ("column", i % 9, d), ("box", i // 27, i % 9 // 3, d)})
        for i, given in enumerate(question)
        for d in ([given] if given else range(1, 10))
    }
    columns: dict = {}
    for row, constraints in rows.items():
        for constraint in constraints:
            columns.setdefault(constraint, set()).add(row)
    return [[d for _, d in sorted(solution)] for solution in cover(columns, rows, 2)]


def check_sudokus():
    levels = [dict(blanks=[10, 30]), dict(blanks=[40, 64], guessing=True)]
    held_out = dict(easy=dict(seed=1, count=5, level=levels[0]), hard=dict(seed=2, count=5, level=levels[1]))
    sudokus = sudoku.Sudokus(10, levels, held_out)
    rng = random.Random(3)
    samples = [sudokus.sample(rng, level) for level in (0, 1) for _ in range(10)]
    for question, answer in samples + sudokus.tests["hard"]:
        digits = [token - 1 for token in question]
        assert sudoku_answers(digits) == [[token - 1 for token in answer]], digits
    for question, _ in sudokus.tests["hard"]:
        assert sudoku.solve([token - 1 for token in question])[1] > 0, "a hard sudoku that needs no guess"
    assert all(10 <= question.count(1) <= 30 for question, _ in samples[:10])

    # A symmetry keeps the invariant; other grids have another one.
    grids = [base.solution for base in sudokus.bases]
    for grid in grids:
        source, digits = sudoku.random_symmetry(rng)
        assert sudoku.invariant([digits[grid[i]] for i in source]) == sudoku.invariant(grid)
    assert len({sudoku.invariant(grid) for grid in grids}) == len(grids)
    solved = [[token - 1 for token in answer] for pairs in sudokus.tests.values() for _, answer in pairs]
    tests = {sudoku.invariant(grid) for grid in solved}
    assert len(tests) == len(solved)
    assert not tests & {sudoku.invariant([token - 1 for token in answer]) for _, answer in samples}

    # A base that is equivalent to a held-out one is dropped: hold out the first that training would take.
    narrow = sudoku.Sudokus(1, levels, {})
    narrow.excluded.add(sudoku.invariant(sudoku.make_base(random.Random("bases")).solution))
    _, answer = narrow.sample(rng, 0)
    assert sudoku.invariant([token - 1 for token in answer]) not in narrow.excluded


def uniform(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=uniform.generator)


def check_pools():
    """What a GPU trains on: the same bytes for any number of processes, right answers, nothing that is held out."""
    uniform.generator = torch.Generator().manual_seed(0)
    pools.CHUNK = 20
    level = torch.arange(2).repeat(20)
    rooms = dict(rooms=[2, 2], openings=[0, 0], min_moves=2)
    test = {"tree": dict(seed=1, count=10, level=rooms)}
    task = maze.Mazes(7, [rooms, dict(rooms=[2, 3], openings=[0, 1], min_moves=2)], test)
    arrays = pools.build(task, {"mazes": 30}, 1)
    assert all((array == pools.build(task, {"mazes": 30}, 2)[name]).all() for name, array in arrays.items())
    inputs, labels, _ = pools.MazePool(task, arrays, "cpu").draw(level, uniform)
    for question, answer in zip(inputs.tolist(), labels.tolist()):
        ways, path = maze_answers(question, 7)
        assert ways == 1 and task.canonical(question) not in task.excluded
        assert answer == [maze.PATH if i in path and t == maze.FREE else t for i, t in enumerate(question)]

    levels = [dict(blanks=[10, 30]), dict(blanks=[50, 64], guessing=True)]
    task = sudoku.Sudokus(0, levels, {"easy": dict(seed=1, count=5, level=levels[0])})
    arrays = pools.build(task, {"bases": 20}, 1)
    inputs, labels, _ = pools.SudokuPool(task, arrays, "cpu").draw(level, uniform)
    for number, question, answer in zip(level.tolist(), inputs.tolist(), labels.tolist()):
        grid, solved = ([token - 1 for token in tokens] for tokens in (question, answer))
        assert sudoku_answers(grid) == [solved] and sudoku.invariant(solved) not in task.excluded
        if number == 0:
            assert 10 <= grid.count(0) <= 30
        else:
            assert sudoku.solve(grid)[1] > 0, "a hard sudoku that singles solve"


def check_arc():
    """The test inputs of no task are among what is trained on, in any view; a view's name says what it does."""
    options = dict(
        challenges="training/data/arc_small_challenges.json", solutions="training/data/arc_small_solutions.json"
    )
    task = arc.Arcs(side=10, views=4, seed=0, held_out={"views": dict(seed=1, views=3)}, **options)
    arrays = task.demonstrations()
    assert len(task.identifiers) == len(set(task.identifiers)) == len(arrays["first"])
    for question, _, number in task.tests["views"]:
        rows = slice(arrays["first"][number], arrays["first"][number] + arrays["count"][number])
        assert not (arrays["inputs"][rows] == np.array(question)).all(-1).any(), task.identifiers[number]
    with tempfile.TemporaryDirectory() as folder:
        data_set.write(Path(folder), task, task.tests["views"])
        files = {path.stem: np.load(path) for path in Path(folder, "test").glob("*.npy")}
        names = json.loads(Path(folder, "identifiers.json").read_text())
    for i in range(0, len(task.tests["views"]), 50):
        question, answer, number = task.tests["views"][i]
        first, last = files["all__puzzle_indices"][i : i + 2]
        assert files["all__inputs"][first:last].tolist() == [question], i
        assert files["all__labels"][first:last].tolist() == [answer], i
        assert names[files["all__puzzle_identifiers"][i]] == task.identifiers[number], i
    # By hand: recoloured, then turned counter-clockwise; the end of the grid is marked where there is room.
    view = arc.View(1, (0, 2, 1, 3, 4, 5, 6, 7, 8, 9))
    assert view.name("a") == "a|||t1|||0213456789" and arc.View().name("a") == "a"
    assert arc.tokens(view.apply([[1, 0, 5]]), 4).tolist() == [7, 1, 0, 0, 2, 1, 0, 0, 4, 1, 0, 0, 1, 0, 0, 0]


def main():
    for check in (check_mazes, check_sudokus, check_pools, check_arc):
        start = time.monotonic()
        check()
        print(f"{check.__name__}: {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
