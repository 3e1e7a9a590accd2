"""Hold every ratio that is asked of sgns against what a machine gives, in one run.

    python benchmarks/bench_matrix.py --corpus FILE --eval DIR [--trial PATH]

The settings of the table below are trained by sgns and its peers, all of them in turn
in each round, as bench_train.py trains them; only word2vec is stopped after --cut
seconds of a training whose speed alone is asked, which its progress output tells. Then
reading (bench_read.py), and the peak of the processor (bench_kernels.py), which is
measured before and after each run of sgns with one thread. `SGNS_KERNEL` chooses the
kernel, and with it the column that is asked; the trial must be built for the same
instruction set. With kernel avx512, avx2 is trained and held against its own column
beside it.

Everything is written to the file --json after every run. After an interruption, the
same command with --resume goes on where it stopped. --report prints the table of the
file without running anything.

Share of the peak: trained words/s x 36 interactions x 3 x dim, over the peak of the
processor. A trained word has 6 context words on average and 6 targets.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bench_kernels
import bench_read
from _machine import Lines, headline, print_columns
from _peers import PROGRESS, Setting, make_programs, trial_program, with_kernel
from bench_train import (
    EVALUATION,
    QUALITY,
    Benchmark,
    Run,
    find_fault,
    plot,
    plot_fault,
)

BASE = Setting("skipgram", "ns", 100, 5, 2, 5, epochs=1, sample=1e-3, min_count=5)
WHOLE = replace(BASE, epochs=5)
ONE = replace(BASE, threads=1)
WIDE = replace(BASE, dim=300)
WIDE_ONE = replace(WIDE, threads=1)
MANY = replace(BASE, negative=20)
PATHS = replace(BASE, loss="hs")
CBOW = replace(BASE, architecture="cbow")

PLAN: dict[Setting, list[str]] = {
    BASE: ["sgns", "word2vec", "gensim", "fasttext", "window_tile"],
    ONE: ["sgns", "word2vec", "window_tile"],
    WIDE: ["sgns", "word2vec", "window_tile"],
    WIDE_ONE: ["sgns", "window_tile"],
    MANY: ["sgns", "word2vec"],
    PATHS: ["sgns", "word2vec"],
    CBOW: ["sgns", "word2vec", "gensim"],
    WHOLE: ["sgns", "sgns-pair", "word2vec", "gensim", "fasttext"],
}
"""Who trains what; 5 epochs for the whole process and for quality."""

BOTH = ("sgns", "window_tile")
"""What is also run with the kernel avx2 where the other one is avx512, as NAME-avx2."""

Runs = Callable[[str, Setting], list[Run]]


@dataclass(frozen=True)
class Ask:
    """A ratio of `program` to `peer`, and what it is to be by kernel."""

    setting: Setting
    peer: str
    avx2: float
    avx512: float
    measure: str = "raw_words_per_second"

    def __str__(self) -> str:
        what = "words/s"
        if self.measure == "whole_seconds":
            what = f"whole process, {self.setting.epochs} epochs"
        return f"{self.setting}, {self.setting.threads} thr, {what}, to {self.peer}"


ASKS = [
    Ask(BASE, "word2vec", 16, 24),
    Ask(ONE, "word2vec", 17, 28),
    Ask(WIDE, "word2vec", 12, 18),
    Ask(MANY, "word2vec", 16, 24),
    Ask(PATHS, "word2vec", 3.5, 4),
    Ask(CBOW, "word2vec", 6, 8),
    Ask(CBOW, "gensim", 2.5, 2.5),
    Ask(WHOLE, "word2vec", 13, 18, "whole_seconds"),
    Ask(BASE, "gensim", 9, 12),
    *(Ask(s, "window_tile", 1.1, 1.3) for s in (BASE, ONE, WIDE, WIDE_ONE)),
]


class Matrix(Benchmark):
    """The runs of the whole table, which can be interrupted and taken up again."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self.peaks: dict[str, list[float]] = {}
        self.reading: dict[str, Any] = {}
        super().__init__(args, folder)
        self.kernels = None if args.no_peak else bench_kernels.build()
        if self.machine["kernel"] == "avx512":
            self.programs["sgns-avx2"] = with_kernel("avx2", self.programs["sgns"])
            self.names.append("sgns-avx2")
            if args.trial_avx2:
                self.programs["window_tile-avx2"] = trial_program(args.trial_avx2)
                self.names.append("window_tile-avx2")

    def enough(self, name: str, setting: Setting) -> Callable[[Lines], bool] | None:
        if name != "word2vec" or setting == WHOLE or not self.args.cut:
            return None

        def is_enough(lines: Lines) -> bool:
            times = [at for at, line in lines if PROGRESS.search(line)]
            return bool(times) and times[-1] - times[0] > self.args.cut

        return is_enough

    def scores(self, setting: Setting, seed: int) -> bool:
        return self.args.eval is not None and setting.epochs > 1

    def restore(self, content: dict[str, Any]) -> None:
        """Take over the runs of a file."""
        for key in ("commit", "kernel"):
            if content["machine"][key] != self.machine[key]:
                raise SystemExit(
                    f"--resume: {key} was {content['machine'][key]}, "
                    f"is {self.machine[key]}"
                )
        self.runs = [run_of(entry) for entry in content["runs"]]
        self.peaks = content["peaks"]
        self.reading = content["reading"]

    def content(self) -> dict[str, Any]:
        return super().content() | {"peaks": self.peaks, "reading": self.reading}

    def measure_peak(self, name: str) -> None:
        if self.kernels:
            kernel = "avx2" if name == "sgns-avx2" else str(self.machine["kernel"])
            job = (bench_kernels.Case("peak", rows=64), kernel)
            (samples,) = bench_kernels.measure(self.kernels, [job], 1, 0.01)
            self.peaks.setdefault(kernel, []).append(samples[0]["peak"])

    def run_all(self) -> None:
        done = {(run.program, run.setting, run.seed) for run in self.runs}
        broken: set[tuple[str, Setting]] = set()
        for name, setting, seed in self.plan():
            if (name, setting, seed) in done or (name, setting) in broken:
                continue
            is_alone = setting == ONE and name in ("sgns", "sgns-avx2")
            if is_alone:
                self.measure_peak(name)
            if not self.add_run(name, setting, seed):
                broken.add((name, setting))
            if is_alone:
                self.measure_peak(name)
        if not self.reading:
            # 20 M tokens: long enough that starting threads does not matter.
            self.reading = bench_read.read_files(
                self.folder / "corpus.txt", ["sgns"], [1, 2], self.args.runs
            )
            self.write_json()

    def plan(self) -> Iterator[tuple[str, Setting, int]]:
        """Yield all runs: rounds of everything, then more seeds for quality."""
        for seed in range(1, max(self.args.runs, self.args.seeds) + 1):
            for setting, names in PLAN.items():
                more = [f"{name}-avx2" for name in names if name in BOTH]
                for name in names + more if setting != WHOLE else names:
                    own = name in ("sgns", "sgns-pair") and setting == WHOLE
                    wanted = self.args.seeds if own else self.args.runs
                    if setting == WHOLE and name in ("gensim", "fasttext"):
                        wanted = 1  # for the picture
                    if seed <= wanted and name in self.names:
                        yield name, setting, seed


def run_of(entry: dict[str, Any]) -> Run:
    return Run(**(entry | {"setting": Setting(**entry["setting"])}))


TITLES = ["work", "asked", "got", "range", "runs", ""]


def report(content: dict[str, Any]) -> None:
    """Print what is asked and what was got."""
    kernel = content["machine"]["kernel"]
    runs = [run_of(entry) for entry in content["runs"]]

    def found(program: str, setting: Setting) -> list[Run]:
        return [run for run in runs if (run.program, run.setting) == (program, setting)]

    def found_avx2(program: str, setting: Setting) -> list[Run]:
        return found(f"{program}-avx2" if program in BOTH else program, setting)

    rows = speed_rows(kernel, found, content)
    rows += [memory_row(found)]
    rows += list(reading_rows(content["reading"]))
    rows += list(quality_rows(found))
    print_columns(TITLES, rows)
    if found("sgns-avx2", BASE):
        print("\nkernel avx2\n")
        print_columns(TITLES, speed_rows("avx2", found_avx2, content))


def speed_rows(kernel: str, found: Runs, content: dict[str, Any]) -> list[list[str]]:
    rows = [ratio_row(ask, kernel, found) for ask in ASKS]
    return [*rows, threads_row(found), peak_row(kernel, found, content)]


def row(
    label: str, asked: str, got: str, spread: str, runs: int, fulfilled: bool | None
) -> list[str]:
    mark = "" if fulfilled is None else "yes" if fulfilled else "NO"
    return [label, asked, got, spread, str(runs), mark]


def ratio_row(ask: Ask, kernel: str, found: Runs) -> list[str]:
    """Compare medians; the range is that of the ratios of the same round."""
    asked = ask.avx512 if kernel == "avx512" else ask.avx2
    own, other = found("sgns", ask.setting), found(ask.peer, ask.setting)
    pairs = [
        (getattr(a, ask.measure), getattr(b, ask.measure))
        for a in own
        for b in other
        if a.seed == b.seed
    ]
    if not pairs:
        return row(str(ask), f">= {asked:g} x", "-", "-", 0, None)
    if ask.measure == "whole_seconds":
        pairs = [(b, a) for a, b in pairs]
    ours, theirs = zip(*pairs, strict=True)
    got = statistics.median(ours) / statistics.median(theirs)
    ratios = [a / b for a, b in pairs]
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    asked_text = f">= {asked:g} x"
    return row(str(ask), asked_text, f"{got:.2f} x", spread, len(pairs), got >= asked)


def speeds(runs: list[Run]) -> list[float]:
    return [run.raw_words_per_second for run in runs]


def threads_row(found: Runs) -> list[str]:
    one, two = speeds(found("sgns", ONE)), speeds(found("sgns", BASE))
    label, asked = "sgns, dim 100, 2 threads to 1", ">= 1.65 x"
    if not one or not two:
        return row(label, asked, "-", "-", 0, None)
    got = statistics.median(two) / statistics.median(one)
    ratios = [b / a for a, b in zip(one, two, strict=False)]
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    return row(label, asked, f"{got:.2f} x", spread, len(ratios), got >= 1.65)


def peak_row(kernel: str, found: Runs, content: dict[str, Any]) -> list[str]:
    asked = 35 if kernel == "avx512" else 50
    label, asked_text = "sgns, dim 100, 1 thr, share of the peak", f">= {asked} %"
    raw, peaks = speeds(found("sgns", ONE)), content["peaks"].get(kernel)
    if not raw or not peaks:
        return row(label, asked_text, "-", "-", 0, None)
    fmas_per_raw_word = content["corpus"]["trained_share"] * 36 * 3 * ONE.dim
    shares = [100 * s * fmas_per_raw_word / statistics.median(peaks) / 1e9 for s in raw]
    got = statistics.median(shares)
    spread = f"{min(shares):.0f}-{max(shares):.0f}"
    return row(label, asked_text, f"{got:.1f} %", spread, len(raw), got >= asked)


def memory_row(found: Runs) -> list[str]:
    used = [run.peak_mb for run in found("sgns", BASE) + found("sgns", WHOLE)]
    label = "sgns, dim 100, 2 thr, peak memory"
    if not used:
        return row(label, "<= 250 MB", "-", "-", 0, None)
    spread = f"{min(used):.0f}-{max(used):.0f}"
    got = max(used)
    return row(label, "<= 250 MB", f"{got:.0f} MB", spread, len(used), got <= 250)


def reading_rows(reading: dict[str, Any]) -> Iterator[list[str]]:
    limit = 20e6
    for threads in (1, 2):
        label = f"count and encode, {threads} thr, M tokens/s"
        if f"sgns {threads}" not in reading:
            yield row(label, "-", "-", "-", 0, None)
            continue
        rate = reading[f"sgns {threads}"]["tokens_per_second"]
        got = rate["median"]
        spread = f"{rate['min'] / 1e6:.1f}-{rate['max'] / 1e6:.1f}"
        asked = f">= {limit / 1e6:.1f}"
        got_text = f"{got / 1e6:.1f}"
        yield row(label, asked, got_text, spread, rate["runs"], got >= limit)
        # Two threads are asked for at least 20 million on each, and 1.7 times one.
        limit = max(2 * limit, 1.7 * got)


def quality_rows(found: Runs) -> Iterator[list[str]]:
    own, pair = (
        [run.quality for run in found(name, WHOLE) if run.quality]
        for name in ("sgns", "sgns-pair")
    )
    limits = {"analogies": (36.5, 0.5), "wordsim353": (0.65, 0.01)}
    limits["simlex999"] = (0.30, 0.01)
    for key in QUALITY:
        least, margin = limits[key]
        label = f"quality after 5 epochs, {key}"
        if not own or not pair:
            yield row(label, f">= {least:g}", "-", "-", 0, None)
            continue
        values = [quality[key] for quality in own]
        got = statistics.mean(values)
        other = statistics.mean(quality[key] for quality in pair)
        limit = max(least, other - margin)
        spread = f"{min(values):.3f}-{max(values):.3f}"
        asked = f">= {limit:.3f} (pair {other:.3f})"
        yield row(label, asked, f"{got:.3f}", spread, len(values), got >= limit)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--corpus", type=Path, help="text, plain or .gz, .bz2, .xz")
    add("--eval", type=Path, help=f"directory of {', '.join(EVALUATION)}")
    add("--json", type=Path, default=Path("matrix.json"), help="written after each run")
    add("--trial", type=Path, help="compiled window_tile")
    add("--trial-avx2", type=Path, help="the same, built for AVX2")
    add("--cut", type=float, default=20, help="seconds of word2vec's training, 0: all")
    add("--runs", type=int, default=3, help="of each program and setting")
    add("--seeds", type=int, default=5, help="runs of sgns for quality")
    add("--resume", action="store_true", help="keep the runs of --json")
    add("--report", action="store_true", help="only print the table of --json")
    add("--plot", type=Path, help="draw words/s against analogies after 5 epochs")
    add("--no-peak", action="store_true", help="without bench_kernels.py, and cmake")
    args = parser.parse_args(argv)
    if not args.report and not args.corpus:
        parser.error("--corpus FILE is needed")
    # What bench_train.py lets choose.
    args.programs = list(make_programs(args.trial))
    args.min_count, args.sample, args.save = BASE.min_count, BASE.sample, "text"
    args.eval_every_run = True
    fault = plot_fault(args) if args.report else find_fault(args)
    if fault:
        parser.error(fault)
    return args


def main() -> int:
    args = parse()
    if args.report or args.resume:
        content = json.loads(args.json.read_text())
    if not args.report:
        with tempfile.TemporaryDirectory(prefix="bench_matrix_") as folder:
            matrix = Matrix(args, Path(folder))
            if args.resume:
                matrix.restore(content)
            matrix.run_all()
        content = matrix.content()
    machine = content["machine"]
    print(f"{headline(machine)}, kernel {machine['kernel']}\n")
    report(content)
    if args.plot:
        plot(content["summary"], args.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
