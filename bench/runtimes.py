"""Who is compared: each runtime in its best setting. Imports nothing heavy."""

import importlib.metadata
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Runtime:
    name: str
    type: str  # of the weights' products: f32, f16 or int8
    engine: str  # "trm", or what peer.py calls it
    model: str  # what prepare.py makes for it
    packages: tuple[str, ...] = ()  # that running it needs, without their dependencies


RUNTIMES = {
    runtime.name: runtime
    for runtime in [
        Runtime("trm-f32", "f32", "trm", "trm"),
        Runtime("trm-f16", "f16", "trm", "trm"),
        Runtime("trm-int8", "int8", "trm", "trm"),
        Runtime("torch", "f32", "torch", "checkpoint", ("torch",)),
        Runtime("torch-compile", "f32", "torch-compile", "checkpoint", ("torch",)),
        Runtime("torch-int8", "int8", "torch-int8", "checkpoint", ("torch",)),
        Runtime("onnxruntime", "f32", "onnxruntime", "onnx", ("onnxruntime",)),
        Runtime("onnxruntime-int8", "int8", "onnxruntime", "onnxruntime-int8", ("onnxruntime",)),
        Runtime("openvino", "f32", "openvino-f32", "onnx", ("openvino",)),
        Runtime("openvino-int8", "int8", "openvino", "openvino-int8", ("openvino",)),
    ]
}


def with_dependencies(names) -> set[str]:
    """The installed packages that these need, themselves included."""
    found, open_names = set(), list(names)
    while open_names:
        name = re.split(r"[^A-Za-z0-9._-]", open_names.pop())[0].lower().replace("_", "-")
        try:
            requirements = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # a requirement of another system or Python
        if name not in found:
            found.add(name)
            open_names += [r for r in requirements if "extra ==" not in r]
    return found


def package_bytes(name: str) -> int:
    files = importlib.metadata.files(name) or []
    return sum(path.stat().st_size for path in {f.locate() for f in files} if path.is_file())


def linked_bytes(program: Path) -> int:
    """A program and the libraries that it links, without the C library's own."""
    lines = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    libraries = {Path(path).resolve() for path in re.findall(r"=> (/\S+)", lines)}
    of_the_system = re.compile(r"(libc|libm|libpthread|libdl|librt|ld-linux)[.-]")
    return sum(path.stat().st_size for path in [program, *libraries] if not of_the_system.match(path.name))


def installation_bytes(runtime: Runtime, trm: Path) -> int:
    """What is on the disk so that it runs; Python itself is not counted."""
    if runtime.engine == "trm":
        return linked_bytes(trm)
    return sum(package_bytes(name) for name in with_dependencies(runtime.packages))


def versions() -> dict:
    installed = {}
    for name in sorted({name for runtime in RUNTIMES.values() for name in (*runtime.packages, "nncf")}):
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass  # left out and said where it is needed
    return installed
