"""What a measurement was made on."""

import os
import platform
import re
from pathlib import Path


HELD_TO = ", held to "  # a kernel set, behind the CPU's name


def cpu_fields() -> dict:
    """Of the first processor in /proc/cpuinfo."""
    lines = (line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines())
    return {parts[0].strip(): parts[1].strip() for parts in lines if len(parts) == 2}


def describe_machine(isa: str | None = None) -> dict:
    """isa: a kernel set that trm is held to."""
    fields = cpu_fields()
    name = fields.get("model name") or platform.machine()
    if "cpu family" in fields:  # a virtual machine may keep the rest of the name to itself
        name += f" (family {fields['cpu family']}, model {fields['model']})"
    if isa:
        name += HELD_TO + isa
    flags = set(fields.get("flags", fields.get("Features", "")).split())
    known = ["avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm"]
    return {"cpu": name, "cores": os.cpu_count(), "flags": [flag for flag in known if flag in flags]}


def machine_text(machine: dict) -> str:
    return f"{machine['cpu']}, {machine['cores']} cores, {' '.join(machine['flags'])}"


def slug(machine: dict) -> str:
    """A file name for the CPU model."""
    return re.sub(r"[^a-z0-9]+", "-", machine["cpu"].lower()).strip("-")
