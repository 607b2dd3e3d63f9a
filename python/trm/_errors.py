"""What goes wrong, as exceptions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Optional

from . import _library as c


class Error(Exception):
    """The base of all exceptions of this package.

    `str(error)` is one line, "FILE: PLACE: WHAT; REMEDY". Parts that do not apply are None.

    Attributes:
        file: the file that is wrong.
        place: where in it: a line, a key, a tensor.
        what: what is wrong.
        remedy: what to do about it.
    """

    file: Optional[str]
    place: Optional[str]
    what: str
    remedy: Optional[str]

    def __init__(
        self, what: str, *, file: Optional[str] = None, place: Optional[str] = None, remedy: Optional[str] = None
    ) -> None:
        super().__init__(what)
        self.file, self.place, self.what, self.remedy = file, place, what, remedy
        self._message = ": ".join(part for part in (file, place, what) if part)
        if remedy:
            self._message += f"; {remedy}"

    def __str__(self) -> str:
        return self._message

    def __reduce__(self) -> Any:  # errors cross processes
        return _again, (type(self), self.__dict__)


class WorkError(Error, RuntimeError):
    """The work could not be done: the model's numbers overflow, a conversion cannot be made."""


class UsageError(Error, ValueError):
    """The caller asked for what does not exist: an array of the wrong shape, a negative number of steps."""


class InputError(Error, ValueError):
    """The content of a file or an argument is wrong: a damaged model, a token that the model lacks."""


class FileError(Error, OSError):
    """Reading or writing failed."""


class OutOfMemoryError(Error, MemoryError):
    """There is no memory, or no thread, for it."""


class Cancelled(Error):
    """A callback stopped the call."""


_KINDS: dict[int, type[Error]] = {
    c.ERROR_WORK: WorkError,
    c.ERROR_USAGE: UsageError,
    c.ERROR_INPUT: InputError,
    c.ERROR_IO: FileError,
    c.ERROR_MEMORY: OutOfMemoryError,
    c.CANCELLED: Cancelled,
}


def _again(kind: type[Error], state: dict[str, Any]) -> Error:
    error = kind(state["what"])
    error.__dict__.update(state)
    return error


def from_c(error: c.Error) -> Error:
    """The exception for what a function of the library has written."""
    message: bytes = error.message

    def part(span: Any) -> Optional[str]:
        text = message[span.begin : span.begin + span.length].decode("utf-8", "replace")
        return text or None

    whole = message.decode("utf-8", "replace")
    made = _KINDS.get(error.status, WorkError)(
        part(error.what) or whole, file=part(error.file), place=part(error.place), remedy=part(error.remedy)
    )
    made._message = whole
    return made


def read_file(path: Any) -> bytes:
    """The content of a file; what goes wrong is a FileError."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileError(error.strerror or str(error), file=os.fspath(path)) from error


def call(name: str, *arguments: Any) -> None:
    """Calls trm_NAME with an error behind the arguments, and raises what it writes there."""
    error = c.sized(c.Error)
    if c.function_type(name)(*arguments, error) != c.OK:
        raise from_c(error)
