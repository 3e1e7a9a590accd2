"""The text reader of the core: words, sentences, ids and positions of faults."""

from __future__ import annotations

import errno
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sgns import _core

Read = tuple[list[bytes], list[int], list[int], list[int]]

WORKERS = (1, 2, 7)


def plain_read(text: bytes, errors: str, min_count: int = 1) -> Read:
    """Read in the obvious way what the core reads in parallel."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    if errors == "replace":
        text = text.decode("utf-8", "replace").encode("utf-8")
    sentences = [re.split(rb"[ \t\r\v\f]+", line) for line in text.split(b"\n")]
    sentences = [[word for word in sentence if word] for sentence in sentences]
    counts = Counter(word for sentence in sentences for word in sentence)
    words = sorted(
        (word for word in counts if counts[word] >= min_count),
        key=lambda word: (-counts[word], word),
    )
    row = {word: i for i, word in enumerate(words)}
    ids: list[int] = []
    ends = [0]
    for sentence in sentences:
        ids += [row[word] for word in sentence if word in row]
        if len(ids) > ends[-1]:
            ends.append(len(ids))
    return words, [counts[word] for word in words], ids, ends[1:]


def results(builder: _core.CorpusBuilder, min_count: int = 1) -> Read:
    vocabulary, corpus = builder.finish(min_count)
    return (
        vocabulary.words(),
        vocabulary.counts.tolist(),
        corpus.ids.tolist(),
        corpus.sentence_ends.tolist(),
    )


def read_file(
    path: Path,
    errors: str = "strict",
    workers: int = 1,
    chunk_bytes: int = 1 << 22,
    min_count: int = 1,
) -> Read:
    builder = _core.CorpusBuilder(errors, workers, chunk_bytes=chunk_bytes)
    builder.add_file(str(path))
    return results(builder, min_count)


def read_stream(text: bytes, errors: str, block_bytes: int) -> Read:
    builder = _core.CorpusBuilder(errors)
    for i in range(0, len(text), block_bytes):
        builder.add_text(text[i : i + block_bytes], "stream")
    builder.end_text()
    return results(builder)


def written(folder: Path, text: bytes) -> Path:
    path = folder / "corpus.txt"
    path.write_bytes(text)
    return path


pieces = st.sampled_from(
    [
        *(b"a", b"bb", b"the", b"abcdefgh", b"abcdefghi", b"0123456789abcdef"),
        *(b"0123456789abcdefg", b"w" * 70, b" ", b" ", b"  ", b"\n", b"\n\n", b"\t"),
        *(b"\r\n", b"\v", b"\f", b"\x1f", b"\x01", "é".encode(), "東京".encode()),
        *("\u00a0".encode(), "\u2028".encode(), "🙂".encode(), b"\xef\xbb\xbf"),
    ]
)
broken_pieces = st.one_of(
    pieces,
    st.binary(max_size=4).map(lambda data: data.replace(b"\0", b"\x80")),
    st.sampled_from([b"\xe2\x82", b"\xf0\x9f\x99", b"\xed\xa0\x80", b"\xc0\xaf"]),
)


def is_text(text: bytes) -> bool:
    return not text.startswith((b"\xff\xfe", b"\xfe\xff"))


valid_texts = st.lists(pieces, max_size=60).map(b"".join)
broken_texts = st.lists(broken_pieces, max_size=60).map(b"".join).filter(is_text)
cuts = st.integers(1, 64)
folder_is_reused = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@folder_is_reused
@given(valid_texts, cuts, st.sampled_from(WORKERS), st.integers(1, 3))
def test_file_equals_plain_reader_for_any_cut(
    tmp_path: Path, text: bytes, chunk_bytes: int, workers: int, min_count: int
) -> None:
    """C7, C10, C11: any chunks and threads give each token exactly once."""
    read = read_file(written(tmp_path, text), "strict", workers, chunk_bytes, min_count)
    assert read == plain_read(text, "strict", min_count)


@folder_is_reused
@given(
    broken_texts,
    cuts,
    st.sampled_from(WORKERS),
    st.sampled_from(["replace", "surrogateescape"]),
)
def test_file_equals_plain_reader_for_invalid_bytes(
    tmp_path: Path, text: bytes, chunk_bytes: int, workers: int, errors: str
) -> None:
    """C7: the same replacements as bytes.decode, or the bytes as they are."""
    read = read_file(written(tmp_path, text), errors, workers, chunk_bytes)
    assert read == plain_read(text, errors)


@settings(deadline=None)
@given(broken_texts, cuts, st.sampled_from(["replace", "surrogateescape"]))
def test_stream_equals_plain_reader_for_any_blocks(
    text: bytes, block_bytes: int, errors: str
) -> None:
    assert read_stream(text, errors, block_bytes) == plain_read(text, errors)


@settings(deadline=None)
@given(st.lists(st.lists(st.text(min_size=1).filter(lambda w: w.isprintable()))))
def test_sentences_keep_their_words_for_any_unicode(sentences: list[list[str]]) -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences(sentences)
    words, _, ids, ends = results(builder)
    tokens = [words[i].decode() for i in ids]
    read = [tokens[i:j] for i, j in pairwise([0, *ends])]
    assert read == [sentence for sentence in sentences if sentence]


@folder_is_reused
@given(broken_texts, cuts, st.sampled_from(WORKERS))
def test_strict_reports_the_first_invalid_byte(
    tmp_path: Path, text: bytes, chunk_bytes: int, workers: int
) -> None:
    """C7: offset and line are those of the first fault for any number of threads."""
    path = written(tmp_path, text)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        message = f"invalid UTF-8 at byte {error.start:,} (line {line:,}): b'"
        with pytest.raises(ValueError, match=re.escape(message)):
            read_file(path, "strict", workers, chunk_bytes)
    else:
        read = read_file(path, "strict", workers, chunk_bytes)
        assert read == plain_read(text, "strict")


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 5, 1 << 22])
@pytest.mark.parametrize(
    ("text", "tokens", "ends"),
    [
        (b"", [], []),
        (b" \t\n\r\n\n", [], []),
        (b"a b\tc", [b"a", b"b", b"c"], [3]),
        (b"a\tb\r\nc\rd\ve\ff\n", [b"a", b"b", b"c", b"d", b"e", b"f"], [2, 6]),
        (b"\n\na\n\n\nb\n", [b"a", b"b"], [1, 2]),
        (b"\xef\xbb\xbfa b\na", [b"a", b"b", b"a"], [2, 3]),
        (b"\xef\xbb\xbf", [], []),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", [b"\xef\xbb\xbfa"], [1]),
        ("x\u00a0y\u2028z".encode(), ["x\u00a0y\u2028z".encode()], [1]),
        (b"</s> a </s>\n", [b"</s>", b"a", b"</s>"], [3]),
    ],
)
def test_small_texts_give_known_tokens(
    tmp_path: Path, text: bytes, tokens: list[bytes], ends: list[int], chunk_bytes: int
) -> None:
    """C3, C9, C10, C26."""
    words, _, ids, read_ends = read_file(
        written(tmp_path, text), chunk_bytes=chunk_bytes
    )
    assert [words[i] for i in ids] == tokens
    assert read_ends == ends


def test_vocabulary_sorts_ties_by_bytes() -> None:
    words = ["é", "z", "b", "a", "abcdefghj", "abcdefghi", "abcdefgh", "東"]
    builder = _core.CorpusBuilder()
    builder.add_sentences([[*words, "z"]])
    rest = sorted(word.encode() for word in words if word != "z")
    assert results(builder)[0] == [b"z", *rest]


def test_highest_count_tells_about_dropped_words() -> None:
    """C4."""
    builder = _core.CorpusBuilder()
    builder.add_sentences([["a", "b", "a"], ["a"]])
    vocabulary, corpus = builder.finish(5)
    assert (len(vocabulary), vocabulary.highest_count) == (0, 3)
    assert (corpus.n_tokens, corpus.n_sentences) == (0, 0)


def test_one_long_line_is_read_completely(tmp_path: Path) -> None:
    """C11: a line of 2 MB, cut into chunks, on several threads."""
    rng = np.random.default_rng(1)
    tokens = [f"word{i}" for i in rng.zipf(1.3, 250_000) % 50_000]
    text = " ".join(tokens).encode()
    read = read_file(written(tmp_path, text), workers=3, chunk_bytes=9973)
    assert read == plain_read(text, "strict")


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("min_count", [1, 3])
def test_large_vocabulary_is_merged_alike_by_any_number_of_threads(
    tmp_path: Path, workers: int, min_count: int
) -> None:
    """Enough words for the tables to be merged in parallel, some of them invalid."""
    rng = np.random.default_rng(2)
    endings = [b"", b"-and-longer-than-16-bytes", b"\xff", b"\xfe\xff", b"\xe2\x82"]
    numbers = rng.integers(0, 25_000, 120_000).tolist()
    tokens = [b"%d%s" % (i * i % 20_011, endings[i % 5]) for i in numbers]
    text = b"\n".join(b" ".join(tokens[i : i + 9]) for i in range(0, len(tokens), 9))
    path = written(tmp_path, text)
    read = read_file(path, "replace", workers, 10_007, min_count)
    assert read == plain_read(text, "replace", min_count)


def vocabulary_of(
    folder: Path, tokens: list[bytes], workers: int, min_count: int
) -> tuple[list[bytes], list[int], int]:
    """Words, counts and highest count of a file with nine tokens a line."""
    text = b"\n".join(b" ".join(tokens[i : i + 9]) for i in range(0, len(tokens), 9))
    builder = _core.CorpusBuilder("strict", workers, chunk_bytes=20_011)
    builder.add_file(str(written(folder, text)))
    vocabulary, _ = builder.finish(min_count)
    counts = vocabulary.counts.tolist()
    return vocabulary.words(), counts, vocabulary.highest_count


@pytest.mark.parametrize("workers", [1, 2, 3, 16])
@pytest.mark.parametrize("prefix", [b"", b"8 bytes ", b"a prefix of over 16 bytes-"])
def test_ties_of_a_large_vocabulary_are_sorted_by_bytes(
    tmp_path: Path, workers: int, prefix: bytes
) -> None:
    """Two counts only, and words that differ behind what they are compared by first."""
    prefix = prefix.replace(b" ", b"_")
    words = [prefix + b"%d" % (i * i % 30_011) for i in range(30_011)]
    once, twice = set(words), set(words[:200])
    tokens = [*once, *twice]
    expected = sorted(twice) + sorted(once - twice)
    found = vocabulary_of(tmp_path, tokens, workers, 1)
    counts = [2] * len(twice) + [1] * len(once - twice)
    assert found == (expected, counts, 2)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("n_kept", [0, 1, 2])
def test_hardly_a_word_of_a_large_vocabulary_is_kept(
    tmp_path: Path, workers: int, n_kept: int
) -> None:
    """Fewer words than there are parts to sort."""
    tokens = [b"word%d" % i for i in range(20_000)]
    kept = [b"b", b"a"][:n_kept]
    found = vocabulary_of(tmp_path, [*tokens, *(kept * 3)], workers, 3)
    assert found == (sorted(kept), [3] * n_kept, 3 if n_kept else 1)


@pytest.mark.parametrize("text", [b"", b"\n \n\n", b"word", b"word\n", b"a\nb\n"])
def test_more_threads_than_lines_read_each_word_once(
    tmp_path: Path, text: bytes
) -> None:
    path = written(tmp_path, text)
    for chunk_bytes in (1, 3, 1 << 20):
        assert read_file(path, workers=64, chunk_bytes=chunk_bytes) == plain_read(
            text, "strict"
        )


@pytest.fixture(scope="module")
def large_text(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any, Any]:
    """Tokens enough for several threads to encode: the file, counts, ids and ends.

    Half of the words are rare and left out; lines of one or two words often lose all.
    """
    rng = np.random.default_rng(3)
    n_tokens, n_words = 1_100_000, 40_000
    tokens = (n_words * rng.random(n_tokens) ** 3).astype(np.int64)
    lengths = rng.choice([1, 1, 2, 2, 60], n_tokens)
    ends = np.cumsum(lengths)
    ends = np.append(ends[ends < n_tokens], n_tokens)
    names = [f"w{i}" for i in range(n_words)]
    parts = [names[i] for i in tokens.tolist()]
    for end in ends.tolist():
        parts[end - 1] += "\n"
    path = tmp_path_factory.mktemp("large") / "text"
    path.write_text(" ".join(parts))
    counts = np.bincount(tokens, minlength=n_words)
    order = sorted(range(n_words), key=lambda i: (-counts[i], names[i]))
    rows = np.full(n_words, -1)
    n_kept = int((counts >= 15).sum())
    rows[order[:n_kept]] = np.arange(n_kept)
    ids = rows[tokens]
    kept_ends = np.cumsum(ids >= 0)[ends - 1]
    kept_ends = np.unique(kept_ends[kept_ends > 0])
    return path, counts[order[:n_kept]], ids[ids >= 0], kept_ends


@pytest.mark.parametrize("memory_limit", [0, 2_000_000, 1 << 30])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_large_text_is_encoded_alike_by_any_number_of_threads(
    large_text: tuple[Path, Any, Any, Any], workers: int, memory_limit: int
) -> None:
    """Each thread puts its chunks in their places, in memory or in a file."""
    path, counts, ids, ends = large_text
    builder = _core.CorpusBuilder(
        workers=workers,
        chunk_bytes=30_011,
        memory_limit=memory_limit,
        folder=os.fsencode(path.parent),
    )
    builder.add_file(str(path))
    vocabulary, corpus = builder.finish(15)
    assert np.array_equal(vocabulary.counts, counts)
    assert np.array_equal(corpus.ids, ids)
    assert np.array_equal(corpus.sentence_ends, ends)


def test_long_words_keep_all_bytes(tmp_path: Path) -> None:
    words = [b"x" * 40 + bytes([c]) + b"y" * 700_000 for c in b"abc"]
    text = b" ".join([*words, words[0], b"x" * (1 << 20)])
    read = read_file(written(tmp_path, text), workers=2, chunk_bytes=300_000)
    assert read == plain_read(text, "strict")


def test_arrays_are_read_only_views() -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences([["a", "b"], ["a"]])
    vocabulary, corpus = builder.finish(1)
    for array, dtype in [
        (vocabulary.counts, np.int64),
        (corpus.ids, np.int32),
        (corpus.sentence_ends, np.int64),
    ]:
        assert array.dtype == dtype
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_totals_count_all_words_and_sentences(tmp_path: Path) -> None:
    builder = _core.CorpusBuilder(workers=2, chunk_bytes=3)
    builder.add_file(written(tmp_path, b"\na b\n\nc d e\nf").as_posix())
    builder.add_text(b"x y\n\nz", "stream")
    builder.end_text()
    builder.add_sentences([["q"], [], ["r", "s"]])
    assert (builder.n_tokens, builder.n_sentences) == (12, 7)
    _, corpus = builder.finish(1)
    assert (corpus.n_tokens, corpus.n_sentences) == (12, 7)


def test_finish_leaves_the_builder_empty() -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences([["a", "b"]])
    builder.finish(1)
    assert (builder.n_tokens, builder.n_sentences) == (0, 0)
    builder.add_sentences([["c"]])
    assert results(builder) == ([b"c"], [1], [0], [1])


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a b\nc \xe9t d", r"invalid UTF-8 at byte 6 \(line 2\): b'\\xe9t'$"),
        (b"a \xe9'\\0123456789", r"byte 2 \(line 1\): b'\\xe9\\'\\\\01234'$"),
        (b"a\nb\nc d\0e", r"byte 0x00 at 7 \(line 3\); is this a binary or UTF-16"),
        (b"a \xc3 \0", r"invalid UTF-8 at byte 2 "),
        (b"a b\0\xc3", r"byte 0x00 at 3 "),
        (b"a " + b"x" * 1_048_577, r"word at byte 2 is longer than 1,048,576 bytes; "),
        (b"a " + b"x" * 3_000_000 + b" b", r"word at byte 2 is longer than 1,048,576 "),
        (b"\0" * 3_000_000, r"byte 0x00 at 0 \(line 1\)"),
        (b"ab\n" * 2731 + b"\xff", r"invalid UTF-8 at byte 8,193 \(line 2,732\): "),
        ("a b".encode("utf-16"), "encoding must be UTF-8, got UTF-16-LE"),
        (b"\xfe\xff\0a", "got UTF-16-BE"),
        ("a b".encode("utf-32"), "got UTF-32-LE"),
        (b"\0\0\xfe\xff\0\0\0a", "got UTF-32-BE"),
    ],
)
def test_bad_text_raises_with_its_position(
    tmp_path: Path, text: bytes, message: str, workers: int
) -> None:
    """C7, C8, C9, C12: from a file and from a stream."""
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=r"corpus\.txt: .*" + message):
        read_file(path, workers=workers, chunk_bytes=max(2, len(text) // 50))
    builder = _core.CorpusBuilder()
    with pytest.raises(ValueError, match=r"^corpus\.txt: .*" + message):
        add_stream(builder, text, "corpus.txt")


def add_stream(builder: _core.CorpusBuilder, text: bytes, name: str) -> None:
    builder.add_text(text, name)
    builder.end_text()


@pytest.mark.parametrize("errors", ["strict", "replace", "surrogateescape"])
def test_nul_byte_raises_in_every_mode(tmp_path: Path, errors: str) -> None:
    """C8."""
    with pytest.raises(ValueError, match=r"byte 0x00 at 2 \(line 1\)"):
        read_file(written(tmp_path, b"a \0"), errors)


def test_missing_file_sets_errno_and_filename(tmp_path: Path) -> None:
    """C1."""
    path = str(tmp_path / "missing é.txt")
    with pytest.raises(FileNotFoundError) as caught:
        _core.CorpusBuilder().add_file(path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, path)


def test_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        _core.CorpusBuilder().add_file(str(tmp_path))


def test_pipe_is_no_regular_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(ValueError, match="not a regular file"):
        _core.CorpusBuilder().add_file(str(path))


def test_bytes_path_is_accepted(tmp_path: Path) -> None:
    path = os.fsencode(written(tmp_path, b"a b"))
    builder = _core.CorpusBuilder()
    builder.add_file(path)
    assert builder.n_tokens == 2


def test_undecodable_name_is_shown_escaped(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.txt"
    Path(os.fsdecode(path)).write_bytes(b"\0")
    with pytest.raises(ValueError, match=r"udcff\.txt: byte 0x00 at 0"):
        _core.CorpusBuilder().add_file(path)


def test_failed_file_takes_its_words_back(tmp_path: Path) -> None:
    """P13: counts, ids and totals are as before the file."""
    builder = _core.CorpusBuilder(workers=3, chunk_bytes=5)
    builder.add_sentences([["a", "b", "a"]])
    path = written(tmp_path, b"a b c\n" * 20 + b"\xff" + b" a d" * 20)
    with pytest.raises(ValueError, match="invalid UTF-8 at byte 120 "):
        builder.add_file(str(path))
    assert (builder.n_tokens, builder.n_sentences) == (3, 1)
    assert results(builder) == ([b"a", b"b"], [2, 1], [0, 1, 0], [3])


def test_failed_stream_takes_its_words_back() -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences([["a"]])
    builder.add_text(b"a b c\n", "first")
    builder.add_text(b"\xff", "first")
    with pytest.raises(ValueError, match="first: invalid UTF-8 at byte 6"):
        builder.end_text()
    builder.add_text(b"a d", "second")
    builder.end_text()
    assert results(builder) == ([b"a", b"d"], [2, 1], [0, 0, 1], [1, 3])


def test_failed_sentences_take_their_words_back() -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences([["a", "b"]])
    with pytest.raises(TypeError, match="sentence 1, token 0 must be str"):
        builder.add_sentences([["a", "c"], [None]])  # type: ignore[list-item]
    assert results(builder) == ([b"a", b"b"], [1, 1], [0, 1], [2])


def test_open_stream_forbids_other_calls(tmp_path: Path) -> None:
    builder = _core.CorpusBuilder()
    builder.add_text(b"a", "one")
    path = str(written(tmp_path, b"a"))
    for call in (
        lambda: builder.add_text(b"b", "two"),
        lambda: builder.add_file(path),
        lambda: builder.add_sentences([["a"]]),
        lambda: builder.finish(1),
    ):
        with pytest.raises(ValueError, match=r"'one' must be ended by end_text\(\)"):
            call()
    builder.end_text()
    assert results(builder)[0] == [b"a"]


class Words:
    """A sequence that is neither list nor tuple nor registered."""

    def __getitem__(self, i: int) -> str:
        return ["a", "b"][i]

    def __len__(self) -> int:
        return 2


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("hello world", r"got the str 'hello world'; use text\.split\(\)$"),
        ("x" * 500, r"got the str 'x{59}\.\.\.; use text\.split\(\)$"),
        (b"hello", r"got the bytes b'hello'; use text\.decode\(\)\.split\(\)$"),
        (bytearray(b"hi"), r"got the bytearray "),
        ({"a": 1}, "got dict$"),
        ({"a"}, "got set$"),
        (None, "got None$"),
        (3, "got int$"),
        (2.5, "got float$"),
        (iter(["a"]), "got list_iterator$"),
        (memoryview(b"ab"), "got memoryview$"),
        (np.array([["a"]]), "got ndarray$"),
        (Words(), "got Words$"),
    ],
)
def test_wrong_sentence_raises_with_its_position(sentence: Any, message: str) -> None:
    """C18, C19."""
    builder = _core.CorpusBuilder()
    with pytest.raises(
        TypeError, match="^sentence 1 must be a list of words, " + message
    ):
        builder.add_sentences([["a"], sentence])


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, "got None$"),
        (float("nan"), r"got float \(nan\)$"),
        (["a", "b"], r"got list \(\['a', 'b'\]\)$"),
        (b"a", r"got bytes \(b'a'\)$"),
        (np.zeros((9, 9)), r"got ndarray \(array.{1,60}\.\.\.\)$"),
        (5, r"got int \(5\); the first str is 'x' \(sentence 0, token 0\)$"),
        (np.int64(5), r"got int64 \(.*5\)?\); the first str is 'x' "),
    ],
)
def test_wrong_token_raises_with_its_position(token: Any, message: str) -> None:
    """C20, C21."""
    builder = _core.CorpusBuilder()
    with pytest.raises(TypeError, match="^sentence 1, token 2 must be str, " + message):
        builder.add_sentences([["x"], ["a", "b", token]])


def test_mixed_tokens_name_the_first_int() -> None:
    """C21."""
    message = r"token 2 must be int, got str \('a'\); the first int is 1 .*token 0"
    with pytest.raises(TypeError, match=message):
        _core.CorpusBuilder().add_sentences([[1, 2, "a"]])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("", r"is empty; use text\.split\(\) without an argument"),
        ("\ud800", r"holds a lone surrogate: '\\ud800'"),
        ("x" * 1_048_577, "is longer than 1,048,576 bytes"),
    ],
)
@pytest.mark.parametrize("errors", ["strict", "replace", "surrogateescape"])
def test_unusable_token_raises_with_its_position(
    token: str, message: str, errors: str
) -> None:
    """C22."""
    builder = _core.CorpusBuilder(errors)
    with pytest.raises(ValueError, match="^sentence 0, token 1 " + message):
        builder.add_sentences([["a", token]])


def test_escaped_bytes_in_tokens_are_kept() -> None:
    """C7: words of a text decoded with surrogateescape give its bytes again."""
    token = b"caf\xe9".decode("utf-8", "surrogateescape")
    builder = _core.CorpusBuilder("surrogateescape")
    builder.add_sentences([[token]])
    assert results(builder)[0] == [b"caf\xe9"]


@pytest.mark.parametrize(
    "sentence",
    [["a", "b"], ("a", "b"), np.array(["a", "b"]), np.array(["a", "b"], dtype=object)],
)
def test_sequences_of_str_are_sentences(sentence: Any) -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences(iter([sentence]))
    assert results(builder) == ([b"a", b"b"], [1, 1], [0, 1], [2])


def test_users_exception_passes_unchanged() -> None:
    """P7, F11: the same object comes out, and nothing of the call is kept."""
    mine = StopAsyncIteration("mine")

    def sentences() -> Iterator[list[str]]:
        yield ["a"]
        raise mine

    builder = _core.CorpusBuilder()
    with pytest.raises(StopAsyncIteration) as caught:
        builder.add_sentences(sentences())
    assert caught.value is mine
    assert builder.n_tokens == 0


def test_nested_call_raises_and_leaves_the_builder_usable() -> None:
    builder = _core.CorpusBuilder()

    def sentences() -> Iterator[list[str]]:
        yield ["a"]
        builder.add_sentences([["b"]])

    with pytest.raises(ValueError, match="busy with another call"):
        builder.add_sentences(sentences())
    builder.add_sentences([["c"]])
    assert results(builder)[0] == [b"c"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"errors": "ignore"}, "errors must be one of 'replace', .* got 'ignore'"),
        ({"workers": 0}, "workers must be an int from 1 to 1024, got 0"),
        ({"workers": 1025}, "workers must be an int from 1 to 1024, got 1025"),
        ({"chunk_bytes": 0}, "chunk_bytes must be an int from 1 to 1073741824, got 0"),
    ],
)
def test_wrong_argument_raises(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.CorpusBuilder(**arguments)


def test_min_count_below_one_raises_and_keeps_the_text() -> None:
    builder = _core.CorpusBuilder()
    builder.add_sentences([["a"]])
    with pytest.raises(ValueError, match="min_count must be an int >= 1, got 0"):
        builder.finish(0)
    assert results(builder)[0] == [b"a"]
