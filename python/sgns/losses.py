"""Losses of rows against rows as array functions, with their gradients.

For models that make their own vectors: encoders, two towers, batches whose other rows
are the negatives. The trainer has its own, fused ones.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["loss_and_gradients"]

Array = npt.NDArray[np.float64]
LOSSES = ("logistic", "softmax")
SCORES = ("dot", "cosine")


def loss_and_gradients(
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    loss: str = "logistic",
    offsets: npt.ArrayLike = 0.0,
    score: str = "dot",
    temperature: float = 1.0,
) -> tuple[Array, Array, Array]:
    """Return the loss of each input against all targets, and the gradients.

    Parameters
    ----------
    inputs : array of shape (n_inputs, dim)
        Rows x.
    targets : array of shape (n_targets, dim)
        Rows y that every input is scored against.
    labels : array of shape (n_targets,) or (n_inputs, n_targets)
        1 for a true target, 0 for noise; for the softmax each row sums to 1.
    loss
        ``"logistic"``: -log sigmoid(z) for label 1, -log sigmoid(-z) for label 0,
        summed; ``"softmax"``: the cross-entropy of the labels and softmax(z).
    offsets : array that broadcasts to (n_inputs, n_targets)
        Added to the scores, z = s + offset: -log(k q) makes the logistic loss
        noise-contrastive estimation, -log q the softmax a sampled one.
    score
        ``"dot"``: s = x.y / temperature; ``"cosine"``: s = cos(x, y) / temperature.
    temperature
        Number > 0.

    Returns
    -------
    losses : ndarray of shape (n_inputs,), dtype float64
        In nats.
    input_gradients : ndarray of shape (n_inputs, dim), dtype float64
        Derivatives of the sum of the losses by the inputs.
    target_gradients : ndarray of shape (n_targets, dim), dtype float64
        And by the targets.

    Raises
    ------
    ValueError
        Shapes do not fit, an option is unknown, or a row of length zero has no cosine.

    Notes
    -----
    With u = x / |x|, v = y / |y| the cosine c = u.v has the derivative (v - c u) / |x|
    by x. Sources of the losses: Mikolov et al. (2013), Gutmann and Hyvärinen (2010),
    Bengio and Senécal (2008).

    Examples
    --------
    In a batch of pairs, the targets of the others are the noise:

    >>> import numpy as np
    >>> from sgns.losses import loss_and_gradients
    >>> rng = np.random.default_rng(0)
    >>> users, items = rng.normal(size=(2, 4, 8))
    >>> losses, by_users, by_items = loss_and_gradients(
    ...     users, items, np.eye(4), loss="softmax", score="cosine", temperature=0.1
    ... )
    >>> losses.shape, by_users.shape, by_items.shape
    ((4,), (4, 8), (4, 8))
    """
    x, y = _rows("inputs", inputs), _rows("targets", targets)
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"targets must have {x.shape[1]} columns like inputs, got {y.shape[1]}"
        )
    _check_options(loss, score, temperature)
    shape = (len(x), len(y))
    lengths = np.ones((len(x), 1)), np.ones((len(y), 1))
    if score == "cosine":
        lengths = _lengths("inputs", x), _lengths("targets", y)
    u, v = x / lengths[0], y / lengths[1]
    cosines = u @ v.T
    z = cosines / temperature + _broadcast("offsets", offsets, shape)
    losses, by_score = _loss(loss, z, _broadcast("labels", labels, shape))
    by_score /= temperature
    by_x, by_y = by_score @ v, by_score.T @ u
    if score == "cosine":
        along = by_score * cosines
        by_x = (by_x - along.sum(axis=1)[:, None] * u) / lengths[0]
        by_y = (by_y - along.sum(axis=0)[:, None] * v) / lengths[1]
    return losses, by_x, by_y


def _loss(loss: str, z: Array, labels: Array) -> tuple[Array, Array]:
    """Return the loss of each row of scores and the derivatives by the scores."""
    most = z.max(axis=1, keepdims=True)
    if loss == "logistic":
        terms = np.logaddexp(0, z) - labels * z
        return terms.sum(axis=1), np.exp(-np.logaddexp(0, -z)) - labels
    log_sum = most + np.log(np.exp(z - most).sum(axis=1, keepdims=True))
    return (labels * (log_sum - z)).sum(axis=1), np.exp(z - log_sum) - labels


def _rows(name: str, values: npt.ArrayLike) -> Array:
    rows = np.asarray(values, np.float64)
    if rows.ndim != 2 or rows.size == 0:
        raise ValueError(f"{name} must have the shape (rows, dim), got {rows.shape}")
    return rows


def _lengths(name: str, rows: Array) -> Array:
    lengths: Array = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        row = int(np.argmin(lengths))
        raise ValueError(f"row {row} of {name} is zero: it has no cosine")
    return lengths


def _broadcast(name: str, values: npt.ArrayLike, shape: tuple[int, int]) -> Array:
    array = np.asarray(values, np.float64)
    try:
        fitted: Array = np.broadcast_to(array, shape)
        return fitted
    except ValueError:
        message = f"{name} must fit the shape {shape}, got {array.shape}"
        raise ValueError(message) from None


def _check_options(loss: Any, score: Any, temperature: Any) -> None:
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {LOSSES}, got {loss!r}")
    if score not in SCORES:
        raise ValueError(f"score must be one of {SCORES}, got {score!r}")
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError(f"temperature must be a number > 0, got {temperature!r}")
