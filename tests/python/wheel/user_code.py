"""What users write, for mypy --strict: see test_documents.py. Every annotation must be what the package declares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import trm


def solve(text: str) -> str:
    solution: trm.sudoku.Solution = trm.sudoku.solve(text, tries=3)
    grid: npt.NDArray[np.int32] = solution.answer
    return f"{solution.solved} {grid.sum()} {solution.text}"


def run(model: trm.Model, tokens: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    result: trm.Result = model.run(tokens, puzzle_ids=np.arange(len(tokens)), steps=4, halt=3.0, logits=True)
    if result.logits is not None:
        print(float(result.logits.max()))
    for step in model.steps(tokens[0]):
        print(step.step, step.q_halt, step.prediction.tolist())
    return result.predictions


def votes(path: Path) -> int:
    try:
        ranking = trm.arc.solve(path, "arc.gguf", until_decided="probable", progress=lambda done, all_of: done < all_of)
    except trm.InputError as error:
        print(error.file, error.place, error.what, error.remedy)
        return 0
    ranking.save("submission.json")
    return sum(candidate.votes for tests in ranking.values() for test in tests for candidate in test)


def convert(state: dict[str, npt.NDArray[np.float32]]) -> list[trm.Model]:
    loaded = trm.load(trm.convert("step_1", "model.gguf", type="int8", ids=range(5)))
    made = trm.from_state_dict(state, {"arch": {"name": "trm"}}, cells=81)
    return [loaded, made, trm.bundled("sudoku")]
