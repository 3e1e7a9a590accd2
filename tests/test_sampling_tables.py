"""Subsampling thresholds, alias table, noise words: equality with the oracle, laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import reference
from conftest import zipf_counts
from sgns import _core, sampling

COIN = reference.COIN
EXPONENTS = [0.0, 0.5, 0.75, 1.0]
COUNTS = {
    "one word": [7],
    "two equal words": [5, 5],
    "one word has 0.999999": [999_999, 1],
    "three words": [300_000_000, 200, 100],
    "equal counts": [9] * 13,
    "a word never seen": [4, 2, 1, 0],
    "31 bits": [2**31 + 1, 2**31, 2**31 - 1, 5],
    "53 bits": [2**53 + 1, 2**53, 2**32 + 1, 2**32 - 1, 1],
    "62 bits": [2**62, 1],
    "zipf 100": zipf_counts(100, 10_000).tolist(),
    "zipf 5000": zipf_counts(5000, 1_000_000).tolist(),
}
# One word has no other, and 62 bits leave no mass to the other word.
EXCLUDABLE = [name for name in COUNTS if name not in ("one word", "62 bits")]
BIT_EDGES = [0, 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]


def counts_of(name: str) -> np.ndarray:
    return np.array(COUNTS[name], np.int64)


def law(counts: np.ndarray, exponent: float) -> np.ndarray:
    weights = np.asarray(counts, np.float64) ** exponent
    return weights / math.fsum(weights)


def random_bits(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, n, np.uint64)


def chi_squared_p(drawn: np.ndarray, p: np.ndarray) -> float:
    """P-value of draws of ids; neighbours are pooled to an expectation of 10."""
    expected = p * len(drawn)
    last_cell = int(expected.sum() // 10) - 1
    cells = np.minimum(np.cumsum(expected) // 10, last_cell).astype(int)
    cells = np.unique(cells, return_inverse=True)[1]
    seen = np.bincount(cells, np.bincount(drawn, minlength=len(p)))
    pooled = np.bincount(cells, expected)
    return float(stats.chisquare(seen, pooled * (seen.sum() / pooled.sum())).pvalue)


# Subsampling -------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [0.0, 1e-5, 1e-3, 0.02, 1.0])
@pytest.mark.parametrize("name", COUNTS)
def test_keep_thresholds_equal_the_reference(name: str, sample: float) -> None:
    counts = [count for count in COUNTS[name] if count > 0]
    thresholds = _core.keep_thresholds(np.array(counts, np.int64), sample)
    assert thresholds.dtype == np.uint32
    assert thresholds.tolist() == reference.keep_thresholds(counts, sample)


@pytest.mark.parametrize("sample", [1e-5, 1e-4, 1e-3, 0.1])
def test_keep_thresholds_equal_the_formula_of_word2vec(sample: float) -> None:
    cn = zipf_counts(3000, 500_000).astype(np.float64)
    train_words = cn.sum()
    ran = (np.sqrt(cn / (sample * train_words)) + 1) * (sample * train_words) / cn
    kept = (_core.keep_thresholds(cn.astype(np.int64), sample) + 1.0) / COIN
    np.testing.assert_allclose(kept, np.minimum(ran, 1), rtol=0, atol=2 / COIN)


def test_keep_thresholds_without_subsampling_keep_everything() -> None:
    thresholds = _core.keep_thresholds(np.array([10**9, 5, 1]), 0.0)
    assert thresholds.tolist() == [COIN - 1] * 3


@pytest.mark.parametrize("sample", [0.0, 1e-5, 1e-3, 0.02, 1.0])
@pytest.mark.parametrize("name", COUNTS)
def test_keep_probabilities_are_the_thresholds_of_the_trainer(name, sample) -> None:
    p = sampling.keep_probabilities(COUNTS[name], sample)
    assert p.dtype == np.float64
    seen = [count for count in COUNTS[name] if count > 0]
    expected = reference.keep_thresholds(seen, sample)
    assert (p[: len(seen)] * COIN - 1).tolist() == expected
    assert (p[len(seen) :] == 1).all()  # a word that is not there loses nothing


def test_trainer_and_tables_keep_as_often_as_keep_probabilities_say() -> None:
    counts = zipf_counts(300, 200_000)
    text = np.random.default_rng(3).permutation(np.repeat(np.arange(300), counts))
    p = sampling.keep_probabilities(counts, 1e-3)
    assert p[0] < 0.2
    assert p[-1] == 1
    # One sentence, window 1: every token that is kept is a centre twice.
    table = sampling.skipgrams(text, window=1, negatives=0, sample=1e-3, seed=5)
    centers = np.concatenate([batch[0] for batch in table])
    kept = np.bincount(centers, minlength=300) / 2
    spread = np.sqrt(counts * p * (1 - p)) + 1
    assert np.abs((kept - counts * p) / spread).max() < 5
    assert kept.sum() < 0.7 * counts.sum()


@pytest.mark.parametrize(
    ("counts", "sample", "kind", "message"),
    [
        ([1.5, 2], 1e-3, TypeError, r"counts must hold integers, got float64"),
        (
            [[1, 2]],
            1e-3,
            ValueError,
            r"counts must have the shape \(n,\), got",
        ),
        ([3, -1], 1e-3, ValueError, r"counts\[1\] must be >= 0, got -1"),
        (
            [0, 0],
            1e-3,
            ValueError,
            r"counts must sum to 1 to 2\*\*63 - 1, got 0",
        ),
        ([2**62] * 2, 1e-3, ValueError, r"to 1 to 2\*\*63 - 1, got 9.22337e\+18"),
        ([1], "0.1", TypeError, r"sample must be a number, got '0.1'"),
        ([1], -0.1, ValueError, r"sample must be from 0 to 1, got -0.1"),
        ([1], math.nan, ValueError, r"sample must be from 0 to 1, got nan"),
    ],
)
def test_bad_arguments_of_keep_probabilities(counts, sample, kind, message) -> None:
    with pytest.raises(kind, match=message):
        sampling.keep_probabilities(counts, sample)


# Alias table -------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("name", COUNTS)
def test_alias_table_equals_the_reference(name: str, exponent: float) -> None:
    counts = counts_of(name)
    thresholds, aliases = _core.alias_table(counts, exponent)
    assert (thresholds.dtype, aliases.dtype) == (np.uint32, np.int32)
    expected = reference.alias_table(counts.tolist(), exponent)
    assert (thresholds.tolist(), aliases.tolist()) == expected


def test_alias_table_of_100000_words_equals_the_reference() -> None:
    counts = zipf_counts(100_000, 3_000_000)
    thresholds, aliases = _core.alias_table(counts, 0.75)
    expected = reference.alias_table(counts.tolist(), 0.75)
    assert (thresholds.tolist(), aliases.tolist()) == expected


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("name", COUNTS)
def test_implied_probabilities_equal_the_law(name: str, exponent: float) -> None:
    """A32, N4: within 2**-32 for every word, and in total variation 1e-8."""
    counts = counts_of(name)
    table = _core.alias_table(counts, exponent)
    gap = np.abs(reference.implied_probabilities(table) - law(counts, exponent))
    assert gap.max() <= 2**-32
    assert gap.sum() / 2 < 1e-8


def test_implied_probabilities_rise_with_the_count() -> None:
    """A24: frequent words are drawn more often than rare ones."""
    counts = np.arange(2000, 0, -1)
    implied = reference.implied_probabilities(_core.alias_table(counts, 0.75))
    assert np.all(np.diff(implied) < 0)


@pytest.mark.parametrize(("exponent", "ratio"), [(0, 1), (0.5, 4), (0.75, 8), (1, 16)])
def test_exponent_gives_the_ratio_of_two_words(exponent: float, ratio: int) -> None:
    """A32: 16 times the count is 16**exponent times the probability."""
    table = _core.alias_table(np.array([1600, 100]), exponent)
    frequent, rare = reference.implied_probabilities(table)
    assert frequent / rare == pytest.approx(ratio, rel=1e-8)


def word2vec_table_law(counts: np.ndarray, size: int) -> np.ndarray:
    """Share of each word in the table of word2vec.c, filled entry by entry.

    Word i owns entries until the first whose index / size exceeds the cumulated
    probability; that entry is its last. So every word has at least one entry.
    """
    n = len(counts)
    last = np.floor(np.cumsum(law(counts, 0.75)) * size).astype(np.int64) + 1
    order = np.arange(n)
    ends = order + np.maximum.accumulate(last + 1 - order)
    ends = np.minimum(ends, size)
    ends[-1] = size
    return np.diff(ends, prepend=0) / size


def test_law_of_word2vec_table_equals_a_table_filled_entry_by_entry() -> None:
    counts, size = zipf_counts(40, 1000), 500
    cumulated = np.cumsum(law(counts, 0.75))
    table, word = [], 0
    for entry in range(size):
        table.append(word)
        if entry / size > cumulated[word]:
            word = min(word + 1, len(counts) - 1)
    expected = np.bincount(table, minlength=len(counts)) / size
    np.testing.assert_allclose(word2vec_table_law(counts, size), expected)


def test_alias_law_equals_word2vec_table_law() -> None:
    """A33: total variation to the table of 1e8 entries is below 1e-3."""
    counts = zipf_counts(70_000, 1_000_000)
    implied = reference.implied_probabilities(_core.alias_table(counts, 0.75))
    distance = np.abs(implied - word2vec_table_law(counts, 10**8)).sum() / 2
    assert distance < 1e-3


# Draws -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COUNTS)
def test_alias_draw_equals_the_reference(name: str) -> None:
    counts = counts_of(name)
    bits = np.array([*BIT_EDGES, *random_bits(500, 1).tolist()], np.uint64)
    drawn = _core.alias_draw(counts, 0.75, bits)
    table = reference.alias_table(counts.tolist(), 0.75)
    assert drawn.dtype == np.int32
    assert drawn.tolist() == [reference.alias_draw(table, b) for b in bits.tolist()]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("n_words", [2, 10, 1000, 100_000])
def test_alias_draws_follow_the_law(n_words: int, seed: int) -> None:
    """A24: chi-squared over all words, tail included."""
    counts = zipf_counts(n_words, 1_000_000)
    drawn = _core.alias_draw(counts, 0.75, random_bits(500_000, seed))
    assert 1e-3 < chi_squared_p(drawn, law(counts, 0.75)) < 1 - 1e-3


def test_alias_draws_of_a_midpoint_grid_are_exact() -> None:
    """A32: M evenly spread draws give every word M p, within one for each part."""
    counts, n_draws = zipf_counts(10, 1000), 100_000
    grid = [(2 * i + 1) * 2**63 // n_draws for i in range(n_draws)]
    drawn = _core.alias_draw(counts, 0.75, np.array(grid, np.uint64))
    parts = 1 + np.bincount(_core.alias_table(counts, 0.75)[1], minlength=10)
    gap = np.bincount(drawn, minlength=10) - n_draws * law(counts, 0.75)
    assert np.all(np.abs(gap) <= parts)


def test_alias_draw_never_gives_a_word_of_weight_zero() -> None:
    counts = np.array([4, 2, 1, 0, 0])
    drawn = _core.alias_draw(counts, 0.75, random_bits(100_000, 3))
    assert drawn.max() == 2


# Draws with an excluded word ---------------------------------------------------------


@pytest.mark.parametrize("name", EXCLUDABLE)
def test_excluding_draw_equals_the_reference(name: str) -> None:
    counts = counts_of(name)
    bits = np.array([*BIT_EDGES, *random_bits(100, 2).tolist()], np.uint64)
    table = reference.alias_table(counts.tolist(), 0.75)
    for excluded in (0, 1, len(counts) - 1):
        drawn = _core.alias_draw_excluding(counts, 0.75, bits, excluded)
        expected = [
            reference.alias_draw_excluding(table, b, excluded) for b in bits.tolist()
        ]
        assert drawn.tolist() == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("excluded", [0, 1, 9])
@pytest.mark.parametrize("n_words", [10, 1000])
def test_excluding_draws_follow_the_conditional_law(
    n_words: int, excluded: int, seed: int
) -> None:
    """A33: the centre is never its own noise; the others keep their proportions."""
    counts = zipf_counts(n_words, 1_000_000)
    bits = random_bits(200_000, seed)
    drawn = _core.alias_draw_excluding(counts, 0.75, bits, excluded)
    p = law(counts, 0.75)
    p[excluded] = 0
    p /= p.sum()
    others = np.delete(np.arange(n_words), excluded)
    assert not np.any(drawn == excluded)
    places = np.searchsorted(others, drawn)
    assert 1e-3 < chi_squared_p(places, p[others]) < 1 - 1e-3


@pytest.mark.parametrize("excluded", [0, 1])
def test_excluding_draw_of_two_words_gives_the_other_one(excluded: int) -> None:
    """One word has 0.999999 of the mass: the exact draw ends the redraws."""
    bits = random_bits(20_000, 4)
    drawn = _core.alias_draw_excluding(np.array([999_999, 1]), 1.0, bits, excluded)
    assert set(drawn.tolist()) == {1 - excluded}


def test_two_words_of_unequal_mass_follow_the_law() -> None:
    drawn = _core.alias_draw(np.array([999_999, 1]), 1.0, random_bits(4_000_000, 5))
    assert stats.binomtest(int(drawn.sum()), len(drawn), 1e-6).pvalue > 1e-3


def test_excluding_draws_after_all_rejections_follow_the_conditional_law() -> None:
    """The excluded word has 0.999999 of the mass, so nearly every draw is exact."""
    counts = np.array([300_000_000, 200, 70, 30])
    bits = random_bits(30_000, 6)
    drawn = _core.alias_draw_excluding(counts, 1.0, bits, 0)
    assert drawn.min() >= 1
    assert chi_squared_p(drawn - 1, np.array([200, 70, 30]) / 300) > 1e-3


def test_sampled_losses_have_the_exact_expectation() -> None:
    """A22: the mean of 1e5 losses is the exact expected loss within 3 s.e."""
    n_draws, negative, centre = 100_000, 5, 2
    counts = zipf_counts(50, 10_000)
    scores = np.random.default_rng(7).normal(size=50)
    bits = random_bits(n_draws * negative, 8)
    noise = _core.alias_draw_excluding(counts, 0.75, bits, centre)
    negative_losses = np.logaddexp(0, scores)
    sampled = negative_losses[noise].reshape(n_draws, negative).sum(axis=1)
    p = law(counts, 0.75)
    p[centre] = 0
    expected = negative * (p / p.sum()) @ negative_losses
    error = sampled.std(ddof=1) / math.sqrt(n_draws)
    assert abs(sampled.mean() - expected) < 3 * error
