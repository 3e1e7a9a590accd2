"""Phrases: equal to their specification and to word2phrase; files; bad input."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference_phrases as reference
from command_line import failure, original_program
from conftest import zipf_sentences
from sgns import Corpus, Phrases, Word2Vec, _core, cli
from sgns.phrases import ENGLISH_CONNECTOR_WORDS, npmi_scores, word2phrase_scores

SCORES = {"word2phrase": reference.word2phrase, "npmi": reference.npmi}
TEXT = [
    ["new", "york", "is", "big"],
    ["is", "york", "new"],
    ["big", "new", "york"],
] * 10
"""Only new_york scores above 1.5."""
WORD2PHRASE = original_program("word2phrase")

words = st.sampled_from(["a", "b", "c", "of", "the", "d_e"])
texts = st.lists(st.lists(words, max_size=12), min_size=1, max_size=12).filter(any)


@settings(deadline=None)
@given(
    texts,
    st.integers(1, 3),
    st.sampled_from(sorted(SCORES)),
    st.floats(0, 1),
    st.sampled_from([(), ("of",), ("of", "the"), ("a", "missing")]),
    st.booleans(),
    st.integers(1, 3),
)
def test_phrases_equal_the_specification(
    text: list[list[str]],
    min_count: int,
    scoring: str,
    threshold: float,
    connectors: tuple[str, ...],
    across: bool,
    workers: int,
) -> None:
    """Found phrases, their scores, and the joined text."""
    phrases = Phrases(
        text,
        min_count=min_count,
        threshold=threshold,
        scoring=scoring,
        connector_words=connectors,
        across_sentences=across,
        workers=workers,
    )
    expected = reference.find_phrases(
        text, min_count, threshold, SCORES[scoring], connectors, across
    )
    (found,) = phrases.passes
    around = reference.find_phrases(
        text, min_count, threshold - 1e-9, SCORES[scoring], connectors, across
    )
    # Rounding decides there.
    near = {p for p, score in around.items() if abs(score - threshold) < 1e-12}
    assert found.keys() | near == expected.keys() | near
    for phrase in found.keys() & expected.keys():
        assert found[phrase] == pytest.approx(expected[phrase], rel=1e-12, abs=1e-12)
    joined = [reference.join(sentence, found, connectors) for sentence in text]
    assert [phrases.join(sentence) for sentence in text] == joined
    assert list(phrases.transform(text)) == [s for s in joined if s]


def test_several_passes_equal_the_specification_pass_by_pass() -> None:
    text = zipf_sentences(30_000, 40, 30)
    thresholds = (1.05, 0.9, 0.5)
    phrases = Phrases(text, threshold=thresholds, connector_words=["w0", "w3"])
    for found, threshold in zip(phrases.passes, thresholds, strict=True):
        score = reference.word2phrase
        expected = reference.find_phrases(text, 5, threshold, score, {"w0", "w3"})
        assert found == pytest.approx(expected, rel=1e-12)
        assert len(found) > 10
        text = [reference.join(sentence, found, {"w0", "w3"}) for sentence in text]
    assert any(word.count("_") >= 2 for word in phrases.scores)


@pytest.mark.parametrize("connectors", [[], [0], [0, 5]])
def test_counts_do_not_depend_on_threads_or_ranges(connectors: list[int]) -> None:
    """One range for most words, and one of its own for a word with 4 million tokens."""
    rng = np.random.default_rng(0)
    ids = np.minimum(rng.geometric(0.2, 50_000), 50).astype(np.int32)
    ids = np.concatenate([np.zeros((1 << 22) + 1, np.int32), ids])
    corpus = Corpus._of([], *_sorted(ids))
    flags = np.zeros(len(corpus.counts) if connectors else 0, np.uint8)
    flags[connectors] = 1
    results = [
        _core.count_phrases(corpus.encoded, corpus.counts, flags, 3, False, workers)
        for workers in (1, 3)
    ]
    for one, three in zip(*results, strict=True):
        np.testing.assert_array_equal(one, three)
    flat, ends, counts = results[0]
    sequences = np.split(corpus.encoded.ids, [len(ids) - 50_000])
    names = [[str(row) for row in part.tolist()] for part in sequences]
    small = [names[0][-1:] + names[1]]
    expected = dict.fromkeys([("0", "0")], (1 << 22)) if not connectors else {}
    skipped = {str(row) for row in connectors}
    counted = reference.find_phrases(
        small, 1, -1, lambda a, b, together, n, m: together, skipped
    )
    for phrase, count in counted.items():
        expected[phrase] = expected.get(phrase, 0) + int(count)
    begins = [0, *ends[:-1]]
    found = {
        tuple(map(str, flat[b:e])): int(count)
        for b, e, count in zip(begins, ends, counts, strict=True)
    }
    assert found == {phrase: n for phrase, n in expected.items() if n >= 3}


def _sorted(ids: np.ndarray) -> tuple[np.ndarray, _core.Corpus]:
    """Counts and a corpus of one sentence; rows by descending count."""
    counts = np.bincount(ids)
    order = np.argsort(-counts, kind="stable")
    rows = np.empty(len(counts), np.int32)
    rows[order] = np.arange(len(counts))
    offsets = np.array([0, len(ids)])
    counts = counts[order].astype(np.int64)
    return counts, _core.make_corpus(rows[ids], offsets, len(counts))


def real_text(n_lines: int) -> str:
    """Lines with pairs that belong together, some across the ends of lines."""
    rng = random.Random(4)
    pairs = [("new", "york"), ("san", "marino"), ("machine", "learning"), ("do", "not")]
    common = [f"w{i}" for i in range(60)]
    lines = []
    for _ in range(n_lines):
        line = []
        for _ in range(rng.randrange(12)):
            line += rng.choice(pairs) if rng.random() < 0.2 else [rng.choice(common)]
            line += [rng.choice(rng.choice(pairs))] if rng.random() < 0.05 else []
        lines.append(" ".join(line) + "\n")
    return "".join(lines)


@pytest.mark.slow
@pytest.mark.skipif(WORD2PHRASE is None, reason="no program word2phrase")
@pytest.mark.parametrize(("threshold", "min_count"), [(2, 5), (20, 5), (5, 1)])
def test_text_equals_that_of_the_original_program(
    tmp_path: Path, threshold: int, min_count: int
) -> None:
    """The original takes 2 GB and seconds for its table, hence the mark."""
    assert WORD2PHRASE is not None
    source, theirs, ours = (tmp_path / name for name in ("t", "c", "p"))
    source.write_text(real_text(3000), encoding="utf-8")
    options = ["-threshold", str(threshold), "-min-count", str(min_count)]
    subprocess.run(
        [WORD2PHRASE, "-train", "t", "-output", "c", *options, "-debug", "0"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    options = ["--threshold", str(threshold), "--min-count", str(min_count)]
    command = ["phrases", str(source), "-o", str(ours), "--across-sentences", *options]
    assert cli.main(command) == 0
    lines = [line.split() for line in theirs.read_text(encoding="utf-8").split("\n")]
    assert [line for line in lines if line] == [
        line.split() for line in ours.read_text(encoding="utf-8").splitlines()
    ]
    assert any("_" in word for line in lines for word in line)


def test_recorded_text_of_the_original_program_is_equal() -> None:
    """What word2phrase made of a text, kept in tests/data."""
    folder = Path(__file__).parent / "data"
    text = (folder / "phrases-in.txt").read_text(encoding="utf-8")
    expected = (folder / "phrases-out.txt").read_text(encoding="utf-8")
    sentences = [line.split() for line in text.splitlines()]
    phrases = Phrases(sentences, min_count=2, threshold=8, across_sentences=True)
    joined = [line.split() for line in expected.splitlines()]
    assert list(phrases.transform(sentences)) == [line for line in joined if line]
    assert len(phrases.scores) >= 3


def test_connectors_stand_inside_phrases_only() -> None:
    text = [["the", "bank", "of", "america", "is", "the", "bank"]] * 20
    phrases = Phrases(
        text, min_count=1, threshold=0, connector_words=ENGLISH_CONNECTOR_WORDS
    )
    joined = phrases.join(["the", "bank", "of", "america", "of"])
    assert joined == ["the", "bank_of_america", "of"]


def test_score_of_a_function_decides() -> None:
    phrases = Phrases(
        TEXT,
        min_count=1,
        threshold=9,
        scoring=lambda first, last, together, n_tokens, min_count: together * 1.0,
    )
    others = {"york_is", "is_big", "is_york", "york_new", "big_new"}
    assert phrases.scores == {"new_york": 20, **dict.fromkeys(others, 10)}


def test_scores_equal_the_formulas_for_large_counts() -> None:
    """P10: products of counts beyond 2**53 do not overflow."""
    first, last, together = (np.array([n]) for n in (2**40, 2**41, 2**39))
    n = 2**44
    args = (first, last, together, n, 5)
    plain = (2**40, 2**41, 2**39, n, 5)
    assert word2phrase_scores(*args)[0] == pytest.approx(reference.word2phrase(*plain))
    assert npmi_scores(*args)[0] == pytest.approx(reference.npmi(*plain))


def test_joined_words_equal_to_others_are_one_word() -> None:
    text = [["a", "b", "a_b", "x"]] * 10
    joined = Phrases(text, min_count=1, threshold=0, scoring="npmi").transform(text)
    assert next(iter(joined)) == ["a_b", "a_b_x"]
    assert joined.words == ["a_b", "a_b_x"]
    assert joined.counts.tolist() == [10, 10]


def test_generator_is_read_once() -> None:
    text = zipf_sentences(20_000, 30, 20)
    once = Phrases((sentence for sentence in text), threshold=(1.1, 1.0))
    assert once.passes == Phrases(text, threshold=(1.1, 1.0)).passes


def test_joined_corpus_trains_as_its_text() -> None:
    text = zipf_sentences(20_000, 30, 20)
    joined = Phrases(text, threshold=1.1).transform(text)
    options: dict[str, Any] = {"vector_size": 8, "epochs": 1, "workers": 1, "sample": 0}
    ours = Word2Vec(**options).fit(joined)
    theirs = Word2Vec(**options).fit(list(joined))
    assert ours.wv.words == theirs.wv.words
    assert any("_" in word for word in ours.wv.words)
    np.testing.assert_array_equal(ours.vectors_, theirs.vectors_)


def test_transform_of_a_corpus_without_phrases_changes_nothing() -> None:
    phrases = Phrases(TEXT, threshold=1.5)
    assert list(phrases.transform([["x", "y"], [], ["new"]])) == [["x", "y"], ["new"]]


def test_saved_phrases_equal_those_loaded(tmp_path: Path) -> None:
    text = [["é", "\u2028x", 'quo"te']] * 10 + zipf_sentences(5000, 20, 20)
    phrases = Phrases(
        text, threshold=(1.1, 1.2), connector_words={"w0", "ü"}, delimiter="~"
    )
    phrases.save(tmp_path / "phrases.json")
    loaded = Phrases.load(tmp_path / "phrases.json")
    assert vars(loaded) == vars(phrases)
    assert list(loaded.transform(text)) == list(phrases.transform(text))


def test_saved_bytes_that_are_no_unicode_come_back(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"a \xe9t b\n" * 10)
    phrases = Phrases(tmp_path / "text", threshold=0, errors="surrogateescape")
    phrases.save(tmp_path / "phrases.json")
    assert Phrases.load(tmp_path / "phrases.json").passes == phrases.passes
    joined = phrases.transform(tmp_path / "text", errors="surrogateescape")
    joined.save(tmp_path / "joined")
    assert (tmp_path / "joined").read_bytes() == b"a_\xe9t b\n" * 10


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"min_count": 0}, ValueError, "min_count must be an int >= 1, got 0"),
        ({"min_count": 2.5}, TypeError, r"min_count must be an int >= 1, got 2\.5"),
        ({"threshold": -1}, ValueError, "threshold must be a finite number >= 0, got"),
        ({"threshold": float("nan")}, ValueError, "threshold must be a finite .*nan"),
        ({"threshold": "10"}, TypeError, "threshold must be a number or several"),
        ({"threshold": []}, ValueError, "threshold must have a number for each pass"),
        ({"threshold": [1, None]}, TypeError, "threshold must be .* several, got None"),
        (
            {"threshold": 2, "scoring": "npmi"},
            ValueError,
            "threshold must be a finite number from -1 to 1, got 2",
        ),
        (
            {"scoring": "pmi"},
            ValueError,
            "scoring must be one of 'word2phrase', 'npmi'",
        ),
        ({"scoring": 3}, TypeError, "scoring must be one of .* or a function, got 3"),
        ({"scoring": print}, ValueError, "threshold must be given when scoring is a"),
        ({"connector_words": "of"}, TypeError, "connector_words must be a list or set"),
        ({"connector_words": [1]}, TypeError, "connector_words must be str, got 1"),
        (
            {"delimiter": " "},
            ValueError,
            "delimiter must have a character and no white",
        ),
        ({"delimiter": ""}, ValueError, "delimiter must have a character"),
        ({"delimiter": None}, TypeError, "delimiter must be a str, got None"),
        ({"workers": 0}, ValueError, "workers must be an int from 1 to 1024"),
        ({"errors": "ignore"}, ValueError, "errors must be one of"),
    ],
)
def test_wrong_parameter_raises(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        Phrases(TEXT, **options)


@pytest.mark.parametrize("scores", [[1.0], float("nan")])
def test_wrong_scores_of_a_function_raise(scores: Any) -> None:
    def scoring(first: Any, last: Any, together: Any, n: int, min_count: int) -> Any:
        return scores if isinstance(scores, list) else together * scores

    with pytest.raises(ValueError, match="scoring must return 6 numbers, got an array"):
        Phrases(TEXT, min_count=1, threshold=1, scoring=scoring)


def test_wrong_sentence_raises() -> None:
    phrases = Phrases(TEXT, min_count=1, threshold=1)
    with pytest.raises(
        TypeError, match="sentence must be a list of words, got the str"
    ):
        phrases.join("new york")
    with pytest.raises(TypeError, match=r"token 1 must be str, got int \(7\)"):
        phrases.join(["a", 7])  # type: ignore[list-item]


SAVED: dict[str, Any] = {
    "format": "sgns-phrases",
    "version": 1,
    "min_count": 5,
    "threshold": [1.0],
    "scoring": "word2phrase",
    "connector_words": [],
    "delimiter": "_",
    "passes": [[[["a", "b"], 2.0]]],
}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a file of phrases: Expecting value"),
        (b"\xff\xfe", "is not a file of phrases: "),
        (b"[]", 'is not a file of phrases: expected JSON with "format"'),
        ({"version": 2}, "expected version 1 of the format, got 2"),
        ({"threshold": [1.0, 2.0]}, "is damaged: expected 2 passes, got 1"),
        ({"passes": [[[["a"], 1.0]]]}, "is damaged: a phrase must have two or more"),
        ({"passes": [[[["a", "b"], "1"]]]}, "is damaged: a score must be a number"),
        (
            {"passes": [[[["a", "b"], float("nan")]]]},
            "a score must be a number, got nan",
        ),
        ({"delimiter": ""}, "is damaged: delimiter must have a character"),
        ({"scoring": None, "threshold": None}, "is damaged: threshold must be given"),
    ],
)
def test_damaged_file_raises(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "phrases.json"
    if isinstance(content, dict):
        content = json.dumps(SAVED | content).encode()
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        Phrases.load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", sorted(SAVED.keys() - {"format", "version"}))
def test_file_without_a_part_raises(tmp_path: Path, name: str) -> None:
    path = tmp_path / "phrases.json"
    path.write_text(json.dumps({k: v for k, v in SAVED.items() if k != name}))
    with pytest.raises(ValueError, match=f"damaged: '{name}' is missing"):
        Phrases.load(path)


def test_command_joins_saves_and_applies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "text"
    source.write_text("\n".join(" ".join(sentence) for sentence in TEXT))
    common = ["phrases", str(source), "-o"]
    saved, joined = str(tmp_path / "phrases.json"), tmp_path / "joined"
    learn = ["--threshold", "1.5,1.5", "--save", saved]
    assert cli.main([*common, str(joined), *learn]) == 0
    text = joined.read_text()
    assert text == "new_york is big\nis_york new\nbig new_york\n" * 10
    capsys.readouterr()
    assert cli.main([*common, "-", "--apply", saved]) == 0
    captured = capsys.readouterr()
    assert captured.out == text
    assert "phrases; wrote 70 words to stdout" in captured.err


def test_command_takes_connectors(tmp_path: Path) -> None:
    source = tmp_path / "text"
    source.write_text("bank of america x\n" * 9 + "x of y\n" * 9)
    for connectors in ("english", "by,of"):
        command = ["phrases", str(source), "-o", str(tmp_path / "joined")]
        command += [
            "--min-count",
            "1",
            "--threshold",
            "2.5",
            "--connectors",
            connectors,
        ]
        assert cli.main(command) == 0
        lines = (tmp_path / "joined").read_text().splitlines()
        assert lines[0] == "bank_of_america x"


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--threshold", "x"], 2, "threshold must be numbers separated by commas"),
        (["--scoring", "pmi"], 2, "scoring must be one of 'word2phrase', 'npmi'"),
        (["--min-count", "0"], 2, "min_count must be an int >= 1, got 0"),
        (["--delimiter", " "], 2, "delimiter must have a character"),
        (["--apply", "p", "--threshold", "1"], 2, "--threshold is not used by --apply"),
        (["--save", "out"], 2, "the text and the phrases are the same file"),
        (["--save", "missing/p"], 1, "missing/p: the directory does not exist"),
        (["--apply", "missing"], 1, "missing: No such file or directory"),
    ],
)
def test_wrong_command_fails_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text").write_text("a b\n")
    result = failure(capsys, "phrases", "text", "-o", "out", *args)
    assert result[0] == code
    assert message in result[1]
    assert not Path("out").exists()
