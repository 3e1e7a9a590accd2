"""Tables of labelled pairs: golden tables, the oracle, exclusions, batches, faults."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import reference
import reference_tables
from conftest import zipf_sentences
from sgns import sampling
from sgns.sampling import SkipGrams, _text, skipgrams

EXCLUDE = ("none", "target", "window", "sentence", "pairs")
FAT_CAT = ["The", "fat", "cat", "sat", "on", "the", "mat"]
DOG = ["The", "dog", "is", "playing", "with", "a", "bone"]
N_WORDS = 60


def id_sentences(
    n_tokens: int = 600, longest: int = 12, n_words: int = 40
) -> list[list[int]]:
    sentences = zipf_sentences(n_tokens, n_words, longest, seed=3)
    return [[int(word[1:]) for word in words] for words in sentences]


def counts_of(sentences: list[list[int]]) -> np.ndarray:
    return np.bincount(np.concatenate(sentences), minlength=N_WORDS)


def rows_of(table: SkipGrams) -> np.ndarray:
    """All rows of all batches: (n_rows, 3)."""
    parts = [np.stack(batch, axis=1) for batch in table]
    return np.concatenate([np.empty((0, 3)), *parts]).astype(np.int64)


def in_words(table: SkipGrams) -> list[tuple[str, str, int]]:
    assert table.words is not None
    return [(table.words[a], table.words[b], y) for a, b, y in rows_of(table).tolist()]


def positives(rows: np.ndarray) -> np.ndarray:
    return rows[rows[:, 2] == 1]


def negatives(rows: np.ndarray) -> np.ndarray:
    return rows[rows[:, 2] == 0]


# Golden tables ------------------------------------------------------------------------


def test_table_of_the_fat_cat_is_the_one_of_the_note() -> None:
    """A48, A49: in order, The and the distinct, all labels 1."""
    table = skipgrams([FAT_CAT], window=2, negatives=0)
    rows = in_words(table)
    of_cat_and_sat = [row for row in rows if row[0] in {"cat", "sat"}]
    assert of_cat_and_sat == [
        ("cat", "The", 1),
        ("cat", "fat", 1),
        ("cat", "sat", 1),
        ("cat", "on", 1),
        ("sat", "fat", 1),
        ("sat", "cat", 1),
        ("sat", "on", 1),
        ("sat", "the", 1),
    ]
    assert [row[0] for row in rows] == [
        word
        for word, n in zip(FAT_CAT, (2, 3, 4, 4, 4, 3, 2), strict=True)
        for _ in range(n)
    ]


def test_labelled_table_of_the_fat_cat_has_negatives_beside_the_positives() -> None:
    """A50: positives as without negatives, label 0 never a positive, same seed same."""
    text = [FAT_CAT, ["pizza", "computer", "mighty"]]
    table = skipgrams(text, window=2, ratio=0.5, exclude="pairs", seed=1)
    rows = in_words(table)
    assert [row for row in rows if row[2] == 1] == in_words(
        skipgrams(text, window=2, negatives=0)
    )
    seen = {row[:2] for row in rows if row[2] == 1}
    assert all(row[:2] not in seen for row in rows if row[2] == 0)
    assert rows == in_words(
        skipgrams(text, window=2, ratio=0.5, exclude="pairs", seed=1)
    )
    assert rows != in_words(
        skipgrams(text, window=2, ratio=0.5, exclude="pairs", seed=2)
    )


@pytest.mark.parametrize(
    ("window", "contexts"),
    [
        (2, ["The", "is", "playing"]),
        (None, ["The", "is", "playing", "with", "a", "bone"]),
    ],
)
def test_contexts_of_the_dog_are_those_of_the_note(
    window: int | None, contexts: list[str]
) -> None:
    """A9: three pairs in a window of 2, the six listed in the whole sentence."""
    rows = in_words(skipgrams([DOG], window=window, negatives=0))
    assert [row for row in rows if row[0] == "dog"] == [
        ("dog", context, 1) for context in contexts
    ]


@pytest.mark.parametrize("k", [3, 4])
def test_each_positive_of_the_dog_has_k_negatives(k: int) -> None:
    """A10: whichever number the note means."""
    text = [DOG, ["car", "apple", "house", "tree"]]
    table = skipgrams(text, window=2, negatives=k, exclude="sentence")
    rows = [row for row in in_words(table) if row[0] == "dog"]
    assert [row[2] for row in rows] == ([1] + [0] * k) * 3
    assert {row[1] for row in rows if row[2] == 0} <= set(text[1])


def test_word_seen_with_the_centre_elsewhere_is_no_negative() -> None:
    """A51: cute is a positive of cat although it is in another sentence."""
    text = [FAT_CAT, ["cute", "cat"], ["mighty", "pizza"]]
    table = skipgrams(text, window=2, negatives=50, exclude="pairs", seed=5)
    drawn = {row[1] for row in in_words(table) if row[0] == "cat" and row[2] == 0}
    assert drawn == {"cat", "the", "mat", "mighty", "pizza"}


def test_table_has_the_documented_types() -> None:
    """A49, A52: int32, int32, float32 or int8, 1 and 0."""
    for name in ("float32", "int8"):
        batch = next(iter(skipgrams([DOG], negatives=2, labels=name)))
        assert [part.dtype.name for part in batch] == ["int32", "int32", name]
        assert all(part.flags.c_contiguous for part in batch)
        assert set(batch[2].tolist()) == {0, 1}


# The oracle ---------------------------------------------------------------------------


CONFIGS = [
    *itertools.product(EXCLUDE, [3], ["fixed", "shrink"], [2, 0.5], [0]),
    *itertools.product(EXCLUDE, [2], ["harmonic"], [1], [0.02]),
    *itertools.product(EXCLUDE, [None], ["fixed", "harmonic"], [0.3], [0.02]),
]


@pytest.mark.parametrize(("exclude", "window", "weighting", "ratio", "sample"), CONFIGS)
def test_table_equals_the_reference(
    exclude: str, window: int | None, weighting: str, ratio: float, sample: float
) -> None:
    sentences = id_sentences(250)
    weights = np.random.default_rng(1).random(N_WORDS)
    weights[:3] = [30, 20, 10]  # most of the mass: exact draws happen
    weights[7] = 0
    table = skipgrams(
        sentences,
        window=window,
        window_weighting=weighting,
        ratio=ratio,
        exclude=exclude,
        sample=sample,
        distribution=weights,
        seed=9,
        epoch=2,
    )
    config = reference_tables.Table(
        window, weighting, ratio, exclude, sample, seed=9, epoch=2
    )
    oracle = reference_tables.PairTable(
        sentences, weights.tolist(), counts_of(sentences).tolist(), config
    )
    assert rows_of(table).tolist() == [list(row) for row in oracle.rows()]


def test_positives_are_the_pairs_that_the_trainer_sees() -> None:
    """Subsampling and radius are those of the first epoch of `Word2Vec`."""
    sentences = zipf_sentences(500, 40, 20)
    ids, ends, counts = reference.encode(sentences)
    config = reference.Config(window=4, sample=0.03, seed=6)
    pairs = [
        (centre.word, context)
        for centre in reference.centres(ids, ends, counts, config, 0)
        for _, context in centre.contexts
    ]
    table = skipgrams(
        sentences, window=4, window_weighting="shrink", sample=0.03, seed=6, negatives=0
    )
    assert [tuple(row) for row in rows_of(table)[:, :2].tolist()] == pairs


# Batches, threads, inputs -------------------------------------------------------------


@pytest.mark.parametrize("exclude", EXCLUDE)
def test_table_does_not_depend_on_threads_and_batches(exclude: str) -> None:
    """A20: neither the threads nor the cut into batches changes a row."""
    sentences = id_sentences(12_000, 40, 3000)
    options: dict[str, Any] = {"exclude": exclude, "ratio": 1.7, "sample": 0.05}
    whole = rows_of(skipgrams(sentences, workers=1, **options))
    assert len(whole) > 2 * 2**16
    for workers, batch_size in ((2, 1000), (4, 2**21), (8, None)):
        table = skipgrams(sentences, workers=workers, batch_size=batch_size, **options)
        assert np.array_equal(rows_of(table), whole)
        sizes = [len(batch[0]) for batch in table]
        assert len(sizes) == len(table)
        if batch_size is not None:
            assert set(sizes[:-1]) <= {batch_size}


def test_rows_can_be_read_from_anywhere() -> None:
    table = skipgrams(id_sentences(), window=3, ratio=0.75, seed=4)
    whole = rows_of(table)
    for begin in range(0, table.n_rows, 97):
        for end in (begin, begin + 1, begin + 2, min(begin + 50, table.n_rows)):
            part = np.stack(table.read(begin, min(end, table.n_rows)), axis=1)
            assert np.array_equal(part, whole[begin:end])


def test_negatives_of_two_epochs_agree_only_by_chance() -> None:
    """A20: fresh negatives in each epoch, the same positives without subsampling."""
    sentences = id_sentences()
    first, second = (rows_of(skipgrams(sentences, epoch=epoch)) for epoch in (0, 1))
    assert np.array_equal(positives(first), positives(second))
    same = np.mean(negatives(first)[:, 1] == negatives(second)[:, 1])
    q = np.bincount(negatives(first)[:, 1]) / len(negatives(first))
    assert same == pytest.approx(float(np.sum(q**2)), abs=0.02)


@pytest.mark.parametrize("ratio", [0.5, 1, 5, 20])
def test_rows_are_positives_times_one_plus_ratio(ratio: float) -> None:
    """A19: exactly, for fractions too."""
    table = skipgrams(id_sentences(), ratio=ratio)
    assert table.n_positives % 2 == 0
    assert table.n_rows == table.n_positives * (1 + ratio)
    assert len(negatives(rows_of(table))) == table.n_positives * ratio


def test_every_form_of_the_text_gives_the_same_table(tmp_path: Path) -> None:
    sentences = id_sentences()
    expected = rows_of(skipgrams(sentences))
    flat = np.concatenate(sentences)
    offsets = [0, *np.cumsum([len(sentence) for sentence in sentences])]
    np.save(tmp_path / "ids.npy", flat.astype(np.int32))
    mapped = np.load(tmp_path / "ids.npy", mmap_mode="r")
    spread = np.repeat(flat, 2)[::2]
    for ids in (flat, flat.astype(np.uint8), flat.astype(">i4"), spread, mapped):
        assert np.array_equal(rows_of(skipgrams(ids, offsets=offsets)), expected)
    for form in (iter(sentences), [np.array(ids) for ids in sentences]):
        assert np.array_equal(rows_of(skipgrams(form)), expected)


def test_memory_mapped_ids_are_not_copied(tmp_path: Path) -> None:
    """A38: tables of files that do not fit in memory."""
    np.save(tmp_path / "ids.npy", np.arange(1000, dtype=np.int32))
    mapped = np.load(tmp_path / "ids.npy", mmap_mode="r")
    assert np.shares_memory(_text.as_ids("sentences", mapped), mapped)
    own = np.arange(5, dtype=np.int32)
    view = own[:3]
    view.flags.writeable = False
    assert not np.shares_memory(_text.as_ids("sentences", view), own)


def test_table_written_to_files_is_read_back_bitwise(tmp_path: Path) -> None:
    """A38: batches into memory-mapped arrays."""
    table = skipgrams(id_sentences(), batch_size=500)
    path = tmp_path / "contexts.npy"
    stored = np.lib.format.open_memmap(path, "w+", np.int32, (table.n_rows,))
    at = 0
    for _, contexts, _ in table:
        stored[at : at + len(contexts)] = contexts
        at += len(contexts)
    stored.flush()
    assert np.array_equal(np.load(path, mmap_mode="r"), rows_of(table)[:, 1])


def test_empty_text_gives_an_empty_table() -> None:
    for text in ([], [[]], np.array([], np.int32), [[3]]):
        table = skipgrams(text, exclude="pairs")
        assert (table.n_positives, table.n_rows) == (0, 0)
        assert rows_of(table).shape == (0, 3)


# Laws ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weighting", ["fixed", "shrink", "harmonic"])
def test_distances_follow_the_window_weighting(weighting: str) -> None:
    """A47: all; (W - d + 1) / W; 1 / d."""
    n, window = 100_000, 5
    ids = np.arange(n)
    rows = rows_of(
        skipgrams(ids, window=window, window_weighting=weighting, negatives=0)
    )
    right = rows[rows[:, 1] > rows[:, 0]]
    seen = np.bincount(right[:, 1] - right[:, 0])[1:]
    distances = np.arange(1, window + 1)
    p = {
        "fixed": np.ones(window),
        "shrink": (window - distances + 1) / window,
        "harmonic": 1 / distances,
    }[weighting]
    for count, share in zip(seen, p, strict=True):
        assert abs(count - n * share) <= 4 * np.sqrt(n * share * (1 - share)) + window


def test_negatives_follow_the_conditional_law() -> None:
    """A14, A50: under exclude="pairs" the rest keeps its proportions."""
    sentences = [[0, 1], [0, 2], [0, 1, 3], [4, 5, 6, 7, 8, 9]]
    weights = np.array([1, 20, 3, 4, 5, 1, 2, 3, 0, 1.0])
    table = skipgrams(
        sentences, exclude="pairs", distribution=weights, negatives=1000, window=None
    )
    rows = negatives(np.concatenate([rows_of(table)] * 1))
    of_0 = rows[rows[:, 0] == 0][:, 1]
    allowed = [0, 4, 5, 6, 7, 9]
    assert set(of_0.tolist()) == set(allowed)
    seen = np.bincount(of_0, minlength=10)[allowed]
    expected = weights[allowed] / weights[allowed].sum() * len(of_0)
    assert stats.chisquare(seen, expected).pvalue > 1e-3


def test_no_observed_pair_is_drawn_in_a_million() -> None:
    """A14: under "pairs" none; without exclusion as often as the laws say."""
    sentences = id_sentences(2000, 12, 300)
    options: dict[str, Any] = {"window": 3, "negatives": 130}
    observed = {
        tuple(p)
        for p in rows_of(skipgrams(sentences, window=3, negatives=0))[:, :2].tolist()
    }
    rows = negatives(rows_of(skipgrams(sentences, exclude="pairs", **options)))
    assert len(rows) > 10**6
    assert not observed & {
        tuple(pair) for pair in np.unique(rows[:, :2], axis=0).tolist()
    }
    rows = negatives(rows_of(skipgrams(sentences, exclude="none", **options)))
    q = np.bincount(np.concatenate(sentences)) ** 0.75
    q /= q.sum()
    seen = np.zeros((len(q), len(q)))
    seen[tuple(np.array(list(observed)).T)] = 1
    chances = (seen @ q)[rows[:, 0]]
    hits = seen[rows[:, 0], rows[:, 1]].sum()
    sigma = np.sqrt(np.sum(chances * (1 - chances)))
    assert abs(hits - chances.sum()) < 4 * sigma


@pytest.mark.slow
def test_no_observed_pair_is_drawn_in_ten_millions() -> None:
    """A14: long rows of the set and short ones, drawn again and drawn exactly."""
    ids = np.concatenate(id_sentences(30_000, 12, 3000))
    options: dict[str, Any] = {"offsets": range(0, len(ids) + 1, 6), "window": 3}
    pairs = rows_of(skipgrams(ids, negatives=0, **options))
    observed = np.unique(pairs[:, 0] * 3000 + pairs[:, 1])
    n_drawn = 0
    for centers, contexts, labels in skipgrams(
        ids, exclude="pairs", negatives=100, **options
    ):
        drawn = centers[labels == 0].astype(np.int64) * 3000 + contexts[labels == 0]
        at = np.minimum(np.searchsorted(observed, drawn), len(observed) - 1)
        assert not np.any(observed[at] == drawn)
        n_drawn += len(drawn)
    assert n_drawn > 10**7


@pytest.mark.slow
def test_a_hundred_million_rows_stream_in_constant_memory(tmp_path: Path) -> None:
    """A38: the memory of the process after 10 batches is that after all of them."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("the memory of a process is read from /proc")
    ids = np.random.default_rng(0).integers(0, 10_000, 2_000_000, np.int32)
    np.save(tmp_path / "ids.npy", ids)
    table = skipgrams(
        np.load(tmp_path / "ids.npy", mmap_mode="r"), batch_size=2**18, negatives=5
    )
    n_rows, pages = 0, []
    for centers, _, _ in table:
        n_rows += len(centers)
        pages.append(int(statm.read_text().split()[1]))
    assert n_rows > 10**8
    grown = (max(pages[10:]) - max(pages[:10])) * os.sysconf("SC_PAGE_SIZE")
    mapped = ids.nbytes  # pages of the file count, too, once they were read
    assert grown < mapped + 4 * 2**20


@pytest.mark.parametrize("exclude", ["window", "sentence"])
def test_positives_never_reappear_as_negatives(exclude: str) -> None:
    """A10: neither beside the centre nor anywhere else in what is excluded."""
    sentences = [list(range(10 * i, 10 * i + 10)) for i in range(6)]
    rows = rows_of(
        skipgrams(sentences, window=2, negatives=200, exclude=exclude, seed=8)
    )
    drawn = negatives(rows)
    gap = np.abs(drawn[:, 0] - drawn[:, 1])
    same_sentence = drawn[:, 0] // 10 == drawn[:, 1] // 10
    assert not np.any(same_sentence & (gap <= (2 if exclude == "window" else 10)))


def test_target_is_not_its_own_negative() -> None:
    rows = rows_of(skipgrams([[0, 1, 2]] * 50, negatives=10, exclude="target"))
    contexts = rows[:, 1].reshape(-1, 11)
    assert not np.any(contexts[:, 1:] == contexts[:, :1])


def test_negatives_follow_every_kind_of_distribution() -> None:
    laws = [
        sampling.Uniform(6),
        sampling.LogUniform(6),
        sampling.Mixture([(0.5, sampling.Uniform(6)), (0.5, sampling.LogUniform(6))]),
    ]
    for law in laws:
        table = skipgrams(
            [[0, 1]] * 10, distribution=law, negatives=1000, exclude="none"
        )
        seen = np.bincount(negatives(rows_of(table))[:, 1], minlength=6)
        expected = law.prob(np.arange(6)) * seen.sum()
        assert stats.chisquare(seen, expected).pvalue > 1e-3


# Faults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"window": 0}, ValueError, "window must be an int from 1 to 10000 or None "),
        ({"window": 2.0}, TypeError, "window must be an int from 1 to 10000"),
        ({"negatives": -1}, ValueError, "negatives must be an int from 0 to 1000"),
        ({"negatives": 1.5}, TypeError, "negatives must be an int"),
        ({"ratio": float("nan")}, ValueError, "ratio must be a number from 0 to 1000"),
        ({"ratio": -0.5}, ValueError, "ratio must be a number from 0 to 1000"),
        (
            {"ratio": 1, "negatives": 2},
            ValueError,
            "give negatives or ratio, not both: got negatives=2, ratio=1.0",
        ),
        ({"exclude": "all"}, ValueError, "exclude must be one of 'none', 'target', "),
        ({"window_weighting": "flat"}, ValueError, "window_weighting must be one of"),
        (
            {"window": None, "window_weighting": "shrink"},
            ValueError,
            "window_weighting must be 'fixed' or 'harmonic' with window=None, got",
        ),
        ({"sample": 2}, ValueError, "sample must be a number from 0 to 1, got 2"),
        ({"batch_size": 0}, ValueError, "batch_size must be an int >= 1 or None"),
        ({"seed": -1}, ValueError, "seed must be an int from 0 to 2**64-1, got -1"),
        ({"workers": 0}, ValueError, "workers must be an int from 1 to 1024"),
        ({"labels": "bool"}, ValueError, "labels must be one of 'float32', 'int8'"),
        (
            {"distribution": [1, -1, 1]},
            ValueError,
            "weight 1 must be finite and >= 0, got -1",
        ),
        ({"distribution": [1, np.nan, 1]}, ValueError, "weight 1 must be finite"),
        ({"distribution": [0, 0, 0]}, ValueError, "the sum of the weights must be"),
        (
            {"distribution": [[1, 1, 1]]},
            ValueError,
            "weights must have the shape (n,), got (1, 3)",
        ),
        (
            {"distribution": "uniform"},
            TypeError,
            "weights must be an array of numbers, got",
        ),
        (
            {"distribution": [1, 1]},
            ValueError,
            "ids must be below 2, the size of distribution, got 2",
        ),
        (
            {"distribution": [0, 1, 0]},
            ValueError,
            "sentence 0: all 1 words that can be drawn are excluded",
        ),
        (
            {"exclude": "sentence"},
            ValueError,
            "sentence 0: all 3 words that can be drawn are excluded",
        ),
        (
            {"exclude": "window"},
            ValueError,
            "sentence 0: all 3 words that can be drawn are excluded",
        ),
        (
            {"exclude": "pairs", "distribution": [0, 1, 1]},
            ValueError,
            "word 0 stands near all words that can be drawn: exclude='pairs' leaves",
        ),
    ],
)
def test_bad_parameter_is_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """S1, S2, S4, S7, S12."""
    with pytest.raises(error) as caught:
        skipgrams([[0, 1, 2]], **options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "offsets", "error", "message"),
    [
        (np.array([0.0, 1.0]), None, TypeError, "sentences must hold integers, got dt"),
        (np.array([True]), None, TypeError, "sentences must hold integers, got dtype"),
        (np.array([[0, 1]]), None, ValueError, "sentences must have 1 dimension, got"),
        (np.array([0, -3]), None, ValueError, "to 2147483645, got -3 at 1"),
        (np.array([2**40]), None, ValueError, "to 2147483645, got 1099511627776 at 0"),
        (
            [[0, 1], [0, 1.5]],
            None,
            TypeError,
            "sentence 1 must hold integers, got dtype",
        ),
        ([[0, 1], ["a"]], None, TypeError, "sentence 1 must hold integers, got dtype"),
        ([["a", 1]], None, TypeError, "sentence 0, token 1 must be str, got int (1)"),
        (
            ["a b", "c d"],
            None,
            TypeError,
            "sentence 0 must be a list of words, got the",
        ),
        (7, None, TypeError, "corpus must be a path, an open file or an iterable"),
        ([[0, 1]], [0, 2], TypeError, "offsets go with an array of ids, got sentences"),
        (
            np.arange(3),
            [0, 2],
            ValueError,
            "offsets must have 1 dimension and go from 0",
        ),
        (
            np.arange(3),
            [1, 3],
            ValueError,
            "offsets must have 1 dimension and go from 0",
        ),
        (
            np.arange(3),
            [0, 2, 1, 3],
            ValueError,
            "offsets must not decrease, got 1 aft",
        ),
        (np.arange(3), [0.0, 3.0], TypeError, "offsets must hold integers, got dtype"),
    ],
)
def test_bad_text_is_refused(
    text: Any, offsets: Any, error: type[Exception], message: str
) -> None:
    """S8, S9, S10."""
    with pytest.raises(error) as caught:
        skipgrams(text, offsets=offsets)
    assert message in str(caught.value)


def test_rows_outside_the_table_are_refused() -> None:
    table = skipgrams([[0, 1, 2]], negatives=0)
    for begin, end in ((0, 7), (-1, 2), (3, 2)):
        with pytest.raises(ValueError, match="rows must lie between 0 and 6, got"):
            table.read(begin, end)
    for bad in (0.0, True, "1"):
        with pytest.raises(TypeError, match=r"begin must be an int, got"):
            table.read(bad, 6)  # type: ignore[arg-type]
