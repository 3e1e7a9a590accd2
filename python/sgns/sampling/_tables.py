"""Tables of labelled pairs: positives from a text, negatives from a distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns import _core
from sgns._params import Parameter, default_workers, plain_values
from sgns.sampling._checks import as_int
from sgns.sampling._distributions import Distribution, Uniform, Unigram, Weights
from sgns.sampling._text import read_text

__all__ = ["SkipGrams", "skipgrams"]

Batch = tuple[
    NDArray[np.int32], NDArray[np.int32], NDArray[np.float32] | NDArray[np.int8]
]

CALL_ROWS = 1 << 20
"""Rows that one call of the core makes, when batches are smaller."""
EXPONENT = 0.75

PARAMETERS = (
    Parameter("window", "int", 5, "", low=1, high=10_000, none="the whole sentence"),
    Parameter(
        "negatives", "int", None, "", low=0, high=1_000, none="5, or as ratio says"
    ),
    Parameter("ratio", "float", None, "", low=0, high=1_000, none="as negatives says"),
    Parameter(
        "exclude",
        "choice",
        "target",
        "",
        choices=("none", "target", "window", "sentence", "pairs"),
    ),
    Parameter(
        "window_weighting",
        "choice",
        "fixed",
        "",
        choices=("fixed", "shrink", "harmonic"),
    ),
    Parameter("sample", "float", 0, "", low=0, high=1),
    Parameter("batch_size", "int", None, "", low=1, none="one batch"),
    Parameter("seed", "int", 0, "", low=0, high=2**64 - 1),
    Parameter("epoch", "int", 0, "", low=0, high=2**64 - 1),
    Parameter("workers", "int", None, "", low=1, high=1_024, none="all processors"),
    Parameter("labels", "choice", "float32", "", choices=("float32", "int8")),
)


class SkipGrams:
    """A table of labelled pairs, made batch by batch; see `skipgrams`.

    Iterating gives the batches from the first row on, each time anew.

    **Thread safety**: immutable; any number of threads may read one object.

    Parameters
    ----------
    table : _core.PairTable
        The table.
    words : list of str or None
        The words by id.
    n_words : int
        Ids are 0 to n_words - 1.
    batch_size : int or None
        Rows of a batch; None for all.
    small_labels : bool
        Whether labels are int8.

    Attributes
    ----------
    words : list of str or None
        The words by id, most frequent first; None when the text came as ids.
    n_words : int
        Ids are 0 to n_words - 1.
    n_positives : int
        Rows with label 1.
    n_rows : int
        All rows.
    """

    def __init__(
        self,
        table: _core.PairTable,
        words: list[str] | None,
        n_words: int,
        batch_size: int | None,
        small_labels: bool,
    ) -> None:
        self.words = words
        self.n_words = n_words
        self.n_positives = table.n_positives
        self.n_rows = table.n_rows
        self.batch_size = batch_size
        self._table = table
        self._small_labels = small_labels

    def __len__(self) -> int:
        """Return the number of batches."""
        if self.batch_size is None:
            return 1
        return -(-self.n_rows // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """Give the batches; the last one may be shorter."""
        size = self.batch_size
        if size is None:
            yield self.read(0, self.n_rows)
            return
        step = size * max(1, CALL_ROWS // size)
        for begin in range(0, self.n_rows, step):
            centers, contexts, labels = self.read(begin, min(begin + step, self.n_rows))
            for at in range(0, len(centers), size):
                part = slice(at, at + size)
                yield centers[part], contexts[part], labels[part]

    def read(self, begin: int, end: int) -> Batch:
        """Return some rows of the table.

        Parameters
        ----------
        begin, end : int
            The first row, and the one behind the last.

        Returns
        -------
        centers, contexts : ndarray of shape (end - begin,), dtype int32
        labels : ndarray of shape (end - begin,), dtype float32 or int8

        Raises
        ------
        TypeError
            `begin` or `end` is no int.
        ValueError
            Rows that the table does not have, or a sentence that leaves no word to
            draw.
        """
        begin, end = (
            as_int(row, name, -(2**63), 2**63 - 1)
            for row, name in ((begin, "begin"), (end, "end"))
        )
        if not 0 <= begin <= end <= self.n_rows:
            raise ValueError(
                f"rows must lie between 0 and {self.n_rows}, got {begin} to {end}"
            )
        return self._table.read(begin, end, self._small_labels)

    def __repr__(self) -> str:
        return (
            f"<SkipGrams: {self.n_rows:,} rows, {self.n_positives:,} positives, "
            f"{self.n_words:,} words>"
        )


def skipgrams(
    sentences: Any,
    *,
    offsets: ArrayLike | None = None,
    window: int | None = 5,
    negatives: int | None = None,
    ratio: float | None = None,
    exclude: str = "target",
    distribution: Any = None,
    sample: float = 0,
    window_weighting: str = "fixed",
    batch_size: int | None = None,
    labels: str = "float32",
    seed: int = 0,
    epoch: int = 0,
    workers: int | None = None,
) -> SkipGrams:
    """Make a table of labelled pairs (centre, context) from a text.

    Each centre is paired with its contexts (label 1) from left to right; each positive
    is followed by its negatives (label 0): the same centre with words drawn from
    `distribution`.

    Parameters
    ----------
    sentences : corpus of words, or of ids
        Words: whatever `Word2Vec.fit` reads; all of them are kept, and numbered by
        falling frequency (`SkipGrams.words`). Ids: an integer array of shape
        (n_tokens,), one sentence or cut by `offsets`, or an iterable of integer
        sequences. An int32 array that cannot be written to, such as a memory-mapped
        one, is not copied.
    offsets : array_like of shape (n_sentences + 1,), optional
        Sentence i has the tokens offsets[i] to offsets[i + 1] - 1.
    window : int or None
        Most words between a centre and a context, plus 1; None for the whole sentence.
    negatives : int, optional
        Negatives for each positive; 5 unless `ratio` is given.
    ratio : float, optional
        Negatives for each positive on average: the first m positives have
        floor(m * ratio).
    exclude : {"target", "none", "window", "sentence", "pairs"}
        What is never drawn as a negative: the context it stands beside; nothing; the
        words at most `window` from the centre, itself included; the words of the
        sentence; or all words that are at most `window` from the centre's word
        anywhere in the text, before or after subsampling. The others keep their
        proportions.
    distribution : distribution of `sgns.sampling`, or array_like of shape (n_words,)
        What negatives are drawn from; weights may have any sum. By default the counts
        of the text to the power 0.75.
    sample : float
        Subsampling threshold as of `Word2Vec`; 0 keeps all.
    window_weighting : {"fixed", "shrink", "harmonic"}
        Contexts at distance d: all; with probability (window - d + 1) / window, as
        `Word2Vec` takes them; with probability 1 / d.
    batch_size : int, optional
        Rows of a batch; by default one batch has all.
    labels : {"float32", "int8"}
        Type of the labels.
    seed, epoch : int
        Of every random choice. A row depends on the arguments but `batch_size` and
        `workers`.
    workers : int, optional
        Threads; by default all processors.

    Returns
    -------
    SkipGrams
        Iterable of batches (centers, contexts, labels).

    Raises
    ------
    TypeError
        Something is not of the type it must be: float ids, a str as a sentence.
    ValueError
        A value is out of range, or no word is left to draw.

    Examples
    --------
    >>> from sgns import sampling
    >>> text = [["The", "fat", "cat", "sat", "on", "the", "mat"]]
    >>> table = sampling.skipgrams(text, window=2, negatives=0)
    >>> centers, contexts, labels = next(iter(table))
    >>> [(table.words[a], table.words[b]) for a, b in zip(centers, contexts)][5:9]
    [('cat', 'The'), ('cat', 'fat'), ('cat', 'sat'), ('cat', 'on')]
    """
    values = _checked(locals())
    words, ids, ends = read_text(sentences, offsets)
    law = _law(distribution)
    n_words = _n_words(ids, law, words)
    counts = np.bincount(ids, minlength=n_words)
    if not len(ids):
        law = Uniform(1)  # of a table without rows
    elif law is None:
        law = Unigram(counts, alpha=EXPONENT)
    table = _core.PairTable(
        ids=ids,
        ends=ends,
        law=law._law,
        counts=counts if len(ids) else np.zeros(1, np.int64),
        window=values["window"] or 0,
        window_weighting=window_weighting,
        ratio=values["ratio"],
        exclude=exclude,
        sample=values["sample"],
        seed=values["seed"],
        epoch=values["epoch"],
        workers=values["workers"],
    )
    return SkipGrams(table, words, n_words, values["batch_size"], labels == "int8")


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the plain values of the parameters, with what None stands for."""
    values = plain_values(PARAMETERS, arguments)
    if values["negatives"] is not None and values["ratio"] is not None:
        raise ValueError(
            f"give negatives or ratio, not both: got negatives={values['negatives']}, "
            f"ratio={values['ratio']}"
        )
    if values["window"] is None and values["window_weighting"] == "shrink":
        raise ValueError(
            "window_weighting must be 'fixed' or 'harmonic' with window=None, "
            "got 'shrink'"
        )
    if values["ratio"] is None:
        k = values["negatives"]
        values["ratio"] = float(5 if k is None else k)
    values["workers"] = values["workers"] or default_workers()
    return values


def _law(distribution: Any) -> Distribution | None:
    if distribution is None or isinstance(distribution, Distribution):
        return distribution
    return Weights(distribution)


def _n_words(
    ids: NDArray[np.int32], law: Distribution | None, words: Sequence[str] | None
) -> int:
    """Return the number of words; an id that the law does not have raises."""
    needed = int(ids.max()) + 1 if len(ids) else 0
    if law is None:
        return needed
    if words is not None and law.n != len(words):
        raise ValueError(
            f"distribution must be one of {len(words)} words, got one of {law.n}"
        )
    if needed > law.n:
        raise ValueError(
            f"ids must be below {law.n}, the size of distribution, got {needed - 1}"
        )
    return law.n
