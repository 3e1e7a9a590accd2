"""Metric learning in NumPy: which negatives of a batch are worth training on?

    python examples/metric_learning.py                 # generated features
    python examples/metric_learning.py FEATURES.npz    # arrays "features" and "labels"
    python examples/metric_learning.py --plot mined.png

A linear map to the unit sphere is trained with the margin loss (Wu et al., 2017), one
negative for each pair of a class: random, semi-hard (Schroff et al., 2015) or weighted
by distance. Classes that were not trained on are judged: recall@1, the share of rows
whose nearest other row is of their class (mean ± standard deviation over seeds).

The plot shows how far from their anchors the negatives are that each way chooses.

Then hard negatives 3 : 1, as SSD takes them (Liu et al., 2016), beside 3 random ones
and all of them, for a rare class.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sgns import pairs as P
from sgns import sampling as S

WAYS = ("random", "semihard", "distance_weighted")


def generate(
    n_classes: int = 60, size: int = 20, n_noise: int = 48, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, 16 + n_noise): 16 tell the classes, the louder others do not."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(n_classes), size)
    told = rng.normal(size=(n_classes, 16))[labels]
    told = told + rng.normal(0, 0.5, told.shape)
    noise = rng.normal(0, 1.5, (len(labels), n_noise))
    mixed = np.linalg.qr(rng.normal(size=(16 + n_noise, 16 + n_noise)))[0]
    return np.concatenate([told, noise], axis=1) @ mixed, labels


def embed(features: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors, and the lengths they had."""
    vectors = features @ weights
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths, lengths


def recall_at_1(features: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    vectors, _ = embed(features, weights)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    return float((labels[cosines.argmax(axis=1)] == labels).mean())


def batch_of(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of 12 classes, 4 of each."""
    classes = rng.choice(np.unique(labels), 12, replace=False)
    return np.concatenate(
        [rng.choice(np.flatnonzero(labels == c), 4, replace=False) for c in classes]
    )


def negatives_of(
    how: str, cosines: np.ndarray, same: np.ndarray, pairs: np.ndarray, step: int
) -> np.ndarray:
    """A negative for each pair (anchor, positive), -1 where there is none."""
    anchors, positives = pairs.T
    scores, mask = cosines[anchors], same[anchors]
    options: dict = {"seed": 1, "step": step}
    if how == "semihard":
        options = {"positive": scores[np.arange(len(pairs)), positives]}
    elif how == "distance_weighted":
        options["dim"] = 16
    else:
        how, options["pool"] = "random_top", scores.shape[1]
    return S.mine(scores, 1, mask=mask, how=how, **options)[:, 0]


def gradient(vectors: np.ndarray, pairs: np.ndarray, sign: float) -> np.ndarray:
    """Of the margin loss max(0, 0.2 + sign (d - 1.2)) of pairs of rows, summed."""
    a, b = pairs.T
    difference = vectors[a] - vectors[b]
    distances = np.linalg.norm(difference, axis=1, keepdims=True)
    active = 0.2 + sign * (distances - 1.2) > 0
    moves = sign * active * difference / np.maximum(distances, 1e-12)
    result = np.zeros_like(vectors)
    np.add.at(result, a, moves)
    np.add.at(result, b, -moves)
    return result


def train(
    features: np.ndarray, labels: np.ndarray, how: str, n_steps: int, seed: int = 1
) -> np.ndarray:
    """A map (n_features, 16)."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 1 / np.sqrt(features.shape[1]), (features.shape[1], 16))
    for step in range(n_steps):
        rows = batch_of(labels, rng)
        vectors, lengths = embed(features[rows], weights)
        same = labels[rows][:, None] == labels[rows]
        pairs = np.argwhere(same & ~np.eye(len(rows), dtype=bool))
        chosen = negatives_of(how, vectors @ vectors.T, same, pairs, step)
        apart = np.stack([pairs[:, 0], chosen], axis=1)[chosen >= 0]
        slope = gradient(vectors, pairs, 1.0) + gradient(vectors, apart, -1.0)
        along = (slope * vectors).sum(axis=1, keepdims=True)
        slope = (slope - along * vectors) / lengths  # through the norm
        weights -= 0.5 / len(pairs) * features[rows].T @ slope
    return weights


def detect(n_steps: int = 300, seed: int = 1) -> dict[str, tuple[float, float]]:
    """A logistic detector of a rare class: average precision, and losses a step.

    Each step sees 8 images of 200 boxes, 1 in 100 of them positive.
    """
    result = {}
    for how in ("all", "random 1:3", "hardest 1:3"):
        rng = np.random.default_rng(seed)
        weights, used = np.zeros(21), 0.0
        for step in range(n_steps):
            boxes, labels = images(rng, 8)
            scores = boxes @ weights
            losses = -P.log_sigmoid(np.where(labels, scores, -scores))
            kept = np.ones(labels.shape, bool)
            if how != "all":
                hardness = losses if how == "hardest 1:3" else rng.random(labels.shape)
                columns = S.mine(hardness, 3, how="ratio", labels=labels)
                rows, places = np.nonzero(columns >= 0)
                kept = labels.copy()
                kept[rows, columns[rows, places]] = True
            errors = np.where(kept, 1 / (1 + np.exp(-scores)) - labels, 0)
            moved = np.einsum("bc,bcf->f", errors, boxes) / max(labels.sum(), 1)
            weights -= 0.3 / np.sqrt(1 + step) * moved
            used += kept.sum()
        boxes, labels = images(np.random.default_rng(seed + 1), 200)
        result[how] = average_precision(boxes @ weights, labels), used / n_steps
    return result


def images(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (n, 200, 21) and whether each is positive; one in ten resembles one."""
    labels = rng.random((n, 200)) < 0.01
    alike = ~labels & (rng.random(labels.shape) < 0.1)
    boxes = rng.normal(size=(n, 200, 21))
    boxes[..., 0] += np.where(labels | alike, 3, 0)
    boxes[..., 1] += np.where(labels, 2, 0) - np.where(alike, 1, 0)
    boxes[..., 20] = 1
    return boxes, labels


def average_precision(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the positives of the precision at their rank."""
    hits = labels.ravel()[np.argsort(-scores.ravel())]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def compare(
    features: np.ndarray, labels: np.ndarray, n_steps: int, seed: int = 1
) -> dict[str, float]:
    """Recall@1 of the half of the classes that was not trained on."""
    known = labels < np.median(labels)
    result = {
        "the features": recall_at_1(
            features[~known], labels[~known], np.eye(features.shape[1])
        )
    }
    for how in WAYS:
        weights = train(features[known], labels[known], how, n_steps, seed)
        result[how] = recall_at_1(features[~known], labels[~known], weights)
    return result


def distances_of(
    features: np.ndarray, labels: np.ndarray, how: str, n_steps: int = 50
) -> np.ndarray:
    """Distances of the negatives that an untrained map is given."""
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 1 / np.sqrt(features.shape[1]), (features.shape[1], 16))
    found = []
    for step in range(n_steps):
        rows = batch_of(labels, rng)
        vectors, _ = embed(features[rows], weights)
        cosines = vectors @ vectors.T
        same = labels[rows][:, None] == labels[rows]
        pairs = np.argwhere(same & ~np.eye(len(rows), dtype=bool))
        chosen = negatives_of(how, cosines, same, pairs, step)
        some = chosen >= 0
        found.append(cosines[pairs[some, 0], chosen[some]])
    return np.sqrt(np.maximum(2 - 2 * np.concatenate(found), 0))


def draw(features: np.ndarray, labels: np.ndarray, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="tight")
    for how in WAYS:
        distances = distances_of(features, labels, how)
        axes.hist(distances, 40, range=(0, 2), density=True, histtype="step", label=how)
    axes.set_xlabel("distance of the chosen negative before training")
    axes.legend()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="?", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3, help="2 or more")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="needs matplotlib")
    args = parser.parse_args()
    results: dict[str, list[float]] = {}
    for seed in range(1, args.seeds + 1):
        if args.features is None:
            features, labels = generate(seed=seed)
        else:
            with np.load(args.features) as arrays:
                features, labels = arrays["features"], arrays["labels"]
        for how, value in compare(features, labels, args.steps, seed).items():
            results.setdefault(how, []).append(value)
    print("recall@1 of classes not trained on")
    for how, values in results.items():
        print(f"  {how:18s} {np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}")
    print("a rare class among boxes: average precision, losses used a step")
    for how, (value, used) in detect().items():
        print(f"  {how:18s} {value:.3f} {used:7.0f}")
    if args.plot is not None:
        draw(features, labels, args.plot)


if __name__ == "__main__":
    main()
