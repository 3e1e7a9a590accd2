"""The parameters of training: names, types, ranges, defaults and help, once."""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterable
from typing import Any

from sgns._parameter import Parameter

__all__ = [
    "ESTIMATOR_PARAMETERS",
    "LOSSES",
    "PARAMETERS",
    "WITHOUT_NOISE",
    "Parameter",
    "check_parameters",
    "default_workers",
    "join_faults",
    "plain_values",
    "shown",
    "starting_alpha",
    "suggest",
]

LONGEST_MESSAGE = 300
"""Characters of a message, so that it is one line that can be read."""


LOSSES = ("ns", "hs", "ns+hs", "nce", "sampled_softmax", "softmax")
WITHOUT_NOISE = ("hs", "softmax")

PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "vector_size", "int", 100, "columns of the vectors", low=1, high=100_000
        ),
        Parameter(
            "window",
            "int",
            5,
            "most words between a centre and a context word, plus 1",
            low=1,
            high=10_000,
            none="the whole sentence",
        ),
        Parameter(
            "window_weighting",
            "choice",
            "shrink",
            "a word at distance d is a context word with probability "
            "(window-d+1)/window, 1, or 1/d",
            choices=("shrink", "fixed", "harmonic"),
        ),
        Parameter("min_count", "int", 5, "leave out words that are rarer", low=1),
        Parameter(
            "max_vocab_size",
            "int",
            None,
            "most words kept while reading; the rarest so far are dropped",
            low=1,
            none="no limit",
        ),
        Parameter(
            "max_final_vocab",
            "int",
            None,
            "most words of the vocabulary; min_count is raised until it fits",
            low=1,
            none="no limit",
        ),
        Parameter(
            "architecture",
            "choice",
            "skipgram",
            "predict from each context word, or from all together",
            choices=("skipgram", "cbow"),
        ),
        Parameter(
            "cbow_input",
            "choice",
            "mean",
            "what CBOW makes of the context words",
            choices=("mean", "sum"),
        ),
        Parameter(
            "cbow_gradient",
            "choice",
            "original",
            "what each of n context words of CBOW gets of the change: all of that of "
            "the mean and 1/n of that of the sum, or 1/n and all, the derivative",
            choices=("original", "exact"),
        ),
        Parameter(
            "loss",
            "choice",
            "ns",
            "negative sampling, hierarchical softmax, their sum, noise-contrastive"
            " estimation, or a softmax over the noise words or over all words",
            choices=LOSSES,
        ),
        Parameter(
            "negative", "int", 5, "noise words for each centre", low=0, high=1_000
        ),
        Parameter(
            "negative_sharing",
            "choice",
            "window",
            "noise words shared by the context words of a centre, or fresh for each",
            choices=("window", "pair"),
        ),
        Parameter(
            "ns_exponent",
            "float",
            0.75,
            "noise words are drawn by count**ns_exponent",
            low=-10,
            high=10,
        ),
        Parameter(
            "exclude",
            "choice",
            "auto",
            "what noise words are drawn again: the centre, a word of its window or of "
            "its sentence; auto = none for nce and sampled_softmax, else target",
            choices=("auto", "target", "window", "sentence", "none"),
        ),
        Parameter(
            "positive_weight",
            "float",
            1.0,
            "weight of the centre word against the noise words",
            low=0,
            above_low=True,
        ),
        Parameter(
            "output_bias", "bool", False, "a trained bias for each word as a target"
        ),
        Parameter(
            "sample",
            "float",
            1e-3,
            "subsampling threshold of frequent words; 0 keeps all",
            low=0,
            high=1,
        ),
        Parameter(
            "alpha",
            "float",
            None,
            "learning rate at the start",
            low=0,
            above_low=True,
            none="0.025 for skip-gram, 0.05 for CBOW",
        ),
        Parameter("min_alpha", "float", 1e-4, "learning rate at the end", low=0),
        Parameter("epochs", "int", 5, "passes over the corpus", low=1, high=100_000),
        Parameter(
            "seed",
            "int",
            1,
            "same seed, same result with one thread or deterministic",
            low=0,
            high=2**64 - 1,
            none="a fresh one",
        ),
        Parameter(
            "workers", "int", None, "threads", low=1, high=1_024, none="all processors"
        ),
        Parameter(
            "deterministic", "bool", False, "the same bits with any number of workers"
        ),
        Parameter(
            "errors",
            "choice",
            "strict",
            "what to do with invalid UTF-8",
            choices=("strict", "replace", "surrogateescape"),
        ),
    )
}

ESTIMATOR_PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "early_stopping",
            "int",
            None,
            "end after this many epochs without a lower held-out loss",
            low=1,
            none="never",
        ),
        Parameter(
            "pooling",
            "choice",
            "mean",
            "how transform makes one vector of a sentence",
            choices=("mean", "sif"),
        ),
        Parameter(
            "sif_weight",
            "float",
            1e-3,
            "words of this probability have half the weight in pooling='sif'",
            low=0,
            above_low=True,
        ),
    )
}
"""Parameters of the class that the command line does not have."""

# Names of the same things in other programs.
_ELSEWHERE = {
    "size": "vector_size",
    "dim": "vector_size",
    "iter": "epochs",
    "threads": "workers",
    "thread": "workers",
    "neg": "negative",
    "lr": "alpha",
    "sg": "architecture",
    "hs": "loss",
    "cbow_mean": "cbow_input",
}


def suggest(name: str) -> str:
    """Return the parameter name nearest to an unknown one, empty if none is near."""
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    import difflib  # only a mistake needs it

    names = [*PARAMETERS, *ESTIMATOR_PARAMETERS, "callbacks", "validation"]
    return next(iter(difflib.get_close_matches(name, names, n=1)), "")


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shown(value: object) -> str:
    """Return a short repr for a message."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def join_faults(faults: list[str]) -> str:
    """Return one message of the first faults, and the number of those left out."""
    text = "; ".join(faults)
    for n in range(len(faults) - 1, 0, -1):
        if len(text) <= LONGEST_MESSAGE:
            break
        more = len(faults) - n
        text = "; ".join(faults[:n])
        text += f"; ... and {more} more fault{'s' if more > 1 else ''}"
    return text


def plain_values(table: Iterable[Parameter], values: dict[str, Any]) -> dict[str, Any]:
    """Return plain values of a table of parameters, or raise for all faults at once."""
    found = [(p, fault) for p in table if (fault := p.fault(values[p.name]))]
    if found:
        faults = [
            f"{p.name} must be {p.expected}, got {shown(values[p.name])}"
            for p, _ in found
        ]
        is_type = TypeError in (fault for _, fault in found)
        raise (TypeError if is_type else ValueError)(join_faults(faults))
    return {p.name: p.plain(values[p.name]) for p in table}


def check_parameters(values: dict[str, Any]) -> None:
    """Check all training parameters together.

    Parameters
    ----------
    values
        A value for every name of `PARAMETERS` and `ESTIMATOR_PARAMETERS`, and for
        ``validation``.

    Raises
    ------
    TypeError, ValueError
        Tells of all faults that fit in one line: what was expected and what was got.
        TypeError when at least one value has the wrong type.
    """
    faults: list[str] = []
    types: dict[str, type[Exception]] = {}
    for name, parameter in (PARAMETERS | ESTIMATOR_PARAMETERS).items():
        fault = parameter.fault(values[name])
        if fault is not None:
            types[name] = fault
            faults.append(
                f"{name} must be {parameter.expected}, got {shown(values[name])}"
            )
    if not types.keys() & {"alpha", "min_alpha", "architecture"}:
        alpha = starting_alpha(values)
        if values["min_alpha"] > alpha:
            got = shown(values["min_alpha"])
            faults.append(f"min_alpha must be from 0 to alpha={alpha}, got {got}")
    if not types.keys() & {"loss", "negative"}:
        loss = values["loss"]
        if loss not in WITHOUT_NOISE and values["negative"] < 1:
            faults.append(f"loss={loss!r} needs negative >= 1, got 0")
    wrong = _fault_of_validation(values["validation"])
    if wrong is not None:
        types["validation"] = wrong[0]
        faults.append(wrong[1])
    elif values["early_stopping"] is not None and values["validation"] is None:
        faults.append("early_stopping needs validation: a share or a text")
    if faults:
        error = TypeError if TypeError in types.values() else ValueError
        raise error(join_faults(faults))


def _fault_of_validation(value: Any) -> tuple[type[Exception], str] | None:
    """Return error and message when `value` is neither a share nor a text."""
    expected = "validation must be a share above 0 and below 1, a text or None"
    if isinstance(value, (bool, numbers.Integral)):
        return TypeError, f"{expected}, got {shown(value)}"
    if isinstance(value, numbers.Real) and not 0 < float(value) < 1:
        return ValueError, f"{expected}, got {shown(value)}"
    return None


def starting_alpha(values: dict[str, Any]) -> float:
    """Return the learning rate at the start, the default for None."""
    if values["alpha"] is not None:
        return float(values["alpha"])
    return 0.05 if values["architecture"] == "cbow" else 0.025
