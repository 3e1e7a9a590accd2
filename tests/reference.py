"""The specification of the core as plain, slow Python: what the C++ must equal.

Integers (random streams, tables, trees, windows, noise words) are to agree bit for
bit. Vectors are float64 here and float32 in the core, so they agree to a tolerance
that each test states. Nothing here is meant to be fast or to check its arguments.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

import reference_losses
from reference_losses import sigmoid

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio: the step of splitmix64
TOKENS, NOISE, INIT = 0, 1, 2
COIN = 2**32  # mass of one slot of an alias table
MAX_REJECTIONS = 64
MOST_INPUTS = 32  # context words in a tile
# Kinds of CBOW where each context row gets 1 / n of the change of the input.
DIVIDED = [("mean", "exact"), ("sum", "original")]

AliasTable = tuple[list[int], list[int]]
Path = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Config:
    """Same fields as `_core.TrainConfig`."""

    architecture: str = "skipgram"
    loss: str = "ns"
    negative_sharing: str = "window"
    cbow_input: str = "mean"
    cbow_gradient: str = "original"
    vector_size: int = 16
    window: int | None = 5
    window_weighting: str = "shrink"
    negative: int = 5
    exclude: str = "target"
    positive_weight: float = 1.0
    output_bias: bool = False
    ns_exponent: float = 0.75
    sample: float = 0.0
    alpha: float = 0.025
    min_alpha: float = 1e-4
    epochs: int = 1
    seed: int = 1
    workers: int = 1
    deterministic: bool = False


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


def exact_draw_excluding(
    table: AliasTable, bits: int, excluded: Collection[int]
) -> int:
    parts = []
    for slot, (threshold, alias) in enumerate(zip(*table, strict=True)):
        parts += [(slot, threshold), (alias, COIN - threshold)]
    parts = [(word, mass) for word, mass in parts if word not in excluded]
    r = (bits * sum(mass for _, mass in parts)) >> 64
    running = 0
    for word, mass in parts:
        running += mass
        if running > r:
            return word
    raise AssertionError("the excluded words have the whole mass")


def alias_draw_excluding(
    table: AliasTable, bits: int, excluded: int | Collection[int]
) -> int:
    words = {excluded} if isinstance(excluded, int) else excluded
    for _ in range(MAX_REJECTIONS):
        word = alias_draw(table, bits)
        if word not in words:
            return word
        bits = mix64((bits + GOLDEN) & MASK)  # fresh bits for what comes next
    return exact_draw_excluding(table, bits, words)


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


def row_losses(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Loss of each input row: -log sigmoid(s) or -log sigmoid(-s), summed."""
    return reference_losses.losses("ns", scores, labels).sum(axis=1)


def tile(
    inputs: np.ndarray,
    input_rows: Sequence[int],
    targets: np.ndarray,
    target_rows: Sequence[int],
    labels: Sequence[float],
    lr: float,
    error_of: Callable[[np.ndarray], np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """One step in place; returns scores and errors, (n_inputs, n_targets) each."""
    x, y = inputs[input_rows], targets[target_rows]  # copies: the old values
    scores = x @ y.T
    if error_of is None:
        errors = lr * (np.asarray(labels) - sigmoid(scores))
    else:
        errors = lr * error_of(scores)
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
    sentence: list[int]


def window_of(words: Sequence[int], t: int, radius: int) -> list[tuple[int, int]]:
    """(offset, word) of the words up to `radius` left and right of index `t`."""
    span = range(max(0, t - radius), min(len(words), t + radius + 1))
    return [(i - t, words[i]) for i in span if i != t]


def radius_of(low_bits: int, window: int, weighting: str) -> int:
    """Radius of a window; `low_bits` is uniform below 2**32.

    A word at distance d is in it with chance (window - d + 1) / window, 1 or 1 / d.
    """
    if weighting == "fixed":
        return window
    if weighting == "harmonic":
        return min(window, COIN // (low_bits + 1))
    return 1 + ((low_bits * window) >> 32)


def for_corpus(config: Config, ends: Sequence[int]) -> Config:
    """The config with the window of this corpus, where it is the whole sentence."""
    if config.window is not None:
        return config
    longest = max(b - a for a, b in zip([0, *ends], ends, strict=False))
    weighting = config.window_weighting
    weighting = "fixed" if weighting == "shrink" else weighting
    return replace(config, window=max(1, longest - 1), window_weighting=weighting)


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
    config = for_corpus(config, ends)
    assert config.window is not None
    thresholds = keep_thresholds(counts, config.sample)
    key = stream_key(config.seed, epoch, TOKENS)
    interval = loss_interval(len(ids))
    for begin, end in zip([0, *ends], ends, strict=False):
        kept = [(p, draw(key, p)) for p in range(begin, end)]
        kept = [(p, bits) for p, bits in kept if bits >> 32 <= thresholds[ids[p]]]
        words, sentence = [ids[p] for p, _ in kept], list(ids[begin:end])
        for t, (p, bits) in enumerate(kept):
            low = bits & (COIN - 1)
            radius = radius_of(low, config.window, config.window_weighting)
            contexts = window_of(words, t, radius)
            if contexts:
                measured = bits & (interval - 1) == 0
                yield Centre(p, words[t], radius, contexts, measured, sentence)


def excluded_words(exclude: str, centre: Centre) -> set[int]:
    """Words that may not be noise words of a centre."""
    if exclude == "sentence":
        return set(centre.sentence)
    if exclude == "window":
        return {centre.word, *(word for _, word in centre.contexts)}
    return {centre.word} if exclude == "target" else set()


def noise_words(
    table: AliasTable, config: Config, epoch: int, counter: int, centre: Centre
) -> list[int]:
    """Noise words of one draw unit: the position, or the pair's number."""
    key = stream_key(config.seed, epoch, NOISE)
    first = counter * config.negative
    bits = [draw(key, first + j) for j in range(config.negative)]
    excluded = excluded_words(config.exclude, centre)
    return [alias_draw_excluding(table, b, excluded) for b in bits]


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
        self.corpus, self.config = (ids, ends, counts), for_corpus(config, ends)
        self.table = alias_table(counts, config.ns_exponent)
        self.paths = huffman_paths(counts)
        start = initial_input(config.seed, n, config.vector_size)
        self.input = start.astype(np.float64)
        self.targets = np.zeros((2 * n - 1, config.vector_size))
        self.nodes, self.output = self.targets[: n - 1], self.targets[n - 1 :]
        q = implied_probabilities(self.table)
        self.offsets = np.zeros(2 * n - 1)  # of the rows of `targets`
        self.offsets[n - 1 :] = reference_losses.noise_corrections(
            config.loss, q, config.negative, config.exclude
        )
        self.frozen: list[int] = []  # words whose input rows do not change
        self.bias = np.zeros(2 * n - 1)
        if config.output_bias:
            self.bias[n - 1 :] = reference_losses.start_biases(counts)

    @property
    def output_bias(self) -> np.ndarray:
        return self.bias[len(self.nodes) :]

    def targets_of(
        self, epoch: int, centre: Centre, counter: int
    ) -> tuple[list[int], list[float]]:
        """Rows of `targets` and their labels: path, then centre and noise."""
        rows, labels = [], []
        n_nodes, loss = len(self.nodes), self.config.loss
        if "hs" in loss:
            nodes, codes = self.paths[centre.word]
            rows += nodes
            labels += [1 - code for code in codes]
        if loss == "softmax":
            rows = list(range(n_nodes, len(self.targets)))
            labels = [row - n_nodes == centre.word for row in rows]
        elif loss != "hs":
            noise = noise_words(self.table, self.config, epoch, counter, centre)
            rows += [n_nodes + word for word in [centre.word, *noise]]
            labels += [1] + [0] * len(noise)
        return rows, labels

    def learning_rate(self, epoch: int, position: int) -> float:
        c, n_tokens = self.config, len(self.corpus[0])
        progress = (epoch * n_tokens + position) / (c.epochs * n_tokens)
        return float(np.float32(c.alpha + (c.min_alpha - c.alpha) * progress))

    def step_rows(
        self, inputs: np.ndarray, words: list[int], epoch: int, centre: Centre, n: int
    ) -> list[np.ndarray]:
        """One tile; the losses of its inputs, (2,): of the rest, and of noise words."""
        c, lr = self.config, self.learning_rate(epoch, centre.position)
        rows, labels = self.targets_of(epoch, centre, n)
        is_word = np.array(rows) >= len(self.nodes)
        weights = np.where(is_word & np.array(labels, bool), c.positive_weight, 1.0)
        offsets = self.offsets[rows] + self.bias[rows]
        fixed = self.input[self.frozen]
        scores, errors = tile(
            inputs,
            words,
            self.targets,
            rows,
            labels,
            lr,
            lambda s: reference_losses.errors(c.loss, s, labels, offsets, weights),
        )
        self.input[self.frozen] = fixed
        if c.output_bias:
            np.add.at(self.bias, rows, errors.sum(axis=0))
        parts = reference_losses.losses(c.loss, scores, labels, offsets, weights)
        is_noise = is_word & ~np.array(labels, bool)
        return [np.array([p[~is_noise].sum(), p[is_noise].sum()]) for p in parts]

    def step(self, epoch: int, centre: Centre) -> list[np.ndarray]:
        """Train one centre; the losses of its input rows."""
        c = self.config
        words = [word for _, word in centre.contexts]
        if c.architecture == "skipgram" and c.negative_sharing == "pair":
            assert c.window is not None
            losses = []
            for offset, word in centre.contexts:
                pair = centre.position * (2 * c.window + 1) + offset + c.window
                losses += self.step_rows(self.input, [word], epoch, centre, pair)
            return losses
        if c.architecture == "skipgram":
            parts = [
                words[i : i + MOST_INPUTS] for i in range(0, len(words), MOST_INPUTS)
            ]
            steps = [
                self.step_rows(self.input, part, epoch, centre, centre.position)
                for part in parts
            ]
            return [loss for step in steps for loss in step]
        of_rows = np.mean if c.cbow_input == "mean" else np.sum
        old = of_rows(self.input[words], axis=0, keepdims=True)
        hidden = old.copy()
        losses = self.step_rows(hidden, [0], epoch, centre, centre.position)
        is_divided = (c.cbow_input, c.cbow_gradient) in DIVIDED
        share = 1 / len(words) if is_divided else 1
        fixed = self.input[self.frozen]
        np.add.at(self.input, words, share * (hidden - old))
        self.input[self.frozen] = fixed
        return losses

    def run_epoch(self, epoch: int) -> tuple[float, int]:
        """Train one epoch; mean loss of the measured rows, number of word pairs.

        The parts of the loss without and of the noise words are kept in `parts`.
        """
        measured: list[np.ndarray] = []
        pairs = 0
        for centre in centres(*self.corpus, self.config, epoch):
            losses = self.step(epoch, centre)
            pairs += len(centre.contexts)
            if centre.measured:
                measured += losses
        parts = np.array(measured).T
        self.parts = [math.fsum(part) / len(measured) for part in parts]
        return sum(self.parts), pairs
