"""Arguments of sgns.sampling, checked with messages that name them."""

from __future__ import annotations

import math
import numbers
import operator
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "MAX_IDS",
    "MAX_STEP",
    "Bools",
    "as_array",
    "as_bool",
    "as_bools",
    "as_floats",
    "as_ids",
    "as_int",
    "as_integers",
    "as_number",
    "as_positive",
    "as_row_ids",
    "as_weights",
    "writable_ids",
]

Bools = npt.NDArray[np.bool_]

MAX_IDS = 2**31 - 2
"""Most ids of a distribution."""
MAX_STEP = 2**32 - 1
"""Largest step."""


def as_int(value: Any, name: str, low: int, high: int) -> int:
    """Return an integer of a range as Python's int; bool is none."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an int, got {value!r}")
    number = operator.index(value)
    if not low <= number <= high:
        expected = f">= {low}" if number < low else f"<= {high}"
        raise ValueError(f"{name} must be an int {expected}, got {number}")
    return number


def as_bool(value: Any, name: str) -> bool:
    """Return a truth value; a number or a string is none."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be a bool, got {value!r}")
    return bool(value)


def _plain_array(value: Any, name: str) -> npt.NDArray[Any]:
    """Return what NumPy makes of a value, of any shape and type."""
    try:
        return np.asarray(value)
    except ValueError:  # of NumPy, which does not know the name
        raise ValueError(
            f"{name} must be an array, got parts of different lengths"
        ) from None


def as_floats(value: Any, name: str) -> npt.NDArray[np.float64]:
    """Return numbers as float64, of any shape, a single one included."""
    array = _plain_array(value, name)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, got {array.dtype}")
    return np.asarray(array, np.float64)


def as_array(value: Any, name: str, ndim: int | None) -> npt.NDArray[Any]:
    """Return an array of numbers with that many dimensions (None: at least one)."""
    array = _plain_array(value, name)
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        got = "a single value" if array.ndim == 0 else f"an array of {array.dtype}"
        raise TypeError(f"{name} must be an array of numbers, got {got}")
    if ndim is not None and array.ndim != ndim:
        shape = "(n,)" if ndim == 1 else "(n, m)"
        raise ValueError(f"{name} must have the shape {shape}, got {array.shape}")
    return array


def as_integers(value: Any, name: str, ndim: int | None) -> npt.NDArray[np.int64]:
    """Return an array of integers as int64, C-contiguous; floats are a TypeError."""
    array = as_array(value, name, ndim)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{name} must hold integers, got {array.dtype}")
    if array.dtype == np.uint64 and array.size and int(array.max()) >= 2**63:
        raise ValueError(f"{name} must be below 2**63, got {array.max()}")
    return np.ascontiguousarray(array, np.int64)


def as_row_ids(value: Any, n: int) -> npt.NDArray[np.int64]:
    """Return the numbers of n rows in a random stream, 0 to n - 1 for None."""
    if value is None:
        return np.arange(n)
    rows = as_integers(value, "row_ids", 1)
    wrong = np.flatnonzero((rows < 0) | (rows >= 2**32))
    if len(rows) != n or len(wrong):
        got = (
            f"{rows[wrong[0]]} at {wrong[0]}" if len(wrong) else f"{len(rows)} of them"
        )
        raise ValueError(f"row_ids must be {n} ints from 0 to 2**32-1, got {got}")
    return rows


def as_bools(value: Any, name: str, shape: tuple[int, ...] | None = None) -> Bools:
    """Return an array of bool of that shape (None: of any)."""
    array = _plain_array(value, name)
    if array.dtype.kind != "b":
        raise TypeError(f"{name} must hold bool, got {array.dtype}")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, got {array.shape}")
    return array


def as_number(value: Any, name: str) -> float:
    """Return a real number as Python's float; bool is none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    return float(value)


def as_positive(value: Any, name: str) -> float:
    """Return a finite number > 0 as Python's float."""
    number = as_number(value, name)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be a finite number > 0, got {value}")
    return number


def as_ids(value: Any, name: str, n: int) -> npt.NDArray[np.int64]:
    """Return an array of ids from 0 to n - 1 of any shape, a single one included."""
    array = _plain_array(value, name)
    flat = as_integers(array.reshape(-1) if array.ndim == 0 else array, name, None)
    wrong = np.flatnonzero((flat < 0) | (flat >= n))
    if wrong.size:
        place = ", ".join(map(str, np.unravel_index(wrong[0], flat.shape)))
        got = flat.reshape(-1)[wrong[0]]
        raise ValueError(f"{name}[{place}] must be from 0 to {n - 1}, got {got}")
    return flat.reshape(array.shape)


def as_weights(value: Any, name: str) -> npt.NDArray[np.float64]:
    """Return a copy of an array of weights, shape (n,), that cannot be written."""
    weights = np.array(as_array(value, name, 1), np.float64, order="C")
    weights.flags.writeable = False
    return weights


def writable_ids(out: Any, shape: tuple[int, ...] | None) -> npt.NDArray[Any]:
    """Return `out` if ids can be written to it as it is."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be an ndarray, got {type(out).__name__}")
    if out.dtype not in (np.dtype(np.int32), np.dtype(np.int64)):
        raise ValueError(f"out must be of int32 or int64, got {out.dtype}")
    if shape is not None and out.shape != shape:
        raise ValueError(f"out must have the shape {shape}, got {out.shape}")
    if not (out.flags.c_contiguous and out.flags.writeable):
        raise ValueError("out must be C-contiguous and writeable")
    return out
