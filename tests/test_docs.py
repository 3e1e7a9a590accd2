"""The examples and commands of README.md and docs/ do what the pages say."""

from __future__ import annotations

import doctest
import importlib.util
import lzma
import re
import shlex
from pathlib import Path

import pytest

import sgns
from sgns import KeyedVectors, Word2Vec, cli, demo, formats

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [page for page in sorted(DOCS.glob("*.md")) if ">>>" in page.read_text("utf-8")]
QUESTIONS = ": family\nman king woman queen\n: gram1\nking man queen woman\n"
PAIRS = "king\tqueen\t8\nman\twoman\t7\nking\twoman\t3.5\n"
NEEDS = {"sklearn": "sklearn", "UsearchIndex": "usearch", "--plot": "matplotlib"}
"""What a block or command contains, and the package that it then needs."""


def blocks_of(name: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language; "" is what has none."""
    text = (ROOT / name).read_text("utf-8")
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [code for kind, code in fenced if kind == language and ">>>" not in code]


def commands_of(name: str) -> list[str]:
    """The lines of a page that call sgns."""
    lines = "".join(blocks_of(name, "")).splitlines()
    return [line for line in lines if line.startswith("sgns ")]


def is_missing(code: str) -> bool:
    """Whether the code needs a package that is not installed."""
    wanted = [package for sign, package in NEEDS.items() if sign in code]
    return any(importlib.util.find_spec(package) is None for package in wanted)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the pages take for given: a text, vectors, questions."""
    folder = tmp_path_factory.mktemp("files")
    text = "".join(" ".join(one) + "\n" for one in demo.generate(40_000)).encode()
    (folder / "corpus.txt").write_bytes(text)
    (folder / "other.txt").write_bytes(text[: 1 << 16].rpartition(b"\n")[0] + b"\n")
    (folder / "corpus.txt.xz").write_bytes(lzma.compress(text))
    (folder / "questions-words.txt").write_text(QUESTIONS)
    (folder / "wordsim353.txt").write_text(PAIRS)
    model = Word2Vec(vector_size=8, epochs=1, workers=1, progress=False)
    wv = model.fit(folder / "corpus.txt").wv
    for name in ("vectors.txt", "vectors.txt.gz", "vectors.bin", "gensim.bin"):
        wv.save(folder / name)
    formats.write_vectors(folder / "glove.txt", wv.words, wv.vectors, header=False)
    assert wv.counts is not None
    formats.write_vocabulary(folder / "vocabulary.txt", wv.words, wv.counts)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A current directory with those files, which a page may change."""
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "part.txt").write_bytes(files["corpus.txt"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_the_page_work(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["sampling.md"])
def test_assertions_of_the_guide_hold(name: str) -> None:
    blocks = blocks_of(f"docs/{name}", "python")
    assert blocks
    exec(compile("\n".join(blocks), name, "exec"), {})


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/formats.md",
        "docs/inputs.md",
        "docs/migration.md",
        "docs/phrases.md",
        "docs/queries.md",
        "docs/quickstart.md",
        "docs/scikit-learn.md",
    ],
)
def test_blocks_of_the_page_run_in_their_order(name: str, folder: Path) -> None:
    wv = KeyedVectors.load(folder / "vectors.bin")
    sentences = [line.split() for line in Path("corpus.txt").read_text().splitlines()]
    names = {"sgns": sgns, "wv": wv, "list_of_token_lists": sentences}
    blocks = blocks_of(name, "python")
    assert blocks
    for block in blocks:
        if not is_missing(block):
            exec(compile(block, name, "exec"), names)


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/phrases.md", "docs/queries.md", "docs/quickstart.md"],
)
def test_commands_of_the_page_succeed(
    name: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sgns._commands.DEFAULT_TOKENS", 40_000)  # of sgns demo
    commands = commands_of(name)
    assert commands
    for command in commands:
        if not is_missing(command):
            assert cli.main(shlex.split(command)[1:]) == 0, command
            capsys.readouterr()
