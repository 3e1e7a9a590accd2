"""What scikit-learn asks of an estimator, without depending on it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._callbacks import as_callbacks
from sgns._encoding import grow, in_vocabulary, read_all_words
from sgns._fitting import Fitting
from sgns._given import Given, words_to_freeze
from sgns._options import training_options
from sgns._params import (
    ESTIMATOR_PARAMETERS,
    PARAMETERS,
    check_parameters,
    join_faults,
    shown,
    suggest,
)
from sgns._pooling import pooled, rows_of, sif_weights
from sgns._progress import check_progress
from sgns._training import HeldOut, Start, Tables
from sgns._vocabulary import check_rule

__all__ = ["Estimator", "NotFittedError", "not_fitted", "unknown_parameters"]

Matrix = npt.NDArray[np.float32]


class NotFittedError(ValueError, AttributeError):
    """A result was asked for before `Word2Vec.fit` made it."""


def not_fitted(name: str) -> NotFittedError:
    """Return the error for a missing result; also scikit-learn's, once it is loaded."""
    message = f"this model has no {name!r} yet: call fit() first"
    loaded = sys.modules.get("sklearn.exceptions")
    if loaded is None:
        return NotFittedError(message)
    parents = (NotFittedError, loaded.NotFittedError)
    again = {"__reduce__": lambda _: (not_fitted, (name,))}
    error: NotFittedError = type("NotFittedError", parents, again)(message)
    return error


def unknown_parameters(names: Iterable[str]) -> TypeError:
    """Return the error for names that are no parameters, with the nearest ones."""
    faults = []
    for name in names:
        near = suggest(name)
        hint = f", did you mean {near!r}?" if near else ""
        faults.append(f"Word2Vec has no parameter {shown(name)}{hint}")
    return TypeError(join_faults(faults))


class Estimator(Fitting):
    """Parameters by name, vectors of sentences, continued fitting, and a score."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all parameters by name.

        Parameters
        ----------
        deep
            Without meaning here: no parameter is an estimator.

        Returns
        -------
        dict of str to object
            As they were given.
        """
        names = [
            parameter.name
            for parameter in inspect.signature(type(self)).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; results stay as they are until the next fit.

        Parameters
        ----------
        **params
            New values by name.

        Returns
        -------
        Word2Vec
            The model itself.

        Raises
        ------
        TypeError, ValueError
            An unknown name, a wrong type or a value out of range; nothing is changed.
        """
        values = self.get_params()
        if unknown := [name for name in params if name not in values]:
            raise unknown_parameters(unknown)
        _check(values | params)
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def _checked_parameters(self) -> dict[str, Any]:
        """Return plain values of the tables of parameters, and the vocabulary's."""
        values = self.get_params()
        _check(values)
        table = PARAMETERS | ESTIMATOR_PARAMETERS
        plain = {name: table[name].plain(values[name]) for name in table}
        return plain | {name: values[name] for name in ("vocabulary", "keep")}

    def _tables(self) -> Tables:
        vectors, output = self.vectors_, self.output_vectors_
        return vectors, output, self.node_vectors_, self.output_bias_

    def transform(self, X: Iterable[Sequence[str]]) -> Matrix:
        """Return a vector for each sentence: the mean of its words' vectors.

        With ``pooling="sif"`` each vector is weighted by ``a / (a + p)``, where p is
        the word's share of the corpus and a is `sif_weight`, and the component that
        the sentences of the corpus have in common is removed (Arora, Liang and Ma, A
        simple but tough-to-beat baseline for sentence embeddings, 2017).

        Parameters
        ----------
        X
            An iterable of lists of words. Words without a vector are left out; a
            sentence in which no word has one becomes zeros.

        Returns
        -------
        ndarray of shape (n_sentences, vector_size), dtype float32

        Raises
        ------
        TypeError
            A sentence or a word has the wrong type.
        ValueError
            The model is not fitted.
        """
        values = self._checked_parameters()
        index = self.wv.index
        if values["pooling"] == "mean":
            return pooled(rows_of(X, index), self.vectors_)
        common = self.common_component_
        weights = sif_weights(self._counts(), values["sif_weight"])
        means = pooled(rows_of(X, index), self.vectors_, weights)
        return np.asarray(means - np.outer(means @ common, common), dtype=np.float32)

    def fit_transform(
        self, X: Iterable[Sequence[str]], y: object = None, **fit_params: Any
    ) -> Matrix:
        """Fit to the sentences and return their vectors.

        Parameters
        ----------
        X
            An iterable of lists of words.
        y
            Not used.
        **fit_params
            Of `fit`.

        Returns
        -------
        ndarray of shape (n_sentences, vector_size), dtype float32
        """
        sentences = list(X) if isinstance(X, Iterator) else X
        self.fit(sentences, y, **fit_params)
        return self.transform(sentences)

    def fit(
        self, corpus: Any = None, y: object = None, *, sample_weight: Any = None
    ) -> Any:
        """Read the corpus, count its words and train their vectors."""
        raise NotImplementedError

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[Any]:
        """Return a name for each column of `transform`: word2vec0, word2vec1, ...

        Parameters
        ----------
        input_features
            Not used.

        Returns
        -------
        ndarray of shape (vector_size,), dtype object
        """
        names = [f"word2vec{i}" for i in range(self.vectors_.shape[1])]
        return np.array(names, dtype=object)

    def score(self, X: Any, y: object = None) -> float:
        """Return the negative of the mean loss of held-out sentences, in nats.

        Parameters
        ----------
        X
            A text, as for `fit`.
        y
            Not used.

        Returns
        -------
        float
            Higher is better. The windows and noise words are those that an epoch over
            the text would draw with `seed_`, one loss for each input row, as in
            `history_`. Two scores can be compared when `loss`, `architecture`,
            `negative`, `ns_exponent`, `window` and `sample` are the same.

        Raises
        ------
        TypeError, ValueError
            As for `fit`; or no word of the text is in the vocabulary.
        """
        tables, counts = self._tables(), self._counts()
        values = self._checked_parameters()
        options = training_options(values, self.seed_)
        corpus = in_vocabulary(read_all_words(X, values), self.wv.index)
        return -HeldOut(corpus, counts, options).loss(tables)

    def partial_fit(
        self,
        corpus: Any,
        y: object = None,
        *,
        sample_weight: Any = None,
        freeze: bool | Iterable[str] = False,
    ) -> Self:
        """Go on training with another text, whose new words enter the vocabulary.

        Words of the text that have no vector yet enter the vocabulary when they occur
        `min_count` times in it; their input rows start as in `fit`, at random by
        `seed_`, and their output rows at zero. The other rows go on from where they
        are. Counts are added, also for noise words and subsampling, and rows are
        sorted again. `epochs` passes over the text are made, with rates from `alpha`
        to `min_alpha` and draws of their own in every call; `history_` goes on.

        Without a fit before it, this is `fit`. The result depends on nothing but the
        calls so far, with one worker.

        Parameters
        ----------
        corpus
            As for `fit`.
        y
            Not used.
        sample_weight
            As for `fit`.
        freeze
            Which input vectors are only read and never changed: True for those of all
            words known so far, or a list of such words.

        Returns
        -------
        Word2Vec
            The model itself.

        Raises
        ------
        TypeError, ValueError
            As for `fit`; or the model has a Huffman tree (`loss` with "hs"), whose
            nodes new counts would rearrange; or a parameter that gives the shape of
            the model was changed. The model is as it was before.
        """
        if "vectors_" not in self.__dict__:
            words_to_freeze(freeze, ())
            fitted: Self = self.fit(corpus, y, sample_weight=sample_weight)
            return fitted
        values = self._checked_parameters()
        with self._being_trained():
            self._check_continuation(values)
            given = Given(self.wv, words_to_freeze(freeze, self.wv))
            words, counts = self.wv.words, self._counts()
            new_text = read_all_words(corpus, values, sample_weight)
            text, origin = grow(new_text, words, counts, values["min_count"])
            vectors = _core.initial_input(self.seed_, *self._shape(len(origin)))
            vectors[: len(words)] = self.vectors_
            output = np.zeros_like(vectors)
            output[: len(words)] = self.output_vectors_
            tables = (vectors[origin], output[origin], None, None)
            start = Start(self.seed_, tables, self.history_, calls=self._calls + 1)
            self._train(text, values, start, given=given)
        return self

    def _shape(self, n_words: int) -> tuple[int, int]:
        return n_words, self.vectors_.shape[1]

    def _check_continuation(self, values: dict[str, Any]) -> None:
        if self.node_vectors_ is not None or self.output_vectors_ is None:
            raise ValueError(
                "partial_fit needs a model of loss='ns': new counts would rearrange "
                "the Huffman tree"
            )
        if values["loss"] != "ns":
            raise ValueError(
                f"partial_fit goes on with loss='ns', got loss={values['loss']!r}"
            )
        size = self.vectors_.shape[1]
        if values["vector_size"] != size:
            raise ValueError(
                f"vector_size must be that of the fitted vectors, {size}, "
                f"got {values['vector_size']}"
            )

    def _counts(self) -> npt.NDArray[np.int64]:
        counts = self.wv.counts
        if counts is None:
            raise ValueError("this needs the counts of the words: wv.counts is None")
        return counts

    def __sklearn_is_fitted__(self) -> bool:
        return "vectors_" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        """Describe the estimator to scikit-learn, which alone asks for this."""
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            input_tags=InputTags(two_d_array=False, string=True),
            non_deterministic=True,
            no_validation=True,
        )

    def __repr__(self) -> str:
        """Show the parameters that differ from their defaults."""
        table = PARAMETERS | ESTIMATOR_PARAMETERS
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in table.items()
            if getattr(self, name) != parameter.default
        ]
        return f"{type(self).__name__}({', '.join(changed)})"


def _check(values: dict[str, Any]) -> None:
    check_parameters(values)
    check_progress(values["progress"])
    as_callbacks(values["callbacks"])
    check_rule(values["vocabulary"], values["keep"])
