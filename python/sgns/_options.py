"""What follows from checked parameters: the options of the core, what is not used."""

from __future__ import annotations

from typing import Any

from sgns._params import (
    PARAMETERS,
    WITHOUT_NOISE,
    default_workers,
    starting_alpha,
)

__all__ = ["training_options", "unused_parameters"]

CORRECTED = ("nce", "sampled_softmax")
WITH_BIAS = ("nce", "sampled_softmax", "softmax")
WITH_POSITIVE_WEIGHT = ("ns", "ns+hs", "nce")


def training_options(values: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the arguments of `_core.TrainConfig` for checked parameters."""
    left_out = {"min_count", "max_vocab_size", "max_final_vocab", "errors"}
    options = {name: values[name] for name in PARAMETERS if name not in left_out}
    workers = values["workers"] or default_workers()
    alpha = starting_alpha(values)
    options |= {"alpha": alpha, "seed": seed, "workers": workers}
    options["exclude"] = chosen_exclusion(values)
    options["output_bias"] &= values["loss"] in WITH_BIAS
    return options


def chosen_exclusion(values: dict[str, Any]) -> str:
    """Return which words may not be noise words, the one that suits the loss for auto.

    Losses that correct for the noise law are exact when noise may be any word.
    """
    if values["exclude"] != "auto":
        return str(values["exclude"])
    return "none" if values["loss"] in CORRECTED else "target"


def unused_parameters(values: dict[str, Any]) -> list[str]:
    """Return a message for each changed parameter that has no effect."""
    loss = values["loss"]
    unused = []
    if loss in WITHOUT_NOISE:
        unused += ["negative", "ns_exponent", "negative_sharing", "exclude"]
    if loss not in WITH_POSITIVE_WEIGHT:
        unused.append("positive_weight")
    if loss not in WITH_BIAS:
        unused.append("output_bias")
    messages = [
        f"{name}={values[name]!r} is not used by loss={loss!r}"
        for name in unused
        if values[name] != PARAMETERS[name].default
    ]
    if values["architecture"] != "cbow":
        messages += [
            f"{name}={values[name]!r} is not used by architecture='skipgram'"
            for name in ("cbow_input", "cbow_gradient")
            if values[name] != PARAMETERS[name].default
        ]
    one_row = values["architecture"] == "cbow" and values["negative_sharing"] == "pair"
    if one_row and loss not in WITHOUT_NOISE:
        messages.append(
            "negative_sharing='pair' is not used by architecture='cbow': "
            "a centre has one input row"
        )
    return messages
