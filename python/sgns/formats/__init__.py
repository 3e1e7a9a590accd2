"""Vector files of word2vec, in text and binary form, as many programs exchange them.

Text is a header line ``n_words vector_size`` and one line ``word value value ...`` for
each word; binary has the same header, then for each word its UTF-8 bytes, a space,
little-endian float32 values and a line feed. All functions use NumPy only.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Sequence
from typing import Literal

from numpy.typing import ArrayLike

from sgns._files import AtomicFile
from sgns.formats import binary, text
from sgns.formats._content import check_content, looks_binary
from sgns.formats._table import (
    Matrix,
    as_matrix,
    as_words,
    at_least_one,
    encoded_words,
    shown,
)

__all__ = [
    "Format",
    "read_vectors",
    "read_word2vec_binary",
    "read_word2vec_text",
    "write_vectors",
    "write_word2vec_binary",
    "write_word2vec_text",
]

Format = Literal["text", "binary"]
Errors = Literal["strict", "replace", "surrogateescape"]
OnBadRow = Literal["error", "skip"]

HEAD_BYTES = 1 << 16
"""Bytes at the beginning of a file that tell what it is."""


def read_vectors(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    errors: Errors = "strict",
    on_bad_row: OnBadRow = "error",
    header: bool | Literal["auto"] = "auto",
    limit: int | None = None,
) -> tuple[list[str], Matrix]:
    """Read words and vectors from a word2vec file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    format : {"text", "binary"}, optional
        By default the content decides.
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

    Returns
    -------
    words : list of str
        In the order of the file.
    vectors : ndarray of shape (n_words, vector_size), dtype float32

    Raises
    ------
    ValueError
        The content is not what it should be: file, line and what was expected.
    OSError
        The file cannot be read.

    Warns
    -----
    UserWarning
        Rows were left out, or the last line of a text file has no line feed.

    Notes
    -----
    The last `vector_size` fields of a line are the values and the rest is the word, so
    words with spaces can be read (but not written).
    """
    _check_option("format", format, (None, "text", "binary"))
    _check_option("errors", errors, ("strict", "replace", "surrogateescape"))
    _check_option("on_bad_row", on_bad_row, ("error", "skip"))
    _check_option("header", header, ("auto", True, False))
    if limit is not None:
        limit = at_least_one("limit", limit)
    name = os.fspath(path)
    with io.BufferedReader(io.FileIO(name), HEAD_BYTES) as file:
        status = os.fstat(file.fileno())
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        head = file.peek(HEAD_BYTES)
        check_content(head, name)
        is_binary = header is not False and looks_binary(head, name)
        chosen = format or ("binary" if is_binary else "text")
        try:
            if chosen == "binary":
                return binary.read_rows(
                    file, name, size, limit=limit, errors=errors, on_bad_row=on_bad_row
                )
            return text.read_rows(
                file,
                name,
                size,
                header=header,
                limit=limit,
                errors=errors,
                on_bad_row=on_bad_row,
            )
        except ValueError as error:
            likely = "binary" if is_binary else "text"
            if likely == chosen:
                raise
            raise ValueError(
                f'{error}; this looks like the {likely} format; pass format="{likely}"'
            ) from None


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
    path : str or os.PathLike
        The file.
    errors, on_bad_row, header, limit
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
    path : str or os.PathLike
        The file.
    errors, on_bad_row, limit
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
) -> None:
    """Write words and vectors to a word2vec file, completely or not at all.

    Parameters
    ----------
    path : str or os.PathLike
        The file; replaced if it is there.
    words : sequence of str
        Without white space (space, tab, line feed, ...), all different.
    vectors : array_like of shape (n_words, vector_size)
        Finite; written as float32. Text has the fewest digits that give the same
        float32 again.
    format : {"text", "binary"}, optional
        By default binary if the path ends with ".bin", text otherwise.

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
    _check_option("format", format, (None, "text", "binary"))
    matrix = as_matrix(vectors)
    encoded = encoded_words(as_words(words, len(matrix))[0])
    name = os.fspath(path)
    if format == "binary" or (format is None and name.endswith(".bin")):
        blocks = binary.format_rows(encoded, matrix)
        size = sum(map(len, encoded)) + 2 * len(encoded) + matrix.nbytes
    else:
        blocks = text.format_rows(encoded, matrix)
        size = sum(map(len, encoded)) + 4 * matrix.size
    with AtomicFile(name, size=size) as file:
        for block in blocks:
            file.write(block)


def write_word2vec_text(
    path: str | os.PathLike[str], words: Sequence[str], vectors: ArrayLike
) -> None:
    """Write word2vec text: `write_vectors` with ``format="text"``.

    Parameters
    ----------
    path : str or os.PathLike
        The file; replaced if it is there.
    words : sequence of str
        Without white space, all different.
    vectors : array_like of shape (n_words, vector_size)
        Finite.

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
    path : str or os.PathLike
        The file; replaced if it is there.
    words : sequence of str
        Without white space, all different.
    vectors : array_like of shape (n_words, vector_size)
        Finite.

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
