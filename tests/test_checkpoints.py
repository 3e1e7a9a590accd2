"""Checkpoints: files written while a model is trained, from which it goes on."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command_line import TIMEOUT, failure, posix, run, train, write_corpus
from conftest import Sentences, zipf_sentences
from sgns import Corpus, Training, Word2Vec, cli
from sgns._training import Run
from sgns.formats import read_model

SMALL: dict[str, Any] = {
    "vector_size": 8,
    "min_count": 1,
    "epochs": 4,
    "sample": 0.01,
    "workers": 1,
    "progress": False,
}


def small(corpus: Any = None, **options: Any) -> Word2Vec:
    return Word2Vec(corpus, **{**SMALL, **options})


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return zipf_sentences(3_000, 50, 30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.safetensors"


class Copies:
    """Keeps what the file holds at the end of each epoch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: list[bytes] = []

    def on_epoch_end(self, training: Training) -> None:
        self.files.append(self.path.read_bytes() if self.path.exists() else b"")


class Stops:
    """Ends training after an epoch, by True or by an exception."""

    def __init__(self, epoch: int, error: BaseException | None = None) -> None:
        self.epoch = epoch
        self.error = error

    def on_epoch_end(self, training: Training) -> bool:
        if training.epoch == self.epoch and self.error is not None:
            raise self.error
        return training.epoch == self.epoch


def assert_same(first: Word2Vec, second: Word2Vec) -> None:
    assert first.wv.words == second.wv.words
    for a, b in zip(first._tables(), second._tables(), strict=True):
        assert (a is None) == (b is None)
        assert a is None or (a.tobytes() == b.tobytes())


# What is written ----------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs", "softmax"])
def test_every_checkpoint_goes_on_with_the_bits_of_an_unbroken_run(
    architecture: str, loss: str, sentences: Sentences, path: Path
) -> None:
    """P8: the files of all epochs, the last one included."""
    options = {"architecture": architecture, "loss": loss, "seed": None}
    copies = Copies(path)
    unbroken = small(sentences, callbacks=copies, **options).fit(checkpoint=path)
    assert len(set(copies.files)) == 4
    for epoch, content in enumerate(copies.files, 1):
        path.write_bytes(content)
        stopped = Word2Vec.load(path)
        assert (stopped.n_epochs_, stopped.epochs) == (epoch, 4)
        assert stopped.wv.most_similar("w0")
        resumed = small(**options).fit(sentences, resume=path)
        assert_same(resumed, unbroken)
        assert resumed.history_["loss"] == unbroken.history_["loss"]
        assert resumed.n_epochs_ == 4


def test_checkpoint_every_leaves_epochs_out(sentences: Sentences, path: Path) -> None:
    """The end is written whatever the number of epochs."""
    copies = Copies(path)
    model = small(sentences, epochs=5, callbacks=copies)
    model.fit(checkpoint=path, checkpoint_every=2)
    epochs = []
    for content in copies.files:
        path.write_bytes(content)
        epochs.append(Word2Vec.load(path).n_epochs_ if content else 0)
    assert epochs == [0, 2, 2, 4, 5]


def test_checkpoints_change_no_bit(sentences: Sentences, path: Path) -> None:
    assert_same(small(sentences).fit(checkpoint=path), small(sentences).fit())


def test_checkpoint_is_a_model_file_without_left_overs(
    sentences: Sentences, path: Path
) -> None:
    model = small(sentences).fit(checkpoint=path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    content = read_model(path)
    assert content.input.tobytes() == model.vectors_.tobytes()
    assert content.parameters["window"] == 5


def test_run_goes_on_into_the_file_it_came_from(
    sentences: Sentences, path: Path
) -> None:
    """A run that is stopped again and again."""
    for epoch in (1, 2, 3):
        model = small(sentences, callbacks=Stops(epoch))
        model.fit(resume=path if epoch > 1 else None, checkpoint=path)
        assert Word2Vec.load(path).n_epochs_ == epoch
    last = small(sentences).fit(resume=path, checkpoint=path)
    assert_same(last, small(sentences).fit())
    assert_same(Word2Vec.load(path), last)


def test_exception_of_a_callback_leaves_the_checkpoint_of_its_epoch(
    sentences: Sentences, path: Path
) -> None:
    """It is written before the callbacks of the user are called."""
    error = RuntimeError("mine")
    with pytest.raises(RuntimeError) as caught:
        small(sentences, callbacks=Stops(2, error)).fit(checkpoint=path)
    assert caught.value is error
    assert Word2Vec.load(path).n_epochs_ == 2


def test_interrupt_within_an_epoch_leaves_the_checkpoint_before(
    sentences: Sentences, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L4: only a state between two epochs can go on exactly."""
    whole_epoch = Run._train_epoch

    def train_epoch(run: Run, epoch: int) -> None:
        if epoch < 2:
            return whole_epoch(run, epoch)
        run.is_between_epochs = False
        run.trainer.run_epoch(epoch, lambda *_: None, 1.0)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_train_epoch", train_epoch)
        with pytest.raises(KeyboardInterrupt):
            small(sentences).fit(checkpoint=path)
    assert Word2Vec.load(path).n_epochs_ == 2
    assert_same(small(sentences).fit(resume=path), small(sentences).fit())


# What is refused ----------------------------------------------------------------------


def stopped_at_two(path: Path, corpus: Any, **options: Any) -> None:
    small(corpus, callbacks=Stops(2), **options).fit(checkpoint=path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window": 3}, "resume needs equal parameters; window is 3, was 5"),
        ({"epochs": 9, "seed": 2}, "epochs is 9, was 4; seed is 2, was 1"),
        (
            {"validation": 0.1},
            "same validation, expected the share 0.2, got the share 0.1",
        ),
        ({"validation": None}, "same validation, expected the share 0.2, got none"),
        (
            {"validation": [["w0", "w1", "w2"]] * 9},
            r"expected the share 0.2, got a text of 27 words \(CRC-32 [0-9a-f]{8}\)",
        ),
        (
            {"vocabulary": {"w0": 9, "w1": 8}},
            "resume needs the same corpus, expected 3,000 words of the vocabulary",
        ),
    ],
)
def test_checkpoint_of_other_parameters_is_refused(
    change: dict[str, Any], message: str, sentences: Sentences, path: Path
) -> None:
    """M7."""
    stopped_at_two(path, sentences, validation=0.2)
    model = small(sentences, **{"validation": 0.2, **change})
    with pytest.raises(ValueError, match=message):
        model.fit(resume=path)
    assert not hasattr(model, "wv")


def test_checkpoint_of_another_corpus_is_refused(
    sentences: Sentences, path: Path
) -> None:
    """M8."""
    stopped_at_two(path, sentences)
    with pytest.raises(ValueError, match=r"same corpus, expected 3,000 .* got 2,"):
        small(sentences[1:]).fit(resume=path)
    with pytest.raises(ValueError, match="same corpus, got another text with as many"):
        small(sentences[::-1]).fit(resume=path)
    counts = small(sentences).fit().wv.counts
    assert counts is not None
    words = small(sentences).fit().wv.words
    doubled = dict(zip(words, (2 * counts).tolist(), strict=True))
    with pytest.raises(ValueError, match=r"the same counts of words .*, got others"):
        small(sentences, vocabulary=doubled).fit(resume=path)
    weighted = Corpus(sentences, weights=np.full(len(sentences), 2))
    with pytest.raises(ValueError, match="same weights of sentences, got others"):
        small(weighted).fit(resume=path)


def test_checkpoint_with_held_out_text_goes_on(
    sentences: Sentences, path: Path
) -> None:
    other = zipf_sentences(300, 50, 30, seed=1)
    stopped_at_two(path, sentences, validation=other)
    resumed = small(sentences, validation=other).fit(resume=path)
    unbroken = small(sentences, validation=other).fit()
    assert_same(resumed, unbroken)
    assert resumed.history_["held_out_loss"] == unbroken.history_["held_out_loss"]
    with pytest.raises(ValueError, match=r"expected a text of .* got a text of 2\d\d "):
        small(sentences, validation=other[1:]).fit(resume=path)


def test_checkpoint_of_another_version_warns(sentences: Sentences, path: Path) -> None:
    """M9."""
    stopped_at_two(path, sentences)
    stopped = Word2Vec.load(path)
    assert stopped._mark is not None
    stopped._mark["version"] = "0.0.1"
    with pytest.warns(UserWarning, match="not bit-equal .* by version 0.0.1, running"):
        small(sentences).fit(resume=stopped)


@pytest.mark.parametrize("key", ["tokens", "kernel", "validation"])
@pytest.mark.parametrize("value", [None, [], True])
def test_checkpoint_with_a_wrong_mark_raises(
    key: str, value: Any, sentences: Sentences, path: Path
) -> None:
    """P2: a file that was made by hand."""
    stopped_at_two(path, sentences)
    stopped = Word2Vec.load(path)
    assert stopped._mark is not None
    stopped._mark = {**stopped._mark, key: value}
    stopped.save(path)
    with pytest.raises(ValueError, match=r"run\.safetensors: _mark cannot be"):
        small(sentences).fit(resume=path)


def test_damaged_checkpoint_raises(sentences: Sentences, path: Path) -> None:
    """M10: it is not taken, and not replaced."""
    stopped_at_two(path, sentences)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.safetensors"):
        small(sentences).fit(resume=path, checkpoint=path)
    assert path.read_bytes() == content


class NeverRead:
    """A corpus that fails when it is looked at."""

    def __iter__(self) -> Any:
        raise AssertionError("the corpus was read")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("missing/run.safetensors", FileNotFoundError, "No such file or directory"),
        (".", IsADirectoryError, "Is a directory"),
        ("file/run.safetensors", NotADirectoryError, "Not a directory"),
        ("run.safetensors.gz", ValueError, "a safetensors file is not compressed"),
        ("fifo", ValueError, "fifo' is not a regular file"),
    ],
)
def test_wrong_path_raises_before_the_corpus_is_read(
    name: str, error: type[Exception], message: str, tmp_path: Path
) -> None:
    """L2, F7."""
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(error, match=message):
        small(NeverRead()).fit(checkpoint=tmp_path / name)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fifo", "file"]


def test_too_little_space_raises_before_training(
    sentences: Sentences, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L2."""

    class Full:
        f_bavail = 4 * 2 * 50 * 8 - 1
        f_frsize = 1

    monkeypatch.setattr(os, "statvfs", lambda _: Full)
    with pytest.raises(OSError, match="No space left") as caught:
        small(sentences, callbacks=Stops(1, AssertionError())).fit(checkpoint=path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"checkpoint": 3}, TypeError, "checkpoint must be a path or None, got 3"),
        (
            {"checkpoint": "x", "checkpoint_every": 0},
            ValueError,
            "checkpoint_every must be an int >= 1, got 0",
        ),
        (
            {"checkpoint": "x", "checkpoint_every": 1.0},
            TypeError,
            r"checkpoint_every must be an int >= 1, got 1\.0",
        ),
        (
            {"checkpoint_every": 2},
            ValueError,
            "checkpoint_every=2 needs a checkpoint",
        ),
    ],
)
def test_wrong_arguments_raise(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        small(NeverRead()).fit(**arguments)


def test_checkpoints_with_early_stopping_raise(path: Path) -> None:
    model = small(NeverRead(), validation=0.1, early_stopping=1)
    with pytest.raises(ValueError, match="checkpoint needs early_stopping=None"):
        model.fit(checkpoint=path)


def test_failing_write_keeps_the_model_and_the_old_file(
    sentences: Sentences, path: Path
) -> None:
    """F5: the directory goes away while it trains."""
    folder = path.parent / "folder"
    folder.mkdir()

    class Removes:
        def on_epoch_begin(self, training: Training) -> None:
            if training.epoch == 1:
                folder.rename(path.parent / "moved")

    model = small(sentences, callbacks=Removes())
    with pytest.raises(FileNotFoundError):
        model.fit(checkpoint=folder / path.name)
    assert model.n_epochs_ == 2
    model.save(path)
    assert Word2Vec.load(path.parent / "moved" / path.name).n_epochs_ == 1
    assert_same(small(sentences).fit(resume=path), small(sentences).fit())


# The end of the process ---------------------------------------------------------------

CHILD = """
import json, os, sys
from sgns import Word2Vec
text, path, options = json.loads(sys.stdin.read())
resume = path if os.path.exists(path) else None
Word2Vec(**options).fit(text, resume=resume, checkpoint=path)
"""


@posix
def test_killed_process_leaves_a_complete_checkpoint(
    sentences: Sentences, path: Path
) -> None:
    """F1, P8: killed again and again, the run comes to the same bits."""
    options = SMALL | {"epochs": 100}
    chance = random.Random(1)
    epochs = [0]
    for _ in range(4):
        before = path.stat().st_ino if path.exists() else None
        child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE)
        assert child.stdin is not None
        child.stdin.write(json.dumps([sentences, str(path), options]).encode())
        child.stdin.close()
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and child.poll() is None:
            if path.exists() and path.stat().st_ino != before:
                break
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        child.kill()
        child.wait()
        epochs.append(Word2Vec.load(path).n_epochs_)
    assert epochs == sorted(set(epochs))
    resumed = Word2Vec(**options).fit(sentences, resume=path, checkpoint=path)
    assert_same(resumed, Word2Vec(**options).fit(sentences))
    assert [one.name for one in path.parent.iterdir()] == [path.name]


# The command line ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus.txt")


def test_command_goes_on_with_its_checkpoint(corpus: Path, tmp_path: Path) -> None:
    """The checkpoint of a run in Python too, and that of a finished run."""
    path, output = tmp_path / "run.safetensors", tmp_path / "1.bin"
    more = ("--epochs", "2", "--checkpoint", str(path))
    assert cli.main(train(corpus, output, *more)) == 0
    finished = path.read_bytes()
    model = Word2Vec(vector_size=20, epochs=2, workers=1, progress=False)
    model.callbacks = Stops(1)
    model.fit(corpus, checkpoint=path)
    for _ in range(2):
        again = tmp_path / "2.bin"
        assert cli.main(train(corpus, again, *more, "--resume", str(path))) == 0
        assert again.read_bytes() == output.read_bytes()
        again.unlink()
    assert len(path.read_bytes()) == len(finished)


def test_command_with_a_wrong_checkpoint_fails_in_one_line(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L1, L2."""
    path, output = tmp_path / "run.safetensors", tmp_path / "v.txt"
    stopped_at_two(path, [["a", "b"]] * 9, sample=0)
    for more, code, message in (
        (("--resume", str(path)), 1, "resume needs equal parameters; vector_size is "),
        (("--resume", "missing"), 1, "missing: No such file or directory"),
        (("--checkpoint", str(tmp_path)), 1, f"{tmp_path}: Is a directory"),
        (("--checkpoint", str(corpus)), 2, "is the corpus itself"),
        (("--checkpoint", str(output)), 2, "--checkpoint and --output are the same"),
        (("--checkpoint", "-"), 2, "--checkpoint needs a file, got '-'"),
        (("--checkpoint-every", "2"), 2, "--checkpoint-every needs --checkpoint"),
        (
            ("--checkpoint", str(path), "--checkpoint-every", "0"),
            2,
            "--checkpoint-every must be",
        ),
        (
            ("--checkpoint", str(path), "--checkpoint-every", "no"),
            2,
            "--checkpoint-every: expected an int, got 'no'",
        ),
    ):
        got = failure(capsys, *train(corpus, output, "-q", *more))
        assert got[0] == code
        assert message in got[1]
        assert not output.exists()


def test_help_shows_the_flags_of_checkpoints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.main(["train", "--help"])
    text = capsys.readouterr().out
    for flag in ("--checkpoint FILE", "--checkpoint-every INT", "--resume FILE"):
        assert flag in text


@posix
def test_terminated_command_leaves_a_checkpoint(corpus: Path, tmp_path: Path) -> None:
    """L4: exit code 143, and the run goes on from the file."""
    path, output = tmp_path / "run.safetensors", tmp_path / "v.bin"
    more = ("--epochs", "5", "--checkpoint", str(path), "-q")
    command = [sys.executable, "-m", "sgns", *train(corpus, output, *more)]
    child = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + TIMEOUT
    while not path.exists() and time.monotonic() < deadline and child.poll() is None:
        time.sleep(0.001)
    child.terminate()
    child.communicate(timeout=TIMEOUT)
    assert child.returncode == 143
    assert Word2Vec.load(path).n_epochs_ >= 1
    assert run(*train(corpus, output, *more, "--resume", str(path))).returncode == 0
    unbroken = Word2Vec(vector_size=20, workers=1, progress=False).fit(corpus)
    assert Word2Vec.load(path).vectors_.tobytes() == unbroken.vectors_.tobytes()
