"""Words and their rows: the checks that readers, writers and KeyedVectors share."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgns._warn import warn

Matrix = NDArray[np.float32]

MAX_WORD_BYTES = 1 << 20
"""Longest word, in bytes of UTF-8."""

MAX_VECTOR_SIZE = 100_000
"""Most values a vector may have."""

BLOCK_VALUES = 1 << 20
"""Values looked at in one step, so that temporary arrays stay small."""


def shown(value: object, limit: int = 60) -> str:
    """Return ``repr(value)``, shortened in the middle to about `limit` characters.

    Examples
    --------
    >>> shown("abcdefghijklmnop", 11)
    "'abc...nop'"
    """
    text = repr(value)
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def shown_path(path: str) -> str:
    """Return a path for messages; of a long one the end."""
    return path if len(path) <= 100 else f"...{path[-97:]}"


def at_least_one(name: str, value: int) -> int:
    """Return `value` as an int, or raise TypeError or ValueError naming it."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} must be an int >= 1, got {shown(value)}")
    if number < 1:
        raise ValueError(f"{name} must be an int >= 1, got {number}")
    return number


def row_blocks(n_rows: int, n_columns: int) -> Iterable[slice]:
    """Yield slices of rows of at most `BLOCK_VALUES` values each, at least one row."""
    step = max(1, BLOCK_VALUES // n_columns)
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


class Checked(np.ndarray[Any, Any]):
    """A matrix that `as_matrix` takes without looking at all of its values.

    A reader has looked at them already, or was asked to map a file and not to read it.
    """


class CheckedWords(list[str]):
    """Words that a reader found to be all different."""


def as_matrix(vectors: ArrayLike) -> Matrix:
    """Return vectors as a float32 matrix, without a copy where that is possible.

    Parameters
    ----------
    vectors : array_like of shape (n_words, vector_size)
        Real numbers of any type.

    Returns
    -------
    ndarray of shape (n_words, vector_size), dtype float32
        C-contiguous, every value finite.

    Raises
    ------
    ValueError
        Wrong shape or dtype, or a value that is not finite (as float32).
    """
    if isinstance(vectors, Checked):
        return vectors.view(np.ndarray)
    array: NDArray[Any] = np.asarray(vectors)
    if array.ndim != 2 or array.shape[1] == 0:
        raise ValueError(
            f"vectors must have shape (n_words, vector_size), got {array.shape}"
        )
    if array.dtype.kind not in "fiu":
        raise ValueError(f"vectors must be real numbers, got dtype {array.dtype}")
    if array.shape[1] > MAX_VECTOR_SIZE:
        raise ValueError(
            f"vector_size must be at most {MAX_VECTOR_SIZE:,}, got {array.shape[1]:,}"
        )
    with np.errstate(all="ignore"):
        matrix = np.ascontiguousarray(array, dtype=np.float32)
    for block in row_blocks(*matrix.shape):
        finite = np.isfinite(matrix[block]).all(axis=1)
        if not finite.all():
            row = block.start + int(np.argmin(finite))
            raise ValueError(f"vectors must be finite, row {row:,} is not")
    return matrix


def as_counts(counts: ArrayLike, n_words: int) -> NDArray[np.int64]:
    """Return counts as int64, or raise ValueError for what cannot be counts."""
    array = np.asarray(counts)
    if array.shape != (n_words,) or array.dtype.kind not in "iu":
        raise ValueError(
            f"counts must be {n_words:,} integers, got shape {array.shape}, "
            f"dtype {array.dtype}"
        )
    if (array < 0).any() or (array > np.iinfo(np.int64).max).any():
        raise ValueError("counts must be from 0 to 2**63 - 1")
    return array.astype(np.int64, copy=False)


def as_words(
    words: Sequence[str], n_rows: int
) -> tuple[list[str], dict[str, int] | None]:
    """Return the words as a list, and the row of each.

    Parameters
    ----------
    words : sequence of str
        One for each row, all different.
    n_rows : int
        Rows of the matrix they belong to.

    Returns
    -------
    words : list of str
    index : dict of str to int, or None
        None where it was not needed to know that the words differ.

    Raises
    ------
    TypeError
        `words` is a str, or holds something else than str.
    ValueError
        Their number is not `n_rows`, there is none, or a word comes twice.
    """
    if isinstance(words, str | bytes):
        raise TypeError(f"words must be a sequence of str, got {shown(words)}")
    listed = list(words)
    if isinstance(words, CheckedWords) and len(words) == n_rows:
        return listed, None
    if len(listed) != n_rows:
        raise ValueError(
            f"words and vectors must have the same length, "
            f"got {len(listed):,} words and {n_rows:,} rows"
        )
    if not listed:
        raise ValueError("at least 1 word is needed, got 0")
    if set(map(type, listed)) != {str}:
        for row, word in enumerate(listed):
            if not isinstance(word, str):
                raise TypeError(f"word {row:,} must be str, got {shown(word)}")
    index = dict(zip(listed, range(len(listed)), strict=True))
    if len(index) != len(listed):
        twice = next(word for row, word in enumerate(listed) if index[word] != row)
        raise ValueError(f"words must be different, {shown(twice)} comes twice")
    return listed, index


def encoded_words(words: Iterable[str], *, with_spaces: bool = False) -> list[bytes]:
    """Return words as they stand in a vector file.

    Escaped bytes (``errors="surrogateescape"``) become the bytes they came from.

    Parameters
    ----------
    words : iterable of str
    with_spaces : bool
        Whether the file can hold words with white space.

    Raises
    ------
    ValueError
        A word could not be read again: it is empty, has white space, is longer than
        1 MiB or cannot be encoded (up to 5 are named), or two have the same bytes.
    """
    encoded = []
    seen: set[bytes] = set()
    unfit = []
    for word in words:
        data = _encoded(word)
        if not _is_readable(data, with_spaces):
            unfit.append(shown(word, 40))
        elif data in seen:
            raise ValueError(f"two words have the same bytes {shown(data)}")
        seen.add(data)
        encoded.append(data)
    if unfit:
        more = ", ..." if len(unfit) > 5 else ""
        spaces = "" if with_spaces else "have white space "
        raise ValueError(
            f"{len(unfit):,} of {len(encoded):,} words are empty, too long, {spaces}"
            f"or cannot be encoded: {', '.join(unfit[:5])}{more}"
        )
    return encoded


def _encoded(word: str) -> bytes:
    """Return the bytes of a word, none if it has any that stand for no character."""
    try:
        return word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return b""


def _is_readable(word: bytes, with_spaces: bool) -> bool:
    """Tell whether a word can be told from what stands around it in a file."""
    is_one = bool(word) if with_spaces else word.split() == [word]
    return is_one and len(word) <= MAX_WORD_BYTES


class RowTable:
    """Rows of a vector file as they are read: collects the good, reports the bad.

    Parameters
    ----------
    path : str
        The file, for messages.
    vector_size : int
        Values of each row.
    capacity : int
        Rows to make room for; must follow from what the file contains, not from what
        it claims. The table grows when it is not enough.
    errors : {"strict", "replace", "surrogateescape"}
        What happens to words that are not UTF-8.
    on_bad_row : {"error", "skip"}
        Raise at the first bad row, or leave bad rows out and warn at the end.
    place : callable
        Row number, counted from 1 -> the beginning of a message about it.
    """

    def __init__(
        self,
        path: str,
        vector_size: int,
        capacity: int,
        *,
        errors: str,
        on_bad_row: str,
        place: Callable[[int], str],
    ) -> None:
        self._path = path
        self._errors = errors
        self._skip = on_bad_row == "skip"
        self._place = place
        self._rows: dict[str, int] = {}
        self._matrix = np.empty((max(1, capacity), vector_size), dtype=np.float32)
        self._n_bad = 0
        self._first_bad = ""

    def __len__(self) -> int:
        return len(self._rows)

    def room(self, n_rows: int) -> Matrix:
        """Return `n_rows` rows for `take`, behind those that are there.

        They may move with the next call, which must not find them in use.
        """
        needed = len(self._rows) + n_rows
        if needed > len(self._matrix):
            capacity = max(needed, len(self._matrix) * 5 // 4)
            shape = (capacity, self._matrix.shape[1])
            self._matrix.resize(shape, refcheck=False)
        return self._matrix[len(self._rows) : needed]

    def reject(self, number: int, problem: str) -> None:
        """Report row `number` as bad: raise ValueError, or note it for later."""
        message = f"{self._place(number)}: {problem}"
        if not self._skip:
            raise ValueError(message)
        self._n_bad += 1
        self._first_bad = self._first_bad or message

    def take(
        self,
        first: int,
        words: Sequence[str | bytes],
        bad: Sequence[int] = (),
        explain: Callable[[int], str] = str,
    ) -> None:
        """Keep the next rows of the file, those that are good.

        Parameters
        ----------
        first : int
            The place in the file of the first row, counted from 1.
        words : sequence of str or bytes
            Words of the rows whose values stand in `room`; bytes that are not UTF-8
            make the row bad.
        bad : sequence of int
            Rows that have no word and no values, counted from `first`, which is 0.
        explain : callable
            An element of `bad` -> what is wrong with it.
        """
        if not bad and self._take_new(first, words):
            return
        start = len(self._rows)
        numbers: Iterable[int] = range(first, first + len(words))
        if bad:
            all_rows = np.arange(first, first + len(words) + len(bad))
            numbers = np.delete(all_rows, bad).tolist()
        waiting = list(reversed(bad))
        dropped = []
        for row, (number, word) in enumerate(zip(numbers, words, strict=True)):
            while waiting and first + waiting[-1] < number:
                index = waiting.pop()
                self.reject(first + index, explain(index))
            if isinstance(word, bytes):
                self.reject(number, f"invalid UTF-8 in the word {shown(word)}")
                dropped.append(row)
            elif self._rows.setdefault(word, number) != number:
                there = f"already in row {self._rows[word]:,}"
                self.reject(number, f"duplicate word {shown(word)} ({there})")
                dropped.append(row)
        for index in reversed(waiting):
            self.reject(first + index, explain(index))
        if dropped:
            kept = np.delete(np.arange(start, start + len(words)), dropped)
            self._matrix[start : start + len(kept)] = self._matrix[kept]

    def _take_new(self, first: int, words: Sequence[str | bytes]) -> bool:
        """Keep rows when all their words are good and new, which is usual and fast."""
        numbers = range(first, first + len(words))
        new: dict[Any, int] = dict(zip(words, numbers, strict=True))
        if len(new) < len(words) or set(map(type, words)) != {str}:
            return False
        if not self._rows.keys().isdisjoint(new):
            return False
        self._rows.update(new)
        return True

    def finish(self) -> tuple[list[str], Matrix]:
        """Return words and matrix; warn when rows were left out."""
        if not self._rows:
            first = f"; the first: {self._first_bad}" if self._n_bad else ""
            raise ValueError(f"{shown_path(self._path)}: no row could be read{first}")
        if self._n_bad:
            warn(
                f"{shown_path(self._path)}: left out {self._n_bad:,} bad rows; "
                f"the first: {self._first_bad}"
            )
        self._matrix.resize((len(self._rows), self._matrix.shape[1]), refcheck=False)
        return list(self._rows), self._matrix
