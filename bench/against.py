"""A comparison against a baseline: ratios of times, so that a regression stands out.

A baseline is a compare.json, kept as bench/baselines/<CPU model>.json (compare.py --write-baseline).
"""

import json
import sys
from pathlib import Path
from statistics import median

from machine import slug
from table import disturbed, grid

BASELINES = Path(__file__).resolve().parent / "baselines"


def load(name: str, machine: dict) -> dict:
    """The named file, or this machine's for an empty name."""
    path = Path(name) if name else BASELINES / f"{slug(machine)}.json"
    if not path.exists():
        there = ", ".join(sorted(p.name for p in BASELINES.glob("*.json"))) or "none"
        sys.exit(f"compare: there is no baseline {path} (bench/baselines has: {there}); "
                 "measure one with --write-baseline")  # fmt: skip
    return json.loads(path.read_text())


def write_baseline(results: dict, folder: Path = BASELINES) -> Path:
    """Keeps results as their CPU's baseline; refuses those that something disturbed."""
    bad = disturbed(results)
    if bad:
        sys.exit("compare: no baseline is written: other work disturbed\n  " + "\n  ".join(bad)
                 + "\nStop it and run the same command again: only these are measured anew.")  # fmt: skip
    path = folder / f"{slug(results['machine'])}.json"
    kept = {**results, "models": []}  # paths of this machine
    path.write_text(json.dumps(kept, indent=1) + "\n")
    return path


def times(results: dict) -> dict:
    return {(row["shape"], row["batch"], row["threads"], row["runtime"]): median(row["rounds_s"])
            for row in results["steps"]}  # fmt: skip


def ratios(results: dict, baseline: dict) -> str:
    """A line for each cell that both have; above 1 is slower than the baseline."""
    new, old = times(results), times(baseline)
    lines = [["step", "baseline, ms", "now, ms", "now / baseline"]]
    lines += [
        [f"{shape}, batch {batch}, threads {threads}, {runtime}", f"{1e3 * old[key]:.1f}", f"{1e3 * new[key]:.1f}",
         f"{new[key] / old[key]:.2f}"]
        for key in new if key in old for shape, batch, threads, runtime in [key]
    ]  # fmt: skip
    note = "" if results["machine"] == baseline["machine"] else "The baseline is another machine's.\n\n"
    return note + grid(lines)
