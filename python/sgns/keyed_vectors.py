"""Word vectors by word: look up, compare, search, save and load."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._query import (
    Item,
    Query,
    check_vector,
    cosines,
    largest,
    query_items,
    unit_rows,
    unit_vector,
)
from sgns.formats import Errors, Format, OnBadRow, read_vectors, write_vectors
from sgns.formats._table import (
    as_counts,
    as_matrix,
    as_words,
    at_least_one,
    row_blocks,
    shown,
)

Vector = NDArray[np.float32]
Kind = TypeVar("Kind", bound=np.generic)


class KeyedVectors(Mapping[str, Vector]):
    """Words and their vectors.

    A mapping from word to vector: ``wv["king"]``, ``"king" in wv``, ``len(wv)``,
    ``for word in wv``, ``wv.items()``. A list of words gives a matrix.

    **Thread safety**: any number of threads may query one object.

    Parameters
    ----------
    words : sequence of str
        All different; the most frequent first, if their order means anything.
    vectors : array_like of shape (n_words, vector_size)
        Finite real numbers. A C-contiguous float32 array is used as it is, also when it
        is read-only or memory-mapped, and must not be changed afterwards.
    counts : array_like of shape (n_words,), optional
        How often each word occurred in the corpus.

    Attributes
    ----------
    words : list of str
        The words by row.
    index : dict of str to int
        The row of each word.
    vectors : ndarray of shape (n_words, vector_size), dtype float32
        One row for each word; read-only.
    counts : ndarray of shape (n_words,), dtype int64, or None
        Occurrences of each word; read-only.

    Raises
    ------
    TypeError
        Words that are not str.
    ValueError
        Lengths that differ, a word that comes twice, a wrong shape or dtype, values
        that are not finite, negative counts.

    Examples
    --------
    >>> wv = KeyedVectors(["sun", "moon", "car"], [[1, 0.1], [0.9, 0], [-0.5, 1]])
    >>> wv["moon"]
    array([0.9, 0. ], dtype=float32)
    >>> wv[["sun", "car"]].shape
    (2, 2)
    >>> [word for word, cosine in wv.most_similar("sun")]
    ['moon', 'car']
    """

    def __init__(
        self,
        words: Sequence[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
    ) -> None:
        self.vectors: Vector = _read_only(as_matrix(vectors))
        self.words, self.index = as_words(words, len(self.vectors))
        self.counts: NDArray[np.int64] | None = None
        if counts is not None:
            self.counts = _read_only(as_counts(counts, len(self.words)))
        self._norms: NDArray[np.float64] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.words, self.vectors, self.counts))

    def __repr__(self) -> str:
        return f"<KeyedVectors: {len(self):,} words, vector_size={self.vector_size}>"

    # As a mapping of arrays would compare, equality has no single truth value.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    @property
    def vector_size(self) -> int:
        """Number of values of each vector."""
        return int(self.vectors.shape[1])

    @property
    def norms(self) -> NDArray[np.float64]:
        """Euclidean length of each vector, computed once.

        Returns
        -------
        ndarray of shape (n_words,), dtype float64
        """
        if self._norms is None:
            norms = np.empty(len(self))
            for block in row_blocks(*self.vectors.shape):
                rows = self.vectors[block].astype(np.float64)
                norms[block] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
            self._norms = _read_only(norms)
        return self._norms

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self.index

    @overload
    def __getitem__(self, word: str, /) -> Vector: ...

    @overload
    def __getitem__(self, word: Sequence[str], /) -> Vector: ...

    def __getitem__(self, word: str | Sequence[str], /) -> Vector:
        """Return the vector of a word, or the matrix of a list of words.

        Parameters
        ----------
        word : str or sequence of str

        Returns
        -------
        ndarray of shape (vector_size,) or (len(word), vector_size), dtype float32
            Of one word a view, of several a copy.

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        TypeError
            Something else than words.
        """
        if isinstance(word, str):
            vector: Vector = self.vectors[self._rows([word])[0]]
            return vector
        if not isinstance(word, list | tuple | np.ndarray):
            raise TypeError(f"expected a word or a list of words, got {shown(word)}")
        return self.vectors[np.array(self._rows(list(word)), dtype=np.intp)]

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of the angle between two words.

        Parameters
        ----------
        a, b : str
            Two words.

        Returns
        -------
        float
            From -1 to 1; 0.0 when one of the vectors is zero.

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        TypeError
            Something else than words.
        """
        rows = self._rows([a, b])
        first, second = unit_rows(self.vectors[rows], self.norms[rows])
        return float(np.clip(first @ second, -1.0, 1.0))

    def most_similar(
        self,
        query: Query | None = None,
        *,
        positive: Query | None = None,
        negative: Query | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
    ) -> list[tuple[str, float]]:
        """Return the words nearest to a query by cosine.

        Parameters
        ----------
        query, positive : str, vector, pair or list of these, optional
            What to be near to: a word, a vector of shape (vector_size,), or a pair
            (word or vector, weight).
        negative : str, vector, pair or list of these, optional
            What to be far from.
        topn : int
            Number of results; all words when there are fewer.
        restrict_vocab : int, optional
            Look only among this many first words, the most frequent ones.

        Returns
        -------
        list of (str, float)
            Word and cosine, nearest first; equally near words by row. The words of the
            query are left out.

        Raises
        ------
        KeyError
            Words that are not in the vocabulary, all of them.
        TypeError
            Something else than words, vectors or pairs of these with a weight.
        ValueError
            Nothing to be near to or far from, a vector of wrong length or dtype, one
            that is zero or not finite, `topn` or `restrict_vocab` below 1.

        Notes
        -----
        The query is the sum of weight times unit vector, over the positive items with
        their weight and the negative ones with minus it; for three words, 3CosAdd
        (Mikolov et al. 2013; Levy and Goldberg 2014). A word whose vector is zero has
        cosine 0.0 with everything.

        Examples
        --------
        >>> wv = KeyedVectors(
        ...     ["man", "woman", "king", "queen"],
        ...     [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]],
        ... )
        >>> wv.most_similar(positive=["king", "woman"], negative=["man"])[0][0]
        'queen'
        """
        topn = at_least_one("topn", topn)
        limit = len(self)
        if restrict_vocab is not None:
            limit = min(limit, at_least_one("restrict_vocab", restrict_vocab))
        items = query_items(query) + query_items(positive)
        items += [(item, -weight) for item, weight in query_items(negative)]
        if not items:
            raise ValueError("nothing positive and nothing negative to search for")
        words = [item for item, _ in items if isinstance(item, str)]
        excluded = sorted(set(self._rows(words)))
        direction = self._direction(items)
        rows, cosines = self._nearest(direction, topn, limit, excluded)
        return [
            (self.words[row], cosine)
            for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True)
        ]

    def save(
        self, path: str | os.PathLike[str], *, format: Format | None = None
    ) -> None:
        """Write words and vectors in word2vec format, completely or not at all.

        Parameters
        ----------
        path : str or os.PathLike
            The file; replaced if it is there.
        format : {"text", "binary"}, optional
            By default binary if the path ends with ".bin", text otherwise.

        Raises
        ------
        ValueError
            Words that are empty or have white space.
        OSError
            The file cannot be written; the old one is untouched.
        """
        write_vectors(path, self.words, self.vectors, format=format)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        format: Format | None = None,
        errors: Errors = "strict",
        on_bad_row: OnBadRow = "error",
        header: bool | Literal["auto"] = "auto",
        limit: int | None = None,
    ) -> Self:
        """Read words and vectors in word2vec format.

        Parameters
        ----------
        path : str or os.PathLike
            The file.
        format : {"text", "binary"}, optional
            By default the content decides.
        errors, on_bad_row, header, limit
            What to do about invalid UTF-8 and bad rows, whether text has a header, and
            how many words to read; see `sgns.formats.read_vectors`.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ValueError
            The content is not what it should be.
        OSError
            The file cannot be read.
        """
        words, vectors = read_vectors(
            path,
            format=format,
            errors=errors,
            on_bad_row=on_bad_row,
            header=header,
            limit=limit,
        )
        return cls(words, vectors)

    def _rows(self, words: Sequence[object]) -> list[int]:
        """Return the rows of words; raise for all that are no words or unknown."""
        for word in words:
            if not isinstance(word, str):
                raise TypeError(f"a word must be str, got {shown(word)}")
        unknown = [word for word in words if word not in self.index]
        if unknown:
            names = list(dict.fromkeys(shown(word, 40) for word in unknown))
            more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
            verb = "is" if len(names) == 1 else "are"
            raise KeyError(
                f"{', '.join(names[:5])}{more} {verb} not in the vocabulary "
                f"({len(self):,} words)"
            )
        return [self.index[str(word)] for word in words]

    def _direction(self, items: list[tuple[Item, float]]) -> Vector:
        """Return the unit vector of a query; zero if all its words have zero rows."""
        total = np.zeros(self.vector_size)
        all_zero = True
        for item, weight in items:
            if isinstance(item, str):
                vector: NDArray[Any] = self.vectors[self.index[item]]
            else:
                vector = check_vector(item, self.vector_size)
            direction = unit_vector(vector)
            all_zero = all_zero and not direction.any()
            total += weight * direction
        if not all_zero and not total.any():
            raise ValueError("cosine is undefined for a query that adds up to zero")
        return unit_vector(total).astype(np.float32)

    def _nearest(
        self, direction: Vector, topn: int, limit: int, excluded: list[int]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the rows below `limit` with the largest cosines, and these."""
        rows, values = [], []
        for block in row_blocks(limit, self.vector_size):
            out = [
                row - block.start for row in excluded if block.start <= row < block.stop
            ]
            candidates = np.delete(np.arange(block.start, block.stop), out)
            block_values = np.delete(
                cosines(self.vectors[block], self.norms[block], direction), out
            )
            best = largest(block_values, topn)
            rows.append(candidates[best])
            values.append(block_values[best])
        all_rows, all_values = np.concatenate(rows), np.concatenate(values)
        best = largest(all_values, topn)
        return all_rows[best], all_values[best]


def _read_only(array: NDArray[Kind]) -> NDArray[Kind]:
    view = array.view()
    view.flags.writeable = False
    return view
