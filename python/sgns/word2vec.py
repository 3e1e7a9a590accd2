"""The estimator: from text to vectors."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._params import (
    PARAMETERS,
    check_parameters,
    default_workers,
    join_faults,
    shown,
    starting_alpha,
    suggest,
    unused_parameters,
)
from sgns._progress import ProgressEvent, check_progress, make_progress
from sgns._training import Run, check_tables, make_trainer
from sgns._warn import warn
from sgns.corpus import read_corpus
from sgns.keyed_vectors import KeyedVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    CorpusLike = str | os.PathLike[str] | IO[Any] | Iterable[Sequence[str]]
    FloatArray = npt.NDArray[np.float32]

__all__ = ["NotFittedError", "Word2Vec"]

_FITTED = (
    "wv",
    "vectors_",
    "output_vectors_",
    "node_vectors_",
    "vocabulary_",
    "history_",
    "seed_",
)


class NotFittedError(ValueError, AttributeError):
    """A result was asked for before `Word2Vec.fit` made it."""


def _unknown(name: str) -> str:
    near = suggest(name)
    hint = f", did you mean {near!r}?" if near else ""
    return f"Word2Vec has no parameter {shown(name)}{hint}"


class Word2Vec:
    """Word vectors by skip-gram or CBOW (Mikolov et al., 2013).

    Parameters
    ----------
    corpus
        What `fit` reads when it is called without one: the path of a text file or of
        a directory, plain or compressed (one sentence a line, words separated by
        white space), an open file, ``"-"`` for standard input, or an iterable of
        token lists.
    vector_size
        Columns of the vectors.
    window
        Most words between a centre and a context word, plus 1. Each centre draws its
        radius uniformly from 1 to `window`, as the original program does.
    min_count
        Words that occur less often are left out before windows are made.
    architecture
        ``"skipgram"``: each context word is an input; ``"cbow"``: their mean is.
    loss
        ``"ns"``: negative sampling; ``"hs"``: hierarchical softmax; ``"ns+hs"``: the
        sum of both.
    negative
        Noise words for each centre.
    negative_sharing
        ``"window"``: the context words of a centre share its noise words; ``"pair"``:
        each has fresh ones, as in the original program.
    ns_exponent
        Noise words are drawn with probabilities proportional to count**ns_exponent.
    sample
        Subsampling threshold: occurrences of words above this share of the corpus are
        left out at random. 0 keeps all.
    alpha, min_alpha
        Learning rate at the start and at the end; it falls linearly with the words
        read. `alpha` = None is 0.025 for skip-gram and 0.05 for CBOW.
    epochs
        Passes over the corpus.
    seed
        Of every random choice: with one worker, the same seed gives the same bits.
        None draws a fresh one, kept in `seed_`.
    workers
        Threads; None uses all processors. With more than one, rows are shared without
        locks and results differ in the last digits from run to run.
    errors
        What to do with invalid UTF-8: ``"strict"`` raises, ``"replace"`` reads
        U+FFFD, ``"surrogateescape"`` keeps the bytes.
    progress
        ``"auto"``: a bar on standard error when that is a terminal; True: a bar, or
        log lines elsewhere; False: nothing; or a function that gets a
        `ProgressEvent` every 0.2 s and may return True to end training early.

    Attributes
    ----------
    wv : KeyedVectors
        The vectors by word, with queries: input vectors, and output vectors for
        ``space="output"`` and "input-output".
    vectors_ : ndarray of shape (n_words, vector_size), dtype float32
        The input vectors, frequent words first.
    output_vectors_ : ndarray of shape (n_words, vector_size), dtype float32, or None
        Vectors of the words as targets; None without negative sampling.
    node_vectors_ : ndarray of shape (n_words - 1, vector_size), float32, or None
        Vectors of the inner Huffman nodes; None without hierarchical softmax.
    vocabulary_ : dict of str to int
        Row of each word.
    history_ : dict of str to list of float
        For each epoch ``"loss"`` (mean over its pairs, in nats, of a fixed sample of
        centres), ``"learning_rate"`` (at its end) and ``"words_per_second"``
        (vocabulary words of the corpus, before subsampling).
    seed_ : int
        The seed that was used.

    Raises
    ------
    TypeError, ValueError
        A parameter has the wrong type or is out of range; all faults together.

    Examples
    --------
    >>> from sgns import Word2Vec
    >>> text = [["a", "b", "c"]] * 100
    >>> model = Word2Vec(text, vector_size=4, sample=0, workers=1).fit()
    >>> model.wv.most_similar("a", topn=1)[0][0] in {"b", "c"}
    True
    """

    wv: KeyedVectors
    vectors_: FloatArray
    output_vectors_: FloatArray | None
    node_vectors_: FloatArray | None
    vocabulary_: dict[str, int]
    history_: dict[str, list[float]]
    seed_: int

    def __init__(
        self,
        corpus: CorpusLike | None = None,
        *,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 5,
        architecture: str = "skipgram",
        loss: str = "ns",
        negative: int = 5,
        negative_sharing: str = "window",
        ns_exponent: float = 0.75,
        sample: float = 1e-3,
        alpha: float | None = None,
        min_alpha: float = 1e-4,
        epochs: int = 5,
        seed: int | None = 1,
        workers: int | None = None,
        errors: str = "strict",
        progress: str | bool | Callable[[ProgressEvent], bool | None] = "auto",
        **unknown: object,
    ) -> None:
        if unknown:
            raise TypeError(join_faults([_unknown(name) for name in unknown]))
        self.corpus = corpus
        self.vector_size = vector_size
        self.window = window
        self.min_count = min_count
        self.architecture = architecture
        self.loss = loss
        self.negative = negative
        self.negative_sharing = negative_sharing
        self.ns_exponent = ns_exponent
        self.sample = sample
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.epochs = epochs
        self.seed = seed
        self.workers = workers
        self.errors = errors
        self.progress = progress
        self._checked_parameters()
        self._training = threading.Lock()

    def fit(self, corpus: CorpusLike | None = None) -> Word2Vec:
        """Read the corpus, count its words and train their vectors.

        Parameters
        ----------
        corpus
            As for the class; None takes the one given there. It is read once.

        Returns
        -------
        Word2Vec
            The model itself.

        Raises
        ------
        TypeError, ValueError
            A parameter, or something in the corpus, is not what it must be; or
            training diverged. The model is as it was before.
        OSError
            The corpus cannot be read.
        MemoryError
            The tables do not fit in memory.
        KeyboardInterrupt
            Ctrl-C. The model holds what was trained so far.
        SystemExit
            In a daemon thread, when the process ends.
        """
        values = self._checked_parameters()
        for message in unused_parameters(values):
            warn(message)
        corpus = self.corpus if corpus is None else corpus
        if corpus is None:
            raise ValueError("fit needs a corpus: pass it to fit() or to Word2Vec()")
        if not self._training.acquire(blocking=False):
            raise ValueError("this model is being trained")
        try:
            self._fit(corpus, values)
        finally:
            self._training.release()
        return self

    def _parameters(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PARAMETERS}

    def _checked_parameters(self) -> dict[str, Any]:
        values = self._parameters()
        check_parameters(values)
        check_progress(self.progress)
        return {name: PARAMETERS[name].plain(value) for name, value in values.items()}

    def _fit(self, corpus: CorpusLike, values: dict[str, Any]) -> None:
        workers = values["workers"] or default_workers()
        seed = secrets.randbits(64) if values["seed"] is None else values["seed"]
        words, counts, encoded = read_corpus(
            corpus,
            min_count=values.pop("min_count"),
            workers=workers,
            errors=values.pop("errors"),
        )
        values |= {"alpha": starting_alpha(values), "seed": seed, "workers": workers}
        trainer = make_trainer(encoded, counts, values)
        epochs = values["epochs"]
        display = make_progress(self.progress, encoded.n_tokens * epochs, epochs)
        run = Run(trainer, encoded.n_tokens, epochs, display)
        try:
            run.train()
        except _core.DivergenceError as error:
            raise ValueError(str(error)) from None
        except BaseException as error:
            if run.keeps(error):
                self._keep(trainer, words, counts, run.history, seed)
            raise
        finally:
            display.close()
        self._keep(trainer, words, counts, run.history, seed)

    def _keep(
        self,
        trainer: _core.Trainer,
        words: list[str],
        counts: npt.NDArray[np.int64],
        history: dict[str, list[float]],
        seed: int,
    ) -> None:
        """Set the fitted attributes, all or none."""
        vectors = trainer.input
        check_tables((vectors, trainer.output, trainer.nodes))
        self.wv = KeyedVectors(words, vectors, counts, trainer.output)
        self.vectors_ = vectors
        self.output_vectors_ = trainer.output
        self.node_vectors_ = trainer.nodes
        self.vocabulary_ = self.wv.index
        self.history_ = history
        self.seed_ = seed

    def __getattr__(self, name: str) -> Any:
        """Explain why a result is missing."""
        if name in _FITTED:
            raise NotFittedError(f"this model has no {name!r} yet: call fit() first")
        raise AttributeError(f"'Word2Vec' object has no attribute {name!r}")

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters and the results, each table once.

        A corpus that can be read only once, an iterator or an open file, is left out:
        a copy cannot read it again, and most of them cannot be copied.
        """
        left_out = ("_training", "vocabulary_")
        state = {k: v for k, v in self.__dict__.items() if k not in left_out}
        if "wv" in state:
            state["wv"] = (self.wv.words, self.wv.counts)
        if isinstance(self.corpus, Iterator) or hasattr(self.corpus, "read"):
            state["corpus"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copy that is not being trained."""
        self.__dict__.update(state)
        if "wv" in state:
            words, counts = state["wv"]
            self.wv = KeyedVectors(words, self.vectors_, counts, self.output_vectors_)
            self.vocabulary_ = self.wv.index
        self._training = threading.Lock()

    def __repr__(self) -> str:
        """Show the parameters that differ from their defaults."""
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in PARAMETERS.items()
            if getattr(self, name) != parameter.default
        ]
        return f"Word2Vec({', '.join(changed)})"
