"""The labelled-pair view: losses, probabilities, trees, and training on pairs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

import reference
from conftest import zipf_counts, zipf_sentences
from sgns import NotFittedError, Word2Vec, pairs, sampling

DOG = np.array([0.5, -1.0, 2.0])
BONE = np.array([1.0, 0.5, 0.25])
CAR, APPLE, HOUSE = np.array([[0.2, 0.1, -0.3], [1.0, 1.0, 1.0], [-1.0, 0.0, 0.5]])


def tables(n_inputs: int, n_outputs: int, dim: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    shapes = ((n_inputs, dim), (n_outputs, dim))
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


# Losses ------------------------------------------------------------------------------


def test_log_sigmoid_is_finite_and_sums_to_one() -> None:
    """A15: sigma(x) + sigma(-x) = 1; log sigma is finite for |x| <= 80 and beyond."""
    x = np.linspace(-80, 80, 2001)
    both = np.exp(pairs.log_sigmoid(x)) + np.exp(pairs.log_sigmoid(-x))
    np.testing.assert_allclose(both, 1, atol=1e-12)
    np.testing.assert_allclose(pairs.log_sigmoid(x), special.log_expit(x), rtol=1e-12)
    assert np.isfinite(pairs.log_sigmoid([-1e300, 1e300])).all()


def test_loss_of_the_dog_is_the_golden_number() -> None:
    """A4, A11: minus the formula of the note, with explicit negatives."""
    terms = [DOG @ BONE, -DOG @ CAR, -DOG @ APPLE, -DOG @ HOUSE]
    by_hand = -sum(math.log(1 / (1 + math.exp(-term))) for term in terms)
    loss = pairs.pair_loss(DOG, BONE, np.stack([CAR, APPLE, HOUSE]))
    assert float(loss) == pytest.approx(by_hand, abs=1e-12)
    assert float(loss) == pytest.approx(3.587055, abs=1e-6)


@pytest.mark.parametrize("k", [0, 3, 5])
def test_loss_of_zero_output_vectors_is_k_plus_1_ln_2(k: int) -> None:
    """A11, A37: 2.772589 for 3 negatives, 4.158883 for 5."""
    loss = pairs.pair_loss(DOG, np.zeros(3), np.zeros((k, 3)))
    assert float(loss) == pytest.approx((k + 1) * math.log(2), abs=1e-12)


def test_loss_is_that_of_the_positive_plus_those_of_the_negatives() -> None:
    """A23: the sum; k = 0 leaves the positive alone."""
    rng = np.random.default_rng(1)
    c, p, n = (rng.normal(size=shape) for shape in ((4, 8), (4, 8), (4, 6, 8)))
    none = np.empty((4, 0, 8))
    negative = sum(
        -pairs.log_sigmoid(-np.einsum("nd,nd->n", c, n[:, j])) for j in range(6)
    )
    np.testing.assert_allclose(
        pairs.pair_loss(c, p, n), pairs.pair_loss(c, p, none) + negative, rtol=1e-12
    )


def test_loss_equals_that_of_the_reference_tile() -> None:
    """A8: the objective of the trainer is the binary loss of a labelled table."""
    x, y = tables(1, 4, 8)
    scores, _ = reference.tile(
        x.astype(float), [0], y.astype(float), range(4), [1, 0, 0, 0], 0.0
    )
    expected = reference.row_losses(scores, np.array([1, 0, 0, 0]))
    np.testing.assert_allclose(pairs.pair_loss(x[0], y[0], y[1:]), expected[0])
    rows = [[0, 0], [0, 1], [0, 2], [0, 3]]
    likelihood = pairs.log_likelihood(rows, [1, 0, 0, 0], x, y)
    assert likelihood == pytest.approx(-expected[0], abs=1e-6)


def test_likelihood_is_the_product_of_the_probabilities() -> None:
    """A16, A17: exp of the sum = product of sigma(+-s) on 10 rows."""
    w, v = tables(5, 6, 4)
    rng = np.random.default_rng(2)
    x = np.stack([rng.integers(0, 5, 10), rng.integers(0, 6, 10)], axis=1)
    y = rng.integers(0, 2, 10)
    p = pairs.pair_probability(x, w, v)
    product = float(np.prod(np.where(y == 1, p, 1 - p)))
    assert math.exp(pairs.log_likelihood(x, y, w, v)) == pytest.approx(
        product, rel=1e-6
    )


def test_pair_probability_is_the_sigmoid_of_the_score() -> None:
    """A13: within 1e-6, no overflow to |x| = 80 and beyond."""
    scores = np.array([-1e5, -80, -3, 0, 3, 80, 1e5])
    w, v = np.ones((1, 1)), scores[:, None]
    x = np.stack([np.zeros(7, int), np.arange(7)], axis=1)
    np.testing.assert_allclose(
        pairs.pair_probability(x, w, v), special.expit(scores), rtol=1e-9
    )


@pytest.mark.parametrize("score", ["dot", "cosine"])
def test_gradients_are_the_derivatives_of_the_loss(score: Any) -> None:
    """A6: central differences, relative error below 1e-4."""
    rng = np.random.default_rng(11)
    parts = [rng.normal(size=shape) for shape in ((2, 5), (2, 5), (2, 3, 5))]
    options: dict[str, Any] = {"score": score, "temperature": 0.3}
    gradients = pairs.pair_gradients(*parts, **options)
    for part, gradient in zip(parts, gradients, strict=True):
        for place in np.ndindex(part.shape):
            losses = []
            for step in (1e-6, -1e-6):
                part[place] += step
                losses.append(pairs.pair_loss(*parts, **options).sum())
                part[place] -= step
            slope = (losses[0] - losses[1]) / 2e-6
            assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_cosine_and_dot_product_are_equal_for_unit_vectors() -> None:
    """A6: to 1e-7; a vector of zeros has the cosine 0."""
    rng = np.random.default_rng(12)
    parts = [rng.normal(size=shape) for shape in ((5,), (5,), (3, 5))]
    units = [part / np.linalg.norm(part, axis=-1, keepdims=True) for part in parts]
    cosine = pairs.pair_loss(*parts, score="cosine", temperature=0.5)
    dot = pairs.pair_loss(*units, score="dot", temperature=0.5)
    assert float(cosine) == pytest.approx(float(dot), abs=1e-7)
    zero = pairs.pair_loss(np.zeros(5), *parts[1:], score="cosine")
    assert float(zero) == pytest.approx(4 * math.log(2))


def test_losses_of_distances_are_those_of_their_papers() -> None:
    """A30: contrastive, triplet and margin loss by hand."""
    d, same = np.array([0.3, 0.9, 1.0, 1.3, 1.5]), np.array([1, 0, 1, 0, 0], bool)
    contrastive = [0.09, 0.01, 1.0, 0, 0]
    np.testing.assert_allclose(
        pairs.contrastive_loss(d, same, margin=1.0), contrastive, atol=1e-12
    )
    np.testing.assert_allclose(
        pairs.triplet_loss(d[:2], d[2], margin=0.2), [0, 0.1], atol=1e-12
    )
    np.testing.assert_allclose(
        pairs.margin_loss(d, same, beta=1.2, margin=0.2),
        [0, 0.5, 0, 0.1, 0],
        atol=1e-12,
    )
    for loss in (pairs.contrastive_loss, pairs.margin_loss):
        with pytest.raises(TypeError, match="same must hold bool, got int64"):
            loss(d, [1, 0, 1, 0, 0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: pairs.pair_loss([1.0], [1.0, 2.0], [[1.0]]),
            ValueError,
            "center and positive must have the shape (..., dim), negatives (..., k, ",
        ),
        (
            lambda: pairs.pair_probability([[0, 3]], *tables(2, 3, 4)),
            ValueError,
            "x[0, 1] must be from 0 to 2, the number of outputs less 1, got 3",
        ),
        (
            lambda: pairs.pair_probability([[-1, 0]], *tables(2, 3, 4)),
            ValueError,
            "x[0, 0] must be from 0 to 1, the number of inputs less 1, got -1",
        ),
        (
            lambda: pairs.pair_probability([[0.0, 0.0]], *tables(2, 3, 4)),
            TypeError,
            "x must hold integers, got float64",
        ),
        (
            lambda: pairs.pair_probability([0, 1], *tables(2, 3, 4)),
            ValueError,
            "x must have the shape (n, 2), got (2,)",
        ),
        (
            lambda: pairs.pair_probability([[0, 0]], np.ones((2, 3)), np.ones((2, 4))),
            ValueError,
            "input and output must have the shapes (rows, dim) with one dim, got",
        ),
        (
            lambda: pairs.log_likelihood([[0, 0]], [1, 0], *tables(2, 3, 4)),
            ValueError,
            "y must have 1 labels, one for each pair, got 2",
        ),
        (
            lambda: pairs.log_likelihood([[0, 0]], [0.5], *tables(2, 3, 4)),
            ValueError,
            "y must hold 0 and 1, got 0.5 at 0",
        ),
        (
            lambda: pairs.pair_loss([1.0], [1.0], [[1.0]], score="euclid"),
            ValueError,
            "score must be 'dot' or 'cosine', got 'euclid'",
        ),
        (
            lambda: pairs.pair_loss([1.0], [1.0], [[1.0]], temperature=0),
            ValueError,
            "temperature must be a finite number > 0, got 0",
        ),
        (
            lambda: pairs.pair_loss([1.0], [1.0], [[1.0]], temperature="1"),
            TypeError,
            "temperature must be a number, got '1'",
        ),
        (
            lambda: pairs.pair_loss([1.0], [1.0], [[1.0]], temperature=math.inf),
            ValueError,
            "temperature must be a finite number > 0, got inf",
        ),
        (
            lambda: pairs.pair_loss([1.0, 0.0], [1.0, 0.0], [1.0, 0.0]),
            ValueError,
            "center and positive must have the shape (..., dim), negatives (..., k, ",
        ),
        (
            lambda: pairs.pair_gradients(["a"], [1.0], [[1.0]]),
            TypeError,
            "center must hold numbers, got <U1",
        ),
        (
            lambda: pairs.pair_loss([[1.0], [1.0, 2.0]], [1.0], [[1.0]]),
            ValueError,
            "center must be an array, got parts of different lengths",
        ),
        (lambda: pairs.log_sigmoid("a"), TypeError, "scores must hold numbers, got "),
        (
            lambda: pairs.pair_probability([[0, 0]], [["a"]], [[1.0]]),
            TypeError,
            "input must be an array of numbers, got an array of <U1",
        ),
        (
            lambda: pairs.contrastive_loss([1.0], [True], margin="1"),
            TypeError,
            "margin must be a number, got '1'",
        ),
        (
            lambda: pairs.triplet_loss([1.0], [2.0], margin=math.nan),
            ValueError,
            "margin must be a finite number >= 0, got nan",
        ),
        (
            lambda: pairs.margin_loss([1.0], [True], margin=-1),
            ValueError,
            "margin must be a finite number >= 0, got -1",
        ),
        (
            lambda: pairs.margin_loss([1.0, 2.0], [True, False], beta=[1, 2, 3]),
            ValueError,
            "shapes must fit together, got distances (2,), same (2,), beta (3,)",
        ),
        (
            lambda: pairs.triplet_loss([1.0], ["a"]),
            TypeError,
            "negative must hold numbers, got <U1",
        ),
        (
            lambda: pairs.hs_log_prob([0], [1.0], [[1.0]], tree=5),
            TypeError,
            "tree must be a HuffmanCodes, got 5",
        ),
        (
            lambda: pairs.hs_log_prob([0], ["a"], [[1.0]], pairs.HuffmanCodes([2, 1])),
            TypeError,
            "vectors must be an array of numbers, got an array of <U1",
        ),
        (
            lambda: pairs.partition([[1.0]], [[1.0]], n_samples=5),
            ValueError,
            "n_samples=5 needs a distribution, got None",
        ),
        (
            lambda: pairs.partition(
                [[1.0]], [[1.0], [1.0]], distribution=sampling.Weights([1, 0])
            ),
            ValueError,
            "distribution must draw each of the 2 words, got Weights(<2 weights>)",
        ),
        (
            lambda: pairs.dot_products("hs", n_words=2, counts=[0, 0]),
            ValueError,
            "counts must not be all zero",
        ),
        (lambda: pairs.HuffmanCodes([3]), ValueError, "counts must have at least 2"),
        (
            lambda: pairs.HuffmanCodes([1, 2]),
            ValueError,
            "counts must be >= 0 and descending, got 2 at 1",
        ),
        (
            lambda: pairs.HuffmanCodes([1, -2]),
            ValueError,
            "counts must be >= 0 and descending, got -2 at 1",
        ),
        (
            lambda: pairs.HuffmanCodes([2.0, 1.0]),
            TypeError,
            "counts must hold integers, got float64",
        ),
        (
            lambda: pairs.hs_log_prob([3], np.ones(4), np.ones((2, 4)),
                                      pairs.HuffmanCodes([3, 2, 1])),
            ValueError,
            "words[0] must be from 0 to 2, got 3",
        ),
        (
            lambda: pairs.hs_log_prob([0], np.ones(4), np.ones((3, 4)),
                                      pairs.HuffmanCodes([3, 2, 1])),
            ValueError,
            "vectors must have the shape (n, dim) or (dim,) and node_vectors (2, dim)",
        ),
        (
            lambda: pairs.partition(np.ones((1, 3)), np.ones((2, 4))),
            ValueError,
            "vectors and output must have the shapes (n, dim) and (n_words, dim), got",
        ),
        (
            lambda: pairs.partition(np.ones((1, 3)), np.ones((2, 3)), [0.0]),
            ValueError,
            "bias must have 2 values, got 1",
        ),
        (
            lambda: pairs.partition(
                np.ones((1, 3)), np.ones((2, 3)), distribution=sampling.Uniform(3)
            ),
            ValueError,
            "distribution must be a Distribution of 2 ids, got",
        ),
        (
            lambda: pairs.dot_products("bce", n_words=3),
            ValueError,
            "loss must be one of 'ns', 'hs', 'ns+hs', 'nce', 'sampled_softmax', 'sof",
        ),
    ],
)  # fmt: skip
def test_bad_argument_is_refused(
    call: Any, error: type[Exception], message: str
) -> None:
    """S4, S9, S10."""
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


# Trees and the partition function ----------------------------------------------------


def test_probabilities_of_the_tree_sum_to_one() -> None:
    """A44: without a normaliser, 10,000 words, random parameters."""
    tree = pairs.HuffmanCodes(zipf_counts(10_000, 100_000))
    rng = np.random.default_rng(3)
    nodes = rng.normal(size=(9_999, 8)).astype(np.float32)
    logs = pairs.hs_log_prob(np.arange(10_000), rng.normal(size=8), nodes, tree)
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-5)


def test_tree_probability_is_the_product_over_the_path() -> None:
    """A43: from the exported codes and nodes."""
    counts = zipf_counts(50, 1000)
    tree = pairs.HuffmanCodes(counts)
    paths = reference.huffman_paths(counts.tolist())
    rng = np.random.default_rng(4)
    x, nodes = rng.normal(size=(50, 6)), rng.normal(size=(49, 6))
    logs = pairs.hs_log_prob(np.arange(50), x, nodes, tree)
    for word, (path, codes) in enumerate(paths):
        assert tree.path(word)[0].tolist() == path
        assert tree.path(word)[1].tolist() == codes
        product = math.prod(
            float(special.expit((1 - 2 * code) * (x[word] @ nodes[node])))
            for node, code in zip(path, codes, strict=True)
        )
        assert math.exp(logs[word]) == pytest.approx(product, rel=1e-6)


def test_code_lengths_lie_within_one_bit_of_the_entropy() -> None:
    """A21, A39: the mean path is the cost; balanced trees of a million need 20."""
    counts = zipf_counts(100_000, 10**7)
    p = counts / counts.sum()
    entropy = -float(p @ np.log2(p))
    cost = pairs.dot_products("hs", n_words=len(counts), counts=counts)
    assert entropy <= cost < entropy + 1
    assert pairs.dot_products("hs", n_words=2**16) == pytest.approx(16)


def test_partition_equals_the_sum_over_all_words() -> None:
    """A35: the softmax of the scores and biases sums to 1."""
    rng = np.random.default_rng(5)
    x, y, b = rng.normal(size=(7, 4)), rng.normal(size=(30, 4)), rng.normal(size=30)
    z = pairs.partition(x, y, b)
    p = np.exp(x @ y.T + b) / z[:, None]
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    assert pairs.partition([[1e3]], [[1e3]]).tolist() == [math.inf]


def test_partition_by_samples_is_unbiased() -> None:
    """A35: importance sampling within 3 standard errors, with the exact law of q."""
    rng = np.random.default_rng(6)
    x, y, b = rng.normal(size=(1, 4)), rng.normal(size=(40, 4)), rng.normal(size=40)
    law = sampling.Weights(rng.random(40) + 0.1)
    estimates = pairs.partition(
        np.repeat(x, 4000, axis=0), y, b, distribution=law, n_samples=20, seed=1
    )
    error = estimates.std(ddof=1) / math.sqrt(len(estimates))
    assert abs(estimates.mean() - pairs.partition(x, y, b)[0]) < 3 * error


def test_cost_of_a_pair_is_that_of_the_note() -> None:
    """A21: 20 noise words against a million: 21, log2 = 19.93, 10**6."""
    n = 10**6
    assert pairs.dot_products("ns", n_words=n, negative=20) == 21
    assert pairs.dot_products("softmax", n_words=n) == n
    assert pairs.dot_products("hs", n_words=n) == pytest.approx(math.log2(n), abs=0.1)
    assert pairs.dot_products("ns+hs", n_words=2**10, negative=20) == 31


# Training on pairs -------------------------------------------------------------------


def test_scores_of_fitted_pairs_go_to_the_log_odds() -> None:
    """A17: w.v -> log(n1 / n0), error below 1e-2, in the tabular case."""
    rng = np.random.default_rng(7)
    n1, n0 = rng.integers(1, 9, (2, 5, 6))
    pair_list = [
        ((i, j), label)
        for i in range(5)
        for j in range(6)
        for label, counts in ((1, n1), (0, n0))
        for _ in range(counts[i, j])
    ]
    x = np.array([pair for pair, _ in pair_list])
    y = np.array([label for _, label in pair_list])
    model = pairs.fit_pairs(
        x, y, vector_size=8, alpha=0.03, min_alpha=0, epochs=10_000, seed=3
    )
    scores = model.input.astype(np.float64) @ model.output.T
    assert np.abs(scores - np.log(n1 / n0)).max() < 1e-2
    grid = np.stack(np.meshgrid(np.arange(5), np.arange(6), indexing="ij"), -1)
    p = model.probability(grid.reshape(-1, 2)).reshape(5, 6)
    np.testing.assert_allclose(p, n1 / (n1 + n0), atol=3e-3)


def test_weights_stand_for_repeated_pairs() -> None:
    x = [[0, 0], [0, 0], [1, 1], [1, 1]]
    model = pairs.fit_pairs(
        x,
        [1, 0, 1, 0],
        sample_weight=[0.75, 0.25, 0.1, 0.4],
        vector_size=4,
        alpha=0.3,
        min_alpha=0,
        epochs=8000,
    )
    scores = np.einsum("nd,nd->n", model.input, model.output)
    np.testing.assert_allclose(scores, np.log([3, 0.25]), atol=1e-2)


def test_fitting_equals_the_reference_step_by_step() -> None:
    """A54: one step is the rule (y - sigma(s)) lr, both rows with the old values."""
    x, y = [[1, 2]], [1]
    model = pairs.fit_pairs(
        x, y, vector_size=16, alpha=0.5, min_alpha=0.5, epochs=3, seed=4
    )
    w = reference.initial_input(4, 2, 16).astype(np.float64)
    v = np.zeros((3, 16))
    for _ in range(3):
        reference.tile(w, [1], v, [2], [1.0], 0.5)
    np.testing.assert_allclose(model.input, w, atol=1e-6)
    np.testing.assert_allclose(model.output, v, atol=1e-6)


def test_fitting_takes_every_pair_once_an_epoch_in_an_order_of_its_own() -> None:
    """The order by Fisher and Yates from the token stream; 1 dot product a pair."""
    rng = np.random.default_rng(8)
    x = np.stack([rng.integers(0, 7, 60), rng.integers(0, 9, 60)], axis=1)
    y = rng.integers(0, 2, 60)
    model = pairs.fit_pairs(
        x, y, vector_size=16, alpha=0.4, min_alpha=0.1, epochs=2, seed=5
    )
    w = reference.initial_input(5, int(x[:, 0].max()) + 1, 16).astype(np.float64)
    v = np.zeros((int(x[:, 1].max()) + 1, 16))
    for epoch in range(2):
        key = reference.stream_key(5, epoch, reference.TOKENS)
        order = list(range(60))
        for i in range(60, 1, -1):
            j = reference.draw(key, i) * i >> 64
            order[i - 1], order[j] = order[j], order[i - 1]
        for place, pair in enumerate(order):
            lr = 0.4 + (0.1 - 0.4) * (60 * epoch + place) / 120
            row, target = x[pair]
            reference.tile(w, [row], v, [target], [float(y[pair])], lr)
    np.testing.assert_allclose(model.input, w, atol=1e-5)
    np.testing.assert_allclose(model.output, v, atol=1e-5)
    assert model.dot_products == 120
    assert model.losses[0] == pytest.approx(math.log(2), rel=0.05)


def test_same_seed_gives_the_same_vectors() -> None:
    x, y = [[0, 1], [1, 0], [2, 1]] * 20, [1, 0, 1] * 20
    first, second, other = (pairs.fit_pairs(x, y, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.input, second.input)
    assert not np.array_equal(first.input, other.input)


def test_fitting_with_threads_learns_as_well() -> None:
    rng = np.random.default_rng(9)
    x = rng.integers(0, 40, (60_000, 2))
    y = (x.sum(axis=1) % 2).astype(int)
    model = pairs.fit_pairs(x, y, vector_size=16, alpha=0.1, workers=4, epochs=5)
    assert ((model.probability(x) > 0.5) == y).mean() > 0.95


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        ([], [], {}, ValueError, "x must have at least 1 pair, got 0"),
        ([[0, 1]], [2], {}, ValueError, "y must hold 0 and 1, got 2 at 0"),
        ([[0, 1]], [1, 0], {}, ValueError, "y must have 1 labels, one for each pair"),
        ([[0, -1]], [1], {}, ValueError, "x[0, 1] must be from 0 to 0"),
        ([[0, 5]], [1], {"n_outputs": 5}, ValueError, "x[0, 1] must be from 0 to 4"),
        ([[0, 1]], [1], {"n_inputs": 0}, ValueError, "n_inputs must be an int >= 1"),
        ([[0, 1]], [1], {"alpha": 0}, ValueError, "alpha must be a number > 0, got 0"),
        (
            [[0, 1]],
            [1],
            {"min_alpha": 1},
            ValueError,
            "min_alpha must be from 0 to alp",
        ),
        ([[0, 1]], [1], {"epochs": 1.0}, TypeError, "epochs must be an int from 1 to"),
        (
            [[0, 1]],
            [1],
            {"sample_weight": [1, 2]},
            ValueError,
            "sample_weight must have 1 values, got 2",
        ),
        (
            [[0, 1]],
            [1],
            {"sample_weight": [-1]},
            ValueError,
            "sample_weight 0 must be finite and >= 0, got -1",
        ),
        (
            [[0, 1]],
            [1],
            {"sample_weight": [1e39]},  # infinite in single precision
            ValueError,
            "sample_weight 0 must be finite and >= 0, got 1e+39",
        ),
        (
            [[0, 0], [0, 0]] * 50,
            [0, 1] * 50,
            {"alpha": 1e6, "epochs": 50},
            ValueError,
            "training diverged",
        ),
    ],
)
def test_bad_pairs_are_refused(
    x: Any, y: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """N1, N5, S4, S9, S12."""
    with pytest.raises(error) as caught:
        pairs.fit_pairs(x, y, **options)
    assert message in str(caught.value)


# Models ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Word2Vec:
    sentences = zipf_sentences(3000, 60, 20)
    return Word2Vec(
        vector_size=8, loss="ns+hs", min_count=1, sample=0, workers=1, progress=False
    ).fit(sentences)


def test_model_gives_the_probability_of_a_pair(model: Word2Vec) -> None:
    """A13, A53: the input table of one word, the output table of the other."""
    assert model.output_vectors_ is not None
    score = float(model.wv["w1"] @ model.output_vectors_[model.vocabulary_["w3"]])
    assert model.pair_probability("w1", "w3") == pytest.approx(special.expit(score))


def test_model_gives_probabilities_of_all_words_by_the_tree(model: Word2Vec) -> None:
    """A43, A44."""
    logs = model.hs_log_prob("w1")
    assert isinstance(logs, np.ndarray)
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-5)
    row = model.vocabulary_["w5"]
    assert model.hs_log_prob("w1", "w5") == pytest.approx(logs[row])
    assert len(model.huffman_codes()) == len(model.vocabulary_)


def test_model_gives_the_partition_function(model: Word2Vec) -> None:
    """A35."""
    exact = model.partition("w1")
    scores = model.output_vectors_ @ model.wv["w1"]  # type: ignore[operator]
    assert exact == pytest.approx(float(np.exp(scores.astype(float)).sum()), rel=1e-5)
    law = sampling.Unigram(model.wv.counts)
    drawn = model.partition("w1", distribution=law, n_samples=100_000)
    assert drawn == pytest.approx(exact, rel=0.05)


def test_missing_table_or_word_is_named(model: Word2Vec) -> None:
    with pytest.raises(KeyError, match="'zebra' is not in the vocabulary"):
        model.pair_probability("w1", "zebra")
    with pytest.raises(NotFittedError, match=r"has no 'output_vectors_' yet: call fit"):
        Word2Vec().pair_probability("a", "b")
    options: dict[str, Any] = {"min_count": 1, "workers": 1, "progress": False}
    text = [["a", "b", "c"]] * 20
    hs = Word2Vec(vector_size=4, loss="hs", sample=0, **options).fit(text)
    with pytest.raises(ValueError, match="output_vectors_ is None: loss='hs' does not"):
        hs.partition("a")
    ns = Word2Vec(vector_size=4, sample=0, **options).fit(text)
    with pytest.raises(ValueError, match="node_vectors_ is None: loss='ns' does not"):
        ns.hs_log_prob("a")


@pytest.mark.parametrize("n_words", [50, 2000])
@pytest.mark.parametrize("negative", [1, 5])
def test_work_of_a_pair_does_not_depend_on_the_vocabulary(
    n_words: int, negative: int
) -> None:
    """A2, A5, A28: one centre, one context: 1 input row, at most k + 1 output rows."""
    words = [f"w{i}" for i in range(n_words)]
    text = [[word] for word in words] + [["w0", "w1"]]
    options: dict[str, Any] = {
        "vector_size": 8,
        "min_count": 1,
        "sample": 0,
        "workers": 1,
        "epochs": 1,
        "negative": negative,
        "negative_sharing": "pair",
        "progress": False,
    }
    model = Word2Vec(**options).fit(text)
    start = reference.initial_input(1, n_words, 8)
    changed_inputs = np.flatnonzero((model.vectors_ != start).any(axis=1))
    changed_outputs = np.flatnonzero(model.output_vectors_.any(axis=1))  # type: ignore[union-attr]
    assert set(changed_inputs) <= {0, 1}
    assert 2 <= len(changed_outputs) <= 2 * (negative + 1)
    assert pairs.dot_products("ns", n_words=n_words, negative=negative) == negative + 1
