"""Runs a built trm on the golden cases and the bundled sudokus, wherever it can be run: in a sandbox, under an emulator.

usage: program_test.py [--one-a-family] FOLDER SEEN COMMAND...

FOLDER is a folder for copies of the inputs and for results. SEEN is its path as the program sees it, which differs in a
chroot. COMMAND starts the program. --one-a-family takes one golden case of every model family, for emulators, which are
slow. Python alone is needed, no package.

The outputs of every golden case must be those of the reference (tests/data/golden), within ten times the noise that the
case states of float32, at least 1e-5. A sudoku's answer must be a full board that keeps the givens.
"""

import array
import ast
import json
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TYPES = {"<f4": "f", "<i8": "q", "<i4": "i"}


def read_npy(path):
    """The shape and the values of a .npy file in C order."""
    data = path.read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", path
    end = 10 + struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10:end].decode())
    assert not header["fortran_order"], path
    values = array.array(TYPES[header["descr"]])
    values.frombytes(data[end:])
    return header["shape"], values


def find_checkpoint(folder):
    patterns = ("step_*", "model.*", "*.pth")
    return next(path for pattern in patterns for path in sorted(folder.glob(pattern)))


def repeat_last(values, iterations, steps):
    """The reference computes a sample of FPRM until the batch's last one stops; trm repeats its values from its stop on."""
    size = len(values) // (steps * len(iterations))
    for sample, stop in enumerate(iterations):
        last = ((stop - 1) * len(iterations) + sample) * size
        for step in range(stop, steps):
            row = (step * len(iterations) + sample) * size
            values[row : row + size] = values[last : last + size]


class Place:
    """The folder where both this script and the program read and write."""

    def __init__(self, folder, seen, command):
        self.folder, self.seen, self.command = Path(folder), seen, command

    def path(self, *parts):
        return "/".join([self.seen, *parts])

    def trm(self, *arguments):
        result = subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=900, check=False)
        if result.returncode != 0:
            sys.exit(f"{' '.join([*self.command, *arguments])} ended with {result.returncode}:\n{result.stderr}")
        return result.stdout


def run_case(place, case):
    """Converts the case's checkpoint and runs its inputs: name -> (shape, values) of every step."""
    shutil.copytree(case, place.folder / case.name)
    convert = ["convert", place.path(case.name, find_checkpoint(case).name), "-o", place.path("model.gguf")]
    if case.name.startswith("eqr"):  # the reference's outputs are those without its random noise
        convert += ["--set", "noise_scale=0"]
    place.trm(*convert, "--force", "--quiet")
    steps = len(json.loads((case / "case.json").read_text())["float32_noise_per_step"])
    run = ["run", place.path("model.gguf"), "--out", place.path("out"), "--every-step", "--steps", str(steps), "--quiet"]
    for option, name in (("--inputs", "inputs"), ("--puzzle-identifiers", "puzzle_identifiers"), ("--start", "z_init")):
        if (case / f"{name}.npy").exists():
            run += [option, place.path(case.name, f"{name}.npy")]
    place.trm(*run)
    return {name: read_npy(place.folder / "out" / f"{name}.npy") for name in ("logits", "q")}


def check_case(place, case):
    noise = json.loads((case / "case.json").read_text())["float32_noise_per_step"]
    for name, (shape, values) in run_case(place, case).items():
        expected_shape, expected = read_npy(case / f"{name}.npy")
        if (case / "iterations.npy").exists():
            repeat_last(expected, read_npy(case / "iterations.npy")[1], len(noise))
        if shape[0] != len(noise) or len(values) != len(expected):
            sys.exit(f"{case.name}: {name} has the shape {shape}, the reference {expected_shape}")
        size = len(expected) // len(noise)
        for step, step_noise in enumerate(noise):
            rows = slice(step * size, (step + 1) * size)
            worst = max(abs(a - b) for a, b in zip(values[rows], expected[rows]))
            if not worst <= max(1e-5, 10 * step_noise):
                sys.exit(f"{case.name}: {name} after step {step + 1} differ by {worst} from the reference")
    shutil.rmtree(place.folder / case.name)


def is_solution(puzzle, answer):
    """Every row, column and box has the nine digits, and the givens are kept."""
    rows = [answer[9 * i : 9 * i + 9] for i in range(9)]
    columns = ["".join(row[i] for row in rows) for i in range(9)]
    boxes = ["".join(row[3 * b : 3 * b + 3] for row in rows[3 * a : 3 * a + 3]) for a in range(3) for b in range(3)]
    whole = all("".join(sorted(group)) == "123456789" for group in rows + columns + boxes)
    return len(answer) == 81 and whole and all(given in (".", digit) for given, digit in zip(puzzle, answer))


def check_sudokus(place):
    source = ROOT / "models/bundled/puzzles.txt"
    shutil.copy(source, place.folder)
    text = "".join(line.partition("#")[0] for line in source.read_text().splitlines())
    cells = "".join(letter for letter in text if letter in ".123456789")  # a board may be drawn over several lines
    puzzles = [cells[i : i + 81] for i in range(0, len(cells), 81)]
    answers = place.trm("sudoku", place.path("puzzles.txt"), "--quiet").split()
    if len(answers) != len(puzzles) or not all(map(is_solution, puzzles, answers)):
        sys.exit(f"the answers to {source.name} are no solutions: {answers}")
    return len(puzzles)


def golden_cases(one_a_family):
    cases = sorted(path.parent for path in (ROOT / "tests/data/golden").glob("*/case.json"))
    assert len(cases) >= 23
    by_family = {json.loads((case / "case.json").read_text())["family"]: case for case in cases}
    return list(by_family.values()) if one_a_family else cases


def main():
    arguments = sys.argv[1:]
    one_a_family = arguments[0] == "--one-a-family"
    folder, seen, *command = arguments[one_a_family:]
    start = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    Path(folder).chmod(0o777)  # the program may be another user
    place = Place(folder, seen, command)
    puzzles = check_sudokus(place)
    cases = golden_cases(one_a_family)
    for case in cases:
        check_case(place, case)
    seconds = time.monotonic() - start
    print(f"{puzzles} sudokus and {len(cases)} golden cases in {seconds:.0f} s: {' '.join(command)}")


main()
