"""The report of trm arc in headless Chromium: everything is drawn, in ARC's colours, and fits a narrow screen.

usage: arc_report.py TRM MODEL_FOLDER DATA_SET_FOLDER
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not chromium:
    print("skipped: no Chromium")
    sys.exit(77)

MEASURE = """<pre id=measured></pre><script>
const boxes = [...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect());
document.getElementById('measured').textContent = JSON.stringify({
  drawings: boxes.length, drawn: boxes.filter(box => box.width > 5 && box.height > 5).length,
  page: document.documentElement.scrollWidth, screen: window.innerWidth,
  blue: getComputedStyle(document.querySelector('.c1')).stroke,
  tasks: document.querySelectorAll('section').length});
</script>"""


def call(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def measure(page, folder):
    copy = folder / "measured.html"
    copy.write_text(page.replace("content-visibility: auto", "content-visibility: visible").replace("</body>", MEASURE))
    dom = call(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,900",
               f"--user-data-dir={folder}/profile", "--dump-dom", copy.as_uri())
    return json.loads(re.search(r'id="measured">(.*?)<', dom).group(1))


def main():
    trm, model_folder, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, report = folder / "model.gguf", folder / "report.html"
        call(trm, "convert", model_folder / "step_1", "-o", model, "--identifiers", data / "identifiers.json", "--quiet")
        call(trm, "arc", model, "--challenges", data / "mini_evaluation_challenges.json", "--solutions",
             data / "mini_evaluation_solutions.json", "-o", folder / "s.json", "--html", report, "--quiet")
        measured = measure(report.read_text(), folder)
    tasks = json.loads((data / "mini_evaluation_challenges.json").read_text())
    least = sum(2 * len(task["train"]) + 3 * len(task["test"]) for task in tasks.values())  # and the candidates
    print(measured)
    if measured["tasks"] != len(tasks) or measured["drawings"] < least or measured["drawn"] != measured["drawings"]:
        sys.exit("not everything is drawn")
    if measured["page"] > measured["screen"]:
        sys.exit("the page is wider than the screen")
    if measured["blue"] != "rgb(0, 116, 217)":
        sys.exit("a colour is wrong")


main()
