"""trm arc, end to end: each sample of its journal against the reference model, its submission against arc_builder.py.

usage: arc_samples.py TRM MODEL_FOLDER DATA_SET_FOLDER
Samples of a family that starts at random start from what draws.py draws for their tokens.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import arc_builder as arc
import checkpoint
import draws
import model
from fixed_point import Progress
from make_case import random_start
from verify_cases import load_model

TOLERANCE = 1e-4  # between two float32 programs: of q_halt, and of logits that may change places
BATCH = 8


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} exited with {done.returncode}: {done.stderr.strip()}")


def expected_samples(challenges, names, most):
    """(puzzle, test, puzzle_id): every test input in the first views of its task, tasks as in the file."""
    for puzzle, task in challenges.items():
        ids = [i for i, name in enumerate(names) if i > 0 and name.split("|||")[0] == puzzle]
        yield from ((puzzle, test, i) for test in range(len(task["test"])) for i in ids[:most])


def every_step(reference, inputs, ids, steps, seed):
    """Logits [steps, N, S, V], q_halt [steps, N], and which samples have stopped by themselves [steps, N]."""
    batches = []
    for some_inputs, some_ids in zip(inputs.split(BATCH), ids.split(BATCH)):
        keys = [draws.key_of(tokens) for tokens in some_inputs]
        start = random_start(reference.h, len(keys), seed, keys)
        results = model.run(reference, some_inputs, some_ids, steps, None if start is None else start.float())
        batches.append([torch.stack(values) for values in zip(*((logits, q[:, 0], stopped(carry, len(q)))
                                                                for carry, logits, q in results))])  # fmt: skip
    return [torch.cat(values, 1) for values in zip(*batches)]


def stopped(carry, batch):
    return carry[-1].stopped if isinstance(carry[-1], Progress) else torch.zeros(batch, dtype=torch.bool)


def inputs_of(rows, challenges):
    """Tokens [N, 900]."""
    given = lambda row: np.array(challenges[row["puzzle"]]["test"][row["test"]]["input"])
    return np.stack([arc.tokens(arc.augmented(given(row), *arc.augmentation(row["name"]))) for row in rows])


def prediction(row):
    return np.frombuffer(row["prediction"], np.uint8).astype(np.int64)


def check_samples(rows, reference, challenges, names, steps, halt, seed):
    """Returns how many cells are a matter of rounding."""
    inputs, ids = torch.from_numpy(inputs_of(rows, challenges)), torch.tensor([r["puzzle_id"] for r in rows])
    logits, q_halt, at_rest = every_step(reference, inputs, ids, steps, seed)
    ends = at_rest | (q_halt > 0) if halt else at_rest
    if halt and (q_halt.abs() < TOLERANCE).any():
        raise RuntimeError("a halting value so near to zero shows nothing: take another model")
    close = 0
    for i, row in enumerate(rows):
        where = f"{row['name']}, test input {row['test']}"
        if names[row["puzzle_id"]] != row["name"]:
            raise RuntimeError(f"{where}: its id is {row['puzzle_id']}")
        stops = ends[:, i].nonzero().flatten().tolist()
        last = stops[0] if stops else steps - 1
        if row["steps"] != last + 1 or abs(row["q_halt"] - float(q_halt[last, i])) > TOLERANCE:
            raise RuntimeError(f"{where}: q_halt {row['q_halt']} after {row['steps']} steps; the reference has "
                               f"{float(q_halt[last, i])} after {last + 1}")
        best = logits[last, i].max(-1).values
        predicted = torch.from_numpy(prediction(row))
        wrong = best - logits[last, i].gather(-1, predicted[:, None])[:, 0] > TOLERANCE
        if wrong.any():
            raise RuntimeError(f"{where}: {int(wrong.sum())} cells are not what the reference predicts")
        close += int((predicted != logits[last, i].argmax(-1)).sum())
    if halt and len({row["steps"] for row in rows}) == 1:
        raise RuntimeError("all samples halt at the same step: take another model")
    if len(logits[-1].argmax(-1).unique(dim=0)) < len(rows) // 2:
        raise RuntimeError("the model predicts nearly the same for all: take another")
    return close


def check_submission(rows, challenges, names, submission):
    """The votes are those of the journal, in the order of the ids."""
    inputs, predictions = inputs_of(rows, challenges), np.stack([prediction(row) for row in rows])
    ids, q_halt = [r["puzzle_id"] for r in rows], np.array([r["q_halt"] for r in rows], np.float32)
    ranking = arc.vote(challenges, names, inputs, predictions, ids, q_halt, batch=1)
    if submission.read_text() != json.dumps(arc.submission(ranking, [[0, 0], [0, 0]])):
        raise RuntimeError("the submission is not what the journal's samples vote for")


def check_run(trm, gguf, reference, challenges, names, options, folder):
    file, submission, journal = folder / "challenges.json", folder / "submission.json", folder / "journal"
    file.write_text(json.dumps(challenges))
    journal.unlink(missing_ok=True)
    call(trm, "arc", gguf, "--challenges", file, "-o", submission, "--journal", journal, "--quiet", *options)
    with sqlite3.connect(journal) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT * FROM sample ORDER BY puzzle_id, test").fetchall()
    value = lambda option, default: int(options[options.index(option) + 1]) if option in options else default
    expected = sorted(expected_samples(challenges, names, value("--samples", None)))
    if sorted((r["puzzle"], r["test"], r["puzzle_id"]) for r in rows) != expected:
        raise RuntimeError(f"the journal of {options} holds other samples")
    steps = value("--steps", reference.h.halt_max_steps)
    close = check_samples(rows, reference, challenges, names, steps, "--halt" in options, value("--seed", 0))
    check_submission(rows, challenges, names, submission)
    print(f"trm arc {' '.join(options):35} {len(rows):3} samples as the reference predicts, "
          f"but for {close} of {900 * len(rows)} cells that rounding decides")


def that_halts(folder, copy):
    """The model in a folder of its own, its halting values moved so that samples halt at different steps."""
    state = checkpoint.read(checkpoint.find(folder))
    state["q_head.bias"][0] -= 1.3
    shutil.copytree(folder, copy)
    torch.save(state, checkpoint.find(copy))
    return copy


def with_more_tests(challenges):
    """The first example's input becomes a second test input."""
    return {name: {**task, "test": task["test"] + [{"input": task["train"][0]["input"]}]}
            for name, task in challenges.items()}


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    trm, folder, data = (Path(argument).resolve() for argument in sys.argv[1:])
    torch.set_num_threads(1)  # other tests run beside this one
    identifiers, file = data / "identifiers.json", data / "mini_evaluation_challenges.json"
    names, challenges = json.loads(identifiers.read_text()), json.loads(file.read_text())
    with tempfile.TemporaryDirectory() as place:
        folder = that_halts(folder, Path(place) / "model")
        reference = load_model(folder)
        gguf = Path(place) / "model.gguf"
        call(trm, "convert", checkpoint.find(folder), "-o", gguf, "--type", "f32", "--identifiers", identifiers,
             "--ids", f"@{file}", "--quiet")
        for options, tasks in [
            ([], challenges),
            (["--halt", "--samples", "4"], challenges),
            (["--steps", "5", "--samples", "2", "--threads", "1", "--seed", "7"], with_more_tests(challenges)),
        ]:
            check_run(trm, gguf, reference, tasks, names, options, Path(place))


main()
