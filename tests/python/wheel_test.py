"""The wheel in a fresh virtual environment: built from the library that the build has, installed, and tested as a user
has it (tests/python/wheel/). What meets PyTorch is tested once more with this Python and its packages.

usage: wheel_test.py LIBRARY PROGRAM

Exit code 77: the environment cannot be made, because there is no network.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = Path(__file__).parent / "wheel"


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def pip(python, *arguments):
    run(python, "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet")


def main():
    library, program = (Path(argument).resolve() for argument in sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = folder / "venv/bin/python"
        run(sys.executable, "-m", "venv", folder / "venv")
        try:
            pip(python, "install", "-r", TESTS / "requirements.txt")
        except subprocess.CalledProcessError:
            print("skipped: the packages of tests/python/wheel/requirements.txt cannot be had")
            return 77
        pip(python, "wheel", ROOT, "--no-deps", "--no-build-isolation", "-w", folder,
            "-C", f"cmake.define.TRM_LIBRARY={library}", "-C", f"build-dir={folder / 'build'}")  # fmt: skip
        (wheel,) = folder.glob("*.whl")
        if "-py3-none-" not in wheel.name:
            sys.exit(f"{wheel.name} is not for every Python 3")
        pip(python, "install", "--no-index", "--no-deps", wheel)
        environment = {**os.environ, "TRM_PROGRAM": str(program)}
        for leftover in ("TRM_LIBRARY", "PYTHONPATH"):
            environment.pop(leftover, None)
        discover = ["-W", "error::ResourceWarning", "-m", "unittest", "discover", "-s", TESTS]
        run(python, *discover, cwd=folder, env=environment)
        pip(python, "install", "--no-index", "--no-deps", "--target", folder / "site", wheel)
        beside = {**environment, "PYTHONPATH": str(folder / "site")}
        run(sys.executable, *discover, "-k", "torch", cwd=folder, env=beside)
    return 0


if __name__ == "__main__":
    sys.exit(main())
