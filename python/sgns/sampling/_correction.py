"""Scores corrected for how often the sampler draws what they belong to."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sgns.sampling._checks import as_array, as_bool

__all__ = ["correct"]


def correct(
    logits: npt.ArrayLike,
    log_q: npt.ArrayLike,
    mode: Literal["both", "negatives"] = "both",
    *,
    replace: bool = True,
) -> npt.NDArray[Any]:
    """Subtract from each score the log expectation of how often it was sampled.

    The softmax of the result over the columns is sampled softmax (Bengio and Sénécal,
    2008): trained with it, scores go to log p + constant, where without it they would
    go to log(p / q) + constant.

    Parameters
    ----------
    logits
        Scores of shape (..., 1 + k): the positive in column 0, then its negatives.
    log_q
        As the samplers return it, one dimension may be broadcast. ``mode="both"``: of
        shape (..., 1 + k), the positive's in column 0 (`positive_log_q`).
        ``mode="negatives"``: of shape (..., k).
    mode
        "both" is unbiased in the population for every k. "negatives" leaves the
        positive as it is, so that the sum over the negatives estimates the sum over all
        ids; its optimum is biased by O(1 / k).
    replace
        Whether `log_q` belongs to k independent draws, expected k q times each, or is
        already the log probability of being among distinct draws
        (``sample_shared(replace=False)``). It matters for "negatives" only: the same
        constant on both sides changes no softmax.

    Returns
    -------
    ndarray
        Of the shape of `logits`; float32 if `logits` is, else float64.

    Raises
    ------
    TypeError, ValueError
        The shapes do not fit, or `mode` is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> log_q = np.log([0.5, 0.25, 0.25])
    >>> correct(np.zeros((1, 3)), log_q[None]).round(3)
    array([[0.693, 1.386, 1.386]])
    """
    scores = as_array(logits, "logits", None)
    shares = as_array(log_q, "log_q", None)
    if mode not in ("both", "negatives"):
        raise ValueError(f"mode must be 'both' or 'negatives', got {mode!r}")
    replace = as_bool(replace, "replace")
    columns = scores.shape[-1]
    wanted = columns if mode == "both" else columns - 1
    if columns < 1 or shares.shape[-1] != wanted:
        raise ValueError(
            f"log_q must have {max(wanted, 0)} columns for mode={mode!r} and logits of "
            f"shape {scores.shape}, got the shape {shares.shape}"
        )
    if mode == "negatives" and replace and wanted:
        shares = shares + math.log(wanted)
    dtype = np.float32 if scores.dtype == np.float32 else np.float64
    result = np.array(scores, dtype, order="C")
    part = result if mode == "both" else result[..., 1:]
    try:
        np.subtract(part, shares, out=part, casting="same_kind")
    except ValueError:
        raise ValueError(
            f"log_q of shape {shares.shape} does not fit logits of shape {scores.shape}"
        ) from None
    return result
