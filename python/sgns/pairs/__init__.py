"""The labelled-pair view: losses and probabilities of pairs, and training on them.

A pair of an input row w and an output row v is real with probability σ(w·v). Negative
sampling is the logistic regression of these labels (Goldberg and Levy, 2014), so the
functions here say what the trainer does, pair by pair, and `fit_pairs` trains on a
table of one's own: users and items, edges, clicks.

Examples
--------
>>> import numpy as np
>>> from sgns import pairs
>>> zero = np.zeros(3)
>>> round(float(pairs.pair_loss(zero, zero, np.zeros((3, 3)))), 6)  # 4 ln 2
2.772589
"""

from __future__ import annotations

from sgns.pairs._fit import PairVectors, fit_pairs
from sgns.pairs._losses import (
    log_likelihood,
    log_sigmoid,
    pair_gradients,
    pair_loss,
    pair_probability,
)
from sgns.pairs._metric import contrastive_loss, margin_loss, triplet_loss
from sgns.pairs._normalised import HuffmanCodes, dot_products, hs_log_prob, partition

__all__ = [
    "HuffmanCodes",
    "PairVectors",
    "contrastive_loss",
    "dot_products",
    "fit_pairs",
    "hs_log_prob",
    "log_likelihood",
    "log_sigmoid",
    "margin_loss",
    "pair_gradients",
    "pair_loss",
    "pair_probability",
    "partition",
    "triplet_loss",
]
