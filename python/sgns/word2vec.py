"""The estimator: from text to vectors."""

from __future__ import annotations

import os
import threading
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sgns._checkpoint import checkpoint_of
from sgns._encoding import read_text
from sgns._estimator import (
    Estimator,
    NotFittedError,
    not_fitted,
    unknown_parameters,
)
from sgns._given import given_of
from sgns._options import unused_parameters
from sgns._pair_view import PairView
from sgns._progress import ProgressEvent
from sgns._resume import start_of
from sgns._saved import ModelFile
from sgns._training import Start
from sgns._warn import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sgns.keyed_vectors import KeyedVectors

    CorpusLike = str | os.PathLike[str] | IO[Any] | Iterable[Sequence[str]]
    Vectors = KeyedVectors | str | os.PathLike[str] | Mapping[str, npt.ArrayLike]
    FloatArray = npt.NDArray[np.float32]

__all__ = ["NotFittedError", "Word2Vec"]

_FITTED = (
    "wv",
    "vectors_",
    "output_vectors_",
    "node_vectors_",
    "output_bias_",
    "vocabulary_",
    "history_",
    "seed_",
    "n_epochs_",
    "common_component_",
)


class Word2Vec(PairView, Estimator, ModelFile):
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
        Most words between a centre and a context word, plus 1; None takes the whole
        sentence, of at most 10,001 words.
    window_weighting
        With which probability a word at distance d is a context word: ``"shrink"``:
        (window - d + 1) / window, as each centre draws its radius uniformly from 1 to
        `window` like the original program; ``"fixed"``: 1; ``"harmonic"``: 1 / d. With
        the whole sentence as the window, ``"shrink"`` has no effect.
    min_count
        Words that occur less often are left out before windows are made.
    max_vocab_size
        Limit to memory: when a million tokens have brought more distinct words than
        this, those that occurred once so far are dropped, the next time those that
        occurred up to twice, and so on. A warning tells of it. Files are then read by
        one thread.
    max_final_vocab
        Most words of the vocabulary: `min_count` is raised until no more are left. None
        sets no limit.
    vocabulary
        Counts by word, or the path of a file of them (``word2vec -save-vocab``), in
        place of those of the corpus. Other words are left out before windows are made.
    keep
        Function of a word and its count: True keeps the word whatever its count, False
        leaves it out, None lets `min_count` decide.
    architecture
        ``"skipgram"``: each context word is an input; ``"cbow"``: all together are.
    cbow_input, cbow_gradient
        The ``"mean"`` or the ``"sum"`` of n context words, and what each of them gets
        of its change g. ``"original"``: g for the mean, g / n for the sum; ``"exact"``,
        the derivative of the loss: g / n for the mean, g for the sum.
    loss
        ``"ns"``: negative sampling; ``"hs"``: hierarchical softmax; ``"ns+hs"``: the
        sum of both; ``"nce"``: noise-contrastive estimation; ``"sampled_softmax"``: a
        softmax over the centre and its noise words, corrected by their probabilities;
        ``"softmax"``: over all words, of which there may be 50,000.
    negative
        Noise words for each centre.
    negative_sharing
        ``"window"``: the context words of a centre share its noise words; ``"pair"``:
        each has fresh ones, as in the original program.
    ns_exponent
        Noise words are drawn with probabilities proportional to count**ns_exponent.
    exclude
        Which noise words are drawn again: ``"target"``: the centre; ``"window"``: also
        its context words; ``"sentence"``: also all words of its sentence; ``"none"``.
        ``"auto"`` is ``"none"`` for ``"nce"`` and ``"sampled_softmax"``, whose optimum
        is exact only then, and ``"target"`` for the other losses.
    positive_weight
        Weight of the centre's part of the loss against that of the noise words, for
        ``"ns"``, ``"ns+hs"`` and ``"nce"``.
    output_bias
        Whether each word has a trained bias as a target, for ``"nce"``,
        ``"sampled_softmax"`` and ``"softmax"``. It starts at the log of the word's
        share of the corpus.
    sample
        Subsampling threshold: occurrences of words above this share of the corpus are
        left out at random. 0 keeps all.
    alpha, min_alpha
        Learning rate at the start and at the end; it falls linearly with the words
        read. `alpha` = None is 0.025 for skip-gram and 0.05 for CBOW.
    epochs
        Passes over the corpus.
    seed
        Of every random choice: with one worker, or `deterministic`, the same seed gives
        the same bits. None draws a fresh one, kept in `seed_`.
    workers
        Threads; None uses all processors. With more than one, rows are shared without
        locks and results differ in the last digits from run to run.
    deterministic
        Give the same bits with any number of workers, at a third to half the speed
        (a quarter with noise words for each pair). They differ from those of one
        worker without it. At most 16 threads train.
    errors
        What to do with invalid UTF-8: ``"strict"`` raises, ``"replace"`` reads
        U+FFFD, ``"surrogateescape"`` keeps the bytes.
    progress
        ``"auto"``: a bar in a notebook, or on standard error when that is a terminal;
        True: log lines elsewhere; False: nothing; or a function that gets a
        `ProgressEvent` every 0.2 s and may return True to end training early.
    callbacks
        One object or a list of them with methods ``on_train_begin``,
        ``on_epoch_begin``, ``on_epoch_end`` or ``on_train_end``. Each is called with a
        `Training`, between epochs, and may return True to end training.
    validation
        Sentences whose loss is measured after each epoch: a text as for `corpus`, or
        the share of the sentences to hold out, chosen by `seed`.
    early_stopping
        End when the held-out loss has not fallen for so many epochs, and keep the
        vectors of the epoch where it was lowest. None never does.
    pooling
        How `transform` makes the vector of a sentence: ``"mean"`` of its words'
        vectors, or ``"sif"``, weighted by rarity and without what is common to all.
    sif_weight
        Words of this share of the corpus have half the weight in ``"sif"``.

    Attributes
    ----------
    wv : KeyedVectors
        The vectors by word, with queries: input vectors, and output vectors for
        ``space="output"`` and "input-output".
    vectors_ : ndarray of shape (n_words, vector_size), dtype float32
        The input vectors, frequent words first.
    output_vectors_ : ndarray of shape (n_words, vector_size), dtype float32, or None
        Vectors of the words as targets; None for ``loss="hs"``.
    node_vectors_ : ndarray of shape (n_words - 1, vector_size), float32, or None
        Vectors of the inner Huffman nodes; None without hierarchical softmax.
    output_bias_ : ndarray of shape (n_words,), dtype float32, or None
        Biases of the words as targets; None without `output_bias`.
    vocabulary_ : dict of str to int
        Row of each word.
    history_ : dict of str to list of float
        For each epoch ``"loss"`` (mean over its pairs, in nats, of a fixed sample of
        centres), its parts ``"positive_loss"`` and ``"negative_loss"`` (that of the
        noise words; 0 for losses that do not judge them one by one),
        ``"learning_rate"`` (at its end), ``"words_per_second"`` (vocabulary words of
        the corpus, before subsampling), ``"positives_right"`` and
        ``"negatives_right"`` (shares of their scores above and below 0; for the
        softmaxes both are the share of centres with a probability above 1/2); with
        `validation` also ``"held_out_loss"``.
    seed_ : int
        The seed that was used.
    n_epochs_ : int
        Epochs trained to their end; fewer than `epochs` when training was ended.

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

    def __init__(
        self,
        corpus: CorpusLike | None = None,
        *,
        vector_size: int = 100,
        window: int | None = 5,
        window_weighting: str = "shrink",
        min_count: int = 5,
        max_vocab_size: int | None = None,
        max_final_vocab: int | None = None,
        vocabulary: Mapping[str, int] | str | os.PathLike[str] | None = None,
        keep: Callable[[str, int], bool | None] | None = None,
        architecture: str = "skipgram",
        cbow_input: str = "mean",
        cbow_gradient: str = "original",
        loss: str = "ns",
        negative: int = 5,
        negative_sharing: str = "window",
        ns_exponent: float = 0.75,
        exclude: str = "auto",
        positive_weight: float = 1.0,
        output_bias: bool = False,
        sample: float = 1e-3,
        alpha: float | None = None,
        min_alpha: float = 1e-4,
        epochs: int = 5,
        seed: int | None = 1,
        workers: int | None = None,
        deterministic: bool = False,
        errors: str = "strict",
        progress: str | bool | Callable[[ProgressEvent], bool | None] = "auto",
        callbacks: object = None,
        validation: float | CorpusLike | None = None,
        early_stopping: int | None = None,
        pooling: str = "mean",
        sif_weight: float = 1e-3,
        **unknown: object,
    ) -> None:
        if unknown:
            raise unknown_parameters(unknown)
        self.corpus = corpus
        self.vector_size = vector_size
        self.window = window
        self.window_weighting = window_weighting
        self.min_count = min_count
        self.max_vocab_size = max_vocab_size
        self.max_final_vocab = max_final_vocab
        self.vocabulary = vocabulary
        self.keep = keep
        self.architecture = architecture
        self.cbow_input = cbow_input
        self.cbow_gradient = cbow_gradient
        self.loss = loss
        self.negative = negative
        self.negative_sharing = negative_sharing
        self.ns_exponent = ns_exponent
        self.exclude = exclude
        self.positive_weight = positive_weight
        self.output_bias = output_bias
        self.sample = sample
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.epochs = epochs
        self.seed = seed
        self.workers = workers
        self.deterministic = deterministic
        self.errors = errors
        self.progress = progress
        self.callbacks = callbacks
        self.validation = validation
        self.early_stopping = early_stopping
        self.pooling = pooling
        self.sif_weight = sif_weight
        self._checked_parameters()
        self._training = threading.Lock()

    def fit(
        self,
        corpus: CorpusLike | None = None,
        y: object = None,
        *,
        sample_weight: npt.ArrayLike | None = None,
        resume: Word2Vec | str | os.PathLike[str] | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        init_vectors: Vectors | None = None,
        freeze: bool | Iterable[str] = False,
    ) -> Word2Vec:
        """Read the corpus, count its words and train their vectors.

        Parameters
        ----------
        corpus
            As for the class; None takes the one given there. It is read once.
        y
            Not used; scikit-learn passes it.
        sample_weight
            A weight for each sentence, row or line of the corpus, array_like of float
            of shape (n_sentences,): ``fit(corpus, sample_weight=w)`` is
            ``fit(sgns.Corpus(corpus, weights=w))``.
        resume
            A model whose training was stopped between two epochs, on the same corpus
            with the same parameters, or the path of its file: training goes on where
            it was stopped, and with one worker, or `deterministic`, the result has the
            bits of a run that was never stopped. A finished checkpoint gives its
            vectors.
        checkpoint
            Path of the file that holds the model as it was after an epoch; whenever
            the process ends, it is complete. `save` says what it holds.
        checkpoint_every
            Epochs from one checkpoint to the next; one is also written at the end.
        init_vectors
            Input vectors to start from, for the words of the vocabulary that have one;
            the others start at random: `KeyedVectors`, the path of a file of vectors,
            or a dict of vectors by word.
        freeze
            Which of them are only read and never changed: True for all, or words.

        Returns
        -------
        Word2Vec
            The model itself.

        Raises
        ------
        TypeError, ValueError
            A parameter, or something in the corpus, is not what it must be; or
            training diverged; or `resume`, `init_vectors` or `freeze` does not fit. The
            model is as it was before.
        OSError
            The corpus or the vectors cannot be read; or `checkpoint` cannot be
            written, which is noticed before training as far as possible.
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
        with self._being_trained():
            writer = checkpoint_of(checkpoint, checkpoint_every, self.early_stopping)
            given = given_of(init_vectors, freeze, values["vector_size"])
            if resume is None:
                seed = values["seed"]
                random = int.from_bytes(os.urandom(8), "little")
                start = Start(random if seed is None else seed)
            else:
                start = start_of(self, resume)
            text = read_text(corpus, values, sample_weight)
            self._train(text, values, start, writer, given)
        return self

    def __getattr__(self, name: str) -> Any:
        """Explain why a result is missing."""
        if name in _FITTED:
            raise not_fitted(name)
        raise AttributeError(f"'Word2Vec' object has no attribute {name!r}")
