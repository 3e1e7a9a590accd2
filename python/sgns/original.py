"""The command line of the original program: its flags, its files, its word classes.

``sgns word2vec -train corpus.txt -output vectors.txt -size 200 ...`` takes what the C
program of 2013 takes, with its defaults, and writes the bytes of its formats, so that
scripts run unchanged. What differs: words and lines of any length, compressed files,
unknown flags are an error, the file appears when it is complete.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sgns import _core
from sgns._encoding import Text, in_vocabulary, read_all_words, read_text
from sgns._files import AtomicFile
from sgns._params import default_workers
from sgns._training import Start
from sgns.formats import read_vocabulary
from sgns.word2vec import Word2Vec

__all__ = ["FLAGS", "add_arguments", "classes", "run", "words_and_counts"]

FLAGS: tuple[tuple[str, type, Any, str], ...] = (
    ("train", str, "", "text to train the model on"),
    ("output", str, "", "where the vectors or word classes go"),
    ("size", int, 100, "size of the vectors"),
    ("window", int, 5, "most words between two words, plus 1"),
    ("sample", float, 1e-3, "threshold of subsampling"),
    ("hs", int, 0, "1 = hierarchical softmax"),
    ("negative", int, 5, "noise words; 0 = no negative sampling"),
    ("threads", int, 12, "threads; no more are started than processors"),
    ("iter", int, 5, "passes over the text"),
    ("min-count", int, 5, "leave out words that are rarer"),
    ("alpha", float, None, "learning rate at the start (0.05, skip-gram 0.025)"),
    ("classes", int, 0, "write so many word classes, not vectors"),
    ("debug", int, 2, "0 = one line of messages"),
    ("binary", int, 0, "1 = binary format"),
    ("save-vocab", str, "", "where the vocabulary goes"),
    ("read-vocab", str, "", "take the vocabulary from this file"),
    ("cbow", int, 1, "1 = continuous bag of words, 0 = skip-gram"),
)
"""Name, type, default and help of each flag of the program."""

SENTENCE_END = "</s>"
"""The first word of every vocabulary of the program: the end of a line."""
NAMES = {
    "vector_size": "-size",
    "window": "-window",
    "sample": "-sample",
    "negative": "-negative",
    "workers": "-threads",
    "epochs": "-iter",
    "min_count": "-min-count",
    "alpha": "-alpha",
}
"""Flags of the parameters, for messages."""
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
SEED = 1
ROUNDS = 10
"""Rounds of k-means."""
BLOCK_ROWS = 4096

Matrix = npt.NDArray[np.float32]
Vocabulary = dict[str, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the program.

    Parameters
    ----------
    parser
        Gets an attribute for each flag, without the dash.

    Returns
    -------
    None
    """
    for name, kind, default, text in FLAGS:
        shown = "" if default in ("", None) else f" (default: {default})"
        parser.add_argument(
            f"-{name}",
            type=kind,
            default=default,
            metavar={int: "INT", float: "NUMBER", str: "FILE"}[kind],
            help=text + shown,
        )


def run(args: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Do what the program does for its arguments.

    Parameters
    ----------
    args
        Attributes of `add_arguments`.
    say
        Gets the lines for standard output.

    Returns
    -------
    None

    Raises
    ------
    ValueError
        A flag has a value out of range, named by the flag; or the text or the
        vocabulary file is not what it must be.
    OSError
        A file cannot be read or written.
    """
    model = _model(args)
    say(f"Starting training using file {args.train}")
    text, vocabulary = _read(args, model)
    if args.debug > 0:
        say(f"Vocab size: {len(vocabulary)}")
        say(f"Words in train file: {sum(vocabulary.values())}")
    if args.save_vocab:
        lines = (f"{word} {count}\n" for word, count in vocabulary.items())
        _write(args.save_vocab, (_bytes(line) for line in lines))
    if not args.output:
        return
    with model._being_trained():
        model._train(text, model._checked_parameters(), Start(SEED))
    words = list(vocabulary)
    vectors = _with_sentence_end(model)
    if args.classes > 0:
        chosen = classes(vectors, args.classes).tolist()
        lines = (f"{word} {c}\n" for word, c in zip(words, chosen, strict=True))
        _write(args.output, (_bytes(line) for line in lines))
    else:
        _write(args.output, format_rows(words, vectors, binary=args.binary != 0))


def _model(args: argparse.Namespace) -> Word2Vec:
    """Return the model for the flags; errors name them."""
    if not args.train:
        raise ValueError("-train must be the name of a text, got none")
    if args.classes < 0:
        raise ValueError(f"-classes must be an int >= 0, got {args.classes}")
    if args.hs == 0 and args.negative == 0:
        raise ValueError("there is nothing to train with -hs 0 and -negative 0")
    losses = {(True, True): "ns+hs", (True, False): "hs", (False, True): "ns"}
    loss = losses[args.hs != 0, args.negative != 0]
    cbow = args.cbow != 0
    alpha = (0.05 if cbow else 0.025) if args.alpha is None else args.alpha
    sharing = "window" if cbow or loss == "hs" else "pair"
    try:
        return Word2Vec(
            vector_size=args.size,
            window=args.window,
            min_count=args.min_count,
            architecture="cbow" if cbow else "skipgram",
            loss=loss,
            negative=args.negative if loss != "hs" else 5,
            negative_sharing=sharing,
            sample=args.sample,
            alpha=alpha,
            min_alpha=alpha * 1e-4,
            epochs=args.iter,
            seed=SEED,
            workers=min(args.threads, max(1, default_workers())),
            errors="surrogateescape",
            progress="auto" if args.debug > 1 else False,
        )
    except ValueError as error:
        message = str(error)
        for name, flag in NAMES.items():
            message = message.replace(f"{name} must", f"{flag} must")
        raise ValueError(message) from None


def _read(args: argparse.Namespace, model: Word2Vec) -> tuple[Text, Vocabulary]:
    """Return the text, and the vocabulary as the program has it, with the line ends."""
    values = model._checked_parameters()
    if args.read_vocab:
        found = words_and_counts(args.read_vocab, args.min_count)
        words = [word for word in found if word != SENTENCE_END]
        counts = np.array([found[word] for word in words], dtype=np.int64)
        index = {word: row for row, word in enumerate(words)}
        corpus = in_vocabulary(read_all_words(args.train, values), index)
        return Text(words, counts, corpus), found
    text = read_text(args.train, values)
    n_lines = _count_lines(args.train, text)
    found = dict(zip(text.words, text.counts.tolist(), strict=True))
    n_lines += found.pop(SENTENCE_END, 0)
    return text, {SENTENCE_END: n_lines} | found


def _count_lines(path: str, text: Text) -> int:
    """Return the line feeds of a file; the sentences of a compressed one."""
    with Path(path).open("rb") as file:
        block = file.read(1 << 20)
        if block.startswith(PACKED):
            return text.corpus.n_sentences
        lines = 0
        while block:
            lines += block.count(b"\n")
            block = file.read(1 << 20)
    return lines


def words_and_counts(path: str, min_count: int) -> Vocabulary:
    """Read a vocabulary that the program has saved.

    Parameters
    ----------
    path
        A file with a word and its count in each line.
    min_count
        Words with a lower count are left out, but not the end of a line.

    Returns
    -------
    dict of str to int
        The end of a line first, then by descending count.

    Raises
    ------
    ValueError
        The file is not what `sgns.formats.read_vocabulary` takes, or fewer than two
        words are left.
    OSError
        The file cannot be read.
    """
    words, counts = read_vocabulary(path, errors="surrogateescape")
    found = dict(zip(words, counts.tolist(), strict=True))
    n_lines = found.pop(SENTENCE_END, 0)
    kept = [(w, n) for w, n in found.items() if n >= max(min_count, 1)]
    kept.sort(key=lambda item: (-item[1], _bytes(item[0])))
    if len(kept) < 2:
        raise ValueError(
            f"{path}: expected at least 2 words with a count >= {min_count}, "
            f"got {len(kept)}"
        )
    return {SENTENCE_END: n_lines} | dict(kept)


def _with_sentence_end(model: Word2Vec) -> Matrix:
    """Return the vectors, that of the line end first: it is never trained."""
    n_words, size = model.vectors_.shape
    row = model.vocabulary_.get(SENTENCE_END)
    if row is None:
        first = _core.initial_input(SEED, n_words + 1, size)[-1:]
        return np.concatenate([first, model.vectors_])
    order = [row, *(i for i in range(n_words) if i != row)]
    return model.vectors_[order]


def format_rows(words: list[str], vectors: Matrix, *, binary: bool) -> Iterator[bytes]:
    """Yield the file as the program writes it: %f values, a space after the last."""
    n_rows, size = vectors.shape
    yield b"%d %d\n" % (n_rows, size)
    values = "%f " * size
    for word, vector in zip(words, vectors, strict=True):
        if binary:
            yield _bytes(word) + b" " + vector.astype("<f4").tobytes() + b"\n"
        else:
            yield _bytes(f"{word} {values % tuple(vector.tolist())}\n")


def classes(vectors: Matrix, n_classes: int) -> npt.NDArray[np.int64]:
    """Return the class of each word, by k-means as the program does it.

    Word i starts in class i modulo `n_classes`. In each of 10 rounds a class gets the
    mean of its vectors, scaled to length 1, and each word goes to the class with the
    largest dot product.

    Parameters
    ----------
    vectors : ndarray of shape (n_words, dim), dtype float32
        Of the words.
    n_classes
        At least 1.

    Returns
    -------
    ndarray of shape (n_words,), dtype int64

    Examples
    --------
    >>> import numpy as np
    >>> vectors = np.array([[1, 0], [0, 1], [0, 2], [3, 0]], dtype=np.float32)
    >>> classes(vectors, 2).tolist()
    [1, 0, 0, 1]
    """
    n_words, size = vectors.shape
    chosen = np.arange(n_words) % n_classes
    for _ in range(ROUNDS):
        centres = np.zeros((n_classes, size))
        np.add.at(centres, chosen, vectors)
        lengths = np.linalg.norm(centres, axis=1)
        centres /= np.where(lengths > 0, lengths, 1)[:, None]
        for begin in range(0, n_words, BLOCK_ROWS):
            products = vectors[begin : begin + BLOCK_ROWS] @ centres.T
            products[:, lengths == 0] = -np.inf
            chosen[begin : begin + BLOCK_ROWS] = products.argmax(axis=1)
    return chosen


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _write(path: str, blocks: Iterable[bytes]) -> None:
    """Write the blocks, some hundred at a time."""
    with AtomicFile(path) as file:
        waiting = bytearray()
        for block in blocks:
            waiting += block
            if len(waiting) > 1 << 20:
                file.write(waiting)
                waiting = bytearray()
        file.write(waiting)
