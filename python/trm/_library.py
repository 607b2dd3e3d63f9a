"""The shared library and its C interface, include/trm.h, as ctypes sees it.

Structs, constants and functions have the names and the order of the header; tests/python/wheel/test_library.py compares
them with what a C compiler says.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_ssize_t,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any, TypeVar

OK, ERROR_WORK, ERROR_USAGE, ERROR_INPUT, ERROR_IO, ERROR_MEMORY, CANCELLED = range(7)
INT32, INT8, UINT8, INT16, UINT16, UINT32, INT64, UINT64 = range(8)
NOISE_DEFAULT, NOISE_LOW, NOISE_HIGH, NOISE_BOTH = range(4)
HALT_NOT, HALT_HEAD, HALT_RESIDUAL = range(3)
SUDOKU, MAZE, SUDOKU_NANO, SUDOKU_NANO_PADDED = 1, 2, 3, 4

# Callbacks get the addresses of structs: `step_from(address)` and the like read them.
Cancel = CFUNCTYPE(c_int, c_void_p)
OnStep = CFUNCTYPE(c_int, c_void_p, c_void_p)
OnSamples = CFUNCTYPE(c_int, c_void_p, c_size_t, c_size_t)
OnRemark = CFUNCTYPE(None, c_void_p, c_char_p)
OnShare = CFUNCTYPE(c_int, c_void_p, c_double)


class Span(Structure):
    _fields_ = [("begin", c_uint32), ("length", c_uint32)]


class Error(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("status", c_int),
        ("message", c_char * 1024),
        ("file", Span),
        ("place", Span),
        ("what", Span),
        ("remedy", Span),
    ]


class ModelOptions(Structure):
    _fields_ = [("size", c_size_t), ("kernel_set", c_char_p)]


class ModelInfo(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("family", c_char_p),
        ("type", c_char_p),
        ("kernel_set", c_char_p),
        ("task", c_char_p),
        ("cells", c_int64),
        ("tokens", c_int64),
        ("vocabulary", c_int64),
        ("channels", c_int64),
        ("max_steps", c_int64),
        ("puzzle_ids", c_int64),
        ("puzzle_rows", c_int64),
        ("high_latents", c_int64),
        ("low_latents", c_int64),
        ("weight_bytes", c_uint64),
        ("puzzle_kind", c_int32),
        ("puzzle_side", c_int32),
    ]


class SessionOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("threads", c_int32),
        ("parallel_for", c_void_p),
        ("parallel_context", c_void_p),
    ]


class Batch(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("samples", c_size_t),
        ("tokens", c_void_p),
        ("type", c_int),
        ("sample_stride", c_ssize_t),
        ("cell_stride", c_ssize_t),
        ("puzzle_ids", c_void_p),
        ("noise_keys", c_void_p),
        ("trajectories", c_void_p),
    ]


class Step(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("sample", c_size_t),
        ("step", c_int64),
        ("last", c_int32),
        ("halted", c_int32),
        ("q_halt", c_float),
        ("q_continue", c_float),
        ("logits", POINTER(c_float)),
        ("z_high", POINTER(c_float)),
        ("z_low", POINTER(c_float)),
    ]


class RunOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("steps", c_int64),
        ("halt", c_int32),
        ("halt_margin", c_float),
        ("noise", c_double),
        ("noise_latent", c_int),
        ("seed", c_uint64),
        ("on_step", OnStep),
        ("cancel", Cancel),
        ("context", c_void_p),
    ]


class Results(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("predictions", c_void_p),
        ("q_halt", c_void_p),
        ("q_continue", c_void_p),
        ("steps", c_void_p),
        ("halted", c_void_p),
        ("logits", c_void_p),
        ("z_high", c_void_p),
        ("z_low", c_void_p),
    ]


class SolveStep(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("puzzle", c_size_t),
        ("attempt", c_int64),
        ("step", c_int64),
        ("answer", POINTER(c_int32)),
        ("faults", c_size_t),
        ("q_halt", c_float),
    ]


class SolveOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("tries", c_int64),
        ("steps", c_int64),
        ("halt", c_int32),
        ("halt_margin", c_float),
        ("no_guesses", c_int32),
        ("seed", c_uint64),
        ("time_limit", c_double),
        ("on_step", OnStep),
        ("cancel", Cancel),
        ("context", c_void_p),
    ]


class Solutions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("answers", c_void_p),
        ("faults", c_void_p),
        ("attempts", c_void_p),
        ("tries", c_void_p),
        ("steps", c_void_p),
    ]


class ArcOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("name", c_char_p),
        ("identifiers", c_char_p),
        ("samples", c_int64),
        ("steps", c_int64),
        ("halt", c_int32),
        ("halt_margin", c_float),
        ("until_decided", c_int32),
        ("time_limit", c_double),
        ("on_progress", OnSamples),
        ("cancel", Cancel),
        ("context", c_void_p),
    ]


class Candidate(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("rows", c_int64),
        ("columns", c_int64),
        ("cells", POINTER(c_uint8)),
        ("votes", c_int64),
        ("confidence", c_double),
    ]


class ConvertOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("config", c_char_p),
        ("dataset", c_char_p),
        ("identifiers", c_char_p),
        ("type", c_char_p),
        ("ids", c_char_p),
        ("key", c_char_p),
        ("weights", c_char_p),
        ("overrides", POINTER(c_char_p)),
        ("cells", c_int64),
        ("on_remark", OnRemark),
        ("on_progress", OnShare),
        ("context", c_void_p),
    ]


class Tensor(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("type", c_char_p),
        ("shape", POINTER(c_int64)),
        ("dimensions", c_size_t),
        ("data", c_void_p),
    ]


# The name in C of each struct, without the prefix trm_.
STRUCTS: dict[str, type[Structure]] = {
    "span": Span,
    "error": Error,
    "model_options": ModelOptions,
    "model_info": ModelInfo,
    "session_options": SessionOptions,
    "batch": Batch,
    "step": Step,
    "run_options": RunOptions,
    "results": Results,
    "solve_step": SolveStep,
    "solve_options": SolveOptions,
    "solutions": Solutions,
    "arc_options": ArcOptions,
    "candidate": Candidate,
    "convert_options": ConvertOptions,
    "tensor": Tensor,
}

# Model, session and ranking are addresses; the status of a call is an int.
_HANDLE = c_void_p
_NEW_HANDLE = POINTER(c_void_p)
_SIZE = POINTER(c_size_t)
_TEXT = POINTER(c_char_p)
_ERROR = POINTER(Error)

# Result and arguments of every function, by its name without the prefix trm_.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "version": (c_char_p, []),
    "kernel_set": (c_char_p, [c_size_t]),
    "model_load": (c_int, [c_char_p, POINTER(ModelOptions), _NEW_HANDLE, _ERROR]),
    "model_load_memory": (c_int, [c_void_p, c_size_t, c_char_p, POINTER(ModelOptions), _NEW_HANDLE, _ERROR]),
    "model_free": (None, [_HANDLE]),
    "model_get_info": (c_int, [_HANDLE, POINTER(ModelInfo), _ERROR]),
    "model_hyperparameter": (c_int, [_HANDLE, c_size_t, _TEXT, _TEXT, _ERROR]),
    "model_find_puzzle": (c_int64, [_HANDLE, c_char_p]),
    "model_has_puzzle": (c_int, [_HANDLE, c_int64]),
    "session_create": (c_int, [_HANDLE, POINTER(SessionOptions), _NEW_HANDLE, _ERROR]),
    "session_free": (None, [_HANDLE]),
    "session_threads": (c_int32, [_HANDLE]),
    "memory_needed": (c_int, [_HANDLE, POINTER(SessionOptions), POINTER(c_uint64), _ERROR]),
    "cancel_flag": (c_int, [c_void_p]),
    "run": (c_int, [_HANDLE, POINTER(Batch), POINTER(RunOptions), POINTER(Results), _ERROR]),
    "puzzles_read": (
        c_int,
        [c_int, c_int64, c_char_p, c_size_t, c_char_p, c_void_p, c_size_t, _SIZE, _ERROR],
    ),
    "puzzle_write": (c_int, [c_int, c_int64, c_void_p, c_char_p, c_size_t, _SIZE, _ERROR]),
    "puzzle_check": (c_int, [c_int, c_int64, c_void_p, c_void_p, _SIZE, c_char_p, c_size_t, _ERROR]),
    "solve": (c_int, [_HANDLE, POINTER(Batch), POINTER(SolveOptions), POINTER(Solutions), _ERROR]),
    "arc_solve": (c_int, [_HANDLE, c_char_p, c_size_t, POINTER(ArcOptions), _NEW_HANDLE, _ERROR]),
    "ranking_free": (None, [_HANDLE]),
    "ranking_task": (c_char_p, [_HANDLE, c_size_t]),
    "ranking_tests": (c_size_t, [_HANDLE, c_size_t]),
    "ranking_candidates": (c_size_t, [_HANDLE, c_size_t, c_size_t]),
    "ranking_candidate": (c_int, [_HANDLE, c_size_t, c_size_t, c_size_t, POINTER(Candidate), _ERROR]),
    "ranking_submission": (c_int, [_HANDLE, _TEXT, _SIZE, _ERROR]),
    "ranking_json": (c_int, [_HANDLE, _TEXT, _SIZE, _ERROR]),
    "convert": (c_int, [c_char_p, c_char_p, POINTER(ConvertOptions), _ERROR]),
    "convert_tensors": (
        c_int,
        [POINTER(Tensor), c_size_t, c_char_p, POINTER(ConvertOptions), _NEW_HANDLE, _SIZE, _ERROR],
    ),
    "bytes_free": (None, [c_void_p]),
}

_Struct = TypeVar("_Struct", bound=Structure)


def sized(struct: type[_Struct], **fields: Any) -> _Struct:
    """A struct with its size in the field that all structs begin with, and zero in the fields that are not given."""
    return struct(size=ctypes.sizeof(struct), **fields)


def library_path() -> Path:
    """The shared library: the one that the environment variable TRM_LIBRARY names, else the one beside this file."""
    named = os.environ.get("TRM_LIBRARY")
    if named:
        return Path(named)
    name = {"win32": "trm.dll", "darwin": "libtrm.dylib"}.get(sys.platform, "libtrm.so")
    return Path(__file__).with_name(name)


def _open() -> ctypes.CDLL:
    opened = ctypes.CDLL(str(library_path()))
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(opened, f"trm_{name}")
        function.restype = result
        function.argtypes = arguments
    return opened


library = _open()


def function_type(name: str) -> Any:
    """The function trm_NAME. ctypes releases the GIL while it runs."""
    return getattr(library, f"trm_{name}")
