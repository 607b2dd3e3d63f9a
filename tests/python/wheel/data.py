"""Where the tests' inputs are, and models converted from them."""

import atexit
import functools
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import trm

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "tests/data"
EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
EASY_ANSWER = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"

CHECKPOINTS = ("step_*", "*.safetensors", "*.npz", "*.pt", "*.pth", "*.ckpt")

FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def golden_cases():
    """The reference cases: outputs of the official PyTorch implementations."""
    return sorted(path.parent for path in DATA.glob("golden/*/case.json"))


def checkpoint_of(case):
    (found,) = {path for pattern in CHECKPOINTS for path in case.glob(pattern)}
    return found


@functools.lru_cache(maxsize=None)
def golden_model(case, type="f32"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", trm.ConversionWarning)
        return trm.load(trm.convert(checkpoint_of(case), FOLDER / f"{case.name}_{type}.gguf", type=type))


@functools.lru_cache(maxsize=None)
def nano_model(side, width):
    """A model of nano-trm's for sudokus with `side` cells a row, 4 or 9, on boards with `width`."""
    case = DATA / "golden" / {4: "nano_ema", 9: "nano_att"}[side]
    sizes = {"max_grid_size": width, "seq_len": width * width}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", trm.ConversionWarning)
        return trm.load(trm.convert(checkpoint_of(case), FOLDER / f"nano_{side}_{width}.gguf", overrides=sizes))


@functools.lru_cache(maxsize=None)
def arc_model():
    converted = trm.convert(
        DATA / "arc_model/step_1", FOLDER / "arc.gguf", identifiers=DATA / "dataset_arc/identifiers.json"
    )
    return trm.load(converted)


def inputs(case):
    """Tokens [B, S] and puzzle ids [B]."""
    return np.load(case / "inputs.npy"), np.load(case / "puzzle_identifiers.npy")


def sudokus(count):
    """Hard sudokus as text."""
    lines = (DATA / "sudoku/test_hard_100.csv").read_text().splitlines()
    return lines[:1] + lines[1 : count + 1]


def sudoku_tokens(count):
    return np.stack(trm.sudoku.read("\n".join(sudokus(count)))).reshape(count, 81) + 1
