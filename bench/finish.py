"""The last steps with eight-bit weights after four-bit ones: does that give back what four bits lose?

usage: finish.py TRM FLOAT32.gguf PUZZLES.csv [STEPS...]

Every sudoku is run with q4_0 weights up to N steps before the end and goes on from those latents with int8 weights, for
each N of STEPS (default 1 2 4), beside q4_0 and int8 alone. Prints how many answers of each are exact, and with
McNemar's exact test how often only one of it and q4_0 is.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "reference"))
import sudoku_csv  # noqa: E402
from mcnemar import mcnemar  # noqa: E402

BLOCK = 125  # puzzles at a time: their latents lie on the disk
ALL_STEPS = 16


def run(trm, model, cells, steps, start, folder):
    """Predictions [B, 81] and latents [2, B, T, D] after some steps from a start, or from the model's own."""
    np.save(folder / "inputs.npy", cells)
    np.save(folder / "ids.npy", np.zeros(len(cells), np.int32))
    begin = []
    if start is not None:
        np.save(folder / "start.npy", start)
        begin = ["--start", folder / "start.npy"]
    subprocess.run([trm, "run", model, "--inputs", folder / "inputs.npy", "--puzzle-identifiers", folder / "ids.npy", *begin,
                    "--steps", str(steps), "--latents", "--out", folder / "out", "--force", "--quiet"], check=True)  # fmt: skip
    latents = [np.load(folder / "out" / f"{name}.npy")[1] for name in ("z_high", "z_low")]
    return np.load(folder / "out" / "predictions.npy"), np.stack(latents)


def answers(trm, models, cells, steps, folder):
    """The predictions of each way."""
    found = {"int8": run(trm, models["int8"], cells, ALL_STEPS, None, folder)[0]}
    latents, done = None, 0
    for last in sorted(steps, reverse=True):
        latents, done = run(trm, models["q4_0"], cells, ALL_STEPS - last - done, latents, folder)[1], ALL_STEPS - last
        found[f"q4_0, then int8 in the last {last}"] = run(trm, models["int8"], cells, last, latents, folder)[0]
    found["q4_0"] = run(trm, models["q4_0"], cells, ALL_STEPS - done, latents, folder)[0]
    return found


def main():
    trm, reference, file = (Path(argument).resolve() for argument in sys.argv[1:4])
    steps = [int(argument) for argument in sys.argv[4:]] or [1, 2, 4]
    cells, expected = (sudoku_csv.read(file, column) for column in ("question", "answer"))
    exact = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = {kind: folder / f"{kind}.gguf" for kind in ("int8", "q4_0")}
        for kind, model in models.items():
            subprocess.run([trm, "quantize", reference, "-o", model, "--type", kind, "--quiet"], check=True)
        for first in range(0, len(cells), BLOCK):
            block = slice(first, first + BLOCK)
            for way, predictions in answers(trm, models, cells[block], steps, folder).items():
                exact.setdefault(way, []).extend((predictions == expected[block]).all(1))
    baseline = np.array(exact["q4_0"])
    for way, right in exact.items():
        right = np.array(right)
        more, less = int((right & ~baseline).sum()), int((~right & baseline).sum())
        print(f"{way}: {right.sum()} of {len(right)} exact; only it {more}, only q4_0 {less}, p {mcnemar(more, less):.2g}")


main()
