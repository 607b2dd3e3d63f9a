"""The public gguf package opens what `trm convert` writes and reads the checkpoint's tensors back.

usage: gguf_readback.py TRM CASE...     TRM: the program; CASE: folders as in tests/data/golden
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "reference"))
import checkpoint  # noqa: E402

try:
    from gguf import GGMLQuantizationType, GGUFReader
    from gguf.quants import dequantize
except ImportError:
    print("skipped: no gguf package in .venv; scripts/test installs it")
    sys.exit(77)


def convert(trm: str, source: Path, output: Path, *options: str) -> GGUFReader:
    subprocess.run([trm, "convert", source, "-o", output, "--quiet", *options], check=True)
    return GGUFReader(output)


def tensors_of(model: GGUFReader) -> dict[str, np.ndarray]:
    return {t.name: np.asarray(t.data).reshape(tuple(reversed(t.shape.tolist()))) for t in model.tensors}


def value_of(model: GGUFReader, key: str):
    return model.fields[key].contents()


def check_whole(trm: str, case: Path, folder: Path):
    source = checkpoint.find(case)
    model = convert(trm, source, folder / "whole.gguf")
    got = tensors_of(model)
    expected = checkpoint.read(source)
    companions = {"puzzle_emb.checksums"} if "puzzle_emb.weights" in expected else set()
    assert set(got) == set(expected) | companions, set(got) ^ set(expected)
    for name, value in expected.items():
        assert got[name].dtype == np.float32, name
        assert np.array_equal(got[name], value.numpy()), name
    assert value_of(model, "general.architecture") == "trm"
    assert value_of(model, "trm.source.sha256") == hashlib.sha256(source.read_bytes()).hexdigest()
    assert len(value_of(model, "trm.checksums")) == len(model.tensors)
    if (case / "dataset.json").exists():  # a Lightning checkpoint has these numbers inside
        data_set = json.loads((case / "dataset.json").read_text())
        for key in ("seq_len", "vocab_size"):
            assert value_of(model, "trm." + key) == data_set[key], key
    return expected


def check_four_bits(trm: str, case: Path, folder: Path, expected: dict):
    """The weights in Q4_0 as the package unpacks them are near the checkpoint's, and some there are."""
    model = convert(trm, checkpoint.find(case), folder / "four.gguf", "--type", "q4_0")
    four = [t for t in model.tensors if t.tensor_type == GGMLQuantizationType.Q4_0]
    for tensor in four:
        value = expected[tensor.name].numpy()
        got = dequantize(tensor.data, tensor.tensor_type).reshape(value.shape)
        assert np.square(got - value).sum() < 0.02 * np.square(value).sum(), tensor.name
    return len(four)


def check_picked(trm: str, case: Path, folder: Path, table: np.ndarray):
    names = [f"puzzle{i}|||t{i}|||0123456789" for i in range(len(table))]
    names[1] = "größer"  # bytes and characters differ
    identifiers = folder / "identifiers.json"
    identifiers.write_text(json.dumps(names))
    model = convert(trm, checkpoint.find(case), folder / "picked.gguf", "--identifiers", identifiers, "--ids", f"2,{names[1]}")
    got = tensors_of(model)
    assert got["puzzle_emb.ids"].tolist() == [1, 2]
    assert np.array_equal(got["puzzle_emb.weights"], table[[1, 2]])
    blob = got["puzzle_emb.names"].tobytes()
    ends = got["puzzle_emb.name_ends"].tolist()
    assert [blob[a:b].decode() for a, b in zip([0] + ends, ends)] == [names[1], names[2]]


def main():
    trm, *cases = sys.argv[1:]
    assert cases
    for case in map(Path, cases):
        with tempfile.TemporaryDirectory() as folder:
            expected = check_whole(trm, case, Path(folder))
            if "puzzle_emb.weights" in expected:
                check_picked(trm, case, Path(folder), expected["puzzle_emb.weights"].numpy())
            four = check_four_bits(trm, case, Path(folder), expected)
            print(f"{case.name}: {len(expected)} tensors read back equal, {four} near in four bits")


main()
