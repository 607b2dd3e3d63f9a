"""Tiny Recursive Models (arXiv 2510.04871) on ordinary CPUs.

    import trm

    print(trm.sudoku.solve("53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"))

    model = trm.load("arc.gguf")
    result = model.run(tokens, puzzle_ids=ids)      # [B, S] integers; result.predictions is [B, S]
    for step in model.steps(tokens):                # watch an answer form
        print(step.step, step.q_halt)

    trm.arc.solve("challenges.json", model).save("submission.json")
    trm.convert("step_518071", "arc.gguf", type="int8")
    trm.from_state_dict(network.state_dict(), config)

Functions release the GIL, are stopped by Ctrl-C, may be called from several threads at once, and go on after fork().
Errors are `trm.Error` and its subclasses, with the file, the place in it and a remedy.
"""

from . import _library, arc, maze, sudoku
from ._bundled import bundled, bundled_models
from ._conversion import ConversionWarning, convert, from_state_dict
from ._errors import (
    Cancelled,
    Error,
    FileError,
    InputError,
    OutOfMemoryError,
    UsageError,
    WorkError,
)
from ._model import Model, Result, Step, kernel_sets, load

__version__: str = _library.library.trm_version().decode()

__all__ = [
    "Cancelled",
    "ConversionWarning",
    "Error",
    "FileError",
    "InputError",
    "Model",
    "OutOfMemoryError",
    "Result",
    "Step",
    "UsageError",
    "WorkError",
    "arc",
    "bundled",
    "bundled_models",
    "convert",
    "from_state_dict",
    "kernel_sets",
    "load",
    "maze",
    "sudoku",
]
