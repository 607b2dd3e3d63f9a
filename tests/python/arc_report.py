"""The report of trm arc as a browser sees it: all tasks and candidates, nothing loaded, no wider than a phone.

usage: arc_report.py TRM MODEL_FOLDER DATA_SET_FOLDER
"""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

DRAWN = 6  # candidates of a test input; the others are listed
PHONE = 390  # pixels
RGB = ["0, 0, 0", "0, 116, 217", "255, 65, 54", "46, 204, 64", "255, 220, 0", "170, 170, 170", "240, 18, 190",
       "255, 133, 27", "127, 219, 255", "135, 12, 37"]  # as people draw ARC
COLOURS = [f"rgb({rgb})" for rgb in RGB]
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
  invisible: [...document.querySelectorAll("svg")].filter(e => e.getBoundingClientRect().width < 4).length,
  colours: [..."0123456789"].map(c => getComputedStyle(document.querySelector(".c" + c)).stroke),
});
</script>
"""


class Page(HTMLParser):
    """tasks: {name: {"figures": [{grid, caption, right}], "listed": [text], "verdicts": [text]}}; links; outside, what
    would be loaded from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.tasks, self.links, self.outside = {}, [], []
        self.task, self.figure, self.sink = None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.outside += [f"{tag} {k}={v}" for k, v in attributes.items() if k in ("src", "srcset", "data", "action")]
        if tag in ("link", "iframe", "object", "embed", "base"):
            self.outside.append(tag)
        if tag == "a":
            self.links.append(attributes["href"])
        elif tag == "section":
            self.task = self.tasks.setdefault(attributes["id"], {"figures": [], "listed": [], "verdicts": []})
        elif tag == "figure":
            self.figure = {"grid": [], "caption": "", "right": attributes.get("class") == "right"}
            self.task["figures"].append(self.figure)
        elif tag == "svg":
            cols, rows = map(int, attributes["viewbox"].split()[2:])
            self.figure["grid"] = [[None] * cols for _ in range(rows)]
        elif tag == "path" and attributes["class"] != "l":
            for col, row, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", attributes["d"]):
                for c in range(int(col), int(col) + int(length)):
                    assert self.figure["grid"][int(row)][c] is None, "a cell of two colours"
                    self.figure["grid"][int(row)][c] = int(attributes["class"][1:])
        elif tag == "br":
            self.handle_data(" ")
        elif tag in ("h3", "li"):
            self.sink = self.task["verdicts" if tag == "h3" else "listed"]
            self.sink.append("")
        elif tag == "figcaption":
            self.sink = tag

    def handle_endtag(self, tag):
        if tag in ("h3", "li", "figcaption"):
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
    page = html.escape(report.read_text().replace("</body>", PROBE + "</body>"))
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


def votes(candidate):
    return f"{candidate['votes']} vote{'s' * (candidate['votes'] != 1)}, confidence {candidate['confidence']:.3f}"


def verdict(truth, candidates):
    place = next((i for i, c in enumerate(candidates, 1) if c["grid"] == truth), None)
    if place is None:
        return "not among the answers"
    return f"attempt {place} is right" if place <= 2 else f"right answer in place {place}"


def expected_task(task, tests, truths):
    figures, listed, verdicts = [], [], ["Examples"]
    show = lambda grid, caption, right=False: figures.append({"grid": grid, "caption": caption, "right": right})
    for example in task["train"]:
        show(example["input"], "input")
        show(example["output"], "output")
    for i, (example, candidates, truth) in enumerate(zip(task["test"], tests, truths, strict=True)):
        verdicts += [f"Test input {i + 1} {verdict(truth, candidates)}", "Answers"]
        show(example["input"], "input")
        show(truth, "true answer")
        for place, candidate in enumerate(candidates[:DRAWN], 1):
            name = f"attempt {place} " if place <= 2 else ""
            show(candidate["grid"], name + votes(candidate), candidate["grid"] == truth)
        listed += [votes(candidate) for candidate in candidates[DRAWN:]]
    return {"figures": figures, "listed": listed, "verdicts": verdicts}


def check(page, challenges, ranking, solutions):
    assert list(page.tasks) == list(challenges), "other tasks"
    assert page.links == [f"#{name}" for name in challenges], page.links
    for name, task in challenges.items():
        expected = expected_task(task, ranking[name], solutions[name])
        for part, what in expected.items():
            assert page.tasks[name][part] == what, f"{name}: {part} are not as expected"
    assert not page.outside, page.outside


def check_layout(layout):
    assert layout["loaded"] == [], layout["loaded"]
    assert layout["window"] == PHONE and layout["page"] <= PHONE, layout
    assert layout["invisible"] == 0 and layout["colours"] == COLOURS, layout


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
        check_layout(layout)
        print(f"{len(candidates)} tasks with all their candidates; {layout['page']} of {PHONE} pixels wide")


main()
