"""Classes of unequal size, words that are too frequent, items of unknown frequency."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns.sampling._checks import (
    MAX_STEP,
    as_array,
    as_floats,
    as_ids,
    as_int,
    as_integers,
    as_number,
)

__all__ = ["FrequencyEstimator", "keep_probabilities", "recalibrate", "undersample"]

COIN = 2**32
"""Thresholds of the trainer are in units of one over this."""

STREAM = 4
"""Of `_core.stream_bits`: which rows stay."""


def undersample(
    y: npt.ArrayLike, ratio: float, *, seed: int = 0
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Keep all positives and `ratio` negatives for each of them.

    Parameters
    ----------
    y : array_like of shape (n,)
        Labels, 1 (or True) and 0.
    ratio : float
        Negatives for each positive: floor(ratio * positives) of them, chosen
        uniformly without replacement.
    seed : int
        Of the choice.

    Returns
    -------
    indices : ndarray, dtype int64
        The rows that are kept, ascending.
    weights : ndarray, dtype float32
        1 for positives; for negatives how many of them each stands for. A model that
        is trained with the weights is calibrated for all rows; the outputs of one
        trained without them are mapped by `recalibrate`, with
        ``rate = 1 / weights of the negatives``.

    Raises
    ------
    TypeError, ValueError
        Labels other than 0 and 1, a ratio that is not above 0, or more negatives than
        there are.

    Examples
    --------
    >>> from sgns import sampling
    >>> y = [1, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    >>> indices, weights = sampling.undersample(y, ratio=2, seed=3)
    >>> len(indices), float(weights.max())
    (6, 2.0)
    """
    labels = as_array(y, "y", 1)
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if len(wrong):
        raise ValueError(f"y must hold 0 and 1, got {labels[wrong[0]]} at {wrong[0]}")
    if not 0 < as_number(ratio, "ratio") < math.inf:
        raise ValueError(f"ratio must be a number > 0, got {ratio}")
    seed = as_int(seed, "seed", 0, 2**64 - 1)
    positives, negatives = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    wanted = math.floor(float(ratio) * len(positives))
    if wanted > len(negatives):
        raise ValueError(
            f"ratio={ratio:g} needs {wanted} negatives for {len(positives)} positives, "
            f"y has {len(negatives)}"
        )
    # Different counters have different bits: the smallest are a uniform choice.
    bits = _core.stream_bits(seed, 0, STREAM, negatives.astype(np.uint64))
    order = np.argpartition(bits, wanted - 1) if wanted else np.empty(0, np.intp)
    kept = negatives[order[:wanted]]
    indices = np.sort(np.concatenate([positives, kept])).astype(np.int64)
    share = len(negatives) / wanted if wanted else 1.0
    return indices, np.where(labels[indices] == 1, 1, share).astype(np.float32)


def recalibrate(p: npt.ArrayLike, rate: float) -> npt.NDArray[np.float64]:
    """Undo what keeping a share of the negatives did to predicted probabilities.

    Keeping the share `rate` of the negatives multiplies the odds by 1 / rate, which
    moves the intercept of a logistic model by -log(rate); so q = p / (p + (1 - p) /
    rate) (He et al., 2014).

    Parameters
    ----------
    p : array_like
        Probabilities of a model that was trained on the kept rows, any shape.
    rate : float
        Share of the negatives that was kept, above 0 and at most 1.

    Returns
    -------
    ndarray of float64
        Probabilities for all rows, of the shape of `p`.

    Raises
    ------
    TypeError, ValueError
        Values out of range.

    Examples
    --------
    >>> from sgns import sampling
    >>> sampling.recalibrate([0.5, 1.0], rate=0.25)
    array([0.2, 1. ])
    """
    values = as_floats(p, "p")
    wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if len(wrong):
        got = values.reshape(-1)[wrong[0]]
        raise ValueError(f"p must hold probabilities from 0 to 1, got {got:g}")
    share = as_number(rate, "rate")
    if not 0 < share <= 1:
        raise ValueError(f"rate must be above 0 and at most 1, got {rate}")
    kept = share * values
    return np.asarray(kept / (kept + (1 - values)))


def keep_probabilities(
    counts: npt.ArrayLike, sample: float = 1e-3
) -> npt.NDArray[np.float64]:
    """Return how likely the subsampling of frequent words keeps an occurrence.

    min(1, (sqrt(q) + 1) / q) with q = count / (sample * sum of the counts), as in the
    program word2vec; rounded to a multiple of 2**-32, as `Word2Vec` and `skipgrams`
    draw. Unlike `make_sampling_table` of Keras it takes real counts, not ranks.

    Parameters
    ----------
    counts : array_like of int, shape (n,)
        Occurrences of each word, >= 0, not all zero. A word that never occurs is kept.
    sample : float
        Threshold from 0 to 1, as of `Word2Vec`; 0 keeps all.

    Returns
    -------
    ndarray of float64, shape (n,)
        Probabilities above 0 and at most 1.

    Raises
    ------
    TypeError, ValueError
        `counts` or `sample` is not as said.

    Examples
    --------
    >>> from sgns import sampling
    >>> sampling.keep_probabilities([9000, 900, 100], sample=0.01).round(3).tolist()
    [0.117, 0.444, 1.0]
    """
    given = as_integers(counts, "counts", 1)
    wrong = np.flatnonzero(given < 0)
    if wrong.size:
        raise ValueError(f"counts[{wrong[0]}] must be >= 0, got {given[wrong[0]]}")
    total = given.sum(dtype=np.float64)
    if not 0 < total < 2.0**63:
        raise ValueError(f"counts must sum to 1 to 2**63 - 1, got {total:g}")
    threshold = as_number(sample, "sample")
    if not 0 <= threshold <= 1:
        raise ValueError(f"sample must be from 0 to 1, got {sample}")
    return (_core.keep_thresholds(given, threshold) + 1.0) / COIN


class FrequencyEstimator:
    """How often each item comes, from the batches of a stream (Yi et al., 2019).

    For each item the steps from one batch that holds it to the next are averaged with
    a decaying weight; the probability to be in a batch is 1 over that average. The log
    probability is what in-batch softmax is to be corrected by.

    **Thread safety**: none; one thread at a time.

    Parameters
    ----------
    n : int
        Ids are 0 to n - 1.
    alpha : float
        Weight of the newest gap, above 0 and at most 1.
    start : float
        Steps between two batches with an item, before it was seen; >= 1.

    Raises
    ------
    TypeError, ValueError
        A value is out of range.

    Examples
    --------
    >>> from sgns import sampling
    >>> frequency = sampling.FrequencyEstimator(3, alpha=0.5, start=8)
    >>> for step in range(1, 9):
    ...     frequency.update([0, 1] if step % 2 else [0], step)
    >>> frequency.prob([0, 1, 2]).round(3)
    array([0.973, 0.432, 0.125])
    """

    def __init__(self, n: int, alpha: float = 0.01, start: float = 100.0) -> None:
        n = as_int(n, "n", 1, 2**31 - 2)
        self._alpha = as_number(alpha, "alpha")
        if not 0 < self._alpha <= 1:
            raise ValueError(f"alpha must be above 0 and at most 1, got {alpha!r}")
        gap = as_number(start, "start")
        if not 1 <= gap < math.inf:
            raise ValueError(f"start must be a number >= 1, got {start!r}")
        self._gaps = np.full(n, gap)
        self._last = np.zeros(n, np.int64)
        self._step = 0

    @property
    def n(self) -> int:
        """Number of ids."""
        return len(self._gaps)

    def update(self, ids: npt.ArrayLike, step: int) -> None:
        """Take in the batch of one step.

        Parameters
        ----------
        ids : array_like of int
            The items of the batch, any shape; repeats count once.
        step : int
            Number of the batch, from 1, larger than the one before.

        Raises
        ------
        TypeError, ValueError
            Ids out of range, or a step that is not larger; nothing has changed.
        """
        seen = np.unique(as_ids(as_integers(ids, "ids", None), "ids", self.n))
        step = as_int(step, "step", self._step + 1, MAX_STEP)
        gaps = self._gaps[seen]
        self._gaps[seen] = gaps + self._alpha * ((step - self._last[seen]) - gaps)
        self._last[seen] = step
        self._step = step

    def prob(self, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the estimated probabilities that a batch has the items.

        Parameters
        ----------
        ids : array_like of int
            Items, any shape.

        Returns
        -------
        ndarray of float64
            At most 1, of the shape of `ids`.

        Raises
        ------
        TypeError, ValueError
            `ids` are no ints, or outside 0..n-1.
        """
        result: npt.NDArray[Any] = 1 / self._gaps[as_ids(ids, "ids", self.n)]
        return result

    def log_prob(self, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the natural logarithms of `prob`.

        Parameters
        ----------
        ids : array_like of int
            Items, any shape.

        Returns
        -------
        ndarray of float64
            At most 0, of the shape of `ids`.

        Raises
        ------
        TypeError, ValueError
            As of `prob`.
        """
        result: npt.NDArray[np.float64] = np.log(self.prob(ids))
        return result
