"""Vectors for the nodes of a graph: random walks are sentences, nodes are words.

    python examples/node_embeddings.py                         # the karate club
    python examples/node_embeddings.py EDGES LABELS            # lines "node node", ...
    python examples/node_embeddings.py GRAPH.mat               # network and group

Walks choose each neighbour with the same probability (DeepWalk: Perozzi, Al-Rfou and
Skiena, 2014). A logistic regression is trained on the vectors of some nodes and asked
for the labels of the others; where gensim is installed, it gets the same walks.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.multiclass import OneVsRestClassifier

from sgns import Word2Vec

# Who met whom outside of the club (Zachary, 1977): for each member, later members.
KARATE = {
    1: [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32],
    2: [3, 4, 8, 14, 18, 20, 22, 31],
    3: [4, 8, 9, 10, 14, 28, 29, 33],
    4: [8, 13, 14],
    5: [7, 11],
    6: [7, 11, 17],
    7: [17],
    9: [31, 33, 34],
    10: [34],
    14: [34],
    15: [33, 34],
    16: [33, 34],
    19: [33, 34],
    20: [34],
    21: [33, 34],
    23: [33, 34],
    24: [26, 28, 30, 33, 34],
    25: [26, 28, 32],
    26: [32],
    27: [30, 34],
    28: [34],
    29: [32, 34],
    30: [33, 34],
    31: [33, 34],
    32: [33, 34],
    33: [34],
}
# The members who stayed with the instructor when the club split.
INSTRUCTOR = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22}

Graph = tuple[sparse.csr_array, np.ndarray]
Vectors = Callable[[list[list[str]], int], dict[str, np.ndarray]]


def karate() -> Graph:
    """The karate club and its two parties: adjacency (34, 34), labels (34, 2)."""
    pairs = [(a - 1, b - 1) for a, later in KARATE.items() for b in later]
    party = np.array([node + 1 in INSTRUCTOR for node in range(34)])
    return adjacency(np.array(pairs), 34), np.stack([party, ~party], axis=1)


def adjacency(pairs: np.ndarray, n_nodes: int) -> sparse.csr_array:
    """Undirected graph without loops, each edge once in both directions."""
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    a, b = np.concatenate([pairs, pairs[:, ::-1]]).T
    graph = sparse.csr_array((np.ones(len(a)), (a, b)), shape=(n_nodes, n_nodes))
    graph.data[:] = 1
    return graph


def read(edges: Path, labels: Path | None) -> Graph:
    """A .mat file with network and group, or two files of pairs of ints."""
    if edges.suffix == ".mat":
        from scipy.io import loadmat

        content = loadmat(edges)
        return (
            sparse.csr_array(content["network"]),
            np.asarray(content["group"].todense()) > 0,
        )
    pairs = np.loadtxt(edges, dtype=np.int64)
    if labels is None:
        raise SystemExit("a file of labels is needed beside the file of edges")
    nodes, classes = np.loadtxt(labels, dtype=np.int64).T
    n_nodes = int(max(pairs.max(), nodes.max())) + 1
    table = np.zeros((n_nodes, int(classes.max()) + 1), dtype=bool)
    table[nodes, classes] = True
    return adjacency(pairs, n_nodes), table


def walks(
    graph: sparse.csr_array, n_walks: int = 10, length: int = 40, seed: int = 1
) -> np.ndarray:
    """Uniform walks, `n_walks` from each node that has a neighbour: (n, length)."""
    rng = np.random.default_rng(seed)
    degrees = np.diff(graph.indptr)
    starts = np.tile(np.flatnonzero(degrees), n_walks)
    result = np.empty((len(starts), length), dtype=np.int64)
    result[:, 0] = rng.permutation(starts)
    for step in range(1, length):
        here = result[:, step - 1]
        choice = (rng.random(len(here)) * degrees[here]).astype(np.int64)
        result[:, step] = graph.indices[graph.indptr[here] + choice]
    return result


def sgns_vectors(sentences: list[list[str]], vector_size: int) -> dict[str, np.ndarray]:
    """Skip-gram with negative sampling; every node is a word, none is left out."""
    model = Word2Vec(vector_size=vector_size, window=10, min_count=1, sample=0)
    return dict(model.fit(sentences).wv)


def gensim_vectors(
    sentences: list[list[str]], vector_size: int
) -> dict[str, np.ndarray]:
    """The same from gensim."""
    from gensim.models import Word2Vec as Gensim

    model = Gensim(
        sentences, vector_size=vector_size, window=10, min_count=1, sample=0, sg=1
    )
    return {word: model.wv[word] for word in model.wv.index_to_key}


def f1_of_labels(
    vectors: dict[str, np.ndarray], labels: np.ndarray, share: float, seed: int = 1
) -> tuple[float, float]:
    """Micro and macro F1 of the nodes not trained on.

    As many labels are predicted for a node as it has (Perozzi et al., 2014).
    """
    nodes = np.array(sorted(map(int, vectors)))
    nodes = nodes[labels[nodes].any(axis=1)]
    X = np.array([vectors[str(node)] for node in nodes], dtype=np.float64)
    X_train, X_test, y_train, y_test = train_test_split(
        X, labels[nodes], train_size=share, random_state=seed
    )
    known = y_train.any(axis=0)
    y_test = y_test[:, known]
    regression = OneVsRestClassifier(LogisticRegression(max_iter=1000))
    scores = regression.fit(X_train, y_train[:, known]).predict_proba(X_test)
    order = (-scores).argsort(axis=1).argsort(axis=1)
    predicted = order < y_test.sum(axis=1, keepdims=True)
    return tuple(
        float(f1_score(y_test, predicted, average=kind, zero_division=0))
        for kind in ("micro", "macro")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("edges", nargs="?", type=Path)
    parser.add_argument("labels", nargs="?", type=Path)
    parser.add_argument("--vector-size", type=int, default=128)
    parser.add_argument("--share", type=float, default=0.5, help="nodes trained on")
    args = parser.parse_args()
    graph, labels = karate() if args.edges is None else read(args.edges, args.labels)
    sentences = walks(graph).astype(str).tolist()
    programs: dict[str, Vectors] = {"sgns": sgns_vectors, "gensim": gensim_vectors}
    for name, train in programs.items():
        begin = time.perf_counter()
        try:
            vectors = train(sentences, args.vector_size)
        except ImportError as error:
            print(f"{name}: {error}")
            continue
        seconds = time.perf_counter() - begin
        micro, macro = f1_of_labels(vectors, labels, args.share)
        print(f"{name:7s} {seconds:6.1f} s  micro F1 {micro:.3f}  macro F1 {macro:.3f}")


if __name__ == "__main__":
    main()
