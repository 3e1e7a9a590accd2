"""Probabilities over all words: Huffman tree, partition function, their cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns.pairs._losses import Floats, log_sigmoid
from sgns.sampling import Distribution
from sgns.sampling._checks import as_array, as_ids, as_int, as_integers

__all__ = ["HuffmanCodes", "dot_products", "hs_log_prob", "partition"]

LOSSES = ("ns", "hs", "ns+hs", "nce", "sampled_softmax", "softmax")
CHUNK_SCORES = 1 << 22
"""Scores that are held at a time."""


class HuffmanCodes:
    """The binary Huffman tree of a vocabulary: a code and a path for each word.

    **Thread safety**: immutable.

    Parameters
    ----------
    counts : array_like of int of shape (n_words,)
        Occurrences of the words, descending, at least 2 of them.

    Attributes
    ----------
    offsets : ndarray of shape (n_words + 1,), dtype int64
        Word w has the entries offsets[w] to offsets[w + 1] - 1 of the arrays below.
    nodes : ndarray of dtype int32
        Inner nodes from the root down, 0 to n_words - 2; the root is n_words - 2.
    codes : ndarray of dtype uint8
        The branch, 0 or 1, that leaves each node; label 1 - code in training.
    lengths : ndarray of shape (n_words,), dtype int64
        Nodes on each path.

    Raises
    ------
    TypeError, ValueError
        Counts that are no integers, negative, not descending, or fewer than 2.

    Examples
    --------
    >>> from sgns import pairs
    >>> tree = pairs.HuffmanCodes([5, 2, 1])
    >>> tree.lengths.tolist(), tree.path(2)[1].tolist()
    ([1, 2, 2], [0, 0])
    """

    def __init__(self, counts: npt.ArrayLike) -> None:
        values = as_integers(counts, "counts", 1)
        if len(values) < 2:
            raise ValueError(f"counts must have at least 2 words, got {len(values)}")
        wrong = np.flatnonzero(values[1:] > values[:-1])
        if len(wrong) or values[-1] < 0:
            at = int(wrong[0]) + 1 if len(wrong) else len(values) - 1
            raise ValueError(
                f"counts must be >= 0 and descending, got {values[at]} at {at}"
            )
        offsets, self.nodes, self.codes = _core.huffman_paths(values)
        self.offsets = offsets.astype(np.int64)
        self.lengths = np.diff(self.offsets)

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.lengths)

    def path(self, word: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
        """Return the inner nodes and the codes of a word, from the root down.

        Parameters
        ----------
        word : int
            From 0 to n_words - 1.

        Returns
        -------
        nodes : ndarray of shape (lengths[word],), dtype int32
        codes : ndarray of shape (lengths[word],), dtype uint8

        Raises
        ------
        TypeError, ValueError
            `word` is no int, or outside of the tree.
        """
        word = as_int(word, "word", 0, len(self) - 1)
        part = slice(int(self.offsets[word]), int(self.offsets[word + 1]))
        return self.nodes[part], self.codes[part]


def hs_log_prob(
    words: npt.ArrayLike,
    vectors: npt.ArrayLike,
    node_vectors: npt.ArrayLike,
    tree: HuffmanCodes,
) -> Floats:
    """Return log p(word | input) of hierarchical softmax.

    The sum over the path of log σ(s) where the code is 0 and log σ(-s) where it is 1,
    s the score of the input and the inner node. The probabilities of all words sum to
    1 without a normaliser.

    Parameters
    ----------
    words : array_like of int of shape (n,)
        Ids.
    vectors : array_like of shape (n, dim) or (dim,)
        The input vector of each, or one for all.
    node_vectors : array_like of shape (n_words - 1, dim)
        Vectors of the inner nodes.
    tree : HuffmanCodes
        Their tree.

    Returns
    -------
    ndarray of shape (n,), dtype float64
        In nats, at most 0.

    Raises
    ------
    TypeError, ValueError
        Ids outside of the tree, or shapes that do not fit.
    """
    if not isinstance(tree, HuffmanCodes):
        raise TypeError(f"tree must be a HuffmanCodes, got {tree!r}")
    ids = as_ids(as_integers(words, "words", 1), "words", len(tree))
    x = as_array(vectors, "vectors", None)
    nodes = as_array(node_vectors, "node_vectors", 2)
    shape = (len(tree) - 1, x.shape[-1])
    if nodes.shape != shape or x.shape not in {(len(ids), shape[1]), shape[1:]}:
        raise ValueError(
            "vectors must have the shape (n, dim) or (dim,) and node_vectors "
            f"({len(tree) - 1}, dim), got {x.shape} and {nodes.shape}"
        )
    result = np.zeros(len(ids))
    for i, word in enumerate(ids.tolist()):
        path, codes = tree.path(word)
        row = x if x.ndim == 1 else x[i]
        scores = nodes[path].astype(np.float64) @ row.astype(np.float64)
        result[i] = log_sigmoid(np.where(codes == 0, scores, -scores)).sum()
    return result


def partition(
    vectors: npt.ArrayLike,
    output: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    distribution: Distribution | None = None,
    n_samples: int | None = None,
    seed: int = 0,
    step: int = 0,
) -> Floats:
    """Return the normaliser of the softmax: Z = Σ exp(x·y + bias) over all words.

    Parameters
    ----------
    vectors : array_like of shape (n, dim)
        Input vectors x.
    output : array_like of shape (n_words, dim)
        Output vectors y.
    bias : array_like of shape (n_words,), optional
        Of each word.
    distribution : Distribution, optional
        Of `n_words` ids, all of which it can draw: estimates Z without bias from
        `n_samples` of them, drawn for each vector, as the mean of exp(score) / q. By
        default Z is exact.
    n_samples : int, optional
        Draws for each vector, >= 1; 1,000 by default. Needs `distribution`.
    seed, step : int
        Of the draws.

    Returns
    -------
    ndarray of shape (n,), dtype float64
        Infinite where it is beyond the range of a double.

    Raises
    ------
    TypeError, ValueError
        Shapes that do not fit, a distribution that never draws some word.
    """
    x, y = (
        np.asarray(as_array(value, name, 2), np.float64)
        for value, name in ((vectors, "vectors"), (output, "output"))
    )
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            "vectors and output must have the shapes (n, dim) and (n_words, dim), got "
            f"{x.shape} and {y.shape}"
        )
    b = np.zeros(len(y)) if bias is None else np.asarray(as_array(bias, "bias", 1))
    if len(b) != len(y):
        raise ValueError(f"bias must have {len(y)} values, got {len(b)}")
    ids, weights = _draws(distribution, len(x), len(y), n_samples, seed, step)
    z = np.empty(len(x))
    rows = max(1, CHUNK_SCORES // max(1, len(y) if ids is None else ids.shape[1]))
    for begin in range(0, len(x), rows):
        part = slice(begin, begin + rows)
        if ids is None:
            logs = x[part] @ y.T + b
        else:
            scores = np.einsum("nd,nkd->nk", x[part], y[ids[part]])
            logs = scores + b[ids[part]] - weights[part]
        with np.errstate(over="ignore"):
            z[part] = np.exp(np.logaddexp.reduce(logs, axis=1))
    return z


def _draws(
    distribution: Distribution | None,
    n: int,
    n_words: int,
    n_samples: int | None,
    seed: int,
    step: int,
) -> tuple[npt.NDArray[Any] | None, Floats]:
    """Return drawn ids, (n, n_samples), and log(q n_samples) of each; None without."""
    if distribution is None and n_samples is not None:
        raise ValueError(f"n_samples={n_samples!r} needs a distribution, got None")
    if distribution is None:
        return None, np.empty(0)
    if not isinstance(distribution, Distribution) or distribution.n != n_words:
        raise ValueError(
            f"distribution must be a Distribution of {n_words} ids, "
            f"got {distribution!r}"
        )
    if distribution.support < n_words:
        raise ValueError(
            f"distribution must draw each of the {n_words} words, got {distribution!r} "
            f"with {distribution.support} of a probability > 0"
        )
    k = 1000 if n_samples is None else as_int(n_samples, "n_samples", 1, 2**31 - 1)
    ids = distribution.sample((n, k), seed=seed, step=step)
    return ids, distribution.log_prob(ids) + np.log(k)


def dot_products(
    loss: str, *, n_words: int, negative: int = 5, counts: npt.ArrayLike | None = None
) -> float:
    """Return how many scores a loss computes for a pair, on average.

    Parameters
    ----------
    loss : {"ns", "nce", "sampled_softmax", "hs", "ns+hs", "softmax"}
        With noise words: negative + 1, whatever the number of words. Hierarchical
        softmax: the mean length of the Huffman paths, within 1 of the entropy of the
        words in bits. Softmax: one for each word.
    n_words : int
        Size of the vocabulary.
    negative : int
        Noise words of a pair.
    counts : array_like of int of shape (n_words,), optional
        Of the words, descending, for the paths; by default all are equal.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        A value is not as said.

    Examples
    --------
    >>> from sgns import pairs
    >>> pairs.dot_products("ns", n_words=10**6, negative=20)
    21.0
    >>> pairs.dot_products("softmax", n_words=10**6)
    1000000.0
    >>> round(pairs.dot_products("hs", n_words=1024), 6)
    10.0
    """
    if loss not in LOSSES:
        names = ", ".join(map(repr, LOSSES))
        raise ValueError(f"loss must be one of {names}, got {loss!r}")
    n_words = as_int(n_words, "n_words", 2, 2**31 - 2)
    negative = as_int(negative, "negative", 0, 1000)
    if loss == "softmax":
        return float(n_words)
    products = 0.0 if loss == "hs" else 1.0 + negative
    if "hs" in loss:
        weights = np.ones(n_words, np.int64) if counts is None else counts
        tree = HuffmanCodes(weights)
        if len(tree) != n_words:
            raise ValueError(f"counts must have {n_words} values, got {len(tree)}")
        if not np.any(weights):
            raise ValueError("counts must not be all zero")
        products += float(np.average(tree.lengths, weights=np.asarray(weights)))
    return products
