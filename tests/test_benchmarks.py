"""The benchmark programs run, print their tables and name what is not installed."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"

# Stands for sgns_bench_kernels: every case takes as long as its number says.
FAKE_KERNELS = """\
#!{python}
import json, sys
print(json.dumps({{"tables": ["scalar", "wide"]}}))
cases = sys.stdin.read().splitlines()
for _ in range(int(sys.argv[1])):
    for number, line in enumerate(cases):
        part, shape, table, dim, contexts, targets, rows, threads = line.split()
        fmas = 18 * int(targets) * int(dim)
        sample = {{"case": number, "ns": 100 + number, "fmas": fmas, "peak": 200}}
        print(json.dumps(sample | {{"ghz": 2}}))
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """2,000 lines of 8 words; there are 6 different ones."""
    words = [f"w{i * i % 20}" for i in range(16_000)]
    lines = [" ".join(words[i : i + 8]) for i in range(0, len(words), 8)]
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(name: str, *arguments: object, **environment: str) -> str:
    command = [sys.executable, BENCHMARKS / name, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_is_measured_and_written(corpus: Path, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    options = ["--dim", 8, "--epochs", 1, "--runs", 2, "--threads", 1]
    options += ["--programs", "sgns", "--loss", "ns", "hs", "--json", result]
    table = run("bench_train.py", "--corpus", corpus, *options)
    assert "16,000 words" in table
    assert "skipgram ns 5 neg dim 8" in table
    assert "skipgram hs dim 8" in table
    content = json.loads(result.read_text())
    assert [row["runs"] for row in content["summary"]] == [2, 2]
    assert all(entry["raw_words_per_second"] > 0 for entry in content["runs"])


def test_program_that_is_not_installed_is_named(
    program: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = program("_peers")
    programs = peers.make_programs(None)
    monkeypatch.setattr(peers, "WORD2VEC", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name, package in (
        ("word2vec", "word2vec==0.11.1"),
        ("gensim", "gensim==4.4.0"),
        ("fasttext", "fasttext"),
    ):
        reason = peers.missing(name, programs[name])
        assert reason.startswith("not installed: ")
        assert reason.endswith(f"-m pip install {package}") or name == "word2vec"
        assert package in reason


def test_reading_is_measured_for_files_and_iterables(
    corpus: Path, tmp_path: Path
) -> None:
    result = tmp_path / "read.json"
    options = ["--runs", 1, "--tokens", 8000, "--json", result]
    options += ["--programs", "sgns", "python"]
    table = run("bench_read.py", "--corpus", corpus, *options)
    assert "sgns, list" in table
    assert "sgns, generator" in table
    files = json.loads(result.read_text())["files"]
    assert list(files) == ["sgns 1", "sgns 2", "python 1"]
    assert {entry["vocabulary"]["median"] for entry in files.values()} == {6}


def test_reading_without_other_programs_says_so(corpus: Path) -> None:
    options = ["--runs", 1, "--tokens", 800, "--programs", "word2vec", "sgns"]
    table = run("bench_read.py", "--corpus", corpus, *options, PATH="")
    scripts = Path(sys.executable).parent
    if not (scripts / "word2vec").exists():
        assert "left out: word2vec: not installed: " in table


def test_kernels_are_held_against_the_peak(tmp_path: Path) -> None:
    fake, result = tmp_path / "fake", tmp_path / "kernels.json"
    fake.write_text(FAKE_KERNELS.format(python=sys.executable))
    fake.chmod(0o755)
    options = ["--program", fake, "--groups", "contexts", "--rounds", 3]
    table = run("bench_kernels.py", *options, "--json", result)
    # 18 * 6 * 100 multiply-adds in 100 ns are 108 in a ns, of 200.
    assert table.splitlines()[4].split(" | ")[-1] == "       54 |"
    assert "wide: peak 200.0 10^9 multiply-adds/s at 2.00 GHz" in table
    cases = json.loads(result.read_text())["cases"]
    assert [case["contexts"] for case in cases] == list(range(1, 11))
    assert cases[0]["ns"] == {"median": 100, "min": 100, "max": 100}
    assert cases[0]["cycles"]["median"] == 200


def test_unknown_kernel_table_is_named(tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.write_text(FAKE_KERNELS.format(python=sys.executable))
    fake.chmod(0o755)
    command = [sys.executable, BENCHMARKS / "bench_kernels.py", "--program", fake]
    done = subprocess.run(
        [*command, "--tables", "wide", "narrow"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "no table 'narrow' here, there are ['scalar', 'wide']\n"


def matrix_content(program: Callable[[str], ModuleType]) -> dict[str, Any]:
    """Two rounds of every run; sgns is 20 times as fast as any other program."""
    import dataclasses

    matrix = program("bench_matrix")
    runs = []
    for setting, names in matrix.PLAN.items():
        for name in names:
            for seed in (1, 2):
                fast = 20.0 if name == "sgns" else 1.0
                quality = {"analogies": 37.0, "wordsim353": 0.66, "simlex999": 0.29}
                took = matrix.Run(
                    program=name,
                    setting=setting,
                    seed=seed,
                    raw_words_per_second=fast * 1e5 * setting.threads,
                    whole_seconds=100 / fast,
                    cpu_seconds=1,
                    peak_mb=240,
                    quality=quality if setting.epochs > 1 else None,
                )
                runs.append(dataclasses.asdict(took))
    rate = {"median": 22e6, "min": 21e6, "max": 23e6, "runs": 2}
    return {
        "machine": {"kernel": "avx2"},
        "corpus": {"trained_share": 0.7},
        "runs": runs,
        "peaks": {"avx2": [40.0, 60.0]},
        "reading": {"sgns 1": {"tokens_per_second": rate}},
    }


def test_matrix_says_what_is_asked_and_got(
    program: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    content = matrix_content(program)
    program("bench_matrix").report(content)
    cells = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in capsys.readouterr().out.splitlines()
    ]
    lines = {label: others for label, *others in cells}
    ratio = lines["skipgram ns 5 neg dim 100, 2 thr, words/s, to word2vec"]
    assert ratio == [">= 16 x", "20.00 x", "20.00-20.00", "2", "yes"]
    whole = "skipgram ns 5 neg dim 100, 2 thr, whole process, 5 epochs, to word2vec"
    assert lines[whole][1] == "20.00 x"
    threads = lines["sgns, dim 100, 2 threads to 1"]
    assert threads == [">= 1.65 x", "2.00 x", "2.00-2.00", "2", "yes"]
    # 2e6 * .7 * 36 * 3 * 100 of 50e9
    peak = lines["sgns, dim 100, 1 thr, share of the peak"]
    assert (peak[1], peak[-1]) == ("30.2 %", "NO")
    assert lines["count and encode, 1 thr, M tokens/s"][-1] == "yes"
    assert lines["count and encode, 2 thr, M tokens/s"][-1] == "0"
    assert lines["quality after 5 epochs, simlex999"][-1] == "NO"


def test_matrix_holds_avx2_against_its_own_column_beside_avx512(
    program: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    content = matrix_content(program)
    content["machine"]["kernel"] = "avx512"
    own = [run for run in content["runs"] if run["program"] in ("sgns", "window_tile")]
    content["runs"] += [run | {"program": f"{run['program']}-avx2"} for run in own]
    program("bench_matrix").report(content)
    above, below = capsys.readouterr().out.split("\nkernel avx2\n")
    asked = [
        next(line for line in part.splitlines() if "dim 300, 2 thr" in line)
        for part in (above, below)
    ]
    assert ">= 18 x" in asked[0]
    assert ">= 12 x" in asked[1]
    assert "30.2 %" in below
    assert "30.2 %" not in above  # the peak of that kernel was not measured


def test_process_is_stopped_when_its_output_is_enough(
    program: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    endless = "import itertools\nfor i in itertools.count(): print(i, flush=True)"
    command = [sys.executable, "-c", endless]
    lines, *_ = program("_machine").measure(
        command, tmp_path, lambda lines: len(lines) > 5
    )
    assert [line for _, line in lines[:3]] == ["0", "1", "2"]


def test_matrix_without_runs_has_every_row(
    program: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    content = matrix_content(program) | {"runs": [], "peaks": {}, "reading": {}}
    program("bench_matrix").report(content)
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == 21
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert all(row[3:6] == ["-", "-", "0"] for row in cells)
