"""Time to the same accuracy: the bundled sudoku model in PyTorch, float32, 16 steps, and in trm.

PyTorch runs the reference implementation at its best batch, timed without starting and loading; trm is timed as a whole
command, starting and loading included. The puzzles are dealt in two: on the even ones trm's setting is chosen, the
fastest that solves at least as many as PyTorch, on the odd ones it is judged. The rounds are interleaved, a number is
the median.

usage: headline.py TRM PUZZLES.csv... [--model MODEL.gguf] [--threads N] [--rounds N] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from gguf import GGUFReader

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "reference"))
import hyperparameters  # noqa: E402
import model as reference_model  # noqa: E402
import sudoku_csv  # noqa: E402
from machine import describe_machine, machine_text  # noqa: E402
from table import STEPS, grid  # noqa: E402

BATCHES = (8, 25, 50, 100)
# Of trm: (type, options).
SETTINGS = [("f32", ""), *(("int8", options) for options in
            ("", "--steps 4", "--halt", "--halt=3", "--halt=3 --steps 20", "--halt=3 --steps 24", "--halt=3 --steps 32"))]  # fmt: skip


def load_reference(path: Path):
    """The PyTorch model with the tensors of a float32 model file."""
    reader = GGUFReader(path)
    fields = {name.removeprefix("trm."): field.contents() for name, field in reader.fields.items()}
    arch = {**fields, "name": fields["family"]}
    reference = reference_model.make_model(hyperparameters.from_configuration(arch, {}))
    wanted = reference.state_dict()
    tensors = {t.name: torch.from_numpy(np.array(t.data)) for t in reader.tensors if t.name in wanted}
    reference.load_state_dict(tensors, strict=True)
    return reference


def torch_run(reference, questions, batch: int):
    """(seconds, predictions [N, 81])"""
    begin = time.perf_counter()
    answers = []
    for some in questions.split(batch):
        for _, logits, _ in reference_model.run(reference, some, torch.zeros(len(some), dtype=torch.long), STEPS):
            pass
        answers.append(logits.argmax(-1))
    return time.perf_counter() - begin, torch.cat(answers)


def trm_run(trm, path, puzzles, options, threads):
    """(seconds of the whole command, what trm eval says)"""
    begin = time.perf_counter()
    done = subprocess.run([trm, "eval", path, puzzles, *options, "--threads", str(threads), "--json", "--quiet"],
                          check=True, capture_output=True, text=True)  # fmt: skip
    return time.perf_counter() - begin, json.loads(done.stdout)


def wilson(count: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z = 1.959964
    share, weight = count / n, z * z / n
    middle, half = share + weight / 2, z * (share * (1 - share) / n + weight / (4 * n)) ** 0.5
    return (middle - half) / (1 + weight), (middle + half) / (1 + weight)


def best_batch(reference, questions) -> int:
    """The fastest of two runs decides."""
    torch_run(reference, questions[:8], 8)  # warms up
    fastest = lambda batch: min(torch_run(reference, questions, batch)[0] for _ in range(2))
    return min((b for b in BATCHES if b <= len(questions)), key=fastest)


def deal(puzzles: Path, folder: Path) -> list[Path]:
    """The even and the odd puzzles, a file each."""
    head, *rows = puzzles.read_text().splitlines(keepends=True)
    halves = [folder / f"{half}-{puzzles.name}" for half in ("even", "odd")]
    for first, path in enumerate(halves):
        path.write_text(head + "".join(rows[first::2]))
    return halves


def measure(options, rounds, reference, models, puzzles: Path, batch: int) -> list[dict]:
    """PyTorch and every setting of trm: {setting, rounds_s, exact, n}"""
    questions, labels = (torch.from_numpy(sudoku_csv.read(puzzles, column)) for column in ("question", "answer"))
    rows = [{"setting": f"PyTorch float32, batch {batch}", "rounds_s": []}]
    rows += [{"setting": f"trm {kind} {extra}".rstrip(), "rounds_s": []} for kind, extra in SETTINGS]
    for _ in range(rounds):
        seconds, answers = torch_run(reference, questions, batch)
        rows[0]["rounds_s"].append(seconds)
        rows[0]["exact"] = int((answers == labels).all(-1).sum())
        for row, (kind, extra) in zip(rows[1:], SETTINGS):
            seconds, said = trm_run(options.trm, models[kind], puzzles, extra.split(), options.threads)
            row["rounds_s"].append(seconds)
            row["exact"] = said["exact_count"]
    return [{**row, "n": len(labels), "seconds": median(row["rounds_s"])} for row in rows]


def compare(options, reference, models, puzzles: Path, folder: Path) -> dict:
    chosen_on, judged_on = deal(puzzles, folder)
    batch = best_batch(reference, torch.from_numpy(sudoku_csv.read(chosen_on, "question")))
    choosing = measure(options, 1, reference, models, chosen_on, batch)
    rows = measure(options, options.rounds, reference, models, judged_on, batch)
    for row, chooser in zip(rows, choosing):
        row |= {"exact_choosing": chooser["exact"], "interval": wilson(row["exact"], row["n"]),
                "speedup": rows[0]["seconds"] / row["seconds"]}  # fmt: skip
    as_good = [row["setting"] for row in choosing[1:] if row["exact"] >= choosing[0]["exact"]]
    seconds = {row["setting"]: row["seconds"] for row in choosing}
    return {"puzzles": puzzles.name, "rows": rows, "chosen": min(as_good, key=seconds.get, default=None)}


def markdown(result: dict) -> str:
    torch_row, n = result["rows"][0], result["rows"][0]["n"]
    lines = [[result["puzzles"], "seconds", "min to max", f"solved of {n}", "95 % interval, %", "times as fast",
              "solved of the others"]]  # fmt: skip
    lines += [
        [row["setting"], f"{row['seconds']:.3f}", f"{min(row['rounds_s']):.3f} to {max(row['rounds_s']):.3f}",
         str(row["exact"]), "{:.1f} to {:.1f}".format(*(100 * v for v in row["interval"])), f"{row['speedup']:.1f}",
         str(row["exact_choosing"])]
        for row in result["rows"]
    ]  # fmt: skip
    best = next((row for row in result["rows"] if row["setting"] == result["chosen"]), None)
    said = (f"{best['setting']}, chosen on the other puzzles: {best['exact']} of {n} beside PyTorch's "
            f"{torch_row['exact']}, {best['speedup']:.1f} times as fast." if best
            else "No setting reaches PyTorch's result on the other puzzles.")  # fmt: skip
    return grid(lines) + "\n" + said + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trm", type=Path)
    parser.add_argument("puzzles", type=Path, nargs="+", help="CSV with question and answer columns")
    parser.add_argument("--model", type=Path, default=ROOT / "models/bundled/sudoku.gguf", help="in float32")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    reference = load_reference(options.model)
    print(f"{machine_text(describe_machine())}; {options.threads} threads; PyTorch {torch.__version__}\n")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        models = {"f32": options.model, "int8": Path(folder) / "int8.gguf"}
        subprocess.run([options.trm, "quantize", options.model, "-o", models["int8"], "--type", "int8", "--quiet"],
                       check=True)  # fmt: skip
        for puzzles in options.puzzles:
            results.append(compare(options, reference, models, puzzles, Path(folder)))
            print(markdown(results[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"machine": describe_machine(), "results": results}, indent=1))


if __name__ == "__main__":
    main()
