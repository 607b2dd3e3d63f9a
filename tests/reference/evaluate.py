"""Accuracy of the reference model on an official data set folder, as the official evaluator counts, as JSON.

usage: evaluate.py MODEL_FOLDER DATA_SET_FOLDER STEPS

Labels equal to ignore_label_id are masked; an example without any label is left out; token accuracy is the mean of
each example's own share of right cells.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

import model
from verify_cases import load_model

BATCH = 8


@torch.no_grad()
def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    reference, folder, steps = load_model(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
    read = lambda part: torch.from_numpy(np.load(folder / f"all__{part}.npy").astype(np.int64))
    inputs, labels, ids = read("inputs"), read("labels"), read("puzzle_identifiers")
    ids = ids.repeat_interleave(read("puzzle_indices").diff())
    mask = labels != json.loads((folder / "dataset.json").read_text())["ignore_label_id"]
    counts = mask.sum(-1)

    predicted = [[] for _ in range(steps)]
    q_halt = [[] for _ in range(steps)]
    for some_inputs, some_ids in zip(inputs.split(BATCH), ids.split(BATCH)):
        for step, (_, logits, q) in enumerate(model.run(reference, some_inputs, some_ids, steps)):
            predicted[step].append(logits.argmax(-1))
            q_halt[step].append(q[:, 0])

    results = []
    for step in range(steps):
        right = (mask & (torch.cat(predicted[step]) == labels)).sum(-1)
        valid = counts > 0
        results.append(
            {
                "step": step + 1,
                "examples": int(valid.sum()),
                "exact": float((valid & (right == counts)).sum() / valid.sum()),
                "token": float((right[valid] / counts[valid]).double().mean()),
                "mean_q": float(torch.cat(q_halt[step])[valid].double().mean()),
            }
        )
    json.dump(results, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
