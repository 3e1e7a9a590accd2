"""Pictures of results; they need ``pip install 'sgns[plot]'``."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgns._files import AtomicFile

if TYPE_CHECKING:
    from sgns.evaluation import AnalogyResult, WordPairsResult

__all__ = ["check_output", "plot_evaluation"]

ENDINGS = (".pdf", ".png", ".svg")
"""Kinds of pictures, by the ending of the file name."""


def check_output(path: str | os.PathLike[str]) -> None:
    """Raise an error now if a picture could not be written later.

    Parameters
    ----------
    path : str or os.PathLike
        A name that ends in .pdf, .png or .svg.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        Another ending.
    OSError
        The directory does not exist.
    """
    name = os.fspath(path)
    if Path(name).suffix.lower() not in ENDINGS:
        raise ValueError(
            f"expected a picture name that ends in {', '.join(ENDINGS)}, got {name!r}"
        )
    if not Path(name).parent.is_dir():
        raise FileNotFoundError(2, "the directory does not exist", name)
    _figure_class()


def plot_evaluation(
    path: str | os.PathLike[str],
    *,
    analogies: Mapping[str, AnalogyResult] | None = None,
    pairs: Mapping[str, WordPairsResult] | None = None,
) -> None:
    """Write a picture of evaluations: shares of analogies, rank correlations of pairs.

    Parameters
    ----------
    path : str or os.PathLike
        The file; its ending, .pdf, .png or .svg, is its format.
    analogies : dict of str to AnalogyResult, optional
        Results by name; one bar for each section of each.
    pairs : dict of str to WordPairsResult, optional
        Results by name; one bar for each.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        There is no result, or the name has another ending.
    OSError
        The file cannot be written.
    """
    check_output(path)
    sections = [
        (f"{score.name} ({score.covered:,})", 100 * score.accuracy)
        for result in (analogies or {}).values()
        for score in (
            *result.sections,
            result.semantic,
            result.syntactic,
            result.overall,
        )
        if score.covered
    ]
    correlations = [
        (f"{Path(name).name} ({one.covered:,})", one.spearman)
        for name, one in (pairs or {}).items()
    ]
    if not sections and not correlations:
        raise ValueError("there is no result to plot")
    panels = [
        (bars, label)
        for bars, label in (
            (sections, "answered correctly, per cent"),
            (correlations, "rank correlation with people (Spearman)"),
        )
        if bars
    ]
    heights = [len(bars) + 2 for bars, _ in panels]
    figure = _figure_class()(
        figsize=(7, 0.28 * sum(heights) + 0.5), layout="constrained"
    )
    grid = figure.add_gridspec(len(panels), 1, height_ratios=heights)
    for place, (bars, label) in enumerate(panels):
        _draw(figure.add_subplot(grid[place, 0]), bars, label)
    picture = io.BytesIO()
    figure.savefig(picture, format=Path(path).suffix[1:].lower())
    with AtomicFile(os.fspath(path)) as file:
        file.write(picture.getvalue())


def _draw(axes: Any, bars: list[tuple[str, float]], label: str) -> None:
    """Draw bars from top to bottom, each with its value."""
    names, values = zip(*bars, strict=True)
    drawn = axes.barh(range(len(bars)), values, color="tab:blue")
    axes.bar_label(drawn, fmt="%.2f", padding=3, fontsize=8)
    axes.set_yticks(range(len(bars)), names, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(label)
    axes.spines[["top", "right"]].set_visible(False)


def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "a picture needs matplotlib: pip install 'sgns[plot]'"
        ) from error
    return Figure
