"""The losses as plain NumPy: scores in, losses and errors out, all in float64.

A loss is a function of the scores of one input row against its targets. Its error is
minus its derivative with respect to each score. Words as targets have offsets, which
are added to their scores: minus the log of a noise probability, and a bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LOGISTIC = ("ns", "hs", "ns+hs", "nce")


def sigmoid(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def log_sum_exp(z: np.ndarray) -> np.ndarray:
    """Of each row, as a column."""
    most = z.max(axis=1, keepdims=True)
    return most + np.log(np.exp(z - most).sum(axis=1, keepdims=True))


def losses(
    loss: str,
    scores: np.ndarray,
    labels: Sequence[float],
    offsets: Sequence[float] | float = 0.0,
    weights: Sequence[float] | float = 1.0,
) -> np.ndarray:
    """Part of the loss of each target: (n_inputs, n_targets).

    logistic: -log sigmoid(z) for label 1, -log sigmoid(-z) for label 0, times the
    weight; softmax: -log of the share of label 1 in the sum of e^z.
    """
    z = np.asarray(scores, np.float64) + np.asarray(offsets)
    y = np.asarray(labels, np.float64)
    if loss in LOGISTIC:
        return np.asarray(weights) * np.logaddexp(0, (1 - 2 * y) * z)
    return y * (log_sum_exp(z) - z)


def errors(
    loss: str,
    scores: np.ndarray,
    labels: Sequence[float],
    offsets: Sequence[float] | float = 0.0,
    weights: Sequence[float] | float = 1.0,
) -> np.ndarray:
    """Minus the derivative of the loss of a row with respect to each score."""
    z = np.asarray(scores, np.float64) + np.asarray(offsets)
    y = np.asarray(labels, np.float64)
    if loss in LOGISTIC:
        return np.asarray(weights) * (y - sigmoid(z))
    return y - np.exp(z - log_sum_exp(z))


def noise_corrections(
    loss: str, q: np.ndarray, negative: int, exclude: str
) -> np.ndarray:
    """What is added to the score of each word, q being the law of one noise word.

    With exclude="target" the noise words of a centre c are drawn from q / (1 - q_c), so
    that their probability depends on which of the candidates is the centre: the words
    S are noise of c with probability prod(q_S) / (1 - q_c)**negative.
    """
    if loss == "nce":
        return -np.log(negative * q)
    if loss == "sampled_softmax":
        again = negative * np.log1p(-q) if exclude == "target" else 0.0
        return -np.log(q) - again
    return np.zeros(len(q))


def start_biases(counts: Sequence[int]) -> np.ndarray:
    return np.log(np.asarray(counts, np.float64) / sum(counts))
