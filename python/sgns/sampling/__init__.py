"""Negative sampling for words, items, users, pairs and edges: exact and reproducible.

Everything takes and returns NumPy arrays of integer ids; torch.from_numpy shares their
memory. A draw is a pure function of (seed; row, draw, attempt, step), so threads, cuts
into batches and DataLoader workers cannot change it. docs/sampling.md is the guide.

Examples
--------
>>> import numpy as np
>>> from sgns import sampling as S
>>> counts = np.array([50, 30, 10, 8, 2])
>>> seen = S.Exclude.csr([0, 2, 3], [0, 1, 4])  # user 0 has seen 0 and 1, user 1 has 4
>>> neg = S.NegativeSampler(S.Unigram(counts, alpha=0.75), k=3, exclude=seen, seed=7)
>>> ids, log_q = neg.sample(rows=[0, 1], step=0, return_log_q=True)
>>> ids.shape, ids.dtype, log_q.dtype
((2, 3), dtype('int32'), dtype('float32'))
>>> bool(np.isin(ids[0], [0, 1]).any()), bool((ids[1] == 4).any())
(False, False)
"""

from __future__ import annotations

from sgns.sampling._balance import (
    FrequencyEstimator,
    keep_probabilities,
    recalibrate,
    undersample,
)
from sgns.sampling._correction import correct
from sgns.sampling._corrupt import corrupt
from sgns.sampling._distributions import (
    Distribution,
    LogUniform,
    Mixture,
    Uniform,
    Unigram,
    Weights,
)
from sgns.sampling._exclusion import Exclude
from sgns.sampling._mining import distance_weights, mine, warp
from sgns.sampling._queue import MemoryQueue, in_batch
from sgns.sampling._sampler import NegativeSampler
from sgns.sampling._tables import SkipGrams, skipgrams

__all__ = [
    "Distribution",
    "Exclude",
    "FrequencyEstimator",
    "LogUniform",
    "MemoryQueue",
    "Mixture",
    "NegativeSampler",
    "SkipGrams",
    "Uniform",
    "Unigram",
    "Weights",
    "correct",
    "corrupt",
    "distance_weights",
    "in_batch",
    "keep_probabilities",
    "mine",
    "recalibrate",
    "skipgrams",
    "undersample",
    "warp",
]
