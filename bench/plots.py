"""Plots of a comparison, PNG and SVG.

usage: plots.py COMPARE.json FOLDER
"""

import json
import sys
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from machine import machine_text  # noqa: E402

OURS, PEERS, INK = "#c0392b", "#7f8c8d", "#222222"
DARK = {OURS: "#ff8a75", PEERS: "#a5b1b2", INK: "#e4e4e4"}  # on #181818
matplotlib.rcParams["svg.hashsalt"] = "trm"  # the same numbers give the same file
matplotlib.rcParams |= dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK)


def follow_the_page(path: Path):
    """The SVG is light or dark as the page that shows it. matplotlib writes colours into style attributes."""
    rules = [f"[style*='{kind}: {light}'] {{ {kind}: {dark} !important }}"
             for light, dark in DARK.items() for kind in ("fill", "stroke")]  # fmt: skip
    paper = "[style*='fill: #ffffff'] { fill: #181818 !important }"
    style = "<style>@media (prefers-color-scheme: dark) { " + " ".join([paper, *rules]) + " }</style>"
    svg = path.read_text()
    path.write_text(svg.replace("<defs>", style + "<defs>", 1))


def bars(axes, values: dict, unit: str, title: str):
    """One horizontal bar a runtime, fastest or smallest on top."""
    names = sorted(values, key=values.get, reverse=True)
    drawn = axes.barh(names, [values[n] for n in names], color=[OURS if n.startswith("trm-") else PEERS for n in names])
    labels = [f"{values[n]:.{0 if values[n] >= 100 else 1}f}" for n in names]
    axes.bar_label(drawn, labels=labels, padding=3, fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)


def write(name: str, panels: list, results: dict, folder: Path):
    """panels: (values, unit, title)."""
    if not panels:
        return
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(5.2 * columns, 0.6 + 2.6 * rows), squeeze=False)
    for place, panel in zip(axes.flat, panels):
        bars(place, *panel)
    for place in axes.flat[len(panels):]:
        place.set_visible(False)
    figure.suptitle(machine_text(results["machine"]), fontsize=9)
    figure.tight_layout()
    for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
        figure.savefig(folder / f"{name}{suffix}", dpi=120, metadata=metadata)
    follow_the_page(folder / f"{name}.svg")
    plt.close(figure)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    results, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    threads = max((row["threads"] for row in results["steps"]), default=0)
    steps = {}
    for row in results["steps"]:
        if row["threads"] == threads:
            steps.setdefault((row["shape"], row["batch"]), {})[row["runtime"]] = 1e3 * median(row["rounds_s"])
    write("steps", [(values, "ms a step (lower is better)", f"{shape}, batch {batch}, {threads} threads")
                    for (shape, batch), values in sorted(steps.items())], results, folder)  # fmt: skip
    memory = {}
    for row in results["processes"]:
        memory.setdefault(row["shape"], {})[row["runtime"]] = row["peak_rss_bytes"] / 1e6
    write("memory", [(values, "peak memory, MB (lower is better)", f"{shape}, one puzzle") for shape, values in sorted(memory.items())],
          results, folder)  # fmt: skip


if __name__ == "__main__":
    main()
