"""Reading a corpus: from whatever holds the text to words, counts and ids."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sgns import _core
from sgns._files import AtomicFile
from sgns._ids import id_arrays, is_id_array, number_ids
from sgns._params import default_workers
from sgns._sources import add_corpus, quoted
from sgns._storage import storage
from sgns._vocabulary import VocabularyRule, sorted_rows
from sgns._warn import warn
from sgns._weights import SentenceRecord, checked_weights, kept_weights

__all__ = ["Corpus", "read_corpus"]

logger = logging.getLogger("sgns")

_BLOCK_TOKENS = 1 << 18
"""Tokens that are written as text at once."""

_BLOCK_SENTENCES = 1 << 12
"""Sentences whose ends become Python ints at once."""


class Corpus:
    r"""A text that was read once: its words, their counts, and the text in ids.

    It can be used wherever a corpus is expected, as often as wished, and gives its
    sentences as lists of words when it is iterated over. Ids that take more than a
    fourth of the memory are kept in a temporary file (docs/inputs.md).

    Parameters
    ----------
    source : str, path, open file or iterable of lists of str
        What `Word2Vec.fit` takes as a corpus.
    weights : array_like of float of shape (n_sentences,), optional
        Importance of each sentence, row or line, those without words included: in
        training, the learning rate is multiplied by it wherever a word of the sentence
        is the centre, as if the sentence came so many times. Counts, the vocabulary and
        reported losses are those without weights. 0 leaves a sentence untrained. The
        lines of several files are numbered through.
    workers : int, optional
        Threads for reading plain files; None uses all processors. With weights, files
        are read by one.
    errors : {"strict", "replace", "surrogateescape"}
        What becomes of invalid UTF-8, as in `bytes.decode`.

    Attributes
    ----------
    words : list of str
        All words, by descending count, then by UTF-8 bytes.
    counts : ndarray of shape (n_words,), dtype int64
        Occurrences of each word.
    encoded : _core.Corpus
        The sentences as rows of `words`, end to end: ``encoded.ids`` (n_tokens,)
        int32 and their exclusive ends ``encoded.sentence_ends`` (n_sentences,) int64.

    Raises
    ------
    TypeError, ValueError, OSError
        The source cannot be read, or has no word.

    Examples
    --------
    >>> corpus = Corpus([["a", "b", "a"], ["b", "c"]])
    >>> corpus.words, corpus.counts.tolist()
    (['a', 'b', 'c'], [2, 2, 1])
    >>> list(corpus)
    [['a', 'b', 'a'], ['b', 'c']]
    """

    words: list[str]
    counts: NDArray[np.int64]
    encoded: _core.Corpus

    def __init__(
        self,
        source: object,
        *,
        weights: object = None,
        workers: int | None = None,
        errors: str = "strict",
    ) -> None:
        made: Corpus | None = None
        if isinstance(source, Corpus):
            made = source._weighted(weights)
        elif is_id_array(source):
            made = self.from_ids(source, weights=weights)
        if made is not None:
            self.words, self.counts = made.words, made.counts
            self.encoded = made.encoded
            return
        workers = default_workers() if workers is None else workers
        parts = _encode(source, 1, workers, errors, weights=weights)
        self.words, self.counts, self.encoded = parts[:3]

    @classmethod
    def _of(
        cls, words: list[str], counts: NDArray[np.int64], encoded: _core.Corpus
    ) -> Self:
        corpus = cls.__new__(cls)
        corpus.words, corpus.counts, corpus.encoded = words, counts, encoded
        return corpus

    @classmethod
    def from_ids(
        cls,
        ids: object,
        offsets: object = None,
        *,
        words: Sequence[str] | None = None,
        weights: object = None,
    ) -> Self:
        """Make a corpus of integer ids, as of nodes or items.

        Parameters
        ----------
        ids : array_like of int of shape (n_tokens,) or (n_sentences, length)
            The tokens of all sentences; all are 0 or more.
        offsets : array_like of int of shape (n_sentences + 1,), optional
            Sentence i is ``ids[offsets[i]:offsets[i + 1]]``, as in a CSR matrix. None:
            each row of a matrix is a sentence, and so is an array as a whole.
        words : sequence of str, optional
            The word of each id. None: its decimal digits.
        weights : array_like of float of shape (n_sentences,), optional
            As for the class.

        Returns
        -------
        Corpus
            The sentences; `ids` is copied.

        Raises
        ------
        TypeError
            The arrays do not hold ints.
        ValueError
            An id is negative or has no word, or the offsets do not fit, with the place.

        Examples
        --------
        >>> list(Corpus.from_ids([7, 3, 7, 5], [0, 3, 4]))
        [['7', '3', '7'], ['5']]
        """
        values, ends = id_arrays(ids, offsets)
        used, rows, counts = number_ids(values, None if words is None else len(words))
        names = used if words is None else [words[i] for i in used]
        encoded = _core.make_corpus(rows, ends, len(used), **storage())
        if weights is not None:
            have_words = np.diff(ends) > 0
            encoded.set_weights(kept_weights(checked_weights(weights), have_words))
        texts = [str(name) for name in names]
        return cls._of(texts, counts, encoded).renamed(texts)

    def renamed(self, words: list[str]) -> Self:
        """Give the corpus with other words, where words may become equal.

        Parameters
        ----------
        words : list of str
            The new word of each row; as many as `self.words`.

        Returns
        -------
        Corpus
            The same text in the new words; those that do not occur are left out.
        """
        merged: dict[str, int] = {}
        rows = np.array([merged.setdefault(word, len(merged)) for word in words])
        texts = list(merged)
        counts = np.zeros(len(texts), dtype=np.int64)
        np.add.at(counts, rows, self.counts)
        order = sorted_rows(texts, counts)
        places = np.full(len(texts), -1, dtype=np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        encoded = _core.renamed(self.encoded, places[rows])
        return self._of([texts[row] for row in order], counts[order], encoded)

    def _weighted(self, weights: object) -> Self:
        """Give a copy, with these weights unless they are None."""
        copy = self.renamed(self.words)
        if weights is not None:
            if len(self.encoded.sentence_weights) > 0:
                raise ValueError("the sentences of this Corpus have weights already")
            have_words = np.ones(len(self), dtype=np.bool_)
            copy.encoded.set_weights(kept_weights(checked_weights(weights), have_words))
        return copy

    def __len__(self) -> int:
        """Give the number of sentences."""
        return self.encoded.n_sentences

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the sentences as lists of words."""
        words, ids, ends = self.words, self.encoded.ids, self.encoded.sentence_ends
        begin = 0
        for first in range(0, len(ends), _BLOCK_SENTENCES):
            for end in ends[first : first + _BLOCK_SENTENCES].tolist():
                yield [words[row] for row in ids[begin:end].tolist()]
                begin = end

    def blocks(self) -> Iterator[bytes]:
        """Give the text as UTF-8: a sentence a line, words separated by a space.

        Yields
        ------
        bytes
            The next part of the text.
        """
        encoded = [word.encode("utf-8", "surrogateescape") for word in self.words]
        words = _core.WordList(encoded)
        for begin in range(0, self.encoded.n_tokens, _BLOCK_TOKENS):
            yield words.format(self.encoded, begin, begin + _BLOCK_TOKENS)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the text to a file: a sentence a line, words separated by a space.

        Parameters
        ----------
        path : str or path
            The file; it is replaced when the new one is complete.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        with AtomicFile(path) as file:
            for block in self.blocks():
                file.write(block)

    def __repr__(self) -> str:
        """Show the sizes."""
        return (
            f"<Corpus of {self.encoded.n_tokens:,} tokens, {len(self.words):,} words, "
            f"{len(self):,} sentences>"
        )


def read_corpus(
    corpus: object,
    *,
    rule: VocabularyRule,
    workers: int,
    errors: str,
    weights: object = None,
) -> tuple[list[str], NDArray[np.int64], _core.Corpus]:
    r"""Read a corpus once and encode it.

    Parameters
    ----------
    corpus : str, path, open file, Corpus or iterable of lists of str
        A file or directory (its regular files in sorted order), ``"-"`` for standard
        input, an open text or binary file, or an iterable of sentences, which may be
        a generator. Files may be compressed with gzip, bz2, xz or zstd, which is
        recognised by their content. A line is a sentence; ASCII white space separates
        words.
    rule : VocabularyRule
        Which words get a row.
    workers : int
        Threads for reading plain files.
    errors : {"strict", "replace", "surrogateescape"}
        What becomes of invalid UTF-8, as in `bytes.decode`.
    weights : array_like of float of shape (n_sentences,), optional
        As for `Corpus`.

    Returns
    -------
    words : list of str
        The vocabulary, by descending count, then by UTF-8 bytes.
    counts : ndarray of shape (n_words,), dtype int64
        Occurrences of each word.
    encoded : _core.Corpus
        The words of the corpus as rows of the vocabulary.

    Raises
    ------
    TypeError
        If the corpus, a sentence or a word has the wrong type.
    ValueError
        If the text is damaged, not text, or leaves fewer than two words.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> words, counts, encoded = read_corpus(
    ...     [["a", "b", "a"], ["b", "c"]],
    ...     rule=VocabularyRule(min_count=1),
    ...     workers=1,
    ...     errors="strict",
    ... )
    >>> words, counts.tolist()
    (['a', 'b', 'c'], [2, 2, 1])
    >>> encoded.ids.tolist(), encoded.sentence_ends.tolist()
    ([0, 1, 0, 1, 2], [3, 5])
    """
    if weights is not None:
        if rule.max_vocab_size is not None:
            raise ValueError(
                f"weights need max_vocab_size=None, got {rule.max_vocab_size}: words "
                "that are dropped while reading may leave sentences empty"
            )
        corpus = Corpus(corpus, weights=weights, workers=workers, errors=errors)
    words, counts, encoded, highest = _chosen(corpus, rule, workers, errors)
    if not words:
        if rule.is_plain:
            wanted = f"occurs at least {rule.min_count} times"
        else:
            wanted = "is left by vocabulary, keep, max_final_vocab and min_count"
        raise ValueError(f"no word {wanted} (highest count: {highest})")
    if len(words) == 1:
        raise ValueError(
            f"the vocabulary has 1 word ({quoted(words[0])}); training needs at least 2"
        )
    if encoded.n_tokens == 0:
        raise ValueError("no word of the corpus is in the vocabulary")
    return words, counts, encoded


def _chosen(
    corpus: object, rule: VocabularyRule, workers: int, errors: str
) -> tuple[list[str], NDArray[np.int64], _core.Corpus, int]:
    """Give the vocabulary, its counts, the text in it, the highest count."""
    is_text = not isinstance(corpus, Corpus) and not is_id_array(corpus)
    if rule.is_plain and is_text:
        return _encode(corpus, rule.min_count, workers, errors, rule.max_vocab_size)
    if isinstance(corpus, Corpus):
        read = corpus
    elif is_text:
        parts = _encode(corpus, 1, workers, errors, rule.max_vocab_size)
        read = Corpus._of(*parts[:3])
    else:
        read = Corpus(corpus)
    words, counts, rows = rule.choose(read.words, read.counts)
    highest = int(read.counts[0]) if read.words else 0
    return words, counts, _core.renamed(read.encoded, rows), highest


def _encode(
    corpus: object,
    min_count: int,
    workers: int,
    errors: str,
    max_words: int | None = None,
    weights: object = None,
) -> tuple[list[str], NDArray[np.int64], _core.Corpus, int]:
    """Give the words that occur `min_count` times, counts, ids, the highest count."""
    given = None if weights is None else checked_weights(weights)
    record = None if given is None else SentenceRecord()
    limit = min(max_words or 0, 2**31)
    builder = _core.CorpusBuilder(
        errors=errors, workers=workers, max_words=limit, **storage()
    )
    source = add_corpus(builder, corpus, errors, in_blocks=limit > 0, record=record)
    n_tokens, n_sentences = builder.n_tokens, builder.n_sentences
    if n_tokens == 0:
        raise ValueError(f"corpus has no word: read 0 sentences from {source}")
    n_words, n_lost, most = builder.dropped
    if n_words > 0:
        times = "once" if most == 1 else f"up to {most} times"
        warn(
            f"max_vocab_size={max_words}: {n_words:,} words that had occurred {times} "
            f"were dropped while reading, with {n_lost:,} of {n_tokens:,} tokens"
        )
    # No count is larger than the largest int of the core.
    vocabulary, encoded = builder.finish(min(min_count, 2**63 - 1))
    if record is not None and given is not None:
        encoded.set_weights(record.weights(given))
    decode_errors = "surrogateescape" if errors == "surrogateescape" else "strict"
    words = [word.decode("utf-8", decode_errors) for word in vocabulary.words()]
    logger.info(
        "read %s words in %s from %s; vocabulary: %s words",
        f"{n_tokens:,}",
        "1 sentence" if n_sentences == 1 else f"{n_sentences:,} sentences",
        source,
        f"{len(words):,}",
    )
    return words, np.array(vocabulary.counts), encoded, vocabulary.highest_count
