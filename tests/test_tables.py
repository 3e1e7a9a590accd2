"""Columns of pandas, DuckDB and Hugging Face datasets, and tables in their place."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sgns import Corpus, Phrases, Word2Vec

LISTS = [["a", "b"], ["c", "b", "a"], ["b"]]
TEXT = ["a  b", "c\tb a\n", "b"]
NO_BREAK = ["a\u00a0b c"]


def sentences(corpus: Any) -> list[list[str]]:
    return list(Corpus(corpus))


def dataset(**columns: Any) -> Any:
    datasets = pytest.importorskip("datasets")
    columns = columns or {"tokens": LISTS, "text": TEXT, "n": [1, 2, 3]}
    return datasets.Dataset.from_dict(columns)


# Hugging Face datasets ----------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        lambda data: data,
        lambda data: data.with_format("numpy"),
        lambda data: data.with_format("arrow"),
        lambda data: data.to_iterable_dataset(),
        lambda data: data.with_transform(lambda rows: rows),
        lambda data: data.select([2, 0, 1]).select([1, 2, 0]),
    ],
    ids=["plain", "numpy", "arrow", "streamed", "transformed", "indexed"],
)
@pytest.mark.parametrize("name", ["tokens", "text"])
def test_columns_of_a_dataset_are_read(form: Callable[[Any], Any], name: str) -> None:
    assert sentences(form(dataset())[name]) == LISTS


def test_parts_of_a_dataset_are_read() -> None:
    data = dataset()
    assert sentences(data.select([2, 0])["text"]) == [["b"], ["a", "b"]]
    assert sentences(data["tokens"][:2]) == LISTS[:2]
    nested = dataset(meta=[{"text": text} for text in TEXT])
    assert sentences(nested["meta"]["text"]) == LISTS
    assert sentences(dataset(ids=[[3, 1], [2]])["ids"]) == [["3", "1"], ["2"]]
    assert sentences(dataset(text=TEXT * 9_000)["text"]) == LISTS * 9_000


def test_text_of_every_column_is_split_at_ascii_white_space() -> None:
    data = dataset(text=NO_BREAK)
    expected = [["a\u00a0b", "c"]]
    assert sentences(data["text"]) == expected
    assert sentences(data.to_iterable_dataset()["text"]) == expected


def test_transform_of_a_dataset_is_applied() -> None:
    def upper(rows: dict[str, list[str]]) -> dict[str, list[str]]:
        return {"text": [text.upper() for text in rows["text"]]}

    data = dataset(text=TEXT).with_transform(upper)
    assert sentences(data["text"])[1] == ["C", "B", "A"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda data, _: data,
            r"got a Dataset of 3 columns \('tokens', 'text', 'n'\); pass one column, ",
        ),
        (
            lambda data, _: data.select_columns("text"),
            r"got a Dataset of 1 column \('text'\); pass one column, as table\['text'",
        ),
        (
            lambda data, datasets: datasets.DatasetDict(train=data, test=data),
            r"got a DatasetDict \('train', 'test'\); pass a column of one of them",
        ),
        (
            lambda data, _: data.to_iterable_dataset(),
            r"got an IterableDataset of 3 columns \('tokens', 'text', 'n'\); pass one",
        ),
        (
            lambda data, datasets: datasets.IterableDataset.from_generator(lambda: []),
            r"got an IterableDataset; pass one of its columns, as dataset\['text'\]",
        ),
    ],
    ids=["whole", "one_column", "splits", "streamed", "unknown"],
)
def test_dataset_in_place_of_a_column_raises(
    make: Callable[[Any, Any], Any], message: str
) -> None:
    data = make(dataset(), importlib.import_module("datasets"))
    for use in (Corpus, Phrases, Word2Vec(vector_size=2).fit):
        with pytest.raises(TypeError, match=f"corpus must be one column .*{message}"):
            use(data)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("n", "must be a column of text or of lists of words or ids, .* format 'l'"),
        ("holes", "^sentence 1 is null$"),
    ],
)
def test_wrong_column_of_a_dataset_raises(name: str, message: str) -> None:
    data = dataset(n=[1, 2], holes=["a", None])
    with pytest.raises(TypeError, match=message):
        Corpus(data[name])


def test_wrong_row_of_a_streamed_dataset_raises() -> None:
    data = dataset(n=[1, 2], holes=["a b", None]).to_iterable_dataset()
    with pytest.raises(TypeError, match="sentence 0 must be a list of words, got int"):
        Corpus(data["n"])
    with pytest.raises(TypeError, match="sentence 1 must be a list of words, got None"):
        Corpus(data["holes"])


def test_weights_of_a_dataset_need_a_column() -> None:
    corpus = Corpus(dataset()["tokens"], weights=[1, 2, 0])
    assert corpus.encoded.sentence_weights.tolist() == [1, 2, 0]
    with pytest.raises(TypeError, match="got a Dataset of 3 columns"):
        Corpus(dataset(), weights=[1, 2, 0])


# DuckDB -------------------------------------------------------------------------------


def relation(columns: str) -> Any:
    duckdb = pytest.importorskip("duckdb")
    rows = "('a  b', ['a', 'b'], 1), ('c b a', ['c', 'b', 'a'], 2), ('b', ['b'], 3)"
    return duckdb.connect().sql(
        f"SELECT {columns} FROM (VALUES {rows}) AS t(text, tokens, n)"
    )


@pytest.mark.parametrize("columns", ["text", "tokens"])
def test_columns_of_a_relation_are_read(columns: str) -> None:
    assert sentences(relation(columns)) == LISTS
    assert sentences(relation("*").select(columns)) == LISTS
    assert sentences(relation("*")[columns]) == LISTS
    assert sentences(relation(columns).to_arrow_table()) == LISTS


def test_ids_of_a_relation_are_words() -> None:
    assert sentences(relation("[n, n + 1]")) == [["1", "2"], ["2", "3"], ["3", "4"]]


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ("*", TypeError, r"table of 3 columns \('text', 'tokens', 'n'\); pass one"),
        ("n", TypeError, "must be a column of text or of lists .* Arrow format 'i'"),
        ("nullif(text, 'b')", TypeError, "^sentence 2 is null$"),
        ("text WHERE n > 9", ValueError, "read 0 sentences from the DuckDBPyRelation"),
    ],
)
def test_wrong_relation_raises(
    columns: str, error: type[Exception], message: str
) -> None:
    columns, _, condition = columns.partition(" WHERE ")
    table = relation("*").filter(condition) if condition else relation("*")
    with pytest.raises(error, match=message):
        Corpus(table.select(columns) if columns != "*" else table)


def test_connection_in_place_of_a_relation_raises() -> None:
    duckdb = pytest.importorskip("duckdb")
    message = r"got a DuckDBPyConnection; pass a relation, as connection\.sql\(query\)"
    with pytest.raises(TypeError, match=message):
        Corpus(duckdb.connect())


# pandas and Polars --------------------------------------------------------------------


def test_frame_in_place_of_a_column_raises() -> None:
    """C19: iterating over a frame would give the names of its columns."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"n": [1, 2, 3], "text": TEXT})
    with pytest.raises(TypeError, match=r"2 columns \('n', 'text'\); pass one of them"):
        Corpus(frame)
    model = Word2Vec(vector_size=2, sample=0, workers=1).fit(LISTS * 9)
    with pytest.raises(TypeError, match=r"DataFrame of 2 columns .* table\['text'\]"):
        model.transform(frame)


def test_series_without_a_stream_is_read_row_by_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of the versions of pandas before Arrow streams."""
    pd = pytest.importorskip("pandas")
    for kind in (pd.DataFrame, pd.Series):
        if hasattr(kind, "__arrow_c_stream__"):
            monkeypatch.delattr(kind, "__arrow_c_stream__")
    frame = pd.DataFrame({"tokens": LISTS, "text": TEXT})
    assert sentences(frame["tokens"]) == LISTS
    assert sentences(frame["text"]) == LISTS
    assert sentences(pd.Series(NO_BREAK)) == [["a\u00a0b", "c"]]
    with pytest.raises(TypeError, match=r"got a DataFrame of 2 columns \('tokens', "):
        Corpus(frame)
    with pytest.raises(TypeError, match=r"sentence 1 must be .* of words, got float"):
        Corpus(pd.Series(["a", np.nan], dtype=object))


def test_lazy_frame_raises() -> None:
    pl = pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"LazyFrame; call collect\(\) and pass a colu"):
        Corpus(pl.LazyFrame({"text": TEXT}))
    frame = pl.DataFrame({"n": [1, 2, 3], "text": TEXT})
    assert sentences(frame.lazy().select("text").collect()) == LISTS
