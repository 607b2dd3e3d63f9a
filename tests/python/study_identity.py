"""What `trm study identity` and `trm study steps` count, against NumPy on the raw outputs of `trm run`.

usage: study_identity.py TRM ARC_MODEL_FOLDER

The model file keeps three ids, and every example has the same right one: whatever the seed, the random id is the
third. The labels are the model's own answers, to some examples with the right id, to others with a wrong one, so that
each identity is right about some and wrong about others.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

RIGHT, BLANK, OTHER, EXAMPLES, CELLS, STEPS = 5, 0, 17, 24, 900, 3


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


def mcnemar(first: int, second: int) -> float:
    n = first + second
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(min(first, second) + 1)) / 2**n)


def exact(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return ((predictions == labels) | (labels == 0)).all(-1)


def check_identity(trm: str, model: Path, folder: Path, right: dict[int, np.ndarray]):
    said = json.loads(output(trm, "study", "identity", model, folder / "data", "--steps", STEPS, "--seed", 7, "--json",
                             "--quiet"))
    assert said["examples"] == EXAMPLES
    for name, puzzle_id in (("right", RIGHT), ("blank", BLANK), ("random", OTHER)):
        assert said[name]["exact_count"] == right[puzzle_id].sum(), (name, said[name], right[puzzle_id].sum())
    for name, puzzle_id in (("blank", BLANK), ("random", OTHER)):
        only_right = int((right[RIGHT] & ~right[puzzle_id]).sum())
        only_wrong = int((right[puzzle_id] & ~right[RIGHT]).sum())
        test = said[name]["mcnemar"]
        assert (test["only_right"], test[f"only_{name}"]) == (only_right, only_wrong), test
        assert math.isclose(test["p"], mcnemar(only_right, only_wrong))
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


def check_refusal(trm: str, checkpoint: Path, folder: Path):
    model = folder / "no_blank.gguf"
    output(trm, "convert", checkpoint, "-o", model, "--ids", f"{RIGHT},{OTHER}", "--quiet")
    done = subprocess.run([trm, "study", "identity", model, folder / "data"], capture_output=True, text=True)
    assert done.returncode == 3 and "blank id 0" in done.stderr and "--ids" in done.stderr, done
    print("identity: a model file without the blank id's row is refused")


def main():
    trm, checkpoint = sys.argv[1], Path(sys.argv[2]) / "step_1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "model.gguf"
        output(trm, "convert", checkpoint, "-o", model, "--ids", f"{BLANK},{RIGHT},{OTHER}", "--quiet")
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
        check_refusal(trm, checkpoint, folder)


main()
