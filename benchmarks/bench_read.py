"""Time the reading of text: from a file, or from Python objects, to counts and ids.

    python benchmarks/bench_read.py --corpus FILE [--json FILE]

Every run is a process of its own; the runs are interleaved, A B C A B C, and the table
has medians and ranges. The file has been read once before, so that it lies in memory.

File. sgns counts the words, sorts the vocabulary and encodes the text as ids; "scan" is
the first part, while the file is read, "merge" the second. The seconds are those of
reading alone, without the start of Python; CPU seconds are those of all its threads
together, and tell how much of the time went to other programs. word2vec (the original
program), gensim and a `collections.Counter` only count. They do not encode: they look
every word up again in every epoch. word2vec's seconds are those of its process, which
does nothing else (-save-vocab without -output). Peak memory is that of the process.

Iterables. The first --tokens words of the file, in sentences of 20 words: as a list of
lists of str, and as a generator that splits a line for each sentence. "alone" is a loop
over all words that does nothing, "beyond" what the program takes more than that for
each token.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from _machine import describe, headline, measure, print_columns, spread
from _peers import PIP, WORD2VEC

READERS = str(Path(__file__).with_name("_readers.py"))
PROGRAMS = ("sgns", "word2vec", "gensim", "python")
INSTALL = {"word2vec": "--no-deps word2vec==0.11.1", "gensim": "gensim==4.4.0"}
MIN_COUNT = 5


def missing(name: str) -> str:
    """Return why a program cannot be run here, empty when it can."""
    if name == "word2vec":
        there = WORD2VEC is not None
    else:
        there = name == "python" or importlib.util.find_spec(name) is not None
    return "" if there else f"not installed: {PIP} {INSTALL.get(name, name)}"


def ask(task: str, folder: Path, **arguments: Any) -> dict[str, float]:
    """Run a task of _readers.py in a process; return its result and peak memory."""
    command = [sys.executable, READERS, task, json.dumps(arguments)]
    lines, _, _, peak_mb = measure(command, folder)
    result: dict[str, float] = json.loads(lines[-1][1])
    return result | {"peak_mb": peak_mb}


def count_word2vec(path: str, folder: Path) -> dict[str, float]:
    """Run the pass of the original program over the text that counts the words."""
    # Relative paths: the program keeps only 100 characters of one.
    link = folder / "text"
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    options = ["-train", "text", "-save-vocab", "vocabulary"]
    command = [str(WORD2VEC), *options, "-min-count", str(MIN_COUNT)]
    _, seconds, _, peak_mb = measure(command, folder)
    n_lines = len((folder / "vocabulary").read_bytes().splitlines())
    # The line end is one of its words.
    return {"seconds": seconds, "peak_mb": peak_mb, "vocabulary": n_lines - 1}


def read_files(
    path: Path, programs: list[str], threads: list[int], runs: int
) -> dict[str, Any]:
    """Let each program read a file in turn; "sgns 2" is sgns with two threads."""
    jobs = [
        (name, n)
        for name in programs
        for n in (threads if name == "sgns" else threads[:1])
    ]
    text = str(path.resolve())
    samples: dict[str, list[dict[str, float]]] = {f"{n} {t}": [] for n, t in jobs}
    with tempfile.TemporaryDirectory(prefix="bench_read_") as name:
        folder = Path(name)
        for _ in range(runs):
            for program, n in jobs:
                rules = {"path": text, "threads": n, "min_count": MIN_COUNT}
                if program == "word2vec":
                    found = count_word2vec(text, folder)
                else:
                    found = ask(program, folder, **rules)
                samples[f"{program} {n}"].append(found)
    tokens = {s["tokens"] for found in samples.values() for s in found if "tokens" in s}
    n_tokens = tokens.pop() if tokens else float("nan")
    return {key: summarise(found, n_tokens) for key, found in samples.items()}


def summarise(samples: list[dict[str, float]], n_tokens: float) -> dict[str, Any]:
    """Return medians and ranges of the runs of one program."""
    result: dict[str, Any] = {
        key: spread([sample[key] for sample in samples]) for key in samples[0]
    }
    rates = [n_tokens / sample["seconds"] for sample in samples]
    result["tokens_per_second"] = spread(rates) | {"runs": len(samples)}
    return result


def read_iterables(
    path: Path, programs: list[str], tokens: int, runs: int
) -> dict[str, Any]:
    """Let sgns and gensim read Python objects in turn."""
    jobs = [
        (name, kind)
        for kind in ("list", "generator")
        for name in programs
        if name in ("sgns", "gensim")
    ]
    samples: dict[str, list[dict[str, float]]] = {f"{n}, {k}": [] for n, k in jobs}
    rules = {"path": str(path.resolve()), "tokens": tokens, "min_count": MIN_COUNT}
    with tempfile.TemporaryDirectory(prefix="bench_read_") as folder:
        for _ in range(runs):
            for name, kind in jobs:
                found = ask("iterables", Path(folder), program=name, kind=kind, **rules)
                samples[f"{name}, {kind}"].append(found)
    return {key: summarise(found, found[0]["tokens"]) for key, found in samples.items()}


def shown(values: dict[str, float], scale: float = 1, digits: int = 1) -> str:
    """Return a median and its range as text."""
    low, middle, high = (
        f"{values[key] * scale:,.{digits}f}" for key in ("min", "median", "max")
    )
    return f"{middle} ({low}-{high})"


def print_files(found: dict[str, Any]) -> None:
    titles = ["file", "thr", "M tokens/s", "s", "scan s", "merge s", "CPU s", "MB"]
    lines = []
    for key, entry in found.items():
        name, threads = key.split()
        seconds = [
            shown(entry[k], digits=3) if k in entry else "-"
            for k in ("seconds", "scan_seconds", "merge_seconds", "cpu_seconds")
        ]
        lines.append(
            [
                name,
                threads,
                shown(entry["tokens_per_second"], 1e-6),
                *seconds,
                f"{entry['peak_mb']['median']:,.0f}",
            ]
        )
    print()
    print_columns(titles, lines)


def print_iterables(found: dict[str, Any]) -> None:
    titles = ["iterable", "beyond, ns/token", "alone, ns/token", "M tokens/s", "MB"]
    lines = [
        [
            key,
            shown(entry["beyond_ns"]),
            shown(entry["alone_ns"]),
            shown(entry["tokens_per_second"], 1e-6),
            f"{entry['peak_mb']['median']:,.0f}",
        ]
        for key, entry in found.items()
    ]
    print()
    print_columns(titles, lines)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        usage="%(prog)s --corpus FILE [options]",
    )
    add = parser.add_argument
    add("--corpus", type=Path, required=True, help="plain text")
    add("--threads", type=int, nargs="+", default=[1, 2])
    add("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    add("--tokens", type=int, default=3_000_000, help="of the iterables")
    add("--runs", type=int, default=5)
    add("--json", type=Path, help="write everything")
    args = parser.parse_args(argv)
    if not args.corpus.is_file():
        parser.error(f"no such file: {args.corpus}")
    if args.runs < 1:
        parser.error(f"--runs must be at least 1, got {args.runs}")
    return args


def main() -> int:
    args = parse()
    programs = []
    for name in args.programs:
        if reason := missing(name):
            print(f"left out: {name}: {reason}")
        else:
            programs.append(name)
    machine = describe()
    size = args.corpus.stat().st_size
    print(f"{headline(machine)}\n{args.corpus.name}: {size:,} bytes", flush=True)
    args.corpus.read_bytes()
    files = read_files(args.corpus, programs, args.threads, args.runs)
    print_files(files)
    iterables = read_iterables(args.corpus, programs, args.tokens, args.runs)
    print_iterables(iterables)
    if args.json:
        content = {"machine": machine, "files": files, "iterables": iterables}
        args.json.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
