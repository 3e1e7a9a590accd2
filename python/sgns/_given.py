"""Vectors that training starts from, and rows that it leaves as they are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._params import shown
from sgns.keyed_vectors import KeyedVectors

__all__ = ["Given", "given_of", "words_to_freeze"]

MOST_NAMED = 5
"""Words that a message names."""


@dataclass(frozen=True)
class Given:
    """Vectors by word, and the words of which they stay: True means all of them."""

    vectors: KeyedVectors
    freeze: bool | tuple[str, ...] = False

    def place(self, trainer: _core.Trainer, words: Sequence[str]) -> None:
        """Put the vectors of `words` into the rows where training starts.

        Raises
        ------
        ValueError
            None of the words has a vector.
        """
        rows = [row for row, word in enumerate(words) if word in self.vectors]
        if not rows:
            raise ValueError(
                f"none of the {len(words):,} words of the vocabulary is in "
                f"init_vectors, which has {len(self.vectors):,}"
            )
        start, *others = trainer.copy_tables()
        start[rows] = self.vectors[[words[row] for row in rows]]
        output, nodes, output_bias = others
        trainer.set_tables(start, output, nodes, output_bias)

    def frozen(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """Return the rows of `words` that stay as they are, in ascending order.

        Raises
        ------
        ValueError
            A word was asked for by name that is not among `words`.
        """
        if isinstance(self.freeze, bool):
            rows = [r for r, word in enumerate(words) if word in self.vectors]
            return np.array(rows if self.freeze else [], dtype=np.int32)
        index = {word: row for row, word in enumerate(words)}
        if missing := [word for word in self.freeze if word not in index]:
            raise ValueError(f"freeze: not in the vocabulary: {_named(missing)}")
        return np.array(sorted({index[word] for word in self.freeze}), dtype=np.int32)


def given_of(init_vectors: Any, freeze: Any, vector_size: int) -> Given | None:
    """Return what `fit` was given to start from, None for nothing.

    Raises
    ------
    TypeError, ValueError
        `init_vectors` or `freeze` is not what it must be, or they do not fit together.
    OSError
        The file of the vectors cannot be read.
    """
    if init_vectors is None:
        words_to_freeze(freeze, None)
        if freeze is not False:
            raise ValueError("freeze needs init_vectors, got None")
        return None
    vectors = _as_vectors(init_vectors)
    if vectors.vector_size != vector_size:
        raise ValueError(
            f"init_vectors must have vector_size={vector_size} columns, "
            f"got {vectors.vector_size}"
        )
    return Given(vectors, words_to_freeze(freeze, vectors))


def words_to_freeze(freeze: Any, known: Iterable[str] | None) -> bool | tuple[str, ...]:
    """Return a right value of `freeze` as a bool or the words.

    Raises
    ------
    TypeError
        It is neither a bool nor words.
    ValueError
        A word is not among the `known` ones; None for any.
    """
    if isinstance(freeze, (bool, np.bool_)):
        return bool(freeze)
    words = None
    if isinstance(freeze, Iterable) and not isinstance(freeze, (str, bytes)):
        words = tuple(freeze)
    if words is None or not all(isinstance(word, str) for word in words):
        raise TypeError(
            f"freeze must be True, False or a list of words, got {shown(freeze)}"
        )
    names = set(words if known is None else known)
    if missing := [word for word in words if word not in names]:
        raise ValueError(f"freeze: no vector is given of {_named(missing)}")
    return words


def _as_vectors(value: Any) -> KeyedVectors:
    if isinstance(value, KeyedVectors):
        return value
    if isinstance(value, (str, os.PathLike)):
        return KeyedVectors.load(value)
    if not isinstance(value, Mapping):
        raise TypeError(
            "init_vectors must be KeyedVectors, a path, a dict of vectors or None, "
            f"got {shown(value)}"
        )
    try:
        return KeyedVectors(list(value), list(value.values()))
    except (TypeError, ValueError) as error:
        raise type(error)(f"init_vectors: {error}") from None


def _named(words: Sequence[str]) -> str:
    text = ", ".join(map(shown, words[:MOST_NAMED]))
    more = len(words) - MOST_NAMED
    return f"{text} and {more:,} more" if more > 0 else text
