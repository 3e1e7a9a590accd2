"""One run of the trainer: epochs, progress, history, and checks around them."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._memory import available_memory
from sgns._progress import Progress, ProgressEvent
from sgns._warn import warn

__all__ = [
    "HeldOut",
    "Run",
    "Start",
    "Tables",
    "Watch",
    "check_tables",
    "lower_alpha",
    "make_trainer",
    "n_tables",
    "results",
]

Table = npt.NDArray[np.float32]
Tables = tuple[Table, Table | None, Table | None, Table | None]
"""Input, output, nodes, output biases, as `_core.Trainer` takes and gives them."""

logger = logging.getLogger("sgns")

INTERVAL = 0.2
"""Seconds between two looks at progress and signals."""
HISTORY = (
    "loss",
    "positive_loss",
    "negative_loss",
    "learning_rate",
    "words_per_second",
    "positives_right",
    "negatives_right",
)
CALL_STREAM = 3
"""Number of the hashed stream that gives each call of partial_fit its seed."""
NO_LEARNING = 1e-300
"""A learning rate that is zero as a float32, so that an epoch only measures."""
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


class StopTraining(Exception):  # noqa: N818
    """The user's function, or early stopping, asked for the end."""


@dataclass
class Start:
    """Where a run starts: the seed, and what was trained before it.

    Attributes
    ----------
    seed
        Of the model, and of the draws in its first fit.
    tables
        What the trainer starts from, until it has a copy.
    mark
        Of the run that goes on, as `sgns._resume.mark_of` makes it.
    calls
        Calls of partial_fit, this one included; each draws with a seed of its own.
    """

    seed: int
    tables: Tables | None = None
    history: dict[str, list[float]] = field(default_factory=dict)
    first_epoch: int = 0
    mark: dict[str, Any] | None = None
    calls: int = 0

    @property
    def draw_seed(self) -> int:
        """Seed of the draws of this run."""
        if self.calls == 0:
            return self.seed
        counter = np.array([self.calls], dtype=np.uint64)
        return int(_core.stream_bits(self.seed, 0, CALL_STREAM, counter)[0])


class Watch:
    """What is told about a run; the base does nothing and never stops it."""

    def tell(self, moment: str, run: Run) -> bool:
        """Tell of a moment, such as ``on_epoch_end``; True ends training."""
        return False


class HeldOut:
    """The loss of held-out sentences: an epoch over them that changes nothing.

    Its draws are always the same, so that the losses of two epochs can be compared.
    """

    def __init__(
        self,
        corpus: _core.Corpus,
        counts: npt.NDArray[np.int64],
        options: dict[str, Any],
        patience: int | None = None,
    ) -> None:
        if corpus.n_tokens == 0:
            raise ValueError("no word of the held-out sentences is in the vocabulary")
        self.corpus = corpus
        self.patience = patience
        self.best: Tables | None = None
        unlearning = {"alpha": NO_LEARNING, "min_alpha": 0.0, "epochs": 1}
        self._trainer = make_trainer(corpus, counts, options | unlearning)

    def loss(self, tables: Tables) -> float:
        """Return the mean loss of the sentences' input rows, in nats."""
        self._trainer.set_tables(*tables)
        result = self._trainer.run_epoch(0, lambda *_: None, INTERVAL)
        if result["pairs"] == 0:
            raise ValueError(f"no pair in the held-out sentences: {_NO_PAIR}")
        return result["loss"]

    def ends(self, trainer: _core.Trainer, losses: list[float]) -> bool:
        """Append the loss of this epoch; True when early stopping ends training."""
        tables = trainer.copy_tables()
        losses.append(self.loss(tables))
        if self.patience is None:
            return False
        best = losses.index(min(losses))
        if best == len(losses) - 1:
            self.best = tables
        return len(losses) - 1 - best >= self.patience


@dataclass
class Run:
    """One training run: its epochs, and what is told about them.

    After an exception, `keeps` says whether the tables are worth keeping.
    """

    trainer: _core.Trainer
    n_tokens: int
    epochs: int
    alpha: float
    display: Progress
    start: Start
    held_out: HeldOut | None = None
    watch: Watch = field(default_factory=Watch)
    mark: Callable[[], dict[str, Any]] = dict
    has_checkpoints: bool = False
    history: dict[str, list[float]] = field(init=False)
    epochs_done: int = field(init=False)
    callback_failed: bool = False  # the user's function raised
    suspicious: bool = False  # the warning about the loss was given
    is_between_epochs: bool = True
    epoch: int = 0
    pairs: int = 0  # trained in the epochs before this one
    empty_epochs: int = 0  # those that trained no pair
    seconds_before: float = 0.0  # time of the epochs before this one

    def __post_init__(self) -> None:
        names = [*HISTORY, *(["held_out_loss"] if self.held_out else [])]
        before = self.start.history
        self.history = {name: list(before.get(name, [])) for name in names}
        self.epochs_done = self.start.first_epoch

    @property
    def can_be_resumed(self) -> bool:
        """Whether this state is one that an unbroken run passes through.

        The finished state counts where checkpoints are written, so that what was
        stopped at any moment can be run again.
        """
        goes_on = self.epochs_done < self.epochs or self.has_checkpoints
        stops_early = self.held_out is not None and self.held_out.patience is not None
        is_first = self.start.calls == 0
        return self.is_between_epochs and goes_on and is_first and not stops_early

    def train(self) -> None:
        """Train all epochs, or until the user or early stopping asks for the end."""
        if not self.asks_to_stop("on_train_begin"):
            with contextlib.suppress(StopTraining):
                for epoch in range(self.start.first_epoch, self.epochs):
                    self._train_epoch(epoch)
            self._check_pairs()
        if self.held_out and self.held_out.best:
            self.trainer.set_tables(*self.held_out.best)
        self.asks_to_stop("on_train_end")

    def _train_epoch(self, epoch: int) -> None:
        if self.asks_to_stop("on_epoch_begin"):
            raise StopTraining
        self.epoch = epoch
        self.is_between_epochs = False
        result = self.trainer.run_epoch(epoch, self.report, INTERVAL)
        self.is_between_epochs = True
        self.finish_epoch(result)

    def _check_pairs(self) -> None:
        """Raise or warn when epochs came to their end without a pair."""
        if not self.empty_epochs:
            return
        if self.pairs == 0 and self.is_between_epochs:
            raise ValueError(f"no pair to train: {_NO_PAIR}")
        warn(
            f"no pair to train in {self.empty_epochs:,} of "
            f"{self.epoch + 1:,} epochs: {_NO_PAIR}"
        )

    def asks_to_stop(self, moment: str) -> bool:
        """Tell the callbacks of a moment; return whether one asks for the end."""
        try:
            return self.watch.tell(moment, self)
        except BaseException:
            self.callback_failed = True
            raise

    def keeps(self, error: BaseException) -> bool:
        """Return whether `error` came from outside: Ctrl-C or the user's function."""
        return self.callback_failed or isinstance(error, KeyboardInterrupt)

    def finish_epoch(self, result: _core.EpochResult) -> None:
        """Write the history, warn of a loss that should be lower, tell everybody."""
        self.epochs_done += 1
        seconds, lr = result["seconds"], result["learning_rate"]
        self.pairs += result["pairs"]
        self.empty_epochs += result["pairs"] == 0
        self.history["loss"].append(result["loss"])
        self.history["positive_loss"].append(result["positive_loss"])
        self.history["negative_loss"].append(result["negative_loss"])
        self.history["learning_rate"].append(lr)
        self.history["words_per_second"].append(self.n_tokens / max(seconds, 1e-9))
        self.history["positives_right"].append(result["positives_right"])
        self.history["negatives_right"].append(result["negatives_right"])
        ends = False
        if self.held_out:
            ends = self.held_out.ends(self.trainer, self.history["held_out_loss"])
        self._log()
        limit = SUSPICIOUS_LOSS * result["untrained_loss"]
        if result["loss"] > limit and not self.suspicious:
            self.suspicious = True
            warn(
                f"the mean loss of epoch {self.epoch + 1} is {result['loss']:.4g}, "
                f"without training it is {result['untrained_loss']:.4g}: "
                "alpha is too large"
            )
        ends |= self.asks_to_stop("on_epoch_end")
        self.report(self.n_tokens, lr, result["loss"], seconds)
        self.seconds_before += seconds
        if ends:
            raise StopTraining

    def _log(self) -> None:
        last = {name: values[-1] for name, values in self.history.items() if values}
        held_out = ""
        if self.held_out:
            held_out = f", held-out loss {last['held_out_loss']:.4f}"
        logger.info(
            "epoch %d/%d: loss %.4f%s, positives right %.1f %%, negatives %.1f %%, "
            "%s words per second",
            self.epoch + 1,
            self.epochs,
            last["loss"],
            held_out,
            100 * last["positives_right"],
            100 * last["negatives_right"],
            f"{last['words_per_second']:,.0f}",
        )

    def report(self, words: int, lr: float, loss: float, seconds: float) -> None:
        """Show the state of the epoch; the core calls this while its threads go on."""
        done = self.epoch * self.n_tokens + words
        total = self.epochs * self.n_tokens
        done_here = done - self.start.first_epoch * self.n_tokens
        speed = done_here / max(self.seconds_before + seconds, 1e-9)
        left = (total - done) / speed if done_here else math.inf
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
    tables = n_tables(options)
    vector_size = options["vector_size"]
    needed = tables * len(counts) * (-(-vector_size // 16) * 16) * 4
    message = (
        f"{tables} tables of {len(counts):,} x {vector_size} need {needed / 1e9:.1f} GB"
    )
    available = available_memory()
    if available is not None and needed > available:
        raise MemoryError(f"{message}; {available / 1e9:.1f} GB available")
    config = _core.TrainConfig(**options)
    try:
        return _core.Trainer(encoded, counts, config)
    except MemoryError:
        raise MemoryError(message) from None


def n_tables(options: dict[str, Any]) -> int:
    """Return how many tables of a row for each word, at most, are trained."""
    return 3 if options["loss"] == "ns+hs" else 2


def results(trainer: _core.Trainer) -> Tables:
    """Return the tables of a trainer, which trains no more."""
    return trainer.input, trainer.output, trainer.nodes, trainer.output_bias


def lower_alpha(alpha: float) -> str:
    """Return what to try where training with `alpha` diverged: always a lower one."""
    return f"try {min(0.05, alpha / 5):.4g} or less"


def check_tables(
    tables: Iterable[npt.NDArray[np.float32] | None], alpha: float
) -> None:
    """Raise ValueError for a value that is not finite, warn of a very long row.

    `alpha` is the learning rate at the start.
    """
    longest = 0.0
    for table in tables:
        if table is not None:
            longest = max(longest, _longest_row(table.reshape(len(table), -1), alpha))
    if longest > SUSPICIOUS_NORM:
        warn(
            f"the longest row has a norm of {longest:.4g}, expected at most "
            f"{SUSPICIOUS_NORM:g}: alpha is too large"
        )


def _longest_row(table: npt.NDArray[np.float32], alpha: float) -> float:
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
                    f"vectors is not finite; alpha={alpha:.4g} is too large, "
                    f"{lower_alpha(alpha)}"
                )
            squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        longest = max(longest, float(squares.max()))
    return math.sqrt(longest)
