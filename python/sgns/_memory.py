"""How much memory there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["available_memory", "total_memory"]

_CGROUP = Path("/sys/fs/cgroup")


def total_memory() -> int:
    """Return the bytes of memory of the machine, or of the control group if fewer."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(total, _group_limit())
    except (OSError, ValueError):  # there is no group, or its limit is "max"
        return total


def available_memory() -> int | None:
    """Return the bytes that can be had without swapping, None where unknown."""
    if sys.platform != "linux":
        return None
    import resource

    bounds = [_figures(Path("/proc/meminfo"))["MemAvailable:"] * 1024]
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bounds.append(max(limit - pages * resource.getpagesize(), 0))
    try:
        limit = _group_limit()
        used = int((_CGROUP / "memory.current").read_text())
        parts = _figures(_CGROUP / "memory.stat")
    except (OSError, ValueError):  # there is no group, or its limit is "max"
        return min(bounds)
    files = parts["active_file"] + parts["inactive_file"]  # given back on demand
    return min(*bounds, max(limit - used + files, 0))


def _group_limit() -> int:
    return int((_CGROUP / "memory.max").read_text())


def _figures(path: Path) -> dict[str, int]:
    """Return the figures of a file with lines of a name, a number and maybe a unit."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return {words[0]: int(words[1]) for words in lines}
