"""Vocabulary files as word2vec writes them: a word and its count a line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns.formats._content import check_content
from sgns.formats._stream import open_stream, write_blocks
from sgns.formats._table import (
    MAX_WORD_BYTES,
    as_counts,
    as_words,
    encoded_words,
    shown,
    shown_path,
)
from sgns.formats.text import whole_lines

_LINE = re.compile(rb"([^ \t\n\v\f\r]+)[ \t]+([0-9]{1,19})[ \t]*\r?\n?")


def read_vocabulary(
    path: str | os.PathLike[str], *, errors: str = "strict"
) -> tuple[list[str], NDArray[np.int64]]:
    r"""Read words and how often each occurred, as ``word2vec -save-vocab`` writes them.

    Parameters
    ----------
    path : str or os.PathLike
        The file, which may be compressed.
    errors : {"strict", "replace", "surrogateescape"}
        What becomes of words that are not UTF-8.

    Returns
    -------
    words : list of str
        In the order of the file.
    counts : ndarray of shape (n_words,), dtype int64

    Raises
    ------
    ValueError
        A line that is not a word and a count from 0 to 2**63 - 1, or a word that comes
        twice.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "vocabulary.txt")
    >>> write_vocabulary(path, ["the", "cat"], [5, 2])
    >>> print(path.read_text(), end="")
    the 5
    cat 2
    >>> words, counts = read_vocabulary(path)
    >>> words, counts.tolist()
    (['the', 'cat'], [5, 2])
    """
    rows: dict[str, int] = {}
    counts: list[int] = []
    with open_stream(os.fspath(path)) as stream:
        name = shown_path(stream.path)
        check_content(stream.head, stream.path, "a vocabulary file")
        for line in (
            line for block in whole_lines(stream) for line in block.splitlines(True)
        ):
            place = f"{name}:{len(counts) + 1}"
            word, count = _fields(line, place, errors)
            if rows.setdefault(word, len(counts)) != len(counts):
                raise ValueError(
                    f"{place}: duplicate word {shown(word)} "
                    f"(already in line {rows[word] + 1:,})"
                )
            counts.append(count)
        stream.warn_of_name()
    return list(rows), np.array(counts, dtype=np.int64)


def _fields(line: bytes, place: str, errors: str) -> tuple[str, int]:
    match = _LINE.fullmatch(line)
    if match is None or int(match[2]) >= 2**63 or len(match[1]) > MAX_WORD_BYTES:
        raise ValueError(f"{place}: expected a word and its count, got {shown(line)}")
    try:
        return match[1].decode("utf-8", errors), int(match[2])
    except UnicodeDecodeError:
        raise ValueError(f"{place}: invalid UTF-8 in {shown(match[1])}") from None


def write_vocabulary(
    path: str | os.PathLike[str], words: Sequence[str], counts: ArrayLike
) -> None:
    """Write words and how often each occurred, as ``word2vec -save-vocab`` does.

    Parameters
    ----------
    path : str or os.PathLike
        The file; replaced if it is there, compressed if its ending says so.
    words : sequence of str
        Without white space, all different.
    counts : array_like of shape (n_words,)
        From 0 to 2**63 - 1.

    Raises
    ------
    ValueError, OSError
        Words or counts that cannot be written, or a file; the old one is untouched.
    """
    listed, _ = as_words(words, len(words))
    encoded = encoded_words(listed)
    numbers = as_counts(counts, len(listed)).tolist()

    def blocks() -> Iterator[bytes]:
        for start in range(0, len(encoded), 1 << 16):
            part = slice(start, start + (1 << 16))
            pairs = zip(encoded[part], numbers[part], strict=True)
            yield b"".join(b"%b %d\n" % pair for pair in pairs)

    write_blocks(os.fspath(path), blocks(), None)
