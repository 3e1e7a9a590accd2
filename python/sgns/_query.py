"""What a similarity search asks for: words, vectors and their weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns.formats._table import shown

Item = str | NDArray[Any]
Weighted = Item | tuple[Item, float]
Query = Weighted | Sequence[Weighted]


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


def signed_items(
    query: Query | None, positive: Query | None, negative: Query | None
) -> list[tuple[Item, float]]:
    """Return the items of a query, those of `negative` with minus their weight."""
    items = query_items(query) + query_items(positive)
    items += [(item, -weight) for item, weight in query_items(negative)]
    if not items:
        raise ValueError("nothing positive and nothing negative to search for")
    return items


def words_of(items: Sequence[tuple[Item, float]]) -> list[str]:
    """Return the words among the items of a query."""
    return [item for item, _ in items if isinstance(item, str)]


def word_list(name: str, words: object) -> list[Any]:
    """Return a list of words as a list; raise TypeError for a str or no list."""
    if not isinstance(words, list | tuple | np.ndarray):
        raise TypeError(f"{name} must be a list of words, got {shown(words)}")
    return list(words)


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
