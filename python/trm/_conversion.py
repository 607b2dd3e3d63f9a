"""From checkpoints to models."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, Optional, Union

import numpy as np
import numpy.typing as npt

from . import _errors
from . import _library as c
from ._call import Call, Handle
from ._model import Model, PathLike

Ids = Union[str, int, list[int], tuple[int, ...], range]
_TYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64"}


class ConversionWarning(UserWarning):
    """What a user should know about a conversion that was done."""


def convert(
    checkpoint: PathLike,
    output: PathLike,
    *,
    type: str = "f32",  # noqa: A002
    ids: Optional[Ids] = None,
    config: Optional[PathLike] = None,
    dataset: Optional[PathLike] = None,
    identifiers: Optional[PathLike] = None,
    key: Optional[str] = None,
    weights: Optional[str] = None,
    overrides: Optional[Mapping[str, object]] = None,
    cells: Optional[int] = None,
    progress: Optional[Callable[[float], object]] = None,
) -> Path:
    """Converts a checkpoint of PyTorch, safetensors or npz to a model file, whole or not at all.

    Nothing in the checkpoint is executed, and PyTorch is not needed. What the user should know comes as a
    ConversionWarning. Ctrl-C stops it where it can.

    Args:
        checkpoint: the file.
        output: the model file to write.
        type: of the layers' weights: "f32", "f16", "int8" or "q4_0".
        ids: puzzle ids to keep: numbers, "none", "all" or "@challenges.json", the ids of these tasks; by default all.
        config: all_config.yaml; by default the one beside the checkpoint or within it.
        dataset: dataset.json or a data set's folder; by default the one beside the checkpoint, if there is one.
        identifiers: identifiers.json; by default the one beside the checkpoint or the data set, if there is one.
        key: of the dictionary within the checkpoint, where several models fit.
        weights: "ema" or "raw", where the checkpoint has both; by default ema.
        overrides: values over those of the configuration.
        cells: S, where no data set says it.
        progress: is called with the share of the work that is done, 0 to 1; stops the work by returning False.

    Returns:
        The path of the model file, for `trm.load`.

    Raises:
        trm.InputError: the checkpoint is damaged, of no known family, or does not fit its configuration.
        trm.UsageError: an argument names what does not exist.
        trm.FileError: reading or writing failed.
    """
    paths = {"config": config, "dataset": dataset, "identifiers": identifiers}
    call = Call()
    options = _Options(type, ids, overrides, cells, call, progress is not None)
    for name, path in paths.items():
        setattr(options.struct, name, os.fsencode(path) if path is not None else None)
    options.struct.key = key.encode() if key is not None else None
    options.struct.weights = weights.encode() if weights is not None else None
    source, target = os.fsencode(checkpoint), os.fsencode(output)
    call.wait(lambda: _errors.call("convert", source, target, options.struct), progress)
    options.warn()
    return Path(output)


def from_state_dict(
    state_dict: Mapping[str, Any],
    config: Union[Mapping[str, Any], PathLike, object],
    *,
    cells: Optional[int] = None,
    type: str = "f32",  # noqa: A002
    ids: Optional[Ids] = None,
    overrides: Optional[Mapping[str, object]] = None,
    name: str = "state dict",
    kernel_set: Optional[str] = None,
) -> Model:
    """A model from a state dict in memory, in the middle of training: no file in between.

    Args:
        state_dict: tensors of PyTorch (any device, float32, float16, bfloat16 or float64) or NumPy arrays, by name:
            `model.state_dict()`. The names may have the prefixes that wrappers and compilers put before them.
        config: the configuration of the training: a dictionary, a pydantic model, or the path of all_config.yaml.
        cells: S; by default `seq_len` of the configuration or of its `arch`.
        type: of the layers' weights: "f32", "f16", "int8" or "q4_0".
        ids: puzzle ids to keep, as in `trm.convert`; by default all.
        overrides: values over those of the configuration.
        name: what messages call the model.
        kernel_set: as in `trm.load`.

    Raises:
        trm.InputError: the tensors do not fit the configuration, or are of no known family.
        trm.UsageError: a tensor has another type; `cells` is not known.
    """
    text, known_cells = _config_text(config)
    arrays = {key: _as_array(key, tensor) for key, tensor in state_dict.items()}
    shapes = [(ctypes.c_int64 * array.ndim)(*array.shape) for array, _ in arrays.values()]
    tensors = (c.Tensor * len(arrays))(
        *(
            c.Tensor(key.encode(), kind.encode(), shape, array.ndim, array.ctypes.data)
            for (key, (array, kind)), shape in zip(arrays.items(), shapes)
        )
    )
    call = Call()
    options = _Options(type, ids, overrides, cells if cells is not None else known_cells, call, False)
    made, length = ctypes.c_void_p(), ctypes.c_size_t()
    call.wait(
        lambda: _errors.call("convert_tensors", tensors, len(arrays), text.encode(), options.struct, made, length)
    )
    owner = Handle(made.value, "bytes_free")
    options.warn()
    view: Any = (ctypes.c_uint8 * length.value).from_address(made.value or 0)
    view.owner = owner  # lives as long as the array
    return Model(memoryview(view), name, kernel_set)


class _Options:
    """The options of both ways to convert, and the remarks that the library makes."""

    def __init__(
        self,
        kind: str,
        ids: Optional[Ids],
        overrides: Optional[Mapping[str, object]],
        cells: Optional[int],
        call: Call,
        with_progress: bool,
    ) -> None:
        self._remarks: list[str] = []
        settings = [f"{key}={_as_yaml(value)}".encode() for key, value in (overrides or {}).items()]

        def on_progress(_context: Any, share: float) -> int:
            return call.emit(lambda: share) if with_progress else call.stopped()

        self.struct = c.sized(
            c.ConvertOptions,
            type=kind.encode(),
            ids=_ids_text(ids),
            overrides=(ctypes.c_char_p * (len(settings) + 1))(*settings, None) if settings else None,
            cells=cells or 0,
            on_remark=c.OnRemark(self._on_remark),
            on_progress=c.OnShare(on_progress),
        )

    def _on_remark(self, _context: Any, remark: bytes) -> None:
        self._remarks.append(remark.decode("utf-8", "replace"))

    def warn(self) -> None:
        for remark in self._remarks:
            warnings.warn(remark, ConversionWarning, stacklevel=3)


def _ids_text(ids: Optional[Ids]) -> Optional[bytes]:
    if ids is None:
        return None
    if isinstance(ids, str):
        return ids.encode()
    if isinstance(ids, int):
        return str(ids).encode()
    return ",".join(map(str, ids)).encode() or b"none"


def _as_yaml(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _config_text(config: Any) -> tuple[str, Optional[int]]:
    """The configuration as YAML, and S if it says so."""
    if isinstance(config, (str, os.PathLike)):
        return _errors.read_file(config).decode("utf-8", "replace"), None
    if hasattr(config, "model_dump"):  # pydantic 2
        config = config.model_dump()
    if not isinstance(config, Mapping):
        raise _errors.UsageError(
            f"config is a {config.__class__.__name__}", remedy="give a dictionary or the path of all_config.yaml"
        )
    arch = config.get("arch")
    nested = arch.get("seq_len") if isinstance(arch, Mapping) else None
    cells = config.get("seq_len", nested)
    return json.dumps(config, default=_plain), cells if isinstance(cells, int) else None


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _as_array(name: str, tensor: Any) -> tuple[npt.NDArray[Any], str]:
    """The values of a tensor, row after row, not copied where they lie so already; and their type's name."""
    kind = str(tensor.dtype).rpartition(".")[2]  # "torch.float32", NumPy's "float32"
    if kind not in _TYPES:
        raise _errors.UsageError(f"has the type {tensor.dtype}", place=name, remedy=f"use {', '.join(_TYPES)}")
    if not isinstance(tensor, np.ndarray):
        tensor = tensor.detach().cpu().contiguous()
        if kind == "bfloat16":  # NumPy has no such type
            tensor = tensor.view(sys.modules["torch"].int16)
        tensor = tensor.numpy()
    return np.ascontiguousarray(tensor).reshape(np.shape(tensor)), _TYPES[kind]
