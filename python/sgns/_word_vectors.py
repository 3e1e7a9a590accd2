"""Words and their rows: the mapping on which all queries stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._nearest import Table
from sgns.formats._table import as_counts, as_matrix, as_words, shown

Vector = NDArray[np.float32]
Kind = TypeVar("Kind", bound=np.generic)
Space = Literal["input", "output", "input-output"]


class WordVectors(Mapping[str, Vector]):
    """What `sgns.KeyedVectors` is as a mapping; its docstring has the parameters."""

    def __init__(
        self,
        words: Sequence[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        output_vectors: ArrayLike | None = None,
    ) -> None:
        self.vectors: Vector = _read_only(as_matrix(vectors))
        self.words, self._index = as_words(words, len(self.vectors))
        self.counts: NDArray[np.int64] | None = None
        if counts is not None:
            self.counts = _read_only(as_counts(counts, len(self.words)))
        self._input = Table(self.vectors)
        self.output_vectors: Vector | None = None
        if output_vectors is not None:
            self.output_vectors = _read_only(as_matrix(output_vectors))
            if self.output_vectors.shape != self.vectors.shape:
                raise ValueError(
                    f"output_vectors must have shape {self.vectors.shape} as vectors "
                    f"have, got {self.output_vectors.shape}"
                )
            self._output = Table(self.output_vectors)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.words, self.vectors, self.counts, self.output_vectors)
        return (type(self), parts)

    def __repr__(self) -> str:
        output = ", with output vectors" if self.output_vectors is not None else ""
        size = f"{len(self):,} words, vector_size={self.vector_size}"
        return f"<KeyedVectors: {size}{output}>"

    # As a mapping of arrays would compare, equality has no single truth value.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    @property
    def index(self) -> dict[str, int]:
        """Row of each word; of a file's words made when it is first asked for.

        Returns
        -------
        dict of str to int
        """
        if self._index is None:
            rows = range(len(self.words))
            self._index = dict(zip(self.words, rows, strict=True))
        return self._index

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
        return self._input.norms

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
        return self.vectors[self._rows(list(word))]

    def _rows(self, words: Sequence[object]) -> NDArray[np.intp]:
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
        return np.array([self.index[str(word)] for word in words], dtype=np.intp)

    def _tables(self, space: Space) -> tuple[Table, Table]:
        """Return the table of what is asked, and the table of what is found."""
        if space not in get_args(Space):
            names = ", ".join(map(repr, get_args(Space)))
            raise ValueError(f"space must be one of {names}, got {shown(space)}")
        if space == "input":
            return self._input, self._input
        if self.output_vectors is None:
            raise ValueError(
                f"space={space!r} needs output vectors, and these vectors have none"
            )
        return self._output if space == "output" else self._input, self._output


def _read_only(array: NDArray[Kind]) -> NDArray[Kind]:
    view = array.view()
    view.flags.writeable = False
    return view
