"""Random ARC tasks: trm identifiers and trm vote against arc_builder.py.

usage: random_arc.py TRM [CASES]
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import arc_builder as arc


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} exited with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def grid(rng, largest):
    """Many are poor in colours or symmetric, so that augmentations coincide."""
    rows, cols = rng.randint(1, largest), rng.randint(1, largest)
    colours = rng.sample(range(10), rng.choice([1, 1, 2, 3, 10]))
    return [[rng.choice(colours) for _ in range(cols)] for _ in range(rows)]


def task(rng, answers):
    largest = rng.choice([1, 2, 3, 8, 30])
    pair = lambda: {"input": grid(rng, largest), "output": grid(rng, largest)}
    test = [pair() for _ in range(rng.choice([1, 1, 2, 3]))]
    solution = [example.pop("output") if rng.random() > answers else grid(rng, largest) for example in test]
    return {"train": [pair() for _ in range(rng.randint(0, 4))], "test": test}, solution


def subset(rng, folder, name, taken):
    """Writes a challenges file, perhaps with solutions beside it; the challenges as the builder then sees them."""
    has_solutions = rng.random() < 0.7
    challenges, solutions = {}, {}
    for _ in range(rng.randint(0, 12)):
        key = rng.choice(taken) if taken and rng.random() < 0.2 else rng.choice("abcdé\"\\") + f"{rng.randrange(10**6):06}"
        challenges[key], solutions[key] = task(rng, 0.5)
        taken.append(key)
    file = folder / f"some_{name}_challenges.json"
    file.write_text(json.dumps(challenges, indent=rng.choice([None, 1])))
    if has_solutions:
        (folder / f"some_{name}_solutions.json").write_text(json.dumps(solutions))
    return file, arc.with_answers(challenges, solutions if has_solutions else None)


def check_identifiers(trm, rng, folder):
    taken = []
    names = rng.sample(["training", "evaluation", "concept", "evaluation2"], rng.randint(1, 3))
    files, subsets = zip(*(subset(rng, folder, name, taken) for name in names))
    seed, count = rng.choice([0, 1, 42, 2**32 - 1, rng.randrange(2**32)]), rng.choice([0, 1, 2, 7, 60])
    out = folder / "identifiers.json"
    call(trm, "identifiers", "--challenges", *files, "--test-set", names[-1], "--num-aug", count, "--seed", seed,
         "-o", out, "--quiet")
    expected = arc.identifiers(subsets, seed, count)
    if out.read_text() != json.dumps(expected):
        raise RuntimeError(f"identifiers of {names}, seed {seed}, {count} augmentations differ")
    merged = {name: entry for challenges in subsets for name, entry in challenges.items()}
    return merged, expected


def answer(rng, example, colours):
    """Right, often wrong in the same ways, sometimes nothing like a grid."""
    kind = rng.random()
    if kind < 0.3:
        return arc.tokens(colours(np.array(example["output"])))
    if kind < 0.7:
        return arc.tokens(colours(np.array([[rng.randrange(2)]])))
    if kind < 0.8:
        return np.zeros(900, dtype=np.int64)
    return np.array([rng.choice([0, 1, 2, 3, 11, 11]) for _ in range(900)])


def record(rng, folder, challenges, names):
    """Samples of random augmentations in random order, some blank, some of inputs that no task has."""
    inputs, predictions, ids, q_halt = [], [], [], []
    for _ in range(rng.choice([1, 63, 64, 65, 300])):
        identifier = rng.randrange(len(names))
        if identifier == 0 or rng.random() < 0.03:
            identifier, given, predicted = 0, np.zeros(900, dtype=np.int64), np.zeros(900, dtype=np.int64)
        else:
            puzzle, *augmentation = names[identifier].split("|||")
            transform, image = (int(augmentation[0][1:]), list(map(int, augmentation[1]))) if augmentation else (0, range(10))
            seen = lambda g: arc.augmented(g, transform, image)
            example = rng.choice(challenges[puzzle]["test"])
            shown = grid(rng, 30) if rng.random() < 0.02 else example["input"]
            given, predicted = arc.tokens(seen(np.array(shown))), answer(rng, example, seen)
        inputs.append(given)
        predictions.append(predicted)
        ids.append(identifier)
        q_halt.append(rng.choice([0.0, 0.25, -1.5, rng.gauss(0, 3)]))
    arrays = {
        "inputs": np.array(inputs, dtype=rng.choice([np.uint8, np.int32])),
        "predictions": np.array(predictions, dtype=rng.choice([np.uint8, np.int32, np.int64])),
        "puzzle_identifiers": np.array(ids, dtype=np.int32),
        "q_halt_logits": np.array(q_halt, dtype=np.float32),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return arrays


def check_vote(trm, rng, folder, challenges, names):
    (folder / "test_puzzles.json").write_text(json.dumps(challenges))
    arrays = record(rng, folder, challenges, names)
    batch = rng.choice([0, 64, 64, 7])
    ranking_file, submission_file = folder / "ranking.json", folder / "submission.json"
    report = json.loads(call(trm, "vote", folder, "-o", submission_file, "--ranking", ranking_file, "--json", "--quiet",
                             "--threads", rng.randint(1, 4), *(["--batch", batch] if batch != 64 else [])))
    expected = arc.vote(challenges, names, arrays["inputs"], arrays["predictions"], arrays["puzzle_identifiers"],
                        arrays["q_halt_logits"], batch or 1)  # in batches of one each has its own q
    got = json.loads(ranking_file.read_text())
    if list(got) != list(expected):
        raise RuntimeError("other tasks in the ranking")
    for name in expected:
        for ours, theirs in zip(got[name], expected[name], strict=True):
            for a, b in zip(ours, theirs, strict=True):
                if a["votes"] != b[0] or a["grid"] != b[2] or abs(a["confidence"] - b[1]) > 1e-12:
                    raise RuntimeError(f"ranking of {name} differs: {a} is not {b}")
    if submission_file.read_text() != json.dumps(arc.submission(expected, [[0, 0], [0, 0]])):
        raise RuntimeError("submission differs")
    for k in (1, 2, 5, 10, 100, 1000):
        if abs(report[f"ARC/pass@{k}"] - arc.pass_at(k, expected, challenges)) > 1e-12:
            raise RuntimeError(f"pass@{k} differs")


def main():
    trm, cases = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    voted = 0
    for case in range(cases):
        with tempfile.TemporaryDirectory() as folder:
            rng = random.Random(case)
            try:
                challenges, names = check_identifiers(trm, rng, Path(folder))
                if challenges:
                    check_vote(trm, rng, Path(folder), challenges, names)
                    voted += 1
            except Exception as error:
                sys.exit(f"case {case}: {error}")
    print(f"{cases} lists of identifiers and {voted} votes are as expected")


main()
