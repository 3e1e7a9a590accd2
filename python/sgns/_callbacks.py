"""Functions of the user that are called while a model is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sgns._training import Run, Watch

if TYPE_CHECKING:
    from sgns.keyed_vectors import KeyedVectors

__all__ = ["MOMENTS", "Callbacks", "Training", "as_callbacks"]

MOMENTS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


class Training:
    """A training run, as callbacks see it; the worker threads are not running.

    Attributes
    ----------
    epoch : int
        Epochs trained so far.
    epochs : int
        Epochs of the whole run.
    history : dict of str to list of float
        As `Word2Vec.history_`, of the epochs trained so far.

    Examples
    --------
    >>> from sgns import Word2Vec
    >>> class Watch:
    ...     def on_epoch_end(self, training):
    ...         print(training.epoch, sorted(training.wv))
    ...         return training.epoch == 2  # True ends training
    >>> text = [["a", "b", "c"]] * 100
    >>> model = Word2Vec(vector_size=4, sample=0, workers=1, callbacks=[Watch()])
    >>> len(model.fit(text).history_["loss"])
    1 ['a', 'b', 'c']
    2 ['a', 'b', 'c']
    2
    """

    def __init__(self, run: Run, snapshot: Callable[[], Any]) -> None:
        self.epoch = run.epochs_done
        self.epochs = run.epochs
        self.history = {name: list(values) for name, values in run.history.items()}
        self._snapshot = snapshot
        self._model: Any = None

    @property
    def model(self) -> Any:
        """A `Word2Vec` with copies of the vectors trained so far; it can be saved."""
        if self._model is None:
            self._model = self._snapshot()
        return self._model

    @property
    def wv(self) -> KeyedVectors:
        """The input vectors so far, with queries: those of `model`."""
        wv: KeyedVectors = self.model.wv
        return wv


class Callbacks(Watch):
    """Tells the user's callbacks; `snapshot` makes a model of what was trained."""

    def __init__(
        self, callbacks: Sequence[object], snapshot: Callable[[], Any]
    ) -> None:
        self._callbacks = callbacks
        self._snapshot = snapshot

    def tell(self, moment: str, run: Run) -> bool:
        """Call the method `moment` of all callbacks; True when one returned True."""
        methods = [getattr(one, moment, None) for one in self._callbacks]
        called = [method for method in methods if method is not None]
        if not called:
            return False
        training = Training(run, self._snapshot)
        answers = [method(training) for method in called]
        return any(isinstance(a, bool | np.bool_) and bool(a) for a in answers)


def as_callbacks(callbacks: Any) -> tuple[object, ...]:
    """Return the callbacks of the parameter: None, one, or a list or tuple of them.

    Raises TypeError for an object without any of the methods.
    """
    several = isinstance(callbacks, (list, tuple))
    found = () if callbacks is None else tuple(callbacks if several else [callbacks])
    for i, one in enumerate(found):
        if not any(callable(getattr(one, moment, None)) for moment in MOMENTS):
            name = f"callbacks[{i}]" if several else "callbacks"
            raise TypeError(
                f"{name} must have a method {', '.join(MOMENTS[:3])} or {MOMENTS[3]}, "
                f"got {type(one).__name__}"
            )
    return found
