"""Similarity of word pairs as people judge it, and as vectors have it."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgns.evaluation._lines import StrPath, first_rows, lines
from sgns.formats._table import at_least_one, shown, shown_path
from sgns.keyed_vectors import KeyedVectors

COSINE_DECIMALS = 12
"""Cosines are rounded to these, so that equal angles have equal ranks."""

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class WordPairsResult:
    """How similarities of vectors agree with a list of scores.

    Attributes
    ----------
    pearson : float
        Correlation of cosines and scores.
    spearman : float
        Correlation of their ranks; the usual measure.
    covered : int
        Pairs whose two words are in the vocabulary; the others count for nothing.
    total : int
        All pairs.
    missing : tuple of str
        The words that are not in the vocabulary.
    """

    pearson: float
    spearman: float
    covered: int
    total: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"spearman {self.spearman:.4f}, pearson {self.pearson:.4f}, "
            f"{self.covered:,} of {self.total:,} pairs covered"
        )


def word_pairs(
    wv: KeyedVectors,
    pairs: StrPath | Iterable[tuple[str, str, float]],
    *,
    most_frequent: int | None = None,
) -> WordPairsResult:
    """Compare similarities of word pairs with scores given by people.

    Parameters
    ----------
    wv : KeyedVectors
        The vectors.
    pairs : path or iterable of (str, str, float)
        Word, word, score; in a file one pair on each line, separated by tabs or white
        space; lines that begin with ``#`` are comments.
    most_frequent : int, optional
        Use only this many first words; by default all.

    Returns
    -------
    WordPairsResult

    Raises
    ------
    ValueError
        The file has no pair, a line is not two words and a number, no pair is covered
        by the vocabulary, the correlation is undefined (one covered pair, or all
        scores equal), or `most_frequent` is below 1.
    OSError
        The file cannot be read.

    Notes
    -----
    A word is looked up as it is and, when it is unknown, without regard to case. Equal
    values share the mean of their ranks.
    """
    limit = len(wv)
    if most_frequent is not None:
        limit = min(limit, at_least_one("most_frequent", most_frequent))
    if isinstance(pairs, str | os.PathLike):
        listed = _read_pairs(pairs)
    else:
        listed = [_checked(number, pair) for number, pair in enumerate(pairs)]
    lower = first_rows(wv.words[:limit])
    rows, scores = [], []
    missing: dict[str, None] = {}
    for first, second, score in listed:
        found = [_row(word, wv, lower, limit) for word in (first, second)]
        for word, row in zip((first, second), found, strict=True):
            if row < 0:
                missing[word] = None
        if min(found) >= 0:
            rows.append(found)
            scores.append(score)
    if not rows:
        raise ValueError(f"0 of {len(listed):,} pairs are covered by the vocabulary")
    left, right = np.array(rows, dtype=np.intp).T
    table = wv._tables("input")[0]
    products = np.einsum(
        "ij,ij->i",
        table.units(left),
        table.units(right),
    )
    cosines = np.round(products, COSINE_DECIMALS)
    judged = np.array(scores)
    return WordPairsResult(
        pearson=_correlation(cosines, judged),
        spearman=_correlation(_ranks(cosines), _ranks(judged)),
        covered=len(rows),
        total=len(listed),
        missing=tuple(missing),
    )


def word_pairs_table(results: Mapping[str, WordPairsResult]) -> str:
    """Return the results of several lists as a table.

    Parameters
    ----------
    results : dict of str to WordPairsResult
        By the name of the list.

    Returns
    -------
    str
        A line for each list, coverage in per cent.
    """
    width = max(len("pairs"), *map(len, results)) if results else len("pairs")
    lines = [f"{'pairs':<{width}}  spearman  pearson  covered    total  coverage"]
    for name, one in results.items():
        share = f"{100 * one.covered / one.total:.2f} %"
        lines.append(
            f"{name:<{width}}  {one.spearman:>8.4f}  {one.pearson:>7.4f}  "
            f"{one.covered:>7,}  {one.total:>7,}  {share:>8}"
        )
    return "\n".join(lines)


def _row(word: str, wv: KeyedVectors, lower: Mapping[str, int], limit: int) -> int:
    """Return the row of a word, else of one that differs in case only, else -1."""
    row = wv.index.get(word, limit)
    return row if row < limit else lower.get(word.lower(), -1)


def _read_pairs(path: StrPath) -> list[tuple[str, str, float]]:
    pairs = []
    for place, line in lines(path):
        if line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t" if "\t" in line else None)]
        if len(fields) != 3:
            raise ValueError(f"{place}: expected word, word, score, got {shown(line)}")
        first, second, score = fields
        if not NUMBER.fullmatch(score) or not math.isfinite(float(score)):
            raise ValueError(
                f"{place}: score must be a number with a decimal point, "
                f"got {shown(score)}"
            )
        pairs.append((first, second, float(score)))
    if not pairs:
        raise ValueError(f"{shown_path(os.fspath(path))}: the file has no pair")
    return pairs


def _checked(number: int, pair: object) -> tuple[str, str, float]:
    problem = f"pair {number:,} must be two words and a number, got {shown(pair)}"
    if not isinstance(pair, list | tuple) or len(pair) != 3:
        raise ValueError(problem)
    first, second, score = pair
    if not isinstance(first, str) or not isinstance(second, str):
        raise TypeError(problem)
    if not isinstance(score, int | float | np.number) or not np.isfinite(score):
        raise ValueError(problem)
    return first, second, float(score)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value from 1; equal values share their mean rank."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean = last - (counts - 1) / 2
    ranks: NDArray[np.float64] = mean[which.reshape(-1)]
    return ranks


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return Pearson's correlation coefficient."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        raise ValueError(
            f"correlation is undefined: {len(x):,} covered pairs with "
            f"{len(np.unique(y)):,} different scores and {len(np.unique(x)):,} "
            "different similarities, expected at least 2 of each"
        )
    x, y = x - x.mean(), y - y.mean()
    value = (x @ y) / math.sqrt((x @ x) * (y @ y))
    return float(np.clip(value, -1.0, 1.0))
