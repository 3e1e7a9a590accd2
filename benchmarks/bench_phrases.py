"""Phrases: this package, gensim and word2phrase on one text, in one run.

    python benchmarks/bench_phrases.py --corpus text8 [--runs 3] [--clock cpu]

Prints the seconds of each program from the start of its process to the written text,
or with `--clock cpu` the processor time of all its threads, for a machine that does
other work meanwhile; the ratios of the medians, and whether the texts are equal.
gensim is asked for the same formula; since it multiplies by its number of words and
pairs instead of the number of tokens, its phrases are others.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

GENSIM = """
import sys
from gensim.models.phrases import Phrases
from gensim.models.word2vec import LineSentence
text = LineSentence(sys.argv[1], max_sentence_length=10**4)
phrases = Phrases(text, threshold=float(sys.argv[3])).freeze()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    for sentence in text:
        print(*phrases[sentence], file=file)
"""


def commands(corpus: Path, folder: Path, threshold: float) -> dict[str, list[str]]:
    """The command of each program that is installed."""
    limit = f"{threshold:g}"

    def output(name: str) -> str:
        return str(folder / name)

    found = {
        "sgns": [
            *(sys.executable, "-m", "sgns", "phrases", str(corpus)),
            *("-o", output("sgns"), "--threshold", limit, "--across-sentences"),
        ]
    }
    if program := shutil.which("word2phrase"):
        found["word2phrase"] = [
            *(program, "-train", corpus.name, "-output", "word2phrase"),
            *("-threshold", limit, "-debug", "0"),
        ]
    try:
        import gensim  # noqa: F401
    except ImportError:
        print("gensim is not installed", file=sys.stderr)
    else:
        arguments = [str(corpus), output("gensim"), limit]
        found["gensim"] = [sys.executable, "-c", GENSIM, *arguments]
    return found


def processor_time() -> float:
    """Seconds of the processor that all ended child processes have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(command: list[str], folder: Path, clock: Callable[[], float]) -> float:
    begin = clock()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return clock() - begin


def words_that_differ(ours: Path, theirs: Path) -> int:
    """Words at the same place that are not equal, and those one text has more."""
    first, second = ours.read_bytes().split(), theirs.read_bytes().split()
    n_unequal = sum(a != b for a, b in zip(first, second, strict=False))
    return n_unequal + abs(len(first) - len(second))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--programs", nargs="+", help="only these")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    args = parser.parse_args()
    clock = processor_time if args.clock == "cpu" else time.perf_counter
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = commands(args.corpus.resolve(), folder, args.threshold)
        # word2phrase has room for 59 bytes of a path.
        (folder / args.corpus.name).symlink_to(args.corpus.resolve())
        programs = [p for p in found if args.programs is None or p in args.programs]
        times: dict[str, list[float]] = {program: [] for program in programs}
        for _ in range(args.runs):
            for program in programs:
                times[program].append(seconds(found[program], folder, clock))
        for program, values in times.items():
            median = statistics.median(values)
            ratio = median / statistics.median(times["sgns"])
            row = f"{median:8.2f} s  ({min(values):.2f} to {max(values):.2f})"
            print(f"{program:12} {row}  {ratio:6.1f} x sgns")
        if "word2phrase" in programs:
            differ = words_that_differ(folder / "sgns", folder / "word2phrase")
            print(f"words that differ from those of word2phrase: {differ}")


if __name__ == "__main__":
    main()
