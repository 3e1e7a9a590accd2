"""What a model must have in common with the one whose training it goes on with."""

from __future__ import annotations

from typing import Any

from sgns import _core
from sgns._encoding import Text, fingerprint
from sgns._params import PARAMETERS, join_faults, shown
from sgns._warn import warn

__all__ = ["check_resumable", "check_same_text", "mark_of"]

Mark = dict[str, int | str]


def mark_of(text: Text) -> Mark:
    """Return what tells whether training can go on exactly: text and kernel."""
    return {**fingerprint(text), "kernel": _core.kernel_name()}


def check_resumable(model: Any, stopped: Any) -> None:
    """Raise unless `model` has the parameters of `stopped`, which is not finished.

    Parameters
    ----------
    model
        The model to be trained.
    stopped
        What was passed as `resume`.

    Raises
    ------
    TypeError
        `stopped` is no model.
    ValueError
        It is not fitted, or was not stopped between two epochs of its training; or
        parameters differ other than `workers` and those that change no number.
    """
    if not isinstance(stopped, type(model)):
        raise TypeError(f"resume must be a Word2Vec or None, got {shown(stopped)}")
    epochs = stopped.n_epochs_
    if stopped._mark is None:
        raise ValueError(
            f"resume needs a model stopped between two epochs, got one with {epochs:,} "
            f"of {stopped.epochs:,} epochs that was finished, stopped within an epoch, "
            "or changed by partial_fit or early stopping"
        )
    faults = [
        f"{name} is {shown(getattr(model, name))}, was {shown(getattr(stopped, name))}"
        for name in [*PARAMETERS, "validation"]
        if name not in ("workers", "seed")
        and getattr(model, name) != getattr(stopped, name)
    ]
    if model.seed not in (stopped.seed, stopped.seed_):
        faults.append(f"seed is {shown(model.seed)}, was {stopped.seed_}")
    if model.early_stopping is not None:
        faults.append("early_stopping is set, which keeps no vectors to go on with")
    if faults:
        raise ValueError(join_faults(["resume needs equal parameters", *faults]))


def check_same_text(text: Text, stopped: Any) -> None:
    """Raise ValueError unless `stopped` was trained on `text`; warn of its kernel."""
    mark = mark_of(text)
    before = stopped._mark
    assert before is not None
    if mark["tokens"] != before["tokens"]:
        raise ValueError(
            f"resume needs the same corpus, expected {before['tokens']:,} words of the "
            f"vocabulary, got {mark['tokens']:,}"
        )
    if mark["crc32"] != before["crc32"]:
        raise ValueError(
            "resume needs the same corpus, got another text with as many words"
        )
    if mark["kernel"] != before["kernel"]:
        warn(
            "not bit-equal to an unbroken run: trained with kernel "
            f"{before['kernel']}, running {mark['kernel']}"
        )
