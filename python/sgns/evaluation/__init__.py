"""How good are word vectors? Analogy questions, and similarity judged by people."""

from __future__ import annotations

from sgns.evaluation._analogies import (
    MOST_FREQUENT,
    AnalogyResult,
    AnalogyScore,
    AnalogySection,
    analogies,
    read_analogies,
)
from sgns.evaluation._word_pairs import WordPairsResult, word_pairs, word_pairs_table

__all__ = [
    "MOST_FREQUENT",
    "AnalogyResult",
    "AnalogyScore",
    "AnalogySection",
    "WordPairsResult",
    "analogies",
    "read_analogies",
    "word_pairs",
    "word_pairs_table",
]
