"""The baselines side by side, as Markdown: what trm takes on each CPU, and the best peer beside it.

usage: side_by_side.py [BASELINE.json...]

Without arguments all of bench/baselines. Cells: milliseconds a step with two threads, and in brackets best peer / trm of
the same baseline, where peers were measured. Every baseline is of its date, and so of another trm.
"""

import json
import sys
from pathlib import Path

import against
from compare import SHAPES
from machine import HELD_TO
from runtimes import RUNTIMES
from table import grid

THREADS = 2
SHORT = {
    "AMD EPYC (family 25, model 17)": "AMD Zen 4",
    "AMD EPYC (family 26, model 2)": "AMD Zen 5",
    "Intel(R) Xeon(R) Processor (family 6, model 207)": "Emerald Rapids",
}


def column_name(results: dict) -> str:
    cpu, held, isa = results["machine"]["cpu"].partition(HELD_TO)
    return ", ".join([SHORT.get(cpu, cpu), *([isa] if held else []), results["date"]])


def cell(times: dict, shape: str, batch: int, kind: str) -> str:
    """What trm takes in weights of that type, and how much longer the best peer of the same type."""
    of_kind = {name: seconds for (s, b, threads, name), seconds in times.items()
               if (s, b, threads) == (shape, batch, THREADS) and RUNTIMES[name].type == kind}  # fmt: skip
    own = of_kind.pop(f"trm-{kind}", None)
    if own is None:
        return ""
    return f"{1e3 * own:.1f}" + (f" ({min(of_kind.values()) / own:.2f})" if of_kind else "")


def side_by_side(baselines: list[dict]) -> str:
    """baselines: what files such as compare.json hold."""
    times = [against.times(results) for results in baselines]
    steps = sorted({key[:2] for of_one in times for key in of_one}, key=lambda step: (SHAPES.index(step[0]), step[1]))
    parts = []
    for kind in ("int8", "f32"):
        lines = [[kind, *map(column_name, baselines)]]
        for shape, batch in steps:
            cells = [cell(of_one, shape, batch, kind) for of_one in times]
            if any(cells):
                lines.append([f"{shape}, batch {batch}", *cells])
        parts.append(grid(lines))
    return "\n".join(parts)


def main():
    paths = [Path(name) for name in sys.argv[1:]] or sorted(against.BASELINES.glob("*.json"))
    print(side_by_side([json.loads(path.read_text()) for path in paths]))


if __name__ == "__main__":
    main()
