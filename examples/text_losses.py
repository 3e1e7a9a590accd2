"""Five losses on the same text: what they learn and how long they take.

    python examples/text_losses.py                      # a generated text, some seconds
    python examples/text_losses.py TEXT --analogies QUESTIONS --pairs PAIRS

Without a path the text is a generated one. Softmax is left out for vocabularies
that are too large for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from sgns import Word2Vec
from sgns.evaluation import analogies, word_pairs

LOSSES = ("softmax", "ns", "hs", "nce", "sampled_softmax")
MOST_SOFTMAX_WORDS = 2_000
COLUMNS = f"{'loss':<16}{'k words/s':>10}{'first':>8}{'last':>8}"


def generated_text(n_sentences: int = 4_000, seed: int = 0) -> list[list[str]]:
    """Sentences about ten topics of twenty words each, and ten words of all topics."""
    rng = np.random.default_rng(seed)
    text = []
    for _ in range(n_sentences):
        topic = rng.integers(10)
        own = [f"topic{topic}_{i}" for i in rng.integers(0, 20, 8)]
        text.append([*own, *[f"common{i}" for i in rng.integers(0, 10, 4)]])
    return text


def topic_share(model: Word2Vec) -> float:
    """Share of the nearest neighbours of topic words that are of the same topic."""
    words = [word for word in model.vocabulary_ if word.startswith("topic")]
    found = [model.wv.most_similar(word, topn=1)[0][0] for word in words]
    same = [
        a.split("_")[0] == b.split("_")[0] for a, b in zip(words, found, strict=True)
    ]
    return float(np.mean(same))


def scores(model: Word2Vec, args: argparse.Namespace) -> str:
    """Return the quality of the vectors as columns of the table."""
    if args.text is None:
        return f"{topic_share(model):>10.1%}"
    columns = []
    if args.analogies:
        result = analogies(model.wv, args.analogies)
        columns.append(f"{result.correct / max(result.covered, 1):>10.2%}")
    columns += [f"{word_pairs(model.wv, path).spearman:>10.3f}" for path in args.pairs]
    return "".join(columns)


def main(argv: Sequence[str] | None = None) -> None:
    """Train with each loss and print a row about it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", help="one sentence a line")
    parser.add_argument("--analogies", help="questions as in questions-words.txt")
    parser.add_argument("--pairs", nargs="*", default=[], help="judged word pairs")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args(argv)
    options = {"epochs": args.epochs, "workers": args.workers, "progress": False}
    corpus: str | list[list[str]] = args.text or generated_text()
    if args.text is None:
        options |= {"vector_size": 16, "sample": 0, "alpha": 0.05}
    print(COLUMNS + "  quality")
    n_words = 0
    for loss in reversed(LOSSES):  # softmax last, when the vocabulary is known
        if loss == "softmax" and n_words > MOST_SOFTMAX_WORDS:
            print(f"{loss:<16}left out: {n_words:,} words")
            continue
        model = Word2Vec(loss=loss, **options).fit(corpus)
        n_words = len(model.vocabulary_)
        speed = np.mean(model.history_["words_per_second"]) / 1e3
        first, last = model.history_["loss"][0], model.history_["loss"][-1]
        row = f"{loss:<16}{speed:>10,.0f}{first:>8.3f}{last:>8.3f}"
        print(row + scores(model, args))


if __name__ == "__main__":
    main()
