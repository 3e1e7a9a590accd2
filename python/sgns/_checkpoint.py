"""Checkpoints: the model as a file, written while it is trained."""

from __future__ import annotations

import os
from typing import Any

from sgns._params import Parameter, plain_values, shown
from sgns.formats.model import check_model_path

__all__ = ["CHECKPOINT_EVERY", "Checkpoint", "checkpoint_of"]

CHECKPOINT_EVERY = Parameter(
    "checkpoint_every", "int", 1, "epochs from one checkpoint to the next", low=1
)


class Checkpoint:
    """Writes the model between epochs; stands before the callbacks of the user."""

    def __init__(self, path: str | os.PathLike[str], every: int) -> None:
        self.path = path
        self.every = every
        check_model_path(path)

    def check_space(self, size: int) -> None:
        """Raise OSError when so many bytes cannot be written."""
        check_model_path(self.path, size)

    def on_epoch_end(self, training: Any) -> None:
        """Write the model when it is its turn, and when it is finished."""
        if training.epoch % self.every == 0 or training.epoch == training.epochs:
            training.model.save(self.path)


def checkpoint_of(
    path: Any, every: Any, early_stopping: int | None
) -> Checkpoint | None:
    """Return what writes the checkpoints that `fit` was asked for, None for none.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be, or goes with no other one.
    OSError
        The file could not be written.
    """
    given = plain_values([CHECKPOINT_EVERY], {"checkpoint_every": every})
    n_epochs = given["checkpoint_every"]
    if path is None:
        if n_epochs != CHECKPOINT_EVERY.default:
            raise ValueError(f"checkpoint_every={n_epochs} needs a checkpoint")
        return None
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"checkpoint must be a path or None, got {shown(path)}")
    if early_stopping is not None:
        raise ValueError(
            "checkpoint needs early_stopping=None: a file holds the vectors of one "
            "epoch, not also the best ones"
        )
    return Checkpoint(path, n_epochs)
