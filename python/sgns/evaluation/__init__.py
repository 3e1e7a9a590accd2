"""How good are word vectors? Analogy questions, and similarity judged by people."""

from __future__ import annotations

from sgns.evaluation._analogies import (
    AnalogyResult,
    AnalogyScore,
    AnalogySection,
    analogies,
    read_analogies,
)
from sgns.evaluation._word_pairs import WordPairsResult, word_pairs

__all__ = [
    "AnalogyResult",
    "AnalogyScore",
    "AnalogySection",
    "WordPairsResult",
    "analogies",
    "read_analogies",
    "word_pairs",
]
