"""Nearest-neighbour indexes: what a search asks of them and what it makes of it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from sgns import KeyedVectors
from sgns.indexes import UsearchIndex


class FakeIndex:
    """An exact index that notes what it was asked."""

    def __init__(self, vectors: np.ndarray) -> None:
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.units = vectors / np.where(norms > 0, norms, 1)
        self.asked: list[tuple[tuple[int, ...], int]] = []

    def search(self, directions: np.ndarray, n: int, /) -> np.ndarray:
        self.asked.append((directions.shape, n))
        assert directions.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, rtol=1e-6)
        return np.argsort(-directions @ self.units.T, axis=1)[:, :n][:, ::-1]


class Returns:
    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def search(self, directions: np.ndarray, n: int, /) -> Any:
        return self.rows


@pytest.fixture(scope="module")
def wv() -> KeyedVectors:
    rng = np.random.default_rng(0)
    vectors, output = rng.standard_normal((2, 500, 8))
    return KeyedVectors([f"w{n}" for n in range(500)], vectors, output_vectors=output)


def test_index_gives_the_same_results_as_all_words(wv: KeyedVectors) -> None:
    index = FakeIndex(wv.vectors)
    queries = ["w1", ["w2", ("w3", -1.0)], wv["w4"]]
    found = wv.most_similar_batch(queries, topn=5, index=index)
    assert found == wv.most_similar_batch(queries, topn=5)
    assert index.asked == [((3, 8), 7)]  # two words may have to be left out
    assert wv.most_similar("w1", topn=5, index=index) == found[0]


def test_index_of_the_output_vectors(wv: KeyedVectors) -> None:
    index = FakeIndex(wv.output_vectors)
    for space in ("output", "input-output"):
        found = wv.most_similar("w1", space=space, index=index)
        assert found == wv.most_similar("w1", space=space)


def test_index_is_not_asked_for_more_than_there_is(wv: KeyedVectors) -> None:
    index = FakeIndex(wv.vectors)
    assert len(wv.most_similar("w1", topn=10_000, index=index)) == 499
    assert index.asked == [((1, 8), 500)]


def test_index_is_not_asked_for_nothing(wv: KeyedVectors) -> None:
    """Q4."""
    assert wv.most_similar_batch([], index=Returns(None)) == []


def test_index_may_find_less_and_the_same_row_twice(wv: KeyedVectors) -> None:
    found = wv.most_similar("w1", index=Returns([[7, -1, 1, 7, 3]]))
    assert {word for word, _ in found} == {"w7", "w3"}
    assert found[0][1] == wv.similarity("w1", found[0][0])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[500]], "must return rows below 500, or -1, got 500 to 500: is it an index"),
        ([[-2]], "must return rows below 500, or -1, got -2 to -2"),
        ([[1.0]], r"a row of integers for each of 1 directions, got shape \(1, 1\), d"),
        ([1, 2], r"a row of integers for each of 1 directions, got shape \(2,\)"),
        ([[1], [2]], r"a row of integers for each of 1 directions, got shape \(2, 1"),
        ([["w1"]], "a row of integers for each of 1 directions"),
    ],
)
def test_index_with_impossible_rows_raises(
    wv: KeyedVectors, rows: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        wv.most_similar("w1", index=Returns(rows))


@pytest.mark.parametrize("index", [{"w1": 0}, "wv.usearch", np.eye(3)])
def test_index_without_a_search_raises(wv: KeyedVectors, index: Any) -> None:
    with pytest.raises(TypeError, match=r"index must have a method search\(directions"):
        wv.most_similar("w1", index=index)


def test_index_with_restrict_vocab_raises(wv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="restrict_vocab cannot be used with an index"):
        wv.most_similar("w1", restrict_vocab=3, index=FakeIndex(wv.vectors))


def test_usearch_missing_says_what_to_install(
    wv: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(
        ImportError, match=r"needs usearch: pip install 'sgns\[index\]'"
    ):
        UsearchIndex.build(wv)


class Matches:
    """What usearch answers to several queries, of which the second has one result."""

    keys = np.array([[3, 4], [5, 0]], dtype=np.uint64)
    counts = np.array([2, 1])


def test_usearch_counts_are_regarded() -> None:
    class Index:
        def search(self, directions: np.ndarray, n: int) -> Matches:
            return Matches()

    found = UsearchIndex(Index()).search(np.ones((2, 3), dtype=np.float32), 2)
    assert np.asarray(found).tolist() == [[3, 4], [5, -1]]


@pytest.mark.parametrize("space", ["input", "output", "input-output"])
def test_usearch_finds_almost_all(wv: KeyedVectors, space: Any) -> None:
    pytest.importorskip("usearch.index")
    index = UsearchIndex.build(wv, space=space, threads=1)
    exact = wv.most_similar_batch(wv.words[:100], space=space)
    found = wv.most_similar_batch(wv.words[:100], space=space, index=index)
    pairs = zip(exact, found, strict=True)
    hits = sum(len({*one} & {*other}) for one, other in pairs)
    assert hits >= 950
    assert wv.most_similar("w1", space=space, index=index)[0] == exact[1][0]


def test_usearch_leaves_zero_rows_out() -> None:
    pytest.importorskip("usearch.index")
    vectors = [[1, 0], [0, 0], [1, 1], [0, 1]]
    wv = KeyedVectors(list("abcd"), vectors)
    found = wv.most_similar("a", index=UsearchIndex.build(wv, threads=1))
    assert found == [("c", pytest.approx(0.5**0.5)), ("d", 0.0)]
