"""The specification of sgns.sampling as plain, slow Python: what the C++ must equal.

Ids agree bit for bit, logarithms to the rounding of float32.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

import reference

WORD = 2**32 - 1
SAMPLE, NEGATIVE, SHARED, ARRIVALS, REST = range(5)  # purposes of a draw
ATTEMPTS = 8  # excluded draws before an exact one


def philox(key: int, counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 (Salmon et al., 2011)."""
    x0, x1, x2, x3 = counter
    k0, k1 = key & WORD, key >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (
            (p1 >> 32) ^ x1 ^ k0,
            p1 & WORD,
            (p0 >> 32) ^ x3 ^ k1,
            p0 & WORD,
        )
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return x0, x1, x2, x3


def draw_bits(
    seed: int, row: int, draw: int, attempt: int, step: int, purpose: int
) -> int:
    """The 64 bits of a draw: half of the block that two neighbours share."""
    kind = row >> 32 | attempt << 16 | purpose << 24
    x0, x1, x2, x3 = philox(seed, (draw // 2, row & WORD, kind, step))
    return x0 | x1 << 32 if draw % 2 == 0 else x2 | x3 << 32


@dataclass
class Law:
    """Alias table (None: uniform) of `weights`, and the masses it draws by."""

    n: int
    table: reference.AliasTable | None = None
    before: list[int] = field(default_factory=list)  # mass below each id, then all

    def __post_init__(self) -> None:
        masses = [reference.COIN] * self.n
        if self.table is not None:
            masses = list(self.table[0])
            for threshold, alias in zip(*self.table, strict=True):
                masses[alias] += reference.COIN - threshold
        self.before = [0, *itertools.accumulate(masses)]

    def pick(self, bits: int) -> int:
        if self.table is None:
            return bits * self.n >> 64
        return reference.alias_draw(self.table, bits)

    def mass(self, i: int) -> int:
        return self.before[i + 1] - self.before[i]

    def share(self, i: int) -> float:
        return self.mass(i) / self.before[-1]

    def rest(self, excluded: set[int]) -> int:
        return self.before[-1] - sum(map(self.mass, excluded))

    def pick_exactly(self, bits: int, excluded: set[int]) -> int:
        """Inverse of the cumulated masses of what is not excluded."""
        wanted = bits * self.rest(excluded) >> 64
        for i in sorted(excluded):
            if wanted >= self.before[i]:
                wanted += self.mass(i)
        return bisect.bisect_right(self.before, wanted) - 1


def weighted(weights: Sequence[float]) -> Law:
    return Law(len(weights), reference.alias_table(weights, 1.0))


def sample_negatives(
    law: Law,
    k: int,
    excluded: Sequence[set[int]],
    seed: int,
    step: int,
    row_ids: Sequence[int],
) -> tuple[np.ndarray, np.ndarray]:
    """Policy "resample": ids and log q."""
    ids, log_q = [], []
    for row, without in zip(row_ids, excluded, strict=True):
        for draw in range(k):
            for attempt in range(ATTEMPTS):
                bits = draw_bits(seed, row, draw, attempt, step, NEGATIVE)
                picked = law.pick(bits)
                if picked not in without:
                    break
            else:
                bits = draw_bits(seed, row, draw, ATTEMPTS, step, NEGATIVE)
                picked = law.pick_exactly(bits, without)
            ids.append(picked)
            log_q.append(math.log(law.mass(picked) / law.rest(without)))
    shape = (len(row_ids), k)
    return np.array(ids).reshape(shape), np.array(log_q).reshape(shape)


def exponential(bits: int) -> float:
    return -math.log(((bits >> 11) + 0.5) * 2**-53)


def draw_distinct(law: Law, n: int, seed: int, step: int) -> tuple[list[int], float]:
    """Ids in the order of arrival and the time of the first that is left out."""
    support = sum(law.mass(i) > 0 for i in range(law.n))
    drawn: list[int] = []
    time = 0.0
    for arrival in range(4 * n + 64):
        if len(drawn) == support:
            return drawn, math.inf
        bits = draw_bits(seed, 0, 2 * arrival, 0, step, ARRIVALS)
        time += exponential(draw_bits(seed, 0, 2 * arrival + 1, 0, step, ARRIVALS))
        picked = law.pick(bits)
        if picked in drawn:
            continue
        if len(drawn) == n:
            return drawn, time
        drawn.append(picked)
    late = sorted(
        (time + exponential(draw_bits(seed, 0, 2 * i, 0, step, REST)) / law.share(i), i)
        for i in range(law.n)
        if law.mass(i) > 0 and i not in drawn
    )
    missing = n - len(drawn)
    tau = late[missing][0] if missing < len(late) else math.inf
    return drawn + [i for _, i in late[:missing]], tau
