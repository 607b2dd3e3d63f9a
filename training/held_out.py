"""Writes a held-out set of a configuration as CSV (question, answer), which `trm eval` reads.

usage: held_out.py CONFIG.yaml SET OUT.csv [COUNT]

Without COUNT the set as training excludes it; with COUNT as many puzzles by the same rules and seed (a longer set
begins with the shorter one).
"""

import csv
import sys
from pathlib import Path

import maze
import sudoku
import yaml

TASKS = {"maze": (maze.Mazes, maze.text), "sudoku": (sudoku.Sudokus, sudoku.text)}


def main() -> None:
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    data = yaml.safe_load(Path(sys.argv[1]).read_text())["data"]
    make, text = TASKS[data["task"]]
    options = data["options"]
    if len(sys.argv) == 5:
        options["held_out"][sys.argv[2]]["count"] = int(sys.argv[4])
    pairs = make(**options).tests[sys.argv[2]]
    with Path(sys.argv[3]).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answer"])
        writer.writerows([text(question), text(answer)] for question, answer in pairs)


if __name__ == "__main__":
    main()
