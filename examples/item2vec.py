"""Vectors for items: a basket is a sentence, an item is a word.

    python examples/item2vec.py                    # generated baskets
    python examples/item2vec.py SEQUENCES          # lines "user item item ..."
    python examples/item2vec.py --plot items.png

The order within a basket does not matter, so the window spans all of it (Barkan and
Koenigstein, 2016). The last item of each basket is left out and looked for among 20
recommended ones (recall@20), beside the 20 most frequent items. Items that are in the
basket already are not recommended; one that nobody else has counts as missed.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np

from sgns import Word2Vec

Baskets = list[list[str]]

K = 20
"""Recommended items."""


def read(path: Path) -> Baskets:
    """Return the items of each line "user item item ..."."""
    with path.open(encoding="utf-8") as lines:
        return [line.split()[1:] for line in lines if line.strip()]


def generate(n_baskets: int = 4000, n_items: int = 600, seed: int = 1) -> Baskets:
    """Baskets of people with two of 30 tastes; items of a taste are skewed in demand.

    One item in five is a whim: any item, the popular ones more often.
    """
    rng = np.random.default_rng(seed)
    taste_of = np.arange(n_items) % 30
    demand = 1 / np.arange(1, n_items + 1) ** 0.8
    laws = np.stack([np.where(taste_of == taste, demand, 0) for taste in range(30)])
    laws /= laws.sum(axis=1, keepdims=True)
    whim = demand / demand.sum()
    baskets = []
    for size in rng.integers(4, 13, n_baskets):
        first, second = rng.choice(30, 2, replace=False)
        law = 0.8 * (laws[first] + laws[second]) / 2 + 0.2 * whim
        baskets.append(rng.choice(n_items, size, replace=False, p=law).astype(str))
    return [basket.tolist() for basket in baskets]


def split(baskets: Baskets, least: int = 3) -> tuple[Baskets, list[str]]:
    """What is trained on, and the last item of each basket that has `least` items."""
    long = [basket for basket in baskets if len(basket) >= least]
    return [basket[:-1] for basket in long], [basket[-1] for basket in long]


def train(baskets: Baskets, epochs: int = 20, workers: int | None = 1) -> Word2Vec:
    """Skip-gram over whole baskets; every item keeps its place in the vocabulary.

    Each pair has negatives of its own: a set shared by all pairs of a centre would be
    pushed as many times at once as the basket has items.
    """
    model = Word2Vec(
        vector_size=64,
        window=None,
        min_count=1,
        sample=1e-3,
        negative_sharing="pair",
        epochs=epochs,
        alpha=0.05,
        workers=workers,
        progress=False,
    )
    return model.fit(baskets)


def recall(
    unit: np.ndarray | None,
    baskets: Baskets,
    left_out: list[str],
    ids: dict[str, int],
    counts: np.ndarray,
) -> float:
    """Share of baskets whose left-out item is among the K best.

    `unit` are the unit vectors of the items, shape (n, d): an item's score is its
    cosine with the sum of the basket. None scores by `counts`.
    """
    found = 0
    for begin in range(0, len(baskets), 1000):
        part = baskets[begin : begin + 1000]
        rows = np.repeat(np.arange(len(part)), [len(basket) for basket in part])
        items = np.array([ids[item] for basket in part for item in basket])
        if unit is None:
            scores = np.tile(counts.astype(np.float64), (len(part), 1))
        else:
            sums = np.zeros((len(part), unit.shape[1]), np.float32)
            np.add.at(sums, rows, unit[items])
            scores = sums @ unit.T
        scores[rows, items] = -np.inf
        best = np.argpartition(-scores, K - 1, axis=1)[:, :K]
        wanted = [ids.get(item, -1) for item in left_out[begin : begin + 1000]]
        found += int((best == np.array(wanted)[:, None]).any(axis=1).sum())
    return found / len(baskets)


def compare(
    baskets: Baskets, epochs: int = 20, workers: int | None = 1
) -> tuple[dict[str, float], Word2Vec]:
    """Recall of the most frequent items and of the vectors, and the model."""
    known, left_out = split(baskets)
    model = train(known, epochs, workers)
    ids = {item: number for number, item in enumerate(model.wv)}
    frequency = Counter(item for basket in known for item in basket)
    counts = np.array([frequency[item] for item in ids])
    vectors = np.array([model.wv[item] for item in ids])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    result = {
        "most frequent": recall(None, known, left_out, ids, counts),
        "item2vec": recall(unit, known, left_out, ids, counts),
    }
    return result, model


def draw(model: Word2Vec, path: Path, n: int = 300) -> None:
    """Draw the most frequent items by their two first principal components."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    items = list(model.wv)[:n]
    vectors = np.array([model.wv[item] for item in items])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    centred = vectors - vectors.mean(axis=0)
    x, y = (centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T).T
    figure, axes = plt.subplots(figsize=(7, 7))
    axes.scatter(x, y, s=60 / np.sqrt(1 + np.arange(len(items))))
    for item, left, low in list(zip(items, x, y, strict=True))[:40]:
        axes.annotate(item, (left, low), fontsize=7)
    axes.set_title(f"the {len(items)} most frequent items")
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sequences", nargs="?", type=Path)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1, help="1: the same every time")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="needs matplotlib")
    args = parser.parse_args()
    baskets = generate() if args.sequences is None else read(args.sequences)
    begin = time.perf_counter()
    result, model = compare(baskets, args.epochs, args.workers)
    print(f"{len(baskets)} baskets, {len(list(model.wv))} items")
    for name, value in result.items():
        print(f"recall@{K} {name:14s} {value:.3f}")
    print(f"{time.perf_counter() - begin:.1f} s")
    if args.plot is not None:
        draw(model, args.plot)


if __name__ == "__main__":
    main()
