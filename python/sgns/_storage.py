"""Where the ids of a text are kept: in memory, or in a temporary file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TypedDict

from sgns._memory import total_memory

__all__ = ["LIMIT_VARIABLE", "Storage", "storage"]

LIMIT_VARIABLE = "SGNS_MEMORY_LIMIT"
SHARE = 4
"""A text keeps its ids in memory up to a fourth of the memory there is."""

_FOLDER = Path("/var/tmp")  # not /tmp, which is often memory
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_LARGEST = 2**63 - 1


class Storage(TypedDict):
    """What the core is told: bytes kept in memory, and where the rest goes."""

    memory_limit: int
    folder: bytes


def storage() -> Storage:
    """Return the rule for a text that is read now.

    The environment variable ``SGNS_MEMORY_LIMIT`` is the largest number of bytes that
    the ids of a text may take in memory, as ``512M``; the default is a fourth of the
    memory of the machine or of its control group. ``TMPDIR`` names the folder of the
    temporary file that the ids go to beyond it, by default ``/var/tmp``.

    Raises
    ------
    ValueError
        ``SGNS_MEMORY_LIMIT`` is no such number.
    """
    text = os.environ.get(LIMIT_VARIABLE, "")
    limit = _parsed(text) if text else total_memory() // SHARE
    return Storage(memory_limit=limit, folder=os.fsencode(_folder()))


def _parsed(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,19})([KMGT]?)", text)
    if match is None:
        shown = text if len(text) <= 60 else text[:60] + "..."
        raise ValueError(
            f"{LIMIT_VARIABLE} must be a number of bytes, or one with K, M, G or T "
            f"(512M), got {shown!r}"
        )
    return min(int(match[1]) << _UNITS[match[2]], _LARGEST)


def _folder() -> str:
    chosen = os.environ.get("TMPDIR")
    if chosen:
        return chosen
    if _FOLDER.is_dir():
        return str(_FOLDER)
    import tempfile  # brings much, and is rarely needed

    return tempfile.gettempdir()
