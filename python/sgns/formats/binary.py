"""word2vec binary: a header line, then word, space, values, line feed for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sgns import _core
from sgns.formats._content import check_claim, parse_header
from sgns.formats._stream import Stream
from sgns.formats._table import (
    MAX_WORD_BYTES,
    Matrix,
    RowTable,
    row_blocks,
    shown,
    shown_path,
)

READ_BYTES = 1 << 20
"""Bytes read in one step: few enough to be in the caches when they are looked at."""

HEADER_BYTES = 1024
"""Longest header line."""

LITTLE_FLOAT = np.dtype("<f4")


class _Buffer:
    """The part of a file that was read and not yet used."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.data = b""
        self.start = 0
        self.at_end = False

    def __len__(self) -> int:
        return len(self.data) - self.start

    def fill(self, n_bytes: int) -> bool:
        """Make `n_bytes` available, if the file has them."""
        parts = []
        missing = n_bytes - len(self)
        while missing > 0:
            block = self._stream.read(max(missing, READ_BYTES))
            if not block:
                self.at_end = True
                break
            parts.append(block)
            missing -= len(block)
        if parts:
            self.data = b"".join([self.data[self.start :], *parts])
            self.start = 0
        return missing <= 0

    def take(self, n_bytes: int) -> bytes:
        """Return the next bytes, `n_bytes` or all that are there, as used."""
        taken = self.data[self.start : self.start + n_bytes]
        self.start += len(taken)
        return taken


def read_rows(
    stream: Stream,
    *,
    limit: int | None,
    errors: str,
    on_bad_row: str,
) -> tuple[list[str], Matrix]:
    """Read words and vectors from word2vec binary.

    The line feed after a row, which some programs write and others do not, may be
    there or not.

    Parameters
    ----------
    stream : Stream
        At its beginning.
    limit, errors, on_bad_row
        See `sgns.formats.read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    path, size, buffer = stream.path, stream.size, _Buffer(stream)
    buffer.fill(HEADER_BYTES)
    end = buffer.data.find(b"\n", 0, HEADER_BYTES) + 1 or HEADER_BYTES
    n_rows, vector_size = parse_header(buffer.take(end), path)
    check_claim(n_rows, vector_size, 4, size, path)
    most = 1024 if size is None else size // (4 * vector_size + 2) + 1
    table = RowTable(
        path,
        vector_size,
        min(n_rows, most, limit or n_rows),
        errors=errors,
        on_bad_row=on_bad_row,
        place=lambda number: _place(path, number, n_rows),
    )
    number = 0
    while number < n_rows:
        left = min(n_rows - number, (limit or n_rows) - len(table))
        number += _add_rows(table, buffer, number, left, vector_size, errors)
        if len(table) == limit:
            return table.finish()
        if number < n_rows:
            number += _add_row(table, buffer, path, number, n_rows, vector_size)
    if buffer.fill(1):
        raise ValueError(
            f"{shown_path(path)}: header says {n_rows:,} rows, but the file goes on "
            f"with {shown(buffer.take(40))}"
        )
    return table.finish()


def _place(path: str, number: int, n_rows: int) -> str:
    return f"{shown_path(path)}: word {number:,} of {n_rows:,}"


def _add_rows(
    table: RowTable,
    buffer: _Buffer,
    number: int,
    left: int,
    vector_size: int,
    errors: str,
) -> int:
    """Add the good rows that come next, up to `left`; return their number."""
    buffer.fill(4 * vector_size + 3)
    rows = min(left, len(buffer) // (4 * vector_size + 2))
    words, buffer.start = _core.read_binary_rows(
        buffer.data, buffer.start, buffer.at_end, table.room(rows), errors
    )
    table.take(number + 1, words)
    return len(words)


def _add_row(
    table: RowTable,
    buffer: _Buffer,
    path: str,
    number: int,
    n_rows: int,
    vector_size: int,
) -> int:
    """Look at the row that comes next; reject it and return 1 if it is bad.

    Raises ValueError where the file cannot go on. Returns 0 when the row was only
    not read yet.
    """
    place = _place(path, number + 1, n_rows)
    seen, seen_end = len(buffer), buffer.at_end
    if not buffer.fill(1):
        raise ValueError(
            f"{shown_path(path)}: header says {n_rows:,} rows, file has {number:,}"
        )
    length = _word_length(buffer, place)
    n_bytes = 4 * vector_size
    if not buffer.fill(length + 1 + n_bytes):
        got = len(buffer) - length - 1
        raise ValueError(
            f"{place} is cut short (expected {n_bytes:,} bytes, got {got:,})"
        )
    if seen <= length + 1 + n_bytes and not seen_end:
        buffer.fill(length + 2 + n_bytes)
        return 0
    word = buffer.take(length + 1)[:-1]
    values = np.frombuffer(buffer.take(n_bytes), LITTLE_FLOAT)
    if buffer.data[buffer.start : buffer.start + 1] == b"\n":
        buffer.start += 1
    table.reject(number + 1, _problem(word, values))
    return 1


def _word_length(buffer: _Buffer, place: str) -> int:
    """Return how many bytes stand before the space after a word."""
    n_bytes = READ_BYTES >> 6
    while True:
        more = buffer.fill(n_bytes)
        start = buffer.start
        end = buffer.data.find(b" ", start, start + MAX_WORD_BYTES + 1)
        if end >= 0:
            return end - start
        if len(buffer) > MAX_WORD_BYTES:
            raise ValueError(f"{place} has more than {MAX_WORD_BYTES:,} bytes")
        if not more:
            raise ValueError(
                f"{place} is cut short (no space after {len(buffer):,} bytes)"
            )
        n_bytes *= 4


def _problem(word: bytes, values: Matrix) -> str:
    """Say why the core does not take a row that is whole."""
    if not word:
        return "the word is empty"
    column = int(np.argmin(np.isfinite(values)))
    text = shown(word.decode("utf-8", "backslashreplace"))
    return f"value {column + 1} of {text} is {values[column]}, expected a finite number"


def format_rows(words: Sequence[bytes], vectors: Matrix) -> Iterator[bytes]:
    """Yield the file that holds words and vectors, in blocks.

    Parameters
    ----------
    words : sequence of bytes
        Without white space.
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    n_rows, vector_size = vectors.shape
    yield b"%d %d\n" % (n_rows, vector_size)
    for block in row_blocks(n_rows, vector_size):
        rows = vectors[block].astype(LITTLE_FLOAT, copy=False)
        yield b"".join(
            b"%b %b\n" % (word, row.tobytes())
            for word, row in zip(words[block], rows, strict=True)
        )
