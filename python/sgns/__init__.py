"""Word vectors by skip-gram and CBOW, fast, reproducible and clear.

Examples
--------
>>> import sgns
>>> text = [["the", "fat", "cat", "sat"], ["the", "cat", "sat"]] * 50
>>> model = sgns.Word2Vec(vector_size=8, sample=0, workers=1).fit(text)
>>> sorted(model.vocabulary_)
['cat', 'fat', 'sat', 'the']
>>> model.vectors_.shape
(4, 8)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sgns import _core

if TYPE_CHECKING:
    from sgns._callbacks import Training
    from sgns._progress import ProgressEvent
    from sgns.corpus import Corpus
    from sgns.keyed_vectors import KeyedVectors
    from sgns.phrases import Phrases
    from sgns.word2vec import NotFittedError, Word2Vec

__all__ = [
    "Corpus",
    "KeyedVectors",
    "NotFittedError",
    "Phrases",
    "ProgressEvent",
    "Training",
    "Word2Vec",
    "__version__",
    "show_config",
]

__version__ = _core.__version__

_HOMES = {
    "Corpus": "corpus",
    "KeyedVectors": "keyed_vectors",
    "NotFittedError": "word2vec",
    "Phrases": "phrases",
    "ProgressEvent": "_progress",
    "Training": "_callbacks",
    "Word2Vec": "word2vec",
}
"""The module of each name, imported with NumPy when the name is first used."""

_MODULES = {"evaluation", "formats", "indexes", "pairs", "plots", "sampling"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"sgns.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'sgns' has no attribute {name!r}")
    value = getattr(import_module(f"sgns.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})


def show_config() -> dict[str, str | int | list[str]]:
    """Return what this installation uses.

    Returns
    -------
    dict
        ``version``, ``kernel`` (the instruction set in use), ``kernels`` (those that
        this machine can run, slowest first) and ``processors`` (usable ones).

    Raises
    ------
    ValueError
        The environment variable ``SGNS_KERNEL`` names a kernel that this machine does
        not have.
    """
    from sgns._params import default_workers

    return {
        "version": __version__,
        "kernel": _core.kernel_name(),
        "kernels": _core.kernel_names(),
        "processors": default_workers(),
    }
