"""Mining, WARP, the queue, undersampling and frequencies against their oracles."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

import reference_tables as oracle
from sgns import sampling

NAN, INF = math.nan, math.inf


def score_cases() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Scores and masks: (B, C) each."""
    rng = np.random.default_rng(1)
    plain = rng.normal(size=(20, 15))
    ties = rng.integers(0, 3, (20, 15)).astype(np.float64)
    strange = np.where(rng.random((20, 15)) < 0.3, NAN, ties)
    strange[rng.random((20, 15)) < 0.2] = INF
    strange[rng.random((20, 15)) < 0.2] = -INF
    strange[0], strange[1] = NAN, -INF
    some = rng.random((20, 15)) < 0.4
    some[2] = True
    none = np.zeros((20, 15), bool)
    return {
        "plain": (plain, none),
        "masked": (plain, some),
        "ties": (ties, some),
        "nan and infinite": (strange, some),
        "float32": (plain.astype(np.float32), none),
        "no column": (np.empty((4, 0)), np.empty((4, 0), bool)),
        "no row": (np.empty((0, 5)), np.empty((0, 5), bool)),
    }


CASES = score_cases()
by_case = pytest.mark.parametrize("case", CASES)


def rows_equal(chosen: np.ndarray, expected: list[list[int]], k: int) -> None:
    assert chosen.dtype == np.int64
    assert chosen.shape == (len(expected), k)
    assert chosen.tolist() == expected


# Mining ------------------------------------------------------------------------------


@by_case
@pytest.mark.parametrize("k", [0, 1, 4, 15, 20])
def test_hardest_equal_the_reference(case: str, k: int) -> None:
    scores, mask = CASES[case]
    expected = [
        oracle.mine_top(*row, k)
        for row in zip(scores.tolist(), mask.tolist(), strict=True)
    ]
    rows_equal(sampling.mine(scores, k, mask=mask), expected, k)


@by_case
@pytest.mark.parametrize("margin", [0.5, INF])
def test_semihard_equal_the_reference(case: str, margin: float) -> None:
    scores, mask = CASES[case]
    positive = np.linspace(-1, 3, len(scores))
    expected = [
        oracle.mine_semihard(*row, 3, limit, margin)
        for *row, limit in zip(
            scores.tolist(), mask.tolist(), positive.tolist(), strict=True
        )
    ]
    chosen = sampling.mine(
        scores, 3, mask=mask, how="semihard", positive=positive, margin=margin
    )
    rows_equal(chosen, expected, 3)


@by_case
def test_random_of_the_hardest_equal_the_reference(case: str) -> None:
    scores, mask = CASES[case]
    rows = np.arange(100, 100 + len(scores))
    expected = [
        oracle.mine_random_top(*row, 3, 6, (5, 2, number))
        for *row, number in zip(
            scores.tolist(), mask.tolist(), rows.tolist(), strict=True
        )
    ]
    chosen = sampling.mine(
        scores, 3, mask=mask, how="random_top", pool=6, seed=5, step=2, row_ids=rows
    )
    rows_equal(chosen, expected, 3)


@pytest.mark.parametrize("how", ["random_top", "distance_weighted"])
def test_random_choice_depends_on_seed_step_and_row_alone(how: Any) -> None:
    scores = np.random.default_rng(2).uniform(-1, 1, (30, 40))
    options: dict[str, Any] = {"dim": 8} if how == "distance_weighted" else {}

    def mined(begin: int, end: int, seed: int = 1, step: int = 1) -> np.ndarray:
        return sampling.mine(
            scores[begin:end],
            4,
            how=how,
            seed=seed,
            step=step,
            row_ids=np.arange(begin, end),
            **options,
        )

    whole = mined(0, 30)
    assert np.array_equal(whole, np.concatenate([mined(0, 11), mined(11, 30)]))
    assert not np.array_equal(whole, mined(0, 30, seed=2))
    assert not np.array_equal(whole, mined(0, 30, step=2))


def test_random_of_the_hardest_is_uniform() -> None:
    scores = np.tile(np.arange(10.0), (6000, 1))
    chosen = sampling.mine(scores, 2, how="random_top", pool=4, seed=3)
    assert np.all(chosen[:, 0] != chosen[:, 1])
    seen = np.bincount(chosen.ravel(), minlength=10)
    assert seen[:6].sum() == 0
    assert stats.chisquare(seen[6:]).pvalue > 1e-3


@by_case
def test_distance_weighted_equal_the_reference(case: str) -> None:
    scores, mask = CASES[case]
    cosines = np.tanh(scores)
    expected = [
        oracle.mine_distance_weighted(*row, 5, 16, (7, 1, number))
        for number, row in enumerate(zip(cosines.tolist(), mask.tolist(), strict=True))
    ]
    chosen = sampling.mine(
        cosines, 5, mask=mask, how="distance_weighted", dim=16, seed=7, step=1
    )
    rows_equal(chosen, expected, 5)


@pytest.mark.parametrize("dim", [3, 64, 128, 512])
def test_distance_weights_equal_the_reference_without_underflow(dim: int) -> None:
    """A30: in log space; no anchor is lost."""
    distances = np.random.default_rng(dim).uniform(0.01, 1.99, (200, 50))
    distances[0] = np.linspace(1.3, 1.39, 50)
    weights = sampling.distance_weights(distances, dim)
    expected = [oracle.distance_weights(row, dim, 0.5, 1.4) for row in distances]
    np.testing.assert_allclose(weights, expected, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(weights.sum(axis=1), 1)


@pytest.mark.parametrize("dim", [64, 128, 512])
def test_distance_weighted_draws_follow_the_weights(dim: int) -> None:
    """A30: chi-squared."""
    cosines = np.random.default_rng(3).normal(0, 1 / math.sqrt(dim), 30)
    distances = np.sqrt(2 - 2 * cosines)
    weights = sampling.distance_weights(distances[None], dim)[0]
    drawn = sampling.mine(
        np.tile(cosines, (2000, 1)), 10, how="distance_weighted", dim=dim, seed=4
    )
    seen = np.bincount(drawn.ravel(), minlength=30)
    assert not seen[weights == 0].any()
    large = weights * drawn.size >= 5
    seen = np.append(seen[large], seen[~large].sum())
    expected = np.append(weights[large], weights[~large].sum()) * drawn.size
    keep = expected > 0
    assert stats.chisquare(seen[keep], expected[keep]).pvalue > 1e-3


def test_distances_out_of_range_are_refused_but_for_rounding() -> None:
    for value in (-0.5, 2.5):
        with pytest.raises(ValueError, match="distances must be from 0 to 2, got"):
            sampling.distance_weights([[1.0, value]], 4)
    weights = sampling.distance_weights([[-1e-3, 0.0, 2.001, NAN]], 4)
    assert weights.tolist() == [[0.5, 0.5, 0, 0]]
    scores = np.array([[1.001, 9.0, -1.001]])
    chosen = sampling.mine(
        scores, 2, mask=scores > 2, how="distance_weighted", dim=4, seed=1
    )
    assert chosen.tolist() == [[0, 0]]


def test_drawn_distances_of_a_sphere_are_uniform() -> None:
    """A30: in 4 dimensions, between 0.5 and 1.4, Kolmogorov-Smirnov."""
    rng = np.random.default_rng(5)
    points = rng.normal(size=(1500, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    anchors = points[:300]
    cosines = anchors @ points.T
    distances = np.sqrt(np.maximum(2 - 2 * cosines, 0))
    drawn = sampling.mine(
        cosines, 5, mask=distances < 0.5, how="distance_weighted", dim=4, seed=6
    )
    taken = np.take_along_axis(distances, drawn, axis=1).ravel()
    assert stats.kstest(taken, stats.uniform(0.5, 0.9).cdf).pvalue > 0.01


def test_density_of_distances_is_that_of_the_sphere() -> None:
    """The formula integrates to 1 with the surface of the sphere (mpmath-free)."""
    dim = 7
    grid = np.linspace(0.6, 1.3, 8)
    weights = sampling.distance_weights(grid[None], dim, nearest=0.01)[0]
    norm = special.beta((dim - 1) / 2, 0.5)

    def density(d: float) -> float:
        cosine = 1 - d * d / 2
        return (1 - cosine**2) ** ((dim - 3) / 2) / norm * d

    assert integrate.quad(density, 0, 2)[0] == pytest.approx(1)
    inverse = 1 / np.array([density(d) for d in grid])
    np.testing.assert_allclose(weights, inverse / inverse.sum(), rtol=1e-9)


@by_case
@pytest.mark.parametrize("ratio", [0, 1, 3])
def test_hard_negatives_by_ratio_equal_the_reference(case: str, ratio: int) -> None:
    """A36: min(ratio * positives, negatives); rows without positives have none."""
    losses, mask = CASES[case]
    labels = np.random.default_rng(4).random(losses.shape) < 0.15
    labels[:1] = False
    expected = [
        oracle.mine_ratio(*row[:2], ratio, row[2])
        for row in zip(losses.tolist(), mask.tolist(), labels.tolist(), strict=True)
    ]
    chosen = sampling.mine(losses, ratio, mask=mask, how="ratio", labels=labels)
    width = max(map(len, expected), default=0)
    rows_equal(chosen, [oracle.padded(row, width) for row in expected], width)


def test_kept_losses_by_ratio_are_at_least_the_dropped_ones() -> None:
    """A36: 3 for each positive, every kept loss >= every dropped loss."""
    rng = np.random.default_rng(5)
    losses, labels = rng.exponential(size=(50, 40)), rng.random((50, 40)) < 0.1
    chosen = sampling.mine(losses, 3, how="ratio", labels=labels)
    for row, loss, label in zip(chosen, losses, labels, strict=True):
        kept = row[row >= 0]
        dropped = np.setdiff1d(np.flatnonzero(~label), kept)
        assert len(kept) == min(3 * label.sum(), (~label).sum())
        if len(kept):
            assert loss[kept].min() >= loss[dropped].max()


@by_case
@pytest.mark.parametrize("margin", [0.0, 1.0])
def test_warp_equals_the_reference(case: str, margin: float) -> None:
    scores, mask = CASES[case]
    positive = np.linspace(-1, 5, len(scores))
    positive[:1] = NAN
    columns, weights = sampling.warp(positive, scores, 100, margin=margin, mask=mask)
    expected = [
        oracle.warp(p, row, hidden, 100, margin)
        for p, row, hidden in zip(
            positive.tolist(), scores.tolist(), mask.tolist(), strict=True
        )
    ]
    assert columns.tolist() == [column for column, _ in expected]
    assert (columns.dtype, weights.dtype) == (np.int64, np.float32)
    np.testing.assert_allclose(weights, [weight for _, weight in expected], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (
            ([1.0, 2.0], 1),
            {},
            ValueError,
            "scores must have the shape (n, m), got (2,)",
        ),
        (
            ([["a"]], 1),
            {},
            TypeError,
            "scores must be an array of numbers, got an array",
        ),
        (([[1.0]], -1), {}, ValueError, "k must be an int >= 0, got -1"),
        (([[1.0]], 1.0), {}, TypeError, "k must be an int, got 1.0"),
        (([[1.0]], 1), {"mask": [[1]]}, TypeError, "mask must hold bool, got int64"),
        (([[1.0]], 1), {"mask": [True]}, ValueError, "mask must have the shape (1, 1)"),
        (([[1.0]], 1), {"how": "best"}, ValueError, "how must be one of 'top', 'semih"),
        (([[1.0]], 1), {"pool": 3}, TypeError, "how='top' has no option 'pool'"),
        (
            ([[1.0]], 1),
            {"how": "semihard"},
            TypeError,
            "how='semihard' needs positive=",
        ),
        (
            ([[1.0]], 1),
            {"how": "semihard", "positive": [1.0, 2.0]},
            ValueError,
            "positive must have 1 values, got 2",
        ),
        (
            ([[1.0]], 1),
            {"how": "semihard", "positive": [1.0], "margin": -1},
            ValueError,
            "margin must be a number >= 0, got -1",
        ),
        (
            ([[1.0]], 2),
            {"how": "random_top", "pool": 1},
            ValueError,
            "pool must be an int >= 2, got 1",
        ),
        (
            ([[1.0]], 1),
            {"how": "random_top", "row_ids": [1, 2]},
            ValueError,
            "row_ids must be 1 ints from 0 to 2**32-1",
        ),
        (
            ([[1.0]], 1),
            {"how": "distance_weighted", "dim": 1},
            ValueError,
            "dim must be an int >= 2, got 1",
        ),
        (
            ([[1.0]], 1),
            {"how": "distance_weighted", "dim": 4, "nearest": 0},
            ValueError,
            "nearest must be above 0 and below 2, got 0",
        ),
        (
            ([[1.0]], 1),
            {"how": "ratio", "labels": [[1]]},
            TypeError,
            "labels must hold bool, got int64",
        ),
        (
            ([[0.0, 7.0]], 1),
            {"how": "distance_weighted", "dim": 4},
            ValueError,
            "scores must be from -1 to 1, got 7 at (0, 1)",
        ),
        (
            ([[0.0], [1.0, 2.0]], 1),
            {},
            ValueError,
            "scores must be an array, got parts of different lengths",
        ),
    ],
)
def test_bad_mining_is_refused(
    arguments: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """S4, S10, S12."""
    with pytest.raises(error) as caught:
        sampling.mine(*arguments, **options)
    assert message in str(caught.value)


# The queue ---------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", [1, 5, 16, 100])
def test_queue_equals_a_deque(capacity: int) -> None:
    """A41: first in, first out; batches larger than the queue keep their end."""
    rng = np.random.default_rng(capacity)
    queue = sampling.MemoryQueue(capacity, 3)
    expected: deque[tuple[int, list[float], float]] = deque(maxlen=capacity)
    for n in (2, 0, 3, 7, 1, 20, 4):
        ids = rng.integers(0, 99, n)
        vectors, log_q = rng.normal(size=(n, 3)).astype("f4"), rng.normal(size=n)
        log_q = log_q.astype("f4")
        queue.push(ids, vectors, log_q)
        expected.extend(
            zip(ids.tolist(), vectors.tolist(), log_q.tolist(), strict=True)
        )
        assert len(queue) == len(expected)
        assert queue.ids.tolist() == [item[0] for item in expected]
        assert queue.vectors.tolist() == [item[1] for item in expected]
        assert queue.log_q.tolist() == [item[2] for item in expected]
    queue.clear()
    assert (len(queue), queue.vectors.shape) == (0, (0, 3))


def test_queue_hands_out_copies() -> None:
    queue = sampling.MemoryQueue(2, 1)
    queue.push([1], [[5.0]])
    queue.vectors[0] = 7
    assert queue.vectors.tolist() == [[5.0]]
    assert queue.log_q.tolist() == [0.0]


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (([1, 2], [[1.0, 2.0]]), "vectors must have the shape (2, 2), got (1, 2)"),
        (([1], [[1.0, 2.0]], [0.0, 1.0]), "log_q must have 1 values, got 2"),
        (([[1]], [[1.0, 2.0]]), "ids must have the shape (n,), got (1, 1)"),
    ],
)
def test_bad_batch_leaves_the_queue_as_it_was(batch: Any, message: str) -> None:
    """S4."""
    queue = sampling.MemoryQueue(3, 2)
    queue.push([9], [[1.0, 1.0]])
    with pytest.raises(ValueError) as caught:
        queue.push(*batch)
    assert message in str(caught.value)
    assert queue.ids.tolist() == [9]


@pytest.mark.parametrize(("capacity", "dim"), [(0, 2), (2, 0)])
def test_queue_of_no_size_is_refused(capacity: int, dim: int) -> None:
    with pytest.raises(ValueError, match="must be an int >= 1, got 0"):
        sampling.MemoryQueue(capacity, dim)


# In-batch negatives ------------------------------------------------------------------


def test_in_batch_loss_equals_the_explicit_one() -> None:
    """A40: log q on both sides; masked are exactly the duplicates."""
    rng = np.random.default_rng(13)
    logits, log_q = rng.normal(size=(6, 9)), np.log(rng.random(9))
    ids = np.array([4, 2, 4, 7, 2, 9, 4, 5, 5])
    scores = sampling.in_batch(logits, ids, log_q)
    duplicates = {
        (i, j) for i in range(6) for j in range(9) if i != j and ids[i] == ids[j]
    }
    assert set(zip(*np.nonzero(np.isinf(scores)), strict=True)) == duplicates
    of_batch = sampling.in_batch(logits[:, :6], ids[:6], log_q[:6])
    assert np.array_equal(of_batch, scores[:, :6])  # nothing behind the batch
    loss = special.logsumexp(scores, axis=1) - np.diag(scores)
    for i in range(6):
        corrected = [math.exp(logits[i, j] - log_q[j]) for j in range(9)]
        allowed = sum(corrected[j] for j in range(9) if (i, j) not in duplicates)
        assert loss[i] == pytest.approx(-math.log(corrected[i] / allowed), abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ([[1.0], [2.0]], [1]),
            "logits must have the shape (B, n) with n >= B and ids",
        ),
        (([[1.0, 2.0]], [1]), "logits must have the shape (B, n) with n >= B and ids"),
        (([[1.0, 2.0]], [1, 2], [0.0]), "log_q must have 2 values, got 1"),
    ],
)
def test_bad_batch_is_refused(arguments: Any, message: str) -> None:
    """S4."""
    with pytest.raises(ValueError) as caught:
        sampling.in_batch(*arguments)
    assert message in str(caught.value)


# Corrupted pairs -------------------------------------------------------------------


def random_pairs(n: int) -> np.ndarray:
    return np.random.default_rng(10).integers(0, 30, (n, 2))


@pytest.mark.parametrize("side", ["first", "second"])
def test_corrupted_side_follows_the_law_and_the_other_stays(side: Any) -> None:
    """A18: column 1 unchanged, column 2 as the distribution, never the true one."""
    pairs, column = np.tile([[3, 5]], (20_000, 1)), int(side == "second")
    law = sampling.Weights(np.arange(1, 31))
    made = sampling.corrupt(pairs, 10, side, distribution=law, seed=2)
    assert (made.dtype, made.shape) == (np.int32, (200_000, 2))
    true = pairs[0, column]
    assert set(made[:, 1 - column].tolist()) == {pairs[0, 1 - column]}
    seen = np.bincount(made[:, column], minlength=30)
    assert seen[true] == 0
    p = np.delete(law.prob(np.arange(30)), true)
    expected = p / p.sum() * len(made)
    assert stats.chisquare(np.delete(seen, true), expected).pvalue > 1e-3


def test_corrupting_both_sides_replaces_either_by_a_fair_coin() -> None:
    pairs = random_pairs(5000)
    made = sampling.corrupt(pairs, 2, "both", distribution=sampling.Uniform(30), seed=3)
    changed = made != np.repeat(pairs, 2, axis=0)
    assert np.all(changed.sum(axis=1) == 1)
    assert stats.binomtest(int(changed[:, 0].sum()), len(made), 0.5).pvalue > 1e-3


@pytest.mark.parametrize("side", ["first", "second", "both"])
def test_corrupted_pairs_are_never_known_ones(side: Any) -> None:
    """A18: neither a given pair nor a known one, in either column."""
    pairs, known = random_pairs(40), random_pairs(300)[40:]
    made = sampling.corrupt(
        pairs, 50, side, distribution=sampling.Uniform(30), exclude="pairs", known=known
    )
    true = {tuple(pair) for pair in [*pairs.tolist(), *known.tolist()]}
    assert not true & {tuple(pair) for pair in made.tolist()}


@pytest.mark.parametrize("side", ["first", "second"])
def test_corruption_without_a_law_draws_by_the_counts_of_the_side(side: Any) -> None:
    """A18: count to the power 0.75 of what stands there, known pairs included."""
    pairs = [[0, 1]] * 16 + [[1, 0]]
    known = [[2, 3]] * 81
    made = sampling.corrupt(
        pairs * 1000, 10, side, exclude="pairs", known=known * 1000, seed=3
    )
    column = int(side == "second")
    of_0 = made[made[:, 1 - column] == 0][:, column]
    # 0 stands beside 1 on either side, so it may only meet itself or the known ids.
    p = {"first": {0: 8, 2: 27}, "second": {0: 1, 3: 27}}[side]
    seen = np.bincount(of_0, minlength=4)
    assert set(np.flatnonzero(seen)) == set(p)
    expected = np.array(list(p.values())) / sum(p.values()) * len(of_0)
    assert stats.chisquare(seen[list(p)], expected).pvalue > 1e-3


def test_corruption_does_not_depend_on_batches_and_threads() -> None:
    pairs, law = random_pairs(100), sampling.Uniform(30)

    def made(begin: int, end: int, workers: int) -> np.ndarray:
        rows = np.arange(begin, end)
        return sampling.corrupt(
            pairs[rows], 3, "both", distribution=law, row_ids=rows, workers=workers
        )

    assert np.array_equal(
        made(0, 100, 2), np.concatenate([made(0, 30, 1), made(30, 100, 1)])
    )


def test_corrupting_nothing_gives_nothing() -> None:
    """S12."""
    law = sampling.Uniform(4)
    for pairs, k in (([], 3), ([[0, 1]], 0)):
        made = sampling.corrupt(pairs, k, "both", distribution=law)
        assert (made.shape, made.dtype) == ((0, 2), np.int32)


@pytest.mark.parametrize(
    ("pairs", "options", "error", "message"),
    [
        ([[0, 1]], {"side": "third"}, ValueError, "side must be one of 'first', 'seco"),
        ([[0, 1]], {"exclude": "all"}, ValueError, "exclude must be one of 'none', 't"),
        ([[0, 1]], {"known": [[1, 1]]}, ValueError, "known goes with exclude='pairs'"),
        ([0, 1], {}, ValueError, "pairs must have the shape (n, 2), got (2,)"),
        ([[0.0, 1.0]], {}, TypeError, "pairs must hold integers, got float64"),
        (
            [[0, 1], [0, -1]],
            {},
            ValueError,
            "pairs must hold ids from 0 to 2147483645, got [0, -1] in row 1",
        ),
        ([[0, 1]], {"distribution": [1, 1]}, TypeError, "distribution must be a Distr"),
        ([[0, 9]], {}, ValueError, "pairs[0, 1] must be below 4, the size of distr"),
        ([[0, 1], [2]], {}, ValueError, "pairs must be an array, got parts of diff"),
        ([[0, 1]], {"seed": -1}, ValueError, "seed must be an int >= 0, got -1"),
        ([], {"step": 1.0}, TypeError, "step must be an int, got 1.0"),
        (
            [[0, 1]],
            {"row_ids": [2**32]},
            ValueError,
            "row_ids must be 1 ints from 0 to 2**32-1, got 4294967296 at 0",
        ),
        (
            [[0, 1]],
            {"row_ids": [1, 2]},
            ValueError,
            "row_ids must be 1 ints from 0 to 2**32-1, got 2 of them",
        ),
        (
            [[0, 1]],
            {"row_ids": [1], "distribution": None},
            ValueError,
            "distribution must be given with row_ids, got None",
        ),
        (
            [[0, 1]],
            {"exclude": "pairs", "known": [[0, 0], [0, 2], [0, 3]]},
            ValueError,
            "all 4 items are excluded",
        ),
    ],
)
def test_bad_corruption_is_refused(
    pairs: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """S7, S9, S10."""
    options = {"distribution": sampling.Uniform(4), **options}
    with pytest.raises(error) as caught:
        sampling.corrupt(pairs, 2, **options)
    assert message in str(caught.value)


# Balance -----------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.5, 1, 2.5, 9])
def test_undersampling_equals_the_reference(ratio: float) -> None:
    """A31: the exact ratio; weights say how many each negative stands for."""
    y = (np.random.default_rng(6).random(500) < 0.05).astype(int)
    indices, weights = sampling.undersample(y, ratio, seed=8)
    assert indices.tolist() == oracle.undersample(y.tolist(), ratio, 8)
    kept = int(ratio * y.sum())
    assert (y[indices] == 0).sum() == kept
    share = np.float32((y == 0).sum() / kept)
    assert weights.tolist() == np.where(y[indices] == 1, 1, share).tolist()


def test_undersampling_is_uniform_and_seeded() -> None:
    y = np.zeros(30, bool)
    y[:5] = True
    seen = np.zeros(30)
    for seed in range(2000):
        indices, _ = sampling.undersample(y, 1, seed=seed)
        seen[indices] += 1
    assert set(seen[:5].tolist()) == {2000}
    assert stats.chisquare(seen[5:]).pvalue > 1e-3


def fit_logistic(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Newton's method: intercept and slope."""
    design = np.stack([np.ones_like(x), x], axis=1)
    beta = np.zeros(2)
    for _ in range(8):
        p = special.expit(design @ beta)
        curvature = (design * (weights * p * (1 - p))[:, None]).T @ design
        beta += np.linalg.solve(curvature, design.T @ (weights * (y - p)))
    return beta


def test_undersampled_logistic_model_is_recalibrated() -> None:
    """A31: the intercept shifts by -log rate; then the mean is the base rate."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=400_000)
    y = (rng.random(len(x)) < special.expit(-4 + x)).astype(int)
    indices, weights = sampling.undersample(y, 2, seed=1)
    rate = 1 / float(weights.max())
    ones = np.ones(len(indices))
    plain = fit_logistic(x[indices], y[indices], ones)
    weighted = fit_logistic(x[indices], y[indices], weights.astype(float))
    everything = fit_logistic(x, y, np.ones(len(x)))
    error = 1 / math.sqrt(y.sum())
    assert abs(plain[0] - everything[0] + math.log(rate)) < 3 * error
    assert abs(weighted[0] - everything[0]) < 3 * error
    p = sampling.recalibrate(special.expit(plain[0] + plain[1] * x), rate)
    assert p.mean() == pytest.approx(y.mean(), rel=0.01)


@pytest.mark.parametrize(
    ("y", "ratio", "error", "message"),
    [
        ([0, 2], 1, ValueError, "y must hold 0 and 1, got 2 at 1"),
        ([[0, 1]], 1, ValueError, "y must have the shape (n,), got (1, 2)"),
        ([0, 1], 0, ValueError, "ratio must be a number > 0, got 0"),
        ([0, 1], NAN, ValueError, "ratio must be a number > 0, got nan"),
        ([0, 1], "2", TypeError, "ratio must be a number, got '2'"),
        (
            [0, 1, 1],
            2,
            ValueError,
            "ratio=2 needs 4 negatives for 2 positives, y has 1",
        ),
    ],
)
def test_bad_undersampling_is_refused(
    y: Any, ratio: Any, error: type[Exception], message: str
) -> None:
    """S12."""
    with pytest.raises(error) as caught:
        sampling.undersample(y, ratio)
    assert message in str(caught.value)


def test_undersampling_nothing_gives_nothing() -> None:
    indices, weights = sampling.undersample([], 3)
    assert (indices.dtype, weights.dtype) == (np.int64, np.float32)
    assert len(indices) == len(weights) == 0


@pytest.mark.parametrize(
    ("p", "error", "message"),
    [
        ([0.5, 1.2], ValueError, "p must hold probabilities from 0 to 1, got 1.2"),
        ([NAN], ValueError, "p must hold probabilities from 0 to 1, got nan"),
        (["a"], TypeError, "p must hold numbers, got <U1"),
    ],
)
def test_bad_probability_is_refused(
    p: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        sampling.recalibrate(p, 0.5)
    assert message in str(caught.value)


def test_recalibration_of_a_tiny_rate_does_not_overflow() -> None:
    assert sampling.recalibrate([0.0, 0.5, 1.0], 5e-324).tolist() == [0, 0, 1]
    assert float(sampling.recalibrate(0.5, 0.5)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("rate", [0, -1, 1.5, NAN])
def test_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be above 0 and at most 1, got"):
        sampling.recalibrate([0.5], rate)


def test_frequencies_equal_the_reference() -> None:
    rng = np.random.default_rng(8)
    batches = [
        (step, rng.integers(0, 20, 6).tolist()) for step in range(1, 200) if step % 3
    ]
    frequency = sampling.FrequencyEstimator(25, alpha=0.05, start=10)
    for step, ids in batches:
        frequency.update(ids, step)
    expected = oracle.gaps(batches, 25, 0.05, 10)
    np.testing.assert_allclose(1 / frequency.prob(np.arange(25)), expected, rtol=1e-12)
    np.testing.assert_allclose(frequency.log_prob([3]), -np.log(expected[3]))


def test_frequencies_go_to_the_probability_of_a_batch() -> None:
    rng = np.random.default_rng(9)
    p = np.array([0.5, 0.2, 0.05])
    frequency = sampling.FrequencyEstimator(3, alpha=0.005, start=5)
    for step in range(1, 20_001):
        frequency.update(np.flatnonzero(rng.random(3) < p), step)
    np.testing.assert_allclose(frequency.prob([0, 1, 2]), p, rtol=0.25)


def test_bad_update_leaves_the_frequencies_as_they_were() -> None:
    """S9."""
    frequency = sampling.FrequencyEstimator(3)
    frequency.update([0], 5)
    before = frequency.prob([0, 1, 2])
    for ids, step, message in (
        ([3], 6, "ids[0] must be from 0 to 2, got 3"),
        ([0], 5, "step must be an int >= 6, got 5"),
    ):
        with pytest.raises(ValueError) as caught:
            frequency.update(ids, step)
        assert message in str(caught.value)
    with pytest.raises(TypeError, match="ids must hold integers"):
        frequency.update([0.5], 6)
    assert np.array_equal(frequency.prob([0, 1, 2]), before)
    for options in ({"alpha": 0}, {"alpha": 2}, {"start": 0.5}):
        with pytest.raises(ValueError, match=r"must be (above 0|a number >= 1)"):
            sampling.FrequencyEstimator(3, **options)
    for options in ({"alpha": True}, {"start": True}, {"alpha": "1"}):
        with pytest.raises(TypeError, match=r"must be a number, got (True|'1')"):
            sampling.FrequencyEstimator(3, **options)  # type: ignore[arg-type]
    whole = sampling.FrequencyEstimator(3, start=np.int64(5))  # type: ignore[arg-type]
    assert whole.prob([0]) == [0.2]
