#!/usr/bin/env python3
"""expected.py TRM: writes small models, those of `VOTES` and `CONVERTED`, and expected.json: what the native program
answers to the puzzles of package_test.mjs, and its votes on the ARC tasks of tests/data/dataset_arc."""
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
VOTES = [("model", 0), ("fprm", 0), ("fprm", 5)]  # tests/data/arc_* and the seed; samples of the second start at random
SUDOKU4 = "1..43...2.4.4.2."
# Small models: a board of nano-trm's with padding, a random start, a stopping rule of its own.
CONVERTED = {
    "nano": ("golden/nano_ema/model.ckpt", ["max_grid_size=6", "seq_len=36"]),
    "eqr": ("golden/eqr_att/eqr.pth", []),
    "fprm": ("golden/fprm_maze/step_4344", []),
}
# Two tries of each, of which every step is compared. Options are named as in JavaScript.
WALKS = [
    ("nano", "sudoku", SUDOKU4, {}),
    ("nano", "sudoku", SUDOKU4, {"noise": 0.3, "seed": 3}),
    ("nano", "sudoku", SUDOKU4, {"noise": 1, "noiseLatent": "high"}),
    ("nano", "sudoku", SUDOKU4, {"noise": 0.2, "noiseLatent": "both"}),
    ("nano", "sudoku", SUDOKU4, {"halt": -5.25}),
    ("eqr", "maze", MAZE6, {"seed": 7}),
    ("eqr", "maze", MAZE6, {"halt": "residual:0.5"}),
    ("fprm", "maze", MAZE10, {}),
    ("fprm", "maze", MAZE10, {"noise": 0.3, "seed": 2 ** 40 + 1}),
]
# Several samples of each puzzle, of which one is chosen.
SAMPLED = [
    ("sudoku", "sudoku", SUDOKUS[1:], {"samples": 4, "noise": 0.5, "seed": 1}),
    ("nano", "sudoku", [SUDOKU4, "....1..4.2...3.."], {"samples": 6, "noise": 0.05, "noiseLatent": "both", "seed": 3}),
    ("eqr", "maze", [MAZE6], {"samples": 5, "steps": 6}),
    ("fprm", "maze", [MAZE10], {"samples": 3, "noise": 0.1}),
    ("sudoku", "sudoku", SUDOKUS, {"samples": 2, "noise": 0.4, "halt": "residual"}),
    ("sudoku", "sudoku", SUDOKUS[:2], {"samples": 2, "noise": 0.4, "halt": True}),
]
ROOT = pathlib.Path(__file__).parents[2]
MODELS = ROOT / "models" / "bundled"


def answers(task: str, *puzzles: str) -> list[dict]:
    command = [sys.argv[1], task, "-m", MODELS / f"{task}_int8.gguf", "--isa", "portable", "--json", *puzzles]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [{key: json.loads(line)[key] for key in ("question", "answer", "try", "steps", "q_halt")} for line in lines]


def convert(name: str) -> None:
    checkpoint, overrides = CONVERTED[name]
    settings = [word for override in overrides for word in ("--set", override)]
    command = [sys.argv[1], "convert", ROOT / "tests" / "data" / checkpoint, "-o", HERE / f"{name}.gguf", *settings]
    subprocess.run([*command, "--type", "int8", "--force", "--quiet"], check=True)


def solve(name: str, task: str, puzzles: list[str], options: dict, *more: str) -> list[dict]:
    model = HERE / f"{name}.gguf" if name in CONVERTED else MODELS / f"{name}_int8.gguf"
    words = ["--halt" if value is True else f"--{key.replace('noiseL', 'noise-l')}={value}" for key, value in options.items()]
    command = [sys.argv[1], task, "-m", model, "-", *words, *more, "--isa", "portable", "--json"]
    reply = subprocess.run(command, check=True, capture_output=True, text=True, input="\n".join(puzzles))
    return [json.loads(line) for line in reply.stdout.splitlines()]


def walk(name: str, task: str, puzzle: str, options: dict) -> dict:
    [reply] = solve(name, task, [puzzle], options, "--tries", "2", "--every-step")
    steps = [{key: step[key] for key in ("try", "step", "answer", "q_halt")} for step in reply["every_step"]]
    return {"model": name, "puzzle": puzzle, "options": options, "steps": steps}


def sampled(name: str, task: str, puzzles: list[str], options: dict, best: str) -> dict:
    keys = ("answer", "steps", "q_halt", "trajectory", "agreeing")
    options = {**options, "best": best}
    chosen = [{key: one[key] for key in keys} for one in solve(name, task, puzzles, options)]
    return {"model": name, "puzzles": puzzles, "options": options, "chosen": chosen}


def halting_logits(seed: int) -> list[float]:
    """q_halt [4] after two steps of EqR's golden inputs, each with its place in the batch as the key of its draws."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = ROOT / "tests" / "data" / "golden" / "eqr_att" / "inputs.npy"
        run = [sys.argv[1], "run", HERE / "eqr.gguf", "--inputs", inputs, "--out", folder, "--steps", "2"]
        subprocess.run([*run, "--seed", str(seed), "--isa", "portable", "--force", "--quiet"], check=True)
        return list(struct.unpack("<8f", (pathlib.Path(folder) / "q.npy").read_bytes()[-32:])[::2])


def votes(name: str, seed: int) -> dict:
    data, model = ROOT / "tests" / "data", HERE / f"arc_{name}.gguf"
    convert = [sys.argv[1], "convert", data / f"arc_{name}" / "step_1", "-o", model, "--type", "int8", "--quiet", "--force"]
    subprocess.run([*convert, "--identifiers", data / "dataset_arc" / "identifiers.json"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        output, ranking = pathlib.Path(folder) / "submission.json", pathlib.Path(folder) / "ranking.json"
        challenges = data / "dataset_arc" / "mini_evaluation_challenges.json"
        arc = [sys.argv[1], "arc", model, "--challenges", challenges, "-o", output, "--isa", "portable", "--quiet"]
        subprocess.run([*arc, "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
        vote = [sys.argv[1], "vote", f"{output}.journal", "--challenges", challenges, "-o", output, "--ranking", ranking]
        subprocess.run([*vote, "--force", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        tests = [candidates for task in json.loads(ranking.read_text()).values() for candidates in task]
        confidence = [candidates[0]["confidence"] for candidates in tests]  # of every test input's first answer
        return {"model": model.name, "seed": seed, "submission": json.loads(output.read_text()), "confidence": confidence}


HERE = pathlib.Path(__file__).parent
for small in CONVERTED:
    convert(small)
found = {
    "sudoku": answers("sudoku", *SUDOKUS),
    "maze": answers("maze", MODELS / "mazes.txt"),
    "arc": [votes(*case) for case in VOTES],
    "walks": [walk(*case) for case in WALKS],
    "sampled": [sampled(*case, best) for case in SAMPLED for best in ("q", "vote", "residual", "confidence")],
    "halting": {"seed": 5, "q_halt": halting_logits(5)},
}
(HERE / "expected.json").write_text(json.dumps(found) + "\n")
