"""Two towers in NumPy: which negatives teach the vectors that find items?

    python examples/two_tower.py                   # generated clicks, 5 seeds
    python examples/two_tower.py SEQUENCES         # lines "user item item ..."
    python examples/two_tower.py --plot towers.png

A tower makes a vector of a user, another one of an item; their dot product ranks the
catalogue. Three questions are asked, each of several seeds (mean ± standard deviation):

Negatives from the batch (Yi et al., 2019): what do the correction by log q and a larger
batch change? The batches are equally many, whatever their size.

Negatives from recent batches (Wang et al., 2021): how near does a memory queue bring a
small batch to a large one? Here a linear map makes the vectors of items from features;
with a vector for each item, as above, the queue changes nothing.
The queue is used when the map has become stable, and for the users alone: as its
vectors get no gradient, the items of the batch would be drawn to the users more than
they are pushed away.

Negatives from the catalogue or from what was shown and not clicked? A log is simulated:
an earlier program shows each user the items that it finds best, the user clicks some.
Whether the new vectors find the best of all items is one thing, whether they tell the
clicked from the other shown items another.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sgns import sampling as S

K = 20
"""Items that are found for a user."""

Negatives = Callable[[np.ndarray, int], np.ndarray]
Results = dict[str, np.ndarray]


class Tower:
    """Vectors of rows: a linear map of features, or a table without any (Adagrad)."""

    def __init__(
        self, n: int, dim: int, seed: int, features: np.ndarray | None = None
    ) -> None:
        shape = (n if features is None else features.shape[1], dim)
        self.features = features
        self.weights = np.random.default_rng(seed).normal(0, 0.1, shape)
        self.squares = np.full(shape, 1e-6)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        if self.features is None:
            return self.weights[rows]
        return self.features[rows] @ self.weights

    def learn(self, rows: np.ndarray, gradients: np.ndarray, rate: float) -> None:
        """One step down the gradients of shape (len(rows), dim); rows may repeat."""
        if self.features is None:
            used, places = np.unique(rows, return_inverse=True)
            change = np.zeros((len(used), gradients.shape[1]))
            np.add.at(change, places, gradients)
        else:
            used, change = slice(None), self.features[rows].T @ gradients
        self.squares[used] += change * change
        self.weights[used] -= rate * change / np.sqrt(self.squares[used])


@dataclass
class Clicks:
    """Pairs to learn from, and pairs to find."""

    users: np.ndarray
    items: np.ndarray
    n_items: int
    test_users: np.ndarray
    test_items: np.ndarray
    features: np.ndarray | None  # of all users, None: a vector for each user
    item_features: np.ndarray | None = None  # likewise


def softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def errors_of(logits: np.ndarray) -> np.ndarray:
    """Probabilities of the columns; that of the positive, column i of row i, less 1."""
    errors = softmax(logits)
    np.fill_diagonal(errors, errors.diagonal() - 1)
    return errors


# Negatives from the batch -------------------------------------------------------------


def draw_items(scores: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """n items of each row by the softmax of its scores, of shape (rows * n,)."""
    sums = softmax(scores).cumsum(axis=1)
    rows = np.repeat(np.arange(len(sums)), n)
    units = rng.random(len(rows)) * sums[rows, -1]
    return np.array(
        [np.searchsorted(sums[row], u) for row, u in zip(rows, units, strict=True)]
    )


def as_clicks(
    tastes: np.ndarray,
    scores: np.ndarray,
    n: int,
    rng: np.random.Generator,
    item_features: np.ndarray | None = None,
) -> Clicks:
    """n clicks of each user; the last fifth of the users is not trained on."""
    n_users, n_items = scores.shape
    users, items = np.repeat(np.arange(n_users), n), draw_items(scores, n, rng)
    order = rng.permutation(len(users))
    users, items = users[order], items[order]
    old = users < n_users * 4 // 5
    features = np.concatenate([np.ones((n_users, 1)), tastes], axis=1)
    return Clicks(
        users[old],
        items[old],
        n_items,
        users[~old],
        items[~old],
        features,
        item_features,
    )


def generate(n_users: int = 3000, n_items: int = 500, seed: int = 1) -> Clicks:
    """Ten clicks of each user; item i by exp(taste · kind_i) times its demand."""
    rng = np.random.default_rng(seed)
    tastes = rng.normal(size=(n_users, 8))
    kinds = rng.normal(0, 0.7, size=(n_items, 8))
    demand = rng.permutation(-1.2 * np.log(np.arange(1, n_items + 1)))
    return as_clicks(tastes, tastes @ kinds.T + demand, 10, rng)


def generate_described(
    n_users: int = 2000, n_items: int = 2000, seed: int = 1
) -> Clicks:
    """Five clicks of each user; 24 features of a user fit to 24 others of an item."""
    rng = np.random.default_rng(seed)
    tastes, kinds = (rng.normal(size=(n, 24)) for n in (n_users, n_items))
    fit = rng.normal(0, 2 / np.sqrt(24), size=(24, 24))
    demand = rng.permutation(-0.8 * np.log(np.arange(1, n_items + 1)))
    return as_clicks(tastes, tastes @ fit @ kinds.T + demand, 5, rng, kinds)


def read(path: Path, seed: int = 1) -> Clicks:
    """Lines "user item item ...": the last item of each user is to be found."""
    with path.open(encoding="utf-8") as lines:
        rows = [row for line in lines if len(row := line.split()[1:]) > 2]
    ids = {item: i for i, item in enumerate(sorted({i for row in rows for i in row}))}
    users = np.repeat(np.arange(len(rows)), [len(row) - 1 for row in rows])
    items = np.array([ids[item] for row in rows for item in row[:-1]])
    order = np.random.default_rng(seed).permutation(len(users))
    last = np.array([ids[row[-1]] for row in rows])
    return Clicks(
        users[order], items[order], len(ids), np.arange(len(rows)), last, None
    )


@dataclass(frozen=True)
class Batches:
    """How the negatives of a batch are made."""

    size: int
    log_q: str = "counts"  # "none", "counts" or "stream", by FrequencyEstimator
    queue: int = 0
    warm_up: float = 0.1  # share of the steps before the queue is used


def towers_of(clicks: Clicks, dim: int, seed: int) -> tuple[Tower, Tower]:
    n_users = int(max(clicks.users.max(), clicks.test_users.max())) + 1
    return (
        Tower(n_users, dim, 2 * seed, clicks.features),
        Tower(clicks.n_items, dim, 2 * seed + 1, clicks.item_features),
    )


def train_in_batch(
    clicks: Clicks, how: Batches, n_steps: int, seed: int, dim: int = 16
) -> tuple[Tower, Tower, list[float]]:
    """The towers, and how far the vectors of a batch have moved 10 steps later."""
    user_tower, item_tower = towers_of(clicks, dim, seed)
    frequency = S.FrequencyEstimator(clicks.n_items, alpha=0.05, start=50)
    counts = S.Unigram(np.bincount(clicks.items, minlength=clicks.n_items), alpha=1)
    law = {"counts": counts, "stream": frequency}.get(how.log_q)
    queue = S.MemoryQueue(max(how.queue, 1), dim)
    rng = np.random.default_rng(seed)
    drift: list[float] = []
    watched = clicks.items[: how.size], item_tower(clicks.items[: how.size])
    for step in range(1, n_steps + 1):
        chosen = rng.integers(len(clicks.users), size=how.size)
        users, items = clicks.users[chosen], clicks.items[chosen]
        frequency.update(items, step)
        u, v = user_tower(users), item_tower(items)
        log_q = np.zeros(how.size) if law is None else law.log_prob(items)
        errors = of_users = errors_of(S.in_batch(u @ v.T, items, log_q))
        vectors = v
        if how.queue and step > how.warm_up * n_steps:
            vectors = np.concatenate([v, queue.vectors])
            ids = np.concatenate([items, queue.ids])
            both = np.concatenate([log_q, queue.log_q])
            of_users = errors_of(S.in_batch(u @ vectors.T, ids, both))
        if how.queue:
            queue.push(items, v, log_q)
        rate = 0.1 * (1 - step / n_steps)
        user_tower.learn(users, of_users @ vectors / how.size, rate)
        item_tower.learn(items, errors.T @ u / how.size, rate)
        if step % 10 == 0:
            moved = np.linalg.norm(item_tower(watched[0]) - watched[1], axis=1)
            drift.append(float(moved.mean() / np.linalg.norm(v, axis=1).mean()))
            watched = items, item_tower(items)
    return user_tower, item_tower, drift


def recall(user_tower: Tower, item_tower: Tower, clicks: Clicks) -> float:
    """Share of the pairs to find whose item is among the K best of its user."""
    vectors = item_tower(np.arange(clicks.n_items))
    found = 0
    for begin in range(0, len(clicks.test_users), 2000):
        part = slice(begin, begin + 2000)
        scores = user_tower(clicks.test_users[part]) @ vectors.T
        best = np.argpartition(-scores, K - 1, axis=1)[:, :K]
        found += int((best == clicks.test_items[part, None]).any(axis=1).sum())
    return found / len(clicks.test_users)


BATCHES = {
    "batch 8, no correction": Batches(8, "none"),
    "batch 8, log q of the stream": Batches(8, "stream"),
    "batch 8, log q of counts": Batches(8),
    "batch 8, queue of 248": Batches(8, queue=248),
    "batch 128, log q of the stream": Batches(128, "stream"),
    "batch 128, log q of counts": Batches(128),
}
QUEUES = {
    "batch 8": Batches(8),
    "batch 8, queue of 248": Batches(8, queue=248),
    "batch 256": Batches(256),
}


def compare_batches(
    clicks_of: Callable[[int], Clicks],
    ways: dict[str, Batches],
    n_seeds: int,
    n_steps: int,
    dim: int = 16,
) -> tuple[Results, np.ndarray]:
    """Recall of each way and seed, and the mean drift of vectors in batches of 8."""
    results: Results = {name: np.empty(n_seeds) for name in ways}
    drifts = []
    for seed in range(n_seeds):
        clicks = clicks_of(seed)
        for name, how in ways.items():
            *towers, drift = train_in_batch(clicks, how, n_steps, seed, dim)
            results[name][seed] = recall(*towers, clicks)
            if how == Batches(8):
                drifts.append(drift)
    return results, np.mean(drifts, axis=0)


# Negatives from a log -----------------------------------------------------------------


@dataclass
class Log:
    """What an earlier program showed, and what was clicked."""

    features: np.ndarray  # of users, (n_users, f)
    liking: np.ndarray  # log odds of a click if shown, (n_users, n_items)
    shown: np.ndarray  # (n_users, n_shown)
    clicked: np.ndarray  # bool, like shown
    n_known: int  # users that are trained on, the first


def simulate(n_users: int = 2000, n_items: int = 1000, seed: int = 1) -> Log:
    """Each user is shown the 30 best of a program that knows the liking with noise."""
    rng = np.random.default_rng(seed)
    tastes = rng.normal(size=(n_users, 8))
    liking = tastes @ rng.normal(0, 0.7, size=(8, n_items))
    guess = liking + rng.normal(0, 1, liking.shape)
    shown = np.argpartition(-guess, 29, axis=1)[:, :30]
    odds = np.take_along_axis(liking, shown, axis=1) - 5
    clicked = rng.random(shown.shape) < 1 / (1 + np.exp(-odds))
    features = np.concatenate([np.ones((n_users, 1)), tastes], axis=1)
    return Log(features, liking, shown, clicked, n_users * 4 // 5)


def sources(log: Log, k: int, seed: int) -> dict[str, Callable[..., np.ndarray]]:
    """Ways to get negatives of shape (B, k) for users at a step."""
    users, places = np.nonzero(log.clicked)
    clicked = S.Exclude.pairs(users, log.shown[users, places])
    anything = S.Uniform(log.liking.shape[1])
    sampler = S.NegativeSampler(anything, k, exclude=clicked, seed=seed)

    def random(users: np.ndarray, step: int) -> np.ndarray:
        return sampler.sample(rows=users, step=step)

    def shown(users: np.ndarray, step: int) -> np.ndarray:
        same = np.zeros(log.shown[users].shape)
        columns = S.mine(
            same,
            k,
            mask=log.clicked[users],
            how="random_top",
            pool=log.shown.shape[1],
            seed=seed,
            step=step,
        )
        return np.take_along_axis(log.shown[users], columns, axis=1)

    def both(users: np.ndarray, step: int) -> np.ndarray:
        half = k // 2
        return np.concatenate(
            [random(users, step)[:, half:], shown(users, step)[:, :half]], axis=1
        )

    return {"random": random, "shown, not clicked": shown, "half of each": both}


def train_on_log(
    log: Log, negatives: Negatives, n_steps: int, seed: int, dim: int = 16
) -> tuple[Tower, Tower]:
    """Softmax of a clicked item against its negatives, 64 clicks a step."""
    n_users, n_items = log.liking.shape
    user_tower = Tower(n_users, dim, 2 * seed, log.features)
    item_tower = Tower(n_items, dim, 2 * seed + 1)
    rng = np.random.default_rng(seed)
    clicks, places = np.nonzero(log.clicked[: log.n_known])
    for step in range(n_steps):
        chosen = rng.integers(len(clicks), size=64)
        users = clicks[chosen]
        positives = log.shown[users, places[chosen]]
        ids = np.concatenate([positives[:, None], negatives(users, step)], axis=1)
        u, v = user_tower(users), item_tower(ids)
        errors = softmax(np.einsum("bd,bkd->bk", u, v)) / len(users)
        errors[:, 0] -= 1 / len(users)
        user_tower.learn(users, np.einsum("bk,bkd->bd", errors, v), rate=0.1)
        moves = errors[:, :, None] * u[:, None]
        item_tower.learn(ids.ravel(), moves.reshape(-1, dim), rate=0.1)
    return user_tower, item_tower


def judge(log: Log, user_tower: Tower, item_tower: Tower) -> tuple[float, float]:
    """Recall of the K best items and AUC of the shown ones, of users held out."""
    users = np.arange(log.n_known, len(log.liking))
    scores = user_tower(users) @ item_tower(np.arange(log.liking.shape[1])).T
    best, found = (
        np.argsort(-table, axis=1)[:, :K] for table in (log.liking[users], scores)
    )
    hits = (best[:, :, None] == found[:, None]).any(axis=2).mean()
    of_shown = np.take_along_axis(scores, log.shown[users], axis=1)
    clicked = log.clicked[users]
    pairs = clicked[:, :, None] & ~clicked[:, None]
    right = of_shown[:, :, None] > of_shown[:, None]
    return float(hits), float(right[pairs].mean())


def compare_sources(
    n_seeds: int, n_steps: int, **sizes: int
) -> tuple[Results, Results]:
    """Recall over the catalogue and AUC over what was shown, of each source."""
    found: Results = {}
    order: Results = {}
    for seed in range(n_seeds):
        log = simulate(seed=seed, **sizes)
        for name, negatives in sources(log, 8, seed).items():
            towers = train_on_log(log, negatives, n_steps, seed)
            for table, value in zip((found, order), judge(log, *towers), strict=True):
                table.setdefault(name, np.empty(n_seeds))[seed] = value
    return found, order


def table_of(results: Results) -> str:
    return "\n".join(
        f"  {name:32s} {values.mean():.3f} ± {values.std(ddof=len(values) > 1):.3f}"
        for name, values in results.items()
    )


def draw(tables: dict[str, Results], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(tables), figsize=(15, 4), layout="tight")
    for axes, (title, results) in zip(panels, tables.items(), strict=True):
        deviations = [values.std() for values in results.values()]
        means = [values.mean() for values in results.values()]
        axes.bar(list(results), means, yerr=deviations, capsize=4)
        axes.set_title(title)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sequences", nargs="?", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="needs matplotlib")
    args = parser.parse_args()

    def clicks_of(seed: int) -> Clicks:
        if args.sequences is None:
            return generate(seed=seed)
        return read(args.sequences, seed)

    results, _ = compare_batches(clicks_of, BATCHES, args.seeds, args.steps)
    print(f"Negatives from the batch: recall@{K} of clicks not trained on")
    print(table_of(results))
    queues, drift = compare_batches(
        lambda seed: generate_described(seed=seed), QUEUES, args.seeds, args.steps, 24
    )
    print(f"\nNegatives from recent batches, items with features: recall@{K}")
    print(table_of(queues))
    few, queue, many = (values.mean() for values in queues.values())
    print(f"  the queue closes {(queue - few) / (many - few):.0%} of the gap")
    moves = [drift[int(share * (len(drift) - 1))] for share in (0, 0.1, 1)]
    shown = ", ".join(f"{value:.3f}" for value in moves)
    print(f"  move of item vectors in 10 steps: start, warm-up, end: {shown}")
    found, order = compare_sources(args.seeds, args.steps)
    print(f"\nNegatives from a log: recall@{K} over the whole catalogue")
    print(table_of(found))
    print("The same vectors: clicked above other shown items (AUC)")
    print(table_of(order))
    gap = found["random"] - found["shown, not clicked"]
    print(f"random above shown in {int((gap > 0).sum())} of {len(gap)} seeds")
    print(
        "An earlier program had chosen what was shown. As the only negatives these\n"
        "never compare a clicked item with the rest of the catalogue, whose scores\n"
        f"are left to chance (recall {K / 1000:.3f}): retrieval needs random negatives."
    )
    if args.plot is not None:
        tables = {
            f"recall@{K}, recent batches": queues,
            f"recall@{K}, negatives from a log": found,
            "AUC over what was shown": order,
        }
        draw(tables, args.plot)


if __name__ == "__main__":
    main()
