"""Which candidates of a batch are worth training on."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns.sampling._checks import (
    MAX_STEP,
    Bools,
    as_array,
    as_bools,
    as_int,
    as_number,
    as_row_ids,
)

__all__ = ["distance_weights", "mine", "warp"]

Floats = npt.NDArray[np.float64]
How = Literal["top", "semihard", "random_top", "distance_weighted", "ratio"]

STREAM = 3
"""Of `_core.stream_bits`: choices of mining."""
OPTIONS: dict[str, tuple[str, ...]] = {
    "top": (),
    "semihard": ("positive", "margin"),
    "random_top": ("pool", "seed", "step", "row_ids"),
    "distance_weighted": ("dim", "nearest", "farthest", "seed", "step", "row_ids"),
    "ratio": ("labels",),
}
ROUNDING = 0.01
"""By how much a cosine or a distance may be out of range, in half precision too."""
NEEDED = {"semihard": "positive", "distance_weighted": "dim", "ratio": "labels"}


def mine(
    scores: npt.ArrayLike,
    k: int,
    *,
    mask: npt.ArrayLike | None = None,
    how: How = "top",
    **options: Any,
) -> npt.NDArray[np.int64]:
    """Choose k candidates of each row.

    Candidates with a NaN as score are left out as masked ones are. What a row lacks is
    filled up with -1 at its end.

    Parameters
    ----------
    scores : array_like of shape (B, C)
        The higher, the harder: similarities, or losses for ``how="ratio"``.
    k : int
        Candidates of a row, >= 0.
    mask : array_like of bool of shape (B, C), optional
        True: left out, such as accidental hits.
    how : {"top", "semihard", "random_top", "distance_weighted", "ratio"}
        ``"top"``: the hardest.

        ``"semihard"`` (Schroff et al., 2015): the hardest of those that are easier
        than the positive, by less than `margin`. Options: `positive`, scores of shape
        (B,); `margin`, by default infinite.

        ``"random_top"``: k at random of the `pool` hardest, in random order. Options:
        `pool`, by default 10 k; `seed`, `step`, `row_ids`.

        ``"distance_weighted"`` (Wu et al., 2017): k draws, with replacement, weighted
        by `distance_weights`; scores are cosines, from -1 to 1. Options: `dim`, the
        dimension of the vectors; `nearest` and `farthest`, by default 0.5 and 1.4;
        `seed`, `step`, `row_ids`.

        ``"ratio"`` (Liu et al., 2016): the hardest negatives, k for each positive of
        the row or all there are. Options: `labels`, bool of shape (B, C), True for
        positives.
    **options
        Of the chosen way. A choice is a function of (seed, step, row), `row_ids` of
        shape (B,) being the numbers of the rows, by default 0 to B - 1.

    Returns
    -------
    ndarray of shape (B, k), dtype int64
        Columns, hardest first where nothing else is said; equally hard ones by lowest
        column. With ``how="ratio"`` it has as many columns as the longest row needs.

    Raises
    ------
    TypeError, ValueError
        Arrays of wrong type or shape, values out of range, options that `how` does
        not know or needs.

    Examples
    --------
    >>> from sgns import sampling
    >>> scores = [[0.9, 0.1, 0.5, 0.9], [0.2, 0.3, 0.1, 0.0]]
    >>> sampling.mine(scores, 2)
    array([[0, 3],
           [1, 0]])
    >>> sampling.mine(scores, 2, how="semihard", positive=[0.6, 0.15])
    array([[2, 1],
           [2, 3]])
    """
    values = np.asarray(as_array(scores, "scores", 2), np.float64)
    k = as_int(k, "k", 0, 2**31 - 1)
    left_out = np.isnan(values)
    if mask is not None:
        left_out |= as_bools(mask, "mask", values.shape)
    _check_options(how, options)
    if how == "semihard":
        left_out |= ~_is_semihard(values, **options)
    if how == "random_top":
        return _random_top(values, left_out, k, **options)
    if how == "distance_weighted":
        return _distance_weighted(values, left_out, k, **options)
    if how == "ratio":
        labels = as_bools(options["labels"], "labels", values.shape)
        return _ratio(values, left_out, k, labels)
    return _hardest(values, left_out, k)


def _check_options(how: str, options: dict[str, Any]) -> None:
    if how not in OPTIONS:
        names = ", ".join(map(repr, OPTIONS))
        raise ValueError(f"how must be one of {names}, got {how!r}")
    for name in options:
        if name not in OPTIONS[how]:
            raise TypeError(f"how={how!r} has no option {name!r}")
    needed = NEEDED.get(how)
    if needed is not None and needed not in options:
        raise TypeError(f"how={how!r} needs {needed}=")


def _as_floats(value: Any, name: str, n: int) -> Floats:
    array = np.asarray(as_array(value, name, 1), np.float64)
    if len(array) != n:
        raise ValueError(f"{name} must have {n} values, got {len(array)}")
    return array


def _as_number(value: Any, name: str, low: float) -> float:
    """Return a number >= low, infinity included."""
    number = as_number(value, name)
    if not number >= low:
        raise ValueError(f"{name} must be a number >= {low:g}, got {value}")
    return number


def _hardest(values: Floats, left_out: Bools, k: int) -> npt.NDArray[np.int64]:
    """Return the columns of the k largest values, -1 where there are fewer."""
    n_rows, n_columns = values.shape
    chosen = np.full((n_rows, k), -1)
    take = min(k, n_columns)
    if take == 0 or n_rows == 0:
        return chosen
    # Ascending order of the negatives puts the NaN of what is left out last.
    order = np.where(left_out, np.nan, -values)
    limit = np.partition(order, take - 1, axis=1)[:, take - 1 : take]
    below = np.where(np.isnan(limit), ~left_out, order < limit)
    ties = order == limit
    room = take - below.sum(axis=1, keepdims=True)
    below |= ties & (np.cumsum(ties, axis=1) <= room)
    rows, columns = np.nonzero(below)
    sizes = below.sum(axis=1)
    sorting = np.lexsort((columns, order[rows, columns], rows))
    places = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen[rows, places] = columns[sorting]
    return chosen


def _is_semihard(values: Floats, positive: Any, margin: Any = math.inf) -> Bools:
    limit = _as_floats(positive, "positive", len(values))[:, None]
    return (values < limit) & (values > limit - _as_number(margin, "margin", 0.0))


def _bits(
    n_rows: int, n: int, seed: int, step: int, row_ids: Any
) -> npt.NDArray[np.uint64]:
    """Return n times 64 random bits for each row."""
    seed = as_int(seed, "seed", 0, 2**64 - 1)
    step = as_int(step, "step", 0, MAX_STEP)
    rows = as_row_ids(row_ids, n_rows)
    counters = (rows[:, None] << 32) + np.arange(n)
    flat = _core.stream_bits(seed, step, STREAM, counters.ravel().astype(np.uint64))
    return flat.reshape(n_rows, n)


def _random_top(
    values: Floats,
    left_out: Bools,
    k: int,
    pool: int | None = None,
    seed: int = 0,
    step: int = 0,
    row_ids: Any = None,
) -> npt.NDArray[np.int64]:
    pool = 10 * k if pool is None else as_int(pool, "pool", k, 2**31 - 1)
    best = _hardest(values, left_out, min(pool, values.shape[1]))
    bits = _bits(best.shape[0], best.shape[1], seed, step, row_ids)
    # Different counters have different bits, so there are no ties.
    order = np.lexsort((bits, best < 0), axis=1)[:, :k]
    chosen = np.full((len(values), k), -1)
    chosen[:, : order.shape[1]] = np.take_along_axis(best, order, axis=1)
    return chosen


def distance_weights(
    distances: npt.ArrayLike, dim: int, *, nearest: float = 0.5, farthest: float = 1.4
) -> Floats:
    """Return the weights of distance-weighted sampling (Wu et al., 2017).

    Points that are uniform on the sphere of `dim` dimensions have distances with the
    density q(d) ∝ d^(dim - 2) (1 - d²/4)^((dim - 3) / 2). Weights ∝ min(λ, 1 / q(d))
    with λ = 1 / q(nearest) make the distances that are drawn uniform above `nearest`.
    The logarithms of the weights are formed, so that none underflows before the
    largest of a row is 1.

    Parameters
    ----------
    distances : array_like of shape (B, C)
        Euclidean distances of unit vectors, from 0 to 2 but for 0.01 of rounding; NaN
        counts as left out.
    dim : int
        Dimension of the vectors, >= 2.
    nearest : float
        Distance below which weights do not grow, above 0 and below 2.
    farthest : float
        Distance from which weights are 0: there a loss has no gradient.

    Returns
    -------
    ndarray of shape (B, C), dtype float64
        Each row has the sum 1, or is 0 when nothing is near enough.

    Raises
    ------
    TypeError, ValueError
        A value is out of range.

    Examples
    --------
    >>> from sgns import sampling
    >>> sampling.distance_weights([[0.5, 1.0, 1.5]], dim=4).round(3)
    array([[0.782, 0.218, 0.   ]])
    """
    d = np.asarray(as_array(distances, "distances", 2), np.float64)
    _check_range(d, "distances", 0.0, 2.0)
    dim = as_int(dim, "dim", 2, 2**31 - 1)
    nearest, farthest = (
        _as_number(value, name, 0.0)
        for value, name in ((nearest, "nearest"), (farthest, "farthest"))
    )
    if not 0 < nearest < 2:
        raise ValueError(f"nearest must be above 0 and below 2, got {nearest:g}")
    usable = d < min(farthest, 2.0)
    inside = np.where(usable, d, nearest)
    with np.errstate(divide="ignore"):
        log_weights = np.minimum(
            -_log_density(np.maximum(inside, 0.0), dim),
            -_log_density(np.float64(nearest), dim),
        )
    log_weights = np.where(usable, log_weights, -np.inf)
    highest = log_weights.max(axis=1, keepdims=True, initial=-np.inf)
    weights = np.exp(log_weights - np.where(np.isfinite(highest), highest, 0))
    total = weights.sum(axis=1, keepdims=True)
    result: Floats = weights / np.where(total > 0, total, 1)
    return result


def _check_range(values: Floats, name: str, low: float, high: float) -> None:
    """Raise for a number outside of a range and of what rounding adds to it."""
    wrong = np.argwhere((values < low - ROUNDING) | (values > high + ROUNDING))
    if len(wrong):
        at = tuple(wrong[0].tolist())
        raise ValueError(
            f"{name} must be from {low:g} to {high:g}, got {values[at]:g} at {at}"
        )


def _log_density(d: Any, dim: int) -> Any:
    near = (dim - 2) * np.log(d) if dim > 2 else np.zeros_like(d)
    return near + (dim - 3) / 2 * np.log1p(-d * d / 4)


def _distance_weighted(
    values: Floats,
    left_out: Bools,
    k: int,
    dim: int,
    nearest: float = 0.5,
    farthest: float = 1.4,
    seed: int = 0,
    step: int = 0,
    row_ids: Any = None,
) -> npt.NDArray[np.int64]:
    cosines = np.where(left_out, 0, values)
    _check_range(cosines, "scores", -1.0, 1.0)
    distances = np.sqrt(np.maximum(2 - 2 * cosines, 0))
    distances[left_out] = np.nan
    weights = distance_weights(distances, dim, nearest=nearest, farthest=farthest)
    sums = np.cumsum(weights, axis=1)
    units = (_bits(len(values), k, seed, step, row_ids) >> np.uint64(11)) * 2.0**-53
    chosen = np.full((len(values), k), -1)
    for row in range(len(values)):
        if sums.shape[1] and sums[row, -1] > 0:
            wanted = units[row] * sums[row, -1]
            chosen[row] = np.searchsorted(sums[row], wanted, side="right")
    return chosen


def _ratio(
    losses: Floats, left_out: Bools, ratio: int, labels: Bools
) -> npt.NDArray[np.int64]:
    positives = (labels & ~left_out).sum(axis=1)
    negatives = ~(labels | left_out)
    wanted = np.minimum(ratio * positives, negatives.sum(axis=1))
    chosen = _hardest(losses, ~negatives, int(wanted.max(initial=0)))
    chosen[np.arange(chosen.shape[1]) >= wanted[:, None]] = -1
    return chosen


def warp(
    positive: npt.ArrayLike,
    negatives: npt.ArrayLike,
    n: int,
    *,
    margin: float = 1.0,
    mask: npt.ArrayLike | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Find the first negative that violates the margin, and what it weighs.

    WARP (Weston et al., 2011): negatives are tried in the order in which they were
    drawn until one scores above the positive's score minus the margin. After t trials
    the rank of the positive is about floor((n - 1) / t), and the step is weighted by
    1 + 1/2 + ... + 1/rank.

    Parameters
    ----------
    positive : array_like of shape (B,)
        Scores of the positives.
    negatives : array_like of shape (B, C)
        Scores of the negatives, in the order in which they were drawn. NaN never
        violates.
    n : int
        Number of items, >= 1.
    margin : float
        Of the ranking loss, >= 0.
    mask : array_like of bool of shape (B, C), optional
        True: not tried, nor counted as a trial.

    Returns
    -------
    columns : ndarray of shape (B,), dtype int64
        The first violation; -1 without one.
    weights : ndarray of shape (B,), dtype float32
        0 without a violation.

    Raises
    ------
    TypeError, ValueError
        Arrays of wrong type or shape, values out of range.

    Examples
    --------
    >>> from sgns import sampling
    >>> sampling.warp([2.0, 9.0], [[0.5, 1.5], [0.0, 1.0]], n=9)
    (array([ 1, -1]), array([2.0833333, 0.       ], dtype=float32))
    """
    scores = np.asarray(as_array(negatives, "negatives", 2), np.float64)
    limit = _as_floats(positive, "positive", len(scores))[:, None]
    n = as_int(n, "n", 1, 2**31 - 2)
    tried = np.ones(scores.shape, np.bool_)
    if mask is not None:
        tried &= ~as_bools(mask, "mask", scores.shape)
    violates = tried & (scores > limit - _as_number(margin, "margin", 0.0))
    found = violates.any(axis=1)
    columns = np.where(found, violates.argmax(axis=1) if scores.shape[1] else 0, -1)
    trials = np.cumsum(tried, axis=1)
    rows = np.flatnonzero(found)
    ranks = (n - 1) // trials[rows, columns[rows]]
    sums = np.concatenate(
        [[0.0], np.cumsum(1 / np.arange(1, ranks.max(initial=0) + 1))]
    )
    weights = np.zeros(len(scores), np.float32)
    weights[rows] = sums[ranks]
    return columns, weights
