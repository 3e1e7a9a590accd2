"""Bad input to sgns.sampling, each by its message: the rows S of reliability."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sgns import sampling as S

SEEN = S.Exclude.csr([0, 2, 2, 4], [0, 1, 0, 1])
FULL = S.Exclude.csr([0, 3], [0, 1, 2])


def sampler(k: int = 2, **options: Any) -> S.NegativeSampler:
    return S.NegativeSampler(S.Uniform(10), k, **options)


def raises(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    """The call fails with exactly this kind and this beginning of the message."""
    with pytest.raises(kind, match=re.escape(message)) as caught:
        call()
    assert type(caught.value) is kind


WEIGHTS = [
    ([1, -2, 3], ValueError, "weight 1 must be finite and >= 0, got -2"),
    ([1, np.nan], ValueError, "weight 1 must be finite and >= 0, got nan"),
    ([np.inf, 1], ValueError, "weight 0 must be finite and >= 0, got inf"),
    ([-1, 1e308, 1e308], ValueError, "weight 0 must be finite and >= 0, got -1"),
    ([0, 0], ValueError, "the sum of the weights must be finite and > 0, got 0"),
    ([], ValueError, "a distribution needs 1 to 2147483646 weights, got 0"),
    ([[1.0]], ValueError, "weights must have the shape (n,), got (1, 1)"),
    ([1e-308, 1e308], ValueError, "weight 0 is too small beside the others"),
    (1.0, TypeError, "weights must be an array of numbers, got a single value"),
    (["a"], TypeError, "weights must be an array of numbers, got an array of <U1"),
    ([None], TypeError, "weights must be an array of numbers, got an array of object"),
    ([[1.0], [1.0, 2.0]], ValueError, "weights must be an array, got parts of diff"),
    ([1j], TypeError, "weights must be an array of numbers, got an array of complex"),
]


@pytest.mark.parametrize(("weights", "kind", "message"), WEIGHTS)
def test_bad_weights(weights, kind, message) -> None:
    """S1, S2, S5."""
    raises(lambda: S.Weights(weights), kind, message)


DISTRIBUTIONS = [
    (lambda: S.Uniform(0), ValueError, "n must be an int >= 1, got 0"),
    (lambda: S.Uniform(2**31), ValueError, "n must be an int <= 2147483646, got 2147"),
    (lambda: S.Uniform(2.0), TypeError, "n must be an int, got 2.0"),
    (lambda: S.LogUniform(True), TypeError, "n must be an int, got True"),
    (lambda: S.Unigram([1, -1]), ValueError, "count 1 must be >= 0, got -1"),
    (lambda: S.Unigram([1.5]), TypeError, "counts must hold integers, got float64"),
    (lambda: S.Unigram([0, 0]), ValueError, "the sum of the weights must be"),
    (lambda: S.Unigram([]), ValueError, "a distribution needs 1 to 2147483646"),
    (lambda: S.Unigram([1], "a"), TypeError, "alpha must be a number, got 'a'"),
    (lambda: S.Unigram([1], np.nan), ValueError, "alpha must be finite, got nan"),
    (lambda: S.Unigram([9, 1], 1e4), ValueError, "alpha=10000 takes count 0, 9, out"),
    (lambda: S.Mixture([]), ValueError, "a mixture needs at least one part, got none"),
    (lambda: S.Mixture(5), TypeError, "parts must be pairs (share, distribution), got"),
    (lambda: S.Mixture([5]), TypeError, "part 0 must be a pair (share, distribution)"),
    (
        lambda: S.Mixture([(1, S.Uniform(2)), (1, S.Uniform(2), 3)]),
        TypeError,
        "part 1 must be a pair (share, distribution), got (1, Uniform(2), 3)",
    ),
    (lambda: S.Mixture([(1, 2)]), TypeError, "part 0 must be a Distribution, got 2"),
    (
        lambda: S.Mixture([(0, S.Uniform(2))]),
        ValueError,
        "share 0 must be finite and > 0, got 0",
    ),
    (
        lambda: S.Mixture([("1", S.Uniform(2))]),
        TypeError,
        "share 0 must be a number, got '1'",
    ),
    (lambda: S.Uniform(4).prob([4]), ValueError, "ids[0] must be from 0 to 3, got 4"),
    (
        lambda: S.Uniform(4).prob([[0, 1], [2, -1]]),
        ValueError,
        "ids[1, 1] must be from 0 to 3, got -1",
    ),
    (lambda: S.Uniform(4).prob([0.0]), TypeError, "ids must hold integers, got float"),
    (lambda: S.Uniform(4).prob([2**40]), ValueError, "ids[0] must be from 0 to 3"),
    (
        lambda: S.Uniform(4).prob(np.array([2**63], np.uint64)),
        ValueError,
        "ids must be below 2**63, got 9223372036854775808",
    ),
    (lambda: S.Uniform(4).sample(), ValueError, "sample needs shape or out"),
    (lambda: S.Uniform(4).sample(2.5), TypeError, "shape must be an int, got 2.5"),
    (lambda: S.Uniform(4).sample(True), TypeError, "shape must be an int, got True"),
    (lambda: S.Uniform(4).sample(-1), ValueError, "shape must be an int >= 0, got -1"),
    (lambda: S.Uniform(4).sample((2, 1.5)), TypeError, "shape must be an int, got 1.5"),
    (lambda: S.Uniform(4).sample(2**40), ValueError, "shape must be an int <= 8589934"),
    (
        lambda: S.Uniform(4).sample((2**20, 2**20)),
        ValueError,
        "shape must hold at most 2**33 ids, got 1099511627776",
    ),
    (lambda: S.Uniform(4).sample(1, seed=-1), ValueError, "seed must be an int >= 0"),
    (lambda: S.Uniform(4).sample(1, step=2**32), ValueError, "step must be an int <="),
    (
        lambda: S.Uniform(4).sample(1, dtype=np.int16),
        ValueError,
        "dtype must be int32 or int64, got int16",
    ),
    (
        lambda: S.Uniform(4).sample(1, dtype="ids"),
        ValueError,
        "dtype must be int32 or int64, got 'ids'",
    ),
    (
        lambda: S.Uniform(4).sample(1, workers=0),
        ValueError,
        "workers must be an int",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), DISTRIBUTIONS)
def test_bad_arguments_of_distributions(call, kind, message) -> None:
    raises(call, kind, message)


EXCLUSIONS = [
    (lambda: S.Exclude(), TypeError, "use Exclude.csr(indptr, indices) or Exclude"),
    (lambda: S.Exclude.csr([], []), ValueError, "indptr must start with 0"),
    (lambda: S.Exclude.csr([1, 2], [0, 1]), ValueError, "indptr must start with 0"),
    (
        lambda: S.Exclude.csr([0, 2, 1], [0]),
        ValueError,
        "indptr must not fall, got 2 and then 1 at indptr[2]",
    ),
    (
        lambda: S.Exclude.csr([0, 2], [0]),
        ValueError,
        "indptr must end with the number of indices, 1, got 2",
    ),
    (
        lambda: S.Exclude.csr([0, 1], [-1]),
        ValueError,
        "indices[0] must be an id from 0 to 2147483646, got -1",
    ),
    (lambda: S.Exclude.csr([0, 1], [0.0]), TypeError, "indices must hold integers"),
    (lambda: S.Exclude.csr(0, [0]), TypeError, "indptr must be an array of numbers"),
    (lambda: S.Exclude.csr([[0]], []), ValueError, "indptr must have the shape (n,)"),
    (
        lambda: S.Exclude.pairs([0, 1], [0]),
        ValueError,
        "rows and ids must have the same length, got 2 and 1",
    ),
    (
        lambda: S.Exclude.pairs([-1], [0]),
        ValueError,
        "rows[0] must be >= 0 and below n_rows=0, got -1",
    ),
    (
        lambda: S.Exclude.pairs([3], [0], n_rows=3),
        ValueError,
        "rows[0] must be >= 0 and below n_rows=3, got 3",
    ),
    (lambda: S.Exclude.pairs([2**40], [0]), ValueError, "rows must be below 2**31 - 1"),
    (lambda: S.Exclude.pairs([0], [2**40]), ValueError, "ids[0] must be an id from 0"),
    (lambda: SEEN.row(3), ValueError, "row must be an int <= 2, got 3"),
    (
        lambda: S.NegativeSampler(S.Uniform(1), 1, exclude=SEEN),
        ValueError,
        "exclude has the id 1, expected ids from 0 to 0",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), EXCLUSIONS)
def test_bad_exclusions(call, kind, message) -> None:
    """S4, S8."""
    raises(call, kind, message)


OUT = np.zeros((2, 2), np.int32)
READ_ONLY = np.zeros((2, 2), np.int32)
READ_ONLY.flags.writeable = False
SAMPLES = [
    (lambda: sampler(-1), ValueError, "k must be an int >= 0, got -1"),
    (lambda: sampler(np.nan), TypeError, "k must be an int, got nan"),
    (lambda: sampler(policy="no"), ValueError, "policy must be one of 'resample', 'sk"),
    (lambda: sampler(on_empty="x"), ValueError, "on_empty must be 'raise' or 'pad'"),
    (lambda: sampler(seed=2**64), ValueError, "seed must be an int <= 18446744073709"),
    (lambda: sampler(dtype=float), ValueError, "dtype must be int32 or int64, got fl"),
    (lambda: sampler(exclude=[1]), TypeError, "exclude must be an Exclude or None"),
    (lambda: sampler(workers=0), ValueError, "workers must be an int >= 1, got 0"),
    (
        lambda: sampler(policy="skip", on_empty="pad"),
        ValueError,
        "on_empty='pad' needs policy='resample', got 'skip'",
    ),
    (
        lambda: S.NegativeSampler(5, 1),
        TypeError,
        "distribution must be a Distribution, got 5",
    ),
    (lambda: sampler().sample(), ValueError, "one of rows, positives, row_ids and out"),
    (lambda: sampler().sample(3), TypeError, "rows must have the shape (n,), got a si"),
    (lambda: sampler().sample([0.5]), TypeError, "rows must hold integers, got float"),
    (lambda: sampler().sample([True]), TypeError, "rows must hold integers, got bool"),
    (
        lambda: sampler().sample([[0], [1, 2]]),
        ValueError,
        "rows must have the shape (n,), got rows of different lengths",
    ),
    (
        lambda: sampler().sample(positives=[[0], [1, 2]]),
        ValueError,
        "positives must have the shape (n,) or (n, m), got rows of different lengths",
    ),
    (
        lambda: sampler().sample([0], return_log_q="no"),
        TypeError,
        "return_log_q must be a bool, got 'no'",
    ),
    (lambda: sampler().sample([None]), TypeError, "rows must hold integers, got obj"),
    (
        lambda: sampler().sample([[0]]),
        ValueError,
        "rows must have the shape (n,), got (1, 1)",
    ),
    (
        lambda: sampler().sample(positives=[[[0]]]),
        ValueError,
        "positives must have the shape (n,) or (n, m), got (1, 1, 1)",
    ),
    (
        lambda: sampler(exclude=SEEN).sample([0, 3]),
        ValueError,
        "rows[1] must be from 0 to 2, got 3",
    ),
    (
        lambda: sampler(exclude=SEEN).sample(positives=[1]),
        ValueError,
        "rows must be given: the sampler excludes by row",
    ),
    (
        lambda: sampler().sample(positives=[[1, 2], [3, 10]]),
        ValueError,
        "positives[1, 1] must be from 0 to 9, got 10",
    ),
    (
        lambda: sampler().sample(positives=np.array([2**40])),
        ValueError,
        "positives[0] must be from 0 to 9, got 1099511627776",
    ),
    (
        lambda: sampler().sample([0, 1], positives=[1]),
        ValueError,
        "positives must have 2 rows, got 1",
    ),
    (
        lambda: sampler().sample(row_ids=[-1]),
        ValueError,
        "row_ids[0] must be from 0 to 281474976710655, got -1",
    ),
    (lambda: sampler().sample([0], step=-1), ValueError, "step must be an int from 0"),
    (lambda: sampler().sample([0], step=2**64), ValueError, "step must be an int from"),
    (lambda: sampler().sample([0], step=1.0), TypeError, "step must be an int, got 1."),
    (
        lambda: sampler().sample([0], step=True),
        TypeError,
        "step must be an int, got",
    ),
    (
        lambda: S.NegativeSampler(S.Uniform(3), 1, exclude=FULL).sample([0, 0]),
        ValueError,
        "row 0: all 3 items are excluded",
    ),
    (
        lambda: S.NegativeSampler(S.Weights([0, 1, 1]), 1).sample(
            positives=[[1, 1], [2, 1]]
        ),
        ValueError,
        "row 1: all 2 items are excluded",
    ),
    (lambda: sampler().sample([0], out=[[1, 2]]), TypeError, "out must be an ndarray"),
    (
        lambda: sampler().sample([0], out=OUT),
        ValueError,
        "out must have the shape (1, 2), got (2, 2)",
    ),
    (
        lambda: sampler(3).sample(out=OUT),
        ValueError,
        "out must have the shape (n, 3), got (2, 2)",
    ),
    (
        lambda: sampler().sample([0, 1], out=OUT.astype(np.uint32)),
        ValueError,
        "out must be of int32 or int64, got uint32",
    ),
    (
        lambda: sampler().sample([0, 1], out=OUT.astype(">i4")),
        ValueError,
        "out must be of int32 or int64, got >i4",
    ),
    (
        lambda: sampler().sample([0, 1], out=OUT.T),
        ValueError,
        "out must be C-contiguous and writeable",
    ),
    (
        lambda: sampler().sample([0, 1], out=READ_ONLY),
        ValueError,
        "out must be C-contiguous and writeable",
    ),
    (
        lambda: sampler().sample(OUT[:, 1], out=OUT),
        ValueError,
        "out must not share memory with an input",
    ),
    (
        lambda: S.NegativeSampler(S.Weights([1, 0, 1, 1]), 1).sample_shared(4, False),
        ValueError,
        "cannot draw 4 different items: 3 have a weight > 0",
    ),
    (lambda: sampler().sample_shared(-1), ValueError, "n must be an int >= 0, got -1"),
    (lambda: sampler().sample_shared(2.5), TypeError, "n must be an int, got 2.5"),
    (
        lambda: sampler().sample_shared(2, replace="no"),
        TypeError,
        "replace must be a bool, got 'no'",
    ),
    (lambda: sampler().shared_log_q([1], -1), ValueError, "n must be an int >= 0, got"),
    (
        lambda: sampler().shared_log_q([1], 1, step=-1),
        ValueError,
        "step must be an int >= 0, got -1",
    ),
    (
        lambda: sampler().shared_log_q([1], 1, replace=0),
        TypeError,
        "replace must be a bool, got 0",
    ),
    (
        lambda: sampler().positive_log_q([[[1]]]),
        ValueError,
        "positives must have the shape (n,) or (n, m), got (1, 1, 1)",
    ),
    (
        lambda: sampler(policy="allow").positive_log_q([1], rows=[1, 2]),
        ValueError,
        "positives must have 2 rows, got 1",
    ),
    (
        lambda: S.NegativeSampler(S.Weights([1, 0, 1]), 1).positive_log_q(
            [[1, 1], [0, 2]]
        ),
        ValueError,
        "row 1: all 2 items are excluded",
    ),
    (
        lambda: sampler().positive_log_q([10]),
        ValueError,
        "positives[0] must be from 0 to 9, got 10",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), SAMPLES)
def test_bad_arguments_of_the_sampler(call, kind, message) -> None:
    """S6, S7, S9, S10, S11, S12; nothing is written to `out`."""
    raises(call, kind, message)
    assert not OUT.any()


WRONG_OUT = [
    (np.zeros(3, np.int16), ValueError, "out must be of int32 or int64, got int16"),
    (
        np.zeros((2, 2), np.int32),
        ValueError,
        "out must have the shape (3,), got",
    ),
    (np.zeros(6, np.int32)[::2], ValueError, "out must be C-contiguous and writeable"),
    ([0, 0, 0], TypeError, "out must be an ndarray, got list"),
]


@pytest.mark.parametrize(("out", "kind", "message"), WRONG_OUT)
def test_bad_out_of_a_distribution(out, kind, message) -> None:
    raises(lambda: S.Uniform(4).sample(3, out=out), kind, message)


def test_out_of_another_type_than_asked_for_is_refused() -> None:
    out = np.zeros(3, np.int32)
    call = lambda dtype: S.Uniform(4).sample(out=out, dtype=dtype)  # noqa: E731
    raises(lambda: call(np.int64), ValueError, "out must be of dtype=int64, got int32")
    assert not out.any()
    assert call(np.int32) is out


CORRECTIONS = [
    (np.zeros((2, 3)), np.zeros((2, 2)), "both", "log_q must have 3 columns for"),
    (
        np.zeros((2, 3)),
        np.zeros((2, 3)),
        "negatives",
        "log_q must have 2 columns for",
    ),
    (np.zeros((2, 3)), np.zeros((4, 3)), "both", "log_q of shape (4, 3) does not fit"),
    (
        np.zeros((2, 3)),
        np.zeros((2, 3)),
        "x",
        "mode must be 'both' or 'negatives'",
    ),
]


@pytest.mark.parametrize(("logits", "log_q", "mode", "message"), CORRECTIONS)
def test_bad_arguments_of_correct(logits, log_q, mode, message) -> None:
    raises(lambda: S.correct(logits, log_q, mode), ValueError, message)


def test_replacement_of_correct_is_a_truth_value() -> None:
    raises(
        lambda: S.correct([[0.0]], [[0.0]], replace="no"),
        TypeError,
        "replace must be a bool, got 'no'",
    )


# What looks odd and is right ----------------------------------------------------------


def test_zero_draws_and_zero_rows_give_empty_arrays() -> None:
    """S12."""
    for neg, rows, shape in ((sampler(0), [0, 1], (2, 0)), (sampler(3), [], (0, 3))):
        ids, log_q = neg.sample(rows, positives=rows, return_log_q=True)
        assert (ids.shape, ids.dtype) == (shape, np.int32)
        assert (log_q.shape, log_q.dtype) == (shape, np.float32)
    assert S.Uniform(3).sample((0, 4)).shape == (0, 4)
    assert S.Uniform(3).prob([]).shape == (0,)
    ids, log_q = sampler().sample_shared(0, replace=False)
    assert (ids.shape, log_q.shape) == ((0,), (0,))


def test_layout_and_byte_order_of_ids_do_not_matter() -> None:
    """S10: accepted by copy."""
    rows = np.array([2, 0, 1, 2, 0, 0])
    neg = sampler(exclude=SEEN)
    expected = neg.sample(rows, positives=rows)
    fortran = np.asfortranarray(np.stack([rows, rows], 1))
    read_only = rows.astype(np.int16)
    read_only.flags.writeable = False
    for same in (
        rows.tolist(),
        rows.astype(">i8"),
        rows.astype(np.int32),
        rows.astype(np.uint8),
        np.repeat(rows, 3)[::3],
        fortran[:, 1],
        read_only,
    ):
        np.testing.assert_array_equal(neg.sample(same, positives=same), expected)
        np.testing.assert_array_equal(neg.sample(same, positives=fortran), expected)


def test_order_and_repeats_of_excluded_ids_do_not_matter() -> None:
    """S8."""
    mixed = S.Exclude.csr([0, 5, 5, 7], [1, 0, 1, 0, 0, 1, 0])
    pairs = S.Exclude.pairs([2, 0, 0, 2, 0], [1, 0, 1, 0, 0])
    for exclude in (mixed, pairs):
        assert exclude.n_rows == 3
        for row in range(3):
            assert exclude.row(row).tolist() == SEEN.row(row).tolist()
    assert S.Exclude.pairs([], []).n_rows == 0
    assert S.Exclude.pairs([1], [5], n_rows=9).n_rows == 9


def test_int64_is_given_on_request() -> None:
    wide = sampler(dtype=np.int64).sample([0, 1, 2])
    assert wide.dtype == np.int64
    np.testing.assert_array_equal(wide, sampler().sample([0, 1, 2]))
    assert S.Uniform(4).sample(3, dtype=np.int64).dtype == np.int64


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_out_is_filled_and_returned(dtype) -> None:
    out = np.zeros((3, 2), dtype)
    assert sampler().sample([4, 5, 6], out=out) is out
    np.testing.assert_array_equal(out, sampler().sample([4, 5, 6]))
    assert sampler().sample(out=out) is out
    assert S.Uniform(9).sample(out=out, seed=3) is out
    np.testing.assert_array_equal(out, S.Uniform(9).sample((3, 2), seed=3))


def test_rows_without_a_choice_are_padded_on_request() -> None:
    """S7."""
    seen = S.Exclude.csr([0, 3, 4], [0, 1, 2, 0])
    neg = S.NegativeSampler(S.Uniform(3), 2, exclude=seen, on_empty="pad")
    ids, log_q = neg.sample([0, 1], return_log_q=True)
    assert ids[0].tolist() == [-1, -1]
    assert log_q[0].tolist() == [0, 0]
    positive = neg.positive_log_q([1, 1], rows=[0, 1])
    np.testing.assert_allclose(positive, [0, 0], atol=1e-7)  # of 2 ids 1 is left
    assert set(ids[1].tolist()) <= {1, 2}


def test_arguments_do_not_change_and_are_not_kept() -> None:
    """P11: a distribution keeps its own counts."""
    counts = np.array([3, 2, 1])
    distribution = S.Unigram(counts)
    before = distribution.sample(50)
    counts[:] = 1
    again = S.NegativeSampler(distribution, 1).distribution
    np.testing.assert_array_equal(again.sample(50), before)
    assert "3 counts" in repr(distribution)
