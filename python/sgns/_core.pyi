"""Core of sgns: text, sampling, training. Use the package sgns instead."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict, type_check_only

import numpy as np
import numpy.typing as npt

__version__: str

class DivergenceError(ValueError): ...

@type_check_only
class EpochResult(TypedDict):
    loss: float
    positive_loss: float
    negative_loss: float
    untrained_loss: float
    positives_right: float
    negatives_right: float
    words: int
    centres: int
    pairs: int
    seconds: float
    learning_rate: float

class Vocabulary:
    def __len__(self) -> int: ...
    def words(self) -> list[bytes]: ...
    @property
    def counts(self) -> npt.NDArray[np.int64]: ...
    @property
    def highest_count(self) -> int: ...

class Corpus:
    @property
    def n_tokens(self) -> int: ...
    @property
    def n_sentences(self) -> int: ...
    @property
    def ids(self) -> npt.NDArray[np.int32]: ...
    def set_weights(self, weights: npt.NDArray[np.float32]) -> None: ...
    @property
    def sentence_weights(self) -> npt.NDArray[np.float32]: ...
    @property
    def sentence_ends(self) -> npt.NDArray[np.int64]: ...

class CorpusBuilder:
    def __init__(
        self,
        errors: str = "strict",
        workers: int = 1,
        chunk_bytes: int = 1048576,
        max_words: int = 0,
        memory_limit: int = 18446744073709551615,
        folder: str | bytes = "/var/tmp",
    ) -> None: ...
    def add_file(self, path: str | bytes) -> None: ...
    def add_text(self, block: bytes, name: str) -> None: ...
    def end_text(self) -> None: ...
    def add_sentences(
        self, sentences: Iterable[Sequence[str] | Sequence[int]]
    ) -> npt.NDArray[np.bool_]: ...
    def add_arrow(self, capsule: object) -> npt.NDArray[np.bool_]: ...
    @property
    def n_tokens(self) -> int: ...
    @property
    def n_sentences(self) -> int: ...
    @property
    def dropped(self) -> tuple[int, int, int]: ...
    def finish(self, min_count: int) -> tuple[Vocabulary, Corpus]: ...

class WordList:
    def __init__(self, words: Iterable[bytes]) -> None: ...
    def __len__(self) -> int: ...
    def format(self, corpus: Corpus, begin: int, end: int) -> bytes: ...

def make_corpus(
    ids: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    n_words: int,
    memory_limit: int = 18446744073709551615,
    folder: str | bytes = "/var/tmp",
) -> Corpus: ...
def renamed(corpus: Corpus, rows: npt.NDArray[np.int32]) -> Corpus: ...
def chosen_sentences(
    corpus: Corpus, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]
) -> Corpus: ...
def count_ids(corpus: Corpus, n_words: int) -> npt.NDArray[np.int64]: ...
def count_phrases(
    corpus: Corpus,
    counts: npt.NDArray[np.int64],
    is_connector: npt.NDArray[np.uint8],
    min_count: int,
    across_sentences: bool,
    workers: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int64]]: ...
def join_phrases(
    corpus: Corpus,
    n_words: int,
    is_connector: npt.NDArray[np.uint8],
    words: npt.NDArray[np.int32],
    ends: npt.NDArray[np.int64],
) -> Corpus: ...

class TrainConfig:
    def __init__(
        self,
        *,
        architecture: str,
        cbow_input: str,
        cbow_gradient: str,
        loss: str,
        negative_sharing: str,
        vector_size: int,
        window: int | None,
        window_weighting: str,
        negative: int,
        exclude: str,
        positive_weight: float,
        output_bias: bool,
        ns_exponent: float,
        sample: float,
        alpha: float,
        min_alpha: float,
        epochs: int,
        seed: int,
        workers: int,
        deterministic: bool,
    ) -> None: ...

class Trainer:
    def __init__(
        self, corpus: Corpus, counts: npt.NDArray[np.int64], config: TrainConfig
    ) -> None: ...
    def run_epoch(
        self,
        epoch: int,
        progress: Callable[[int, float, float, float], None],
        interval: float,
    ) -> EpochResult: ...
    def copy_tables(
        self,
    ) -> tuple[
        npt.NDArray[np.float32],
        npt.NDArray[np.float32] | None,
        npt.NDArray[np.float32] | None,
        npt.NDArray[np.float32] | None,
    ]: ...
    def set_tables(
        self,
        input: npt.NDArray[np.float32],
        output: npt.NDArray[np.float32] | None,
        nodes: npt.NDArray[np.float32] | None,
        output_bias: npt.NDArray[np.float32] | None,
    ) -> None: ...
    def freeze(self, words: npt.NDArray[np.int32]) -> None: ...
    @property
    def input(self) -> npt.NDArray[np.float32]: ...
    @property
    def output(self) -> npt.NDArray[np.float32] | None: ...
    @property
    def nodes(self) -> npt.NDArray[np.float32] | None: ...
    @property
    def output_bias(self) -> npt.NDArray[np.float32] | None: ...

class PairTrainer:
    def __init__(
        self,
        *,
        inputs: npt.NDArray[np.int32],
        outputs: npt.NDArray[np.int32],
        labels: npt.NDArray[np.int8],
        weights: npt.NDArray[np.float32],
        n_inputs: int,
        n_outputs: int,
        vector_size: int,
        alpha: float,
        min_alpha: float,
        epochs: int,
        seed: int,
        workers: int,
    ) -> None: ...
    def run_epoch(self, epoch: int) -> tuple[float, int]: ...
    def tables(
        self,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]: ...

class PairTable:
    def __init__(
        self,
        *,
        ids: npt.NDArray[np.int32],
        ends: npt.NDArray[np.uint64],
        law: Law,
        counts: npt.NDArray[np.int64],
        window: int,
        window_weighting: str,
        ratio: float,
        exclude: str,
        sample: float,
        seed: int,
        epoch: int,
        workers: int,
    ) -> None: ...
    def read(
        self, begin: int, end: int, small_labels: bool
    ) -> tuple[
        npt.NDArray[np.int32],
        npt.NDArray[np.int32],
        npt.NDArray[np.float32] | npt.NDArray[np.int8],
    ]: ...
    @property
    def n_positives(self) -> int: ...
    @property
    def n_rows(self) -> int: ...

def kernel_name() -> str: ...
def kernel_names() -> list[str]: ...
def alias_table(
    counts: npt.NDArray[np.int64], exponent: float
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]: ...
def alias_draw(
    counts: npt.NDArray[np.int64], exponent: float, bits: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int32]: ...
def alias_draw_excluding(
    counts: npt.NDArray[np.int64],
    exponent: float,
    bits: npt.NDArray[np.uint64],
    excluded: int,
) -> npt.NDArray[np.int32]: ...
def keep_thresholds(
    counts: npt.NDArray[np.int64], sample: float
) -> npt.NDArray[np.uint32]: ...
def huffman_paths(
    counts: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], npt.NDArray[np.uint8]]: ...
def tile_step(
    kernel: str,
    inputs: npt.NDArray[np.float32],
    input_rows: npt.NDArray[np.int64],
    targets: npt.NDArray[np.float32],
    target_rows: npt.NDArray[np.int64],
    labels: npt.NDArray[np.float32],
    lr: float,
) -> tuple[
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
]: ...
def score_step(
    kernel: str,
    loss: str,
    scores: npt.NDArray[np.float32],
    labels: npt.NDArray[np.float32],
    weights: npt.NDArray[np.float32],
    offsets: npt.NDArray[np.float32],
    lr: float,
) -> npt.NDArray[np.float32]: ...
def stream_bits(
    seed: int, epoch: int, stream: int, counters: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]: ...
def initial_input(seed: int, n_words: int, dim: int) -> npt.NDArray[np.float32]: ...
def sample_stream(
    corpus: Corpus,
    counts: npt.NDArray[np.int64],
    config: TrainConfig,
    epoch: int,
    workers: int,
    block: int = 10000,
) -> tuple[
    npt.NDArray[np.int64],
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
]: ...

class Law:
    @staticmethod
    def from_weights(weights: npt.NDArray[np.float64]) -> Law: ...
    @staticmethod
    def unigram(counts: npt.NDArray[np.int64], alpha: float) -> Law: ...
    @staticmethod
    def uniform(n: int) -> Law: ...
    @staticmethod
    def log_uniform(n: int) -> Law: ...
    @property
    def n(self) -> int: ...
    @property
    def support(self) -> int: ...
    def probabilities(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]: ...
    def log_shares(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]: ...
    def fill(
        self,
        out: npt.NDArray[np.int32] | npt.NDArray[np.int64],
        seed: int,
        step: int,
        shared: bool,
        workers: int,
    ) -> None: ...
    def distinct(
        self, n: int, seed: int, step: int
    ) -> tuple[npt.NDArray[np.int32], float]: ...
    def log_inclusion(
        self, tau: float, ids: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]: ...

class Exclusion:
    @staticmethod
    def csr(
        indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.int64]
    ) -> Exclusion: ...
    @staticmethod
    def pairs(
        rows: npt.NDArray[np.int64], ids: npt.NDArray[np.int64], n_rows: int
    ) -> Exclusion: ...
    @property
    def n_rows(self) -> int: ...
    def row(self, row: int) -> npt.NDArray[np.int32]: ...
    def arrays(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]: ...

class Sampler:
    def __init__(
        self,
        law: Law,
        exclusion: Exclusion | None,
        k: int,
        policy: str,
        pad: bool,
        seed: int,
        workers: int,
        wide: bool,
    ) -> None: ...
    def sample(
        self,
        rows: object,
        positives: object,
        step: object,
        row_ids: object,
        out: object,
        return_log_q: bool,
    ) -> object: ...
    def log_rest(self, rows: object, positives: object) -> npt.NDArray[np.float64]: ...

def philox(
    kernel: str,
    key: int,
    low: npt.NDArray[np.uint64],
    high: npt.NDArray[np.uint64],
    n_slots: int = 0,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]: ...

STREAM_VERSION: int

def read_text_rows(
    data: bytes,
    begin: int,
    n_lines: int,
    values: npt.NDArray[np.float32],
    errors: str,
    workers: int,
) -> tuple[list[str | bytes], list[tuple[int, str, int]], npt.NDArray[np.int64]]: ...
def read_binary_rows(
    data: bytes,
    begin: int,
    is_last: bool,
    values: npt.NDArray[np.float32],
    errors: str,
) -> tuple[list[str | bytes], int]: ...
def format_text_rows(
    words: list[bytes],
    values: npt.NDArray[np.float32],
    decimals: int,
    workers: int,
) -> bytes: ...
def split_words(
    data: bytes, offsets: npt.NDArray[np.int64], errors: str
) -> list[str | bytes]: ...
