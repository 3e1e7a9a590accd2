"""Rows with the largest cosines, exactly, from one blocked matrix product."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns.formats._table import row_blocks

Rows = NDArray[np.intp]
Found = tuple[Rows, NDArray[np.float64]]

SAFE_NORMS = (1e-15, 1e15)
"""Vectors whose products neither vanish nor overflow in float32."""

QUERIES_AT_ONCE = 1000
"""Queries of one matrix product. Not a power of two: places of memory that are a power
of two apart share the same few lines of the caches."""

PRODUCTS_AT_ONCE = 10_000_000
"""Products computed in one step: 40 MB."""

SCALED_AT_ONCE = 3_000_000
"""Values of rows that are brought to length 1 in one step: 12 MB."""

RESULTS_AT_ONCE = 1 << 20
"""Results that queries answered together may have, and candidates for them."""

GROUP = 64
"""Products of which only the largest is compared with the results so far."""

ABSENT = -2.0
"""The product of a row that must not be found: less than any cosine."""


class Table:
    """Rows and their lengths.

    Parameters
    ----------
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self.vectors = vectors

    @cached_property
    def norms(self) -> NDArray[np.float64]:
        """Euclidean length of each row, computed once: (n_words,), read-only."""
        norms = np.empty(len(self.vectors))
        for block in row_blocks(*self.vectors.shape):
            rows = self.vectors[block].astype(np.float64)
            norms[block] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        norms.flags.writeable = False
        return norms

    def units(self, rows: Rows | slice | list[int]) -> NDArray[np.float64]:
        """Return rows divided by their lengths; zero rows stay zero.

        Returns
        -------
        ndarray of shape (n_rows, vector_size), dtype float64
        """
        norms = self.norms[rows]
        divisors = np.where(norms > 0, norms, 1.0)[:, np.newaxis]
        units: NDArray[np.float64] = self.vectors[rows] / divisors
        return units


def unit_vector(vector: NDArray[Any]) -> NDArray[np.float64]:
    """Return a vector of length 1 in the same direction, or zero of a zero one."""
    values = vector.astype(np.float64)
    peak = np.abs(values).max()
    if peak == 0:
        return values
    values /= peak
    return values / float(np.sqrt(values @ values))


def cosines(
    table: Table, rows: Rows, direction: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the cosines of rows with a unit vector; equal rows have equal cosines.

    That is why the product is not left to BLAS, whose rounding depends on where in the
    matrix a row stands.

    Parameters
    ----------
    table : Table
    rows : ndarray of shape (n_rows,), dtype intp
    direction : ndarray of shape (vector_size,), dtype float64
        Of length 1, or zero.

    Returns
    -------
    ndarray of shape (n_rows,), dtype float64
        0.0 for zero rows.
    """
    return paired_cosines(table, rows, direction[np.newaxis], np.zeros(len(rows), int))


def paired_cosines(
    table: Table, rows: Rows, directions: NDArray[np.float64], which: Rows
) -> NDArray[np.float64]:
    """Return the cosine of each row with the direction `which` names, as `cosines`.

    Parameters
    ----------
    table : Table
    rows : ndarray of shape (n_rows,), dtype intp
    directions : ndarray of shape (n_directions, vector_size), dtype float64
        Each of length 1, or zero.
    which : ndarray of shape (n_rows,), dtype intp
        The place of a direction for each row.

    Returns
    -------
    ndarray of shape (n_rows,), dtype float64
        0.0 for zero rows.
    """
    values = np.zeros(len(rows))
    for block in row_blocks(len(rows), directions.shape[1]):
        some = rows[block]
        vectors = table.vectors[some].astype(np.float64)
        products = np.einsum("ij,ij->i", vectors, directions[which[block]])
        norms = table.norms[some]
        np.divide(products, norms, out=values[block], where=norms > 0)
    return np.clip(values, -1.0, 1.0)


def largest(values: NDArray[Any], n: int) -> Rows:
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


def ranked(
    table: Table, rows: Rows, direction: NDArray[np.float64], topn: int
) -> Found:
    """Return the `topn` of ascending rows nearest to a unit vector, and the cosines."""
    values = cosines(table, rows, direction)
    best = largest(values, topn)
    return rows[best], values[best]


def nearest(
    table: Table,
    directions: NDArray[np.float64],
    topn: int,
    *,
    limit: int,
    excluded: Sequence[Sequence[int]],
) -> Iterator[Found]:
    """Yield for each direction the rows with the largest cosines, and these.

    Parameters
    ----------
    table : Table
    directions : ndarray of shape (n_queries, vector_size), dtype float64
        Rows of length 1, or zero.
    topn : int
        Results of each direction; fewer when there are no more rows.
    limit : int
        Look only among this many first rows.
    excluded : sequence of sequence of int
        For each direction the rows that are no results.

    Yields
    ------
    rows : ndarray of shape (n_results,), dtype intp
        Nearest first, equally near ones by row.
    cosines : ndarray of shape (n_results,), dtype float64

    Notes
    -----
    A product in float32 finds candidates: the rows whose product is not further below
    the `topn`-th largest one than two products can be wrong. `cosines` decides among
    them, so the results are those of a stable sort of all exact cosines. A float32 sum
    of n products of unit vectors is wrong by at most n 2**-24 in any order of summation
    (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), and the
    rounding of both vectors and of a length adds less than 8 2**-24.
    """
    topn = min(topn, limit)
    step = max(1, min(QUERIES_AT_ONCE, RESULTS_AT_ONCE // topn))
    start = 0
    while start < len(directions):
        some = slice(start, start + step)
        asked = directions[some]
        found = _candidates(table, asked, topn, limit, excluded[some])
        if found is None:  # very many equal rows: less at once
            step = (step + 1) // 2
            continue
        yield from _ranked_all(table, found, asked, topn)
        start += step


def _ranked_all(
    table: Table,
    candidates: list[Rows],
    directions: NDArray[np.float64],
    topn: int,
) -> Iterator[Found]:
    """Yield what `ranked` returns for each list of candidates and its direction."""
    rows = np.concatenate(candidates)
    lengths = [len(some) for some in candidates]
    which = np.repeat(np.arange(len(candidates)), lengths)
    values = paired_cosines(table, rows, directions, which)
    order = np.lexsort((rows, -values, which))
    end = 0
    for length in lengths:
        best = order[end : end + min(length, topn)]
        yield rows[best], values[best]
        end += length


def _candidates(
    table: Table,
    directions: NDArray[np.float64],
    topn: int,
    limit: int,
    excluded: Sequence[Sequence[int]],
) -> list[Rows] | None:
    """Return for each direction ascending rows, the nearest `topn` among them.

    None if that would be too many for all directions together.
    """
    single = directions.astype(np.float32)
    margin = np.float32(2 * (single.shape[1] + 8) * 2.0**-24)
    hidden = [(query, row) for query, rows in enumerate(excluded) for row in rows]
    out = np.array(hidden, dtype=np.intp).reshape(-1, 2).T
    best = np.full((len(single), topn), ABSENT / 2 - 0.5, dtype=np.float32)
    found: list[tuple[Rows, Rows, NDArray[np.float32]]] = []
    n_found = 0
    for block, products in _products(table, single, limit):
        inside = (out[1] >= block.start) & (out[1] < block.stop)
        products[out[1, inside] - block.start, out[0, inside]] = ABSENT
        # Every n_groups-th row is a group: maxima of long stretches are fast.
        n_groups = len(products) // GROUP
        maxima = products.reshape(GROUP, n_groups, -1).max(axis=0)
        both = np.concatenate([best, maxima.T], axis=1)
        best = np.partition(both, n_groups, axis=1)[:, -topn:]
        least = best.min(axis=1) - margin
        group, query = np.nonzero(maxima >= least)
        row = group[:, np.newaxis] + n_groups * np.arange(GROUP)
        values = products[row, query[:, np.newaxis]]
        hit, member = np.nonzero(values >= least[query, np.newaxis])
        rows = block.start + row[hit, member]
        found.append((query[hit], rows, values[hit, member]))
        n_found += len(rows)
        if n_found > 4 * RESULTS_AT_ONCE and len(single) > 1:
            return None
    queries, rows, values = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((rows, queries))
    ends = np.searchsorted(queries[order], np.arange(len(single) + 1))
    return [
        _above(rows[order[a:b]], values[order[a:b]], topn, margin)
        for a, b in itertools.pairwise(ends)
    ]


def _above(
    rows: Rows, values: NDArray[np.float32], topn: int, margin: np.float32
) -> Rows:
    """Return the rows whose value is at most `margin` below the `topn`-th largest."""
    if len(values) <= topn:
        return rows
    least = np.partition(values, len(values) - topn)[len(values) - topn]
    near: Rows = rows[values >= least - margin]
    return near


def _products(
    table: Table, directions: NDArray[np.float32], limit: int
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield blocks of rows and their products with directions, as cosines.

    The products are (a multiple of GROUP, n_directions); those that belong to no row
    are ABSENT. They are overwritten by the next block.
    """
    n_queries, n_columns = directions.shape
    step = PRODUCTS_AT_ONCE // n_queries
    if n_queries >= n_columns:
        step = min(step, SCALED_AT_ONCE // n_columns)
    step = max(1, min(-(-limit // GROUP), step // GROUP)) * GROUP
    buffer = np.empty((step, n_queries), dtype=np.float32)
    scaled = np.empty((step if n_queries >= n_columns else 0, n_columns), np.float32)
    for start in range(0, limit, step):
        block = slice(start, min(start + step, limit))
        n_rows = block.stop - block.start
        products = buffer[: -(-n_rows // GROUP) * GROUP]
        products[n_rows:] = ABSENT
        _multiply(table, block, directions, products[:n_rows], scaled[:n_rows])
        yield block, products


def _multiply(
    table: Table,
    block: slice,
    directions: NDArray[np.float32],
    products: NDArray[np.float32],
    scaled: NDArray[np.float32],
) -> None:
    """Write cosines of rows and directions, up to the rounding of float32.

    `scaled` is room for the rows, or empty if it is the products that are scaled.
    """
    norms, rows = table.norms[block], table.vectors[block]
    low, high = SAFE_NORMS
    if ((norms > 0) & ((norms < low) | (norms > high))).any():
        for part in row_blocks(*rows.shape):
            place = slice(block.start + part.start, block.start + part.stop)
            units = table.units(place).astype(np.float32)
            np.matmul(units, directions.T, out=products[part])
        return
    inverse = np.divide(1.0, norms, out=np.zeros(len(norms)), where=norms > 0)
    factors = inverse.astype(np.float32)[:, np.newaxis]
    if len(scaled) > 0:
        np.multiply(rows, factors, out=scaled)
        np.matmul(scaled, directions.T, out=products)
    else:
        np.matmul(rows, directions.T, out=products)
        np.multiply(products, factors, out=products)
