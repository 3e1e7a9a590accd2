"""What phrases are, in plain Python: the specification of `sgns.phrases`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator

Sentences = list[list[str]]
Score = Callable[[int, int, int, int, int], float]


def word2phrase(first: int, last: int, together: int, n: int, min_count: int) -> float:
    """Mikolov et al. (2013), equation 6, times the number of words n."""
    return (together - min_count) * n / (first * last)


def npmi(first: int, last: int, together: int, n: int, min_count: int) -> float:
    """Bouma (2009): ln(p_together / (p_first p_last)) / -ln p_together."""
    return math.log(together / n / (first / n * last / n)) / -math.log(together / n)


def candidates(
    sentences: Sentences, connectors: Collection[str], across_sentences: bool
) -> Iterator[tuple[str, ...]]:
    """A word, connectors, and the next word that is none."""
    waiting: list[str] = []
    for sentence in sentences:
        if not across_sentences:
            waiting = []
        for word in sentence:
            if word not in connectors:
                if waiting:
                    yield (*waiting, word)
                waiting = [word]
            elif waiting:
                waiting.append(word)


def find_phrases(
    sentences: Sentences,
    min_count: int,
    threshold: float,
    score: Score,
    connectors: Collection[str] = (),
    across_sentences: bool = False,
) -> dict[tuple[str, ...], float]:
    """The candidates that are frequent and score above the threshold."""
    words = Counter(word for sentence in sentences for word in sentence)
    found = {}
    counts = Counter(candidates(sentences, connectors, across_sentences))
    for phrase, together in counts.items():
        first, last = words[phrase[0]], words[phrase[-1]]
        if min(first, last, together) >= min_count:
            value = score(first, last, together, words.total(), min_count)
            if value > threshold:
                found[phrase] = value
    return found


def join(
    sentence: list[str],
    phrases: Collection[tuple[str, ...]],
    connectors: Collection[str] = (),
    delimiter: str = "_",
) -> list[str]:
    """Join phrases from left to right without overlap."""
    result = []
    i = 0
    while i < len(sentence):
        end = i + 1
        if sentence[i] not in connectors:
            while end < len(sentence) and sentence[end] in connectors:
                end += 1
            phrase = tuple(sentence[i : end + 1])
            if phrase in phrases:
                result.append(delimiter.join(phrase))
                i = end + 1
                continue
        result.append(sentence[i])
        i += 1
    return result
