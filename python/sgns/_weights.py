"""Weights of sentences: checks, and those of the sentences that have words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Weighted", "checked_weights", "kept_weights"]

Weights = NDArray[np.float32]


def checked_weights(weights: object) -> Weights:
    """Give the weights as an array; errors name the place."""
    array = np.asarray(weights)
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise TypeError(
            "weights must be an array of numbers with 1 dimension, got dtype "
            f"{array.dtype} with {array.ndim}"
        )
    with np.errstate(over="ignore"):
        values = array.astype(np.float32)
    good = np.isfinite(values) & (values >= 0)
    if not good.all():
        place = int(np.argmin(good))
        raise ValueError(
            f"weight {place} must be finite and >= 0, got {array[place].item()}"
        )
    return values


def kept_weights(weights: Weights, lengths: NDArray[np.int64]) -> Weights:
    """Give the weights of the sentences that are not empty."""
    if len(weights) != len(lengths):
        raise ValueError(
            f"weights must be {len(lengths)}, one for each sentence, got {len(weights)}"
        )
    return weights[lengths > 0]


class Weighted:
    """An iterable of sentences that remembers which of them have words."""

    def __init__(self, source: object, weights: object) -> None:
        is_other = isinstance(source, (str, bytes, os.PathLike, Mapping, Set))
        is_stream = hasattr(source, "read") or hasattr(source, "__arrow_c_stream__")
        if is_other or is_stream or not isinstance(source, Iterable):
            raise TypeError(
                "weights need an iterable of sentences or an array of ids, got "
                f"{type(source).__name__}"
            )
        self._source: Iterable[Any] = source
        self._weights = checked_weights(weights)
        self._lengths: list[int] = []

    def __iter__(self) -> Iterator[Any]:
        for sentence in self._source:
            self._lengths.append(len(sentence) if hasattr(sentence, "__len__") else 0)
            yield sentence

    def kept(self) -> Weights:
        """Give the weights of the sentences that had words."""
        return kept_weights(self._weights, np.array(self._lengths))
