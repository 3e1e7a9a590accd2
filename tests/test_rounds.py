"""Deterministic training: epochs against the oracle, and any number of threads."""

from __future__ import annotations

import hashlib
import math
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import reference_rounds
from conftest import Encoded, Sentences, core_config, core_corpus, zipf_sentences
from reference import Config, encode
from sgns import Word2Vec, _core

Corpus = tuple[_core.Corpus, np.ndarray]
THREADS = (1, 2, 3, 4, 7)
MODELS = [
    Config(architecture, loss, sharing, vector_size=17, sample=0.02, alpha=0.05)
    for architecture in ("skipgram", "cbow")
    for loss in ("ns", "hs", "ns+hs")
    for sharing in ("window", "pair")
]
MODELS += [
    Config("skipgram", "nce", vector_size=16, output_bias=True),
    Config("skipgram", "nce", "pair", vector_size=8, exclude="none"),
    Config("cbow", "sampled_softmax", vector_size=33, output_bias=True),
    Config("skipgram", "softmax", vector_size=9, output_bias=True),
    Config("skipgram", "ns", positive_weight=2.0, exclude="sentence"),
    Config("skipgram", "ns", window=None, alpha=0.01, window_weighting="harmonic"),
]
MODELS = [replace(config, deterministic=True, epochs=2, seed=7) for config in MODELS]


def name_of(config: Config) -> str:
    names = (config.architecture, config.loss, config.negative_sharing)
    return "-".join([*names, f"{config.vector_size}"])


def ignore(*values: float) -> None:
    """Progress callback of a run nobody watches."""


def trained(corpus: Corpus, config: Config) -> tuple[list[np.ndarray], list[Any]]:
    """All tables, and the reports of the epochs without their times."""
    trainer = _core.Trainer(*corpus, core_config(config))
    reports = []
    for epoch in range(config.epochs):
        report = dict(trainer.run_epoch(epoch, ignore, 1.0))
        del report["seconds"]
        reports.append(report)
    tables = [trainer.input, trainer.output, trainer.nodes, trainer.output_bias]
    return [table for table in tables if table is not None], reports


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    """600 tokens of 60 words."""
    return zipf_sentences(600, 60, 40)


@pytest.fixture(scope="module")
def encoded(sentences: Sentences) -> Encoded:
    return encode(sentences)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """4,000 tokens of 300 words, too few for some rounds to be full."""
    return core_corpus(zipf_sentences(4_000, 300, 40))


@pytest.mark.parametrize("config", MODELS, ids=name_of)
def test_rounds_equal_the_reference(
    sentences: Sentences, encoded: Encoded, config: Config
) -> None:
    """Streams do not see each other, and the changes of all of them are added."""
    config = replace(config, workers=2)
    expected = reference_rounds.Trainer(*encoded, config)
    n_streams, n_tokens = reference_rounds.streams(
        encoded[0], encoded[2], expected.config
    )
    assert n_streams * n_tokens < 600, "there must be several rounds"
    tables, reports = trained(core_corpus(sentences), config)
    for epoch, report in enumerate(reports):
        loss, _ = expected.run_epoch(epoch)
        assert report["loss"] == pytest.approx(loss, rel=2e-5)
    wanted = [expected.input]
    wanted += [expected.output] if config.loss != "hs" else []
    wanted += [expected.nodes] if "hs" in config.loss else []
    wanted += [expected.output_bias] if config.output_bias else []
    for got, table in zip(tables, wanted, strict=True):
        np.testing.assert_allclose(got, table, rtol=1e-4, atol=5e-6)


@pytest.mark.parametrize("config", MODELS, ids=name_of)
def test_bits_do_not_depend_on_the_number_of_threads(
    corpus: Corpus, config: Config
) -> None:
    """P9: one SHA-256 of all tables, and the same losses."""
    digests, losses = set(), []
    for workers in THREADS:
        tables, reports = trained(corpus, replace(config, workers=workers))
        data = b"".join(table.tobytes() for table in tables)
        digests.add(hashlib.sha256(data).hexdigest())
        losses.append(reports)
    assert len(digests) == 1
    assert all(reports == losses[0] for reports in losses)


def test_bits_of_a_large_vocabulary_do_not_depend_on_the_number_of_threads() -> None:
    """Most rows of a round belong to one stream, which trains them in place."""
    corpus = core_corpus(zipf_sentences(60_000, 8_000, 200))
    config = Config(vector_size=20, sample=1e-3, deterministic=True)
    first, *others = (
        trained(corpus, replace(config, workers=n)) for n in (*THREADS, 2, 40)
    )
    for tables, reports in others:
        assert reports == first[1]
        for got, table in zip(tables, first[0], strict=True):
            np.testing.assert_array_equal(got, table)


def test_rounds_learn_as_well_as_one_worker() -> None:
    corpus = core_corpus(zipf_sentences(100_000, 500, 1000))
    config = Config(vector_size=16, epochs=2, alpha=0.05)
    plain = trained(corpus, config)[1]
    rounds = trained(corpus, replace(config, deterministic=True, workers=2))[1]
    assert rounds[1]["loss"] == pytest.approx(plain[1]["loss"], rel=0.05)


def test_text_shorter_than_a_round_is_trained() -> None:
    corpus = core_corpus([["a", "b"], ["b", "a", "c"], ["a"]])
    config = Config(deterministic=True, workers=7, alpha=1e-3, min_alpha=1e-4)
    _, (report,) = trained(corpus, config)
    assert report["words"] == 6
    assert math.isfinite(report["loss"])


@pytest.mark.parametrize("workers", [1, 3])
def test_diverging_rounds_raise(corpus: Corpus, workers: int) -> None:
    config = Config(alpha=1000.0, deterministic=True, workers=workers)
    with pytest.raises(_core.DivergenceError, match="training diverged"):
        trained(corpus, config)


@pytest.mark.parametrize("workers", [1, 3])
def test_exception_of_progress_ends_the_rounds(workers: int) -> None:
    """Sleeping threads are woken, and the exception passes unchanged."""
    stop = RuntimeError("enough")

    def progress(*values: float) -> None:
        raise stop

    corpus = core_corpus(zipf_sentences(300_000, 1000, 1000))
    config = Config(vector_size=64, deterministic=True, workers=workers)
    trainer = _core.Trainer(*corpus, core_config(config))
    with pytest.raises(RuntimeError) as caught:
        trainer.run_epoch(0, progress, 0.001)
    assert caught.value is stop
    assert np.isfinite(trainer.input).all()


# Word2Vec -----------------------------------------------------------------------------

OPTIONS: dict[str, Any] = {
    "vector_size": 8,
    "min_count": 1,
    "sample": 0.01,
    "epochs": 3,
    "deterministic": True,
    "progress": False,
}


class StopAfter:
    """Ends training after some epochs."""

    def __init__(self, n_epochs: int) -> None:
        self.left = n_epochs

    def on_epoch_end(self, training: object) -> bool:
        self.left -= 1
        return self.left == 0


def test_deterministic_models_of_any_workers_are_equal(sentences: Sentences) -> None:
    models = [Word2Vec(**OPTIONS, workers=n).fit(sentences) for n in (1, 3)]
    first, second = models
    np.testing.assert_array_equal(first.vectors_, second.vectors_)
    assert first.history_["loss"] == second.history_["loss"]
    plain = Word2Vec(**OPTIONS | {"deterministic": False}, workers=1).fit(sentences)
    assert (plain.vectors_ != first.vectors_).any()


@pytest.mark.parametrize("n_epochs", [1, 2])
def test_resumed_rounds_have_the_bits_of_an_unbroken_run(
    sentences: Sentences, n_epochs: int
) -> None:
    """P8: stopped with three threads, resumed with two."""

    unbroken = Word2Vec(**OPTIONS, workers=1).fit(sentences)
    stopped = Word2Vec(**OPTIONS, workers=3, callbacks=StopAfter(n_epochs)).fit(
        sentences
    )
    assert stopped.n_epochs_ == n_epochs
    resumed = Word2Vec(**OPTIONS, workers=2).fit(sentences, resume=stopped)
    np.testing.assert_array_equal(resumed.vectors_, unbroken.vectors_)
    np.testing.assert_array_equal(resumed.output_vectors_, unbroken.output_vectors_)


def test_resume_needs_the_same_deterministic(sentences: Sentences) -> None:
    stopped = Word2Vec(**OPTIONS, workers=1, callbacks=StopAfter(1)).fit(sentences)
    model = Word2Vec(**OPTIONS | {"deterministic": False}, workers=1)
    with pytest.raises(ValueError, match="deterministic is False, was True"):
        model.fit(sentences, resume=stopped)


def test_models_fitted_at_once_equal_those_fitted_one_by_one(
    sentences: Sentences,
) -> None:
    """F14: eight objects in eight threads."""
    models = [Word2Vec(**OPTIONS, workers=2, seed=seed) for seed in range(8)]
    threads = [threading.Thread(target=m.fit, args=(sentences,)) for m in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, model in enumerate(models):
        alone = Word2Vec(**OPTIONS, workers=1, seed=seed).fit(sentences)
        np.testing.assert_array_equal(model.vectors_, alone.vectors_)
