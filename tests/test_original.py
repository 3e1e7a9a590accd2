"""The flags and files of the original program, and the program itself beside them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command_line import TIMEOUT, failure, original_program
from conftest import zipf_sentences
from sgns import KeyedVectors, cli, formats, original

PROGRAM = original_program("word2vec")
FLAGS = (
    "-train -output -size -window -sample -hs -negative -threads -iter -min-count "
    "-alpha -classes -debug -binary -save-vocab -read-vocab -cbow"
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "corpus.txt"
    lines = [" ".join(line) for line in zipf_sentences(3_000, 80, 30)]
    lines[1:1] = ["", *["w0 </s> w1"] * 6]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*args: Any) -> int:
    return cli.main(["word2vec", *map(str, args)])


def quick(corpus: Path, output: Path, *more: Any) -> list[Any]:
    """Arguments of a short run of either program."""
    return ["-train", corpus, "-output", output, "-size", 4, "-threads", 1, *more]


def test_flags_are_those_of_the_program() -> None:
    assert sorted(f"-{name}" for name, *_ in original.FLAGS) == sorted(FLAGS.split())


def test_defaults_are_those_of_the_program() -> None:
    defaults = {name: default for name, _, default, _ in original.FLAGS}
    numbers = {k: v for k, v in defaults.items() if v not in ("", None)}
    assert numbers == {
        "size": 100,
        "window": 5,
        "sample": 1e-3,
        "hs": 0,
        "negative": 5,
        "threads": 12,
        "iter": 5,
        "min-count": 5,
        "classes": 0,
        "debug": 2,
        "binary": 0,
        "cbow": 1,
    }


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), ("cbow", "ns", "window", 0.05)),
        (("-cbow", 0), ("skipgram", "ns", "pair", 0.025)),
        (("-hs", 1), ("cbow", "ns+hs", "window", 0.05)),
        (("-hs", 1, "-negative", 0, "-cbow", 0), ("skipgram", "hs", "window", 0.025)),
        (("-alpha", 0.1), ("cbow", "ns", "window", 0.1)),
    ],
)
def test_flags_give_the_parameters(
    flags: tuple[Any, ...], expected: tuple[Any, ...]
) -> None:
    args = cli.parse(["word2vec", "-train", "x", *map(str, flags)])
    model = original._model(args)
    values = (model.architecture, model.loss, model.negative_sharing, model.alpha)
    assert values == expected
    assert model.min_alpha == pytest.approx(model.alpha * 1e-4)


def test_text_has_the_bytes_of_the_program(corpus: Path, tmp_path: Path) -> None:
    """Header, %f values, a space after the last; the line end first."""
    path = tmp_path / "vectors.txt"
    assert run(*quick(corpus, path)) == 0
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    header, *rows = lines
    assert header == b"%d 4" % len(rows)
    assert rows[0].startswith(b"</s> ")
    assert rows[1].startswith(b"w0 ")
    assert all(re.fullmatch(rb"\S+ (-?\d+\.\d{6} ){4}", row) for row in rows)


def test_binary_holds_the_numbers_of_the_text(corpus: Path, tmp_path: Path) -> None:
    text, binary = tmp_path / "vectors.txt", tmp_path / "vectors.bin"
    assert run(*quick(corpus, text)) == 0
    assert run(*quick(corpus, binary, "-binary", 1)) == 0
    words, vectors = formats.read_word2vec_binary(binary)
    assert words == KeyedVectors.load(text).words
    rounded = [[float(f"{x:f}") for x in row] for row in vectors.tolist()]
    assert np.array_equal(KeyedVectors.load(text).vectors, np.float32(rounded))
    data = binary.read_bytes()
    assert data.startswith(b"%d 4\n</s> " % len(words))
    row = 16 + 1
    lengths = sum(len(word) + 1 + row for word in words)
    assert len(data) == len(b"%d 4\n" % len(words)) + lengths


def test_saved_vocabulary_is_read_again(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With it the same text gives the same vectors, without a word of another one."""
    saved, first, second = (tmp_path / name for name in ("vocab", "a.txt", "b.txt"))
    assert run(*quick(corpus, first, "-save-vocab", saved)) == 0
    words = dict(line.split() for line in saved.read_text().splitlines())
    text = corpus.read_text()
    assert int(words["</s>"]) == text.count("\n") + 6
    assert int(words["w0"]) == len(re.findall(r"\bw0\b", text))
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        f"Starting training using file {corpus}",
        f"Vocab size: {len(words)}",
        f"Words in train file: {sum(map(int, words.values()))}",
    ]
    again = tmp_path / "again"
    assert run(*quick(corpus, second, "-read-vocab", saved, "-save-vocab", again)) == 0
    assert again.read_bytes() == saved.read_bytes()
    words_of = [KeyedVectors.load(path).words for path in (first, second)]
    assert words_of[0] == words_of[1] == list(words)
    small = tmp_path / "small.txt"
    assert run(*quick(corpus, small, "-read-vocab", saved, "-min-count", 100)) == 0
    kept = [word for word, n in words.items() if word == "</s>" or int(n) >= 100]
    assert KeyedVectors.load(small).words == kept


def test_vocabulary_alone_trains_nothing(corpus: Path, tmp_path: Path) -> None:
    saved = tmp_path / "vocab"
    assert run("-train", corpus, "-save-vocab", saved, "-min-count", 1) == 0
    assert list(tmp_path.iterdir()) == [saved]


def test_classes_are_written_instead_of_vectors(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "classes.txt"
    assert run(*quick(corpus, path, "-classes", 3)) == 0
    rows = [line.split(" ") for line in path.read_text().splitlines()]
    assert rows[0][0] == "</s>"
    assert {number for _, number in rows} <= {"0", "1", "2"}


def test_classes_equal_plain_loops() -> None:
    """Also with a class that loses all its words."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 3)).astype(np.float32)
    vectors[:20] += 5
    for n_classes in (1, 4, 17, 50):
        chosen = [i % n_classes for i in range(40)]
        for _ in range(10):
            centres: list[Any] = []
            for c in range(n_classes):
                total = sum(
                    (vectors[i].astype(float) for i in range(40) if chosen[i] == c),
                    np.zeros(3),
                )
                length = np.linalg.norm(total)
                centres.append(total / length if length else None)
            for i in range(40):
                products = [
                    -np.inf if centre is None else vectors[i] @ centre
                    for centre in centres
                ]
                chosen[i] = int(np.argmax(products))
        assert original.classes(vectors, n_classes).tolist() == chosen


def test_debug_0_says_one_line(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*quick(corpus, tmp_path / "v.txt", "-debug", 0)) == 0
    captured = capsys.readouterr()
    assert captured.out == f"Starting training using file {corpus}\n"
    assert captured.err == ""


def test_bytes_that_are_no_text_are_kept(tmp_path: Path) -> None:
    corpus, path = tmp_path / "latin.txt", tmp_path / "v.txt"
    corpus.write_bytes(b"caf\xe9 noir caf\xe9 au\n" * 20)
    assert run(*quick(corpus, path)) == 0
    assert b"\ncaf\xe9 " in path.read_bytes()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-size", "0"], "-size must be an int from 1 to 100000, got 0"),
        (["-iter", "0"], "-iter must be an int from 1 to 100000, got 0"),
        (["-threads", "0"], "-threads must be an int from 1 to 1024 or None (all pro"),
        (["-sample", "2"], "-sample must be a number from 0 to 1, got 2"),
        (["-hs", "0", "-negative", "0"], "nothing to train with -hs 0 and -negative 0"),
        (["-classes", "-1"], "-classes must be an int >= 0, got -1"),
        (["-size", "x"], "argument -size: invalid int value: 'x'"),
        (["-trai", "x"], "unknown argument '-trai'; did you mean '-train'?"),
        (["-foo", "3"], "unknown argument '-foo'"),
        (["-size"], "argument -size: expected one argument"),
        (["-output", "no/such/v.txt"], "no/such/v.txt: the directory does not exist"),
        (["-save-vocab", "no/v"], "no/v: the directory does not exist"),
    ],
)
def test_wrong_flag_is_named(
    args: list[str], message: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = failure(capsys, "word2vec", "-train", str(corpus), *args)
    assert message in shown
    assert code in (1, 2)


def test_missing_text_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert failure(capsys, "word2vec", "-size", "3")[1] == (
        "-train must be the name of a text, got none"
    )
    code = run("-train", "nothing.txt", "-output", "v.txt", "-debug", 0)
    assert code == 1
    assert capsys.readouterr().err == "sgns: nothing.txt: No such file or directory\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("</s> 5\na 3 1\n", "vocab:2: expected a word and its count, got b'a 3 1"),
        ("a -3\n", "vocab:1: expected a word and its count, got b'a -3"),
        ("a 3\nb 2\na 1\n", "vocab:3: duplicate word 'a' (already in line 1)"),
        ("</s> 9\na 7\nb 2\n", "vocab: expected at least 2 words with a count >= 5"),
        ("", "vocab is not a vocabulary file: it is an empty file"),
    ],
)
def test_wrong_vocabulary_file_raises(
    content: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "vocab"
    path.write_text(content)
    with pytest.raises(ValueError, match=re.escape(message)):
        original.words_and_counts(str(path), 5)


@pytest.mark.skipif(PROGRAM is None, reason="the program word2vec is not installed")
@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["-binary", 1],
        ["-cbow", 0, "-hs", 1, "-negative", 0],
        ["-classes", 5, "-min-count", 2],
    ],
)
def test_files_have_the_shape_of_the_program(
    flags: list[Any], corpus: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    assert PROGRAM is not None
    for directory in (ours, theirs):
        directory.mkdir()
        args = [
            *quick(corpus, directory / "v", *flags),
            "-save-vocab",
            directory / "voc",
        ]
        if directory is ours:
            assert run(*args) == 0
        else:
            command = [PROGRAM, *map(str, args)]
            subprocess.run(command, check=True, timeout=TIMEOUT, capture_output=True)
    lines = [sorted((d / "voc").read_bytes().split(b"\n")) for d in (ours, theirs)]
    assert lines[0] == lines[1]
    if "-classes" in flags:
        words = [
            {row.split()[0] for row in (d / "v").read_text().splitlines()}
            for d in (ours, theirs)
        ]
    else:
        files = [KeyedVectors.load(d / "v") for d in (ours, theirs)]
        assert files[0].vectors.shape == files[1].vectors.shape
        words = [set(file.words) for file in files]
        assert files[0].words[0] == files[1].words[0] == "</s>"
        if "-binary" in flags:
            sizes = [(d / "v").stat().st_size for d in (ours, theirs)]
            assert sizes[0] == sizes[1]
    assert words[0] == words[1]


@pytest.mark.skipif(PROGRAM is None, reason="the program word2vec is not installed")
def test_vocabulary_file_is_read_as_the_program_reads_it(
    corpus: Path, tmp_path: Path
) -> None:
    """Not sorted, with other counts, rare words, other bytes and other spaces."""
    given = tmp_path / "given"
    given.write_bytes(b"</s> 7\nw1 30\nw0  21\nrare 2\n\xe9t\xff 40\nnot-there 5\n")
    assert PROGRAM is not None
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    flags = ("-read-vocab", given, "-save-vocab")
    assert run(*quick(corpus, tmp_path / "v", *flags, ours)) == 0
    args = quick(corpus, tmp_path / "w", *flags, theirs)
    command = [PROGRAM, *map(str, args)]
    subprocess.run(command, check=True, timeout=TIMEOUT, capture_output=True)
    assert ours.read_bytes() == theirs.read_bytes()
    assert b"rare" not in ours.read_bytes()
