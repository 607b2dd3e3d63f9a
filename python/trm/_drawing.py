"""Boards and grids for notebooks, as SVG that stands by itself.

Lines and digits have the colour of the page's text, and other colours can be told on light and on dark.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any, Callable

import numpy as np
import numpy.typing as npt

LIMIT = 8  # puzzles or tasks that are drawn of many
_ACCENT = "#2a8ae0"
_WRONG = "#e0483c"
_ARC = ("#000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00", "#aaa", "#f012be", "#ff851b", "#7fdbff", "#870c25")
_MAZE_SYMBOLS = "?# SGo"

Tokens = npt.NDArray[Any]


def pairs(task: str, questions: Tokens, answers: Tokens) -> str:
    """Each question [B, S] with its answer [B, S], drawn as the task asks: digits of sudokus, tokens else."""
    draw = _PAINTERS.get(task, _numbers)
    rows = [
        row("", [figure(draw(question, question), "question"), figure(draw(question, answer), "answer")])
        for question, answer in zip(questions[:LIMIT], answers[:LIMIT])
    ]
    return block(rows, len(questions))


def figure(drawing: str, caption: str) -> str:
    return (
        f'<figure style="display:inline-block;margin:.3em 1em .3em 0;vertical-align:top">{drawing}'
        f'<figcaption style="font-size:80%;opacity:.75">{html.escape(caption)}</figcaption></figure>'
    )


def row(title: str, figures: Sequence[str]) -> str:
    heading = f"<div><b>{html.escape(title)}</b></div>" if title else ""
    return f"<div>{heading}{''.join(figures)}</div>"


def block(rows: Sequence[str], all_of: int) -> str:
    more = f"<div>and {all_of - LIMIT} more</div>" if all_of > LIMIT else ""
    return f'<div style="color:inherit">{"".join(rows)}{more}</div>'


def arc_grid(grid: npt.NDArray[np.uint8]) -> str:
    rows, columns = grid.shape
    cells = "".join(
        f'<rect x="{column}" y="{line}" width="1" height="1" fill="{_ARC[min(grid[line, column], 9)]}"/>'
        for line in range(rows)
        for column in range(columns)
    )
    lines = "".join(f"M{column} 0v{rows}" for column in range(columns + 1))
    lines += "".join(f"M0 {line}h{columns}" for line in range(rows + 1))
    cells += f'<path d="{lines}" stroke="#777" stroke-width=".05"/>'
    return _svg(columns, rows, cells, f"{rows} x {columns} grid")


def _svg(width: int, height: int, content: str, label: str) -> str:
    pixels = min(24 * width, 260)
    return (
        f'<svg role="img" aria-label="{html.escape(label)}" viewBox="-.1 -.1 {width + 0.2} {height + 0.2}" '
        f'width="{pixels}" fill="none" font-family="sans-serif" font-size=".7" text-anchor="middle">{content}</svg>'
    )


def _sudoku(question: Tokens, answer: Tokens) -> str:
    """Digits that are given are bold; one that the answer has changed is red."""
    side = math.isqrt(len(answer))
    box_rows = math.isqrt(side)  # of 6x6 two, with three columns
    box_columns = side // box_rows
    marks: list[str] = []
    for cell, (given, answered) in enumerate(zip(question.tolist(), answer.tolist())):
        if answered == 0:
            continue
        style = 'fill="currentColor" font-weight="bold"' if given else f'fill="{_ACCENT}"'
        if given and given != answered:
            style = f'fill="{_WRONG}" font-weight="bold"'
        marks.append(f'<text x="{cell % side + 0.5}" y="{cell // side + 0.75}" {style}>{answered}</text>')
    thin = "".join(f"M{i} 0v{side}M0 {i}h{side}" for i in range(side + 1))
    thick = "".join(f"M{i} 0v{side}" for i in range(0, side + 1, box_columns))
    thick += "".join(f"M0 {i}h{side}" for i in range(0, side + 1, box_rows))
    lines = (
        f'<path d="{thin}" stroke="currentColor" stroke-opacity=".4" stroke-width=".03"/>'
        f'<path d="{thick}" stroke="currentColor" stroke-width=".08"/>'
    )
    return _svg(side, side, lines + "".join(marks), "".join(map(str, answer.tolist())))


def _maze(question: Tokens, answer: Tokens) -> str:
    side = math.isqrt(len(answer))
    cells: list[str] = []
    for cell, (given, answered) in enumerate(zip(question.tolist(), answer.tolist())):
        symbol = _MAZE_SYMBOLS[answered] if 0 <= answered < len(_MAZE_SYMBOLS) else "?"
        x, y = cell % side, cell // side
        if symbol == "#":
            cells.append(f'<rect x="{x}" y="{y}" width="1.02" height="1.02" fill="currentColor" fill-opacity=".7"/>')
        elif symbol == "o":
            cells.append(f'<circle cx="{x + 0.5}" cy="{y + 0.5}" r=".3" fill="{_ACCENT}"/>')
        elif symbol != " ":
            cells.append(f'<text x="{x + 0.5}" y="{y + 0.75}" fill="currentColor">{symbol}</text>')
        if answered not in (given, 5) or (answered == 5 and given == 1):  # a cell of the maze itself was changed
            cells.append(f'<rect x="{x}" y="{y}" width="1" height="1" fill="{_WRONG}" fill-opacity=".4"/>')
    frame = f'<rect width="{side}" height="{side}" stroke="currentColor" stroke-width=".06"/>'
    return _svg(side, side, frame + "".join(cells), f"{side} x {side} maze")


def _arc(_question: Tokens, answer: Tokens) -> str:
    """Cells of tokens from 2 on, in the upper left corner; 0 is padding and 1 the end of the grid."""
    side = math.isqrt(len(answer))
    cells = answer.reshape(side, side)
    colours = cells >= 2
    rows = int(np.argmin(np.append(colours[:, 0], False)))
    columns = int(np.argmin(np.append(colours[0], False)))
    if rows == 0:
        return "<i>no grid</i>"
    return arc_grid(np.maximum(cells[:rows, :columns].astype(np.int64) - 2, 0).astype(np.uint8))


def _numbers(_question: Tokens, answer: Tokens) -> str:
    return f"<code>{html.escape(np.array2string(answer, threshold=40))}</code>"


_PAINTERS: dict[str, Callable[[Tokens, Tokens], str]] = {"sudoku": _sudoku, "maze": _maze, "arc": _arc}
