"""Compare revisions of the project: train with each of them in turns.

    python benchmarks/lab/compare.py REVISION ... --corpus FILE [--threads 1 2]

Each revision is a commit, or the path of a directory that holds the project. It is
checked out, built and installed beside the others, then all train on the same text in
each round, the order reversed in every second one. The ratios are those of the same
round, to the first revision. `--set` passes parameters of `Word2Vec`, e.g.
`--set vector_size=300 architecture=cbow`; `SGNS_KERNEL` chooses the kernel.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, sys
import sgns
path, parameters = sys.argv[1], json.loads(sys.argv[2])
model = sgns.Word2Vec(epochs=1, progress=False, **parameters).fit(path)
history = model.history_
print(json.dumps([history["words_per_second"][0], history["loss"][0]]))
"""


def install(revision: str, folder: Path) -> Path:
    """Build a revision; return the folder that holds its package."""
    source = Path(revision)
    if not source.is_dir():
        source = folder / "source"
        command = ["git", "-C", str(ROOT), "worktree", "add", "--detach"]
        subprocess.run([*command, str(source), revision], check=True)
    package = folder / "package"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--target", str(package), str(source)], check=True)
    if folder in source.parents:
        command = ["git", "-C", str(ROOT), "worktree", "remove", "--force"]
        subprocess.run([*command, str(source)], check=True)
    return package


def train(package: Path, corpus: Path, parameters: dict[str, Any]) -> tuple[float, ...]:
    """Return raw words/s and the mean loss of an epoch."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, corpus, json.dumps(parameters)],
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return tuple(json.loads(done.stdout))


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("revisions", nargs="+", help="commits or directories; the first is the measure")
    add("--corpus", type=Path, required=True)
    add("--threads", type=int, nargs="+", default=[1])
    add("--rounds", type=int, default=5)
    add("--set", nargs="+", default=[], metavar="NAME=VALUE", dest="parameters")
    return parser.parse_args()


def main() -> int:
    args = parse()
    given = dict(pair.split("=", 1) for pair in args.parameters)
    own = {name: value_of(text) for name, text in given.items()}
    with tempfile.TemporaryDirectory(prefix="compare_") as folder:
        packages = {}
        for i, revision in enumerate(args.revisions):
            place = Path(folder) / str(i)
            place.mkdir()
            packages[revision] = install(revision, place)
        for threads in args.threads:
            runs: dict[str, list[tuple[float, ...]]] = {r: [] for r in packages}
            for i in range(args.rounds):
                for revision in list(packages)[:: 1 if i % 2 == 0 else -1]:
                    parameters = own | {"workers": threads}
                    run = train(packages[revision], args.corpus, parameters)
                    runs[revision].append(run)
            print(f"{threads} threads: raw k words/s, ratio to the first, mean loss")
            first = runs[args.revisions[0]]
            for revision, own_runs in runs.items():
                speed = statistics.median(run[0] for run in own_runs) / 1e3
                ratios = [a[0] / b[0] for a, b in zip(own_runs, first, strict=True)]
                loss = statistics.mean(run[1] for run in own_runs)
                print(
                    f"{revision:24} {speed:7,.0f}  {statistics.median(ratios):.3f} "
                    f"({min(ratios):.3f}-{max(ratios):.3f})  {loss:.4f}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
