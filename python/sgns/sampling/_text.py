"""Texts as ids: from words, from arrays, from lists."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._vocabulary import VocabularyRule
from sgns.corpus import read_corpus

__all__ = ["as_ids", "read_text"]

MOST_WORDS = 2**31 - 2


def read_text(
    sentences: Any, offsets: ArrayLike | None
) -> tuple[list[str] | None, NDArray[np.int32], NDArray[np.uint64]]:
    """Return the words (None for a text of ids), the ids and the sentence ends.

    Parameters
    ----------
    sentences
        Whatever `Word2Vec.fit` reads, an array of ids, or an iterable of sequences of
        ids.
    offsets
        Where the sentences of an array begin; None for a single one.

    Returns
    -------
    words : list of str or None
        The words by id.
    ids : ndarray of shape (n_tokens,), dtype int32
        All sentences end to end.
    ends : ndarray of shape (n_sentences,), dtype uint64
        Exclusive ends of the sentences.

    Raises
    ------
    TypeError, ValueError
        The text is not as said.
    """
    if isinstance(sentences, np.ndarray):
        ids = as_ids("sentences", sentences)
        return None, ids, _ends(offsets, len(ids))
    if offsets is not None:
        raise TypeError(
            "offsets go with an array of ids, got sentences of type "
            f"{type(sentences).__name__}"
        )
    if not isinstance(sentences, (str, bytes, os.PathLike)) and not hasattr(
        sentences, "read"
    ):
        sentences = _as_list(sentences)
        if _has_ids(sentences):
            rows = [as_ids(f"sentence {i}", row) for i, row in enumerate(sentences)]
            lengths = np.array([len(row) for row in rows], np.uint64)
            ids = np.concatenate([np.empty(0, np.int32), *rows])
            return None, ids, np.cumsum(lengths, dtype=np.uint64)
    words, _, encoded = read_corpus(
        sentences, rule=VocabularyRule(), workers=1, errors="strict"
    )
    return words, encoded.ids, encoded.sentence_ends.astype(np.uint64)


def _as_list(sentences: Any) -> Any:
    """Return the sentences as a list; what is no iterable is left to the reader."""
    is_plain = isinstance(sentences, Iterable) and not isinstance(
        sentences, (dict, set)
    )
    return list(sentences) if is_plain else sentences


def _has_ids(sentences: Any) -> bool:
    """Return whether the first token of the sentences is a number, or there is none."""
    if not isinstance(sentences, list):
        return False
    for sentence in sentences:
        if isinstance(sentence, np.ndarray):
            return sentence.dtype.kind not in "OUS"
        if not isinstance(sentence, (list, tuple)):
            return False
        if len(sentence):
            return not isinstance(sentence[0], (str, bytes))
    return True


def as_ids(name: str, values: ArrayLike) -> NDArray[np.int32]:
    """Return ids as a contiguous int32 array that nobody else changes.

    Parameters
    ----------
    name : str
        What stands for them in messages.
    values : array_like of shape (n,)
        Integers from 0 to 2**31 - 3.

    Returns
    -------
    ndarray of shape (n,), dtype int32
        A view of memory that cannot be written to, else a copy.

    Raises
    ------
    TypeError
        Not integers.
    ValueError
        Not one-dimensional, or out of range.
    """
    array = np.asarray(values)
    if array.size == 0 and not isinstance(values, np.ndarray):
        array = array.astype(np.int32)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have 1 dimension, got shape {array.shape}")
    if array.size:
        low, high = int(array.min()), int(array.max())
        if low < 0 or high >= MOST_WORDS:
            wrong = low if low < 0 else high
            at = int(np.argmax(array == wrong))
            raise ValueError(
                f"{name} must be ids from 0 to {MOST_WORDS - 1}, got {wrong} at {at}"
            )
    if array.dtype == np.int32 and array.flags.c_contiguous and _is_frozen(array):
        return array
    return array.astype(np.int32)


def _is_frozen(array: Any) -> bool:
    """Return whether an array and those whose memory it shows are all read-only."""
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return False
        array = array.base
    return True


def _ends(offsets: ArrayLike | None, n_tokens: int) -> NDArray[np.uint64]:
    if offsets is None:
        return np.array([n_tokens] if n_tokens else [], np.uint64)
    array = np.asarray(offsets)
    if array.dtype.kind not in "iu":
        raise TypeError(f"offsets must hold integers, got dtype {array.dtype}")
    if array.ndim != 1 or not array.size or array[0] != 0 or array[-1] != n_tokens:
        raise ValueError(
            f"offsets must have 1 dimension and go from 0 to {n_tokens}, the number of "
            f"ids, got shape {array.shape} from {array[:1]} to {array[-1:]}"
        )
    falls = np.flatnonzero(array[1:] < array[:-1])
    if len(falls):
        at = int(falls[0]) + 1
        raise ValueError(
            f"offsets must not decrease, got {array[at]} after {array[at - 1]} at {at}"
        )
    return array[1:].astype(np.uint64)
