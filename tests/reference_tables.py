"""What tables of labelled pairs, mining and balancing mean, written for reading."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import reference
from reference import COIN, GOLDEN, MASK, AliasTable

MAX_DRAWS = 16

Row = tuple[int, int, int]


# Tables of pairs ---------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """Same meaning as the parameters of `sgns.sampling.skipgrams`."""

    window: int | None = 5
    window_weighting: str = "fixed"
    ratio: float = 5
    exclude: str = "target"
    sample: float = 0
    seed: int = 0
    epoch: int = 0


def radius(weighting: str, window: int, bits: int) -> int:
    coin = bits & (COIN - 1)
    if weighting == "shrink":
        return 1 + (coin * window >> 32)
    if weighting == "harmonic":
        return min(window, COIN // (coin + 1))
    return window


def word_masses(table: AliasTable) -> list[int]:
    """Of each word, what the alias table gives it in units of 2**-32 slot."""
    masses = [0] * len(table[0])
    for slot, (threshold, alias) in enumerate(zip(*table, strict=True)):
        masses[slot] += threshold
        masses[alias] += COIN - threshold
    return masses


def draw_from_rest(masses: Sequence[int], bits: int, excluded: set[int]) -> int:
    """Draw exactly from the words that are not excluded, in the order of their ids."""
    rest = [0 if i in excluded else mass for i, mass in enumerate(masses)]
    wanted = bits * sum(rest) >> 64
    return bisect.bisect_right(list(itertools.accumulate(rest)), wanted)


class PairTable:
    """All rows of a table, and what is drawn from."""

    def __init__(
        self,
        sentences: Sequence[Sequence[int]],
        weights: Sequence[float],
        counts: Sequence[int],
        config: Table,
    ) -> None:
        self.config = config
        self.alias = reference.alias_table(weights, 1.0)
        self.masses = word_masses(self.alias)
        self.raw = sentences
        self.kept = self.subsample(counts)
        self.pairs = self.observed() if config.exclude == "pairs" else {}

    def token_bits(self, position: int) -> int:
        key = reference.stream_key(
            self.config.seed, self.config.epoch, reference.TOKENS
        )
        return reference.draw(key, position)

    def subsample(self, counts: Sequence[int]) -> list[list[tuple[int, int]]]:
        """(position, word) of the kept tokens of each sentence."""
        present = [word for word, count in enumerate(counts) if count]
        fair = reference.keep_thresholds(
            [counts[word] for word in present], self.config.sample
        )
        thresholds = dict(zip(present, fair, strict=True))
        kept, position = [], 0
        for sentence in self.raw:
            places = list(enumerate(sentence, position))
            position += len(sentence)
            kept.append(
                [
                    (p, word)
                    for p, word in places
                    if self.token_bits(p) >> 32 <= thresholds[word]
                ]
            )
        return kept

    def near(self, words: Sequence[int], t: int) -> list[int]:
        """Words at most `window` from index t, itself left out."""
        w = len(words) if self.config.window is None else self.config.window
        return [word for _, word in reference.window_of(words, t, w)]

    def observed(self) -> dict[int, set[int]]:
        pairs: dict[int, set[int]] = {}
        kept = [[word for _, word in sentence] for sentence in self.kept]
        for words in [*self.raw, *kept]:
            for t, word in enumerate(words):
                pairs.setdefault(word, set()).update(self.near(words, t))
        return pairs

    def positives(self) -> Iterator[tuple[int, int, set[int]]]:
        """Centre, context, and what must not be drawn beside it."""
        c = self.config
        for raw, kept in zip(self.raw, self.kept, strict=True):
            words = [word for _, word in kept]
            for t, (position, centre) in enumerate(kept):
                widest = len(words) if c.window is None else c.window
                r = radius(c.window_weighting, widest, self.token_bits(position))
                excluded = {
                    "none": set(),
                    "target": set(),
                    "window": {centre, *self.near(words, t)},
                    "sentence": set(raw),
                    "pairs": self.pairs.get(centre, set()),
                }[c.exclude]
                for _, context in reference.window_of(words, t, r):
                    yield centre, context, excluded

    def negative(self, number: int, context: int, excluded: set[int]) -> int:
        c = self.config
        key = reference.stream_key(c.seed, c.epoch, reference.NOISE)
        bits = reference.draw(key, number)
        if c.exclude == "target":
            excluded = {context}
        is_heavy = 2 * sum(self.masses[i] for i in excluded) >= COIN * len(self.masses)
        if c.exclude == "pairs" and is_heavy:
            return draw_from_rest(self.masses, bits, excluded)
        for _ in range(MAX_DRAWS):
            word = reference.alias_draw(self.alias, bits)
            if word not in excluded:
                return word
            bits = reference.mix64((bits + GOLDEN) & MASK)
        return draw_from_rest(self.masses, bits, excluded)

    def rows(self) -> Iterator[Row]:
        """Each positive, followed by its negatives."""
        for m, (centre, context, excluded) in enumerate(self.positives()):
            yield centre, context, 1
            before = math.floor(m * self.config.ratio)
            for number in range(before, math.floor((m + 1) * self.config.ratio)):
                yield centre, self.negative(number, context, excluded), 0


# Mining, one row at a time -----------------------------------------------------------


def padded(columns: Sequence[int], k: int) -> list[int]:
    return [*columns[:k], *[-1] * (k - len(columns))]


def usable(scores: Sequence[float], mask: Sequence[bool]) -> list[int]:
    return [
        j for j, score in enumerate(scores) if not mask[j] and not math.isnan(score)
    ]


def hardest(scores: Sequence[float], columns: Sequence[int]) -> list[int]:
    return sorted(columns, key=lambda j: (-scores[j], j))


def mine_top(scores: Sequence[float], mask: Sequence[bool], k: int) -> list[int]:
    return padded(hardest(scores, usable(scores, mask)), k)


def mine_semihard(
    scores: Sequence[float],
    mask: Sequence[bool],
    k: int,
    positive: float,
    margin: float,
) -> list[int]:
    easier = [
        j for j in usable(scores, mask) if positive - margin < scores[j] < positive
    ]
    return padded(hardest(scores, easier), k)


def mining_bits(seed: int, step: int, row: int, draw: int) -> int:
    key = reference.stream_key(seed, step, 3)
    return reference.draw(key, (row << 32) + draw)


def mine_random_top(
    scores: Sequence[float],
    mask: Sequence[bool],
    k: int,
    pool: int,
    stream: tuple[int, int, int],
) -> list[int]:
    best = hardest(scores, usable(scores, mask))[:pool]
    drawn = sorted((mining_bits(*stream, i), j) for i, j in enumerate(best))
    return padded([j for _, j in drawn], k)


def distance_weights(
    distances: Sequence[float], dim: int, nearest: float, farthest: float
) -> list[float]:
    """In logarithms of any size, so that nothing underflows."""

    def log_density(d: float) -> float:
        near = (dim - 2) * math.log(d) if d > 0 else -math.inf
        return near + (dim - 3) / 2 * math.log1p(-d * d / 4)

    logs = [
        min(-log_density(d), -log_density(nearest)) if d < farthest else -math.inf
        for d in distances
    ]
    highest = max(logs)
    if highest == -math.inf:
        return [0.0] * len(logs)
    weights = [math.exp(value - highest) for value in logs]
    return [weight / math.fsum(weights) for weight in weights]


def mine_distance_weighted(
    scores: Sequence[float],
    mask: Sequence[bool],
    k: int,
    dim: int,
    stream: tuple[int, int, int],
) -> list[int]:
    columns = usable(scores, mask)
    distances = [math.sqrt(max(0.0, 2 - 2 * scores[j])) for j in columns]
    if not any(d < 1.4 for d in distances):
        return [-1] * k
    weights = distance_weights(distances, dim, 0.5, 1.4)
    units = [(mining_bits(*stream, i) >> 11) * 2.0**-53 for i in range(k)]
    sums = list(itertools.accumulate(weights))
    return [columns[bisect.bisect_right(sums, unit * sums[-1])] for unit in units]


def mine_ratio(
    losses: Sequence[float], mask: Sequence[bool], ratio: int, labels: Sequence[bool]
) -> list[int]:
    columns = usable(losses, mask)
    positives = sum(labels[j] for j in columns)
    negatives = [j for j in columns if not labels[j]]
    return hardest(losses, negatives)[: ratio * positives]


def warp(
    positive: float,
    negatives: Sequence[float],
    mask: Sequence[bool],
    n: int,
    margin: float,
) -> tuple[int, float]:
    trials = 0
    for j, score in enumerate(negatives):
        if mask[j]:
            continue
        trials += 1
        if score > positive - margin:
            return j, math.fsum(1 / i for i in range(1, (n - 1) // trials + 1))
    return -1, 0.0


# Balance -----------------------------------------------------------------------------


def undersample(labels: Sequence[int], ratio: float, seed: int) -> list[int]:
    positives = [i for i, y in enumerate(labels) if y]
    negatives = [i for i, y in enumerate(labels) if not y]
    key = reference.stream_key(seed, 0, 4)
    drawn = sorted((reference.draw(key, i), i) for i in negatives)
    return sorted(positives + [i for _, i in drawn[: int(ratio * len(positives))]])


def gaps(
    batches: Sequence[tuple[int, Sequence[int]]], n: int, alpha: float, start: float
) -> list[float]:
    """Algorithm 2 of Yi et al. (2019): B ← (1 - α) B + α (t - A), A ← t."""
    last, mean = [0] * n, [start] * n
    for step, ids in batches:
        for i in sorted(set(ids)):
            mean[i] = (1 - alpha) * mean[i] + alpha * (step - last[i])
            last[i] = step
    return mean
