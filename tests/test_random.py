"""Random streams: known answers, equality with the oracle, uniformity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import reference
from sgns import _core

KEYS = [
    (seed, epoch, stream)
    for seed in (0, 1, 2**63, 2**64 - 1)
    for epoch in (0, 1, 17)
    for stream in (reference.TOKENS, reference.NOISE, reference.INIT)
]
COUNTERS = [0, 1, 2, 9_999, 10_000, 2**32 - 1, 2**32, 2**63, 2**64 - 1]

# Published first outputs of splitmix64 from the state 1234567.
SPLITMIX64 = [
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
]
SEED_OF_1234567 = 0xBFD9D02DA9907446  # its TOKENS key of epoch 0 is 1234567


def test_reference_draw_equals_published_splitmix64() -> None:
    drawn = [reference.draw(1234567, counter) for counter in range(5)]
    assert drawn == SPLITMIX64


def test_stream_bits_equal_published_splitmix64() -> None:
    assert reference.stream_key(SEED_OF_1234567, 0, reference.TOKENS) == 1234567
    counters = np.arange(5, dtype=np.uint64)
    bits = _core.stream_bits(SEED_OF_1234567, 0, reference.TOKENS, counters)
    assert bits.tolist() == SPLITMIX64


@pytest.mark.parametrize(("seed", "epoch", "stream"), KEYS)
def test_stream_bits_equal_the_reference(seed: int, epoch: int, stream: int) -> None:
    bits = _core.stream_bits(seed, epoch, stream, np.array(COUNTERS, np.uint64))
    key = reference.stream_key(seed, epoch, stream)
    assert bits.dtype == np.uint64
    assert bits.tolist() == [reference.draw(key, counter) for counter in COUNTERS]


def test_stream_bits_of_no_counters_are_empty() -> None:
    assert _core.stream_bits(1, 0, 0, np.zeros(0, np.uint64)).shape == (0,)


@pytest.mark.parametrize("stream", [reference.TOKENS, reference.NOISE, reference.INIT])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stream_bytes_are_uniform(seed: int, stream: int) -> None:
    bits = _core.stream_bits(seed, 0, stream, np.arange(200_000, dtype=np.uint64))
    columns = bits.view(np.uint8).reshape(-1, 8)
    for column in columns.T:
        p = stats.chisquare(np.bincount(column, minlength=256)).pvalue
        assert 1e-4 < p < 1 - 1e-4


def test_streams_of_two_keys_are_not_correlated() -> None:
    counters = np.arange(100_000, dtype=np.uint64)
    drawn = [_core.stream_bits(*key, counters) for key in KEYS]
    units = [(bits >> np.uint64(11)).astype(np.float64) for bits in drawn]
    correlations = np.corrcoef(units)[np.triu_indices(len(KEYS), 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(len(counters))


@pytest.mark.parametrize(("n_words", "dim"), [(1, 1), (7, 5), (50, 33), (3, 300)])
@pytest.mark.parametrize("seed", [1, 12345678901234567890])
def test_initial_input_equals_the_reference(seed: int, n_words: int, dim: int) -> None:
    """A37: uniform in (-1/2, 1/2) / dim, bit for bit."""
    start = _core.initial_input(seed, n_words, dim)
    assert start.dtype == np.float32
    np.testing.assert_array_equal(start, reference.initial_input(seed, n_words, dim))


def test_initial_input_is_uniform_around_zero() -> None:
    """A37: every value lies in [-1/2, 1/2) / dim and the law is uniform."""
    units = _core.initial_input(1, 1000, 100).ravel().astype(np.float64) * 100
    assert units.min() >= -0.5
    assert units.max() < 0.5
    assert stats.kstest(units, stats.uniform(-0.5, 1).cdf).pvalue > 1e-4
