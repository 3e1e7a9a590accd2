"""Training that starts from given vectors, and rows that stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reference
from conftest import Sentences, core_config, core_corpus, zipf_sentences
from reference import Config
from sgns import KeyedVectors, Word2Vec, _core, cli

CONFIGS = [
    Config("skipgram", "ns"),
    Config("skipgram", "ns", "pair", exclude="window"),
    Config("skipgram", "ns", window=None, alpha=0.01),
    Config("skipgram", "hs", vector_size=17),
    Config("skipgram", "softmax", vector_size=5),
    Config("skipgram", "nce", output_bias=True),
    Config("cbow", "ns"),
    Config("cbow", "ns+hs", cbow_input="sum", vector_size=33),
    Config("cbow", "ns", cbow_gradient="exact", window=10),
]
CONFIGS = [
    replace(c, alpha=min(2 * c.alpha, 0.05), epochs=2, sample=0.02) for c in CONFIGS
]


def name_of(config: Config) -> str:
    kind = f"{config.cbow_input}-{config.cbow_gradient}-{config.window}"
    return f"{config.architecture}-{config.loss}-{config.negative_sharing}-{kind}"


# The core ---------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_two_epochs_with_frozen_rows_equal_the_reference(
    small_sentences: Sentences, config: Config
) -> None:
    """Frequent and rare words are frozen: they are read, and never change."""
    frozen = [0, 1, 4, 20, 41]
    expected = reference.Trainer(*reference.encode(small_sentences), config)
    expected.frozen = frozen
    start = expected.input[frozen].astype(np.float32)
    corpus, counts = core_corpus(small_sentences)
    trainer = _core.Trainer(corpus, counts, core_config(config))
    trainer.freeze(np.array(frozen, np.int32))
    for epoch in (0, 1):
        loss, _ = expected.run_epoch(epoch)
        got = trainer.run_epoch(epoch, lambda *_: None, 1.0)
        assert got["loss"] == pytest.approx(loss, rel=1e-5)
    np.testing.assert_array_equal(trainer.input[frozen], start)
    for name in ("input", "output", "nodes"):
        table = getattr(trainer, name)
        if table is not None:
            np.testing.assert_allclose(
                table, getattr(expected, name), rtol=1e-4, atol=5e-6, err_msg=name
            )


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_frozen_rows_do_not_change_with_several_threads(architecture: str) -> None:
    """Also those of which every thread has a copy of its own."""
    sentences = zipf_sentences(60_000, 6_000, 30, seed=2)
    corpus, counts = core_corpus(sentences)
    config = Config(architecture, workers=4, vector_size=20)
    trainer = _core.Trainer(corpus, counts, core_config(config))
    frozen = np.array([0, 1, 63, 64, 2_000], np.int32)
    start = trainer.copy_tables()[0]
    trainer.freeze(frozen)
    trainer.run_epoch(0, lambda *_: None, 1.0)
    same = (trainer.input == start).all(axis=1)
    assert same[frozen].all()
    assert same.sum() < 100


def test_freezing_nothing_gives_the_bits_of_plain_training(
    small_sentences: Sentences,
) -> None:
    tables = []
    for words in (None, [], [3]):
        trainer = _core.Trainer(*core_corpus(small_sentences), core_config(Config()))
        if words is not None:
            trainer.freeze(np.array([2], np.int32))  # replaced by the next call
            trainer.freeze(np.array(words, np.int32))
        trainer.run_epoch(0, lambda *_: None, 1.0)
        tables.append(trainer.input)
    np.testing.assert_array_equal(tables[1], tables[0])
    assert not np.array_equal(tables[2], tables[0])


@pytest.mark.parametrize("word", [-1, 60, 2**31 - 1])
def test_frozen_word_outside_of_the_vocabulary_raises(word: int) -> None:
    corpus, counts = core_corpus([["a", "b"]])
    trainer = _core.Trainer(corpus, counts, core_config(Config()))
    with pytest.raises(ValueError) as caught:
        trainer.freeze(np.array([0, word], np.int32))
    assert str(caught.value) == f"frozen words must be from 0 to 1, got {word}"


# The estimator ------------------------------------------------------------------------

OPTIONS: dict[str, Any] = {
    "vector_size": 8, "min_count": 1, "sample": 0, "epochs": 2, "workers": 1,
    "progress": False,
}  # fmt: skip
GIVEN = {f"w{i}": np.arange(8) / 10 - i for i in (0, 3, 7, 1_000_000)}
HERE = ["w0", "w3", "w7"]


def fit(sentences: Sentences, **arguments: Any) -> Word2Vec:
    return Word2Vec(**OPTIONS).fit(sentences, **arguments)


def saved(path: Path) -> Path:
    keyed().save(path)
    return path


def keyed(words: list[str] | None = None) -> KeyedVectors:
    words = list(GIVEN) if words is None else words
    return KeyedVectors(words, [GIVEN[word] for word in words])


@pytest.mark.parametrize(
    "form", [lambda _: GIVEN, lambda _: keyed(), lambda d: saved(d / "given.bin")]
)
def test_frozen_words_keep_the_given_vectors(
    small_sentences: Sentences, tmp_path: Path, form: Callable[[Path], Any]
) -> None:
    """A dict, KeyedVectors and a file; words that the text lacks are left out."""
    model = fit(small_sentences, init_vectors=form(tmp_path), freeze=True)
    expected = np.array([GIVEN[word] for word in HERE], np.float32)
    np.testing.assert_array_equal(model.wv[HERE], expected)
    assert "w1000000" not in model.wv
    plain = fit(small_sentences)
    others = [word for word in plain.wv.words if word not in GIVEN]
    assert (model.wv[others] != plain.wv[others]).any(axis=1).all()


def test_init_vectors_are_where_training_starts(small_sentences: Sentences) -> None:
    """Too small a rate to move a row: given rows, and random ones for the rest."""
    model = Word2Vec(**OPTIONS, alpha=1e-12, min_alpha=0.0)
    model.fit(small_sentences, init_vectors=GIVEN)
    start = _core.initial_input(1, *model.vectors_.shape)
    for word in HERE:
        start[model.vocabulary_[word]] = GIVEN[word]
    np.testing.assert_allclose(model.vectors_, start, atol=1e-9)


def test_words_by_name_are_frozen_and_the_other_given_ones_learn(
    small_sentences: Sentences,
) -> None:
    model = fit(small_sentences, init_vectors=GIVEN, freeze=["w7", "w0", "w7"])
    for word in ("w0", "w7"):
        np.testing.assert_array_equal(model.wv[word], np.float32(GIVEN[word]))
    assert (model.wv["w3"] != np.float32(GIVEN["w3"])).all()


@pytest.mark.parametrize("freeze", [False, []])
def test_given_vectors_learn_when_nothing_is_frozen(
    small_sentences: Sentences, freeze: Any
) -> None:
    model = fit(small_sentences, init_vectors=GIVEN, freeze=freeze)
    given = np.array([GIVEN[word] for word in HERE], np.float32)
    assert (model.wv[HERE] != given).any(axis=1).all()


def test_early_stopping_keeps_frozen_words(small_sentences: Sentences) -> None:
    model = Word2Vec(**OPTIONS, validation=0.2, early_stopping=1)
    model.fit(small_sentences, init_vectors=GIVEN, freeze=True)
    given = np.array([GIVEN[word] for word in HERE], np.float32)
    np.testing.assert_array_equal(model.wv[HERE], given)


@pytest.mark.parametrize("freeze", [True, ["w3"]])
def test_resumed_training_with_frozen_words_has_the_bits_of_an_unbroken_run(
    small_sentences: Sentences, freeze: Any
) -> None:
    given = {"init_vectors": GIVEN, "freeze": freeze}
    stopped = Word2Vec(**OPTIONS, callbacks=[StopAfterOne()])
    stopped.fit(small_sentences, **given)
    assert stopped.n_epochs_ == 1
    resumed = fit(small_sentences, **given, resume=stopped)
    unbroken = fit(small_sentences, **given)
    np.testing.assert_array_equal(resumed.vectors_, unbroken.vectors_)
    with pytest.raises(ValueError, match="resume needs the same frozen words"):
        fit(small_sentences, resume=stopped)


class StopAfterOne:
    """Ends training after the first epoch."""

    def on_epoch_end(self, training: Any) -> bool:
        return bool(training.epoch == 1)


def test_partial_fit_with_frozen_words_learns_the_new_ones_only(
    small_sentences: Sentences,
) -> None:
    model = fit(small_sentences)
    old = model.wv
    new_text = [["w0", "new", "w1", "newer", "w2"]] * 30
    model.partial_fit(new_text, freeze=True)
    np.testing.assert_array_equal(model.wv[old.words], old.vectors)
    start = _core.initial_input(model.seed_, *model.vectors_.shape)
    assert not (model.wv["new"] == start).all(axis=1).any()
    before = model.wv
    model.partial_fit(new_text, freeze=["w0"])
    np.testing.assert_array_equal(model.wv["w0"], before["w0"])
    assert (model.wv["w1"] != before["w1"]).all()


def test_partial_fit_without_a_fit_freezes_nothing(small_sentences: Sentences) -> None:
    model = Word2Vec(**OPTIONS).partial_fit(small_sentences, freeze=True)
    np.testing.assert_array_equal(model.vectors_, fit(small_sentences).vectors_)
    with pytest.raises(ValueError, match=r"^freeze: no vector is given of 'w0'$"):
        Word2Vec(**OPTIONS).partial_fit(small_sentences, freeze=["w0"])


INIT = "init_vectors must be KeyedVectors, a path, a dict of vectors or None, got"
FREEZE = "freeze must be True, False or a list of words, got"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"init_vectors": 5}, TypeError, f"{INIT} 5"),
        ({"init_vectors": [[1.0]]}, TypeError, f"{INIT} [[1.0]]"),
        ({"freeze": True}, ValueError, "freeze needs init_vectors, got None"),
        ({"freeze": ["w0"]}, ValueError, "freeze needs init_vectors, got None"),
        ({"freeze": 1}, TypeError, f"{FREEZE} 1"),
        ({"freeze": "w0", "init_vectors": GIVEN}, TypeError, f"{FREEZE} 'w0'"),
        ({"freeze": [1], "init_vectors": GIVEN}, TypeError, f"{FREEZE} [1]"),
        (
            {"freeze": ["w0", "no", "not"], "init_vectors": GIVEN},
            ValueError,
            "freeze: no vector is given of 'no', 'not'",
        ),
        (
            {"freeze": ["w1000000", "w0"], "init_vectors": GIVEN},
            ValueError,
            "freeze: not in the vocabulary: 'w1000000'",
        ),
        (
            {"init_vectors": {"w0": [1.0, 2.0]}},
            ValueError,
            "init_vectors must have vector_size=8 columns, got 2",
        ),
        (
            {"init_vectors": {"else": [0.0] * 8}},
            ValueError,
            "none of the 59 words of the vocabulary is in init_vectors, which has 1",
        ),
    ],
)
def test_wrong_arguments_raise(
    small_sentences: Sentences,
    arguments: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    model = Word2Vec(**OPTIONS)
    with pytest.raises((TypeError, ValueError)) as caught:
        model.fit(small_sentences, **arguments)
    assert caught.type is error
    assert str(caught.value) == message
    assert "vectors_" not in model.__dict__


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"w0": [np.nan] * 8}, ValueError, r"^init_vectors: .*finite"),
        ({"w0": [0.0] * 8, "w1": [0.0] * 7}, ValueError, r"^init_vectors: "),
        ({5: [0.0] * 8}, TypeError, r"^init_vectors: "),
        ({}, ValueError, r"^init_vectors: "),
    ],
)
def test_dict_that_is_no_table_of_vectors_raises(
    small_sentences: Sentences,
    given: Any,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        fit(small_sentences, init_vectors=given)


def test_many_missing_words_are_counted(small_sentences: Sentences) -> None:
    with pytest.raises(ValueError, match=r"of 'a', 'b', 'c', 'd', 'e' and 2 more$"):
        fit(small_sentences, init_vectors=GIVEN, freeze=list("abcdefg"))


def test_file_of_vectors_that_is_missing_raises_before_reading(tmp_path: Path) -> None:
    corpus = iter([["a", "b"]] * 10)
    with pytest.raises(FileNotFoundError):
        Word2Vec(**OPTIONS).fit(corpus, init_vectors=tmp_path / "none.bin")
    assert len(list(corpus)) == 10


# The command line ---------------------------------------------------------------------


def test_command_line_freezes_the_words_of_a_file(
    small_sentences: Sentences, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, output = tmp_path / "corpus.txt", tmp_path / "out.bin"
    corpus.write_text("\n".join(map(" ".join, small_sentences)), "utf-8")
    common = ["train", str(corpus), "-o", str(output), "--vector-size", "8", "-q"]
    common += ["--min-count", "1"]
    given = ["--init-vectors", str(saved(tmp_path / "given.txt"))]
    assert cli.main([*common, *given, "--freeze"]) == 0
    vectors = np.array([GIVEN[word] for word in HERE], np.float32)
    np.testing.assert_array_equal(KeyedVectors.load(output)[HERE], vectors)
    assert cli.main([*common, *given]) == 0
    assert (KeyedVectors.load(output)[HERE] != vectors).any(axis=1).all()
    capsys.readouterr()
    assert cli.main([*common, "--freeze"]) == 2
    assert "--freeze needs --init-vectors" in capsys.readouterr().err
