"""A text in another vocabulary than its own: held-out, continued and split texts."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._params import default_workers
from sgns._vocabulary import VocabularyRule
from sgns.corpus import read_corpus

__all__ = [
    "Text",
    "checksum",
    "fingerprint",
    "grow",
    "in_vocabulary",
    "read_all_words",
    "read_text",
    "split",
]

Counts = npt.NDArray[np.int64]
RULE = fields(VocabularyRule)
BLOCK = 1 << 20
"""Sentences that are split at once."""


@dataclass(frozen=True)
class Text:
    """A vocabulary and a text in it.

    Attributes
    ----------
    words : list of str
        By descending count, then by UTF-8 bytes.
    counts : ndarray of shape (n_words,), dtype int64
        Occurrences of each word.
    corpus : _core.Corpus
        The text as rows of `words`.
    """

    words: list[str]
    counts: Counts
    corpus: _core.Corpus


def read_text(corpus: Any, values: dict[str, Any], weights: object = None) -> Text:
    """Read a text, with the words that the parameters in `values` choose.

    `weights` are those of its sentences, as for `sgns.Corpus`.
    """
    rule = VocabularyRule(**{field.name: values[field.name] for field in RULE})
    words, counts, encoded = read_corpus(
        corpus,
        rule=rule,
        workers=values["workers"] or default_workers(),
        errors=values["errors"],
        weights=weights,
    )
    return Text(words, counts, encoded)


def read_all_words(corpus: Any, values: dict[str, Any], weights: object = None) -> Text:
    """Read a text with all its words."""
    plain = values | {field.name: field.default for field in RULE}
    return read_text(corpus, plain, weights)


def in_vocabulary(text: Text, index: dict[str, int]) -> _core.Corpus:
    """Return the text in the vocabulary `index`, without the words it lacks."""
    rows = np.array([index.get(word, -1) for word in text.words], dtype=np.int32)
    return _core.renamed(text.corpus, rows)


def split(
    corpus: _core.Corpus, share: float, seed: int
) -> tuple[_core.Corpus, _core.Corpus]:
    """Return the sentences to train and those held out, chosen at random by `seed`.

    Raises ValueError when either part would be empty.
    """
    n_sentences = corpus.n_sentences
    generator = np.random.PCG64(seed)
    held_out = np.empty(n_sentences, np.bool_)
    for begin in range(0, n_sentences, BLOCK):
        part = held_out[begin : begin + BLOCK]
        np.less(generator.random_raw(len(part)), np.uint64(share * 2**64), out=part)
    n_held_out = int(np.count_nonzero(held_out))
    if n_held_out in (0, n_sentences):
        raise ValueError(
            f"validation={share} leaves {n_sentences - n_held_out:,} sentences to "
            f"train and {n_held_out:,} to hold out; pass a text of its own"
        )
    return (
        _core.chosen_sentences(corpus, ~held_out),
        _core.chosen_sentences(corpus, held_out),
    )


def fingerprint(text: Text) -> dict[str, int]:
    """Return the number of tokens and checksums: of the text, its counts, weights."""
    words = zlib.crc32("\n".join(text.words).encode("utf-8", "surrogateescape"))
    return {
        "tokens": text.corpus.n_tokens,
        "crc32": checksum(text.corpus, words),
        "counts": zlib.crc32(np.ascontiguousarray(text.counts).data),
        "weights": zlib.crc32(text.corpus.sentence_weights.data),
    }


def checksum(corpus: _core.Corpus, start: int = 0) -> int:
    """Return the CRC-32 of ids and sentence ends."""
    crc = zlib.crc32(corpus.ids.data, start)
    return zlib.crc32(corpus.sentence_ends.data, crc)


def grow(
    text: Text, words: Sequence[str], counts: Counts, min_count: int
) -> tuple[Text, npt.NDArray[np.int64]]:
    """Return the text in the union of a vocabulary and the frequent words of the text.

    Parameters
    ----------
    text
        With all its words.
    words, counts
        The vocabulary there is.
    min_count
        Words of the text that are not in the vocabulary enter it when they occur so
        often in the text. Counts of the others are added.

    Returns
    -------
    text : Text
        Sorted as every vocabulary is.
    origin : ndarray of shape (n_words,), dtype int64
        The row of each word in `words`; new words have ``len(words)`` and more, in
        the order of the text's vocabulary.
    """
    old = {word: row for row, word in enumerate(words)}
    new = [
        word
        for word, count in zip(text.words, text.counts.tolist(), strict=True)
        if word not in old and count >= min_count
    ]
    entries = {word: len(old) + i for i, word in enumerate(new)} | old
    places = np.array([entries.get(word, -1) for word in text.words], dtype=np.int64)
    total = np.concatenate([counts, np.zeros(len(new), np.int64)])
    total[places[places >= 0]] += text.counts[places >= 0]
    spelled = [*words, *new]
    as_bytes = [word.encode("utf-8", "surrogateescape") for word in spelled]
    order = sorted(range(len(spelled)), key=lambda i: (-int(total[i]), as_bytes[i]))
    origin = np.array(order, dtype=np.int64)
    row_of = np.empty(len(order) + 1, dtype=np.int32)
    row_of[origin] = np.arange(len(order), dtype=np.int32)
    row_of[-1] = -1  # where places is -1
    grown = Text(
        [spelled[i] for i in order],
        total[origin],
        _core.renamed(text.corpus, row_of[places]),
    )
    return grown, origin
