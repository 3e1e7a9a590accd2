"""Distributions over ids 0..n-1."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._params import default_workers
from sgns.sampling._checks import (
    MAX_IDS,
    MAX_STEP,
    as_array,
    as_ids,
    as_int,
    as_integers,
    as_number,
    as_weights,
    writable_ids,
)

__all__ = ["Distribution", "LogUniform", "Mixture", "Uniform", "Unigram", "Weights"]

MAX_SEED = 2**64 - 1
MAX_DRAWS = 2**33


def id_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """Return int32 or int64; everything else is a ValueError."""
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        raise ValueError(f"dtype must be int32 or int64, got {dtype!r}") from None
    if wanted not in (np.dtype(np.int32), np.dtype(np.int64)):
        raise ValueError(f"dtype must be int32 or int64, got {wanted}")
    return wanted


def as_workers(workers: int | None) -> int:
    """Return the number of threads that `workers` means."""
    return default_workers() if workers is None else as_int(workers, "workers", 1, 1024)


def _as_shape(shape: Any) -> tuple[int, ...]:
    """Return the shape of an array of ids, given as a number or as several."""
    given = shape if isinstance(shape, (Sequence, np.ndarray)) else (shape,)
    sizes = tuple(as_int(size, "shape", 0, MAX_DRAWS) for size in given)
    total = math.prod(sizes)
    if total > MAX_DRAWS:
        raise ValueError(f"shape must hold at most 2**33 ids, got {total}")
    return sizes


class Distribution(ABC):
    """A law over the ids 0..n-1: immutable, picklable, shared by threads.

    Made by `Uniform`, `Unigram`, `LogUniform`, `Weights` or `Mixture`.
    """

    _law: _core.Law

    @property
    def n(self) -> int:
        """Number of ids."""
        return self._law.n

    @property
    def support(self) -> int:
        """Number of ids with a probability > 0: the others are never drawn."""
        return self._law.support

    @abstractmethod
    def _parameters(self) -> tuple[Any, ...]:
        """Return what the constructor needs to make an equal object."""

    def prob(self, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the probabilities of ids.

        Parameters
        ----------
        ids
            Integers of any shape, each from 0 to n - 1.

        Returns
        -------
        ndarray
            float64, of the shape of `ids`.

        Raises
        ------
        TypeError, ValueError
            `ids` are no integers, or outside 0..n-1.

        Examples
        --------
        >>> from sgns.sampling import Unigram
        >>> Unigram([16, 1, 0], alpha=0.5).prob([0, 1, 2])
        array([0.8, 0.2, 0. ])
        """
        return self._law.probabilities(as_ids(ids, "ids", self.n))

    def log_prob(self, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the natural logarithms of `prob`, minus infinity for 0.

        Parameters
        ----------
        ids
            Integers of any shape, each from 0 to n - 1.

        Returns
        -------
        ndarray
            float64, of the shape of `ids`.

        Raises
        ------
        TypeError, ValueError
            As of `prob`.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.prob(ids))

    def sample(
        self,
        shape: int | Sequence[int] | None = None,
        seed: int = 0,
        step: int = 0,
        out: npt.NDArray[Any] | None = None,
        *,
        dtype: npt.DTypeLike | None = None,
        workers: int | None = None,
    ) -> npt.NDArray[Any]:
        """Draw independent ids.

        Parameters
        ----------
        shape
            Shape of the result; not needed with `out`.
        seed
            From 0 to 2**64 - 1.
        step
            From 0 to 2**32 - 1: another one, other ids.
        out
            Array of int32 or int64 to draw into, C-contiguous.
        dtype
            int32 or int64; None for that of `out`, or int32.
        workers
            Most threads; None for all processors. The ids do not depend on it.

        Returns
        -------
        ndarray
            The ids, place i (in C order) a function of (seed, step, i).

        Raises
        ------
        TypeError, ValueError
            A parameter is out of range; nothing has been written then.

        Examples
        --------
        >>> from sgns.sampling import Uniform
        >>> Uniform(10).sample((2, 3), seed=1).shape
        (2, 3)
        """
        seed = as_int(seed, "seed", 0, MAX_SEED)
        step = as_int(step, "step", 0, MAX_STEP)
        sizes = None if shape is None else _as_shape(shape)
        n_threads = as_workers(workers)
        wanted = None if dtype is None else id_dtype(dtype)
        if out is not None:
            ids = writable_ids(out, sizes)
            if wanted is not None and ids.dtype != wanted:
                raise ValueError(f"out must be of dtype={wanted}, got {ids.dtype}")
        elif sizes is not None:
            ids = np.empty(sizes, wanted or np.int32)
        else:
            raise ValueError("sample needs shape or out")
        self._law.fill(ids, seed, step, False, n_threads)
        return ids

    def __len__(self) -> int:
        return self.n

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._parameters()


class Uniform(Distribution):
    """Every id with the same probability; takes no memory.

    Parameters
    ----------
    n
        Number of ids, from 1 to 2**31 - 2.

    Raises
    ------
    TypeError, ValueError
        `n` is no int, or out of range.

    Examples
    --------
    >>> Uniform(4).prob([0, 3])
    array([0.25, 0.25])
    """

    def __init__(self, n: int) -> None:
        self._law = _core.Law.uniform(as_int(n, "n", 1, MAX_IDS))

    def _parameters(self) -> tuple[Any, ...]:
        return (self.n,)

    def __repr__(self) -> str:
        return f"Uniform({self.n})"


class LogUniform(Distribution):
    """Zipf's law for ids sorted by falling frequency.

    P(i) = log((i + 2) / (i + 1)) / log(n + 1), the candidate sampler of TensorFlow.

    Parameters
    ----------
    n
        Number of ids, from 1 to 2**31 - 2.

    Raises
    ------
    TypeError, ValueError
        `n` is no int, or out of range.

    Examples
    --------
    >>> LogUniform(3).prob([0, 1, 2]).round(3)
    array([0.5  , 0.292, 0.208])
    """

    def __init__(self, n: int) -> None:
        self._law = _core.Law.log_uniform(as_int(n, "n", 1, MAX_IDS))

    def _parameters(self) -> tuple[Any, ...]:
        return (self.n,)

    def __repr__(self) -> str:
        return f"LogUniform({self.n})"


class Unigram(Distribution):
    """Ids in proportion to count**alpha (Mikolov et al., 2013).

    Parameters
    ----------
    counts
        Integers >= 0 of shape (n,), not all zero. What was never counted is never
        drawn, whatever `alpha`.
    alpha
        1 draws as often as counted, 0 all counted ids alike, 0.75 is word2vec's. A
        negative one prefers rare ids.

    Raises
    ------
    TypeError, ValueError
        `counts` or `alpha` is not as said, or a power leaves the range of a double.
    """

    def __init__(self, counts: npt.ArrayLike, alpha: float = 0.75) -> None:
        given = as_array(counts, "counts", 1)
        if given.dtype.kind == "f" and given.size:
            raise TypeError(
                f"counts must hold integers, got {given.dtype}; "
                "Weights(counts**alpha) takes floats"
            )
        self._counts = as_integers(given, "counts", 1).copy()
        self._counts.flags.writeable = False
        self._alpha = as_number(alpha, "alpha")
        if not math.isfinite(self._alpha):
            raise ValueError(f"alpha must be finite, got {alpha}")
        self._law = _core.Law.unigram(self._counts, self._alpha)

    def _parameters(self) -> tuple[Any, ...]:
        return self._counts, self._alpha

    def __repr__(self) -> str:
        return f"Unigram(<{self.n} counts>, alpha={self._alpha})"


class Weights(Distribution):
    """Ids in proportion to any weights.

    Parameters
    ----------
    weights
        Numbers of shape (n,), finite and >= 0, not all zero. A weight of 0 is never
        drawn. A weight > 0 of less than 2**-33 of the mean is drawn as if it had that
        much.

    Raises
    ------
    TypeError, ValueError
        `weights` are not as said; the message names the first wrong one.

    Examples
    --------
    >>> Weights([1.0, 3.0, 0.0]).prob([0, 1, 2])
    array([0.25, 0.75, 0.  ])
    """

    def __init__(self, weights: npt.ArrayLike) -> None:
        self._weights = as_weights(weights, "weights")
        self._law = _core.Law.from_weights(self._weights)

    def _parameters(self) -> tuple[Any, ...]:
        return (self._weights,)

    def __repr__(self) -> str:
        return f"Weights(<{self.n} weights>)"


class Mixture(Distribution):
    """The law of drawing first a part by its share, then an id from that part.

    Parameters
    ----------
    parts
        Pairs (share, distribution), shares finite and > 0; they need not sum to 1. The
        parts may differ in n: ids from a part's n on have the probability 0 in it.

    Raises
    ------
    TypeError, ValueError
        `parts` are not as said.

    Examples
    --------
    >>> mixture = Mixture([(0.5, Uniform(4)), (0.5, Weights([1, 0, 0, 1]))])
    >>> mixture.prob([0, 1, 2, 3])
    array([0.375, 0.125, 0.125, 0.375])
    """

    def __init__(self, parts: Sequence[tuple[float, Distribution]]) -> None:
        if not isinstance(parts, Iterable):
            raise TypeError(f"parts must be pairs (share, distribution), got {parts!r}")
        given = tuple(parts)
        if not given:
            raise ValueError("a mixture needs at least one part, got none")
        for i, pair in enumerate(given):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise TypeError(
                    f"part {i} must be a pair (share, distribution), got {pair!r}"
                )
        self._parts = tuple((share, part) for share, part in given)
        for i, (share, part) in enumerate(self._parts):
            if not isinstance(part, Distribution):
                raise TypeError(f"part {i} must be a Distribution, got {part!r}")
            if not 0 < as_number(share, f"share {i}") < math.inf:
                raise ValueError(f"share {i} must be finite and > 0, got {share}")
        n = max(part.n for _, part in self._parts)
        total = math.fsum(float(share) for share, _ in self._parts)
        weights = np.zeros(n)
        for share, part in self._parts:
            weights[: part.n] += float(share) / total * part.prob(np.arange(part.n))
        self._law = _core.Law.from_weights(weights)

    def _parameters(self) -> tuple[Any, ...]:
        return (self._parts,)

    def __repr__(self) -> str:
        inside = ", ".join(f"({share}, {part!r})" for share, part in self._parts)
        return f"Mixture([{inside}])"
