"""word2vec text: a header line, then one line for each word and its values."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from sgns import _core
from sgns._params import default_workers
from sgns._warn import warn
from sgns.formats._content import (
    HEADER_LIKE,
    UTF8_MARK,
    check_claim,
    parse_header,
)
from sgns.formats._stream import Stream
from sgns.formats._table import (
    MAX_VECTOR_SIZE,
    MAX_WORD_BYTES,
    Matrix,
    RowTable,
    row_blocks,
    shown,
    shown_path,
)

READ_BYTES = 1 << 23
"""About how many bytes of whole lines are read in one step."""

SHORTEST = -1
"""As many decimals as give the same float32 again."""


def most_threads() -> int:
    """Return how many threads read and write text; more would wait for the disk."""
    return min(default_workers(), 8)


def read_rows(
    stream: Stream,
    *,
    header: bool | str,
    limit: int | None,
    errors: str,
    on_bad_row: str,
) -> tuple[list[str], Matrix]:
    """Read words and vectors from word2vec text.

    Parameters
    ----------
    stream : Stream
        At its beginning.
    header, limit, errors, on_bad_row
        See `sgns.formats.read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    path, blocks = stream.path, whole_lines(stream)
    data = next(blocks, b"").removeprefix(UTF8_MARK)
    first, begin = _line_at(data, 0), 0
    expected: int | None = None
    if HEADER_LIKE.fullmatch(first) if header == "auto" else header:
        expected, vector_size = parse_header(first, path)
        check_claim(expected, vector_size, 2, stream.size, path)
        begin = len(first)
        first = _line_at(data, begin)
    else:
        vector_size = _fields_of_first_row(first, path) - 1
    first_line = 1 if expected is None else 2
    table = RowTable(
        path,
        vector_size,
        _capacity(expected, vector_size, len(first), stream.size, limit),
        errors=errors,
        on_bad_row=on_bad_row,
        place=lambda number: f"{shown_path(path)}:{number + first_line - 1}",
    )
    lines = _Lines(table, vector_size, expected, limit, errors, path)
    lines.add_all(chain([data[begin:]], blocks))
    result = table.finish()
    if not lines.last_is_whole:
        warn(f"{shown_path(path)}: the last line has no line feed; it may be cut short")
    return result


class _Lines:
    """The lines of a file on their way into a table."""

    def __init__(
        self,
        table: RowTable,
        vector_size: int,
        expected: int | None,
        limit: int | None,
        errors: str,
        path: str,
    ) -> None:
        self._table = table
        self._vector_size = vector_size
        self._expected = expected
        self._limit = sys.maxsize if limit is None else limit
        self._errors = errors
        self._path = path
        self._number = 0  # rows seen, the bad ones too
        self.last_is_whole = True

    def add_all(self, blocks: Iterator[bytes]) -> None:
        """Add the rows of all lines until the limit, and check their number."""
        for data in blocks:
            begin = 0
            while begin < len(data):
                begin = self._add(data, begin)
                self.last_is_whole = data[begin - 1] == ord("\n")
                if len(self._table) == self._limit:
                    return
        if self._expected is not None and self._number < self._expected:
            raise ValueError(
                f"{shown_path(self._path)}: header says {self._expected:,} rows, "
                f"file has {self._number:,}"
            )

    def _add(self, data: bytes, begin: int) -> int:
        """Add lines of `data` from `begin`; return where the rest begins."""
        left = sys.maxsize
        if self._expected is not None:
            left = self._expected - self._number
        if left == 0:
            raise ValueError(
                f"{shown_path(self._path)}:{self._number + 2}: header says "
                f"{self._expected:,} rows, but the file goes on with "
                f"{shown(_line_at(data, begin))}"
            )
        # A value takes two bytes: what stands there bounds the memory.
        most = (len(data) - begin) // (2 * self._vector_size + 1) + 1
        rows = min(most, left, self._limit - len(self._table))
        words, bad, ends = _core.read_text_rows(
            data, begin, left, self._table.room(rows), self._errors, most_threads()
        )
        begins = [begin, *ends.tolist()] if bad else []
        faults = {row: (fault, column) for row, fault, column in bad}
        self._table.take(
            self._number + 1,
            words,
            list(faults),
            lambda row: problem(
                data[begins[row] : begins[row + 1]], *faults[row], self._vector_size
            ),
        )
        self._number += len(ends)
        return int(ends[-1])


def whole_lines(stream: Stream) -> Iterator[bytes]:
    """Yield the content in blocks that end with a line, the last as it ends."""
    parts: list[bytes] = []
    while block := stream.read(READ_BYTES):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join([*parts, block[:cut]])
            parts.clear()
        parts.append(block[cut:])
    if rest := b"".join(parts):
        yield rest


def _line_at(data: bytes, begin: int) -> bytes:
    end = data.find(b"\n", begin) + 1
    return data[begin:end] if end else data[begin:]


def _fields_of_first_row(line: bytes, path: str) -> int:
    n_fields = len(line.rsplit(None, MAX_VECTOR_SIZE + 1))
    if not 2 <= n_fields <= MAX_VECTOR_SIZE + 1:
        raise ValueError(
            f"{shown_path(path)}:1: expected a header 'rows size' or a word and 1 to "
            f"{MAX_VECTOR_SIZE:,} values, got {shown(line)}"
        )
    return n_fields


def _capacity(
    expected: int | None,
    vector_size: int,
    row_bytes: int,
    size: int | None,
    limit: int | None,
) -> int:
    """Return for how many rows to make room; no more than the file can hold."""
    if size is None:
        rows = 1024
    elif expected is None:
        rows = size // max(row_bytes, 2 * vector_size) + 1
    else:
        rows = min(expected, size // (2 * vector_size) + 1)
    return rows if limit is None else min(rows, limit)


def problem(line: bytes, fault: str, column: int, vector_size: int) -> str:
    """Say what the core found to be wrong with a line."""
    if fault == "long line":
        return f"the line is too long ({len(line):,} bytes)"
    if fault == "long word":
        return f"the word has more than {MAX_WORD_BYTES:,} bytes"
    if fault == "empty line":
        return "the line is empty"
    if fault == "empty word":
        return "the word is empty"
    if fault == "size":
        fields = line.split()
        return (
            f"row of {_shown_word(fields[0])} has {len(fields) - 1:,} values, "
            f"expected {vector_size:,}"
        )
    fields = line.rsplit(None, vector_size)
    word, field = _shown_word(fields[0]), fields[column]
    if fault == "number":
        return (
            f"value {column:,} of {word} is {_shown_word(field)}, "
            "expected a number with a decimal point"
        )
    with np.errstate(over="ignore"):
        value = np.float32(float(field))
    return f"value {column:,} of {word} is {value}, expected a finite number"


def _shown_word(word: bytes) -> str:
    return shown(word.decode("utf-8", "backslashreplace"))


def format_rows(
    words: Sequence[bytes],
    vectors: Matrix,
    *,
    decimals: int = SHORTEST,
    header: bool = True,
) -> Iterator[bytes]:
    """Yield the file that holds words and vectors, in blocks.

    Parameters
    ----------
    words : sequence of bytes
        Without white space.
    vectors : ndarray of shape (n_words, vector_size), dtype float32
        Finite.
    decimals : int
        Digits behind the point; `SHORTEST` for the fewest that give the same float32
        again.
    header : bool
        Whether a line with the numbers of rows and of values comes first.
    """
    n_rows, vector_size = vectors.shape
    if header:
        yield b"%d %d\n" % (n_rows, vector_size)
    for block in row_blocks(n_rows, 8 * vector_size):
        yield _core.format_text_rows(
            list(words[block]), vectors[block], decimals, most_threads()
        )
