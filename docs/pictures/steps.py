"""Draws steps.svg: a sudoku as the bundled model answers it, after some of its steps. Changed cells are orange.

usage: steps.py TRM > steps.svg
"""

import json
import subprocess
import sys
from pathlib import Path

PUZZLE = "....9...1.....4...9..6.7.24..3.714...9.......1.7.298..87....36....2.3...3.5......"
SHOWN = (1, 2, 3, 4)  # the answer stands from step 4 on
CELL, GAP, TOP = 20, 26, 30
MODEL = Path(__file__).resolve().parents[2] / "models/bundled/sudoku.gguf"


def answers(trm):
    """The answer after each step, from the first."""
    command = [trm, "sudoku", MODEL, "--every-step", "--json", "--tries", "1"]
    output = subprocess.run(command, input=PUZZLE + "\n", capture_output=True, text=True, check=True).stdout
    return [step["answer"] for step in json.loads(output)["every_step"]]


def board(left, title, cells, before):
    side = 9 * CELL
    yield f'<text x="{left}" y="20" class="title">{title}</text>'
    yield f'<rect x="{left}" y="{TOP}" width="{side}" height="{side}" class="board"/>'
    for i in range(1, 9):
        kind = "thick" if i % 3 == 0 else "thin"
        at = i * CELL
        yield f'<path d="M{left + at} {TOP}v{side}M{left} {TOP + at}h{side}" class="{kind}"/>'
    for i, digit in enumerate(cells):
        if digit in ".0":
            continue
        kind = "given" if PUZZLE[i] != "." else "changed" if before is None or before[i] != digit else "answer"
        x, y = left + (i % 9 + 0.5) * CELL, TOP + (i // 9 + 0.72) * CELL
        yield f'<text x="{x:g}" y="{y:g}" class="{kind}">{digit}</text>'


def main():
    steps = answers(sys.argv[1])
    boards = [("the puzzle", PUZZLE, None)]
    boards += [(f"after step {k}", steps[k - 1], steps[k - 2] if k > 1 else None) for k in SHOWN]
    width = len(boards) * (9 * CELL + GAP) + GAP
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + 9 * CELL + 12}" font-family="sans-serif" font-size="14">')
    print("<title>A sudoku, and the model's answer after each of its first four steps</title>")
    print("<style>svg{background:#fff}text{text-anchor:middle;fill:#222}.title{text-anchor:start;fill:#555}.board{fill:none;stroke:#444;stroke-width:2}"
          ".thin{stroke:#ccc}.thick{stroke:#444}.given{font-weight:bold}.answer{fill:#2563a8}.changed{fill:#c2410c;font-weight:bold}</style>")  # fmt: skip
    for i, (title, cells, before) in enumerate(boards):
        print("\n".join(board(GAP + i * (9 * CELL + GAP), title, cells, before)))
    print("</svg>")


if __name__ == "__main__":
    main()
