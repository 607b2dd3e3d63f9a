"""scripts/arc_dask.py with two local workers gives the submission of one machine, byte for byte.

usage: arc_dask.py TRM MODEL_FOLDER DATA_SET_FOLDER
"""

import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import distributed  # noqa: F401
except ImportError:
    print("skipped: no dask.distributed; scripts/test installs it")
    sys.exit(77)


def call(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


trm, model_folder, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
script = Path(__file__).parents[2] / "scripts" / "arc_dask.py"
with tempfile.TemporaryDirectory() as name:
    model, alone, together = Path(name, "model.gguf"), Path(name, "alone.json"), Path(name, "together.json")
    call(trm, "convert", model_folder / "step_1", "-o", model, "--identifiers", data / "identifiers.json", "--quiet")
    challenges = ["--challenges", data / "mini_evaluation_challenges.json"]
    call(trm, "arc", model, *challenges, "-o", alone, "--quiet")
    call(sys.executable, script, "-o", together, trm, model, *challenges, "--threads", "1")
    if alone.read_bytes() != together.read_bytes():
        sys.exit("two workers give another submission")
    print(f"{len(list(Path(name).glob('*-of-*.journal')))} shards give the same submission")
