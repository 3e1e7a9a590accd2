"""The native format (M1 to M6): one safetensors file, strictly read."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgns import KeyedVectors, Word2Vec
from sgns.formats import Model, read_model, read_vectors, write_model

WORDS = ["the", "café", "new york", "\udcff"]
INPUT = np.array([[1, 2], [3, -4], [0.5, 0], [1e-30, 7]], dtype=np.float32)


def small_model() -> Model:
    """Every part that a file can have."""
    return Model(
        WORDS,
        INPUT,
        output=INPUT * 2,
        output_bias=np.arange(4, dtype=np.float32),
        nodes=INPUT[:3] + 1,
        counts=np.array([9, 5, 5, 1]),
        parameters={"vector_size": 2, "alpha": None, "loss": "ns+hs", "sample": 1e-3},
        seed=2**64 - 1,
        history={"loss": [0.5, 0.25], "learning_rate": [0.025, 0.01]},
        state={"n_epochs_": 2, "_mark": {"tokens": 17}},
        arrays={"common_component_": np.array([0.6, 0.8], np.float32)},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    write_model(path, small_model())
    return path


def header_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def packed(text: bytes, tensors: bytes) -> bytes:
    """A file with this header, its checksum made right."""
    zeros = re.sub(rb'"header_crc32":"\w*"', b'"header_crc32":"00000000"', text)
    own = b'"header_crc32":"%08x"' % zlib.crc32(zeros)
    text = zeros.replace(b'"header_crc32":"00000000"', own)
    return len(text).to_bytes(8, "little") + text + tensors


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header; checksum of the header and lengths stay right."""
    header, tensors = header_of(path.read_bytes())
    change(header)
    path.write_bytes(
        packed(json.dumps(header, separators=(",", ":")).encode(), tensors)
    )


def same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@pytest.mark.parametrize("mmap", [False, True])
def test_write_then_read_gives_everything_back(path: Path, mmap: bool) -> None:
    expected, got = small_model(), read_model(path, mmap=mmap)
    assert got.words == expected.words
    for name in ("input", "output", "output_bias", "nodes", "counts"):
        assert same(getattr(got, name), getattr(expected, name)), name
    assert same(got.arrays["common_component_"], expected.arrays["common_component_"])
    for name in ("parameters", "seed", "history", "state"):
        assert getattr(got, name) == getattr(expected, name), name


def test_read_gives_writable_arrays_and_mapped_ones_cannot_be_written(
    path: Path,
) -> None:
    assert read_model(path).input.flags.writeable
    assert not read_model(path, mmap=True).input.flags.writeable


def test_smallest_model(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    one = np.ones((1, 1), np.float32)
    write_model(path, Model(["a"], one, nodes=np.empty((0, 1), np.float32)))
    for mmap in (False, True):
        model = read_model(path, mmap=mmap)
        assert (model.words, model.seed, model.history) == (["a"], None, {})
        assert model.nodes is not None
        assert model.nodes.shape == (0, 1)
        assert model.output is None


def test_safetensors_package_reads_what_is_written(path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    tensors = numpy.load_file(path)
    assert same(tensors["input"], INPUT)
    assert tensors["counts"].tolist() == [9, 5, 5, 1]
    assert bytes(tensors["word_bytes"]).startswith(b"thecaf\xc3\xa9new york\xff")
    assert tensors["word_offsets"].tolist() == [0, 3, 8, 16, 17]


def test_file_of_the_safetensors_package_is_named_as_foreign(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "other.safetensors"
    numpy.save_file({"input": INPUT}, path)
    with pytest.raises(ValueError, match="format is None, expected 'sgns'"):
        read_model(path)


def test_tensors_are_aligned_and_in_the_order_of_their_size(path: Path) -> None:
    header, _ = header_of(path.read_bytes())
    length = int.from_bytes(path.read_bytes()[:8], "little")
    assert (length + 8) % 64 == 0
    del header["__metadata__"]
    for name, tensor in header.items():
        size = {"F32": 4, "U8": 1}.get(tensor["dtype"], 8)
        assert tensor["data_offsets"][0] % size == 0, name


def test_keyed_vectors_keep_their_counts(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    KeyedVectors(["a", "b c"], [[1, 2], [3, 4]], [5, 1]).save(path)
    for options in ({}, {"mmap": True}, {"format": "safetensors"}):
        wv = KeyedVectors.load(path, **options)
        assert wv.words == ["a", "b c"]
        assert wv.vectors.tolist() == [[1, 2], [3, 4]]
        assert wv.counts is not None
        assert wv.counts.tolist() == [5, 1]
        assert wv.most_similar("a", topn=1)[0][0] == "b c"
    assert KeyedVectors.load(path, limit=1).words == ["a"]
    assert read_vectors(path)[0] == ["a", "b c"]


def test_keyed_vectors_keep_their_output_vectors(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    KeyedVectors(["a", "b"], [[1, 2], [3, 4]], None, [[5, 6], [7, 8]]).save(path)
    for options in ({}, {"mmap": True}):
        wv = KeyedVectors.load(path, **options)
        assert wv.output_vectors is not None
        assert wv.output_vectors.tolist() == [[5, 6], [7, 8]]
    limited = KeyedVectors.load(path, limit=1).output_vectors
    assert limited is not None
    assert limited.tolist() == [[5, 6]]


def test_mmap_of_another_format_raises(tmp_path: Path) -> None:
    KeyedVectors(["a"], [[1]]).save(tmp_path / "v.txt")
    with pytest.raises(ValueError, match="mmap needs a safetensors file"):
        KeyedVectors.load(tmp_path / "v.txt", mmap=True)


def test_mapped_vectors_survive_the_replacement_of_their_file(path: Path) -> None:
    """F21: a new file gets a new inode."""
    wv = KeyedVectors.load(path, mmap=True)
    KeyedVectors(["x"], [[0, 0]]).save(path)
    assert same(wv.vectors, INPUT)
    assert KeyedVectors.load(path).words == ["x"]


# Bad files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is|is not an sgns model: an empty file"),
        (b"1234567", r"is not an sgns model: it has 7 bytes, expected at least 8"),
        (pickle.dumps({"a": 1}), "a pickle, which is never read; export word2vec text"),
        (b"2 2\na 1 2\n", r"header length is [\d,]+, expected at most"),
        ((2**63).to_bytes(8, "little") + b"{}", r"header length is 9,223,.* at most 2"),
        (
            (2**20 + 1).to_bytes(8, "little") + b" " * 2**21,
            "header length is 1,048,577, expected at most 1,048,576",
        ),
        (b"\2\0\0\0\0\0\0\0{}", "its format is None, expected 'sgns'"),
        (b"\2\0\0\0\0\0\0\0[]", "its header is no JSON object"),
        (packed(b"[" * 100_000, b""), "its header is not what it should be"),
        (packed(b'{"a":' * 9 + b"1" + b"}" * 9, b""), "nested more than 8 deep"),
        (packed(b'{"a":1,"a":2}', b""), "key 'a' comes twice"),
        (packed(b'{"a":NaN}', b""), "'NaN' is no integer"),
        (packed(b'{"a":1.5}', b""), "'1.5' is no integer"),
        (packed(b'{"a":\xff}', b""), "its header is not what it should be"),
        (packed(b'{"a":' + b"1" * 5000 + b"}", b""), "its header is not what"),
        (packed(b'{"__metadata__":{"a":1}}', b""), "must be an object of strings"),
    ],
)
def test_read_what_is_no_model_raises(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """M1, M3."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_model(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value).replace(str(path), "m")) <= 300


@pytest.mark.parametrize(
    "start", [b"1234\0\0\0", (2**63).to_bytes(8, "little") + b"{}"]
)
def test_damaged_start_under_the_native_name_is_no_vector_text(
    tmp_path: Path, start: bytes
) -> None:
    """M1, M3: text has no NUL."""
    path = tmp_path / "vectors.safetensors"
    path.write_bytes(start)
    with pytest.raises(ValueError, match="is not an sgns model"):
        KeyedVectors.load(path)
    path.write_text("1 2\na 1 2\n")
    assert KeyedVectors.load(path).words == ["a"]
    path.write_bytes(b"1 1\na \0\0\0\0\n")
    assert KeyedVectors.load(path).words == ["a"]


def set_tensor(name: str, **values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda header: header[name].update(values)


def rename(old: str, new: str) -> Callable[[dict[str, Any]], object]:
    return lambda header: header.update({new: header.pop(old)})


BAD_HEADERS = [
    # M3, M4
    (
        lambda h: h.update({f"t{i}": h["counts"] for i in range(64)}),
        r"it has 7\d tensors, at most 64",
    ),
    (set_tensor("input", dtype="F16"), "tensor 'input' has dtype 'F16', expected one"),
    (set_tensor("input", dtype=[]), r"tensor 'input' has dtype \[\], expected one of"),
    (set_tensor("input", shape=[4, 3]), r"'input' of shape \(4, 3\) takes 48 bytes"),
    (set_tensor("input", shape=[2**62, 4]), r"its offsets say 32"),
    (set_tensor("input", shape=[-4, -2]), "shape or offsets that are no sizes"),
    (set_tensor("input", shape=[True, 8]), "shape or offsets that are no sizes"),
    (set_tensor("input", shape=[2**63, 0]), "shape or offsets that are no sizes"),
    (set_tensor("input", data_offsets=[0, 32]), "begins at byte 0 of the data"),
    (set_tensor("input", data_offsets=[32]), "shape or offsets that are no sizes"),
    (set_tensor("input", more=1), "must have dtype, shape and data_offsets"),
    (lambda h: h.update(input=[]), "must have dtype, shape and data_offsets"),
    (lambda h: h.pop("word_bytes"), "tensors end at byte|begins at byte"),
    (
        set_tensor("output", shape=[2, 4]),
        r"'output' is <f4 \(2, 4\), expected .*\(4, 2",
    ),
    (set_tensor("input", shape=[8]), r"'input' has shape \(8,\), expected \(n_words"),
    (set_tensor("counts", shape=[2, 2]), r"'counts' is <i8 \(2, 2\), expected <i8"),
    (set_tensor("history", shape=[4, 1]), r"'history' is <f8 \(4, 1\), expected"),
    (rename("input", "inputs"), "it has no tensor 'input'"),
    (rename("word_offsets", "offsets"), "it has no tensor 'word_offsets'"),
    (rename("output", "hidden"), None),
    (
        lambda h: h["__metadata__"].update(crc32='{"input":"00000000"}'),
        "checksum of tensor 'word_bytes' is",
    ),
    (lambda h: h["__metadata__"].update(crc32="[]"), "its header is no JSON object"),
    (lambda h: h["__metadata__"].update(crc32="{"), "its header is not what it should"),
    (lambda h: h["__metadata__"].pop("header_crc32"), "expected none"),
    (lambda h: h["__metadata__"].update(seed="x"), "seed must be a number, got 'x'"),
    (lambda h: h["__metadata__"].update(params="{"), "params is no JSON"),
    (lambda h: h["__metadata__"].update(params='{"a":[]}'), "object of plain values"),
    (lambda h: h["__metadata__"].update(state="3"), "state must be an object"),
    (lambda h: h["__metadata__"].update(history_columns="3"), "a list of strings"),
    # M6
    (
        lambda h: h["__metadata__"].update(min_reader="3", sgns_version="3.1"),
        r"written by sgns 3\.1 \(format 3\); this is sgns .* \(format 1\)\. "
        r"Install sgns >= 3\.1",
    ),
    (lambda h: h["__metadata__"].update(min_reader="one"), "min_reader must be a num"),
]


@pytest.mark.parametrize(("change", "message"), BAD_HEADERS)
def test_read_bad_header_raises(path: Path, change: Any, message: str | None) -> None:
    """M3, M4, M6."""
    rewrite(path, change)
    if message is None:
        with pytest.warns(UserWarning, match="not known are left out: 'hidden'"):
            assert read_model(path).output is None
        return
    with pytest.raises(ValueError, match=message) as caught:
        read_model(path)
    assert str(path) in str(caught.value)


def set_bytes(path: Path, name: str, place: int, value: bytes) -> None:
    """Change a tensor, and its checksum with it."""
    header, tensors = header_of(path.read_bytes())
    begin, end = header[name]["data_offsets"]
    data = bytearray(tensors)
    data[begin + place : begin + place + len(value)] = value
    sums = json.loads(header["__metadata__"]["crc32"])
    sums[name] = f"{zlib.crc32(data[begin:end]):08x}"
    header["__metadata__"]["crc32"] = json.dumps(sums)
    path.write_bytes(packed(json.dumps(header, separators=(",", ":")).encode(), data))


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("word_offsets", 8, np.int64(-1).tobytes(), "offset 1 does not"),
        ("word_offsets", 8, np.int64(8).tobytes(), "offset 2 does not"),
        ("word_offsets", 8, np.int64(2**40).tobytes(), "offset 2 does not"),
        ("word_offsets", 0, np.int64(1).tobytes(), "must go from 0 to 17"),
        ("word_offsets", 32, np.int64(99).tobytes(), "must go from 0 to 17"),
        ("counts", 8, np.int64(-3).tobytes(), "count 1 is -3, expected at least 0"),
        ("input", 12, np.float32(np.nan).tobytes(), "row 1 of 'input' is not finite"),
        ("nodes", 0, np.float32(np.inf).tobytes(), "row 0 of 'nodes' is not finite"),
        ("output_bias", 8, np.float32(np.inf).tobytes(), "row 2 of 'output_bias'"),
    ],
)
def test_read_bad_content_raises(
    path: Path, name: str, place: int, value: bytes, message: str
) -> None:
    """M5: the checksums are right, the content is not."""
    set_bytes(path, name, place, value)
    with pytest.raises(ValueError, match=message):
        read_model(path)


def test_read_duplicate_word_raises(tmp_path: Path) -> None:
    """M5."""
    path = tmp_path / "m.safetensors"
    write_model(path, Model(["ab", "cd"], np.eye(2, dtype=np.float32)))
    set_bytes(path, "word_bytes", 2, b"ab")
    with pytest.raises(ValueError, match="words 0 and 1 are the same"):
        read_model(path)


def test_every_bit_flipped_raises(path: Path) -> None:
    """M2, P2: no damage is read as if it were whole."""
    whole = path.read_bytes()
    with path.open("r+b", buffering=0) as file:  # not truncated: that would be slow
        for place, byte in enumerate(whole):
            for bit in range(8):
                os.pwrite(file.fileno(), bytes([byte ^ 1 << bit]), place)
                with pytest.raises(ValueError, match=r"model\.safetensors"):
                    read_model(path)
            os.pwrite(file.fileno(), bytes([byte]), place)
    assert read_model(path).words == WORDS


def test_cut_at_every_byte_and_one_too_many_raises(path: Path) -> None:
    """M2."""
    size = path.stat().st_size
    for length in [size + 1, *range(size - 1, -1, -1)]:
        os.truncate(path, length)
        with pytest.raises(ValueError, match=r"model\.safetensors"):
            read_model(path)


def test_mapped_damage_is_found_on_request(path: Path) -> None:
    header, tensors = header_of(path.read_bytes())
    data = bytearray(path.read_bytes())
    data[len(data) - len(tensors) + header["input"]["data_offsets"][0]] ^= 1
    path.write_bytes(data)
    read_model(path, mmap=True)
    with pytest.raises(ValueError, match="checksum of tensor 'input' is"):
        read_model(path, mmap=True, verify=True)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_change_of_the_file_raises_or_gives_a_sound_model(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    """P1: also when the checksums of the header are made right afterwards."""
    path = tmp_path_factory.getbasetemp() / "changed.safetensors"
    if not path.exists():
        write_model(path.with_name("whole.safetensors"), small_model())
    header, tensors = header_of(path.with_name("whole.safetensors").read_bytes())
    text = bytearray(json.dumps(header, separators=(",", ":")).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"9", b"0", b"[]", b"{}", b'"'])
        )
    path.write_bytes(packed(bytes(text), tensors))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            model = read_model(path)
        except ValueError:
            return
    assert len(model.words) == len(model.input)


def test_hostile_header_takes_little_memory(tmp_path: Path) -> None:
    """P5: what a file claims takes no memory."""
    path = tmp_path / "hostile.safetensors"
    table = {"dtype": "F32", "shape": [10**6, 10**5], "data_offsets": [0, 4 * 10**11]}
    text = json.dumps({"input": table, "__metadata__": {"format": "sgns"}}).encode()
    path.write_bytes(packed(text, b"1234"))
    code = (
        "import resource, sys\n"
        "from sgns.formats import read_model\n"
        "used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = used()\n"
        "try: read_model(sys.argv[1])\n"
        "except ValueError: print(used() - before)\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert int(done.stdout) < 64 * 1024


def test_directory_fifo_and_missing_file_raise(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_model(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_model(tmp_path / "none.safetensors")
    with pytest.raises(IsADirectoryError):
        KeyedVectors.load(tmp_path)


# Bad models


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"input": [[np.nan, 1]] * 4}, "vectors must be finite, row 0 is not"),
        ({"output": INPUT[:3]}, r"output must have shape \(4, 2\), got \(3, 2\)"),
        ({"nodes": INPUT}, r"nodes must have shape \(3, 2\), got \(4, 2\)"),
        ({"output_bias": [1.0]}, "output_bias must have 4 values"),
        ({"counts": [1, 2]}, "counts must be 4 integers"),
        ({"words": ["a", "b", "c"]}, "got 3 words and 4 rows"),
        ({"words": ["a", "b", "c", ""]}, "1 of 4 words are empty, too long, or cannot"),
        ({"words": ["a", "b", "c", "\ud800"]}, "cannot be encoded"),
        ({"parameters": {"alpha": float("nan")}}, "not JSON compliant"),
    ],
)
def test_write_bad_model_raises_before_writing(
    tmp_path: Path, parts: dict[str, Any], message: str
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match=message):
        write_model(path, Model(**({"words": WORDS, "input": INPUT} | parts)))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_compressed_model_raises(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a safetensors file is not compressed"):
        write_model(tmp_path / "m.safetensors.gz", small_model())


def test_reading_does_not_run_code(path: Path) -> None:
    """P4: nothing is compiled, imported or started while a file is read."""
    events: list[str] = []
    watching = True

    def hook(event: str, _args: object) -> None:
        if watching and event in {"exec", "compile", "import", "subprocess.Popen"}:
            events.append(event)

    read_model(path)
    sys.addaudithook(hook)
    read_model(path)
    read_model(path, mmap=True)
    watching = False
    assert events == []


def test_bytes_written_are_the_same_every_time(path: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "again.safetensors", small_model())
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()
    assert io.BytesIO(path.read_bytes()).read(8)[2:] == b"\0" * 6


# The estimator


SENTENCES = [["a", "b", "c", "a"], ["b", "c", "d", "é"]] * 20


@pytest.mark.parametrize("loss", ["ns", "hs", "ns+hs"])
@pytest.mark.parametrize("mmap", [False, True])
def test_word2vec_saved_and_loaded_is_the_same(
    tmp_path: Path, loss: str, mmap: bool
) -> None:
    path = tmp_path / "m.safetensors"
    model = Word2Vec(
        vector_size=np.int64(3), min_count=1, loss=loss, sample=0, seed=None, workers=1
    ).fit(SENTENCES)
    model.save(path)
    loaded = Word2Vec.load(path, mmap=mmap)
    assert repr(loaded) == repr(model).replace("np.int64(3)", "3")
    assert loaded.seed_ == model.seed_
    assert loaded.history_ == model.history_
    assert loaded.vocabulary_ == model.vocabulary_
    for name in ("vectors_", "output_vectors_", "node_vectors_"):
        assert same(getattr(loaded, name), getattr(model, name)), name
    assert loaded.wv.words == model.wv.words
    assert same(loaded.wv.counts, model.wv.counts)
    assert loaded.wv.most_similar("a") == model.wv.most_similar("a")
    assert KeyedVectors.load(path).words == model.wv.words


@pytest.mark.parametrize("loss", ["nce", "softmax"])
def test_word2vec_keeps_its_biases(tmp_path: Path, loss: str) -> None:
    path = tmp_path / "m.safetensors"
    options = {"vector_size": 3, "min_count": 1, "sample": 0, "workers": 1}
    model = Word2Vec(loss=loss, output_bias=True, **options).fit(SENTENCES)
    model.save(path)
    loaded = Word2Vec.load(path)
    assert loaded.output_bias_ is not None
    assert loaded.output_bias_.shape == (5,)
    assert same(loaded.output_bias_, model.output_bias_)
    assert repr(loaded) == repr(model)


def test_word2vec_loaded_can_be_fitted_and_pickled(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    model = Word2Vec(vector_size=3, min_count=1, sample=0, workers=1).fit(SENTENCES)
    model.save(path)
    loaded = Word2Vec.load(path)
    assert same(pickle.loads(pickle.dumps(loaded)).vectors_, model.vectors_)
    assert same(loaded.fit(SENTENCES).vectors_, model.vectors_)


def test_word2vec_loaded_goes_on_as_the_saved_one(tmp_path: Path) -> None:
    """Also with the bits of a run that was never stopped."""
    path = tmp_path / "m.safetensors"
    options = {"vector_size": 3, "min_count": 1, "sample": 0, "workers": 1, "epochs": 4}
    whole = Word2Vec(**options).fit(SENTENCES)

    class Stop:
        def on_epoch_end(self, training: Any) -> bool:
            return bool(training.epoch == 2)

    Word2Vec(**options, callbacks=Stop()).fit(SENTENCES).save(path)
    resumed = Word2Vec(**options).fit(SENTENCES, resume=Word2Vec.load(path))
    assert same(resumed.vectors_, whole.vectors_)
    whole.save(path)
    more = [["a", "z", "z", "c"]] * 5
    expected = whole.partial_fit(more).vectors_
    assert same(Word2Vec.load(path).partial_fit(more).vectors_, expected)
    loaded = Word2Vec.load(path, mmap=True)
    assert same(loaded.partial_fit(more).vectors_, expected)


def test_word2vec_loaded_transforms_as_the_saved_one(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    model = Word2Vec(vector_size=3, min_count=1, sample=0, workers=1, pooling="sif")
    expected = model.fit_transform(SENTENCES)
    model.save(path)
    assert same(Word2Vec.load(path).transform(SENTENCES), expected)


@pytest.mark.parametrize("key", ["n_epochs_", "_calls", "_mark"])
def test_word2vec_load_of_bad_state_raises(tmp_path: Path, key: str) -> None:
    path = tmp_path / "m.safetensors"
    write_model(
        path,
        Model(
            ["a"],
            np.ones((1, 2), "f4"),
            parameters={"vector_size": 2},
            seed=1,
            state={key: [1]},
        ),
    )
    with pytest.raises(ValueError, match=rf"m.safetensors: {key} cannot be \[1\]"):
        Word2Vec.load(path)


def test_word2vec_save_before_fit_raises(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no 'wv' yet"):
        Word2Vec().save(tmp_path / "m.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_word2vec_load_of_vectors_alone_raises(tmp_path: Path) -> None:
    KeyedVectors(["a"], [[1]]).save(tmp_path / "v.safetensors")
    with pytest.raises(ValueError, match="holds vectors but no parameters"):
        Word2Vec.load(tmp_path / "v.safetensors")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"vector_size": -1}, "is not an sgns model: vector_size must be an int"),
        ({"vector_size": "2"}, "is not an sgns model: vector_size must be an int"),
    ],
)
def test_word2vec_load_of_bad_parameters_raises(
    tmp_path: Path, parameters: dict[str, Any], message: str
) -> None:
    path = tmp_path / "m.safetensors"
    write_model(
        path, Model(["a"], np.ones((1, 2), "f4"), parameters=parameters, seed=1)
    )
    with pytest.raises(ValueError, match=message):
        Word2Vec.load(path)


def test_word2vec_load_of_unknown_parameters_warns(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    parameters = {"vector_size": 2, "warp": 9}
    write_model(
        path, Model(["a"], np.ones((1, 2), "f4"), parameters=parameters, seed=1)
    )
    with pytest.warns(UserWarning, match="not known are left out: 'warp'"):
        assert Word2Vec.load(path).vector_size == 2
