"""The parts of a model file: what each must be, and how it is read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sgns import _core
from sgns._warn import warn
from sgns.formats._safetensors import TensorFile, depth_of, fail, strict_json
from sgns.formats._table import (
    MAX_VECTOR_SIZE,
    MAX_WORD_BYTES,
    CheckedWords,
    Matrix,
    row_blocks,
    shown,
    shown_path,
)

FORMAT_VERSION = 1
"""Raised only when old readers would misread a file."""

TABLES = ("input", "output", "nodes")
NEEDED = ("input", "word_offsets", "word_bytes")
METADATA = {
    "format",
    "format_version",
    "min_reader",
    "sgns_version",
    "kernel",
    "params",
    "seed",
    "history_columns",
    "state",
    "arrays",
    "crc32",
    "header_crc32",
}
MAX_STATE_DEPTH = 4


def check_version(metadata: Mapping[str, str], path: str) -> None:
    """Raise unless the file is a model that this version can read."""
    if metadata.get("format") != "sgns":
        fail(path, f"its format is {shown(metadata.get('format'))}, expected 'sgns'")
    needed = _integer("min_reader", metadata.get("min_reader", ""), path)
    if needed > FORMAT_VERSION:
        version = metadata.get("sgns_version", "?")[:20]
        raise ValueError(
            f"{shown_path(path)}: written by sgns {version} (format {needed}); this is "
            f"sgns {_core.__version__} (format {FORMAT_VERSION}). "
            f"Install sgns >= {version}"
        )


def check_shapes(file: TensorFile, path: str) -> None:
    """Raise unless all tensors fit together; warn of those that are not known."""
    for needed in NEEDED:
        if needed not in file.tensors:
            fail(path, f"it has no tensor {needed!r}")
    shape = file.tensors["input"].shape
    if len(shape) != 2 or shape[0] < 1 or not 1 <= shape[1] <= MAX_VECTOR_SIZE:
        fail(path, f"tensor 'input' has shape {shape}, expected (n_words, vector_size)")
    expected = _expected(file, path)
    for name, (dtype, wanted) in expected.items():
        tensor = file.tensors.get(name)
        if tensor is not None and (tensor.dtype.str, tensor.shape) != (dtype, wanted):
            fail(
                path,
                f"tensor {name!r} is {tensor.dtype.str} {tensor.shape}, "
                f"expected {dtype} {wanted}",
            )
    unknown = sorted({*file.tensors} - {*expected})
    unknown += sorted({*file.metadata} - METADATA)
    if unknown:
        listed = ", ".join(shown(name, 40) for name in unknown[:5])
        warn(f"{shown_path(path)}: parts that are not known are left out: {listed}")


def _expected(file: TensorFile, path: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return dtype and shape of every tensor that can be there."""
    n_words, size = shape = file.tensors["input"].shape
    history = file.tensors.get("history")
    epochs = history.shape[0] if history is not None and history.shape else 0
    columns = len(names("history_columns", file.metadata, path))
    expected: dict[str, tuple[str, tuple[int, ...]]] = dict.fromkeys(
        names("arrays", file.metadata, path), ("<f4", (size,))
    )
    for name in expected:
        if name not in file.tensors:
            fail(path, f"it has no tensor {shown(name)}")
    return expected | {
        "input": ("<f4", shape),
        "output": ("<f4", shape),
        "nodes": ("<f4", (n_words - 1, size)),
        "output_bias": ("<f4", (n_words,)),
        "counts": ("<i8", (n_words,)),
        "word_offsets": ("<i8", (n_words + 1,)),
        "word_bytes": ("|u1", (math.prod(file.tensors["word_bytes"].shape),)),
        "history": ("<f8", (epochs, columns)),
    }


def read_words(file: TensorFile, path: str) -> CheckedWords:
    """Return the words, all different."""
    data = file.read("word_bytes").tobytes()
    offsets = file.read("word_offsets")
    try:
        words = _core.split_words(data, offsets, "surrogateescape")
    except ValueError as error:
        fail(path, str(error))
    lengths = np.diff(offsets)
    if lengths.max() > MAX_WORD_BYTES:
        row = int(lengths.argmax())
        fail(path, f"word {row:,} has more than {MAX_WORD_BYTES:,} bytes")
    return CheckedWords(cast(list[str], words))


def read_counts(file: TensorFile, path: str) -> NDArray[np.int64]:
    """Return the counts, none negative."""
    counts = file.read("counts")
    if (counts < 0).any():
        row = int(np.argmax(counts < 0))
        fail(path, f"count {row:,} is {counts[row]}, expected at least 0")
    return counts


def read_row(name: str, file: TensorFile, path: str) -> NDArray[np.float32]:
    """Return a tensor of one dimension, all values finite."""
    values = file.read(name)
    check_finite(name, values.reshape(-1, 1), path)
    return values


def read_history(file: TensorFile, path: str) -> dict[str, list[float]]:
    """Return one list of numbers for each column."""
    columns = names("history_columns", file.metadata, path)
    if "history" not in file.tensors:
        return {name: [] for name in columns}
    return dict(zip(columns, file.read("history").T.tolist(), strict=True))


def check_finite(name: str, table: Matrix, path: str) -> None:
    """Raise ValueError for a value that is not finite."""
    for block in row_blocks(*table.shape):
        finite = np.isfinite(table[block]).all(axis=1)
        if not finite.all():
            row = block.start + int(np.argmin(finite))
            fail(path, f"row {row:,} of {name!r} is not finite")


def names(key: str, metadata: Mapping[str, str], path: str) -> list[str]:
    """Return a list of names, all different."""
    text = metadata.get(key, "[]")
    found = strict_json(b'{"names":%b}' % text.encode(), path)["names"]
    if (
        not isinstance(found, list)
        or not all(isinstance(name, str) for name in found)
        or len(set(found)) != len(found)
    ):
        fail(path, f"{key} must be a list of strings, all different")
    return found


def parameters(metadata: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return the parameters; only plain values are taken."""
    values = _object("params", metadata, path)
    plain = bool | int | float | str | None
    if not all(isinstance(value, plain) for value in values.values()):
        fail(path, "params must be an object of plain values")
    return values


def state(metadata: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return what else the estimator kept."""
    return _object("state", metadata, path)


def _object(key: str, metadata: Mapping[str, str], path: str) -> dict[str, Any]:
    try:
        values = json.loads(metadata.get(key, "{}"))
    except (ValueError, RecursionError) as error:
        fail(path, f"{key} is no JSON ({shown(str(error), 100)})")
    if not isinstance(values, dict) or depth_of(values) > MAX_STATE_DEPTH:
        fail(path, f"{key} must be an object of plain values")
    return values


def seed(metadata: Mapping[str, str], path: str) -> int | None:
    """Return the seed that was used."""
    text = metadata.get("seed", "null")
    return None if text == "null" else _integer("seed", text, path)


def _integer(key: str, text: str, path: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 20:
        fail(path, f"{key} must be a number, got {shown(text)}")
    return int(text)
