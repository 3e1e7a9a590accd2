"""What a model must have in common with the one whose training it goes on with."""

from __future__ import annotations

import numbers
import os
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._encoding import Text, checksum, fingerprint
from sgns._params import PARAMETERS, join_faults, shown
from sgns._training import Start
from sgns._warn import warn

__all__ = ["check_same", "is_mark", "mark_of", "start_of"]

Mark = dict[str, Any]

_TYPES = {
    "tokens": int,
    "crc32": int,
    "counts": int,
    "weights": int,
    "frozen": int,
    "validation": str,
    "kernel": str,
    "version": str,
}


def mark_of(
    text: Text,
    validation: Any,
    held_out: _core.Corpus | None,
    frozen: npt.NDArray[np.int32],
) -> Mark:
    """Return what tells whether training can go on exactly.

    Parameters
    ----------
    text
        Trained and held-out sentences, where those are a share of it.
    validation
        The parameter.
    held_out
        The held-out sentences, if any.
    frozen
        The rows that stay as they are.
    """
    return {
        **fingerprint(text),
        "frozen": zlib.crc32(frozen.tobytes()),
        "validation": _described(validation, held_out),
        "kernel": _core.kernel_name(),
        "version": _core.__version__,
    }


def _described(validation: Any, held_out: _core.Corpus | None) -> str:
    if held_out is None:
        return "none"
    if isinstance(validation, numbers.Real):
        return f"the share {float(validation)}"
    return f"a text of {held_out.n_tokens:,} words (CRC-32 {checksum(held_out):08x})"


def is_mark(value: Any) -> bool:
    """Return whether a value that came from a file has the form of a mark."""
    return value is None or (
        isinstance(value, dict)
        and value.keys() == _TYPES.keys()
        and all(type(value[name]) is kind for name, kind in _TYPES.items())
    )


def start_of(model: Any, resume: Any) -> Start:
    """Return where `model` goes on with the training of another one.

    Parameters
    ----------
    model
        The model to be trained.
    resume
        The model that was stopped, or the path of its file.

    Raises
    ------
    TypeError
        `resume` is neither.
    ValueError
        It is not fitted, or was not stopped between two epochs of its training; or
        parameters differ other than `workers` and those that change no number.
    OSError
        The file cannot be read.
    """
    if isinstance(resume, (str, os.PathLike)):
        resume = type(model).load(resume)
    if not isinstance(resume, type(model)):
        raise TypeError(
            "resume must be a Word2Vec, the path of a saved one or None, "
            f"got {shown(resume)}"
        )
    _check_resumable(model, resume)
    history = resume.history_
    return Start(
        resume.seed_, resume._tables(), history, resume.n_epochs_, mark=resume._mark
    )


def _check_resumable(model: Any, stopped: Any) -> None:
    epochs = stopped.n_epochs_
    if stopped._mark is None:
        raise ValueError(
            f"resume needs a model stopped between two epochs, got one with {epochs:,} "
            f"of {stopped.epochs:,} epochs that was finished, stopped within an epoch, "
            "or changed by partial_fit or early stopping"
        )
    faults = [
        f"{name} is {shown(getattr(model, name))}, was {shown(getattr(stopped, name))}"
        for name in PARAMETERS
        if name not in ("workers", "seed")
        and getattr(model, name) != getattr(stopped, name)
    ]
    if model.seed not in (stopped.seed, stopped.seed_):
        faults.append(f"seed is {shown(model.seed)}, was {stopped.seed_}")
    if model.early_stopping is not None:
        faults.append("early_stopping is set, which keeps no vectors to go on with")
    if faults:
        raise ValueError(join_faults(["resume needs equal parameters", *faults]))


def check_same(mark: Mark, before: Mark) -> None:
    """Raise ValueError unless a run reads what the one before read.

    Parameters
    ----------
    mark, before
        What `mark_of` gave for them.

    Warns
    -----
    UserWarning
        The versions or the kernels differ: the result may not have the same bits.
    """
    if mark["tokens"] != before["tokens"]:
        raise ValueError(
            f"resume needs the same corpus, expected {before['tokens']:,} words of the "
            f"vocabulary, got {mark['tokens']:,}"
        )
    for name, needed, got in (
        ("crc32", "corpus", "another text with as many words"),
        ("counts", "counts of words (vocabulary, keep)", "others"),
        ("weights", "weights of sentences", "others"),
        ("frozen", "frozen words", "others"),
    ):
        if mark[name] != before[name]:
            raise ValueError(f"resume needs the same {needed}, got {got}")
    if mark["validation"] != before["validation"]:
        raise ValueError(
            f"resume needs the same validation, expected {before['validation']:.80}, "
            f"got {mark['validation']}"
        )
    for name, was in (("version", "by version"), ("kernel", "with kernel")):
        if mark[name] != before[name]:
            warn(
                f"not bit-equal to an unbroken run: trained {was} {before[name]:.40}, "
                f"running {mark[name]}"
            )
