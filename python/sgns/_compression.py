"""Compressed files: recognised by content when read, by name when written."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

PLAIN = "plain text"
"""What is not compressed."""

SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zst": "zstd"}
"""Kind of compression by the ending of a name."""

_BLOCK_BYTES = 1 << 18
_MAGIC = (
    ("gzip", re.compile(rb"\x1f\x8b")),
    ("bz2", re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")),
    ("xz", re.compile(rb"\xfd7zXZ\x00")),
    ("zstd", re.compile(rb"\x28\xb5\x2f\xfd")),
)
_NO_ZSTD = (
    "{}: zstd data needs Python 3.14 or the package zstandard; "
    "run: pip install zstandard"
)


Pack = Callable[[bytes | memoryview], bytes]


class Source(Protocol):
    """Packed bytes, and where they come from.

    Attributes
    ----------
    name : str
        For messages.
    position : int
        Bytes handed out so far.
    failed : bool
        An exception came from the file itself.
    """

    name: str
    position: int
    failed: bool

    def read(self, size: int = ..., /) -> bytes:
        """Give up to `size` bytes; none at the end."""


def kind_of_content(head: bytes) -> str:
    """Return what a file is packed with, from its first bytes; `PLAIN` if it is not."""
    for kind, magic in _MAGIC:
        if magic.match(head):
            return kind
    return PLAIN


def kind_of_name(path: str) -> str:
    """Return what a file is packed with if its name is right."""
    return SUFFIXES.get(Path(path).suffix.lower(), PLAIN)


def unpacked_blocks(source: Source, kind: str) -> Iterator[bytes]:
    """Yield the unpacked bytes in blocks of bounded size.

    Raises
    ------
    ValueError
        The data is damaged or cut short, or nothing here can unpack it.
    """
    if kind == PLAIN:
        while block := source.read(_BLOCK_BYTES):
            yield block
        return
    errors, unpacked = _unpacker(source, kind)
    while True:
        try:
            block = next(unpacked, b"")
        except errors as error:
            # A system error has a number, a complaint about the data has none.
            if source.failed or getattr(error, "errno", None) is not None:
                raise
            raise ValueError(
                f"{source.name}: {kind} data is damaged or cut short at or before "
                f"byte {source.position:,} ({str(error)[:80]})"
            ) from None
        if not block:
            return
        yield block


def _unpacker(
    source: Source, kind: str
) -> tuple[tuple[type[Exception], ...], Iterator[bytes]]:
    """Give the exceptions for bad data, and the unpacked blocks."""
    raw: Any = source
    if kind == "gzip":
        import gzip

        errors = (EOFError, OSError, zlib.error)
        return errors, _file_blocks(gzip.GzipFile(fileobj=raw, mode="rb"))
    if kind == "bz2":
        import bz2

        return (EOFError, OSError), _stream_blocks(source, bz2.BZ2Decompressor)
    if kind == "xz":
        import lzma

        streams = _stream_blocks(source, lzma.LZMADecompressor)
        return (EOFError, lzma.LZMAError), streams
    return _zstd_unpacker(source)


def _file_blocks(file: io.BufferedIOBase) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _stream_blocks(source: Source, make: Callable[[], Any]) -> Iterator[bytes]:
    """Unpack streams that stand end to end, with zeros behind any of them.

    The files of the standard library take whatever else follows for the end.
    """
    stream: Any = None
    packed = b""
    while True:
        if stream is None:
            while not (packed := packed.lstrip(b"\0")):
                if not (packed := source.read(_BLOCK_BYTES)):
                    return
            stream = make()
        elif stream.needs_input and not (packed := source.read(_BLOCK_BYTES)):
            raise EOFError("the last stream has no end")
        if block := stream.decompress(packed, _BLOCK_BYTES):
            yield block
        packed = b""
        if stream.eof:
            packed, stream = stream.unused_data, None


def _zstd_unpacker(
    source: Source,
) -> tuple[tuple[type[Exception], ...], Iterator[bytes]]:
    """Unpack with the standard library (Python 3.14) or the package zstandard."""
    raw: Any = source
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        pass
    else:
        return (EOFError, zstd.ZstdError), _file_blocks(zstd.ZstdFile(raw))
    try:
        import zstandard  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise ValueError(_NO_ZSTD.format(source.name)) from None
    return (EOFError, zstandard.ZstdError), _zstandard_blocks(source, zstandard)


def _zstandard_blocks(source: Source, zstandard: Any) -> Iterator[bytes]:
    frame = None
    # A kilobyte can hold 2**15 repeated kilobytes: small input bounds the output.
    while packed := source.read(1 << 10):
        while packed:
            if frame is None:
                frame = zstandard.ZstdDecompressor().decompressobj()
            if block := frame.decompress(packed):
                yield block
            packed = b""
            if frame.eof:
                packed, frame = frame.unused_data, None
    if frame is not None:
        raise EOFError("the last frame has no end")


def packer(kind: str, name: str) -> tuple[Pack, Callable[[], bytes]]:
    """Return functions that pack the next bytes, and that give the last packed ones.

    The same bytes are packed to the same file: no time and no name is in it.

    Parameters
    ----------
    kind : str
        A value of `SUFFIXES`.
    name : str
        For the message when zstd cannot be written.
    """
    if kind == "gzip":
        gzip_wrapper = 16 + zlib.MAX_WBITS
        deflate = zlib.compressobj(6, zlib.DEFLATED, gzip_wrapper)
        return deflate.compress, deflate.flush
    if kind == "bz2":
        import bz2

        bzip = bz2.BZ2Compressor()
        return bzip.compress, bzip.flush
    if kind == "xz":
        import lzma

        xz = lzma.LZMACompressor()
        return xz.compress, xz.flush
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]

        frame = zstd.ZstdCompressor()
    except ImportError:
        try:
            import zstandard  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            raise ValueError(_NO_ZSTD.format(name)) from None
        frame = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return frame.compress, frame.flush
