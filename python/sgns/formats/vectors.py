"""Words and vectors, read and written in the format that is asked for or found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from sgns.formats import _pairs, binary, text
from sgns.formats._content import (
    Format,
    check_content,
    format_of_content,
    format_to_write,
)
from sgns.formats._stream import Stream, open_stream, write_blocks
from sgns.formats._table import (
    Matrix,
    as_matrix,
    as_words,
    at_least_one,
    encoded_words,
    shown,
    shown_path,
)
from sgns.formats.model import Model, read_model, write_model

Errors = Literal["strict", "replace", "surrogateescape"]
OnBadRow = Literal["error", "skip"]

FORMATS: tuple[Format, ...] = ("text", "binary", "safetensors", "npy", "tsv")
DTYPES = ("float16", "float32", "float64")
MAX_DECIMALS = 50


def read_vectors(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    errors: Errors = "strict",
    on_bad_row: OnBadRow = "error",
    header: bool | Literal["auto"] = "auto",
    limit: int | None = None,
    dtype: DTypeLike = np.float32,
) -> tuple[list[str], NDArray[Any]]:
    """Read words and vectors from a file.

    Parameters
    ----------
    path : str or os.PathLike
        The file, which may be compressed with gzip, bz2, xz or zstd. Beside a file
        ``name.npy`` stands ``name.words.txt`` with a word a line, beside ``name.tsv``
        ``name.metadata.tsv``.
    format : {"text", "binary", "safetensors", "npy", "tsv"}, optional
        By default the content decides, and the ending for .tsv.
    errors : {"strict", "replace", "surrogateescape"}
        Words that are not UTF-8 make a bad row, have their bytes replaced by U+FFFD,
        or keep their bytes escaped, so that writing gives them back.
    on_bad_row : {"error", "skip"}
        A row of the wrong length, with a value that is no finite float32, or whose word
        is empty, invalid or there already: raise, or leave it out and warn once.
    header : bool or "auto"
        Whether a text file begins with a header; "auto" takes two integers alone on
        the first line for one. Without a header the first row tells the vector size.
    limit : int, optional
        Stop after this many words.
    dtype : dtype
        float16, float32 or float64. Values are read as float32 whatever it is.

    Returns
    -------
    words : list of str
        In the order of the file.
    vectors : ndarray of shape (n_words, vector_size)
        C-contiguous, writable, and nobody else's.

    Raises
    ------
    ValueError
        The content is not what it should be: file, line and what was expected.
    OSError
        The file cannot be read.

    Warns
    -----
    UserWarning
        Rows were left out, the last line of a text file has no line feed, or the name
        of a file says something else about its compression than its content.

    Notes
    -----
    The last `vector_size` fields of a line are the values and the rest is the word, so
    words with spaces can be read (but not written).
    """
    check_options(format, errors, on_bad_row, header)
    if limit is not None:
        limit = at_least_one("limit", limit)
    kind = _float_type(dtype)
    with open_stream(os.fspath(path)) as stream:
        check_content(stream.head, stream.path)
        likely = format_of_content(stream.head, stream.path)
        if likely == "binary" and header is False:
            likely = "text"
        chosen = format or likely
        try:
            words, vectors = _read(
                stream, chosen, header, limit, errors=errors, on_bad_row=on_bad_row
            )
        except ValueError as error:
            if likely == chosen:
                raise
            raise ValueError(
                f'{error}; this looks like the {likely} format; pass format="{likely}"'
            ) from None
        stream.warn_of_name()
    return words, _converted(vectors, kind, os.fspath(path))


def check_options(
    format: object, errors: object, on_bad_row: object, header: object
) -> None:
    """Raise ValueError for an option of `read_vectors` that is none of its values."""
    _check_option("format", format, (None, *FORMATS))
    _check_option("errors", errors, ("strict", "replace", "surrogateescape"))
    _check_option("on_bad_row", on_bad_row, ("error", "skip"))
    _check_option("header", header, ("auto", True, False))


def _read(
    stream: Stream,
    chosen: str,
    header: bool | str,
    limit: int | None,
    *,
    errors: str,
    on_bad_row: str,
) -> tuple[list[str], Matrix]:
    if chosen == "safetensors":
        model = read_model(stream.path)
        return list(model.words)[:limit], model.input[:limit]
    if chosen == "text":
        return text.read_rows(
            stream, header=header, limit=limit, errors=errors, on_bad_row=on_bad_row
        )
    readers = {"binary": binary.read_rows, "npy": _pairs.read_npy}
    read = readers.get(chosen, _pairs.read_tsv)
    return read(stream, limit=limit, errors=errors, on_bad_row=on_bad_row)


def _float_type(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = None
    if kind is None or kind.name not in DTYPES:
        names = ", ".join(DTYPES)
        raise ValueError(f"dtype must be one of {names}, got {shown(dtype)}")
    return kind


def _converted(vectors: Matrix, kind: np.dtype[Any], path: str) -> NDArray[Any]:
    with np.errstate(over="ignore"):
        result = vectors.astype(kind, copy=False)
    if kind.itemsize < 4 and not np.isfinite(result).all():
        raise ValueError(f"{shown_path(path)}: a value is too large for {kind.name}")
    return result


def read_word2vec_text(
    path: str | os.PathLike[str],
    *,
    errors: Errors = "strict",
    on_bad_row: OnBadRow = "error",
    header: bool | Literal["auto"] = "auto",
    limit: int | None = None,
) -> tuple[list[str], Matrix]:
    """Read word2vec text: `read_vectors` with ``format="text"``.

    Parameters
    ----------
    path, errors, on_bad_row, header, limit
        See `read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32

    Raises
    ------
    ValueError, OSError
        See `read_vectors`.
    """
    return read_vectors(
        path,
        format="text",
        errors=errors,
        on_bad_row=on_bad_row,
        header=header,
        limit=limit,
    )


def read_word2vec_binary(
    path: str | os.PathLike[str],
    *,
    errors: Errors = "strict",
    on_bad_row: OnBadRow = "error",
    limit: int | None = None,
) -> tuple[list[str], Matrix]:
    """Read word2vec binary: `read_vectors` with ``format="binary"``.

    Parameters
    ----------
    path, errors, on_bad_row, limit
        See `read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32

    Raises
    ------
    ValueError, OSError
        See `read_vectors`.
    """
    return read_vectors(
        path, format="binary", errors=errors, on_bad_row=on_bad_row, limit=limit
    )


def write_vectors(
    path: str | os.PathLike[str],
    words: Sequence[str],
    vectors: ArrayLike,
    *,
    format: Format | None = None,
    header: bool = True,
    decimals: int | None = None,
) -> None:
    """Write words and vectors to a file, completely or not at all.

    Parameters
    ----------
    path : str or os.PathLike
        The file; replaced if it is there. If it ends with .gz, .bz2, .xz or .zst, it
        is compressed. Beside ``name.npy`` the words go to ``name.words.txt``, beside
        ``name.tsv`` to ``name.metadata.tsv``.
    words : sequence of str
        Without white space (space, tab, line feed, ...), all different.
    vectors : array_like of shape (n_words, vector_size)
        Finite; written as float32. Text has the fewest digits that give the same
        float32 again.
    format : {"text", "binary", "safetensors", "npy", "tsv"}, optional
        By default the ending of the path decides: .bin is binary, .safetensors, .npy
        and .tsv are themselves, anything else is text.
    header : bool
        Whether text begins with the numbers of rows and of values; GloVe's does not.
    decimals : int, optional
        Digits behind the point in text, 0 to 50. By default as few as give the same
        float32 again.

    Raises
    ------
    ValueError
        Words or vectors that cannot be written; the old file is untouched.
    OSError
        The file cannot be written; the old file is untouched.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "vectors.txt")
    >>> write_vectors(path, ["sun", "moon"], [[0.5, 0.1], [-1, 2]])
    >>> print(path.read_text(), end="")
    2 2
    sun 0.5 0.1
    moon -1.0 2.0
    >>> read_vectors(path)[0]
    ['sun', 'moon']
    """
    _check_option("format", format, (None, *FORMATS))
    _check_option("header", header, (True, False))
    digits = _decimals(decimals)
    name = os.fspath(path)
    chosen = format or format_to_write(name)
    if chosen != "text" and not (header and decimals is None):
        raise ValueError(f"header and decimals are for text, got format={chosen!r}")
    matrix = as_matrix(vectors)
    if chosen == "safetensors":
        return write_model(path, Model(words, matrix))
    encoded = encoded_words(as_words(words, len(matrix))[0])
    size = sum(map(len, encoded)) + 2 * len(encoded) + matrix.nbytes
    if chosen == "binary":
        return write_blocks(name, binary.format_rows(encoded, matrix), size)
    if chosen == "text":
        lines = text.format_rows(encoded, matrix, decimals=digits, header=header)
        return write_blocks(name, lines, size)
    _pairs.write_words(_pairs.words_path(name, chosen), encoded)
    blocks = _pairs.npy_blocks if chosen == "npy" else _pairs.tsv_blocks
    return write_blocks(name, blocks(matrix), matrix.nbytes)


def _decimals(decimals: int | None) -> int:
    if decimals is None:
        return text.SHORTEST
    if isinstance(decimals, bool) or not isinstance(decimals, int | np.integer):
        raise TypeError(
            f"decimals must be an int from 0 to {MAX_DECIMALS} or None, "
            f"got {shown(decimals)}"
        )
    if not 0 <= decimals <= MAX_DECIMALS:
        raise ValueError(
            f"decimals must be an int from 0 to {MAX_DECIMALS} or None, got {decimals}"
        )
    return int(decimals)


def write_word2vec_text(
    path: str | os.PathLike[str], words: Sequence[str], vectors: ArrayLike
) -> None:
    """Write word2vec text: `write_vectors` with ``format="text"``.

    Parameters
    ----------
    path, words, vectors
        See `write_vectors`.

    Raises
    ------
    ValueError, OSError
        See `write_vectors`.
    """
    write_vectors(path, words, vectors, format="text")


def write_word2vec_binary(
    path: str | os.PathLike[str], words: Sequence[str], vectors: ArrayLike
) -> None:
    """Write word2vec binary: `write_vectors` with ``format="binary"``.

    Parameters
    ----------
    path, words, vectors
        See `write_vectors`.

    Raises
    ------
    ValueError, OSError
        See `write_vectors`.
    """
    write_vectors(path, words, vectors, format="binary")


def _check_option(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if not any(
        value is one or (value == one and type(value) is type(one)) for one in allowed
    ):
        names = ", ".join(map(repr, allowed))
        raise ValueError(f"{name} must be one of {names}, got {shown(value)}")
