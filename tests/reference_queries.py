"""What queries mean, in plain NumPy and double precision: every row, one after another.

The equations are those of the docstrings of `sgns.KeyedVectors`; nothing is in blocks,
nothing is approximated, and everything is sorted completely.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Found = list[tuple[int, float]]


def unit(vector: np.ndarray) -> np.ndarray:
    """A vector divided by its length; zero stays zero."""
    vector = vector.astype(np.float64)
    length = np.sqrt(np.sum(vector**2))
    return vector / length if length > 0 else vector


def cosines(vectors: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Cosine of each row with a vector, 0 for zero rows."""
    direction = unit(direction)
    return np.array([np.sum(unit(row) * direction) for row in vectors])


def direction(items: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
    """3CosAdd: the sum of weight times unit vector."""
    return sum(weight * unit(vector) for vector, weight in items)


def most_similar(
    vectors: np.ndarray,
    query: np.ndarray,
    topn: int,
    excluded: Sequence[int] = (),
    limit: int | None = None,
) -> Found:
    """Rows and cosines by a stable sort of all of them."""
    values = np.round(cosines(vectors[:limit], query), 12)  # equal angles are equal
    order = [row for row in np.argsort(-values, kind="stable") if row not in excluded]
    return [(int(row), float(values[row])) for row in order[:topn]]


def cosmul(
    vectors: np.ndarray, near: Sequence[np.ndarray], far: Sequence[np.ndarray]
) -> np.ndarray:
    """3CosMul of each row (Levy and Goldberg 2014), with gensim's constant."""
    values = np.ones(len(vectors))
    below = np.ones(len(vectors))
    for vector in near:
        values *= (1 + cosines(vectors, vector)) / 2
    for vector in far:
        below *= (1 + cosines(vectors, vector)) / 2
    return values / (below + 1e-6) if far else values
