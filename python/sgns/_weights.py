"""Weights of sentences: checks, and those of the sentences that have words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SentenceRecord", "checked_weights", "kept_weights"]

Weights = NDArray[np.float32]
Bits = NDArray[np.bool_]

_MARK = b"\xef\xbb\xbf"  # of byte order, which is no word


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


def kept_weights(weights: Weights, have_words: Bits, unit: str = "sentence") -> Weights:
    """Give the weights of the sentences that have words."""
    if len(weights) != len(have_words):
        raise ValueError(
            f"weights must be {len(have_words)}, one for each {unit}, "
            f"got {len(weights)}"
        )
    return weights[have_words]


class SentenceRecord:
    """Which sentences of a source have words: the others are in no corpus."""

    def __init__(self) -> None:
        self._parts: list[Bits] = []
        self._unit = "sentence"
        self._waiting = b""  # the start of a text, until it can be compared
        self._has_begun = False
        self._is_open = False  # the last line has bytes and no end
        self._has_words = False  # the last line

    def add(self, have_words: Bits) -> None:
        """Add sentences: for each whether it has words."""
        self._parts.append(have_words)

    def add_text(self, block: bytes) -> None:
        """Add the next block of a text, of which each line is a sentence."""
        if not self._has_begun:
            block = self._waiting + block
            self._waiting = b""
            if len(block) < len(_MARK):
                self._waiting = block
                return
            block = block.removeprefix(_MARK)
            self._has_begun = True
        self._add_lines(block)

    def end_text(self) -> None:
        """End the text; what follows behind the last line feed is a line."""
        self._add_lines(self._waiting)
        if self._is_open:
            self._add_lines(b"\n")
        self._waiting, self._has_begun = b"", False

    def weights(self, weights: Weights) -> Weights:
        """Give the weights of the sentences that have words."""
        have_words = np.concatenate(self._parts)
        return kept_weights(weights, have_words, self._unit)

    def _add_lines(self, block: bytes) -> None:
        *lines, rest = block.split(b"\n")
        if lines:
            have_words = [line != b"" and not line.isspace() for line in lines]
            have_words[0] |= self._has_words
            self._parts.append(np.array(have_words, dtype=np.bool_))
            self._is_open = self._has_words = False
        self._is_open |= rest != b""
        self._has_words |= rest != b"" and not rest.isspace()
        self._unit = "line"
