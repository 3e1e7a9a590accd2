"""The command ``sgns phrases``: its arguments, and what it does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sgns._arguments import UsageError
from sgns._phrase_rules import (
    ENGLISH_CONNECTOR_WORDS,
    SCORINGS,
    checked,
    delimiter_of,
    thresholds,
)
from sgns._sources import corpus_of
from sgns.corpus import Corpus
from sgns.phrases import Phrases

__all__ = ["check", "learn_and_join"]

LEARNING = ("threshold", "scoring", "min_count", "connectors", "delimiter")
"""Arguments that have no meaning for phrases that were saved."""


def check(args: argparse.Namespace) -> None:
    """Check the arguments before the work, and turn their texts into values.

    Raises
    ------
    UsageError
        An argument is not what it must be, or has no effect.
    """
    if args.apply is not None:
        given = [name for name in LEARNING if getattr(args, name) is not None]
        given += ["across_sentences"] if args.across_sentences else []
        if given:
            flag = "--" + given[0].replace("_", "-")
            raise UsageError(f"{flag} is not used by --apply: its phrases are learned")
    outputs = [Path(name).resolve() for name in (args.save, args.apply) if name]
    if args.output != "-" and Path(args.output).resolve() in outputs:
        raise UsageError("the text and the phrases are the same file")
    try:
        args.settings = _settings(args)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    scoring = "word2phrase" if args.scoring is None else args.scoring
    if scoring not in SCORINGS:
        thresholds(None, scoring)
    limits = None
    if args.threshold is not None:
        limits = [_number(part) for part in args.threshold.split(",")]
    words = args.connectors or ""
    connectors = (
        ENGLISH_CONNECTOR_WORDS
        if words == "english"
        else [word for word in words.split(",") if word]
    )
    checked("workers", args.workers)
    checked("errors", args.errors)
    return {
        "min_count": checked(
            "min_count", 5 if args.min_count is None else args.min_count
        ),
        "threshold": thresholds(limits, scoring),
        "scoring": scoring,
        "connector_words": connectors,
        "delimiter": delimiter_of("_" if args.delimiter is None else args.delimiter),
        "across_sentences": args.across_sentences,
    }


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"threshold must be numbers separated by commas, got {text!r}"
        ) from None


def learn_and_join(args: argparse.Namespace) -> tuple[Phrases, Corpus]:
    """Learn or load the phrases, save them when asked to, and join the text."""
    phrases = None if args.apply is None else Phrases.load(args.apply)
    corpus = Corpus(corpus_of(args.corpus), workers=args.workers, errors=args.errors)
    if phrases is None:
        phrases = Phrases(corpus, workers=args.workers, **args.settings)
    if args.save is not None:
        phrases.save(args.save)
    return phrases, phrases.transform(corpus)
