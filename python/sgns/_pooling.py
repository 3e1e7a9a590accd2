"""From the vectors of words to the vector of a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns._tables import require_column

__all__ = ["common_component", "pooled", "rows_of", "sif_weights"]

Matrix = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]


def sif_weights(counts: npt.NDArray[np.int64], a: float) -> Matrix:
    """Return a / (a + p) for each word of probability p (Arora et al., 2017).

    Parameters
    ----------
    counts : ndarray of shape (n_words,), dtype int64
        Occurrences of each word.
    a : float
        Words of this probability get the weight one half.

    Returns
    -------
    ndarray of shape (n_words,), dtype float32
    """
    p = counts / counts.sum()
    return np.asarray(a / (a + p), dtype=np.float32)


def pooled(
    sentences: Iterable[Ids], vectors: Matrix, weights: Matrix | None = None
) -> Matrix:
    """Return the weighted mean of each sentence's word vectors.

    Parameters
    ----------
    sentences : iterable of ndarray of dtype int32
        Rows of `vectors`. A sentence without words gets a zero vector.
    vectors : ndarray of shape (n_words, dim), dtype float32
        Of the words.
    weights : ndarray of shape (n_words,), dtype float32, optional
        The sum of weight times vector is divided by the number of words, as in Arora
        et al. (2017). None weighs all words 1.

    Returns
    -------
    ndarray of shape (n_sentences, dim), dtype float32
    """
    weights = np.ones(len(vectors), np.float32) if weights is None else weights
    means = []
    for rows in sentences:
        n = max(len(rows), 1)
        if len(rows) > len(vectors):  # at most one row a word is gathered
            occurrences = np.bincount(rows, minlength=len(vectors))
            means.append((weights * (occurrences / n).astype(np.float32)) @ vectors)
        else:
            means.append((weights[rows] / np.float32(n)) @ vectors[rows])
    return np.array(means, dtype=np.float32).reshape(-1, vectors.shape[1])


def common_component(means: Matrix) -> Matrix:
    """Return the first right singular vector of the rows, of length 1.

    Arora et al. (2017) remove it from each sentence vector.

    Parameters
    ----------
    means : ndarray of shape (n_sentences, dim), dtype float32
        Sentence vectors.

    Returns
    -------
    ndarray of shape (dim,), dtype float32
    """
    double = means.astype(np.float64)
    _, directions = np.linalg.eigh(double.T @ double)
    return np.asarray(directions[:, -1], dtype=np.float32)


def rows_of(sentences: Iterable[Any], index: dict[str, int]) -> Iterator[Ids]:
    """Yield the rows of each sentence's words, those not in `index` left out.

    Raises
    ------
    TypeError
        A sentence is not a list of words, or a word is not a str.
    """
    if isinstance(sentences, (str, bytes, Mapping, Set)) or not isinstance(
        sentences, Iterable
    ):
        raise TypeError(
            "transform needs an iterable of lists of words, "
            f"got {type(sentences).__name__}"
        )
    require_column(sentences)
    for i, sentence in enumerate(sentences):
        is_text = isinstance(sentence, (str, bytes))
        if is_text or isinstance(sentence, (Mapping, Set)) or not _iterable(sentence):
            hint = "; use text.split()" if is_text else ""
            shown = f"{type(sentence).__name__} {sentence!r:.40}"
            raise TypeError(
                f"sentence {i} must be a list of words, got the {shown}{hint}"
            )
        words = list(sentence)
        for j, word in enumerate(words):
            if not isinstance(word, str):
                raise TypeError(
                    f"sentence {i}, token {j} must be str, "
                    f"got {type(word).__name__} ({word!r:.40})"
                )
        rows = [index[word] for word in words if word in index]
        yield np.array(rows, dtype=np.int32)


def _iterable(value: object) -> bool:
    return isinstance(value, Iterable) or hasattr(type(value), "__getitem__")
