"""sgns.sampling against its oracle: Philox, every draw, what cannot change a draw."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import reference_sampling as ref
from conftest import zipf_counts
from sgns import _core
from sgns import sampling as S

# Random123's kat_vectors: counter, key, result of philox4x32 with 10 rounds.
KNOWN_ANSWERS = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
WEIGHTS = [0.0, 5.0, 1.0, 1e-12, 3.0, 0.25, 0.0, 2.0, 0.5, 40.0, 1e-3]
PARTS = [(0.25, S.Uniform(7)), (0.75, S.Weights([0, 3, 1, 0, 8]))]


def blocks(kernel: str, key: int, words: np.ndarray) -> np.ndarray:
    """Blocks of counters of shape (n, 4)."""
    padded = np.zeros((-(-len(words) // 8) * 8, 4), np.uint64)
    padded[: len(words)] = words
    low = padded[:, 0] | padded[:, 1] << np.uint64(32)
    high = padded[:, 2] | padded[:, 3] << np.uint64(32)
    low, high = _core.philox(kernel, key, low, high)
    mask, shift = np.uint64(ref.WORD), np.uint64(32)
    parts = [low & mask, low >> shift, high & mask, high >> shift]
    return np.stack(parts, 1)[: len(words)]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN_ANSWERS)
def test_reference_philox_equals_the_known_answers(counter, key, result) -> None:
    assert ref.philox(key[0] | key[1] << 32, counter) == result


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN_ANSWERS)
def test_philox_equals_the_known_answers(kernel, counter, key, result) -> None:
    words = blocks(kernel, key[0] | key[1] << 32, np.array([counter], np.uint64))
    assert tuple(words[0].tolist()) == result


def test_philox_equals_the_reference_in_every_lane(kernel: str) -> None:
    rng = np.random.default_rng(1)
    words = rng.integers(0, 2**32, (40, 4), np.uint64)
    key = int(rng.integers(0, 2**64, dtype=np.uint64))
    expected = [ref.philox(key, tuple(counter)) for counter in words.tolist()]
    assert blocks(kernel, key, words).tolist() == [list(x) for x in expected]


@pytest.mark.parametrize("n", [1, 2, 1000, 2**31 - 2])
def test_philox_places_equal_the_scalar_ones(kernel: str, n: int) -> None:
    rng = np.random.default_rng(2)
    low, high = rng.integers(0, 2**64, (2, 24), np.uint64)
    bits = _core.philox("scalar", 7, low, high)
    places = _core.philox(kernel, 7, low, high, n)
    for drawn, place in zip(bits, places, strict=True):
        assert place.tolist() == [b * n >> 32 for b in drawn.tolist()]


# Every draw equals the oracle ---------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, 7, 128, 257, 300])
def test_distribution_sample_equals_the_reference(kernel, monkeypatch, size) -> None:
    monkeypatch.setenv("SGNS_KERNEL", kernel)
    law = ref.weighted(WEIGHTS)
    drawn = S.Weights(WEIGHTS).sample(size, seed=2**64 - 1, step=3)
    expected = [
        law.pick(ref.draw_bits(2**64 - 1, 0, i, 0, 3, ref.SAMPLE)) for i in range(size)
    ]
    assert drawn.dtype == np.int32
    assert drawn.tolist() == expected


def test_uniform_sample_equals_the_reference() -> None:
    law = ref.Law(1000)
    drawn = S.Uniform(1000).sample((3, 5), seed=1, step=2**32 - 1)
    bits = [ref.draw_bits(1, 0, i, 0, 2**32 - 1, ref.SAMPLE) for i in range(15)]
    assert drawn.shape == (3, 5)
    assert drawn.ravel().tolist() == [law.pick(b) for b in bits]


def excluded_rows(n: int, n_rows: int, seed: int) -> list[set[int]]:
    """Nothing, one id, some, all but the lightest, and random sets."""
    rng = np.random.default_rng(seed)
    rows = [set(), {1}, {9, 1, 4}, set(range(n)) - {3}, set(range(n)) - {10, 5}]
    while len(rows) < n_rows:
        rows.append(set(rng.permutation(n)[: rng.integers(0, n - 4)].tolist()))
    return rows[:n_rows]


def csr(rows: list[set[int]]) -> S.Exclude:
    indptr = np.cumsum([0, *map(len, rows)])
    return S.Exclude.csr(indptr, [i for row in rows for i in row])


@pytest.mark.parametrize("uniform", [False, True])
@pytest.mark.parametrize("k", [1, 2, 5, 300])
def test_sample_equals_the_reference_in_every_row(kernel, monkeypatch, k, uniform):
    monkeypatch.setenv("SGNS_KERNEL", kernel)
    n_rows = 60 if k < 10 else 3
    seen = excluded_rows(len(WEIGHTS), n_rows, seed=3)
    law = ref.Law(11) if uniform else ref.weighted(WEIGHTS)
    distribution = S.Uniform(11) if uniform else S.Weights(WEIGHTS)
    row_ids = np.arange(n_rows) * 2**40 + 5
    neg = S.NegativeSampler(distribution, k, exclude=csr(seen), seed=9)
    ids, log_q = neg.sample(
        rows=np.arange(n_rows), row_ids=row_ids, step=4, return_log_q=True
    )
    expected, expected_q = ref.sample_negatives(law, k, seen, 9, 4, row_ids.tolist())
    np.testing.assert_array_equal(ids, expected)
    np.testing.assert_allclose(log_q, expected_q, rtol=3e-7, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("k", [1, 7, 64])
def test_mask_says_for_rows_of_every_length_what_they_hold(k: int, dtype) -> None:
    """Short neighbours share memory; long rows hold much of the law."""
    rng = np.random.default_rng(k)
    lengths = [*range(40), 0, 0, 300, 1, 4000, 2, 513]
    seen = [set(rng.permutation(5000)[:length].tolist()) for length in lengths]
    law = S.Weights(np.arange(1, 5001) ** -0.5)
    neg = S.NegativeSampler(law, k, exclude=csr(seen), policy="mask", seed=k)
    rows = rng.integers(0, len(seen), 600)
    out = np.empty((600, k), dtype)
    ids, mask = neg.sample(rows, positives=np.arange(600), step=1, out=out)
    for row, positive, drawn, marks in zip(rows, range(600), ids, mask, strict=True):
        expected = [i in seen[row] or i == positive for i in drawn.tolist()]
        assert marks.tolist() == expected
    assert mask.any()
    free = S.NegativeSampler(law, k, policy="allow", seed=k)
    np.testing.assert_array_equal(ids, free.sample(row_ids=np.arange(600), step=1))


@pytest.mark.parametrize("m", [1, 3, 20])
def test_positives_are_excluded_beside_the_row(m: int) -> None:
    """Repeats among them and ids that the row excludes anyway count once."""
    rng = np.random.default_rng(4)
    seen = [set(rng.integers(0, 11, 4).tolist()) for _ in range(40)]
    positives = rng.integers(0, 6, (40, m))
    both = [a | set(b.tolist()) for a, b in zip(seen, positives, strict=True)]
    law = ref.weighted(WEIGHTS)
    for exclude, sets in (
        (csr(seen), both),
        (None, [set(b.tolist()) for b in positives]),
    ):
        neg = S.NegativeSampler(S.Weights(WEIGHTS), 3, exclude=exclude, seed=2)
        drawn = neg.sample(range(40), positives, return_log_q=True)
        expected = ref.sample_negatives(law, 3, sets, 2, 0, range(40))
        np.testing.assert_array_equal(drawn[0], expected[0])
        np.testing.assert_allclose(drawn[1], expected[1], rtol=3e-7, atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 3, 8, 9])
def test_distinct_draws_equal_the_reference(n: int) -> None:
    """One id has 1e-12 of the mass: the last arrivals come all at once."""
    law = ref.weighted(WEIGHTS)
    for step in range(5):
        neg = S.NegativeSampler(S.Weights(WEIGHTS), 1, seed=6)
        ids, log_q = neg.sample_shared(n, replace=False, step=step)
        expected, tau = ref.draw_distinct(law, n, 6, step)
        assert ids.tolist() == expected
        inclusion = [np.log(-np.expm1(-law.share(i) * tau)) for i in expected]
        np.testing.assert_allclose(log_q, inclusion, rtol=1e-6, atol=1e-6)
        again = neg.shared_log_q(ids, n, replace=False, step=step)
        np.testing.assert_array_equal(again, log_q)


GOLDEN = {
    "unigram": [1, 166, 651, 12, 10, 22, 3, 11],
    "log_uniform": [1141, 0, 795284, 20658, 8453, 4103],
    "sample": [[196, 364, 475, 98], [884, 76, 105, 110]],
    "shared": [37, 3, 813, 322, 13, 691],
    "distinct": [0, 317, 5, 88, 84, 409],
}


def test_golden_arrays_of_stream_version_1() -> None:
    """A change is a new stream: raise kStreamVersion and say so in CHANGELOG.md."""
    assert _core.STREAM_VERSION == 1
    unigram = S.Unigram(zipf_counts(1000, 100_000))
    assert unigram.sample(8, seed=7, step=1).tolist() == GOLDEN["unigram"]
    assert S.LogUniform(10**6).sample(6, seed=7).tolist() == GOLDEN["log_uniform"]
    seen = S.Exclude.pairs(np.repeat([0, 1], 50), np.tile(np.arange(50), 2))
    neg = S.NegativeSampler(unigram, 4, exclude=seen, seed=7)
    assert neg.sample([0, 1], [60, 70], step=2).tolist() == GOLDEN["sample"]
    assert neg.sample_shared(6, step=2)[0].tolist() == GOLDEN["shared"]
    assert neg.sample_shared(6, False, step=2)[0].tolist() == GOLDEN["distinct"]


# What cannot change a draw ------------------------------------------------------------


@pytest.fixture(scope="module")
def sampler() -> tuple[S.NegativeSampler, np.ndarray, np.ndarray]:
    """A sampler with exclusion, and rows and positives of a batch of 20,000."""
    rng = np.random.default_rng(8)
    seen = S.Exclude.pairs(rng.integers(0, 500, 20_000), rng.integers(0, 2000, 20_000))
    unigram = S.Unigram(zipf_counts(2000, 1_000_000))
    neg = S.NegativeSampler(unigram, 5, exclude=seen, seed=3, workers=1)
    rows = rng.integers(0, seen.n_rows, 20_000)
    return neg, rows, rng.integers(0, 2000, 20_000)


def test_threads_do_not_change_a_draw(sampler) -> None:
    neg, rows, positives = sampler
    alone = neg.sample(rows, positives, return_log_q=True)
    for workers in (2, 7):
        many = S.NegativeSampler(
            neg.distribution, 5, exclude=neg.exclude, seed=3, workers=workers
        )
        together = many.sample(rows, positives, return_log_q=True)
        for a, b in zip(alone, together, strict=True):
            np.testing.assert_array_equal(a, b)


def test_threads_do_not_change_a_bulk_draw() -> None:
    drawn = [S.Uniform(9).sample(300_000, workers=w) for w in (1, 2, 5)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])


def test_cut_into_batches_does_not_change_a_draw(sampler) -> None:
    neg, rows, positives = sampler
    whole = neg.sample(rows, positives, step=5)
    ids = np.arange(len(rows))
    order = np.random.default_rng(1).permutation(7)
    for part in np.array_split(ids, 7)[:: order[0] % 2 or -1]:
        again = neg.sample(rows[part], positives[part], step=5, row_ids=part)
        np.testing.assert_array_equal(again, whole[part])


def draw_part(job: tuple) -> np.ndarray:
    neg, rows, positives, part = job
    return neg.sample(rows[part], positives[part], step=5, row_ids=part)


@pytest.mark.parametrize("n_workers", [1, 3])
def test_processes_do_not_change_a_draw(sampler, n_workers: int) -> None:
    """As the workers of a DataLoader: the sampler is sent to each, which has a part."""
    neg, rows, positives = sampler
    parts = [np.arange(w, len(rows), n_workers) for w in range(n_workers)]
    jobs = [(neg, rows, positives, part) for part in parts]
    with multiprocessing.get_context("spawn").Pool(n_workers) as pool:
        drawn = pool.map(draw_part, jobs)
    whole = neg.sample(rows, positives, step=5)
    for part, ids in zip(parts, drawn, strict=True):
        np.testing.assert_array_equal(ids, whole[part])


def test_one_sampler_in_eight_threads_draws_as_alone(sampler) -> None:
    """S13."""
    neg, rows, positives = sampler
    alone = [neg.sample(rows, positives, step=s) for s in range(8)]
    with ThreadPoolExecutor(8) as pool:
        threads = [pool.submit(neg.sample, rows, positives, s) for s in range(8)]
    for expected, thread in zip(alone, threads, strict=True):
        np.testing.assert_array_equal(thread.result(), expected)


@pytest.mark.parametrize(
    "distribution",
    [
        S.Uniform(9),
        S.LogUniform(9),
        S.Unigram([5, 0, 2], alpha=0.3),
        S.Weights(WEIGHTS),
        S.Mixture(PARTS),
    ],
    ids=repr,
)
def test_pickled_distribution_draws_the_same(distribution: S.Distribution) -> None:
    again = pickle.loads(pickle.dumps(distribution))
    assert repr(again) == repr(distribution)
    ids = np.arange(distribution.n)
    np.testing.assert_array_equal(again.prob(ids), distribution.prob(ids))
    np.testing.assert_array_equal(again.sample(100), distribution.sample(100))


def test_pickled_sampler_keeps_its_options() -> None:
    neg = S.NegativeSampler(
        S.Uniform(4),
        2,
        exclude=S.Exclude.pairs([0, 0, 0, 0], [0, 1, 2, 3]),
        on_empty="pad",
        dtype=np.int64,
        workers=2,
        seed=5,
    )
    again = pickle.loads(pickle.dumps(neg))
    assert repr(again) == repr(neg)
    assert again.sample([0]).tolist() == [[-1, -1]]
    assert again.sample([0]).dtype == np.int64


def test_draws_of_rows_steps_seeds_and_purposes_differ() -> None:
    n = 2**31 - 2
    negs = [S.NegativeSampler(S.Uniform(n), 50, seed=seed) for seed in (1, 2)]
    arrays = [neg.sample(row_ids=[0, 1, 2**33], step=s) for neg in negs for s in (0, 1)]
    arrays += [neg.sample_shared(50)[0] for neg in negs]
    arrays += [neg.sample_shared(50, replace=False)[0] for neg in negs]
    arrays += [S.Uniform(n).sample(50, seed=seed) for seed in (1, 2)]
    drawn = np.concatenate([array.ravel() for array in arrays])
    assert len(np.unique(drawn)) >= len(drawn) - 1
