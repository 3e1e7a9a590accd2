"""Word vectors by word: look up, compare, search, save and load."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._comparisons import Comparisons
from sgns._query import word_list
from sgns._searches import Searches
from sgns.formats import Errors, Format, Model, OnBadRow
from sgns.formats._keyed import read_keyed, write_keyed
from sgns.formats._table import shown

OnDuplicate = Literal["error", "keep", "replace"]


class KeyedVectors(Searches, Comparisons):
    """Words and their vectors.

    A mapping from word to vector: ``wv["king"]``, ``"king" in wv``, ``len(wv)``,
    ``for word in wv``, ``wv.items()``. A list of words gives a matrix.

    Nothing changes an object: `subset`, `add` and `merge` return new ones.

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
    output_vectors : array_like of shape (n_words, vector_size), optional
        Vectors of the words as targets, for ``space="output"`` and "input-output".

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
    output_vectors : ndarray of shape (n_words, vector_size), dtype float32, or None
        Vectors of the words as targets; read-only.

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

    def subset(self, words: Sequence[str]) -> Self:
        """Return the vectors of some words as a new object.

        Parameters
        ----------
        words : list of str
            All different; the order of the rows of the result.

        Returns
        -------
        KeyedVectors
            With copies of the rows, of the counts and of the output vectors.

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        TypeError
            Something else than words.
        ValueError
            No word, or a word that comes twice.
        """
        listed = word_list("words", words)
        rows = self._rows(listed)
        return type(self)(
            listed,
            self.vectors[rows],
            None if self.counts is None else self.counts[rows],
            None if self.output_vectors is None else self.output_vectors[rows],
        )

    def add(
        self,
        words: Sequence[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        output_vectors: ArrayLike | None = None,
        *,
        on_duplicate: OnDuplicate = "error",
    ) -> Self:
        """Return a new object with more words; this one stays as it is.

        Parameters
        ----------
        words, vectors, counts, output_vectors
            As for the class, of the new words.
        on_duplicate : {"error", "keep", "replace"}
            As for `merge`.

        Returns
        -------
        KeyedVectors
            The words of this object, then the new ones.

        Raises
        ------
        TypeError, ValueError
            As for the class and for `merge`.

        Examples
        --------
        >>> wv = KeyedVectors(["sun"], [[1, 0]]).add(["moon"], [[0.9, 0.1]])
        >>> wv.words
        ['sun', 'moon']
        """
        more = type(self)(words, vectors, counts, output_vectors)
        return self.merge(more, on_duplicate=on_duplicate)

    def merge(
        self, other: KeyedVectors, *, on_duplicate: OnDuplicate = "error"
    ) -> Self:
        """Return a new object with the words of this one, then those of another.

        Parameters
        ----------
        other : KeyedVectors
            Vectors of the same size.
        on_duplicate : {"error", "keep", "replace"}
            What happens to a word of both: raise, keep this object's values, or take
            those of `other` (in the row it has here).

        Returns
        -------
        KeyedVectors
            If only one of the two has counts or output vectors, these are 0 for the
            words of the other.

        Raises
        ------
        TypeError
            `other` is something else.
        ValueError
            Vectors of another size, words in both, an unknown `on_duplicate`.
        """
        if not isinstance(other, KeyedVectors):
            raise TypeError(f"other must be KeyedVectors, got {shown(other)}")
        if on_duplicate not in get_args(OnDuplicate):
            names = ", ".join(map(repr, get_args(OnDuplicate)))
            raise ValueError(
                f"on_duplicate must be one of {names}, got {shown(on_duplicate)}"
            )
        if other.vector_size != self.vector_size:
            raise ValueError(
                f"other must have vector_size={self.vector_size}, got "
                f"{other.vector_size}"
            )
        both = [word for word in other.words if word in self.index]
        if both and on_duplicate == "error":
            raise ValueError(
                f"{len(both):,} words are in both, the first is {shown(both[0])}; "
                "on_duplicate='keep' or 'replace' chooses one"
            )
        new = [word for word in other.words if word not in self.index]
        replaced = both if on_duplicate == "replace" else []
        rows = (len(self), self._rows(replaced), other._rows(replaced + new))
        return type(self)(
            self.words + new,
            _joined(self.vectors, other.vectors, *rows),
            _joined(self.counts, other.counts, *rows),
            _joined(self.output_vectors, other.output_vectors, *rows),
        )

    def save(
        self, path: str | os.PathLike[str], *, format: Format | None = None
    ) -> None:
        """Write words and vectors, completely or not at all.

        Parameters
        ----------
        path : str or os.PathLike
            The file; replaced if it is there. Compressed if it ends with .gz, .bz2,
            .xz or .zst.
        format : {"text", "binary", "safetensors", "npy", "tsv"}, optional
            By default the ending decides: .bin is word2vec binary, .safetensors, .npy
            and .tsv are themselves, anything else is word2vec text. Only safetensors
            keeps the counts and the output vectors too.

        Raises
        ------
        ValueError
            Words that are empty or have white space.
        OSError
            The file cannot be written; the old one is untouched.
        """
        output = self.output_vectors
        model = Model(self.words, self.vectors, output=output, counts=self.counts)
        write_keyed(path, model, format=format)

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
        fvocab: str | os.PathLike[str] | None = None,
        mmap: bool = False,
    ) -> Self:
        """Read words and vectors.

        Parameters
        ----------
        path : str or os.PathLike
            The file, which may be compressed with gzip, bz2, xz or zstd.
        format : {"text", "binary", "safetensors", "npy", "tsv"}, optional
            By default the content decides, and the ending for .tsv.
        errors, on_bad_row, header, limit
            What to do about invalid UTF-8 and bad rows, whether text has a header, and
            how many words to read; see `sgns.formats.read_vectors`.
        fvocab : str or os.PathLike, optional
            A vocabulary file with a word and its count a line, for `counts`.
        mmap : bool
            Map the vectors of a safetensors file instead of reading them; see
            `sgns.formats.read_model`.

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
        options = {"errors": errors, "on_bad_row": on_bad_row, "header": header}
        model = read_keyed(
            path, format=format, limit=limit, fvocab=fvocab, mmap=mmap, **options
        )
        return cls(model.words, model.input, model.counts, model.output)


def _joined(
    mine: Any,
    theirs: Any,
    n_mine: int,
    places: NDArray[np.intp],
    rows: NDArray[np.intp],
) -> Any:
    """Return one table with rows of another at some places, the rest at its end.

    A table that is not there is one of zeros; two such give None.
    """
    if mine is None and theirs is None:
        return None
    if mine is None:
        mine = np.zeros((n_mine, *theirs.shape[1:]), theirs.dtype)
    if theirs is None:
        more = np.zeros((len(rows), *mine.shape[1:]), mine.dtype)
    else:
        more = theirs[rows]
    joined = np.concatenate([mine, more[len(places) :]])
    joined[places] = more[: len(places)]
    return joined
