"""The command line: usage, errors, full and closed outputs, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import TIMEOUT, environment, failure, posix, run, train, write_corpus
from sgns import KeyedVectors, cli


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus.txt")


@pytest.fixture(scope="module")
def vectors(corpus: Path) -> Path:
    """Vectors of the corpus, 20 columns, in text format."""
    path = corpus.with_name("vectors.txt")
    assert cli.main(train(corpus, path)) == 0
    return path


# ---- usage errors: exit code 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            [],
            "expected a command: train, most-similar, analogy, evaluate, phrases, "
            "convert, demo, word2vec",
        ),
        (["trian"], "unknown command 'trian'; did you mean 'train'?"),
        (
            ["xyz"],
            "unknown command 'xyz'; expected one of train, most-similar, analogy, "
            "evaluate, phrases, convert, demo, word2vec",
        ),
        (["--versoin"], "unknown argument '--versoin'; did you mean '--version'?"),
        (
            ["train", "c", "-o", "v.txt", "--windw", "3"],
            "unknown argument '--windw'; did you mean '--window'?",
        ),
        (
            ["train", "c", "-o", "v.txt", "--size=3"],
            "unknown argument '--size'; did you mean '--vector-size'?",
        ),
        (
            ["train", "c", "-o", "v.txt", "--threads", "3"],
            "unknown argument '--threads'; did you mean '--workers'?",
        ),
        (
            ["train", "c"],
            "the following arguments are required: -o/--output "
            "(see 'sgns train --help')",
        ),
        (
            ["train", "c", "-o", "v.txt", "--window", "x"],
            "argument --window: expected an int or none, got 'x' "
            "(see 'sgns train --help')",
        ),
        (
            ["train", "c", "-o", "v.txt", "--alpha", "x"],
            "argument --alpha: expected a number or none, got 'x' "
            "(see 'sgns train --help')",
        ),
        (
            ["train", "c", "-o", "v.dat"],
            "expected an output name that ends in .txt, .vec, .bin, .safetensors, "
            ".npy, .tsv (or --format), "
            "got 'v.dat'",
        ),
        (
            ["most-similar", "v.txt", "--topn", "0", "king"],
            "--topn must be an int >= 1, got 0",
        ),
        (["demo", "--tokens", "0"], "--tokens must be an int >= 1, got 0"),
        (
            ["demo", "-o", "v.dat"],
            "expected an output name that ends in .txt, .vec, .bin, .safetensors, "
            ".npy, .tsv (or --format), "
            "got 'v.dat'",
        ),
    ],
)
def test_usage_error_exits_2_in_one_line(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """L1: one line without traceback; unknown names suggest the nearest."""
    assert failure(capsys, *args) == (2, message)


def test_train_parameters_out_of_range_are_reported_together(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A2, A11: all faults in one message, before the corpus is read."""
    args = train(corpus, tmp_path / "v.txt", "--window", "0", "--loss", "neg")
    code, message = failure(capsys, *args)
    assert code == 2
    assert "window must be an int from 1 to 10000" in message
    assert "loss must be one of" in message
    assert not (tmp_path / "v.txt").exists()


def test_train_output_vectors_without_negative_sampling_is_refused(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = ["--output-vectors", str(tmp_path / "o.txt"), "--loss", "hs"]
    code, message = failure(capsys, *train(corpus, tmp_path / "v.txt", *second))
    assert code == 2
    assert message == "--output-vectors needs a loss with noise words, got loss='hs'"


def test_train_output_over_corpus_is_refused(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = corpus.read_bytes()
    code, message = failure(capsys, *train(corpus, corpus))
    assert code == 2
    assert message.endswith("is the corpus itself: the result would replace it")
    assert corpus.read_bytes() == before


def test_train_output_over_a_file_of_the_corpus_is_refused(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also over a file of a directory, and one that a pattern stands for."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(corpus.read_bytes())
    for paths in ([tmp_path], [tmp_path / "*.txt"], [corpus, tmp_path / "b.txt"]):
        more = map(str, paths[1:])
        code, message = failure(capsys, *train(paths[0], tmp_path / "b.txt", *more))
        assert code == 2
        assert message.endswith("is the corpus itself: the result would replace it")
    assert (tmp_path / "b.txt").read_bytes() == corpus.read_bytes()


@pytest.mark.parametrize("command", ["train", "phrases"])
def test_standard_input_beside_files_is_refused(
    corpus: Path, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "out.txt")
    code, message = failure(capsys, command, str(corpus), "-", "-o", output)
    assert code == 2
    assert message == "standard input (-) cannot be read together with files"


def test_train_one_file_for_both_tables_is_refused(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "v.txt"
    code, message = failure(capsys, *train(corpus, path, "--output-vectors", str(path)))
    assert (code, message) == (2, "--output and --output-vectors are the same file")


# ---- other errors: exit code 1


def test_train_missing_output_directory_fails_before_training(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L2: before training, not after."""
    output = tmp_path / "missing" / "v.txt"
    code, message = failure(capsys, *train(corpus, output))
    assert (code, message) == (1, f"{output}: the directory does not exist")


def test_train_directory_as_output_fails_before_training(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L2, F7: IsADirectoryError before work starts."""
    args = train(corpus, tmp_path, "--format", "text")
    assert failure(capsys, *args) == (1, f"{tmp_path}: Is a directory")


def test_train_file_as_output_directory_fails_before_training(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L2: the parent of the output is no directory."""
    output = corpus / "v.txt"
    assert failure(capsys, *train(corpus, output)) == (1, f"{output}: Not a directory")


@posix
def test_train_output_without_permission_fails_before_training(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L2, F7: not writable."""
    if os.geteuid() == 0:
        pytest.skip("root ignores file modes")
    tmp_path.chmod(0o500)
    output = tmp_path / "v.txt"
    code, message = failure(capsys, *train(corpus, output))
    tmp_path.chmod(0o700)
    assert (code, message) == (1, f"{output}: Permission denied")


@posix
def test_train_device_as_output_is_refused(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A writer that renames would replace the device itself."""
    code, message = failure(capsys, *train(corpus, "/dev/null", "--format", "text"))
    assert (code, message) == (1, "/dev/null: a device or a socket (- is stdout)")
    assert Path("/dev/null").is_char_device()


def test_train_missing_corpus(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.txt"
    code, message = failure(capsys, *train(missing, tmp_path / "v.txt"))
    assert (code, message) == (1, f"{missing}: No such file or directory")


def test_train_no_frequent_word(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = train(corpus, tmp_path / "v.txt", "--min-count", "1000000")
    assert cli.main(args) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("sgns: no word occurs at least")
    assert not (tmp_path / "v.txt").exists()


def test_most_similar_missing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.txt"
    code, message = failure(capsys, "most-similar", str(missing), "king")
    assert (code, message) == (1, f"{missing}: No such file or directory")


def test_most_similar_unknown_words_are_all_named(
    vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Q1: unknown words, with the nearest one."""
    n_words = len(KeyedVectors.load(vectors))
    args = ["most-similar", str(vectors), "--positive", "Queen", "qqq", "king"]
    code, message = failure(capsys, *args)
    assert code == 1
    assert message == (
        f"'Queen', 'qqq' are not in the vocabulary ({n_words:,} words); "
        "did you mean 'queen'?"
    )


@pytest.mark.parametrize("before", [True, False])
def test_traceback_option_shows_traceback(
    before: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L1: ``--traceback`` shows it, before or behind the command."""
    args = ["most-similar", str(tmp_path / "missing.txt"), "king"]
    position = 0 if before else len(args)
    args.insert(position, "--traceback")
    assert cli.main(args) == 1
    error = capsys.readouterr().err
    assert error.startswith("Traceback")
    assert error.splitlines()[-1].startswith("sgns: ")


def test_main_unknown_kernel() -> None:
    result = run("--version", env={**os.environ, "SGNS_KERNEL": "abacus"})
    assert result.returncode == 1
    assert result.stderr.startswith("sgns: ")
    assert result.stderr.count("\n") == 1
    assert "abacus" in result.stderr


# ---- stdout

STDOUT_CASES = [
    ("--version", True),
    ("--help", False),
    ("most-similar", True),
    ("train", True),
    ("train", False),
]
"""Commands that write to stdout, through a buffer or directly."""


@pytest.mark.parametrize(("command", "buffered"), STDOUT_CASES)
def test_stdout_full_exits_1(
    command: str, buffered: bool, corpus: Path, vectors: Path
) -> None:
    """L3: stdout is flushed before success is claimed."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    args = {
        "most-similar": [command, str(vectors), "king"],
        "train": train(corpus, "-", "--quiet"),
    }.get(command, [command])
    with Path("/dev/full").open("w") as full:
        result = run(*args, stdout=full, env=environment(buffered))
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "sgns: stdout: No space left on device"
    assert "Traceback" not in result.stderr
    assert "wrote" not in result.stderr


@posix
@pytest.mark.parametrize(("command", "buffered"), STDOUT_CASES)
def test_stdout_closed_pipe_exits_141(
    command: str, buffered: bool, corpus: Path, vectors: Path
) -> None:
    """L3: no message, no traceback."""
    args = {
        "most-similar": [command, str(vectors), "king"],
        "train": train(corpus, "-", "--quiet"),
    }.get(command, [command])
    reader, writer = os.pipe()
    os.close(reader)
    result = run(*args, stdout=writer, env=environment(buffered))
    os.close(writer)
    assert result.returncode == 141
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr


# ---- signals


@pytest.fixture
def long_run(corpus: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that trains for minutes and has begun."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "sgns"),
            *train(corpus, tmp_path / "v.txt", "--epochs", "100000"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "words/s" in line:
            break
    yield process
    process.kill()
    process.communicate()


@posix
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_train_interrupted_writes_vectors(
    name: str, code: int, long_run: subprocess.Popen[str], tmp_path: Path
) -> None:
    """L4, F3, F4: what was trained so far is kept."""
    long_run.send_signal(getattr(signal, name))
    _, error = long_run.communicate(timeout=TIMEOUT)
    assert long_run.returncode == code
    assert "sgns: interrupted; the vectors trained so far are kept\n" in error
    assert "Traceback" not in error
    assert len(KeyedVectors.load(tmp_path / "v.txt")) > 900


@posix
def test_train_interrupted_before_training_writes_nothing(tmp_path: Path) -> None:
    """L4: Ctrl-C while stdin is read."""
    output = tmp_path / "v.txt"
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "sgns", *train("-", output), "--quiet"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    block = b"one two three four\n" * 10_000
    for _ in range(20):  # returns when the process reads: it has begun
        process.stdin.write(block)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert error.decode() == "sgns: interrupted\n"
    assert not output.exists()


def test_main_restores_signal_handler_and_warnings(vectors: Path) -> None:
    """P11: nothing changes behind the user's back."""
    before = signal.getsignal(signal.SIGTERM)
    assert cli.main(["most-similar", str(vectors), "king"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before
