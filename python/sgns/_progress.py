"""Progress of training: a bar on a terminal, log lines elsewhere, or a callback."""

from __future__ import annotations

import importlib.util
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

logger = logging.getLogger("sgns")

LOG_INTERVAL = 5.0
"""Seconds between two log lines: a long run stays readable, a short one shows life."""


@dataclass(frozen=True)
class ProgressEvent:
    """The state of a training run, handed to a progress callable.

    Attributes
    ----------
    epoch, epochs : int
        Epoch in progress, counted from 1, and number of epochs of the run.
    words_done, words_total : int
        Corpus tokens passed and to pass in the whole run, before subsampling.
    loss : float
        Mean loss of the epoch so far for each input row; NaN before the first one.
    learning_rate : float
        Learning rate at this moment.
    words_per_second, seconds_left : float
        Tokens passed for each second, and estimated time to the end in seconds.
    """

    epoch: int
    epochs: int
    words_done: int
    words_total: int
    loss: float
    learning_rate: float
    words_per_second: float
    seconds_left: float

    def __str__(self) -> str:
        share = 100.0 * self.words_done / self.words_total if self.words_total else 0.0
        return (
            f"epoch {self.epoch}/{self.epochs}  {share:5.1f} %  "
            f"{self.words_per_second:,.0f} words/s  loss {self.loss:.4f}  "
            f"lr {self.learning_rate:.5f}  {self.seconds_left:.0f} s left"
        )


ProgressOption = str | bool | Callable[[ProgressEvent], bool | None]
"""What the parameter ``progress`` accepts; the only string is ``auto``."""


class Progress:
    """Shows nothing: the display for ``progress=False``, and the base of the others."""

    def update(self, event: ProgressEvent) -> bool:
        """Show the event; return True to stop training."""
        return False

    def close(self) -> None:
        """End the display, after the last event or after an exception."""


class _Bar(Progress):
    def __init__(self, total_words: int) -> None:
        self._bar = _bar_class()(total=total_words, unit=" words", unit_scale=True)

    def update(self, event: ProgressEvent) -> bool:
        state = f"epoch {event.epoch}, loss {event.loss:.4f}"
        self._bar.set_postfix_str(f"{state}, lr {event.learning_rate:.4f}", False)
        self._bar.update(event.words_done - self._bar.n)
        return False

    def close(self) -> None:
        self._bar.close()


class _Log(Progress):
    def __init__(self) -> None:
        self._next_time = time.monotonic()

    def update(self, event: ProgressEvent) -> bool:
        now = time.monotonic()
        if now >= self._next_time or event.words_done >= event.words_total:
            self._next_time = now + LOG_INTERVAL
            logger.info("%s", event)
        return False


class _Callback(Progress):
    def __init__(self, function: Callable[[ProgressEvent], bool | None]) -> None:
        self._function = function

    def update(self, event: ProgressEvent) -> bool:
        answer = self._function(event)
        return isinstance(answer, bool | np.bool_) and bool(answer)


def _in_notebook() -> bool:
    """Return whether this is the kernel of a notebook, whose stderr is no terminal."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return "IPKernelApp" in getattr(shell, "config", ())


def _bar_class() -> Any:
    """Return the bar of notebooks where it can be shown, the one of text elsewhere."""
    if _in_notebook() and importlib.util.find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm as notebook_tqdm

        return notebook_tqdm
    from tqdm import tqdm  # takes longer to import than all of this package

    return tqdm


def check_progress(progress: object) -> None:
    """Raise TypeError unless `progress` is 'auto', a bool or a callable."""
    if progress != "auto" and not isinstance(progress, bool) and not callable(progress):
        raise TypeError(
            f"progress must be 'auto', True, False or a callable, got {progress!r:.80}"
        )


def make_progress(progress: ProgressOption, total_words: int, epochs: int) -> Progress:
    """Return the display for the parameter ``progress`` of a run over `total_words`.

    'auto' is a bar in a notebook and when stderr is a terminal, and nothing elsewhere;
    True is a bar there and lines in the log ``sgns`` elsewhere; False is nothing. A
    callable gets each ProgressEvent; when it returns True, training stops and ``fit``
    returns normally with the vectors trained so far; other answers mean nothing.
    Anything else raises TypeError.
    """
    check_progress(progress)
    if callable(progress):
        return _Callback(progress)
    has_terminal = sys.stderr is not None and sys.stderr.isatty()
    if progress is not False and (has_terminal or _in_notebook()):
        return _Bar(total_words)
    if progress is True:
        logger.info("training on %s words, epochs: %d", f"{total_words:,}", epochs)
        return _Log()
    return Progress()
