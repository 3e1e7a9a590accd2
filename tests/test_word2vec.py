"""The estimator: what fit makes of a corpus, whatever holds it."""

from __future__ import annotations

import copy
import functools
import gzip
import itertools
import json
import math
import os
import pickle
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sgns
from conftest import Sentences, zipf_sentences
from sgns import KeyedVectors, ProgressEvent, Word2Vec

ARCHITECTURES = ("skipgram", "cbow")
LOSSES = ("ns", "hs", "ns+hs", "nce", "sampled_softmax", "softmax")
MODELS = [
    *itertools.product(ARCHITECTURES, LOSSES, ["window"]),
    ("skipgram", "ns", "pair"),
    ("skipgram", "ns+hs", "pair"),
]
FITTED = (
    "wv",
    "vectors_",
    "output_vectors_",
    "node_vectors_",
    "output_bias_",
    "vocabulary_",
    "history_",
    "seed_",
)
SMALL: dict[str, Any] = {
    "vector_size": 12,
    "min_count": 2,
    "epochs": 2,
    "workers": 1,
    "progress": False,
}
HISTORY = [
    "loss",
    "positive_loss",
    "negative_loss",
    "learning_rate",
    "words_per_second",
    "positives_right",
    "negatives_right",
]
TIMEOUT = 60
"""Seconds after which a process has hung."""

# Run by new processes: trains every model once and prints a hash, or saves the vectors.
TRAIN = """
import hashlib, itertools, json, sys
import numpy as np
from sgns import Word2Vec, show_config

task = json.load(sys.stdin)
digest = hashlib.sha256()
results = {}
for i, options in enumerate(task["models"]):
    model = Word2Vec(task["sentences"], progress=False, **options).fit()
    results[str(i)] = model.vectors_
    for table in (model.vectors_, model.output_vectors_, model.node_vectors_):
        digest.update(b"-" if table is None else table.tobytes())
    digest.update(repr(list(model.vocabulary_.items())).encode())
    digest.update(repr(model.history_["loss"]).encode())
np.savez(task["path"], **results)
print(json.dumps({"sha256": digest.hexdigest(), "kernel": show_config()["kernel"]}))
"""


def small(corpus: Any = None, **options: Any) -> Word2Vec:
    return Word2Vec(corpus, **{**SMALL, **options})


def assert_same(first: Word2Vec, second: Word2Vec) -> None:
    """The same words, and the same bits in every table."""
    assert first.wv.words == second.wv.words
    assert first.vocabulary_ == second.vocabulary_
    assert first.history_["loss"] == second.history_["loss"]
    assert first.wv.counts is not None
    np.testing.assert_array_equal(first.wv.counts, second.wv.counts)
    for name in ("vectors_", "output_vectors_", "node_vectors_"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def run_python(
    code: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        input=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


class Again:
    """Sentences whose iteration starts again each time."""

    def __init__(self, sentences: Sentences) -> None:
        self.sentences = sentences

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self.sentences)


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return zipf_sentences(2_000, 80, 30, seed=3)


@pytest.fixture(scope="module")
def trained(sentences: Sentences) -> Word2Vec:
    return small(sentences).fit()


@pytest.fixture(scope="module")
def text_file(sentences: Sentences, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "corpus.txt"
    path.write_text("".join(" ".join(s) + "\n" for s in sentences))
    return path


# Corpora ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        tuple,
        Again,
        iter,
        lambda sentences: (sentence for sentence in sentences),
        lambda sentences: [tuple(sentence) for sentence in sentences],
    ],
    ids=["tuple", "re-iterable", "iterator", "generator", "tuples"],
)
def test_every_iterable_gives_the_same_bits_as_a_list(
    form: Callable[[Sentences], Any], sentences: Sentences, trained: Word2Vec
) -> None:
    """C16: a one-pass generator as well."""
    assert_same(small().fit(form(sentences)), trained)


@pytest.mark.parametrize("form", [str, Path], ids=["str", "Path"])
def test_file_gives_the_same_bits_as_a_list(
    form: Callable[[Path], Any], text_file: Path, trained: Word2Vec
) -> None:
    assert_same(small().fit(form(text_file)), trained)


def test_directory_gives_the_same_bits_as_a_list(
    sentences: Sentences, tmp_path: Path, trained: Word2Vec
) -> None:
    """C2: its files in sorted order."""
    halves = {"a.txt": sentences[: len(sentences) // 2]}
    halves["b.txt"] = sentences[len(sentences) // 2 :]
    for name in ("b.txt", "a.txt"):
        lines = (" ".join(sentence) + "\n" for sentence in halves[name])
        (tmp_path / name).write_text("".join(lines))
    assert_same(small().fit(tmp_path), trained)


def test_compressed_file_gives_the_same_bits_as_a_list(
    text_file: Path, tmp_path: Path, trained: Word2Vec
) -> None:
    """C13."""
    path = tmp_path / "corpus.txt.gz"
    path.write_bytes(gzip.compress(text_file.read_bytes()))
    assert_same(small().fit(path), trained)


def test_warning_about_the_corpus_points_at_the_line_that_calls_fit(
    text_file: Path, tmp_path: Path
) -> None:
    """C13: name and content differ."""
    path = tmp_path / "corpus.txt.gz"
    path.write_bytes(text_file.read_bytes())
    with pytest.warns(UserWarning, match="name and content differ") as caught:
        small().fit(path)
    assert [warning.filename for warning in caught] == [__file__]


def test_open_file_gives_the_same_bits_as_a_list(
    text_file: Path, trained: Word2Vec
) -> None:
    with text_file.open("rb") as file:
        assert_same(small().fit(file), trained)


def test_vocabulary_is_by_count_then_bytes(sentences: Sentences) -> None:
    counts = Counter(itertools.chain(*sentences))
    expected = sorted(
        ((-count, word.encode()) for word, count in counts.items() if count >= 2)
    )
    model = small(sentences).fit()
    assert [word.encode() for word in model.wv.words] == [word for _, word in expected]
    assert model.wv.counts.tolist() == [-count for count, _ in expected]
    assert model.vocabulary_ == {w: row for row, w in enumerate(model.wv.words)}


def test_corpus_of_the_constructor_equals_corpus_of_fit(
    sentences: Sentences, trained: Word2Vec
) -> None:
    assert_same(small().fit(sentences), trained)
    assert_same(small([["other", "words"]] * 9).fit(sentences), trained)


def test_fit_returns_the_model(sentences: Sentences) -> None:
    model = small()
    assert model.fit(sentences) is model


def test_fit_leaves_the_corpus_alone(sentences: Sentences) -> None:
    """P11."""
    before = copy.deepcopy(sentences)
    small(sentences).fit()
    assert sentences == before


def test_fit_without_corpus_raises() -> None:
    with pytest.raises(ValueError, match=r"^fit needs a corpus: pass it to fit"):
        small().fit()


def test_exhausted_generator_raises(sentences: Sentences) -> None:
    """C16: nothing is trained silently on nothing."""
    generator = (sentence for sentence in sentences)
    model = small(generator).fit()
    with pytest.raises(ValueError, match=r"^corpus has no word: read 0 sentences"):
        model.fit()


# What fit leaves ----------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("loss", LOSSES)
def test_tables_are_those_of_the_loss(
    architecture: str, loss: str, sentences: Sentences
) -> None:
    model = small(sentences, architecture=architecture, loss=loss).fit()
    n_words = len(model.vocabulary_)
    shapes = {
        "vectors_": (n_words, 12),
        "output_vectors_": (n_words, 12) if loss != "hs" else None,
        "node_vectors_": (n_words - 1, 12) if "hs" in loss else None,
    }
    for name, shape in shapes.items():
        table = getattr(model, name)
        assert (table is None) == (shape is None)
        if shape is not None:
            assert table.shape == shape
            assert table.dtype == np.float32
            assert table.flags.c_contiguous
            assert np.isfinite(table).all()
            assert table.any()


def test_vectors_are_not_held_twice(trained: Word2Vec) -> None:
    assert np.shares_memory(trained.vectors_, trained.wv.vectors)
    assert trained.vocabulary_ is trained.wv.index
    np.testing.assert_array_equal(trained.vectors_, trained.wv.vectors)


def test_wv_holds_words_vectors_and_counts(trained: Word2Vec) -> None:
    assert isinstance(trained.wv, KeyedVectors)
    for word, row in trained.vocabulary_.items():
        np.testing.assert_array_equal(trained.wv[word], trained.vectors_[row])
    assert trained.wv.vector_size == 12
    np.testing.assert_array_equal(trained.wv.output_vectors, trained.output_vectors_)
    assert trained.wv.output_vectors.any()
    counts = trained.wv.counts.tolist()
    assert counts == sorted(counts, reverse=True)
    assert min(counts) >= trained.min_count


@pytest.mark.parametrize("vector_size", [1, 7, 8, 15, 16, 17, 33])
def test_any_vector_size_trains(vector_size: int, sentences: Sentences) -> None:
    """Rows inside the core are wider than the vectors."""
    model = small(sentences, vector_size=vector_size).fit()
    assert model.vectors_.shape == (len(model.wv), vector_size)
    assert model.vectors_.flags.c_contiguous
    assert (np.abs(model.vectors_).max(axis=1) > 0).all()


def test_history_has_one_value_for_each_epoch(sentences: Sentences) -> None:
    model = small(sentences, epochs=3, alpha=0.1, min_alpha=0.01).fit()
    assert list(model.history_) == HISTORY
    for values in model.history_.values():
        assert len(values) == 3
        assert all(isinstance(value, float) for value in values)
        assert np.isfinite(values).all()
    assert model.history_["learning_rate"] == pytest.approx([0.07, 0.04, 0.01])
    assert min(model.history_["words_per_second"]) > 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("loss", LOSSES)
def test_loss_falls_with_every_epoch(architecture: str, loss: str) -> None:
    model = small(
        classes(4_000), architecture=architecture, loss=loss, epochs=4, sample=0
    ).fit()
    losses = model.history_["loss"]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.95 * losses[0]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("negative", [1, 5])
def test_loss_of_the_first_epoch_is_just_below_that_of_zero_scores(
    architecture: str, negative: int, sentences: Sentences
) -> None:
    """A37: (k + 1) ln 2 when nothing is learned yet."""
    model = small(
        sentences, architecture=architecture, negative=negative, epochs=1, alpha=1e-3
    ).fit()
    start = (negative + 1) * math.log(2)
    assert 0.99 * start < model.history_["loss"][0] < start


@pytest.mark.parametrize(("architecture", "loss", "sharing"), MODELS)
@pytest.mark.parametrize("shuffled", [False, True], ids=["text", "shuffled"])
def test_words_of_a_class_come_together_only_when_the_text_has_classes(
    architecture: str, loss: str, sharing: str, shuffled: bool
) -> None:
    """Shares of the five neighbours that are of the word's class; chance is 5 of 23."""
    model = small(
        classes(4_000, shuffled),
        vector_size=16,
        architecture=architecture,
        loss=loss,
        negative_sharing=sharing,
        sample=0,
        alpha=0.05 if architecture == "skipgram" else 0.1,
        epochs=10,
    ).fit()
    hits = [
        neighbour[0] == word[0]
        for word in model.wv
        for neighbour, _ in model.wv.most_similar(word, topn=5)
    ]
    share = sum(hits) / len(hits)
    assert share < 0.4 if shuffled else share > 0.9


def classes(n_tokens: int, shuffled: bool = False) -> Sentences:
    """Sentences of 5 to 12 words, all of one of four classes: a0..a5 to d0..d5."""
    rng = random.Random(0)
    sentences: Sentences = []
    while sum(map(len, sentences)) < n_tokens:
        letter = rng.choice("abcd")
        sentences.append(
            [f"{letter}{rng.randrange(6)}" for _ in range(rng.randint(5, 12))]
        )
    if shuffled:
        tokens = list(itertools.chain(*sentences))
        rng.shuffle(tokens)
        words = iter(tokens)
        sentences = [list(itertools.islice(words, len(s))) for s in sentences]
    return sentences


# Same seed, same result ---------------------------------------------------------------


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("loss", LOSSES)
def test_same_seed_and_one_worker_give_the_same_bits(
    architecture: str, loss: str, sentences: Sentences
) -> None:
    """P9."""
    options = {"architecture": architecture, "loss": loss, "seed": 11}
    assert_same(small(sentences, **options).fit(), small(sentences, **options).fit())


def test_second_fit_of_one_model_gives_the_same_bits(sentences: Sentences) -> None:
    model = small(sentences).fit()
    first = copy.copy(model)
    assert_same(model.fit(), first)
    assert not np.shares_memory(model.vectors_, first.vectors_)


def test_another_seed_gives_other_vectors(
    sentences: Sentences, trained: Word2Vec
) -> None:
    other = small(sentences, seed=2).fit()
    assert (other.vectors_ != trained.vectors_).mean() > 0.99


def test_seed_of_none_is_fresh_and_recorded(sentences: Sentences) -> None:
    """A9: the recorded seed gives the same bits again."""
    first, second = (small(sentences, seed=None).fit() for _ in range(2))
    assert first.seed_ != second.seed_
    assert 0 <= first.seed_ < 2**64
    assert first.seed is None
    assert_same(small(sentences, seed=first.seed_).fit(), first)


def test_several_workers_learn_as_well_as_one() -> None:
    """Untrained it would be 4.16; 24 words make the threads collide all the time."""
    text = classes(60_000)
    losses = [
        small(text, workers=workers, epochs=1).fit().history_["loss"][0]
        for workers in (1, 2, 7)
    ]
    assert max(losses) < 1.15 * losses[0] < 4


@pytest.fixture(scope="module")
def train_in_process(
    sentences: Sentences, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], tuple[dict[str, str], dict[str, np.ndarray]]]:
    """Hash and vectors of TRAIN with a kernel and a hash seed, each computed once."""
    folder = tmp_path_factory.mktemp("processes")
    models = [
        {**SMALL, "epochs": 1, "architecture": architecture, "loss": loss}
        for architecture in ARCHITECTURES
        for loss in LOSSES
    ]
    for model in models:
        del model["progress"]

    @functools.cache
    def train(
        kernel: str, hash_seed: str
    ) -> tuple[dict[str, str], dict[str, np.ndarray]]:
        path = folder / f"{kernel}-{hash_seed}.npz"
        task = {"sentences": sentences, "models": models, "path": str(path)}
        result = run_python(
            TRAIN, json.dumps(task), SGNS_KERNEL=kernel, PYTHONHASHSEED=hash_seed
        )
        assert result.returncode == 0, result.stderr
        with np.load(path) as arrays:
            return json.loads(result.stdout), dict(arrays)

    return train


def test_result_does_not_depend_on_the_hash_seed(
    train_in_process: Callable[[str, str], tuple[dict[str, str], Any]],
) -> None:
    """P9."""
    kernel = str(sgns.show_config()["kernel"])
    first, second = (train_in_process(kernel, seed)[0] for seed in ("0", "12345"))
    assert first["sha256"] == second["sha256"]


def test_every_kernel_gives_close_vectors(
    kernel: str,
    train_in_process: Callable[
        [str, str], tuple[dict[str, str], dict[str, np.ndarray]]
    ],
) -> None:
    """P9: SGNS_KERNEL chooses it; the scalar one is the measure."""
    report, got = train_in_process(kernel, "0")
    expected = train_in_process("scalar", "0")[1]
    assert report["kernel"] == kernel
    for name, vectors in expected.items():
        np.testing.assert_allclose(got[name], vectors, rtol=1e-3, atol=1e-6)


def test_unknown_kernel_raises_with_the_names() -> None:
    code = """
import sgns
model = sgns.Word2Vec([["a", "b"]] * 20, workers=1, sample=0)
for call in (sgns.show_config, model.fit):
    try:
        call()
    except ValueError as error:
        print(error)
print(hasattr(model, "wv"))
"""
    result = run_python(code, SGNS_KERNEL="abacus")
    assert result.returncode == 0, result.stderr
    names = ", ".join(map(repr, sgns.show_config()["kernels"]))
    message = f"SGNS_KERNEL must be one of {names} on this machine, got 'abacus'"
    assert result.stdout.splitlines() == [message, message, "False"]


# Before and between fits --------------------------------------------------------------


@pytest.mark.parametrize("name", FITTED)
def test_result_before_fit_raises_value_error(name: str) -> None:
    """Q7: and hasattr is False."""
    model = small()
    assert not hasattr(model, name)
    with pytest.raises(
        ValueError, match=f"^this model has no '{name}' yet: call fit"
    ) as caught:
        getattr(model, name)
    assert isinstance(caught.value, sgns.NotFittedError)


def test_unknown_attribute_raises_attribute_error(trained: Word2Vec) -> None:
    for model in (small(), trained):
        with pytest.raises(AttributeError, match="'Word2Vec' object has no attribute"):
            _ = model.nothing


def test_second_fit_replaces_everything(sentences: Sentences) -> None:
    model = small(sentences, loss="ns", sample=0).fit()
    old = model.wv
    model.loss, model.vector_size, model.epochs = "hs", 5, 3
    model.fit([["x", "y", "z"]] * 40)
    assert list(model.vocabulary_) == ["x", "y", "z"]
    assert model.vectors_.shape == (3, 5)
    assert model.output_vectors_ is None
    assert model.node_vectors_ is not None
    assert model.node_vectors_.shape == (2, 5)
    assert len(model.history_["loss"]) == 3
    assert len(old) > 3


# Progress -----------------------------------------------------------------------------


def test_progress_function_gets_the_state_at_the_end_of_each_epoch(
    sentences: Sentences,
) -> None:
    """P2: tokens trained = tokens counted x epochs."""
    events: list[ProgressEvent] = []
    model = small(sentences, epochs=3, progress=events.append).fit()
    n_tokens = int(model.wv.counts.sum())
    assert [event.words_done for event in events] == sorted(
        event.words_done for event in events
    )
    last = [e for e in events if e.words_done % n_tokens == 0]
    assert [event.epoch for event in last] == [1, 2, 3]
    assert [event.words_done for event in last] == [n_tokens * e for e in (1, 2, 3)]
    assert {(e.words_total, e.epochs) for e in events} == {(3 * n_tokens, 3)}
    assert [event.loss for event in last] == model.history_["loss"]
    assert [e.learning_rate for e in last] == model.history_["learning_rate"]
    assert events[-1].seconds_left == 0
    assert all(event.words_per_second > 0 for event in events)


def test_progress_function_is_called_within_an_epoch() -> None:
    events: list[ProgressEvent] = []

    def stop_in_the_middle(event: ProgressEvent) -> bool:
        events.append(event)
        return True

    model = long_epoch(progress=stop_in_the_middle).fit()
    assert len(events) == 1
    assert 0 <= events[0].words_done < events[0].words_total
    assert model.history_ == {name: [] for name in HISTORY}
    assert np.isfinite(model.vectors_).all()


def long_epoch(**options: Any) -> Word2Vec:
    """A model whose epoch takes some seconds and holds several reports."""
    sentence = [f"w{i}" for i in range(40)]
    wanted = {"vector_size": 100, "window": 20, "negative": 20, "sample": 0}
    return small([sentence] * 20_000, negative_sharing="pair", **{**wanted, **options})


@pytest.mark.parametrize("stop_after", [1, 3])
@pytest.mark.parametrize("kind", [bool, np.bool_])
def test_progress_function_that_returns_true_ends_training(
    kind: type[Any], stop_after: int, sentences: Sentences
) -> None:
    """F3: fit returns, and the model holds what was trained."""
    events: list[ProgressEvent] = []

    def stop(event: ProgressEvent) -> bool:
        events.append(event)
        return kind(len(events) == stop_after)

    model = small(sentences, epochs=50, progress=stop).fit()
    assert len(events) == stop_after
    assert len(model.history_["loss"]) == stop_after
    assert model.wv.most_similar("w0")


@pytest.mark.parametrize("answer", [None, False, 1, "yes"])
def test_progress_function_that_returns_something_else_goes_on(
    answer: Any, sentences: Sentences
) -> None:
    model = small(sentences, progress=lambda _: answer).fit()
    assert len(model.history_["loss"]) == 2


# Copies, text forms, settings ---------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
def test_pickled_model_is_bit_equal(loss: str, sentences: Sentences) -> None:
    """F18."""
    model = small(sentences, loss=loss).fit()
    restored = pickle.loads(pickle.dumps(model))
    assert_same(restored, model)
    assert restored.history_ == model.history_
    assert restored.seed_ == model.seed_
    assert repr(restored) == repr(model)
    assert_same(restored.fit(sentences), model)


def test_pickled_model_holds_its_vectors_once(trained: Word2Vec) -> None:
    model = copy.copy(trained)
    model.corpus = None
    data = pickle.dumps(model)
    restored = pickle.loads(data)
    assert np.shares_memory(restored.vectors_, restored.wv.vectors)
    assert restored.vocabulary_ is restored.wv.index
    assert data.count(trained.vectors_.tobytes()) == 1
    assert trained.output_vectors_ is not None
    assert data.count(trained.output_vectors_.tobytes()) == 1
    assert restored.vectors_.flags.writeable == trained.vectors_.flags.writeable


def test_model_of_a_generator_can_be_pickled(sentences: Sentences) -> None:
    """F18: parameters and arrays are what counts."""
    model = small(sentence for sentence in sentences).fit()
    restored = pickle.loads(pickle.dumps(model))
    assert_same(restored, model)
    with pytest.raises(ValueError, match=r"^fit needs a corpus"):
        restored.fit()


def test_model_of_an_open_file_can_be_pickled(text_file: Path) -> None:
    """F18."""
    with text_file.open("rb") as file:
        model = small(file).fit()
        assert_same(pickle.loads(pickle.dumps(model)), model)
        assert model.corpus is file


def test_damaged_state_is_not_restored(sentences: Sentences) -> None:
    """F18: validated as a file is."""
    state = small(sentences).fit().__getstate__()
    state["vectors_"] = np.full_like(state["vectors_"], np.nan)
    with pytest.raises(ValueError, match="finite"):
        Word2Vec().__setstate__(state)


def test_pickled_model_without_results_can_be_fitted(
    sentences: Sentences, trained: Word2Vec
) -> None:
    restored = pickle.loads(pickle.dumps(small()))
    assert not hasattr(restored, "wv")
    assert_same(restored.fit(sentences), trained)


def test_deep_copy_is_independent(sentences: Sentences, trained: Word2Vec) -> None:
    other = copy.deepcopy(trained)
    assert_same(other, trained)
    other.sample = 0
    other.fit([["x", "y"]] * 20)
    assert "x" not in trained.vocabulary_


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "Word2Vec()"),
        ({"vector_size": 50, "loss": "hs"}, "Word2Vec(vector_size=50, loss='hs')"),
        ({"seed": None, "workers": 2}, "Word2Vec(seed=None, workers=2)"),
    ],
)
def test_repr_shows_what_differs_from_the_defaults(
    parameters: dict[str, Any], expected: str
) -> None:
    assert repr(Word2Vec(**parameters)) == expected


def test_repr_does_not_show_the_corpus(sentences: Sentences) -> None:
    assert repr(Word2Vec(sentences, epochs=2)) == "Word2Vec(epochs=2)"


def test_show_config_tells_version_kernels_and_processors() -> None:
    config = sgns.show_config()
    assert set(config) == {"version", "kernel", "kernels", "processors"}
    assert config["version"] == sgns.__version__
    assert config["kernels"][0] == "scalar"
    assert config["kernel"] in config["kernels"]
    assert config["processors"] >= 1
