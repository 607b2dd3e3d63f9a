#!/usr/bin/env python3
"""expected.py TRM: writes arc.gguf, a random model, and expected.json: what the native program answers to the puzzles of
package_test.mjs, and its votes on the ARC tasks of tests/data/dataset_arc."""
import json
import pathlib
import subprocess
import sys
import tempfile

SUDOKUS = [
    "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
    "8.....9....35...7..76.9.5.....3...9.......8.19...1.63....7.3.......2..15.49...76.",
    "...8.1..........435............7.8........1...2..3....6......75..34........2..6..",
]
ROOT = pathlib.Path(__file__).parents[2]
MODELS = ROOT / "models" / "bundled"


def answers(task: str, *puzzles: str) -> list[dict]:
    command = [sys.argv[1], task, "-m", MODELS / f"{task}_int8.gguf", "--isa", "portable", "--json", *puzzles]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [{key: json.loads(line)[key] for key in ("question", "answer", "try", "steps", "q_halt")} for line in lines]


def submission() -> dict:
    data, model = ROOT / "tests" / "data", HERE / "arc.gguf"
    convert = [sys.argv[1], "convert", data / "arc_model" / "step_1", "-o", model, "--type", "int8", "--quiet"]
    subprocess.run([*convert, "--identifiers", data / "dataset_arc" / "identifiers.json"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "submission.json"
        challenges = data / "dataset_arc" / "mini_evaluation_challenges.json"
        vote = [sys.argv[1], "arc", model, "--challenges", challenges, "-o", output, "--isa", "portable", "--quiet"]
        subprocess.run(vote, check=True)
        return json.loads(output.read_text())


HERE = pathlib.Path(__file__).parent
found = {
    "sudoku": answers("sudoku", *SUDOKUS),
    "maze": answers("maze", MODELS / "mazes.txt"),
    "arc": submission(),
}
(HERE / "expected.json").write_text(json.dumps(found) + "\n")
