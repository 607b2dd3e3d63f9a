"""Runs what the documentation tells a reader to type, and checks where its links lead.

Every block marked ```sh is run, in the order of the page, in a folder that holds the files the pages speak of. Blocks
marked ```text are not run: output, or commands that need what no test has. C and C++ must stand in
examples/, which the tests compile and run.

usage: documentation.py TRM
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("[CS]*.md"))]


def make_files(folder, trm):
    """The reader's own files: models, checkpoints, puzzles and tasks."""
    shutil.copytree(ROOT / "models/bundled", folder / "models/bundled")
    shutil.copy(ROOT / "models/bundled/sudoku.gguf", folder)
    shutil.copy(ROOT / "models/bundled/puzzles.txt", folder)
    for name in ("table.csv", "test.csv"):
        shutil.copy(DATA / "sudoku/easy_50.csv", folder / name)
    shutil.copytree(DATA / "golden/trm_att", folder / "checkpoint")
    for step in (folder / "checkpoint").glob("step_*"):
        step.rename(step.parent / "step_1")
    shutil.copytree(DATA / "arc_model", folder / "arc_checkpoint")
    shutil.copy(DATA / "dataset_arc/identifiers.json", folder / "arc_checkpoint")
    tasks = json.loads((DATA / "dataset_arc/mini_evaluation_challenges.json").read_text())
    (folder / "challenges.json").write_text(json.dumps(dict(list(tasks.items())[:2])))
    for split in ("training", "evaluation"):
        shutil.copy(DATA / f"dataset_arc/mini_{split}_challenges.json", folder / f"arc-agi_{split}_challenges.json")
    arc = ["convert", "arc_checkpoint/step_1", "-o", "arc.gguf", "--identifiers", "arc_checkpoint/identifiers.json"]
    subprocess.run([trm, *arc, "--quiet"], cwd=folder, check=True)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def run_shell_blocks(page, trm):
    commands = blocks(page.read_text(), "sh")
    if not commands:
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder, trm)
        path = f"{Path(trm).resolve().parent}:{os.environ['PATH']}"
        for number, command in enumerate(commands, 1):
            shell = ["bash", "-euo", "pipefail", "-c", command]
            result = subprocess.run(
                shell, cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": path}, check=False
            )
            if result.returncode != 0:
                sys.exit(f"{page.name}, block {number} ended with {result.returncode}:\n{command}\n{result.stderr}")
            check_shown(page, command, result.stdout)
    return len(commands)


def check_shown(page, command, output):
    """The board that the README shows is the one that the command before it prints."""
    text = page.read_text()
    shown = re.search(re.escape(f"```sh\n{command}```\n\n```text\n") + r"(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if shown and shown.group(1).split() != output.split():
        sys.exit(f"{page.name} shows\n{shown.group(1)}\nwhere the command prints\n{output}")


def check_programs(page):
    """Every line of the page's C and C++ stands in a program that the tests run, in order; comments may differ."""
    for language, program in (("c", "examples/c/solve.c"), ("cpp", "examples/cpp/solve.cpp")):
        source = (ROOT / program).read_text()
        lines = [re.sub(r"\s*//.*", "", line).strip() for block in blocks(page.read_text(), language) for line in block.splitlines()]
        position = 0
        for line in filter(None, lines):
            found = source.find(line, position)
            if found < 0:
                sys.exit(f"{page.name}: {program} does not have this line, or not in this order: {line}")
            position = found + len(line)


def check_links(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
            sys.exit(f"{page.name}: the link to {target} leads nowhere")
    for name in re.findall(r"`((?:base|io|runtime|quant|models|convert|puzzles|arc|cli|tests|bench|scripts|docs)/[\w./-]+)`", text):
        if not list(ROOT.glob(re.sub("NAME", "*", name.rstrip("/")))):  # NAME stands for any
            sys.exit(f"{page.name}: there is no {name}")


def main():
    trm = sys.argv[1]
    ran = 0
    for page in PAGES:
        check_links(page)
        check_programs(page)
        ran += run_shell_blocks(page, trm)
    if ran == 0:
        sys.exit("no block of the documentation was run")
    print(f"{ran} blocks of {len(PAGES)} pages ran")


if __name__ == "__main__":
    main()
