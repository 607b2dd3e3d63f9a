"""trm arc against PyTorch: every sample's prediction, and the submission by arc_builder.py's vote.

usage: arc_samples.py TRM MODEL_FOLDER DATA_SET_FOLDER
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import arc_builder as arc
import model
from verify_cases import load_model

STEPS = 3


def call(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def reference_samples(reference, challenges, names):
    """Inputs, ids, predictions and q_halt of every view of every test input, and its key; in the order of the ids."""
    keys, inputs, ids = [], [], []
    for identifier, name in enumerate(names):
        puzzle, *augmentation = name.split("|||")
        if puzzle not in challenges:
            continue
        transform, image = (int(augmentation[0][1:]), list(map(int, augmentation[1]))) if augmentation else (0, range(10))
        for test, example in enumerate(challenges[puzzle]["test"]):
            keys.append((puzzle, test, identifier, name))
            inputs.append(arc.tokens(arc.augmented(np.array(example["input"]), transform, image)))
            ids.append(identifier)
    inputs, ids = torch.tensor(np.array(inputs), dtype=torch.long), torch.tensor(ids)
    predictions, q_halt = [], []
    for some_inputs, some_ids in zip(inputs.split(8), ids.split(8)):
        *_, (_, logits, q) = model.run(reference, some_inputs, some_ids, STEPS)
        predictions.append(logits.argmax(-1))
        q_halt.append(q[:, 0])
    return keys, inputs.numpy(), ids.numpy(), torch.cat(predictions).numpy(), torch.cat(q_halt).numpy()


def compare_samples(journal, keys, predictions, q_halt):
    rows = sqlite3.connect(journal).execute("SELECT puzzle, test, puzzle_id, name, prediction, q_halt FROM sample")
    ours = {row[:4]: row[4:] for row in rows}
    if sorted(ours) != sorted(keys):
        sys.exit(f"{len(ours)} samples, expected {len(keys)}")
    for key, prediction, q in zip(keys, predictions, q_halt):
        if not np.array_equal(np.frombuffer(ours[key][0], dtype=np.uint8), prediction):
            sys.exit(f"sample {key}: another prediction")
        if abs(ours[key][1] - q) > 1e-4:
            sys.exit(f"sample {key}: q_halt {ours[key][1]}, expected {q}")
    return np.array([ours[key][1] for key in keys], dtype=np.float32)


def main():
    trm, model_folder, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    names = json.loads((data / "identifiers.json").read_text())
    challenges_file = data / "mini_evaluation_challenges.json"
    challenges = json.loads(challenges_file.read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, submission = folder / "model.gguf", folder / "submission.json"
        call(trm, "convert", model_folder / "step_1", "-o", file, "--identifiers", data / "identifiers.json", "--quiet")
        call(trm, "arc", file, "--challenges", challenges_file, "-o", submission, "--steps", STEPS, "--quiet")
        keys, inputs, ids, predictions, q_halt = reference_samples(load_model(model_folder), challenges, names)
        q_halt = compare_samples(f"{submission}.journal", keys, predictions, q_halt)
        ranking = arc.vote(challenges, names, inputs, predictions, ids, q_halt, 1)
        if json.loads(submission.read_text()) != arc.submission(ranking, [[0, 0], [0, 0]]):
            sys.exit("another submission")
    print(f"{len(keys)} samples and the submission are PyTorch's")


main()
