"""While it trains: callbacks, history, held-out sentences, early stopping, resuming."""

from __future__ import annotations

import copy
import itertools
import logging
import pickle
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

import reference
from conftest import Sentences, zipf_sentences
from reference_measure import measure
from sgns import Training, Word2Vec, _core

SMALL: dict[str, Any] = {
    "vector_size": 8,
    "min_count": 1,
    "epochs": 3,
    "sample": 0,
    "workers": 1,
    "progress": False,
}
MODELS = [
    *itertools.product(("skipgram", "cbow"), ("ns", "hs", "ns+hs"), ["window"]),
    ("skipgram", "ns", "pair"),
]


def small(corpus: Any = None, **options: Any) -> Word2Vec:
    return Word2Vec(corpus, **{**SMALL, **options})


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return zipf_sentences(3_000, 50, 30)


@pytest.fixture(scope="module")
def held_out() -> Sentences:
    return zipf_sentences(500, 60, 30, seed=1)


class Recorder:
    """Writes down what it is told, and stops when asked to."""

    def __init__(self, stop_at: tuple[str, int] | None = None) -> None:
        self.seen: list[tuple[str, int]] = []
        self.trainings: list[Training] = []
        self.stop_at = stop_at

    def record(self, moment: str, training: Training) -> bool:
        self.seen.append((moment, training.epoch))
        self.trainings.append(training)
        return self.seen[-1] == self.stop_at

    def on_train_begin(self, training: Training) -> bool:
        return self.record("train_begin", training)

    def on_epoch_begin(self, training: Training) -> bool:
        return self.record("epoch_begin", training)

    def on_epoch_end(self, training: Training) -> bool:
        return self.record("epoch_end", training)

    def on_train_end(self, training: Training) -> bool:
        return self.record("train_end", training)


def assert_same(first: Word2Vec, second: Word2Vec) -> None:
    assert first.wv.words == second.wv.words
    for a, b in zip(first._tables(), second._tables(), strict=True):
        assert (a is None) == (b is None)
        assert a is None or (a.tobytes() == b.tobytes())


# Callbacks ----------------------------------------------------------------------------


def test_callbacks_are_told_of_every_moment_in_order(sentences: Sentences) -> None:
    recorder = Recorder()
    small(sentences, epochs=2, callbacks=recorder).fit()
    assert recorder.seen == [
        ("train_begin", 0),
        ("epoch_begin", 0),
        ("epoch_end", 1),
        ("epoch_begin", 1),
        ("epoch_end", 2),
        ("train_end", 2),
    ]
    assert {training.epochs for training in recorder.trainings} == {2}


def test_callbacks_change_no_bit(sentences: Sentences) -> None:
    class Looks:
        def on_epoch_end(self, training: Training) -> None:
            assert training.wv.most_similar("w0")

    watched = small(sentences, callbacks=[Looks()]).fit()
    assert_same(watched, small(sentences).fit())


@pytest.mark.parametrize(
    ("stop_at", "n_epochs"),
    [(("train_begin", 0), 0), (("epoch_begin", 1), 1), (("epoch_end", 2), 2)],
)
def test_callback_that_returns_true_ends_training(
    stop_at: tuple[str, int], n_epochs: int, sentences: Sentences
) -> None:
    """F3."""
    recorder = Recorder(stop_at)
    model = small(sentences, callbacks=[recorder]).fit()
    assert model.n_epochs_ == len(model.history_["loss"]) == n_epochs
    assert recorder.seen[-2:] == [stop_at, ("train_end", n_epochs)]
    assert model.wv.most_similar("w0")


@pytest.mark.parametrize("answer", [None, False, 1, "yes"])
def test_callback_that_returns_something_else_goes_on(
    answer: Any, sentences: Sentences
) -> None:
    class Answers:
        def on_epoch_end(self, training: Training) -> Any:
            return answer

    assert small(sentences, callbacks=Answers()).fit().n_epochs_ == 3


def test_callback_gets_a_model_of_its_own(sentences: Sentences) -> None:
    """F15: between epochs it may ask and save."""
    models = []

    class Keeps:
        def on_epoch_end(self, training: Training) -> None:
            assert training.model is training.model
            assert training.wv is training.model.wv
            models.append(training.model)

    model = small(sentences, callbacks=[Keeps()])
    model.fit()
    assert [len(one.history_["loss"]) for one in models] == [1, 2, 3]
    assert not np.array_equal(models[0].vectors_, models[1].vectors_)
    assert_same(models[-1], model)
    assert models[-1].history_ == model.history_


def test_exception_of_a_callback_comes_out_and_keeps_the_vectors(
    sentences: Sentences,
) -> None:
    """P7, F11."""
    failure = RuntimeError("mine")

    class Fails:
        def on_epoch_end(self, training: Training) -> None:
            raise failure

    model = small(sentences, callbacks=[Fails()])
    with pytest.raises(RuntimeError) as caught:
        model.fit()
    assert caught.value is failure
    assert model.n_epochs_ == 1


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (3, "callbacks must have a method on_train_begin, on_epoch_begin, "),
        (print, "on_epoch_end or on_train_end, got builtin_function_or_method"),
        ([Recorder(), "x"], r"callbacks\[1\] must have a method .* got str"),
        ({"a": 1}, "got dict"),
    ],
)
def test_callback_without_a_method_raises(callbacks: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Word2Vec(callbacks=callbacks)


# What is measured ---------------------------------------------------------------------


def encoded(text: Sentences, words: list[str]) -> tuple[list[int], list[int]]:
    """Ids and sentence ends in a vocabulary, by plain loops."""
    index = {word: row for row, word in enumerate(words)}
    rows = [[index[word] for word in line if word in index] for line in text]
    rows = [line for line in rows if line]
    return [row for line in rows for row in line], np.cumsum(
        [len(line) for line in rows]
    ).tolist()


@pytest.mark.parametrize(("architecture", "loss", "sharing"), MODELS)
def test_held_out_loss_and_right_signs_equal_the_reference(
    architecture: str,
    loss: str,
    sharing: str,
    sentences: Sentences,
    held_out: Sentences,
) -> None:
    """A7: of the tables after the last epoch, with the draws of epoch 0."""
    options = {"architecture": architecture, "loss": loss, "negative_sharing": sharing}
    model = small(sentences, **options, alpha=0.2, validation=held_out).fit()
    counts = model.wv.counts
    assert counts is not None
    config = reference.Config(**options, vector_size=8, sample=0)
    ids, ends = encoded(held_out, model.wv.words)
    expected, positives, negatives = measure(
        ids, ends, counts.tolist(), config, model._tables()
    )
    assert model.history_["held_out_loss"][-1] == pytest.approx(expected, rel=1e-5)
    assert model.score(held_out) == pytest.approx(-expected, rel=1e-5)
    trainer = _core.Trainer(
        _core.make_corpus(np.array(ids, np.int32), np.array([0, *ends]), max(ids) + 1),
        counts,
        _core.TrainConfig(**asdict(replace(config, alpha=1e-300, min_alpha=0))),
    )
    trainer.set_tables(*model._tables())
    result = trainer.run_epoch(0, lambda *_: None, 1.0)
    assert result["positives_right"] == pytest.approx(positives, abs=1e-3)
    assert result["negatives_right"] == pytest.approx(negatives, abs=1e-3)
    for table, before in zip(trainer.copy_tables(), model._tables(), strict=True):
        assert (table is None and before is None) or np.array_equal(table, before)


def test_shares_of_right_scores_rise_where_words_have_partners() -> None:
    text = [["a", "b"], ["c", "d"]] * 300
    history = small(text, negative=2, alpha=0.1, epochs=8).fit().history_
    for name in ("positives_right", "negatives_right"):
        assert 0.5 < history[name][0] < history[name][-1] == 1


def test_held_out_text_changes_no_bit(
    sentences: Sentences, held_out: Sentences
) -> None:
    assert_same(
        small(sentences, validation=held_out).fit(),
        small(sentences).fit(),
    )


def test_held_out_share_is_not_trained(sentences: Sentences) -> None:
    """The vocabulary is that of the whole text."""
    events: list[Any] = []
    options = {"validation": 0.25, "progress": events.append}
    model = small(sentences, **options).fit()
    n_trained = events[-1].words_total / 3
    counts = model.wv.counts
    assert counts is not None
    assert counts.sum() == 3_000
    assert 0.6 < n_trained / 3_000 < 0.9
    assert len(model.history_["held_out_loss"]) == 3
    assert_same(model, small(sentences, **options).fit())
    other = small(sentences, **options, seed=2).fit()
    assert other.history_["held_out_loss"] != model.history_["held_out_loss"]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (0.0, ValueError, "validation must be a share above 0 and below 1, a text or"),
        (1.0, ValueError, "got 1.0"),
        (float("nan"), ValueError, "got nan"),
        (1, TypeError, "got 1"),
        (True, TypeError, "got True"),
    ],
)
def test_wrong_validation_raises(
    value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        Word2Vec(validation=value)
    assert caught.type is error


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (1e-9, "validation=1e-09 leaves [0-9]+ sentences to train and 0 to hold out"),
        ([["x", "y"]], "no word of the held-out sentences is in the vocabulary"),
        ([["w0", "x"], ["w1", "y"]], "no pair in the held-out sentences"),
    ],
)
def test_held_out_sentences_without_use_raise(
    validation: Any, message: str, sentences: Sentences
) -> None:
    model = small(sentences, validation=validation)
    with pytest.raises(ValueError, match=message):
        model.fit()
    assert not hasattr(model, "wv")


def test_log_has_a_line_for_each_epoch(
    sentences: Sentences, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sgns")
    model = small(sentences, epochs=2, validation=0.2).fit()
    lines = [m for m in caplog.messages if m.startswith("epoch")]
    losses = zip(model.history_["loss"], model.history_["held_out_loss"], strict=True)
    for i, (line, (loss, held_out_loss)) in enumerate(
        zip(lines, losses, strict=True), 1
    ):
        assert line.startswith(f"epoch {i}/2: loss {loss:.4f}, ")
        assert f"held-out loss {held_out_loss:.4f}" in line


# Early stopping -----------------------------------------------------------------------


def overfitting(**options: Any) -> Word2Vec:
    """Random text and a high rate: the held-out loss soon rises."""
    return small(
        zipf_sentences(1_000, 40, 20, seed=3),
        alpha=0.08,
        epochs=30,
        validation=zipf_sentences(1_000, 40, 20, seed=4),
        **options,
    )


@pytest.mark.parametrize("patience", [1, 3])
def test_early_stopping_ends_after_epochs_without_a_lower_loss(patience: int) -> None:
    losses = overfitting().fit().history_["held_out_loss"]
    model = overfitting(early_stopping=patience).fit()
    seen = model.history_["held_out_loss"]
    assert len(seen) < len(losses)
    assert seen == losses[: len(seen)]
    best = seen.index(min(seen))
    assert len(seen) == best + 1 + patience
    assert -model.score(model.validation) == pytest.approx(seen[best])
    assert_same(model, stopped_after(best + 1, overfitting()))


def test_early_stopping_without_validation_raises() -> None:
    with pytest.raises(ValueError, match="early_stopping needs validation: a share or"):
        Word2Vec(early_stopping=1)


# Resuming -----------------------------------------------------------------------------


def stopped_after(n_epochs: int, model: Word2Vec) -> Word2Vec:
    """The model, fitted for some of its epochs."""
    model.callbacks = Recorder(("epoch_end", n_epochs))
    model.fit()
    model.callbacks = None
    return model


@pytest.mark.parametrize(("architecture", "loss", "sharing"), MODELS)
def test_resumed_training_has_the_bits_of_an_unbroken_run(
    architecture: str, loss: str, sharing: str, sentences: Sentences
) -> None:
    """P8: every number of epochs, also through a pickle."""
    options: dict[str, Any] = {
        "architecture": architecture,
        "loss": loss,
        "negative_sharing": sharing,
        "sample": 0.01,
        "seed": 5,
    }
    unbroken = small(sentences, **options).fit()
    for n_epochs in (1, 2):
        stopped = stopped_after(n_epochs, small(sentences, **options))
        assert stopped.n_epochs_ == n_epochs
        stopped = pickle.loads(pickle.dumps(stopped))
        resumed = small(**options).fit(sentences, resume=stopped)
        assert_same(resumed, unbroken)
        assert resumed.n_epochs_ == 3
        for name in set(unbroken.history_) - {"words_per_second"}:
            assert resumed.history_[name] == unbroken.history_[name]


def test_model_of_a_callback_can_be_resumed(sentences: Sentences) -> None:
    recorder = Recorder()
    kept: list[Word2Vec] = []

    class Keeps:
        def on_epoch_end(self, training: Training) -> None:
            kept.append(training.model)

    unbroken = small(sentences, callbacks=[recorder, Keeps()]).fit()
    for model in kept[:2]:
        assert_same(model.fit(sentences, resume=model), unbroken)


def test_resumed_model_keeps_a_fresh_seed(sentences: Sentences) -> None:
    stopped = stopped_after(1, small(sentences, seed=None))
    resumed = small(sentences, seed=None).fit(resume=stopped)
    assert resumed.seed_ == stopped.seed_
    assert_same(resumed, small(sentences, seed=stopped.seed_).fit())


def test_resumed_run_with_validation_has_the_same_losses(sentences: Sentences) -> None:
    stopped = stopped_after(1, small(sentences, validation=0.2))
    resumed = small(sentences, validation=0.2).fit(resume=stopped)
    unbroken = small(sentences, validation=0.2).fit()
    assert_same(resumed, unbroken)
    assert resumed.history_["held_out_loss"] == unbroken.history_["held_out_loss"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window": 3}, "resume needs equal parameters; window is 3, was 5"),
        ({"seed": 2, "alpha": 0.1}, "alpha is 0.1, was None; seed is 2, was 1"),
        (
            {"validation": 0.1},
            "same validation, expected none, got the share 0.1",
        ),
        (
            {"validation": [["a"]], "early_stopping": 1},
            "early_stopping is set, which keeps no vectors to go on with",
        ),
    ],
)
def test_resuming_with_other_parameters_raises(
    change: dict[str, Any], message: str, sentences: Sentences
) -> None:
    """M7."""
    stopped = stopped_after(1, small(sentences))
    model = small(sentences, **change)
    with pytest.raises(ValueError, match=message):
        model.fit(resume=stopped)
    assert not hasattr(model, "wv")


def test_resuming_with_other_workers_goes_on(sentences: Sentences) -> None:
    stopped = stopped_after(1, small(sentences))
    assert small(sentences, workers=2).fit(resume=stopped).n_epochs_ == 3


def test_resuming_with_another_text_raises(sentences: Sentences) -> None:
    """M8."""
    stopped = stopped_after(1, small(sentences))
    with pytest.raises(ValueError, match=r"same corpus, expected 3,000 words .* 2,9"):
        small(sentences[1:]).fit(resume=stopped)
    turned = [*sentences[1:], sentences[0]]
    with pytest.raises(ValueError, match="got another text with as many words"):
        small(turned).fit(resume=stopped)


def test_resuming_with_another_kernel_warns(sentences: Sentences) -> None:
    """M9."""
    stopped = stopped_after(1, small(sentences))
    stopped._mark = {**(stopped._mark or {}), "kernel": "abacus"}
    with pytest.warns(UserWarning, match="not bit-equal .* with kernel abacus, runn"):
        small(sentences).fit(resume=stopped)


def test_resuming_what_cannot_be_resumed_raises(sentences: Sentences) -> None:
    finished = small(sentences).fit()
    with pytest.raises(ValueError, match="stopped between two epochs, got one with 3"):
        small(sentences).fit(resume=finished)
    in_the_middle = copy.copy(finished)
    in_the_middle._mark = None
    with pytest.raises(ValueError, match="stopped within an epoch"):
        small(sentences).fit(resume=in_the_middle)
    with pytest.raises(ValueError, match="call fit"):
        small(sentences).fit(resume=small())
    message = "resume must be a Word2Vec, the path of a saved one or None, got 3"
    with pytest.raises(TypeError, match=message):
        small(sentences).fit(resume=3)  # type: ignore[arg-type]
