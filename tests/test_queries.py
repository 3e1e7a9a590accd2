"""Queries by word and vector (Q1 to Q6): against plain NumPy and against gensim."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

import reference_queries as reference
import sgns._nearest
from sgns.keyed_vectors import KeyedVectors

DOCS = Path(__file__).resolve().parents[1] / "docs"
WORDS = ["man", "woman", "king", "queen", "zero"]
ROWS = np.array(
    [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 0]], dtype=np.float32
)
SPACES = ("input", "output", "input-output")


def random_vectors(n_words: int, size: int, seed: int = 0) -> KeyedVectors:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n_words, size)).astype(np.float32)
    output = rng.standard_normal((n_words, size)).astype(np.float32)
    words = [f"w{row}" for row in range(n_words)]
    return KeyedVectors(words, vectors, output_vectors=output)


@pytest.fixture
def wv() -> KeyedVectors:
    return KeyedVectors(WORDS, ROWS)


@pytest.fixture(scope="module")
def many() -> KeyedVectors:
    return random_vectors(2_000, 20)


@pytest.fixture(scope="module")
def theirs(many: KeyedVectors) -> Any:
    """The same vectors in gensim."""
    models = pytest.importorskip("gensim.models")
    vectors = models.KeyedVectors(many.vector_size)
    vectors.add_vectors(many.words, many.vectors)
    return vectors


def tables(wv: KeyedVectors, space: str) -> tuple[np.ndarray, np.ndarray]:
    output = wv.output_vectors
    assert output is not None
    return {
        "input": (wv.vectors, wv.vectors),
        "output": (output, output),
        "input-output": (wv.vectors, output),
    }[space]


def assert_same(
    ours: list[tuple[str, float]], expected: list[tuple[str, float]], atol: float
) -> None:
    assert [word for word, _ in ours] == [word for word, _ in expected]
    np.testing.assert_allclose(
        [value for _, value in ours], [value for _, value in expected], atol=atol
    )


# Many queries at once -----------------------------------------------------------------


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("topn", [1, 10, 500, 3000])
def test_batch_equals_the_exact_sort(many: KeyedVectors, space: Any, topn: int) -> None:
    asked, candidates = tables(many, space)
    rows = [0, 7, 1999]
    found = many.most_similar_batch([f"w{row}" for row in rows], topn=topn, space=space)
    for row, one in zip(rows, found, strict=True):
        expected = reference.most_similar(candidates, asked[row], topn, [row])
        assert_same(one, [(f"w{other}", value) for other, value in expected], 1e-11)


@pytest.mark.parametrize("n_queries", [1, 3, 50, 300])
def test_batch_equals_queries_one_by_one(many: KeyedVectors, n_queries: int) -> None:
    """To the bit, whichever side of the product is scaled."""
    words = many.words[:n_queries]
    found = many.most_similar_batch(words, topn=7)
    assert found == [many.most_similar(word, topn=7) for word in words]


@given(
    vectors=st_np.arrays(np.int8, (70, 2), elements=st.integers(-2, 2)),
    topn=st.integers(1, 80),
    limit=st.integers(1, 80),
)
@settings(max_examples=60, deadline=None)
def test_batch_equals_the_exact_sort_with_many_equal_cosines(
    vectors: np.ndarray, topn: int, limit: int
) -> None:
    """Q6: ties by row, zero rows, and more results asked for than there are."""
    wv = KeyedVectors([f"w{row}" for row in range(70)], vectors)
    both = [(vectors[1], 1.0), (vectors[2], 1.0)]
    assume(np.abs(reference.direction(both)).max() > 1e-9 or not vectors[1:3].any())
    found = wv.most_similar_batch(["w0", ["w1", "w2"]], topn=topn, restrict_vocab=limit)
    for one, query, excluded in (
        (found[0], vectors[0], [0]),
        (found[1], reference.direction(both), [1, 2]),
    ):
        expected = reference.most_similar(vectors, query, topn, excluded, limit)
        assert [value for _, value in one] == pytest.approx(
            [value for _, value in expected], abs=1e-9
        )
        values = reference.cosines(vectors, query)
        rows = [int(word[1:]) for word, _ in one]
        assert [v for _, v in one] == pytest.approx(values[rows].tolist(), abs=1e-9)
        for place, row in enumerate(rows):
            equal = np.flatnonzero((vectors[:row] == vectors[row]).all(axis=1))
            assert set(equal) <= {*rows[:place], *excluded}


def test_batch_mixes_words_vectors_and_weighted_lists(wv: KeyedVectors) -> None:
    found = wv.most_similar_batch(
        ["king", wv["queen"], ["king", "woman", ("man", -1.0)], ("king", 2.0)], topn=2
    )
    assert found[0] == wv.most_similar("king", topn=2)
    assert found[1] == wv.most_similar(wv["queen"], topn=2)
    assert found[2] == wv.most_similar(["king", "woman"], negative="man", topn=2)
    assert found[3] == found[0]


def test_vectors_of_a_query_are_taken_as_they_are(many: KeyedVectors) -> None:
    """Those of words are brought to length 1."""
    far = 5.0 * many["w4"].astype(np.float64)
    found = many.most_similar(["w1", (many["w2"], 0.5)], negative=[far], topn=20)
    unit = many["w1"] / np.linalg.norm(many["w1"].astype(np.float64))
    query = unit + 0.5 * many["w2"] - far
    expected = reference.most_similar(many.vectors, query, 20, [1])
    assert_same(found, [(f"w{row}", value) for row, value in expected], 1e-9)


def test_batch_takes_a_matrix(many: KeyedVectors) -> None:
    found = many.most_similar_batch(many.vectors[:5], topn=3)
    assert [one[0][0] for one in found] == many.words[:5]
    assert found[2] == many.most_similar(many.vectors[2], topn=3)


def test_batch_takes_an_array_of_words(wv: KeyedVectors) -> None:
    found = wv.most_similar_batch(np.array(["king", "man"]))
    assert found == wv.most_similar_batch(["king", "man"])


@pytest.mark.parametrize("queries", [[], (), np.empty((0, 3))])
def test_batch_of_nothing_is_empty(wv: KeyedVectors, queries: Any) -> None:
    """Q4."""
    assert wv.most_similar_batch(queries) == []


@pytest.mark.parametrize(
    ("queries", "kind", "message"),
    [
        (["man", "x", ["king", "y"]], KeyError, "'x', 'y' are not in the vocabulary"),
        ("man", TypeError, "queries must be a list of queries, got 'man'"),
        ({"man"}, TypeError, "queries must be a list of queries, got {'man'}"),
        (["man", None], ValueError, "nothing positive and nothing negative"),
        (["man", []], ValueError, "nothing positive and nothing negative"),
        (["man", 3], TypeError, "a query must be a word, a vector or a list"),
        ([b"man"], TypeError, "a query must be a word, a vector or a list"),
        (np.ones(3), ValueError, r"queries must have shape \(n_queries, 3\), got \(3,"),
        (np.ones((2, 4)), ValueError, r"must have shape \(3,\), got \(4,\)"),
        (np.zeros((2, 3)), ValueError, "cosine is undefined for a zero vector"),
        (np.full((2, 3), np.nan), ValueError, "vector must be finite"),
        (["man", ["man", ("man", -1)]], ValueError, "query that adds up to zero"),
        ([[("man", 1.7e308)] * 2], ValueError, "a query must add up to finite numbers"),
        ([[np.full(3, 1e308)] * 2], ValueError, "must add up to finite numbers, got"),
        ([[(np.full(3, 9.0), 1e308)]], ValueError, "must add up to finite numbers"),
    ],
)
def test_batch_bad_queries_raise(
    wv: KeyedVectors, queries: Any, kind: type[Exception], message: str
) -> None:
    """Q1, Q2, Q4, Q5."""
    with pytest.raises(kind, match=message):
        wv.most_similar_batch(queries)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(0, ValueError), (-3, ValueError), (2.0, TypeError), (None, TypeError)],
)
def test_topn_below_one_raises(
    wv: KeyedVectors, value: Any, kind: type[Exception]
) -> None:
    """Q3, in every search."""
    message = f"topn must be an int >= 1, got {value}"
    for search in (
        lambda: wv.most_similar_batch(["man"], topn=value),
        lambda: wv.most_similar_cosmul("man", topn=value),
        lambda: wv.analogy("man", "king", "woman", topn=value),
        lambda: wv.relative_cosine_similarity("man", "king", topn=value),
    ):
        with pytest.raises(kind, match=message):
            search()


def test_batch_needs_little_memory() -> None:
    """P5: at most 64 MB beside the matrix of 24 MB and the results."""
    wv = random_vectors(60_000, 100)
    words = wv.words[:1100]
    tracemalloc.start()
    try:
        wv.most_similar_batch(words)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


def test_batch_of_equal_rows_needs_little_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where every row is a candidate, less queries are answered together."""
    monkeypatch.setattr(sgns._nearest, "RESULTS_AT_ONCE", 1 << 10)
    n_words = 1000
    wv = KeyedVectors([str(row) for row in range(n_words)], np.ones((n_words, 2)))
    found = wv.most_similar_batch([str(row) for row in range(40)], topn=3)
    assert [word for word, _ in found[0]] == ["1", "2", "3"]
    assert [word for word, _ in found[39]] == ["0", "1", "2"]


@pytest.mark.parametrize("n_queries", [1, 13, 30])
def test_blocks_do_not_show(
    many: KeyedVectors, monkeypatch: pytest.MonkeyPatch, n_queries: int
) -> None:
    whole = many.most_similar_batch(many.words[:90], topn=30, restrict_vocab=1777)
    monkeypatch.setattr(sgns._nearest, "PRODUCTS_AT_ONCE", 3000)
    monkeypatch.setattr(sgns._nearest, "SCALED_AT_ONCE", 3000)
    monkeypatch.setattr(sgns._nearest, "QUERIES_AT_ONCE", n_queries)
    parts = many.most_similar_batch(many.words[:90], topn=30, restrict_vocab=1777)
    assert parts == whole


def test_batch_with_huge_and_tiny_rows() -> None:
    """P2: rows whose float32 products overflow or vanish have their cosine."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((300, 4))
    scaled = vectors * np.where(np.arange(300) % 3, 1e37, 1e-37)[:, np.newaxis]
    words = [str(row) for row in range(300)]
    plain = KeyedVectors(words, vectors).most_similar_batch(words[:5])
    found = KeyedVectors(words, scaled).most_similar_batch(words[:5])
    for one, expected in zip(found, plain, strict=True):
        assert_same(one, expected, 1e-6)


# Products of cosines ------------------------------------------------------------------


def test_cosmul_equals_plain_computation(many: KeyedVectors) -> None:
    vector = np.arange(20.0)
    found = many.most_similar_cosmul(["w1", vector], ["w2"], topn=2000)
    values = reference.cosmul(many.vectors, [many["w1"], vector], [many["w2"]])
    order = [row for row in np.argsort(-values, kind="stable") if row not in (1, 2)]
    expected = [(f"w{row}", values[row]) for row in order]
    assert len(found) == 1998
    assert_same(found, expected, 1e-9)


def test_cosmul_restrict_vocab_looks_at_the_first(wv: KeyedVectors) -> None:
    found = wv.most_similar_cosmul(["king", "woman"], ["man"], restrict_vocab=4)
    assert [word for word, _ in found] == ["queen"]


def test_cosmul_without_negative_ranks_like_most_similar(many: KeyedVectors) -> None:
    found = many.most_similar_cosmul("w5")
    expected = many.most_similar("w5")
    assert_same(found, [(word, (1 + value) / 2) for word, value in expected], 1e-12)


@pytest.mark.parametrize(
    ("positive", "negative", "kind", "message"),
    [
        (None, "man", ValueError, "nothing positive to search for"),
        ([], None, ValueError, "nothing positive to search for"),
        (["x", "king"], ["y"], KeyError, "'x', 'y' are not in the vocabulary"),
        (("king", 2.0), None, ValueError, "most_similar_cosmul takes no weights"),
        (b"king", None, TypeError, "a query must be a word, a vector or a list"),
        (np.zeros(3), None, ValueError, "cosine is undefined for a zero vector"),
    ],
)
def test_cosmul_bad_query_raises(
    wv: KeyedVectors,
    positive: Any,
    negative: Any,
    kind: type[Exception],
    message: str,
) -> None:
    """Q1, Q2, Q4, Q5."""
    with pytest.raises(kind, match=message):
        wv.most_similar_cosmul(positive, negative)


# Analogies ----------------------------------------------------------------------------


def test_analogy_is_the_search_it_stands_for(many: KeyedVectors) -> None:
    asked = {"positive": ["w2", "w3"], "negative": ["w1"], "topn": 5}
    assert many.analogy("w1", "w2", "w3", topn=5) == many.most_similar(**asked)
    assert many.analogy(
        "w1", "w2", "w3", topn=5, method="3cosmul"
    ) == many.most_similar_cosmul(**asked)


@pytest.mark.parametrize(
    ("words", "more", "kind", "message"),
    [
        (("man", "x", "y"), {}, KeyError, "'x', 'y' are not in the vocabulary"),
        (("man", "king", None), {}, TypeError, "a word must be str, got None"),
        (
            ("man", "king", "woman"),
            {"method": "cosmul"},
            ValueError,
            "method must be one of '3cosadd', '3cosmul', got 'cosmul'",
        ),
    ],
)
def test_analogy_bad_arguments_raise(
    wv: KeyedVectors, words: Any, more: Any, kind: type[Exception], message: str
) -> None:
    """Q1, Q2."""
    with pytest.raises(kind, match=message):
        wv.analogy(*words, **more)


# Output vectors -----------------------------------------------------------------------


@pytest.mark.parametrize("space", SPACES)
def test_space_chooses_the_vectors_of_every_query(
    many: KeyedVectors, space: Any
) -> None:
    asked, candidates = tables(many, space)
    values = reference.cosines(candidates, asked[3])
    assert many.similarity("w3", "w4", space=space) == pytest.approx(values[4])
    assert many.distance("w3", "w4", space=space) == pytest.approx(1 - values[4])
    np.testing.assert_allclose(
        many.distances("w3", space=space), 1 - values, atol=1e-12
    )
    rank = int(np.sum(np.delete(values, 3) > values[4])) + 1
    assert many.rank("w3", "w4", space=space) == rank
    chosen = many.most_similar_to_given("w3", many.words[10:20], space=space)
    assert chosen == f"w{10 + np.argmax(values[10:20])}"
    nearest = np.sort(np.delete(values, 3))[-10:]
    assert many.relative_cosine_similarity("w3", "w4", space=space) == pytest.approx(
        values[4] / nearest.sum()
    )
    means = asked[[1, 2]].mean(axis=0), candidates[[3, 4, 5]].mean(axis=0)
    expected = reference.unit(means[0]) @ reference.unit(means[1])
    found = many.n_similarity(["w1", "w2"], ["w3", "w4", "w5"], space=space)
    assert found == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(
        many.mean_vector(["w1", "w2"], pre_normalize=False, space=space),
        means[0],
        rtol=1e-6,
    )
    words = many.words[:6]
    mean = np.sum([reference.unit(asked[row]) for row in range(6)], axis=0)
    odd = int(np.argmin(reference.cosines(asked[:6], mean)))
    assert many.doesnt_match(words, space=space) == f"w{odd}"
    product = reference.cosmul(candidates, [asked[1]], [asked[2]])
    best = next(row for row in np.argsort(-product) if row not in (1, 2))
    assert many.most_similar_cosmul("w1", "w2", space=space)[0][0] == f"w{best}"


def test_space_without_output_vectors_raises(wv: KeyedVectors) -> None:
    message = "space='output' needs output vectors, and these vectors have none"
    with pytest.raises(ValueError, match=message):
        wv.most_similar("man", space="output")
    with pytest.raises(ValueError, match="space='input-output' needs output vectors"):
        wv.similarity("man", "king", space="input-output")


def test_space_unknown_raises(many: KeyedVectors) -> None:
    message = "space must be one of 'input', 'output', 'input-output', got 'context'"
    with pytest.raises(ValueError, match=message):
        many.most_similar("w1", space="context")  # type: ignore[arg-type]


# Comparisons --------------------------------------------------------------------------


def test_distances_to_some_words_in_their_order(wv: KeyedVectors) -> None:
    found = wv.distances("man", ["queen", "zero", "man"])
    np.testing.assert_allclose(found, [1 - 1 / np.sqrt(3), 1.0, 0.0], atol=1e-12)
    assert wv.distances("man", []).shape == (0,)
    np.testing.assert_allclose(wv.distances(ROWS[0], ["man"]), [0.0])


def test_closer_than_has_words_by_row(wv: KeyedVectors) -> None:
    assert wv.closer_than("queen", "man") == ["woman", "king"]
    assert wv.closer_than("queen", "queen") == []
    assert wv.rank("queen", "man") == 3
    assert wv.rank("zero", "man") == 1


def test_doesnt_match_first_of_equally_odd_words(wv: KeyedVectors) -> None:
    assert wv.doesnt_match(["king", "queen", "woman", "zero"]) == "zero"
    assert wv.doesnt_match(["king", "woman", "queen"]) == "king"


def test_mean_vector_weights_and_lengths(wv: KeyedVectors) -> None:
    mean = wv.mean_vector(["man", "woman"], [1, -3], pre_normalize=False)
    np.testing.assert_allclose(mean, [-0.5, -0.75, 0])
    assert mean.dtype == np.float32
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
        wv.mean_vector(["man", "woman"]), [(1 + half) / 2, half / 2, 0], rtol=1e-6
    )
    unit = wv.mean_vector(["king", np.array([0, 2, 0])], post_normalize=True)
    np.testing.assert_allclose(unit @ unit, 1.0, rtol=1e-6)


def test_mean_vector_leaves_unknown_words_out_when_told(wv: KeyedVectors) -> None:
    mean = wv.mean_vector(["man", "x"], [2, 5], ignore_missing=True)
    np.testing.assert_allclose(mean, [1, 0, 0])


UNKNOWN = r"'x' is not in the vocabulary \(5 words\)"


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "message"),
    [
        ("distance", ("man", "x"), KeyError, UNKNOWN),
        ("distance", ("man", None), TypeError, "a word must be str, got None"),
        ("distances", ("x",), KeyError, UNKNOWN),
        ("distances", ("man", ["king", "x"]), KeyError, UNKNOWN),
        ("distances", ("y", ["king", "x"]), KeyError, "'y', 'x' are not in the"),
        ("distances", (3,), TypeError, "a word must be str, got 3"),
        ("distances", ("man", "king"), TypeError, "other_words must be a list of wo"),
        ("distances", (np.ones(2),), ValueError, r"must have shape \(3,\), got \(2,"),
        ("distances", (np.zeros(3),), ValueError, "undefined for a zero vector"),
        ("n_similarity", (["man"], ["x"]), KeyError, UNKNOWN),
        ("n_similarity", ("man", ["king"]), TypeError, "a must be a list of words"),
        ("n_similarity", (["man"], []), ValueError, "at least 1 word in each list"),
        ("mean_vector", (["man", "x"],), KeyError, UNKNOWN),
        ("mean_vector", ("man",), TypeError, "words must be a list of words, got 'm"),
        ("mean_vector", (["man", 3],), TypeError, "a word must be str, got 3"),
        ("mean_vector", ([],), ValueError, "the mean needs a word with a weight"),
        ("mean_vector", (["man"], [0.0]), ValueError, "needs a word with a weight"),
        ("mean_vector", (["man"], [1, 2]), ValueError, "weights must be 1 real numbe"),
        ("mean_vector", (["man"], ["1"]), ValueError, "weights must be 1 real numbe"),
        ("mean_vector", (["man"], [np.nan]), ValueError, "weights must be finite"),
        (
            "mean_vector",
            (["man", "king"], [1e308, -1e308]),
            ValueError,
            "the mean must",
        ),
        (
            "mean_vector",
            ([np.full(3, 1e300)],),
            ValueError,
            "must be finite as float32",
        ),
        ("mean_vector", ([np.ones(2)],), ValueError, r"must have shape \(3,\)"),
        ("doesnt_match", (["man", "king", "x"],), KeyError, UNKNOWN),
        ("doesnt_match", ("man king",), TypeError, "words must be a list of words"),
        ("doesnt_match", (["man", "king"],), ValueError, "at least 3 words, got 2"),
        ("most_similar_to_given", ("man", ["x"]), KeyError, UNKNOWN),
        ("most_similar_to_given", ("man", []), ValueError, "needs at least 1 word"),
        ("most_similar_to_given", ("man", "king"), TypeError, "words must be a list"),
        ("closer_than", ("man", "x"), KeyError, UNKNOWN),
        ("rank", ("x", "man"), KeyError, UNKNOWN),
        ("rank", (b"man", "man"), TypeError, "a word must be str, got b'man'"),
        ("relative_cosine_similarity", ("man", "x"), KeyError, UNKNOWN),
        ("relative_cosine_similarity", ("zero", "man"), ValueError, "have cosine 0"),
    ],
)
def test_comparison_bad_arguments_raise(
    wv: KeyedVectors,
    name: str,
    arguments: tuple[Any, ...],
    kind: type[Exception],
    message: str,
) -> None:
    """Q1, Q2, Q4, Q5 in every comparison."""
    with pytest.raises(kind, match=message):
        getattr(wv, name)(*arguments)


def test_mean_vector_ignoring_unknown_words_still_raises(wv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="needs a word with a weight, got none of 2"):
        wv.mean_vector(["x", "y"], ignore_missing=True)
    with pytest.raises(TypeError, match="a word must be str, got None"):
        wv.mean_vector(["man", None], ignore_missing=True)  # type: ignore[list-item]


# The same as gensim -------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_searches_agree_with_gensim(many: KeyedVectors, theirs: Any) -> None:
    for positive, negative in ((["w1"], []), (["w1", "w2"], ["w3"])):
        asked = {"positive": positive, "negative": negative, "topn": 20}
        assert_same(many.most_similar(**asked), theirs.most_similar(**asked), 1e-5)
        limited = {**asked, "restrict_vocab": 300}
        assert_same(many.most_similar(**limited), theirs.most_similar(**limited), 1e-5)
        assert_same(
            many.most_similar_cosmul(**asked), theirs.most_similar_cosmul(**asked), 1e-4
        )
    near, far = ["w1", 3 * many["w2"], (many["w5"], 0.5)], [many["w4"]]
    asked = {"positive": near, "negative": far, "topn": 20}
    assert_same(many.most_similar(**asked), theirs.most_similar(**asked), 1e-5)


@pytest.mark.filterwarnings("ignore")
def test_comparisons_agree_with_gensim(many: KeyedVectors, theirs: Any) -> None:
    lists = ["w1", "w2", "w3"], ["w4", "w5"]
    for name, arguments in (
        ("similarity", ("w1", "w2")),
        ("distance", ("w1", "w2")),
        ("distances", ("w1",)),
        ("distances", ("w1", ["w5", "w3"])),
        ("distances", (many["w9"], ["w5", "w3"])),
        ("n_similarity", lists),
        ("relative_cosine_similarity", ("w1", "w2")),
    ):
        ours = getattr(many, name)(*arguments)
        np.testing.assert_allclose(ours, getattr(theirs, name)(*arguments), atol=1e-5)
    for name, arguments in (
        ("doesnt_match", (many.words[:9],)),
        ("most_similar_to_given", ("w1", many.words[5:50])),
        ("closer_than", ("w1", "w2")),
        ("rank", ("w1", "w2")),
    ):
        assert getattr(many, name)(*arguments) == getattr(theirs, name)(*arguments)


@pytest.mark.filterwarnings("ignore")
def test_names_of_the_migration_page_mean_what_it_says(
    many: KeyedVectors, theirs: Any
) -> None:
    rows = (DOCS / "migration.md").read_text("utf-8").splitlines()
    same = next(row for row in rows if "the same; all but the query" in row)
    for name in re.findall(r"`(\w+)`", same):
        assert callable(getattr(many, name))
        assert callable(getattr(theirs, name))
    unit, vector = many.mean_vector(["w1"]), many["w1"]
    np.testing.assert_allclose(unit, theirs.get_vector("w1", norm=True), atol=1e-6)
    units = many.vectors / many.norms[:, None]
    np.testing.assert_allclose(units, theirs.get_normed_vectors(), atol=1e-6)
    cosines = 1 - many.distances("w1")
    np.testing.assert_allclose(cosines, theirs.most_similar("w1", topn=None), atol=1e-5)
    assert_same(many.most_similar(vector), theirs.similar_by_vector(vector), 1e-5)
    part = many.subset(many.words[5:60]).most_similar(vector)
    assert_same(part, theirs.most_similar([vector], clip_start=5, clip_end=60), 1e-5)
    assert_same(
        many.most_similar("w1", negative=[("w2", 0.5)]),
        theirs.most_similar("w1", negative=[("w2", -0.5)]),
        1e-5,
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pre", [True, False])
@pytest.mark.parametrize("post", [True, False])
def test_mean_vector_agrees_with_gensim(
    many: KeyedVectors, theirs: Any, pre: bool, post: bool
) -> None:
    words = ["w1", many["w2"], "w3", "unknown"]
    weights = [1.0, -2.0, 0.5, 3.0]
    options = {"pre_normalize": pre, "post_normalize": post, "ignore_missing": True}
    np.testing.assert_allclose(
        many.mean_vector(words, weights, **options),
        theirs.get_mean_vector(words, weights, **options),
        atol=1e-6,
    )
