"""Packed files, variants of text, NumPy and projector files, vocabulary files."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgns import KeyedVectors, _core
from sgns.formats import (
    read_vectors,
    read_vocabulary,
    write_vectors,
    write_vocabulary,
)

WORDS = ["sun", "café", "東京"]
VECTORS = np.array([[0.25, -1], [3e-5, 7], [1 / 3, 0]], dtype=np.float32)
UNPACK: dict[str, Any] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}
FORMS = ("text", "binary", "npy", "tsv")


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


# Numbers: the nearest float32, ties to even


def nearest(text: str) -> np.float32:
    """The nearest float32 by exact arithmetic."""
    number = Fraction(text)
    with np.errstate(over="ignore"):
        guess = np.float32(float(number))
    infinity = np.float32(np.inf)
    near = [np.nextafter(guess, -infinity), guess, np.nextafter(guess, infinity)]
    finite = [value for value in near if np.isfinite(value)]
    even = [int(value.view(np.uint32)) & 1 for value in finite]
    far = [abs(Fraction(float(value)) - number) for value in finite]
    return finite[min(range(len(finite)), key=lambda i: (far[i], even[i]))]


def parsed(fields: list[str]) -> np.ndarray:
    values = np.empty((1, len(fields)), np.float32)
    line = " ".join(["w", *fields]).encode() + b"\n"
    words, bad, _ = _core.read_text_rows(line, 0, 1, values, "strict", 1)
    assert (words, bad) == (["w"], [])
    return values[0]


@given(
    st.from_regex(
        r"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,9})(e[+-]?[0-9])?", fullmatch=True
    )
)
@settings(max_examples=300, deadline=None)
def test_any_decimal_is_read_as_the_nearest_float(text: str) -> None:
    value = parsed([text])[0]
    assert value == nearest(text), text


@given(st.integers(1, 2**24 - 1), st.integers(-3, 3), st.integers(-20, 20))
@settings(max_examples=300, deadline=None)
def test_numbers_between_two_floats_are_read_exactly(
    odd: int, away: int, power: int
) -> None:
    """Where rounding to double first and then to float would go wrong."""
    middle = Fraction(2 * odd + 1) * Fraction(2) ** power
    digits = middle + Fraction(away, 10**30)
    text = f"{digits.numerator * 10**40 // digits.denominator:041d}"
    text = f"{text[:-40]}.{text[-40:]}"
    assert parsed([text])[0] == nearest(text)


@pytest.mark.parametrize("workers", [1, 2, 3, 9])
def test_text_does_not_depend_on_the_number_of_threads(workers: int) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((101, 7)).astype(np.float32)
    words = [b"w%d" % row for row in range(101)]
    text = _core.format_text_rows(words, vectors, -1, workers)
    assert text == _core.format_text_rows(words, vectors, -1, 1)
    text = text.replace(b"w50 ", b"w50 x ").replace(b"w77 ", b"w77 nan ")
    values = np.zeros_like(vectors)
    got, bad, ends = _core.read_text_rows(text, 0, 101, values, "strict", workers)
    assert bad == [(77, "size", 0)]
    expected = ["w50 x" if row == 50 else f"w{row}" for row in range(101) if row != 77]
    assert got == expected
    assert len(ends) == 101
    assert same_bits(values[:100], np.delete(vectors, 77, axis=0))


def test_core_takes_lines_until_there_is_no_room() -> None:
    values = np.zeros((2, 1), np.float32)
    text = b"a 1\n\nb x\nc 3\nd 4\n"
    words, bad, ends = _core.read_text_rows(text, 0, 99, values, "strict", 1)
    assert (words, bad) == (["a"], [(1, "empty line", 0), (2, "number", 1)])
    assert ends.tolist() == [4, 5, 9]
    words, bad, ends = _core.read_text_rows(text, 9, 1, values, "strict", 1)
    assert (words, ends.tolist(), values[0, 0]) == (["c"], [13], 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda v: _core.read_text_rows(b"", 1, 1, v, "strict", 1), "begin must be"),
        (lambda v: _core.read_text_rows(b"", 0, 1, v, "strict", 0), "workers must be"),
        (lambda v: _core.read_text_rows(b"", 0, 1, v[0], "strict", 1), "shape"),
        (lambda v: _core.read_binary_rows(b"", 1, True, v, "strict"), "begin must be"),
        (lambda v: _core.format_text_rows([b"a"], v, -1, 1), r"shape \(len\(words\)"),
        (lambda v: _core.format_text_rows([b"a"], v[:1], 51, 1), "decimals must be"),
        (lambda v: _core.format_text_rows([b"a"], v[:1] / 0, 1, 1), "must be finite"),
        (lambda v: _core.split_words(b"ab", np.array([1, 2]), "strict"), "from 0 to 2"),
    ],
)
def test_core_refuses_what_would_leave_its_arrays(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message), np.errstate(all="ignore"):
        call(np.zeros((2, 3), np.float32))


# Packed files


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_packed_round_trip(tmp_path: Path, form: Any, ending: str) -> None:
    if ending == ".zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"v.{form}{ending}"
    write_vectors(path, WORDS, VECTORS, format=form)
    words, vectors = read_vectors(path)
    assert words == WORDS
    assert same_bits(vectors, VECTORS)
    plain = tmp_path / f"v.{form}"
    write_vectors(plain, WORDS, VECTORS, format=form)
    if ending in UNPACK:
        assert UNPACK[ending](path.read_bytes()) == plain.read_bytes()


def test_packed_without_zstd_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    with pytest.raises(ValueError, match="pip install zstandard"):
        write_vectors(tmp_path / "v.txt.zst", WORDS, VECTORS)
    write(tmp_path / "r.txt.zst", b"\x28\xb5\x2f\xfd\0\0\0\0")
    with pytest.raises(ValueError, match="pip install zstandard"):
        read_vectors(tmp_path / "r.txt.zst")
    assert [path.name for path in tmp_path.iterdir()] == ["r.txt.zst"]


def test_packed_file_with_a_plain_name_is_read_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "v.txt", gzip.compress(b"1 1\na 1\n"))
    with pytest.warns(UserWarning, match="name and content differ: .*v.txt holds gzip"):
        assert read_vectors(path)[0] == ["a"]


def test_plain_file_with_a_packed_name_is_read_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "v.txt.gz", b"1 1\na 1\n")
    with pytest.warns(UserWarning, match="name and content differ: .* holds plain"):
        assert read_vectors(path)[0] == ["a"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("form", ["text", "binary"])
def test_packed_file_cut_or_damaged_raises(
    tmp_path: Path, form: Any, pack: Any
) -> None:
    path = tmp_path / "v.txt"
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((100, 20)).astype(np.float32)
    write_vectors(path, [f"w{i}" for i in range(100)], vectors, format=form)
    whole = pack(path.read_bytes())
    damaged = whole[:100] + b"\0\0\0\0" + whole[104:]
    for data in (whole[:-20], damaged, whole + b"junk"):
        write(path, data)
        with pytest.raises(ValueError, match="data is damaged or cut short at or befo"):
            read_vectors(path, format=form)


# Variants of text


def test_glove_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    write_vectors(path, WORDS, VECTORS, header=False)
    assert path.read_text("utf-8").splitlines()[0] == "sun 0.25 -1.0"
    words, vectors = read_vectors(path)
    assert words == WORDS
    assert same_bits(vectors, VECTORS)


def test_fasttext_vec_is_read(tmp_path: Path) -> None:
    """Five significant digits, and a space at the end of each line."""
    path = write(tmp_path / "v.vec", b"2 2\nle 0.1234 -2.5e-05 \n</s> 1 2 \n")
    words, vectors = read_vectors(path)
    assert words == ["le", "</s>"]
    assert vectors.tolist() == np.float32([[0.1234, -2.5e-5], [1, 2]]).tolist()


def test_decimals_write_as_the_original_program_does(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    write_vectors(path, ["a"], [[0.5, -1 / 3, 1e-9]], decimals=6)
    assert path.read_bytes() == b"1 3\na 0.500000 -0.333333 0.000000\n"


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"decimals": -1}, ValueError, "decimals must be an int from 0 to 50 or None"),
        ({"decimals": 51}, ValueError, "from 0 to 50 or None, got 51"),
        ({"decimals": 2.0}, TypeError, "decimals must be an int from 0 to 50"),
        ({"decimals": True}, TypeError, "decimals must be an int"),
        ({"header": "no"}, ValueError, "header must be one of True, False"),
        ({"header": False, "format": "binary"}, ValueError, "are for text, got format"),
        ({"decimals": 3, "format": "npy"}, ValueError, "are for text, got format='np"),
        ({"format": "csv"}, ValueError, "format must be one of None, 'text'"),
    ],
)
def test_write_bad_option_raises(
    tmp_path: Path, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        write_vectors(tmp_path / "v", WORDS, VECTORS, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dtype", [np.float16, "float32", float])
def test_dtype_of_the_result(tmp_path: Path, dtype: Any) -> None:
    write_vectors(tmp_path / "v.txt", WORDS, VECTORS)
    vectors = read_vectors(tmp_path / "v.txt", dtype=dtype)[1]
    assert vectors.dtype == np.dtype(dtype)
    np.testing.assert_allclose(vectors, VECTORS, rtol=1e-3, atol=1e-6)


def test_dtype_that_cannot_be_raises(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.txt", ["a"], [[1e6]])
    with pytest.raises(ValueError, match=r"dtype must be one of .* got 'int8'"):
        read_vectors(tmp_path / "v.txt", dtype="int8")
    with pytest.raises(ValueError, match=r"dtype must be one of .* got 'no'"):
        read_vectors(tmp_path / "v.txt", dtype="no")
    with pytest.raises(ValueError, match=r"v\.txt: a value is too large for float16"):
        read_vectors(tmp_path / "v.txt", dtype="float16")


@pytest.mark.parametrize("form", [*FORMS, "safetensors"])
def test_result_is_ready_for_other_programs(tmp_path: Path, form: Any) -> None:
    """What torch.from_numpy needs to share the memory without a copy or a warning."""
    path = tmp_path / f"v.{form}"
    write_vectors(path, WORDS, VECTORS, format=form)
    vectors = read_vectors(path)[1]
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert vectors.flags.writeable
    assert vectors.flags.aligned


# NumPy arrays and TensorBoard's tables, with the words beside them


def test_pairs_look_as_documented(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.npy", WORDS, VECTORS)
    write_vectors(tmp_path / "v.tsv", WORDS, VECTORS)
    assert np.load(tmp_path / "v.npy").tobytes() == VECTORS.tobytes()
    assert (tmp_path / "v.words.txt").read_text("utf-8") == "sun\ncafé\n東京\n"
    assert (tmp_path / "v.metadata.tsv").read_text("utf-8") == "sun\ncafé\n東京\n"
    lines = (tmp_path / "v.tsv").read_text().splitlines()
    assert lines == ["0.25\t-1.0", "3e-05\t7.0", "0.33333334\t0.0"]


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_npy_of_numpy_is_read(tmp_path: Path, dtype: str, version: Any) -> None:
    array = np.array([[1, 2], [0.5, -4]], dtype)
    with (tmp_path / "v.npy").open("wb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        np.lib.format.write_array(file, array, version=version)
    write(tmp_path / "v.words.txt", b"a b\r\nc\r\n")
    words, vectors = read_vectors(tmp_path / "v.npy")
    assert words == ["a b", "c"]
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[1, 2], [0.5, -4]]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((2, 3), "i4"), "expected an array of floats of shape"),
        (np.ones((2, 3), object), "expected an array of floats of shape"),
        (np.ones(3, "f4"), "expected an array of floats of shape"),
        (np.ones((3, 2), "f4").T, "in C order, got .*True"),
        (np.ones((0, 3), "f4"), r"expected at least 1 row .* got shape \(0, 3\)"),
        (np.ones((2, 0), "f4"), r"expected at least 1 row .* got shape \(2, 0\)"),
        (np.ones((3, 2), "f4"), r"v.npy has 3 rows, but .*v.words.txt has 2 words"),
        (np.array([[1, 2], [3, np.inf]], "f4"), "row 2: value 2 of 'b' is inf"),
        (np.array([[1, 2], [3, 1e300]], "f8"), "row 2: value 2 of 'b' is inf"),
    ],
)
def test_npy_that_holds_no_vectors_raises(
    tmp_path: Path, array: np.ndarray, message: str
) -> None:
    np.save(tmp_path / "v.npy", array)
    write(tmp_path / "v.words.txt", b"a\nb\n")
    with pytest.raises(ValueError, match=message):
        read_vectors(tmp_path / "v.npy")


def test_npy_damaged_at_every_byte_raises_or_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    write_vectors(path, WORDS, VECTORS)
    whole = path.read_bytes()
    for length in range(6, len(whole)):
        write(path, whole[:length])
        with pytest.raises(ValueError, match=r"v\.npy"):
            read_vectors(path, format="npy")
    for place in range(128):
        write(path, whole[:place] + b"9" + whole[place + 1 :])
        try:
            vectors = read_vectors(path, format="npy")[1]
        except ValueError as error:
            assert "v.npy" in str(error)  # noqa: PT017
        else:
            assert vectors.shape == (3, 2)
    write(path, whole + b"\0")
    with pytest.raises(ValueError, match="bytes follow behind the array"):
        read_vectors(path)


@pytest.mark.parametrize(
    ("values", "metadata", "message"),
    [
        (b"1\t2\n3\t4\n", b"a\n", "v.tsv has at least 2 rows, but .* has 1 words"),
        (b"1\t2\n", b"a\nb\n", "v.tsv has 1 rows, but .*metadata.tsv has 2 words"),
        (b"1\t2\n3\n", b"a\nb\n", "row 2: row of 'row' has 1 values, expected 2"),
        (b"1\tx\n", b"a\n", "row 1: value 2 of 'row' is 'x', expected a number"),
        (b"1\tnan\n", b"a\n", "row 1: value 2 of 'row' is nan, expected a finite"),
        (b"1\n2\n", b"a\na\n", r"row 2: duplicate word 'a' \(already in row 1\)"),
        (b"1\n2\n", b"a\n\n", "metadata.tsv: word 2 is empty"),
        (b"1\n", b"\xff\n", r"row 1: invalid UTF-8 in the word b'\\xff'"),
    ],
)
def test_tsv_that_holds_no_vectors_raises(
    tmp_path: Path, values: bytes, metadata: bytes, message: str
) -> None:
    write(tmp_path / "v.tsv", values)
    write(tmp_path / "v.metadata.tsv", metadata)
    with pytest.raises(ValueError, match=message):
        read_vectors(tmp_path / "v.tsv")


def test_tsv_with_columns_has_a_head(tmp_path: Path) -> None:
    write(tmp_path / "v.tsv", b"1\t2\n3\t4\n")
    write(tmp_path / "v.metadata.tsv", b"word\tcount\nnew york\t5\nb\t3\n")
    words, vectors = read_vectors(tmp_path / "v.tsv")
    assert words == ["new york", "b"]
    assert vectors.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("form", ["npy", "tsv"])
def test_pairs_limit_and_skip(tmp_path: Path, form: Any) -> None:
    path = tmp_path / f"v.{form}"
    write_vectors(path, WORDS, VECTORS)
    words, vectors = read_vectors(path, limit=2)
    assert words == WORDS[:2]
    assert same_bits(vectors, VECTORS[:2])
    other = "words.txt" if form == "npy" else "metadata.tsv"
    write(tmp_path / f"v.{other}", b"a\na\nb\n")
    with pytest.warns(UserWarning, match="left out 1 bad rows"):
        words, vectors = read_vectors(path, on_bad_row="skip")
    assert words == ["a", "b"]
    assert same_bits(vectors, VECTORS[[0, 2]])


@pytest.mark.parametrize("form", ["npy", "tsv"])
def test_pairs_without_their_words_raise(tmp_path: Path, form: Any) -> None:
    write_vectors(tmp_path / f"v.{form}", WORDS, VECTORS)
    names = [path for path in tmp_path.iterdir() if path.name != f"v.{form}"]
    names[0].unlink()
    with pytest.raises(FileNotFoundError) as caught:
        read_vectors(tmp_path / f"v.{form}")
    assert caught.value.filename == str(names[0])


# Vocabulary files


def test_vocabulary_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt"
    write_vocabulary(path, WORDS, [9, 5, 2**63 - 1])
    words, counts = read_vocabulary(path)
    assert words == WORDS
    assert counts.tolist() == [9, 5, 2**63 - 1]
    assert counts.dtype == np.int64


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a vocabulary file: it is an empty file"),
        (b"a 1\nb\n", r"v.txt:2: expected a word and its count, got b'b\\n'"),
        (b"a 1.5\n", "v.txt:1: expected a word and its count"),
        (b"a -1\n", "v.txt:1: expected a word and its count"),
        (b"a 9223372036854775808\n", "v.txt:1: expected a word and its count"),
        (b"a 1\n\nb 2\n", "v.txt:2: expected a word and its count"),
        (b"a 1\nb 2\na 3\n", r"v.txt:3: duplicate word 'a' \(already in line 1\)"),
        (b"\xff 1\n", r"v.txt:1: invalid UTF-8 in b'\\xff'"),
    ],
)
def test_vocabulary_bad_line_raises(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_vocabulary(write(tmp_path / "v.txt", content))


@pytest.mark.parametrize("errors", ["replace", "surrogateescape"])
def test_vocabulary_errors(tmp_path: Path, errors: str) -> None:
    path = write(tmp_path / "v.txt", b"\xff 1\r\n")
    word = b"\xff".decode("utf-8", errors)
    assert read_vocabulary(path, errors=errors)[0] == [word]


def test_counts_come_from_the_vocabulary_file(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.txt", ["a", "b"], [[1], [2]])
    write(tmp_path / "vocabulary.txt", b"b 3\na 9\nc 1\n")
    wv = KeyedVectors.load(tmp_path / "v.txt", fvocab=tmp_path / "vocabulary.txt")
    assert wv.counts is not None
    assert wv.counts.tolist() == [9, 3]
    write(tmp_path / "vocabulary.txt", b"b 3\n")
    with pytest.raises(ValueError, match="has no count for 1 of 2 words: 'a'"):
        KeyedVectors.load(tmp_path / "v.txt", fvocab=tmp_path / "vocabulary.txt")


@given(data=st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
@pytest.mark.parametrize("form", ["npy", "tsv", "safetensors", "vocabulary"])
def test_any_bytes_are_read_or_refused(
    form: Any, data: bytes, tmp_path_factory: Any
) -> None:
    """P1: whatever the file holds."""
    base = tmp_path_factory.getbasetemp()
    path = write(base / f"any.{form}", data)
    write(base / "any.words.txt", b"a\nb\n")
    write(base / "any.metadata.tsv", data[::-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            if form == "vocabulary":
                read_vocabulary(path)
            else:
                read_vectors(path, format=form)
        except ValueError as error:
            assert str(base) in str(error)  # noqa: PT017
