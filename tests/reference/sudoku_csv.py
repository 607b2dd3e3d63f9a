"""Sudokus of a CSV file as tokens."""

import csv
from itertools import islice
from pathlib import Path

import numpy as np


def read(path: Path, column: str, limit=None) -> np.ndarray:
    """`question` or `answer` of the first rows, [N, 81] int32: digit + 1, blanks are 1."""
    with open(path) as file:
        rows = list(islice(csv.DictReader(file), limit))
    return np.array([[1 + int(cell) if cell.isdigit() else 1 for cell in row[column]] for row in rows], np.int32)
