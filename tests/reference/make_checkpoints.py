"""Writes tests/data/checkpoints: every container as its own library writes it,
with expected.json (element type, shape and all values of every tensor).

Needs torch, numpy and safetensors. Run: python3 tests/reference/make_checkpoints.py
"""

import json
import pathlib
import zipfile

import numpy as np
import safetensors.torch
import torch

OUT = pathlib.Path(__file__).resolve().parents[1] / "data" / "checkpoints"
OUT.mkdir(parents=True, exist_ok=True)
expected = {}


def describe(name, tensors):
    expected[name] = {
        key: {
            "dtype": str(value.dtype).removeprefix("torch."),
            "shape": list(value.shape),
            "values": value.reshape(-1).to(torch.float64).tolist(),
        }
        for key, value in tensors.items()
    }


def flatten(value, path=""):
    if isinstance(value, torch.Tensor):
        return {path: value.detach()}
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        return {}
    found = {}
    for key, inner in items:
        found |= flatten(inner, f"{path}.{key}" if path else str(key))
    return found


def save(name, value, **options):
    torch.save(value, OUT / name, **options)
    describe(name, flatten(value))


torch.manual_seed(0)
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
weights = {
    "permuted": base.permute(2, 0, 1),
    "narrowed": base[:, 1:, 2],
    "bfloat16": torch.linspace(-3, 3, 7).to(torch.bfloat16),
    "parameter": torch.nn.Parameter(torch.ones(2)),
}
for protocol in (2, 3, 4, 5):
    save(f"protocol_{protocol}.pt", weights, pickle_protocol=protocol)

# Unsigned types have no storage class of their own: _rebuild_tensor_v3.
save("unsigned.pt", {"u16": torch.tensor([0, 1, 65535], dtype=torch.uint16), "u64": torch.tensor([2**53], dtype=torch.uint64)})

# A trainer's dictionary around the weights: optimizer state under integers, lists, None, a cycle.
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(1, 3)).sum().backward()
optimizer.step()
trainer = {
    "state_dict": model.state_dict(),
    "optimizer": optimizer.state_dict(),
    "ema": [torch.zeros(2), (torch.ones(1), None)],
    "step": 2**70,
    "rate": 1e-3,
}
save("trainer.pt", trainer)
trainer["self"] = trainer
torch.save(trainer, OUT / "cycle.pt")
expected["cycle.pt"] = expected["trainer.pt"]


# The same records with 64-bit sizes, as torch writes them beyond 4 GiB.
def rewrite(source, target, compression=zipfile.ZIP_STORED, replace=None):
    with zipfile.ZipFile(OUT / source) as old, zipfile.ZipFile(OUT / target, "w", compression) as new:
        for entry in old.infolist():
            data = (replace or {}).get(entry.filename.split("/", 1)[1], old.read(entry))
            new.writestr(zipfile.ZipInfo(entry.filename), data, compression)
    expected[target] = expected[source]


limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
zipfile.ZIP64_LIMIT = zipfile.ZIP_FILECOUNT_LIMIT = 1
rewrite("protocol_2.pt", "zip64.pt")
zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
rewrite("protocol_2.pt", "deflated.pt", zipfile.ZIP_DEFLATED)
rewrite("protocol_2.pt", "bad_byteorder.pt", replace={"byteorder": b"big"})
expected["bad_byteorder.pt"] = "big-endian"

# A whole module instead of its state dict: every class in it is inert, so nothing is left.
torch.save(model, OUT / "bad_module.pt")
expected["bad_module.pt"] = "state_dict"

plain = {
    "a.weight": torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8,
    "b.half": torch.tensor([0.5, -65504.0, 6e-8], dtype=torch.float16),
    "b.scalar": torch.tensor(7, dtype=torch.int64),
    "c.empty": torch.zeros(0, 3),
    "d.flag": torch.tensor([True, False]),
    "e.double": torch.tensor([1 / 3], dtype=torch.float64),
}
safetensors.torch.save_file(
    plain | {"f.bfloat16": torch.tensor([1.5], dtype=torch.bfloat16)}, OUT / "plain.safetensors", metadata={"k": "v"}
)
describe("plain.safetensors", plain | {"f.bfloat16": torch.tensor([1.5], dtype=torch.bfloat16)})
safetensors.torch.save_file({"a": torch.ones(2), "b": torch.ones(2, dtype=torch.float8_e4m3fn)}, OUT / "float8.safetensors")
describe("float8.safetensors", {"a": torch.ones(2), "b": torch.ones(2, dtype=torch.float8_e4m3fn)})

arrays = {key: value.numpy() for key, value in plain.items()}
arrays["fortran"] = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
np.savez(OUT / "plain.npz", **arrays)
np.savez_compressed(OUT / "deflated.npz", **arrays, names=np.array(["x", "y"]))
for name in ("plain.npz", "deflated.npz"):
    describe(name, {key: torch.from_numpy(np.ascontiguousarray(value)).reshape(value.shape) for key, value in arrays.items()})

(OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
print(sum(path.stat().st_size for path in OUT.iterdir()), "bytes")

# Seeds of the fuzz targets: these files, and the pickles in them.
CORPUS = OUT.parents[1] / "fuzz" / "corpus"
for folder in (OUT, OUT.parent / "formats", OUT.parent / "npy"):
    for path in folder.iterdir():
        data = path.read_bytes()
        target = {".npy": "npy", ".safetensors": "safetensors", ".npz": "zip", ".pt": "zip"}.get(path.suffix)
        if target is None or (target == "zip" and not data.startswith(b"PK")):
            continue
        (CORPUS / target).mkdir(parents=True, exist_ok=True)
        (CORPUS / target / path.name).write_bytes(data)
        if path.suffix == ".pt" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                pickles = [name for name in file.namelist() if name.endswith("/data.pkl")]
                (CORPUS / "pickle").mkdir(parents=True, exist_ok=True)
                (CORPUS / "pickle" / path.stem).write_bytes(file.read(pickles[0]))
