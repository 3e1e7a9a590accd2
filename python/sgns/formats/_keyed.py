"""What KeyedVectors reads and writes: words, vectors and counts, in any format."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgns.formats._content import Format, format_of_content, format_to_write
from sgns.formats._table import (
    Checked,
    CheckedWords,
    at_least_one,
    shown,
    shown_path,
)
from sgns.formats.model import Model, read_model, write_model
from sgns.formats.vectors import check_options, read_vectors, write_vectors
from sgns.formats.vocabulary import read_vocabulary


def read_keyed(
    path: str | os.PathLike[str],
    *,
    format: Format | None,
    limit: int | None,
    fvocab: str | os.PathLike[str] | None,
    mmap: bool,
    **options: Any,
) -> Model:
    """Return words, vectors and, where they are known, counts and output vectors.

    Parameters
    ----------
    path, format, limit, fvocab, mmap
        See `sgns.KeyedVectors.load`.
    **options
        See `sgns.formats.read_vectors`.
    """
    check_options(format, **options)
    name = os.fspath(path)
    chosen = "safetensors" if format is None and _is_native(name) else format
    if mmap and chosen != "safetensors":
        raise ValueError(
            f"{shown_path(name)}: mmap needs a safetensors file; "
            "write one with save('name.safetensors')"
        )
    if chosen == "safetensors":
        limit = None if limit is None else at_least_one("limit", limit)
        model = _first(read_model(name, mmap=mmap), limit)
    else:
        words, vectors = read_vectors(name, format=chosen, limit=limit, **options)
        model = Model(CheckedWords(words), vectors)
    counts = model.counts
    if fvocab is not None:
        counts = _counts(model.words, os.fspath(fvocab), options["errors"])
    output = None if model.output is None else model.output.view(Checked)
    return Model(model.words, model.input.view(Checked), output=output, counts=counts)


def _first(model: Model, limit: int | None) -> Model:
    """Return what the first words have of a model."""
    if limit is None:
        return model
    return Model(
        model.words[:limit],
        model.input[:limit],
        output=None if model.output is None else model.output[:limit],
        counts=None if model.counts is None else model.counts[:limit],
    )


def _is_native(path: str) -> bool:
    """Tell whether a regular file begins as a safetensors file does."""
    if not stat.S_ISREG(Path(path).stat().st_mode):
        return False
    with io.FileIO(path) as file:
        return format_of_content(file.read(64), path) == "safetensors"


def _counts(words: Sequence[str], path: str, errors: str) -> NDArray[np.int64]:
    known = dict(zip(*read_vocabulary(path, errors=errors), strict=True))
    missing = [word for word in words if word not in known]
    if missing:
        names = ", ".join(shown(word, 40) for word in missing[:5])
        raise ValueError(
            f"{shown_path(path)} has no count for {len(missing):,} of {len(words):,} "
            f"words: {names}{', ...' if missing[5:] else ''}"
        )
    return np.array([known[word] for word in words], dtype=np.int64)


def write_keyed(
    path: str | os.PathLike[str], model: Model, *, format: Format | None
) -> None:
    """Write words and vectors, and the rest where the format has room for it.

    Parameters
    ----------
    path, format
        See `sgns.KeyedVectors.save`.
    model : Model
        Words, vectors, and maybe counts and output vectors.
    """
    if (format or format_to_write(os.fspath(path))) == "safetensors":
        write_model(path, model)
    else:
        write_vectors(path, model.words, model.input, format=format)
