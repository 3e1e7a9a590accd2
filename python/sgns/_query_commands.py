"""The commands that ask word vectors: most-similar, analogy and evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sgns import KeyedVectors, plots
from sgns._arguments import UsageError, hint
from sgns._terminal import lines_of_stdin, message, note, say
from sgns.evaluation import (
    MOST_FREQUENT,
    AnalogyResult,
    WordPairsResult,
    analogies,
    word_pairs,
    word_pairs_table,
)

if TYPE_CHECKING:
    import argparse

MISSING_SHOWN = 10
"""Missing words that are named by the evaluation of word pairs."""


def check_count(flag: str, value: int | None) -> None:
    """Raise UsageError if a count is given and below 1."""
    if value is not None and value < 1:
        raise UsageError(f"{flag} must be an int >= 1, got {value}")


def most_similar(args: argparse.Namespace) -> int:
    """Show the neighbours of words, of their sums, or of the words on stdin."""
    _check_counts(args)
    vectors = _load(args, args.limit)
    if args.positive or args.negative:
        _say_neighbours(vectors, args, [*args.words, *args.positive], args.negative)
        return 0
    for word in args.words:
        _say_neighbours(vectors, args, [word], [])
    if args.words:
        return 0
    code = 0
    for line in lines_of_stdin("word> "):
        for word in line.split():
            try:
                _say_neighbours(vectors, args, [word], [])
            except KeyError as error:
                note(message(error))
                code = 1
    return code


def analogy(args: argparse.Namespace) -> int:
    """Show which words are to the third as the second is to the first."""
    _check_counts(args)
    if args.words and len(args.words) != 3:
        raise UsageError(f"expected 3 words, got {len(args.words)}")
    vectors = _load(args, args.limit)
    if args.words:
        _say_analogy(vectors, args, args.words)
        return 0
    code = 0
    for line in lines_of_stdin("three words> "):
        words = line.split()
        try:
            if words and len(words) != 3:
                raise ValueError(f"expected 3 words on a line, got {len(words)}")
            if words:
                _say_analogy(vectors, args, words)
        except (KeyError, ValueError) as error:
            note(message(error))
            code = 1
    return code


def evaluate(args: argparse.Namespace) -> int:
    """Show how well vectors answer analogies and agree with people."""
    check_count("--most-frequent", args.most_frequent)
    if not args.analogies and not args.pairs:
        raise UsageError("nothing to evaluate: expected --analogies or --pairs")
    if args.plot is not None:
        plots.check_output(args.plot)
    limit = args.most_frequent
    if limit is None and not args.pairs:
        limit = MOST_FREQUENT
    vectors = _load(args, limit)
    answered: dict[str, AnalogyResult] = {}
    compared: dict[str, WordPairsResult] = {}
    for path in args.analogies:
        most_frequent = args.most_frequent or MOST_FREQUENT
        result = analogies(
            vectors, path, most_frequent=most_frequent, method=args.method
        )
        answered[path] = result
        say(f"{path}, {min(most_frequent, len(vectors)):,} words, {args.method}")
        say(f"{result}\n")
    for path in args.pairs:
        compared[path] = word_pairs(vectors, path)
    if compared:
        say(word_pairs_table(compared))
        for path, one in compared.items():
            _say_missing(path, one.missing)
    if args.plot is not None:
        plots.plot_evaluation(args.plot, analogies=answered, pairs=compared)
        note(f"wrote a picture to {args.plot}")
    return 0


def _load(args: argparse.Namespace, limit: int | None) -> KeyedVectors:
    return KeyedVectors.load(
        args.vectors, format=args.format, errors=args.errors, limit=limit
    )


def _check_counts(args: argparse.Namespace) -> None:
    check_count("--topn", args.topn)
    check_count("--limit", args.limit)
    check_count("--restrict-vocab", args.restrict_vocab)


def _say_missing(path: str, words: Sequence[str]) -> None:
    if words:
        named = ", ".join(map(repr, words[:MISSING_SHOWN]))
        more = ", ..." if words[MISSING_SHOWN:] else ""
        say(f"{path}: {len(words):,} missing words: {named}{more}")


def _say_neighbours(
    vectors: KeyedVectors,
    args: argparse.Namespace,
    positive: list[str],
    negative: list[str],
) -> None:
    _check_words(vectors, [*positive, *negative])
    options = {"topn": args.topn, "restrict_vocab": args.restrict_vocab}
    if args.method == "3cosmul":
        found = vectors.most_similar_cosmul(positive, negative, **options)
    else:
        found = vectors.most_similar(positive=positive, negative=negative, **options)
    title = " + ".join(positive) + "".join(f" - {word}" for word in negative)
    _say_found(title.lstrip(), found)


def _say_analogy(
    vectors: KeyedVectors, args: argparse.Namespace, words: Sequence[str]
) -> None:
    _check_words(vectors, words)
    a, b, c = words
    found = vectors.analogy(
        a,
        b,
        c,
        method=args.method,
        topn=args.topn,
        restrict_vocab=args.restrict_vocab,
    )
    _say_found(f"{a} : {b} = {c} : ?", found)


def _say_found(title: str, found: Sequence[tuple[str, float]]) -> None:
    width = max((len(word) for word, _ in found), default=0)
    lines = [f"  {word:<{width}}  {value:7.4f}" for word, value in found]
    say("\n".join([title, *lines, ""]))


def _check_words(vectors: KeyedVectors, words: Sequence[str]) -> None:
    """Raise KeyError for unknown words, with a known one that is like the first."""
    unknown = [word for word in words if word not in vectors]
    if unknown:
        shown = ", ".join(map(repr, unknown[:5])) + (", ..." if unknown[5:] else "")
        verb = "is" if len(unknown) == 1 else "are"
        near = hint(unknown[0], _similar_words(unknown[0], vectors.words))
        raise KeyError(
            f"{shown} {verb} not in the vocabulary ({len(vectors):,} words){near}"
        )


def _similar_words(word: str, words: Sequence[str]) -> list[str]:
    """Return the words of about the same length that begin alike, case aside."""
    begin = word[:1].casefold()
    return [
        other
        for other in words
        if other[:1].casefold() == begin and abs(len(other) - len(word)) <= 2
    ]
