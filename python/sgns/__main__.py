"""``python -m sgns`` is the command line ``sgns``."""

from __future__ import annotations

from sgns.cli import entry

if __name__ == "__main__":
    entry()
