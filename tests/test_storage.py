"""Texts whose ids are kept in a temporary file: equal results, memory, faults."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sgns
from conftest import Sentences, zipf_sentences
from sgns import Corpus, Phrases, Word2Vec, _core, _memory, _storage
from test_text import Read, results

LIMIT = "SGNS_MEMORY_LIMIT"
EVERYTHING_IN_FILES = 0
ADVICE = "set TMPDIR to a folder with more room, or raise SGNS_MEMORY_LIMIT"


def fit(corpus: Any, **options: Any) -> Word2Vec:
    defaults: dict[str, Any] = {
        "vector_size": 6,
        "window": 3,
        "min_count": 2,
        "epochs": 2,
        "workers": 1,
        "seed": 1,
        "sample": 0.05,
    }
    return Word2Vec(**defaults | options).fit(corpus)


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return zipf_sentences(2_000, 60, 20)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder, which must be empty at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def in_both_ways(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], Any]], tuple[Any, Any]]:
    """Run something with the ids in memory, and with them in files."""

    def run(make: Callable[[], Any]) -> tuple[Any, Any]:
        found = []
        for limit in ("1G", "0"):
            monkeypatch.setenv(LIMIT, limit)
            found.append(make())
        return found[0], found[1]

    return run


def mapped_files() -> int:
    """Mappings of temporary files that this process has."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return sum("sgns-ids-" in line and "(deleted)" in line for line in lines)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def assert_same(first: Word2Vec, second: Word2Vec) -> None:
    assert first.wv.words == second.wv.words
    assert first.wv.counts is not None
    assert first.wv.counts.tolist() == second.wv.counts.tolist()
    assert first.vectors_.tobytes() == second.vectors_.tobytes()
    for name in set(first.history_) - {"words_per_second"}:
        assert first.history_[name] == second.history_[name]


# Equal results ------------------------------------------------------------------------


def read_all(
    path: Path, sentences: Sentences, limit: int, workers: int, min_count: int
) -> Read:
    """A file, a stream and sentences, read by one builder."""
    builder = _core.CorpusBuilder(
        workers=workers,
        chunk_bytes=50,
        memory_limit=limit,
        folder=os.fsencode(path.parent),
    )
    builder.add_file(str(path))
    for block in (b"a b\nc", b"c a\n"):
        builder.add_text(block, "stream")
    builder.end_text()
    builder.add_sentences(sentences)
    return results(builder, min_count)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sentences=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9), max_size=40),
    limit=st.sampled_from([EVERYTHING_IN_FILES, 40, 200, 1000]),
    workers=st.sampled_from([1, 2, 7]),
    min_count=st.integers(1, 9),
)
def test_limit_and_threads_change_neither_words_nor_ids(
    tmp_path: Path, sentences: Sentences, limit: int, workers: int, min_count: int
) -> None:
    path = tmp_path / "text"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences))
    expected = read_all(path, sentences, 1 << 30, 1, min_count)
    assert read_all(path, sentences, limit, workers, min_count) == expected
    assert [entry.name for entry in tmp_path.iterdir()] == ["text"]


def test_arrays_longer_than_a_block_are_kept_in_files(tmp_path: Path) -> None:
    """Of ids and of sentence ends, both read and chosen again."""
    ids = np.arange(700_000, dtype=np.int32) % 1000
    offsets = np.arange(0, len(ids) + 1, 4)
    corpora = [
        _core.make_corpus(ids, offsets, 1000, memory_limit=limit, folder=str(tmp_path))
        for limit in (1 << 30, EVERYTHING_IN_FILES)
    ]
    rows = np.arange(1000, dtype=np.int32)[::-1].copy()
    chosen = np.arange(len(offsets) - 1) % 3 > 0
    for change in (
        lambda corpus: corpus,
        lambda corpus: _core.renamed(corpus, rows),
        lambda corpus: _core.chosen_sentences(corpus, chosen),
    ):
        first, second = map(change, corpora)
        assert first.ids.tobytes() == second.ids.tobytes()
        assert first.sentence_ends.tobytes() == second.sentence_ends.tobytes()
    assert corpora[1].ids.tobytes() == ids.tobytes()
    assert not corpora[1].ids.flags.writeable


@pytest.mark.parametrize("kind", ["file", "gzip", "list", "generator", "ids"])
def test_models_of_all_inputs_have_equal_bits(
    kind: str, sentences: Sentences, tmp_path: Path, in_both_ways: Any
) -> None:
    text = "".join(" ".join(sentence) + "\n" for sentence in sentences).encode()
    (tmp_path / "text").write_bytes(text)
    (tmp_path / "text.gz").write_bytes(gzip.compress(text))
    ids = [[int(word[1:]) for word in sentence] for sentence in sentences]
    inputs = {
        "file": lambda: tmp_path / "text",
        "gzip": lambda: tmp_path / "text.gz",
        "list": lambda: sentences,
        "generator": lambda: iter(sentences),
        "ids": lambda: ids,
    }
    assert_same(*in_both_ways(lambda: fit(inputs[kind]())))


def test_choices_of_words_and_sentences_have_equal_bits(
    sentences: Sentences, in_both_ways: Any
) -> None:
    """A rule for words, validation by a share and by a text, weights, phrases."""
    weights = np.linspace(0, 2, len(sentences))

    def kept(word: str, count: int) -> bool:
        return count > 3 and word != "w1"

    for make in (
        lambda: fit(sentences, keep=kept, max_final_vocab=20),
        lambda: fit(sentences, validation=0.3),
        lambda: fit(sentences, validation=sentences[:20]),
        lambda: fit(Corpus(sentences, weights=weights), validation=0.3),
        lambda: fit(Corpus.from_ids([4, 2, 4, 2, 9, 4], [0, 3, 6], weights=[1, 0.5])),
        lambda: fit(Phrases(sentences, threshold=0.5).transform(Corpus(sentences))),
        lambda: fit(sentences, pooling="sif"),
    ):
        assert_same(*in_both_ways(make))


def test_resumed_and_continued_training_have_equal_bits(
    sentences: Sentences, in_both_ways: Any
) -> None:
    class Stop:
        def on_epoch_end(self, training: sgns.Training) -> bool:
            return True

    def resumed() -> Word2Vec:
        stopped = fit(sentences, callbacks=Stop())
        model = Word2Vec(**stopped.get_params() | {"callbacks": None})
        return model.fit(sentences, resume=stopped)

    assert_same(*in_both_ways(resumed))
    assert_same(resumed(), fit(sentences))
    assert_same(*in_both_ways(lambda: fit(sentences).partial_fit(sentences[::3])))


def test_words_are_dropped_from_ids_in_a_file(folder: Path) -> None:
    """As `max_vocab_size` drops them from ids in memory."""
    text = [[f"w{i % 7}", f"once{i}", f"w{i % 5}"] for i in range(2000)]
    text += [["w1", "w2", "w3"] * 10] * 100_000
    found = []
    for limit in (1 << 30, EVERYTHING_IN_FILES):
        builder = _core.CorpusBuilder(
            max_words=1000, memory_limit=limit, folder=str(folder)
        )
        builder.add_sentences(text)
        found.append((*results(builder), builder.dropped))
    assert found[0] == found[1]


def test_corpus_in_a_file_is_iterated_and_written(
    sentences: Sentences, tmp_path: Path, in_both_ways: Any
) -> None:
    in_memory, in_file = in_both_ways(lambda: Corpus(sentences))
    assert list(in_file) == list(in_memory) == sentences
    in_file.save(tmp_path / "text")
    text = "".join(" ".join(sentence) + "\n" for sentence in sentences)
    assert (tmp_path / "text").read_text() == text


@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists the mappings")
def test_file_ends_with_its_corpus(
    folder: Path, sentences: Sentences, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = mapped_files(), open_files()
    monkeypatch.setenv(LIMIT, "0")
    corpus = Corpus(sentences)
    assert mapped_files() == before[0] + 2  # ids and ends
    ids = corpus.encoded.ids
    del corpus
    assert int(ids[0]) >= 0  # the array keeps it
    del ids
    assert (mapped_files(), open_files()) == before


# Memory -------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts no mappings")
def test_ids_beyond_the_limit_take_no_memory(tmp_path: Path) -> None:
    """15 million tokens, 60 MB of ids, are read and trained in 60 MB."""
    line = b" ".join(b"abcdefghij"[i % 10 : i % 10 + 1] for i in range(20)) + b"\n"
    path = tmp_path / "text.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(75):
            file.write(line * 10_000)
    code = (
        "import resource, sys\n"
        "from sgns import Word2Vec\n"
        "model = Word2Vec(vector_size=2, window=1, negative=1, epochs=1, sample=1e-6,\n"
        "                 workers=1, seed=1)\n"
        "lines = open('/proc/self/status').read().splitlines()\n"
        "data = next(int(x.split()[1]) for x in lines if x.startswith('VmData'))\n"
        "bound = data * 1024 + 60 * 2**20\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))\n"
        "try: print(model.fit(sys.argv[1]).history_['loss'][0] > 0)\n"
        "except MemoryError: print('MemoryError')\n"
    )

    def trained(limit: str) -> str:
        environment = os.environ | {LIMIT: limit, "TMPDIR": str(tmp_path)}
        command = [sys.executable, "-c", code, str(path)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, check=True, text=True, env=environment
        )
        return done.stdout.strip()

    assert trained("1M") == "True"
    assert trained("1G") == "MemoryError"


# Faults -------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["file", "sentences"])
def test_folder_that_cannot_be_written_raises(
    source: str, sentences: Sentences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "text"
    path.write_text("a b a b\n")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setenv(LIMIT, "0")
    expected = "cannot be made in this folder; set TMPDIR to one that can be written to"
    with pytest.raises(FileNotFoundError, match=expected) as caught:
        Corpus(path if source == "file" else sentences)
    assert caught.value.filename == str(tmp_path / "missing")
    monkeypatch.setenv("TMPDIR", str(path))
    with pytest.raises(NotADirectoryError, match="the temporary file for the ids"):
        Corpus.from_ids([1, 2])


def with_file_limit(n_bytes: int, run: Callable[[], Any]) -> Any:
    """Run something while no file may be larger than this, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        return run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_while_reading_raises_and_keeps_the_builder(tmp_path: Path) -> None:
    """The folder, the bytes that are needed and what to do; what came before stays."""
    path = tmp_path / "text"
    path.write_text("c d e f\n" * 1000)
    for workers in (1, 3):
        builder = _core.CorpusBuilder(
            workers=workers, chunk_bytes=400, memory_limit=0, folder=str(tmp_path)
        )
        builder.add_sentences([["a", "b"]])
        expected = rf"needs [0-9,]+ bytes or more in this folder; free some, {ADVICE}"
        with pytest.raises(OSError, match=expected) as caught:
            with_file_limit(3000, lambda b=builder: b.add_file(str(path)))
        assert caught.value.filename == str(tmp_path)
        with pytest.raises(OSError, match=expected):
            with_file_limit(
                3000, lambda b=builder: b.add_sentences([["x", "y"] * 50] * 11_000)
            )
        assert (builder.n_tokens, builder.n_sentences) == (2, 1)
        builder.add_file(str(path))
        words, counts, _, ends = results(builder)
        assert words == [b"c", b"d", b"e", b"f", b"a", b"b"]
        assert (counts, len(ends)) == ([1000] * 4 + [1, 1], 1001)


def test_full_disk_while_the_ids_are_written_raises(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = np.arange(4000) % 7
    monkeypatch.setenv(LIMIT, "0")
    with pytest.raises(OSError, match=f"needs 16,000 bytes or more.*{ADVICE}"):
        with_file_limit(8000, lambda: Corpus.from_ids(ids))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists open files")
def test_file_that_cannot_be_read_while_words_are_dropped_raises(
    tmp_path: Path,
) -> None:
    """Some ids are then of before and some of now: the builder is empty."""
    builder = _core.CorpusBuilder(max_words=10, memory_limit=0, folder=str(tmp_path))
    builder.add_sentences([["a", "b"]])
    opened = Path("/proc/self/fd")
    own = next(x for x in opened.iterdir() if "sgns-ids-" in str(x.readlink()))
    write_only = os.open(own, os.O_WRONLY)
    os.dup2(write_only, int(own.name))
    os.close(write_only)
    text = [[f"w{i}" for i in range(1000)]] * 1100
    with pytest.raises(OSError, match="of the text cannot be read") as caught:
        builder.add_sentences(text)
    assert caught.value.filename == str(tmp_path)
    assert (builder.n_tokens, builder.n_sentences) == (0, 0)
    assert results(builder)[:2] == ([], [])


def test_damaged_file_takes_its_ids_back_from_the_store(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a b c\n" * 500 + b"\xff\n" + b"d\n" * 500)
    builder = _core.CorpusBuilder(
        workers=3, chunk_bytes=100, memory_limit=0, folder=str(tmp_path)
    )
    builder.add_sentences([["a", "z"]])
    with pytest.raises(ValueError, match="invalid UTF-8 at byte 3,000"):
        builder.add_file(str(path))
    builder.add_text(b"a\n\xff\n", "stream")
    with pytest.raises(ValueError, match="invalid UTF-8"):
        builder.end_text()
    assert results(builder)[:3] == ([b"a", b"z"], [1, 1], [0, 1])


# The limit ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("1000", 1000), ("3K", 3 << 10), ("512M", 512 << 20), ("2G", 2 << 30)],
)
def test_limit_is_a_number_of_bytes(
    text: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LIMIT, text)
    assert _storage.storage()["memory_limit"] == expected


@pytest.mark.parametrize("text", ["-1", "1.5G", "512MB", "much", "1e9", "9" * 20])
def test_limit_that_is_no_number_raises(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LIMIT, text)
    expected = f"SGNS_MEMORY_LIMIT must be a number of bytes.*got '{text}'"
    with pytest.raises(ValueError, match=expected):
        Corpus([["a"]])


def test_default_limit_is_a_fourth_of_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LIMIT, raising=False)
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    group = tmp_path / "memory.max"
    monkeypatch.setattr(_memory, "_CGROUP", tmp_path)
    assert _storage.storage()["memory_limit"] == total // 4
    group.write_text("max\n")
    assert _storage.storage()["memory_limit"] == total // 4
    group.write_text("1048576\n")
    assert _storage.storage()["memory_limit"] == 1 << 18


def test_folder_is_tmpdir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/some/folder")
    assert _storage.storage()["folder"] == b"/some/folder"
    monkeypatch.setenv("TMPDIR", "")
    assert Path(os.fsdecode(_storage.storage()["folder"])).is_dir()
