"""What a trained model says of pairs of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sgns.pairs import HuffmanCodes, hs_log_prob, log_sigmoid, partition
from sgns.sampling import Distribution

if TYPE_CHECKING:
    from sgns.keyed_vectors import KeyedVectors

__all__ = ["PairView"]

Floats = npt.NDArray[np.float64]


class PairView:
    """Probabilities of pairs from the tables of a model; see `sgns.pairs`."""

    wv: KeyedVectors
    output_vectors_: npt.NDArray[np.float32] | None
    node_vectors_: npt.NDArray[np.float32] | None

    def pair_probability(self, context: str, word: str) -> float:
        """Return the probability that a word is real near a context, by its score.

        Parameters
        ----------
        context, word : str
            The input word and the target.

        Returns
        -------
        float
            σ(input vector of `context` · output vector of `word`).

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        ValueError
            The model has no output vectors, or is not fitted.
        """
        output = _present(self.output_vectors_, "output_vectors_", "hs")
        score = self.wv[context].astype(np.float64) @ output[self._row(word)]
        return float(np.exp(log_sigmoid(score)))

    def hs_log_prob(self, context: str, word: str | None = None) -> float | Floats:
        """Return log p(word | context) of hierarchical softmax.

        Parameters
        ----------
        context : str
            The input word.
        word : str, optional
            The target; by default all words.

        Returns
        -------
        float, or ndarray of shape (n_words,), dtype float64
            In nats.

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        ValueError
            The model has no Huffman nodes, or is not fitted.
        """
        nodes = _present(self.node_vectors_, "node_vectors_", "ns")
        rows = range(len(self.wv)) if word is None else [self._row(word)]
        values = hs_log_prob(list(rows), self.wv[context], nodes, self.huffman_codes())
        return values if word is None else float(values[0])

    def partition(
        self,
        context: str,
        *,
        distribution: Distribution | None = None,
        n_samples: int | None = None,
        seed: int = 0,
    ) -> float:
        """Return the sum of exp(score) of a context and all words.

        Parameters
        ----------
        context : str
            The input word.
        distribution, n_samples, seed
            Estimate it from draws; see `sgns.pairs.partition`.

        Returns
        -------
        float
            With the trained biases, if there are any.

        Raises
        ------
        KeyError
            A word that is not in the vocabulary.
        ValueError
            The model has no output vectors, or is not fitted.
        """
        output = _present(self.output_vectors_, "output_vectors_", "hs")
        bias: Any = getattr(self, "output_bias_", None)
        values = partition(
            self.wv[context][None],
            output,
            bias,
            distribution=distribution,
            n_samples=n_samples,
            seed=seed,
        )
        return float(values[0])

    def huffman_codes(self) -> HuffmanCodes:
        """Return the tree of the words; `node_vectors_` belong to its inner nodes.

        Returns
        -------
        HuffmanCodes

        Raises
        ------
        ValueError
            The model is not fitted.
        """
        counts = self.wv.counts
        if counts is None:
            raise ValueError("the Huffman tree needs the counts of the words")
        return HuffmanCodes(counts)

    def _row(self, word: str) -> int:
        self.wv[word]  # a KeyError that says more
        return self.wv.index[word]


def _present(
    table: npt.NDArray[np.float32] | None, name: str, loss: str
) -> npt.NDArray[np.float32]:
    if table is None:
        raise ValueError(f"{name} is None: loss={loss!r} does not train it")
    return table
