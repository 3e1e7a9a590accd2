"""Queries that search all words for the nearest ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sgns._nearest import Found, Table, cosines, largest, nearest, unit_vector
from sgns._query import Item, Query, check_vector, query_items, signed_items, words_of
from sgns._word_vectors import Space, WordVectors
from sgns.formats._table import at_least_one, shown
from sgns.indexes import NearestIndex, nearest_by_index

Similar = list[tuple[str, float]]
Method = Literal["3cosadd", "3cosmul"]

COSMUL_EPSILON = 1e-6
"""Added to the denominator of 3CosMul, as gensim does."""


def check_method(method: object) -> None:
    """Raise ValueError for what is no `Method`."""
    if method not in get_args(Method):
        names = ", ".join(map(repr, get_args(Method)))
        raise ValueError(f"method must be one of {names}, got {shown(method)}")


class Searches(WordVectors):
    """The queries of `sgns.KeyedVectors` that search all words."""

    def most_similar(
        self,
        query: Query | None = None,
        *,
        positive: Query | None = None,
        negative: Query | None = None,
        topn: int = 10,
        restrict_vocab: int | None = None,
        space: Space = "input",
        index: NearestIndex | None = None,
    ) -> Similar:
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
        space : {"input", "output", "input-output"}
            Whose vectors the words of the query have, and whose are searched: input
            vectors, output vectors, or input vectors of the query among the output
            vectors, which finds words that occur near it.
        index : object with a method ``search(directions, n)``, optional
            Finds candidates instead of looking at all words; see `sgns.indexes`. The
            cosines of the candidates are computed and sorted as always.

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
            Something else than words, vectors or pairs of these with a weight; an
            `index` without a method ``search``.
        ValueError
            Nothing to be near to or far from, a vector of wrong length or dtype, one
            that is zero or not finite, items that add up to zero or to more than a
            float64 holds, `topn` or `restrict_vocab` below 1, an unknown
            `space` or one that needs output vectors when there are none,
            `restrict_vocab` together with `index`, rows of `index` that do not exist.

        Notes
        -----
        The query is the sum of weight times vector, over the positive items with their
        weight and the negative ones with minus it; for three words, 3CosAdd (Mikolov et
        al. 2013; Levy and Goldberg 2014). Vectors of words are brought to length 1
        before, vectors given as such are taken as they are, as in gensim. A word whose
        vector is zero has cosine 0.0 with everything.

        Examples
        --------
        >>> import sgns
        >>> wv = sgns.KeyedVectors(
        ...     ["man", "woman", "king", "queen"],
        ...     [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]],
        ... )
        >>> wv.most_similar(positive=["king", "woman"], negative=["man"])[0][0]
        'queen'
        """
        items = signed_items(query, positive, negative)
        return self._search([items], topn, restrict_vocab, space, index)[0]

    def most_similar_batch(
        self,
        queries: Sequence[Query] | NDArray[np.floating],
        *,
        topn: int = 10,
        restrict_vocab: int | None = None,
        space: Space = "input",
        index: NearestIndex | None = None,
    ) -> list[Similar]:
        """Return the words nearest to each of many queries, in one matrix product.

        Parameters
        ----------
        queries : list of queries, or ndarray of shape (n_queries, vector_size)
            Each a `query` of `most_similar`: a word, a vector, or a list of words,
            vectors and pairs, where a negative weight means to be far from.
        topn, restrict_vocab, space, index
            As for `most_similar`.

        Returns
        -------
        list of list of (str, float)
            For each query what `most_similar` returns.

        Raises
        ------
        KeyError
            Words that are not in the vocabulary, all those of all queries.
        TypeError, ValueError
            As for `most_similar`.

        Examples
        --------
        >>> import sgns
        >>> wv = sgns.KeyedVectors(["sun", "moon", "car"], [[5, 1], [4, 1], [-1, 5]])
        >>> [found[0][0] for found in wv.most_similar_batch(["sun", "moon"])]
        ['moon', 'sun']
        """
        if isinstance(queries, np.ndarray) and queries.dtype.kind not in "OU":
            if queries.ndim != 2:
                raise ValueError(
                    f"queries must have shape (n_queries, {self.vector_size}), got "
                    f"{queries.shape}"
                )
        elif not isinstance(queries, list | tuple | np.ndarray):
            raise TypeError(f"queries must be a list of queries, got {shown(queries)}")
        asked = [signed_items(query, None, None) for query in queries]
        return self._search(asked, topn, restrict_vocab, space, index)

    def most_similar_cosmul(
        self,
        positive: Query | None = None,
        negative: Query | None = None,
        *,
        topn: int = 10,
        restrict_vocab: int | None = None,
        space: Space = "input",
    ) -> Similar:
        """Return the words nearest to a query by products of cosines (3CosMul).

        Parameters
        ----------
        positive : str, vector or list of these
            What to be near to.
        negative : str, vector or list of these, optional
            What to be far from.
        topn, restrict_vocab, space
            As for `most_similar`.

        Returns
        -------
        list of (str, float)
            Word and value, largest first; equal ones by row. The words of the query
            are left out.

        Raises
        ------
        KeyError, TypeError
            As for `most_similar`.
        ValueError
            Nothing to be near to, an item with a weight; or as for `most_similar`.

        Notes
        -----
        The value is the product of (1 + cosine) / 2 over the positive items, divided
        by the same over the negative ones plus 1e-6 (Levy and Goldberg 2014, equation
        4 and footnote 7; their constant is 1e-3, this one is gensim's).
        """
        near, far = query_items(positive), query_items(negative)
        if not near:
            raise ValueError("nothing positive to search for")
        if any(weight != 1 for _, weight in near + far):
            raise ValueError("most_similar_cosmul takes no weights")
        topn, limit = self._limits(topn, restrict_vocab)
        excluded = self._rows(words_of(near + far))
        asked, candidates = self._tables(space)
        values = np.ones(limit)
        below = np.ones(limit)
        rows = np.arange(limit)
        for items, product in ((near, values), (far, below)):
            for item, _ in items:
                direction = unit_vector(self._vector(item, asked))
                product *= (1 + cosines(candidates, rows, direction)) / 2
        if far:
            values /= below + COSMUL_EPSILON
        left = np.delete(rows, excluded[excluded < limit])
        best = left[largest(values[left], topn)]
        return self._named((best, values[best]))

    def analogy(
        self,
        a: str,
        b: str,
        c: str,
        *,
        method: Method = "3cosadd",
        topn: int = 10,
        restrict_vocab: int | None = None,
        space: Space = "input",
    ) -> Similar:
        """Return the words that are to `c` as `b` is to `a`.

        Parameters
        ----------
        a, b, c : str
            Three words, as in "man is to king as woman is to ...".
        method : {"3cosadd", "3cosmul"}
            `most_similar` or `most_similar_cosmul`, with `b` and `c` positive and `a`
            negative.
        topn, restrict_vocab, space
            As for `most_similar`.

        Returns
        -------
        list of (str, float)
            Word and value, best first.

        Raises
        ------
        KeyError, TypeError
            As for `most_similar`.
        ValueError
            An unknown `method`; or as for `most_similar`.

        Examples
        --------
        >>> import sgns
        >>> wv = sgns.KeyedVectors(
        ...     ["man", "woman", "king", "queen"],
        ...     [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]],
        ... )
        >>> wv.analogy("man", "king", "woman")[0][0]
        'queen'
        """
        check_method(method)
        self._rows([a, b, c])
        search = self.most_similar if method == "3cosadd" else self.most_similar_cosmul
        return search(
            positive=[b, c],
            negative=[a],
            topn=topn,
            restrict_vocab=restrict_vocab,
            space=space,
        )

    def relative_cosine_similarity(
        self, a: str, b: str, *, topn: int = 10, space: Space = "input"
    ) -> float:
        """Return the cosine of two words, relative to those of the nearest words.

        Parameters
        ----------
        a, b : str
            Two words.
        topn : int
            How many words nearest to `a` count.
        space : {"input", "output", "input-output"}
            As for `most_similar`.

        Returns
        -------
        float
            The cosine divided by the sum of the `topn` largest ones. Above 1 / topn,
            `b` is nearer than the nearest words are on average (Leeuwenberg et al.
            2016).

        Raises
        ------
        KeyError, TypeError, ValueError
            As for `most_similar`; or the sum is zero.
        """
        row, other = self._rows([a, b])
        total = sum(
            cosine for _, cosine in self.most_similar(a, topn=topn, space=space)
        )
        if total == 0:
            raise ValueError(f"the words nearest to {shown(a)} have cosine 0 with it")
        asked, candidates = self._tables(space)
        direction = unit_vector(asked.vectors[row])
        return float(cosines(candidates, np.array([other]), direction)[0]) / total

    def _limits(self, topn: int, restrict_vocab: int | None) -> tuple[int, int]:
        """Return the checked `topn`, and how many words are searched."""
        topn = at_least_one("topn", topn)
        if restrict_vocab is None:
            return topn, len(self)
        return topn, min(len(self), at_least_one("restrict_vocab", restrict_vocab))

    def _search(
        self,
        queries: list[list[tuple[Item, float]]],
        topn: int,
        restrict_vocab: int | None,
        space: Space,
        index: NearestIndex | None,
    ) -> list[Similar]:
        topn, limit = self._limits(topn, restrict_vocab)
        asked, candidates = self._tables(space)
        self._rows([word for items in queries for word in words_of(items)])
        excluded = [sorted({self.index[w] for w in words_of(q)}) for q in queries]
        directions = np.empty((len(queries), self.vector_size))
        for place, items in enumerate(queries):
            directions[place] = self._direction(items, asked)
        if index is None:
            found = nearest(
                candidates, directions, topn, limit=limit, excluded=excluded
            )
        elif restrict_vocab is not None:
            raise ValueError("restrict_vocab cannot be used with an index")
        else:
            found = nearest_by_index(index, candidates, directions, topn, excluded)
        return [self._named(one) for one in found]

    def _vector(self, item: Item, table: Table) -> NDArray[Any]:
        if isinstance(item, str):
            vector: NDArray[Any] = table.vectors[self.index[item]]
            return vector
        return check_vector(item, self.vector_size)

    def _direction(
        self, items: list[tuple[Item, float]], table: Table
    ) -> NDArray[np.float64]:
        """Return the unit vector of a query; zero if all its words have zero rows."""
        total = np.zeros(self.vector_size)
        all_zero = True
        for item, weight in items:
            vector = self._vector(item, table)
            part = unit_vector(vector) if isinstance(item, str) else vector
            all_zero = all_zero and not part.any()
            with np.errstate(over="ignore", invalid="ignore"):
                total += weight * part.astype(np.float64)
        if not np.isfinite(total).all():
            raise ValueError("a query must add up to finite numbers, got inf or nan")
        if not all_zero and not total.any():
            raise ValueError("cosine is undefined for a query that adds up to zero")
        return unit_vector(total)

    def _named(self, found: Found) -> Similar:
        rows, values = found
        return [
            (self.words[row], value)
            for row, value in zip(rows.tolist(), values.tolist(), strict=True)
        ]
