"""Inputs beyond text: many paths, ids, Arrow streams, and the choice of words."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference
from command_line import train, write_corpus
from sgns import Corpus, Phrases, Word2Vec, cli
from sgns._ids import number_ids
from sgns._vocabulary import VocabularyRule
from sgns.corpus import read_corpus
from sgns.formats import read_vocabulary, write_vocabulary

SENTENCES = [["a", "b", "a longer word with spaces"], ["b"], ["c", "b", "a", "b"]]
LINES = ["a b\t the_longest_word_here", "c a", "b\nc"]


def sentences(corpus: Any) -> list[list[str]]:
    return list(Corpus(corpus))


def chosen(text: Any, **rule: Any) -> tuple[list[str], list[int], Any]:
    """Vocabulary, counts, and the sentences in it."""
    words, counts, encoded = read_corpus(
        text, rule=VocabularyRule(**rule), workers=1, errors="strict"
    )
    return words, counts.tolist(), [words[i] for i in encoded.ids]


# Paths --------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "1.txt").write_bytes(b"a b\n")
    (tmp_path / "2.txt.gz").write_bytes(gzip.compress(b"c\n"))
    (tmp_path / "3.md").write_bytes(b"d e\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "4.txt").write_bytes(b"f")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["1.txt", "3.md"], "ab de"),
        (["3.md", "1.txt"], "de ab"),
        (["deep", "1.txt"], "f ab"),
        (["*.txt*"], "ab c"),
        (["**/*.txt"], "ab f"),
        (["[13].*", "deep/?.txt"], "ab de f"),
    ],
)
@pytest.mark.parametrize("as_type", [str, Path])
def test_paths_and_patterns_are_read_in_order(
    folder: Path, names: list[str], expected: str, as_type: Callable[[Path], Any]
) -> None:
    paths = [as_type(folder / name) for name in names]
    assert sentences(paths) == [list(part) for part in expected.split()]
    if len(paths) == 1:
        assert sentences(paths[0]) == sentences(paths)


def test_pattern_without_a_file_raises(folder: Path) -> None:
    """C1."""
    with pytest.raises(FileNotFoundError, match="no file matches") as caught:
        Corpus(folder / "*.csv")
    assert caught.value.filename == str(folder / "*.csv")
    with pytest.raises(FileNotFoundError, match="No such file"):
        Corpus([folder / "1.txt", folder / "missing"])


def test_file_whose_name_is_a_pattern_is_read(tmp_path: Path) -> None:
    (tmp_path / "a[1].txt").write_bytes(b"a b")
    (tmp_path / "a1.txt").write_bytes(b"wrong")
    assert sentences(tmp_path / "a[1].txt") == [["a", "b"]]


def test_sentence_among_paths_raises(folder: Path) -> None:
    with pytest.raises(TypeError, match="path 1 must be a path, got list"):
        Corpus([folder / "1.txt", ["a", "b"]])


# Ids ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "corpus",
    [
        [[7, 3, 7], [5]],
        [(np.int64(7), np.uint8(3), 7), [5]],
        [np.array([7, 3, 7]), np.array([5], dtype=">u2")],
        iter([[7, 3, 7], [], [5]]),
    ],
)
def test_ids_are_words_of_their_digits(corpus: Any) -> None:
    assert sentences(corpus) == [["7", "3", "7"], ["5"]]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), max_size=8), min_size=1).filter(any),
    st.sampled_from([np.int8, np.uint16, np.int32, np.int64, ">i4"]),
    st.sampled_from([1, 10**12]),
)
def test_arrays_with_offsets_equal_their_lists(
    text: list[list[int]], dtype: Any, factor: int
) -> None:
    """Also ids with wide gaps between them."""
    if factor > 1:
        dtype = np.int64
    ids = np.array([i * factor for part in text for i in part], dtype=dtype)
    offsets = np.cumsum([0, *map(len, text)])
    corpus = Corpus.from_ids(ids, offsets)
    plain = Corpus([[str(i * factor) for i in part] for part in text])
    assert corpus.words == plain.words
    assert corpus.counts.tolist() == plain.counts.tolist()
    assert list(corpus) == list(plain)


def test_arrays_without_offsets_are_sentences() -> None:
    walks = np.arange(6).reshape(2, 3)
    assert sentences(walks) == [["0", "1", "2"], ["3", "4", "5"]]
    assert sentences(walks.T) == [["0", "3"], ["1", "4"], ["2", "5"]]
    assert sentences(walks[0]) == [["0", "1", "2"]]
    model = Word2Vec(vector_size=4, min_count=1, sample=0, workers=1).fit(walks)
    assert sorted(model.wv.words) == ["0", "1", "2", "3", "4", "5"]


def test_words_name_the_ids() -> None:
    corpus = Corpus.from_ids([2, 0, 2], [0, 1, 3], words=["x", "y", "z"])
    assert list(corpus) == [["z"], ["x", "z"]]
    assert corpus.words == ["z", "x"]


def test_rows_of_a_sparse_matrix_are_sentences() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.csr_array(np.array([[1, 0, 2], [0, 0, 0], [0, 3, 0]]))
    corpus = Corpus.from_ids(matrix.indices, matrix.indptr)
    assert list(corpus) == [["0", "2"], ["1"]]


def test_read_only_and_strided_ids_are_accepted() -> None:
    """C23."""
    ids = np.arange(10)
    ids.setflags(write=False)
    assert list(Corpus.from_ids(ids[::5], [0, 2])) == [["0", "5"]]


@pytest.mark.parametrize(
    ("ids", "offsets", "words", "error", "message"),
    [
        (
            [0.5],
            None,
            None,
            TypeError,
            "ids must be an array of ints, got dtype float64",
        ),
        ([True], None, None, TypeError, "ids must be an array of ints, got dtype bool"),
        ([1, "a"], None, None, TypeError, "ids must be an array of ints, got dtype <U"),
        ([1, None], None, None, TypeError, "ids must be .* ints, got dtype object"),
        ([3, -7], None, None, ValueError, "id 1 must be an int >= 0, got -7"),
        ([0, 2], None, ["a", "b"], ValueError, "id 1 must be below 2, the number of w"),
        ([], None, None, ValueError, "corpus has no word: got 0 ids"),
        (7, None, None, ValueError, "ids must have 1 or 2 dimensions, got 0"),
        (
            [[1]],
            [0, 1],
            None,
            ValueError,
            "ids must have 1 dimension when there are off",
        ),
        ([1, 2], [[0, 2]], None, ValueError, "offsets must have 1 dimension, got 2"),
        ([1, 2], [0.0, 2.0], None, TypeError, "offsets must be an array of ints"),
        ([1, 2], [1, 2], None, ValueError, "offsets must start at 0, got 1"),
        ([1, 2], [], None, ValueError, "offsets must start at 0, got no offset"),
        (
            [1, 2],
            [0, 2, 1, 2],
            None,
            ValueError,
            "not decrease, got 1 at index 2 after 2",
        ),
        (
            [1, 2],
            [0, 1],
            None,
            ValueError,
            "offsets must end at 2, the number of ids, ",
        ),
        (
            [1, 2],
            [0, 3],
            None,
            ValueError,
            "offsets must end at 2, .* got 3 at index 1",
        ),
    ],
)
def test_wrong_arrays_raise(
    ids: Any, offsets: Any, words: Any, error: type[Exception], message: str
) -> None:
    """C23, C24."""
    with pytest.raises(error, match=message):
        Corpus.from_ids(ids, offsets, words=words)


@pytest.mark.parametrize(
    ("corpus", "error", "message"),
    [
        (
            [[1, -2]],
            ValueError,
            r"sentence 0, token 1 must be .* 0 to 2\*\*63-1, got -2",
        ),
        ([[2**63]], ValueError, "sentence 0, token 0 must be an int from 0"),
        ([[1], [True]], TypeError, r"token 0 must be int, got bool \(True\)"),
        ([[1, 2.0]], TypeError, r"token 1 must be int, got float \(2\.0\)"),
        ([np.array([0.5])], TypeError, r"token 0 must be str, got float \(0\.5\)"),
        ([["a"], ["b", 1]], TypeError, "must be str, got int .* the first str is 'a'"),
        ([[1], ["b"]], TypeError, r"must be int, got str \('b'\); the first int is 1"),
    ],
)
def test_wrong_ids_in_lists_raise(
    corpus: Any, error: type[Exception], message: str
) -> None:
    """C20, C21, C23."""
    with pytest.raises(error, match=message):
        Corpus(corpus)


@pytest.mark.parametrize("corpus", ["some text " * 900, "x" * 5_000, "a/b c.d " * 900])
def test_long_text_in_place_of_a_path_raises(corpus: str) -> None:
    """C18: also text that no file could be named after."""
    message = r"^sentence 0 must be a list of words, got the str '.{50,60}'?\.\.\."
    for one in (corpus, [corpus]):
        with pytest.raises(TypeError, match=message):
            Corpus(one)


@pytest.mark.parametrize("place", [0, 1])
def test_missing_file_of_several_raises_before_any_work(
    tmp_path: Path, place: int
) -> None:
    """C1: the other one would be an error as soon as it is read."""
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\0")
    paths = [str(bad)]
    paths.insert(place, str(tmp_path / "missing.txt"))
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        Corpus(paths)


def test_file_that_changes_while_it_is_read_raises(tmp_path: Path) -> None:
    """C17."""
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b c d\n" * (1 << 20))
    ended = threading.Event()

    def touch() -> None:
        moment = 10**18
        while not ended.is_set():
            os.utime(path, ns=(moment, moment))
            moment += 10**9

    toucher = threading.Thread(target=touch)
    toucher.start()
    try:
        with pytest.raises(ValueError, match=r"corpus\.txt: was written to while"):
            Corpus(path)
    finally:
        ended.set()
        toucher.join()


def test_file_that_changes_after_it_was_read_changes_nothing(tmp_path: Path) -> None:
    """C17: there is one pass only."""
    path = tmp_path / "corpus.txt"
    path.write_text("a b\n" * 9)
    corpus = Corpus(path)
    path.write_text("x y\n")
    assert list(corpus) == [["a", "b"]] * 9


def test_ids_that_change_after_they_were_read_change_nothing() -> None:
    """C25."""
    ids = np.array([0, 1, 0, 1])
    corpus = Corpus.from_ids(ids, [0, 4], words=["a", "b"])
    ids[:] = 10**9
    assert list(corpus) == [["a", "b", "a", "b"]]


def test_ids_that_change_while_they_are_checked_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """C25: what is checked is what is used."""
    ids = np.array([0, 1, 0, 1])

    def change_first(*arguments: Any) -> Any:
        ids[:] = 10**9
        return number_ids(*arguments)

    monkeypatch.setattr("sgns.corpus.number_ids", change_first)
    corpus = Corpus.from_ids(ids, [0, 4], words=["a", "b"])
    assert list(corpus) == [["a", "b", "a", "b"]]


@pytest.mark.parametrize("form", ["csr", "coo"])
def test_sparse_matrix_raises_with_what_to_pass(form: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.eye(3, format=form)
    with pytest.raises(TypeError, match=r"sparse .* Corpus\.from_ids\(matrix\.indices"):
        Corpus(matrix)


# Arrow --------------------------------------------------------------------------------


def arrow_corpora() -> list[Any]:
    pa = pytest.importorskip("pyarrow")
    words = list(SENTENCES)
    types = [pa.string(), pa.large_string(), pa.string_view()]
    lists: list[Any] = [pa.list_, pa.large_list]
    columns = [
        pa.chunked_array([pa.array(words, kind(t))]) for t in types for kind in lists
    ]
    whole = pa.chunked_array([words, words])
    columns += [pa.table({"text": words}), whole.slice(3, 3), whole[:3]]
    coded = pa.array([w for s in words for w in s]).dictionary_encode()
    columns.append(
        pa.chunked_array([pa.ListArray.from_arrays(pa.array([0, 3, 4, 8]), coded)])
    )
    columns.append(pa.table({"x": words + words})[2:5].slice(1, 2))
    return columns


def test_arrow_lists_equal_python_lists() -> None:
    corpora = arrow_corpora()
    for corpus in corpora[:-1]:
        assert sentences(corpus) == SENTENCES
    assert sentences(corpora[-1]) == SENTENCES[:2]


def test_arrow_text_is_split_at_white_space() -> None:
    pa = pytest.importorskip("pyarrow")
    expected = [["a", "b", "the_longest_word_here"], ["c", "a"], ["b", "c"]]
    array = pa.array(LINES)
    for column in (array, array.cast(pa.large_string()), array.dictionary_encode()):
        assert sentences(pa.chunked_array([column])) == expected
        assert sentences(column.slice(1)) == expected[1:]  # an array has no stream


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int32", "uint32", "int64", "uint64"]
)
def test_arrow_ids_are_words(dtype: str) -> None:
    pa = pytest.importorskip("pyarrow")
    ids = pa.array([[1, 2], [], [3]], pa.list_(getattr(pa, dtype)()))
    assert sentences(pa.chunked_array([ids])) == [["1", "2"], ["3"]]
    fixed = pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(getattr(pa, dtype)(), 2))
    assert sentences(pa.chunked_array([fixed]).slice(1)) == [["3", "4"], ["5", "6"]]


def test_polars_columns_are_read() -> None:
    pl = pytest.importorskip("polars")
    assert sentences(pl.Series(SENTENCES)) == SENTENCES
    assert sentences(pl.DataFrame({"words": SENTENCES})) == SENTENCES
    assert sentences(pl.Series(["a b", "", "c"])) == [["a", "b"], ["c"]]
    assert sentences(pl.Series(["a b", "c"], dtype=pl.Categorical)) == [
        ["a", "b"],
        ["c"],
    ]


def test_pandas_columns_are_read() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"words": SENTENCES, "text": LINES})
    assert sentences(frame["words"]) == SENTENCES
    assert sentences(frame[["words"]]) == SENTENCES
    assert sentences(frame["text"])[1:] == [["c", "a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([1, 2], TypeError, "must be a column of text or of lists .* Arrow format 'l'"),
        ([None], TypeError, "must be a column of text or of lists .* Arrow format 'n'"),
        ([["a"], None], TypeError, "^sentence 1 is null$"),
        ([["a", None]], TypeError, "^sentence 0, token 1 is null$"),
        ([["a"], [""]], ValueError, "^sentence 1, token 0 is empty$"),
        ([[0.5]], TypeError, "token 0 must be str or int, got Arrow format 'g'"),
        ([[[1]]], TypeError, r"must be str or int, got Arrow format '\+l'"),
        ([[4, -1]], ValueError, "sentence 0, token 1 must be an int from 0"),
        ([["x" * (1 << 20) + "x"]], ValueError, "is longer than 1,048,576 bytes"),
    ],
)
def test_wrong_arrow_column_raises(
    values: Any, error: type[Exception], message: str
) -> None:
    """C19, C20, C22, C23."""
    pa = pytest.importorskip("pyarrow")
    with pytest.raises(error, match=message):
        Corpus(pa.chunked_array([values]))


def test_table_of_several_columns_raises_with_their_names() -> None:
    """C19: a DataFrame where a column was meant."""
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"id": [1], "text": ["a b"]})
    message = r"got a table of 2 columns \('id', 'text'\); pass one of them"
    with pytest.raises(TypeError, match=message):
        Corpus(table)


def test_failing_arrow_stream_raises_its_message() -> None:
    pa = pytest.importorskip("pyarrow")

    def batches() -> Any:
        yield pa.record_batch({"t": ["a b"]})
        raise ValueError("disk on fire")

    schema = pa.schema({"t": pa.string()})
    reader = pa.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(ValueError, match=r"the Arrow stream failed: .*disk on fire"):
        Corpus(reader)


# The vocabulary -----------------------------------------------------------------------

TEXT = [["a"] * 5 + ["b"] * 4, ["c"] * 4 + ["d"] * 2 + ["e"]]


@pytest.mark.parametrize(("least", "kept"), [(1, 5), (2, 4), (3, 3), (5, 1)])
def test_min_count_leaves_rarer_words_out(least: int, kept: int) -> None:
    words, counts = ["a", "b", "c", "d", "e"], [5, 4, 4, 2, 1]
    if kept == 1:
        with pytest.raises(ValueError, match=r"the vocabulary has 1 word \('a'\)"):
            chosen(TEXT, min_count=least)
        return
    found = chosen(TEXT, min_count=least)
    assert found[:2] == (words[:kept], counts[:kept])
    assert len(found[2]) == sum(counts[:kept])


def test_max_final_vocab_raises_min_count() -> None:
    """As in gensim: words of equal count stay or go together."""
    assert chosen(TEXT, max_final_vocab=4)[:2] == (["a", "b", "c", "d"], [5, 4, 4, 2])
    assert chosen(TEXT, max_final_vocab=3)[0] == ["a", "b", "c"]
    assert chosen(TEXT, max_final_vocab=9, min_count=2)[0] == ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match=r"the vocabulary has 1 word \('a'\)"):
        chosen(TEXT, max_final_vocab=2)


def test_max_vocab_size_drops_the_rarest_words_and_says_so(tmp_path: Path) -> None:
    """As the original program does, but every million tokens and with a warning."""
    rare = [f"r{i}" for i in range(3000)]
    common = [f"c{i}" for i in range(40)]
    million = common * 28_000
    text = [rare + rare[:1000] + million, rare[:2], common, rare[:1] * 3]
    message = r"max_vocab_size=100: 3,000 words .* up to 2 times were .* 4,000 of 1,1"
    path = tmp_path / "corpus"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in text))
    for corpus in (text, path):
        with pytest.warns(UserWarning, match=message):
            words, counts, _ = chosen(corpus, max_vocab_size=100)
        assert set(words) == {*common, "r0", "r1"}
        assert dict(zip(words, counts, strict=True))["r0"] == 4
    assert chosen(text, max_vocab_size=3040, min_count=2)[0][-1] == "r999"


def test_keep_decides_before_min_count() -> None:
    answers = {"a": False, "e": True}
    words, counts, text = chosen(
        TEXT, min_count=3, keep=lambda word, count: answers.get(word)
    )
    assert (words, counts) == (["b", "c", "e"], [4, 4, 1])
    assert text == ["b"] * 4 + ["c"] * 4 + ["e"]


def test_keep_gets_every_word_with_its_count() -> None:
    seen = {}

    def keep(word: str, count: int) -> bool:
        seen[word] = count
        return True

    chosen(TEXT, min_count=100, keep=keep)
    assert seen == {"a": 5, "b": 4, "c": 4, "d": 2, "e": 1}


@pytest.mark.parametrize("from_file", [False, True])
def test_given_counts_replace_those_of_the_corpus(
    tmp_path: Path, from_file: bool
) -> None:
    given: Any = {"e": 70, "x": 9, "b": 70, "rare": 1}
    if from_file:
        write_vocabulary(tmp_path / "v", list(given), np.array(list(given.values())))
        given = tmp_path / "v"
    words, counts, text = chosen(TEXT, min_count=2, vocabulary=given)
    assert (words, counts) == (["b", "e", "x"], [70, 70, 9])
    assert text == ["b"] * 4 + ["e"]


def test_vocabulary_of_the_corpus_changes_nothing() -> None:
    text = [[f"w{i * i % 7}" for i in range(40)]] * 20
    options: dict[str, Any] = {"vector_size": 6, "workers": 1, "epochs": 2}
    plain = Word2Vec(**options).fit(text)
    counts = dict(zip(plain.wv.words, plain.wv.counts.tolist(), strict=True))
    again = Word2Vec(vocabulary=counts, **options).fit(text)
    np.testing.assert_array_equal(plain.vectors_, again.vectors_)


def test_saved_vocabulary_has_the_form_of_the_original(tmp_path: Path) -> None:
    corpus = Corpus(TEXT)
    write_vocabulary(tmp_path / "v", corpus.words, corpus.counts)
    assert (tmp_path / "v").read_text() == "a 5\nb 4\nc 4\nd 2\ne 1\n"
    words, counts = read_vocabulary(tmp_path / "v")
    assert (words, counts.tolist()) == (["a", "b", "c", "d", "e"], [5, 4, 4, 2, 1])


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (
            {"vocabulary": {"x": 5, "y": 5}},
            ValueError,
            "no word of the corpus is in the",
        ),
        ({"vocabulary": {"a": 5}}, ValueError, "the vocabulary has 1 word"),
        ({"vocabulary": {}}, ValueError, "no word is left by vocabulary, keep"),
        ({"vocabulary": {1: 5}}, TypeError, "words of vocabulary must be str, got int"),
        ({"vocabulary": {"a b": 5}}, ValueError, "must have no white space, got 'a b'"),
        (
            {"vocabulary": {"a": 1.5}},
            TypeError,
            "count of 'a' must be an int, got float",
        ),
        ({"vocabulary": {"a": -1}}, ValueError, r"must be from 0 to 2\*\*63-1, got -1"),
        ({"vocabulary": {"a": 2**62, "b": 2**62}}, ValueError, "the sum of all counts"),
        (
            {"keep": lambda word, count: False},
            ValueError,
            "no word is left by vocabula",
        ),
        (
            {"keep": lambda word, count: 1},
            TypeError,
            "keep must return True, False or N",
        ),
    ],
)
def test_wrong_rule_raises(
    rule: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        chosen(TEXT, **rule)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"vocabulary": ["a"]},
            "vocabulary must be a dict of counts by word, .* got list",
        ),
        ({"keep": True}, "keep must be a function of a word and its count, or None"),
        ({"max_final_vocab": 2.0}, "max_final_vocab must be an int >= 1 or None"),
    ],
)
def test_wrong_option_raises_at_once(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Word2Vec(**options)


def test_exception_of_keep_passes_unchanged() -> None:
    """P7."""
    error = KeyError("mine")

    def keep(word: str, count: int) -> bool:
        raise error

    with pytest.raises(KeyError) as caught:
        chosen(TEXT, keep=keep)
    assert caught.value is error


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a vocabulary file: it is an empty file"),
        (b"a 5\nb\n", "v:2: expected a word and its count, got b'b"),
        (b"a 5\nb -1\n", "v:2: expected a word and its count"),
        (b"a 5 7\n", "v:1: expected a word and its count"),
        (b"a 5\na 6\n", "v:2: duplicate word 'a'"),
        (b"\xe9t 5\n", "v:1: invalid UTF-8"),
        (b"\x1f\x8b\x08\x00", "v: gzip data is damaged or cut short"),
    ],
)
def test_wrong_vocabulary_file_raises(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        chosen(TEXT, vocabulary=tmp_path / "v")


def test_command_saves_and_takes_a_vocabulary(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.txt")
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    saved = str(tmp_path / "vocabulary")
    assert cli.main(train(corpus, first, "--save-vocabulary", saved)) == 0
    assert cli.main(train(corpus, second, "--vocabulary", saved)) == 0
    assert first.read_bytes() == second.read_bytes()
    command = train(corpus, second, "--max-final-vocab", "20")
    assert cli.main(command) == 0
    assert len(second.read_text(encoding="utf-8").splitlines()) <= 21


# Weights ------------------------------------------------------------------------------

SMALL: dict[str, Any] = {"vector_size": 5, "min_count": 2, "sample": 0, "workers": 1}


class WeightedReference(reference.Trainer):
    """The specification: the learning rate of a centre times its sentence's weight."""

    weights: np.ndarray  # one for each token

    def learning_rate(self, epoch: int, position: int) -> float:
        rate = super().learning_rate(epoch, position)
        return float(np.float32(rate) * self.weights[position])


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_weighted_training_equals_the_specification(
    small_sentences: list[list[str]], architecture: str, loss: str
) -> None:
    rng = np.random.default_rng(3)
    text = [[], *small_sentences, ["rare"], []]
    weights = rng.choice([0, 0.5, 1, 3], len(text))
    options = {"architecture": architecture, "loss": loss, "epochs": 1, "seed": 7}
    model = Word2Vec(**SMALL | options).fit(Corpus(text, weights=weights))
    words = set(model.wv.words)
    kept = [[word for word in sentence if word in words] for sentence in text]
    by_token = [w for s, w in zip(kept, weights, strict=True) for _ in s]
    config = reference.Config(
        **{k: v for k, v in (SMALL | options).items() if k != "min_count"},
        **{"window": 5, "negative": 5, "negative_sharing": "window"},
        **{"ns_exponent": 0.75, "min_alpha": 1e-4},
        alpha=0.05 if architecture == "cbow" else 0.025,
    )
    trainer = WeightedReference(*reference.encode([s for s in kept if s]), config)
    trainer.weights = np.array(by_token, dtype=np.float32)
    trainer.run_epoch(0)
    np.testing.assert_allclose(model.vectors_, trainer.input, atol=2e-6)


@pytest.mark.parametrize("as_ids", [False, True])
def test_weights_of_one_change_nothing_and_of_zero_train_nothing(as_ids: bool) -> None:
    walks = np.random.default_rng(1).integers(0, 9, (40, 7))

    def fitted(weight: float) -> np.ndarray:
        weights = np.full(40, weight)
        if as_ids:
            corpus = Corpus(walks, weights=weights)
        else:
            corpus = Corpus(walks.astype(str).tolist(), weights=weights)
        return Word2Vec(**SMALL).fit(corpus).vectors_

    plain = Word2Vec(**SMALL).fit(walks).vectors_
    np.testing.assert_array_equal(fitted(1), plain)
    np.testing.assert_array_equal(fitted(0), reference.initial_input(1, len(plain), 5))


def test_weights_stay_with_their_sentences_when_words_go() -> None:
    text = [["a", "b"], [], ["rare"], ["b", "a"]]
    corpus = Corpus(text, weights=[1, 2, 3, 4])
    assert corpus.encoded.sentence_weights.tolist() == [1, 3, 4]
    rule = VocabularyRule(min_count=2)
    _, _, encoded = read_corpus(corpus, rule=rule, workers=1, errors="strict")
    assert encoded.sentence_weights.tolist() == [1, 4]
    ids = Corpus.from_ids([5, 6, 7, 5], [0, 0, 2, 2, 4], weights=[9, 1, 9, 2])
    assert ids.encoded.sentence_weights.tolist() == [1, 2]
    joined = Phrases(TEXT, min_count=1, threshold=0).transform(corpus)
    assert joined.encoded.sentence_weights.tolist() == [1, 3, 4]


@pytest.mark.parametrize(
    ("source", "weights", "error", "message"),
    [
        (
            [["a"]],
            [1, 2],
            ValueError,
            "weights must be 1, one for each sentence, got 2",
        ),
        ([["a"]], [-1], ValueError, r"weight 0 must be finite and >= 0, got -1"),
        ([["a"]] * 2, [1, np.nan], ValueError, "weight 1 must be finite .*, got nan"),
        (
            [["a"]],
            [1e300],
            ValueError,
            r"weight 0 must be finite and >= 0, got 1e\+300",
        ),
        ([["a"]], ["x"], TypeError, "weights must be an array of numbers"),
        ([["a"]], 1.0, TypeError, "weights must be an array of numbers with 1 dim"),
        (
            {"a": 1},
            [1],
            TypeError,
            "corpus must be a path, an open file or .* got dict",
        ),
    ],
)
def test_wrong_weights_raise(
    source: Any, weights: Any, error: type[Exception], message: str
) -> None:
    """N5."""
    with pytest.raises(error, match=message):
        Corpus(source, weights=weights)


LINES_WITH_GAPS = b"\xef\xbb\xbfa b\n\n \t\x0b\r\na\r\nb a\n\x0c\n\nb"
"""Lines with and without words; the last one has no line feed."""
WEIGHTS = [1.0, 9, 9, 2, 3, 9, 9, 4]


def weights_of(source: Any, weights: Any = WEIGHTS) -> list[float]:
    """The weights of the sentences that have words."""
    return Corpus(source, weights=weights).encoded.sentence_weights.tolist()


def test_each_line_of_a_file_has_a_weight(tmp_path: Path) -> None:
    """Lines without words too, as Python and `wc -l` count them."""
    path = tmp_path / "corpus.txt"
    path.write_bytes(LINES_WITH_GAPS)
    assert weights_of(path) == [1, 2, 3, 4]
    with path.open("rb") as file:
        assert weights_of(file) == [1, 2, 3, 4]
    packed = tmp_path / "corpus.txt.gz"
    packed.write_bytes(gzip.compress(LINES_WITH_GAPS))
    assert weights_of(packed) == [1, 2, 3, 4]
    assert weights_of([path, packed], 2 * WEIGHTS) == 2 * [1, 2, 3, 4]


@settings(deadline=None)
@given(st.text("ab \t\r\n", max_size=60).filter(str.strip), st.integers(1, 70))
def test_weights_stay_with_lines_however_blocks_are_cut(text: str, size: int) -> None:
    class Slow:
        def __init__(self) -> None:
            self.rest = text.encode()

        def read(self, _: int = -1) -> bytes:
            block, self.rest = self.rest[:size], self.rest[size:]
            return block

    lines = text.removesuffix("\n").split("\n")
    expected = [float(i) for i, line in enumerate(lines) if line.strip()]
    assert weights_of(Slow(), np.arange(len(lines))) == expected


def test_each_row_of_a_column_has_a_weight() -> None:
    pa = pytest.importorskip("pyarrow")
    lists = pa.chunked_array([[["a", "b"], [], ["a"]], [["b"], []]])
    assert weights_of(lists, [1, 9, 2, 3, 9]) == [1, 2, 3]
    text = pa.chunked_array([["a b", " \t", ""], ["b"]])
    assert weights_of(text, [1, 9, 9, 2]) == [1, 2]


def test_each_item_of_a_generator_has_a_weight() -> None:
    parts = ([], ["a", "b"], (), np.array(["b"]), [])
    assert weights_of(iter(parts), [9, 1, 9, 2, 9]) == [1, 2]


def test_weights_of_many_sentences_stay_with_them() -> None:
    """More tokens than the builder collects at once, with gaps everywhere."""
    text = [["a"] * (i % 3 * 100) for i in range(12_000)]
    weights = np.arange(len(text))
    kept = [w for w, sentence in zip(weights.tolist(), text, strict=True) if sentence]
    assert weights_of(text, weights) == kept


def test_corpus_gets_weights_once() -> None:
    plain = Corpus([["a", "b"], [], ["b"]])
    weighted = Corpus(plain, weights=[1, 2])
    assert weighted.encoded.sentence_weights.tolist() == [1, 2]
    assert plain.encoded.sentence_weights.tolist() == []
    assert list(weighted) == list(plain)
    assert Corpus(weighted).encoded.sentence_weights.tolist() == [1, 2]
    with pytest.raises(ValueError, match="this Corpus have weights already"):
        Corpus(weighted, weights=[1, 2])


@pytest.mark.parametrize("source", ["list", "file", "array", "corpus"])
@pytest.mark.parametrize("rule", [{"min_count": 2}, {"max_final_vocab": 7}])
def test_sample_weight_is_the_weights_of_a_corpus(
    source: str, rule: dict[str, Any], tmp_path: Path
) -> None:
    walks = np.random.default_rng(1).integers(0, 9, (40, 7))
    walks[7, 0] = 1000  # a rare word
    corpus: Any = walks
    if source == "list":
        corpus = walks.astype(str).tolist()
    elif source == "corpus":
        corpus = Corpus(walks)
    elif source == "file":
        corpus = tmp_path / "walks.txt"
        np.savetxt(corpus, walks, "%d")
    weights = np.linspace(0, 2, 40)
    options = {**SMALL, **rule}
    first = Word2Vec(**options).fit(corpus, sample_weight=weights)
    second = Word2Vec(**options).fit(Corpus(corpus, weights=weights))
    assert first.wv.words == second.wv.words
    np.testing.assert_array_equal(first.vectors_, second.vectors_)
    without = Word2Vec(**options).fit(corpus)
    assert first.wv.counts.tolist() == without.wv.counts.tolist()
    assert not np.array_equal(first.vectors_, without.vectors_)
    ones = Word2Vec(**options).fit(corpus, sample_weight=[1] * 40)
    np.testing.assert_array_equal(ones.vectors_, without.vectors_)


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_weight_of_two_is_the_sentence_twice_to_first_order(architecture: str) -> None:
    """With a rate so small that what was learned before changes nothing."""
    text = [["a", "b", "c", "d"], ["c", "d", "e"]] * 20
    options = SMALL | {"alpha": 1e-5, "min_alpha": 0, "architecture": architecture}
    start = reference.initial_input(1, 5, 5)
    plain = Word2Vec(**options, epochs=1).fit(text)
    double = Word2Vec(**options, epochs=1).fit(text, sample_weight=[2] * len(text))
    for name in ("vectors_", "output_vectors_"):
        begin = start if name == "vectors_" else np.zeros_like(start)
        one, two = getattr(plain, name) - begin, getattr(double, name) - begin
        scale = np.abs(one).max()
        assert np.abs(two - 2 * one).max() < 0.05 * scale + 1e-7


def test_partial_fit_takes_weights() -> None:
    text = [["a", "b", "c"]] * 30
    first, second = (Word2Vec(**SMALL).partial_fit(text) for _ in range(2))
    first.partial_fit(text, sample_weight=np.zeros(30))
    second.partial_fit(Corpus(text, weights=np.zeros(30)))
    np.testing.assert_array_equal(first.vectors_, second.vectors_)
    unchanged = Word2Vec(**SMALL).partial_fit(text)
    np.testing.assert_array_equal(first.vectors_, unchanged.vectors_)


@pytest.mark.parametrize(
    ("source", "n_weights", "message"),
    [
        ([["a", "b"]] * 3, 2, "weights must be 3, one for each sentence, got 2"),
        ([["a", "b"], []], 1, "weights must be 2, one for each sentence, got 1"),
        (iter([["a", "b"]] * 3), 4, "weights must be 3, one for each sentence, got 4"),
        (np.ones((3, 2), int), 1, "weights must be 3, one for each sentence, got 1"),
        ("file", 2, "weights must be 3, one for each line, got 2"),
    ],
)
def test_wrong_number_of_weights_raises(
    source: Any, n_weights: int, message: str, tmp_path: Path
) -> None:
    """N5: expected and got."""
    if isinstance(source, str):
        source = tmp_path / "corpus.txt"
        source.write_bytes(b"a b\n\na b\n")
    model = Word2Vec(**SMALL)
    with pytest.raises(ValueError, match=message):
        model.fit(source, sample_weight=np.ones(n_weights))
    assert not hasattr(model, "wv")


def test_weights_with_a_limit_while_reading_raise() -> None:
    model = Word2Vec(**SMALL, max_vocab_size=10)
    with pytest.raises(ValueError, match="weights need max_vocab_size=None, got 10"):
        model.fit([["a", "b"]] * 3, sample_weight=[1, 1, 1])
