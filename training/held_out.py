"""Writes a held-out set of a configuration, which `trm eval` and `trm study` read.

usage: held_out.py CONFIG.yaml SET OUT [COUNT]

OUT is a CSV (question, answer) of mazes or sudokus, and an official data set folder of ARC's test pairs, whose puzzle
ids are those of the training. Without COUNT the set is as training excludes it; with COUNT it is as many mazes or
sudokus by the same rules and seed (a longer set begins with the shorter one).
"""

import csv
import sys
from pathlib import Path

import arc
import data_set
import maze
import sudoku
import yaml

TASKS = {"arc": (arc.Arcs, None), "maze": (maze.Mazes, maze.text), "sudoku": (sudoku.Sudokus, sudoku.text)}


def write_csv(path: Path, pairs: list, text) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answer"])
        writer.writerows([text(question), text(answer)] for question, answer in pairs)


def main() -> None:
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    data = yaml.safe_load(Path(sys.argv[1]).read_text())["data"]
    make, text = TASKS[data["task"]]
    options, name, out = data["options"], sys.argv[2], Path(sys.argv[3])
    if len(sys.argv) == 5:
        options["held_out"][name]["count"] = int(sys.argv[4])
    task = make(**options)
    if text:
        write_csv(out, task.tests[name], text)
    else:
        data_set.write(out, task, task.tests[name])


if __name__ == "__main__":
    main()
