"""Models to files and back: which attributes of the estimator a file holds."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from sgns._resume import is_mark
from sgns._warn import warn
from sgns.formats import Model, read_model, write_model
from sgns.formats._table import Checked, shown, shown_path
from sgns.keyed_vectors import KeyedVectors

__all__ = ["ModelFile"]

NOT_SAVED = (
    "corpus",
    "progress",
    "callbacks",
    "validation",
    "vocabulary",
    "keep",
)
"""Parameters that belong to a run: texts, paths and functions."""

STATE = {"n_epochs_": int, "_calls": int, "_mark": dict | None}
"""Attributes of plain values that training needs to go on, and their types."""

ARRAYS = ("common_component_",)


def _parameter_names(kind: type) -> list[str]:
    signature = inspect.signature(kind).parameters.values()
    return [
        parameter.name
        for parameter in signature
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        and parameter.name not in NOT_SAVED
    ]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


class ModelFile:
    """What an estimator is as a file, and what of it is pickled."""

    corpus: Any
    wv: KeyedVectors
    vectors_: npt.NDArray[np.float32]
    output_vectors_: npt.NDArray[np.float32] | None
    vocabulary_: dict[str, int]
    _training: threading.Lock

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the whole model to one safetensors file, completely or not at all.

        Parameters
        ----------
        path : str or os.PathLike
            The file; replaced if it is there. It holds the words and their counts, all
            tables, the history and the parameters, but no corpus and no functions.

        Raises
        ------
        ValueError
            The model is not fitted.
        OSError
            The file cannot be written; the old one is untouched.
        """
        write_model(path, _content(self))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, mmap: bool = False) -> Self:
        """Read a model that `save` wrote.

        Parameters
        ----------
        path : str or os.PathLike
            The file.
        mmap : bool
            Map the tables instead of reading them; see `sgns.formats.read_model`.

        Returns
        -------
        Word2Vec
            With the parameters and the results of the model that was saved, so that
            training can go on.

        Raises
        ------
        ValueError
            The file is no model, is damaged, or was written by a later version.
        OSError
            The file cannot be read.
        """
        content = read_model(path, mmap=mmap)
        name = shown_path(os.fspath(path))
        for key, kind in STATE.items():
            value = content.state.get(key)
            is_right = isinstance(value, kind) and (key != "_mark" or is_mark(value))
            if key in content.state and not is_right:
                raise ValueError(f"{name}: {key} cannot be {shown(value)}")
        loaded: Self = _with_parameters(cls, content, name)
        _set_results(loaded, content)
        return loaded

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters and the results, each table once.

        A corpus that can be read only once, an iterator or an open file, is left out:
        a copy cannot read it again, and most of them cannot be copied.
        """
        left_out = ("_training", "vocabulary_")
        state = {k: v for k, v in self.__dict__.items() if k not in left_out}
        if "wv" in state:
            state["wv"] = (self.wv.words, self.wv.counts)
        if isinstance(self.corpus, Iterator) or hasattr(self.corpus, "read"):
            state["corpus"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copy that is not being trained."""
        self.__dict__.update(state)
        if "wv" in state:
            words, counts = state["wv"]
            self.wv = KeyedVectors(words, self.vectors_, counts, self.output_vectors_)
            self.vocabulary_ = self.wv.index
        self._training = threading.Lock()


def _content(model: Any) -> Model:
    wv, kept = model.wv, model.__dict__
    names = _parameter_names(type(model))
    return Model(
        wv.words,
        model.vectors_,
        output=model.output_vectors_,
        output_bias=model.output_bias_,
        nodes=model.node_vectors_,
        counts=wv.counts,
        parameters={name: _plain(getattr(model, name)) for name in names},
        seed=model.seed_,
        history=model.history_,
        state={name: kept[name] for name in STATE if name in kept},
        arrays={name: kept[name] for name in ARRAYS if name in kept},
    )


def _with_parameters(kind: type, content: Model, name: str) -> Any:
    """Return a new estimator with the parameters of a file."""
    if content.seed is None or not content.parameters:
        raise ValueError(
            f"{name} holds vectors but no parameters; use KeyedVectors.load"
        )
    names = set(_parameter_names(kind))
    unknown = sorted(set(content.parameters) - names)
    if unknown:
        listed = ", ".join(shown(one, 40) for one in unknown[:5])
        warn(f"{name}: parameters that are not known are left out: {listed}")
    try:
        return kind(**{k: v for k, v in content.parameters.items() if k in names})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is not an sgns model: {error}") from None


def _set_results(model: Any, content: Model) -> None:
    output = None if content.output is None else content.output.view(Checked)
    vectors = content.input.view(Checked)
    model.wv = KeyedVectors(content.words, vectors, content.counts, output)
    model.vectors_ = content.input
    model.output_vectors_, model.node_vectors_ = content.output, content.nodes
    model.output_bias_ = content.output_bias
    model.vocabulary_ = model.wv.index
    model.history_ = {key: list(values) for key, values in content.history.items()}
    model.seed_ = content.seed
    for key in STATE:
        if key in content.state:
            setattr(model, key, content.state[key])
    for key in ARRAYS:
        if key in content.arrays:
            setattr(model, key, content.arrays[key])
