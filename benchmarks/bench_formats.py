"""Loading and saving vectors beside gensim, interleaved: each program in turn, again
and again, so that a change of the machine's speed meets all of them.

    python benchmarks/bench_formats.py --words 200000 --size 300 --rounds 3

`--clock cpu` counts the processor time of all threads: for a machine that does other
work meanwhile. Where sgns uses several threads it shows less than they gain.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import sgns
from sgns.formats import Model, read_model, write_model


def timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    kept = work()
    seconds = clock() - start
    del kept
    return seconds


def programs(folder: Path, n_words: int, size: int) -> dict[str, Callable[[], object]]:
    """The work to be timed by name, `task: program`."""
    rng = np.random.default_rng(1)
    vectors = (rng.standard_normal((n_words, size)) * 0.1).astype(np.float32)
    words = [f"word{i}" for i in range(n_words)]
    text, binary = str(folder / "v.txt"), str(folder / "v.bin")
    native, saved = str(folder / "v.safetensors"), str(folder / "saved")
    ours = sgns.KeyedVectors(words, vectors)
    ours.save(text)
    ours.save(binary)
    write_model(native, Model(words, vectors, output=vectors))
    load = sgns.KeyedVectors.load
    work: dict[str, Callable[[], object]] = {
        "load text: sgns": lambda: load(text),
        "load binary: sgns": lambda: load(binary),
        "load safetensors mapped: sgns": lambda: load(native, mmap=True),
        "load safetensors: sgns": lambda: load(native),
        "load whole model mapped: sgns": lambda: read_model(native, mmap=True),
        "save text: sgns": lambda: ours.save(saved + ".txt"),
        "save binary: sgns": lambda: ours.save(saved + ".bin"),
        "save safetensors: sgns": lambda: ours.save(saved + ".safetensors"),
    }
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        print("gensim is not installed: pip install gensim")
        return work
    theirs = KeyedVectors(size)
    theirs.add_vectors(words, vectors)
    read, write = KeyedVectors.load_word2vec_format, theirs.save_word2vec_format
    return work | {
        "load text: gensim": lambda: read(text),
        "load binary: gensim": lambda: read(binary, binary=True),
        "save text: gensim": lambda: write(saved),
        "save binary: gensim": lambda: write(saved, binary=True),
    }


def show(times: dict[str, list[float]], rounds: int) -> None:
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{'':24}{'sgns s':>10}{'gensim s':>10}{'ratio':>8}   median of {rounds}")
    for name, seconds in medians.items():
        task, _, program = name.partition(": ")
        if program == "sgns":
            peer = medians.get(f"{task}: gensim")
            beside = f"{peer:10.3f}{peer / seconds:8.1f}" if peer else ""
            print(f"{task:24}{seconds:10.3f}{beside}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=200_000)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="tasks that contain this text")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    args = parser.parse_args()
    clock = time.process_time if args.clock == "cpu" else time.perf_counter
    with tempfile.TemporaryDirectory() as folder:
        work = programs(Path(folder), args.words, args.size)
        work = {name: run for name, run in work.items() if args.only in name}
        times: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(args.rounds):
            for name, run in work.items():
                times[name].append(timed(run, clock))
        os.sync()
    print(f"{args.words:,} words x {args.size}, {args.clock} time")
    show(times, args.rounds)


if __name__ == "__main__":
    main()
