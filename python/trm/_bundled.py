"""The models that come with the package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ._errors import UsageError
from ._model import Model, load

_FOLDER = Path(__file__).with_name("models")
_SUFFIX = "_int8.gguf"


def bundled_models() -> tuple[str, ...]:
    """The names of the models that come with the package, for `trm.bundled`."""
    return tuple(sorted(path.name[: -len(_SUFFIX)] for path in _FOLDER.glob(f"*{_SUFFIX}")))


@lru_cache(maxsize=None)
def bundled(name: str) -> Model:
    """A model that comes with the package, loaded once: "sudoku", "maze", ...

    Raises:
        trm.UsageError: there is no such model.
    """
    if name not in bundled_models():
        raise UsageError(f"there is no bundled model {name!r}", remedy=f"there are: {', '.join(bundled_models())}")
    return load(_FOLDER / f"{name}{_SUFFIX}")
