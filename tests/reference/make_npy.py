"""Writes tests/data/npy: arrays as numpy writes them, for tests/io/npy_test.cpp.

Every array holds 0, 1, 2, ... in C order, so that the test knows its values.
Needs numpy. Run: python3 tests/reference/make_npy.py
"""

import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parents[1] / "data" / "npy"
OUT.mkdir(parents=True, exist_ok=True)


def count(*shape, dtype):
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    np.save(OUT / f"{dtype}.npy", count(3, 4, dtype="<" + dtype))
np.save(OUT / "bool.npy", np.array([False, True, True]))
np.save(OUT / "fortran.npy", np.asfortranarray(count(2, 3, 4, dtype="<f4")))
np.save(OUT / "scalar.npy", np.int64(7))
np.save(OUT / "empty.npy", count(0, 4, dtype="<i4"))
np.save(OUT / "wide.npy", np.array([-(2**40), 2**40], dtype="<i8"))
np.save(OUT / "big_endian.npy", count(2, dtype=">f4"))
np.save(OUT / "complex.npy", count(2, dtype="<c8"))
np.save(OUT / "structured.npy", np.zeros(2, dtype=[("a", "<i4"), ("b", "<f4")]))
for major in (2, 3):
    with open(OUT / f"version_{major}.npy", "wb") as file:
        np.lib.format.write_array(file, count(3, 4, dtype="<f4"), version=(major, 0))
