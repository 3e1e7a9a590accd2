"""Fixtures and small corpora that several test modules share."""

from __future__ import annotations

import itertools
import signal
from dataclasses import asdict

import numpy as np
import pytest

import reference
from sgns import _core

Sentences = list[list[str]]
Encoded = tuple[list[int], list[int], list[int]]


@pytest.fixture(params=_core.kernel_names())
def kernel(request: pytest.FixtureRequest) -> str:
    """Name of a kernel table that this machine can run, one after the other."""
    return request.param


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """Ctrl-C as in the foreground: shells start jobs in the background without it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def zipf_sentences(
    n_tokens: int, n_words: int, longest: int, seed: int = 0
) -> Sentences:
    """Sentences of 1 to `longest` words; word w<r> has probability ~ 1 / (r + 1)."""
    rng = np.random.default_rng(seed)
    p = 1 / np.arange(1, n_words + 1)
    words = [f"w{r}" for r in rng.choice(n_words, n_tokens, p=p / p.sum())]
    ends = [*np.cumsum(rng.integers(1, longest + 1, n_tokens)).tolist(), n_tokens]
    cuts = [0, *[end for end in ends if end < n_tokens], n_tokens]
    return [words[a:b] for a, b in itertools.pairwise(cuts)]


def zipf_counts(n_words: int, highest: int) -> np.ndarray:
    """Descending counts ~ highest / rank, at least 1: (n_words,) int64."""
    return np.maximum(1, highest // np.arange(1, n_words + 1)).astype(np.int64)


def core_corpus(sentences: Sentences) -> tuple[_core.Corpus, np.ndarray]:
    """Corpus and counts of the core, every word kept."""
    builder = _core.CorpusBuilder()
    builder.add_sentences(sentences)
    vocabulary, corpus = builder.finish(1)
    return corpus, vocabulary.counts


def core_config(config: reference.Config) -> _core.TrainConfig:
    """Config of the core with the same values."""
    return _core.TrainConfig(**asdict(config))


@pytest.fixture(scope="session")
def small_sentences() -> Sentences:
    """About 800 tokens of 60 words; sentences of 1 to 40 words."""
    return [*zipf_sentences(800, 60, 40), ["w0"], ["w1", "w1", "w1", "w2"]]


@pytest.fixture(scope="session")
def small_corpus(small_sentences: Sentences) -> tuple[_core.Corpus, np.ndarray]:
    """Corpus and counts of `small_sentences`."""
    return core_corpus(small_sentences)


@pytest.fixture(scope="session")
def long_sentence() -> list[str]:
    """One sentence of 25,500 tokens: more than two blocks of 10,000."""
    return zipf_sentences(25_500, 500, 10**9)[0]


@pytest.fixture(scope="session")
def long_corpus(long_sentence: list[str]) -> tuple[_core.Corpus, np.ndarray]:
    """Corpus and counts of `long_sentence`."""
    return core_corpus([long_sentence])
