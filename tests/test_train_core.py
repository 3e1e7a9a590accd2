"""Training in the core: whole epochs against the oracle, streams, threads, errors."""

from __future__ import annotations

import functools
import itertools
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

import reference
from conftest import Sentences, core_config, core_corpus, zipf_sentences
from reference import Config
from sgns import _core

Corpus = tuple[_core.Corpus, np.ndarray]
TABLES = ("input", "output", "nodes")
NAMED = (
    "cbow_input",
    "cbow_gradient",
    "window",
    "window_weighting",
    "exclude",
    "positive_weight",
    "output_bias",
)
DIMS = [5, 8, 13, 16, 17, 32, 33]
CONFIGS = [
    Config(
        architecture,
        loss,
        sharing,
        vector_size=DIMS[(5 * i + 2 * j + k) % len(DIMS)],
        window=5 - j,
        negative=5 - 2 * k,
        sample=0.02,
        alpha=0.05,
        epochs=2,
        seed=3 + i,
    )
    for i, architecture in enumerate(("skipgram", "cbow"))
    for j, loss in enumerate(("ns", "hs", "ns+hs"))
    for k, sharing in enumerate(("window", "pair"))
]

CONFIGS += [
    Config("skipgram", "nce", vector_size=17, negative=3, output_bias=True),
    Config("skipgram", "nce", vector_size=8, negative=7, exclude="target"),
    Config("skipgram", "nce", "pair", vector_size=16, exclude="none"),
    Config("cbow", "nce", vector_size=33, exclude="window", window_weighting="fixed"),
    Config("skipgram", "sampled_softmax", vector_size=13, output_bias=True),
    Config("skipgram", "sampled_softmax", vector_size=32, negative=9, exclude="none"),
    Config("skipgram", "sampled_softmax", "pair", vector_size=5, exclude="sentence"),
    Config("cbow", "sampled_softmax", window_weighting="harmonic"),
    Config("skipgram", "softmax", vector_size=17, output_bias=True),
    Config("skipgram", "softmax", vector_size=8, window_weighting="harmonic"),
    Config("cbow", "softmax", vector_size=33),
    Config("skipgram", "ns", vector_size=5, positive_weight=2.5, exclude="none"),
    Config("skipgram", "ns", vector_size=16, negative=8, exclude="none"),
    Config("skipgram", "ns", vector_size=16, window=None, exclude="sentence"),
    Config("skipgram", "ns", "pair", window=3, exclude="window"),
    Config("cbow", "ns", window=None, window_weighting="harmonic"),
    Config("cbow", "ns+hs", positive_weight=0.5),
    Config("skipgram", "ns+hs", "pair", negative=2, positive_weight=3.0),
    Config("cbow", "ns", cbow_input="sum", vector_size=33),
    Config("cbow", "ns", cbow_gradient="exact", negative=7),
    Config("cbow", "ns", cbow_input="sum", cbow_gradient="exact", vector_size=5),
    Config("cbow", "ns+hs", cbow_input="sum", vector_size=13),
    Config("cbow", "hs", cbow_gradient="exact", vector_size=17, window=3),
    Config("cbow", "nce", cbow_gradient="exact", window_weighting="fixed"),
]
CONFIGS[12:] = [
    # Whole sentences add up many changes of a row: a lower rate, or rounding grows.
    replace(config, sample=0.02, alpha=0.05 if config.window else 0.01, epochs=2)
    for config in CONFIGS[12:]
]

# Run by a new process for each kernel: sentences and configs in, tables and losses out.
TRAIN_ALL = """
import json, sys
import numpy as np
from sgns import _core

task = json.load(sys.stdin)
assert _core.kernel_name() == task["kernel"]
builder = _core.CorpusBuilder()
builder.add_sentences(task["sentences"])
vocabulary, corpus = builder.finish(1)
results = {}
for i, config in enumerate(task["configs"]):
    trainer = _core.Trainer(corpus, vocabulary.counts, _core.TrainConfig(**config))
    epochs = range(config["epochs"])
    reports = [trainer.run_epoch(e, lambda *_: None, 1.0) for e in epochs]
    for name in ("loss", "positive_loss", "negative_loss"):
        results[f"{i} {name}"] = [report[name] for report in reports]
    for name in ("input", "output", "nodes", "output_bias"):
        table = getattr(trainer, name)
        results[f"{i} {name}"] = np.zeros(0) if table is None else table
np.savez(task["path"], **results)
"""


def ignore(words_done: int, lr: float, mean_loss: float, seconds: float) -> None:
    """Progress callback of a run nobody watches."""


def encoded(sentences: Sentences) -> tuple[list[int], list[int], list[int]]:
    return reference.encode(sentences)


def reference_trainer(sentences: Sentences, config: Config) -> reference.Trainer:
    return reference.Trainer(*encoded(sentences), config)


def core_trainer(corpus: Corpus, config: Config) -> _core.Trainer:
    return _core.Trainer(*corpus, core_config(config))


def name_of(config: Config) -> str:
    changed = [
        f"{name}={value}"
        for name, value in asdict(config).items()
        if name in NAMED and value != getattr(Config(), name)
    ]
    first = f"{config.architecture}-{config.loss}-{config.negative_sharing}"
    return "-".join([first, *changed])


@functools.cache
def train_with(kernel: str, path: Path, task: str) -> dict[str, np.ndarray]:
    """Results of TRAIN_ALL in a process with SGNS_KERNEL set."""
    target = path / f"{kernel}.npz"
    subprocess.run(
        [sys.executable, "-c", TRAIN_ALL],
        input=json.dumps({**json.loads(task), "kernel": kernel, "path": str(target)}),
        env={**os.environ, "SGNS_KERNEL": kernel},
        text=True,
        check=True,
    )
    with np.load(target) as results:
        return dict(results)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def expected_of(
    small_sentences: Sentences,
) -> Callable[[Config], tuple[reference.Trainer, np.ndarray]]:
    """The oracle's trainer and the parts of its losses, once for each config."""

    @functools.cache
    def run(config: Config) -> tuple[reference.Trainer, np.ndarray]:
        trainer, parts = reference_trainer(small_sentences, config), []
        for epoch in range(config.epochs):
            trainer.run_epoch(epoch)
            parts.append(trainer.parts)
        return trainer, np.array(parts)

    return run


# The oracle's windows on the examples of the notes ------------------------------------


def pairs(sentence: str, radius: int) -> list[tuple[str, str]]:
    words = sentence.split()
    return [
        (word, words[t + offset])
        for t, word in enumerate(words)
        for offset, _ in reference.window_of(list(range(len(words))), t, radius)
    ]


def test_window_of_the_cat_example_gives_the_golden_pairs() -> None:
    """A48: order included; "The" and "the" are two words."""
    found = pairs("The fat cat sat on the mat", 2)
    golden = "cat The, cat fat, cat sat, cat on, sat fat, sat cat, sat on, sat the"
    assert [" ".join(pair) for pair in found if pair[0] in ("cat", "sat")] == (
        golden.split(", ")
    )


@pytest.mark.parametrize(
    ("radius", "contexts"),
    [(2, "The is playing"), (6, "The is playing with a bone")],
)
def test_window_of_the_dog_example_gives_the_golden_pairs(
    radius: int, contexts: str
) -> None:
    """A9: window 2 gives three pairs, the whole sentence gives six."""
    found = pairs("The dog is playing with a bone", radius)
    assert [context for word, context in found if word == "dog"] == contexts.split()


# Corpus and start ---------------------------------------------------------------------


def test_corpus_equals_the_reference(
    small_sentences: Sentences, small_corpus: Corpus
) -> None:
    ids, ends, counts = encoded(small_sentences)
    corpus, core_counts = small_corpus
    assert corpus.ids.tolist() == ids
    assert corpus.sentence_ends.tolist() == ends
    assert core_counts.tolist() == counts


@pytest.mark.parametrize("loss", ["ns", "hs", "ns+hs"])
def test_untrained_tables_are_uniform_and_zero(small_corpus: Corpus, loss: str) -> None:
    """A37: input from the seed, output and nodes zero, None where there is none."""
    n_words = len(small_corpus[1])
    trainer = core_trainer(small_corpus, Config(loss=loss, vector_size=13, seed=9))
    np.testing.assert_array_equal(
        trainer.input, reference.initial_input(9, n_words, 13)
    )
    shapes = {"output": ("ns", (n_words, 13)), "nodes": ("hs", (n_words - 1, 13))}
    for name, (part, shape) in shapes.items():
        table = getattr(trainer, name)
        if part in loss:
            assert table.dtype == np.float32
            assert table.shape == shape
            assert not table.any()
        else:
            assert table is None


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("negative", [1, 5])
def test_untrained_loss_is_ln2_for_each_target(
    small_corpus: Corpus, architecture: str, negative: int
) -> None:
    """A37: (k + 1) ln 2 while the output table stays zero."""
    config = Config(architecture, negative=negative, alpha=1e-12, min_alpha=1e-12)
    result = core_trainer(small_corpus, config).run_epoch(0, ignore, 1.0)
    assert result["loss"] == pytest.approx((negative + 1) * math.log(2), rel=1e-7)


# Whole epochs -------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_two_epochs_equal_the_reference(
    kernel: str,
    config: Config,
    scratch: Path,
    small_sentences: Sentences,
    expected_of: Callable[[Config], tuple[reference.Trainer, np.ndarray]],
) -> None:
    """Every architecture, loss, sharing and kernel; tables and measured losses."""
    configs = [asdict(config) for config in CONFIGS]
    task = json.dumps({"sentences": small_sentences, "configs": configs})
    got = train_with(kernel, scratch, task)
    trainer, losses = expected_of(config)
    i = CONFIGS.index(config)
    np.testing.assert_allclose(got[f"{i} loss"], losses.sum(axis=1), rtol=1e-5)
    for name, part in zip(("positive_loss", "negative_loss"), losses.T, strict=True):
        np.testing.assert_allclose(got[f"{i} {name}"], part, rtol=2e-5, atol=1e-9)
    present = {
        "input": True,
        "output": config.loss != "hs",
        "nodes": "hs" in config.loss,
        "output_bias": config.output_bias,
    }
    for name, is_present in present.items():
        if is_present:
            np.testing.assert_allclose(
                got[f"{i} {name}"],
                getattr(trainer, name),
                rtol=1e-4,
                atol=5e-6 if config.loss == "softmax" else 1e-6,
                err_msg=name,
            )
        else:
            assert got[f"{i} {name}"].size == 0


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_same_seed_with_one_thread_gives_the_same_bits(
    small_corpus: Corpus, config: Config
) -> None:
    """P8: no hidden state between two runs."""
    trainers = [core_trainer(small_corpus, config) for _ in range(2)]
    losses = [[t.run_epoch(e, ignore, 1.0)["loss"] for e in (0, 1)] for t in trainers]
    assert losses[0] == losses[1]
    for name in TABLES:
        first, second = (getattr(trainer, name) for trainer in trainers)
        np.testing.assert_array_equal(first, second)


def test_another_seed_gives_another_result(small_corpus: Corpus) -> None:
    trainers = [core_trainer(small_corpus, Config(seed=seed)) for seed in (1, 2)]
    for trainer in trainers:
        trainer.run_epoch(0, ignore, 1.0)
    assert (trainers[0].input != trainers[1].input).mean() > 0.99


def test_epoch_after_the_tables_were_taken_raises(small_corpus: Corpus) -> None:
    trainer = core_trainer(small_corpus, Config())
    assert trainer.input.shape == (len(small_corpus[1]), 16)
    with pytest.raises(ValueError):
        trainer.run_epoch(0, ignore, 1.0)


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_sentence_over_several_blocks_equals_the_reference(
    long_sentence: list[str], long_corpus: Corpus, architecture: str
) -> None:
    """Windows, learning rate and pairs across blocks of 10,000 tokens."""
    config = Config(architecture, vector_size=8, window=3, negative=2, sample=1e-2)
    expected = reference_trainer([long_sentence], config)
    loss, n_pairs = expected.run_epoch(0)
    trainer = core_trainer(long_corpus, config)
    result = trainer.run_epoch(0, ignore, 1.0)
    assert result["loss"] == pytest.approx(loss, rel=1e-5)
    assert result["words"] == len(long_sentence)
    centres = reference.centres(*encoded([long_sentence]), config, 0)
    assert result["centres"] == len(list(centres))
    if architecture == "skipgram":
        assert result["pairs"] == n_pairs
    for name in ("input", "output"):
        got, table = getattr(trainer, name), getattr(expected, name)
        np.testing.assert_allclose(got, table, rtol=1e-4, atol=1e-6, err_msg=name)


def test_loss_of_a_large_corpus_is_measured_on_a_sample_of_centres() -> None:
    """140,000 tokens: every second centre on average; most words are subsampled."""
    sentences = zipf_sentences(140_000, 30, 1000, seed=4)
    assert reference.loss_interval(140_000) == 2
    config = Config(vector_size=5, window=3, negative=2, sample=5e-5)
    expected, _ = reference_trainer(sentences, config).run_epoch(0)
    trainer = core_trainer(core_corpus(sentences), config)
    assert trainer.run_epoch(0, ignore, 1.0)["loss"] == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_loss_comes_from_unclamped_scores(loss: str) -> None:
    """N1: two words learnt until scores pass 9; a score of 6 alone costs 0.0025."""
    sentences = [["a", "b"] * 20] * 100
    config = Config(
        loss=loss, vector_size=6, window=1, negative=2, alpha=0.05, epochs=2
    )
    expected = reference_trainer(sentences, config)
    trainer = core_trainer(core_corpus(sentences), config)
    for epoch in range(2):
        mean, _ = expected.run_epoch(epoch)
        result = trainer.run_epoch(epoch, ignore, 1.0)
        assert result["loss"] == pytest.approx(mean, rel=1e-3)
    assert mean < 0.0005


# Streams ------------------------------------------------------------------------------

STREAM_CONFIGS = [
    Config(window=5, negative=5, sample=0.0, seed=1),
    Config(window=3, negative=2, sample=1e-3, seed=2),
    Config(window=1, negative=1, sample=1e-4, seed=2**63 + 5),
    Config(window=2, negative=40, sample=1e-3, seed=4),  # more than are compared
]


def columns_of(centres: list[reference.Centre]) -> list[list[int]]:
    """Positions, words, numbers of context words to the left and to the right."""
    offsets = [[offset for offset, _ in centre.contexts] for centre in centres]
    return [
        [centre.position for centre in centres],
        [centre.word for centre in centres],
        [sum(offset < 0 for offset in row) for row in offsets],
        [sum(offset > 0 for offset in row) for row in offsets],
    ]


@pytest.mark.parametrize("epoch", [0, 3])
@pytest.mark.parametrize("config", STREAM_CONFIGS)
def test_sample_stream_equals_the_reference(
    long_sentence: list[str],
    long_corpus: Corpus,
    config: Config,
    epoch: int,
    kernel: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sentence over three blocks: no border is visible."""
    monkeypatch.setenv("SGNS_KERNEL", kernel)
    config = replace(config, epochs=4)
    corpus, counts = long_corpus
    stream = _core.sample_stream(corpus, counts, core_config(config), epoch, 1)
    *found, noise = stream
    encoding = encoded([long_sentence])
    expected = list(reference.centres(*encoding, config, epoch))
    assert [array.tolist() for array in found] == columns_of(expected)
    assert [array.dtype for array in stream] == [np.int64] + [np.int32] * 4
    assert noise.shape == (len(expected), config.negative)
    table = reference.alias_table(encoding[2], config.ns_exponent)
    for row, centre in list(zip(noise.tolist(), expected, strict=True))[::7]:
        assert row == reference.noise_words(
            table, config, epoch, centre.position, centre
        )


@pytest.mark.parametrize("block", [1, 7, 1000, 10_000, 10**6])
@pytest.mark.parametrize("workers", [1, 2, 7])
@pytest.mark.parametrize("config", STREAM_CONFIGS)
def test_sample_stream_does_not_depend_on_workers_and_blocks(
    long_corpus: Corpus, config: Config, workers: int, block: int
) -> None:
    corpus, counts = long_corpus
    core = core_config(config)
    one = _core.sample_stream(corpus, counts, core, 0, 1)
    several = _core.sample_stream(corpus, counts, core, 0, workers, block=block)
    for expected, got in zip(one, several, strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_sample_stream_of_many_sentences_equals_the_reference(workers: int) -> None:
    """Sentences that end at, before and after the borders of blocks."""
    flat = [word for s in zipf_sentences(21_003, 200, 50, seed=5) for word in s]
    cuts = [0, 1, 5_000, 9_999, 10_000, 10_001, 19_998, 20_003, len(flat)]
    sentences = [flat[a:b] for a, b in itertools.pairwise(cuts)]
    config = Config(window=4, sample=1e-3)
    corpus, counts = core_corpus(sentences)
    stream = _core.sample_stream(corpus, counts, core_config(config), 0, workers)
    expected = list(reference.centres(*encoded(sentences), config, 0))
    assert [array.tolist() for array in stream[:-1]] == columns_of(expected)


@pytest.mark.parametrize("sample", [1e-3, 1e-6])
def test_sample_stream_of_words_in_any_order_equals_the_reference(sample) -> None:
    """Frequent words last, so that subsampling thins the last of all words."""
    sentences = zipf_sentences(6_000, 300, 50, seed=8)
    ids, ends, counts = encoded(sentences)
    corpus, config = core_corpus(sentences)[0], Config(window=2, sample=sample)
    backwards = counts[::-1]
    core = core_config(config)
    stream = _core.sample_stream(corpus, np.array(backwards, np.int64), core, 0, 1)
    expected = list(reference.centres(ids, ends, backwards, config, 0))
    assert [array.tolist() for array in stream[:-1]] == columns_of(expected)


def test_token_is_kept_up_to_and_with_its_threshold() -> None:
    """The bits of one position equal the threshold, then exceed it by one."""
    sentences, position = [["a", "b"] * 50], 37
    corpus, counts = core_corpus(sentences)
    config = Config(window=1, seed=6)
    key = reference.stream_key(config.seed, 0, reference.TOKENS)
    high = reference.draw(key, position) >> 32
    for threshold in (high, high - 1):
        # Solves p = u + u**2 for u = 1 / sqrt(q), with p of this threshold.
        u = (math.sqrt(1 + 4 * (threshold + 1) / 2**32) - 1) / 2
        tuned = replace(config, sample=0.5 * u * u)
        assert reference.keep_thresholds([50, 50], tuned.sample) == [threshold] * 2
        stream = _core.sample_stream(corpus, counts, core_config(tuned), 0, 1)
        expected = reference.centres(*encoded(sentences), tuned, 0)
        assert (position in stream[0]) == (threshold == high)
        assert stream[0].tolist() == [centre.position for centre in expected]


def test_noise_never_holds_the_centre(long_corpus: Corpus) -> None:
    """A33: the centre drawn as noise is redrawn."""
    corpus, counts = long_corpus
    config = core_config(Config(negative=5))
    _, words, _, _, noise = _core.sample_stream(corpus, counts, config, 0, 1)
    assert not np.any(noise == words[:, None])


# Threads, progress, errors ------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_tiny_corpus_with_more_workers_than_words_finishes(config: Config) -> None:
    if config.exclude in ("window", "sentence"):  # would leave no noise word
        config = replace(config, exclude="target")
    corpus = core_corpus([["a", "b"], ["b", "a", "c"], ["a"]])
    trainer = core_trainer(corpus, replace(config, workers=7, sample=0.0))
    result = trainer.run_epoch(0, ignore, 0.01)
    assert result["words"] == 6
    assert math.isfinite(result["loss"])


def test_several_workers_learn_as_well_as_one(long_corpus: Corpus) -> None:
    config = Config(vector_size=16, epochs=2, alpha=0.05)
    losses = []
    for workers in (1, 3):
        trainer = core_trainer(long_corpus, replace(config, workers=workers))
        losses.append([trainer.run_epoch(e, ignore, 1.0)["loss"] for e in (0, 1)])
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.05)


@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_rows_that_each_thread_has_for_itself_reach_the_others(loss: str) -> None:
    """A vocabulary in which the most frequent words and nodes are copied and merged."""
    # 226 blocks: the threads take different numbers of them, and each meets the others.
    corpus = core_corpus(zipf_sentences(451_500, 6000, 50, seed=7))
    config = Config(loss=loss, sample=1e-3)
    rows = []
    for workers in (1, 3):
        trainer = core_trainer(corpus, replace(config, workers=workers))
        result = trainer.run_epoch(0, ignore, 1.0)
        assert result["words"] == 451_500
        table = trainer.nodes[::-1] if loss == "hs" else trainer.output
        rows.append(np.linalg.norm(table[:64], axis=1))
    # What a thread learned and did not hand on would be missing: a third or more.
    np.testing.assert_allclose(rows[1].mean(), rows[0].mean(), rtol=0.1)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_diverging_run_raises(
    long_corpus: Corpus, architecture: str, workers: int
) -> None:
    """N1: a learning rate that is far too large is a ValueError, not NaN vectors."""
    config = Config(architecture, alpha=1000.0, workers=workers)
    trainer = core_trainer(long_corpus, config)
    with pytest.raises(_core.DivergenceError, match="training diverged") as caught:
        trainer.run_epoch(0, ignore, 1.0)
    assert isinstance(caught.value, ValueError)
    assert "alpha" in str(caught.value)
    assert len(str(caught.value)) <= 300


@pytest.fixture(scope="module")
def large_corpus() -> Corpus:
    """300,000 tokens: long enough for the calling thread to report."""
    return core_corpus(zipf_sentences(300_000, 1000, 1000, seed=6))


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_reports_words_rate_loss_and_seconds(
    large_corpus: Corpus, workers: int
) -> None:
    config = Config(vector_size=64, workers=workers)
    seen: list[tuple[int, float, float, float]] = []
    trainer = core_trainer(large_corpus, config)
    trainer.run_epoch(0, lambda *values: seen.append(values), 0.001)
    assert seen
    words, rates, losses, seconds = zip(*seen, strict=True)
    assert list(words) == sorted(words)
    assert list(seconds) == sorted(seconds)
    assert 0 <= words[0] <= words[-1] <= 300_000
    # Rates are floats, which may lie a little below what they stand for.
    low, high = config.min_alpha * 0.9999, config.alpha * 1.0001
    assert all(low <= rate <= high for rate in rates)
    assert math.isfinite(losses[-1])


class StopError(Exception):
    """Raised by a progress callback."""


@pytest.mark.parametrize("workers", [1, 2])
def test_exception_of_progress_passes_unchanged(
    large_corpus: Corpus, workers: int
) -> None:
    stop = StopError("enough")

    def progress(*values: float) -> None:
        raise stop

    trainer = core_trainer(large_corpus, Config(vector_size=64, workers=workers))
    with pytest.raises(StopError) as caught:
        trainer.run_epoch(0, progress, 0.001)
    assert caught.value is stop
