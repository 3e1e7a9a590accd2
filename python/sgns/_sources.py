"""The sources of a corpus: files, streams and iterables, given to a builder."""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, cast

from sgns import _core
from sgns._compression import PLAIN, kind_of_content, kind_of_name, unpacked_blocks
from sgns._tables import readable_column
from sgns._warn import warn
from sgns._weights import SentenceRecord

__all__ = ["add_corpus", "corpus_of", "files_of", "quoted"]

_BLOCK_BYTES = 1 << 18
_HEAD_BYTES = 64
_PATH_CHARACTERS = 4096
_LOOKED_AT = 10
_FOREIGN_MAGIC = (
    ("zip", re.compile(rb"PK(\x03\x04|\x05\x06)")),
    ("parquet", re.compile(rb"PAR1[\x00-\x08\x0e-\x1f\x80-\xff]")),
    ("npy", re.compile(rb"\x93NUMPY")),
    ("pickle", re.compile(rb"\x80[\x02-\x05]")),
    ("safetensors", re.compile(rb".{4}\x00{4}\{", re.DOTALL)),
)


def add_corpus(
    builder: _core.CorpusBuilder,
    corpus: object,
    errors: str,
    *,
    in_blocks: bool = False,
    record: SentenceRecord | None = None,
) -> str:
    """Add all words of the corpus; return what stands for it in messages.

    With `in_blocks`, files are read by one thread, block by block, and so they are when
    there is a record, which then knows which sentences have words.
    """
    if isinstance(corpus, str) and corpus == "-":
        if sys.stdin is None:
            raise ValueError("corpus '-' is standard input, which is closed")
        return _add_open_file(builder, sys.stdin.buffer, "<stdin>", errors, record)
    if isinstance(corpus, (str, os.PathLike)):
        return _add_paths(builder, [corpus], errors, in_blocks, record)
    if _are_paths(corpus):
        paths = cast(Sequence[Any], corpus)
        return _add_paths(builder, paths, errors, in_blocks, record)
    column = readable_column(corpus)
    if hasattr(column, "__arrow_c_stream__"):
        have_words = builder.add_arrow(column.__arrow_c_stream__())
        if record is not None:
            record.add(have_words)
        return f"the {type(corpus).__name__}"
    if callable(getattr(corpus, "read", None)):
        name = getattr(corpus, "name", None)
        shown = name if isinstance(name, str) else "<stream>"
        return _add_open_file(builder, corpus, shown, errors, record)
    if isinstance(corpus, (bytes, bytearray, memoryview)):
        raise TypeError(
            "sentence 0 must be a list of words, got the "
            f"{type(corpus).__name__} {quoted(corpus)}; use text.decode().split()"
        )
    if isinstance(corpus, (Mapping, Set)) or not _is_iterable(corpus):
        hint = "; call it and pass what it returns" if callable(corpus) else ""
        raise TypeError(
            "corpus must be a path, an open file or an iterable of lists of words, "
            f"got {type(corpus).__name__}{hint}"
        )
    have_words = builder.add_sentences(cast(Iterable[Sequence[str]], column))
    if record is not None:
        record.add(have_words)
    if isinstance(corpus, Iterator):
        return "the iterator, which may have been used up before"
    return "the iterable"


def _is_iterable(corpus: object) -> bool:
    return isinstance(corpus, Iterable) or hasattr(type(corpus), "__getitem__")


def quoted(value: object) -> str:
    """Give a short repr for a message."""
    if isinstance(value, (str, bytes, bytearray)) and len(value) > 60:
        return repr(value[:60]) + "..."
    return repr(value)


def _path_of(corpus: str | os.PathLike[Any]) -> str:
    """Give the path; a str that is a text by mistake is a TypeError."""
    path = os.fsdecode(os.fspath(corpus))
    is_named_so = isinstance(corpus, str) and not _looks_like_path(corpus)
    is_text = is_named_so and len(path.split()) != 1 and not _exists(path)
    if not path or "\0" in path or len(path) > _PATH_CHARACTERS or is_text:
        raise TypeError(
            f"sentence 0 must be a list of words, got the str {quoted(path)}; "
            "use text.split()"
        )
    return path


def _looks_like_path(text: str) -> bool:
    return os.sep in text or re.search(r"\.\w+$", text) is not None


def _exists(path: str) -> bool:
    try:
        Path(path).stat()
    except (OSError, ValueError):  # too long, a NUL in it, ...
        return False
    return True


def _are_paths(corpus: object) -> bool:
    """Tell a list of paths from a list of sentences by its first elements."""
    if not isinstance(corpus, (list, tuple)) or not corpus:
        return False
    if not isinstance(corpus[0], (str, os.PathLike)):
        return False
    return any(_is_path(one) for one in corpus[:_LOOKED_AT])


def _is_path(one: object) -> bool:
    """Tell whether an element of a list is a path, also one where there is no file."""
    if not isinstance(one, str):
        return isinstance(one, os.PathLike)
    if "\0" in one or len(one) > _PATH_CHARACTERS:
        return False
    is_word = len(one.split()) == 1
    return (is_word and _looks_like_path(one)) or _exists(one) or bool(_matches(one))


def _matches(pattern: str) -> list[str]:
    """Give the files that a pattern with ``*``, ``?`` or ``[`` stands for, sorted."""
    if not glob.has_magic(pattern):
        return []
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - also absolute ones
    return sorted(path for path in found if Path(path).is_file())


def _add_paths(
    builder: _core.CorpusBuilder,
    paths: Sequence[str | os.PathLike[Any]],
    errors: str,
    in_blocks: bool,
    record: SentenceRecord | None,
) -> str:
    """Add the files of all paths in their order; return what stands for them."""
    files: list[str] = []
    for i, path in enumerate(paths):
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"path {i} must be a path, got {type(path).__name__}")
        files += _files_of(_path_of(path))
    mismatches = []
    for file in files:
        kind = _add_file(builder, file, errors, in_blocks, record)
        if kind != kind_of_name(file):
            mismatches.append(f"{file} holds {kind}")
    if mismatches:
        more = f" (and {len(mismatches) - 1} more)" if len(mismatches) > 1 else ""
        warn(f"name and content differ: {mismatches[0]}{more}")
    first = _label(_path_of(paths[0]))
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"


def corpus_of(paths: list[str]) -> str | list[str]:
    """Return the corpus that the paths of a command stand for."""
    return paths if len(paths) > 1 else paths[0]


def files_of(paths: Iterable[str]) -> Iterator[str]:
    """Yield the files that paths stand for, those that are there; none for "-"."""
    for path in paths:
        if path != "-":
            inside = list(Path(path).iterdir()) if Path(path).is_dir() else []
            found = _matches(path) or [path, *map(str, inside)]
            yield from (file for file in found if _exists(file))


def _label(path: str) -> str:
    return path.rstrip(os.sep) + os.sep if Path(path).is_dir() else path


def _files_of(path: str) -> list[str]:
    """Give a file, the files of a directory, or those that a pattern stands for."""
    if Path(path).is_dir():
        files = sorted(str(file) for file in Path(path).iterdir() if file.is_file())
        if not files:
            raise ValueError(f"{_label(path)} has no file")
        return files
    if glob.has_magic(path) and not Path(path).exists():
        files = _matches(path)
        if not files:
            raise FileNotFoundError(errno.ENOENT, "no file matches", path)
        return files
    Path(path).stat()  # what is missing is told before the first file is read
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return [path]


def _add_file(
    builder: _core.CorpusBuilder,
    path: str,
    errors: str,
    in_blocks: bool,
    record: SentenceRecord | None,
) -> str:
    """Add one file; return the kind of its content."""
    with Path(path).open("rb") as file:
        source = _ByteSource(file, path, errors)
        kind = _kind_of(source)
        is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        if kind != PLAIN or not is_regular or in_blocks or record is not None:
            _add_blocks(builder, source, kind, record)
            return kind
    builder.add_file(path)
    return kind


def _add_open_file(
    builder: _core.CorpusBuilder,
    file: Any,
    name: str,
    errors: str,
    record: SentenceRecord | None,
) -> str:
    source = _ByteSource(file, name, errors)
    _add_blocks(builder, source, _kind_of(source), record)
    return name


def _kind_of(source: _ByteSource) -> str:
    """Recognise the content by its first bytes; raise for a format that is no text."""
    head = source.head()
    for kind, magic in _FOREIGN_MAGIC:
        if magic.match(head):
            raise ValueError(f"{source.name}: a text is expected, got a {kind} file")
    return kind_of_content(head)


class _ByteSource:
    """The bytes of an open file, whatever it is, with a look at the first ones.

    A text file is encoded. `position` counts the bytes handed out; `failed` tells
    that an exception came from the file itself.
    """

    def __init__(self, file: Any, name: str, errors: str) -> None:
        self.name = name
        self.position = 0
        self.failed = False
        self._file = file
        self._errors = "surrogateescape" if errors == "surrogateescape" else "strict"
        self._waiting = b""

    def head(self) -> bytes:
        """Give the first bytes without using them up."""
        while len(self._waiting) < _HEAD_BYTES:
            block = self._read(_HEAD_BYTES - len(self._waiting))
            if not block:
                break
            self._waiting += block
        return self._waiting

    def read(self, size: int = _BLOCK_BYTES) -> bytes:
        """Give up to `size` bytes; none at the end."""
        if not self._waiting:
            self._waiting = self._read(size)
        block, self._waiting = self._waiting[:size], self._waiting[size:]
        self.position += len(block)
        return block

    def _read(self, size: int) -> bytes:
        try:
            block = self._file.read(size)
        except BaseException:
            self.failed = True
            raise
        if isinstance(block, str):
            try:
                return block.encode("utf-8", self._errors)
            except UnicodeEncodeError as error:
                raise ValueError(
                    f"{self.name}: lone surrogate {quoted(block[error.start])} in the "
                    "text; expected text that UTF-8 can encode"
                ) from None
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise TypeError(
                f"{self.name}: read() must return bytes or str, "
                f"got {type(block).__name__}"
            )
        return bytes(block)


def _add_blocks(
    builder: _core.CorpusBuilder,
    source: _ByteSource,
    kind: str,
    record: SentenceRecord | None,
) -> None:
    for block in unpacked_blocks(source, kind):
        builder.add_text(block, source.name)
        if record is not None:
            record.add_text(block)
    builder.end_text()
    if record is not None:
        record.end_text()
