"""The parameters: what is accepted, and what is said about the rest."""

from __future__ import annotations

import inspect
import math
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from conftest import Sentences
from sgns import Word2Vec
from sgns._params import ESTIMATOR_PARAMETERS, LOSSES, PARAMETERS, default_workers

TINY: dict[str, Any] = {
    "vector_size": 4,
    "min_count": 1,
    "sample": 0,
    "epochs": 1,
    "workers": 1,
    "progress": False,
}
NAN, INF = math.nan, math.inf

# What each parameter must be, as the messages say it.
VECTOR_SIZE = "an int from 1 to 100000"
WINDOW = "an int from 1 to 10000 or None (the whole sentence)"
WEIGHTING = "one of 'shrink', 'fixed', 'harmonic'"
MIN_COUNT = "an int >= 1"
ARCHITECTURE = "one of 'skipgram', 'cbow'"
CBOW_INPUT = "one of 'mean', 'sum'"
CBOW_GRADIENT = "one of 'original', 'exact'"
LOSS = "one of 'ns', 'hs', 'ns+hs', 'nce', 'sampled_softmax', 'softmax'"
NEGATIVE = "an int from 0 to 1000"
SHARING = "one of 'window', 'pair'"
EXPONENT = "a number from -10 to 10"
EXCLUDE = "one of 'auto', 'target', 'window', 'sentence', 'none'"
WEIGHT = "a number > 0"
BIAS = "True or False"
SAMPLE = "a number from 0 to 1"
ALPHA = "a number > 0 or None (0.025 for skip-gram, 0.05 for CBOW)"
MIN_ALPHA = "a number >= 0"
EPOCHS = "an int from 1 to 100000"
SEED = "an int from 0 to 2**64-1 or None (a fresh one)"
WORKERS = "an int from 1 to 1024 or None (all processors)"
ERRORS = "one of 'strict', 'replace', 'surrogateescape'"

OUT_OF_RANGE = [
    ("vector_size", VECTOR_SIZE, [0, -1, 100_001, 2**31, 2**64]),
    ("window", WINDOW, [0, -3, 10_001]),
    ("window_weighting", WEIGHTING, ["", "linear", "Fixed"]),
    ("min_count", MIN_COUNT, [0, -5]),
    ("architecture", ARCHITECTURE, ["sg", "", "SKIPGRAM", "cbow "]),
    ("cbow_input", CBOW_INPUT, ["max", "", "Sum"]),
    ("cbow_gradient", CBOW_GRADIENT, ["correct", "full"]),
    ("loss", LOSS, ["neg", "hs+ns", "NCE"]),
    ("negative", NEGATIVE, [-1, 1_001]),
    ("negative_sharing", SHARING, ["batch", "windows"]),
    ("ns_exponent", EXPONENT, [-10.5, 11, NAN, INF, -INF]),
    ("exclude", EXCLUDE, ["centre", "None", ""]),
    ("positive_weight", WEIGHT, [0, 0.0, -1, NAN, INF]),
    ("sample", SAMPLE, [-1e-9, 5, 1.001, NAN, INF]),
    ("alpha", ALPHA, [0, 0.0, -0.025, NAN, INF]),
    ("min_alpha", MIN_ALPHA, [-1e-4, NAN, INF, -INF]),
    ("epochs", EPOCHS, [0, -1, 100_001]),
    ("seed", SEED, [-1, 2**64, -(2**64)]),
    ("workers", WORKERS, [0, -1, 1_025]),
    ("errors", ERRORS, ["ignore", "utf-8"]),
]
NOT_AN_INT = ["5", 5.0, 2.5, True, False, np.float64(5), np.bool_(True), [5], {}, 1j]
NOT_A_NUMBER = ["0.1", True, False, 1j, [0.1], np.array(0.1), Decimal("0.1")]
NOT_A_STR = [1, True, b"ns", ["ns"], ("ns",)]
WRONG_TYPE = [
    ("vector_size", VECTOR_SIZE, [*NOT_AN_INT, None, NAN]),
    ("window", WINDOW, NOT_AN_INT),
    ("window_weighting", WEIGHTING, [*NOT_A_STR, None]),
    ("min_count", MIN_COUNT, [*NOT_AN_INT, None]),
    ("architecture", ARCHITECTURE, [*NOT_A_STR, None]),
    ("cbow_input", CBOW_INPUT, [*NOT_A_STR, None]),
    ("cbow_gradient", CBOW_GRADIENT, [*NOT_A_STR, None]),
    ("loss", LOSS, [*NOT_A_STR, None]),
    ("negative", NEGATIVE, [*NOT_AN_INT, None]),
    ("negative_sharing", SHARING, [*NOT_A_STR, None]),
    ("ns_exponent", EXPONENT, [*NOT_A_NUMBER, None]),
    ("exclude", EXCLUDE, [*NOT_A_STR, None]),
    ("positive_weight", WEIGHT, [*NOT_A_NUMBER, None]),
    ("output_bias", BIAS, [0, 1, "yes", "True", None, 1.0]),
    ("sample", SAMPLE, [*NOT_A_NUMBER, None]),
    ("alpha", ALPHA, NOT_A_NUMBER),
    ("min_alpha", MIN_ALPHA, [*NOT_A_NUMBER, None]),
    ("epochs", EPOCHS, [*NOT_AN_INT, None]),
    ("seed", SEED, NOT_AN_INT),
    ("workers", WORKERS, NOT_AN_INT),
    ("errors", ERRORS, [*NOT_A_STR, None]),
]
ACCEPTED = [
    ("vector_size", [1, 100_000]),
    ("window", [1, 10_000, None]),
    ("window_weighting", ["shrink", "fixed", "harmonic"]),
    ("min_count", [1, 2**40]),
    ("architecture", ["skipgram", "cbow"]),
    ("cbow_input", ["mean", "sum"]),
    ("cbow_gradient", ["original", "exact"]),
    ("loss", ["ns", "hs", "ns+hs", "nce", "sampled_softmax", "softmax"]),
    ("negative", [1, 1_000]),
    ("negative_sharing", ["window", "pair"]),
    ("ns_exponent", [-10, 0, 0.75, 10]),
    ("exclude", ["auto", "target", "window", "sentence", "none"]),
    ("positive_weight", [1e-3, 1, 100.0]),
    ("output_bias", [True, False, np.bool_(True)]),
    ("sample", [0, 1, 0.0, 1e-300]),
    ("alpha", [None, 1e-3, 1, 1e6]),
    ("min_alpha", [0, 0.0, 0.025]),
    ("epochs", [1, 100_000]),
    ("seed", [None, 0, 2**64 - 1]),
    ("workers", [None, 1, 1_024]),
    ("errors", ["strict", "replace", "surrogateescape"]),
]
DEFAULTS = {
    "corpus": None,
    "vector_size": 100,
    "window": 5,
    "window_weighting": "shrink",
    "min_count": 5,
    "max_vocab_size": None,
    "max_final_vocab": None,
    "vocabulary": None,
    "keep": None,
    "architecture": "skipgram",
    "cbow_input": "mean",
    "cbow_gradient": "original",
    "loss": "ns",
    "negative": 5,
    "negative_sharing": "window",
    "ns_exponent": 0.75,
    "exclude": "auto",
    "positive_weight": 1.0,
    "output_bias": False,
    "sample": 1e-3,
    "alpha": None,
    "min_alpha": 1e-4,
    "epochs": 5,
    "seed": 1,
    "workers": None,
    "deterministic": False,
    "errors": "strict",
    "progress": "auto",
    "callbacks": None,
    "validation": None,
    "early_stopping": None,
    "pooling": "mean",
    "sif_weight": 1e-3,
}
NOT_IN_THE_TABLE = (
    "corpus",
    "progress",
    "callbacks",
    "validation",
    "vocabulary",
    "keep",
)


def each(table: list[tuple[str, str, list[Any]]]) -> list[tuple[str, str, Any]]:
    return [(name, text, value) for name, text, values in table for value in values]


def message_of(error: type[Exception], **parameters: Any) -> str:
    """The message of the constructor's error, whose type must match exactly."""
    with pytest.raises((TypeError, ValueError)) as caught:
        Word2Vec(**parameters)
    assert caught.type is error
    text = str(caught.value)
    assert "\n" not in text
    return text


# One parameter ------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "expected", "value"), each(OUT_OF_RANGE))
def test_value_out_of_range_raises_value_error(
    name: str, expected: str, value: Any
) -> None:
    """A1 to A11."""
    text = message_of(ValueError, **{name: value})
    assert text == f"{name} must be {expected}, got {value!r}"


@pytest.mark.parametrize(("name", "expected", "value"), each(WRONG_TYPE))
def test_value_of_wrong_type_raises_type_error(
    name: str, expected: str, value: Any
) -> None:
    """A1 to A11: a bool and 5.0 are not ints, a string is never converted."""
    text = message_of(TypeError, **{name: value})
    assert text == f"{name} must be {expected}, got {value!r}"


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ACCEPTED for value in values]
)
def test_value_at_the_limit_is_accepted(name: str, value: Any) -> None:
    assert getattr(Word2Vec(**{name: value}), name) == value


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", ["vector_size", "seed", "alpha", "sample", "epochs"])
def test_int_beyond_every_float_raises_value_error(name: str, sign: int) -> None:
    text = message_of(ValueError, **{name: sign * 10**400})
    assert text.startswith(f"{name} must be ")
    assert len(text) <= 300


def test_long_value_is_shortened_in_the_message() -> None:
    """Rule 2: at most 300 characters."""
    text = message_of(ValueError, loss="x" * 10_000)
    assert text.startswith(f"loss must be {LOSS}, got 'xxx")
    assert text.endswith("...")
    assert len(text) <= 300


@pytest.mark.parametrize("value", ["yes", "", 1, 0, None, 2.5, []])
def test_progress_of_wrong_type_raises_when_the_model_is_made(value: Any) -> None:
    """A11: before a corpus is read."""
    text = message_of(TypeError, progress=value)
    assert text.startswith("progress must be 'auto', True, False or a callable, got ")


@pytest.mark.parametrize("value", ["auto", True, False, print])
def test_progress_is_accepted(value: Any) -> None:
    assert Word2Vec(progress=value).progress is value


# Numbers of other types ---------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint64]
)
def test_numpy_ints_train_as_python_ints(
    kind: type[np.integer[Any]], small_sentences: Sentences
) -> None:
    """A1: no product of a small type overflows on the way."""
    names = {"vector_size": 12, "window": 3, "min_count": 1, "negative": 4}
    names |= {"epochs": 2, "seed": 7, "workers": 1}
    models = [
        Word2Vec(**{**TINY, **{name: to(value) for name, value in names.items()}})
        for to in (int, kind)
    ]
    plain, numpy = [model.fit(small_sentences).vectors_ for model in models]
    np.testing.assert_array_equal(plain, numpy)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, Fraction])
def test_other_real_numbers_train_as_floats(
    kind: type[Any], small_sentences: Sentences
) -> None:
    names = {"ns_exponent": 0.5, "sample": 0.125, "alpha": 0.25, "min_alpha": 0.0625}
    models = [
        Word2Vec(**{**TINY, **{name: to(value) for name, value in names.items()}})
        for to in (float, kind)
    ]
    plain, other = [model.fit(small_sentences).vectors_ for model in models]
    np.testing.assert_array_equal(plain, other)


def test_ints_are_numbers(small_sentences: Sentences) -> None:
    model = Word2Vec(**{**TINY, "min_alpha": 0, "ns_exponent": 1, "sample": 1})
    assert model.fit(small_sentences).history_["learning_rate"] == [0.0]


def test_largest_seed_as_numpy_int_is_accepted(small_sentences: Sentences) -> None:
    """A9: 2**64 - 1 has no float of its own."""
    model = Word2Vec(**TINY, seed=np.uint64(2**64 - 1))
    assert model.fit(small_sentences).seed_ == 2**64 - 1


@pytest.mark.parametrize("min_count", [2**40, 2**63, 10**30])
def test_min_count_above_every_count_says_so(
    min_count: int, small_sentences: Sentences
) -> None:
    """C4: also where it does not fit the core's ints."""
    model = Word2Vec(**{**TINY, "min_count": min_count})
    with pytest.raises(
        ValueError, match=rf"^no word occurs at least {min_count} times"
    ):
        model.fit(small_sentences)


# Several together ---------------------------------------------------------------------


def test_faults_are_reported_together() -> None:
    text = message_of(ValueError, vector_size=0, loss="neg", workers=-1)
    assert text == (
        f"vector_size must be {VECTOR_SIZE}, got 0; loss must be {LOSS}, got 'neg'; "
        f"workers must be {WORKERS}, got -1"
    )


def test_faults_with_a_wrong_type_among_them_are_a_type_error() -> None:
    text = message_of(TypeError, window="5", epochs=0)
    assert text == (f"window must be {WINDOW}, got '5'; epochs must be {EPOCHS}, got 0")


def test_every_fault_at_once_names_as_many_parameters_as_fit() -> None:
    """Rule 2: at most 300 characters."""
    wrong = {name: values[0] for name, _, values in OUT_OF_RANGE}
    text = message_of(ValueError, **wrong)
    named = [name for name in wrong if f"{name} must be" in text]
    assert named == list(wrong)[: len(named)]
    assert text.endswith(f"; ... and {len(wrong) - len(named)} more faults")
    assert 240 < len(text) <= 300


@pytest.mark.parametrize("n", range(1, 16))
def test_message_of_many_long_values_is_one_line(n: int) -> None:
    """Rule 2: at most 300 characters."""
    names = [name for name, _, _ in OUT_OF_RANGE][:n]
    text = message_of(TypeError, **dict.fromkeys(names, "x" * 100))
    assert len(text) <= 300
    assert n == 1 or text.count(" must be ") >= 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"negative": 0}, "loss='ns' needs negative >= 1, got 0"),
        (
            {"loss": "ns+hs", "negative": 0},
            "loss='ns+hs' needs negative >= 1, got 0",
        ),
        ({"loss": "nce", "negative": 0}, "loss='nce' needs negative >= 1, got 0"),
        (
            {"loss": "sampled_softmax", "negative": 0},
            "loss='sampled_softmax' needs negative >= 1, got 0",
        ),
        ({"min_alpha": 0.05}, "min_alpha must be from 0 to alpha=0.025, got 0.05"),
        (
            {"architecture": "cbow", "min_alpha": 0.06},
            "min_alpha must be from 0 to alpha=0.05, got 0.06",
        ),
        (
            {"alpha": 0.01, "min_alpha": 0.02},
            "min_alpha must be from 0 to alpha=0.01, got 0.02",
        ),
    ],
)
def test_parameters_that_do_not_fit_each_other_raise(
    parameters: dict[str, Any], message: str
) -> None:
    """A5, A7."""
    assert message_of(ValueError, **parameters) == message


def test_parameters_that_do_not_fit_are_reported_beside_other_faults() -> None:
    text = message_of(ValueError, window=0, negative=0)
    assert "window must be" in text
    assert "loss='ns' needs negative >= 1" in text


@pytest.mark.parametrize(
    ("architecture", "alpha"), [("skipgram", 0.025), ("cbow", 0.05)]
)
def test_alpha_of_none_is_that_of_the_architecture(
    architecture: str, alpha: float, small_sentences: Sentences
) -> None:
    """The highest min_alpha leaves no room to fall."""
    model = Word2Vec(**TINY, architecture=architecture, min_alpha=alpha)
    assert model.fit(small_sentences).history_["learning_rate"] == pytest.approx(
        [alpha]
    )


# Unknown names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("size", "vector_size"),
        ("iter", "epochs"),
        ("threads", "workers"),
        ("cbow_mean", "cbow_input"),
        ("vectorsize", "vector_size"),
        ("windw", "window"),
        ("min_cout", "min_count"),
    ],
)
def test_unknown_name_raises_with_the_nearest(name: str, near: str) -> None:
    text = message_of(TypeError, **{name: 1})
    assert text == f"Word2Vec has no parameter {name!r}, did you mean {near!r}?"


def test_unknown_name_like_no_other_raises_without_a_guess() -> None:
    assert message_of(TypeError, qqq=1) == "Word2Vec has no parameter 'qqq'"


def test_many_unknown_names_make_one_line() -> None:
    """Rule 2: at most 300 characters."""
    text = message_of(TypeError, **{f"{'q' * 1_000}{i}": i for i in range(20)})
    assert text.startswith("Word2Vec has no parameter 'qqq")
    assert text.endswith(" more faults")
    assert len(text) <= 300


def test_unknown_names_are_reported_together() -> None:
    text = message_of(TypeError, size=5, threads=2)
    assert "'size'" in text
    assert "'threads'" in text


def test_parameters_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        Word2Vec(None, 100)  # type: ignore[misc]


# Parameters that have no effect -------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "hs", "negative": 10}, "negative=10 is not used by loss='hs'"),
        ({"loss": "hs", "negative": 0}, "negative=0 is not used by loss='hs'"),
        (
            {"loss": "hs", "ns_exponent": 0.5},
            "ns_exponent=0.5 is not used by loss='hs'",
        ),
        (
            {"loss": "hs", "negative_sharing": "pair"},
            "negative_sharing='pair' is not used by loss='hs'",
        ),
        ({"loss": "hs", "exclude": "none"}, "exclude='none' is not used by loss='hs'"),
        (
            {"loss": "softmax", "negative": 10},
            "negative=10 is not used by loss='softmax'",
        ),
        (
            {"loss": "softmax", "positive_weight": 2.0},
            "positive_weight=2.0 is not used by loss='softmax'",
        ),
        (
            {"loss": "sampled_softmax", "positive_weight": 2.0},
            "positive_weight=2.0 is not used by loss='sampled_softmax'",
        ),
        ({"output_bias": True}, "output_bias=True is not used by loss='ns'"),
        (
            {"architecture": "cbow", "negative_sharing": "pair"},
            "negative_sharing='pair' is not used by architecture='cbow'",
        ),
        (
            {"cbow_input": "sum"},
            "cbow_input='sum' is not used by architecture='skipgram'",
        ),
        (
            {"cbow_gradient": "exact"},
            "cbow_gradient='exact' is not used by architecture='skipgram'",
        ),
    ],
)
def test_unused_parameter_warns_once_in_fit(
    parameters: dict[str, Any], message: str, small_sentences: Sentences
) -> None:
    """A12: and the warning points at the line that calls fit."""
    model = Word2Vec(**TINY, **parameters)
    with pytest.warns(UserWarning, match="is not used by") as caught:
        model.fit(small_sentences)
    assert [str(warning.message)[: len(message)] for warning in caught] == [message]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("loss", LOSSES)
def test_defaults_never_warn(loss: str, small_sentences: Sentences) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Word2Vec(**TINY, loss=loss).fit(small_sentences)


# The table and the object -------------------------------------------------------------


def test_signature_has_the_documented_defaults() -> None:
    signature = inspect.signature(Word2Vec)
    defaults = {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }
    assert defaults == DEFAULTS


def test_table_has_the_defaults_of_the_signature() -> None:
    expected = {k: v for k, v in DEFAULTS.items() if k not in NOT_IN_THE_TABLE}
    table = PARAMETERS | ESTIMATOR_PARAMETERS
    assert {name: p.default for name, p in table.items()} == expected


def test_every_parameter_is_described_in_the_docstring() -> None:
    section = (Word2Vec.__doc__ or "").split("Attributes\n")[0]
    for name in DEFAULTS:
        assert name in section


def test_default_workers_are_the_usable_processors() -> None:
    assert 1 <= default_workers() <= 1_024


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("vector_size", 0, ValueError, "vector_size must be"),
        ("window", "5", TypeError, "window must be"),
        ("loss", "neg", ValueError, "loss must be"),
        ("negative", 0, ValueError, "loss='ns' needs negative >= 1, got 0"),
        ("min_alpha", 1.0, ValueError, "min_alpha must be from 0 to alpha=0.025"),
        ("epochs", -1, ValueError, "epochs must be"),
        ("progress", "yes", TypeError, "progress must be"),
    ],
)
def test_attribute_set_afterwards_is_checked_before_the_corpus_is_read(
    name: str, value: Any, error: type[Exception], message: str
) -> None:
    """Rule 4: checked at construction and again when fit starts."""
    model = Word2Vec(**TINY)
    setattr(model, name, value)
    corpus = iter([["a", "b"]] * 10)
    with pytest.raises(error, match=message):
        model.fit(corpus)
    assert len(list(corpus)) == 10
    assert not hasattr(model, "wv")


def test_attribute_set_afterwards_is_used(small_sentences: Sentences) -> None:
    model = Word2Vec(**TINY)
    model.vector_size = 7
    assert model.fit(small_sentences).vectors_.shape[1] == 7
