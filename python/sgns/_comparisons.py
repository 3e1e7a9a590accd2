"""Queries that compare words with words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._nearest import Rows, cosines, unit_vector
from sgns._query import check_vector, word_list
from sgns._word_vectors import Space, Vector, WordVectors
from sgns.formats._table import shown


class Comparisons(WordVectors):
    """The queries of `sgns.KeyedVectors` that compare given words."""

    def similarity(self, a: str, b: str, *, space: Space = "input") -> float:
        """Return the cosine of the angle between two words.

        Parameters
        ----------
        a, b : str
            Two words.
        space : {"input", "output", "input-output"}
            Which vectors are compared: the input vectors, the output vectors, or the
            input vector of `a` with the output vector of `b`.

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
        ValueError
            An unknown `space`, or one that needs output vectors when there are none.
        """
        row, other = self._rows([a, b])
        return float(self._cosines(row, np.array([other]), space)[0])

    def distance(self, a: str, b: str, *, space: Space = "input") -> float:
        """Return 1 minus the cosine of the angle between two words.

        Parameters
        ----------
        a, b, space
            As for `similarity`.

        Returns
        -------
        float
            From 0 to 2.

        Raises
        ------
        KeyError, TypeError, ValueError
            As for `similarity`.
        """
        return 1.0 - self.similarity(a, b, space=space)

    def distances(
        self,
        word_or_vector: str | Vector,
        other_words: Sequence[str] | None = None,
        *,
        space: Space = "input",
    ) -> NDArray[np.float64]:
        """Return 1 minus the cosine between a word or vector and several words.

        Parameters
        ----------
        word_or_vector : str or ndarray of shape (vector_size,)
            Where the distances begin.
        other_words : list of str, optional
            Where they end; by default all words.
        space : {"input", "output", "input-output"}
            As for `similarity`.

        Returns
        -------
        ndarray of shape (n_other_words,), dtype float64

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        TypeError
            Something else than words.
        ValueError
            A vector of wrong length or dtype, one that is zero or not finite, an
            unknown `space`, or one that needs output vectors when there are none.
        """
        given = [] if isinstance(word_or_vector, np.ndarray) else [word_or_vector]
        if other_words is None:
            row, rows = self._rows(given), np.arange(len(self))
        else:
            both = self._rows(given + word_list("other_words", other_words))
            row, rows = both[: len(given)], both[len(given) :]
        if isinstance(word_or_vector, np.ndarray):
            direction = unit_vector(check_vector(word_or_vector, self.vector_size))
            values = cosines(self._tables(space)[1], rows, direction)
        else:
            values = self._cosines(int(row[0]), rows, space)
        return 1.0 - values

    def n_similarity(
        self, a: Sequence[str], b: Sequence[str], *, space: Space = "input"
    ) -> float:
        """Return the cosine between the mean vectors of two lists of words.

        Parameters
        ----------
        a, b : list of str
            The words; their vectors are added as they are.
        space : {"input", "output", "input-output"}
            As for `similarity`.

        Returns
        -------
        float
            From -1 to 1; 0.0 when one of the means is zero.

        Raises
        ------
        KeyError, TypeError
            As for `similarity`.
        ValueError
            A list is empty; or as for `similarity`.
        """
        lists = [word_list("a", a), word_list("b", b)]
        if not all(lists):
            raise ValueError("n_similarity needs at least 1 word in each list, got 0")
        rows = self._rows(lists[0] + lists[1])
        parts = np.split(rows, [len(lists[0])])
        means = [
            unit_vector(table.vectors[part].mean(axis=0, dtype=np.float64))
            for table, part in zip(self._tables(space), parts, strict=True)
        ]
        return float(np.clip(means[0] @ means[1], -1.0, 1.0))

    def mean_vector(
        self,
        words: Sequence[str | Vector],
        weights: ArrayLike | None = None,
        *,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = False,
        space: Space = "input",
    ) -> Vector:
        """Return the weighted mean of the vectors of words.

        Parameters
        ----------
        words : list of str and ndarray of shape (vector_size,)
            Words, vectors or both.
        weights : array_like of shape (n_words,), optional
            1 for each by default. The sum is divided by the sum of their absolute
            values.
        pre_normalize : bool
            Bring the vectors of words (not vectors given as such) to length 1 before.
        post_normalize : bool
            Bring the mean to length 1.
        ignore_missing : bool
            Leave out words that are not in the vocabulary, instead of raising.
        space : {"input", "output"}
            Whose vectors are taken; "input-output" takes the input vectors.

        Returns
        -------
        ndarray of shape (vector_size,), dtype float32

        Raises
        ------
        KeyError
            Words that are not in the vocabulary.
        TypeError
            Something else than words and vectors.
        ValueError
            No word, or none in the vocabulary; weights of another length, that are not
            finite or all zero; a vector as it must not be for `most_similar`; a mean
            that is too large for float32.

        Notes
        -----
        The same as gensim's ``get_mean_vector``, which leaves unknown words out unless
        told otherwise.
        """
        listed = word_list("words", words)
        factors = _checked_weights(weights, len(listed))
        table = self._tables(space)[0]
        is_vector = [isinstance(item, np.ndarray) for item in listed]
        kept = [
            place
            for place, item in enumerate(listed)
            if not (ignore_missing and isinstance(item, str)) or item in self
        ]
        self._rows([listed[place] for place in kept if not is_vector[place]])
        total = np.zeros(self.vector_size)
        for place in kept:
            item = listed[place]
            if is_vector[place]:
                vector = check_vector(item, self.vector_size)
            elif pre_normalize:
                vector = table.units([self.index[item]])[0]
            else:
                vector = table.vectors[self.index[item]]
            with np.errstate(over="ignore", invalid="ignore"):
                total += factors[place] * vector
        with np.errstate(over="ignore"):
            divisor = np.abs(factors[kept]).sum()
        if divisor == 0:
            raise ValueError(
                f"the mean needs a word with a weight, got none of {len(listed):,}"
            )
        with np.errstate(over="ignore", invalid="ignore"):
            mean = unit_vector(total) if post_normalize else total / divisor
            result = mean.astype(np.float32)
        if not (np.isfinite(divisor) and np.isfinite(result).all()):
            raise ValueError("the mean must be finite as float32, got inf or nan")
        return result

    def doesnt_match(self, words: Sequence[str], *, space: Space = "input") -> str:
        """Return the word that is farthest from the others.

        Parameters
        ----------
        words : list of str
            At least three.
        space : {"input", "output"}
            Whose vectors are compared; "input-output" compares the input vectors.

        Returns
        -------
        str
            The word whose cosine with the mean of the unit vectors is smallest; the
            first of several such.

        Raises
        ------
        KeyError, TypeError
            As for `similarity`.
        ValueError
            Less than three words; or as for `similarity`.
        """
        listed = word_list("words", words)
        rows = self._rows(listed)
        if len(listed) < 3:
            raise ValueError(f"doesnt_match needs at least 3 words, got {len(listed)}")
        table = self._tables(space)[0]
        direction = unit_vector(table.units(rows).mean(axis=0))
        return str(listed[int(np.argmin(cosines(table, rows, direction)))])

    def most_similar_to_given(
        self, word: str, words: Sequence[str], *, space: Space = "input"
    ) -> str:
        """Return that of several words which is nearest to a word.

        Parameters
        ----------
        word : str
            The word.
        words : list of str
            Those to choose from.
        space : {"input", "output", "input-output"}
            As for `similarity`.

        Returns
        -------
        str
            The first of equally near ones.

        Raises
        ------
        KeyError, TypeError
            As for `similarity`.
        ValueError
            No word to choose from; or as for `similarity`.
        """
        listed = word_list("words", words)
        if not listed:
            raise ValueError("most_similar_to_given needs at least 1 word, got 0")
        row, *rows = self._rows([word, *listed])
        values = self._cosines(int(row), np.array(rows), space)
        return str(listed[int(np.argmax(values))])

    def closer_than(self, a: str, b: str, *, space: Space = "input") -> list[str]:
        """Return the words that are closer to `a` than `b` is.

        Parameters
        ----------
        a, b, space
            As for `similarity`.

        Returns
        -------
        list of str
            By row, without `a`.

        Raises
        ------
        KeyError, TypeError, ValueError
            As for `similarity`.
        """
        row, other = self._rows([a, b]).tolist()
        values = self._cosines(row, np.arange(len(self)), space)
        closer = np.flatnonzero(values > values[other]).tolist()
        return [self.words[place] for place in closer if place != row]

    def rank(self, a: str, b: str, *, space: Space = "input") -> int:
        """Return the place of `b` among the words nearest to `a`, from 1.

        Parameters
        ----------
        a, b, space
            As for `similarity`.

        Returns
        -------
        int
            One more than the number of words that `closer_than` returns.

        Raises
        ------
        KeyError, TypeError, ValueError
            As for `similarity`.
        """
        return len(self.closer_than(a, b, space=space)) + 1

    def _cosines(self, row: int, rows: Rows, space: Space) -> NDArray[np.float64]:
        asked, candidates = self._tables(space)
        return cosines(candidates, rows, unit_vector(asked.vectors[row]))


def _checked_weights(weights: ArrayLike | None, n_words: int) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(n_words)
    array = np.asarray(weights)
    if array.shape != (n_words,) or array.dtype.kind not in "fiu":
        raise ValueError(
            f"weights must be {n_words:,} real numbers, one for each word, got "
            f"{shown(weights)}"
        )
    if not np.isfinite(array).all():
        raise ValueError("weights must be finite, got nan or inf")
    return array.astype(np.float64)
