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

from sgns import pairs

ROOT = Path(__file__).resolve().parents[1]


def load(name: str) -> ModuleType:
    """Import a program without running it."""
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "examples" / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look for their module
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


def test_items_left_out_are_found_better_than_by_demand() -> None:
    example = load("item2vec")
    baskets = example.generate(2000, 300)
    result, model = example.compare(baskets, epochs=10)
    assert set(model.wv) <= set(map(str, range(300)))
    assert result["item2vec"] > 1.3 * result["most frequent"] > 0


def test_sequences_of_users_are_read_and_split(tmp_path: Path) -> None:
    example = load("item2vec")
    (tmp_path / "sequences").write_text("1 a b c\n\n2 a b\n")
    baskets = example.read(tmp_path / "sequences")
    assert baskets == [["a", "b", "c"], ["a", "b"]]
    assert example.split(baskets) == ([["a", "b"]], ["c"])


def test_recall_counts_left_out_items_among_the_best() -> None:
    example = load("item2vec")
    example.K = 1
    ids = {"a": 0, "b": 1, "c": 2}
    unit = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    counts = np.array([1, 2, 3])
    asked = [["a"], ["a"], ["b"], ["b"]], ["b", "c", "a", "unknown"], ids, counts
    assert example.recall(unit, *asked) == 0.5  # b after a, a after b
    assert example.recall(None, *asked) == 0.25  # c after a


def test_correction_by_log_q_finds_more_of_the_clicks() -> None:
    example = load("two_tower")
    clicks = example.generate(600, 100)
    found = {
        how: example.recall(
            *example.train_in_batch(clicks, example.Batches(32, how), 200, 1)[:2],
            clicks,
        )
        for how in ("none", "stream", "counts")
    }
    assert found["stream"] > found["none"] + 0.05
    assert found["counts"] > found["none"] + 0.05


def test_queue_brings_a_small_batch_near_a_large_one() -> None:
    """A41: of the recall that more negatives add, most is found with a queue."""
    example = load("two_tower")
    found, drift = example.compare_batches(
        lambda seed: example.generate_described(600, 600, seed),
        {
            "few": example.Batches(8),
            "queue": example.Batches(8, queue=120),
            "many": example.Batches(128),
        },
        n_seeds=2,
        n_steps=200,
        dim=24,
    )
    few, queue, many = (values.mean() for values in found.values())
    assert few < many
    assert queue > few + 0.3 * (many - few)
    assert drift[-1] < drift[len(drift) // 10] < drift[0] / 2


def test_queue_waits_until_the_vectors_have_become_stable() -> None:
    example = load("two_tower")
    clicks = example.generate(200, 50)
    never = example.Batches(8, queue=24, warm_up=1)
    without, waiting, used = (
        example.train_in_batch(clicks, how, 40, 1)[0].weights
        for how in (example.Batches(8), never, example.Batches(8, queue=24))
    )
    assert np.array_equal(without, waiting)
    assert not np.array_equal(without, used)


def test_random_negatives_find_what_shown_ones_do_not() -> None:
    example = load("two_tower")
    found, order = example.compare_sources(2, 150, n_users=500, n_items=300)
    assert set(found) == set(order) == {"random", "shown, not clicked", "half of each"}
    assert (found["random"] > found["shown, not clicked"] + 0.2).all()


def test_negatives_of_a_log_are_never_clicked_ones() -> None:
    example = load("two_tower")
    log = example.simulate(200, 100)
    users = np.flatnonzero((~log.clicked).any(axis=1))
    for negatives in example.sources(log, 4, 1).values():
        for user, ids in zip(users, negatives(users, 0), strict=True):
            assert not set(ids) & set(log.shown[user][log.clicked[user]])


def test_sequences_become_clicks(tmp_path: Path) -> None:
    (tmp_path / "sequences").write_text("1 a b c\n2 b c a d\n3 a\n")
    clicks = load("two_tower").read(tmp_path / "sequences")
    assert sorted(zip(clicks.users, clicks.items, strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
        (1, 2),
    ]
    assert clicks.test_items.tolist() == [2, 3]


def test_trained_distances_tell_new_classes_apart() -> None:
    example = load("metric_learning")
    found = example.compare(*example.generate(40, 10), 200)
    assert set(found) == {"the features", *example.WAYS}
    assert min(found[how] for how in example.WAYS) > found["the features"] + 0.1


def test_gradient_of_the_margin_loss_is_that_of_its_definition() -> None:
    example = load("metric_learning")
    vectors = np.random.default_rng(1).normal(size=(4, 3)) * 0.6
    rows = np.array([[0, 1], [1, 2], [0, 3]])

    def loss(at: np.ndarray, same: bool) -> float:
        distances = np.linalg.norm(at[rows[:, 0]] - at[rows[:, 1]], axis=1)
        return float(pairs.margin_loss(distances, same).sum())

    for same, sign in ((True, 1.0), (False, -1.0)):
        slope = example.gradient(vectors, rows, sign)
        for place in np.ndindex(vectors.shape):
            step = np.zeros_like(vectors)
            step[place] = 1e-6
            numeric = loss(vectors + step, same) - loss(vectors - step, same)
            assert slope[place] == pytest.approx(numeric / 2e-6, abs=1e-6)


def test_hardest_negatives_detect_with_few_losses() -> None:
    found = load("metric_learning").detect(60)
    (all_of_them, losses), (hardest, kept) = found["all"], found["hardest 1:3"]
    assert losses == 1600
    assert kept < 0.1 * losses
    assert hardest > all_of_them - 0.1


def test_handover_explains_itself_without_torch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install torch" in run("torch_handover", capsys, monkeypatch)


def test_examples_of_a_data_set_do_not_depend_on_the_batch() -> None:
    clicks = load("torch_handover").Clicks(20, 100)
    batch = clicks.__getitems__([3, 9, 4])
    for part, alone in zip(batch, clicks[9], strict=True):
        assert np.array_equal(part[1], alone)
    seen = set(clicks.items[clicks.users == batch[0][1]])
    assert not set(batch[2][1]) & seen


def test_tensors_share_the_buffer_and_workers_draw_the_same() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    example = load("torch_handover")
    clicks = example.Clicks(40, 200)
    assert example.shares_memory(clicks)
    for one, other in zip(
        example.batches(clicks, 0), example.batches(clicks, 2), strict=True
    ):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    losses = example.train(clicks)
    assert losses[-1] < losses[0]


def is_picture(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 5_000


def test_item2vec_prints_recall_and_draws_the_items(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("matplotlib")
    baskets = load("item2vec").generate(600, 80)
    lines = [" ".join(["user", *basket]) for basket in baskets]
    (tmp_path / "baskets").write_text("\n".join(lines) + "\n")
    options = ["--epochs", "3", "--plot", str(tmp_path / "items.png")]
    told = run("item2vec", capsys, monkeypatch, str(tmp_path / "baskets"), *options)
    assert re.search(r"recall@20 item2vec +0\.\d{3}\n", told)
    assert is_picture(tmp_path / "items.png")


def test_two_towers_print_three_tables_and_draw_them(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("matplotlib")
    options = ["--seeds", "1", "--steps", "20", "--plot", str(tmp_path / "towers.png")]
    told = run("two_tower", capsys, monkeypatch, *options)
    assert len(re.findall(r" 0\.\d{3} ± 0\.000\n", told)) == 6 + 3 + 3 + 3
    assert is_picture(tmp_path / "towers.png")


def test_metric_learning_prints_recall_and_draws_what_was_mined(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("matplotlib")
    example = load("metric_learning")
    features, labels = example.generate(26, 8)
    np.savez(tmp_path / "features.npz", features=features, labels=labels)
    options = ["--steps", "5", "--seeds", "2", "--plot", str(tmp_path / "mined.png")]
    path = str(tmp_path / "features.npz")
    told = run("metric_learning", capsys, monkeypatch, path, *options)
    assert len(re.findall(r" [01]\.\d{3} ± 0\.\d{3}\n", told)) == 4
    assert is_picture(tmp_path / "mined.png")


def test_distance_weighting_chooses_nearer_negatives_than_chance() -> None:
    """A30: random ones lie near the square root of 2, as points of a sphere do."""
    example = load("metric_learning")
    features, labels = example.generate(20, 8)
    found = {how: example.distances_of(features, labels, how) for how in example.WAYS}
    assert found["random"].mean() == pytest.approx(np.sqrt(2), abs=0.05)
    assert found["distance_weighted"].mean() < found["random"].mean() - 0.2
    assert found["distance_weighted"].max() < 1.4


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
    losses = {"softmax", "ns", "hs", "nce", "nce+bias", "sampled_softmax"}
    assert set(table) == losses
    for speed, _, n_targets, _, first, last, quality in table.values():
        assert float(speed.replace(",", "")) > 0
        assert 4 < float(n_targets) <= 210
        assert float(last) < float(first)
        assert float(quality.rstrip("%")) > 90
