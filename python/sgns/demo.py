"""The demo: text about a toy world with known analogies, and a training run on it.

Examples
--------
>>> from sgns import demo
>>> for sentence in demo.generate(20, seed=3):
...     print(" ".join(sentence))
the wife mended her gown at the balcony in the afternoon
the sponge is quite wet in the morning
the german language has many words for bratwurst and clara agrees
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, permutations
from typing import TYPE_CHECKING

from sgns._demo_world import SHARED, TAILS, WORLD
from sgns.evaluation import AnalogySection, analogies
from sgns.word2vec import Word2Vec

if TYPE_CHECKING:
    from sgns._progress import ProgressOption
    from sgns.keyed_vectors import KeyedVectors

DEFAULT_TOKENS = 1_500_000
"""Size of the generated corpus in tokens."""

NEIGHBOURS_OF = ("paris", "queen", "mice", "fastest", "sang", "bakery")
"""Words whose neighbours the demo shows."""

Pattern = tuple[str | tuple[str, ...], ...]
"""A sentence in the making: words, and lists of words of which one is drawn."""


def _pattern(template: str, row: dict[str, str]) -> Pattern:
    parts: list[str | tuple[str, ...]] = []
    for token in template.split():
        slot = token.strip("{}")
        if slot == token:
            parts.append(token)
        elif slot in SHARED:
            parts.append(tuple(SHARED[slot].split()))
        else:
            parts.append(row[slot])
    return tuple(parts)


def generate(
    n_tokens: int = DEFAULT_TOKENS, *, seed: int | None = 1
) -> Iterator[list[str]]:
    """Write simple English sentences about a toy world.

    Parameters
    ----------
    n_tokens : int, default DEFAULT_TOKENS
        The text ends with the sentence that reaches this number of tokens.
    seed : int or None, default 1
        The same seed gives the same text; None gives a fresh one.

    Yields
    ------
    list of str
        The tokens of a sentence, lower case, without punctuation.
    """
    patterns = [
        _pattern(template, row)
        for family in WORLD
        for row in family.rows()
        for template in family.templates.strip().splitlines()
    ]
    tails = [_pattern(template, {}) for template in TAILS]
    uniform = random.Random(seed).random
    n_written = 0
    while n_written < n_tokens:
        pattern = patterns[int(uniform() * len(patterns))]
        tail = tails[int(uniform() * len(tails))]
        sentence = [
            part if isinstance(part, str) else part[int(uniform() * len(part))]
            for part in pattern + tail
        ]
        n_written += len(sentence)
        yield sentence


def shuffled(sentences: Iterable[list[str]], *, seed: int = 1) -> list[list[str]]:
    """Return the same tokens in random order, in sentences of the same lengths.

    Every word is as frequent as before, but no two belong together any more: what a
    model still scores on this text, it owes to chance.

    Parameters
    ----------
    sentences
        Token lists, read once.
    seed
        Of the order.

    Returns
    -------
    list of list of str
        As many sentences as before.
    """
    lengths = []
    tokens: list[str] = []
    for sentence in sentences:
        lengths.append(len(sentence))
        tokens.extend(sentence)
    random.Random(seed).shuffle(tokens)
    remaining = iter(tokens)
    return [[next(remaining) for _ in range(length)] for length in lengths]


def analogy_questions() -> list[AnalogySection]:
    """Return the questions whose answers the grammar knows.

    Returns
    -------
    list of AnalogySection
        Sections such as ``"country-capital"``; a question (a, b, c, d) asks which word
        is to c as b is to a, and its answer is d. Every ordered pair of rows of a
        table is one question of a section.
    """
    sections = []
    for family in WORLD:
        rows = family.rows()
        for name in family.questions.split():
            left, right = name.split("-")
            pairs = [(row[left], row[right]) for row in rows]
            questions = [(a, b, c, d) for (a, b), (c, d) in permutations(pairs, 2)]
            sections.append(AnalogySection(name, questions))
    return sections


def _say_neighbours(wv: KeyedVectors, say: Callable[[str], None]) -> None:
    say("neighbours   (cosine)")
    for word in NEIGHBOURS_OF:
        if word in wv:
            found = wv.most_similar(word, topn=4)
            shown = "  ".join(f"{other} {cosine:.2f}" for other, cosine in found)
            say(f"  {word:<10} {shown}")


def _say_analogies(wv: KeyedVectors, say: Callable[[str], None]) -> float:
    """Show the score of each section, with the model's answer to one question."""
    sections = analogy_questions()
    result = analogies(wv, sections)
    say("analogies    (answered correctly)")
    for section, score in zip(sections, result.sections, strict=True):
        covered = (q for q in section.questions if all(word in wv for word in q))
        for a, b, c, _ in islice(covered, 1):
            answer = wv.most_similar(positive=[b, c], negative=[a], topn=1)[0][0]
            share = f"{100 * score.accuracy:5.1f} %"
            say(f"  {score.name:<24} {share}   {a} : {b} = {c} : {answer}")
    per_cent = 100 * result.accuracy
    count = f"{result.correct:,} of {result.covered:,} questions"
    say(f"  {'all':<24} {per_cent:5.1f} %   {count}")
    return per_cent


def run(
    output: str | os.PathLike[str],
    *,
    n_tokens: int = DEFAULT_TOKENS,
    seed: int | None = 1,
    workers: int | None = None,
    progress: ProgressOption = "auto",
    say: Callable[[str], None] = print,
) -> float:
    """Generate the text, train on it, show what was learned and save the vectors.

    Parameters
    ----------
    output : str or os.PathLike
        Where the vectors are written.
    n_tokens, seed
        As for `generate`; the seed is also that of the training.
    workers, progress
        As for `Word2Vec`, whose other parameters keep their defaults.
    say : callable, default print
        Gets the lines of the report.

    Returns
    -------
    float
        Share of the analogy questions answered correctly, in per cent.

    Raises
    ------
    TypeError, ValueError, OSError
        As `Word2Vec.fit` and `KeyedVectors.save` do.
    """
    start = time.perf_counter()
    model = Word2Vec(seed=seed, workers=workers, progress=progress)
    sentences = list(generate(n_tokens, seed=seed))
    n_written = sum(map(len, sentences))
    say(f"corpus       {n_written:,} tokens in {len(sentences):,} sentences, such as")
    for sentence in sentences[:3]:
        say(f"             {' '.join(sentence)}")
    model.fit(sentences)
    loss, speed = model.history_["loss"], model.history_["words_per_second"]
    say(f"training     {len(speed)} epochs, {sum(speed) / len(speed):,.0f} words/s")
    say(f"loss         {' '.join(f'{value:.3f}' for value in loss)}")
    say(f"vocabulary   {len(model.wv):,} words")
    model.wv.save(output)
    say(f"vectors      written to {os.fspath(output)}")
    _say_neighbours(model.wv, say)
    score = _say_analogies(model.wv, say)
    say(f"seconds      {time.perf_counter() - start:.1f}")
    return score
