"""What a phrase is: scores, thresholds, connectors, and the checks of all of them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns._params import PARAMETERS, shown

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "SCORINGS",
    "Pass",
    "Scoring",
    "checked",
    "connectors",
    "delimiter_of",
    "npmi_scores",
    "phrase_words",
    "score_of",
    "thresholds",
    "word2phrase_scores",
]

Counts = NDArray[np.int64]
Scores = NDArray[np.float64]
Scoring = Callable[[Counts, Counts, Counts, int, int], Scores]
Pass = dict[tuple[str, ...], float]

ENGLISH_CONNECTOR_WORDS = frozenset(
    {"a", "an", "the", "and", "or", "at", "by", "for", "from", "in", "of", "on", "to"}
    | {"with", "without"}
)
"""Articles, conjunctions and prepositions that join words to a name."""


def word2phrase_scores(
    first: Counts, last: Counts, together: Counts, n_tokens: int, min_count: int
) -> Scores:
    r"""Score candidates as word2phrase does.

    Parameters
    ----------
    first, last, together : ndarray of shape (n,), dtype int64
        Occurrences of the first word, of the last one, and of the candidate.
    n_tokens : int
        Words of the corpus.
    min_count : int
        The discount, which keeps rare words apart.

    Returns
    -------
    ndarray of shape (n,), dtype float64
        ``(together - min_count) * n_tokens / (first * last)``, n_tokens times the score
        of Mikolov et al. (2013), equation 6.

    Examples
    --------
    >>> counts = np.array([10]), np.array([20]), np.array([8])
    >>> word2phrase_scores(*counts, n_tokens=1000, min_count=5).tolist()
    [15.0]
    """
    product = first.astype(np.float64) * last
    return (together - min_count) * float(n_tokens) / product


def npmi_scores(
    first: Counts, last: Counts, together: Counts, n_tokens: int, min_count: int
) -> Scores:
    r"""Score candidates by normalised pointwise mutual information (Bouma, 2009).

    Parameters
    ----------
    first, last, together : ndarray of shape (n,), dtype int64
        Occurrences of the first word, of the last one, and of the candidate.
    n_tokens : int
        Words of the corpus.
    min_count : int
        Not used: all candidates occur at least so often.

    Returns
    -------
    ndarray of shape (n,), dtype float64
        ``ln(p_together / (p_first * p_last)) / -ln(p_together)``, from -1 to 1.

    Examples
    --------
    >>> counts = np.array([10]), np.array([10]), np.array([10])
    >>> npmi_scores(*counts, n_tokens=1000, min_count=5).tolist()
    [1.0]
    """
    logs = np.log(first) + np.log(last) - np.log(together)
    return (math.log(n_tokens) - logs) / (math.log(n_tokens) - np.log(together))


SCORINGS: dict[str, tuple[Scoring, float, float, float]] = {
    "word2phrase": (word2phrase_scores, 100.0, 0.0, math.inf),
    "npmi": (npmi_scores, 0.5, -1.0, 1.0),
}
"""By name: the function, the default of the threshold, its lowest, its highest."""


def checked(name: str, value: Any) -> Any:
    """Give the plain value of a parameter that training has too."""
    parameter = PARAMETERS[name]
    fault = parameter.fault(value)
    if fault is not None:
        raise fault(f"{name} must be {parameter.expected}, got {shown(value)}")
    return parameter.plain(value)


def thresholds(value: Any, scoring: Any) -> tuple[float, ...]:
    """Give the threshold of each pass; `value` is a number, several, or None."""
    if isinstance(scoring, str) and scoring in SCORINGS:
        _, default, low, high = SCORINGS[scoring]
    elif callable(scoring):
        default, low, high = math.nan, -math.inf, math.inf
    else:
        error = ValueError if isinstance(scoring, str) else TypeError
        names = ", ".join(map(repr, SCORINGS))
        raise error(
            f"scoring must be one of {names} or a function, got {shown(scoring)}"
        )
    if value is None and callable(scoring):
        raise ValueError("threshold must be given when scoring is a function, got None")
    values = [default] if value is None else [value]
    if not isinstance(value, (str, bytes, Mapping)) and isinstance(value, Iterable):
        values = list(value)
    if not values:
        raise ValueError("threshold must have a number for each pass, got none")
    for number in values:
        if isinstance(number, bool) or not isinstance(number, numbers.Real):
            raise TypeError(
                f"threshold must be a number or several, got {shown(number)}"
            )
        if not (low <= float(number) <= high and math.isfinite(number)):
            wanted = f"from {low:g} to {high:g}" if high < math.inf else f">= {low:g}"
            raise ValueError(
                f"threshold must be a finite number {wanted}, got {shown(number)}"
            )
    return tuple(float(number) for number in values)


def connectors(words: Any) -> frozenset[str]:
    """Give the connector words as a set of str."""
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise TypeError(
            f"connector_words must be a list or set of words, got {shown(words)}"
        )
    found = list(words)
    for word in found:
        if not isinstance(word, str):
            raise TypeError(f"connector_words must be str, got {shown(word)}")
    return frozenset(found)


def delimiter_of(value: Any) -> str:
    """Give the delimiter, which has no white space, so that a phrase is one word."""
    if not isinstance(value, str):
        raise TypeError(f"delimiter must be a str, got {shown(value)}")
    if value.split() != [value]:
        raise ValueError(
            f"delimiter must have a character and no white space, got {shown(value)}"
        )
    return value


def phrase_words(words: Any) -> tuple[str, ...]:
    """Give the words of a phrase that was saved."""
    if (
        not isinstance(words, list)
        or len(words) < 2
        or not all(isinstance(word, str) and word for word in words)
    ):
        raise ValueError(f"a phrase must have two or more words, got {shown(words)}")
    return tuple(words)


def score_of(value: Any) -> float:
    """Give a score that was saved."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"a score must be a number, got {shown(value)}")
    if math.isnan(value):
        raise ValueError("a score must be a number, got nan")
    return float(value)
