"""One run of the trainer: epochs, progress, history, and checks around them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._progress import Progress, ProgressEvent
from sgns._warn import warn

__all__ = ["Run", "check_tables", "make_trainer"]

INTERVAL = 0.2
"""Seconds between two looks at progress and signals."""
HISTORY = ("loss", "learning_rate", "words_per_second")
SUSPICIOUS_LOSS = 1.05
"""Warn of a loss this many times that of zero scores.

Where there is nothing to learn, the noise of the updates alone lifts the loss above
that of zero scores: on random text by at most 0.3 % with rates up to 0.1, by 10 % and
more where a rate of 0.5 is about to diverge.
"""
SUSPICIOUS_NORM = 1e4
"""Warn of a longer row, far above the norms of useful vectors."""
_NO_PAIR = (
    "no sentence has two words left after min_count and subsampling; lower min_count, "
    "or set sample to 0"
)
_CGROUP = Path("/sys/fs/cgroup")


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
    pairs: int = 0  # trained in the epochs before this one
    empty_epochs: int = 0  # those that trained no pair
    seconds_before: float = 0.0  # time of the epochs before this one

    def train(self) -> None:
        """Train all epochs, or until the progress function asks for the end."""
        try:
            for epoch in range(self.epochs):
                self.epoch = epoch
                result = self.trainer.run_epoch(epoch, self.report, INTERVAL)
                self.finish_epoch(result)
        except StopTraining:
            if len(self.history["loss"]) <= self.epoch:
                return  # in the middle of an epoch
        if self.pairs == 0:
            raise ValueError(f"no pair to train: {_NO_PAIR}")
        if self.empty_epochs:
            warn(
                f"no pair to train in {self.empty_epochs:,} of "
                f"{self.epoch + 1:,} epochs: {_NO_PAIR}"
            )

    def keeps(self, error: BaseException) -> bool:
        """Return whether `error` came from outside: Ctrl-C or the user's function."""
        return self.callback_failed or isinstance(error, KeyboardInterrupt)

    def finish_epoch(self, result: _core.EpochResult) -> None:
        """Write the history, and warn of a loss that should be lower."""
        seconds, lr = result["seconds"], result["learning_rate"]
        self.pairs += result["pairs"]
        self.empty_epochs += result["pairs"] == 0
        self.history["loss"].append(result["loss"])
        self.history["learning_rate"].append(lr)
        self.history["words_per_second"].append(self.n_tokens / max(seconds, 1e-9))
        limit = SUSPICIOUS_LOSS * result["untrained_loss"]
        if result["loss"] > limit and not self.suspicious:
            self.suspicious = True
            warn(
                f"the mean loss of epoch {self.epoch + 1} is {result['loss']:.4g}, "
                f"without training it is {result['untrained_loss']:.4g}: "
                "alpha is too large"
            )
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


def make_trainer(
    encoded: _core.Corpus, counts: npt.NDArray[np.int64], options: dict[str, Any]
) -> _core.Trainer:
    """Return a trainer for the options of `_core.TrainConfig`.

    Raises MemoryError when its tables need more memory than there is.
    """
    tables = 3 if options["loss"] == "ns+hs" else 2
    vector_size = options["vector_size"]
    needed = tables * len(counts) * (-(-vector_size // 16) * 16) * 4
    message = (
        f"{tables} tables of {len(counts):,} x {vector_size} need {needed / 1e9:.1f} GB"
    )
    available = _available_memory()
    if available is not None and needed > available:
        raise MemoryError(f"{message}; {available / 1e9:.1f} GB available")
    config = _core.TrainConfig(**options)
    try:
        return _core.Trainer(encoded, counts, config)
    except MemoryError:
        raise MemoryError(message) from None


def check_tables(tables: Iterable[npt.NDArray[np.float32] | None]) -> None:
    """Raise ValueError for a value that is not finite, warn of a very long row."""
    longest = 0.0
    for table in tables:
        if table is not None:
            longest = max(longest, _longest_row(table))
    if longest > SUSPICIOUS_NORM:
        warn(
            f"the longest row has a norm of {longest:.4g}, expected at most "
            f"{SUSPICIOUS_NORM:g}: alpha is too large"
        )


def _longest_row(table: npt.NDArray[np.float32]) -> float:
    """Return the largest norm of a row; ValueError when a value is not finite."""
    longest = 0.0
    for begin in range(0, len(table), 4096):
        block = table[begin : begin + 4096]
        squares = np.einsum("ij,ij->i", block, block)
        if not np.isfinite(squares).all():
            finite = np.isfinite(block).all(axis=1)
            if not finite.all():
                raise ValueError(
                    f"training diverged: row {begin + int(np.argmin(finite))} of the "
                    "vectors is not finite; alpha is too large, try 0.05 or less"
                )
            squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        longest = max(longest, float(squares.max()))
    return math.sqrt(longest)


def _available_memory() -> int | None:
    """Return the bytes that can be had without swapping, None where unknown."""
    if sys.platform != "linux":
        return None
    import resource

    bounds = [_figures(Path("/proc/meminfo"))["MemAvailable:"] * 1024]
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bounds.append(max(limit - pages * resource.getpagesize(), 0))
    try:
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        parts = _figures(_CGROUP / "memory.stat")
    except (OSError, ValueError):  # there is no group, or its limit is "max"
        return min(bounds)
    files = parts["active_file"] + parts["inactive_file"]  # given back on demand
    return min(*bounds, max(limit - used + files, 0))


def _figures(path: Path) -> dict[str, int]:
    """Return the figures of a file with lines of a name, a number and maybe a unit."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return {words[0]: int(words[1]) for words in lines}
