"""Lines of evaluation files, and words without regard to case."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from sgns.formats._table import shown, shown_path

StrPath = str | os.PathLike[str]


def lines(path: StrPath) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file that are not empty, each with its place."""
    name = shown_path(os.fspath(path))
    with Path(path).open("rb") as file:
        for number, data in enumerate(file, 1):
            try:
                line = data.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError:
                raise ValueError(
                    f"{name}:{number}: expected UTF-8, got {shown(data)}"
                ) from None
            if line:
                yield f"{name}:{number}", line


def first_rows(words: Sequence[str]) -> dict[str, int]:
    """Return the first row of each word in lower case."""
    rows: dict[str, int] = {}
    for row, word in enumerate(words):
        rows.setdefault(word.lower(), row)
    return rows
