"""Huffman tree: equality with the oracle, optimal codes, ties, very long codes."""

from __future__ import annotations

import heapq
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import reference
from conftest import zipf_counts
from sgns import _core


def fibonacci(n: int) -> list[int]:
    """The first n Fibonacci numbers, descending: the longest possible codes."""
    numbers = [1, 1]
    while len(numbers) < n:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[::-1]


def random_counts(n: int, seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    return sorted(rng.geometric(0.02, n).tolist(), reverse=True)


COUNTS = {
    "two words": [3, 1],
    "two equal words": [4, 4],
    "three words": [5, 2, 1],
    "equal counts 7": [2] * 7,
    "equal counts 8": [2] * 8,
    "many ties": [4, 4, 4, 2, 2, 2, 2, 1, 1, 1, 1, 1],
    "powers of two": [2**i for i in range(40, -1, -1)],
    "fibonacci 85": fibonacci(85),
    "random 50": random_counts(50, 1),
    "random 999": random_counts(999, 2),
    "zipf 3000": zipf_counts(3000, 100_000).tolist(),
}


def paths_of(counts: list[int]) -> list[reference.Path]:
    offsets, nodes, codes = _core.huffman_paths(np.array(counts, np.int64))
    bounds = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    return [(nodes[a:b].tolist(), codes[a:b].tolist()) for a, b in bounds]


@pytest.mark.parametrize("name", COUNTS)
def test_paths_equal_the_reference(name: str) -> None:
    """Ties included: nodes and codes agree bit for bit."""
    assert paths_of(COUNTS[name]) == reference.huffman_paths(COUNTS[name])


def test_path_arrays_have_the_documented_types() -> None:
    offsets, nodes, codes = _core.huffman_paths(np.array([5, 2, 1]))
    assert (offsets.dtype, offsets.shape) == (np.uint64, (4,))
    assert nodes.dtype == np.int32
    assert codes.dtype == np.uint8
    assert offsets[0] == 0
    assert offsets[-1] == len(nodes) == len(codes)


@pytest.mark.parametrize("name", COUNTS)
def test_codes_are_prefix_free(name: str) -> None:
    codes = sorted(codes for _, codes in paths_of(COUNTS[name]))
    for shorter, longer in itertools.pairwise(codes):
        assert longer[: len(shorter)] != shorter


@pytest.mark.parametrize("name", COUNTS)
def test_kraft_sum_is_one(name: str) -> None:
    sums = [Fraction(1, 2 ** len(codes)) for _, codes in paths_of(COUNTS[name])]
    assert sum(sums) == 1


@pytest.mark.parametrize("name", COUNTS)
def test_cost_is_optimal(name: str) -> None:
    """The cost of any Huffman code is the sum of all merged weights."""
    heap, optimum = sorted(COUNTS[name]), 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        optimum += merged
        heapq.heappush(heap, merged)
    lengths = [len(codes) for _, codes in paths_of(COUNTS[name])]
    cost = sum(map(int.__mul__, COUNTS[name], lengths))
    assert cost == optimum


@pytest.mark.parametrize("name", COUNTS)
def test_mean_length_lies_within_one_bit_of_the_entropy(name: str) -> None:
    """A39: H <= mean code length < H + 1."""
    p = np.array(COUNTS[name], np.float64) / sum(COUNTS[name])
    entropy = -float(p @ np.log2(p))
    mean = float(p @ [len(codes) for _, codes in paths_of(COUNTS[name])])
    assert entropy - 1e-9 <= mean < entropy + 1


@pytest.mark.parametrize("name", COUNTS)
def test_paths_start_at_the_root_and_use_every_node(name: str) -> None:
    """A43: V - 1 inner nodes, 0 to V - 2, the root is V - 2."""
    n, paths = len(COUNTS[name]), paths_of(COUNTS[name])
    assert {nodes[0] for nodes, _ in paths} == {n - 2}
    assert {node for nodes, _ in paths for node in nodes} == set(range(n - 1))


def test_fibonacci_counts_give_codes_longer_than_64_bits() -> None:
    paths = paths_of(fibonacci(85))
    assert max(len(codes) for _, codes in paths) == 84


@pytest.mark.parametrize("n", [2, 3, 4, 5, 31, 32, 33, 100, 1023, 1024, 1025])
def test_equal_counts_give_a_balanced_tree(n: int) -> None:
    """A46: the depth is ceil(log2 N)."""
    depths = [len(codes) for _, codes in paths_of([3] * n)]
    assert max(depths) == math.ceil(math.log2(n))
    assert min(depths) >= math.floor(math.log2(n))
