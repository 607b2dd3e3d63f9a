"""Writes odd but valid checkpoints and arrays, as numpy, safetensors and torch write or read them, and expected.json:
element type, shape and all values of every tensor, and the names of tensors that are there but not read.

python3 tests/reference/odd_files.py                  writes tests/data/odd_files, which the tests read
python3 tests/reference/odd_files.py PROGRAM          writes them with this machine's libraries and runs the test PROGRAM
"""

import collections
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile

import numpy as np
import torch

try:
    import safetensors
except ImportError:
    print("skipped: no safetensors in .venv")
    sys.exit(77)

warnings.filterwarnings("ignore")
expected = {}
OUT = None

FLOAT8 = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]


def describe(name, tensors, unread=()):
    expected[name] = {
        "tensors": {
            key: {
                "dtype": str(value.dtype).removeprefix("torch."),
                "shape": list(value.shape),
                "values": value.detach().reshape(-1).to(torch.float32).to(torch.float64).tolist(),
            }
            for key, value in tensors.items()
        },
        "unread": sorted(unread),
    }


# safetensors


def safetensors_file(name, header, data, tensors, unread=()):
    content = struct.pack("<Q", len(header)) + header + data
    try:
        safetensors.deserialize(content)  # the reference library takes it
    except Exception as error:
        raise SystemExit(f"{name}: {error}")
    (OUT / name).write_bytes(content)
    describe(name, tensors, unread)


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def write_safetensors():
    two = torch.tensor([1.0, -2.0])
    data = two.numpy().tobytes()
    plain = json.dumps({"a": entry("F32", [2], 0, 8)}).encode()
    for name, header in {
        "space_before": b" \n\t\r " + plain,
        "long_space_before": b" " * 40 + plain,
        "space_behind": plain + b" " * 9 + b"\n\t",
        "spaced": json.dumps({"a": entry("F32", [2], 0, 8)}, indent=3).encode(),
        "metadata": json.dumps({"__metadata__": {"format": "pt", "x": "{\"y\": 1}"}, "a": entry("F32", [2], 0, 8)}).encode(),
        "empty_metadata": json.dumps({"__metadata__": {}, "a": entry("F32", [2], 0, 8)}).encode(),
        "more_fields": json.dumps({"a": entry("F32", [2], 0, 8) | {"strides": [1]}}).encode(),
    }.items():
        safetensors_file(f"{name}.safetensors", header, data, {"a": two})
    escaped = json.dumps({"\u00e9\n\u4e2d": entry("F32", [2], 0, 8)}).encode()
    safetensors_file("escaped_name.safetensors", escaped, data, {"\u00e9\n\u4e2d": two})
    unordered = {
        "z": entry("F32", [2], 0, 8),
        "none": entry("F32", [0, 3], 8, 8),
        "a": entry("I16", [1, 2], 8, 12),
        "nothing": entry("I64", [2, 0], 0, 0),
        "last": entry("U8", [0], 13, 13),
        "scalar": entry("BOOL", [], 12, 13),
    }
    safetensors_file(
        "unordered.safetensors",
        json.dumps(unordered).encode(),
        data + np.array([3, -4], "<i2").tobytes() + b"\1",
        {
            "z": two,
            "none": torch.zeros(0, 3),
            "a": torch.tensor([[3, -4]], dtype=torch.int16),
            "nothing": torch.zeros(2, 0, dtype=torch.int64),
            "last": torch.zeros(0, dtype=torch.uint8),
            "scalar": torch.tensor(True),
        },
    )
    values = {
        "F64": two.double(), "F32": two, "F16": two.half(), "BF16": two.bfloat16(), "I64": two.long(), "I32": two.int(),
        "I16": two.short(), "I8": two.char(), "U64": two.abs().to(torch.uint64), "U32": two.abs().to(torch.uint32),
        "U16": two.abs().to(torch.uint16), "U8": two.abs().byte(), "BOOL": two > 0,
    }  # fmt: skip
    eights = dict(zip(["F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0"], FLOAT8))
    for name, dtype in eights.items():
        values[name] = torch.tensor([1.0, 2.0]).to(getattr(torch, dtype))
    header, data = {}, b""
    for name, value in values.items():
        raw = value.contiguous().view(torch.uint8).numpy().tobytes()
        header[name.lower()] = entry(name, [2], len(data), len(data) + len(raw))
        data += raw
    for name, size in {"C64": 16, "F4": 1}.items():
        header[name.lower()] = entry(name, [2], len(data), len(data) + size)
        data += bytes(size)
    safetensors_file(
        "every_type.safetensors", json.dumps(header).encode(), data,
        {name.lower(): value for name, value in values.items()}, ["c64", "f4"],
    )  # fmt: skip


# torch


def flatten(value, path=""):
    if isinstance(value, torch.Tensor):
        return {path: value.detach()}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    found = {}
    for key, inner in items:
        found |= flatten(inner, f"{path}.{key}" if path else str(key))
    return found


def save(name, value, unread=(), **options):
    torch.save(value, OUT / name, **options)
    describe(name, {key: tensor for key, tensor in flatten(value).items() if key not in unread}, unread)


def write_torch():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    views = {
        "base": base,
        "permuted": base.permute(2, 0, 1),
        "narrowed": base[:, 1:, 2],
        "bfloat16": torch.linspace(-3, 3, 7).to(torch.bfloat16),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 4),
        "flags": torch.tensor([True, False]),
        "unsigned": torch.tensor([0, 65535], dtype=torch.uint16),
    }
    old = {"_use_new_zipfile_serialization": False}
    for protocol in (2, 4, 5):
        save(f"legacy_protocol_{protocol}.pt", views, pickle_protocol=protocol, **old)
    ordered = collections.OrderedDict(model=collections.OrderedDict(views), epoch=3, config={"hidden_size": 8})
    save("legacy_trainer.pt", ordered, **old)
    eights = {name: torch.tensor([[1.0, -2.0], [0.5, 4.0]]).abs().to(getattr(torch, name)) for name in FLOAT8}
    save("float8.pt", eights)
    save("legacy_float8.pt", eights, **old)
    odd = {
        "a": torch.ones(2),
        "complex": torch.ones(2, dtype=torch.complex64),
        "complex_half": torch.ones(2, dtype=torch.complex32),
        "complex_double": torch.ones(2, dtype=torch.complex128),
        "sparse": torch.eye(3).to_sparse(),
        "sparse_rows": torch.eye(3).to_sparse_csr(),
        "meta": torch.empty(4, device="meta"),
        "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        "channels": torch.quantize_per_channel(torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.quint8),
        "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    }
    unread = [key for key in odd if key != "a"]
    save("unread.pt", odd, unread)
    without_nested = {key: value for key, value in odd.items() if key not in ("nested", "meta")}
    save("legacy_unread.pt", without_nested, [key for key in unread if key in without_nested], **old)
    save("only_complex.pt", {"c": torch.ones(1, dtype=torch.complex64)}, ["c"])


# numpy


def write_npz():
    three = np.arange(6).reshape(2, 3)
    arrays = {kind: three.astype(kind) for kind in ["<f4", ">f4", ">f8", ">f2", ">i8", ">u2", "<i4", "|u1", "|i1", "|b1"]}
    arrays = {"little" * key.startswith("<") + "big" * key.startswith(">") + "one" * key.startswith("|") + "." + key[1:]: value
              for key, value in arrays.items()}  # fmt: skip
    arrays["fortran"] = np.asfortranarray(three.astype(">f4"))
    arrays["scalar"] = np.array(3.0)
    arrays["empty"] = np.zeros((0, 3), "f4")
    read = {}
    for key, value in arrays.items():
        native = np.ascontiguousarray(value.astype(value.dtype.newbyteorder("="))).reshape(value.shape)
        read[key] = torch.from_numpy(native)
    unread = {"complex": np.ones(2, "c8"), "text": np.array(["x"]), "date": np.array(["2020-01-01"], "M8[D]")}
    for name, write in {"big_endian.npz": np.savez, "big_endian_deflated.npz": np.savez_compressed}.items():
        write(OUT / name, **arrays, **unread)
        describe(name, read, list(unread))
    # Headers as other writers have them, each read by numpy first.
    headers = {
        "one_byte_little": "{'descr': '<u1', 'fortran_order': False, 'shape': (4,), }",
        "one_byte_big": "{'descr': '>i1', 'fortran_order': False, 'shape': (4,), }",
        "one_byte_bare": "{'descr': 'u1', 'fortran_order': False, 'shape': (4,), }",
        "one_byte_native": "{'descr': '=u1', 'fortran_order': False, 'shape': (4,), }",
        "named": "{'descr': 'uint8', 'fortran_order': False, 'shape': (4,), }",
        "python_2": "{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 2L), }",
        "double_quotes": '{"shape": (2, 2), "descr": "|u1", "fortran_order": True}',
        "spaces": "{ 'descr' : '|u1' , 'fortran_order' : False , 'shape' : ( 4 , ) }    \n",
    }
    content = io.BytesIO()
    tensors = {}
    with zipfile.ZipFile(content, "w") as archive:
        for name, header in headers.items():
            text = header.encode() if header.endswith("\n") else header.encode() + b"\n"
            array = b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text + bytes([1, 2, 3, 4])
            value = np.load(io.BytesIO(array))
            tensors[name] = torch.from_numpy(np.ascontiguousarray(value))
            archive.writestr(name + ".npy", array)
    (OUT / "headers.npz").write_bytes(content.getvalue())
    describe("headers.npz", tensors)


def write_all(folder):
    global OUT
    OUT = folder
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    for write in (write_safetensors, write_torch, write_npz):
        write()
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if len(sys.argv) == 1:
    write_all(pathlib.Path(__file__).resolve().parents[1] / "data" / "odd_files")
else:
    with tempfile.TemporaryDirectory() as folder:
        write_all(pathlib.Path(folder))
        environment = os.environ | {"TRM_ODD_FILES": folder}
        sys.exit(subprocess.run([sys.argv[1], "odd but valid files*"], env=environment).returncode)
