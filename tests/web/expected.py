#!/usr/bin/env python3
"""expected.py TRM: writes small models, those of `VOTES` and `WALKS`, and expected.json: what the native program answers
to the puzzles of package_test.mjs, and its votes on the ARC tasks of tests/data/dataset_arc."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

SUDOKUS = [
    "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
    "8.....9....35...7..76.9.5.....3...9.......8.19...1.63....7.3.......2..15.49...76.",
    "...8.1..........435............7.8........1...2..3....6......75..34........2..6..",
]
MAZE6 = "######\n#S   #\n# ## #\n# ## #\n#   G#\n######\n"
MAZE10 = "\n".join(["#" * 10, "#S" + " " * 7 + "#", *["#" + " " * 8 + "#"] * 6, "#" + " " * 7 + "G#", "#" * 10]) + "\n"
VOTES = ("model", "fprm")  # tests/data/arc_*; the samples of the second start at random
# Models whose every step is compared: a board of nano-trm's with padding, a random start, a stopping rule of its own.
WALKS = {
    "nano": ("golden/nano_ema/model.ckpt", ["max_grid_size=6", "seq_len=36"], "sudoku", "1..43...2.4.4.2.", 0),
    "eqr": ("golden/eqr_att/eqr.pth", [], "maze", MAZE6, 7),
    "fprm": ("golden/fprm_maze/step_4344", [], "maze", MAZE10, 0),
}
ROOT = pathlib.Path(__file__).parents[2]
MODELS = ROOT / "models" / "bundled"


def answers(task: str, *puzzles: str) -> list[dict]:
    command = [sys.argv[1], task, "-m", MODELS / f"{task}_int8.gguf", "--isa", "portable", "--json", *puzzles]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [{key: json.loads(line)[key] for key in ("question", "answer", "try", "steps", "q_halt")} for line in lines]


def walk(name: str) -> dict:
    checkpoint, overrides, task, puzzle, seed = WALKS[name]
    model = HERE / f"{name}.gguf"
    settings = [word for override in overrides for word in ("--set", override)]
    convert = [sys.argv[1], "convert", ROOT / "tests" / "data" / checkpoint, "-o", model, "--type", "int8", *settings]
    subprocess.run([*convert, "--force", "--quiet"], check=True)
    solve = [sys.argv[1], task, "-m", model, "-", "--tries", "2", "--seed", str(seed), "--isa", "portable"]
    reply = subprocess.run([*solve, "--json", "--every-step"], check=True, capture_output=True, text=True, input=puzzle)
    steps = [{key: step[key] for key in ("try", "step", "answer", "q_halt")} for step in json.loads(reply.stdout)["every_step"]]
    return {"model": f"{name}.gguf", "puzzle": puzzle, "seed": seed, "steps": steps}


def halting_logits(seed: int) -> list[float]:
    """q_halt [4] after two steps of EqR's golden inputs, each with its place in the batch as the key of its draws."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = ROOT / "tests" / "data" / "golden" / "eqr_att" / "inputs.npy"
        run = [sys.argv[1], "run", HERE / "eqr.gguf", "--inputs", inputs, "--out", folder, "--steps", "2"]
        subprocess.run([*run, "--seed", str(seed), "--isa", "portable", "--force", "--quiet"], check=True)
        return list(struct.unpack("<8f", (pathlib.Path(folder) / "q.npy").read_bytes()[-32:])[::2])


def votes(name: str) -> dict:
    data, model = ROOT / "tests" / "data", HERE / f"arc_{name}.gguf"
    convert = [sys.argv[1], "convert", data / f"arc_{name}" / "step_1", "-o", model, "--type", "int8", "--quiet", "--force"]
    subprocess.run([*convert, "--identifiers", data / "dataset_arc" / "identifiers.json"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        output, ranking = pathlib.Path(folder) / "submission.json", pathlib.Path(folder) / "ranking.json"
        challenges = data / "dataset_arc" / "mini_evaluation_challenges.json"
        arc = [sys.argv[1], "arc", model, "--challenges", challenges, "-o", output, "--isa", "portable", "--quiet"]
        subprocess.run(arc, check=True, stdout=subprocess.DEVNULL)
        vote = [sys.argv[1], "vote", f"{output}.journal", "--challenges", challenges, "-o", output, "--ranking", ranking]
        subprocess.run([*vote, "--force", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        tests = [candidates for task in json.loads(ranking.read_text()).values() for candidates in task]
        confidence = [candidates[0]["confidence"] for candidates in tests]  # of every test input's first answer
        return {"model": model.name, "submission": json.loads(output.read_text()), "confidence": confidence}


HERE = pathlib.Path(__file__).parent
found = {
    "sudoku": answers("sudoku", *SUDOKUS),
    "maze": answers("maze", MODELS / "mazes.txt"),
    "arc": [votes(name) for name in VOTES],
    "walks": [walk(name) for name in WALKS],
    "halting": {"seed": 5, "q_halt": halting_logits(5)},
}
(HERE / "expected.json").write_text(json.dumps(found) + "\n")
