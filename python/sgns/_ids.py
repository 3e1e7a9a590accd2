"""Integer ids as tokens: checks, and numbers without gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["id_arrays", "is_id_array", "number_ids"]

Ids = NDArray[np.integer[Any]]


def is_id_array(corpus: object) -> bool:
    """Tell whether a corpus is an array of ints with one or two dimensions."""
    return (
        isinstance(corpus, np.ndarray)
        and corpus.dtype.kind in "iu"
        and corpus.ndim in (1, 2)
    )


def id_arrays(ids: object, offsets: object) -> tuple[Ids, NDArray[np.int64]]:
    """Give the ids of all sentences end to end, and the offsets of the sentences."""
    values = _int_array("ids", ids)
    if offsets is None:
        if values.ndim not in (1, 2):
            raise ValueError(f"ids must have 1 or 2 dimensions, got {values.ndim}")
        length = values.shape[-1] if values.size else 1
        return values.ravel(), np.arange(0, values.size + 1, length, dtype=np.int64)
    if values.ndim != 1:
        raise ValueError(
            f"ids must have 1 dimension when there are offsets, got {values.ndim}"
        )
    bounds = _int_array("offsets", offsets)
    if bounds.ndim != 1:
        raise ValueError(f"offsets must have 1 dimension, got {bounds.ndim}")
    if bounds.size and int(bounds.max()) > values.size:
        raise ValueError(
            f"offsets must end at {values.size}, the number of ids, got "
            f"{int(bounds.max())} at index {int(bounds.argmax())}"
        )
    return values, bounds.astype(np.int64)


def _int_array(name: str, value: object) -> Ids:
    array = np.array(value)  # a copy: what is checked is what will be used
    if array.size == 0 and not isinstance(value, np.ndarray):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an array of ints, got dtype {array.dtype}")
    return array


def number_ids(
    ids: Ids, n_words: int | None
) -> tuple[list[int], NDArray[np.int32], NDArray[np.int64]]:
    """Give the ids that occur, the place of each token among them, and their counts."""
    if ids.size == 0:
        raise ValueError("corpus has no word: got 0 ids")
    lowest, highest = int(ids.min()), int(ids.max())
    if lowest < 0:
        place = int(ids.argmin())
        raise ValueError(f"id {place} must be an int >= 0, got {lowest}")
    if n_words is not None and highest >= n_words:
        place = int(ids.argmax())
        raise ValueError(
            f"id {place} must be below {n_words}, the number of words, got {highest}"
        )
    if highest > 4 * ids.size + 1024:  # many ids do not occur
        found, places, counts = np.unique(ids, return_inverse=True, return_counts=True)
        return found.tolist(), places.astype(np.int32), counts.astype(np.int64)
    all_counts = np.bincount(ids.astype(np.int64, copy=False))
    found = np.flatnonzero(all_counts)
    places = np.zeros(len(all_counts), dtype=np.int32)
    places[found] = np.arange(len(found), dtype=np.int32)
    return found.tolist(), np.take(places, ids), all_counts[found].astype(np.int64)
