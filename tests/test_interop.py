"""What other programs write is read, and the reverse; memory is shared, not copied."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sgns import KeyedVectors, Word2Vec, sampling
from sgns.formats import read_vectors, write_vectors

WORDS = ["sun", "café", "東京", "a_b", "1.5"]
VECTORS = np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_gensim_and_back(tmp_path: Path, binary: bool, ending: str) -> None:
    models = pytest.importorskip("gensim.models")
    path = tmp_path / f"{'v.bin' if binary else 'v.txt'}{ending}"
    KeyedVectors(WORDS, VECTORS).save(path)
    theirs = models.KeyedVectors.load_word2vec_format(str(path), binary=binary)
    assert theirs.index_to_key == WORDS
    assert theirs.vectors.tobytes() == VECTORS.tobytes()
    theirs.save_word2vec_format(str(path), binary=binary)
    ours = KeyedVectors.load(path)
    assert ours.words == WORDS
    assert ours.vectors.tobytes() == VECTORS.tobytes()


@pytest.mark.filterwarnings("default")
def test_gensim_reads_glove_and_vocabulary(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    write_vectors(tmp_path / "glove.txt", WORDS, VECTORS, header=False)
    load = models.KeyedVectors.load_word2vec_format
    theirs = load(str(tmp_path / "glove.txt"), no_header=True)
    assert theirs.vectors.tobytes() == VECTORS.tobytes()
    for row, word in enumerate(WORDS):
        theirs.set_vecattr(word, "count", 100 - row)
    names = (str(tmp_path / "v.txt"), str(tmp_path / "vocabulary.txt"))
    theirs.save_word2vec_format(names[0], fvocab=names[1])
    counts = KeyedVectors.load(names[0], fvocab=names[1]).counts
    assert counts is not None
    assert counts.tolist() == [100, 99, 98, 97, 96]


def test_file_has_the_form_that_spacy_needs(tmp_path: Path) -> None:
    """A first line "rows size", then the word and its values between single spaces."""
    path = tmp_path / "v.txt"
    write_vectors(path, WORDS, VECTORS)
    first, *lines = path.read_text("utf-8").splitlines()
    assert first == "5 7"
    for word, row, line in zip(WORDS, VECTORS, lines, strict=True):
        pieces = line.rstrip().rsplit(" ", 7)
        assert pieces[0] == word
        assert np.array(pieces[1:], dtype=np.float32).tobytes() == row.tobytes()


def test_spacy_init_vectors(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    path = tmp_path / "v.txt"
    write_vectors(path, WORDS, VECTORS)
    command = [sys.executable, "-m", "spacy", "init", "vectors", "xx", str(path)]
    subprocess.run([*command, str(tmp_path / "model")], check=True, capture_output=True)
    nlp = spacy.load(tmp_path / "model")
    for word, row in zip(WORDS, VECTORS, strict=True):
        np.testing.assert_allclose(nlp.vocab[word].vector, row, rtol=1e-6)


def trained() -> Word2Vec:
    text = [["a", "b", "c", "a"], ["b", "c"]] * 10
    return Word2Vec(vector_size=3, min_count=1, sample=0, workers=1).fit(text)


def memory_of(kind: str, path: Path) -> Any:
    if kind == "fit":
        return trained().vectors_
    if kind == "load":
        trained().save(path)
        return Word2Vec.load(path).vectors_
    write_vectors(path, WORDS, VECTORS, format="binary")
    return read_vectors(path)[1]


@pytest.mark.parametrize("kind", ["fit", "load", "read_vectors"])
def test_arrays_can_be_shared_without_a_copy(kind: str, tmp_path: Path) -> None:
    """float32, C-contiguous, aligned and writable: what torch.from_numpy asks for."""
    array = memory_of(kind, tmp_path / "v.safetensors")
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert array.flags.aligned
    assert array.flags.writeable
    shared = np.from_dlpack(array)
    assert np.shares_memory(shared, array)


@pytest.mark.parametrize("kind", ["fit", "load", "read_vectors"])
def test_torch_embedding_shares_the_memory(kind: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    array = memory_of(kind, tmp_path / "v.safetensors")
    layer = torch.nn.Embedding.from_pretrained(torch.from_numpy(array))
    assert layer.weight.data_ptr() == array.ctypes.data
    array[0, 0] = 42
    assert layer(torch.tensor([0]))[0, 0] == 42


def sampler(policy: str = "resample") -> sampling.NegativeSampler:
    """Four negatives of 50 ids; row r excludes r and 2 * r."""
    rows = np.arange(20)
    seen = sampling.Exclude.pairs(np.tile(rows, 2), np.append(rows, 2 * rows))
    law = sampling.Weights(np.arange(1, 51))
    return sampling.NegativeSampler(law, 4, exclude=seen, policy=policy, seed=3)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_sampler_draws_into_memory_of_others(dtype) -> None:
    """As it lies behind a tensor: a buffer of another owner, and a view of a part."""
    neg, rows = sampler(), np.arange(20)
    expected = neg.sample(rows, step=6)
    memory = bytearray(40 * 4 * np.dtype(dtype).itemsize)
    whole = np.frombuffer(memory, dtype).reshape(40, 4)
    whole[:] = -7
    drawn = neg.sample(rows, step=6, out=whole[10:30])
    assert np.shares_memory(drawn, whole)
    assert (np.frombuffer(memory, dtype).reshape(40, 4)[10:30] == expected).all()
    assert (whole[:10] == -7).all()
    assert (whole[30:] == -7).all()
    law = neg.distribution
    assert (law.sample(out=whole, seed=1) == law.sample((40, 4), seed=1)).all()


@pytest.mark.parametrize("policy", ["resample", "mask"])
def test_sampler_gives_arrays_that_can_be_shared(policy: str) -> None:
    """What torch.from_numpy and DLPack ask for, of ids, log q and mask."""
    arrays = sampler(policy).sample(np.arange(20), return_log_q=True)
    assert len(arrays) == (3 if policy == "mask" else 2)
    for array in arrays:
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert np.shares_memory(np.from_dlpack(array), array)


def test_sampler_draws_into_tensors() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    neg, rows = sampler("mask"), torch.arange(20)
    for dtype in (torch.int32, torch.int64):
        tensor = torch.zeros((20, 4), dtype=dtype)
        neg.sample(rows.numpy(), step=2, out=tensor.numpy())
        assert (tensor.numpy() == neg.sample(np.arange(20), step=2)[0]).all()
    for array in neg.sample(rows.numpy(), return_log_q=True):
        assert torch.from_numpy(array).data_ptr() == array.ctypes.data


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("n_workers", [0, 1, 3])
def test_data_loader_workers_do_not_change_a_draw(n_workers: int) -> None:
    data = pytest.importorskip("torch", reason="torch is not installed").utils.data
    neg = sampler()
    whole = neg.sample(np.arange(20), step=1)

    class Examples(data.Dataset):
        def __len__(self) -> int:
            return 20

        def __getitems__(self, rows: list[int]) -> np.ndarray:
            return neg.sample(rows, row_ids=rows, step=1)

    for size in (3, 8):
        loader = data.DataLoader(
            Examples(), batch_size=size, num_workers=n_workers, collate_fn=np.asarray
        )
        assert np.concatenate(list(loader)).tobytes() == whole.tobytes()


def test_tensorboard_tables(tmp_path: Path) -> None:
    """As many lines of tab-separated numbers as lines of words, none of them a head."""
    write_vectors(tmp_path / "v.tsv", WORDS, VECTORS)
    lines = (tmp_path / "v.tsv").read_text("utf-8").splitlines()
    rows = [[np.float32(value) for value in line.split("\t")] for line in lines]
    assert np.array(rows).tobytes() == VECTORS.tobytes()
    assert (tmp_path / "v.metadata.tsv").read_text("utf-8").splitlines() == WORDS


def test_fasttext_reads_what_is_written(tmp_path: Path) -> None:
    """Its -pretrainedVectors: header, then words and values apart by one space."""
    write_vectors(tmp_path / "v.vec", WORDS, VECTORS, decimals=5)
    text = (tmp_path / "v.vec").read_text("utf-8")
    assert re.fullmatch(r"5 7\n(\S+( -?\d+\.\d{5}){7}\n){5}", text)
