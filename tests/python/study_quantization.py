"""What `trm study quantization` says of int8, q4_0 and f16, against numpy on the raw outputs and files of the float32 model
and of what `trm quantize` makes of it.

usage: study_quantization.py TRM MODEL DATA.csv     TRM: the program; MODEL: a float32 sudoku model
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

try:
    from gguf import GGMLQuantizationType, GGUFReader
    from gguf.quants import dequantize
except ImportError:
    print("skipped: no gguf package in .venv; scripts/test installs it")
    sys.exit(77)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
import sudoku_csv  # noqa: E402
from mcnemar import mcnemar  # noqa: E402

STEPS, LIMIT = 5, 40


def logits_of(trm: str, model: Path, inputs: Path, out: Path) -> np.ndarray:
    arguments = ["--inputs", inputs, "--steps", str(STEPS), "--every-step", "--out", out, "--quiet"]
    subprocess.run([trm, "run", model, *arguments], check=True)
    return np.load(out / "logits.npy")  # [steps, B, S, V]


def weights_of(model: Path) -> dict[str, np.ndarray]:
    def unpacked(tensor) -> np.ndarray:
        four = tensor.tensor_type == GGMLQuantizationType.Q4_0
        return dequantize(tensor.data, tensor.tensor_type) if four else np.asarray(tensor.data)

    tensors = {t.name: unpacked(t) for t in GGUFReader(model).tensors}
    values = {}
    for name, data in tensors.items():
        scale = tensors.get(name + ".scale")
        values[name] = data.astype(np.float64) * (1 if scale is None else scale.astype(np.float64)[:, None])
    return values


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def check(trm: str, model: Path, data: Path, kind: str, folder: Path):
    other = folder / f"{kind}.gguf"
    subprocess.run([trm, "quantize", model, "-o", other, "--type", kind, "--quiet"], check=True)
    command = [trm, "study", "quantization", model, data, "--type", kind, "--steps", str(STEPS), "--limit", str(LIMIT)]
    said = json.loads(subprocess.run([*command, "--json", "--quiet"], check=True, capture_output=True).stdout)

    np.save(folder / "inputs.npy", sudoku_csv.read(data, "question", LIMIT))
    labels = sudoku_csv.read(data, "answer", LIMIT)
    a = logits_of(trm, model, folder / "inputs.npy", folder / "f32")
    b = logits_of(trm, other, folder / "inputs.npy", folder / kind)
    assert not np.array_equal(a, b)

    assert said["examples"] == len(labels) and len(said["per_step"]) == STEPS
    for step, at in enumerate(said["per_step"]):
        assert abs(at["logits"] - cosine(a[step], b[step])) < 1e-12, (step, at)
        assert abs(at["agreement"] - np.mean(a[step].argmax(-1) == b[step].argmax(-1))) < 1e-12, (step, at)
        least = 0.8 if kind == "q4_0" else 0.9
        assert least < at["z_high"] < 1 and least < at["z_low"] < 1, at

    right = [(z[-1].argmax(-1) == labels).all(-1) for z in (a, b)]
    assert said["reference_answers"]["exact_count"] == right[0].sum()
    assert said["quantized_answers"]["exact_count"] == right[1].sum()
    only = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    assert (said["mcnemar"]["only_reference"], said["mcnemar"]["only_quantized"]) == only
    assert math.isclose(said["mcnemar"]["p"], mcnemar(*only))

    before, after = weights_of(model), weights_of(other)
    assert said["per_weight"]
    for weight in said["per_weight"]:
        signal, got = before[weight["name"]], after[weight["name"]]
        noise = np.square(got - signal).sum()
        if weight["sqnr_db"] is None:
            assert noise == 0, weight
        else:
            assert abs(weight["sqnr_db"] - 10 * np.log10(np.square(signal).sum() / noise)) < 1e-3, weight
    print(f"{kind}: {STEPS} steps of {len(labels)} puzzles and {len(said['per_weight'])} weights as numpy has them")


def main():
    trm, model, data = sys.argv[1:]
    for kind in ("int8", "q4_0", "f16"):
        with tempfile.TemporaryDirectory() as folder:
            check(trm, Path(model), Path(data), kind, Path(folder))


main()
