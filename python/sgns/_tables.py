"""Columns of the tables that other libraries hold, as something to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["readable_column", "require_column"]

_LIBRARIES = {"datasets", "duckdb", "pandas", "polars"}
_BATCH_ROWS = 10_000

_words_of: Callable[[str], list[str]] = re.compile(r"[^ \t\n\v\f\r]+").findall
"""Splits at ASCII white space, as files and columns of Arrow are split."""


def require_column(corpus: Any) -> None:
    """Raise TypeError for a whole table, which would give names or rows for sentences.

    Parameters
    ----------
    corpus : object
        Anything; only objects of the libraries above are looked at.
    """
    library = _library(corpus)
    if library is None or hasattr(corpus, "column_name"):
        return
    kind = type(corpus).__name__
    article = "an" if kind[0] in "AEIOU" else "a"
    start = (
        f"corpus must be one column of text or of lists of words, got {article} {kind}"
    )
    if library == "duckdb" and hasattr(corpus, "sql"):
        raise TypeError(f"{start}; pass a relation, as connection.sql(query)")
    if library == "polars" and hasattr(corpus, "collect"):
        raise TypeError(f"{start}; call collect() and pass a column")
    names = getattr(corpus, "column_names", getattr(corpus, "columns", ()))
    if isinstance(names, dict):  # a dataset for each split
        splits = ", ".join(map(repr, names))
        raise TypeError(f"{start} ({splits}); pass a column of one of them")
    if names is None:
        raise TypeError(f"{start}; pass one of its columns, as dataset['text']")
    shown = [repr(name) for name in names]
    if shown:
        more = ", ..." if len(shown) > 9 else ""
        columns = f"{len(shown)} column{'s' if len(shown) > 1 else ''}"
        raise TypeError(
            f"{start} of {columns} ({', '.join(shown[:9])}{more}); pass one column, as "
            f"table[{shown[-1]}]"
        )


def readable_column(corpus: Any) -> Any:
    """Give an object with an Arrow stream or an iterable of lists for a column.

    Parameters
    ----------
    corpus : object
        A column of pandas or of a Hugging Face dataset, or an array that has no Arrow
        stream, as those of pyarrow; all else is given back.

    Returns
    -------
    object
        For a column of a dataset in memory or on disk, its Arrow batches, read when
        they are asked for. Of other columns, such as those of a streamed dataset, rows
        of text are split at ASCII white space.

    Raises
    ------
    TypeError
        The object is a whole table of a kind that has no Arrow stream, or a sparse
        matrix.
    """
    if hasattr(corpus, "tocsr"):
        raise TypeError(
            f"corpus must not be a sparse matrix, got {type(corpus).__name__}; pass "
            "Corpus.from_ids(matrix.indices, matrix.indptr) of a CSR matrix"
        )
    if _is_arrow_array(corpus):
        import pyarrow as pa  # whose arrays these are

        return pa.chunked_array([pa.array(corpus)])
    library = _library(corpus)
    if library is None:
        return corpus
    if library == "pandas" and hasattr(corpus, "to_frame"):
        frame = corpus.to_frame()  # a Series of older versions has no stream
        return frame if hasattr(frame, "__arrow_c_stream__") else _rows(corpus)
    if hasattr(corpus, "__arrow_c_stream__"):
        return corpus
    require_column(corpus)
    if library == "datasets" and hasattr(corpus, "column_name"):
        # A custom format is a function of the rows, which Arrow knows nothing of.
        kind = getattr(corpus.source, "format", {"type": "custom"})["type"]
        return _rows(corpus) if kind == "custom" else _arrow_batches(corpus)
    return corpus


def _is_arrow_array(corpus: object) -> bool:
    """Tell whether an object gives Arrow one array, but no stream of them."""
    has_stream = hasattr(corpus, "__arrow_c_stream__")
    return hasattr(corpus, "__arrow_c_array__") and not has_stream


def _library(corpus: object) -> str | None:
    """Give the library of a type, also of a type derived from one of its types."""
    for base in type(corpus).__mro__:
        name = base.__module__.partition(".")[0].lstrip("_")
        if name in _LIBRARIES:
            return name
    return None


def _arrow_batches(column: Any) -> Any:
    import pyarrow as pa  # what Hugging Face datasets are made of

    table = column.source.select_columns(column.column_name).with_format("arrow")
    parts = table.iter(_BATCH_ROWS)
    batches = (batch for part in parts for batch in part.to_batches())
    return pa.RecordBatchReader.from_batches(table.features.arrow_schema, batches)


def _rows(column: Iterable[Any]) -> Iterator[Any]:
    for row in column:
        yield _words_of(row) if isinstance(row, str) else row
