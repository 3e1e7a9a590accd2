"""sgns.losses: the array functions against the oracle, differences, and bad input."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import reference_losses
from sgns.losses import loss_and_gradients

ORACLE = {"logistic": "nce", "softmax": "softmax"}
OPTIONS = list(itertools.product(ORACLE, ("dot", "cosine"), (1.0, 0.2)))


def batch() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(3, 6)), rng.normal(size=(4, 6))
    return x, y, np.eye(4)[[1, 0, 3]], rng.normal(size=4)


@pytest.mark.parametrize(("loss", "score", "temperature"), OPTIONS)
def test_losses_equal_the_reference_and_gradients_the_differences(
    loss: str, score: str, temperature: float
) -> None:
    """A6: gradients to 1e-4 by central differences of the summed loss."""
    x, y, labels, offsets = batch()
    options: dict[str, Any] = {
        "loss": loss,
        "offsets": offsets,
        "score": score,
        "temperature": temperature,
    }
    losses, *gradients = loss_and_gradients(x, y, labels, **options)
    u, v = x, y
    if score == "cosine":
        u, v = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (x, y))
    for i in range(3):
        part = reference_losses.losses(
            ORACLE[loss], (u[[i]] @ v.T) / temperature, labels[i], offsets
        )
        assert losses[i] == pytest.approx(part.sum(), rel=1e-12)
    for table, gradient in zip((x, y), gradients, strict=True):
        for at in np.ndindex(table.shape):
            old, around = table[at], []
            for sign in (1, -1):
                table[at] = old + sign * 1e-6
                around.append(loss_and_gradients(x, y, labels, **options)[0].sum())
            table[at] = old
            numerical = (around[0] - around[1]) / 2e-6
            assert gradient[at] == pytest.approx(numerical, rel=1e-4, abs=1e-7)


def test_cosine_of_unit_rows_is_their_dot_product() -> None:
    """A6."""
    x, y, labels, _ = batch()
    x, y = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (x, y))
    dot, cosine = (loss_and_gradients(x, y, labels, score=s)[0] for s in SCORES)
    np.testing.assert_allclose(dot, cosine, atol=1e-12)


SCORES = ("dot", "cosine")
X = np.ones((2, 3))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((X[0], X, 1), {}, "inputs must have the shape (rows, dim), got (3,)"),
        ((X, X[:, :2], 1), {}, "targets must have 3 columns like inputs, got 2"),
        ((X, X, [1, 0, 0]), {}, "labels must fit the shape (2, 2), got (3,)"),
        (
            (X, X, 1),
            {"offsets": [1] * 5},
            "offsets must fit the shape (2, 2), got (5,)",
        ),
        (
            (X, X, 1),
            {"loss": "ns"},
            "loss must be one of ('logistic', 'softmax'), got 'ns'",
        ),
        (
            (X, X, 1),
            {"score": "l2"},
            "score must be one of ('dot', 'cosine'), got 'l2'",
        ),
        ((X, X, 1), {"temperature": 0}, "temperature must be a number > 0, got 0"),
        (
            (X, X * [[1], [0]], 1),
            {"score": "cosine"},
            "row 1 of targets is zero: it has no cosine",
        ),
    ],
)
def test_bad_input_raises(
    arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        loss_and_gradients(*arguments, **options)
    assert str(caught.value) == message
