"""NumPy arrays as the library reads them: where they lie, with their own type and strides."""

from __future__ import annotations

from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from . import _library as c
from ._errors import UsageError

_INTEGERS: dict[tuple[str, int], int] = {
    ("i", 1): c.INT8,
    ("u", 1): c.UINT8,
    ("i", 2): c.INT16,
    ("u", 2): c.UINT16,
    ("i", 4): c.INT32,
    ("u", 4): c.UINT32,
    ("i", 8): c.INT64,
    ("u", 8): c.UINT64,
}


def address(array: Optional[npt.NDArray[Any]]) -> Optional[int]:
    """For a pointer to the array's first element; NULL for None."""
    return None if array is None else array.ctypes.data


def integers(values: npt.ArrayLike, name: str) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise UsageError(f"{name} has elements of the type {array.dtype}", remedy="give an array of integers")
    return array


def as_tokens(tokens: npt.ArrayLike, cells: int, name: str = "tokens") -> npt.NDArray[Any]:
    """Tokens [B, S] of any integer type, not copied unless their bytes are in the other order; [S] becomes [1, S]."""
    array = integers(tokens, name)
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.ndim != 2 or array.shape[1] != cells:
        raise UsageError(
            f"{name} has the shape {list(np.shape(array))}", remedy=f"this model takes [B, {cells}] or [{cells}]"
        )
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def one_for_each(values: Union[npt.ArrayLike, None], samples: int, kind: Any, name: str) -> Optional[npt.NDArray[Any]]:
    """An array [B] of the type `kind` from one or from a single number; None stays None."""
    if values is None:
        return None
    array = integers(values, name)
    if array.ndim and array.shape != (samples,):
        raise UsageError(f"{name} has the shape {list(array.shape)}", remedy=f"give one number or [{samples}]")
    return np.ascontiguousarray(np.broadcast_to(array, samples), dtype=kind)


class Batch:
    """Samples for the library, and the arrays that it reads."""

    def __init__(
        self,
        tokens: npt.NDArray[Any],
        puzzle_ids: Union[npt.ArrayLike, None] = None,
        noise_keys: Union[npt.ArrayLike, None] = None,
        trajectories: Union[npt.ArrayLike, None] = None,
    ) -> None:
        if tokens.strides[1] == 0:  # one number broadcast over the cells; to the library 0 means "contiguous"
            tokens = tokens.copy()
        samples = len(tokens)
        self.tokens = tokens
        self._arrays = (
            one_for_each(puzzle_ids, samples, np.int64, "puzzle_ids"),
            one_for_each(noise_keys, samples, np.uint64, "noise_keys"),
            one_for_each(trajectories, samples, np.uint32, "trajectories"),
        )
        ids, keys, trajectory = map(address, self._arrays)
        self.struct = c.sized(
            c.Batch,
            samples=samples,
            tokens=address(tokens),
            type=_INTEGERS[tokens.dtype.kind, tokens.dtype.itemsize],
            sample_stride=tokens.strides[0],
            cell_stride=tokens.strides[1],
            puzzle_ids=ids,
            noise_keys=keys,
            trajectories=trajectory,
        )
