"""Files as streams of bytes: unpacked while they are read, packed while written."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator

from sgns._compression import (
    PLAIN,
    kind_of_content,
    kind_of_name,
    packer,
    unpacked_blocks,
)
from sgns._files import AtomicFile
from sgns._warn import warn
from sgns.formats._table import shown_path

HEAD_BYTES = 1 << 16
"""Bytes at the beginning of a file that tell what it is."""


class _File:
    """An open file as a `Source` of packed bytes, with a look at the first ones."""

    def __init__(self, file: io.FileIO, name: str) -> None:
        self.name = name
        self.position = 0
        self.failed = False
        self._file = file
        self._waiting = b""

    def peek(self, size: int) -> bytes:
        """Give the first bytes without using them up."""
        while len(self._waiting) < size:
            block = self._read(size - len(self._waiting))
            if not block:
                break
            self._waiting += block
        return self._waiting[:size]

    def read(self, size: int = HEAD_BYTES, /) -> bytes:
        """Give up to `size` bytes; none at the end."""
        if self._waiting:
            block, self._waiting = self._waiting[:size], self._waiting[size:]
        else:
            block = self._read(size)
        self.position += len(block)
        return block

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read(size) or b""
        except BaseException:
            self.failed = True
            raise


class Stream:
    """The unpacked bytes of a file.

    Attributes
    ----------
    path : str
        The file, for messages.
    kind : str
        What it is packed with; `PLAIN` if it is not.
    size : int or None
        Bytes altogether, when they are known: of a plain regular file.
    head : bytes
        The first `HEAD_BYTES` bytes, which `read` gives again.
    file : io.FileIO
        The open file.
    """

    def __init__(self, file: io.FileIO, path: str) -> None:
        source = _File(file, shown_path(path))
        self.path = path
        self.file = file
        self.kind = kind_of_content(source.peek(HEAD_BYTES))
        status = os.fstat(file.fileno())
        is_plain_file = self.kind == PLAIN and stat.S_ISREG(status.st_mode)
        self.size = status.st_size if is_plain_file else None
        self._next: Callable[[int], bytes] = source.read
        if self.kind != PLAIN:
            blocks = unpacked_blocks(source, self.kind)
            self._next = lambda _size: next(blocks, b"")
        self._waiting = b""
        self.head = b""
        while len(self.head) < HEAD_BYTES and (block := self._next(HEAD_BYTES)):
            self.head += block
        self._waiting = self.head
        self.head = self.head[:HEAD_BYTES]

    def read(self, size: int) -> bytes:
        """Return about `size` bytes, at least one; none at the end."""
        if self._waiting:
            block, self._waiting = self._waiting, b""
            return block
        return self._next(size)

    def warn_of_name(self) -> None:
        """Warn when the name says something else than the content."""
        if self.kind != kind_of_name(self.path):
            warn(f"name and content differ: {shown_path(self.path)} holds {self.kind}")


@contextlib.contextmanager
def open_stream(path: str) -> Iterator[Stream]:
    """Open a file, compressed or not, by its content."""
    with io.FileIO(path) as file:
        yield Stream(file, path)


def write_blocks(
    path: str, blocks: Iterable[bytes | memoryview], size: int | None
) -> None:
    """Write a file completely or not at all, packed as its name says.

    Parameters
    ----------
    path : str
        The file; replaced if it is there.
    blocks : iterable of bytes-like
        Its content before packing.
    size : int or None
        Bytes that will be written, when known.
    """
    kind = kind_of_name(path)
    if kind != PLAIN:
        blocks, size = _packed(blocks, kind, shown_path(path)), None
    with AtomicFile(path, size=size) as file:
        for block in blocks:
            file.write(block)


def _packed(
    blocks: Iterable[bytes | memoryview], kind: str, name: str
) -> Iterator[bytes]:
    pack, flush = packer(kind, name)
    for block in blocks:
        yield pack(block)
    yield flush()
