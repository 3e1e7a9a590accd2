"""The tile in every instruction set: equality with the oracle, gradients, extremes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

import reference
from conftest import zipf_counts
from sgns import _core

N_INPUTS = [*range(1, 13), 20]
N_TARGETS = [*range(1, 9), 11, 16, 21, 40]
DIMS = [*range(1, 131), 300]
REPEATS = [(), ("inputs",), ("targets",), ("inputs", "targets")]
LN2 = math.log(2)


@dataclass(frozen=True)
class Case:
    """Arguments of one step."""

    inputs: np.ndarray
    input_rows: np.ndarray
    targets: np.ndarray
    target_rows: np.ndarray
    labels: np.ndarray
    lr: float


@dataclass(frozen=True)
class Result:
    """What one step gives."""

    inputs: np.ndarray
    targets: np.ndarray
    scores: np.ndarray
    errors: np.ndarray


def make_case(
    dim: int,
    n_inputs: int,
    n_targets: int,
    *,
    repeat: Sequence[str] = (),
    lr: float = 0.25,
    seed: int = 0,
) -> Case:
    """Random rows with scores of about +-2; `repeat` names the sides with repeats."""
    rng = np.random.default_rng((seed, dim, n_inputs, n_targets))
    scale = math.sqrt(1.5) / dim**0.25

    def side(n: int, repeated: bool) -> tuple[np.ndarray, np.ndarray]:
        n_rows = n + 3
        table = rng.normal(scale=scale, size=(n_rows, dim)).astype(np.float32)
        pool = max(1, n // 2) if repeated else n_rows
        return table, rng.choice(n_rows if not repeated else pool, n, replace=repeated)

    inputs, input_rows = side(n_inputs, "inputs" in repeat)
    targets, target_rows = side(n_targets, "targets" in repeat)
    labels = rng.integers(0, 2, n_targets).astype(np.float32)
    labels[0] = 1
    return Case(inputs, input_rows, targets, target_rows, labels, lr)


def case_of(
    inputs: Sequence[Sequence[float]],
    targets: Sequence[Sequence[float]],
    labels: Sequence[float],
    lr: float = 1.0,
) -> Case:
    """Every row of both tables once, in order."""
    x, y = np.array(inputs, np.float32), np.array(targets, np.float32)
    rows = np.arange(len(x)), np.arange(len(y))
    return Case(x, rows[0], y, rows[1], np.array(labels, np.float32), lr)


def step(kernel: str, case: Case) -> Result:
    return Result(
        *_core.tile_step(
            kernel,
            case.inputs,
            case.input_rows,
            case.targets,
            case.target_rows,
            case.labels,
            case.lr,
        )
    )


def reference_step(case: Case) -> Result:
    inputs, targets = case.inputs.astype(np.float64), case.targets.astype(np.float64)
    scores, errors = reference.tile(
        inputs, case.input_rows, targets, case.target_rows, case.labels, case.lr
    )
    return Result(inputs, targets, scores, errors)


def assert_equal_to_reference(kernel: str, case: Case) -> None:
    got, expected = step(kernel, case), reference_step(case)
    for name in ("inputs", "targets", "scores", "errors"):
        ours, theirs = getattr(got, name), getattr(expected, name)
        assert ours.dtype == np.float32
        assert ours.shape == theirs.shape
        shape = f"{name}: dim {case.inputs.shape[1]}, {expected.scores.shape}"
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=5e-6, err_msg=shape)


def test_kernel_names_start_with_scalar_and_hold_the_one_in_use() -> None:
    names = _core.kernel_names()
    assert names[0] == "scalar"
    assert len(set(names)) == len(names)
    assert _core.kernel_name() in names


# Equality with the oracle ------------------------------------------------------------


@pytest.mark.parametrize(
    "repeat", [(), ("inputs",), ("targets",), ("inputs", "targets")]
)
def test_step_equals_the_reference_for_every_dim(
    kernel: str, repeat: tuple[str, ...]
) -> None:
    for dim in DIMS:
        for n_inputs, n_targets in ((1, 6), (3, 6), (6, 6), (7, 11), (4, 13)):
            case = make_case(dim, n_inputs, n_targets, repeat=repeat)
            assert_equal_to_reference(kernel, case)


@pytest.mark.parametrize("n_targets", N_TARGETS)
def test_step_equals_the_reference_for_every_shape(kernel: str, n_targets: int) -> None:
    for n_inputs in N_INPUTS:
        for dim in (1, 5, 8, 17, 33, 100):
            case = make_case(dim, n_inputs, n_targets)
            assert_equal_to_reference(kernel, case)


@pytest.mark.parametrize("n_targets", N_TARGETS)
def test_step_adds_all_changes_of_repeated_rows(kernel: str, n_targets: int) -> None:
    for n_inputs in N_INPUTS:
        for dim in (5, 33):
            case = make_case(dim, n_inputs, n_targets, repeat=("inputs", "targets"))
            assert_equal_to_reference(kernel, case)


def test_step_adds_all_changes_of_one_row_many_times(kernel: str) -> None:
    case = make_case(19, 12, 21, lr=0.05)
    rows = np.zeros(12, np.int64), np.full(21, 2, np.int64)
    case = Case(case.inputs, rows[0], case.targets, rows[1], case.labels, case.lr)
    assert_equal_to_reference(kernel, case)


def test_step_leaves_its_arguments_alone(kernel: str) -> None:
    case = make_case(33, 5, 6)
    before = case.inputs.copy(), case.targets.copy()
    step(kernel, case)
    np.testing.assert_array_equal(case.inputs, before[0])
    np.testing.assert_array_equal(case.targets, before[1])


def test_step_with_zero_learning_rate_changes_nothing(kernel: str) -> None:
    case = make_case(33, 5, 6, lr=0.0)
    got = step(kernel, case)
    np.testing.assert_array_equal(got.inputs, case.inputs)
    np.testing.assert_array_equal(got.targets, case.targets)


def test_all_kernels_agree_after_one_step() -> None:
    """Within 1e-6 of the largest value, at the learning rate of real training."""
    for dim in (1, 7, 16, 50, 100, 128, 300):
        for n_inputs, n_targets in ((1, 6), (6, 6), (10, 11), (20, 40)):
            case = make_case(dim, n_inputs, n_targets, lr=0.025)
            first, *others = [step(name, case) for name in _core.kernel_names()]
            for other in others:
                for name in ("inputs", "targets"):
                    a, b = getattr(first, name), getattr(other, name)
                    assert np.abs(a - b).max() <= 1e-6 * np.abs(a).max()


# Which rows change -------------------------------------------------------------------


def changed_rows(old: np.ndarray, new: np.ndarray) -> set[int]:
    return set(np.flatnonzero((old != new).any(axis=1)).tolist())


def test_one_pair_changes_one_input_row_and_k_plus_one_output_rows(kernel: str) -> None:
    """A5, A28: 10,000 words, dim 300, 5 noise words; compared bit for bit."""
    rng = np.random.default_rng(1)
    inputs = rng.normal(scale=0.1, size=(10_000, 300)).astype(np.float32)
    targets = rng.normal(scale=0.1, size=(10_000, 300)).astype(np.float32)
    rows = np.array([9_999, 0, 17, 4_000, 5_000, 8_191])
    labels = np.array([1, 0, 0, 0, 0, 0], np.float32)
    case = Case(inputs, np.array([1234]), targets, rows, labels, 0.025)
    got = step(kernel, case)
    assert changed_rows(inputs, got.inputs) == {1234}
    assert changed_rows(targets, got.targets) == set(rows.tolist())


def test_one_hs_pair_changes_one_input_row_and_the_nodes_of_the_path(
    kernel: str,
) -> None:
    """A28, A45: only the path of the centre and the row of the context word."""
    counts = zipf_counts(1000, 50_000)
    offsets, nodes, codes = _core.huffman_paths(counts)
    path = slice(int(offsets[777]), int(offsets[778]))
    rng = np.random.default_rng(2)
    inputs = rng.normal(scale=0.1, size=(1000, 64)).astype(np.float32)
    table = rng.normal(scale=0.1, size=(999, 64)).astype(np.float32)
    labels = 1 - codes[path].astype(np.float32)
    case = Case(inputs, np.array([3]), table, nodes[path], labels, 0.025)
    got = step(kernel, case)
    assert changed_rows(inputs, got.inputs) == {3}
    assert changed_rows(table, got.targets) == set(nodes[path].tolist())


# Gradients ---------------------------------------------------------------------------


def loss_of(case: Case, inputs: np.ndarray, targets: np.ndarray) -> float:
    scores = inputs[case.input_rows] @ targets[case.target_rows].T
    return float(reference.row_losses(scores, case.labels).sum())


def numerical_gradients(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Central differences of the loss over both tables, in float64."""
    tables = case.inputs.astype(np.float64), case.targets.astype(np.float64)
    gradients = np.zeros_like(tables[0]), np.zeros_like(tables[1])
    h = 1e-5
    for table, gradient in zip(tables, gradients, strict=True):
        for i in np.ndindex(table.shape):
            old = table[i]
            table[i] = old + h
            above = loss_of(case, *tables)
            table[i] = old - h
            gradient[i] = (above - loss_of(case, *tables)) / (2 * h)
            table[i] = old
    return gradients


@pytest.mark.parametrize(
    ("n_inputs", "n_targets", "repeat"),
    [(1, 6, ()), (5, 6, ()), (6, 11, ("inputs", "targets")), (4, 3, ("targets",))],
)
def test_step_follows_the_gradient_of_the_loss(
    kernel: str, n_inputs: int, n_targets: int, repeat: tuple[str, ...]
) -> None:
    """A4, A54: (new - old) / lr is minus the derivative of the loss."""
    case = make_case(9, n_inputs, n_targets, repeat=repeat, lr=2**-6)
    got = step(kernel, case)
    by_inputs, by_targets = numerical_gradients(case)
    moved = (got.inputs - case.inputs) / case.lr, (got.targets - case.targets) / case.lr
    np.testing.assert_allclose(moved[0], -by_inputs, rtol=1e-4, atol=5e-5)
    np.testing.assert_allclose(moved[1], -by_targets, rtol=1e-4, atol=5e-5)


# Losses and golden numbers -----------------------------------------------------------


@pytest.mark.parametrize("negative", [0, 1, 3, 5, 20])
def test_zero_output_table_costs_ln2_for_each_target(
    kernel: str, negative: int
) -> None:
    """A11, A37: the loss is exactly (k + 1) ln 2, every error is lr / 2."""
    labels = [1.0] + [0.0] * negative
    case = case_of(make_case(50, 4, 1).inputs, np.zeros((negative + 1, 50)), labels)
    got = step(kernel, case)
    assert np.all(got.scores == 0)
    expected = [1 / 2] + [-1 / 2] * negative
    np.testing.assert_allclose(got.errors, np.tile(expected, (7, 1)), rtol=1e-6)
    losses = reference.row_losses(got.scores, labels)
    np.testing.assert_allclose(losses, (negative + 1) * LN2, rtol=1e-15)


def test_dog_example_has_the_golden_loss(kernel: str) -> None:
    """A11, A23: scores 2, -1, 0.5, 0 of dog with bone, car, apple, house.

    By hand: log(1 + e^-2) + log(1 + e^-1) + log(1 + e^0.5) + log 2
    = 0.126928 + 0.313262 + 0.974077 + 0.693147 = 2.107414.
    """
    words = {"bone": [2, 0], "car": [-1, 1], "apple": [0.5, 3], "house": [0, -7]}
    labels = [1, 0, 0, 0]
    got = step(kernel, case_of([[1, 0]], list(words.values()), labels))
    loss = reference.row_losses(got.scores, labels)
    assert loss[0] == pytest.approx(2.107414, abs=1e-6)
    parts = [0.126928, 0.313262, 0.974077, 0.693147]
    binary = [reference.row_losses(got.scores[:, [j]], [labels[j]]) for j in range(4)]
    np.testing.assert_allclose(np.ravel(binary), parts, atol=1e-6)


def test_loss_equals_binary_cross_entropy_of_the_labelled_pairs(kernel: str) -> None:
    """A8: the same table as binary classification."""
    case = make_case(40, 6, 11)
    scores = step(kernel, case).scores.astype(np.float64)
    p = 1 / (1 + np.exp(-scores))
    y = case.labels
    entropy = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1)
    np.testing.assert_allclose(reference.row_losses(scores, y), entropy, rtol=1e-6)


def test_one_step_equals_the_rule_derived_by_hand(kernel: str) -> None:
    """A54: sigmoid(ln 3) = 3/4 and sigmoid(-ln 3) = 1/4, so lr 0.4 moves by 0.1.

    v = (1, 2), positive u = (ln 3, 0), negative w = (-ln 3, 0):
    v += 0.4 (1/4 u - 1/4 w), u += 0.4 * 1/4 v, w -= 0.4 * 1/4 v.
    """
    ln3 = math.log(3)
    got = step(kernel, case_of([[1, 2]], [[ln3, 0], [-ln3, 0]], [1, 0], lr=0.4))
    np.testing.assert_allclose(got.errors, [[0.1, -0.1]], atol=1e-6)
    np.testing.assert_allclose(got.inputs, [[1 + 0.2 * ln3, 2]], atol=1e-6)
    expected = [[ln3 + 0.1, 0.2], [-ln3 - 0.1, -0.2]]
    np.testing.assert_allclose(got.targets, expected, atol=1e-6)


def sigmoids_of_all_nodes(
    kernel: str, context: np.ndarray, nodes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """sigmoid(s) and sigmoid(-s) of every node, from the errors at lr 1."""
    both: tuple[list, list] = [], []
    for label in (0.0, 1.0):
        for begin in range(0, len(nodes), 40):
            block = nodes[begin : begin + 40]
            case = case_of(context[None, :], block, [label] * len(block))
            both[int(label)].append(np.abs(step(kernel, case).errors[0]))
    return np.concatenate(both[0]), np.concatenate(both[1])


def test_hs_probabilities_of_all_words_sum_to_one(kernel: str) -> None:
    """A43, A44: 10,000 words, random vectors; the product of the path's sigmoids."""
    n_words, dim = 10_000, 20
    rng = np.random.default_rng(3)
    context = rng.normal(size=dim).astype(np.float32)
    table = rng.normal(scale=0.5, size=(n_words - 1, dim)).astype(np.float32)
    positive, negative = sigmoids_of_all_nodes(kernel, context, table)
    offsets, nodes, codes = _core.huffman_paths(zipf_counts(n_words, 1_000_000))
    factors = np.where(codes == 0, positive[nodes], negative[nodes])
    p = np.multiply.reduceat(factors.astype(np.float64), offsets[:-1].astype(np.int64))
    assert abs(p.sum() - 1) < 1e-5
    scores = table.astype(np.float64) @ context
    signs = 1 - 2 * codes.astype(np.float64)
    logs = -np.logaddexp(0, -signs * scores[nodes])
    expected = np.exp(np.add.reduceat(logs, offsets[:-1].astype(np.int64)))
    np.testing.assert_allclose(p, expected, rtol=5e-5, atol=1e-6)


# Extremes ----------------------------------------------------------------------------

EXTREMES = [0.0, 1e-30, 1e-3, 1.0, 5.0, 15.0, 30.0, 80.0, 88.0, 104.0, 1000.0, 1e30]


def test_errors_equal_the_sigmoid_over_the_whole_range(kernel: str) -> None:
    """A13, N3: finite and exact to 1e-6 from 0 to far beyond +-80."""
    scores = np.array([*EXTREMES, *[-s for s in EXTREMES]], np.float32)
    for label in (0.0, 1.0):
        case = case_of([[1.0]], scores[:, None], [label] * len(scores))
        got = step(kernel, case)
        np.testing.assert_array_equal(got.scores[0], scores)
        expected = label - reference.sigmoid(scores)
        np.testing.assert_allclose(got.errors[0], expected, rtol=0, atol=1e-6)


def sigmoids(kernel: str, x: np.ndarray) -> np.ndarray:
    """Minus the errors of label 0 at lr 1: sigmoid(x) as the kernel computes it."""
    blocks = []
    for begin in range(0, len(x), 40):
        block = x[begin : begin + 40, None]
        case = case_of([[1.0]], block, [0] * len(block))
        blocks.append(-step(kernel, case).errors[0].astype(np.float64))
    return np.concatenate(blocks)


# Dense where the sigmoid bends: its worst errors sit in narrow peaks.
GRID = np.concatenate([np.linspace(-10, 10, 20_001), np.linspace(-90, 90, 9_001)])


def test_sigmoid_is_exact_to_2e_7(kernel: str) -> None:
    """A13: the accuracy that the tile promises for its single-precision sigmoid."""
    x = GRID.astype(np.float32)
    np.testing.assert_allclose(
        sigmoids(kernel, x), reference.sigmoid(x), rtol=0, atol=2e-7
    )


def test_sigmoids_of_x_and_minus_x_sum_to_one(kernel: str) -> None:
    """A15, to one and a half units in the last place of a float at 1."""
    x = GRID.astype(np.float32)
    sums = sigmoids(kernel, x) + sigmoids(kernel, -x)
    np.testing.assert_allclose(sums, 1, rtol=0, atol=1.8e-7)


@pytest.mark.parametrize("score", [80.0, 1000.0])
def test_large_scores_give_finite_rows_and_losses(kernel: str, score: float) -> None:
    """N3: both signs, both labels."""
    targets = [[score, 0], [-score, 0], [score, 0], [-score, 0]]
    labels = [1, 1, 0, 0]
    got = step(kernel, case_of([[1, 0], [-1, 0]], targets, labels, lr=0.025))
    for values in (got.inputs, got.targets, got.errors):
        assert np.isfinite(values).all()
    assert np.isfinite(reference.row_losses(got.scores, labels)).all()


@pytest.mark.parametrize("scale", [1e-20, 1e-30, 1e-38])
def test_tiny_values_give_finite_rows(kernel: str, scale: float) -> None:
    """N3: products of rows are subnormal or zero."""
    case = make_case(30, 3, 6)
    inputs, targets = (
        (table * scale).astype(np.float32) for table in (case.inputs, case.targets)
    )
    case = Case(inputs, case.input_rows, targets, case.target_rows, case.labels, 0.025)
    got, expected = step(kernel, case), reference_step(case)
    np.testing.assert_allclose(got.errors, expected.errors, rtol=1e-5)
    np.testing.assert_allclose(got.inputs, expected.inputs, rtol=1e-5, atol=1e-37)
    np.testing.assert_allclose(got.targets, expected.targets, rtol=1e-5, atol=1e-37)


def spoiled_case(where: str, value: float, dim: int = 37) -> Case:
    """A case with one bad value in the second input row or third target row."""
    case = make_case(dim, 5, 7)
    table, row = (
        (case.inputs, case.input_rows[1])
        if where == "inputs"
        else (case.targets, case.target_rows[2])
    )
    table[row, dim // 2] = value
    return case


@pytest.mark.parametrize("where", ["inputs", "targets"])
def test_nan_spreads_as_in_the_reference(kernel: str, where: str) -> None:
    """N1: a NaN reaches what it touches and nothing else."""
    case = spoiled_case(where, math.nan)
    got, expected = step(kernel, case), reference_step(case)
    for name in ("inputs", "targets", "scores", "errors"):
        bad = np.isnan(getattr(expected, name))
        assert bad.any()
        np.testing.assert_array_equal(np.isnan(getattr(got, name)), bad)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", ["inputs", "targets"])
def test_bad_values_give_the_same_nan_pattern_in_every_kernel(
    where: str, value: float
) -> None:
    for dim in (1, 16, 37):
        case = spoiled_case(where, value, dim)
        first, *others = [step(name, case) for name in _core.kernel_names()]
        for other in others:
            for name in ("inputs", "targets", "scores", "errors"):
                a, b = getattr(first, name), getattr(other, name)
                np.testing.assert_array_equal(np.isnan(a), np.isnan(b))


def test_nan_in_an_unused_row_stays_there(kernel: str) -> None:
    case = make_case(37, 5, 7)
    unused = set(range(len(case.inputs))) - set(case.input_rows.tolist())
    row = unused.pop()
    case.inputs[row] = math.nan
    got = step(kernel, case)
    assert set(np.flatnonzero(np.isnan(got.inputs).any(axis=1)).tolist()) == {row}
    assert np.isfinite(got.targets).all()
