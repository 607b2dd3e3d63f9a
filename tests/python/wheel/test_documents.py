"""What the documentation and the examples show, run as it stands; and what a type checker says about it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import trm
from data import DATA, ROOT, checkpoint_of, golden_cases

EXAMPLES = ROOT / "examples"


def has(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def make_files(folder):
    """The files of the reader: a checkpoint of each kind, a model, challenges."""
    case = next(case for case in golden_cases() if case.name == "trm_att")
    (folder / "checkpoint").mkdir()
    for name in ("all_config.yaml", "dataset.json"):
        (folder / "checkpoint" / name).write_bytes((case / name).read_bytes())
    (folder / "checkpoint/step_1").write_bytes(checkpoint_of(case).read_bytes())
    tasks = json.loads((DATA / "dataset_arc/mini_evaluation_challenges.json").read_text())
    (folder / "challenges.json").write_text(json.dumps(dict(list(tasks.items())[:2])))
    names = DATA / "dataset_arc/identifiers.json"
    trm.convert(DATA / "arc_model/step_1", folder / "arc.gguf", identifiers=names)
    (folder / "puzzles.txt").write_bytes((ROOT / "models/bundled/puzzles.txt").read_bytes())
    (folder / "mazes.txt").write_bytes((ROOT / "models/bundled/mazes.txt").read_bytes())


def python_blocks(page):
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


class Pages(unittest.TestCase):
    def run_python(self, text, folder):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", text], cwd=folder, capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stderr}")
        return done.stdout

    def test_every_block_runs(self):
        for page in (ROOT / "docs/python.md", ROOT / "python/README.md"):
            blocks = python_blocks(page)
            self.assertTrue(blocks, page)
            with tempfile.TemporaryDirectory() as name:
                make_files(Path(name))
                for block in blocks:  # each stands by itself
                    if "torch" in block and not has("torch"):
                        continue
                    with self.subTest(block):
                        self.run_python(block, name)

    @unittest.skipUnless(has("mypy"), "no mypy")
    def test_every_block_passes_mypy(self):
        with tempfile.TemporaryDirectory() as name:
            files = []
            for number, block in enumerate(python_blocks(ROOT / "docs/python.md")):
                if "torch" not in block:
                    files.append(Path(name, f"block{number}.py"))
                    files[-1].write_text(block)
            files.append(Path(name, "user.py"))
            files[-1].write_text((Path(__file__).parent / "user_code.py").read_text())
            command = [sys.executable, "-m", "mypy", "--strict", *files]
            done = subprocess.run(command, cwd=name, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_public_name_has_a_docstring(self):
        for name in trm.__all__:
            self.assertTrue(getattr(trm, name).__doc__, name)


def run_notebook(path, folder):
    """All cells, in a kernel of this Python: the notebook with its outputs."""
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": folder}}
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    return notebook


@unittest.skipUnless(has("nbclient") and has("ipykernel"), "no nbclient")
class Notebooks(unittest.TestCase):
    def outputs(self, notebook):
        return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]

    def test_the_tour(self):
        with tempfile.TemporaryDirectory() as name:
            make_files(Path(name))
            outputs = self.outputs(run_notebook(EXAMPLES / "python/tour.ipynb", name))
            pictures = [output for output in outputs if "<svg" in output.get("data", {}).get("text/html", "")]
            self.assertGreaterEqual(len(pictures), 3)
            self.assertTrue(json.loads(Path(name, "submission.json").read_text()))

    def test_the_notebook_for_kaggle(self):
        with tempfile.TemporaryDirectory() as name:
            inputs, working = Path(name, "input"), Path(name, "working")
            (inputs / "arc").mkdir(parents=True)
            working.mkdir()
            make_files(inputs / "arc")
            (inputs / "arc/challenges.json").rename(inputs / "arc/arc-agi_test_challenges.json")
            os.environ.update(TRM_INPUT=str(inputs), TRM_WORKING=str(working))
            run_notebook(EXAMPLES / "kaggle/submission.ipynb", working)
            challenges = inputs / "arc/arc-agi_test_challenges.json"
            expected = trm.arc.solve(challenges, inputs / "arc/arc.gguf", until_decided=True).submission
            self.assertEqual((working / "submission.json").read_text(), expected)


if __name__ == "__main__":
    unittest.main()
