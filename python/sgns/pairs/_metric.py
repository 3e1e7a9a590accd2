"""Losses of distances, for what `sgns.sampling.mine` has chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sgns.pairs._losses import Floats
from sgns.sampling._checks import as_bools

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
        Distance from which others cost nothing.

    Returns
    -------
    ndarray of float64
        Of the common shape.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.contrastive_loss([0.5, 0.5, 2.0], [True, False, False])
    array([0.25, 0.25, 0.  ])
    """
    d = np.asarray(distances, np.float64)
    apart = np.maximum(0.0, float(margin) - d)
    result: Floats = np.where(as_bools(same, "same"), d * d, apart * apart)
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

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.triplet_loss([1.0], [1.1, 2.0]).round(2)
    array([0.1, 0. ])
    """
    near = np.asarray(positive, np.float64)
    far = np.asarray(negative, np.float64)
    result: Floats = np.maximum(0.0, near - far + float(margin))
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

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.margin_loss([1.1, 1.1, 1.5], [True, False, False]).round(2)
    array([0.1, 0.3, 0. ])
    """
    d = np.asarray(distances, np.float64) - np.asarray(beta, np.float64)
    outside = np.where(as_bools(same, "same"), d, -d)
    result: Floats = np.maximum(0.0, float(margin) + outside)
    return result
