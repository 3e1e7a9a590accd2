"""Speed of tables of labelled pairs against the usual loop in pure Python.

    python benchmarks/bench_pairs.py [--tokens N] [--words V] [--workers T]

The loop does what the `skipgrams` of a well-known library does: for each token the
words of its window, and as many random words with label 0, here by inverse cumulated
counts. Both make 5 negatives for each positive in a window of 5; text and vocabulary
are drawn by Zipf's law.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import random
import time

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=2_000_000)
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    p = 1 / np.arange(1, options.words + 1)
    ids = rng.choice(options.words, options.tokens, p=p / p.sum()).astype(np.int32)
    counts = np.bincount(ids, minlength=options.words)
    part = ids[:20_000].tolist()
    cumulated = list(itertools.accumulate((counts**0.75).tolist()))
    start = time.perf_counter()
    loop = python_rows(part, cumulated) / (time.perf_counter() - start)
    print(f"{'':12}{'prepare s':>10}{'M rows/s':>10}{'times the loop':>16}")
    print(f"{'loop':12}{'':>10}{loop / 1e6:>10.2f}{1:>16.0f}")
    offsets = np.append(np.arange(0, len(ids), SENTENCE), len(ids))
    for exclude in EXCLUDE:
        start = time.perf_counter()
        table = sampling.skipgrams(
            ids,
            offsets=offsets,
            exclude=exclude,
            batch_size=65_536,
            workers=options.workers,
        )
        made = time.perf_counter()
        rows = 0
        for centers, _, _ in table:
            rows += len(centers)
            if time.perf_counter() - made > 3:
                break
        speed = rows / (time.perf_counter() - made)
        print(
            f"{exclude:12}{made - start:>10.2f}{speed / 1e6:>10.1f}"
            f"{speed / loop:>16.0f}"
        )


if __name__ == "__main__":
    main()
