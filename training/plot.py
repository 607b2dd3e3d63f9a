"""The curves of a run's log as an SVG: loss above, exact match below, over updates. Needs no library."""

import json
from pathlib import Path

WIDTH, HEIGHT, MARGIN = 640, 200, 44
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#8c564b")


def draw(log: Path, target: Path) -> None:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    train = [line for line in lines if line["kind"] == "train"]
    tests = [line for line in lines if line["kind"] == "eval"]
    last = max([line["update"] for line in lines], default=1)
    loss = {"loss": [(line["update"], line["loss"]) for line in train]}
    exact = {"training samples at halting": [(line["update"], line["exact"]) for line in train]}
    for name in dict.fromkeys(line["set"] for line in tests):
        exact[f"held out: {name}, step 16"] = [(t["update"], t["exact"]["16"]) for t in tests if t["set"] == name]
    top = max([value for _, value in loss["loss"]], default=1.0)
    height = 2 * (HEIGHT + 2 * MARGIN)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 2 * MARGIN}" height="{height}">']
    parts.append('<rect width="100%" height="100%" fill="white"/><g font-family="sans-serif" font-size="12">')
    parts += panel("loss of the cells", loss, last, top, MARGIN)
    parts += panel("exact match", exact, last, 1.0, HEIGHT + 3 * MARGIN)
    target.write_text("\n".join([*parts, "</g></svg>\n"]))


def panel(title: str, curves: dict[str, list], last: int, top: float, y0: int) -> list[str]:
    """Axes from 0 to `last` and from 0 to `top`, with a legend."""
    x = lambda update: MARGIN + WIDTH * update / last
    y = lambda value: y0 + HEIGHT * (1 - min(1.0, value / top))
    parts = [f'<rect x="{MARGIN}" y="{y0}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>']
    parts.append(f'<text x="{MARGIN}" y="{y0 - 6}">{title}</text>')
    for value in (0.0, top / 2, top):
        parts.append(f'<text x="{MARGIN - 6}" y="{y(value) + 4:.0f}" text-anchor="end">{value:.2g}</text>')
    for update in (0, last // 2, last):
        parts.append(f'<text x="{x(update):.0f}" y="{y0 + HEIGHT + 16}" text-anchor="middle">{update}</text>')
    for i, (name, points) in enumerate(curves.items()):
        path = " ".join(f"{x(u):.1f},{y(v):.1f}" for u, v in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i % 5]}"/>')
        if len(curves) > 1:
            parts.append(f'<text x="{MARGIN + 10}" y="{y0 + 16 + 15 * i}" fill="{COLOURS[i % 5]}">{name}</text>')
    return parts
