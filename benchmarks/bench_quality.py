"""What the losses and architectures learn: claims of the notes, measured.

    python benchmarks/bench_quality.py scarce --corpus TEXT
    python benchmarks/bench_quality.py noise --corpus TEXT
    python benchmarks/bench_quality.py architectures --corpus TEXT --eval DIR
    python benchmarks/bench_quality.py cost [--words 1000 30000 1000000]

scarce: does softmax make up for scarce data, and does it overfit? Every loss learns
from the first 20,000 words; perplexity of p(word | context), normalised over the
vocabulary, of the pairs that it saw and of those of the next words. The optimum of ns
is log p/(kq), so log q is added to its scores (Levy and Goldberg, 2014).

noise: how often does a held-out pair score above its context with a noise word (AUC),
by the input and the output table, after each number of epochs?

architectures: skip-gram and CBOW, several seeds: analogies among the 30,000 most
frequent words, WordSim-353 and SimLex-999, and the seconds of training.

cost: nanoseconds of a pair of ns with 20 noise words, hs and softmax in vocabularies of
several sizes, all words alike, so that Huffman paths have log2 of the size. Softmax is
one step in NumPy: a product with all output rows, and their update.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import itertools
import lzma
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from _machine import describe, headline, print_columns
from sgns import Corpus, Word2Vec, evaluation, pairs
from sgns import sampling as S

OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
LOSSES = ("softmax", "sampled_softmax", "nce", "ns", "hs")
BIASED = ("softmax", "sampled_softmax", "nce")
WINDOW = 5

Pairs = tuple[np.ndarray, np.ndarray]
"""Ids of the centres and of the contexts of pairs."""


def words_of(path: Path, n_words: int | None) -> list[str]:
    """The first words of a text, all for None."""
    words: list[str] = []
    with OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8") as file:
        while (n_words is None or len(words) <= n_words) and (
            part := file.read(1 << 20)
        ):
            # A word that goes on after the part is read to its end.
            while not part[-1].isspace() and (more := file.read(1)):
                part += more
            words += part.split()
    return words[:n_words]


def sentences_of(words: list[str]) -> list[list[str]]:
    return [words[i : i + 1000] for i in range(0, len(words), 1000)]


def pairs_of(words: list[str], model: Word2Vec, **options: Any) -> Pairs:
    """Centres and contexts of a text, of the words that the model knows."""
    known = [model.vocabulary_[word] for word in words if word in model.vocabulary_]
    table = S.skipgrams(
        np.array(known), window=WINDOW, negatives=0, exclude="none", **options
    )
    centres, contexts, _ = next(iter(table))
    return centres, contexts


# Scarce data ------------------------------------------------------------------------


def log_probabilities(model: Word2Vec) -> np.ndarray:
    """log p(word | context), of shape (contexts, words)."""
    x = model.vectors_.astype(np.float64)
    if model.loss == "hs":
        tree = pairs.HuffmanCodes(model.wv.counts)
        words = np.repeat(np.arange(len(x)), tree.lengths)
        one = tree.codes == 1
        log_p = np.zeros((len(x), len(x)))
        for sign, chosen in ((1, ~one), (-1, one)):
            on_path = np.zeros((len(x), len(x) - 1))
            on_path[words[chosen], tree.nodes[chosen]] = 1
            log_p += pairs.log_sigmoid(sign * (x @ model.node_vectors_.T)) @ on_path.T
        return log_p
    scores = x @ model.output_vectors_.T
    if model.output_bias_ is not None:
        scores += model.output_bias_
    if model.loss == "ns":
        scores += S.Unigram(model.wv.counts).log_prob(np.arange(len(x)))
    scores -= scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def perplexity(log_p: np.ndarray, of: Pairs) -> float:
    return float(np.exp(-log_p[of[1], of[0]].mean()))


def compare_scarce(
    words: list[str], n_train: int, epochs: Iterable[int], seeds: Iterable[int]
) -> list[list[str]]:
    """Rows: loss, epochs, perplexity of trained and of held-out pairs, gap.

    Words that are not known are left out, so the held-out pairs are of more frequent
    ones: the gap is the quotient of both perplexities, each in shares of that of the
    counts alone.
    """
    options: dict[str, Any] = {"vector_size": 50, "window": WINDOW, "sample": 0}
    options |= {"window_weighting": "fixed", "min_count": 2, "alpha": 0.05}
    options |= {"workers": 1, "progress": False}
    parts = words[:n_train], words[n_train:]
    rows = []
    counted = np.ones(2)
    for n_epochs in epochs:
        for loss in LOSSES:
            own = options | {"output_bias": loss in BIASED, "loss": loss}
            found = []
            for seed in seeds:
                model = Word2Vec(epochs=n_epochs, seed=seed, **own)
                model.fit(sentences_of(parts[0]))
                log_p = log_probabilities(model)
                tables = [pairs_of(part, model) for part in parts]
                found.append([perplexity(log_p, table) for table in tables])
            if not rows:
                law = S.Unigram(model.wv.counts, alpha=1)
                log_p = np.tile(law.log_prob(np.arange(len(log_p))), (len(log_p), 1))
                counted = np.array([perplexity(log_p, table) for table in tables])
                rows.append(["shares of counts", "-", *perplexities(counted[None])])
            gaps = np.divide(found, counted)
            gap = mean_and_deviation(gaps[:, 1] / gaps[:, 0], 2)
            rows.append([loss, str(n_epochs), *perplexities(np.array(found)), gap])
    rows[0].append("1")
    return rows


def perplexities(found: np.ndarray) -> list[str]:
    return [mean_and_deviation(column, 1) for column in found.T]


# Pairs and noise --------------------------------------------------------------------


def area(real: np.ndarray, noise: np.ndarray) -> float:
    """How often a real score is above one of noise, a tie counted as half."""
    order = np.sort(noise)
    below = np.searchsorted(order, real, "left") + np.searchsorted(order, real, "right")
    return float(below.mean() / 2 / len(noise))


def compare_noise(
    words: list[str], epochs: Iterable[int], workers: int, vector_size: int
) -> list[list[str]]:
    """Rows: epochs, AUC by each score, mean σ of the real and of the noise scores."""
    cut = len(words) * 99 // 100
    rows = []
    for n_epochs in epochs:
        model = Word2Vec(
            vector_size=vector_size, epochs=n_epochs, workers=workers, progress=False
        )
        model.fit(sentences_of(words[:cut]))
        centres, contexts = pairs_of(words[cut:], model, window_weighting="shrink")
        noise = S.Unigram(model.wv.counts).sample(len(centres), seed=1)
        random = S.Uniform(len(model.wv)).sample(len(centres), seed=2)
        x, y = model.vectors_, model.output_vectors_
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)

        def score(ids: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
            return np.einsum("nd,nd->n", a[contexts], b[ids])  # noqa: B023

        real, drawn = score(centres, x, y), score(noise, x, y)
        cosines = area(score(centres, unit, unit), score(noise, unit, unit))
        areas = [area(real, drawn), area(real, score(random, x, y)), cosines]
        chances = [np.exp(pairs.log_sigmoid(values)).mean() for values in (real, drawn)]
        cells = [f"{value:.3f}" for value in (*areas, *chances)]
        rows.append([str(n_epochs), f"{len(centres):,}", *cells])
    return rows


# Architectures ----------------------------------------------------------------------


def quality(model: Word2Vec, folder: Path) -> list[float]:
    """Analogies in percent, and the correlations of both lists of pairs."""
    found = evaluation.analogies(
        model.wv, folder / "questions-words.txt", most_frequent=30_000
    )
    lists = ("wordsim353.txt", "simlex999.txt")
    return [
        100 * found.accuracy,
        *(evaluation.word_pairs(model.wv, folder / name).spearman for name in lists),
    ]


def compare_architectures(args: argparse.Namespace) -> list[list[str]]:
    """Rows: architecture, epochs, seconds, analogies, correlations; of all seeds."""
    ways = list(itertools.product(args.architectures, args.epochs or [1]))
    found: dict[tuple[str, int], list[list[float]]] = {way: [] for way in ways}
    for seed in range(1, args.seeds + 1):
        for architecture, epochs in ways:  # interleaved
            model = Word2Vec(
                architecture=architecture,
                epochs=epochs,
                alpha=0.05 if architecture == "cbow" else 0.025,
                vector_size=args.vector_size,
                workers=args.workers,
                seed=seed,
                progress=False,
            ).fit(str(args.corpus))
            speeds = np.array(model.history_["words_per_second"])
            seconds = float((model.wv.counts.sum() / speeds).sum())
            values = [seconds, *quality(model, args.eval)]
            found[architecture, epochs].append(values)
            print(f"seed {seed} {architecture}, {epochs} epochs:", *values, flush=True)
    rows = []
    for (architecture, epochs), values in found.items():
        cells = zip(np.array(values).T, (1, 2, 3, 3), strict=True)
        cells_of = [mean_and_deviation(column, digits) for column, digits in cells]
        rows.append([architecture, str(epochs), *cells_of])
    return rows


# Cost of a pair -----------------------------------------------------------------------


def nanoseconds_of_a_pair(n_words: int, n_tokens: int, **options: Any) -> float:
    """Best of two epochs over random ids, two pairs a token."""
    ids = np.random.default_rng(1).permutation(np.arange(n_tokens) % n_words)
    corpus = Corpus.from_ids(ids[: n_tokens // 1000 * 1000].reshape(-1, 1000))
    own = {"window": 1, "sample": 0, "min_count": 1, "epochs": 2, "workers": 1}
    model = Word2Vec(**own, progress=False, **options).fit(corpus)
    return 1e9 / 2 / max(model.history_["words_per_second"])


def nanoseconds_of_softmax(n_words: int, vector_size: int, budget: float) -> float:
    """Best of the steps that fit in a budget of seconds, at least two."""
    rng = np.random.default_rng(1)
    x = rng.random(vector_size, np.float32)
    y = np.zeros((n_words, vector_size), np.float32)
    best, end = float("inf"), time.perf_counter() + budget
    for n_steps in itertools.count():
        start = time.perf_counter()
        if n_steps >= 2 and start > end:
            return 1e9 * best
        shares = np.exp(y @ x)
        shares *= np.float32(-0.025) / shares.sum()
        shares[n_steps % n_words] += np.float32(0.025)
        x += shares @ y
        for at in range(0, n_words, 500):  # products that stay in the cache
            y[at : at + 500] += shares[at : at + 500, None] * x
        best = min(best, time.perf_counter() - start)


def compare_cost(
    sizes: Iterable[int], n_tokens: int, vector_size: int, budget: float
) -> list[list[str]]:
    """Rows: words, mean path, nanoseconds of each loss, softmax in those of ns."""
    rows = []
    for n in sizes:
        tokens = max(n_tokens, n)
        ns, hs = (
            nanoseconds_of_a_pair(n, tokens, vector_size=vector_size, **own)
            for own in ({"negative": 20, "negative_sharing": "pair"}, {"loss": "hs"})
        )
        softmax = nanoseconds_of_softmax(n, vector_size, budget)
        path = pairs.dot_products("hs", n_words=n)
        values = [f"{value:,.0f}" for value in (ns, hs, hs / path, softmax)]
        rows.append([f"{n:,}", f"{path:.1f}", *values, f"{softmax / ns:,.0f}"])
    return rows


def mean_and_deviation(values: np.ndarray, digits: int) -> str:
    deviation = values.std(ddof=1) if len(values) > 1 else 0.0
    return f"{values.mean():.{digits}f} ± {deviation:.{digits}f}"


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    claims = ["scarce", "noise", "architectures", "cost"]
    parser.add_argument("claim", choices=claims)
    add = parser.add_argument
    add("--corpus", type=Path, help="text, plain or .gz, .bz2, .xz")
    add("--eval", type=Path, help="directory of questions-words.txt and word pairs")
    add("--train-words", type=int, default=20_000, help="scarce: the first words")
    add("--test-words", type=int, default=20_000, help="scarce: the next words")
    add("--words", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    add("--tokens", type=int, default=200_000, help="cost: one for each word at least")
    add("--budget", type=float, default=2, help="cost: seconds of softmax, each size")
    add("--epochs", type=int, nargs="+", help="scarce: 2 5 20; the others: 1")
    known = ["skipgram", "cbow"]
    add("--architectures", nargs="+", choices=known, default=known)
    add("--seeds", type=int, default=5)
    add("--workers", type=int, default=2)
    add("--vector-size", type=int, default=100)
    args = parser.parse_args(argv)
    if args.claim == "architectures" and args.eval is None:
        parser.error("architectures needs --eval DIR")
    if args.claim != "cost" and args.corpus is None:
        parser.error(f"{args.claim} needs --corpus TEXT")
    return args


def main() -> None:
    args = parse()
    print(headline(describe()))
    if args.claim == "cost":
        titles = [
            "words",
            "mean path",
            "ns: ns a pair",
            "hs: ns a pair",
            "hs: ns a node",
        ]
        titles += ["softmax: ns a pair", "softmax / ns"]
        rows = compare_cost(args.words, args.tokens, args.vector_size, args.budget)
    elif args.claim == "scarce":
        words = words_of(args.corpus, args.train_words + args.test_words)
        titles = ["loss", "epochs", "trained pairs", "held-out pairs", "gap"]
        epochs, seeds = args.epochs or [2, 5, 20], range(1, args.seeds + 1)
        rows = compare_scarce(words, args.train_words, epochs, seeds)
    elif args.claim == "noise":
        words = words_of(args.corpus, None)
        titles = ["epochs", "pairs", "AUC", "AUC, uniform noise", "AUC, cosine"]
        titles += ["mean σ, real", "mean σ, noise"]
        epochs = args.epochs or [1]
        rows = compare_noise(words, epochs, args.workers, args.vector_size)
    else:
        titles = ["architecture", "epochs", "seconds", "analogies %"]
        titles += ["WordSim-353", "SimLex-999"]
        rows = compare_architectures(args)
    print_columns(titles, rows)


if __name__ == "__main__":
    main()
