"""What a similarity search asks for, and the best of its results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns.formats._table import shown

Item = str | NDArray[Any]
Weighted = Item | tuple[Item, float]
Query = Weighted | Sequence[Weighted]

SAFE_NORMS = (1e-15, 1e15)
"""Vectors whose products neither vanish nor overflow in float32."""


def unit_vector(vector: NDArray[Any]) -> NDArray[np.float64]:
    """Return a vector of length 1 in the same direction, or zero of a zero one."""
    values = vector.astype(np.float64)
    peak = np.abs(values).max()
    if peak == 0:
        return values
    values /= peak
    return values / float(np.sqrt(values @ values))


def unit_rows(
    vectors: NDArray[np.float32], norms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return rows divided by their norms; zero rows stay zero.

    Parameters
    ----------
    vectors : ndarray of shape (n_rows, vector_size), dtype float32
    norms : ndarray of shape (n_rows,), dtype float64

    Returns
    -------
    ndarray of shape (n_rows, vector_size), dtype float64
    """
    return vectors / np.where(norms > 0, norms, 1.0)[:, np.newaxis]


def check_vector(vector: NDArray[Any], vector_size: int) -> NDArray[Any]:
    """Return `vector` if it has a direction, else raise ValueError."""
    if vector.shape != (vector_size,):
        raise ValueError(f"vector must have shape ({vector_size},), got {vector.shape}")
    if vector.dtype.kind not in "fiu":
        raise ValueError(f"vector must be real numbers, got dtype {vector.dtype}")
    if not np.isfinite(vector).all():
        raise ValueError("vector must be finite, got nan or inf")
    if not vector.any():
        raise ValueError("cosine is undefined for a zero vector")
    return vector


def cosines(
    vectors: NDArray[np.float32],
    norms: NDArray[np.float64],
    direction: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return the cosines of rows with a unit vector; equal rows have equal cosines.

    That is why the product is not left to BLAS, whose rounding depends on where in the
    matrix a row stands.

    Parameters
    ----------
    vectors : ndarray of shape (n_rows, vector_size), dtype float32
    norms : ndarray of shape (n_rows,), dtype float64
    direction : ndarray of shape (vector_size,), dtype float32
        Of length 1, or zero.

    Returns
    -------
    ndarray of shape (n_rows,), dtype float64
        0.0 for zero rows.
    """
    rows: NDArray[Any] = vectors
    low, high = SAFE_NORMS
    if ((norms > 0) & ((norms < low) | (norms > high))).any():
        rows = vectors.astype(np.float64)
    products = np.einsum("ij,j->i", rows, direction)
    values = np.zeros(len(norms))
    np.divide(products, norms, out=values, where=norms > 0)
    return np.clip(values, -1.0, 1.0)


def largest(values: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Return the places of the `n` largest values, largest first, ties by place."""
    if n < len(values):
        least = np.partition(values, len(values) - n)[len(values) - n]
        above = np.flatnonzero(values > least)
        places = np.concatenate(
            [above, np.flatnonzero(values == least)[: n - len(above)]]
        )
    else:
        places = np.arange(len(values))
    return places[np.lexsort((places, -values[places]))]


def query_items(query: Query | None) -> list[tuple[Item, float]]:
    """Return what a query consists of, each with its weight."""
    if query is None:
        return []
    if isinstance(query, str | np.ndarray) or _is_pair(query):
        return [_weighted(query)]
    if isinstance(query, list | tuple):
        return [_weighted(item) for item in query]
    raise TypeError(
        f"a query must be a word, a vector or a list of these, got {shown(query)}"
    )


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[0], str | np.ndarray)
        and isinstance(value[1], int | float | np.integer | np.floating)
    )


def _weighted(value: Any) -> tuple[Item, float]:
    item, weight = value if _is_pair(value) else (value, 1.0)
    if not isinstance(item, str | np.ndarray):
        raise TypeError(
            f"expected a word, a vector or a pair with a weight, got {shown(value)}"
        )
    if not np.isfinite(weight):
        raise ValueError(f"weight of {shown(item)} must be finite, got {weight}")
    return item, float(weight)
