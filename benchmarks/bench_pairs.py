"""Speed of tables of labelled pairs against the usual loops in pure Python.

    python benchmarks/bench_pairs.py [--tokens N] [--words V] [--workers T]

Two tables over the same sentences, drawn by Zipf's law:

* window 5, 5 negatives for each positive by count^0.75, against a plain loop that draws
  by inverse cumulated counts;
* window 4, 1 negative for each positive, all words alike, against `skipgrams` of Keras
  (the package keras-preprocessing, where it is installed) with its default parameters,
  and without its shuffle, as sgns has its rows in the order of the text.

The loops make the rows of the first sentences, sgns as many as it can in 3 seconds. To
exclude anything is more than the loops do: both allow false negatives.
"""

from __future__ import annotations

import argparse
import bisect
import functools
import importlib.util
import itertools
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sgns import sampling

EXCLUDE = ("none", "target", "window", "sentence", "pairs")
SENTENCE = 25


def python_rows(ids: list[int], cumulated: list[float]) -> int:
    """Make the rows of one sentence after the other; their number."""
    couples, labels = [], []
    for begin in range(0, len(ids), SENTENCE):
        sentence = ids[begin : begin + SENTENCE]
        for i, centre in enumerate(sentence):
            for j in range(max(0, i - 5), min(len(sentence), i + 6)):
                if j == i:
                    continue
                couples.append([centre, sentence[j]])
                labels.append(1)
                for _ in range(5):
                    drawn = bisect.bisect(cumulated, random.random() * cumulated[-1])
                    couples.append([centre, drawn])
                    labels.append(0)
    return len(labels)


def keras_rows(ids: list[int], n_words: int, shuffle: bool) -> int:
    """As many rows as Keras makes of the sentences, one call each."""
    from keras_preprocessing.sequence import skipgrams

    rows = 0
    for begin in range(0, len(ids), SENTENCE):
        sentence = ids[begin : begin + SENTENCE]
        rows += len(skipgrams(sentence, n_words, shuffle=shuffle)[1])
    return rows


def loop_speed(name: str, make: Callable[[], int]) -> float:
    """Best rows a second of three calls; prints its line."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        best = max(best, make() / (time.perf_counter() - start))
    print(f"{name:26}{'':>10}{best / 1e6:>10.2f}")
    return best


def compare(ids: np.ndarray, loops: list[float], workers: int, **options: Any) -> None:
    """A line for each exclusion: rows a second, and times each of the loops."""
    offsets = np.append(np.arange(0, len(ids), SENTENCE), len(ids))
    for exclude in EXCLUDE:
        start = time.perf_counter()
        table = sampling.skipgrams(
            ids,
            offsets=offsets,
            exclude=exclude,
            batch_size=65_536,
            workers=workers,
            **options,
        )
        made = time.perf_counter()
        rows = 0
        while time.perf_counter() - made < 3:
            for centers, _, _ in table:
                rows += len(centers)
                if time.perf_counter() - made > 3:
                    break
        speed = rows / (time.perf_counter() - made)
        times = "".join(f"{speed / loop:>12.0f}" for loop in loops)
        name = f"sgns, exclude={exclude!r}"
        print(f"{name:26}{made - start:>10.2f}{speed / 1e6:>10.1f}{times}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=2_000_000)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    p = 1 / np.arange(1, options.words)
    # Keras takes the word 0 as none.
    ids = rng.choice(options.words - 1, options.tokens, p=p / p.sum()).astype(np.int32)
    ids += 1
    counts = np.bincount(ids, minlength=options.words)
    part = ids[:20_000].tolist()
    cumulated = list(itertools.accumulate((counts**0.75).tolist()))
    head = f"{'prepare s':>10}{'M rows/s':>10}"
    print(f"{'window 5, 5 negatives':26}{head}{'x loop':>12}")
    loop = loop_speed("loop", lambda: python_rows(part, cumulated))
    compare(ids, [loop], options.workers)
    print(f"\n{'window 4, 1 negative':26}{head}{'x shuffled':>12}{'x ordered':>12}")
    loops = []
    if importlib.util.find_spec("keras_preprocessing"):
        for name, shuffle in (("Keras, shuffled", True), ("Keras, ordered", False)):
            call = functools.partial(keras_rows, part, options.words, shuffle)
            loops.append(loop_speed(name, call))
    else:
        print("Keras: keras-preprocessing is not installed")
    alike = np.append(0.0, np.ones(options.words - 1))
    law = sampling.Weights(alike)
    compare(ids, loops, options.workers, window=4, negatives=1, distribution=law)


if __name__ == "__main__":
    main()
