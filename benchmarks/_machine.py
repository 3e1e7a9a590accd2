"""What a benchmark ran on, measured processes, and tables of numbers."""

from __future__ import annotations

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Lines = list[tuple[float, str]]
"""What a process printed, each line with the time at which it arrived."""

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def describe() -> dict[str, Any]:
    """Return processor, load and commit."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(HERE), *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    info = Path("/proc/cpuinfo").read_text() if sys.platform == "linux" else ""
    model = re.search(r"model name\s*: (.*)", info)
    commit = git("rev-parse", "--short", "HEAD") if shutil.which("git") else ""
    changed = " with changes" if commit and git("status", "--porcelain", "-uno") else ""
    return {
        "cpu": model[1] if model else platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "commit": f"{commit}{changed}" or "unknown",
    }


def measure(
    command: list[str], folder: Path, is_enough: Callable[[Lines], bool] | None = None
) -> tuple[Lines, float, float, float]:
    """Run a process; return its output, seconds, CPU seconds and peak megabytes.

    It is stopped as soon as its output `is_enough`, which is asked after each part.

    A new process inherits the peak memory of its parent, so this one stays small: it
    imports no NumPy and reads no corpus.
    """
    lines: Lines = []
    rest = b""
    stopped = False
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert process.stdout is not None
        with process.stdout as output:
            while not stopped and (chunk := output.read(1 << 16)):
                *ended, rest = re.split(rb"[\r\n]+", rest + chunk)
                at = time.perf_counter()
                lines += [(at, line.decode(errors="replace")) for line in ended if line]
                stopped = is_enough is not None and is_enough(lines)
        if stopped:
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not stopped:
        last = " / ".join(line for _, line in lines[-3:])
        raise RuntimeError(f"exit status {process.returncode}: {last}")
    unit = 1 if sys.platform == "darwin" else 1024
    return lines, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6


def headline(machine: dict[str, Any]) -> str:
    """Return the description in one line."""
    return (
        f"{machine['cpu']}, {machine['processors']} processors, "
        f"load {machine['load']:.1f}, commit {machine['commit']}"
    )


def spread(values: list[float]) -> dict[str, float]:
    """Return the median and the range."""
    return {
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
    }


def print_columns(titles: list[str], rows: list[list[str]]) -> None:
    """Print a Markdown table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    for row in (titles, rule, *rows):
        first, *others = (
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print(f"| {' | '.join([first, *others])} |")
