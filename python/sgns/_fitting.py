"""One run of an estimator: from a text and where to start to its fitted attributes."""

from __future__ import annotations

import contextlib
import functools
import numbers
import threading
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._callbacks import Callbacks, as_callbacks
from sgns._checkpoint import Checkpoint
from sgns._encoding import Text, in_vocabulary, read_all_words, split
from sgns._given import Given
from sgns._options import training_options
from sgns._pooling import common_component, pooled, sif_weights
from sgns._progress import make_progress
from sgns._resume import check_same, mark_of
from sgns._training import (
    HeldOut,
    Run,
    Start,
    Tables,
    check_tables,
    lower_alpha,
    make_trainer,
    n_tables,
    results,
)
from sgns.keyed_vectors import KeyedVectors

__all__ = ["Fitting"]

MOST_SENTENCES = 100_000
"""Sentences from which the common component of ``pooling="sif"`` is found."""
NOTHING = np.zeros(0, dtype=np.int32)
"""No row is frozen."""


class Fitting:
    """What an estimator does with a text: train, keep the results, tell of them."""

    wv: KeyedVectors
    vectors_: npt.NDArray[np.float32]
    output_vectors_: npt.NDArray[np.float32] | None
    node_vectors_: npt.NDArray[np.float32] | None
    output_bias_: npt.NDArray[np.float32] | None
    common_component_: npt.NDArray[np.float32]
    vocabulary_: dict[str, int]
    history_: dict[str, list[float]]
    seed_: int
    n_epochs_: int
    progress: Any
    callbacks: Any
    validation: Any
    pooling: str
    sif_weight: float
    _calls: int = 0  # of partial_fit since fit
    _training: threading.Lock

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all parameters by name."""
        raise NotImplementedError

    @contextlib.contextmanager
    def _being_trained(self) -> Iterator[None]:
        if not self._training.acquire(blocking=False):
            raise ValueError("this model is being trained")
        try:
            yield
        finally:
            self._training.release()

    def _train(
        self,
        text: Text,
        values: dict[str, Any],
        start: Start,
        checkpoint: Checkpoint | None = None,
        given: Given | None = None,
    ) -> None:
        options = training_options(values, start.draw_seed)
        corpus, held_out = self._hold_out(text, values, options)
        run = self._prepared(text, corpus, options, start, held_out, checkpoint, given)

        def keep(model: Self, tables: Tables) -> Self:
            model._keep(text, tables, run)
            return model

        callbacks = as_callbacks(self.callbacks)
        run.watch = Callbacks(
            callbacks if checkpoint is None else (checkpoint, *callbacks),
            lambda: keep(self._without_results(), run.trainer.copy_tables()),
        )
        try:
            run.train()
        except _core.DivergenceError as error:
            raise ValueError(f"{error}, {lower_alpha(run.alpha)}") from None
        except BaseException as error:
            if run.keeps(error):
                keep(self, results(run.trainer))
            raise
        finally:
            run.display.close()
        keep(self, results(run.trainer))

    def _hold_out(
        self, text: Text, values: dict[str, Any], options: dict[str, Any]
    ) -> tuple[_core.Corpus, HeldOut | None]:
        """Return the text to train, and the sentences that are held out."""
        if self.validation is None:
            return text.corpus, None
        if isinstance(self.validation, numbers.Real):
            share = float(self.validation)
            corpus, held_out = split(text.corpus, share, options["seed"])
        else:
            index = {word: row for row, word in enumerate(text.words)}
            other = read_all_words(self.validation, values)
            corpus, held_out = text.corpus, in_vocabulary(other, index)
        patience = values["early_stopping"]
        return corpus, HeldOut(held_out, text.counts, options, patience)

    def _prepared(
        self,
        text: Text,
        corpus: _core.Corpus,
        options: dict[str, Any],
        start: Start,
        held_out: HeldOut | None,
        checkpoint: Checkpoint | None,
        given: Given | None,
    ) -> Run:
        """Return the run, after the last checks before it."""
        others = held_out.corpus if held_out else None
        frozen = NOTHING if given is None else given.frozen(text.words)
        mark = functools.cache(lambda: mark_of(text, self.validation, others, frozen))
        if start.mark is not None:
            check_same(mark(), start.mark)
        trainer = make_trainer(corpus, text.counts, options)
        if start.tables is not None:
            trainer.set_tables(*start.tables)
            start.tables = None  # the trainer has a copy
        elif given is not None:
            given.place(trainer, text.words)
        trainer.freeze(frozen)
        if checkpoint is not None:
            n_bytes = 4 * n_tables(options) * len(text.words) * options["vector_size"]
            checkpoint.check_space(n_bytes)
        epochs = options["epochs"]
        display = make_progress(self.progress, corpus.n_tokens * epochs, epochs)
        return Run(
            trainer,
            corpus.n_tokens,
            epochs,
            options["alpha"],
            display,
            start,
            held_out,
            mark=mark,
            has_checkpoints=checkpoint is not None,
        )

    def _without_results(self) -> Self:
        left_out = {"corpus": None, "callbacks": None, "progress": False}
        return type(self)(**self.get_params() | left_out)

    def _keep(self, text: Text, tables: Tables, run: Run) -> None:
        """Set the fitted attributes, all or none."""
        check_tables(tables, run.alpha)
        wv = KeyedVectors(text.words, tables[0], text.counts, tables[1])
        self.wv = wv
        self.vectors_, self.output_vectors_, self.node_vectors_ = tables[:3]
        self.output_bias_ = tables[3]
        self.vocabulary_ = wv.index
        self.history_ = {name: list(values) for name, values in run.history.items()}
        self.seed_ = run.start.seed
        self.n_epochs_ = run.epochs_done
        self._calls = run.start.calls
        self._mark = run.mark() if run.can_be_resumed else None
        self._find_common_component(text)

    def _find_common_component(self, text: Text) -> None:
        """Set `common_component_` from sentences of the text, evenly spaced."""
        self.__dict__.pop("common_component_", None)
        if self.pooling != "sif":
            return
        ends = text.corpus.sentence_ends
        step = -(-len(ends) // MOST_SENTENCES)
        ids = text.corpus.ids
        sentences = (
            ids[ends[i - 1] if i > 0 else 0 : ends[i]]
            for i in range(0, len(ends), step)
        )
        weights = sif_weights(text.counts, self.sif_weight)
        self.common_component_ = common_component(
            pooled(sentences, self.vectors_, weights)
        )
