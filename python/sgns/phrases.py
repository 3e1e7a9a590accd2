"""Phrases: words that occur together more often than by chance, joined into one."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sgns import _core
from sgns._files import AtomicFile
from sgns._params import default_workers, shown
from sgns._phrase_rules import (
    ENGLISH_CONNECTOR_WORDS,
    SCORINGS,
    Pass,
    Scoring,
    checked,
    connectors,
    delimiter_of,
    npmi_scores,
    phrase_words,
    score_of,
    thresholds,
    word2phrase_scores,
)
from sgns.corpus import Corpus

__all__ = ["ENGLISH_CONNECTOR_WORDS", "Phrases", "npmi_scores", "word2phrase_scores"]

logger = logging.getLogger("sgns")

_FORMAT = "sgns-phrases"
_VERSION = 1
_SETTINGS = ("min_count", "threshold", "scoring", "connector_words", "delimiter")


class Phrases:
    """The phrases of a corpus, found once and then frozen.

    A candidate is a word and the next one that is no connector, with the connectors
    between them, in one sentence. Candidates that occur `min_count` times and score
    above the threshold are phrases; they are joined from left to right, without
    overlap. Another pass over the joined text finds longer ones.

    Parameters
    ----------
    corpus : str, path, open file, Corpus or iterable of lists of str
        What `Word2Vec.fit` takes. It is read once.
    min_count : int
        Least occurrences of both words and of the candidate; also the discount of
        ``"word2phrase"``.
    threshold : float or sequence of float, optional
        The score a phrase must exceed. Several numbers mean as many passes. None is
        100 for ``"word2phrase"`` and 0.5 for ``"npmi"``.
    scoring : {"word2phrase", "npmi"} or callable
        The function of the score: `word2phrase_scores`, `npmi_scores`, or one with the
        same parameters.
    connector_words : iterable of str
        Words that may stand inside a phrase, as in ``bank_of_america``, and neither
        begin nor end one. `ENGLISH_CONNECTOR_WORDS` is a list for English.
    delimiter : str
        Stands between the words of a phrase.
    across_sentences : bool
        Count the last word of a sentence and the first of the next as a candidate, as
        the original program does. They are never joined.
    workers : int, optional
        Threads; None uses all processors. The result does not depend on them.
    errors : {"strict", "replace", "surrogateescape"}
        What becomes of invalid UTF-8, as in `bytes.decode`.

    Attributes
    ----------
    passes : tuple of dict of tuple of str to float
        For each pass the words of its phrases, and their scores.
    scores : dict of str to float
        Score of each phrase by its joined text, all passes together.

    Raises
    ------
    TypeError, ValueError
        A parameter is not what it must be, or the corpus has no word.
    OSError
        The corpus cannot be read.

    Examples
    --------
    >>> text = [["new", "york", "is", "big"], ["is", "york", "new"]] * 10
    >>> phrases = Phrases(text + [["big", "new", "york"]] * 10, threshold=1.5)
    >>> phrases.scores
    {'new_york': 1.6666666666666667}
    >>> phrases.join(["a", "new", "york", "times"])
    ['a', 'new_york', 'times']
    """

    def __init__(
        self,
        corpus: object,
        *,
        min_count: int = 5,
        threshold: float | Sequence[float] | None = None,
        scoring: str | Scoring = "word2phrase",
        connector_words: Iterable[str] = (),
        delimiter: str = "_",
        across_sentences: bool = False,
        workers: int | None = None,
        errors: str = "strict",
    ) -> None:
        self.min_count = checked("min_count", min_count)
        self.scoring = scoring
        self.threshold = thresholds(threshold, scoring)
        self.connector_words = connectors(connector_words)
        self.delimiter = delimiter_of(delimiter)
        workers = checked("workers", workers) or default_workers()
        errors = checked("errors", errors)
        if not isinstance(corpus, Corpus):
            corpus = Corpus(corpus, workers=workers, errors=errors)
        passes: list[Pass] = []
        for number, limit in enumerate(self.threshold):
            if number > 0:
                corpus = self._joined(corpus, passes[-1])
            passes.append(self._find(corpus, limit, bool(across_sentences), workers))
            logger.info("pass %d: %d phrases", number + 1, len(passes[-1]))
        self.passes = tuple(passes)

    @property
    def scores(self) -> dict[str, float]:
        """Score of each phrase by its joined text, all passes together."""
        return {
            self.delimiter.join(words): score
            for found in self.passes
            for words, score in found.items()
        }

    def join(self, sentence: Sequence[str]) -> list[str]:
        """Join the phrases of a sentence.

        Parameters
        ----------
        sentence : sequence of str
            The words.

        Returns
        -------
        list of str
            The words, each phrase being one.

        Raises
        ------
        TypeError
            The sentence is a str, or a word is not a str.
        """
        if isinstance(sentence, (str, bytes)):
            raise TypeError(
                f"sentence must be a list of words, got the {type(sentence).__name__} "
                f"{shown(sentence)}; use text.split()"
            )
        words = list(sentence)
        for i, word in enumerate(words):
            if not isinstance(word, str):
                got = f"{type(word).__name__} ({shown(word)})"
                raise TypeError(f"token {i} must be str, got {got}")
        for found in self.passes:
            words = self._join_once(words, found)
        return words

    def transform(
        self, corpus: object, *, workers: int | None = None, errors: str = "strict"
    ) -> Corpus:
        """Join the phrases of a corpus.

        Parameters
        ----------
        corpus : str, path, open file, Corpus or iterable of lists of str
            What `Word2Vec.fit` takes. It is read once.
        workers : int, optional
            Threads for reading plain files; None uses all processors.
        errors : {"strict", "replace", "surrogateescape"}
            What becomes of invalid UTF-8, as in `bytes.decode`.

        Returns
        -------
        Corpus
            The joined text, ready for `Word2Vec.fit`.

        Raises
        ------
        TypeError, ValueError, OSError
            The corpus cannot be read, or has no word.
        """
        if not isinstance(corpus, Corpus):
            corpus = Corpus(corpus, workers=workers, errors=errors)
        for found in self.passes:
            corpus = self._joined(corpus, found)
        return corpus

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the phrases to a JSON file.

        Parameters
        ----------
        path : str or path
            The file; it is replaced when the new one is complete.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        settings: dict[str, Any] = {name: getattr(self, name) for name in _SETTINGS}
        if callable(self.scoring):
            settings["scoring"] = None
        settings["connector_words"] = sorted(self.connector_words)
        lines = [
            f'"{name}": {json.dumps(value)},'
            for name, value in {
                "format": _FORMAT,
                "version": _VERSION,
                **settings,
            }.items()
        ]
        passes = [
            ",\n".join(
                json.dumps([list(words), score]) for words, score in found.items()
            )
            for found in self.passes
        ]
        text = "{" + "\n".join(lines) + '\n"passes": [[\n'
        text += "\n],[\n".join(passes) + "\n]]}\n"
        with AtomicFile(path) as file:
            file.write(text.encode("ascii"))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read phrases that were saved.

        Parameters
        ----------
        path : str or path
            The file.

        Returns
        -------
        Phrases
            Equal to what was saved. A function of the user's as `scoring` is None.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError
            The file does not hold phrases.
        """
        name = os.fspath(path)
        try:
            content = json.loads(Path(path).read_bytes())
        except ValueError as error:  # also bytes that are no UTF-8
            raise ValueError(f"{name} is not a file of phrases: {error}") from None
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise ValueError(
                f"{name} is not a file of phrases: expected JSON with "
                f'"format": "{_FORMAT}"'
            )
        if content.get("version") != _VERSION:
            raise ValueError(
                f"{name}: expected version {_VERSION} of the format, got "
                f"{shown(content.get('version'))}"
            )
        try:
            return cls._of(content)
        except (TypeError, ValueError, KeyError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"{name} is damaged: {reason}") from None

    @classmethod
    def _of(cls, content: Mapping[str, Any]) -> Self:
        phrases = cls.__new__(cls)
        phrases.min_count = checked("min_count", content["min_count"])
        phrases.scoring = content["scoring"]
        scoring = word2phrase_scores if phrases.scoring is None else phrases.scoring
        phrases.threshold = thresholds(content["threshold"], scoring)
        phrases.connector_words = connectors(content["connector_words"])
        phrases.delimiter = delimiter_of(content["delimiter"])
        phrases.passes = tuple(
            {phrase_words(words): score_of(score) for words, score in found}
            for found in content["passes"]
        )
        if len(phrases.passes) != len(phrases.threshold):
            raise ValueError(
                f"expected {len(phrases.threshold)} passes, got {len(phrases.passes)}"
            )
        return phrases

    def _flags(self, words: list[str]) -> NDArray[np.uint8]:
        """Tell which words are connectors; empty when there is none."""
        if not self.connector_words:
            return np.zeros(0, dtype=np.uint8)
        return np.array([word in self.connector_words for word in words], np.uint8)

    def _find(
        self, corpus: Corpus, threshold: float, across_sentences: bool, workers: int
    ) -> Pass:
        words, ends, together = _core.count_phrases(
            corpus.encoded,
            corpus.counts,
            self._flags(corpus.words),
            min_count=self.min_count,
            across_sentences=across_sentences,
            workers=workers,
        )
        begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)[: len(ends)]
        first, last = corpus.counts[words[begins]], corpus.counts[words[ends - 1]]
        score = (
            SCORINGS[self.scoring][0] if isinstance(self.scoring, str) else self.scoring
        )
        n_tokens = corpus.encoded.n_tokens
        scores = np.asarray(score(first, last, together, n_tokens, self.min_count))
        if scores.shape != together.shape or np.isnan(scores).any():
            raise ValueError(
                f"scoring must return {len(together)} numbers, got an array of shape "
                f"{scores.shape} with {int(np.isnan(scores).sum())} NaN"
            )
        texts, rows = corpus.words, words.tolist()
        return {
            tuple(texts[row] for row in rows[begins[i] : ends[i]]): float(scores[i])
            for i in np.flatnonzero(scores > threshold).tolist()
        }

    def _joined(self, corpus: Corpus, found: Pass) -> Corpus:
        """Give the corpus with the phrases of one pass joined."""
        rows = {word: row for row, word in enumerate(corpus.words)}
        known = [words for words in found if all(word in rows for word in words)]
        if not known:
            return corpus
        ends = np.cumsum([len(words) for words in known])
        flat = [rows[word] for words in known for word in words]
        encoded = _core.join_phrases(
            corpus.encoded,
            len(corpus.words),
            self._flags(corpus.words),
            np.array(flat, dtype=np.int32),
            ends,
        )
        texts = corpus.words + [self.delimiter.join(words) for words in known]
        counts = _core.count_ids(encoded, len(texts))
        return Corpus._of(texts, counts, encoded).renamed(texts)

    def _join_once(self, words: list[str], found: Pass) -> list[str]:
        joined: list[str] = []
        waiting: list[str] = []  # a first word and the connectors behind it
        for word in words:
            if word in self.connector_words:
                (waiting if waiting else joined).append(word)
            elif waiting and (*waiting, word) in found:
                joined.append(self.delimiter.join([*waiting, word]))
                waiting = []
            else:
                joined += waiting
                waiting = [word]
        return joined + waiting
