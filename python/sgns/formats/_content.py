"""What kind of file is this? Header line, text or binary, or something else."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import Literal

from sgns._compression import PLAIN, kind_of_content, kind_of_name
from sgns.formats._table import MAX_VECTOR_SIZE, shown, shown_path

UTF8_MARK = b"\xef\xbb\xbf"

HEADER = re.compile(rb"([0-9]{1,19})[ \t]+([0-9]{1,19})[ \t]*\r?\n?")
"""Number of rows and values of each."""

HEADER_LIKE = re.compile(
    rb"[+-]?[0-9.]+([eE][+-]?[0-9]+)?[ \t]+[+-]?[0-9]+[ \t]*\r?\n?"
)
"""Two numbers that may have been meant as a header; no row has an integer alone."""

NUMBER = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
"""Bytes that no text contains."""

SURE_NUMBERS = 4
"""This many numbers in a row of a binary file do not look like text by chance."""

Format = Literal["text", "binary", "safetensors", "npy", "tsv"]

ENDINGS: dict[str, Format] = {
    ".bin": "binary",
    ".npy": "npy",
    ".safetensors": "safetensors",
    ".tsv": "tsv",
}
"""Format by the ending of a name without that of its compression; others are text."""

OTHER_ENDINGS = (".7z", ".h5", ".npz", ".parquet", ".pickle", ".pkl", ".rar", ".zip")
"""Names that promise what is not written here; text under them would deceive."""

FOREIGN = (
    (b"PK\x03\x04", "a zip or npz archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xba\x16\x4f\x2f", "a fastText model"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


def check_content(head: bytes, path: str, expected: str = "a vector file") -> None:
    """Raise for files that are known to be something else than vectors.

    Parameters
    ----------
    head : bytes
        The first bytes of the file.
    path : str
        The file, for the message.
    expected : str
        What it should be.

    Raises
    ------
    ValueError
        The file is empty, compressed, or of another known format.
    """
    what = ""
    if not head:
        what = "an empty file"
    for magic, name in FOREIGN:
        if head.startswith(magic):
            what = name
    packed = kind_of_content(head)
    if packed != PLAIN:
        what = f"{packed} data in compressed data"
    if re.match(rb"PAR1[\x00-\x1f\x80-\xff]", head):
        what = "a Parquet file"
    if re.match(rb"\x80[\x02-\x05](\x95|[\]}c(\x8c])", head):
        what = "a pickle, which is never read; export word2vec text instead"
    if re.match(rb"\s*<(!doctype html|html[^>]*>\s*<|\?xml )", head, re.IGNORECASE):
        what = "an HTML page, perhaps of a failed download"
    if what:
        raise ValueError(f"{shown_path(path)} is not {expected}: it is {what}")


def format_of_content(head: bytes, path: str) -> Format:
    """Tell the format of a vector file from its first bytes, and from its name.

    Parameters
    ----------
    head : bytes
        The first bytes of the file.
    path : str
        Its name, for what looks the same in several formats.

    Returns
    -------
    {"safetensors", "npy", "tsv", "binary", "text"}
    """
    start = head[:8]
    is_damaged = b"\0" in start and b"\n" not in start  # else neither text nor binary
    named_so = format_of_name(path) == "safetensors"
    if head[4:9] == b"\0\0\0\0{" or (named_so and is_damaged):
        return "safetensors"
    if head.startswith(b"\x93NUMPY"):
        return "npy"
    if format_of_name(path) == "tsv":
        return "tsv"
    return "binary" if looks_binary(head, path) else "text"


def format_of_name(path: str) -> Format:
    """Tell the format that a vector file is written in, from its name.

    Examples
    --------
    >>> format_of_name("vectors.bin.gz"), format_of_name("vectors.vec")
    ('binary', 'text')
    """
    name = path
    if kind_of_name(name) != PLAIN:
        name = name[: name.rindex(".")]
    return ENDINGS.get(PurePath(name).suffix.lower(), "text")


def format_to_write(path: str) -> Format:
    """Tell the format that a new file gets from its name.

    Raises
    ------
    ValueError
        The name is that of a kind of file which is not written here.
    """
    ending = PurePath(path).suffix.lower()
    if ending in OTHER_ENDINGS:
        raise ValueError(
            f"{shown_path(path)}: {ending} is not written; expected .txt, .vec, "
            f"{', '.join(ENDINGS)}, packed as .gz, .bz2, .xz or .zst, or a format"
        )
    return format_of_name(path)


def parse_header(line: bytes, path: str) -> tuple[int, int]:
    """Return the number of rows and the vector size that a header line claims.

    Raises
    ------
    ValueError
        The line is not two positive integers of at most 19 digits.
    """
    match = HEADER.fullmatch(line)
    n_rows, vector_size = (int(field) for field in match.groups()) if match else (0, 0)
    if n_rows == 0 or vector_size == 0:
        raise ValueError(
            f"{shown_path(path)}:1: header must be two positive integers, the number "
            f"of rows and the vector size, got {shown(line)}"
        )
    return n_rows, vector_size


def check_claim(
    n_rows: int, vector_size: int, bytes_per_value: int, size: int | None, path: str
) -> None:
    """Raise when a header claims what cannot be in the file.

    A claim that is wrong by less is found by reading; it never decides how much memory
    is taken.

    Parameters
    ----------
    n_rows, vector_size : int
        As claimed.
    bytes_per_value : int
        Fewest bytes that a value takes.
    size : int or None
        Bytes of the file, if known.
    path : str
        The file, for the message.
    """
    if size is not None and n_rows > size:
        digits = str(n_rows)
        power = n_rows >= 10**6 and digits.strip("0") == "1"
        rows = f"10**{len(digits) - 1}" if power else f"{n_rows:,}"
        least = f"{float(n_rows) * vector_size * bytes_per_value:.1e}"
        raise ValueError(
            f"{shown_path(path)}: header claims {rows} x {vector_size:,}, "
            f"at least {least.replace('e+', 'e')} bytes; the file has {size:,}"
        )
    if vector_size > MAX_VECTOR_SIZE:
        raise ValueError(
            f"{shown_path(path)}: header claims vectors of {vector_size:,} values, "
            f"expected at most {MAX_VECTOR_SIZE:,}"
        )


def looks_binary(head: bytes, path: str) -> bool:
    """Tell whether a vector file is binary, from its first bytes.

    A binary file has a header line and then, after the first word and a space, bytes
    that no text contains. Where all of them could be text, the ending of the path
    decides.

    Parameters
    ----------
    head : bytes
        The first bytes of the file.
    path : str
        Its name.
    """
    first, _, rest = head.partition(b"\n")
    match = HEADER.fullmatch(first)
    if match is None or not rest:
        return False
    vector_size = int(match.group(2))
    line, newline, _ = rest.partition(b"\n")
    fields = line.split()[: None if newline else -1]
    last = fields[1:][-vector_size:]
    numbers = bool(last) and all(NUMBER.fullmatch(field) for field in last)
    if numbers and len(last) >= min(vector_size, SURE_NUMBERS):
        return _chance_numbers(rest, vector_size)
    payload = rest[rest.find(b" ") + 1 :][: 4 * vector_size]
    if CONTROL.search(payload):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return True
    return not numbers and format_of_name(path) == "binary"


def _chance_numbers(rest: bytes, vector_size: int) -> bool:
    """Tell whether a row that reads as numbers is a very short binary one."""
    payload = rest[rest.find(b" ") + 1 :]
    row, after = payload[: 4 * vector_size], payload[4 * vector_size :][:1]
    short = vector_size < SURE_NUMBERS
    return short and CONTROL.search(row) is not None and after in (b"", b"\n")
