"""Time the kernels alone, and hold them against the peak of the processor.

    python benchmarks/bench_kernels.py [--tables avx2 avx512] [--groups NAME ...]

The program builds `sgns_bench_kernels` (C++, the loop that is timed) from this checkout
with cmake and runs it. A case is measured for a moment, then the next one, all of them
again in each round; the table has medians over the rounds.

Centre. The work for one centre word: 6 context words on average and 6 targets (the
centre and 5 noise words) if the case does not say otherwise, at dim 100, in a
vocabulary of 67,867 words. "mix" is the number of context words that radii from 1 to 5
give: 2, 4, 6, 8 and 10. Words are drawn before the clock runs, with the frequencies of
natural text (Zipf); the update fetches the rows of two centres ahead, as in training.
A vocabulary of 64 words stays in the cache. A case "train" is a part of an epoch of
`Trainer` over a made-up text of 16.8 M words: words are drawn too, and everything else
that training does; with two threads the share is that of two processors. Its time is
that of the clock, the time of the others is that of the processor, so that programs
beside it matter less.

Share of the peak. (multiply-adds that the step needs) / seconds / (multiply-adds in a
second that independent registers of the table's width reach, measured directly before
and after). A step needs 3 x context words x targets x dim: scores, change of the
inputs, change of the targets. CBOW needs 3 x targets x dim, and two additions for each
float of a context word: into the mean, and the change. For paths of hierarchical
softmax, targets are nodes.

Cycles are nanoseconds times the clock rate, which additions that wait for each other
tell.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from _machine import ROOT, describe, headline, print_columns, spread

BUILD = ROOT / "build" / "bench"
V = 67_867
"""Words of enwiki1e8 with count >= 5."""


@dataclass(frozen=True)
class Case:
    """What is timed; `contexts` = 0 is the mix that window 5 gives."""

    group: str
    part: str = "tile"
    shape: str = "skipgram"
    dim: int = 100
    contexts: int = 0
    targets: int = 6
    rows: int = V
    threads: int = 1

    def __str__(self) -> str:
        shape = {"skipgram": "skip-gram", "cbow": "CBOW", "path": "path"}[self.shape]
        contexts = str(self.contexts or "mix")
        targets = str(self.targets)
        if self.part == "train":
            shape = "hs" if self.shape == "path" else shape
            targets = "path" if self.shape == "path" else targets
            contexts += f", {self.threads} thr"
        return (
            f"{shape}, {self.part}, dim {self.dim}, {contexts} x {targets}, "
            f"{self.rows:,} words"
        )

    def line(self, table: str) -> str:
        """Return the case as the program reads it."""
        return (
            f"{self.part} {self.shape} {table} {self.dim} {self.contexts} "
            f"{self.targets} {self.rows} {self.threads}"
        )


def make_cases() -> Iterator[Case]:
    """Yield every case, group by group."""
    for dim in (16, 50, 64, 100, 128, 200, 300, 768, 1000):
        yield Case("dim", dim=dim)
    for negative in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 15, 20, 25):
        yield Case("negative", targets=1 + negative)
    for contexts in range(1, 11):
        yield Case("contexts", contexts=contexts)
    for rows in (64, 1000, 10_000, V, 300_000, 1_000_000):
        yield Case("rows", rows=rows)
    for dim in (100, 300):
        for part in ("errors", "update", "tile"):
            yield Case("halves", part=part, dim=dim, rows=64)
    for dim in (16, 100, 300, 1000):
        for negative in (1, 5, 20):
            yield Case("cbow", shape="cbow", dim=dim, targets=1 + negative)
    for dim in (16, 100, 300, 1000):
        for length in (8, 12, 17):
            yield Case("hs", shape="path", dim=dim, targets=length)
    for shape, dim, negative in (
        ("skipgram", 100, 5),
        ("skipgram", 100, 20),
        ("skipgram", 300, 5),
        ("cbow", 100, 5),
        ("path", 100, 5),
    ):
        for threads in (1, 2):
            own = {"shape": shape, "dim": dim, "targets": 1 + negative}
            yield Case("train", part="train", threads=threads, **own)  # type: ignore[arg-type]


GROUPS = list(dict.fromkeys(case.group for case in make_cases()))


def build() -> Path:
    """Build the program that is run, from this checkout."""
    cmake = shutil.which("cmake")
    if cmake is None:
        raise SystemExit("cmake is not installed: pip install cmake")
    options = ["-DSGNS_BENCH=ON", "-DCMAKE_BUILD_TYPE=Release"]
    for command in (
        [cmake, "-S", str(ROOT), "-B", str(BUILD), *options],
        [cmake, "--build", str(BUILD), "--target", "sgns_bench_kernels", "-j2"],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return BUILD / "sgns_bench_kernels"


def tables_of(program: Path) -> list[str]:
    """Return the names of the tables that can run here, slowest first."""
    done = subprocess.run([program, "0", "0"], input="", capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    names: list[str] = json.loads(done.stdout)["tables"]
    return names


def measure(
    program: Path, jobs: list[tuple[Case, str]], rounds: int, seconds: float
) -> list[list[dict[str, float]]]:
    """Return the samples of each job; of the rounds that were finished."""
    samples: list[list[dict[str, float]]] = [[] for _ in jobs]
    process = subprocess.Popen(
        [program, str(rounds), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write("".join(f"{case.line(table)}\n" for case, table in jobs))
        process.stdin.close()
        process.stdout.readline()
        for done, line in enumerate(process.stdout, 1):
            sample = json.loads(line)
            samples[sample.pop("case")].append(sample)
            if done % 20 == 0:
                print(f"\r{done} of {rounds * len(jobs)}", end="", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted: medians of fewer rounds", file=sys.stderr)
        process.kill()
    print("\r", end="", file=sys.stderr)
    if process.wait() > 0:
        raise SystemExit("sgns_bench_kernels failed, see above")
    return samples


def summarise(samples: list[dict[str, float]], threads: int) -> dict[str, Any]:
    """Return medians and ranges of the samples of one case and table."""
    shares = [s["fmas"] / s["ns"] / s["peak"] / threads for s in samples]
    return {
        "ns": spread([s["ns"] for s in samples]),
        "cycles": spread([s["ns"] * s["ghz"] for s in samples]),
        "share": spread(shares),
        "fmas": samples[0]["fmas"],
        "peak": spread([s["peak"] for s in samples]),
        "ghz": spread([s["ghz"] for s in samples]),
    }


def print_group(rows: list[dict[str, Any]], tables: list[str]) -> None:
    """Print one line for each case, with columns for each table."""
    titles = [rows[0]["group"]]
    for table in tables:
        titles += [f"{table} ns", "range", "cycles", "% of peak"]
    lines = []
    for label in dict.fromkeys(row["label"] for row in rows):
        cells = [label]
        for table in tables:
            found = [r for r in rows if (r["label"], r["table"]) == (label, table)]
            if not found:
                cells += ["-"] * 4
                continue
            ns, cycles, share = (found[0][key] for key in ("ns", "cycles", "share"))
            cells += [
                f"{ns['median']:,.0f}",
                f"{ns['min']:,.0f}-{ns['max']:,.0f}",
                f"{cycles['median']:,.0f}",
                f"{100 * share['median']:.0f}",
            ]
        lines.append(cells)
    print()
    print_columns(titles, lines)


def print_extremes(rows: list[dict[str, Any]], tables: list[str]) -> None:
    """Say for each table which cases come nearest to the peak, and which stay away."""
    print()
    for table in tables:
        own = [r for r in rows if r["table"] == table]
        own.sort(key=lambda row: row["share"]["median"])
        if not own:
            continue
        peak = statistics.median(r["peak"]["median"] for r in own)
        clock = statistics.median(r["ghz"]["median"] for r in own)
        print(f"{table}: peak {peak:.1f} 10^9 multiply-adds/s at {clock:.2f} GHz")
        for word, some in (("lowest", own[:3]), ("highest", own[:-4:-1])):
            for row in some:
                share = 100 * row["share"]["median"]
                print(f"  {word} share {share:3.0f} %  {row['label']}")


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--tables", nargs="+", help="kernel tables (all but scalar)")
    add("--groups", nargs="+", choices=GROUPS, default=GROUPS, help="which cases")
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=0.05, help="for a case in a round")
    add("--program", type=Path, help="sgns_bench_kernels, built already")
    add("--json", type=Path, help="write everything")
    args = parser.parse_args(argv)
    if args.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {args.rounds}")
    return args


def main() -> int:
    args = parse()
    program = args.program or build()
    there = tables_of(program)
    tables = args.tables or [name for name in there if name != "scalar"] or there
    if unknown := set(tables) - set(there):
        raise SystemExit(f"no table {unknown.pop()!r} here, there are {there}")
    machine = describe()
    print(headline(machine), flush=True)
    jobs = [
        (case, table)
        for case in make_cases()
        if case.group in args.groups
        for table in tables
    ]
    # Neighbours share their rows, which the program then makes once.
    jobs.sort(key=lambda job: (job[0].rows, job[0].dim, job[0].shape, job[0].targets))
    samples = measure(program, jobs, args.rounds, args.seconds)
    rows = [
        {**asdict(case), "label": str(case), "table": table}
        | summarise(found, case.threads)
        for (case, table), found in zip(jobs, samples, strict=True)
        if found
    ]
    for group in args.groups:
        own = [row for row in rows if row["group"] == group]
        if own:
            print_group(own, tables)
    print_extremes(rows, tables)
    if args.json:
        content = {"machine": machine, "rounds": args.rounds, "cases": rows}
        args.json.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
