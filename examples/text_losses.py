"""The losses on the same text: what they learn and how long they take.

    python examples/text_losses.py                      # a generated text, some seconds
    python examples/text_losses.py TEXT --analogies QUESTIONS --pairs PAIRS

Without a path the text is a generated one. "ratio" is the speed beside that of ns, "a
target" the same for equal numbers of targets: rows that a word is scored against.
Losses of one row are of one kind: those of different rows cannot be compared. Softmax
is left out for vocabularies that are too large for it; `--min-count` makes them small.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from sgns import Word2Vec
from sgns.evaluation import analogies, word_pairs

WAYS = {
    "ns": {},
    "nce": {},
    "nce+bias": {"loss": "nce", "output_bias": True},
    "sampled_softmax": {},
    "hs": {},
    "softmax": {},
}
MOST_SOFTMAX_WORDS = 2_000
TITLES = ("k words/s", "ratio", "targets", "a target", "first", "last")


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
        result = analogies(model.wv, args.analogies, most_frequent=30_000)
        columns.append(f"{result.accuracy:>10.2%}")
    columns += [f"{word_pairs(model.wv, path).spearman:>10.3f}" for path in args.pairs]
    return "".join(columns)


def targets(model: Word2Vec, loss: str) -> float:
    """Return how many output rows a trained centre is scored against, on average."""
    counts = np.asarray(model.wv.counts)
    if loss == "softmax":
        return len(counts)
    if loss != "hs":
        return 1 + model.negative
    share = counts / counts.sum()
    part = model.sample / share if model.sample else np.ones(len(counts))
    trained = counts * np.minimum(1, np.sqrt(part) + part)  # after subsampling
    return float(np.average(model.huffman_codes().lengths, weights=trained))


def main(argv: Sequence[str] | None = None) -> None:
    """Train with each loss and print a row about it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", help="one sentence a line")
    parser.add_argument("--analogies", help="questions as in questions-words.txt")
    parser.add_argument("--pairs", nargs="*", default=[], help="judged word pairs")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args(argv)
    options = {"epochs": args.epochs, "workers": args.workers, "progress": False}
    options |= {"min_count": args.min_count, "seed": args.seed}
    corpus: str | list[list[str]] = args.text or generated_text()
    if args.text is None:
        options |= {"vector_size": 16, "sample": 0, "alpha": 0.05}
    print(f"{'loss':<16}" + "".join(f"{x:>10}" for x in TITLES) + "  quality")
    n_words, base = 0, (0.0, 0.0)
    for name, own in WAYS.items():  # softmax last, when the vocabulary is known
        loss = own.get("loss", name)
        if loss == "softmax" and n_words > MOST_SOFTMAX_WORDS:
            print(f"{name:<16}left out: {n_words:,} words")
            continue
        model = Word2Vec(**options | {"loss": loss} | own).fit(corpus)
        n_words, n_targets = len(model.vocabulary_), targets(model, loss)
        speed = 1 / np.mean(1 / np.array(model.history_["words_per_second"])) / 1e3
        base = base if base[0] else (speed, n_targets)
        ratio = speed / base[0]
        row = f"{name:<16}{speed:>10,.0f}{ratio:>10.2f}{n_targets:>10,.1f}"
        row += f"{ratio * n_targets / base[1]:>10.2f}"
        first, last = model.history_["loss"][0], model.history_["loss"][-1]
        print(f"{row}{first:>10.3f}{last:>10.3f}{scores(model, args)}", flush=True)


if __name__ == "__main__":
    main()
