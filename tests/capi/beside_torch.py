"""libtrm and PyTorch in one process: beside_torch.py LIBRARY MODEL

Two OpenMP runtimes in one process slow each other down, hang or crash. libtrm has none: with and without it PyTorch
gives the same numbers, libtrm gives the same answer, in any order, and after a fork.
"""

import ctypes
import os
import sys

import torch


class Batch(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("samples", ctypes.c_size_t),
        ("tokens", ctypes.c_void_p),
        ("type", ctypes.c_int),
        ("sample_stride", ctypes.c_ssize_t),
        ("cell_stride", ctypes.c_ssize_t),
        ("puzzle_ids", ctypes.c_void_p),
        ("noise_keys", ctypes.c_void_p),
        ("trajectories", ctypes.c_void_p),
    ]


class Results(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("predictions", ctypes.c_void_p)] + [
        (name, ctypes.c_void_p) for name in ("q_halt", "q_continue", "steps", "halted", "logits", "z_high", "z_low")
    ]


PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ANSWER = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def answer(library, session):
    tokens = (ctypes.c_int32 * 81)(*(1 if c == "." else int(c) + 1 for c in PUZZLE))
    predictions = (ctypes.c_int32 * 81)()
    batch = Batch(size=ctypes.sizeof(Batch), samples=1, tokens=ctypes.addressof(tokens))
    results = Results(size=ctypes.sizeof(Results), predictions=ctypes.addressof(predictions))
    assert library.trm_run(session, ctypes.byref(batch), None, ctypes.byref(results), None) == 0
    return "".join(str(token - 1) for token in predictions)


def product():
    torch.manual_seed(1)
    a = torch.randn(300, 300)
    return (a @ a).sum()


def main():
    library = ctypes.CDLL(sys.argv[1])
    before = product()
    model, session = ctypes.c_void_p(), ctypes.c_void_p()
    assert library.trm_model_load(os.fsencode(sys.argv[2]), None, ctypes.byref(model), None) == 0
    assert library.trm_session_create(model, None, ctypes.byref(session), None) == 0
    for _ in range(3):
        assert answer(library, session) == ANSWER
        assert torch.equal(product(), before)
    child = os.fork()
    if child == 0:
        os._exit(0 if answer(library, session) == ANSWER else 1)
    assert os.waitpid(child, 0)[1] == 0
    library.trm_session_free(session)
    library.trm_model_free(model)


main()
