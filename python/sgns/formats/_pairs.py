"""Files in pairs, one of values and one of words: .npy, and TensorBoard's projector."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

import numpy as np

from sgns import _core
from sgns._compression import PLAIN, kind_of_name
from sgns.formats._content import check_claim
from sgns.formats._stream import Stream, open_stream, write_blocks
from sgns.formats._table import (
    MAX_VECTOR_SIZE,
    MAX_WORD_BYTES,
    Matrix,
    RowTable,
    row_blocks,
    shown,
    shown_path,
)
from sgns.formats.text import format_rows, most_threads, problem, whole_lines

WORDS_ENDING = {"npy": ".words.txt", "tsv": ".metadata.tsv"}
"""What the name of the file of words ends with, instead of the format's own ending."""

NPY_MAGIC = b"\x93NUMPY"
NPY_HEADER = re.compile(
    r"\{'descr': ?'([<>])f([248])', ?'fortran_order': ?(True|False), "
    r"?'shape': ?\(([0-9]{1,18}), ?([0-9]{1,18}),?\),? ?\}\s*",
)
MAX_NPY_HEADER = 10_000
READ_BYTES = 1 << 23


def words_path(path: str, form: str) -> str:
    """Return the name of the file of words that belongs to a file of values.

    Examples
    --------
    >>> words_path("a/vectors.npy", "npy"), words_path("vectors.tsv.gz", "tsv")
    ('a/vectors.words.txt', 'vectors.metadata.tsv.gz')
    """
    packed = "" if kind_of_name(path) == PLAIN else PurePath(path).suffix
    stem = path.removesuffix(packed)
    if stem.lower().endswith(f".{form}"):
        stem = stem[: -len(form) - 1]
    return f"{stem}{WORDS_ENDING[form]}{packed}"


def read_words(path: str, errors: str) -> list[str | bytes]:
    """Read one word from each line; bytes where it is not UTF-8.

    In a table with a head, as TensorBoard wants it for several columns, the words are
    the first column.
    """
    with open_stream(path) as stream:
        data = b"".join(whole_lines(stream))
        stream.warn_of_name()
    lines = data.removesuffix(b"\n").split(b"\n")
    if b"\t" in lines[0]:
        lines = [line.partition(b"\t")[0] for line in lines[1:]]
    words: list[str | bytes] = []
    for number, line in enumerate(lines, 1):
        word = line.removesuffix(b"\r")
        if not word or len(word) > MAX_WORD_BYTES:
            what = "empty" if not word else f"longer than {MAX_WORD_BYTES:,} bytes"
            raise ValueError(f"{shown_path(path)}: word {number:,} is {what}")
        try:
            words.append(word.decode("utf-8", errors))
        except UnicodeDecodeError:
            words.append(word)
    return words


def _word_blocks(words: Sequence[bytes]) -> Iterator[bytes]:
    for start in range(0, len(words), 1 << 16):
        yield b"".join(b"%b\n" % word for word in words[start : start + (1 << 16)])


def write_words(path: str, words: Sequence[bytes]) -> None:
    """Write one word a line."""
    write_blocks(path, _word_blocks(words), sum(map(len, words)) + len(words))


def _table(
    path: str, words: Sequence[object], vector_size: int, errors: str, on_bad_row: str
) -> RowTable:
    return RowTable(
        path,
        vector_size,
        len(words),
        errors=errors,
        on_bad_row=on_bad_row,
        place=lambda number: f"{shown_path(path)}: row {number:,}",
    )


def read_npy(
    stream: Stream, *, limit: int | None, errors: str, on_bad_row: str
) -> tuple[list[str], Matrix]:
    """Read a NumPy array file and the words beside it.

    Parameters
    ----------
    stream : Stream
        The array, at its beginning.
    limit, errors, on_bad_row
        See `sgns.formats.read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    path = stream.path
    data = _Reader(stream)
    dtype, n_rows, vector_size = _npy_header(data, path)
    check_claim(n_rows, vector_size, dtype.itemsize, stream.size, path)
    words = read_words(words_path(path, "npy"), errors)
    _check_rows(words, n_rows, path, "npy")
    n_rows = min(n_rows, limit or n_rows)
    table = _table(path, words[:0], vector_size, errors, on_bad_row)
    for block in row_blocks(n_rows, vector_size):
        n = block.stop - block.start
        row_bytes = vector_size * dtype.itemsize
        raw = data.take(n * row_bytes)
        if len(raw) < n * row_bytes:
            number = block.start + len(raw) // row_bytes + 1
            raise ValueError(
                f"{shown_path(path)}: row {number:,} of {n_rows:,} is cut short"
            )
        rows = np.frombuffer(raw, dtype).reshape(-1, vector_size)
        _take_rows(table, block.start + 1, words[block], rows)
    if limit is None and data.take(1):
        raise ValueError(f"{shown_path(path)}: bytes follow behind the array")
    return table.finish()


class _Reader:
    """Exactly so many bytes of a stream at a time."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._data = b""

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end."""
        parts = [self._data]
        missing = size - len(self._data)
        while missing > 0 and (block := self._stream.read(READ_BYTES)):
            parts.append(block)
            missing -= len(block)
        data = b"".join(parts)
        self._data = data[size:]
        return data[:size]


def _npy_header(data: _Reader, path: str) -> tuple[np.dtype[np.floating], int, int]:
    """Return dtype and shape of a NumPy array file."""
    start = data.take(10)
    version = start[6:7]
    length = int.from_bytes(start[8:10], "little")
    if version in (b"\x02", b"\x03"):
        length += int.from_bytes(data.take(2), "little") << 16
    if start[:6] != NPY_MAGIC or version not in (b"\x01", b"\x02", b"\x03"):
        raise ValueError(
            f"{shown_path(path)} is no NumPy array file of a known version"
        )
    if length > MAX_NPY_HEADER:
        raise ValueError(
            f"{shown_path(path)}: header has {length:,} bytes, "
            f"expected at most {MAX_NPY_HEADER:,}"
        )
    text = data.take(length).decode("latin-1")
    match = NPY_HEADER.fullmatch(text)
    if match is None or match[3] == "True":
        raise ValueError(
            f"{shown_path(path)}: expected an array of floats of shape "
            f"(n_words, vector_size) in C order, got {shown(text.strip(), 100)}"
        )
    n_rows, vector_size = int(match[4]), int(match[5])
    if n_rows == 0 or not 1 <= vector_size <= MAX_VECTOR_SIZE:
        raise ValueError(
            f"{shown_path(path)}: expected at least 1 row of 1 to {MAX_VECTOR_SIZE:,} "
            f"values, got shape ({n_rows}, {vector_size})"
        )
    return np.dtype(f"{match[1]}f{match[2]}"), n_rows, vector_size


def _check_rows(words: Sequence[object], n_rows: int, path: str, form: str) -> None:
    if len(words) != n_rows:
        raise ValueError(
            f"{shown_path(path)} has {n_rows:,} rows, but "
            f"{shown_path(words_path(path, form))} has {len(words):,} words"
        )


def _take_rows(
    table: RowTable, first: int, words: Sequence[str | bytes], rows: Matrix
) -> None:
    """Keep the rows that are finite."""
    with np.errstate(over="ignore"):
        values = rows.astype(np.float32)
    finite = np.isfinite(values)
    good = finite.all(axis=1)
    bad = np.flatnonzero(~good).tolist()
    table.room(int(good.sum()))[:] = values[good]

    def explain(row: int) -> str:
        column = int(np.argmin(finite[row]))
        value = values[row, column]
        word = shown(words[row])
        return f"value {column + 1} of {word} is {value}, expected a finite number"

    kept = [words[row] for row in np.flatnonzero(good).tolist()]
    table.take(first, kept, bad, explain)


def npy_blocks(vectors: Matrix) -> Iterator[bytes | memoryview]:
    """Yield a NumPy array file in blocks."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, np.lib.format.header_data_from_array_1_0(vectors)
    )
    yield header.getvalue()
    for block in row_blocks(*vectors.shape):
        yield vectors[block].reshape(-1).view(np.uint8).data


def read_tsv(
    stream: Stream, *, limit: int | None, errors: str, on_bad_row: str
) -> tuple[list[str], Matrix]:
    """Read tab-separated values and the words in the metadata file beside them.

    Parameters
    ----------
    stream : Stream
        The values, at their beginning.
    limit, errors, on_bad_row
        See `sgns.formats.read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    path = stream.path
    words = read_words(words_path(path, "tsv"), errors)
    table, number, vector_size = None, 0, 0
    for data in whole_lines(stream):
        lines = data.removesuffix(b"\n").split(b"\n")
        if table is None:
            vector_size = min(max(1, len(lines[0].split())), MAX_VECTOR_SIZE)
            table = _table(path, words[:0], vector_size, errors, on_bad_row)
        _check_more(words, number + len(lines), path)
        rows = min(len(lines), (limit or len(words)) - number)
        _take_lines(table, number + 1, words, lines[:rows], vector_size)
        number += rows
        if number == limit:
            break
    else:
        _check_rows(words, number, path, "tsv")
    assert table is not None
    return table.finish()


def _check_more(words: Sequence[object], n_rows: int, path: str) -> None:
    if n_rows > len(words):
        raise ValueError(
            f"{shown_path(path)} has at least {n_rows:,} rows, but "
            f"{shown_path(words_path(path, 'tsv'))} has {len(words):,} words"
        )


def _take_lines(
    table: RowTable,
    first: int,
    words: Sequence[str | bytes],
    lines: Sequence[bytes],
    vector_size: int,
) -> None:
    """Keep the good ones of lines that hold values only."""
    most = sum(len(line) for line in lines) // (2 * vector_size - 1) + 1
    data = b"".join(b"-\t%b\n" % line for line in lines)
    _, bad, _ = _core.read_text_rows(
        data,
        0,
        len(lines),
        table.room(min(most, len(lines))),
        "strict",
        most_threads(),
    )
    faults = {row: (fault, column) for row, fault, column in bad}

    def explain(row: int) -> str:
        return problem(b"row\t" + lines[row], *faults[row], vector_size)

    kept = [words[first - 1 + row] for row in range(len(lines)) if row not in faults]
    table.take(first, kept, list(faults), explain)


def tsv_blocks(vectors: Matrix) -> Iterator[bytes]:
    """Yield lines of values separated by tabs."""
    no_words = [b""] * len(vectors)
    for lines in format_rows(no_words, vectors, header=False):
        yield lines.replace(b"\n ", b"\n").replace(b" ", b"\t")[1:]
