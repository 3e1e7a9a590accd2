"""word2vec binary: a header line, then word, space, values, line feed for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from sgns.formats._content import check_claim, parse_header
from sgns.formats._table import (
    MAX_WORD_BYTES,
    Matrix,
    RowTable,
    row_blocks,
    shown,
    shown_path,
)

READ_BYTES = 1 << 20
"""Bytes read in one step."""

LITTLE_FLOAT = np.dtype("<f4")


class _Buffer:
    """The part of a file that was read and not yet used."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.data = b""
        self.start = 0

    def fill(self, n_bytes: int) -> bool:
        """Make `n_bytes` available, if the file has them."""
        while len(self.data) - self.start < n_bytes:
            missing = n_bytes - (len(self.data) - self.start)
            block = self._file.read(max(missing, READ_BYTES))
            if not block:
                return False
            self.data = self.data[self.start :] + block
            self.start = 0
        return True

    def word_end(self) -> int:
        """Return where the space after a word is, -1 if there is none near enough."""
        available = READ_BYTES >> 4
        while True:
            more = self.fill(available)
            end = self.data.find(b" ", self.start, self.start + MAX_WORD_BYTES + 1)
            if end >= 0 or not more or available > MAX_WORD_BYTES:
                return end
            available *= 4


def read_rows(
    file: IO[bytes],
    path: str,
    size: int | None,
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
    file : binary file
        At its beginning.
    path : str
        Its name, for messages.
    size : int or None
        Its length in bytes, if known.
    limit, errors, on_bad_row
        See `sgns.formats.read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    n_rows, vector_size = parse_header(file.readline(1024), path)
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
    buffer = _Buffer(file)
    for number in range(1, n_rows + 1):
        if not buffer.fill(1):
            raise ValueError(
                f"{shown_path(path)}: header says {n_rows:,} rows, "
                f"file has {number - 1:,}"
            )
        _add_row(table, buffer, number, _place(path, number, n_rows), vector_size)
        if len(table) == limit:
            return table.finish()
        _skip_line_feed(buffer)
    if buffer.fill(1):
        raise ValueError(
            f"{shown_path(path)}: header says {n_rows:,} rows, but the file goes on "
            f"with {shown(buffer.data[buffer.start :][:40])}"
        )
    return table.finish()


def _place(path: str, number: int, n_rows: int) -> str:
    return f"{shown_path(path)}: word {number:,} of {n_rows:,}"


def _skip_line_feed(buffer: _Buffer) -> None:
    if buffer.fill(1) and buffer.data[buffer.start] == ord("\n"):
        buffer.start += 1


def _add_row(
    table: RowTable, buffer: _Buffer, number: int, place: str, vector_size: int
) -> None:
    end = buffer.word_end()
    if end < 0:
        length = len(buffer.data) - buffer.start
        if length > MAX_WORD_BYTES:
            raise ValueError(f"{place} has more than {MAX_WORD_BYTES:,} bytes")
        raise ValueError(f"{place} is cut short (no space after {length:,} bytes)")
    word = buffer.data[buffer.start : end]
    buffer.start = end + 1
    n_bytes = 4 * vector_size
    if not buffer.fill(n_bytes):
        got = len(buffer.data) - buffer.start
        raise ValueError(
            f"{place} is cut short (expected {n_bytes:,} bytes, got {got:,})"
        )
    values = np.frombuffer(buffer.data, LITTLE_FLOAT, vector_size, buffer.start)
    buffer.start += n_bytes
    table.add(number, word, values)


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
