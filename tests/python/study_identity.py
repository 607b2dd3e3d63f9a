"""What `trm study identity` and `trm study steps` count, against NumPy on the raw outputs of `trm run`; of ARC challenges
against the reference model in PyTorch.

usage: study_identity.py TRM ARC_MODEL_FOLDER ARC_DATA_SET_FOLDER

The model file keeps three ids: whatever the seed, the random id is the one that is neither blank nor right. The labels
are the model's own answers, to some examples with the right id, to others with a wrong one, so that each identity is
right about some and wrong about others.
"""

import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
import arc_builder as arc  # noqa: E402
import checkpoint  # noqa: E402
import model as reference_model  # noqa: E402
from mcnemar import mcnemar  # noqa: E402
from verify_cases import load_model  # noqa: E402

RIGHT, BLANK, OTHER, EXAMPLES, CELLS, STEPS = 5, 0, 17, 24, 900, 3
TOLERANCE = 1e-4  # between the logits of two float32 programs
BATCH = 8


def output(*command) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def answers(trm: str, model: Path, folder: Path, puzzle_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions after the last step [B, S], and [steps, B] whether right answers are whole is for the caller."""
    np.save(folder / "ids.npy", np.full(EXAMPLES, puzzle_id, np.int32))
    out = folder / f"run{puzzle_id}"
    output(trm, "run", model, "--inputs", folder / "inputs.npy", "--puzzle-identifiers", folder / "ids.npy", "--steps",
           STEPS, "--every-step", "--out", out, "--quiet")
    return np.load(out / "logits.npy").argmax(-1), np.load(out / "q.npy")


def write_data_set(folder: Path, inputs: np.ndarray, labels: np.ndarray):
    (folder / "test").mkdir(parents=True)
    write = lambda part, array: np.save(folder / "test" / f"all__{part}.npy", array)
    write("inputs", inputs)
    write("labels", labels.astype(np.int32))
    write("puzzle_identifiers", np.array([RIGHT], np.int32))
    write("puzzle_indices", np.array([0, EXAMPLES], np.int32))
    write("group_indices", np.array([0, 1], np.int32))
    (folder / "test" / "dataset.json").write_text(json.dumps(
        {"seq_len": CELLS, "vocab_size": 12, "pad_id": 0, "ignore_label_id": 0, "blank_identifier_id": 0, "sets": ["all"]}))


def exact(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return ((predictions == labels) | (labels == 0)).all(-1)


def check_counts(said: dict, right: dict[str, np.ndarray]):
    """`right`: which examples each identity answered exactly, as the oracle has it."""
    assert said["examples"] == len(right["right"]), said
    for name, exactly in right.items():
        assert said[name]["exact_count"] == exactly.sum(), (name, said[name], exactly.sum())
        if name == "right":
            continue
        only_right, only_this = int((right["right"] & ~exactly).sum()), int((exactly & ~right["right"]).sum())
        test = said[name]["mcnemar"]
        assert (test["only_right"], test[f"only_{name}"]) == (only_right, only_this), test
        assert math.isclose(test["p"], mcnemar(only_right, only_this))


def study(trm: str, model: Path, *options) -> dict:
    return json.loads(output(trm, "study", "identity", model, "--steps", STEPS, "--json", "--quiet", *options))


def check_identity(trm: str, model: Path, folder: Path, right: dict[int, np.ndarray]):
    check_counts(study(trm, model, folder / "data", "--seed", 7),
                 {"right": right[RIGHT], "blank": right[BLANK], "random": right[OTHER]})
    print(f"identity: {[int(right[i].sum()) for i in (RIGHT, BLANK, OTHER)]} of {EXAMPLES} as numpy has them")


def check_halting(trm: str, model: Path, folder: Path, predictions: np.ndarray, q: np.ndarray, labels: np.ndarray):
    said = json.loads(output(trm, "study", "steps", model, folder / "data", "--steps", STEPS, "--json", "--quiet"))
    right = exact(predictions, labels)  # [steps, B]
    halts = q[..., 0] > 0
    for k, at in enumerate(said["per_step"]):
        stop = np.array([next((s for s in range(k + 1) if halts[s, b]), k) for b in range(EXAMPLES)])
        assert at["exact_count"] == right[k].sum()
        assert at["halting"]["exact_count"] == right[stop, np.arange(EXAMPLES)].sum()
        assert math.isclose(at["halting"]["mean_steps"], (stop + 1).mean())
        assert math.isclose(at["halting"]["halted"], halts[: k + 1].any(0).mean())
        assert math.isclose(at["mean_q"], q[k, :, 0].astype(np.float64).mean(), rel_tol=1e-6)
    print(f"steps: {[at['exact_count'] for at in said['per_step']]} right, "
          f"{[at['halting']['exact_count'] for at in said['per_step']]} with halting, as numpy has them")


def check_refusal(trm: str, step: Path, folder: Path):
    model = folder / "no_blank.gguf"
    output(trm, "convert", step, "-o", model, "--ids", f"{RIGHT},{OTHER}", "--quiet")
    done = subprocess.run([trm, "study", "identity", model, folder / "data"], capture_output=True, text=True)
    assert done.returncode == 3 and "blank id 0" in done.stderr and "--ids" in done.stderr, done
    print("identity: a model file without the blank id's row is refused")


def that_answers_grids(folder: Path, copy: Path) -> Path:
    """The model in a folder of its own, its head changed so that every cell of an answer is a colour: one of two is
    above 0, which padding and ends of grids have."""
    state = checkpoint.read(checkpoint.find(folder))
    head = state["lm_head.weight"]
    head[:2] = 0
    head[3] = -head[2]
    shutil.copytree(folder, copy)
    torch.save(state, checkpoint.find(copy))
    return copy


def samples_of(challenges: dict, names: list[str], kept: list[int]) -> list[tuple[str, int, int]]:
    """(task, test input, its view's id), each test input once before any comes twice."""
    views = {task: [i for i in kept if names[i].split("|||")[0] == task] for task in challenges}
    inputs = [(task, test) for task, value in challenges.items() for test in range(len(value["test"]))]
    rounds = range(max(map(len, views.values())))
    return [(task, test, views[task][k]) for k in rounds for task, test in inputs if k < len(views[task])]


def last_logits(reference, challenges: dict, names: list[str], samples: list, ids: list[int]) -> torch.Tensor:
    """[samples, S, V]: of each sample's view, told that its id is another."""
    given = lambda task, test: np.array(challenges[task]["test"][test]["input"])
    seen = [arc.augmented(given(task, test), *arc.augmentation(names[view])) for task, test, view in samples]
    inputs = torch.from_numpy(np.stack([arc.tokens(grid) for grid in seen]))
    batches = zip(inputs.split(BATCH), torch.tensor(ids).split(BATCH))
    return torch.cat([list(reference_model.run(reference, *some, STEPS))[-1][1] for some in batches])


def sure(logits: torch.Tensor) -> torch.Tensor:
    """Cells whose prediction is no matter of rounding."""
    best = logits.topk(2).values
    return best[..., 0] - best[..., 1] > TOLERANCE


def truths(samples: list, names: list[str], logits: dict[str, torch.Tensor]) -> dict[tuple[str, int], np.ndarray]:
    """Of each test input what some identity answers in one of its views: another identity and view for the next."""
    chosen = {}
    for task, test, _ in samples:
        if (task, test) in chosen:
            continue
        own = [i for i, sample in enumerate(samples) if sample[:2] == (task, test)]
        from_next = lambda these: these[len(chosen) % len(these) :] + these
        ways = [(i, logits[name][i]) for name in from_next(list(logits)) for i in from_next(own)]
        i, answer = next(way for way in ways if sure(way[1]).all())
        chosen[task, test] = arc.undone(answer.argmax(-1).numpy().reshape(30, 30) - 2, names[samples[i][2]])[1]
    return chosen


def exactly(samples: list, names: list[str], logits: torch.Tensor, truth: dict) -> np.ndarray:
    """Which samples' predictions are their view of the truth, wherever that is not padding."""
    right = []
    for (task, test, view), answer in zip(samples, logits):
        labels = torch.from_numpy(arc.tokens(arc.augmented(truth[task, test], *arc.augmentation(names[view]))))
        same = (answer.argmax(-1) == labels) | (labels == 0)
        right.append(bool(same.all()))
        assert sure(answer).all() if same.all() else sure(answer)[~same].any(), "rounding decides: take another model"
    return np.array(right)


def check_challenges(trm: str, folder: Path, identifiers: Path, challenges: dict, kept: list[int], identities: dict):
    """`identities`: by name, what becomes of a sample's own id."""
    place, names = folder.parent, json.loads(identifiers.read_text())
    model = place / "arc.gguf"
    output(trm, "convert", checkpoint.find(folder), "-o", model, "--ids", ",".join(map(str, kept)), "--quiet")
    samples = samples_of(challenges, names, kept)
    reference = load_model(folder)
    logits = {name: last_logits(reference, challenges, names, samples, [of(view) for _, _, view in samples])
              for name, of in identities.items()}
    truth = truths(samples, names, logits)
    right = {name: exactly(samples, names, logits[name], truth) for name in identities}
    assert all(0 < r.sum() < len(samples) for r in right.values()), right

    answer = lambda task, test: truth[task, test].tolist() if (task, test) in truth else [[0]]
    solutions = {task: [answer(task, test) for test in range(len(value["test"]))] for task, value in challenges.items()}
    (place / "c.json").write_text(json.dumps(challenges))
    (place / "s.json").write_text(json.dumps(solutions))
    files = ["--challenges", place / "c.json", "--solutions", place / "s.json", "--identifiers", identifiers]
    check_counts(study(trm, model, *files), right)
    first = {name: r[: len(truth)] for name, r in right.items()}
    assert any(r.any() for r in first.values()), first
    check_counts(study(trm, model, *files, "--samples", 1), first)
    check_counts(study(trm, model, *files, "--limit", len(truth)), first)
    print(f"identity: {[int(r.sum()) for r in right.values()]} of {len(samples)} ARC samples as PyTorch has them")


def check_arc(trm: str, folder: Path, data: Path, place: Path):
    """First all views of all tasks. Which id is random is known where there are but three: then two views of one task,
    whose training inputs are tested, too; the model knows no other task."""
    torch.set_num_threads(1)  # other tests run beside this one
    folder = that_answers_grids(folder, place / "model")
    identifiers = data / "identifiers.json"
    names = json.loads(identifiers.read_text())
    challenges = json.loads((data / "mini_evaluation_challenges.json").read_text())
    wrong_or_right = {"right": lambda view: view, "blank": lambda view: BLANK}
    check_challenges(trm, folder, identifiers, challenges, list(range(len(names))), wrong_or_right)

    task, value = next(iter(challenges.items()))
    views = [i for i, name in enumerate(names) if name.split("|||")[0] == task][:2]
    challenges[task] = {**value, "test": value["test"] + [{"input": example["input"]} for example in value["train"]]}
    other = {"random": lambda view: sum(views) - view}
    check_challenges(trm, folder, identifiers, challenges, [BLANK, *views], wrong_or_right | other)


def main():
    trm, model_folder, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "model.gguf"
        step = checkpoint.find(model_folder)
        output(trm, "convert", step, "-o", model, "--ids", f"{BLANK},{RIGHT},{OTHER}", "--quiet")
        inputs = np.random.default_rng(1).integers(0, 12, (EXAMPLES, CELLS)).astype(np.int32)
        np.save(folder / "inputs.npy", inputs)
        found = {i: answers(trm, model, folder, i) for i in (RIGHT, BLANK, OTHER)}
        last = {i: predictions[-1] for i, (predictions, _) in found.items()}
        assert all((last[RIGHT] != last[i]).any(-1).all() for i in (BLANK, OTHER))  # the id matters
        labels = last[RIGHT].copy()
        labels[12:18] = last[BLANK][12:18]
        labels[18:20] = last[OTHER][18:20]
        labels[20:] = found[RIGHT][0][0, 20:]  # right after the first step
        write_data_set(folder / "data", inputs, labels)
        check_identity(trm, model, folder, {i: exact(last[i], labels) for i in last})
        check_halting(trm, model, folder, *found[RIGHT], labels)
        check_refusal(trm, step, folder)
        check_arc(trm, model_folder, data, folder)


main()
