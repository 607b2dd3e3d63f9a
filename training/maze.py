"""Mazes with exactly one shortest path, drawn in a square frame.

A maze is a row of side x side tokens, as MODELS name them: 0 padding, then "# SGo" from 1. The question holds no
path; the answer is the question with 'o' on every cell between S and G that the shortest path visits.

Splits. A maze is held out if `held_out` drew it; training never sees it nor any of its eight mirror images and
turns, because the generator drops a maze whose canonical form is in the set that the trainer passes.
"""

import dataclasses
import random
from collections.abc import Callable

SYMBOLS = ".# SGo"  # by token
WALL, FREE, START, GOAL, PATH = 1, 2, 3, 4, 5
VOCABULARY = 6


@dataclasses.dataclass(frozen=True)
class Level:
    """What a maze of this difficulty may look like."""

    rooms: tuple[int, int]  # fewest and most rooms along either axis; a room is a cell at even distance from the first
    openings: tuple[int, int]  # fewest and most walls taken out of the tree, each of which closes a loop
    min_moves: int  # the shortest path has at least this many moves
    max_steps: int = 16  # supervision steps that training gives a maze at most


def grow_tree(rng: random.Random, rows: int, columns: int) -> list[list[bool]]:
    """Free cells of a maze without loops, [2 rows - 1][2 columns - 1].

    The growing-tree method: the newest room is extended with a probability drawn per maze, otherwise any room. Near 1
    it makes long corridors, near 0 short dead ends.
    """
    free = [[False] * (2 * columns - 1) for _ in range(2 * rows - 1)]
    newest = rng.random()
    first = rng.randrange(rows), rng.randrange(columns)
    free[2 * first[0]][2 * first[1]] = True
    growing = [first]
    while growing:
        index = len(growing) - 1 if rng.random() < newest else rng.randrange(len(growing))
        row, column = growing[index]
        closed = [
            (row + dr, column + dc)
            for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= row + dr < rows and 0 <= column + dc < columns and not free[2 * (row + dr)][2 * (column + dc)]
        ]
        if not closed:
            growing.pop(index)
            continue
        r, c = rng.choice(closed)
        free[2 * r][2 * c] = free[row + r][column + c] = True
        growing.append((r, c))
    return free


def open_walls(rng: random.Random, free: list[list[bool]], count: int) -> None:
    """Takes `count` walls between two rooms away, if there are so many."""
    walls = [(r, c) for r, row in enumerate(free) for c, cell in enumerate(row) if not cell and (r + c) % 2 == 1]
    for r, c in rng.sample(walls, min(count, len(walls))):
        free[r][c] = True


def shortest_paths(side: int, cells: list[int], start: int) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Moves from `start`, the number of shortest paths and the cell before, for every cell that can be reached."""
    moves, ways, before = {start: 0}, {start: 1}, {}
    wave = [start]
    while wave:
        following = []
        for cell in wave:
            for other in (cell - side, cell - 1, cell + 1, cell + side):
                # The frame is a wall, so that no neighbour lies outside or in another row.
                if cells[other] == WALL:
                    continue
                if other not in moves:
                    moves[other], ways[other], before[other] = moves[cell] + 1, 0, cell
                    following.append(other)
                if moves[other] == moves[cell] + 1:
                    ways[other] += ways[cell]
        wave = following
    return moves, ways, before


def draw(rng: random.Random, side: int, level: Level) -> tuple[list[int], list[int]] | None:
    """One question and its answer; None if this maze has no pair of ends that `level` allows."""
    most = (side - 1) // 2
    rows, columns = (min(most, rng.randint(*level.rooms)) for _ in range(2))
    free = grow_tree(rng, rows, columns)
    open_walls(rng, free, rng.randint(*level.openings))
    cells = [WALL] * (side * side)
    # A small maze lies anywhere in the frame.
    top, left = rng.randint(1, side - 2 * rows), rng.randint(1, side - 2 * columns)
    for r, row in enumerate(free):
        for c, cell in enumerate(row):
            if cell:
                cells[(top + r) * side + left + c] = FREE
    start = rng.choice([i for i, cell in enumerate(cells) if cell == FREE])
    moves, ways, before = shortest_paths(side, cells, start)
    goals = [cell for cell, n in moves.items() if n >= level.min_moves and ways[cell] == 1]
    if not goals:
        return None
    cell = goal = rng.choice(goals)
    answer = list(cells)
    while cell != start:
        answer[cell] = PATH
        cell = before[cell]
    for grid in (cells, answer):
        grid[start], grid[goal] = START, GOAL
    return cells, answer


def transforms(side: int) -> list[list[int]]:
    """The eight symmetries of the square: for each, the source index of every cell."""
    turned = [list(range(side * side))]
    for _ in range(3):
        turned.append([turned[-1][c * side + side - 1 - r] for r in range(side) for c in range(side)])
    return turned + [[t[c * side + r] for r in range(side) for c in range(side)] for t in turned]


class Mazes:
    """The stream of training mazes of one size, and its held-out sets."""

    vocabulary = VOCABULARY
    symbols = SYMBOLS
    identifiers = ("<blank>",)

    def __init__(self, side: int, levels: list[dict], held_out: dict[str, dict]):
        self.side, self.cells = side, side * side
        self.levels = [make_level(level) for level in levels]
        self.transforms = transforms(side)
        self.excluded: set[bytes] = set()
        self.tests = {name: self.make_test(**test) for name, test in held_out.items() if test}

    def relation(self, radius: int, isotropic: bool) -> Callable[[int, int], tuple | None]:
        """Two cells are related by their offset up to `radius`; isotropic: by it and its mirror images and turns."""

        def related(cell: int, other: int) -> tuple | None:
            offset = other // self.side - cell // self.side, other % self.side - cell % self.side
            if max(map(abs, offset)) > radius:
                return None
            return tuple(sorted(map(abs, offset))) if isotropic else offset

        return related

    def canonical(self, question: list[int]) -> bytes:
        """The same bytes for a maze and its seven mirror images and turns."""
        return min(bytes(question[i] for i in source) for source in self.transforms)

    def sample(self, rng: random.Random, level: int) -> tuple[list[int], list[int]]:
        """A training maze: never one that is held out, in any orientation."""
        while True:
            pair = draw(rng, self.side, self.levels[level])
            if pair is not None and self.canonical(pair[0]) not in self.excluded:
                return pair

    def make_test(self, seed: int, count: int, level: dict) -> list[tuple[list[int], list[int]]]:
        """`count` mazes no two of which are the same up to symmetry; later samples exclude them."""
        rng, rules, pairs = random.Random(seed), make_level(level), []
        while len(pairs) < count:
            pair = draw(rng, self.side, rules)
            if pair is None or (key := self.canonical(pair[0])) in self.excluded:
                continue
            self.excluded.add(key)
            pairs.append(pair)
        return pairs


def make_level(level: dict) -> Level:
    return Level(tuple(level["rooms"]), tuple(level["openings"]), level["min_moves"], level.get("max_steps", 16))


def text(tokens: list[int]) -> str:
    return "".join(SYMBOLS[token] for token in tokens)
