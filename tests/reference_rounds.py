"""What deterministic training with several threads means, as plain Python.

The corpus is cut in rounds and each round in streams, by positions alone. A stream
trains its centres one after the other and does not see what the other streams of the
round change; after the round all their changes are added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import reference
from reference import Config

MOST_STREAMS = 16
MOST_CENTRES = 1024  # of a round
ROOT_WEIGHT = 2  # of its changes against those of other rows
MOST_CHANGE = 10  # learning rate times the changes of one row in a round


def changes_of_one_row(counts: Sequence[int], config: Config) -> float:
    """Changes that a centre adds to the row that is changed most, on average."""
    assert config.window is not None
    thresholds = np.array(reference.keep_thresholds(counts, config.sample), float)
    kept = np.array(counts) * thresholds
    as_centre = kept[0] / kept.sum()
    noise = np.array(counts, float) ** config.ns_exponent
    as_noise = noise[0] / noise.sum()
    negative = 1 if config.loss == "softmax" else config.negative
    shrunk = config.window_weighting == "shrink"
    contexts = config.window + 1 if shrunk else 2 * config.window
    inputs = 1 if config.architecture == "cbow" else contexts
    of_output = (as_centre + negative * as_noise) * inputs
    of_input = as_centre * contexts * (1 + negative)
    of_root = ROOT_WEIGHT * inputs if "hs" in config.loss else 0
    return float(max(of_output, of_input, of_root))


def streams(
    ids: Sequence[int], counts: Sequence[int], config: Config
) -> tuple[int, int]:
    """Streams of a round, and tokens of a stream."""
    thresholds = reference.keep_thresholds(counts, config.sample)
    kept = np.dot(counts, np.array(thresholds) + 1.0) / reference.COIN / np.sum(counts)
    changes = changes_of_one_row(counts, config)
    most = min(MOST_CENTRES, MOST_CHANGE / (config.alpha * changes))
    tokens = max(1, math.floor(most / kept))
    n_streams = min(MOST_STREAMS, tokens)
    return n_streams, -(-tokens // n_streams)


class Trainer(reference.Trainer):
    """As `reference.Trainer`, in rounds."""

    def run_epoch(self, epoch: int) -> tuple[float, int]:
        ids, _, counts = self.corpus
        n_streams, n_tokens = streams(ids, counts, self.config)
        by_stream: dict[int, list[reference.Centre]] = {}
        for centre in reference.centres(*self.corpus, self.config, epoch):
            by_stream.setdefault(centre.position // n_tokens, []).append(centre)
        measured: list[np.ndarray] = []
        pairs = 0
        tables = [self.input, self.targets, self.bias]
        for first in range(0, -(-len(ids) // n_tokens), n_streams):
            start = [table.copy() for table in tables]
            changes = [np.zeros_like(table) for table in tables]
            for stream in range(first, first + n_streams):
                for centre in by_stream.get(stream, []):
                    losses = self.step(epoch, centre)
                    pairs += len(centre.contexts)
                    measured += losses if centre.measured else []
                for table, old, change in zip(tables, start, changes, strict=True):
                    change += table - old
                    table[:] = old
            for table, change in zip(tables, changes, strict=True):
                table += change
        parts = np.array(measured).T
        self.parts = [math.fsum(part) / len(measured) for part in parts]
        return sum(self.parts), pairs
