"""Losses and probabilities of labelled pairs."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from sgns.sampling._checks import as_array, as_floats, as_integers, as_positive

__all__ = [
    "log_likelihood",
    "log_sigmoid",
    "pair_gradients",
    "pair_loss",
    "pair_probability",
]

Floats = npt.NDArray[np.float64]
Score = Literal["dot", "cosine"]


def log_sigmoid(scores: npt.ArrayLike) -> Floats:
    """Return log σ(s) = -log(1 + e⁻ˢ), finite for every finite score.

    Parameters
    ----------
    scores : array_like
        Any shape.

    Returns
    -------
    ndarray of float64
        Of the shape of `scores`.

    Raises
    ------
    TypeError
        `scores` are no numbers.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.log_sigmoid([-800.0, 0.0, 800.0]).round(4)
    array([-8.000e+02, -6.931e-01, -0.000e+00])
    """
    with np.errstate(invalid="ignore"):  # of a NaN, which stays one
        result: Floats = -np.logaddexp(0.0, -as_floats(scores, "scores"))
    return result


def pair_loss(
    center: npt.ArrayLike,
    positive: npt.ArrayLike,
    negatives: npt.ArrayLike,
    *,
    score: Score = "dot",
    temperature: float = 1.0,
) -> Floats:
    """Return -log σ(s of the positive) - Σ log σ(-s of a negative).

    Parameters
    ----------
    center, positive : array_like of shape (..., dim)
        Vectors.
    negatives : array_like of shape (..., k, dim)
        k vectors for each, 0 or more.
    score : {"dot", "cosine"}
        s is the dot product with the centre, or the cosine, over `temperature`. The
        trainer has the dot product alone: a cosine needs the norms of all rows of a
        tile at each step.
    temperature : float
        Above 0, finite.

    Returns
    -------
    ndarray of shape (...), dtype float64
        In nats.

    Raises
    ------
    TypeError, ValueError
        Something is no number, shapes that do not fit, a temperature that is not
        above 0.

    Examples
    --------
    >>> from sgns import pairs
    >>> round(float(pairs.pair_loss([1.0, 0.0], [2.0, 0.0], [[0.0, 5.0]])), 4)
    0.8201
    """
    c, p, n = _triple(center, positive, negatives, score, temperature)
    if score == "cosine":
        c, p, n = (part / _norms(part) for part in (c, p, n))
    scores = np.einsum("...d,...kd->...k", c, n) / temperature
    loss = -log_sigmoid(np.einsum("...d,...d->...", c, p) / temperature)
    result: Floats = loss - log_sigmoid(-scores).sum(axis=-1)
    return result


def pair_gradients(
    center: npt.ArrayLike,
    positive: npt.ArrayLike,
    negatives: npt.ArrayLike,
    *,
    score: Score = "dot",
    temperature: float = 1.0,
) -> tuple[Floats, Floats, Floats]:
    """Return the derivatives of `pair_loss` with respect to its vectors.

    Parameters
    ----------
    center, positive, negatives, score, temperature
        As of `pair_loss`.

    Returns
    -------
    tuple of ndarray of float64
        Of the shapes of `center`, `positive` and `negatives`. With cosines, that of a
        vector is orthogonal to it, and 0 for a vector of zeros.

    Raises
    ------
    TypeError, ValueError
        As of `pair_loss`.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.pair_gradients([1.0], [0.0], [[0.0]])
    (array([0.]), array([-0.5]), array([[0.5]]))
    """
    c, p, n = _triple(center, positive, negatives, score, temperature)
    targets = np.concatenate([p[..., None, :], n], axis=-2)
    labels = np.zeros(targets.shape[-2])
    labels[0] = 1
    x, y = c, targets
    if score == "cosine":
        x, y = c / _norms(c), targets / _norms(targets)
    scores = np.einsum("...d,...kd->...k", x, y)
    errors = (np.exp(log_sigmoid(scores / temperature)) - labels) / temperature
    to_center = np.einsum("...k,...kd->...d", errors, y)
    to_targets = errors[..., None] * x[..., None, :]
    if score == "cosine":
        along = np.einsum("...d,...d->...", to_center, x)[..., None]
        to_center = (to_center - along * x) / _norms(c)
        along = np.einsum("...kd,...kd->...k", to_targets, y)[..., None]
        to_targets = (to_targets - along * y) / _norms(targets)
    return to_center, to_targets[..., 0, :], to_targets[..., 1:, :]


def _triple(
    center: npt.ArrayLike,
    positive: npt.ArrayLike,
    negatives: npt.ArrayLike,
    score: str,
    temperature: float,
) -> tuple[Floats, Floats, Floats]:
    c, p, n = (
        as_floats(part, name)
        for part, name in (
            (center, "center"),
            (positive, "positive"),
            (negatives, "negatives"),
        )
    )
    fits = n.ndim == c.ndim + 1 and n.shape[:-2] + n.shape[-1:] == c.shape
    if c.ndim < 1 or c.shape != p.shape or not fits:
        raise ValueError(
            "center and positive must have the shape (..., dim), negatives (..., k, "
            f"dim), got {c.shape}, {p.shape}, {n.shape}"
        )
    if score not in ("dot", "cosine"):
        raise ValueError(f"score must be 'dot' or 'cosine', got {score!r}")
    as_positive(temperature, "temperature")
    return c, p, n


def _norms(vectors: Floats) -> Floats:
    """Return the lengths of the last axis, kept; 1 for vectors of zeros."""
    norms: Floats = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(norms > 0, norms, 1.0)


def pair_probability(
    x: npt.ArrayLike, input: npt.ArrayLike, output: npt.ArrayLike
) -> Floats:
    """Return the probability that each pair is real, σ(input row · output row).

    Parameters
    ----------
    x : array_like of int of shape (n, 2)
        Row of `input` and row of `output` of each pair.
    input, output : array_like of shape (rows, dim)
        The tables.

    Returns
    -------
    ndarray of shape (n,), dtype float64

    Raises
    ------
    TypeError, ValueError
        Rows that the tables do not have, or shapes that do not fit.
    """
    result: Floats = np.exp(log_sigmoid(_scores(x, input, output)))
    return result


def log_likelihood(
    x: npt.ArrayLike, y: npt.ArrayLike, input: npt.ArrayLike, output: npt.ArrayLike
) -> float:
    """Return the log likelihood of a labelled table: Σ log σ(s) + Σ log σ(-s).

    Parameters
    ----------
    x : array_like of int of shape (n, 2)
        Row of `input` and row of `output` of each pair.
    y : array_like of shape (n,)
        Labels, 1 and 0.
    input, output : array_like of shape (rows, dim)
        The tables.

    Returns
    -------
    float
        In nats; minus the loss of negative sampling on this table.

    Raises
    ------
    TypeError, ValueError
        Rows that the tables do not have, other labels, or shapes that do not fit.
    """
    scores = _scores(x, input, output)
    labels = as_labels(y, len(scores))
    return float(log_sigmoid(np.where(labels == 1, scores, -scores)).sum())


def _scores(x: npt.ArrayLike, input: npt.ArrayLike, output: npt.ArrayLike) -> Floats:
    w, v = as_array(input, "input", None), as_array(output, "output", None)
    if w.ndim != 2 or v.ndim != 2 or w.shape[1] != v.shape[1]:
        raise ValueError(
            "input and output must have the shapes (rows, dim) with one dim, got "
            f"{w.shape} and {v.shape}"
        )
    rows = as_pairs(x)
    check_rows(rows, len(w), len(v))
    scores: Floats = np.einsum(
        "nd,nd->n", w[rows[:, 0]], v[rows[:, 1]], dtype=np.float64
    )
    return scores


def as_pairs(x: npt.ArrayLike) -> npt.NDArray[np.int64]:
    array = as_integers(x, "x", None)
    if array.size == 0:
        return np.empty((0, 2), np.int64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"x must have the shape (n, 2), got {array.shape}")
    return array


def check_rows(rows: npt.NDArray[np.int64], n_inputs: int, n_outputs: int) -> None:
    for column, n, name in ((0, n_inputs, "inputs"), (1, n_outputs, "outputs")):
        values = rows[:, column]
        wrong = np.flatnonzero((values < 0) | (values >= n))
        if len(wrong):
            raise ValueError(
                f"x[{wrong[0]}, {column}] must be from 0 to {n - 1}, the number of "
                f"{name} less 1, got {values[wrong[0]]}"
            )


def as_labels(y: npt.ArrayLike, n: int) -> npt.NDArray[np.int8]:
    labels = as_array(y, "y", 1)
    if len(labels) != n:
        raise ValueError(
            f"y must have {n} labels, one for each pair, got {len(labels)}"
        )
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if len(wrong):
        raise ValueError(f"y must hold 0 and 1, got {labels[wrong[0]]} at {wrong[0]}")
    return labels.astype(np.int8)
