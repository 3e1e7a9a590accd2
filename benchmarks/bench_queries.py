"""Speed of queries and of evaluation, beside NumPy, gensim and the original program.

Queries: 1,000 words against 200,000 random vectors of 300 values, all ten nearest. The
measure is the matrix product of the queries and the vectors alone, into memory that is
in use already (which costs nothing) and into new memory (as ``queries @ vectors.T``).
Everything is run in turn several times; medians, and ranges in brackets.

Evaluation (``--vectors``, ``--questions``): analogies over the 30,000 most frequent
words, and whether the original program counts the same.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from sgns import KeyedVectors, evaluation

Timed = tuple[str, Callable[[], object]]


def measure(programs: list[Timed], runs: int) -> dict[str, list[float]]:
    """Seconds of each program, run in turn."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in programs}
    for _ in range(runs):
        for name, program in programs:
            start = time.perf_counter()
            program()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def show(seconds: dict[str, list[float]]) -> None:
    """Print a table; the first program is the measure."""
    first = median(next(iter(seconds.values())))
    print("| program | seconds | speed / first |\n|---|---|---|")
    for name, times in seconds.items():
        spread = f"({min(times):.3f} to {max(times):.3f})"
        print(
            f"| {name} | {median(times):.3f} {spread} | {first / median(times):.2f} |"
        )
    print()


def gensim_vectors(words: list[str], vectors: np.ndarray) -> object | None:
    """Return the vectors in gensim, or None without it."""
    try:
        from gensim.models import KeyedVectors as Theirs
    except ImportError:
        return None
    theirs = Theirs(vectors.shape[1])
    theirs.add_vectors(words, vectors)
    theirs.fill_norms()
    return theirs


def bench_queries(n_words: int, dim: int, n_queries: int, runs: int) -> None:
    """Many queries, and one query."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((n_words, dim), dtype=np.float32)
    wv = KeyedVectors([f"w{row}" for row in range(n_words)], vectors)
    asked = [f"w{row}" for row in rng.choice(n_words, n_queries, replace=False)]
    queries = wv[asked]
    used = np.zeros((n_queries, n_words), dtype=np.float32)
    wv.most_similar_batch(asked[:2])  # the norms
    print(f"{n_queries:,} queries, {n_words:,} x {dim}\n")
    programs: list[Timed] = [
        ("matrix product, used memory", lambda: queries.dot(vectors.T, out=used)),
        ("matrix product, new memory", lambda: queries @ vectors.T),
        ("most_similar_batch", lambda: wv.most_similar_batch(asked)),
    ]
    show(measure(programs, runs))
    print(f"one query, {n_words:,} x {dim}\n")
    programs = [("most_similar", lambda: wv.most_similar("w0"))]
    theirs = gensim_vectors(wv.words, vectors)
    if theirs is not None:
        programs.insert(0, ("gensim most_similar", lambda: theirs.most_similar("w0")))
    show(measure(programs, runs))


def bench_evaluation(path: Path, questions: Path, runs: int) -> None:
    """Analogies, and the counts of the original program."""
    wv = KeyedVectors.load(path)
    programs: list[Timed] = [
        (
            method,
            lambda method=method: evaluation.analogies(wv, questions, method=method),
        )
        for method in ("3cosadd", "3cosmul")
    ]
    print(f"analogies, {len(wv):,} x {wv.vector_size}\n")
    seconds = measure(programs, runs)
    program = shutil.which("word2vec-compute-accuracy")
    if program is not None:
        start = time.perf_counter()
        with questions.open("rb") as stdin:
            done = subprocess.run(
                [program, path, "30000"], stdin=stdin, capture_output=True, check=True
            )
        seconds["compute-accuracy"] = [time.perf_counter() - start]
        theirs = re.findall(r"\((\d+) / (\d+)\)", done.stdout.decode())
        ours = evaluation.analogies(wv, questions).sections
        counts = [(str(one.correct), str(one.covered)) for one in ours]
        print(f"compute-accuracy counts the same: {counts == theirs}\n")
    show(seconds)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=200_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--vectors", type=Path, help="word2vec binary file")
    parser.add_argument("--questions", type=Path, help="questions-words.txt")
    args = parser.parse_args()
    bench_queries(args.words, args.dim, args.queries, args.runs)
    if args.vectors and args.questions:
        bench_evaluation(args.vectors, args.questions, args.runs)


if __name__ == "__main__":
    main()
