"""The command line: what its commands do and show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sgns
from command_line import TIMEOUT, failure, posix, run, train, write_corpus
from sgns import KeyedVectors, cli
from sgns._params import PARAMETERS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus.txt")


@pytest.fixture(scope="module")
def vectors(corpus: Path) -> Path:
    """Vectors of the corpus, 20 columns, in text format."""
    path = corpus.with_name("vectors.txt")
    assert cli.main(train(corpus, path)) == 0
    return path


def test_version_shows_version_and_kernel() -> None:
    result = run("--version")
    kernel = sgns.show_config()["kernel"]
    assert result.returncode == 0
    assert result.stdout == f"sgns {sgns.__version__} ({kernel} kernel)\n"


@pytest.mark.parametrize(
    "args", [["--help"], ["train", "-h"], ["demo", "--help"], ["word2vec"]]
)
def test_help_goes_to_stdout(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(args) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("usage: sgns")
    assert captured.err == ""


def test_help_names_every_parameter_and_its_default(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, parameter in PARAMETERS.items():
        assert "--" + name.replace("_", "-") in text
        assert " ".join(parameter.help.split()) in text


def test_train_writes_text_that_loads(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    result = run(*train(corpus, path))
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    wv = KeyedVectors.load(path)
    assert path.read_text(encoding="utf-8").startswith(f"{len(wv)} 20\n")
    assert f"wrote {len(wv):,} vectors of 20 numbers to {path}" in result.stderr
    assert "paris" in wv


def test_train_progress_without_terminal_is_plain_lines(
    corpus: Path, tmp_path: Path
) -> None:
    result = run(*train(corpus, tmp_path / "v.txt"))
    lines = [line for line in result.stderr.splitlines() if "words/s" in line]
    assert lines
    assert all(line.startswith("sgns: epoch 1/1") for line in lines)
    assert all("loss" in line and "lr" in line and "left" in line for line in lines)


@posix
def test_train_progress_on_terminal_is_a_bar(corpus: Path, tmp_path: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    result = run(*train(corpus, tmp_path / "v.txt"), stderr=slave)
    shown = os.read(master, 1 << 16).decode()
    os.close(slave)
    os.close(master)
    assert result.returncode == 0
    assert "100%|" in shown
    assert "loss" in shown


def test_train_quiet_shows_no_progress(corpus: Path, tmp_path: Path) -> None:
    result = run(*train(corpus, tmp_path / "v.txt", "--quiet"))
    assert result.stderr.startswith("sgns: wrote")
    assert result.stderr.count("\n") == 1


def test_train_reads_several_files_and_patterns(corpus: Path, tmp_path: Path) -> None:
    """In their order, wherever they stand; and again over the first result."""
    lines = corpus.read_bytes().splitlines(keepends=True)
    for name, part in (("a.txt", lines[:2000]), ("b.txt", lines[2000:3000])):
        (tmp_path / name).write_bytes(b"".join(part))
    (tmp_path / "all").write_bytes(b"".join(lines[:3000]))
    vectors = []
    for first, *more in (["all"], ["a.txt", "b.txt"], ["*.txt"]):
        output = tmp_path / "v.bin"
        files = [str(tmp_path / name) for name in more]
        assert cli.main(train(tmp_path / first, output, *files, "-q")) == 0
        vectors.append(output.read_bytes())
    assert vectors[0] == vectors[1] == vectors[2]


def test_train_binary_by_ending(corpus: Path, vectors: Path, tmp_path: Path) -> None:
    path = tmp_path / "vectors.bin"
    assert cli.main(train(corpus, path)) == 0
    binary, text = KeyedVectors.load(path), KeyedVectors.load(vectors)
    assert binary.words == text.words
    assert (binary.vectors == text.vectors).all()


def test_train_format_overrides_ending(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    assert cli.main(train(corpus, path, "--format", "binary")) == 0
    assert len(KeyedVectors.load(path, format="binary")) > 900


def test_train_stdin_to_stdout(corpus: Path, vectors: Path) -> None:
    result = run(*train("-", "-"), stdin=corpus.read_text(encoding="utf-8"))
    assert result.returncode == 0, result.stderr
    assert result.stdout == vectors.read_text(encoding="utf-8")


def test_train_output_vectors_are_the_second_table(
    corpus: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    assert cli.main(train(corpus, first, "--output-vectors", str(second))) == 0
    inputs, outputs = KeyedVectors.load(first), KeyedVectors.load(second)
    assert inputs.words == outputs.words
    assert (inputs.vectors != outputs.vectors).any()


def test_train_none_stands_for_none(corpus: Path, vectors: Path) -> None:
    path = corpus.with_name("none.txt")
    assert cli.main(train(corpus, path, "--alpha", "none")) == 0
    assert path.read_bytes() == vectors.read_bytes()


def test_train_unused_parameter_warns_in_one_line(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A12: a value for a parameter that the chosen loss does not use."""
    args = train(corpus, tmp_path / "v.txt", "--loss", "hs", "--negative", "9")
    assert cli.main(args) == 0
    warning = "sgns: warning: negative=9 is not used by loss='hs'\n"
    assert warning in capsys.readouterr().err


def test_most_similar_one_table_for_each_word(
    vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["most-similar", str(vectors), "king", "--topn", "3", "cats"]) == 0
    tables = capsys.readouterr().out.rstrip("\n").split("\n\n")
    assert [table.splitlines()[0] for table in tables] == ["king", "cats"]
    expected = KeyedVectors.load(vectors).most_similar("king", topn=3)
    shown = [line.split() for line in tables[0].splitlines()[1:]]
    assert shown == [[word, f"{cosine:.4f}"] for word, cosine in expected]


def test_most_similar_positive_and_negative(
    vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--positive", "paris", "italy", "--negative", "france", "--topn", "2"]
    assert cli.main(["most-similar", str(vectors), *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "paris + italy - france"
    expected = KeyedVectors.load(vectors).most_similar(
        positive=["paris", "italy"], negative=["france"], topn=2
    )
    assert [line.split()[0] for line in lines[1:3]] == [word for word, _ in expected]


def test_most_similar_limit_reads_the_first_words(
    vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    the = KeyedVectors.load(vectors).words[0]
    assert cli.main(["most-similar", str(vectors), the, "--limit", "4"]) == 0
    assert len(capsys.readouterr().out.rstrip("\n").splitlines()) == 4


def test_most_similar_invalid_utf8_is_an_error_that_errors_relaxes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """C7: strict by default."""
    path = tmp_path / "v.txt"
    path.write_bytes(b"2 2\n\xff 0.5 1.0\nmoon 0.5 -1.0\n")
    code, message = failure(capsys, "most-similar", str(path), "moon")
    assert code == 1
    assert message.startswith(f"{path}:2: ")
    args = ["most-similar", str(path), "moon", "--errors", "replace"]
    assert cli.main(args) == 0
    assert capsys.readouterr().out.split()[:2] == ["moon", "\N{REPLACEMENT CHARACTER}"]


def test_most_similar_words_that_stdout_cannot_encode_are_escaped(
    tmp_path: Path,
) -> None:
    path = tmp_path / "v.txt"
    path.write_text("2 2\nτόπος 0.5 1.0\nmoon 0.5 -1.0\n", encoding="utf-8")
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = run("most-similar", str(path), "moon", env=ascii_only)
    assert result.returncode == 0
    assert "\\u03c4" in result.stdout


def test_most_similar_words_from_stdin(vectors: Path) -> None:
    result = run("most-similar", str(vectors), "--topn", "1", stdin="king dog\n\ncat\n")
    assert result.returncode == 0
    assert "word>" not in result.stderr
    titles = [line for line in result.stdout.splitlines() if line[:1] not in ("", " ")]
    assert titles == ["king", "dog", "cat"]


def test_most_similar_unknown_word_on_stdin_goes_on(vectors: Path) -> None:
    result = run("most-similar", str(vectors), stdin="qqq king\n")
    assert result.returncode == 1
    assert result.stderr.startswith("sgns: 'qqq' is not in the vocabulary")
    assert result.stdout.startswith("king\n")


@posix
def test_most_similar_terminal_is_asked_for_words(vectors: Path) -> None:
    import pty

    master, slave = pty.openpty()
    os.write(master, b"king\n\x04")
    result = subprocess.run(
        [sys.executable, "-m", "sgns", "most-similar", str(vectors), "--topn", "1"],
        stdin=slave,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    os.close(slave)
    os.close(master)
    assert result.returncode == 0
    assert result.stdout.startswith("king\n")
    assert result.stderr.startswith("word> word> ")


def test_demo_writes_and_reports(tmp_path: Path) -> None:
    path = tmp_path / "demo.txt"
    result = run("demo", "-o", str(path), "--tokens", "100000", "--workers", "1")
    assert result.returncode == 0, result.stderr
    assert f"written to {path}" in result.stdout
    assert "analogies" in result.stdout
    assert len(KeyedVectors.load(path)) > 900
