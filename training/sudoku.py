"""Sudokus with one solution, graded by their number of blanks and by whether they need guessing.

A sudoku is 81 tokens: 1 blank, digit + 1. `Base` is a solved grid and an order in which its cells can be emptied while
the solution stays the only one; emptying fewer of them gives an easier puzzle of the same grid. A sample is a base
with some blanks under a random symmetry: digits, rows in bands, columns in stacks, bands, stacks, transposition.

Splits. No training base has the `invariant` of a held-out base. Grids that a symmetry maps onto each other have the
same invariant, so no training grid is a held-out grid in disguise. (Some other grids share one and are dropped too.)
"""

import dataclasses
import random
from collections import Counter
from collections.abc import Callable

VOCABULARY = 11
PEERS = [
    [
        c
        for c in range(81)
        if c != i and (c // 9 == i // 9 or c % 9 == i % 9 or (c // 27, c % 9 // 3) == (i // 27, i % 9 // 3))
    ]
    for i in range(81)
]
UNITS = (
    [[9 * r + c for c in range(9)] for r in range(9)]
    + [[9 * r + c for r in range(9)] for c in range(9)]
    + [[27 * b + 3 * s + 9 * r + c for r in range(3) for c in range(3)] for b in range(3) for s in range(3)]
)
ALL = 0b111111111


class Contradiction(Exception):
    """A cell without a candidate."""


def place(candidates: list[int], cell: int, bit: int) -> None:
    """Fixes a cell and every cell that this leaves one candidate."""
    candidates[cell] = bit
    todo = [cell]
    while todo:
        done = todo.pop()
        bit = candidates[done]
        for peer in PEERS[done]:
            if candidates[peer] & bit:
                candidates[peer] &= ~bit
                if candidates[peer] == 0:
                    raise Contradiction
                if candidates[peer].bit_count() == 1:
                    todo.append(peer)


def start(grid: list[int]) -> list[int]:
    """Candidates of every cell, as bits. grid: 0 blank, digits."""
    candidates = [ALL] * 81
    for cell, digit in enumerate(grid):
        if digit:
            bit = 1 << (digit - 1)
            if not candidates[cell] & bit:
                raise Contradiction
            if candidates[cell] != bit:
                place(candidates, cell, bit)
    return candidates


def hidden_singles(candidates: list[int]) -> bool:
    """Places the digits that fit in one cell of a unit; whether there was one."""
    found = False
    for unit in UNITS:
        once = twice = 0
        for cell in unit:
            twice |= once & candidates[cell]
            once |= candidates[cell]
        if once != ALL:
            raise Contradiction
        for cell in unit:
            bit = candidates[cell] & once & ~twice
            if bit and candidates[cell].bit_count() > 1:
                if bit.bit_count() > 1:
                    raise Contradiction
                place(candidates, cell, bit)
                found = True
    return found


def solutions(candidates: list[int], limit: int, rng: random.Random | None = None) -> tuple[list[list[int]], int]:
    """Up to `limit` solutions, and the number of guesses that were made."""
    try:
        while hidden_singles(candidates):
            pass
    except Contradiction:
        return [], 0
    open_cells = [i for i, c in enumerate(candidates) if c.bit_count() > 1]
    if not open_cells:
        return [[c.bit_length() for c in candidates]], 0
    cell = min(open_cells, key=lambda i: candidates[i].bit_count())
    bits = [1 << d for d in range(9) if candidates[cell] >> d & 1]
    if rng is not None:
        rng.shuffle(bits)
    found, guesses = [], 1
    for bit in bits:
        trial = list(candidates)
        try:
            place(trial, cell, bit)
        except Contradiction:
            continue
        more, deeper = solutions(trial, limit - len(found), rng)
        found += more
        guesses += deeper
        if len(found) >= limit:
            break
    return found, guesses


def solve(grid: list[int], limit: int = 2) -> tuple[list[list[int]], int]:
    try:
        return solutions(start(grid), limit)
    except Contradiction:
        return [], 0


@dataclasses.dataclass
class Base:
    solution: list[int]  # 81 digits
    order: list[int]  # cells to empty, first to last
    singles: int  # so many of them can be empty and naked and hidden singles still solve the puzzle


def random_solution(rng: random.Random) -> list[int]:
    """The first row at random, the rest by guessing at random."""
    grid = rng.sample(range(1, 10), 9) + [0] * 72
    return solutions(start(grid), 1, rng)[0][0]


def make_base(rng: random.Random) -> Base:
    """Cells in random order, each emptied unless that allows a second solution."""
    solution = random_solution(rng)
    grid, order, singles = list(solution), [], 0
    for cell in rng.sample(range(81), 81):
        grid[cell] = 0
        found, guesses = solve(grid)
        if len(found) == 1:
            order.append(cell)
            if guesses == 0:
                singles = len(order)
        else:
            grid[cell] = solution[cell]
    return Base(solution, order, singles)


def cycle_lengths(first: list[int], second: list[int]) -> tuple[int, ...]:
    """Of the permutation that takes the digits of one line to those of another."""
    following, lengths = dict(zip(first, second)), []
    while following:
        digit, length = next(iter(following)), 0
        while digit in following:
            digit, length = following.pop(digit), length + 1
        lengths.append(length)
    return tuple(sorted(lengths))


def invariant(solution: list[int]) -> tuple:
    """The same for two solved grids that a symmetry maps onto each other."""
    rows = [solution[9 * r : 9 * r + 9] for r in range(9)]
    sides = []
    for lines in (rows, [list(column) for column in zip(*rows)]):
        pairs = [(i, j) for i in range(9) for j in range(i)]
        bands = []
        for band in range(3):
            bands.append(sorted(cycle_lengths(lines[i], lines[j]) for i, j in pairs if i // 3 == j // 3 == band))
        across = Counter(cycle_lengths(lines[i], lines[j]) for i, j in pairs if i // 3 != j // 3)
        sides.append((tuple(map(tuple, sorted(bands))), tuple(sorted(across.items()))))
    return tuple(sorted(sides))


def random_symmetry(rng: random.Random) -> tuple[list[int], list[int]]:
    """The source of every cell, and the new digit of every digit (0 stays)."""
    rows, columns = ([3 * b + r for b in rng.sample(range(3), 3) for r in rng.sample(range(3), 3)] for _ in range(2))
    source = [9 * r + c for r in rows for c in columns]
    if rng.random() < 0.5:
        source = [source[9 * (i % 9) + i // 9] for i in range(81)]
    return source, [0, *rng.sample(range(1, 10), 9)]


@dataclasses.dataclass(frozen=True)
class Level:
    blanks: tuple[int, int]  # fewest and most; fewer where the base allows no more
    guessing: bool = False  # so many blanks that singles do not solve it, where the base allows that
    max_steps: int = 16


class Sudokus:
    """The stream of training sudokus, from `bases` grids under random symmetries, and its held-out sets."""

    vocabulary = VOCABULARY
    symbols = ".?123456789"  # by token
    side, cells = 9, 81
    identifiers = ("<blank>",)

    def __init__(self, bases: int, levels: list[dict], held_out: dict[str, dict]):
        self.levels = [make_level(level) for level in levels]
        self.excluded: set[tuple] = set()
        self.tests = {name: self.make_test(**test) for name, test in held_out.items() if test}
        self.bases: list[Base] = []
        self.wanted = bases

    def relation(self, transposition: bool) -> Callable[[int, int], tuple]:
        """Two cells are related by the units they share; transposition: a row and a column are the same."""

        def related(cell: int, other: int) -> tuple:
            row, column = cell // 9 == other // 9, cell % 9 == other % 9
            box = (cell // 27, cell % 9 // 3) == (other // 27, other % 9 // 3)
            return (*(sorted((row, column)) if transposition else (row, column)), box)

        return related

    def draw(self, rng: random.Random, base: Base, level: Level) -> tuple[list[int], list[int]]:
        least, most = level.blanks
        if level.guessing and base.singles < len(base.order):
            least, most = base.singles + 1, len(base.order)
        blanks = base.order[: rng.randint(min(least, len(base.order)), min(most, len(base.order)))]
        question = list(base.solution)
        for cell in blanks:
            question[cell] = 0
        source, digits = random_symmetry(rng)
        return [digits[question[i]] + 1 for i in source], [digits[base.solution[i]] + 1 for i in source]

    def sample(self, rng: random.Random, level: int) -> tuple[list[int], list[int]]:
        """A training sudoku. The bases are made as they are needed, from a generator of their own."""
        index = rng.randrange(self.wanted)
        if not self.bases:
            self.base_rng = random.Random("bases")
        while len(self.bases) <= min(index, self.wanted - 1):
            base = make_base(self.base_rng)
            if invariant(base.solution) not in self.excluded:
                self.bases.append(base)
        return self.draw(rng, self.bases[index], self.levels[level])

    def make_test(self, seed: int, count: int, level: dict) -> list[tuple[list[int], list[int]]]:
        """Sudokus of grids that no training grid and no grid of this or an earlier set is equivalent to."""
        rng, rules, pairs = random.Random(seed), make_level(level), []
        while len(pairs) < count:
            base = make_base(rng)
            if (key := invariant(base.solution)) in self.excluded:
                continue
            if rules.guessing and base.singles == len(base.order):
                continue
            self.excluded.add(key)
            pairs.append(self.draw(rng, base, rules))
        return pairs


def make_level(level: dict) -> Level:
    return Level(tuple(level["blanks"]), level.get("guessing", False), level.get("max_steps", 16))


def text(tokens: list[int]) -> str:
    """As puzzle lists write it: '.' for a blank."""
    return "".join("." if token <= 1 else str(token - 1) for token in tokens)
