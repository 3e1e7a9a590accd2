"""``sgns convert``: from every format to every format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgns import KeyedVectors, Word2Vec
from sgns.cli import main
from sgns.formats import Model, read_model, read_vectors, write_model, write_vectors

WORDS = ["sun", "café", "東京"]
VECTORS = np.array([[0.25, -1], [3e-5, 7], [1 / 3, 0]], dtype=np.float32)
ENDINGS = (".txt", ".vec.gz", ".bin", ".npy.xz", ".tsv", ".safetensors")


@pytest.mark.parametrize("source", ENDINGS)
@pytest.mark.parametrize("target", ENDINGS)
def test_convert_between_all_formats(
    tmp_path: Path, source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / f"a{source}", tmp_path / f"b{target}"
    write_vectors(old, WORDS, VECTORS)
    assert main(["convert", str(old), str(new)]) == 0
    words, vectors = read_vectors(new)
    assert words == WORDS
    assert vectors.tobytes() == VECTORS.tobytes()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sgns: wrote 3 vectors of 2 numbers to ")


def test_convert_options(tmp_path: Path) -> None:
    old, new = tmp_path / "glove", tmp_path / "new.txt"
    old.write_bytes(b"1 2\nb 1\nc x\nd 3\n\xff 4\n")
    command = ["convert", str(old), str(new), "--no-header", "--skip-bad-rows"]
    options = ["--limit", "3", "--decimals", "2", "--no-header-out"]
    assert main([*command, *options]) == 0
    assert new.read_bytes() == b"1 2.00\nb 1.00\nd 3.00\n"
    assert main([*command, "--to", "binary", "--errors", "replace"]) == 0
    assert read_vectors(new)[0] == ["1", "b", "d", "\ufffd"]


def test_convert_counts_and_output_table(tmp_path: Path) -> None:
    text, model = tmp_path / "v.txt", tmp_path / "m.safetensors"
    write_vectors(text, WORDS, VECTORS)
    (tmp_path / "vocabulary.txt").write_text("sun 3\ncafé 2\n東京 1\n", "utf-8")
    options = ["--fvocab", str(tmp_path / "vocabulary.txt")]
    assert main(["convert", str(text), str(model), *options]) == 0
    counts = read_model(model).counts
    assert counts is not None
    assert counts.tolist() == [3, 2, 1]
    write_model(model, Model(WORDS, VECTORS, output=VECTORS + 1))
    assert main(["convert", str(model), str(text), "--table", "output"]) == 0
    assert read_vectors(text)[1].tolist() == (VECTORS + 1).tolist()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["v.txt", "o.bin", "--decimals", "3"], 2, "--decimals are for text"),
        (["v.txt", "o.txt", "--fvocab", "v"], 2, "--fvocab needs an output that keeps"),
        (["v.txt", "o.txt", "--limit", "0"], 2, "--limit must be an int >= 1, got 0"),
        (["v.txt", "no/o.txt"], 1, "no/o.txt: the directory does not exist"),
        (["none.txt", "o.txt"], 1, "none.txt: No such file"),
        (["v.txt", "o.txt", "--decimals", "99"], 1, "decimals must be an int from 0"),
        (["v.txt", "o.txt", "--table", "output"], 1, "v.txt has no output vectors"),
        (["m.safetensors", "o.txt", "--table", "output"], 1, "has no output vectors"),
        (["v.txt", "o.safetensors.gz"], 1, "a safetensors file is not compressed"),
        (["v.txt"], 2, "the following arguments are required: OUT"),
    ],
)
def test_convert_bad_call_says_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_vectors("v.txt", WORDS, VECTORS)
    write_vectors("m.safetensors", WORDS, VECTORS)
    assert main(["convert", *arguments]) == code
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "m.safetensors",
        "v.txt",
    ]


def test_train_writes_a_whole_model(tmp_path: Path) -> None:
    corpus, model = tmp_path / "c.txt", tmp_path / "m.safetensors"
    corpus.write_text("a b c a b\n" * 50)
    options = ["--vector-size", "3", "--sample", "0", "--workers", "1", "-q"]
    assert main(["train", str(corpus), "-o", str(model), *options]) == 0
    loaded = Word2Vec.load(model)
    assert loaded.vector_size == 3
    assert loaded.wv.words == ["a", "b", "c"]


def test_train_packs_its_output(tmp_path: Path) -> None:
    corpus, out = tmp_path / "c.txt", tmp_path / "v.bin.gz"
    corpus.write_text("a b c a b\n" * 50)
    options = ["--vector-size", "3", "--sample", "0", "--workers", "1", "-q"]
    assert main(["train", str(corpus), "-o", str(out), *options]) == 0
    assert read_vectors(out)[0] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["v.zip", "v.txt.ZIP", "v.npz", "v.pkl"])
def test_name_of_another_kind_of_file_raises(tmp_path: Path, name: str) -> None:
    """Text under such a name would deceive; a chosen format is taken as it is."""
    wv = KeyedVectors(["a", "b"], [[1, 0], [0, 1]])
    with pytest.raises(ValueError, match=r"\.(zip|npz|pkl) is not written; expected"):
        wv.save(tmp_path / name)
    assert not (tmp_path / name).exists()
    wv.save(tmp_path / name, format="text")
    assert KeyedVectors.load(tmp_path / name).words == ["a", "b"]
