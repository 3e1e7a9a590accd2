"""The losses: kernels and gradients against the oracle, optima, windows and noise."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize
import scipy.stats

import reference
import reference_losses
from conftest import core_config, core_corpus, zipf_sentences
from reference import Config
from sgns import Word2Vec, _core, pairs, sampling

N_INPUTS = [*range(1, 6), 20]
N_TARGETS = [*range(1, 9), 11, 16, 21, 60]
LOSSES = ("nce", "sampled_softmax")
KERNEL_LOSS = {"ns": "logistic", "hs": "logistic", "nce": "logistic"}


def score_step(
    kernel: str,
    loss: str,
    scores: np.ndarray,
    labels: np.ndarray,
    offsets: np.ndarray,
    weights: np.ndarray | None = None,
    lr: float = 1.0,
) -> np.ndarray:
    weights = np.ones(len(labels)) if weights is None else weights
    single = [np.asarray(a, np.float32) for a in (scores, labels, weights, offsets)]
    return _core.score_step(kernel, KERNEL_LOSS.get(loss, "softmax"), *single, lr)


def make_scores(n_inputs: int, n_targets: int, scale: float) -> tuple[np.ndarray, ...]:
    """Scores, labels with one 1, offsets and weights that single precision holds."""
    rng = np.random.default_rng((n_inputs, n_targets))
    scores = rng.normal(scale=scale, size=(n_inputs, n_targets))
    labels = np.zeros(n_targets)
    labels[rng.integers(n_targets)] = 1
    offsets = rng.uniform(-3, 12, n_targets)
    weights = np.where(labels == 1, 2.5, 1.0)
    arrays = (scores, labels, offsets, weights)
    return tuple(array.astype(np.float32).astype(np.float64) for array in arrays)


# Kernels ------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.parametrize("loss", LOSSES)
def test_errors_equal_the_reference_for_every_shape(
    kernel: str, loss: str, scale: float
) -> None:
    for n_inputs, n_targets in itertools.product(N_INPUTS, N_TARGETS):
        scores, labels, offsets, weights = make_scores(n_inputs, n_targets, scale)
        got = score_step(kernel, loss, scores, labels, offsets, weights, lr=0.5)
        weights = weights if loss == "nce" else np.ones(n_targets)
        expected = reference_losses.errors(loss, scores, labels, offsets, weights)
        np.testing.assert_allclose(
            got, 0.5 * expected, rtol=0, atol=5e-6, err_msg=f"{scores.shape}"
        )


@pytest.mark.parametrize("n_targets", [1, 6, 7, 60])
@pytest.mark.parametrize("loss", LOSSES)
def test_errors_of_large_scores_are_finite_and_exact(
    kernel: str, loss: str, n_targets: int
) -> None:
    """N3: scores of +-1000 and more neither overflow nor lose the largest one."""
    scores = np.linspace(-1e4, 1e4, 5 * n_targets).reshape(5, n_targets)
    labels = np.eye(n_targets)[0]
    got = score_step(kernel, loss, scores, labels, np.zeros(n_targets))
    expected = reference_losses.errors(loss, scores, labels)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_nan_score_spoils_the_errors_of_its_row_alone(kernel: str, loss: str) -> None:
    for n_targets in (6, 11):
        scores, labels, offsets, _ = make_scores(5, n_targets, 1.0)
        scores[2, 3] = math.nan
        bad = np.isnan(score_step(kernel, loss, scores, labels, offsets))
        assert bad[2, 3]
        assert not np.delete(bad, 2, axis=0).any()
        assert loss == "nce" or bad[2].all()


@pytest.mark.parametrize("loss", ["ns", "nce", "sampled_softmax", "softmax"])
def test_errors_are_minus_the_derivative_of_the_loss(kernel: str, loss: str) -> None:
    """A3, A4: central differences of the loss, in float64."""
    scores, labels, offsets, weights = make_scores(3, 7, 1.0)
    weights = weights if loss in ("ns", "nce") else np.ones(7)
    numerical, h = np.zeros_like(scores), 1e-5
    for at in np.ndindex(scores.shape):
        around = []
        for sign in (1, -1):
            moved = scores.copy()
            moved[at] += sign * h
            parts = reference_losses.losses(loss, moved, labels, offsets, weights)
            around.append(parts.sum())
        numerical[at] = (around[0] - around[1]) / (2 * h)
    got = score_step(kernel, loss, scores, labels, offsets, weights)
    np.testing.assert_allclose(got, -numerical, rtol=1e-4, atol=1e-6)


def test_softmax_loss_equals_scipy() -> None:
    """A3: the loss of a row is minus its log softmax."""
    scores, labels, _, _ = make_scores(4, 50, 3.0)
    expected = -scipy.special.log_softmax(scores, axis=1)[:, labels == 1]
    got = reference_losses.losses("softmax", scores, labels).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_hs_errors_are_minus_the_derivative_of_the_log_probability(
    kernel: str,
) -> None:
    """A43: of hs_log_prob, by the input row and by each node of the path."""
    tree = pairs.HuffmanCodes([9, 7, 4, 3, 2, 1])
    rng = np.random.default_rng(4)
    x, nodes = rng.normal(size=(2, 5)), rng.normal(size=(5, 5))
    word, h = 5, 1e-6
    path, codes = tree.path(word)
    labels = 1 - codes.astype(np.float64)
    errors = score_step(kernel, "hs", x @ nodes[path].T, labels, 0 * labels)

    def slope(table: np.ndarray, at: tuple[int, ...]) -> float:
        around = []
        for sign in (1, -1):
            table[at] += sign * h
            around.append(pairs.hs_log_prob([word, word], x, nodes, tree).sum())
            table[at] -= sign * h
        return float(around[0] - around[1]) / (2 * h)

    by_input, by_nodes = errors @ nodes[path], np.zeros_like(nodes)
    by_nodes[path] = errors.T @ x
    for table, got in ((x, by_input), (nodes, by_nodes)):
        expected = np.zeros_like(table)
        for at in np.ndindex(table.shape):
            expected[at] = slope(table, at)
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("loss", ["nce", "sampled_softmax"])
def test_sampled_losses_equal_those_of_tensorflow(kernel: str, loss: str) -> None:
    """A34: stored results of tf.nn.nce_loss and tf.nn.sampled_softmax_loss.

    With log-uniform noise and biases, accidental hits kept: the losses of the oracle
    and the gradients of the kernels.
    """
    path = Path(__file__).parent / "data" / "tensorflow_losses.json"
    stored = json.loads(path.read_text())
    w, b, x = (np.array(stored[name]) for name in ("weights", "biases", "inputs"))
    sampled, k = stored["sampled"], len(stored["sampled"])
    law = sampling.LogUniform(len(w))
    for ids, name in ((stored["labels"], "true"), (sampled, "sampled")):
        expected = stored[f"{name}_expected_count"]
        np.testing.assert_allclose(k * law.prob(ids), expected, rtol=1e-5)
    q = law.prob(np.arange(len(w)))
    offset = b + reference_losses.noise_corrections(loss, q, k, "none")
    labels = np.eye(k + 1)[0]
    for row, label in enumerate(stored["labels"]):
        words = [label, *sampled]
        scores = x[row : row + 1] @ w[words].T
        got = reference_losses.losses(loss, scores, labels, offset[words]).sum()
        assert got == pytest.approx(stored[loss]["loss"][row], rel=1e-5)
        errors = score_step(kernel, loss, scores, labels, offset[words])
        gradient = stored[loss]["gradient_of_inputs"][row]
        np.testing.assert_allclose(-errors[0] @ w[words], gradient, atol=1e-5)


# What the losses learn, by enumeration ------------------------------------------------

P = np.array([0.5, 0.25, 0.15, 0.07, 0.03])
Q = np.array([0.3, 0.1, 0.25, 0.15, 0.2])


def expected_errors(
    loss: str,
    scores: np.ndarray,
    k: int,
    *,
    exclude: str = "none",
    kernel: str | None = None,
    positive_weight: float = 1.0,
    correct_positive: bool = True,
) -> np.ndarray:
    """Mean error of each word's score over every centre and every k noise words."""
    n = len(P)
    offset = reference_losses.noise_corrections(loss, Q, k, exclude)
    if loss == "softmax":
        words = np.array([[c, *[w for w in range(n) if w != c]] for c in range(n)])
        probability = P
    else:
        words = np.array(list(itertools.product(range(n), repeat=k + 1)))
        centre, noise = words[:, :1], words[:, 1:]
        law = Q[noise]
        if exclude == "target":
            law = np.where(noise == centre, 0, law / (1 - Q[centre]))
        probability = P[centre[:, 0]] * law.prod(axis=1)
    labels = np.eye(words.shape[1])[0]
    weights = np.where(labels == 1, positive_weight, 1.0)
    z = scores[words] + offset[words] * (labels == 0 if not correct_positive else 1)
    if kernel is None:
        errors = reference_losses.errors(loss, z, labels, 0.0, weights)
    else:
        errors = score_step(kernel, loss, z, labels, 0 * labels, weights)
    total = np.zeros(n)
    np.add.at(total, words, probability[:, None] * errors.astype(np.float64))
    return total


def optimum(loss: str, k: int, **options: object) -> np.ndarray:
    """Scores at which the mean errors vanish; the losses are convex in the scores."""
    found = scipy.optimize.root(
        lambda s: (
            expected_errors(loss, s, k, **options)
            + (s.mean() if "softmax" in loss else 0)
        ),  # which fixes the free constant
        np.zeros(len(P)),
        tol=1e-12,
    )
    return found.x


def centred(scores: np.ndarray) -> np.ndarray:
    return scores - scores.mean()


@pytest.mark.parametrize("k", [1, 2, 5])
def test_ns_learns_the_log_ratio_of_the_laws(k: int) -> None:
    """A4, A22: log p / (k q), Levy and Goldberg (2014)."""
    np.testing.assert_allclose(optimum("ns", k), np.log(P / (k * Q)), atol=1e-4)


def test_positive_weight_adds_its_log_to_the_optimum() -> None:
    got = optimum("ns", 2, positive_weight=3.0)
    np.testing.assert_allclose(got, np.log(3 * P / (2 * Q)), atol=1e-4)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_nce_learns_log_probabilities_that_sum_to_one(k: int) -> None:
    """A34: without a normaliser, Gutmann and Hyvarinen (2010)."""
    got = optimum("nce", k)
    np.testing.assert_allclose(got, np.log(P), atol=1e-4)
    assert np.exp(got).sum() == pytest.approx(1, abs=1e-4)


def test_nce_without_the_centre_among_its_noise_is_biased() -> None:
    """Why exclude="auto" means "none" for nce."""
    got = optimum("nce", 2, exclude="target")
    assert np.abs(got - np.log(P)).max() > 0.1


@pytest.mark.parametrize(
    ("k", "exclude"), [(1, "none"), (2, "none"), (5, "none"), (1, "target")]
)
def test_sampled_softmax_learns_log_probabilities(k: int, exclude: str) -> None:
    """For every k, up to a constant, with the correction of the law really sampled."""
    got = optimum("sampled_softmax", k, exclude=exclude)
    np.testing.assert_allclose(centred(got), centred(np.log(P)), atol=1e-4)


def test_sampled_softmax_without_the_centre_is_biased_by_words_drawn_twice() -> None:
    """Why exclude="auto" means "none" here: a noise word drawn twice is no centre."""
    got = optimum("sampled_softmax", 2, exclude="target")
    assert np.abs(centred(got) - centred(np.log(P))).max() > 0.01


def test_sampled_softmax_corrected_on_noise_words_only_is_biased() -> None:
    got = optimum("sampled_softmax", 2, correct_positive=False)
    assert np.abs(centred(got) - centred(np.log(P))).max() > 0.1


def test_hs_learns_log_probabilities(kernel: str) -> None:
    """A43: over every centre, each node learns the odds of its branches."""
    tree = pairs.HuffmanCodes([50, 25, 15, 7, 3])  # P in percent

    def mean_errors(scores: np.ndarray, kernel: str | None = None) -> np.ndarray:
        total = np.zeros(len(P) - 1)
        for word, probability in enumerate(P):
            path, codes = tree.path(word)
            labels = 1 - codes.astype(np.float64)
            if kernel is None:
                errors = reference_losses.errors("hs", scores[None, path], labels)
            else:
                one = scores[None, path]
                errors = score_step(kernel, "hs", one, labels, 0 * labels)
            total[path] += probability * errors[0].astype(np.float64)
        return total

    found = scipy.optimize.root(mean_errors, np.zeros(len(P) - 1), tol=1e-12).x
    log_p = pairs.hs_log_prob(np.arange(len(P)), [1.0], found[:, None], tree)
    np.testing.assert_allclose(log_p, np.log(P), atol=1e-4)
    np.testing.assert_allclose(mean_errors(found, kernel), 0, atol=3e-7)


def test_softmax_learns_log_probabilities() -> None:
    got = optimum("softmax", 0)
    np.testing.assert_allclose(centred(got), centred(np.log(P)), atol=1e-4)


@pytest.mark.parametrize(
    ("loss", "scores"),
    [
        ("ns", np.log(P / (2 * Q))),
        ("nce", np.log(P)),
        ("sampled_softmax", np.log(P) + 0.7),
        ("softmax", np.log(P) - 1.3),
    ],
)
def test_mean_errors_of_the_kernels_vanish_at_the_optimum(
    kernel: str, loss: str, scores: np.ndarray
) -> None:
    got = expected_errors(loss, scores, 2, kernel=kernel)
    np.testing.assert_allclose(got, 0, atol=3e-7)


# Losses of a start, rows that change --------------------------------------------------

ALL = ["ns", "hs", "nce", "sampled_softmax", "softmax"]
PAIR = [["a", "b"]]
COUNTS = np.arange(60, 10, -1)


def tiny_trainer(**options: object) -> tuple[_core.Trainer, Config]:
    """One sentence of two words in a vocabulary of 50."""
    config = Config(vector_size=20, window=1, **options)
    corpus, _ = core_corpus(PAIR)
    return _core.Trainer(corpus, COUNTS, core_config(config)), config


def run(trainer: _core.Trainer, epoch: int = 0) -> _core.EpochResult:
    return trainer.run_epoch(epoch, lambda *_: None, 1.0)


@pytest.mark.parametrize("negative", [1, 5, 9])
def test_first_losses_are_those_of_zero_scores(negative: int) -> None:
    """A23, A37: (k + 1) ln 2 for ns, ln V for softmax; the weight counts once."""
    still = {"alpha": 1e-12, "min_alpha": 1e-12, "negative": negative}
    ln2 = math.log(2)
    for loss, weight, positive, noise in (
        ("ns", 1.0, ln2, negative * ln2),
        ("ns", 2.5, 2.5 * ln2, negative * ln2),
        ("softmax", 1.0, math.log(50), 0.0),
    ):
        trainer, _ = tiny_trainer(loss=loss, positive_weight=weight, **still)
        got = run(trainer)
        assert got["positive_loss"] == pytest.approx(positive, rel=1e-6)
        assert got["negative_loss"] == pytest.approx(noise, rel=1e-6)
        assert got["loss"] == pytest.approx(positive + noise, rel=1e-6)
        assert got["untrained_loss"] == pytest.approx(got["loss"], rel=1e-6)


@pytest.mark.parametrize("output_bias", [False, True])
@pytest.mark.parametrize("loss", ["nce", "sampled_softmax", "softmax"])
def test_untrained_loss_is_that_of_zero_scores_with_offsets(
    loss: str, output_bias: bool
) -> None:
    """Offsets and first biases count; nothing of it is learnt."""
    trainer, _ = tiny_trainer(
        loss=loss, output_bias=output_bias, alpha=1e-12, min_alpha=1e-12
    )
    got = run(trainer)
    assert got["untrained_loss"] == pytest.approx(got["loss"], rel=1e-5)


def changed(old: np.ndarray, new: np.ndarray) -> set[int]:
    different = old != new
    return set(np.flatnonzero(different.reshape(len(old), -1).any(axis=1)).tolist())


@pytest.mark.parametrize("loss", ["ns", "nce", "sampled_softmax"])
def test_one_epoch_changes_the_rows_of_its_words_and_noise_only(loss: str) -> None:
    """A5, A28: bit for bit; biases change with the output rows."""
    options = {
        "loss": loss,
        "output_bias": loss != "ns",
        "exclude": "none",
        "epochs": 4,
    }
    trainer, config = tiny_trainer(**options)
    corpus, _ = core_corpus(PAIR)
    rows = {0, 1}
    for epoch in range(4):  # an input changes once its centre's output row is not zero
        run(trainer, epoch)
        noise = _core.sample_stream(corpus, COUNTS, core_config(config), epoch, 1)[-1]
        assert noise.shape == (2, 5)
        rows |= set(noise.ravel().tolist())
    start = reference.initial_input(config.seed, 50, 20)
    assert changed(start, trainer.input) == {0, 1}
    assert changed(np.zeros((50, 20)), trainer.output) == rows
    if config.output_bias:
        bias = trainer.output_bias
        assert bias is not None
        start = reference_losses.start_biases(COUNTS.tolist()).astype(np.float32)
        np.testing.assert_allclose(
            np.delete(bias, list(rows)), np.delete(start, list(rows)), atol=1e-6
        )
        assert all(abs(bias[row] - start[row]) > 1e-4 for row in rows)


def test_softmax_changes_every_output_row_and_the_inputs_of_its_pairs() -> None:
    """A28: what the sampled losses spare."""
    trainer, config = tiny_trainer(loss="softmax", epochs=2)
    run(trainer, 0)
    run(trainer, 1)
    start = reference.initial_input(config.seed, 50, 20)
    assert changed(start, trainer.input) == {0, 1}
    assert changed(np.zeros((50, 20)), trainer.output) == set(range(50))


def test_trained_softmax_gives_the_shares_of_the_text() -> None:
    """A3, A55: p(centre | context) of a text of two words, counted and learnt."""
    text = [["a", "b"], ["a", "a"], ["a", "b"], ["a", "a"], ["a", "b"]] * 100
    model = Word2Vec(
        loss="softmax", vector_size=8, window=1, sample=0, epochs=40, alpha=0.1,
        min_alpha=1e-3, workers=1, output_bias=True, progress=False,
    ).fit(text)  # fmt: skip
    assert model.output_vectors_ is not None
    assert model.output_bias_ is not None
    a, b = model.vocabulary_["a"], model.vocabulary_["b"]
    z = model.output_vectors_ @ model.vectors_[a] + model.output_bias_
    # "a" has 300 neighbours "b" and 2 * 200 neighbours "a".
    assert z[a] - z[b] == pytest.approx(math.log(400 / 300), abs=0.05)


@pytest.mark.parametrize("loss", ["ns", "nce", "sampled_softmax", "softmax", "hs"])
def test_losses_tell_real_pairs_from_noise(loss: str) -> None:
    """A7, A12: held-out pairs against random ones on a text with two topics."""
    rng = np.random.default_rng(1)
    topics = [[f"{topic}{i}" for i in range(20)] for topic in "xy"]
    text = [rng.choice(topics[i % 2], 10).tolist() for i in range(2500)]
    model = Word2Vec(
        text[:2000], loss=loss, vector_size=10, sample=0, epochs=3, workers=1,
        alpha=0.05, progress=False,
    ).fit()  # fmt: skip
    falls = "loss" if loss != "ns" else "negative_loss"
    assert model.history_[falls][-1] < model.history_[falls][0]
    unit = model.vectors_ / np.linalg.norm(model.vectors_, axis=1, keepdims=True)
    index = model.vocabulary_
    real = [unit[index[s[0]]] @ unit[index[s[5]]] for s in text[2000:] if s[0] != s[5]]
    words = rng.integers(0, 40, (500, 2))
    noise = [unit[a] @ unit[b] for a, b in words if a // 20 != b // 20 or a != b]
    rank = scipy.stats.mannwhitneyu(real, noise).statistic / (len(real) * len(noise))
    assert rank > 0.7  # half of the random pairs are of one topic too


def test_training_pushes_words_apart_that_never_come_together() -> None:
    """A15: cosines of input and output vectors of two topics, 0 at the start."""
    rng = np.random.default_rng(2)
    text = [[f"{'xy'[i % 2]}{j}" for j in rng.integers(0, 20, 10)] for i in range(1000)]
    model = Word2Vec(
        text, vector_size=10, sample=0, epochs=3, workers=1, alpha=0.05, progress=False
    ).fit()
    assert model.output_vectors_ is not None
    of_x = np.array([word.startswith("x") for word in model.vocabulary_])
    w, v = (
        table / np.linalg.norm(table, axis=1, keepdims=True)
        for table in (model.vectors_, model.output_vectors_)
    )
    cosines = w @ v.T
    same = of_x[:, None] == of_x
    assert cosines[~same].mean() < -0.8
    assert cosines[~same].mean() < cosines[same].mean() - 0.5


# Windows ------------------------------------------------------------------------------


def distances(config: Config, n_tokens: int = 200_000) -> tuple[np.ndarray, int]:
    """How often each distance is a context on the right, and of how many centres.

    One long sentence; centres whose widest window ends with it are left out.
    """
    corpus, counts = core_corpus([["a", "b"] * (n_tokens // 2)])
    _, _, _, right, _ = _core.sample_stream(corpus, counts, core_config(config), 0, 2)
    right = right[:-10]
    return np.array([(right >= d).sum() for d in range(1, 12)]), len(right)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 2, 5, 10])
@pytest.mark.parametrize("weighting", ["shrink", "fixed", "harmonic"])
def test_words_at_a_distance_are_contexts_as_often_as_stated(
    weighting: str, window: int, seed: int
) -> None:
    """A47: (W - d + 1) / W, 1, or 1 / d up to the window, and 0 beyond it."""
    config = Config(window=window, window_weighting=weighting, seed=seed)
    found, n = distances(config)
    d = np.arange(1, 12)
    law = {"shrink": (window - d + 1) / window, "fixed": d * 0 + 1.0, "harmonic": 1 / d}
    p = np.where(d <= window, law[weighting], 0)
    np.testing.assert_array_equal(found[p == 1], n)
    np.testing.assert_array_equal(found[p == 0], 0)
    inner = (p > 0) & (p < 1)
    z = (found - n * p)[inner] / np.sqrt(n * p * (1 - p))[inner]
    assert np.abs(z).max(initial=0) < 4.5


def test_window_of_none_takes_the_whole_sentence() -> None:
    """A9: "The dog is playing with a bone": six context words for every word."""
    sentences = [[*"TDIPWAB"], ["D", "B"], ["A"]]
    corpus, counts = core_corpus(sentences)
    for weighting in ("shrink", "fixed"):
        config = core_config(Config(window=None, window_weighting=weighting))
        _, _, left, right, _ = _core.sample_stream(corpus, counts, config, 0, 1)
        assert (left + right).tolist() == [6] * 7 + [1] * 2
        assert left.tolist() == [*range(7), 0, 1]


def test_window_of_none_refuses_sentences_longer_than_the_largest_window() -> None:
    """A2: nothing is cut."""
    corpus, counts = core_corpus([["a", "b"], ["a"] * 10_002])
    with pytest.raises(ValueError) as caught:
        _core.Trainer(corpus, counts, core_config(Config(window=None)))
    assert str(caught.value) == (
        "window=None, the whole sentence, needs sentences of at most 10001 words, "
        "got one of 10002"
    )
    corpus, counts = core_corpus([["a", "b"], ["a"] * 10_001])
    _core.Trainer(corpus, counts, core_config(Config(window=None)))


# Noise words --------------------------------------------------------------------------


def noise_of(
    sentences: list[list[str]], config: Config
) -> tuple[list[reference.Centre], np.ndarray, np.ndarray]:
    """Centres of the oracle, noise words of the core, probabilities of one."""
    corpus, counts = core_corpus(sentences)
    *_, noise = _core.sample_stream(corpus, counts, core_config(config), 0, 1)
    encoding = reference.encode(sentences)
    table = reference.alias_table(encoding[2], config.ns_exponent)
    centres = list(reference.centres(*encoding, config, 0))
    return centres, noise, reference.implied_probabilities(table)


@pytest.mark.parametrize("exclude", ["none", "target", "window", "sentence"])
def test_noise_words_equal_the_reference(exclude: str) -> None:
    config = Config(window=3, negative=4, exclude=exclude, sample=0.01)
    sentences = zipf_sentences(3000, 60, 40, seed=9)
    centres, noise, _ = noise_of(sentences, config)
    table = reference.alias_table(reference.encode(sentences)[2], config.ns_exponent)
    for row, centre in list(zip(noise.tolist(), centres, strict=True))[::3]:
        expected = reference.noise_words(table, config, 0, centre.position, centre)
        assert row == expected


@pytest.mark.parametrize("exclude", ["target", "window", "sentence"])
def test_excluded_words_are_never_noise_and_others_keep_their_law(exclude: str) -> None:
    """A10: 200,000 draws; each word is drawn in proportion to what is left for it."""
    config = Config(window=2, negative=20, exclude=exclude, ns_exponent=1.0)
    centres, noise, q = noise_of(zipf_sentences(10_000, 30, 12, seed=2), config)
    assert noise.size > 190_000
    expected = np.zeros(len(q))
    for row, centre in zip(noise, centres, strict=True):
        excluded = list(reference.excluded_words(exclude, centre))
        assert not set(excluded) & set(row.tolist())
        law = q.copy()
        law[excluded] = 0
        expected += len(row) * law / law.sum()
    found = np.bincount(noise.ravel(), minlength=len(q))
    assert scipy.stats.chisquare(found, expected).pvalue > 1e-4


def test_noise_of_exclude_none_may_be_the_centre() -> None:
    """A14: as often as the law says, within four standard errors."""
    config = Config(window=2, negative=20, exclude="none")
    centres, noise, q = noise_of(zipf_sentences(10_000, 30, 50, seed=3), config)
    words = np.array([centre.word for centre in centres])
    found, rates = (noise == words[:, None]).sum(), q[words]
    variance = 20 * (rates * (1 - rates)).sum()
    assert abs(found - 20 * rates.sum()) < 4 * math.sqrt(variance)


def test_sentence_with_nearly_all_words_leaves_the_last_one() -> None:
    """The fallback after 64 rejections: one rare word is all that is left."""
    text = [[f"w{i % 9}" for i in range(2000)], ["rare", "w0"]]
    centres, noise, _ = noise_of(text, Config(exclude="sentence", negative=3))
    assert (noise[: len(centres) - 2] == 9).all()


# Bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentences", "options", "message"),
    [
        (
            [["a", "b", "c"] * 20],
            {"exclude": "window"},
            "exclude='window' needs more words than a window of 11 can hold, got 3",
        ),
        (
            [["a", "b"], ["a", "c", "b"]],
            {"exclude": "sentence"},
            "exclude='sentence' leaves no noise word: sentence 1 has all 3 words",
        ),
        (
            [[f"{i}" for i in range(50_001)]],
            {"loss": "softmax"},
            "loss='softmax' scores every word: the vocabulary must have at most 50000 "
            "words, got 50001; raise min_count or use loss='sampled_softmax'",
        ),
    ],
)
def test_corpus_that_does_not_suit_the_loss_raises(
    sentences: list[list[str]], options: dict[str, str], message: str
) -> None:
    model = Word2Vec(min_count=1, vector_size=2, progress=False, **options)
    with pytest.raises(ValueError) as caught:
        model.fit(sentences)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"positive_weight": 0.0}, "positive_weight must be > 0"),
        ({"output_bias": True}, "output_bias needs the loss nce, sampled_softmax or"),
        ({"window": -1}, "window must be an int from 0 to 10000, got -1"),
        ({"exclude": "auto"}, "exclude must be one of 'target', 'window', 'sentence'"),
        (
            {"window_weighting": "x"},
            "window_weighting must be one of 'shrink', 'fixed'",
        ),
    ],
)
def test_core_checks_its_config_again(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.TrainConfig(**{**asdict(Config()), **options})
