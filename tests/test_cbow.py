"""CBOW: the mean or the sum of the context words, and both gradients."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conftest import core_config, core_corpus, zipf_sentences
from reference import Config, encode
from sgns import Word2Vec, _core

INPUTS, GRADIENTS = ("mean", "sum"), ("original", "exact")
KINDS = list(itertools.product(INPUTS, GRADIENTS))
SENTENCE = ["a", "b", "c", "d", "b"]
N_CONTEXTS = len(SENTENCE) - 1
ALPHA = 2e-4
ONE_STEP = Config(
    "cbow", "softmax", vector_size=3, window_weighting="fixed", alpha=ALPHA,
    min_alpha=ALPHA,
)  # fmt: skip

Tables = tuple[np.ndarray, np.ndarray]


def total_loss(tables: Tables, ids: list[int], cbow_input: str) -> float:
    """Softmax loss of all centres of a sentence, each with all other words."""
    x, y = tables
    total = 0.0
    for t, centre in enumerate(ids):
        rows = x[[*ids[:t], *ids[t + 1 :]]]
        hidden = rows.mean(axis=0) if cbow_input == "mean" else rows.sum(axis=0)
        scores = y @ hidden
        total += np.log(np.exp(scores).sum()) - scores[centre]
    return float(total)


def derivative(
    tables: Tables, which: int, ids: list[int], cbow_input: str
) -> np.ndarray:
    """Central differences of `total_loss` by every number of one table."""
    h = 1e-5
    result = np.zeros_like(tables[which])
    for at in np.ndindex(result.shape):
        around = []
        for sign in (1, -1):
            moved = (tables[0].copy(), tables[1].copy())
            moved[which][at] += sign * h
            around.append(total_loss(moved, ids, cbow_input))
        result[at] = (around[0] - around[1]) / (2 * h)
    return result


def start_tables() -> Tables:
    """Rows of four words, exact as float32."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(0, 0.5, (2, 4, 3)).astype(np.float32).astype(np.float64)
    return x, y


def changes(cbow_input: str, cbow_gradient: str) -> Tables:
    """Change of the input and the output rows by one epoch over SENTENCE."""
    corpus, counts = core_corpus([SENTENCE])
    config = replace(ONE_STEP, cbow_input=cbow_input, cbow_gradient=cbow_gradient)
    trainer = _core.Trainer(corpus, counts, core_config(config))
    x, y = start_tables()
    trainer.set_tables(x.astype(np.float32), y.astype(np.float32), None, None)
    trainer.run_epoch(0, lambda *_: None, 1.0)
    assert trainer.output is not None
    return trainer.input - x, trainer.output - y


@pytest.mark.parametrize("cbow_input", INPUTS)
def test_exact_gradient_is_minus_the_derivative_of_the_loss(cbow_input: str) -> None:
    """Finite differences; the rate is so small that the rows hardly move."""
    ids, _, _ = encode([SENTENCE])
    for which, change in enumerate(changes(cbow_input, "exact")):
        expected = -derivative(start_tables(), which, ids, cbow_input)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(change / ALPHA, expected, atol=0.005 * scale)


@pytest.mark.parametrize(
    ("cbow_input", "factor"), [("mean", N_CONTEXTS), ("sum", 1 / N_CONTEXTS)]
)
def test_original_gradient_is_the_exact_one_times_the_share(
    cbow_input: str, factor: float
) -> None:
    """The output rows change alike; the input rows all or 1 / n."""
    exact, original = (
        changes(cbow_input, gradient) for gradient in ("exact", "original")
    )
    scale = np.abs(original[0]).max()
    np.testing.assert_allclose(original[0], factor * exact[0], atol=0.01 * scale)
    np.testing.assert_allclose(
        original[1], exact[1], atol=0.01 * np.abs(exact[1]).max()
    )


def test_one_context_word_makes_all_kinds_equal() -> None:
    """Bit for bit: the mean, the sum and the word are the same row."""
    sentences = [list(pair) for pair in itertools.permutations("abcde", 2)] * 5
    tables = []
    for cbow_input, cbow_gradient in KINDS:
        model = Word2Vec(
            vector_size=7, min_count=1, sample=0, workers=1, progress=False,
            architecture="cbow", cbow_input=cbow_input, cbow_gradient=cbow_gradient,
        )  # fmt: skip
        tables.append(model.fit(sentences).vectors_)
    for table in tables[1:]:
        np.testing.assert_array_equal(table, tables[0])


@pytest.mark.parametrize("cbow_input", INPUTS)
def test_original_gradient_agrees_with_gensim(cbow_input: str) -> None:
    """`cbow_mean=1` and 0; a share of 1 / n is far from 1.

    gensim takes the sigmoid from a table, up to 0.003 too low, which adds up.
    """
    models = pytest.importorskip("gensim.models")
    sentences = [list("aaabcaab"), list("dabcaba"), list("ab")]
    corpus, counts = core_corpus(sentences)
    config = replace(ONE_STEP, loss="hs", window=4, cbow_input=cbow_input)
    ours = _core.Trainer(corpus, counts, core_config(config))
    theirs = models.Word2Vec(
        sg=0, hs=1, negative=0, cbow_mean=int(cbow_input == "mean"),
        vector_size=3, window=4, shrink_windows=False, min_count=1, sample=0,
        alpha=ALPHA, min_alpha=ALPHA, workers=1,
    )  # fmt: skip
    theirs.build_vocab(sentences)
    start = start_tables()[0].astype(np.float32)
    nodes = start_tables()[1][:3].astype(np.float32)
    ours.set_tables(start, None, nodes, None)
    theirs.wv.vectors[:], theirs.syn1[:3] = start, nodes
    ours.run_epoch(0, lambda *_: None, 1.0)
    theirs.train(sentences, total_examples=len(sentences), epochs=1)
    change = ours.input - start
    scale = np.abs(change).max()
    np.testing.assert_allclose(theirs.wv.vectors - start, change, atol=0.1 * scale)


@pytest.mark.parametrize(("cbow_input", "cbow_gradient"), KINDS[1:])
def test_kinds_are_learnt_by_the_estimator(cbow_input: str, cbow_gradient: str) -> None:
    """The parameters reach the core, and the loss falls."""
    sentences = zipf_sentences(3_000, 40, 20, seed=8)
    options: dict[str, Any] = {
        "vector_size": 8, "min_count": 1, "sample": 0, "workers": 1, "epochs": 4,
        "architecture": "cbow", "progress": False,
    }  # fmt: skip
    kind = {"cbow_input": cbow_input, "cbow_gradient": cbow_gradient}
    default = Word2Vec(**options).fit(sentences)
    model = Word2Vec(**options, **kind).fit(sentences)
    assert not np.array_equal(model.vectors_, default.vectors_)
    assert model.history_["loss"][-1] < model.history_["loss"][0]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("cbow_input", "max", "cbow_input must be one of 'mean', 'sum', got 'max'"),
        (
            "cbow_gradient",
            "mean",
            "cbow_gradient must be one of 'original', 'exact', got 'mean'",
        ),
    ],
)
def test_core_refuses_other_kinds(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        core_config(replace(ONE_STEP, **{name: value}))
    assert str(caught.value) == message
