"""The native format: a whole model in one safetensors file."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns import _core
from sgns._compression import PLAIN, kind_of_name
from sgns._files import AtomicFile, check_target
from sgns.formats import _model_parts as parts
from sgns.formats._content import check_content
from sgns.formats._safetensors import TensorFile, fail, file_blocks
from sgns.formats._table import (
    Matrix,
    as_counts,
    as_matrix,
    as_words,
    encoded_words,
    shown_path,
)


@dataclass(frozen=True)
class Model:
    """What a model file holds.

    Attributes
    ----------
    words : sequence of str
        All different, none empty.
    input : ndarray of shape (n_words, vector_size), dtype float32
        The vectors of the words.
    output : ndarray of shape (n_words, vector_size), dtype float32, or None
        The vectors of words as targets.
    output_bias : ndarray of shape (n_words,), dtype float32, or None
        The biases of words as targets.
    nodes : ndarray of shape (n_words - 1, vector_size), dtype float32, or None
        The vectors of the inner nodes of the Huffman tree.
    counts : ndarray of shape (n_words,), dtype int64, or None
        Occurrences of each word.
    parameters : dict of str to int, float, str or None
        Parameters of the estimator by name.
    seed : int or None
        The seed that was used, also where the parameter is None.
    history : dict of str to list of float
        One number an epoch, the same for all names.
    state : dict
        What else the estimator needs to go on: plain values, lists and dicts of them.
    arrays : dict of str to ndarray of shape (vector_size,), dtype float32
        Directions that the estimator found.
    """

    words: Sequence[str]
    input: Matrix
    output: Matrix | None = None
    output_bias: NDArray[np.float32] | None = None
    nodes: Matrix | None = None
    counts: NDArray[np.int64] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def write_model(path: str | os.PathLike[str], model: Model) -> None:
    """Write a model to one safetensors file, completely or not at all.

    Parameters
    ----------
    path : str or os.PathLike
        The file; replaced if it is there. Not compressed, as it can be mapped.
    model : Model

    Raises
    ------
    ValueError
        Tables that do not fit together or are not finite; the old file is untouched.
    OSError
        The file cannot be written; the old file is untouched.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "model.safetensors")
    >>> write_model(path, Model(["a", "b"], np.eye(2, dtype="f4"), seed=1))
    >>> read_model(path).words, read_model(path).seed
    (['a', 'b'], 1)
    """
    name = os.fspath(path)
    _check_name(name)
    tensors, metadata = _tensors(model), _metadata(model)
    size = sum(array.nbytes for array in tensors.values())
    with AtomicFile(name, size=size) as file:
        for block in file_blocks(tensors, metadata):
            file.write(block)


def check_model_path(path: str | os.PathLike[str], size: int | None = None) -> None:
    """Raise as `write_model` would, before the work whose result it will write.

    Parameters
    ----------
    path : str or os.PathLike
        The file; it is not changed.
    size : int, optional
        Bytes that will be written, when known.

    Raises
    ------
    ValueError
        The name is that of a compressed file, or the file is no regular one.
    OSError
        The file could not be written.
    """
    _check_name(os.fspath(path))
    check_target(path, size)


def _check_name(name: str) -> None:
    if kind_of_name(name) != PLAIN:
        raise ValueError(
            f"{shown_path(name)}: a safetensors file is not compressed; "
            "end its name with .safetensors"
        )


def _tensors(model: Model) -> dict[str, NDArray[Any]]:
    """Return what is written, values of 8 bytes first."""
    vectors = as_matrix(model.input)
    words, _ = as_words(model.words, len(vectors))
    encoded = encoded_words(words, with_spaces=True)
    tensors: dict[str, NDArray[Any]] = {}
    if model.counts is not None:
        tensors["counts"] = as_counts(model.counts, len(words))
    offsets = np.zeros(len(words) + 1, "<i8")
    np.cumsum([len(word) for word in encoded], out=offsets[1:])
    tensors["word_offsets"] = offsets
    if model.history:
        tensors["history"] = np.array(list(model.history.values()), "<f8").T.copy()
    tensors["input"] = vectors
    for name, n_rows in (("output", len(words)), ("nodes", len(words) - 1)):
        table = getattr(model, name)
        if table is None:
            continue
        tensors[name] = as_matrix(table)
        expected = (n_rows, vectors.shape[1])
        if tensors[name].shape != expected:
            got = tensors[name].shape
            raise ValueError(f"{name} must have shape {expected}, got {got}")
    if model.output_bias is not None:
        bias = as_matrix(np.asarray(model.output_bias).reshape(1, -1)).reshape(-1)
        if len(bias) != len(words):
            raise ValueError(f"output_bias must have {len(words)} values")
        tensors["output_bias"] = bias
    for name, array in model.arrays.items():
        tensors[name] = as_matrix(np.asarray(array).reshape(1, -1)).reshape(-1)
    tensors["word_bytes"] = np.frombuffer(b"".join(encoded), "u1")
    return tensors


def _metadata(model: Model) -> dict[str, str]:
    return {
        "format": "sgns",
        "format_version": str(parts.FORMAT_VERSION),
        "min_reader": "1",
        "sgns_version": _core.__version__,
        "kernel": _core.kernel_name(),
        "params": json.dumps(dict(model.parameters), allow_nan=False),
        "seed": json.dumps(model.seed),
        "history_columns": json.dumps(list(model.history)),
        "state": json.dumps(dict(model.state), allow_nan=False),
        "arrays": json.dumps(list(model.arrays)),
    }


def read_model(
    path: str | os.PathLike[str], *, mmap: bool = False, verify: bool | None = None
) -> Model:
    """Read a model that `write_model` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    mmap : bool
        Map the tables read-only instead of reading them: this takes no time and no
        memory, and processes share them. The file may be replaced meanwhile, but must
        not be cut or written in place: the process would end by SIGBUS.
    verify : bool, optional
        Compare the tables with their checksums and check that they are finite; by
        default when they are not mapped.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        The file is not a model, is damaged, or was written by a later version.
    OSError
        The file cannot be read.

    Warns
    -----
    UserWarning
        The file has parts that this version does not know.
    """
    name = os.fspath(path)
    with io.FileIO(name) as raw:
        head = raw.read(64)
        raw.seek(0)
        try:
            check_content(head, name)
        except ValueError as error:
            fail(name, str(error).partition(": it is ")[2])
        file = TensorFile(raw, name)
        parts.check_version(file.metadata, name)
        file.check()
        parts.check_shapes(file, name)
        return _model(file, name, mmap, not mmap if verify is None else verify)


def _model(file: TensorFile, path: str, mmap: bool, verify: bool) -> Model:
    words = parts.read_words(file, path)
    tables: dict[str, Matrix | None] = dict.fromkeys(parts.TABLES)
    for name in parts.TABLES:
        if name not in file.tensors:
            continue
        table = file.map(name) if mmap else file.read(name, verify=verify)
        if mmap and verify:
            file.verify(name, table)
        if verify:
            parts.check_finite(name, table, path)
        tables[name] = table
    counts = parts.read_counts(file, path) if "counts" in file.tensors else None
    bias = None
    if "output_bias" in file.tensors:
        bias = parts.read_row("output_bias", file, path)
    names = parts.names("arrays", file.metadata, path)
    vectors = tables["input"]
    assert vectors is not None
    return Model(
        words,
        vectors,
        output=tables["output"],
        nodes=tables["nodes"],
        output_bias=bias,
        counts=counts,
        parameters=parts.parameters(file.metadata, path),
        seed=parts.seed(file.metadata, path),
        history=parts.read_history(file, path),
        state=parts.state(file.metadata, path),
        arrays={name: parts.read_row(name, file, path) for name in names},
    )
