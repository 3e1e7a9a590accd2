"""The specification of what is measured: held-out loss, shares of right signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from reference import Centre, Config, Trainer, centres, row_losses

NAMES = ("input", "output", "nodes", "output_bias")


def scores_of(
    trainer: Trainer, centre: Centre
) -> Iterator[tuple[np.ndarray, list[int]]]:
    """Scores (n_inputs, n_targets) and labels of each tile of a centre in epoch 0."""
    config = trainer.config
    inputs = trainer.input[[word for _, word in centre.contexts]]
    if config.architecture == "cbow":
        of_rows = np.mean if config.cbow_input == "mean" else np.sum
        inputs = of_rows(inputs, axis=0, keepdims=True)
    elif config.negative_sharing == "pair":
        for (offset, _), row in zip(centre.contexts, inputs, strict=True):
            pair = centre.position * (2 * config.window + 1) + offset + config.window
            rows, labels = trainer.targets_of(0, centre, pair)
            yield row[None] @ trainer.targets[rows].T, labels
        return
    rows, labels = trainer.targets_of(0, centre, centre.position)
    yield inputs @ trainer.targets[rows].T, labels


def measure(
    ids: Sequence[int],
    ends: Sequence[int],
    counts: Sequence[int],
    config: Config,
    tables: tuple[np.ndarray | None, ...],
) -> tuple[float, float, float]:
    """Mean loss of the input rows; shares of positives and of negatives scored right.

    The windows and noise words are those of epoch 0.
    """
    trainer = Trainer(ids, ends, counts, config)
    for name, table in zip(NAMES, tables, strict=True):
        if table is not None:
            getattr(trainer, name)[:] = table
    losses: list[float] = []
    right: dict[int, list[bool]] = {0: [], 1: []}
    for centre in centres(ids, ends, counts, config, 0):
        for scores, labels in scores_of(trainer, centre):
            losses += row_losses(scores, labels).tolist()
            for label, column in zip(labels, scores.T, strict=True):
                right[label] += (column > 0 if label else column < 0).tolist()
    return float(np.mean(losses)), float(np.mean(right[1])), float(np.mean(right[0]))
