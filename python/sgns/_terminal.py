"""What the commands say: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def stdout() -> Iterator[TextIO]:
    """Lend stdout and flush it; an error of it names stdout."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, "stdout") from error


def say(line: str) -> None:
    """Write a line to stdout."""
    with stdout() as file:
        print(line, file=file)


def note(line: str) -> None:
    """Write a line to stderr."""
    if sys.stderr is not None:
        print(f"sgns: {line}", file=sys.stderr, flush=True)


def message(error: BaseException) -> str:
    """Return the message of an error on one line; files first, as in ``file: why``."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        text = f"{os.fsdecode(error.filename)}: {error.strerror}"
    elif isinstance(error, KeyError) and error.args:
        text = str(error.args[0])
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())


def lines_of_stdin(prompt: str) -> Iterator[str]:
    """Yield the lines of stdin; somebody at a terminal is asked for them."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "stdin")
    at_terminal = sys.stdin.isatty()
    while True:
        if at_terminal:
            print(prompt, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line
