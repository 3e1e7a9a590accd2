"""The choice of the vocabulary: which words of a corpus get a row."""

from __future__ import annotations

import logging
import numbers
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns.formats import read_vocabulary

__all__ = [
    "VocabularyRule",
    "check_rule",
    "sorted_rows",
]

logger = logging.getLogger("sgns")

MAX_COUNT = 2**63 - 1


@dataclass(frozen=True)
class VocabularyRule:
    """Which words get a row.

    Attributes
    ----------
    min_count
        Words that occur less often are left out.
    max_final_vocab
        Most words; `min_count` is raised until no more are left.
    max_vocab_size
        Most words that are kept while reading; the rarest are dropped, with a warning.
    keep
        Called with each word and its count: True keeps the word, False leaves it out,
        None lets the counts decide.
    vocabulary
        Counts by word, or the path of a file of them, in place of those of the corpus.
    """

    min_count: int = 1
    max_final_vocab: int | None = None
    max_vocab_size: int | None = None
    keep: Callable[[str, int], bool | None] | None = None
    vocabulary: Mapping[str, int] | str | os.PathLike[str] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether `min_count` alone decides."""
        return (
            self.max_final_vocab is None
            and self.keep is None
            and self.vocabulary is None
        )

    def choose(
        self, words: list[str], counts: NDArray[np.int64]
    ) -> tuple[list[str], NDArray[np.int64], NDArray[np.int32]]:
        """Choose the vocabulary of a corpus.

        Parameters
        ----------
        words, counts
            Those of the corpus, by descending count.

        Returns
        -------
        words, counts
            Those of the vocabulary.
        rows
            For each word of the corpus its row in the vocabulary, or -1.
        """
        if self.vocabulary is None:
            chosen = self._chosen(words, counts)
            rows = np.full(len(words), -1, dtype=np.int32)
            rows[chosen] = np.arange(len(chosen), dtype=np.int32)
            return [words[row] for row in chosen.tolist()], counts[chosen], rows
        given = self.vocabulary
        if isinstance(given, (str, os.PathLike)):
            given = dict(zip(*read_vocabulary(given), strict=True))
        texts, numbers_ = _checked_counts(given)
        order = sorted_rows(texts, numbers_)
        texts, numbers_ = [texts[row] for row in order.tolist()], numbers_[order]
        chosen = self._chosen(texts, numbers_)
        texts = [texts[row] for row in chosen.tolist()]
        places = {word: row for row, word in enumerate(texts)}
        rows = np.array([places.get(word, -1) for word in words], dtype=np.int32)
        unknown = int(counts[rows < 0].sum())
        logger.info("%d tokens are not in the given vocabulary", unknown)
        return texts, numbers_[chosen], rows

    def _chosen(self, words: list[str], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the rows of the words that are kept."""
        kept = counts >= min(self.min_count, MAX_COUNT)
        if self.keep is not None:
            for row, (word, count) in enumerate(
                zip(words, counts.tolist(), strict=True)
            ):
                answer = self.keep(word, count)
                if answer is not None:
                    if not isinstance(answer, (bool, np.bool_)):
                        raise TypeError(
                            "keep must return True, False or None, got "
                            f"{type(answer).__name__} for the word {words[row]!r}"
                        )
                    kept[row] = answer
        rows = np.flatnonzero(kept)
        most = self.max_final_vocab
        if most is not None and len(rows) > most:
            raised = int(counts[rows[most]]) + 1
            rows = rows[counts[rows] >= raised]
            logger.info(
                "max_final_vocab=%d: min_count raised to %d, %d words",
                most,
                raised,
                len(rows),
            )
        return rows


def check_rule(vocabulary: object, keep: object) -> None:
    """Raise TypeError when the arguments cannot be what a rule needs."""
    if vocabulary is not None and not isinstance(
        vocabulary, (Mapping, str, os.PathLike)
    ):
        raise TypeError(
            "vocabulary must be a dict of counts by word, the path of a file of them, "
            f"or None, got {type(vocabulary).__name__}"
        )
    if keep is not None and not callable(keep):
        raise TypeError(
            f"keep must be a function of a word and its count, or None, got {keep!r}"
        )


def sorted_rows(words: list[str], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the rows of words that occur, by descending count, then by UTF-8 bytes."""
    numbers_ = counts.tolist()
    keys = [word.encode("utf-8", "surrogateescape") for word in words]
    rows = [row for row, count in enumerate(numbers_) if count > 0]
    rows.sort(key=lambda row: (-numbers_[row], keys[row]))
    return np.array(rows, dtype=np.int64)


def _checked_counts(
    vocabulary: Mapping[Any, Any],
) -> tuple[list[str], NDArray[np.int64]]:
    for word, count in vocabulary.items():
        if not isinstance(word, str):
            raise TypeError(
                f"the words of vocabulary must be str, got {type(word).__name__}"
            )
        if word.split() != [word]:
            raise ValueError(
                f"the words of vocabulary must have no white space, got {word!r}"
            )
        if isinstance(count, bool) or not isinstance(count, numbers.Integral):
            raise TypeError(
                f"the count of {word!r} must be an int, got {type(count).__name__}"
            )
        if not 0 <= int(count) <= MAX_COUNT:
            raise ValueError(
                f"the count of {word!r} must be from 0 to 2**63-1, got {count}"
            )
    total = sum(int(count) for count in vocabulary.values())
    if total > MAX_COUNT:
        raise ValueError(f"the sum of all counts must be below 2**63, got {total}")
    counts = np.array([int(count) for count in vocabulary.values()], dtype=np.int64)
    return list(vocabulary), counts
