"""Classify texts: word vectors and their means, in a scikit-learn pipeline.

    python examples/classify_text.py [FILE]

FILE has a label, a tab and a text in each line; without one, a small text is generated.
The unlabelled words of the training texts are all that the vectors are made of. Prints
the accuracy on a held-out part, beside that of a bag of words.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sgns import Word2Vec

TOPICS = ("food", "music", "sport")


def generate(n: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Texts of ten words, half of them of their topic, the others of any."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(TOPICS, n).tolist()
    texts = []
    for label in labels:
        own = [f"{label}{i}" for i in rng.integers(0, 60, 5)]
        common = [f"word{i}" for i in rng.integers(0, 60, 5)]
        texts.append(" ".join(rng.permutation(own + common)))
    return texts, labels


def read(path: Path) -> tuple[list[str], list[str]]:
    """Return texts and labels of a file of lines ``label <tab> text``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t", 1) for line in lines if "\t" in line]
    return [text for _, text in pairs], [label for label, _ in pairs]


def tokens(texts: Sequence[str]) -> list[list[str]]:
    """Lower-case words of each text."""
    return [text.lower().split() for text in texts]


def accuracies(
    texts: list[str], labels: list[str], seed: int = 1, epochs: int = 20
) -> dict[str, float]:
    """Share of held-out texts that each pipeline labels right."""
    vectors = {
        pooling: make_pipeline(
            FunctionTransformer(tokens),
            Word2Vec(
                vector_size=50,
                min_count=2,
                epochs=epochs,
                alpha=0.05,
                pooling=pooling,
                seed=seed,
                workers=1,
            ),
            StandardScaler(),
            LogisticRegression(max_iter=1000),
        )
        for pooling in ("mean", "sif")
    }
    bag = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1000))
    train, test, y_train, y_test = train_test_split(
        texts, labels, test_size=0.5, random_state=seed
    )
    pipelines = {**vectors, "bag of words": bag}
    return {
        name: float(pipeline.fit(train, y_train).score(test, y_test))
        for name, pipeline in pipelines.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path)
    path = parser.parse_args().file
    texts, labels = generate(600) if path is None else read(path)
    for name, accuracy in accuracies(texts, labels).items():
        print(f"{name:12s} {100 * accuracy:5.1f} %")


if __name__ == "__main__":
    main()
