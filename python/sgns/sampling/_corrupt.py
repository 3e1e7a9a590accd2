"""Pairs with one side replaced."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns.sampling._checks import MAX_STEP, as_int, as_integers, as_row_ids
from sgns.sampling._distributions import Distribution, Unigram
from sgns.sampling._exclusion import Exclude
from sgns.sampling._sampler import NegativeSampler

__all__ = ["corrupt"]

STREAM = 5
"""Of `_core.stream_bits`: which side is replaced."""
SIDES = ("first", "second", "both")
EXCLUDE = ("none", "target", "pairs")


def corrupt(
    pairs: npt.ArrayLike,
    k: int,
    side: Literal["first", "second", "both"] = "second",
    *,
    distribution: Distribution | None = None,
    exclude: Literal["none", "target", "pairs"] = "target",
    known: npt.ArrayLike | None = None,
    seed: int = 0,
    step: int = 0,
    row_ids: npt.ArrayLike | None = None,
    workers: int | None = None,
) -> npt.NDArray[np.int32]:
    """Replace one side of each pair by drawn ids: "new york" becomes "new potato".

    Parameters
    ----------
    pairs : array_like of int of shape (n, 2)
        The true pairs.
    k : int
        Corrupted pairs for each true one, >= 0.
    side : {"second", "first", "both"}
        What is replaced; "both": either, by a fair coin for each corrupted pair.
    distribution : Distribution, optional
        Of the new ids. By default those of the same side of `pairs` and `known`, by
        their number to the power 0.75; with `row_ids` it must be given, as the law of
        a part would not be that of the whole.
    exclude : {"target", "none", "pairs"}
        What is never drawn: the id that is replaced; nothing; or any id that would
        make a pair of `known` or of `pairs`.
    known : array_like of int of shape (m, 2), optional
        Further true pairs, for ``exclude="pairs"``.
    seed, step : int
        Of every random choice; another step, other ids.
    row_ids : array_like of int of shape (n,), optional
        Numbers of the pairs in the random stream, each below 2**32; by default 0 to
        n - 1.
    workers : int, optional
        Threads; by default all processors.

    Returns
    -------
    ndarray of shape (n * k, 2), dtype int32
        k for each pair, pair after pair; the other side is as it was.

    Raises
    ------
    TypeError, ValueError
        Something is not as said, or nothing is left to draw for a pair.

    Examples
    --------
    >>> from sgns import sampling
    >>> pairs = [[0, 1], [2, 3]]
    >>> made = sampling.corrupt(pairs, 3, distribution=sampling.Uniform(5), seed=1)
    >>> made[:, 0].tolist()
    [0, 0, 0, 2, 2, 2]
    """
    _check_choices(side, exclude, known)
    _check_law(distribution, row_ids)
    true = _as_pairs(pairs, "pairs")
    k = as_int(k, "k", 0, 2**31 - 1)
    seed, step = as_int(seed, "seed", 0, 2**64 - 1), as_int(step, "step", 0, MAX_STEP)
    numbers = as_row_ids(row_ids, len(true))
    all_pairs = true
    if known is not None:
        all_pairs = np.concatenate([true, _as_pairs(known, "known")])
    if not len(true):
        return np.empty((0, 2), np.int32)

    def drawn(column: int) -> npt.NDArray[np.int32]:
        replaced, there = true[:, column], all_pairs[:, column]
        law = Unigram(np.bincount(there)) if distribution is None else distribution
        seen = None
        if exclude == "target":
            _check_below(replaced, column, law.n)
        elif exclude == "pairs":
            seen = Exclude.pairs(all_pairs[:, 1 - column], there)
        ids: npt.NDArray[np.int32] = NegativeSampler(
            law, k, exclude=seen, seed=seed, workers=workers
        ).sample(
            rows=true[:, 1 - column],
            positives=replaced if exclude == "target" else None,
            step=step,
            row_ids=numbers,
        )
        return ids

    made = np.repeat(true, k, axis=0).astype(np.int32).reshape(len(true), k, 2)
    if side == "both":
        is_second = _coins(numbers, k, seed, step)
        made[..., 0] = np.where(is_second, made[..., 0], drawn(0))
        made[..., 1] = np.where(is_second, drawn(1), made[..., 1])
    else:
        column = SIDES.index(side)
        made[..., column] = drawn(column)
    return made.reshape(-1, 2)


def _check_choices(side: str, exclude: str, known: Any) -> None:
    if side not in SIDES:
        raise ValueError(f"side must be one of {_names(SIDES)}, got {side!r}")
    if exclude not in EXCLUDE:
        raise ValueError(f"exclude must be one of {_names(EXCLUDE)}, got {exclude!r}")
    if known is not None and exclude != "pairs":
        raise ValueError(f"known goes with exclude='pairs', got exclude={exclude!r}")


def _check_law(distribution: Any, row_ids: Any) -> None:
    if distribution is None and row_ids is not None:
        raise ValueError("distribution must be given with row_ids, got None")
    if distribution is not None and not isinstance(distribution, Distribution):
        raise TypeError(f"distribution must be a Distribution, got {distribution!r}")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


def _as_pairs(value: Any, name: str) -> npt.NDArray[np.int64]:
    array = as_integers(value, name, None)
    if array.size == 0:
        return np.empty((0, 2), np.int64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"{name} must have the shape (n, 2), got {array.shape}")
    if array.min() < 0 or array.max() > 2**31 - 3:
        wrong = np.flatnonzero(((array < 0) | (array > 2**31 - 3)).any(axis=1))[0]
        raise ValueError(
            f"{name} must hold ids from 0 to 2147483645, got {array[wrong].tolist()} "
            f"in row {wrong}"
        )
    return array


def _check_below(ids: npt.NDArray[np.int64], column: int, n: int) -> None:
    wrong = np.flatnonzero(ids >= n)
    if len(wrong):
        raise ValueError(
            f"pairs[{wrong[0]}, {column}] must be below {n}, the size of distribution, "
            f"got {ids[wrong[0]]}"
        )


def _coins(
    rows: npt.NDArray[np.int64], k: int, seed: int, step: int
) -> npt.NDArray[np.bool_]:
    counters = (rows[:, None] << 32) + np.arange(k)
    bits = _core.stream_bits(seed, step, STREAM, counters.ravel().astype(np.uint64))
    return (bits >> np.uint64(63)).astype(np.bool_).reshape(len(rows), k)
