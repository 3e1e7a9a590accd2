"""Which ids must not be drawn for which row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns.sampling._checks import as_int, as_integers

__all__ = ["Exclude"]

MAX_ROWS = 2**31 - 1


class Exclude:
    """The ids that each row excludes: immutable, picklable, shared by threads.

    Made by `Exclude.csr` or `Exclude.pairs`. Order and repeats of the ids of a row do
    not matter.
    """

    _exclusion: _core.Exclusion

    def __init__(self) -> None:
        raise TypeError("use Exclude.csr(indptr, indices) or Exclude.pairs(rows, ids)")

    @classmethod
    def _of(cls, exclusion: _core.Exclusion) -> Exclude:
        self = cls.__new__(cls)
        self._exclusion = exclusion
        return self

    @classmethod
    def csr(cls, indptr: npt.ArrayLike, indices: npt.ArrayLike) -> Exclude:
        """Take the rows of a compressed sparse matrix, such as scipy's csr_matrix.

        Parameters
        ----------
        indptr
            Integers of shape (n_rows + 1,): starts with 0, does not fall, ends with
            the number of indices.
        indices
            Integers of shape (indptr[-1],): row r excludes
            ``indices[indptr[r]:indptr[r + 1]]``.

        Returns
        -------
        Exclude
            For the rows 0..n_rows-1.

        Raises
        ------
        TypeError, ValueError
            The arrays are malformed, or hold no integers, or an id is negative.

        Examples
        --------
        >>> Exclude.csr([0, 2, 2, 3], [5, 1, 4])
        Exclude(n_rows=3)
        """
        offsets = as_integers(indptr, "indptr", 1)
        ids = as_integers(indices, "indices", 1)
        return cls._of(_core.Exclusion.csr(offsets, ids))

    @classmethod
    def pairs(
        cls, rows: npt.ArrayLike, ids: npt.ArrayLike, n_rows: int | None = None
    ) -> Exclude:
        """Take observed pairs, in any order.

        Parameters
        ----------
        rows, ids
            Integers of shape (n,): ``rows[i]`` excludes ``ids[i]``.
        n_rows
            Number of rows; None for the highest of `rows` plus 1. Rows without a pair
            exclude nothing.

        Returns
        -------
        Exclude
            For the rows 0..n_rows-1.

        Raises
        ------
        TypeError, ValueError
            The arrays differ in length or hold no integers, or one is out of range.

        Examples
        --------
        >>> Exclude.pairs(rows=[2, 0, 0], ids=[4, 5, 1])
        Exclude(n_rows=3)
        """
        given_rows = as_integers(rows, "rows", 1)
        given_ids = as_integers(ids, "ids", 1)
        if n_rows is None:
            n_rows = int(given_rows.max()) + 1 if given_rows.size else 0
            if n_rows > MAX_ROWS:
                raise ValueError(f"rows must be below 2**31 - 1, got {n_rows - 1}")
            n_rows = max(n_rows, 0)
        n_rows = as_int(n_rows, "n_rows", 0, MAX_ROWS)
        return cls._of(_core.Exclusion.pairs(given_rows, given_ids, n_rows))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self._exclusion.n_rows

    def row(self, row: int) -> npt.NDArray[np.int32]:
        """Return the ids that a row excludes.

        Parameters
        ----------
        row
            From 0 to n_rows - 1.

        Returns
        -------
        ndarray
            int32 of shape (n,), ascending, each once.

        Raises
        ------
        TypeError, ValueError
            `row` is no int, or out of range.
        """
        return self._exclusion.row(as_int(row, "row", 0, self.n_rows - 1))

    def __reduce__(self) -> tuple[Any, ...]:
        return Exclude.csr, self._exclusion.arrays()

    def __repr__(self) -> str:
        return f"Exclude(n_rows={self.n_rows})"
