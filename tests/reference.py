"""The specification of the core as plain, slow Python: what the C++ must equal.

Integers (random streams, tables, trees, windows, noise words) are to agree bit for
bit. Vectors are float64 here and float32 in the core, so they agree to a tolerance
that each test states. Nothing here is meant to be fast or to check its arguments.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio: the step of splitmix64
TOKENS, NOISE, INIT = 0, 1, 2
COIN = 2**32  # mass of one slot of an alias table
MAX_REJECTIONS = 64

AliasTable = tuple[list[int], list[int]]
Path = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Config:
    """Same fields as `_core.TrainConfig`."""

    architecture: str = "skipgram"
    loss: str = "ns"
    negative_sharing: str = "window"
    vector_size: int = 16
    window: int = 5
    negative: int = 5
    ns_exponent: float = 0.75
    sample: float = 0.0
    alpha: float = 0.025
    min_alpha: float = 1e-4
    epochs: int = 1
    seed: int = 1
    workers: int = 1


# Random streams ----------------------------------------------------------------------


def mix64(z: int) -> int:
    """Finaliser of splitmix64 (Steele, Lea and Flood, 2014)."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def stream_key(seed: int, epoch: int, stream: int) -> int:
    key = mix64(mix64((seed + GOLDEN) & MASK) ^ epoch)
    return mix64((key + stream * GOLDEN) & MASK)


def draw(key: int, counter: int) -> int:
    return mix64((key + (counter + 1) * GOLDEN) & MASK)


def initial_input(seed: int, n_words: int, dim: int) -> np.ndarray:
    key = stream_key(seed, 0, INIT)
    units = [draw(key, i) >> 40 for i in range(n_words * dim)]
    values = np.array(units, np.float32) * np.float32(2**-24) - np.float32(0.5)
    return (values / np.float32(dim)).reshape(n_words, dim)


# Distributions -----------------------------------------------------------------------


def keep_thresholds(counts: Sequence[int], sample: float) -> list[int]:
    if sample == 0:
        return [COIN - 1] * len(counts)
    expected = sample * float(sum(counts))
    thresholds = []
    for count in counts:
        q = count / expected
        p = (math.sqrt(q) + 1) / q
        fair = math.floor(min(p, 1.0) * COIN + 0.5) - 1
        thresholds.append(min(max(fair, 0), COIN - 1))
    return thresholds


def neumaier_sum(values: Sequence[float]) -> float:
    total = compensation = 0.0
    for value in values:
        new = total + value
        if abs(total) >= abs(value):
            compensation += (total - new) + value
        else:
            compensation += (value - new) + total
        total = new
    return total + compensation


def alias_table(counts: Sequence[int], exponent: float) -> AliasTable:
    """Alias table by Vose (1991): thresholds and aliases."""
    n = len(counts)
    weights = [math.pow(count, exponent) for count in counts]
    total = neumaier_sum(weights)
    scaled = [weight * n / total for weight in weights]
    small = [i for i in range(n) if scaled[i] < 1]
    large = [i for i in range(n) if scaled[i] >= 1]
    thresholds, aliases = [COIN - 1] * n, list(range(n))
    while small and large:
        s, l = small.pop(), large[-1]  # noqa: E741
        threshold = math.floor(scaled[s] * COIN + 0.5)
        thresholds[s] = min(COIN - 1, max(threshold, 1 if weights[s] > 0 else 0))
        aliases[s] = l
        scaled[l] = (scaled[l] + scaled[s]) - 1
        if scaled[l] < 1:
            small.append(large.pop())
    for i in small + large:
        if weights[i] == 0:
            thresholds[i], aliases[i] = 0, weights.index(max(weights))
    return thresholds, aliases


def alias_draw(table: AliasTable, bits: int) -> int:
    thresholds, aliases = table
    n = len(thresholds)
    product = (bits >> 32) * n + (((bits & (COIN - 1)) * n) >> 32)
    slot, coin = product >> 32, product & (COIN - 1)
    return slot if coin < thresholds[slot] else aliases[slot]


def exact_draw_excluding(table: AliasTable, bits: int, excluded: int) -> int:
    parts = []
    for slot, (threshold, alias) in enumerate(zip(*table, strict=True)):
        parts += [(slot, threshold), (alias, COIN - threshold)]
    parts = [(word, mass) for word, mass in parts if word != excluded]
    r = (bits * sum(mass for _, mass in parts)) >> 64
    running = 0
    for word, mass in parts:
        running += mass
        if running > r:
            return word
    raise AssertionError("the excluded word has the whole mass")


def alias_draw_excluding(table: AliasTable, bits: int, excluded: int) -> int:
    for _ in range(MAX_REJECTIONS):
        word = alias_draw(table, bits)
        if word != excluded:
            return word
        bits = mix64((bits + GOLDEN) & MASK)  # fresh bits for what comes next
    return exact_draw_excluding(table, bits, excluded)


def implied_probabilities(table: AliasTable) -> np.ndarray:
    """Law of `alias_draw`: (n,) float64."""
    thresholds, aliases = (np.asarray(part) for part in table)
    mass = thresholds.astype(np.float64)
    np.add.at(mass, aliases, COIN - thresholds.astype(np.float64))
    return mass / (COIN * len(mass))


def huffman_paths(counts: Sequence[int]) -> list[Path]:
    """Nodes and codes from the root down for every word; counts are descending."""
    n = len(counts)
    heap = [(count, True, -i, i) for i, count in enumerate(counts)]  # leaf: its word
    heapq.heapify(heap)
    parents: dict[tuple[bool, int], tuple[int, int]] = {}  # (is_leaf, id) -> node, code
    for node in range(n - 1):
        total = 0
        for code in (0, 1):
            count, is_leaf, _, child = heapq.heappop(heap)
            parents[is_leaf, child] = (node, code)
            total += count
        heapq.heappush(heap, (total, False, node, node))
    paths = []
    for word in range(n):
        steps, at = [], (True, word)
        while at in parents:
            steps.append(parents[at])
            at = (False, parents[at][0])
        steps.reverse()
        paths.append(([node for node, _ in steps], [code for _, code in steps]))
    return paths


# The tile ----------------------------------------------------------------------------


def sigmoid(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def row_losses(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Loss of each input row: -log sigmoid(s) or -log sigmoid(-s), summed."""
    signs = 1 - 2 * np.asarray(labels, np.float64)
    return np.logaddexp(0, signs * np.asarray(scores, np.float64)).sum(axis=1)


def tile(
    inputs: np.ndarray,
    input_rows: Sequence[int],
    targets: np.ndarray,
    target_rows: Sequence[int],
    labels: Sequence[float],
    lr: float,
) -> tuple[np.ndarray, np.ndarray]:
    """One step in place; returns scores and errors, (n_inputs, n_targets) each."""
    x, y = inputs[input_rows], targets[target_rows]  # copies: the old values
    scores = x @ y.T
    errors = lr * (np.asarray(labels) - sigmoid(scores))
    np.add.at(inputs, input_rows, errors @ y)
    np.add.at(targets, target_rows, errors.T @ x)
    return scores, errors


# Text and windows --------------------------------------------------------------------


def encode(
    sentences: Sequence[Sequence[str]],
) -> tuple[list[int], list[int], list[int]]:
    """Word ids, sentence ends and counts; by (count descending, bytes ascending)."""
    counter = Counter(word for sentence in sentences for word in sentence)
    words = sorted(counter, key=lambda word: (-counter[word], word.encode()))
    index = {word: i for i, word in enumerate(words)}
    ids, ends = [], []
    for sentence in sentences:
        ids += [index[word] for word in sentence]
        if sentence:
            ends.append(len(ids))
    return ids, ends, [counter[word] for word in words]


@dataclass(frozen=True)
class Centre:
    """A centre word with its context words as (offset, word), from left to right."""

    position: int
    word: int
    radius: int
    contexts: list[tuple[int, int]]
    measured: bool


def window_of(words: Sequence[int], t: int, radius: int) -> list[tuple[int, int]]:
    """(offset, word) of the words up to `radius` left and right of index `t`."""
    span = range(max(0, t - radius), min(len(words), t + radius + 1))
    return [(i - t, words[i]) for i in span if i != t]


def loss_interval(n_tokens: int) -> int:
    blocks = n_tokens // 65536
    return min(256, 1 << (blocks.bit_length() - 1)) if blocks else 1


def centres(
    ids: Sequence[int],
    ends: Sequence[int],
    counts: Sequence[int],
    config: Config,
    epoch: int,
) -> Iterator[Centre]:
    """Trained centres in corpus order: kept, and with a context word."""
    thresholds = keep_thresholds(counts, config.sample)
    key = stream_key(config.seed, epoch, TOKENS)
    interval = loss_interval(len(ids))
    for begin, end in zip([0, *ends], ends, strict=False):
        kept = [(p, draw(key, p)) for p in range(begin, end)]
        kept = [(p, bits) for p, bits in kept if bits >> 32 <= thresholds[ids[p]]]
        words = [ids[p] for p, _ in kept]
        for t, (p, bits) in enumerate(kept):
            radius = 1 + (((bits & (COIN - 1)) * config.window) >> 32)
            contexts = window_of(words, t, radius)
            if contexts:
                measured = bits & (interval - 1) == 0
                yield Centre(p, words[t], radius, contexts, measured)


def noise_words(
    table: AliasTable, config: Config, epoch: int, counter: int, centre: int
) -> list[int]:
    """Noise words of one draw unit: the position, or the pair's number."""
    key = stream_key(config.seed, epoch, NOISE)
    first = counter * config.negative
    bits = [draw(key, first + j) for j in range(config.negative)]
    return [alias_draw_excluding(table, b, centre) for b in bits]


# One epoch ---------------------------------------------------------------------------


class Trainer:
    """Tables of one model and the epochs that train them, one position at a time."""

    def __init__(
        self,
        ids: Sequence[int],
        ends: Sequence[int],
        counts: Sequence[int],
        config: Config,
    ) -> None:
        n = len(counts)
        self.corpus, self.config = (ids, ends, counts), config
        self.table = alias_table(counts, config.ns_exponent)
        self.paths = huffman_paths(counts)
        start = initial_input(config.seed, n, config.vector_size)
        self.input = start.astype(np.float64)
        self.targets = np.zeros((2 * n - 1, config.vector_size))
        self.nodes, self.output = self.targets[: n - 1], self.targets[n - 1 :]

    def targets_of(self, epoch: int, centre: int, counter: int) -> tuple[list, list]:
        """Rows of `targets` and their labels: path, then centre and noise."""
        rows, labels = [], []
        if "hs" in self.config.loss:
            nodes, codes = self.paths[centre]
            rows += nodes
            labels += [1 - code for code in codes]
        if "ns" in self.config.loss:
            noise = noise_words(self.table, self.config, epoch, counter, centre)
            rows += [len(self.nodes) + word for word in [centre, *noise]]
            labels += [1] + [0] * len(noise)
        return rows, labels

    def learning_rate(self, epoch: int, position: int) -> float:
        c, n_tokens = self.config, len(self.corpus[0])
        progress = (epoch * n_tokens + position) / (c.epochs * n_tokens)
        return float(np.float32(c.alpha + (c.min_alpha - c.alpha) * progress))

    def step(self, epoch: int, centre: Centre) -> list[float]:
        """Train one centre; the losses of its input rows."""
        c, lr = self.config, self.learning_rate(epoch, centre.position)
        words = [word for _, word in centre.contexts]
        if c.architecture == "skipgram" and c.negative_sharing == "pair":
            losses = []
            for offset, word in centre.contexts:
                pair = centre.position * (2 * c.window + 1) + offset + c.window
                rows, labels = self.targets_of(epoch, centre.word, pair)
                scores, _ = tile(self.input, [word], self.targets, rows, labels, lr)
                losses += list(row_losses(scores, labels))
            return losses
        rows, labels = self.targets_of(epoch, centre.word, centre.position)
        if c.architecture == "skipgram":
            scores, _ = tile(self.input, words, self.targets, rows, labels, lr)
        else:
            old = self.input[words].mean(axis=0, keepdims=True)
            hidden = old.copy()
            scores, _ = tile(hidden, [0], self.targets, rows, labels, lr)
            np.add.at(self.input, words, hidden - old)
        return list(row_losses(scores, labels))

    def run_epoch(self, epoch: int) -> tuple[float, int]:
        """Train one epoch; mean loss of the measured rows, number of word pairs."""
        measured, pairs = [], 0
        for centre in centres(*self.corpus, self.config, epoch):
            losses = self.step(epoch, centre)
            pairs += len(centre.contexts)
            if centre.measured:
                measured += losses
        return math.fsum(measured) / len(measured), pairs
