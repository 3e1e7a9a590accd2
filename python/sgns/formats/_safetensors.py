"""The container of the native format: a strict reader and a writer of safetensors.

A file is the length of a JSON header (8 bytes, little-endian), the header, and the
tensors end to end. The reader believes no number before it has compared it with the
bytes that exist, and the header is bounded before it is parsed.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from sgns.formats._table import shown, shown_path

MAX_HEADER_BYTES = 1 << 20
MAX_TENSORS = 64
MAX_DEPTH = 8
ALIGNMENT = 64
"""The tensors begin at a multiple of this, so that a mapped matrix begins well."""

DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}
CRC_BYTES = 1 << 22
"""Bytes read or checked in one step; Ctrl-C is noticed between two of them."""

_OWN_CRC = re.compile(rb'"header_crc32":"([0-9a-f]{8})"')


def fail(path: str, problem: str) -> NoReturn:
    """Raise the ValueError of a file that is not what it should be."""
    raise ValueError(f"{shown_path(path)} is not an sgns model: {problem}")


def bytes_of(array: NDArray[Any]) -> memoryview:
    """Return the memory of a C-contiguous array as bytes."""
    return array.reshape(-1).view(np.uint8).data


def checksum(array: NDArray[Any]) -> str:
    """Return the CRC-32 of the bytes of an array as 8 hexadecimal digits."""
    data = bytes_of(array)
    crc = 0
    for start in range(0, len(data), CRC_BYTES):
        crc = zlib.crc32(data[start : start + CRC_BYTES], crc)
    return f"{crc:08x}"


def file_blocks(
    tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]
) -> Iterator[bytes | memoryview]:
    """Yield a file in blocks, tensors in the given order.

    Parameters
    ----------
    tensors : mapping of str to ndarray
        C-contiguous, of one of the `DTYPES`; those of 8 bytes a value first, so that
        all are aligned.
    metadata : mapping of str to str
        What ``__metadata__`` holds besides the checksums ``crc32`` (of each tensor) and
        ``header_crc32`` (of the header, with these 8 digits as zeros).
    """
    names = {dtype: name for name, dtype in DTYPES.items()}
    crc = json.dumps({name: checksum(array) for name, array in tensors.items()})
    header: dict[str, Any] = {
        "__metadata__": {**metadata, "crc32": crc, "header_crc32": "0" * 8}
    }
    offset = 0
    for name, array in tensors.items():
        ends = [offset, offset + array.nbytes]
        dtype = names[array.dtype]
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": ends}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % ALIGNMENT)
    if len(text) > MAX_HEADER_BYTES:
        raise ValueError(
            f"the header would have {len(text):,} bytes, at most {MAX_HEADER_BYTES:,} "
            "can be read"
        )
    own = b'"header_crc32":"%08x"' % zlib.crc32(text)
    yield len(text).to_bytes(8, "little")
    yield _OWN_CRC.sub(own, text, count=1)
    for array in tensors.values():
        if array.nbytes:
            yield bytes_of(array)


@dataclass(frozen=True)
class Tensor:
    """Where a tensor is in a file, and what it should be."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int
    crc: str | None


class TensorFile:
    """An open safetensors file whose header was checked.

    Attributes
    ----------
    metadata : dict of str to str
    tensors : dict of str to Tensor

    Raises
    ------
    ValueError
        The structure is not sound.
    """

    def __init__(self, file: io.FileIO, path: str) -> None:
        self._file = file
        self._path = path
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            fail(path, "it is not a regular file")
        self.size = status.st_size
        self._header = self._read_header()
        content = strict_json(self._header, path)
        metadata = content.pop("__metadata__", {})
        if not _is_text_table(metadata):
            fail(path, "__metadata__ must be an object of strings")
        self.metadata: dict[str, str] = metadata
        self._entries = content
        self.tensors: dict[str, Tensor] = {}

    def _read_header(self) -> bytes:
        if self.size < 8:
            fail(self._path, f"it has {self.size} bytes, expected at least 8")
        length = int.from_bytes(self._read(8), "little")
        most = min(MAX_HEADER_BYTES, self.size - 8)
        if length > most:
            fail(self._path, f"header length is {length:,}, expected at most {most:,}")
        return self._read(length)

    def check(self) -> None:
        """Check the header's own checksum, and the place of every tensor."""
        own = _OWN_CRC.findall(self._header)
        zeros = b'"header_crc32":"00000000"'
        got = b"%08x" % zlib.crc32(_OWN_CRC.sub(zeros, self._header))
        if own != [got]:
            expected = own[0].decode() if own else "none"
            problem = f"checksum of the header is {got.decode()}, expected {expected}"
            fail(self._path, problem)
        if len(self._entries) > MAX_TENSORS:
            n_tensors = len(self._entries)
            fail(self._path, f"it has {n_tensors:,} tensors, at most {MAX_TENSORS}")
        sums = strict_json(self.metadata.get("crc32", "{}").encode(), self._path)
        begin, places = 8 + len(self._header), []
        for name, entry in self._entries.items():
            dtype, shape, start, end = self._entry(name, entry)
            places.append((start, end, name))
            self.tensors[name] = Tensor(dtype, shape, begin + start, sums.get(name))
        self._check_places(sorted(places), self.size - begin)

    def _entry(
        self, name: str, entry: Any
    ) -> tuple[np.dtype[Any], tuple[int, ...], int, int]:
        what = f"tensor {shown(name)}"
        keys = {"dtype", "shape", "data_offsets"}
        if not isinstance(entry, dict) or set(entry) != keys:
            fail(self._path, f"{what} must have dtype, shape and data_offsets")
        if not isinstance(entry["dtype"], str) or entry["dtype"] not in DTYPES:
            got = shown(entry["dtype"])
            fail(
                self._path,
                f"{what} has dtype {got}, expected one of {', '.join(DTYPES)}",
            )
        dtype = DTYPES[entry["dtype"]]
        shape, offsets = entry["shape"], entry["data_offsets"]
        if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
            fail(self._path, f"{what} has a shape or offsets that are no sizes")
        n_bytes = math.prod(shape) * dtype.itemsize
        if offsets[1] - offsets[0] != n_bytes:
            fail(
                self._path,
                f"{what} of shape {shown(tuple(shape))} takes {n_bytes:,} bytes, "
                f"its offsets say {offsets[1] - offsets[0]:,}",
            )
        return dtype, tuple(shape), offsets[0], offsets[1]

    def _check_places(self, places: list[tuple[int, int, str]], n_bytes: int) -> None:
        """Raise unless the tensors tile the data to the end of the file."""
        expected = 0
        for start, end, name in places:
            if start != expected:
                fail(
                    self._path,
                    f"tensor {shown(name)} begins at byte {start:,} of the data, "
                    f"expected {expected:,}",
                )
            expected = end
        if expected != n_bytes:
            fail(self._path, f"the tensors end at byte {expected:,} of {n_bytes:,}")

    def read(self, name: str, *, verify: bool = True) -> NDArray[Any]:
        """Read a tensor into memory and check its sum."""
        tensor = self.tensors[name]
        array = np.empty(tensor.shape, tensor.dtype)
        view = bytes_of(array)
        self._file.seek(tensor.offset)
        filled = 0
        while filled < len(view):
            got = self._file.readinto(view[filled : filled + CRC_BYTES])
            if not got:
                fail(self._path, f"tensor {name!r} is cut short")
            filled += got
        if verify:
            self.verify(name, array)
        return array

    def map(self, name: str) -> NDArray[Any]:
        """Map a tensor read-only; its bytes are read when they are used."""
        tensor = self.tensors[name]
        if math.prod(tensor.shape) == 0:
            return np.empty(tensor.shape, tensor.dtype)
        mapped = np.memmap(
            self._file,
            dtype=tensor.dtype,
            mode="r",
            offset=tensor.offset,
            shape=tensor.shape,
        )
        return np.asarray(mapped)

    def verify(self, name: str, array: NDArray[Any]) -> None:
        """Raise ValueError when the bytes of a tensor are not those written."""
        expected, got = self.tensors[name].crc, checksum(array)
        if got != expected:
            fail(
                self._path,
                f"checksum of tensor {name!r} is {got}, expected {shown(expected)}",
            )

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (block := self._file.read(size - len(data))):
            data += block
        if len(data) < size:
            fail(self._path, "it became shorter while it was read")
        return data


def strict_json(text: bytes, path: str) -> dict[str, Any]:
    """Parse a JSON object strictly: no key twice, no NaN, no number with a point."""

    def refuse(value: str) -> NoReturn:
        raise ValueError(f"{shown(value)} is no integer")

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"key {shown(twice)} comes twice")
        return result

    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=table,
            parse_float=refuse,
            parse_constant=refuse,
        )
    except (ValueError, RecursionError) as error:
        fail(path, f"its header is not what it should be ({shown(str(error), 100)})")
    if not isinstance(value, dict):
        fail(path, "its header is no JSON object")
    if depth_of(value) > MAX_DEPTH:
        fail(path, f"its header is nested more than {MAX_DEPTH} deep")
    return value


def depth_of(value: object) -> int:
    """Return how deep lists and objects are nested."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def _is_text_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _are_sizes(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**63 for n in value
    )
