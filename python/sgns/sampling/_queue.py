"""The other rows of a batch, and those of recent batches, as negatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sgns.sampling._checks import as_array, as_int, as_integers

__all__ = ["MemoryQueue", "in_batch"]


class MemoryQueue:
    """The items of the last batches with their embeddings: first in, first out.

    Cross-batch negatives (Wang et al., 2021): once the encoder has become stable, its
    outputs of a few batches ago serve as negatives that cost nothing.

    **Thread safety**: none; one thread at a time.

    Parameters
    ----------
    capacity : int
        Items that are kept, >= 1; the oldest give way.
    dim : int
        Columns of the embeddings, >= 1.

    Raises
    ------
    TypeError, ValueError
        A value is out of range.

    Examples
    --------
    >>> from sgns import sampling
    >>> queue = sampling.MemoryQueue(capacity=3, dim=2)
    >>> queue.push([7, 8], [[1.0, 0.0], [0.0, 1.0]])
    >>> queue.push([9, 7], [[0.5, 0.5], [2.0, 0.0]])
    >>> queue.ids
    array([8, 9, 7])
    >>> queue.vectors[0]
    array([0., 1.], dtype=float32)
    """

    def __init__(self, capacity: int, dim: int) -> None:
        self._capacity = as_int(capacity, "capacity", 1, 2**40)
        dim = as_int(dim, "dim", 1, 2**31 - 1)
        self._ids = np.empty(self._capacity, np.int64)
        self._vectors = np.empty((self._capacity, dim), np.float32)
        self._log_q = np.empty(self._capacity, np.float32)
        self._begin = 0  # of the oldest
        self._size = 0

    @property
    def capacity(self) -> int:
        """Most items that are kept."""
        return self._capacity

    def __len__(self) -> int:
        """Return the number of items that are kept now."""
        return self._size

    def push(
        self,
        ids: npt.ArrayLike,
        vectors: npt.ArrayLike,
        log_q: npt.ArrayLike | None = None,
    ) -> None:
        """Add a batch; of one larger than the capacity its last items stay.

        Parameters
        ----------
        ids : array_like of shape (B,)
            Integers.
        vectors : array_like of shape (B, dim)
            The embeddings, copied.
        log_q : array_like of shape (B,), optional
            Log probability with which each item gets into a batch; 0 if not given.

        Raises
        ------
        TypeError, ValueError
            Arrays of wrong type or shape; nothing was added.
        """
        new_ids = as_integers(ids, "ids", 1)
        n = len(new_ids)
        rows = as_array(vectors, "vectors", 2)
        wanted = (n, self._vectors.shape[1])
        if rows.shape != wanted:
            raise ValueError(f"vectors must have the shape {wanted}, got {rows.shape}")
        shares = np.zeros(n) if log_q is None else as_array(log_q, "log_q", 1)
        if len(shares) != n:
            raise ValueError(f"log_q must have {n} values, got {len(shares)}")
        kept = slice(max(0, n - self._capacity), n)
        count = kept.stop - kept.start
        places = (self._begin + self._size + np.arange(count)) % self._capacity
        self._ids[places] = new_ids[kept]
        self._vectors[places] = rows[kept]
        self._log_q[places] = shares[kept]
        dropped = max(0, self._size + count - self._capacity)
        self._begin = (self._begin + dropped) % self._capacity
        self._size += count - dropped

    def clear(self) -> None:
        """Drop all items."""
        self._begin = self._size = 0

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """The items, oldest first: a copy, shape (len(self),)."""
        return self._ordered(self._ids)

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """Their embeddings: a copy, shape (len(self), dim)."""
        return self._ordered(self._vectors)

    @property
    def log_q(self) -> npt.NDArray[np.float32]:
        """Their log probabilities: a copy, shape (len(self),)."""
        return self._ordered(self._log_q)

    def _ordered(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values[(self._begin + np.arange(self._size)) % self._capacity]


def in_batch(
    logits: npt.ArrayLike, ids: npt.ArrayLike, log_q: npt.ArrayLike | None = None
) -> npt.NDArray[np.float64]:
    """Prepare the scores of a batch whose items are each other's negatives.

    The softmax over the columns with the diagonal as the positives is the in-batch
    loss (Yi et al., 2019). Items that come twice in the batch are no negatives of one
    another: their scores become minus infinity.

    Parameters
    ----------
    logits : array_like of shape (B, B + m)
        Score of row i's query and the item of column j; behind the batch there may be
        m more items, such as those of a `MemoryQueue`.
    ids : array_like of int of shape (B + m,)
        The items.
    log_q : array_like of shape (B + m,), optional
        Log probability of each item to be in a batch, which is subtracted from its
        column, the diagonal included.

    Returns
    -------
    ndarray of shape (B, B + m), dtype float64

    Raises
    ------
    TypeError, ValueError
        Arrays of wrong type or shape.

    Examples
    --------
    >>> from sgns import sampling
    >>> sampling.in_batch([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], ids=[7, 8, 7])
    array([[  1.,   2., -inf],
           [  4.,   5.,   6.]])
    """
    scores = np.array(as_array(logits, "logits", 2), np.float64)
    items = as_integers(ids, "ids", 1)
    if scores.shape[0] > scores.shape[1] or len(items) != scores.shape[1]:
        raise ValueError(
            "logits must have the shape (B, n) with n >= B and ids (n,), got "
            f"{scores.shape} and {items.shape}"
        )
    if log_q is not None:
        shares = as_array(log_q, "log_q", 1)
        if len(shares) != len(items):
            raise ValueError(f"log_q must have {len(items)} values, got {len(shares)}")
        scores -= shares
    same = items[: len(scores), None] == items
    np.fill_diagonal(same, False)
    scores[same] = -np.inf
    return scores
