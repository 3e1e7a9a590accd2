"""Training on labelled pairs of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._params import Parameter, default_workers, plain_values
from sgns.pairs._losses import (
    Floats,
    as_labels,
    as_pairs,
    check_rows,
    log_likelihood,
    pair_probability,
)
from sgns.sampling._checks import as_array, as_int

__all__ = ["PairVectors", "fit_pairs"]

Table = npt.NDArray[np.float32]

PARAMETERS = (
    Parameter("vector_size", "int", 100, "", low=1, high=100_000),
    Parameter("alpha", "float", 0.05, "", low=0, above_low=True),
    Parameter("min_alpha", "float", 1e-4, "", low=0),
    Parameter("epochs", "int", 5, "", low=1, high=100_000),
    Parameter("seed", "int", 1, "", low=0, high=2**64 - 1),
    Parameter("workers", "int", 1, "", low=1, high=1_024, none="all processors"),
)


class PairVectors:
    """The tables that `fit_pairs` made.

    Parameters
    ----------
    input, output : ndarray of shape (rows, dim), dtype float32
        The tables.
    losses : list of float
        Mean loss of each epoch, in nats.
    dot_products : int
        Scores that training computed.

    Attributes
    ----------
    input, output : ndarray of shape (rows, dim), dtype float32
        Vectors of the first and of the second members of the pairs.
    losses : list of float
        Mean loss of each epoch, in nats, of a fixed sample of the pairs.
    dot_products : int
        Scores that training computed: one for each pair and epoch.
    """

    def __init__(
        self, input: Table, output: Table, losses: list[float], dot_products: int
    ) -> None:
        self.input = input
        self.output = output
        self.losses = losses
        self.dot_products = dot_products

    def probability(self, x: npt.ArrayLike) -> Floats:
        """Return the probability that each pair is real.

        Parameters
        ----------
        x : array_like of int of shape (n, 2)
            Pairs.

        Returns
        -------
        ndarray of shape (n,), dtype float64

        Raises
        ------
        TypeError, ValueError
            No ints, or rows that the tables do not have.
        """
        return pair_probability(x, self.input, self.output)

    def log_likelihood(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """Return the log likelihood of a labelled table.

        Parameters
        ----------
        x : array_like of int of shape (n, 2)
            Pairs.
        y : array_like of shape (n,)
            Labels, 1 and 0.

        Returns
        -------
        float
            In nats.

        Raises
        ------
        TypeError, ValueError
            As of `sgns.pairs.log_likelihood`.
        """
        return log_likelihood(x, y, self.input, self.output)


def fit_pairs(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    n_inputs: int | None = None,
    n_outputs: int | None = None,
    vector_size: int = 100,
    alpha: float = 0.05,
    min_alpha: float = 1e-4,
    epochs: int = 5,
    seed: int = 1,
    workers: int | None = 1,
) -> PairVectors:
    """Factorise a table of labelled pairs by logistic regression of its labels.

    With vectors long enough the score of a pair that is n₁ times 1 and n₀ times 0 goes
    to log(n₁ / n₀). A pair is one step of the trainer's tile, in an order that is
    drawn anew in each epoch.

    Parameters
    ----------
    x : array_like of int of shape (n, 2)
        First and second member of each pair, each with ids of its own from 0.
    y : array_like of shape (n,)
        Labels, 1 and 0.
    sample_weight : array_like of shape (n,), optional
        Weight of each pair, >= 0: it multiplies the learning rate.
    n_inputs, n_outputs : int, optional
        Rows of the tables; by default the highest id plus 1.
    vector_size : int
        Columns of the tables.
    alpha, min_alpha : float
        Learning rate at the start and at the end; it falls linearly.
    epochs : int
        Passes over the table.
    seed : int
        Of the first vectors and of the order.
    workers : int or None
        Threads; with more than one, rows are shared without locks and results differ
        in the last digits. None uses all processors.

    Returns
    -------
    PairVectors

    Raises
    ------
    TypeError, ValueError
        Something is not as said, or training diverged.

    Examples
    --------
    >>> from sgns import pairs
    >>> x = [[0, 0], [0, 1], [1, 0], [1, 1]] * 4
    >>> y = [1, 0, 0, 1] * 4
    >>> model = pairs.fit_pairs(x, y, vector_size=4, alpha=0.5, epochs=200)
    >>> (model.probability([[0, 0], [0, 1]]) > 0.5).tolist()
    [True, False]
    """
    values = _checked(locals())
    rows = as_pairs(x)
    labels = as_labels(y, len(rows))
    if not len(rows):
        raise ValueError("x must have at least 1 pair, got 0")
    if len(rows) >= 2**32:
        raise ValueError(f"x must have fewer than 2**32 pairs, got {len(rows)}")
    sizes = [
        max(int(rows[:, column].max()), 0) + 1
        if n is None
        else as_int(n, name, 1, 2**31 - 2)
        for column, (n, name) in enumerate(
            ((n_inputs, "n_inputs"), (n_outputs, "n_outputs"))
        )
    ]
    check_rows(rows, *sizes)
    if max(sizes) > 2**31 - 2:
        raise ValueError(f"x must hold ids below 2**31 - 2, got {max(sizes) - 1}")
    trainer = _core.PairTrainer(
        inputs=rows[:, 0].astype(np.int32),
        outputs=rows[:, 1].astype(np.int32),
        labels=labels,
        weights=_as_sample_weight(sample_weight, len(rows)),
        n_inputs=sizes[0],
        n_outputs=sizes[1],
        **values,
    )
    reports = [trainer.run_epoch(epoch) for epoch in range(values["epochs"])]
    tables = trainer.tables()
    if not all(np.isfinite(table).all() for table in tables):
        raise ValueError(f"training diverged: alpha={alpha} is too large")
    losses = [loss for loss, _ in reports]
    return PairVectors(*tables, losses, sum(count for _, count in reports))


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    values = plain_values(PARAMETERS, arguments)
    if values["min_alpha"] > values["alpha"]:
        raise ValueError(
            f"min_alpha must be from 0 to alpha={values['alpha']}, got "
            f"{values['min_alpha']}"
        )
    values["workers"] = values["workers"] or default_workers()
    return values


def _as_sample_weight(value: npt.ArrayLike | None, n: int) -> Table:
    if value is None:
        return np.empty(0, np.float32)
    weights = as_array(value, "sample_weight", 1)
    if len(weights) != n:
        raise ValueError(f"sample_weight must have {n} values, got {len(weights)}")
    most = np.finfo(np.float32).max
    wrong = np.flatnonzero(~((weights >= 0) & (weights <= most)))
    if len(wrong):
        raise ValueError(
            f"sample_weight {wrong[0]} must be finite and >= 0, got {weights[wrong[0]]}"
        )
    return weights.astype(np.float32)
