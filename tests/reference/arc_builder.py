"""ARC as its official data set builder and evaluator treat it, written again with numpy: the oracle of random_arc.py.

Facts about both: dataset/build_arc_dataset.py and evaluators/arc.py of TinyRecursiveModels.
"""

import hashlib

import numpy as np

TRANSFORMS = [
    lambda g: g,
    lambda g: np.rot90(g),
    lambda g: np.rot90(g, 2),
    lambda g: np.rot90(g, 3),
    np.fliplr,
    np.flipud,
    np.transpose,
    lambda g: np.fliplr(np.rot90(g)),
]
INVERSE = [0, 3, 2, 1, 4, 5, 6, 7]


def augmented(grid, transform, colours):
    return TRANSFORMS[transform](np.asarray(colours)[grid])


def augmentation(name):
    """Transform and image of the colours, of a puzzle's name."""
    _, *parts = name.split("|||")
    return (int(parts[0][1:]), [int(c) for c in parts[1]]) if parts else (0, range(10))


def undone(grid, name):
    """The plain puzzle's name, and its grid."""
    if "|||" not in name:
        return name, grid
    puzzle, transform, colours = name.split("|||")
    original = np.argsort([int(c) for c in colours])
    return puzzle, original[TRANSFORMS[INVERSE[int(transform[1:])]](grid)]


def digest(grid):
    grid = np.ascontiguousarray(grid, dtype=np.uint8)
    return hashlib.sha256(bytes(grid.shape) + grid.tobytes()).hexdigest()


def pairs_digest(pairs):
    return "|".join(sorted(f"{digest(a)}|{digest(b)}" for a, b in pairs))


def pairs_of(task):
    return [(np.array(e["input"]), np.array(e["output"])) for split in ("train", "test") for e in task[split]]


def with_answers(challenges, solutions):
    """solutions None: no such file."""
    for name, task in challenges.items():
        for i, example in enumerate(task["test"]):
            if solutions is not None:
                example["output"] = solutions[name][i]
            else:
                example.setdefault("output", [[0]])
    return challenges


def augmentation_names(name, task, count):
    """The task's own name and those of its augmentations, drawing from numpy's global generator."""
    names = [name]
    pairs = pairs_of(task)
    seen = {pairs_digest(pairs)}
    for _ in range(5 * count if count > 0 else 0):
        transform = np.random.randint(0, 8)
        colours = np.concatenate([[0], np.random.permutation(np.arange(1, 10))]).astype(int)
        key = pairs_digest([(augmented(a, transform, colours), augmented(b, transform, colours)) for a, b in pairs])
        if key not in seen:
            seen.add(key)
            names.append(f"{name}|||t{transform}|||{''.join(map(str, colours))}")
        if len(names) > count:
            break
    return names


def identifiers(subsets, seed, count):
    """subsets: challenges with answers, in the builder's order."""
    np.random.seed(seed)
    ids = {}
    for challenges in subsets:
        tasks = list(challenges.items())
        np.random.shuffle(tasks)
        for name, task in tasks:
            for augmentation in augmentation_names(name, task, count):
                ids.setdefault(augmentation, len(ids) + 1)
    return ["<blank>", *ids]


def tokens(grid):
    out = np.zeros((30, 30), dtype=np.int64)
    rows, cols = grid.shape
    out[:rows, :cols] = grid + 2
    if rows < 30:
        out[rows, :cols] = 1
    if cols < 30:
        out[:rows, cols] = 1
    return out.reshape(-1)


def crop(flat):
    square = flat.reshape(30, 30)
    best, width = (0, 0), 30
    for row in range(30):
        colours = (square[row, :width] >= 2) & (square[row, :width] <= 11)
        width = int(width if colours.all() else np.argmin(colours))
        if (row + 1) * width > best[0] * best[1]:
            best = (row + 1, width)
    return square[: best[0], : best[1]] - 2


def vote(challenges, names, inputs, predictions, ids, q_halt, batch):
    """Ranking as the evaluator counts when it is given `batch` samples at a time: {task: [[(votes, mean, grid)]]}."""
    ballots = {}
    for start in range(0, len(ids), batch):
        rows = [r for r in range(start, min(start + batch, len(ids))) if ids[r] != 0]
        for place, row in enumerate(rows):  # its q is masked by nothing: the place-th of the batch
            puzzle, given = undone(crop(inputs[row]), names[ids[row]])
            _, answer = undone(crop(predictions[row]), names[ids[row]])
            confidence = 1 / (1 + np.exp(-np.float64(q_halt[start + place])))
            ballots.setdefault((puzzle, digest(given)), []).append((answer, float(confidence)))
    ranking = {}
    for name, task in challenges.items():
        ranking[name] = []
        for example in task["test"]:
            candidates = {}
            for answer, confidence in ballots.get((name, digest(np.array(example["input"]))), []):
                candidate = candidates.setdefault(digest(answer), [0, 0.0, answer.tolist()])
                candidate[0] += 1
                candidate[1] += confidence
            means = [(votes, total / votes, grid) for votes, total, grid in candidates.values()]
            ranking[name].append(sorted(means, key=lambda c: c[:2], reverse=True))
    return ranking


def submission(ranking, placeholder):
    def attempts(candidates):
        grids = [grid for _, _, grid in candidates[:2]] or [placeholder]
        return {"attempt_1": grids[0], "attempt_2": grids[-1]}

    return {name: [attempts(candidates) for candidates in tests] for name, tests in ranking.items()}


def pass_at(k, ranking, challenges):
    tasks = []
    for name, task in challenges.items():
        hits = [
            any(grid == example["output"] for _, _, grid in candidates[:k])
            for candidates, example in zip(ranking[name], task["test"])
        ]
        tasks.append(sum(hits) / len(hits))
    return sum(tasks) / len(tasks)
