"""The programs in examples/, on small generated input; the pages of docs/ that run."""

from __future__ import annotations

import importlib.util
import itertools
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def load(name: str) -> ModuleType:
    """Import a program without running it."""
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "examples" / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(
    name: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *args: str,
) -> str:
    """Run a program with arguments; what it prints."""
    monkeypatch.setattr(sys, "argv", [name, *args])
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out


def test_node_vectors_tell_the_parties_of_the_karate_club() -> None:
    pytest.importorskip("sklearn")
    example = load("node_embeddings")
    graph, labels = example.karate()
    assert graph.shape == (34, 34)
    assert graph.nnz == 2 * 78
    walks = example.walks(graph)
    assert walks.shape == (340, 40)
    steps = [step for walk in walks[:5] for step in itertools.pairwise(walk)]
    assert all(graph[a, b] == 1 for a, b in steps)
    vectors = example.sgns_vectors(walks.astype(str).tolist(), 16)
    assert set(vectors) == set(map(str, range(34)))
    micro, macro = example.f1_of_labels(vectors, labels, 0.5)
    assert micro > 0.8
    assert macro > 0.8


def test_graphs_are_read_from_files(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    io = pytest.importorskip("scipy.io")
    example = load("node_embeddings")
    (tmp_path / "edges").write_text("0 1\n1 2\n2 2\n1 0\n")
    (tmp_path / "labels").write_text("0 1\n1 0\n2 1\n")
    graph, labels = example.read(tmp_path / "edges", tmp_path / "labels")
    assert graph.todense().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert labels.tolist() == [[False, True], [True, False], [False, True]]
    content = {"network": graph, "group": example.sparse.csc_matrix(labels * 1.0)}
    io.savemat(tmp_path / "graph.mat", content)
    graph_again, labels_again = example.read(tmp_path / "graph.mat", None)
    assert np.array_equal(graph_again.todense(), graph.todense())
    assert np.array_equal(labels_again, labels)


def test_texts_are_classified_better_than_by_chance() -> None:
    pytest.importorskip("sklearn")
    example = load("classify_text")
    texts, labels = example.generate(300)
    accuracy = example.accuracies(texts, labels)
    assert set(accuracy) == {"mean", "sif", "bag of words"}
    assert min(accuracy.values()) > 0.8


def test_labelled_texts_are_read_from_a_file(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    path = tmp_path / "texts"
    path.write_text("a\tone two\nb\tthree\tfour\n\n")
    assert load("classify_text").read(path) == (["one two", "three\tfour"], ["a", "b"])


def test_words_of_both_scripts_keep_their_letters_and_come_together() -> None:
    example = load("multilingual")
    model = example.train(example.generate(1500), workers=1, progress=False)
    words = [
        word
        for grammar in example.GRAMMARS.values()
        for objects in grammar["objects"].values()
        for word in objects
    ]
    assert set(words) <= set(model.wv)
    for grammar in example.GRAMMARS.values():
        for objects in grammar["objects"].values():
            found = model.wv.most_similar(objects[0], topn=4)
            assert sum(word in objects for word, _ in found) >= 3


@pytest.mark.parametrize("name", ["node_embeddings", "classify_text", "multilingual"])
def test_programs_run_without_arguments(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if name != "multilingual":
        pytest.importorskip("sklearn")
    assert run(name, capsys, monkeypatch)


@pytest.mark.parametrize("page", ["scikit-learn.md"])
def test_python_of_a_page_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(blocks) > 1
    exec(compile("\n".join(blocks), page, "exec"), {"__name__": page})


def test_text_losses_prints_a_row_for_every_loss(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A12, A57: each learns the topics of the generated text."""
    _, *rows = run("text_losses", capsys, monkeypatch, "--epochs", "2").splitlines()
    table = {row.split()[0]: row.split()[1:] for row in rows}
    assert set(table) == {"softmax", "ns", "hs", "nce", "sampled_softmax"}
    for speed, first, last, quality in table.values():
        assert float(speed.replace(",", "")) > 0
        assert float(last) < float(first)
        assert float(quality.rstrip("%")) > 90
