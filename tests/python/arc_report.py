"""The report of trm arc as a browser sees it: all tasks and candidates, nothing loaded, no wider than a phone.

usage: arc_report.py TRM MODEL_FOLDER DATA_SET_FOLDER
"""

import base64
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from html.parser import HTMLParser
from pathlib import Path

DRAWN = 5  # candidates of a test input, and the right one wherever it stands; the others are counted
PHONE = 390  # pixels
COLOURS = [bytes.fromhex(rgb) for rgb in ("000000", "0074d9", "ff4136", "2ecc40", "ffdc00", "aaaaaa", "f012be", "ff851b",
                                          "7fdbff", "870c25")]  # as people draw ARC
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# What only a running browser knows; it opens no window as narrow as a phone's, but a frame. All sections are laid out,
# not just those in view.
FRAME = """<!DOCTYPE html><title></title><iframe width={width} height=800 style="border: 0" srcdoc="{page}"></iframe>"""
PROBE = """
<style>section { content-visibility: visible !important }</style>
<script>
document.querySelectorAll("details").forEach(e => e.open = true);
const all = [...document.querySelectorAll("body *")].map(e => e.getBoundingClientRect());
parent.document.title = JSON.stringify({
  window: innerWidth,
  page: Math.max(document.documentElement.scrollWidth, ...all.map(box => box.right)),
  loaded: performance.getEntriesByType("resource").map(r => r.name),
  invisible: [...document.querySelectorAll("figure svg")].filter(e => e.getBoundingClientRect().width < 4).length,
  filters: [...document.querySelectorAll("input[name=f]")].map(e => { e.checked = true; return [e.id,
    [...document.querySelectorAll("section")].filter(s => getComputedStyle(s).display != "none").map(s => s.id)]; }),
  orders: [...document.querySelectorAll("input[name=s]")].map(e => { e.checked = true; return [e.id,
    [...document.querySelectorAll("section")].map(s => Number(getComputedStyle(s).order))]; }),
});
</script>
"""


def grid_of(png):
    """The cells of a palette image, by their colours."""
    chunks, at = {}, 8
    while at < len(png):
        size, kind = int.from_bytes(png[at:at + 4], "big"), png[at + 4:at + 8]
        data = png[at + 8:at + 8 + size]
        assert zlib.crc32(kind + data) == int.from_bytes(png[at + 8 + size:at + 12 + size], "big"), "a damaged image"
        chunks[kind] = data
        at += 12 + size
    cols, rows = (int.from_bytes(chunks[b"IHDR"][i:i + 4], "big") for i in (0, 4))
    palette = [chunks[b"PLTE"][i:i + 3] for i in range(0, len(chunks[b"PLTE"]), 3)]
    lines, width = zlib.decompress(chunks[b"IDAT"]), 1 + (cols + 1) // 2
    nibbles = [[n for byte in lines[r * width + 1:(r + 1) * width] for n in (byte >> 4, byte & 15)] for r in range(rows)]
    return [[COLOURS.index(palette[n]) for n in row[:cols]] for row in nibbles]


class Page(HTMLParser):
    """tasks: {name: {"figures": [{grid, caption, kind, marks}], "verdicts": [text], "more": [text]}}; outside, what
    would be loaded from elsewhere; policy, what the page forbids itself."""

    def __init__(self, text):
        super().__init__()
        self.tasks, self.outside, self.policy = {}, [], ""
        self.task, self.figure, self.sink = None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.outside += [f"{tag} {k}={v}" for k, v in attributes.items() if k in ("src", "srcset", "data", "action")]
        if tag in ("link", "iframe", "object", "embed", "base", "script"):
            self.outside.append(tag)
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        elif tag == "section":
            self.task = self.tasks.setdefault(attributes["id"], {"figures": [], "verdicts": [], "more": []})
        elif tag == "figure":
            self.figure = {"grid": [], "caption": "", "kind": attributes.get("class"), "marks": set()}
            self.task["figures"].append(self.figure)
        elif tag == "image":
            self.figure["grid"] = grid_of(base64.b64decode(attributes["href"].removeprefix("data:image/png;base64,")))
        elif tag == "path" and self.figure is not None:
            for col, row, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", attributes["d"]):
                self.figure["marks"] |= {(int(row), c) for c in range(int(col), int(col) + int(length))}
        elif tag in ("br", "i"):
            self.handle_data(" ")
        elif tag == "h3" or (tag == "p" and attributes.get("class") == "more" and self.task):
            self.sink = self.task["verdicts" if tag == "h3" else "more"]
            self.sink.append("")
        elif tag == "figcaption":
            self.sink = tag

    def handle_endtag(self, tag):
        if tag in ("h3", "p", "figcaption"):
            self.sink = None

    def handle_data(self, data):
        if isinstance(self.sink, list):
            self.sink[-1] += data
        elif self.sink == "figcaption":
            self.figure["caption"] += data


def dom(page, folder):
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               f"--user-data-dir={folder / 'browser'}", "--dump-dom", f"file://{page}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout


def on_a_phone(report, folder):
    """What PROBE finds."""
    text = re.sub("<meta http-equiv=[^>]*>", "", report.read_text(), count=1)  # it would forbid the probe, too
    page = html.escape(text.replace("</body>", PROBE + "</body>"))
    phone = folder / "phone.html"
    phone.write_text(FRAME.format(width=PHONE, page=page))
    return json.loads(html.unescape(re.search("<title>(.*?)</title>", dom(phone, folder)).group(1)))


def made_up_solutions(ranking):
    """The first candidate is right, the second, the fourth, one that is only listed, none; and again."""
    def solution(place, candidates):
        return candidates[place]["grid"] if place < len(candidates) else [[0]]

    places = [0, 1, 3, DRAWN, len(ranking) * 1000]
    return {name: [solution(places[i % len(places)], candidates) for candidates in tests]
            for i, (name, tests) in enumerate(ranking.items())}


def counted(count, noun):
    return f"{count} {noun}{'s' * (count != 1)}"


def verdict(truth, candidates):
    place = next((i for i, c in enumerate(candidates, 1) if c["grid"] == truth), None)
    if place is not None and place <= 2:
        return f"\u2713 solved: attempt {place} is right"
    tied = len(candidates) > 2 and candidates[2]["votes"] == candidates[1]["votes"]
    where = f"the right answer is in place {place}" if place else "the right answer is not among the candidates"
    return ("? undecided: " if tied else "\u2717 wrong: ") + where


def wrong_cells(grid, truth):
    if len(grid) != len(truth) or len(grid[0]) != len(truth[0]):
        return None
    return {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell != truth[r][c]}


def expected_captions(place, candidate, candidates, truth):
    """Parts of a candidate's caption."""
    wrong = wrong_cells(candidate["grid"], truth)
    yield f"attempt {place}," if place <= 2 else f"place {place},"
    yield "another size" if wrong is None else f"{counted(len(wrong), 'cell')} wrong" if wrong else "right"
    yield f"{counted(candidate['votes'], 'vote')}, {100 * candidate['votes'] / sum(c['votes'] for c in candidates):.1f} %"
    yield f"confidence {candidate['confidence']:.3f}"
    if place < len(candidates):
        yield f"leads the next by {candidate['votes'] - candidates[place]['votes']} "


def check_test(figures, verdict_text, more, example, candidates, truth):
    """Takes the figures of a test input away."""
    assert verdict_text.endswith(verdict(truth, candidates)), (verdict_text, verdict(truth, candidates))
    first = figures.pop(0)
    assert first["grid"] == truth and first["kind"] == "truth" and first["caption"] == "true answer", first
    shown = [(i, c) for i, c in enumerate(candidates, 1) if i <= DRAWN or c["grid"] == truth]
    for place, candidate in shown:
        figure = figures.pop(0)
        assert figure["grid"] == candidate["grid"], place
        assert figure["kind"] == ("right" if candidate["grid"] == truth else None)
        assert figure["marks"] == (wrong_cells(candidate["grid"], truth) or set())
        for part in expected_captions(place, candidate, candidates, truth):
            assert part in figure["caption"], (part, figure["caption"])
    assert figures.pop(0)["grid"] == example["input"]
    left = [c for i, c in enumerate(candidates, 1) if (i, c) not in shown]
    if left:
        votes = counted(sum(c["votes"] for c in left), "vote")
        assert more.pop(0) == f"{counted(len(left), 'more candidate')} with {votes} together are not shown."


def check(page, challenges, ranking, solutions):
    assert list(page.tasks) == list(challenges), "other tasks"
    for name, task in challenges.items():
        part = page.tasks[name]
        for example, candidates, truth in zip(task["test"], ranking[name], solutions[name], strict=True):
            check_test(part["figures"], part["verdicts"].pop(0), part["more"], example, candidates, truth)
        examples = [e[kind] for e in task["train"] for kind in ("input", "output")]
        assert [figure["grid"] for figure in part["figures"]] == examples, name
        assert not part["more"] and not part["verdicts"], name
    assert not page.outside, page.outside
    assert page.policy.startswith("default-src 'none'"), page.policy


def check_layout(layout, tasks):
    assert layout["loaded"] == [], layout["loaded"]
    assert layout["window"] == PHONE and layout["page"] <= PHONE, layout
    assert layout["invisible"] == 0, layout
    filters, orders = dict(layout["filters"]), dict(layout["orders"])
    assert filters.pop("f-all") == tasks and len(filters) > 1, filters
    assert sorted(sum(filters.values(), [])) == sorted(tasks), filters
    assert set(orders["s-file"]) == {0} and len(set(orders["s-state"])) > 1, orders


def main():
    if BROWSER is None:
        print("skipped: no Chromium; apt-get install chromium")
        sys.exit(77)
    trm, model_folder, data = (Path(argument).resolve() for argument in sys.argv[1:])
    source, identifiers = model_folder / "step_1", data / "identifiers.json"
    file = data / "mini_evaluation_challenges.json"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        model, submission, report = folder / "model.gguf", folder / "submission.json", folder / "report.html"
        solutions, ranking = folder / "solutions.json", folder / "ranking.json"
        call = lambda *command: subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        call(trm, "convert", source, "-o", model, "--identifiers", identifiers, "--quiet")
        run = [trm, "arc", model, "--challenges", file, "-o", submission, "--quiet"]
        call(*run)
        call(trm, "vote", f"{submission}.journal", "-o", submission, "--ranking", ranking, "--quiet")
        candidates = json.loads(ranking.read_text())
        truths = made_up_solutions(candidates)
        solutions.write_text(json.dumps(truths))
        call(*run, "--resume", "--solutions", solutions, "--html", report)
        check(Page(dom(report, folder)), json.loads(file.read_text()), candidates, truths)
        layout = on_a_phone(report, folder)
        check_layout(layout, list(candidates))
        print(f"{len(candidates)} tasks with all their candidates; {layout['page']} of {PHONE} pixels wide")


main()
