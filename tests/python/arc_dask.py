"""scripts/arc_dask.py with two workers on this machine gives the submission of one run, byte for byte.

usage: arc_dask.py TRM MODEL_FOLDER DATA_SET_FOLDER
"""

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import distributed  # noqa: F401
except ImportError:
    print("skipped: no dask[distributed] in .venv; scripts/test installs it")
    sys.exit(77)

SCRIPT = Path(__file__).parents[2] / "scripts" / "arc_dask.py"


def call(*command):
    subprocess.run(list(map(str, command)), check=True)


def sample_count(journal):
    with sqlite3.connect(journal) as database:
        return database.execute("SELECT count(*) FROM sample").fetchone()[0]


def main():
    trm, model_folder, data = (Path(argument).resolve() for argument in sys.argv[1:])
    source, identifiers = model_folder / "step_1", data / "identifiers.json"
    challenges = data / "mini_evaluation_challenges.json"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        model, one, two = folder / "model.gguf", folder / "one.json", folder / "two.json"
        call(trm, "convert", source, "-o", model, "--identifiers", identifiers, "--quiet")
        task = [model, "--challenges", challenges, "--samples", 5]
        call(trm, "arc", *task, "-o", one, "--quiet")
        dask = [sys.executable, SCRIPT, "--trm", trm, "--workers", 2, "-o", two, *task]
        call(*dask)
        journals = sorted(folder.glob("two.json.parts/*.journal"))
        counts = [sample_count(journal) for journal in journals]
        assert len(counts) == 2 and min(counts) > 0 and sum(counts) == sample_count(f"{one}.journal"), counts
        assert two.read_bytes() == one.read_bytes()

        journals[0].unlink()  # a machine lost its disk: started again, its shard is run again
        two.unlink()
        call(*dask)
        assert two.read_bytes() == one.read_bytes()

        refused = subprocess.run([*map(str, dask), "--steps", "2"], capture_output=True, text=True)
        assert refused.returncode == 1 and "was made with steps = 3" in refused.stderr, refused.stderr


if __name__ == "__main__":
    main()
