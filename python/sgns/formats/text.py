"""word2vec text: a header line, then one line for each word and its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sgns._warn import warn
from sgns.formats._content import (
    HEADER_LIKE,
    UTF8_MARK,
    check_claim,
    parse_header,
)
from sgns.formats._table import (
    MAX_VECTOR_SIZE,
    MAX_WORD_BYTES,
    Matrix,
    RowTable,
    row_blocks,
    shown,
    shown_path,
)

READ_BYTES = 1 << 20
"""About how many bytes of whole lines are read in one step."""

MAX_VALUE_BYTES = 64
"""Longest value with its separator; ``%f`` writes at most 48 bytes for a float32."""

SMALLEST_EASY, LARGEST_EASY = 1e-12, 1e5
"""Magnitudes whose digits are found by exact powers of ten (below 10**22)."""

POWERS_OF_TEN = np.array([float(10**exponent) for exponent in range(23)])


def read_rows(
    file: IO[bytes],
    path: str,
    size: int | None,
    *,
    header: bool | str,
    limit: int | None,
    errors: str,
    on_bad_row: str,
) -> tuple[list[str], Matrix]:
    """Read words and vectors from word2vec text.

    Parameters
    ----------
    file : binary file
        At its beginning.
    path : str
        Its name, for messages.
    size : int or None
        Its length in bytes, if known.
    header, limit, errors, on_bad_row
        See `sgns.formats.read_vectors`.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, vector_size), dtype float32
    """
    first = file.readline().removeprefix(UTF8_MARK)
    expected: int | None = None
    if HEADER_LIKE.fullmatch(first) if header == "auto" else header:
        expected, vector_size = parse_header(first, path)
        check_claim(expected, vector_size, 2, size, path)
        first = file.readline()
    else:
        vector_size = _fields_of_first_row(first, path) - 1
    first_line = 1 if expected is None else 2
    table = RowTable(
        path,
        vector_size,
        _capacity(expected, vector_size, len(first), size, limit),
        errors=errors,
        on_bad_row=on_bad_row,
        place=lambda number: f"{shown_path(path)}:{number + first_line - 1}",
    )
    last = _add_lines(table, _lines(file, first), path, vector_size, expected, limit)
    result = table.finish()
    if not last.endswith(b"\n"):
        warn(f"{shown_path(path)}: the last line has no line feed; it may be cut short")
    return result


def _add_lines(
    table: RowTable,
    lines: Iterator[bytes],
    path: str,
    vector_size: int,
    expected: int | None,
    limit: int | None,
) -> bytes:
    """Add the rows of all lines, check their number, and return the last line."""
    number, line = 0, b""
    with np.errstate(all="ignore"):
        for number, line in enumerate(lines, 1):
            if expected is not None and number > expected:
                raise ValueError(
                    f"{shown_path(path)}:{number + 1}: header says {expected:,} rows, "
                    f"but the file goes on with {shown(line)}"
                )
            _add_line(table, number, line, vector_size)
            if len(table) == limit:
                return line
    if expected is not None and number < expected:
        raise ValueError(
            f"{shown_path(path)}: header says {expected:,} rows, file has {number:,}"
        )
    return line


def _lines(file: IO[bytes], first: bytes) -> Iterator[bytes]:
    if first:
        yield first
    while lines := file.readlines(READ_BYTES):
        yield from lines


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


def _add_line(table: RowTable, number: int, line: bytes, vector_size: int) -> None:
    """Add the row of a line; its last `vector_size` fields are the values."""
    if len(line) > MAX_WORD_BYTES + vector_size * MAX_VALUE_BYTES:
        return table.reject(number, f"the line is too long ({len(line):,} bytes)")
    fields = line.rsplit(None, vector_size)
    if len(fields) != vector_size + 1 or line[:1].isspace():
        return table.reject(number, _shape_problem(fields, line, vector_size))
    word = fields[0]
    parts = word.split()
    if len(parts) > 1 and _as_float(parts[-1]) is not None:
        return table.reject(number, _shape_problem(line.split(), line, vector_size))
    if line.find(b"_", len(word)) >= 0:
        return table.reject(number, _value_problem(fields))
    try:
        numbers = list(map(float, fields[1:]))
    except ValueError:
        return table.reject(number, _value_problem(fields))
    return table.add(number, word, np.array(numbers, dtype=np.float32))


def _shape_problem(fields: list[bytes], line: bytes, vector_size: int) -> str:
    if not fields:
        return "the line is empty"
    if line[:1].isspace():
        return "the word is empty"
    return (
        f"row of {_shown_word(fields[0])} has {len(fields) - 1:,} values, "
        f"expected {vector_size:,}"
    )


def _value_problem(fields: list[bytes]) -> str:
    for column, field in enumerate(fields[1:], 1):
        if _as_float(field) is None:
            return (
                f"value {column:,} of {_shown_word(fields[0])} is "
                f"{_shown_word(field)}, expected a number with a decimal point"
            )
    raise AssertionError("every value is a number")


def _as_float(field: bytes) -> float | None:
    """Return the number a field is; Python's ``1_000`` is none."""
    try:
        return None if b"_" in field else float(field)
    except ValueError:
        return None


def _shown_word(word: bytes) -> str:
    return shown(word.decode("utf-8", "backslashreplace"))


def format_rows(words: Sequence[bytes], vectors: Matrix) -> Iterator[bytes]:
    """Yield the file that holds words and vectors, in blocks.

    Values are written with the fewest digits that give the same float32 again.

    Parameters
    ----------
    words : sequence of bytes
        Without white space.
    vectors : ndarray of shape (n_words, vector_size), dtype float32
        Finite.
    """
    n_rows, vector_size = vectors.shape
    yield b"%d %d\n" % (n_rows, vector_size)
    for block in row_blocks(n_rows, 16 * vector_size):
        rows = shortest(vectors[block]).tolist()
        yield b"".join(
            b"%b %b\n" % (word, " ".join(map(repr, row)).encode())
            for word, row in zip(words[block], rows, strict=True)
        )


def shortest(values: Matrix) -> NDArray[np.float64]:
    """Return doubles that are written with few digits and round to the same float32.

    Every value is rounded to 6, 7, 8 and 9 significant decimal digits, and the first
    that gives the value back is taken; 9 always do. The quotient of two exactly
    represented integers is the double nearest to the decimal number, so ``repr`` gives
    just these digits.

    Parameters
    ----------
    values : ndarray of any shape, dtype float32
        Finite.

    Returns
    -------
    ndarray of the same shape, dtype float64

    Examples
    --------
    >>> shortest(np.array([0.1, -2.5, 1 / 3], dtype=np.float32)).tolist()
    [0.1, -2.5, 0.33333334]
    """
    result = values.astype(np.float64)
    flat = result.reshape(-1)
    magnitude = np.abs(flat)
    easy = (magnitude >= SMALLEST_EASY) & (magnitude < LARGEST_EASY)
    pending = np.flatnonzero(easy)
    exponents = np.floor(np.log10(magnitude[pending])).astype(np.int64)
    for digits in range(6, 10):
        exact = flat[pending]
        scale = POWERS_OF_TEN[digits - 1 - exponents]
        rounded = np.rint(exact * scale) / scale
        same = rounded.astype(np.float32) == exact
        flat[pending[same]] = rounded[same]
        pending, exponents = pending[~same], exponents[~same]
    for index in np.flatnonzero(~easy & (magnitude > 0)).tolist():
        flat[index] = _shortest_one(float(flat[index]))
    return result


def _shortest_one(value: float) -> float:
    for digits in range(1, 10):
        rounded = float(f"{value:.{digits}g}")
        with np.errstate(over="ignore"):
            if float(np.float32(rounded)) == value:
                return rounded
    return value
