"""The files of an official data set."""

import json
from pathlib import Path
from typing import Any

import numpy as np


def description(task: Any) -> dict:
    """What dataset.json says. Samples are drawn as they are needed, so that it counts none."""
    return dict(
        pad_id=0, ignore_label_id=0, blank_identifier_id=0, vocab_size=task.vocabulary, seq_len=task.cells,
        num_puzzle_identifiers=len(task.identifiers), total_groups=0, mean_puzzle_examples=1, total_puzzles=0,
        sets=["all"],
    )  # fmt: skip


def write_description(folder: Path, task: Any) -> None:
    (folder / "dataset.json").write_text(json.dumps(description(task)) + "\n")


def write_identifiers(folder: Path, task: Any) -> None:
    (folder / "identifiers.json").write_text(json.dumps(task.identifiers) + "\n")


def write(folder: Path, task: Any, samples: list[tuple]) -> None:
    """A folder with the split `test`. samples: (question [S], answer [S], puzzle id), each a puzzle and a group."""
    split = folder / "test"
    split.mkdir(parents=True, exist_ok=True)
    questions, answers, ids = zip(*samples)
    ranges = range(len(samples) + 1)
    arrays = dict(inputs=questions, labels=answers, puzzle_identifiers=ids, puzzle_indices=ranges, group_indices=ranges)
    for name, values in arrays.items():
        np.save(split / f"all__{name}.npy", np.array(values, np.int32))
    write_description(split, task)
    write_identifiers(folder, task)
