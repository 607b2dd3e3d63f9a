"""`trm study trace` against PyTorch: every golden case agrees tensor by tensor, and a planted error is found by name.

usage: study_trace.py TRM CASE...
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
import checkpoint  # noqa: E402
import trace  # noqa: E402
from verify_cases import load_model  # noqa: E402

SAMPLE, STEP = 1, 2
# float32 differs by its rounding, which the recursion amplifies; int8 by its own.
TOLERANCE = {"f32": 1e-4, "int8": 0.5}


def call(*command):
    subprocess.run([str(part) for part in command], check=True)


def compare(trm: str, a: Path, b: Path, tolerance: float):
    command = [trm, "study", "trace", a, b, "--tolerance", str(tolerance), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert done.returncode == (0 if found["first"] is None else 1), done
    return found


def plant(theirs: Path, folder: Path, name: str, change) -> Path:
    """A copy of a trace with an error in one tensor."""
    shutil.copytree(theirs, folder)
    np.save(folder / f"{name}.npy", np.ascontiguousarray(change(np.load(folder / f"{name}.npy"))))
    return folder


def check(trm: str, case: Path, folder: Path):
    model, theirs = folder / "model.gguf", folder / "theirs"
    call(trm, "convert", checkpoint.find(case), "-o", model, "--quiet")
    call(trm, "quantize", model, "-o", folder / "int8.gguf", "--type", "int8", "--quiet")
    inputs, ids = (np.load(case / f"{name}.npy") for name in ("inputs", "puzzle_identifiers"))
    one = slice(SAMPLE, SAMPLE + 1)
    reference = load_model(case).double()
    tensors = trace.trace(reference, *(torch.from_numpy(a[one]).long() for a in (inputs, ids)), STEP)
    trace.write(theirs, tensors)
    for kind, file in {"f32": model, "int8": folder / "int8.gguf"}.items():
        options = ["--inputs", case / "inputs.npy", "--puzzle-identifiers", case / "puzzle_identifiers.npy"]
        ours = folder / kind
        call(trm, "study", "trace", file, *options, "--sample", SAMPLE, "--step", STEP, "-o", ours, "--quiet")
        found = compare(trm, ours, theirs, TOLERANCE[kind])
        assert found["first"] is None, (case.name, kind, found)
        assert found["only_in_a"] == 0 and found["agree"] == found["compared"] > 10, found
        print(f"{case.name:24} {kind}: {found['agree']} tensors agree")

    names = (folder / "f32" / "index.txt").read_text().split()
    units = [name for name in names if name.endswith("mlp.down_proj.input")]
    middle = units[len(units) // 2]
    scaled = plant(theirs, folder / "scaled", middle, lambda x: 1.01 * x)
    found = compare(trm, folder / "f32", scaled, TOLERANCE["f32"])["first"]
    assert found["name"] == middle and "times B" in found["hint"], found
    turned = plant(theirs, folder / "turned", middle, lambda x: x.T)
    found = compare(trm, folder / "f32", turned, TOLERANCE["f32"])["first"]
    assert found["name"] == middle and found["hint"] == "A is B transposed", found
    one_value = plant(theirs, folder / "one_value", middle, lambda x: x + (np.arange(x.size) == 77).reshape(x.shape))
    found = compare(trm, folder / "f32", one_value, TOLERANCE["f32"])["first"]
    columns = np.load(theirs / f"{middle}.npy").shape[1]
    assert found["name"] == middle and found["at"] == [77 // columns, 77 % columns], found
    assert abs(found["difference"] - 1) < 0.01, found


def main():
    trm, *cases = sys.argv[1:]
    for case in map(Path, cases):
        if (case / "z_init.npy").exists():
            print(f"{case.name}: left out: its start is drawn, and `trm study trace` takes none")
            continue
        with tempfile.TemporaryDirectory() as folder:
            check(trm, case, Path(folder))


if __name__ == "__main__":
    main()
