"""Draw ids with sgns.sampling, NumPy and torch: speed and correctness in one table.

    python benchmarks/bench_sampling.py [--n 100000 1000000 10000000] [--json FILE]

Weights are rank**-0.75. Every figure is the best of several repetitions, one thread
unless the row says otherwise, so that a busy machine disturbs it least.

* ns/draw: seconds of a call over its draws, the table being made before;
* ratio: how many times longer than sgns in the same block;
* chi2 p: of the drawn ids against the law, in 1,000 cells of equal mass; below 1e-4 the
  program draws from another law;
* excluded: share of the drawn ids that the row excludes;
* asked: what this row has to reach on a quiet machine.

NumPy is measured in three ways: `Generator.choice(p=)`, which makes its cumulative sums
at every call; `searchsorted` in cumulative sums made before; and an alias table with
vectorised look-ups. torch.multinomial refuses more than 2**24 categories.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sgns import _core
from sgns import sampling as S

CELLS = 1000
ASKED = {
    ("sgns Weights.sample", 2_000_000): "<= 5 ns/draw",
    ("numpy Generator.choice", 5_120): "ratio >= 100",
    ("numpy Generator.choice", 2_000_000): "ratio >= 30",
    ("torch.multinomial, float64", 5_120): "ratio >= 40",
    ("torch.multinomial, float64", 2_000_000): "ratio >= 40",
}
"""Of a million categories: by program and number of draws."""
Rows = list[dict[str, Any]]


def best_seconds(call: Callable[[], Any], budget: float = 0.5) -> float:
    """Least seconds of a call within a budget, at least three calls."""
    best, spent, calls = float("inf"), 0.0, 0
    while calls < 3 or spent < budget:
        start = time.perf_counter()
        call()
        seconds = time.perf_counter() - start
        best, spent, calls = min(best, seconds), spent + seconds, calls + 1
        if spent > 20 * budget:
            break
    return best


def chi_squared_p(drawn: np.ndarray, p: np.ndarray) -> float:
    """P-value with the Wilson-Hilferty approximation, so that SciPy is not needed."""
    middle = np.cumsum(p) - p / 2
    cell = np.minimum((middle * CELLS).astype(int), CELLS - 1)
    seen = np.bincount(cell[drawn.ravel()], minlength=CELLS)
    expected = np.bincount(cell, p, minlength=CELLS) * drawn.size
    used = expected > 0
    statistic = float(((seen - expected)[used] ** 2 / expected[used]).sum())
    freedom = int(used.sum()) - 1
    spread = 2 / (9 * freedom)
    normal = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5
    # Upper tail of the normal distribution.
    from math import erfc, sqrt

    return erfc(normal / sqrt(2)) / 2


class NumpyAlias:
    """The alias method with NumPy's vectorised look-ups; the table is that of sgns."""

    def __init__(self, weights: np.ndarray) -> None:
        whole = np.rint(weights / weights.max() * 1e12).astype(np.int64)
        thresholds, self.alias = _core.alias_table(whole, 1.0)
        self.coin = thresholds / 2**32

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        slot = rng.integers(0, len(self.coin), size, dtype=np.int32)
        return np.where(rng.random(size) < self.coin[slot], slot, self.alias[slot])


def bulk(n: int, size: int) -> Rows:
    """Programs drawing `size` ids from n weighted categories."""
    weights = np.arange(1, n + 1, dtype=np.float64) ** -0.75
    p = weights / weights.sum()
    rng = np.random.default_rng(1)
    law, alias, cumulated = S.Weights(weights), NumpyAlias(weights), np.cumsum(p)
    out = np.empty(size, np.int32)
    programs: dict[str, Callable[[], np.ndarray]] = {
        "sgns Weights.sample": lambda: law.sample(out=out, seed=1, workers=1),
        "sgns, all threads": lambda: law.sample(out=out, seed=1),
        "numpy Generator.choice": lambda: rng.choice(n, size, p=p),
        "numpy searchsorted": lambda: np.searchsorted(cumulated, rng.random(size)),
        "numpy alias table": lambda: alias.sample(rng, size),
    }
    if importlib.util.find_spec("torch") and n < 2**24:
        import torch

        torch.set_num_threads(1)
        tensor = torch.from_numpy(weights)
        programs["torch.multinomial, float64"] = lambda: torch.multinomial(
            tensor, size, replacement=True
        ).numpy()
    rows: Rows = []
    for name, call in programs.items():
        budget = 0.5 if name.startswith("sgns") else 0.05
        rows.append(
            {
                "what": f"V = {n:,}, {size:,} draws",
                "program": name,
                "ns/draw": best_seconds(call, budget) / size * 1e9,
                "chi2 p": chi_squared_p(call(), p) if size >= 100_000 else None,
            }
        )
    for row in rows:
        row["ratio"] = row["ns/draw"] / rows[0]["ns/draw"]
        row["asked"] = ASKED.get((row["program"], size)) if n == 10**6 else None
    return rows


def excluding(n: int, n_users: int, n_seen: int) -> Rows:
    """Five negatives for each of 20,000 random users, who have seen `n_seen` items."""
    law = S.Weights(np.arange(1, n + 1, dtype=np.float64) ** -0.75)
    seen_ids = law.sample((n_users, n_seen), seed=5)
    seen = S.Exclude.csr(np.arange(n_users + 1) * n_seen, seen_ids.ravel())
    users = np.random.default_rng(2).integers(0, n_users, 20_000)
    out = np.empty((len(users), 5), np.int32)
    keys = np.unique((np.arange(n_users)[:, None] * n + seen_ids).ravel())
    rows: Rows = []
    for policy in ("allow", "resample"):
        neg = S.NegativeSampler(law, 5, exclude=seen, policy=policy, workers=1)
        step = iter(range(10**9))
        call = lambda neg=neg, step=step: neg.sample(users, step=next(step), out=out)  # noqa: E731
        seconds = best_seconds(call)
        hit = np.isin(users[:, None] * n + out, keys).mean()
        rows.append(
            {
                "what": f"V = {n:,}, {n_users:,} users with {n_seen} seen",
                "program": f"sgns policy={policy!r}",
                "ns/draw": seconds / out.size * 1e9,
                "excluded": hit,
                "asked": "<= 25 ns/draw, 0 excluded" if policy == "resample" else None,
            }
        )
    return rows


def against_loop(n: int, n_pairs: int) -> Rows:
    """Five negatives a pair, none of them its context, as tutorials draw them."""
    weights = np.arange(1, n + 1, dtype=np.float64) ** -0.75
    p = weights / weights.sum()
    contexts = np.random.default_rng(3).choice(n, n_pairs, p=p)

    def loop() -> list[list[int]]:
        drawn: list[list[int]] = []
        for context in contexts:
            negatives: list[int] = []
            while len(negatives) < 5:
                word = np.random.choice(n, p=p)
                if word != context:
                    negatives.append(word)
            drawn.append(negatives)
        return drawn

    neg = S.NegativeSampler(S.Weights(weights), 5, workers=1)
    programs: dict[str, Callable[[], Any]] = {
        "sgns NegativeSampler": lambda: neg.sample(positives=contexts),
        "loop with np.random.choice": loop,
    }
    rows: Rows = [
        {
            "what": f"V = {n:,}, five negatives for each of {n_pairs:,} pairs",
            "program": name,
            "ns/draw": best_seconds(call, 0.05) / n_pairs / 5 * 1e9,
        }
        for name, call in programs.items()
    ]
    rows[1]["ratio"] = rows[1]["ns/draw"] / rows[0]["ns/draw"]
    rows[1]["asked"] = "ratio >= 50"
    return rows


def once() -> Rows:
    """Costs that are not those of a draw."""
    neg = S.NegativeSampler(S.Uniform(1000), 5, workers=1)
    row = np.zeros(1, np.int64)
    out = np.empty((1, 5), np.int32)
    rows: Rows = []
    for name, call in (
        ("call for one row", lambda: neg.sample(row)),
        ("call for one row into out", lambda: neg.sample(row, out=out)),
    ):
        seconds = best_seconds(lambda call=call: [call() for _ in range(1000)], 0.2)
        rows.append({"what": name, "program": "sgns", "ns": seconds * 1e6})
    for n in (10**6, 10**7):
        weights = np.arange(1, n + 1, dtype=np.float64) ** -0.75
        seconds = best_seconds(lambda weights=weights: S.Weights(weights), 1.0)
        what = {"what": f"Weights of {n:,}", "program": "sgns", "ns": seconds * 1e9}
        rows.append(what | {"asked": "<= 500,000,000 ns" if n == 10**7 else None})
    return rows


def table(rows: Rows) -> str:
    """The rows as a Markdown table."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in rows:
        cells = []
        for column in columns:
            value = row.get(column)
            is_float = isinstance(value, float)
            text = f"{value:,.4g}" if is_float and value < 1e4 else None
            text = text or (f"{value:,.0f}" if is_float else str(value or ""))
            cells.append(text)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, {_core.kernel_name()}")
    rows: Rows = []
    for n in args.n:
        rows += bulk(n, 5120)
        rows += bulk(n, 2_000_000)
    for n_users in (1000, 10_000, 100_000):
        rows += excluding(10**6, n_users, 100)
    rows += against_loop(10_000, 1000)
    rows += once()
    print(table(rows))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
