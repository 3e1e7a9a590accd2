"""Recommending from very sparse positives: logistic factors and BPR, the same columns.

    python benchmarks/bench_items.py SEQUENCES [--seeds 5]

SEQUENCES has lines "user item item ...": the last item of each user is looked for among
all items that the user has not seen. NDCG@10 and recall@20 of

* demand: the most frequent items;
* logistic: `fit_pairs` on seen pairs and negatives that the user has not seen, drawn
  anew for each epoch;
* BPR (Rendle et al., 2009): a NumPy loop of a batch of triples at a time, with the same
  negatives, columns and epochs;
* implicit's BPR, where that package is installed, with the same columns and epochs. It
  has a bias for each item, as does the BPR here (a column of ones of the users).
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from _machine import describe, headline, print_columns
from sgns import pairs
from sgns import sampling as S

Scores = Callable[[np.ndarray], np.ndarray]
"""Scores of all items, of shape (len(users), n_items), for users."""


@dataclass
class Log:
    """What each user has seen, and the item to be found."""

    users: np.ndarray
    items: np.ndarray
    wanted: np.ndarray
    n_items: int

    @property
    def counts(self) -> np.ndarray:
        return np.bincount(self.items, minlength=self.n_items)


def read(path: Path) -> Log:
    """Users with 3 items or more."""
    with path.open(encoding="utf-8") as lines:
        rows = [row for line in lines if len(row := line.split()[1:]) > 2]
    names = sorted({name for row in rows for name in row})
    ids = {name: i for i, name in enumerate(names)}
    users = np.repeat(np.arange(len(rows)), [len(row) - 1 for row in rows])
    items = np.array([ids[name] for row in rows for name in row[:-1]])
    wanted = np.array([ids[row[-1]] for row in rows])
    return Log(users, items, wanted, len(names))


def judge(log: Log, scores: Scores) -> tuple[float, float]:
    """NDCG@10 and recall@20 of the item of each user; what is seen does not count."""
    n_users = len(log.wanted)
    ranks = np.empty(n_users, np.int64)
    order = np.argsort(log.users, kind="stable")
    ends = np.searchsorted(log.users[order], np.arange(n_users + 1))
    for begin in range(0, n_users, 1000):
        part = np.arange(begin, min(begin + 1000, n_users))
        table = np.array(scores(part), np.float64)
        wanted = table[part - begin, log.wanted[part]].copy()
        seen = order[ends[part[0]] : ends[part[-1] + 1]]
        table[log.users[seen] - begin, log.items[seen]] = -np.inf
        above = (table > wanted[:, None]).sum(axis=1)
        equal = (table == wanted[:, None]).sum(axis=1) - 1
        ranks[part] = above + equal // 2
    gains = np.where(ranks < 10, 1 / np.log2(ranks + 2.0), 0.0)
    return float(gains.mean()), float((ranks < 20).mean())


def sampler(log: Log, k: int, seed: int) -> S.NegativeSampler:
    seen = S.Exclude.pairs(log.users, log.items)
    law = S.Unigram(log.counts, alpha=0.75)
    return S.NegativeSampler(law, k, exclude=seen, seed=seed)


def logistic(log: Log, dim: int, epochs: int, seed: int, k: int = 5) -> Scores:
    negatives = sampler(log, k, seed)
    x, y = [], []
    for epoch in range(epochs):
        drawn = negatives.sample(rows=log.users, step=epoch)
        ids = np.concatenate([log.items[:, None], drawn], axis=1)
        x.append(np.stack([np.repeat(log.users, k + 1), ids.ravel()], axis=1))
        y.append(np.tile(np.eye(k + 1)[0], len(log.users)))
    model = pairs.fit_pairs(
        np.concatenate(x),
        np.concatenate(y),
        n_outputs=log.n_items,
        vector_size=dim,
        alpha=0.1,
        epochs=1,
        seed=seed,
    )
    return lambda users: model.input[users] @ model.output.T


def bpr(
    log: Log, dim: int, epochs: int, seed: int, rate: float = 0.05, decay: float = 0.01
) -> Scores:
    rng = np.random.default_rng(seed)
    u = rng.normal(0, 0.1, (len(log.wanted), dim + 1))
    v = rng.normal(0, 0.1, (log.n_items, dim + 1))
    u[:, -1], v[:, -1] = 1, 0  # the bias of an item
    negatives = sampler(log, 5, seed)
    for epoch in range(epochs):
        drawn = negatives.sample(rows=log.users, step=epoch)
        for column in range(drawn.shape[1]):
            order = rng.permutation(len(log.users))
            for batch in np.array_split(order, max(1, len(order) // 200)):
                a, i, j = log.users[batch], log.items[batch], drawn[batch, column]
                wa, wi, wj = u[a], v[i], v[j]
                error = np.exp(pairs.log_sigmoid(-(wa * (wi - wj)).sum(axis=1)))
                error = error[:, None]
                change = error * (wi - wj) - decay * wa
                change[:, -1] = 0
                np.add.at(u, a, rate * change)
                np.add.at(v, i, rate * (error * wa - decay * wi))
                np.add.at(v, j, rate * (-error * wa - decay * wj))
    return lambda users: u[users] @ v.T


def implicit_bpr(log: Log, dim: int, epochs: int, seed: int) -> Scores:
    import implicit
    from scipy import sparse

    seen = sparse.csr_matrix((np.ones(len(log.users)), (log.users, log.items)))
    model = implicit.cpu.bpr.BayesianPersonalizedRanking(
        factors=dim, iterations=5 * epochs, random_state=seed, num_threads=1
    )
    model.fit(seen, show_progress=False)
    return lambda users: model.user_factors[users] @ model.item_factors.T


def compare(log: Log, dim: int, epochs: int, n_seeds: int) -> list[list[str]]:
    """Rows: how, NDCG@10, recall@20, seconds; mean and deviation of the seeds."""
    ways = {"logistic, fit_pairs": logistic, "BPR, NumPy": bpr}
    if importlib.util.find_spec("implicit"):
        ways["BPR, implicit"] = implicit_bpr
    values = judge(log, lambda users: np.tile(log.counts, (len(users), 1)))
    rows = [["demand", *(f"{value:.4f}" for value in values), "-"]]
    found: dict[str, list[list[float]]] = {name: [] for name in ways}
    for seed in range(n_seeds):
        for name, train in ways.items():
            begin = time.process_time()
            scores = train(log, dim, epochs, seed)
            seconds = time.process_time() - begin
            found[name].append([*judge(log, scores), seconds])
    for name, results in found.items():
        table = np.array(results)
        deviation = table.std(axis=0, ddof=int(n_seeds > 1))
        cells = [
            f"{m:.4f} ± {d:.4f}"
            for m, d in zip(table.mean(axis=0)[:2], deviation[:2], strict=True)
        ]
        rows.append([name, *cells, f"{np.median(table[:, 2]):.1f}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sequences", type=Path)
    parser.add_argument("--dim", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    log = read(args.sequences)
    n_users, n_pairs = len(log.wanted), len(log.users)
    print(headline(describe()))
    share = n_pairs / n_users / log.n_items
    print(
        f"{n_users:,} users, {log.n_items:,} items, {n_pairs:,} pairs ({share:.3%}), "
        f"{args.dim} columns, {args.epochs} epochs of 5 negatives a pair"
    )
    if not importlib.util.find_spec("implicit"):
        print("left out: implicit is not installed: pip install implicit")
    titles = ["how", "NDCG@10", "recall@20", "CPU s"]
    print_columns(titles, compare(log, args.dim, args.epochs, args.seeds))


if __name__ == "__main__":
    main()
