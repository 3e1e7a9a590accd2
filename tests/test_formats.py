"""Vector files (T1 to T15).

The files in tests/data were written by other programs: ``gensim.txt`` and
``gensim.bin`` by gensim 4.4.0 (``save_word2vec_format``, 8 words x 5, normal values,
one row of small and one of simple numbers); ``original.txt`` and ``original.bin`` by
the original C program (``-size 5 -min-count 1 -binary 0`` and ``1``, 40 lines of text).
"""

from __future__ import annotations

import gzip
import os
import pickle
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from sgns import KeyedVectors, _core
from sgns.formats import (
    read_vectors,
    read_word2vec_binary,
    read_word2vec_text,
    write_vectors,
    write_word2vec_binary,
    write_word2vec_text,
)

DATA = Path(__file__).parent / "data"
ONE = np.array([1.0], "<f4").tobytes()

words_strategy = st.lists(
    st.text(min_size=1).filter(
        lambda word: (
            len(word.encode("utf-8", "replace").split()) == 1
            and not any(c in " \t\n\r\v\f" for c in word)
            and not any("\ud800" <= c <= "\udfff" for c in word)
            and not word.startswith("\ufeff")
        )
    ),
    min_size=1,
    max_size=6,
    unique=True,
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], np.ndarray]:
    """Words and vectors of any finite float32 bits, subnormal ones too."""
    words = draw(words_strategy)
    shape = (len(words), draw(st.integers(1, 5)))
    finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
    return words, draw(st_np.arrays(np.float32, shape, elements=finite))


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectors.txt"


# Writing and reading back


@pytest.mark.parametrize("form", ["text", "binary"])
@given(table=tables())
@settings(max_examples=100, deadline=None)
def test_round_trip_any_words_and_bits(
    form: Any, table: tuple[list[str], np.ndarray], tmp_path_factory: Any
) -> None:
    """T15: words and bits come back equal."""
    path = tmp_path_factory.mktemp("trip") / "vectors"
    words, vectors = table
    write_vectors(path, words, vectors, format=form)
    read_words, read = read_vectors(path, format=form)
    assert read_words == words
    assert same_bits(read, vectors)


def written(values: np.ndarray) -> list[str]:
    """The numbers of a row as text."""
    return _core.format_text_rows([b"w"], values[None, :], -1, 1).decode().split()[1:]


@given(bits=st_np.arrays(np.uint32, 50, elements=st.integers(0, 2**32 - 1)))
@settings(max_examples=200, deadline=None)
def test_shortest_any_bits_as_numpy_writes_them(bits: np.ndarray) -> None:
    """T15: NumPy is the oracle of the digits, Python's repr of the layout."""
    values = bits.view(np.float32)
    values = np.append(values[np.isfinite(values)], np.float32(1))
    assert written(values) == [repr(float(str(value))) for value in values]


def test_shortest_negative_zero_and_limits() -> None:
    values = np.array([-0.0, 3.4028235e38, -1e-45, 1e5, 99999.99], dtype=np.float32)
    expected = ["-0.0", "3.4028235e+38", "-1e-45", "100000.0", "99999.99"]
    assert written(values) == expected


@given(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1),
    st.integers(0, 50),
)
@settings(max_examples=200, deadline=None)
def test_decimals_any_values_as_printf(values: list[float], decimals: int) -> None:
    row = np.array([values], dtype=np.float32)
    text = _core.format_text_rows([b"w"], row, decimals, 1).decode()
    assert text == "w " + " ".join(f"{value:.{decimals}f}" for value in values) + "\n"


def test_write_text_looks_as_documented(path: Path) -> None:
    write_word2vec_text(path, ["sun", "Ärger"], [[0.1, -2], [1e-9, 0]])
    assert path.read_text("utf-8") == "2 2\nsun 0.1 -2.0\nÄrger 1e-09 0.0\n"


def test_write_binary_looks_as_documented(path: Path) -> None:
    write_word2vec_binary(path, ["a", "b"], [[1], [1]])
    assert path.read_bytes() == b"2 1\na " + ONE + b"\nb " + ONE + b"\n"


def test_write_format_follows_the_ending(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.bin", ["a"], [[1]])
    write_vectors(tmp_path / "v.vec", ["a"], [[1]])
    write_vectors(tmp_path / "t.bin", ["a"], [[1]], format="text")
    assert (tmp_path / "v.bin").read_bytes() == b"1 1\na " + ONE + b"\n"
    assert (tmp_path / "v.vec").read_bytes() == b"1 1\na 1.0\n"
    assert (tmp_path / "t.bin").read_bytes() == b"1 1\na 1.0\n"


def test_write_many_rows_in_blocks(path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((3000, 60)).astype(np.float32)
    words = [f"w{row}" for row in range(3000)]
    for form in ("text", "binary"):
        write_vectors(path, words, vectors, format=form)
        read_words, read = read_vectors(path)
        assert read_words == words
        assert same_bits(read, vectors)


def test_write_escaped_bytes_come_back(path: Path) -> None:
    """T10: surrogateescape keeps the bytes of words."""
    write(path, b"1 1\n\xe9t\xff 1.0\n")
    words, vectors = read_vectors(path, errors="surrogateescape")
    write_vectors(path, words, vectors)
    assert path.read_bytes() == b"1 1\n\xe9t\xff 1.0\n"


def test_write_long_double_and_big_endian_are_converted(path: Path) -> None:
    write_word2vec_binary(path, ["a"], np.array([[1]], dtype=">f8"))
    assert path.read_bytes() == b"1 1\na " + ONE + b"\n"


@pytest.mark.parametrize("form", ["text", "binary"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "b c"], r"1 of 2 words .* white space .*: 'b c'"),
        (["a", ""], r"1 of 2 words are empty"),
        (["\n", "\t"], r"2 of 2 words .*'\\n', '\\t'"),
        (["a", "a\r"], r"white space"),
        (["a", "\ud800"], r"cannot be encoded: '\\ud800'"),
        (["a", "x" * (2**20 + 1)], r"too long"),
        ([f"{n} " for n in range(9)], r"9 of 9 .*'0 ', '1 ', '2 ', '3 ', '4 ', \.\.\."),
        (["é", "\udcc3\udca9"], r"same bytes b'\\xc3\\xa9'"),
        (["a", "a"], r"words must be different, 'a' comes twice"),
    ],
)
def test_write_bad_word_raises_before_writing(
    path: Path, form: Any, words: list[str], message: str
) -> None:
    """T14: the old file is untouched and nothing is left over."""
    write(path, b"old")
    with pytest.raises(ValueError, match=message):
        write_vectors(path, words, np.ones((len(words), 2)), format=form)
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("words", "vectors", "kind", "message"),
    [
        (["a"], [[np.nan]], ValueError, "row 0 is not"),
        (["a", "b"], [[1], [1e39]], ValueError, "row 1 is not"),
        (["a"], [1.0], ValueError, r"shape \(n_words, vector_size\), got \(1,\)"),
        (["a"], [["x"]], ValueError, "real numbers, got dtype <U1"),
        (["a"], [[1], [2]], ValueError, "got 1 words and 2 rows"),
        ([], np.ones((0, 3)), ValueError, "at least 1 word"),
        (["a"], np.ones((1, 100_001), "f4"), ValueError, "at most 100,000"),
        ([b"a"], [[1]], TypeError, "word 0 must be str, got b'a'"),
        ("a", [[1]], TypeError, "must be a sequence of str"),
    ],
)
def test_write_bad_table_raises(
    path: Path, words: Any, vectors: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        write_vectors(path, words, vectors)
    assert not path.exists()


# Files of other programs


@pytest.mark.parametrize("name", ["gensim", "original"])
def test_golden_text_and_binary_agree(name: str) -> None:
    words, vectors = read_vectors(DATA / f"{name}.txt")
    binary_words, binary = read_vectors(DATA / f"{name}.bin")
    assert words == binary_words
    digits = 0.0 if name == "gensim" else 5e-7
    np.testing.assert_allclose(vectors, binary, rtol=0, atol=digits)


def test_golden_gensim_words_and_values() -> None:
    words, vectors = read_vectors(DATA / "gensim.bin")
    assert words == ["the", "café", "東京", "</s>", "new_york", "naïve", "3.14", "a-b"]
    assert vectors[3].tolist() == np.float32([1, -1, 0.5, 100, -0.001]).tolist()


def test_golden_original_binary_is_rewritten_byte_for_byte(path: Path) -> None:
    """The writer is that of the original program."""
    write_word2vec_binary(path, *read_vectors(DATA / "original.bin"))
    assert path.read_bytes() == (DATA / "original.bin").read_bytes()


def test_golden_gensim_text_is_rewritten_byte_for_byte(path: Path) -> None:
    write_word2vec_text(path, *read_vectors(DATA / "gensim.txt"))
    assert path.read_bytes() == (DATA / "gensim.txt").read_bytes()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_what_is_written_and_reverse(path: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models")
    words = ["sun", "café", "東京", "a_b", "1.5"]
    vectors = np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)
    write_vectors(path, words, vectors, format="binary" if binary else "text")
    theirs = models.KeyedVectors.load_word2vec_format(str(path), binary=binary)
    assert theirs.index_to_key == words
    assert same_bits(theirs.vectors, vectors)
    theirs.save_word2vec_format(str(path), binary=binary)
    read_words, read = read_vectors(path)
    assert read_words == words
    assert same_bits(read, vectors)


# Reading


@pytest.mark.parametrize(
    ("content", "words", "rows"),
    [
        (b"2 2\na 1 2\nb 3 4\n", ["a", "b"], [[1, 2], [3, 4]]),
        (b"a 1 2\nb 3 4\n", ["a", "b"], [[1, 2], [3, 4]]),
        (b"2 2\r\na 1 2 \r\nb\t3\t4\r\n", ["a", "b"], [[1, 2], [3, 4]]),
        (b"\xef\xbb\xbf1 1\na 1\n", ["a"], [[1]]),
        (b"R$ 0,00 1 2\n", None, None),
        (b"2 2\nR$ 0,00 1 2\n. . 3 4\n", ["R$ 0,00", ". ."], [[1, 2], [3, 4]]),
        (b"1 3\na +1.5e1 -.5 2.\n", ["a"], [[15, -0.5, 2]]),
        (b"1 1\nnew_york 1\n", ["new_york"], [[1]]),
        (b"2 1\n10 1\n20 2\n", ["10", "20"], [[1], [2]]),
        (b"5 0.25\n7 0.5\n", ["5", "7"], [[0.25], [0.5]]),
        (b"1 1\na\xc2\xa0b 1\n", ["a\xa0b"], [[1]]),
        (b"BZh 1\nPAR1 2\n<html> 3\n", ["BZh", "PAR1", "<html>"], [[1], [2], [3]]),
    ],
)
def test_read_text_accepts(
    path: Path, content: bytes, words: list[str] | None, rows: Any
) -> None:
    """T4, T6: with and without header, words with spaces, CRLF, tabs."""
    write(path, content)
    if words is None:
        with pytest.raises(ValueError, match="expected a number"):
            read_vectors(path)
        return
    read_words, vectors = read_vectors(path)
    assert read_words == words
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert vectors.tolist() == rows


def test_read_header_false_takes_two_integers_as_a_row(path: Path) -> None:
    """T4."""
    write(path, b"10 2\n11 3\n")
    words, vectors = read_vectors(path, header=False)
    assert words == ["10", "11"]
    assert vectors.tolist() == [[2], [3]]


@pytest.mark.parametrize("newline", [b"\n", b""])
@pytest.mark.parametrize("final", [b"\n", b""])
def test_read_binary_with_and_without_line_feeds(
    path: Path, newline: bytes, final: bytes
) -> None:
    write(path, b"2 1\na " + ONE + newline + b"b " + ONE + final)
    words, vectors = read_vectors(path, format="binary")
    assert words == ["a", "b"]
    assert vectors.tolist() == [[1], [1]]


def test_read_binary_values_that_look_like_line_feeds(path: Path) -> None:
    vectors = np.frombuffer(b"\n\n\n\n    0\n 1", dtype="<f4").reshape(1, 3)
    write_vectors(path, ["a"], vectors, format="binary")
    assert same_bits(read_vectors(path, format="binary")[1], vectors)


@pytest.mark.parametrize("form", ["text", "binary"])
def test_read_limit_stops_early(path: Path, form: Any) -> None:
    write_vectors(path, ["a", "b", "c"], np.eye(3), format=form)
    write(path, path.read_bytes()[:-1] + b"garbage")
    words, vectors = read_vectors(path, limit=2)
    assert words == ["a", "b"]
    assert vectors.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_read_limit_above_the_number_of_rows(path: Path) -> None:
    write(path, b"1 1\na 1\n")
    assert read_vectors(path, limit=10)[0] == ["a"]


@pytest.mark.parametrize("form", ["text", "binary"])
def test_read_fifo(tmp_path: Path, form: Any) -> None:
    """A stream without a length is read as it comes."""
    source, pipe = tmp_path / "v", tmp_path / "pipe"
    vectors = np.random.default_rng(0).standard_normal((3000, 9)).astype(np.float32)
    words = [f"w{row}" for row in range(3000)]
    write_vectors(source, words, vectors, format=form)
    os.mkfifo(pipe)
    data = source.read_bytes()
    writer = threading.Thread(target=lambda: pipe.write_bytes(data))
    writer.start()
    read_words, read = read_vectors(pipe)
    writer.join()
    assert read_words == words
    assert same_bits(read, vectors)


BAD_TEXT = [
    # T1, T2, T3
    (
        b"1000000000000000000 100\n" + b"a 1\n" * 40,
        r"header claims 10\*\*18 x 100, at least 2\.0e20 bytes; the file has 184",
    ),
    (b"10 2\na 1 2\n", r"header says 10 rows, file has 1$"),
    (b"1 2\n", r"header says 1 rows, file has 0$"),
    (b"1 2\na 1 2\nb 3 4\n", r"vectors.txt:3: header says 1 rows, .* b'b 3 4\\n'"),
    (b"1 2\na 1 2\n\n", r"vectors.txt:3: header says 1 rows"),
    (b"1 200000\na 1 2\n", r"expected at most 100,000"),
    # T5
    (b"10\na 1\n", r"vectors.txt:1: expected a header .*got b'10\\n'"),
    (b"-5 100\na 1\n", r":1: header must be two positive integers.*b'-5 100\\n'"),
    (b"0 100\na 1\n", r"header must be.*b'0 100\\n'"),
    (b"10 0\na 1\n", r"header must be.*b'10 0\\n'"),
    (b"1e3 100\na 1\n", r"header must be.*b'1e3 100\\n'"),
    (b"+5 100\na 1\n", r"header must be.*b'\+5 100\\n'"),
    (b"1000000000000000000000 5\na 1\n", r"header must be.*"),
    # T6
    (b"2 3\na 1 2 3\nb 1 2\n", r"vectors.txt:3: row of 'b' has 2 values, expected 3"),
    (b"2 2\na 1 2\nb 1 2 3\n", r"vectors.txt:3: row of 'b' has 3 values, expected 2"),
    (b"1 2 3\na 1 2\nb 1 2 3\n", r"vectors.txt:3: row of 'b' has 3 values, expected 2"),
    (b"1 2\na\n", r"vectors.txt:2: row of 'a' has 0 values, expected 2"),
    (b"2 1\n\na 1\n", r"vectors.txt:2: the line is empty"),
    # T7
    (
        b"2 2\na 1 2\nparis 0,5 1\n",
        r"vectors.txt:3: value 1 of 'paris' is '0,5', expected a number with a "
        r"decimal point",
    ),
    (b"1 2\na 1 abc\n", r"value 2 of 'a' is 'abc'"),
    (b"1 2\na 1_0 2\n", r"value 1 of 'a' is '1_0'"),
    (b"1 2\na 1 0x10\n", r"value 2 of 'a' is '0x10'"),
    ("1 1\na ٣\n".encode(), r"value 1 of 'a' is '٣'"),
    # T8
    (b"1 2\na nan 1\n", r"vectors.txt:2: value 1 of 'a' is nan, expected a finite"),
    (b"1 2\na 1 -inf\n", r"value 2 of 'a' is -inf, expected a finite"),
    (b"1 2\na 1e400 1\n", r"value 1 of 'a' is inf, expected a finite"),
    (b"1 2\na 1e39 1\n", r"value 1 of 'a' is inf, expected a finite"),
    # T9, T10
    (
        b"2 1\nthe 1\nthe 2\n",
        r"vectors.txt:3: duplicate word 'the' \(already in row 1\)",
    ),
    (b"1 1\n 1\n", r"vectors.txt:2: the word is empty"),
    (b"1 1\n\xe9t 1\n", r"vectors.txt:2: invalid UTF-8 in the word b'\\xe9t'"),
    (b"1 1\n" + b"x" * (2**20 + 1) + b" 1\n", r"the word has more than 1,048,576"),
    (b"1 1\n" + b"x" * (2**21) + b" 1\n", r"the line is too long \(2,097,155 bytes\)"),
    (b"a" + b" 1" * 100_001 + b"\n", r"expected a header .* 1 to 100,000 values"),
]


@pytest.mark.parametrize(("content", "message"), BAD_TEXT)
def test_read_bad_text_raises(path: Path, content: bytes, message: str) -> None:
    """T1 to T10: exact messages of one line."""
    write(path, content)
    with pytest.raises(ValueError, match=message) as caught:
        read_vectors(path)
    text = str(caught.value).replace(str(path), "vectors.txt")
    assert len(text) <= 300
    assert "\n" not in text


BAD_BINARY = [
    (
        b"1000000000000000000 100\na " + ONE * 100,
        r"header claims 10\*\*18 x 100, at least 4\.0e20 bytes; the file has 426",
    ),
    (b"10 1\na " + ONE + b"\n", r"header says 10 rows, file has 1$"),
    (b"1 1\na " + ONE + b"\nb", r"header says 1 rows, but the file goes on with b'b'"),
    (b"1 1\na " + ONE + b"\n\n", r"but the file goes on with b'\\n'"),
    (b"1 3 5\na " + ONE, r"header must be two positive integers"),
    (b"1\na " + ONE, r"header must be two positive integers"),
    (b"a " + ONE, r"header must be two positive integers"),
    (
        b"17 3\na " + ONE * 3 + b"b " + ONE * 2,
        r"word 2 of 17 is cut short \(expected 12 bytes, got 8\)",
    ),
    (
        b"2 1\na " + ONE + b"\nbcd",
        r"word 2 of 2 is cut short \(no space after 3 bytes\)",
    ),
    (
        b"2 1\na " + ONE + b"a " + ONE,
        r"word 2 of 2: duplicate word 'a' \(already in row 1\)",
    ),
    (b"1 1\n " + ONE, r"word 1 of 1: the word is empty"),
    (b"1 1\n\xff " + ONE, r"word 1 of 1: invalid UTF-8 in the word b'\\xff'"),
    (b"1 1\na \0\0\x80\x7f", r"word 1 of 1: value 1 of 'a' is inf"),
    (b"1 1\na \0\0\xc0\x7f", r"word 1 of 1: value 1 of 'a' is nan"),
    (b"1 1\n" + b"x" * (2**20 + 1) + b" " + ONE, r"has more than 1,048,576 bytes"),
]


@pytest.mark.parametrize(("content", "message"), BAD_BINARY)
def test_read_bad_binary_raises(path: Path, content: bytes, message: str) -> None:
    """T1 to T11: exact messages."""
    write(path, content)
    with pytest.raises(ValueError, match=message):
        read_vectors(path, format="binary")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (
            gzip.compress(gzip.compress(b"1 1\na 1\n", mtime=0)),
            "gzip data in compressed",
        ),
        (pickle.dumps([1]), "a pickle"),
        (pickle.dumps({"a": 1}, protocol=2), "a pickle"),
        (b"PK\x03\x04abc", "a zip or npz archive"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\n<html>\n<head>", "an HTML page"),
        ("1 1\na 1\n".encode("utf-16"), "UTF-16 text"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0", "a fastText model"),
    ],
)
@pytest.mark.parametrize("form", ["text", "binary", None])
def test_read_foreign_file_names_its_kind(
    path: Path, content: bytes, what: str, form: Any
) -> None:
    """T13."""
    write(path, content)
    with pytest.raises(ValueError, match=f"is not a vector file: it is .*{what}"):
        read_vectors(path, format=form)


def test_read_directory_and_missing_file_raise(tmp_path: Path) -> None:
    """T13."""
    with pytest.raises(IsADirectoryError):
        read_vectors(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        read_vectors(tmp_path / "none.txt")
    assert caught.value.filename == str(tmp_path / "none.txt")


def test_read_wrong_format_gives_a_hint(path: Path) -> None:
    """T12."""
    vectors = np.random.default_rng(0).standard_normal((3, 20))
    write_word2vec_text(path, ["a", "b", "c"], vectors)
    with pytest.raises(ValueError, match='looks like the text format; pass format="te'):
        read_word2vec_binary(path)
    write_word2vec_binary(path, ["a", "b", "c"], vectors)
    with pytest.raises(
        ValueError, match='looks like the binary format; pass format="b'
    ):
        read_word2vec_text(path)
    with pytest.raises(ValueError, match="looks like the binary"):
        read_word2vec_text(path, on_bad_row="skip")


@pytest.mark.parametrize("seed", range(20))
def test_read_recognises_the_format_by_content(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = ["東京", "a\x01b", "x"][: seed % 3 + 1]
    vectors = rng.standard_normal((len(words), seed % 5 + 2)).astype(np.float32)
    for form in ("text", "binary"):
        write_vectors(path, words, vectors, format=form)
        read_words, read = read_vectors(path)
        assert read_words == words
        assert same_bits(read, vectors)


def test_read_printable_binary_follows_the_ending(tmp_path: Path) -> None:
    vectors = np.frombuffer(b"333?333?", dtype="<f4").reshape(1, 2)
    write_vectors(tmp_path / "v.bin", ["a"], vectors)
    assert same_bits(read_vectors(tmp_path / "v.bin")[1], vectors)


@pytest.mark.parametrize(
    ("content", "words", "n_bad", "first"),
    [
        (b"4 1\na 1\nb x\nc 1 2\nd 4\n", ["a", "d"], 2, ":3: value 1 of 'b' is 'x'"),
        (b"3 1\na 1\na 2\nb 3\n", ["a", "b"], 1, ":3: duplicate word 'a'"),
        (b"3 1\na 1\nb nan\n\n", ["a"], 2, ":3: value 1 of 'b' is nan"),
        (b"2 1\n\xff 1\nb 2\n", ["b"], 1, ":2: invalid UTF-8"),
    ],
)
def test_skip_text_leaves_bad_rows_out_and_warns_once(
    path: Path, content: bytes, words: list[str], n_bad: int, first: str
) -> None:
    """T9 and all bad rows: one UserWarning with the count and the first."""
    write(path, content)
    with pytest.warns(UserWarning, match=f"left out {n_bad} bad rows.*{first}") as got:
        read_words, vectors = read_vectors(path, on_bad_row="skip")
    assert len(got) == 1
    assert read_words == words
    assert len(vectors) == len(words)


def test_skip_binary_leaves_bad_rows_out(path: Path) -> None:
    nan = np.array([np.nan], "<f4").tobytes()
    write(path, b"3 1\na " + nan + b"b " + ONE + b"b " + ONE)
    with pytest.warns(UserWarning, match="left out 2 bad rows.*word 1 of 3"):
        words, vectors = read_vectors(path, on_bad_row="skip", format="binary")
    assert words == ["b"]
    assert vectors.tolist() == [[1]]


def test_skip_all_rows_bad_raises(path: Path) -> None:
    write(path, b"1 1\na x\n")
    with pytest.raises(ValueError, match=r"no row could be read; the first: .*'x'"):
        read_vectors(path, on_bad_row="skip")


@pytest.mark.parametrize(
    ("errors", "word"), [("replace", "\ufffdt"), ("surrogateescape", "\udce9t")]
)
def test_read_invalid_utf8_follows_errors(path: Path, errors: Any, word: str) -> None:
    """T10."""
    write(path, b"1 1\n\xe9t 1\n")
    assert read_vectors(path, errors=errors)[0] == [word]


def test_read_missing_last_line_feed_warns(path: Path) -> None:
    """T11: a cut inside the last number cannot be seen."""
    write(path, b"1 1\na 1.2")
    with pytest.warns(UserWarning, match="last line has no line feed"):
        assert read_vectors(path)[0] == ["a"]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"format": "glove"},
            ValueError,
            "format must be one of None, 'text', 'binary', 'safetensors'",
        ),
        ({"errors": "ignore"}, ValueError, "errors must be one of 'strict'"),
        (
            {"on_bad_row": "warn"},
            ValueError,
            "on_bad_row must be one of 'error', 'skip'",
        ),
        ({"header": 1}, ValueError, "header must be one of 'auto', True, False, got 1"),
        ({"limit": 0}, ValueError, "limit must be an int >= 1, got 0"),
        ({"limit": 1.5}, TypeError, "limit must be an int >= 1, got 1.5"),
        ({"limit": True}, TypeError, "limit must be an int >= 1, got True"),
    ],
)
def test_read_bad_option_raises(
    path: Path, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    write(path, b"1 1\na 1\n")
    with pytest.raises(kind, match=message):
        read_vectors(path, **options)
    native = path.with_suffix(".safetensors")
    KeyedVectors(["a"], [[1.0]]).save(native)
    with pytest.raises(kind, match=message):  # also where it would have no effect
        KeyedVectors.load(native, **options)


# Damaged files


SMALL = (["sun", "café", "東京"], np.array([[0.25, -1], [3e-5, 7], [1 / 3, 0]], "f4"))


@pytest.mark.parametrize("form", ["text", "binary"])
def test_cut_at_every_byte_raises_or_warns(path: Path, form: Any) -> None:
    """T11: no cut file is read as if it were whole."""
    write_vectors(path, *SMALL, format=form)
    whole = path.read_bytes()
    last_number = whole.rindex(b" ") + 1
    for length in range(len(whole)):
        write(path, whole[:length])
        if form == "binary" and length == len(whole) - 1:
            assert read_vectors(path, format=form)[0] == SMALL[0]
        elif form == "text" and length > last_number:
            with pytest.warns(UserWarning, match="may be cut short"):
                read_vectors(path, format=form)
        else:
            with pytest.raises(ValueError, match=r"vectors\.txt"):
                read_vectors(path, format=form)


@pytest.mark.parametrize("form", ["text", "binary", None])
@pytest.mark.parametrize("source", ["text", "binary"])
def test_every_byte_changed_gives_a_table_or_an_allowed_error(
    path: Path, form: Any, source: Any
) -> None:
    """P1: bits flipped, bytes set to 0x00, 0xFF, LF and space."""
    write_vectors(path, *SMALL, format=source)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for changed in {whole[place] ^ 1 << bit for bit in range(8)} | {0, 255, 10, 32}:
            data = bytearray(whole)
            data[place] = changed
            assert_table_or_error(write(path, bytes(data)), form)


@given(data=st.binary(max_size=200), header=st.sampled_from([b"", b"2 1\n", b"1 3\n"]))
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("form", ["text", "binary", None])
def test_any_bytes_give_a_table_or_an_allowed_error(
    tmp_path_factory: Any, data: bytes, header: bytes, form: Any
) -> None:
    """P1, P2: the message is short, and what is returned is sound."""
    path = tmp_path_factory.getbasetemp() / "any_bytes.txt"
    assert_table_or_error(write(path, header + data), form)


def assert_table_or_error(path: Path, form: Any) -> None:
    message = ""
    words, vectors = [], np.empty((0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            words, vectors = read_vectors(path, format=form)
        except ValueError as error:
            message = str(error)
    assert bool(message) != bool(words)
    assert len(message) <= 300
    assert len(words) == len(vectors) == len(set(words))
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("form", ["text", "binary"])
def test_claims_of_a_header_take_no_memory(tmp_path: Path, form: str) -> None:
    """P5: a hostile header costs less than 64 MB."""
    path = tmp_path / "hostile"
    filler = b"a " + ONE * 1000 if form == "binary" else b"a 1\n" * 1000
    write(path, b"4000 100000\n" + filler)
    code = (
        "import resource, sys\n"
        "from sgns.formats import read_vectors\n"
        "used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = used()\n"
        "try: read_vectors(sys.argv[1], format=sys.argv[2])\n"
        "except ValueError: print(used() - before)\n"
    )
    command = [sys.executable, "-c", code, str(path), form]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert int(done.stdout) < 64 * 1024
