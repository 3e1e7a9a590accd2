"""The benchmark programs run, print their tables and name what is not installed."""

from __future__ import annotations

import gzip
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from sgns import Word2Vec

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


def topic_words(n_words: int) -> list[str]:
    """Runs of 20 words of one of ten topics; words of a topic have skewed counts."""
    rng = np.random.default_rng(1)
    topics = np.repeat(rng.integers(0, 10, n_words // 20 + 1), 20)[:n_words]
    ranks = np.minimum(rng.geometric(0.15, n_words), 20)
    return [f"t{t}w{r}" for t, r in zip(topics, ranks, strict=True)]


def rows_of(table: str) -> dict[str, list[str]]:
    """Cells of a printed table by those of the first two columns."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    return {" ".join(row[:2]): row[2:] for row in cells[2:]}


def test_perplexities_of_scarce_text_are_reported_for_every_loss(
    tmp_path: Path,
) -> None:
    """A55, A57: of seen and of held-out pairs; all learn more than the counts."""
    path = tmp_path / "topics.txt"
    path.write_text(" ".join(topic_words(6_000)))
    options = ["--train-words", 4_000, "--test-words", 2_000, "--seeds", 1]
    options += ["--corpus", path, "--epochs", 10]
    found = rows_of(run("bench_quality.py", "scarce", *options))
    counts = found.pop("shares of counts -")
    losses = ("softmax", "sampled_softmax", "nce", "ns", "hs")
    assert list(found) == [f"{loss} 10" for loss in losses]
    trained, left, gap = (
        np.array([float(row[i].split()[0]) for row in found.values()]) for i in range(3)
    )
    n_words = len(set(topic_words(4_000)))
    assert 1 < float(counts[0].split()[0]) < n_words
    assert (trained < 0.9 * float(counts[0].split()[0])).all()
    assert (left < float(counts[1].split()[0])).all()
    assert (gap > 1).all()


def test_perplexity_of_every_loss_is_that_of_normalised_probabilities(
    program: Callable[[str], ModuleType],
) -> None:
    quality = program("bench_quality")
    text = quality.sentences_of(topic_words(2_000))
    for loss in quality.LOSSES:
        model = Word2Vec(loss=loss, vector_size=8, min_count=1, progress=False)
        log_p = quality.log_probabilities(model.fit(text))
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, rtol=1e-9)
        if loss == "hs":
            word = list(model.wv)[7]
            np.testing.assert_allclose(log_p[7], model.hs_log_prob(word), rtol=1e-5)
    uniform = np.full((4, 4), -np.log(4))
    pairs = np.array([0, 1]), np.array([2, 3])
    assert quality.perplexity(uniform, pairs) == pytest.approx(4)


def test_held_out_pairs_score_above_noise(tmp_path: Path) -> None:
    """A7: the area under the curve, by the scores of the model."""
    path = tmp_path / "topics.txt.gz"
    path.write_bytes(gzip.compress(" ".join(topic_words(60_000)).encode()))
    options = ["--corpus", path, "--vector-size", 16, "--epochs", 1, 5]
    found = rows_of(run("bench_quality.py", "noise", *options))
    (once, _), (often, _) = (key.split() for key in found)
    assert (once, often) == ("1", "5")
    areas = [float(row[0]) for row in found.values()]
    noise = [float(row[-1]) for row in found.values()]
    assert areas[1] > 0.85
    assert noise[1] < noise[0] < 0.5


def test_cost_of_a_pair_is_printed_for_every_size() -> None:
    """A2, A21, A39, A46: ns, hs, hs by nodes of the path, softmax and its ratio."""
    options = ["--words", 64, 4096, "--tokens", 5_000, "--budget", 0.05]
    found = rows_of(run("bench_quality.py", "cost", *options))
    assert list(found) == ["64 6.0", "4,096 12.0"]
    few, many = (
        [float(cell.replace(",", "")) for cell in row] for row in found.values()
    )
    for ns, hs, of_node, softmax, ratio in (few, many):
        assert min(ns, hs, of_node) > 0
        assert ratio == pytest.approx(softmax / ns, rel=0.02, abs=1)
    assert few[1] == pytest.approx(6 * few[2], abs=6)
    assert many[1] == pytest.approx(12 * many[2], abs=12)


def test_claim_about_a_text_needs_one(
    program: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        program("bench_quality").parse(["noise"])
    assert "noise needs --corpus TEXT" in capsys.readouterr().err


def test_samplers_are_held_against_their_law_and_what_was_asked(
    program: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A25: every program follows the law, no excluded id comes, numbers are asked."""
    sampling = program("bench_sampling")
    monkeypatch.setattr(
        sampling, "best_seconds", lambda call, budget=0.0: 1.0 if [call()] else 0.0
    )
    rows = sampling.bulk(2_000, 200_000) + sampling.bulk(10**6, 5_120)
    assert all(row["chi2 p"] > 1e-4 for row in rows if row["chi2 p"] is not None)
    assert {row["asked"] for row in rows} >= {None, "ratio >= 100"}
    allowed, resampled = sampling.excluding(2_000, 50, 100)
    assert allowed["excluded"] > 0.1
    assert resampled["excluded"] == 0
    assert sampling.against_loop(100, 20)[1]["asked"] == "ratio >= 50"
    printed = sampling.table([*rows, allowed, resampled])
    assert "| <= 25 ns/draw, 0 excluded |" in printed
    assert len(printed.splitlines()) == len(rows) + 4


def test_area_counts_ties_as_half(program: Callable[[str], ModuleType]) -> None:
    area = program("bench_quality").area
    assert area(np.array([1.0, 2.0]), np.array([0.0, 1.0])) == 0.875


def test_architectures_are_compared_on_the_lists(tmp_path: Path) -> None:
    """A56: the same lists for skip-gram and CBOW, mean and deviation of the seeds."""
    (tmp_path / "topics.txt").write_text(" ".join(topic_words(20_000)))
    (tmp_path / "questions-words.txt").write_text(": same\nt0w1 t0w2 t1w1 t1w2\n")
    judged = "t0w1\tt0w2\t9\nt1w1\tt1w2\t8\nt0w1\tt1w2\t1\nt0w2\tt1w1\t2\n"
    for name in ("wordsim353.txt", "simlex999.txt"):
        (tmp_path / name).write_text(judged)
    options = ["--corpus", tmp_path / "topics.txt", "--eval", tmp_path, "--seeds", 2]
    options += ["--vector-size", 16, "--workers", 1, "--epochs", 3]
    found = rows_of(run("bench_quality.py", "architectures", *options))
    assert list(found) == ["skipgram 3", "cbow 3"]
    for _, analogies, *correlations in found.values():
        assert 0 <= float(analogies.split()[0]) <= 100
        assert all(-1 <= float(cell.split()[0]) <= 1 for cell in correlations)


def test_sparse_positives_are_factorised_better_than_by_demand(
    program: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    """A42: logistic factors beside BPR with the same columns."""
    rng = np.random.default_rng(1)
    lines = []
    for user in range(400):
        own = user % 8 + 8 * rng.choice(15, 6, replace=False)
        lines.append(" ".join(map(str, [user, *own])))
    path = tmp_path / "sequences.txt"
    path.write_text("\n".join(lines) + "\n")
    items = program("bench_items")
    log = items.read(path)
    assert (len(log.wanted), len(log.users)) == (400, 2000)
    table = items.compare(log, dim=8, epochs=10, n_seeds=1)
    found = {name: float(ndcg.split()[0]) for name, ndcg, *_ in table}
    assert found["logistic, fit_pairs"] > 2 * found["demand"]
    assert found["BPR, NumPy"] > 2 * found["demand"]


def test_ranks_of_items_leave_out_what_was_seen(
    program: Callable[[str], ModuleType],
) -> None:
    items = program("bench_items")
    log = items.Log(np.array([0, 1]), np.array([3, 0]), np.array([1, 2]), 4)
    scores = np.array([[0.0, 3.0, 1.0, 9.0], [5.0, 2.0, 1.0, 0.0]])
    # Both come first and second: item 3 of user 0 and item 0 of user 1 do not count.
    ndcg, recall = items.judge(log, lambda users: scores[users])
    assert ndcg == pytest.approx((1 + 1 / np.log2(3)) / 2)
    assert recall == 1


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
