"""Negative ids for the rows of a batch."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns.sampling._checks import MAX_STEP, as_bool, as_ids, as_int, as_integers
from sgns.sampling._distributions import MAX_SEED, Distribution, as_workers, id_dtype
from sgns.sampling._exclusion import Exclude

__all__ = ["NegativeSampler"]

MAX_K = 2**32
Policy = Literal["resample", "skip", "mask", "allow"]
POLICIES = ("resample", "skip", "mask", "allow")


class NegativeSampler:
    """Draw k ids for each row, without what the row excludes.

    A draw is a pure function of (seed; row, draw, attempt, step), so neither threads
    nor the cut into batches nor the number of workers changes it; the object has no
    state, is picklable and may be used by several threads at once.

    Parameters
    ----------
    distribution
        The law before exclusion.
    k
        Draws for each row, >= 0.
    exclude
        Ids that each row excludes; None for none but those given to `sample`.
    policy
        What becomes of an excluded draw. "resample": drawn again, so the ids follow the
        conditional law; after 8 excluded draws the next one is made exactly from what
        is left, so that there is neither an endless loop nor an excluded id. "skip":
        the id -1, as word2vec.c does. "mask": it stays, and a boolean array tells so.
        "allow": it stays.
    seed
        From 0 to 2**64 - 1.
    on_empty
        What a row that excludes everything gets under "resample": a ValueError before
        anything is drawn ("raise"), or ids of -1 with log_q = 0 ("pad"). The other
        policies leave no row without a draw, so "pad" does not go with them.
    dtype
        Of the ids, int32 or int64.
    workers
        Most threads of a call; None for all processors.

    Raises
    ------
    TypeError, ValueError
        A parameter is not as said; an id of `exclude` is outside the distribution.

    Examples
    --------
    >>> from sgns.sampling import Exclude, NegativeSampler, Uniform
    >>> seen = Exclude.pairs(rows=[0, 0], ids=[1, 2])
    >>> neg = NegativeSampler(Uniform(4), k=2, exclude=seen, seed=1)
    >>> neg.sample(rows=[0], positives=[3])  # only 0 is left
    array([[0, 0]], dtype=int32)
    """

    def __init__(
        self,
        distribution: Distribution,
        k: int,
        *,
        exclude: Exclude | None = None,
        policy: Policy = "resample",
        seed: int = 0,
        on_empty: Literal["raise", "pad"] = "raise",
        dtype: npt.DTypeLike = np.int32,
        workers: int | None = None,
    ) -> None:
        if not isinstance(distribution, Distribution):
            raise TypeError(
                f"distribution must be a Distribution, got {distribution!r}"
            )
        if exclude is not None and not isinstance(exclude, Exclude):
            raise TypeError(f"exclude must be an Exclude or None, got {exclude!r}")
        if policy not in POLICIES:
            names = ", ".join(map(repr, POLICIES))
            raise ValueError(f"policy must be one of {names}, got {policy!r}")
        if on_empty not in ("raise", "pad"):
            raise ValueError(f"on_empty must be 'raise' or 'pad', got {on_empty!r}")
        if on_empty == "pad" and policy != "resample":
            raise ValueError(f"on_empty='pad' needs policy='resample', got {policy!r}")
        self._distribution = distribution
        self._k = as_int(k, "k", 0, MAX_K)
        self._exclude = exclude
        self._policy = policy
        self._seed = as_int(seed, "seed", 0, MAX_SEED)
        self._on_empty = on_empty
        self._dtype = id_dtype(dtype)
        self._workers = workers
        self._sampler = _core.Sampler(
            distribution._law,
            exclude._exclusion if exclude is not None and policy != "allow" else None,
            self._k,
            policy,
            on_empty == "pad",
            self._seed,
            as_workers(workers),
            self._dtype == np.int64,
        )

    @property
    def distribution(self) -> Distribution:
        """The law before exclusion."""
        return self._distribution

    @property
    def k(self) -> int:
        """Draws for each row."""
        return self._k

    @property
    def exclude(self) -> Exclude | None:
        """Ids that each row excludes."""
        return self._exclude

    def sample(
        self,
        rows: npt.ArrayLike | None = None,
        positives: npt.ArrayLike | None = None,
        step: int = 0,
        row_ids: npt.ArrayLike | None = None,
        out: npt.NDArray[Any] | None = None,
        return_log_q: bool = False,
    ) -> Any:
        """Draw the negatives of a batch.

        Parameters
        ----------
        rows
            Integers of shape (B,): rows of `exclude`, such as user ids. Needed with
            `exclude`; without, only their number counts.
        positives
            Integers of shape (B,) or (B, m): ids that each row excludes in this call.
        step
            From 0 to 2**32 - 1: another one for every batch and epoch, or the same ids
            come again.
        row_ids
            Integers of shape (B,), from 0 to 2**48 - 1: the numbers of the rows in the
            random stream; None for 0..B-1. A worker that passes those of its part gets
            what a call for everything would have drawn for them.
        out
            Array of shape (B, k), int32 or int64 and C-contiguous, to draw into.
        return_log_q
            Whether to return log probabilities too.

        Returns
        -------
        ids : ndarray
            Of shape (B, k).
        log_q : ndarray
            With `return_log_q`. float32 of shape (B, k): natural log of the probability
            with which the draw had this value under the law that was really drawn from,
            the excluded mass of the row taken into account.
        mask : ndarray
            With the policy "mask". bool of shape (B, k): whether the id is excluded.

        Raises
        ------
        TypeError, ValueError
            An argument is not as said, an id is out of range, or nothing is left for a
            row; nothing has been written then.
        """
        wanted = as_bool(return_log_q, "return_log_q")
        return self._sampler.sample(rows, positives, step, row_ids, out, wanted)

    def positive_log_q(
        self, positives: npt.ArrayLike, rows: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.float32]:
        """Return log q of the positives on the scale of the negatives' `log_q`.

        Under the policy "resample" that is log q(i) - log(1 - excluded mass of the
        row), as for the negatives, although the positive itself is excluded: sampled
        softmax needs the same normaliser on both sides.

        Parameters
        ----------
        positives
            Integers of shape (B,) or (B, m), as given to `sample`.
        rows
            Integers of shape (B,), as given to `sample`.

        Returns
        -------
        ndarray
            float32, of the shape of `positives`; with ``on_empty="pad"`` 0 for a row
            that excludes everything.

        Raises
        ------
        TypeError, ValueError
            As of `sample`.
        """
        ids = as_ids(positives, "positives", self._distribution.n)
        if ids.ndim not in (1, 2):
            raise ValueError(
                f"positives must have the shape (n,) or (n, m), got {ids.shape}"
            )
        log_q = self._distribution._law.log_shares(ids)
        if self._policy != "resample":
            n_rows = len(ids) if rows is None else len(as_integers(rows, "rows", 1))
            if n_rows != len(ids):
                raise ValueError(f"positives must have {n_rows} rows, got {len(ids)}")
            return log_q
        log_rest = self._sampler.log_rest(rows, positives)
        empty = np.isneginf(log_rest)
        if empty.any() and self._on_empty == "raise":
            raise ValueError(
                f"row {int(empty.argmax())}: all {self._distribution.support} items "
                "are excluded"
            )
        log_q[empty] = log_rest[empty] = 0
        return (log_q.T - log_rest).T.astype(np.float32)

    def sample_shared(
        self, n: int, replace: bool = True, step: int = 0
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.float32]]:
        """Draw one set of ids for a whole batch, from the law before exclusion.

        Parameters
        ----------
        n
            Number of ids, >= 0.
        replace
            True: independent draws. False: distinct ids, by the time at which each
            first arrives when ids arrive at random with their probabilities as rates.
        step
            From 0 to 2**32 - 1.

        Returns
        -------
        ids : ndarray
            Of shape (n,).
        log_q : ndarray
            float32 of shape (n,). With replacement: log probability of each draw.
            Without: log of 1 - exp(-p tau), tau the arrival of the first id beyond the
            n: sums over the ids weighted by exp(-log_q) estimate sums over all ids
            without bias (rank conditioning; Cohen and Kaplan, 2007).

        Raises
        ------
        TypeError, ValueError
            A parameter is out of range; fewer than n ids have a probability > 0.

        Examples
        --------
        >>> from sgns.sampling import NegativeSampler, Unigram
        >>> neg = NegativeSampler(Unigram([9, 4, 1]), k=1)
        >>> ids, log_q = neg.sample_shared(3, replace=False)
        >>> sorted(ids.tolist()), log_q.tolist()  # all of them, with probability 1
        ([0, 1, 2], [0.0, 0.0, 0.0])
        """
        ids, _, log_q = self._shared(n, replace, step)
        return ids, log_q

    def shared_log_q(
        self, ids: npt.ArrayLike, n: int, replace: bool = True, step: int = 0
    ) -> npt.NDArray[np.float32]:
        """Return log q of any ids on the scale of a shared set, for its positives.

        Parameters
        ----------
        ids
            Integers of any shape, from 0 to distribution.n - 1.
        n, replace, step
            As given to `sample_shared`.

        Returns
        -------
        ndarray
            float32, of the shape of `ids`.

        Raises
        ------
        TypeError, ValueError
            Ids out of range; otherwise as of `sample_shared`.
        """
        given = as_ids(ids, "ids", self._distribution.n)
        n, step = as_int(n, "n", 0, MAX_K), as_int(step, "step", 0, MAX_STEP)
        law = self._distribution._law
        if as_bool(replace, "replace"):
            return law.log_shares(given)
        _, tau, _ = self._shared(n, replace, step)
        return law.log_inclusion(tau, given)

    def _shared(
        self, n: int, replace: bool, step: int
    ) -> tuple[npt.NDArray[Any], float, npt.NDArray[np.float32]]:
        n = as_int(n, "n", 0, MAX_K)
        step = as_int(step, "step", 0, MAX_STEP)
        law = self._distribution._law
        if as_bool(replace, "replace"):
            ids = np.empty(n, self._dtype)
            law.fill(ids, self._seed, step, True, as_workers(self._workers))
            return ids, np.inf, law.log_shares(ids.astype(np.int64))
        drawn, tau = law.distinct(n, self._seed, step)
        log_q = law.log_inclusion(tau, drawn.astype(np.int64))
        return drawn.astype(self._dtype, copy=False), tau, log_q

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (
            self._distribution,
            self._k,
            {
                "exclude": self._exclude,
                "policy": self._policy,
                "seed": self._seed,
                "on_empty": self._on_empty,
                "dtype": self._dtype.str,
                "workers": self._workers,
            },
        )

    def __repr__(self) -> str:
        return (
            f"NegativeSampler({self._distribution!r}, k={self._k}, "
            f"exclude={self._exclude!r}, policy={self._policy!r}, seed={self._seed})"
        )


def _restored(
    distribution: Distribution, k: int, options: dict[str, Any]
) -> NegativeSampler:
    return NegativeSampler(distribution, k, **options)
