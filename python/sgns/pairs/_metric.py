"""Losses of distances, for what `sgns.sampling.mine` has chosen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns.pairs._losses import Floats
from sgns.sampling._checks import as_bools, as_floats, as_number

__all__ = ["contrastive_loss", "margin_loss", "triplet_loss"]


def contrastive_loss(
    distances: npt.ArrayLike, same: npt.ArrayLike, *, margin: float = 1.0
) -> Floats:
    """Return d² of pairs of one class, max(0, margin - d)² of others.

    Hadsell, Chopra and LeCun (2006), without their factor 1/2.

    Parameters
    ----------
    distances : array_like
        Distances d >= 0, any shape.
    same : array_like of bool
        Whether a pair is of one class; broadcast against `distances`.
    margin : float
        Distance from which others cost nothing, >= 0.

    Returns
    -------
    ndarray of float64
        Of the common shape.

    Raises
    ------
    TypeError, ValueError
        Something is not of its type, shapes that do not fit, a margin below 0.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.contrastive_loss([0.5, 0.5, 2.0], [True, False, False])
    array([0.25, 0.25, 0.  ])
    """
    d, is_same = _together(
        distances=as_floats(distances, "distances"), same=as_bools(same, "same")
    )
    apart = np.maximum(0.0, _as_margin(margin) - d)
    result: Floats = np.where(is_same, d * d, apart * apart)
    return result


def triplet_loss(
    positive: npt.ArrayLike, negative: npt.ArrayLike, *, margin: float = 0.2
) -> Floats:
    """Return max(0, positive - negative + margin) (Schroff et al., 2015).

    Parameters
    ----------
    positive, negative : array_like
        Distances from an anchor, squared as in the paper or not; they broadcast.
    margin : float
        By how much negatives must be farther.

    Returns
    -------
    ndarray of float64
        Of the common shape.

    Raises
    ------
    TypeError, ValueError
        Something is not of its type, shapes that do not fit, a margin below 0.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.triplet_loss([1.0], [1.1, 2.0]).round(2)
    array([0.1, 0. ])
    """
    near, far = _together(
        positive=as_floats(positive, "positive"),
        negative=as_floats(negative, "negative"),
    )
    result: Floats = np.maximum(0.0, near - far + _as_margin(margin))
    return result


def margin_loss(
    distances: npt.ArrayLike,
    same: npt.ArrayLike,
    *,
    beta: npt.ArrayLike = 1.2,
    margin: float = 0.2,
) -> Floats:
    """Return max(0, margin ± (d - beta)), + for pairs of one class (Wu et al., 2017).

    Parameters
    ----------
    distances : array_like
        Distances, any shape.
    same : array_like of bool
        Whether a pair is of one class; broadcast against `distances`.
    beta : array_like
        The border between the classes, one or one for each pair.
    margin : float
        Of both sides of the border.

    Returns
    -------
    ndarray of float64
        Of the common shape.

    Raises
    ------
    TypeError, ValueError
        Something is not of its type, shapes that do not fit, a margin below 0.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.margin_loss([1.1, 1.1, 1.5], [True, False, False]).round(2)
    array([0.1, 0.3, 0. ])
    """
    d, is_same, border = _together(
        distances=as_floats(distances, "distances"),
        same=as_bools(same, "same"),
        beta=as_floats(beta, "beta"),
    )
    outside = np.where(is_same, d - border, border - d)
    result: Floats = np.maximum(0.0, _as_margin(margin) + outside)
    return result


def _as_margin(value: float) -> float:
    margin = as_number(value, "margin")
    if not 0 <= margin < math.inf:
        raise ValueError(f"margin must be a finite number >= 0, got {value}")
    return margin


def _together(**arrays: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Return arrays in their common shape; without one a ValueError names them."""
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"shapes must fit together, got {shapes}") from None
