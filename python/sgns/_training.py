"""One run of the trainer: epochs, progress, history, and checks around them."""

from __future__ import annotations

import math
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._progress import Progress, ProgressEvent

__all__ = ["Run", "check_finite", "check_memory"]

INTERVAL = 0.2
"""Seconds between two looks at progress and signals."""
HISTORY = ("loss", "learning_rate", "words_per_second")
_NO_PAIR = (
    "no sentence has two words left after min_count and subsampling; lower min_count, "
    "or set sample to 0"
)


class StopTraining(Exception):  # noqa: N818
    """The user's progress function asked for the end."""


@dataclass
class Run:
    """One training run: its epochs, and what is told about them.

    After an exception, `keeps` says whether the tables are worth keeping.
    """

    trainer: _core.Trainer
    n_tokens: int
    epochs: int
    display: Progress
    history: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in HISTORY}
    )
    callback_failed: bool = False  # the user's progress function raised
    suspicious: bool = False  # the warning about the loss was given
    epoch: int = 0
    seconds_before: float = 0.0  # time of the epochs before this one

    def train(self) -> None:
        """Train all epochs, or until the progress function asks for the end."""
        trained = 0
        for epoch in range(self.epochs):
            self.epoch = epoch
            try:
                result = self.trainer.run_epoch(epoch, self.report, INTERVAL)
                self.finish_epoch(result)
            except StopTraining:
                return
            trained += result["pairs"]
        if trained == 0:
            raise ValueError(f"no pair to train: {_NO_PAIR}")

    def keeps(self, error: BaseException) -> bool:
        """Return whether `error` came from outside: Ctrl-C or the user's function."""
        return self.callback_failed or isinstance(error, KeyboardInterrupt)

    def finish_epoch(self, result: _core.EpochResult) -> None:
        """Write the history, and warn of an epoch that trained nothing."""
        seconds, lr = result["seconds"], result["learning_rate"]
        self.history["loss"].append(result["loss"])
        self.history["learning_rate"].append(lr)
        self.history["words_per_second"].append(self.n_tokens / max(seconds, 1e-9))
        if result["pairs"] == 0 and self.epochs > 1:
            message = f"no pair to train in epoch {self.epoch + 1}: {_NO_PAIR}"
            warnings.warn(message, UserWarning, stacklevel=6)
        if result["loss"] > result["untrained_loss"] and not self.suspicious:
            self.suspicious = True
            message = (
                f"the mean loss of epoch {self.epoch + 1} is {result['loss']:.4g}, "
                f"without training it is {result['untrained_loss']:.4g}: "
                "alpha is too large"
            )
            warnings.warn(message, UserWarning, stacklevel=6)
        self.report(self.n_tokens, lr, result["loss"], seconds)
        self.seconds_before += seconds

    def report(self, words: int, lr: float, loss: float, seconds: float) -> None:
        """Show the state of the epoch; the core calls this while its threads go on."""
        done = self.epoch * self.n_tokens + words
        total = self.epochs * self.n_tokens
        speed = done / max(self.seconds_before + seconds, 1e-9)
        left = (total - done) / speed if done else math.inf
        event = ProgressEvent(
            epoch=self.epoch + 1,
            epochs=self.epochs,
            words_done=done,
            words_total=total,
            loss=loss,
            learning_rate=lr,
            words_per_second=speed,
            seconds_left=left,
        )
        try:
            stop = self.display.update(event)
        except BaseException:
            self.callback_failed = True
            raise
        if stop:
            raise StopTraining


def check_finite(table: npt.NDArray[np.float32] | None) -> None:
    """Raise ValueError when a value of `table` is not finite."""
    if table is None:
        return
    for begin in range(0, len(table), 4096):
        block = table[begin : begin + 4096]
        if not np.isfinite(block).all():
            row = begin + int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
            raise ValueError(
                f"training diverged: row {row} of the vectors is not finite; "
                "alpha is too large, try 0.05 or less"
            )


def check_memory(n_words: int, vector_size: int, loss: str) -> None:
    """Raise MemoryError when the tables of a model need more than there is."""
    tables = 3 if loss == "ns+hs" else 2
    needed = tables * n_words * (-(-vector_size // 16) * 16) * 4
    available = _available_memory()
    if available is not None and needed > available:
        raise MemoryError(
            f"{tables} tables of {n_words:,} x {vector_size} need "
            f"{needed / 1e9:.1f} GB; {available / 1e9:.1f} GB available"
        )


def _available_memory() -> int | None:
    """Return the bytes that can be had without swapping, None where unknown."""
    if sys.platform != "linux":
        return None
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None
