"""Train word vectors with several programs on one file and compare them.

    python benchmarks/bench_train.py --corpus FILE [--eval DIR] [--json FILE]

Every run is a process of its own. The runs are interleaved, A B C A B C; the table has
medians, and the smallest and largest value in brackets.

Corpus. All programs read the same temporary file: the corpus with lines longer than
1,000 words cut, because gensim cuts lines at 10,000 words, word2vec at 1,000 and
fasttext at 1,024. Compressed files (.gz, .bz2, .xz) are unpacked first.

Whole seconds, CPU seconds and peak memory are those of the whole process, from start to
end: interpreter, reading, training, saving (word2vec text; binary by --save binary).

Raw words/s = vocabulary words x epochs / seconds of training. Vocabulary words are the
words of the file that reach min_count, before subsampling, counted by this program:
gensim logs them after subsampling. The seconds of training are

* sgns, gensim: those of the epochs, without reading and saving;
* word2vec: its progress output tells the share of the words that is done. The first and
  the last of these lines, with the time at which each arrived, give the seconds of the
  whole training. Its own "Words/thread/sec" counts CPU time;
* fasttext: from the end of its reading to its last progress line. It runs until it has
  seen epochs x (all words + line ends) tokens of its vocabulary, and these are counted;
* window_tile: it prints raw words/s itself.

What differs in spite of equal parameters: word2vec and fasttext have line ends in their
vocabulary, fasttext draws noise words by count**0.5 and its learning rate falls to 0,
window_tile shares noise words as sgns does. word2vec and fasttext take no seed, the
others the number of the run.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import importlib.util
import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _machine import Lines, describe, headline, measure, print_columns, spread
from _peers import Program, Setting, make_programs, missing, peer

EVALUATION = ("questions-words.txt", "wordsim353.txt", "simlex999.txt")
QUALITY = ("analogies", "wordsim353", "simlex999")
MEASURES = ("raw_words_per_second", "whole_seconds", "cpu_seconds", "peak_mb")


@dataclass
class Run:
    """What one process took."""

    program: str
    setting: Setting
    seed: int
    raw_words_per_second: float
    whole_seconds: float
    cpu_seconds: float
    peak_mb: float
    quality: dict[str, float] | None = None
    cut: bool = False
    """Stopped in the middle: only the speed of training counts."""


def ask(folder: Path, task: str, **arguments: Any) -> dict[str, Any]:
    """Run a task of _peers.py that is not measured."""
    return json.loads(measure(peer(task, **arguments), folder)[0][-1][1])


class Benchmark:
    """All runs of one call of this program."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self.args = args
        self.folder = folder
        self.programs = make_programs(args.trial)
        self.left_out: list[dict[str, str]] = []
        self.runs: list[Run] = []
        self.names = [name for name in args.programs if self.usable(name)]
        if not self.names:
            raise SystemExit("none of the programs can be run")
        paths = {"source": str(args.corpus.resolve()), "corpus": "corpus.txt"}
        rules = {"min_count": args.min_count, "sample": args.sample}
        self.corpus = ask(folder, "prepare", **paths, **rules)
        self.machine = describe()
        self.machine |= describe_programs(folder, self.programs, self.names)

    def usable(self, name: str, setting: Setting | None = None) -> bool:
        program = self.programs[name]
        reason = program.refuses(setting) if setting else missing(name, program)
        if reason:
            self.leave_out(name, reason, setting)
        return not reason

    def leave_out(self, name: str, reason: str, setting: Setting | None) -> None:
        note = {"program": name, "setting": str(setting or "all"), "reason": reason}
        self.left_out.append(note)
        print(f"left out: {name}, {note['setting']}: {reason}", flush=True)

    def train(self, setting: Setting) -> None:
        """Run every program in turn, as often as asked."""
        names = [name for name in self.names if self.usable(name, setting)]
        for seed in range(1, self.args.runs + 1):
            for name in list(names):
                if not self.add_run(name, setting, seed):
                    names.remove(name)

    def add_run(self, name: str, setting: Setting, seed: int) -> bool:
        """Run a program and keep what it took; return whether it succeeded."""
        try:
            run = self.train_once(name, setting, seed)
        except Exception as error:
            self.leave_out(name, f"failed: {error!r}", setting)
            return False
        self.runs.append(run)
        print(
            f"  {name}, {setting}, {setting.threads} threads, run {seed}: "
            f"{run.raw_words_per_second / 1e3:,.0f} k words/s, "
            f"{run.whole_seconds:.1f} s",
            file=sys.stderr,
        )
        self.write_json()
        return True

    def scores(self, setting: Setting, seed: int) -> bool:
        """Tell whether the vectors of a run are evaluated."""
        every: bool = self.args.eval_every_run
        return self.args.eval is not None and (every or seed == self.args.runs)

    def enough(self, name: str, setting: Setting) -> Callable[[Lines], bool] | None:
        """Return what tells when a program need not run on, None to let it end."""
        return None

    def train_once(self, name: str, setting: Setting, seed: int) -> Run:
        vectors = "vectors.bin" if self.args.save == "binary" else "vectors.txt"
        job = dataclasses.asdict(setting)
        job |= {"corpus": "corpus.txt", "vectors": vectors, "seed": seed}
        program = self.programs[name]
        is_enough = self.enough(name, setting)
        measured = measure(program.command(job), self.folder, is_enough)
        speed = program.speed(measured[0], self.corpus, setting)
        run = Run(name, setting, seed, speed, *measured[1:])
        run.cut = is_enough is not None
        if not run.cut and self.scores(setting, seed):
            paths = {"vectors": vectors, "directory": str(self.args.eval.resolve())}
            run.quality = ask(self.folder, "evaluate", **paths)
        (self.folder / vectors).unlink(missing_ok=run.cut)
        return run

    def content(self) -> dict[str, Any]:
        return {
            "machine": self.machine,
            "corpus": {"path": self.args.corpus.name, **self.corpus},
            "left_out": self.left_out,
            "summary": summarise(self.runs),
            "runs": [dataclasses.asdict(run) for run in self.runs],
        }

    def write_json(self) -> None:
        if self.args.json:
            # Renamed when it is whole: an interruption costs no earlier run.
            part = self.args.json.with_suffix(".part")
            part.write_text(json.dumps(self.content(), indent=1) + "\n")
            part.replace(self.args.json)

    def print_header(self) -> None:
        machine, corpus = self.machine, self.corpus
        programs = ", ".join(f"{k} {v}" for k, v in machine["programs"].items())
        print(
            f"{headline(machine)}, kernel {machine['kernel']}\n{programs}\n"
            f"{self.args.corpus.name}: {corpus['bytes']:,} bytes, {corpus['words']:,} "
            f"words, {corpus['lines']:,} lines of at most 1,000 words; "
            f"{corpus['vocabulary']:,} words in the vocabulary occur "
            f"{corpus['vocabulary_words']:,} times, {corpus['trained_share']:.1%} of "
            f"these are left by subsampling\n"
            f"window {self.args.window}, {self.args.epochs} epochs, "
            f"sample {self.args.sample:g}, min_count {self.args.min_count}, "
            f"{self.args.runs} runs, vectors saved as {self.args.save}",
            flush=True,
        )


def describe_programs(
    folder: Path, programs: dict[str, Program], names: list[str]
) -> dict[str, Any]:
    packages = [programs[name].package for name in names if programs[name].package]
    return {
        "kernel": ask(folder, "show_config")["kernel"] if "sgns" in packages else "-",
        "programs": {name: importlib.metadata.version(name) for name in packages},
    }


def summarise(runs: list[Run]) -> list[dict[str, Any]]:
    """Return medians and ranges for each setting and program, word2vec as the unit."""
    groups: dict[tuple[Setting, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.setting, run.program), []).append(run)
    rows: list[dict[str, Any]] = []
    for (setting, name), group in groups.items():
        row: dict[str, Any] = {"program": name, "setting": dataclasses.asdict(setting)}
        row |= {"label": str(setting), "runs": len(group)}
        for measure_name in MEASURES:
            row[measure_name] = spread([getattr(run, measure_name) for run in group])
        scored = [run.quality for run in group if run.quality]
        if scored:
            row["quality_runs"] = len(scored)
            row["quality"] = {
                key: statistics.mean(quality[key] for quality in scored)
                for key in QUALITY
            }
        rows.append(row)
    for row in rows:
        for other in rows:
            if other["program"] == "word2vec" and other["setting"] == row["setting"]:
                speeds, seconds = (
                    (row[key]["median"], other[key]["median"]) for key in MEASURES[:2]
                )
                row["speed_ratio"] = speeds[0] / speeds[1]
                row["whole_ratio"] = seconds[1] / seconds[0]
    return rows


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print one line for each program and setting."""
    titles = ["setting", "thr", "program", "raw k words/s (range)", "ratio"]
    titles += ["whole s (range)", "ratio", "MB", "analogies", "WS-353", "SimLex"]
    lines = []
    for row in rows:
        speed, seconds = row["raw_words_per_second"], row["whole_seconds"]
        thousands = {key: value / 1e3 for key, value in speed.items()}
        ratios = [
            f"{row[key]:.2f}" if key in row else "-"
            for key in ("speed_ratio", "whole_ratio")
        ]
        quality = ["-", "-", "-"]
        if "quality" in row:
            analogies, *correlations = (row["quality"][key] for key in QUALITY)
            quality = [f"{analogies:.2f} %", *(f"{c:.3f}" for c in correlations)]
        lines.append(
            [
                row["label"],
                str(row["setting"]["threads"]),
                row["program"],
                "{median:,.0f} ({min:,.0f}-{max:,.0f})".format(**thousands),
                ratios[0],
                "{median:.1f} ({min:.1f}-{max:.1f})".format(**seconds),
                ratios[1],
                f"{row['peak_mb']['median']:.0f}",
                *quality,
            ]
        )
    print()
    print_columns(titles, lines)


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw raw words/s against analogies, one colour for each program."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.fonttype"] = "none"  # words stay words
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    by_program: dict[str, list[tuple[float, float]]] = {}
    by_setting: dict[str, list[tuple[float, float]]] = {}
    for row in (row for row in rows if "quality" in row):
        speed = row["raw_words_per_second"]["median"] / 1e3
        place = (speed, row["quality"]["analogies"])
        text = f"{row['label']}, {row['setting']['threads']} thr"
        by_program.setdefault(row["program"], []).append(place)
        by_setting.setdefault(text, []).append(place)
    for name, places in by_program.items():
        axes.scatter(*zip(*places, strict=True), label=name, s=45)
    if len(by_setting) == 1:
        axes.set_title(next(iter(by_setting)))
    else:
        for text, places in by_setting.items():
            for place in places:
                axes.annotate(text, place, (4, 4), textcoords="offset points")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    axes.set_xlabel("raw words/s of training, thousands")
    axes.set_ylabel("analogies among the 30,000 most frequent words, %")
    axes.grid(alpha=0.3)
    axes.legend()
    undated = {"Date": None, "Creator": None} if path.suffix == ".svg" else None
    figure.savefig(path, dpi=150, metadata=undated)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        usage="%(prog)s --corpus FILE [options]",
    )
    known = list(make_programs(Path()))
    add = parser.add_argument
    add("--corpus", type=Path, required=True, help="text, plain or .gz, .bz2, .xz")
    add("--dim", type=int, nargs="+", default=[100])
    add("--window", type=int, default=5)
    add("--negative", type=int, nargs="+", default=[5])
    add("--epochs", type=int, default=5)
    add("--sample", type=float, default=1e-3)
    add("--min-count", type=int, default=5)
    add("--threads", type=int, nargs="+", default=[1, 2])
    architectures = ["skipgram", "cbow"]
    add("--architecture", nargs="+", choices=architectures, default=["skipgram"])
    add("--loss", nargs="+", choices=["ns", "hs", "ns+hs"], default=["ns"])
    add("--runs", type=int, default=3, help="of each program")
    add("--programs", nargs="+", choices=known, default=known[:5])
    add("--trial", type=Path, help="compiled window_tile, adds it to the programs")
    add("--eval", type=Path, help=f"directory of {', '.join(EVALUATION)}")
    add(
        "--eval-every-run", action="store_true", help="mean quality, not the last run's"
    )
    add("--save", choices=["text", "binary"], default="text", help="vectors")
    add("--json", type=Path, help="write everything, after every run")
    add("--plot", type=Path, help="draw words/s against analogies (needs --eval)")
    args = parser.parse_args(argv)
    if args.trial and "window_tile" not in args.programs:
        args.programs.append("window_tile")
    if fault := find_fault(args):
        parser.error(fault)
    return args


def find_fault(args: argparse.Namespace) -> str:
    """Return what would fail after hours of training."""
    files = [args.corpus]
    files += [args.eval / name for name in EVALUATION] if args.eval else []
    files += [args.trial] if args.trial else []
    for path in files:
        if not path.is_file():
            return f"no such file: {path}"
    if args.json and not args.json.resolve().parent.is_dir():
        return f"no such directory: {args.json.resolve().parent}"
    if "window_tile" in args.programs and not args.trial:
        return "window_tile needs --trial PATH"
    if args.plot and not args.eval:
        return "--plot needs --eval"
    if fault := plot_fault(args):
        return fault
    if args.eval and not importlib.util.find_spec("sgns"):
        return "--eval needs sgns, whose evaluator it uses"
    return "" if args.runs > 0 else f"--runs must be at least 1, got {args.runs}"


def plot_fault(args: argparse.Namespace) -> str:
    """Return why no picture could be drawn."""
    if args.plot and not args.plot.resolve().parent.is_dir():
        return f"no such directory: {args.plot.resolve().parent}"
    if args.plot and not importlib.util.find_spec("matplotlib"):
        return "--plot needs matplotlib: pip install matplotlib"
    return ""


def main() -> int:
    args = parse()
    with tempfile.TemporaryDirectory(prefix="bench_train_") as folder:
        benchmark = Benchmark(args, Path(folder))
        benchmark.print_header()
        for architecture, loss, dim, negative, threads in itertools.product(
            args.architecture, args.loss, args.dim, args.negative, args.threads
        ):
            shared = (args.window, args.epochs, args.sample, args.min_count)
            benchmark.train(
                Setting(architecture, loss, dim, negative, threads, *shared)
            )
        benchmark.write_json()
    rows = summarise(benchmark.runs)
    print_table(rows)
    if not args.eval:
        print("\nquality was not measured: --eval DIR does")
    if args.plot:
        plot(rows, args.plot)
    return int(any(note["reason"].startswith("failed") for note in benchmark.left_out))


if __name__ == "__main__":
    sys.exit(main())
