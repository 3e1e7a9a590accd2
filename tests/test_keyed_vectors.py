"""Words and vectors: look up, compare, search (Q1 to Q6), save and load."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from sgns.keyed_vectors import KeyedVectors

WORDS = ["man", "woman", "king", "queen", "zero"]
ROWS = np.array(
    [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 0]], dtype=np.float32
)


@pytest.fixture
def wv() -> KeyedVectors:
    return KeyedVectors(WORDS, ROWS, counts=[50, 40, 30, 20, 10])


@pytest.fixture(scope="module")
def many() -> KeyedVectors:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((30_000, 50)).astype(np.float32)
    return KeyedVectors([f"w{row}" for row in range(30_000)], vectors)


def cosines(wv: KeyedVectors, query: np.ndarray) -> np.ndarray:
    rows = wv.vectors.astype(np.float64)
    norms = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    return np.divide(rows @ query, norms, out=np.zeros(len(rows)), where=norms > 0)


def unit(vector: np.ndarray) -> np.ndarray:
    return vector.astype(np.float64) / np.linalg.norm(vector.astype(np.float64))


# Construction


def test_attributes_of_a_new_object(wv: KeyedVectors) -> None:
    assert wv.words == WORDS
    assert wv.index == {word: row for row, word in enumerate(WORDS)}
    assert wv.vector_size == 3
    assert wv.vectors.dtype == np.float32
    assert wv.counts is not None
    assert wv.counts.dtype == np.int64
    assert wv.counts.tolist() == [50, 40, 30, 20, 10]
    assert KeyedVectors(["a"], [[1]]).counts is None


def test_float32_rows_are_not_copied(wv: KeyedVectors) -> None:
    assert np.shares_memory(wv.vectors, ROWS)
    assert not wv.vectors.flags.writeable
    assert ROWS.flags.writeable


@pytest.mark.parametrize("dtype", [">f4", "f2", "f8", "i4", "u1"])
def test_other_dtypes_are_converted(dtype: str) -> None:
    wv = KeyedVectors(["a", "b"], np.array([[1, 2], [3, 4]], dtype=dtype).T)
    assert wv.vectors.dtype == np.float32
    assert wv.vectors.flags.c_contiguous
    assert wv.vectors.tolist() == [[1, 3], [2, 4]]


def test_memory_mapped_rows_can_be_queried(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", ROWS)
    wv = KeyedVectors(WORDS, np.load(tmp_path / "rows.npy", mmap_mode="r"))
    assert wv.most_similar("man", topn=1)[0][0] in ("woman", "king")


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((["a"], [[1], [2]]), ValueError, "got 1 words and 2 rows"),
        ((["a", "a"], [[1], [2]]), ValueError, "words must be different, 'a' comes"),
        ((["a", "b"], [[1], [np.inf]]), ValueError, "must be finite, row 1 is not"),
        ((["a"], [1]), ValueError, r"must have shape \(n_words, vector_size\)"),
        ((["a"], [["1"]]), ValueError, "must be real numbers, got dtype <U1"),
        ((["a"], [[1j]]), ValueError, "must be real numbers, got dtype complex128"),
        (([], np.ones((0, 2))), ValueError, "at least 1 word is needed"),
        ((["a", None], [[1], [2]]), TypeError, "word 1 must be str, got None"),
        (("ab", [[1], [2]]), TypeError, "must be a sequence of str, got 'ab'"),
        ((["a"], [[1]], [1, 2]), ValueError, r"counts must be 1 integers, got shape"),
        ((["a"], [[1]], [1.5]), ValueError, "dtype float64"),
        (
            (["a"], [[1, 2]], None, [[1]]),
            ValueError,
            r"output_vectors must have shape \(1, 2\) as vectors have, got \(1, 1\)",
        ),
        ((["a"], [[1]], [-1]), ValueError, r"counts must be from 0 to 2\*\*63 - 1"),
    ],
)
def test_bad_arguments_raise(
    arguments: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        KeyedVectors(*arguments)


# Mapping


def test_mapping_protocol(wv: KeyedVectors) -> None:
    assert len(wv) == 5
    assert list(wv) == list(wv.keys()) == WORDS
    assert "king" in wv
    assert "qwerty" not in wv
    assert 3 not in wv
    assert [row.tolist() for row in wv.values()] == ROWS.tolist()
    assert {word: row.tolist() for word, row in wv.items()}["woman"] == [1, 1, 0]
    assert wv.get("qwerty") is None
    assert wv != KeyedVectors(WORDS, ROWS)
    assert wv in {wv}
    assert copy.copy(wv).words == copy.deepcopy(wv).words == WORDS
    with pytest.raises(TypeError):
        wv["new"] = ROWS[0]  # type: ignore[index]


def test_getitem_word_is_a_view(wv: KeyedVectors) -> None:
    assert wv["king"].tolist() == [1, 0, 1]
    assert np.shares_memory(wv["king"], wv.vectors)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_getitem_words_is_a_matrix(wv: KeyedVectors, kind: Any) -> None:
    assert wv[kind(["queen", "man"])].tolist() == [[1, 1, 1], [1, 0, 0]]


def test_getitem_is_a_one_hot_times_the_matrix(wv: KeyedVectors) -> None:
    """A29: the 1 at place i chooses row i, bit for bit."""
    one_hots = np.eye(len(wv), dtype=np.float32)
    for row, word in enumerate(wv):
        assert (one_hots[row] @ wv.vectors).tobytes() == wv[word].tobytes()


def test_getitem_no_words_is_an_empty_matrix(wv: KeyedVectors) -> None:
    """Q4: a batch of nothing."""
    assert wv[[]].shape == (0, 3)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("qwerty", "'qwerty' is not in the vocabulary (5 words)"),
        (["king", "qwerty"], "'qwerty' is not in the vocabulary (5 words)"),
        (["x", "king", "y", "x"], "'x', 'y' are not in the vocabulary (5 words)"),
        (
            list("abcdefg"),
            "'a', 'b', 'c', 'd', 'e' and 2 more are not in the vocabulary (5 words)",
        ),
    ],
)
def test_unknown_words_raise_key_error(
    wv: KeyedVectors, key: Any, message: str
) -> None:
    """Q1: all unknown words of the call."""
    with pytest.raises(KeyError) as caught:
        wv[key]
    assert caught.value.args == (message,)


def test_unknown_word_message_has_thousands(many: KeyedVectors) -> None:
    """Q1."""
    with pytest.raises(KeyError, match=r"'qwerty' is not in .* \(30,000 words\)"):
        many.most_similar("qwerty")


@pytest.mark.parametrize("key", [None, b"king", 3, 1.5, ["king", None], [b"king"]])
def test_no_word_raises_type_error(wv: KeyedVectors, key: Any) -> None:
    """Q2."""
    with pytest.raises(TypeError, match=r"expected a word or|a word must be str"):
        wv[key]


def test_repr_says_how_many(many: KeyedVectors) -> None:
    assert repr(many) == "<KeyedVectors: 30,000 words, vector_size=50>"


def test_pickle_gives_an_equal_object(wv: KeyedVectors) -> None:
    other = pickle.loads(pickle.dumps(wv))
    assert other.words == wv.words
    assert other.vectors.tobytes() == wv.vectors.tobytes()
    assert other.counts.tolist() == [50, 40, 30, 20, 10]
    assert not other.vectors.flags.writeable


def test_output_vectors_are_kept_and_shown(wv: KeyedVectors) -> None:
    both = KeyedVectors(WORDS, ROWS, output_vectors=ROWS + 1)
    assert repr(both) == ("<KeyedVectors: 5 words, vector_size=3, with output vectors>")
    assert not both.output_vectors.flags.writeable
    assert pickle.loads(pickle.dumps(both)).output_vectors.tolist() == (
        (ROWS + 1).tolist()
    )
    assert wv.output_vectors is None


# New objects with other words


@pytest.fixture
def whole() -> KeyedVectors:
    """Words with counts and output vectors."""
    return KeyedVectors(["a", "b"], [[1, 2], [3, 4]], [9, 8], [[5, 6], [7, 8]])


def parts(wv: KeyedVectors) -> tuple[Any, ...]:
    return (
        wv.words,
        wv.vectors.tolist(),
        None if wv.counts is None else wv.counts.tolist(),
        None if wv.output_vectors is None else wv.output_vectors.tolist(),
    )


def test_subset_has_its_own_rows_in_the_order_asked_for(whole: KeyedVectors) -> None:
    assert parts(whole.subset(["b", "a"])) == (
        ["b", "a"],
        [[3, 4], [1, 2]],
        [8, 9],
        [[7, 8], [5, 6]],
    )
    assert not np.shares_memory(whole.subset(["a"]).vectors, whole.vectors)
    assert parts(KeyedVectors(["a"], [[1]]).subset(["a"])) == (["a"], [[1]], None, None)


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (["a", "x", "y"], KeyError, "'x', 'y' are not in the vocabulary"),
        ("ab", TypeError, "words must be a list of words, got 'ab'"),
        ([None], TypeError, "a word must be str, got None"),
        (["a", "a"], ValueError, "words must be different, 'a' comes twice"),
        ([], ValueError, "at least 1 word is needed, got 0"),
    ],
)
def test_subset_bad_words_raise(
    whole: KeyedVectors, words: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        whole.subset(words)


def test_add_returns_a_new_object(whole: KeyedVectors) -> None:
    more = whole.add(["c"], [[0, 1]], [7], [[2, 3]])
    assert parts(more) == (
        ["a", "b", "c"],
        [[1, 2], [3, 4], [0, 1]],
        [9, 8, 7],
        [[5, 6], [7, 8], [2, 3]],
    )
    assert whole.words == ["a", "b"]
    assert parts(whole.add(["c"], [[0, 1]]))[2:] == (
        [9, 8, 0],
        [[5, 6], [7, 8], [0, 0]],
    )


def test_merge_fills_what_one_side_lacks_with_zeros(whole: KeyedVectors) -> None:
    plain = KeyedVectors(["c", "d"], [[0, 1], [1, 0]])
    assert parts(plain.merge(whole)) == (
        ["c", "d", "a", "b"],
        [[0, 1], [1, 0], [1, 2], [3, 4]],
        [0, 0, 9, 8],
        [[0, 0], [0, 0], [5, 6], [7, 8]],
    )
    assert parts(plain.merge(plain.subset(["c"]), on_duplicate="keep")) == parts(plain)


def test_merge_of_words_in_both(whole: KeyedVectors) -> None:
    other = KeyedVectors(["c", "b"], [[0, 1], [0, 0]], [1, 2])
    with pytest.raises(
        ValueError, match="1 words are in both, the first is 'b'; on_du"
    ):
        whole.merge(other)
    assert parts(whole.merge(other, on_duplicate="keep")) == (
        ["a", "b", "c"],
        [[1, 2], [3, 4], [0, 1]],
        [9, 8, 1],
        [[5, 6], [7, 8], [0, 0]],
    )
    assert parts(whole.merge(other, on_duplicate="replace")) == (
        ["a", "b", "c"],
        [[1, 2], [0, 0], [0, 1]],
        [9, 2, 1],
        [[5, 6], [0, 0], [0, 0]],
    )


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (({"c": [0, 1]}, "error"), TypeError, "other must be KeyedVectors, got {'c'"),
        ((KeyedVectors(["c"], [[1]]), "error"), ValueError, "vector_size=2, got 1"),
        (
            (KeyedVectors(["c"], [[1, 2]]), "first"),
            ValueError,
            "on_duplicate must be one of 'error', 'keep', 'replace', got 'first'",
        ),
    ],
)
def test_merge_bad_arguments_raise(
    whole: KeyedVectors, arguments: Any, kind: type[Exception], message: str
) -> None:
    other, choice = arguments
    with pytest.raises(kind, match=message):
        whole.merge(other, on_duplicate=choice)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["c"], [[1]]), "vector_size=2, got 1"),
        ((["c", "d"], [[1, 2]]), "got 2 words and 1 rows"),
        ((["c"], [[1, 2]], [1, 2]), "counts must be 1 integers"),
        ((["c"], [[1, np.nan]]), "vectors must be finite"),
        ((["b"], [[1, 2]]), "1 words are in both"),
    ],
)
def test_add_bad_rows_raise(whole: KeyedVectors, arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        whole.add(*arguments)


# Similarity


def test_similarity_is_the_cosine(wv: KeyedVectors) -> None:
    assert wv.similarity("man", "queen") == pytest.approx(1 / np.sqrt(3))
    assert wv.similarity("queen", "queen") == pytest.approx(1.0)
    assert wv.similarity("queen", "queen") <= 1.0
    assert isinstance(wv.similarity("man", "woman"), float)


def test_similarity_of_a_zero_row_is_zero(wv: KeyedVectors) -> None:
    """Q6."""
    assert wv.similarity("zero", "man") == 0.0
    assert wv.similarity("zero", "zero") == 0.0


def test_similarity_bad_words_raise(wv: KeyedVectors) -> None:
    with pytest.raises(KeyError, match="'x', 'y' are not"):
        wv.similarity("x", "y")
    with pytest.raises(TypeError, match="must be str, got None"):
        wv.similarity("man", None)  # type: ignore[arg-type]


def test_norms_are_lengths(wv: KeyedVectors) -> None:
    np.testing.assert_allclose(wv.norms**2, [1, 2, 2, 3, 0])
    assert wv.norms is wv.norms


# Search


def test_most_similar_word_equals_plain_computation(many: KeyedVectors) -> None:
    expected = cosines(many, many["w7"])
    expected[7] = -2
    order = np.argsort(-expected)[:10]
    found = many.most_similar("w7")
    assert [word for word, _ in found] == [f"w{row}" for row in order]
    np.testing.assert_allclose([c for _, c in found], expected[order], atol=1e-6)


def test_most_similar_results_are_python_objects(wv: KeyedVectors) -> None:
    found = wv.most_similar("man")
    assert isinstance(found, list)
    assert [(type(word), type(cosine)) for word, cosine in found] == [(str, float)] * 4


def test_most_similar_analogy(wv: KeyedVectors) -> None:
    found = wv.most_similar(positive=["king", "woman"], negative=["man"], topn=1)
    assert found[0][0] == "queen"
    mean = unit(wv["king"]) + unit(wv["woman"]) - unit(wv["man"])
    assert found[0][1] == pytest.approx(cosines(wv, mean)[3])


def test_most_similar_weights_count(wv: KeyedVectors) -> None:
    found = wv.most_similar(positive=[("king", 2.0), "woman"], negative=("man", 0.5))
    mean = 2 * unit(wv["king"]) + unit(wv["woman"]) - 0.5 * unit(wv["man"])
    assert dict(found)["queen"] == pytest.approx(cosines(wv, mean)[3])


def test_most_similar_vector_excludes_no_word(wv: KeyedVectors) -> None:
    assert wv.most_similar(wv["queen"], topn=1)[0] == ("queen", pytest.approx(1.0))
    assert wv.most_similar([wv["queen"]], topn=1)[0][0] == "queen"
    found = wv.most_similar([wv["queen"], "king"])
    assert found[0][0] == "queen"
    assert "king" not in dict(found)


def test_most_similar_vector_of_ints_and_doubles(wv: KeyedVectors) -> None:
    for dtype in ("i8", "f8", ">f4", "f2"):
        query = np.array([1, 1, 1], dtype=dtype)
        assert wv.most_similar(query, topn=1)[0][0] == "queen"


def test_most_similar_query_and_positive_are_added(wv: KeyedVectors) -> None:
    both = wv.most_similar("king", positive=["woman"])
    assert both == wv.most_similar(positive=["king", "woman"])
    assert both == wv.most_similar(["king", "woman"])


def test_most_similar_only_negative_is_the_opposite(wv: KeyedVectors) -> None:
    assert wv.most_similar(negative="man", topn=1) == [("zero", 0.0)]


def test_most_similar_excludes_negative_words(wv: KeyedVectors) -> None:
    found = dict(wv.most_similar("king", negative=["queen"]))
    assert set(found) == {"man", "woman", "zero"}


def test_most_similar_restrict_vocab_looks_at_the_first(wv: KeyedVectors) -> None:
    assert dict(wv.most_similar("queen", restrict_vocab=2)).keys() == {"man", "woman"}
    assert len(wv.most_similar("queen", restrict_vocab=99)) == 4
    assert wv.most_similar("man", restrict_vocab=1) == []


@pytest.mark.parametrize("topn", [4, 5, 100])
def test_most_similar_topn_above_the_words_gives_all(
    wv: KeyedVectors, topn: int
) -> None:
    """Q3."""
    found = wv.most_similar("man", topn=topn)
    assert [word for word, _ in found] == ["woman", "king", "queen", "zero"]


@pytest.mark.parametrize("name", ["topn", "restrict_vocab"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0, ValueError),
        (-1, ValueError),
        (1.0, TypeError),
        ("1", TypeError),
        (True, TypeError),
    ],
)
def test_most_similar_bad_number_raises(
    wv: KeyedVectors, name: str, value: Any, kind: type[Exception]
) -> None:
    """Q3."""
    with pytest.raises(kind, match=f"{name} must be an int >= 1, got "):
        wv.most_similar("man", **{name: value})


def test_most_similar_numpy_topn(wv: KeyedVectors) -> None:
    assert len(wv.most_similar("man", topn=np.int32(2))) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({}, ValueError, "nothing positive and nothing negative"),
        ({"positive": [], "negative": []}, ValueError, "nothing positive and nothing"),
        ({"query": "x", "negative": ["y"]}, KeyError, "'x', 'y' are not in"),
        ({"query": b"man"}, TypeError, "a query must be a word, a vector or a list"),
        ({"query": 3}, TypeError, "a query must be a word, a vector or a list"),
        ({"query": {"man"}}, TypeError, "a query must be a word, a vector or a list"),
        ({"query": ["man", None]}, TypeError, "expected a word, a vector or a pair"),
        ({"query": [1.0, 0.0, 0.0]}, TypeError, "expected a word, a vector or a pair"),
        ({"query": [("man", "woman")]}, TypeError, "expected a word, a vector or a"),
        ({"query": ("man", np.nan)}, ValueError, "weight of 'man' must be finite"),
        ({"query": np.ones(2)}, ValueError, r"must have shape \(3,\), got \(2,\)"),
        ({"query": np.ones((1, 3))}, ValueError, r"must have shape \(3,\), got \(1, 3"),
        (
            {"query": np.array(["a", "b", "c"])},
            ValueError,
            "real numbers, got dtype <U",
        ),
        ({"query": np.ones(3, dtype=bool)}, ValueError, "real numbers, got dtype bool"),
        ({"query": np.array([1, np.nan, 0])}, ValueError, "must be finite"),
        ({"query": np.zeros(3)}, ValueError, "cosine is undefined for a zero vector"),
        ({"query": "man", "negative": "man"}, ValueError, "cosine is undefined for a"),
    ],
)
def test_most_similar_bad_query_raises(
    wv: KeyedVectors, arguments: Any, kind: type[Exception], message: str
) -> None:
    """Q1, Q2, Q4, Q5."""
    with pytest.raises(kind, match=message):
        wv.most_similar(**arguments)


def test_most_similar_zero_row_has_similarity_zero(wv: KeyedVectors) -> None:
    """Q6: as a candidate and as the query; ties by row."""
    assert dict(wv.most_similar("man"))["zero"] == 0.0
    assert wv.most_similar("zero") == [(word, 0.0) for word in WORDS[:4]]


@pytest.mark.parametrize("n_words", [5, 1003, 30_001])
@pytest.mark.parametrize("vector_size", [1, 7, 50, 101])
def test_most_similar_equal_rows_are_ordered_by_row(
    n_words: int, vector_size: int
) -> None:
    """Q6: ties by word id, wherever in the matrix they stand."""
    row = np.random.default_rng(n_words).standard_normal(vector_size)
    wv = KeyedVectors([str(n) for n in range(n_words)], np.tile(row, (n_words, 1)))
    found = wv.most_similar("1", topn=n_words)
    assert [int(word) for word, _ in found] == [0, *range(2, n_words)]
    assert wv.most_similar("1", topn=3) == found[:3]


@given(
    vectors=st_np.arrays(
        np.float32,
        (6, 3),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    )
)
@settings(max_examples=200, deadline=None)
def test_most_similar_any_finite_bits_give_cosines(vectors: np.ndarray) -> None:
    """P2: huge and subnormal values neither overflow nor vanish."""
    wv = KeyedVectors(list("abcdef"), vectors)
    found = wv.most_similar("a")
    assert len(found) == 5
    values = [cosine for _, cosine in found]
    assert values == sorted(values, reverse=True)
    assert all(-1 <= value <= 1 for value in values)
    for word, cosine in found:
        assert cosine == pytest.approx(wv.similarity("a", word), abs=2e-6)


def test_most_similar_needs_no_second_matrix() -> None:
    """P5: at most 64 MB beside the matrix, here of 128 MB."""
    vectors = np.ones((320_000, 100), dtype=np.float32)
    wv = KeyedVectors([str(row) for row in range(len(vectors))], vectors)
    tracemalloc.start()
    try:
        wv.most_similar("7", topn=1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


@pytest.mark.filterwarnings("default")
def test_most_similar_agrees_with_gensim(many: KeyedVectors) -> None:
    models = pytest.importorskip("gensim.models")
    theirs = models.KeyedVectors(50)
    theirs.add_vectors(many.words, many.vectors)
    vector = unit(np.arange(50)).astype(np.float32)
    # There, vectors are not brought to unit length, and an explicit weight of a
    # negative word is not made negative.
    for positive, negative, their_negative in [
        (["w1"], [], []),
        (["w1", "w2"], ["w3"], ["w3"]),
        ([("w1", 2.0), "w2", vector], [("w3", 0.5)], [("w3", -0.5)]),
    ]:
        ours = many.most_similar(positive=positive, negative=negative, topn=20)
        other = theirs.most_similar(positive, their_negative, topn=20)
        assert [word for word, _ in ours] == [word for word, _ in other]
        np.testing.assert_allclose(
            [c for _, c in ours], [c for _, c in other], atol=1e-6
        )


# Files


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v"])
def test_save_and_load_keep_words_and_bits(
    wv: KeyedVectors, tmp_path: Path, name: str
) -> None:
    """T15."""
    wv.save(tmp_path / name)
    loaded = KeyedVectors.load(tmp_path / name)
    assert loaded.words == wv.words
    assert loaded.vectors.tobytes() == wv.vectors.tobytes()
    assert loaded.counts is None


def test_load_and_save_the_same_path(wv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    wv.save(path)
    KeyedVectors.load(path, limit=2).save(path)
    assert KeyedVectors.load(path).words == WORDS[:2]


def test_load_options_reach_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_bytes(b"1 2\n\xe9 3\nb x\nc 4\n")
    with pytest.warns(UserWarning, match="left out 1 bad rows"):
        wv = KeyedVectors.load(
            path,
            format="text",
            errors="surrogateescape",
            on_bad_row="skip",
            header=False,
            limit=3,
        )
    assert wv.words == ["1", "\udce9", "c"]


def test_load_returns_the_subclass(wv: KeyedVectors, tmp_path: Path) -> None:
    class Mine(KeyedVectors):
        pass

    wv.save(tmp_path / "v")
    assert type(Mine.load(tmp_path / "v")) is Mine
