"""The commands that ask vectors: most-similar, analogy, evaluate."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from command_line import failure, run
from sgns import KeyedVectors, cli, plots
from sgns.evaluation import analogies, word_pairs

WORDS = ["man", "woman", "king", "queen", "car", "cars"]
QUESTIONS = ": family\nman king woman queen\nman woman king Queen\n: gram\na b c d\n"
PAIRS = "man woman 9\nking\tqueen\t8\nman car 1\nmoon car 1\n"


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "v.txt"
    rows = [
        [1, 0, 0],
        [1, 1, 0],
        [1, 0, 1],
        [1, 1, 1],
        [0.6, -1, -0.8],
        [0.7, -0.8, -1],
    ]
    KeyedVectors(WORDS, rows).save(path)
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.txt"
    path.write_text(QUESTIONS)
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.txt"
    path.write_text(PAIRS)
    return path


def shown(found: list[tuple[str, float]]) -> list[list[str]]:
    return [[word, f"{value:.4f}"] for word, value in found]


def test_most_similar_cosmul_and_restricted(
    vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = ["--positive", "king", "woman", "--negative", "man"]
    more = ["--method", "3cosmul", "--restrict-vocab", "5"]
    assert cli.main(["most-similar", str(vectors), *query, *more]) == 0
    lines = capsys.readouterr().out.splitlines()
    expected = KeyedVectors.load(vectors).most_similar_cosmul(
        ["king", "woman"], ["man"], restrict_vocab=5
    )
    assert lines[0] == "king + woman - man"
    assert [line.split() for line in lines[1:3]] == shown(expected)


@pytest.mark.parametrize("method", ["3cosadd", "3cosmul"])
def test_analogy_shows_the_words_that_complete_it(
    vectors: Path, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    command = ["analogy", str(vectors), "man", "king", "--method", method, "woman"]
    assert cli.main([*command, "--topn", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    wv = KeyedVectors.load(vectors)
    expected = wv.analogy("man", "king", "woman", method=method, topn=2)
    assert lines[0] == "man : king = woman : ?"
    assert [line.split() for line in lines[1:3]] == shown(expected)
    assert expected[0][0] == "queen"


def test_analogy_reads_lines_from_stdin_and_goes_on(vectors: Path) -> None:
    result = run(
        "analogy",
        str(vectors),
        "--topn",
        "1",
        stdin="man king woman\n\nman king\nman king womann\nman woman king\n",
    )
    assert result.returncode == 1
    titles = [line for line in result.stdout.splitlines() if line[:1] not in ("", " ")]
    assert titles == ["man : king = woman : ?", "man : woman = king : ?"]
    assert result.stderr.splitlines() == [
        "sgns: expected 3 words on a line, got 2",
        "sgns: 'womann' is not in the vocabulary (6 words); did you mean 'woman'?",
    ]


def test_evaluate_shows_tables_totals_and_missing_words(
    vectors: Path, questions: Path, pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--analogies", str(questions), "--pairs", str(pairs)]
    assert cli.main(["evaluate", str(vectors), *files]) == 0
    out = capsys.readouterr().out
    wv = KeyedVectors.load(vectors)
    assert f"{questions}, 6 words, 3cosadd\n{analogies(wv, questions)}\n" in out
    total = [line.split() for line in out.splitlines() if line.startswith("total")]
    assert total == [["total", "2", "2", "3", "100.00", "%"]]
    result = word_pairs(wv, pairs)
    assert f"{result.spearman:.4f}" in out
    assert out.endswith(f"{pairs}: 1 missing words: 'moon'\n")


def test_evaluate_most_frequent_limits_both(
    vectors: Path, questions: Path, pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--analogies", str(questions), "--pairs", str(pairs)]
    assert cli.main(["evaluate", str(vectors), *files, "--most-frequent", "4"]) == 0
    out = capsys.readouterr().out
    assert ", 4 words, 3cosadd" in out
    assert out.endswith("2 missing words: 'car', 'moon'\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "{path}: the file has no question"),
        (": s\nman king woman\n", "{path}:2: a question must have 4 words, got 'man"),
        (": s\na b c d\n", "0 of 1 questions are covered by the vocabulary"),
    ],
)
def test_evaluate_bad_questions_are_an_error(
    vectors: Path,
    questions: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    message: str,
) -> None:
    """Q8, Q9."""
    questions.write_text(content)
    command = ["evaluate", str(vectors), "--analogies", str(questions)]
    code, found = failure(capsys, *command)
    assert code == 1
    assert found.startswith(message.format(path=questions))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "{path}: the file has no pair"),
        ("man king\n", "{path}:1: expected word, word, score, got 'man king'"),
        ("a b 1\n", "0 of 1 pairs are covered by the vocabulary"),
    ],
)
def test_evaluate_bad_pairs_are_an_error(
    vectors: Path,
    pairs: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    message: str,
) -> None:
    """Q9, Q10."""
    pairs.write_text(content)
    code, found = failure(capsys, "evaluate", str(vectors), "--pairs", str(pairs))
    assert code == 1
    assert found == message.format(path=pairs)


def test_evaluate_missing_file_is_an_error(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Q8."""
    missing = tmp_path / "missing.txt"
    command = ["evaluate", str(vectors), "--analogies", str(missing)]
    assert failure(capsys, *command) == (1, f"{missing}: No such file or directory")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["evaluate", "v"], "nothing to evaluate: expected --analogies or --pairs"),
        (
            ["evaluate", "v", "--pairs", "p", "--most-frequent", "0"],
            "--most-frequent must be an int >= 1, got 0",
        ),
        (["analogy", "v", "a", "b"], "expected 3 words, got 2"),
        (["analogy", "v", "--topn", "-1"], "--topn must be an int >= 1, got -1"),
        (
            ["most-similar", "v", "--restrict-vocab", "0"],
            "--restrict-vocab must be an int >= 1, got 0",
        ),
    ],
)
def test_query_usage_errors_exit_2(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Q3, L1."""
    assert failure(capsys, *args) == (2, message)


# Pictures -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "begin"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_evaluate_plot_writes_a_picture(
    vectors: Path,
    questions: Path,
    pairs: Path,
    tmp_path: Path,
    ending: str,
    begin: bytes,
) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / f"picture.{ending}"
    files = ["--analogies", str(questions), "--pairs", str(pairs)]
    assert cli.main(["evaluate", str(vectors), *files, "--plot", str(picture)]) == 0
    content = picture.read_bytes()
    assert content.startswith(begin)
    if ending == "svg":
        assert b"family (2)" in content
        assert b"pairs.txt (3)" in content


def test_evaluate_plot_is_checked_before_the_work(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L2."""
    command = ["evaluate", str(vectors), "--pairs", "missing", "--plot"]
    code, message = failure(capsys, *command, "picture.gif")
    assert code == 1
    assert message == (
        "expected a picture name that ends in .pdf, .png, .svg, got 'picture.gif'"
    )
    picture = str(tmp_path / "no" / "picture.png")
    code, message = failure(capsys, *command, picture)
    assert (code, message) == (1, f"{picture}: the directory does not exist")


def test_plot_without_matplotlib_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"matplotlib: pip install 'sgns\[plot\]'"):
        plots.plot_evaluation(tmp_path / "x.png")


def test_plot_of_nothing_raises(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="there is no result to plot"):
        plots.plot_evaluation(tmp_path / "x.png", analogies={}, pairs={})
    assert list(tmp_path.iterdir()) == []


def test_plot_leaves_sections_without_a_covered_question_out(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    wv = KeyedVectors(list("abcd"), np.eye(4))
    result = analogies(wv, [("here", [tuple("abcd")]), ("not", [tuple("wxyz")])])
    plots.plot_evaluation(tmp_path / "x.svg", analogies={"q": result})
    content = (tmp_path / "x.svg").read_text()
    assert "here (1)" in content
    assert "not (0)" not in content
