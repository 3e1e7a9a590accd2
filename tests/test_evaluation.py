"""Analogy questions and word pairs (Q8 to Q10)."""

from __future__ import annotations

import math
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference_queries
from command_line import original_program
from sgns.evaluation import (
    AnalogyResult,
    AnalogyScore,
    AnalogySection,
    WordPairsResult,
    analogies,
    read_analogies,
    word_pairs,
    word_pairs_table,
)
from sgns.keyed_vectors import KeyedVectors

QUESTIONS = """\
: capital-country
Paris France Rome Italy
Rome Italy Paris France
Paris France Atlantis Ocean

: gram1-plural
cat cats dog dogs
dog dogs cat cats
"""


@pytest.fixture
def wv() -> KeyedVectors:
    """A world in which "plus one country" and "plus one plural" are directions."""
    words = ["paris", "france", "rome", "italy", "cat", "cats", "dog", "dogs", "of"]
    vectors = [
        [1, 0, 0, 0, 0],
        [1, 0, 0, 1, 0],
        [0, 1, 0, 0, 0],
        [0, 1, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 1],
        [0.5, 0, 1, 0, 0],
        [0.5, 0, 1, 0, 1],
        [-1, -1, -1, -1, -1],
    ]
    return KeyedVectors(words, vectors)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "questions.txt"


def upper(word: str) -> str:
    return "".join(c.upper() if c.isascii() else c for c in word)


def original_accuracy(
    wv: KeyedVectors, sections: list[AnalogySection], threshold: int
) -> list[tuple[int, int]]:
    """(correct, covered) of each section, question by question and word by word."""
    words = [upper(word) for word in wv.words[:threshold]]
    rows = wv.vectors[:threshold].astype(np.float64)
    units = rows / np.maximum(np.linalg.norm(rows, axis=1), 1e-300)[:, None]
    scores = []
    for section in sections:
        correct = covered = 0
        for question in section.questions:
            asked = [upper(word) for word in question]
            if not all(word in words for word in asked):
                continue
            covered += 1
            a, b, c = (words.index(word) for word in asked[:3])
            best, answer = 0.0, ""
            for row in range(len(words)):
                value = units[row] @ (units[b] - units[a] + units[c])
                if row not in (a, b, c) and value > best + 1e-12:
                    best, answer = value, words[row]
            correct += answer == asked[3]
        scores.append((correct, covered))
    return scores


# Reading questions


def test_read_analogies_sections_and_questions(path: Path) -> None:
    path.write_text("\ufeff" + QUESTIONS.replace("\n", "\r\n"), "utf-8", newline="")
    sections = read_analogies(path)
    assert [section.name for section in sections] == ["capital-country", "gram1-plural"]
    assert [len(section.questions) for section in sections] == [3, 2]
    assert sections[0].questions[0] == ("Paris", "France", "Rome", "Italy")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"questions.txt: the file has no question"),
        (b": only a name\n", r"questions.txt: the file has no question"),
        (b"a b c d\n", r"questions.txt:1: expected a section .* got 'a b c d'"),
        (
            b": s\na b c\n",
            r"questions.txt:2: a question must have 4 words, got 'a b c'",
        ),
        (b": s\n\na b c d e\n", r"questions.txt:3: a question must have 4 words"),
        (b": s\n\xff b c d\n", r"questions.txt:2: expected UTF-8, got b'\\xff b"),
    ],
)
def test_read_analogies_bad_file_raises(
    path: Path, content: bytes, message: str
) -> None:
    """Q8."""
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_analogies(path)


def test_read_missing_files_raise(path: Path, wv: KeyedVectors) -> None:
    """Q8."""
    for call in (
        read_analogies,
        lambda p: analogies(wv, p),
        lambda p: word_pairs(wv, p),
    ):
        with pytest.raises(FileNotFoundError):
            call(path)


# Answering questions


def test_analogies_counts_by_section(path: Path, wv: KeyedVectors) -> None:
    path.write_text(QUESTIONS, "utf-8")
    result = analogies(wv, path)
    assert result.sections == (
        AnalogyScore("capital-country", 2, 2, 3),
        AnalogyScore("gram1-plural", 2, 2, 2),
    )
    assert (result.correct, result.covered, result.total) == (4, 4, 5)
    assert result.accuracy == 1.0
    assert result.semantic == AnalogyScore("semantic", 2, 2, 3)
    assert result.syntactic == AnalogyScore("syntactic", 2, 2, 2)


def test_analogies_takes_sections_and_plain_pairs(wv: KeyedVectors) -> None:
    question = ("cat", "cats", "dog", "dogs")
    for section in (AnalogySection("gram", [question]), ("gram", [question])):
        assert analogies(wv, [section]).sections == (AnalogyScore("gram", 1, 1, 1),)


def test_analogies_most_frequent_uses_the_first_rows(wv: KeyedVectors) -> None:
    section = (
        "s",
        [("paris", "france", "rome", "italy"), ("cat", "cats", "dog", "dogs")],
    )
    assert analogies(wv, [section], most_frequent=4).covered == 1
    assert analogies(wv, [section], most_frequent=None).covered == 2
    assert analogies(wv, [section], most_frequent=100).covered == 2


@pytest.mark.parametrize("number", [0, -1])
def test_analogies_bad_most_frequent_raises(wv: KeyedVectors, number: int) -> None:
    with pytest.raises(ValueError, match="most_frequent must be an int >= 1, got"):
        analogies(wv, [("s", [("cat", "cats", "dog", "dogs")])], most_frequent=number)


def test_analogies_nothing_covered_raises(wv: KeyedVectors) -> None:
    """Q9."""
    questions = [("a", "b", "c", "d")] * 1234
    with pytest.raises(
        ValueError, match=r"^0 of 1,234 questions are covered by the vocabulary$"
    ):
        analogies(wv, [("s", questions)])


def test_analogies_words_that_differ_in_case() -> None:
    """The first is looked up, each is an answer, the others are not left out."""
    wv = KeyedVectors(
        ["A", "B", "C", "x", "D", "d", "c"],
        [[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 0.9, 1]],
    )
    sections = [AnalogySection("s", [("a", "b", "c", "d"), ("a", "b", "c", "x")])]
    expected = original_accuracy(wv, sections, 30_000)
    score = analogies(wv, sections).sections[0]
    assert [(score.correct, score.covered)] == expected


def test_analogies_without_a_positive_product_are_wrong() -> None:
    wv = KeyedVectors(list("abcd"), [[1, 0], [1, 0], [0, 1], [0, -1]])
    result = analogies(wv, [("s", [("a", "b", "c", "d")])])
    assert (result.correct, result.covered) == (0, 1)


def test_analogies_zero_rows_are_never_answers() -> None:
    wv = KeyedVectors(list("abcde"), [[1, 0], [1, 1], [0.1, 1], [0, 0], [0, 1]])
    section = ("s", [("a", "b", "c", "d"), ("a", "b", "c", "e")])
    assert analogies(wv, [section]).sections == (AnalogyScore("s", 1, 2, 2),)


def cosmul_answers(
    wv: KeyedVectors, questions: list[tuple[str, ...]], n_words: int
) -> list[int]:
    """The row with the largest 3CosMul, question by question."""
    rows = wv.vectors[:n_words]
    found = []
    for a, b, c, _ in questions:
        values = reference_queries.cosmul(rows, [wv[b], wv[c]], [wv[a]])
        values[[wv.index[word] for word in (a, b, c)]] = -1
        values[wv.norms[:n_words] == 0] = -1
        found.append(int(np.argmax(values)))
    return found


def test_analogies_3cosmul_equals_plain_computation() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((60, 5))
    vectors[7] = 0
    wv = KeyedVectors([f"w{n}" for n in range(60)], vectors)
    names = rng.choice(wv.words[:50], size=(200, 3)).tolist()
    asked = [(*three, "w0") for three in names if "w7" not in three]
    rows = cosmul_answers(wv, asked, 50)
    for shift in (0, 1):  # the right answers, and wrong ones
        questions = [
            (a, b, c, f"w{(row + shift) % 50}")
            for (a, b, c, _), row in zip(asked, rows, strict=True)
        ]
        result = analogies(wv, [("s", questions)], most_frequent=50, method="3cosmul")
        assert result.correct == (0 if shift else len(asked))


def test_analogies_unknown_method_raises(wv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="method must be one of '3cosadd', '3cosmul'"):
        analogies(wv, [("s", [])], method="cosmul")  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore")
def test_evaluation_agrees_with_gensim(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    rng = np.random.default_rng(5)
    wv = KeyedVectors([f"w{n}" for n in range(200)], rng.standard_normal((200, 3)))
    theirs = models.KeyedVectors(3)
    theirs.add_vectors(wv.words, wv.vectors)
    names = rng.choice([*wv.words, "unknown"], size=(600, 4))
    names = [row for row in names.tolist() if len(set(row)) == 4]
    path = tmp_path / "questions.txt"
    lines = [" ".join(row) for row in names]
    path.write_text("\n".join([": one", *lines[:200], ": two", *lines[200:], ""]))
    score, sections = theirs.evaluate_word_analogies(str(path), restrict_vocab=150)
    result = analogies(wv, path, most_frequent=150)
    assert result.accuracy == score > 0
    for ours, other in zip(result.sections, sections, strict=False):
        assert ours.correct == len(other["correct"])
        assert ours.covered == ours.correct + len(other["incorrect"])
    path.write_text("".join(f"{a}\t{b}\t{n}\n" for n, (a, b, *_) in enumerate(names)))
    pearson, spearman, _ = theirs.evaluate_word_pairs(str(path), restrict_vocab=150)
    pairs = word_pairs(wv, path, most_frequent=150)
    assert pairs.pearson == pytest.approx(pearson[0], abs=1e-6)
    assert pairs.spearman == pytest.approx(spearman[0], abs=1e-6)
    assert pairs.covered < pairs.total


@pytest.mark.parametrize("seed", range(5))
def test_analogies_equal_the_original_program_written_plainly(seed: int) -> None:
    """Blocks of questions and words do not show: 700 questions over 90 words."""
    rng = np.random.default_rng(seed)
    words = [f"{'wW'[n % 2]}{n // 2 if n < 20 else n}" for n in range(90)]
    wv = KeyedVectors(words, rng.standard_normal((90, 6)))
    names = rng.choice([*words, "W12", "unknown"], size=(700, 4)).tolist()
    sections = [
        AnalogySection(f"s{n}", [tuple(question) for question in names[n::3]])
        for n in range(3)
    ]
    result = analogies(wv, sections, most_frequent=80)
    scores = [(one.correct, one.covered) for one in result.sections]
    assert scores == original_accuracy(wv, sections, 80)


def test_analogies_many_words_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    wv = KeyedVectors([f"w{n}" for n in range(500)], rng.standard_normal((500, 4)))
    names = rng.choice(wv.words, size=(300, 4)).tolist()
    sections = [AnalogySection("s", [tuple(question) for question in names])]
    whole = analogies(wv, sections)
    monkeypatch.setattr("sgns.formats._table.BLOCK_VALUES", 1000)
    monkeypatch.setattr("sgns.evaluation._analogies.QUESTIONS_AT_ONCE", 7)
    assert analogies(wv, sections) == whole


def test_analogies_agree_with_the_installed_original(
    tmp_path: Path, wv: KeyedVectors
) -> None:
    """To the question, where the program is installed."""
    program = original_program("word2vec-compute-accuracy")
    if program is None:
        pytest.skip("the original program is not installed")
    rng = np.random.default_rng(3)
    vocabulary = [f"w{n}" for n in range(300)]
    table = KeyedVectors(vocabulary, rng.standard_normal((300, 3)))
    lines = [" ".join(row) for row in rng.choice(vocabulary, size=(2000, 4)).tolist()]
    questions = tmp_path / "questions.txt"
    parts = [": a", *lines[:700], ": b", *lines[700:900], ": gram", *lines[900:], ""]
    questions.write_text("\n".join(parts))
    table.save(tmp_path / "v.bin")
    with questions.open("rb") as stdin:
        done = subprocess.run(
            [program, str(tmp_path / "v.bin"), "200"],
            stdin=stdin, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
    found = re.findall(r"\((\d+) / (\d+)\)", done.stdout)
    result = analogies(table, questions, most_frequent=200)
    scores = [(str(one.correct), str(one.covered)) for one in result.sections]
    assert scores == found
    assert sum(one.correct for one in result.sections) > 0


def test_analogy_result_table_shows_per_cent() -> None:
    result = AnalogyResult(
        (
            AnalogyScore("capitals", 1, 3, 4),
            AnalogyScore("currency", 0, 0, 866),
            AnalogyScore("gram1-plural", 1200, 2400, 2500),
        )
    )
    assert str(result).splitlines() == [
        "section       correct  covered    total  accuracy",
        "capitals            1        3        4   33.33 %",
        "currency            0        0      866         -",
        "gram1-plural    1,200    2,400    2,500   50.00 %",
        "semantic            1        3      870   33.33 %",
        "syntactic       1,200    2,400    2,500   50.00 %",
        "total           1,201    2,403    3,370   49.98 %",
    ]
    assert math.isnan(result.sections[1].accuracy)


def test_results_are_frozen() -> None:
    with pytest.raises(AttributeError):
        AnalogyScore("s", 1, 1, 1).correct = 2  # type: ignore[misc]


@pytest.mark.corpus
def test_well_known_questions_are_read() -> None:
    name = os.environ.get("SGNS_QUESTIONS", "")
    if not Path(name).is_file():
        pytest.skip("SGNS_QUESTIONS does not name the file of questions")
    sections = read_analogies(name)
    assert len(sections) == 14
    assert sum(len(section.questions) for section in sections) == 19_544


# Word pairs


def test_word_pairs_most_frequent_uses_the_first_rows(wv: KeyedVectors) -> None:
    pairs = [("paris", "france", 1), ("rome", "France", 2), ("cat", "dog", 3)]
    result = word_pairs(wv, pairs, most_frequent=4)
    assert (result.covered, result.missing) == (2, ("cat", "dog"))
    with pytest.raises(ValueError, match="most_frequent must be an int >= 1, got 0"):
        word_pairs(wv, pairs, most_frequent=0)


def test_word_pairs_table_has_a_line_for_each_list() -> None:
    results = {
        "one": WordPairsResult(0.5, -0.25, 300, 400, ("x",)),
        "another": WordPairsResult(1.0, 1.0, 1200, 1200, ()),
    }
    assert word_pairs_table(results).splitlines() == [
        "pairs    spearman  pearson  covered    total  coverage",
        "one       -0.2500   0.5000      300      400   75.00 %",
        "another    1.0000   1.0000    1,200    1,200  100.00 %",
    ]


def test_word_pairs_from_a_file(path: Path, wv: KeyedVectors) -> None:
    path.write_bytes(
        b"# word word score\r\nparis\tfrance\t9.5\r\nCat dog 8\n\n"
        b"rome italy 7.5\natlantis sea 3\natlantis paris 1\nof\tcat\t-1e0\n"
    )
    result = word_pairs(wv, path)
    assert (result.covered, result.total) == (4, 6)
    assert result.missing == ("atlantis", "sea")
    assert "4 of 6 pairs covered" in str(result)


def test_word_pairs_tabs_keep_spaces_in_words(path: Path) -> None:
    wv = KeyedVectors(["new york", "a", "b"], [[1, 0], [1, 1], [0, 1]])
    path.write_text("new york\ta\t5\nnew york\tb\t1\n")
    assert word_pairs(wv, path).spearman == 1.0


def test_word_pairs_exact_word_goes_before_other_case() -> None:
    wv = KeyedVectors(["Mars", "mars", "a"], [[1, 0], [0, 1], [1, 0.1]])
    result = word_pairs(wv, [("Mars", "a", 9), ("mars", "a", 1)])
    assert result.spearman == 1.0


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 4)),
        min_size=2,
        max_size=40,
    )
)
@settings(max_examples=100, deadline=None)
def test_word_pairs_equal_scipy(triples: list[tuple[int, int, int]]) -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    wv = KeyedVectors([f"w{n}" for n in range(10)], rng.standard_normal((10, 4)))
    pairs = [(f"w{a}", f"w{b}", float(score)) for a, b, score in triples]
    cosines = [wv.similarity(a, b) if a != b else 1.0 for a, b, _ in pairs]
    scores = [score for *_, score in pairs]
    if np.ptp(scores) == 0 or np.ptp(cosines) < 1e-9:
        return
    result = word_pairs(wv, pairs)
    assert result.pearson == pytest.approx(stats.pearsonr(cosines, scores)[0], abs=1e-9)
    expected = stats.spearmanr(np.round(cosines, 9), scores)[0]
    assert result.spearman == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"a b\n", r":1: expected word, word, score, got 'a b'"),
        (b"a b 1 2\n", r":1: expected word, word, score"),
        (b"a b 0,5\n", r":1: score must be a number with a decimal point, got '0,5'"),
        (b"a b high\n", r":1: score must be a number .* got 'high'"),
        (b"a b nan\n", r":1: score must be a number .* got 'nan'"),
        (b"a b 1e999\n", r":1: score must be a number .* got '1e999'"),
        (b"a\xff b 1\n", r":1: expected UTF-8, got b'a\\xff b 1"),
        (b"paris rome 1\n", r"correlation is undefined: 1 covered pairs"),
        (b"cat dog 1\ncats dog 1\n", r"undefined: 2 covered pairs with 1 different sc"),
        (b"cat dog 1\ndog cat 2\n", r"2 different scores and 1 different similarities"),
        (b"x y 1\n", r"^0 of 1 pairs are covered by the vocabulary"),
        (b"", r"questions.txt: the file has no pair"),
    ],
)
def test_word_pairs_bad_file_raises(
    path: Path, wv: KeyedVectors, line: bytes, message: str
) -> None:
    """Q9, Q10."""
    path.write_bytes(line)
    with pytest.raises(ValueError, match=message):
        word_pairs(wv, path)


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        ([("a", "b")], ValueError),
        ([("a", None, 1.0)], TypeError),
        ([("cat", "dog", "x")], ValueError),
        ([("cat", "dog", math.nan)], ValueError),
    ],
)
def test_word_pairs_bad_items_raise(
    wv: KeyedVectors, pairs: Any, kind: type[Exception]
) -> None:
    """Q10 for pairs given as objects."""
    with pytest.raises(kind, match="pair 0 must be two words and a number"):
        word_pairs(wv, pairs)


@pytest.mark.parametrize(
    ("sections", "kind", "message"),
    [
        ([("s", [("a", "b", "c")])], ValueError, "a question must have 4 words"),
        ([("s", ["abcd"])], TypeError, "a question must be 4 words"),
        ([("s", [("a", "b", "c", 4)])], TypeError, "a question must be 4 words"),
    ],
)
def test_analogies_bad_items_raise(
    wv: KeyedVectors, sections: Any, kind: type[Exception], message: str
) -> None:
    """Q8 for questions given as objects."""
    with pytest.raises(kind, match=message):
        analogies(wv, sections)
