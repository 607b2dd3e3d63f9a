"""Which sudokus the reference model solves after each step, as JSON on standard output.

usage: solved_puzzles.py MODEL_FOLDER STEPS PUZZLES.csv...

{"<file name>": {"<step>": "<a 1 or 0 for each puzzle, in the file's order>", ...}, ...}; solved is
"all 81 cells as in the answer column". MODEL_FOLDER holds a checkpoint as a case folder does.
"""

import csv
import json
import sys
from pathlib import Path

import torch

import model
from verify_cases import load_model

BATCH = 100


def read_tokens(path: Path):
    """Questions and answers [N, 81]: 1 blank, digit + 1."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    tokens = lambda text: [1 if c in ".0" else int(c) + 1 for c in text]
    return [torch.tensor([tokens(row[column]) for row in rows]) for column in ("question", "answer")]


@torch.no_grad()
def solved(reference: model.RecursiveModel, path: Path, steps: int) -> dict[int, str]:
    marks = {step: "" for step in range(1, steps + 1)}
    for questions, answers in zip(*(tokens.split(BATCH) for tokens in read_tokens(path))):
        ids = torch.zeros(len(questions), dtype=torch.long)
        for step, (_, logits, _) in enumerate(model.run(reference, questions, ids, steps), start=1):
            exact = (logits.argmax(-1) == answers).all(-1)
            marks[step] += "".join("1" if e else "0" for e in exact)
    return marks


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    reference = load_model(Path(sys.argv[1]))
    json.dump({Path(p).name: solved(reference, Path(p), int(sys.argv[2])) for p in sys.argv[3:]}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
