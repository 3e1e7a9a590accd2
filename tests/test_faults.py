"""Faults while a model is made: interrupts, errors, divergence, no memory, threads."""

from __future__ import annotations

import gc
import itertools
import math
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Sentences, zipf_sentences
from sgns import KeyedVectors, ProgressEvent, Word2Vec, _memory, _training

MODELS = [
    *itertools.product(("skipgram", "cbow"), ("ns", "hs", "ns+hs"), ["window"]),
    ("skipgram", "ns", "pair"),
    ("skipgram", "ns+hs", "pair"),
]
FITTED = (
    "wv",
    "vectors_",
    "output_vectors_",
    "node_vectors_",
    "vocabulary_",
    "history_",
    "seed_",
)
TINY: dict[str, Any] = {
    "vector_size": 8,
    "min_count": 1,
    "sample": 0,
    "epochs": 2,
    "workers": 1,
    "progress": False,
}
TIMEOUT = 60
"""Seconds after which a process has hung."""
PATIENCE = 2.0
"""P6: seconds within which Ctrl-C is answered; 0.3 on an idle machine."""
ENDLESS = 100_000
"""Epochs of a run that only an exception ends."""

needs_signals = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="needs the process table of Linux"
)


def core_threads() -> int:
    """Threads of this process that Python did not start; 0 where that is unknown."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return 0
    return len(list(tasks.iterdir())) - threading.active_count()


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code that may end its process."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def state_of(model: Word2Vec) -> bytes:
    """All that a model is, its corpus apart: equal bytes, equal state."""
    names = [n for n in vars(model) if n not in ("corpus", "_training", "progress")]
    return pickle.dumps([(name, getattr(model, name)) for name in sorted(names)])


def assert_not_fitted(model: Word2Vec) -> None:
    assert [name for name in FITTED if hasattr(model, name)] == []


def assert_usable(model: Word2Vec, folder: Path) -> None:
    """P6: queries work, all values are finite, save works."""
    assert all(hasattr(model, name) for name in FITTED)
    tables = (model.vectors_, model.output_vectors_, model.node_vectors_)
    assert all(table is None or np.isfinite(table).all() for table in tables)
    word = model.wv.words[0]
    assert model.wv.most_similar(word, topn=1)[0][0] != word
    assert len({len(values) for values in model.history_.values()}) == 1
    path = folder / "vectors.txt"
    model.wv.save(path)
    np.testing.assert_array_equal(KeyedVectors.load(path).vectors, model.vectors_)


@contextmanager
def interrupted_after(seconds: float) -> Iterator[list[float]]:
    """Ctrl-C after a while, unless the block ends before; gives its moment."""
    sent: list[float] = []
    done = threading.Event()

    def interrupt() -> None:
        if not done.wait(seconds):
            sent.append(time.monotonic())
            signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield sent
    finally:
        done.set()
        thread.join()


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    """P1, P7: as many threads after each fault as before it."""
    before = core_threads()
    yield
    end = time.monotonic() + PATIENCE
    while core_threads() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert core_threads() <= before


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return zipf_sentences(1_000, 40, 20, seed=5)


@pytest.fixture(scope="module")
def large() -> Sentences:
    """800,000 tokens: an epoch takes seconds at a large vector size."""
    return [[f"w{i}" for i in range(40)]] * 20_000


def slow(large: Sentences, **options: Any) -> Word2Vec:
    """A model that trains until it is stopped, an epoch lasting seconds."""
    wanted = {"vector_size": 100, "window": 20, "negative": 20, "epochs": ENDLESS}
    rest = {"negative_sharing": "pair", "alpha": 1e-3}
    return Word2Vec(large, **{**TINY, **wanted, **rest, **options})


# Ctrl-C -------------------------------------------------------------------------------


@needs_signals
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_interrupt_within_an_epoch_leaves_a_usable_model(
    workers: int, large: Sentences, tmp_path: Path
) -> None:
    """P6, F3."""
    model = slow(large, workers=workers)
    with interrupted_after(0.6) as sent, pytest.raises(KeyboardInterrupt):
        model.fit()
    assert time.monotonic() - sent[0] < PATIENCE
    assert_usable(model, tmp_path)


@needs_signals
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_interrupt_between_short_epochs_leaves_a_usable_model(
    workers: int, sentences: Sentences, tmp_path: Path
) -> None:
    """P6: epochs end faster than signals are looked for."""
    model = Word2Vec(sentences, **{**TINY, "epochs": ENDLESS, "workers": workers})
    with interrupted_after(0.3) as sent, pytest.raises(KeyboardInterrupt):
        model.fit()
    assert time.monotonic() - sent[0] < PATIENCE
    assert_usable(model, tmp_path)
    assert len(model.history_["loss"]) >= 1


INTERRUPT = """
import signal, sys, threading, time
import numpy as np
from sgns import Word2Vec

names = ("wv", "vectors_", "output_vectors_", "vocabulary_", "history_", "seed_")
text = [[f"w{i}" for i in range(40)]] * 20_000
options = {"vector_size": 16, "window": 20, "sample": 0, "workers": 2}

def interrupt(delay):
    time.sleep(delay)
    for _ in range(2):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.005)

for i in range(12):
    model = Word2Vec(text, epochs=100_000, progress=False, **options)
    thread = threading.Thread(target=interrupt, args=(0.025 * i,))
    try:
        try:
            thread.start()
            model.fit()
        except KeyboardInterrupt:
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    thread.join()
    present = [hasattr(model, name) for name in names]
    usable = all(present) and np.isfinite(model.vectors_).all()
    if usable:
        usable = len(model.wv.most_similar("w0")) == 10
    model.epochs = 1
    again = len(model.fit([["a", "b", "c"]] * 50).wv)
    print(usable or not any(present), again)
"""


@needs_signals
def test_two_interrupts_at_any_moment_leave_all_results_or_none() -> None:
    """F3: twice within 10 ms; and the model can be trained again."""
    result = run_python(INTERRUPT)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["True 3"] * 12


@needs_signals
@pytest.mark.parametrize("form", [list, itertools.cycle], ids=["list", "endless"])
def test_interrupt_while_an_iterable_is_read_leaves_the_model_as_it_was(
    form: Any, large: Sentences, sentences: Sentences
) -> None:
    """P6, P13: sent by another process, as a terminal does."""
    model = Word2Vec(**TINY).fit(sentences)
    before = state_of(model)
    corpus = form(large * 20)
    begin = time.monotonic()
    command = f"sleep 0.2; kill -INT {os.getpid()}"
    with (
        subprocess.Popen(["/bin/sh", "-c", command]),
        pytest.raises(KeyboardInterrupt),
    ):
        model.fit(corpus)
    assert time.monotonic() - begin < 0.2 + PATIENCE
    assert state_of(model) == before


def test_other_threads_run_while_an_iterable_is_read(large: Sentences) -> None:
    """A watchdog, a progress display or a server must not stand still meanwhile."""
    is_reading = threading.Event()
    has_ended = threading.Event()
    turns = 0

    def corpus() -> Iterator[list[str]]:
        is_reading.set()
        return itertools.chain(large * 10)  # no step of Python's own from here on

    def watch() -> None:
        nonlocal turns
        is_reading.wait()
        while not has_ended.wait(0.005):
            turns += 1

    watcher = threading.Thread(target=watch)
    watcher.start()
    model = Word2Vec(**{**TINY, "min_count": 10**9})
    with pytest.raises(ValueError, match="no word occurs"):
        model.fit(corpus())
    has_ended.set()
    watcher.join()
    assert turns >= 5


@needs_signals
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_interrupt_while_a_pipe_is_read_leaves_the_model_as_it_was(
    workers: int, tmp_path: Path
) -> None:
    """P6: a pipe that never ends."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    line = b" ".join(b"w%d" % i for i in range(20_000)) + b"\n"
    stop = threading.Event()

    def feed() -> None:
        # Without a buffer, whose rest would be written when the file is closed.
        with path.open("wb", buffering=0) as file:
            try:
                while not stop.is_set():
                    file.write(line)
            except BrokenPipeError:
                return

    feeder = threading.Thread(target=feed)
    feeder.start()
    model = Word2Vec(**{**TINY, "workers": workers})
    try:
        with interrupted_after(0.3) as sent, pytest.raises(KeyboardInterrupt):
            model.fit(path)
        assert time.monotonic() - sent[0] < PATIENCE
    finally:
        stop.set()
        feeder.join()
    assert_not_fitted(model)


@needs_signals
@pytest.mark.parametrize("workers", [1, 2])
def test_interrupt_while_a_plain_file_is_read(workers: int, tmp_path: Path) -> None:
    """P6: 150 MB, which take longer than the interrupt."""
    path = tmp_path / "corpus.txt"
    block = b"".join(b"word%d of %d\n" % (i % 50_000, i) for i in range(100_000))
    with path.open("wb") as file:
        for _ in range(100):
            file.write(block)
    model = Word2Vec(**{**TINY, "workers": workers})
    with interrupted_after(0.1) as sent, pytest.raises(KeyboardInterrupt):
        model.fit(path)
    assert time.monotonic() - sent[0] < PATIENCE
    assert_not_fitted(model)


@needs_signals
def test_interrupt_in_the_progress_function_keeps_what_was_trained(
    sentences: Sentences, tmp_path: Path
) -> None:
    def interrupt(event: ProgressEvent) -> None:
        signal.raise_signal(signal.SIGINT)

    model = Word2Vec(sentences, **{**TINY, "progress": interrupt})
    with pytest.raises(KeyboardInterrupt):
        model.fit()
    assert_usable(model, tmp_path)


# Exceptions of the user's code --------------------------------------------------------


class OwnError(Exception):
    """Nothing that the package knows."""


@pytest.mark.parametrize("at", [0, 1, 500, 999])
@pytest.mark.parametrize("error", [OwnError, SystemExit, MemoryError, ValueError])
def test_exception_of_the_generator_passes_unchanged(
    at: int, error: type[BaseException]
) -> None:
    """P7, F11."""
    failure = error("mine")

    def corpus() -> Iterator[list[str]]:
        for i in range(1_000):
            if i == at:
                raise failure
            yield ["a", "b", "c"]

    model = Word2Vec(**TINY)
    with pytest.raises(error) as caught:
        model.fit(corpus())
    assert caught.value is failure
    assert_not_fitted(model)


@pytest.mark.parametrize(
    "error", [OwnError, SystemExit, GeneratorExit, MemoryError, ValueError, OSError]
)
@pytest.mark.parametrize("workers", [1, 7])
def test_exception_of_progress_at_the_end_of_an_epoch_keeps_what_was_trained(
    workers: int, error: type[BaseException], sentences: Sentences, tmp_path: Path
) -> None:
    """P7, F11: kept like after Ctrl-C."""
    failure = error("mine")

    def fail(event: ProgressEvent) -> None:
        if event.epoch == 2:
            raise failure

    options = {**TINY, "workers": workers, "epochs": 5, "progress": fail}
    model = Word2Vec(sentences, **options)
    with pytest.raises(error) as caught:
        model.fit()
    assert caught.value is failure
    assert_usable(model, tmp_path)
    assert len(model.history_["loss"]) == 2


@pytest.mark.parametrize("error", [OwnError, SystemExit, StopIteration])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_exception_of_progress_within_an_epoch_keeps_what_was_trained(
    workers: int, error: type[BaseException], large: Sentences, tmp_path: Path
) -> None:
    """P7, F11: workers are stopped and joined."""
    failure = error("mine")

    def fail(event: ProgressEvent) -> None:
        raise failure

    model = slow(large, workers=workers, progress=fail)
    with pytest.raises(error) as caught:
        model.fit()
    assert caught.value is failure
    assert_usable(model, tmp_path)


# Corpora that cannot be trained -------------------------------------------------------


@pytest.mark.parametrize(
    ("corpus", "error", "message"),
    [
        ([], ValueError, r"^corpus has no word"),
        ([[], []], ValueError, r"^corpus has no word"),
        ("missing/corpus.txt", FileNotFoundError, r"missing/corpus\.txt"),
        ([["a", "b"]] * 3, ValueError, r"^no word occurs at least 5 times.*: 3\)$"),
        ([["a"] * 9], ValueError, r"^the vocabulary has 1 word \('a'\)"),
        ([["a"], ["b"]] * 9, ValueError, r"^no pair to train: no sentence has two"),
        ("hello world", TypeError, r"got the str 'hello world'; use text\.split"),
        (["hello world"], TypeError, r"^sentence 0 must be a list of words, got the"),
        (b"hello world", TypeError, r"^sentence 0 must be a list of words, got the"),
        ([None], TypeError, r"^sentence 0 must be a list of words, got None"),
        ([["a"], 5], TypeError, r"^sentence 1 must be a list of words, got int"),
        ([{"a": 1}], TypeError, r"^sentence 0 must be a list of words, got dict"),
        ([{"a", "b"}], TypeError, r"^sentence 0 must be a list of words, got set"),
        ({"a": 1}, TypeError, r"^corpus must be a path, an open file or an iterable"),
        (5, TypeError, r"^corpus must be a path, an open file or an iterable"),
        ([["a", math.nan]], TypeError, r"^sentence 0, token 1 must be str, got float"),
        ([["a"], ["b", None]], TypeError, r"^sentence 1, token 1 must be str, got No"),
        ([["a", ["b"]]], TypeError, r"^sentence 0, token 1 must be str, got list"),
        ([["a", 3]], TypeError, r"^sentence 0, token 1 must be str, got int.*'a'"),
        ([["a", ""]], ValueError, r"^sentence 0, token 1 is empty; use text\.split"),
        ([["a", "\udc80"]], ValueError, r"^sentence 0, token 1 holds a lone surrogat"),
    ],
)
def test_bad_corpus_leaves_the_model_as_it_was(
    corpus: Any, error: type[Exception], message: str, sentences: Sentences
) -> None:
    """P13, C1 to C6, C18 to C22: a new model, and a trained one."""
    new = Word2Vec(**{**TINY, "min_count": 5})
    trained = Word2Vec(**{**TINY, "min_count": 5}).fit(sentences)
    for model in (new, trained):
        before = state_of(model)
        with pytest.raises(error, match=message) as caught:
            model.fit(corpus)
        assert type(caught.value) is error
        assert len(str(caught.value)) <= 300
        assert state_of(model) == before
    assert_not_fitted(new)


def test_subsampling_that_drops_every_pair_raises() -> None:
    """C6: the message names the cause, and no warning comes before it."""
    model = Word2Vec([["a", "b"]] * 100, **{**TINY, "sample": 1e-9})
    with pytest.raises(ValueError, match=r"^no pair to train: .*set sample to 0"):
        model.fit()
    assert_not_fitted(model)


def test_stop_after_an_epoch_without_a_pair_raises() -> None:
    """P2: nothing that looks trained is left."""
    model = Word2Vec([["a", "b"]] * 100, **{**TINY, "sample": 1e-9})
    model.progress = lambda _: True
    with pytest.raises(ValueError, match=r"^no pair to train: "):
        model.fit()
    assert_not_fitted(model)


def test_epochs_without_a_pair_among_others_warn_once() -> None:
    """C6: one warning for the call, however many epochs are concerned."""
    options = {**TINY, "sample": 5e-3, "epochs": 40}
    model = Word2Vec([["a", "b"]] * 20, **options)
    message = r"^no pair to train in \d+ of 40 epochs: .*set sample to 0$"
    with pytest.warns(UserWarning, match=message) as caught:
        model.fit()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert len(model.history_["loss"]) == 40


# Divergence ---------------------------------------------------------------------------


@pytest.mark.parametrize(("architecture", "loss", "sharing"), MODELS)
@pytest.mark.parametrize("workers", [1, 2])
def test_learning_rate_of_1000_is_divergence(
    workers: int, architecture: str, loss: str, sharing: str, sentences: Sentences
) -> None:
    """P12, N1."""
    options = {**TINY, "architecture": architecture, "loss": loss, "workers": workers}
    model = Word2Vec(sentences * 20, **options, negative_sharing=sharing, alpha=1000)
    with pytest.raises(
        ValueError, match=r"^training diverged in epoch 1 after [\d,]+ pairs"
    ) as caught:
        model.fit()
    message = str(caught.value)
    assert type(caught.value) is ValueError
    assert caught.value.__cause__ is None
    assert "alpha=1000" in message
    assert "is too large, try 0.05 or less" in message
    assert "-nan" not in message
    assert len(message) <= 300
    assert_not_fitted(model)


def test_divergence_leaves_a_trained_model_as_it_was(sentences: Sentences) -> None:
    """P13."""
    model = Word2Vec(sentences, **TINY).fit()
    model.alpha = 1000
    before = state_of(model)
    with pytest.raises(ValueError, match=r"^training diverged"):
        model.fit()
    assert state_of(model) == before


def test_loss_above_that_of_zero_scores_warns_once() -> None:
    """N2: where nothing can be learned, a large rate only adds noise."""
    rng = random.Random(0)
    text = [[f"w{rng.randrange(24)}" for _ in range(20)] for _ in range(1_000)]
    options = {**TINY, "vector_size": 4, "architecture": "cbow", "negative": 1}
    options |= {"alpha": 0.5, "min_alpha": 0.5}
    with pytest.warns(UserWarning, match="mean loss of epoch 1 is") as caught:
        model = Word2Vec(text, **options).fit()
    assert min(model.history_["loss"]) > 1.05 * 2 * math.log(2)
    assert [warning.filename for warning in caught] == [__file__]


def test_loss_just_above_that_of_zero_scores_is_no_fault() -> None:
    """N2: where nothing can be learned, the loss wavers around the start."""
    rng = random.Random(0)
    text = [[rng.choice("ab") for _ in range(20)] for _ in range(200)]
    model = Word2Vec(text, **{**TINY, "negative": 1, "alpha": 0.1}).fit()
    assert max(model.history_["loss"]) > 2 * math.log(2)


def test_row_that_is_very_long_warns_once_with_its_norm() -> None:
    """N2."""
    table = np.zeros((5_000, 3), dtype=np.float32)
    table[[1, 4_500]] = [[0, 2e4, 0], [3e4, 0, 4e4]]
    with pytest.warns(UserWarning, match=r"longest row has a norm of 5e\+04") as caught:
        _training.check_tables((table, None, table), 0.025)
    assert [warning.filename for warning in caught] == [__file__]


def test_row_whose_norm_has_no_float32_warns() -> None:
    """N2: its values are finite, so it is not divergence."""
    table = np.full((2, 3), 1e30, dtype=np.float32)
    with pytest.warns(UserWarning, match=r"norm of 1\.732e\+30"):
        _training.check_tables([table], 0.025)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_row_that_is_not_finite_is_named(value: float) -> None:
    """P12."""
    table = np.full((5_000, 3), 1e4 / 3, dtype=np.float32)
    _training.check_tables([table], 0.025)
    table[4_321, 1] = value
    message = (
        r"^training diverged: row 4321 of the vectors is not finite; "
        r"alpha=0\.025 is too large, try 0\.005 or less$"
    )
    with pytest.raises(ValueError, match=message):
        _training.check_tables([table], 0.025)


@pytest.mark.parametrize("alpha", [1e-6, 0.025, 0.05, 0.0501, 1.0, 1e30])
def test_suggested_learning_rate_is_lower(alpha: float) -> None:
    """N1: also where the default itself diverged."""
    _, suggested, *rest = _training.lower_alpha(alpha).split()
    assert 0 < float(suggested) <= min(0.05, alpha / 2)
    assert rest == ["or", "less"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_non_finite_value_set_by_hand_is_not_saved(
    value: float, sentences: Sentences, tmp_path: Path
) -> None:
    """F22."""
    model = Word2Vec(sentences, **TINY).fit()
    model.vectors_[1, 2] = value
    path = tmp_path / "vectors.txt"
    with pytest.raises(ValueError, match="finite"):
        model.wv.save(path)
    assert list(tmp_path.iterdir()) == []


# Memory and threads that cannot be had ------------------------------------------------


def test_tables_larger_than_the_memory_raise_before_training(
    sentences: Sentences, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A13."""
    monkeypatch.setattr(_training, "available_memory", lambda: 10_000_000)
    model = Word2Vec(sentences, **{**TINY, "vector_size": 100_000, "loss": "ns+hs"})
    with pytest.raises(
        MemoryError,
        match=r"^3 tables of 40 x 100000 need 0.0 GB; 0.0 GB available$",
    ):
        model.fit()
    assert_not_fitted(model)


@needs_proc
def test_available_memory_is_that_of_the_control_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A13: files that the system would give back do not count as used."""
    monkeypatch.setattr(_memory, "_CGROUP", tmp_path)
    free = _memory.available_memory()
    assert free is not None
    (tmp_path / "memory.current").write_text("900000\n")
    (tmp_path / "memory.stat").write_text(
        "anon 300000\ninactive_file 500000\nactive_file 70000\n"
    )
    (tmp_path / "memory.max").write_text("max\n")
    assert _memory.available_memory() != 670_000
    (tmp_path / "memory.max").write_text("1000000\n")
    assert _memory.available_memory() == 670_000


LIMITED = """
import os, resource
from sgns import Word2Vec, _training

def threads():
    return len(os.listdir("/proc/self/task"))

def size():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()

if {estimate} is None:
    _training.available_memory = lambda: None
corpus = {corpus}
model = Word2Vec(corpus, min_count=1, sample=0, epochs=1, progress=False, {options})
before = threads()
resource.setrlimit(resource.RLIMIT_AS, (size() + {room} * 2**20,) * 2)
try:
    model.fit()
except {error} as error:
    print(type(error).__name__, error)
print(hasattr(model, "wv"), threads() - before)
"""


@needs_proc
@pytest.mark.parametrize("estimate", [True, None], ids=["estimate", "allocation"])
def test_limit_of_the_process_raises_memory_error(estimate: bool | None) -> None:
    """A13, F8: before the core is asked, and in the core."""
    code = LIMITED.format(
        corpus='[[f"w{i}" for i in range(1000)]] * 5',
        options="vector_size=100_000, workers=1",
        room=300,
        error="MemoryError",
        estimate=estimate,
    )
    result = run_python(code, OPENBLAS_NUM_THREADS="1")
    assert result.returncode == 0, result.stderr
    message, state = result.stdout.splitlines()
    expected = "MemoryError 2 tables of 1,000 x 100000 need 0.8 GB"
    assert message == expected or (estimate and message.startswith(expected + "; 0."))
    assert state == "False 0"


@needs_proc
def test_thread_that_cannot_be_started_raises_os_error() -> None:
    """F10: the others are joined, nothing is trained."""
    code = LIMITED.format(
        corpus='[[f"w{i}" for i in range(40)]] * 20_000',
        options="vector_size=8, workers=64",
        room=200,
        error="OSError",
        estimate=True,
    )
    result = run_python(code, OPENBLAS_NUM_THREADS="1")
    assert result.returncode == 0, result.stderr
    message, state = result.stdout.splitlines()
    kind, text = message.split(" ", 1)
    assert kind == "BlockingIOError"
    assert "could start " in text
    assert " of 64 threads: Resource temporarily unavailable" in text
    assert state == "False 0"


# Several threads and processes --------------------------------------------------------


def test_models_trained_at_the_same_time_equal_those_trained_in_turn(
    sentences: Sentences,
) -> None:
    """F14."""

    def train(seed: int) -> Word2Vec:
        return Word2Vec(sentences, **{**TINY, "epochs": 20}, seed=seed).fit()

    serial = [train(seed) for seed in range(8)]
    parallel: dict[int, Word2Vec] = {}
    threads = [
        threading.Thread(target=lambda s=seed: parallel.update({s: train(s)}))
        for seed in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, model in enumerate(serial):
        np.testing.assert_array_equal(model.vectors_, parallel[seed].vectors_)
        assert model.history_["loss"] == parallel[seed].history_["loss"]


def test_fit_in_another_thread_while_training_raises(sentences: Sentences) -> None:
    """F15: and the first training goes on."""
    errors: list[BaseException] = []

    def fit_again() -> None:
        try:
            model.fit()
        except BaseException as error:
            errors.append(error)

    def from_another_thread(event: ProgressEvent) -> None:
        if event.epoch == 1:
            thread = threading.Thread(target=fit_again)
            thread.start()
            thread.join()

    model = Word2Vec(sentences, **{**TINY, "progress": from_another_thread})
    model.fit()
    assert [type(error) for error in errors] == [ValueError]
    assert str(errors[0]) == "this model is being trained"
    assert len(model.history_["loss"]) == 2


def test_fit_inside_its_own_progress_function_raises(sentences: Sentences) -> None:
    """F15."""
    model = Word2Vec(sentences, **TINY)
    model.progress = lambda _: bool(model.fit())
    with pytest.raises(ValueError, match=r"^this model is being trained$"):
        model.fit()


def test_fit_after_a_fault_is_not_locked(sentences: Sentences) -> None:
    model = Word2Vec(**TINY)
    for corpus in ([], [["a"]], 5, iter([["a", None]])):
        with pytest.raises((ValueError, TypeError)):
            model.fit(corpus)
    assert model.fit(sentences).wv


def test_queries_during_a_second_training_see_the_first_result(
    sentences: Sentences,
) -> None:
    """F15: a call that has not ended has changed nothing."""
    model = Word2Vec(sentences, **TINY).fit()
    first = model.wv
    seen: list[bool] = []
    model.progress = lambda _: bool(seen.append(model.wv is first))
    model.fit()
    assert seen == [True, True]
    assert model.wv is not first


def test_model_pickled_while_it_trains_can_be_trained(sentences: Sentences) -> None:
    """F18: the copy is not being trained."""
    copies: list[bytes] = []

    def save(event: ProgressEvent) -> None:
        model.progress = False  # a function inside a function has no pickle
        copies.append(pickle.dumps(model))

    model = Word2Vec(sentences, **{**TINY, "progress": save})
    model.fit()
    copy = pickle.loads(copies[0])
    assert_not_fitted(copy)
    np.testing.assert_array_equal(copy.fit(sentences).vectors_, model.vectors_)


def train_in_child(model: Word2Vec, sentences: Sentences) -> np.ndarray:
    return model.fit(sentences).vectors_


def test_spawned_process_trains_the_same_bits(sentences: Sentences) -> None:
    """F18, P9: another start method."""
    model = Word2Vec(**TINY)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        vectors = pool.apply(train_in_child, (model, sentences))
        pool.close()
        pool.join()
    np.testing.assert_array_equal(vectors, model.fit(sentences).vectors_)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_while_training_leaves_a_child_that_works() -> None:
    """F17: a new object trains; the half-trained copy raises."""
    code = """
import os, warnings
from sgns import Word2Vec
warnings.simplefilter("ignore")
text = [[f"w{i}" for i in range(40)]] * 20_000
other = Word2Vec([["a", "b", "c"]] * 50, sample=0, workers=2, progress=False)

def fork(event):
    pid = os.fork()
    if pid:
        print(os.waitpid(pid, 0)[1], flush=True)
        return True
    try:
        model.fit()
    except ValueError as error:
        works = str(error) == "this model is being trained"
        works = works and len(other.fit().wv) == 3
        os._exit(0 if works else 1)
    os._exit(2)

model = Word2Vec(text, sample=0, window=20, workers=2, progress=fork)
model.fit()
print(len(model.wv))
"""
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["0", "40"]


@pytest.mark.parametrize("watched", [False, True])
def test_process_ends_while_a_daemon_thread_trains(watched: bool) -> None:
    """F16: no abort; the exit code is that of the program."""
    code = f"""
import threading, time
from sgns import Word2Vec
text = [[f"w{{i}}" for i in range(40)]] * 20_000
started = threading.Event()

class Slow:
    # Keeps the interpreter from its end until the thread wants to report.
    def __del__(self, sleep=time.sleep):
        sleep(0.5)

slow = Slow()
model = Word2Vec(text, window=20, sample=0, epochs=100_000, workers=2, progress=False)
if {watched}:
    model.progress = lambda _: started.set()
else:
    started.set()
threading.Thread(target=model.fit, daemon=True).start()
started.wait()
time.sleep(0.5)
print("leaving", flush=True)
"""
    result = run_python(code)
    assert (result.returncode, result.stdout) == (0, "leaving\n"), result.stderr


AT_EXIT = """
import threading, time
from sgns import Word2Vec
text = [[f"w{i}" for i in range(40)]]
model = Word2Vec(sample=0, epochs=100_000, workers=2, progress=False)
started = threading.Event()

class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.5)

def endless():
    while True:
        yield text[0]

def waiting():
    yield text[0]
    started.set()
    time.sleep(1)
    yield text[0]

def report(event):
    started.set()
    time.sleep(2.5)

def wait_for_it():
    started.wait()
    time.sleep(0.3)

slow = Slow()
"""


@pytest.mark.parametrize(
    "code",
    [
        "from itertools import cycle; corpus = cycle(text); started.set()",
        "corpus = endless(); started.set()",
        "corpus = waiting()",
        "corpus = text * 20_000; model.progress = report; model.window = 20",
        "corpus = text * 2; started.set()",
    ],
    ids=["C iterable", "generator", "sleeping generator", "progress", "short epochs"],
)
def test_process_ends_whatever_a_daemon_thread_does_in_fit(code: str) -> None:
    """F16: reading, waiting for the user's code, or between epochs."""
    rest = """
threading.Thread(target=model.fit, args=(corpus,), daemon=True).start()
wait_for_it()
print("leaving", flush=True)
"""
    result = run_python(AT_EXIT + code + rest)
    assert (result.returncode, result.stdout) == (0, "leaving\n"), result.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_child_of_a_fork_while_training_trains_in_a_daemon_thread() -> None:
    """F16, F17: the calls of the parent are not the child's to wait for."""
    code = """
import os, threading, time
text = [[f"w{i}" for i in range(40)]] * 20_000
from sgns import Word2Vec

def start():
    model = Word2Vec(text, window=20, sample=0, epochs=100_000, progress=False)
    threading.Thread(target=model.fit, daemon=True).start()
    time.sleep(0.7)

start()
pid = os.fork()
if pid:
    print(os.waitpid(pid, 0)[1], flush=True)
else:
    start()
"""
    result = run_python(code)
    assert (result.returncode, result.stdout) == (0, "0\n"), result.stderr


def test_process_waits_for_a_thread_that_trains(sentences: Sentences) -> None:
    """F16."""
    code = """
import threading
from sgns import Word2Vec
model = Word2Vec([["a", "b", "c"]] * 1000, sample=0, epochs=50, workers=2)
threading.Thread(target=lambda: print(len(model.fit().wv))).start()
"""
    result = run_python(code)
    assert (result.returncode, result.stdout) == (0, "3\n"), result.stderr


def test_model_that_trained_is_freed(sentences: Sentences) -> None:
    """No cycle and no reference of the core keeps the tables."""
    import weakref

    model = Word2Vec(sentences, **TINY).fit()
    vectors = weakref.ref(model.vectors_)
    del model
    gc.collect()
    assert vectors() is None


# Nothing else changes -----------------------------------------------------------------


SNAPSHOT = """
import hashlib, locale, logging, os, pickle, random, signal, sys, threading, warnings
import numpy as np

def snapshot():
    signals = {s: str(signal.getsignal(s)) for s in signal.valid_signals()}
    mask = os.umask(0)
    os.umask(mask)
    return {
        "locale": locale.setlocale(locale.LC_ALL),
        "warnings": [str(f) for f in warnings.filters],
        "showwarning": warnings.showwarning,
        "numpy random": hashlib.sha256(pickle.dumps(np.random.get_state())).hexdigest(),
        "random": hash(random.getstate()),
        "signals": signals,
        "cwd": os.getcwd(),
        "umask": mask,
        "environment": dict(os.environ),
        "float errors": np.geterr(),
        "print options": np.get_printoptions(),
        "switch interval": sys.getswitchinterval(),
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook),
        "recursion": sys.getrecursionlimit(),
        "log handlers": list(logging.getLogger().handlers),
        "log level": logging.getLogger().level,
        "threads": [thread.name for thread in threading.enumerate()],
        "files": sorted(os.listdir(".")),
        "streams": (sys.stdout, sys.stderr, sys.stdin),
    }

def compare(before, what):
    after = snapshot()
    print(what, [name for name in before if before[name] != after[name]])

before = snapshot()
import sgns
compare(before, "import")
text = [["a", "b", "c", "d"]] * 200
for loss in ("ns", "hs"):
    model = sgns.Word2Vec(text, loss=loss, sample=0, workers=2).fit()
compare(before, "fit")
model.wv.most_similar("a")
sgns.show_config()
compare(before, "queries")
print("loggers", logging.getLogger("sgns").handlers)
"""


def test_import_and_fit_change_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P11."""
    monkeypatch.chdir(tmp_path)
    result = run_python(SNAPSHOT)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    expected = ["import []", "fit []", "queries []", "loggers []"]
    assert result.stdout.splitlines() == expected


def test_subnormals_survive_import_and_training() -> None:
    """P11: no flush-to-zero is switched on, in this thread or in a new one."""
    code = """
import threading
import numpy as np

def survive():
    tiny = np.array([1e-40], np.float32)
    small = np.array([5e-324])
    kept = (tiny * np.float32(1))[0] == tiny[0] and (small * 1.0)[0] == small[0]
    print(bool(kept and tiny[0] > 0 and 2.5e-320 / 2 > 0))

survive()
import sgns
survive()
sgns.Word2Vec([["a", "b", "c"]] * 50, sample=0, workers=2).fit()
survive()
thread = threading.Thread(target=survive)
thread.start()
thread.join()
"""
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["True"] * 4


def test_result_does_not_depend_on_the_locale(sentences: Sentences) -> None:
    """P11."""
    import locale

    model = Word2Vec(sentences, **TINY).fit()
    old = locale.setlocale(locale.LC_ALL)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        try:
            other = Word2Vec(sentences, **TINY).fit()
        finally:
            locale.setlocale(locale.LC_ALL, old)
        np.testing.assert_array_equal(other.vectors_, model.vectors_)
        return
    pytest.skip("no locale with a decimal comma is installed")
