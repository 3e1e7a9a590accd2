"""The estimator as scikit-learn uses it, one contract a test."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import sgns
from conftest import Sentences, zipf_sentences
from sgns import Word2Vec

SMALL: dict[str, Any] = {
    "vector_size": 8,
    "min_count": 2,
    "epochs": 2,
    "sample": 0,
    "workers": 1,
    "progress": False,
}


def small(**options: Any) -> Word2Vec:
    return Word2Vec(**{**SMALL, **options})


def assert_same(first: Word2Vec, second: Word2Vec) -> None:
    assert first.wv.words == second.wv.words
    assert first.vectors_.tobytes() == second.vectors_.tobytes()
    assert first.output_vectors_ is not None
    assert second.output_vectors_ is not None
    assert first.output_vectors_.tobytes() == second.output_vectors_.tobytes()


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return zipf_sentences(2_000, 60, 20)


@pytest.fixture(scope="module")
def fitted(sentences: Sentences) -> Word2Vec:
    return small().fit(sentences)


def two_topics(n: int, seed: int = 0) -> tuple[Sentences, list[str]]:
    """Sentences of words of one of two topics and of words of both; the topics."""
    rng = np.random.default_rng(seed)
    labels = ["food" if topic else "sport" for topic in rng.integers(0, 2, n)]
    sentences = [
        [f"{label}{w}" for w in rng.integers(0, 30, 6)]
        + [f"any{w}" for w in rng.integers(0, 20, 6)]
        for label in labels
    ]
    return sentences, labels


# Parameters ---------------------------------------------------------------------------


def test_get_params_gives_every_parameter_as_it_was_given() -> None:
    corpus = [["a"]]
    params = Word2Vec(corpus, window=3, pooling="sif").get_params(deep=True)
    assert params["corpus"] is corpus
    assert (params["window"], params["pooling"]) == (3, "sif")
    assert "unknown" not in params
    assert set(Word2Vec(**params).get_params()) == set(params)


def test_set_params_changes_and_returns_the_model() -> None:
    model = small()
    assert model.set_params(window=7, alpha=0.1) is model
    assert (model.window, model.alpha) == (7, 0.1)
    assert model.set_params() is model


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"size": 3}, TypeError, "no parameter 'size', did you mean 'vector_size'"),
        ({"word2vec__window": 3}, TypeError, "no parameter 'word2vec__window'"),
        ({"window": 0}, ValueError, "window must be an int from 1"),
        ({"pooling": "max"}, ValueError, "pooling must be one of 'mean', 'sif', got"),
        ({"sif_weight": 0}, ValueError, "sif_weight must be a number > 0, got 0"),
        ({"early_stopping": 0}, ValueError, "early_stopping must be an int >= 1 or No"),
        ({"progress": 3}, TypeError, "progress must be"),
        ({"callbacks": 3}, TypeError, "callbacks must have a method"),
        ({"min_alpha": 0.5}, ValueError, "min_alpha must be from 0 to alpha=0.025"),
    ],
)
def test_set_params_with_a_wrong_value_raises_and_changes_nothing(
    params: dict[str, Any], error: type[Exception], message: str
) -> None:
    """P13."""
    model = small()
    before = model.get_params()
    with pytest.raises(error, match=message):
        model.set_params(**{"epochs": 4, **params})
    assert model.get_params() == before


def test_repr_shows_changed_parameters_of_the_estimator() -> None:
    assert repr(Word2Vec(window=3, pooling="sif")) == (
        "Word2Vec(window=3, pooling='sif')"
    )


# Vectors of sentences -----------------------------------------------------------------


def test_transform_is_the_mean_of_the_known_words(fitted: Word2Vec) -> None:
    a, b = fitted.wv["w0"], fitted.wv["w1"]
    result = fitted.transform([["w0", "w1", "unknown"], ["w1"], ["unknown"], []])
    expected = [(a + b) / 2, b, np.zeros(8), np.zeros(8)]
    np.testing.assert_allclose(result, expected, rtol=1e-6)
    assert result.dtype == np.float32
    assert fitted.transform([]).shape == (0, 8)


def test_long_sentence_has_the_mean_of_its_words(fitted: Word2Vec) -> None:
    """More words than the vocabulary has go another way."""
    words = [f"w{i % 7}" for i in range(500)]
    expected = fitted.wv[words].mean(axis=0)
    np.testing.assert_allclose(fitted.transform([words])[0], expected, rtol=1e-5)


def test_transform_of_a_generator_gives_the_same(
    fitted: Word2Vec, sentences: Sentences
) -> None:
    assert np.array_equal(
        fitted.transform(iter(sentences)), fitted.transform(sentences)
    )


def test_sif_equals_the_formula(sentences: Sentences) -> None:
    """Arora, Liang and Ma (2017), algorithm 1, in plain loops."""
    model = small(pooling="sif", sif_weight=0.01).fit(sentences)
    counts = model.wv.counts
    assert counts is not None
    p = {w: c / counts.sum() for w, c in zip(model.wv.words, counts, strict=True)}

    def weighted(sentence: list[str]) -> np.ndarray:
        known = [w for w in sentence if w in model.wv]
        parts = [0.01 / (0.01 + p[w]) * model.wv[w].astype(float) for w in known]
        return sum(parts, np.zeros(8)) / max(len(known), 1)

    means = np.array([weighted(sentence) for sentence in sentences])
    means = means[means.any(axis=1)]
    u = np.linalg.svd(means)[2][0]
    assert abs(u @ model.common_component_) == pytest.approx(1, abs=1e-5)
    texts = [*sentences[:20], ["unknown"]]
    expected = np.array([weighted(s) - u * (u @ weighted(s)) for s in texts])
    np.testing.assert_allclose(model.transform(texts), expected, atol=1e-6)


def test_sif_that_was_not_fitted_raises(sentences: Sentences) -> None:
    model = small().fit(sentences).set_params(pooling="sif")
    with pytest.raises(sgns.NotFittedError, match="no 'common_component_' yet"):
        model.transform(sentences)
    assert model.fit(sentences).transform(sentences).shape == (len(sentences), 8)
    assert not hasattr(
        model.set_params(pooling="mean").fit(sentences), "common_component_"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("a b", "transform needs an iterable of lists of words, got str"),
        (3, "transform needs an iterable of lists of words, got int"),
        ({"a": 1}, "transform needs an iterable of lists of words, got dict"),
        (["a b"], "sentence 0 must be a list of words, got the str 'a b'; use text.sp"),
        ([["w0"], {"w0"}], "sentence 1 must be a list of words, got the set"),
        ([["w0"], None], "sentence 1 must be a list of words, got the NoneType None"),
        ([["w0"], ["w1", None]], r"sentence 1, token 1 must be str, got NoneType"),
        ([["w0", float("nan")]], r"sentence 0, token 1 must be str, got float \(nan\)"),
    ],
)
def test_transform_of_something_else_raises(
    wrong: Any, message: str, fitted: Word2Vec
) -> None:
    """C18 to C20."""
    with pytest.raises(TypeError, match=message):
        fitted.transform(wrong)


def test_fit_transform_equals_fit_and_transform(sentences: Sentences) -> None:
    expected = small().fit(sentences).transform(sentences)
    assert np.array_equal(small().fit_transform(sentences), expected)
    assert np.array_equal(small().fit_transform(iter(sentences), y=[1]), expected)


def test_feature_names_are_one_a_column(fitted: Word2Vec) -> None:
    names = fitted.get_feature_names_out()
    assert names.tolist() == [f"word2vec{i}" for i in range(8)]
    assert names.dtype == object


@pytest.mark.parametrize("method", ["transform", "score", "get_feature_names_out"])
def test_result_before_fit_raises(method: str, sentences: Sentences) -> None:
    """Q7."""
    arguments = [] if method == "get_feature_names_out" else [sentences]
    with pytest.raises(sgns.NotFittedError, match="call fit"):
        getattr(small(), method)(*arguments)


def test_score_is_higher_for_the_text_that_was_learned() -> None:
    text = [["a", "b"], ["c", "d"]] * 200
    model = small(alpha=0.1, epochs=5).fit(text)
    assert model.score(text) > model.score([["a", "c"], ["b", "d"]])
    assert model.score(text) < 0


# Continued fitting --------------------------------------------------------------------


def test_first_partial_fit_is_fit(sentences: Sentences, fitted: Word2Vec) -> None:
    assert_same(small().partial_fit(sentences), fitted)


def test_partial_fit_grows_the_vocabulary_and_adds_counts(
    sentences: Sentences,
) -> None:
    model = small().fit(sentences)
    old = dict(zip(model.wv.words, model.wv.counts, strict=True))
    more = [["w0", "new", "once"], ["new", "w1", "w0"], ["w0", "w2"]]
    model.partial_fit(more)
    new = dict(zip(model.wv.words, model.wv.counts, strict=True))
    expected = old | {"new": 2}
    for word, count in (("w0", 3), ("w1", 1), ("w2", 1)):
        expected[word] += count
    assert new == expected
    order = sorted(expected, key=lambda word: (-expected[word], word.encode()))
    assert model.wv.words == order
    assert len(model.history_["loss"]) == 4
    assert model.n_epochs_ == 2


def test_partial_fit_leaves_rows_without_a_part_alone(sentences: Sentences) -> None:
    """Only words of the text, and the noise words of the output rows, move."""
    model = small().fit(sentences)
    before = {word: model.wv[word].copy() for word in model.wv}
    model.partial_fit([["w0", "new"], ["new", "w0"]])
    moved = [w for w in before if not np.array_equal(before[w], model.wv[w])]
    assert moved == ["w0"]


def test_new_words_start_at_seeded_rows_and_zeros(sentences: Sentences) -> None:
    class StopsAtOnce:
        def on_train_begin(self, training: sgns.Training) -> bool:
            return True

    model = small().fit(sentences)
    n_words = len(model.wv)
    model.set_params(callbacks=StopsAtOnce())
    model.partial_fit([["x", "y"], ["x", "y"], ["x"]])
    start = sgns._core.initial_input(1, n_words + 2, 8)
    assert np.array_equal(model.wv["x"], start[n_words])
    assert np.array_equal(model.wv["y"], start[n_words + 1])
    assert model.output_vectors_ is not None
    assert not model.output_vectors_[model.vocabulary_["x"]].any()


def test_partial_fit_gives_the_same_bits_every_time(sentences: Sentences) -> None:
    def three_calls() -> Word2Vec:
        model = small(sample=0.01)
        for part in (sentences[:60], sentences[60:], sentences[60:]):
            model.partial_fit(part)
        return model

    model = three_calls()
    assert_same(three_calls(), model)
    assert_same(pickle.loads(pickle.dumps(model)), model)
    twice = small(sample=0.01).partial_fit(sentences[:60])
    twice = pickle.loads(pickle.dumps(twice.partial_fit(sentences[60:])))
    assert_same(twice.partial_fit(sentences[60:]), model)


def test_calls_of_partial_fit_draw_differently(sentences: Sentences) -> None:
    """The draws are those of a seed of each call."""
    model = small(epochs=1).fit(sentences)
    losses = [model.partial_fit(sentences).history_["loss"][-1] for _ in range(2)]
    assert len({*losses, model.history_["loss"][0]}) == 3


def test_partial_fit_learns_a_new_topic() -> None:
    text, _ = two_topics(400)
    more = [[w.replace("food", "news") for w in line] for line in text]
    model = small(epochs=8, vector_size=16).fit(text)
    model.partial_fit([line for line in more if "sport" not in line[0]])

    def cosine(a: str, b: str) -> float:
        pairs = [(f"{a}{i}", f"{b}{i + 1}") for i in range(29)]
        return float(np.mean([model.wv.similarity(*pair) for pair in pairs]))

    for topic in ("news", "food", "sport"):
        others = {"news", "food", "sport"} - {topic}
        assert all(cosine(topic, topic) > 0.15 + cosine(topic, o) for o in others)


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ({"loss": "hs"}, {}, "partial_fit needs a model of loss='ns': new counts"),
        ({"loss": "ns+hs"}, {}, "rearrange the Huffman tree"),
        ({}, {"loss": "hs"}, "partial_fit goes on with loss='ns', got loss='hs'"),
        ({}, {"vector_size": 9}, "vector_size must be that of the fitted vectors, 8"),
    ],
)
def test_partial_fit_of_a_model_that_cannot_grow_raises(
    first: dict[str, Any], then: dict[str, Any], message: str, sentences: Sentences
) -> None:
    model = small(**first).fit(sentences)
    before = model.vectors_.copy()
    with pytest.raises(ValueError, match=message):
        model.set_params(**then).partial_fit(sentences)
    assert np.array_equal(model.vectors_, before)


def test_partial_fit_of_bad_input_leaves_the_model(fitted: Word2Vec) -> None:
    """P13."""
    model = pickle.loads(pickle.dumps(fitted))
    with pytest.raises(TypeError, match="sentence 0 must be a list of words"):
        model.partial_fit(["a b"])
    with pytest.raises(ValueError, match="corpus has no word"):
        model.partial_fit([])
    assert_same(model, fitted)


def test_model_after_partial_fit_cannot_be_resumed(sentences: Sentences) -> None:
    model = small().fit(sentences).partial_fit(sentences)
    with pytest.raises(ValueError, match="or changed by partial_fit"):
        small().fit(sentences, resume=model)


# With scikit-learn --------------------------------------------------------------------


def test_sklearn_is_not_imported_by_sgns() -> None:
    code = "import sgns, sys; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_clone_has_the_parameters_and_no_results(fitted: Word2Vec) -> None:
    base = pytest.importorskip("sklearn.base")
    copy = base.clone(fitted.set_params())
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "vectors_")


def test_not_fitted_is_the_error_of_sklearn() -> None:
    exceptions = pytest.importorskip("sklearn.exceptions")
    with pytest.raises(exceptions.NotFittedError) as caught:
        small().transform([["a"]])
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert isinstance(error, sgns.NotFittedError)
        assert isinstance(error, exceptions.NotFittedError)
        assert str(error) == str(caught.value)


def test_check_is_fitted_sees_the_state(fitted: Word2Vec) -> None:
    validation = pytest.importorskip("sklearn.utils.validation")
    exceptions = pytest.importorskip("sklearn.exceptions")
    validation.check_is_fitted(fitted)
    with pytest.raises(exceptions.NotFittedError):
        validation.check_is_fitted(small())


def test_tags_describe_a_transformer_of_text(fitted: Word2Vec) -> None:
    utils = pytest.importorskip("sklearn.utils")
    tags = utils.get_tags(fitted)
    assert tags.transformer_tags is not None
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert not tags.target_tags.required


def text_classifier(**options: Any) -> Any:
    pipeline = pytest.importorskip("sklearn.pipeline")
    linear_model = pytest.importorskip("sklearn.linear_model")
    steps = small(alpha=0.1, epochs=5, **options), linear_model.LogisticRegression()
    return pipeline.make_pipeline(*steps)


@pytest.mark.parametrize("pooling", ["mean", "sif"])
def test_pipeline_classifies_sentences(pooling: str) -> None:
    pipeline = text_classifier(pooling=pooling)
    X, y = two_topics(300)
    pipeline.fit(X, y)
    assert pipeline.score(*two_topics(100, seed=1)) > 0.95
    assert pipeline[:-1].get_feature_names_out()[1] == "word2vec1"
    restored = pickle.loads(pickle.dumps(pipeline))
    assert restored.predict(X[:5]).tolist() == pipeline.predict(X[:5]).tolist()
    assert "Word2Vec" in repr(pipeline)


def test_grid_search_over_a_pipeline_sets_parameters() -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    grid = {"word2vec__vector_size": [2, 8], "word2vec__pooling": ["mean", "sif"]}
    search = selection.GridSearchCV(text_classifier(), grid, cv=2)
    search.fit(*two_topics(120))
    assert search.best_score_ > 0.9
    step = search.best_estimator_.named_steps["word2vec"]
    assert step.vectors_.shape[1] == search.best_params_["word2vec__vector_size"]


def test_sample_weight_goes_through_a_pipeline() -> None:
    X, y = two_topics(120)
    weights = np.linspace(0, 3, len(X))
    pipeline = text_classifier().fit(X, y, word2vec__sample_weight=weights)
    model = small(alpha=0.1, epochs=5).fit(X, sample_weight=weights)
    step = pipeline.named_steps["word2vec"]
    np.testing.assert_array_equal(step.vectors_, model.vectors_)
    with pytest.raises(ValueError, match=r"weights must be 120, one .*, got 3"):
        text_classifier().fit(X, y, word2vec__sample_weight=[1, 2, 3])


def test_sample_weight_goes_through_a_grid_search() -> None:
    """Each part of the sentences comes with its part of the weights."""
    selection = pytest.importorskip("sklearn.model_selection")
    X, y = two_topics(120)
    weights = np.linspace(0, 3, len(X))
    grid = {"word2vec__vector_size": [4, 8]}
    search = selection.GridSearchCV(text_classifier(), grid, cv=2, error_score="raise")
    search.fit(X, y, word2vec__sample_weight=weights)
    size = search.best_params_["word2vec__vector_size"]
    model = small(alpha=0.1, epochs=5, vector_size=size)
    model.fit(X, sample_weight=weights)
    step = search.best_estimator_.named_steps["word2vec"]
    np.testing.assert_array_equal(step.vectors_, model.vectors_)


def test_grid_search_alone_takes_the_held_out_loss_for_the_score() -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    X, _ = two_topics(200)
    search = selection.GridSearchCV(small(epochs=5), {"alpha": [1e-3, 0.1]}, cv=2)
    search.fit(X)
    assert search.best_params_ == {"alpha": 0.1}
    assert search.best_score_ < 0
