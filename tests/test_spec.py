"""docs/spec.md: every statement of the notes has a test or benchmark that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
N_ROWS = 57
PLACES = {"tests", "benchmarks", "examples"}


def rows() -> dict[str, list[str]]:
    """What shows each row of the table."""
    text = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| (A\d+) \|(.*)\|$", text, re.M)
    names = [name for name, _ in found]
    assert len(names) == len(set(names)), "a row stands twice"
    return {name: re.findall(r"`([\w/.:]+)`", cells) for name, cells in found}


@cache
def places_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_statement_has_a_row() -> None:
    assert list(rows()) == [f"A{i}" for i in range(1, N_ROWS + 1)]


@pytest.mark.parametrize("row", [f"A{i}" for i in range(1, N_ROWS + 1)])
def test_row_names_a_test_or_benchmark_that_exists(row: str) -> None:
    places = [name for name in rows()[row] if name.split("/")[0] in PLACES]
    assert places, f"{row} has no test"
    for place in places:
        file, _, test = place.partition("::")
        path = ROOT / file
        assert path.is_file(), f"{row}: {file} does not exist"
        if file.startswith("tests/"):
            assert test in places_of(path), f"{row}: {file} has no {test or 'test'}"
