"""docs/features.md: what is said to be there has tests, and they exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "features.md"


def rows() -> list[tuple[str, str, str]]:
    """(feature, where it is, tests) of every table."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("|") and not re.match(r"\|(-+\||\s*feature\s*\|)", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 3, line
            found.append((cells[0], cells[1], cells[2]))
    return found


@pytest.mark.parametrize(("feature", "place", "tests"), rows())
def test_feature_is_shown_by_tests_that_exist(
    feature: str, place: str, tests: str
) -> None:
    assert feature
    assert place.startswith("open") == (tests == "open"), feature
    if tests == "open":
        return
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", tests)
    assert len(named) == len(tests.split(",")), f"{feature}: {tests}"
    for file, name in named:
        text = (TESTS / file).read_text("utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{file}::{name}"
