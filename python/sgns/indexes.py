"""Indexes that find probable nearest neighbours without looking at all words.

`KeyedVectors.most_similar` and `most_similar_batch` take any object with the method of
`NearestIndex`. What it finds are candidates: their cosines are computed exactly, so an
index can miss a word but never gives a wrong value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._nearest import Found, Rows, Table, ranked
from sgns._word_vectors import Space, WordVectors
from sgns.formats._table import shown

__all__ = ["NearestIndex", "UsearchIndex"]


class NearestIndex(Protocol):
    """What a search asks of a nearest-neighbour index."""

    def search(self, directions: NDArray[np.float32], n: int, /) -> ArrayLike:
        """Return the rows that are probably nearest to directions.

        Parameters
        ----------
        directions : ndarray of shape (n_queries, vector_size), dtype float32
            Of length 1.
        n : int
            How many rows are asked for, at most the number of words.

        Returns
        -------
        array_like of shape (n_queries, n_found), integers
            Row numbers in any order; -1 where there is none.
        """


class UsearchIndex:
    """A usearch index as a `NearestIndex`; needs ``pip install 'sgns[index]'``.

    Parameters
    ----------
    index : usearch.index.Index
        Whose keys are row numbers and whose metric is the cosine: one made by `build`,
        or one that usearch has restored from a file (``index.index.save(path)``).

    Attributes
    ----------
    index : usearch.index.Index

    Examples
    --------
    ::

        index = UsearchIndex.build(wv)
        wv.most_similar_batch(wv.words, index=index)
        index.index.save("wv.usearch")
    """

    def __init__(self, index: Any) -> None:
        self.index = index

    @classmethod
    def build(
        cls, wv: WordVectors, *, space: Space = "input", threads: int = 0
    ) -> Self:
        """Return an index of the vectors that are searched in a space.

        Parameters
        ----------
        wv : KeyedVectors
        space : {"input", "output", "input-output"}
            As for `KeyedVectors.most_similar`; words whose vector is zero are left out.
        threads : int
            0 for all processors.

        Returns
        -------
        UsearchIndex

        Raises
        ------
        ImportError
            usearch is not installed.
        ValueError
            An unknown `space`, or one that needs output vectors when there are none.
        """
        try:
            from usearch.index import Index
        except ImportError as error:
            raise ImportError(
                "UsearchIndex needs usearch: pip install 'sgns[index]'"
            ) from error
        table = wv._tables(space)[1]
        index = Index(ndim=wv.vector_size, metric="cos", dtype="f32")
        rows = np.flatnonzero(table.norms > 0)
        index.add(rows.astype(np.uint64), table.vectors[rows], threads=threads)
        return cls(index)

    def search(self, directions: NDArray[np.float32], n: int, /) -> ArrayLike:
        """Return the rows that are probably nearest; see `NearestIndex`.

        Parameters
        ----------
        directions : ndarray of shape (n_queries, vector_size), dtype float32
        n : int

        Returns
        -------
        ndarray of shape (n_queries, n_found), dtype int64
        """
        rows = np.full((len(directions), n), -1, dtype=np.int64)
        found = self.index.search(directions, n)
        # One query gives plain matches, several give batches with a count for each.
        if len(directions) == 1:
            keys = np.asarray(found.keys).reshape(-1)
            rows[0, : len(keys)] = keys
            return rows
        for row, keys, count in zip(rows, found.keys, found.counts, strict=True):
            row[:count] = keys[:count]
        return rows


def nearest_by_index(
    index: NearestIndex,
    table: Table,
    directions: NDArray[np.float64],
    topn: int,
    excluded: list[list[int]],
) -> Iterator[Found]:
    """Yield for each direction the rows that an index finds, nearest first.

    Parameters and results are those of `sgns._nearest.nearest`.

    Raises
    ------
    TypeError
        The index has no method ``search``.
    ValueError
        It returns something else than existing rows for each direction.
    """
    if not callable(getattr(index, "search", None)):
        raise TypeError(
            f"index must have a method search(directions, n), got {shown(index)}"
        )
    if not len(directions):
        return
    n_rows = len(table.vectors)
    wanted = min(n_rows, topn + max(map(len, excluded)))
    found = np.asarray(index.search(directions.astype(np.float32), wanted))
    if found.ndim != 2 or len(found) != len(directions) or found.dtype.kind not in "iu":
        raise ValueError(
            f"index.search must return a row of integers for each of "
            f"{len(directions):,} directions, got shape {found.shape}, dtype "
            f"{found.dtype}"
        )
    if found.size and (found.min() < -1 or found.max() >= n_rows):
        raise ValueError(
            f"index.search must return rows below {n_rows:,}, or -1, got "
            f"{found.min():,} to {found.max():,}: is it an index of other vectors?"
        )
    for some, direction, left_out in zip(found, directions, excluded, strict=True):
        rows: Rows = np.setdiff1d(some, [-1, *left_out]).astype(np.intp)
        yield ranked(table, rows, direction, topn)
