"""Laws of sgns.sampling: what is drawn, how often, and whether log q says so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from conftest import zipf_counts
from sgns import sampling as S

ALPHAS = [0.0, 0.5, 0.75, 1.0]
SEEDS = range(20)


def chi_squared_p(drawn: np.ndarray, p: np.ndarray, cells: int = 5000) -> float:
    """P-value of ids drawn by p; ids are pooled in order into cells of equal mass."""
    p = p / p.sum()
    n_cells = max(2, min(cells, len(drawn) // 10))
    # The cell of the middle of each id's piece of the unit segment.
    cell = np.minimum(((np.cumsum(p) - p / 2) * n_cells).astype(np.int64), n_cells - 1)
    seen = np.bincount(cell[drawn], minlength=n_cells)
    expected = np.bincount(cell, p, minlength=n_cells) * len(drawn)
    used = expected > 0
    assert seen[~used].sum() == 0
    seen, expected = seen[used], expected[used]
    return float(stats.chisquare(seen, expected * (len(drawn) / expected.sum())).pvalue)


def p_values_are_uniform(p_values: list[float]) -> bool:
    """The tests of 20 seeds together: neither too far from the law nor too close."""
    return stats.kstest(p_values, "uniform").pvalue > 1e-4 and min(p_values) > 1e-6


def laws(n: int) -> dict[str, tuple[S.Distribution, np.ndarray]]:
    """Each kind of distribution with the law that it must have."""
    ranks = np.arange(n)
    rng = np.random.default_rng(1)
    weights = rng.gamma(0.3, size=n) * (rng.random(n) < 0.9)
    log_uniform = np.log1p(1 / (ranks + 1)) / math.log1p(n)
    uniform = np.full(n, 1 / n)
    half = np.zeros(n)
    half[: n // 2] = 2 / n if n % 2 == 0 else 1 / (n // 2)
    return {
        "uniform": (S.Uniform(n), uniform),
        "log-uniform": (S.LogUniform(n), log_uniform),
        "weights": (S.Weights(weights), weights / math.fsum(weights)),
        "mixture": (
            S.Mixture([(3, S.LogUniform(n)), (1, S.Uniform(n // 2))]),
            0.75 * log_uniform + 0.25 * half,
        ),
    }


# Probabilities ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["uniform", "log-uniform", "weights", "mixture"])
@pytest.mark.parametrize("n", [2, 9, 1000])
def test_probabilities_are_exact(n: int, name: str) -> None:
    """A35, A57: float64, and they sum to 1."""
    distribution, p = laws(n)[name]
    ids = np.arange(n)
    assert distribution.n == len(distribution) == n
    assert distribution.support == np.count_nonzero(p)
    np.testing.assert_allclose(distribution.prob(ids), p, rtol=4e-15)
    assert math.fsum(distribution.prob(ids)) == pytest.approx(1, abs=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(distribution.log_prob(ids), np.log(p), rtol=1e-13)
    assert distribution.prob(ids.reshape(1, n)).shape == (1, n)
    assert float(distribution.prob(0)) == pytest.approx(p[0])


@pytest.mark.parametrize("alpha", [-0.5, *ALPHAS])
def test_unigram_is_proportional_to_the_power_of_the_count(alpha: float) -> None:
    """A24, A32: what was never counted has no probability, alpha = 0 included."""
    counts = np.array([1600, 0, 100, 7, 0])
    expected = np.where(counts > 0, np.maximum(counts, 1) ** float(alpha), 0)
    distribution = S.Unigram(counts, alpha=alpha)
    np.testing.assert_allclose(
        distribution.prob(np.arange(5)), expected / expected.sum(), rtol=1e-14
    )
    drawn = distribution.sample(100_000, seed=1)
    assert set(np.unique(drawn)) <= {0, 2, 3}


@pytest.mark.parametrize("factor", [1.0, 1e-300, 1e300, 5e-324, 1e308])
def test_weights_at_the_ends_of_double_keep_their_law(factor: float) -> None:
    """S5: a sum that overflows is scaled first."""
    weights = np.array([1.0, 0.5, 0.0, 1.0]) if factor != 5e-324 else np.ones(4)
    expected = weights / weights.sum()
    np.testing.assert_allclose(
        S.Weights(weights * factor).prob(np.arange(4)), expected, rtol=1e-15
    )


# Draws --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["uniform", "log-uniform", "weights", "mixture"])
@pytest.mark.parametrize("n", [2, 10, 1000])
def test_draws_follow_the_law(n: int, name: str) -> None:
    distribution, p = laws(n)[name]
    drawn = [distribution.sample(20_000, seed=seed) for seed in SEEDS]
    assert not np.any(p[np.concatenate(drawn)] == 0)
    if np.count_nonzero(p) > 1:
        assert p_values_are_uniform([chi_squared_p(ids, p) for ids in drawn])


@pytest.mark.parametrize("alpha", ALPHAS)
def test_unigram_draws_follow_the_law(alpha: float) -> None:
    """A24: chi-squared over all ids, 20 seeds."""
    counts = zipf_counts(3000, 1_000_000)
    distribution = S.Unigram(counts, alpha=alpha)
    p = distribution.prob(np.arange(3000))
    p_values = [chi_squared_p(distribution.sample(50_000, seed=s), p) for s in SEEDS]
    assert p_values_are_uniform(p_values)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("n", [10**5, 10**6, 10**7])
def test_unigram_draws_of_many_ids_follow_the_law(n: int, alpha: float) -> None:
    """The rarer half by itself too: float32 cumulative sums fail there."""
    distribution = S.Unigram(zipf_counts(n, 10**9), alpha=alpha)
    p = distribution.prob(np.arange(n))
    whole, tail = [], []
    for seed in SEEDS:
        drawn = distribution.sample(2_000_000, seed=seed)
        whole.append(chi_squared_p(drawn, p))
        rare = drawn[drawn >= n // 2] - n // 2
        tail.append(chi_squared_p(rare, p[n // 2 :]))
    assert p_values_are_uniform(whole)
    assert p_values_are_uniform(tail)


def test_weight_of_zero_is_never_drawn() -> None:
    """S3: 10^7 draws, also by row, and without replacement."""
    weights = np.tile([0.0, 1.0, 0.0, 1e-9], 50)
    distribution = S.Weights(weights)
    drawn = np.bincount(distribution.sample(10_000_000), minlength=200)
    assert not drawn[weights == 0].any()
    seen = S.Exclude.pairs(np.zeros(60, int), np.arange(60))
    neg = S.NegativeSampler(distribution, 1000, exclude=seen)
    assert np.all(weights[neg.sample(np.zeros(200, int))] > 0)
    ids, _ = neg.sample_shared(100, replace=False)
    assert sorted(ids.tolist()) == np.flatnonzero(weights).tolist()


def test_float32_tail_of_a_million_ids_is_drawn() -> None:
    """The rarer half, where cumulative sums in float32 have no more steps."""
    distribution = S.Unigram(zipf_counts(1_000_000, 10**9))
    p = distribution.prob(np.arange(500_000, 1_000_000))
    drawn = distribution.sample(3_000_000, seed=3)
    rare = drawn[drawn >= 500_000] - 500_000
    assert abs(len(rare) - 3e6 * p.sum()) < 4 * math.sqrt(3e6 * p.sum())
    assert 1e-4 < chi_squared_p(rare, p) < 1 - 1e-4


# Exclusion ----------------------------------------------------------------------------


def conditional(p: np.ndarray, excluded: np.ndarray) -> np.ndarray:
    rest = p.copy()
    rest[excluded] = 0
    return rest / math.fsum(rest)


@pytest.mark.parametrize(
    "case", ["random", "head", "tail", "all but one", "all but the rarest two"]
)
def test_exclusion_gives_the_conditional_law(case: str) -> None:
    """A14, A42: also for rows that have seen the whole head or nearly everything."""
    n = 2000
    counts = zipf_counts(n, 10**6)
    rng = np.random.default_rng(2)
    excluded = {
        "random": rng.permutation(n)[:100],
        "head": np.arange(300),
        "tail": np.arange(300, n),
        "all but one": np.delete(np.arange(n), 1234),
        "all but the rarest two": np.arange(n - 2),
    }[case]
    distribution = S.Unigram(counts, alpha=1.0)
    p = conditional(distribution.prob(np.arange(n)), excluded)
    seen = S.Exclude.csr([0, len(excluded)], excluded)
    neg = S.NegativeSampler(distribution, 20_000, exclude=seen, seed=5)
    p_values = []
    for step in SEEDS:
        ids, log_q = neg.sample([0], step=step, return_log_q=True)
        assert not np.isin(ids, excluded).any()
        np.testing.assert_allclose(log_q, np.log(p[ids]), rtol=3e-7, atol=2e-6)
        p_values.append(chi_squared_p(ids[0], p) if len(excluded) < n - 1 else 0.5)
    assert min(p_values) > 1e-6
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.3)


def test_rows_that_left_a_tiny_mass_are_drawn_exactly() -> None:
    """What is left has 1e-9 of the mass: sums of doubles would lose its digits."""
    weights = np.array([1.0, 1.0, 6e-10, 3e-10, 1e-10])
    neg = S.NegativeSampler(
        S.Weights(weights), 100_000, exclude=S.Exclude.csr([0, 2], [0, 1])
    )
    ids, log_q = neg.sample([0], return_log_q=True)
    # Masses are whole numbers of 2^-32 slots: 1e-9 is about 10 of them.
    shares = np.bincount(ids[0], minlength=5)[2:] / 100_000
    q = np.exp([log_q[0][ids[0] == i][0] for i in (2, 3, 4)])
    assert q.sum() == pytest.approx(1, rel=1e-6)
    np.testing.assert_allclose(shares, q, atol=0.01)


def test_excluded_ids_never_come_back() -> None:
    """A14, A42: 0 of 10^7 draws, rows of 100 ids."""
    rng = np.random.default_rng(3)
    n, n_rows = 5000, 200
    distribution = S.Unigram(zipf_counts(n, 10**8))
    seen_ids = distribution.sample((n_rows, 100), seed=1)
    seen = S.Exclude.pairs(np.repeat(np.arange(n_rows), 100), seen_ids.ravel())
    is_seen = np.zeros((n_rows, n), bool)
    is_seen[np.arange(n_rows)[:, None], seen_ids] = True
    neg = S.NegativeSampler(distribution, 20, exclude=seen, seed=2)
    for step in range(5):
        rows = rng.integers(0, n_rows, 100_000)
        ids = neg.sample(rows, step=step)
        assert np.count_nonzero(is_seen[rows[:, None], ids]) == 0


def test_draws_without_exclusion_hit_the_excluded_ids_as_often_as_their_mass() -> None:
    """A14: the same test finds what the policy "allow" lets through."""
    n, k = 1000, 200_000
    distribution = S.Unigram(zipf_counts(n, 10**6))
    excluded = np.arange(0, 200, 2)
    seen = S.Exclude.csr([0, 100], excluded)
    mass = distribution.prob(excluded).sum()
    margin = 4 * math.sqrt(mass * (1 - mass) / k)
    ids = S.NegativeSampler(distribution, k, exclude=seen, policy="allow").sample([0])
    assert abs(np.isin(ids, excluded).mean() - mass) < margin
    ids, mask = S.NegativeSampler(distribution, k, exclude=seen, policy="mask").sample(
        [0]
    )
    np.testing.assert_array_equal(mask, np.isin(ids, excluded))
    assert abs(mask.mean() - mass) < margin
    skipped = S.NegativeSampler(distribution, k, exclude=seen, policy="skip").sample(
        [0]
    )
    np.testing.assert_array_equal(skipped, np.where(mask, -1, ids))


def test_rows_with_one_allowed_id_of_a_thousand_end() -> None:
    """S7: bounded time where rejection alone would need a thousand draws each."""
    seen = S.Exclude.csr([0, 999], np.arange(1, 1000))
    neg = S.NegativeSampler(S.Uniform(1000), 1, exclude=seen)
    assert not neg.sample(np.zeros(100_000, int)).any()


# Log q --------------------------------------------------------------------------------


def is_unbiased(estimates: np.ndarray, exact: float) -> bool:
    error = estimates.std(ddof=1) / math.sqrt(len(estimates))
    return abs(estimates.mean() - exact) < 3 * error


@pytest.fixture(scope="module")
def skewed() -> tuple[S.Distribution, np.ndarray, np.ndarray]:
    """A skewed law of 200 ids, its probabilities, and a value of each id."""
    distribution = S.Unigram(zipf_counts(200, 10**6), alpha=1.3)
    values = np.random.default_rng(4).gamma(2, size=200)
    return distribution, distribution.prob(np.arange(200)), values


def test_log_q_is_unbiased_under_resample(skewed) -> None:
    """Mean of value / q over draws estimates the sum over what is not excluded."""
    distribution, _, values = skewed
    excluded = np.array([0, 3, 10])
    neg = S.NegativeSampler(
        distribution, 2000, exclude=S.Exclude.csr([0, 3], excluded), seed=1
    )
    ids, log_q = neg.sample(
        np.zeros(100, int), positives=np.ones(100, int), return_log_q=True
    )
    exact = values.sum() - values[[0, 1, 3, 10]].sum()
    estimates = (values[ids] / np.exp(log_q.astype(float))).mean(axis=1)
    assert is_unbiased(estimates, exact)


@pytest.mark.parametrize("policy", ["allow", "mask", "skip"])
def test_log_q_is_unbiased_under_the_other_policies(skewed, policy: str) -> None:
    distribution, p, values = skewed
    excluded = np.array([0, 3, 10])
    seen = S.Exclude.csr([0, 3], excluded)
    neg = S.NegativeSampler(distribution, 2000, exclude=seen, policy=policy, seed=1)
    ids, log_q, *_ = neg.sample(np.zeros(100, int), return_log_q=True)
    weighted = np.where(ids >= 0, values[ids], 0) / np.exp(log_q.astype(float))
    lost = values[excluded].sum() if policy == "skip" else 0
    assert is_unbiased(weighted.mean(axis=1), values.sum() - lost)
    if policy == "skip":
        of_none = log_q[ids == -1]
        np.testing.assert_allclose(of_none, math.log(p[excluded].sum()), rtol=1e-6)


def test_log_q_of_a_mixture_is_the_log_of_the_weighted_sum(skewed) -> None:
    distribution, p, values = skewed
    mixture = S.Mixture([(0.5, distribution), (0.5, S.Uniform(100))])
    neg = S.NegativeSampler(mixture, 2000, seed=2)
    ids, log_q = neg.sample(row_ids=np.arange(100), return_log_q=True)
    q = 0.5 * p + np.where(np.arange(200) < 100, 0.005, 0)
    np.testing.assert_allclose(log_q, np.log(q[ids]), rtol=1e-6)
    assert is_unbiased((values[ids] / q[ids]).mean(axis=1), values.sum())


@pytest.mark.parametrize("n", [5, 30, 150])
def test_log_q_of_distinct_draws_is_unbiased(skewed, n: int) -> None:
    """Horvitz-Thompson sums with the threshold formula, in a skewed case."""
    distribution, p, values = skewed
    neg = S.NegativeSampler(distribution, 1, seed=3)
    estimates, usual = [], []
    for step in range(1500):
        ids, log_q = neg.sample_shared(n, replace=False, step=step)
        assert len(set(ids.tolist())) == n
        estimates.append((values[ids] / np.exp(log_q.astype(float))).sum())
        usual.append((values[ids] / -np.expm1(n * np.log1p(-p[ids]))).sum())
    assert is_unbiased(np.array(estimates), values.sum())
    # The formula 1 - (1 - p)^n of other samplers fails the same test.
    assert not is_unbiased(np.array(usual), values.sum())


def test_shared_draws_with_replacement_follow_the_law(skewed) -> None:
    distribution, p, _ = skewed
    neg = S.NegativeSampler(distribution, 1, seed=3)
    ids, log_q = neg.sample_shared(50_000)
    assert 1e-4 < chi_squared_p(ids, p) < 1 - 1e-4
    np.testing.assert_allclose(log_q, np.log(p[ids]), rtol=1e-6)
    np.testing.assert_array_equal(neg.shared_log_q(ids, 50_000), log_q)


def test_first_distinct_draw_follows_the_law(skewed) -> None:
    distribution, p, _ = skewed
    neg = S.NegativeSampler(distribution, 1, seed=4)
    first = [neg.sample_shared(3, False, step)[0][0] for step in range(20_000)]
    assert 1e-4 < chi_squared_p(np.array(first), p, cells=100) < 1 - 1e-4


# Correction ---------------------------------------------------------------------------


def population_optimum(p: np.ndarray, q: np.ndarray, mode: str) -> np.ndarray:
    """Scores where the gradient of sampled softmax with one negative is zero."""
    from scipy import optimize

    n = len(p)
    pairs = [(i, j) for i in range(n) for j in range(n)]
    weights = np.array([p[i] * q[j] for i, j in pairs])
    log_q = np.log(q)

    def loss(scores: np.ndarray) -> float:
        logits = np.array([[scores[i], scores[j]] for i, j in pairs])
        both = np.array([[log_q[i], log_q[j]] for i, j in pairs])
        fit = S.correct(logits, both if mode == "both" else both[:, 1:], mode)
        return float(weights @ (special.logsumexp(fit, axis=1) - fit[:, 0]))

    found = optimize.minimize(loss, np.zeros(n), options={"gtol": 1e-9})
    return found.x - special.logsumexp(found.x)


def test_correction_of_both_sides_has_its_optimum_at_log_p() -> None:
    """By enumeration; on the negatives alone it is biased."""
    p, q = np.array([0.5, 0.3, 0.15, 0.05]), np.array([0.1, 0.4, 0.2, 0.3])
    np.testing.assert_allclose(population_optimum(p, q, "both"), np.log(p), atol=1e-4)
    biased = population_optimum(p, q, "negatives")
    assert np.abs(biased - np.log(p)).max() > 0.05


def test_positive_log_q_has_the_normaliser_of_the_negatives(skewed) -> None:
    distribution, p, _ = skewed
    seen = S.Exclude.csr([0, 2, 2], [3, 5])
    neg = S.NegativeSampler(distribution, 4, exclude=seen)
    got = neg.positive_log_q([[3, 7], [9, 9]], rows=[0, 1])
    rest = np.array([1 - p[[3, 5, 7]].sum(), 1 - p[9]])
    expected = np.log(p[[[3, 7], [9, 9]]]) - np.log(rest)[:, None]
    np.testing.assert_allclose(got, expected, rtol=1e-6)
    assert got.dtype == np.float32
    allowed = S.NegativeSampler(distribution, 4, policy="allow").positive_log_q([3])
    np.testing.assert_allclose(allowed, np.log(p[[3]]), rtol=1e-6)


def test_correct_subtracts_expected_counts() -> None:
    logits = np.arange(6, dtype=np.float32).reshape(2, 3)
    log_q = np.log([[0.5, 0.25, 0.125]]).astype(np.float32)
    both = S.correct(logits, log_q)
    np.testing.assert_allclose(both, logits - log_q, rtol=1e-6)
    assert both.dtype == np.float32
    some = S.correct(logits, log_q[:, 1:], "negatives")
    expected = logits.copy()
    expected[:, 1:] -= log_q[:, 1:] + np.log(np.float32(2))
    np.testing.assert_allclose(some, expected, rtol=1e-6)
    distinct = S.correct(logits, log_q[:, 1:], "negatives", replace=False)
    np.testing.assert_allclose(distinct[:, 1:], logits[:, 1:] - log_q[:, 1:], rtol=1e-6)
    assert S.correct(logits.astype(float), log_q).dtype == np.float64
