"""Every way to hand over a corpus, and what is said about bad ones."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import pickle
import random
import sys
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sgns._vocabulary import VocabularyRule
from sgns.corpus import read_corpus

TEXT = "the cat sat\nthe dog sat on the mat\n\nthe café\n"
SENTENCES = [line.split() for line in TEXT.split("\n")]

Packer = Callable[[bytes], bytes]
PACKERS: dict[str, Packer] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def read(corpus: Any, **options: Any) -> tuple[list[str], list[int], list[list[str]]]:
    """Give words, counts and the sentences decoded again."""
    arguments: dict[str, Any] = {"workers": 2, "errors": "strict"}
    names = ("min_count", "max_final_vocab", "keep", "vocabulary")
    rule = VocabularyRule(**{n: options.pop(n) for n in names if n in options})
    words, counts, encoded = read_corpus(corpus, rule=rule, **(arguments | options))
    assert counts.dtype == np.int64
    starts = [0, *encoded.sentence_ends]
    sentences = [
        [words[i] for i in encoded.ids[begin:end]] for begin, end in pairwise(starts)
    ]
    return words, counts.tolist(), sentences


EXPECTED = read(SENTENCES)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


class Again:
    """Sentences whose iteration starts again each time."""

    def __iter__(self) -> Iterator[list[str]]:
        return iter(SENTENCES)


class Indexed:
    """Sentences by number only: the old protocol of iteration."""

    def __getitem__(self, i: int) -> list[str]:
        return SENTENCES[i]


class Shrinking:
    """Sentences, the first of which others shorten while it is read."""

    def __init__(self) -> None:
        self.has_ended = threading.Event()
        self.sentence = ["a"] * 5_000_000

    def shorten(self) -> None:
        while not self.has_ended.wait(0.001):
            del self.sentence[-1:]

    def __iter__(self) -> Iterator[list[str]]:
        yield ["b"]
        yield self.sentence


def test_sentence_that_another_thread_shortens_is_read_to_its_end() -> None:
    """P1: other threads get their turn within a sentence too."""
    corpus = Shrinking()
    thread = threading.Thread(target=corpus.shorten)
    thread.start()
    try:
        _, counts, _ = read(corpus)
    finally:
        corpus.has_ended.set()
        thread.join()
    assert 1 < counts[0] < 5_000_000


def test_list_gives_words_counts_and_sentences() -> None:
    words, counts, sentences = EXPECTED
    assert words == ["the", "sat", "café", "cat", "dog", "mat", "on"]
    assert counts == [4, 2, 1, 1, 1, 1, 1]
    assert sentences == [sentence for sentence in SENTENCES if sentence]


@pytest.mark.parametrize(
    "corpus",
    [
        (sentence for sentence in SENTENCES),
        iter(SENTENCES),
        tuple(tuple(sentence) for sentence in SENTENCES),
        Again(),
        Indexed(),
        io.StringIO(TEXT),
        io.BytesIO(TEXT.encode()),
        io.BytesIO(gzip.compress(TEXT.encode())),
    ],
    ids=lambda corpus: type(corpus).__name__,
)
def test_iterables_and_open_files_equal_the_list(corpus: Any) -> None:
    """C15, C16: also what can be read only once."""
    assert read(corpus) == EXPECTED


@pytest.mark.parametrize("as_type", [str, Path])
def test_path_equals_the_list(tmp_path: Path, as_type: Callable[[Path], Any]) -> None:
    path = written(tmp_path / "my corpus.txt", TEXT.encode())
    assert read(as_type(path)) == EXPECTED


def test_str_with_spaces_may_name_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C18."""
    written(tmp_path / "hello world", TEXT.encode())
    monkeypatch.chdir(tmp_path)
    assert read("hello world") == EXPECTED


def test_open_text_and_binary_file_equal_the_list(tmp_path: Path) -> None:
    path = written(tmp_path / "corpus.txt", TEXT.encode())
    with path.open(encoding="utf-8") as text, path.open("rb") as binary:
        assert read(text) == EXPECTED
        assert read(binary) == EXPECTED


def test_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """C15."""
    stdin = io.TextIOWrapper(io.BytesIO(TEXT.encode()), encoding="latin-1")
    monkeypatch.setattr(sys, "stdin", stdin)
    assert read("-") == EXPECTED


def test_file_object_with_short_reads_equals_the_list() -> None:
    class Trickle(io.RawIOBase):
        data = TEXT.encode()

        def read(self, size: int = -1) -> bytes:
            piece, self.data = self.data[:1], self.data[1:]
            return piece

    assert read(Trickle()) == EXPECTED


def test_directory_reads_its_files_in_sorted_order(tmp_path: Path) -> None:
    """C2: files of one directory, no sentence over their borders."""
    lines = TEXT.splitlines()
    written(tmp_path / "b.txt", lines[1].encode())
    written(tmp_path / "c.txt", lines[3].encode())
    written(tmp_path / "a.txt", lines[0].encode())
    (tmp_path / "folder").mkdir()
    assert read(tmp_path) == EXPECTED


def test_directory_without_file_raises(tmp_path: Path) -> None:
    """C2."""
    folder = tmp_path / "corpus"
    (folder / "inner").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"corpus/ has no file$"):
        read(str(folder))


def test_pipe_is_read_once(tmp_path: Path) -> None:
    """C15."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(TEXT.encode(),))
    writer.start()
    try:
        assert read(path) == EXPECTED
    finally:
        writer.join()


@pytest.mark.parametrize("suffix", PACKERS)
def test_compressed_file_equals_the_list(tmp_path: Path, suffix: str) -> None:
    """C13: several members one after the other are one text."""
    half = len(TEXT) // 2
    parts = [TEXT[:half].encode(), TEXT[half:].encode()]
    packed = b"".join(PACKERS[suffix](part) for part in parts)
    assert read(written(tmp_path / ("corpus" + suffix), packed)) == EXPECTED


@pytest.mark.parametrize("suffix", PACKERS)
def test_damaged_compressed_file_raises_with_its_position(
    tmp_path: Path, suffix: str
) -> None:
    """C13: cut at any byte; only ValueError comes out."""
    rng = random.Random(1)
    packed = PACKERS[suffix](bytes(rng.choices(b"abcdefg \n", k=2000)))
    path = tmp_path / ("corpus" + suffix)
    for size in range(12, len(packed), max(1, len(packed) // 50)):
        written(path, packed[:size])
        with pytest.raises(ValueError, match=r"damaged or cut short .* byte \d"):
            read(path)


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("junk", [b"B", b"junk", b"\xfd7zXZ", b"more text\n" * 50_000])
def test_bytes_behind_compressed_data_raise(
    tmp_path: Path, suffix: str, junk: bytes
) -> None:
    """C13: what could not be unpacked is never taken for the end; zeros are."""
    packed = PACKERS[suffix](TEXT.encode())
    path = written(tmp_path / ("corpus" + suffix), packed + bytes(512))
    assert read(path) == EXPECTED
    with pytest.raises(ValueError, match=r"damaged or cut short .* byte \d"):
        read(written(path, packed + junk))


@pytest.mark.parametrize("suffix", PACKERS)
def test_changed_compressed_file_raises_or_reads(tmp_path: Path, suffix: str) -> None:
    """C13: no exception of the decompressor escapes."""
    rng = random.Random(2)
    packed = PACKERS[suffix](bytes(rng.choices(b"abcdefg \n", k=500)))
    path = tmp_path / ("corpus" + suffix)
    for i in range(0, len(packed), 3):
        changed = bytearray(packed)
        changed[i] ^= rng.randrange(1, 256)
        written(path, bytes(changed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            with contextlib.suppress(ValueError):
                read(path, errors="replace")


def test_small_file_that_unpacks_to_much_is_streamed(tmp_path: Path) -> None:
    """C14: 16 MB of text out of 16 kB."""
    packed = gzip.compress(b"a b\n" * (4 << 20))
    _, counts, _ = read_corpus(
        written(tmp_path / "corpus.gz", packed),
        rule=VocabularyRule(),
        workers=1,
        errors="strict",
    )[:3]
    assert counts.tolist() == [4 << 20, 4 << 20]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("corpus.gz", TEXT.encode(), r"corpus\.gz holds plain text$"),
        ("corpus.txt", gzip.compress(TEXT.encode()), r"corpus\.txt holds gzip$"),
        ("corpus.xz", bz2.compress(TEXT.encode()), r"corpus\.xz holds bz2$"),
    ],
)
def test_name_and_content_that_differ_warn(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    """C13."""
    with pytest.warns(UserWarning, match=r"name and content differ: .*" + message):
        assert read(written(tmp_path / name, data)) == EXPECTED


def test_many_names_that_differ_warn_once(tmp_path: Path) -> None:
    """C13: one warning with a count."""
    for i in range(3):
        written(tmp_path / f"{i}.gz", TEXT.encode())
    with pytest.warns(UserWarning, match=r"\(and 2 more\)$") as caught:
        read(tmp_path)
    assert len(caught) == 1


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("corpus.txt", TEXT)
    return buffer.getvalue()


def npy_bytes() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("zip", zip_bytes()),
        ("npy", npy_bytes()),
        ("pickle", pickle.dumps(SENTENCES)),
        ("parquet", b"PAR1\x15\x04\x15"),
        ("safetensors", b"\x20" + b"\0" * 7 + b'{"__metadata__":{}}'),
    ],
)
def test_other_format_raises_with_its_name(
    tmp_path: Path, kind: str, data: bytes
) -> None:
    """C13."""
    with pytest.raises(ValueError, match=f"a text is expected, got a {kind} file"):
        read(written(tmp_path / "corpus.txt", data))


def test_text_that_starts_like_a_format_is_text() -> None:
    words, _, _ = read(io.BytesIO(b"PAR1 BZh9 PK"))
    assert words == ["BZh9", "PAR1", "PK"]


def test_zstd_without_a_decompressor_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """C13."""
    monkeypatch.setitem(sys.modules, "compression", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(ValueError, match="pip install zstandard"):
        read(io.BytesIO(b"\x28\xb5\x2f\xfd" + b"\0" * 20))


def test_zstd_file_equals_the_list(tmp_path: Path) -> None:
    """C13."""
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.ZstdCompressor().compress(TEXT.encode())
    assert read(written(tmp_path / "corpus.zst", packed)) == EXPECTED
    with pytest.raises(ValueError, match="zstd data is damaged or cut short"):
        read(written(tmp_path / "corpus.zst", packed[:-3]))


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n \f"])
def test_file_without_word_raises(tmp_path: Path, data: bytes) -> None:
    """C3."""
    path = written(tmp_path / "corpus.txt", data)
    message = r"^corpus has no word: read 0 sentences from .*corpus\.txt$"
    with pytest.raises(ValueError, match=message):
        read(path)


@pytest.mark.parametrize("corpus", [[], [[], []], ()])
def test_iterable_without_word_raises(corpus: Any) -> None:
    """C3."""
    message = "^corpus has no word: read 0 sentences from the iterable$"
    with pytest.raises(ValueError, match=message):
        read(corpus)


def test_exhausted_generator_raises() -> None:
    """C16."""
    generator = (sentence for sentence in SENTENCES)
    read(generator)
    message = "read 0 sentences from the iterator, which may have been used up before"
    with pytest.raises(ValueError, match=message):
        read(generator)


def test_min_count_above_all_counts_raises() -> None:
    """C4."""
    message = r"^no word occurs at least 5 times \(highest count: 4\)$"
    with pytest.raises(ValueError, match=message):
        read(SENTENCES, min_count=5)


def test_vocabulary_of_one_word_raises() -> None:
    """C5."""
    message = r"^the vocabulary has 1 word \('a'\); training needs at least 2$"
    with pytest.raises(ValueError, match=message):
        read([["a", "a"], ["a"]])


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ("hello world", r"sentence 0 must .* the str 'hello world'; use text\.split"),
        (TEXT, r"sentence 0 must be a list of words, got the str .*use text\.split"),
        ("", r"sentence 0 must be a list of words, got the str ''"),
        (b"hello world", "sentence 0 must be a list of words, got the bytes b'hello"),
        (["hello world"], r"sentence 0 must .* the str 'hello world'; use text\.split"),
        ([["a"], "b c"], r"sentence 1 must be a list of words, got the str 'b c'; use"),
        ([["a"], Path("b")], "sentence 1 must be a list of words, got PosixPath"),
        (read, "corpus must be .* got function; call it and pass what it returns"),
        ([["a", "b"], {"a": 1}], "sentence 1 must be a list of words, got dict"),
        ([["a", float("nan")]], r"sentence 0, token 1 must be str, got float \(nan\)"),
        ({"a": ["b"]}, "corpus must be a path, an open file or an .* got dict"),
        ({("a", "b")}, "corpus must be a path, .* got set"),
        (None, "corpus must be .* got NoneType"),
        (7, "corpus must be .* got int"),
    ],
)
def test_wrong_corpus_raises_type_error(corpus: Any, message: str) -> None:
    """C18, C19, C20."""
    with pytest.raises(TypeError, match="^" + message):
        read(corpus)


@pytest.mark.parametrize("name", ["missing.txt", "a folder/corpus", "my missing.txt"])
def test_missing_file_raises(name: str) -> None:
    """C1."""
    with pytest.raises(FileNotFoundError) as caught:
        read(name)
    assert caught.value.filename == name


def test_token_with_lone_surrogate_raises() -> None:
    """C22."""
    with pytest.raises(ValueError, match="sentence 0, token 1 holds a lone surrogate"):
        read([["a", "\udce9"]])


def test_open_text_file_with_lone_surrogate_raises() -> None:
    """C22."""
    with pytest.raises(ValueError, match=r"<stream>: lone surrogate '\\udce9'"):
        read(io.StringIO("a \udce9"))


@pytest.mark.parametrize(
    ("errors", "words"),
    [("replace", ["b", "caf\ufffd"]), ("surrogateescape", ["b", "caf\udce9"])],
)
def test_invalid_bytes_follow_errors(
    tmp_path: Path, errors: str, words: list[str]
) -> None:
    """C7: from a file, a stream and, when decoded, a text file."""
    path = written(tmp_path / "corpus.txt", b"caf\xe9 b b")
    assert read(path, errors=errors)[0] == words
    with path.open("rb") as file:
        assert read(file, errors=errors)[0] == words
    with path.open(encoding="utf-8", errors=errors) as file:
        assert read(file, errors=errors)[0] == words


def test_invalid_utf8_raises_in_a_compressed_file(tmp_path: Path) -> None:
    """C7: the position is that in the unpacked text."""
    path = written(tmp_path / "corpus.gz", gzip.compress(b"a b\nc \xe9t\n"))
    message = r"corpus\.gz: invalid UTF-8 at byte 6 \(line 2\): b'\\xe9t'"
    with pytest.raises(ValueError, match=message):
        read(path)


@pytest.mark.parametrize("error", [EOFError("mine"), OSError("mine"), ValueError("x")])
@pytest.mark.parametrize("data", [b"", gzip.compress(b"a" * 500)[:30]])
def test_exception_of_the_users_file_passes_unchanged(
    error: Exception, data: bytes
) -> None:
    """P7, F11: also below a decompressor."""

    class Broken:
        pieces = [data] if data else []

        def read(self, size: int) -> bytes:
            if not self.pieces:
                raise error
            return self.pieces.pop()

    with pytest.raises(type(error)) as caught:
        read(Broken())
    assert caught.value is error


def test_read_that_returns_no_bytes_raises() -> None:
    class Wrong:
        def read(self, size: int) -> None:
            return None

    with pytest.raises(TypeError, match=r"read\(\) must return bytes or str, got None"):
        read(Wrong())
