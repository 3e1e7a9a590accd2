"""Running the command line, for the tests of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sgns import cli, demo

TIMEOUT = 60
"""Seconds after which a process has hung."""

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and files")


def original_program(name: str) -> str | None:
    """Return where a program of the original package is, on the path or beside Python.

    The extra `bench` installs them.
    """
    return shutil.which(name) or shutil.which(name, path=Path(sys.executable).parent)


def write_corpus(path: Path) -> Path:
    """Write a generated text of 100,000 tokens."""
    lines = (" ".join(sentence) + "\n" for sentence in demo.generate(100_000))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def train(corpus: Path | str, output: Path | str, *more: str) -> list[str]:
    """Return the arguments of a short training run."""
    size = ("--vector-size", "20", "--epochs", "1", "--workers", "1")
    return ["train", str(corpus), "-o", str(output), *size, *more]


def run(
    *args: str, stdin: str | None = None, **kwargs: object
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m sgns`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "sgns", *args],
        input=stdin if stdin is not None else "",
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs},
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def failure(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """Run a command that fails; return its exit code and its only line."""
    code = cli.main(args)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sgns: ")
    assert captured.err.count("\n") == 1
    assert len(captured.err) <= 300
    return code, captured.err.removeprefix("sgns: ").rstrip("\n")


def environment(buffered: bool) -> dict[str, str]:
    """Return the environment of a process whose stdout is buffered or not."""
    others = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return others if buffered else {**others, "PYTHONUNBUFFERED": "1"}
