"""Analogy questions: which word is to c as b is to a."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgns._searches import COSMUL_EPSILON, Method, check_method
from sgns.evaluation._lines import StrPath, first_rows, lines
from sgns.formats._table import at_least_one, row_blocks, shown, shown_path
from sgns.keyed_vectors import KeyedVectors

Question = tuple[str, str, str, str]

MOST_FREQUENT = 30_000
"""Words that are used unless told otherwise, as the original program is used."""

QUESTIONS_AT_ONCE = 64
"""Questions answered in one step, so that their values stay in the caches."""


class AnalogySection(NamedTuple):
    """Analogy questions of one kind.

    Attributes
    ----------
    name : str
        A name that begins with "gram" marks questions about grammar.
    questions : sequence of (str, str, str, str)
        Words a, b, c, d: which word is to c as b is to a? The answer is d.
    """

    name: str
    questions: Sequence[Question]


@dataclass(frozen=True)
class AnalogyScore:
    """How many questions were answered.

    Attributes
    ----------
    name : str
        Name of the section, or of several together.
    correct : int
        Questions answered correctly.
    covered : int
        Questions whose four words are in the vocabulary.
    total : int
        All questions.
    """

    name: str
    correct: int
    covered: int
    total: int

    @property
    def accuracy(self) -> float:
        """Share of the covered questions that is correct, 0 to 1; nan of none."""
        return self.correct / self.covered if self.covered else math.nan


@dataclass(frozen=True)
class AnalogyResult:
    """How many analogy questions were answered, by section and in all.

    Attributes
    ----------
    sections : tuple of AnalogyScore
        In the order of the questions. ``print(result)`` shows them as a table.
    """

    sections: tuple[AnalogyScore, ...]

    @property
    def correct(self) -> int:
        """Questions answered correctly."""
        return self.overall.correct

    @property
    def covered(self) -> int:
        """Questions whose four words are in the vocabulary."""
        return self.overall.covered

    @property
    def total(self) -> int:
        """All questions."""
        return self.overall.total

    @property
    def accuracy(self) -> float:
        """Share of the covered questions that is correct, 0 to 1."""
        return self.overall.accuracy

    @property
    def semantic(self) -> AnalogyScore:
        """The sections about meaning: those whose name does not begin with "gram"."""
        chosen = [one for one in self.sections if not one.name.startswith("gram")]
        return self._sum("semantic", chosen)

    @property
    def syntactic(self) -> AnalogyScore:
        """The sections about grammar: those whose name begins with "gram"."""
        chosen = [one for one in self.sections if one.name.startswith("gram")]
        return self._sum("syntactic", chosen)

    @property
    def overall(self) -> AnalogyScore:
        """All sections together."""
        return self._sum("total", self.sections)

    def __str__(self) -> str:
        scores = [
            *self.sections,
            self.semantic,
            self.syntactic,
            self.overall,
        ]
        width = max(len(score.name) for score in scores)
        lines = [f"{'section':<{width}}  correct  covered    total  accuracy"]
        for score in scores:
            share = f"{100 * score.accuracy:.2f} %" if score.covered else "-"
            lines.append(
                f"{score.name:<{width}}  {score.correct:>7,}  {score.covered:>7,}  "
                f"{score.total:>7,}  {share:>8}"
            )
        return "\n".join(lines)

    @staticmethod
    def _sum(name: str, scores: Iterable[AnalogyScore]) -> AnalogyScore:
        listed = list(scores)
        return AnalogyScore(
            name,
            sum(score.correct for score in listed),
            sum(score.covered for score in listed),
            sum(score.total for score in listed),
        )


def read_analogies(path: StrPath) -> list[AnalogySection]:
    """Read analogy questions.

    Parameters
    ----------
    path : str or os.PathLike
        A file of sections, each a line ``: name`` and then questions, lines of four
        words, as the well-known file questions-words.txt is.

    Returns
    -------
    list of AnalogySection

    Raises
    ------
    ValueError
        The file has no question, a line without four words, or a question before the
        first section.
    OSError
        The file cannot be read.
    """
    sections: list[tuple[str, list[Question]]] = []
    for place, line in lines(path):
        if line.startswith(":"):
            sections.append((line[1:].strip(), []))
            continue
        words = line.split()
        if len(words) != 4:
            raise ValueError(
                f"{place}: a question must have 4 words, got {shown(line)}"
            )
        if not sections:
            raise ValueError(
                f"{place}: expected a section ': name' before the first question, "
                f"got {shown(line)}"
            )
        a, b, c, d = words
        sections[-1][1].append((a, b, c, d))
    if not any(questions for _, questions in sections):
        raise ValueError(f"{shown_path(os.fspath(path))}: the file has no question")
    return [AnalogySection(name, tuple(questions)) for name, questions in sections]


def analogies(
    wv: KeyedVectors,
    questions: StrPath | Iterable[tuple[str, Sequence[Question]]],
    *,
    most_frequent: int | None = MOST_FREQUENT,
    method: Method = "3cosadd",
) -> AnalogyResult:
    """Answer analogy questions: which word is to c as b is to a.

    Parameters
    ----------
    wv : KeyedVectors
        Its words in descending order of frequency.
    questions : path or iterable of AnalogySection
        A file for `read_analogies`, or sections of a name and questions.
    most_frequent : int, optional
        Use only this many first words; None for all.
    method : {"3cosadd", "3cosmul"}
        How words are compared, as for `KeyedVectors.analogy`.

    Returns
    -------
    AnalogyResult

    Raises
    ------
    ValueError
        No question is covered by the vocabulary, `most_frequent` is below 1, or
        `method` is unknown.
    OSError
        The file cannot be read.

    Notes
    -----
    3CosAdd (Mikolov et al. 2013): the answer is the word whose unit vector has the
    largest product with b - a + c, itself made of unit vectors, if that is positive;
    a, b and c are no answers. The totals are those of the original ``compute-accuracy
    FILE 30000``: case does not matter, of words that differ in case only the first is
    looked up, but each of them is an answer, and questions with a word that is not
    among the first `most_frequent` words are not covered. Of equal products the first
    row wins. (The original folds the case of ASCII letters only.)

    3CosMul (Levy and Goldberg 2014) as in `KeyedVectors.most_similar_cosmul`; words
    whose vector is zero are no answers.
    """
    check_method(method)
    if most_frequent is not None:
        most_frequent = at_least_one("most_frequent", most_frequent)
    if isinstance(questions, str | os.PathLike):
        sections: list[tuple[str, Sequence[Question]]] = [*read_analogies(questions)]
    else:
        sections = list(questions)
    n_words = min(len(wv), most_frequent or len(wv))
    first = first_rows(wv.words[:n_words])
    rows, owners = [], []
    for number, (_, asked) in enumerate(sections):
        for question in asked:
            _check_question(question)
            found = [first.get(word.lower(), -1) for word in question]
            if min(found) >= 0:
                rows.append(found)
                owners.append(number)
    n_total = sum(len(asked) for _, asked in sections)
    if not rows:
        raise ValueError(f"0 of {n_total:,} questions are covered by the vocabulary")
    wanted = np.array(rows, dtype=np.intp)
    answers = _answers(wv, wanted[:, :3], n_words, method)
    # Row -1, no answer, is given a last entry that is no word.
    folded = np.array([first[word.lower()] for word in wv.words[:n_words]] + [-1])
    right = folded[answers] == wanted[:, 3]
    covered = np.bincount(owners, minlength=len(sections))
    correct = np.bincount(owners, weights=right, minlength=len(sections))
    return AnalogyResult(
        tuple(
            AnalogyScore(name, int(correct[number]), int(covered[number]), len(asked))
            for number, (name, asked) in enumerate(sections)
        )
    )


def _check_question(question: object) -> None:
    if not isinstance(question, list | tuple) or not all(
        isinstance(word, str) for word in question
    ):
        raise TypeError(f"a question must be 4 words, got {shown(question)}")
    if len(question) != 4:
        raise ValueError(f"a question must have 4 words, got {shown(question)}")


def _answers(
    wv: KeyedVectors, questions: NDArray[np.intp], n_words: int, method: Method
) -> NDArray[np.intp]:
    """Return the row that answers each question (a, b, c), or -1.

    The same words come in many questions, so the cosines of each with all words are
    computed once; what a question asks is a sum, or a product, of three such rows.
    """
    table = wv._tables("input")[0]
    words, places = np.unique(questions, return_inverse=True)
    places = places.reshape(questions.shape)
    units = table.units(words).astype(np.float32)
    answers = np.full(len(questions), -1, dtype=np.intp)
    best = np.zeros(len(questions), dtype=np.float32)
    for block in row_blocks(n_words, max(512, len(units), wv.vector_size)):
        cosines = units @ table.units(block).astype(np.float32).T
        if method == "3cosmul":
            cosines = (1 + cosines) / 2
            cosines[:, table.norms[block] == 0] = 0  # a word without direction
        for start in range(0, len(questions), QUESTIONS_AT_ONCE):
            some = slice(start, start + QUESTIONS_AT_ONCE)
            values = _values(cosines, places[some], method)
            asked = questions[some] - block.start
            inside = (asked >= 0) & (asked < values.shape[1])
            values[np.nonzero(inside)[0], asked[inside]] = -np.inf
            top = values.argmax(axis=1)
            value = values[np.arange(len(values)), top]
            better = value > best[some]
            answers[some][better] = top[better] + block.start
            best[some][better] = value[better]
    return answers


def _values(
    cosines: NDArray[np.float32], places: NDArray[np.intp], method: Method
) -> NDArray[np.float32]:
    """Return what each question (a, b, c) gives every word."""
    a, b, c = places.T
    values: NDArray[np.float32] = cosines[b]
    if method == "3cosmul":
        values *= cosines[c]
        values /= cosines[a] + np.float32(COSMUL_EPSILON)
    else:
        values -= cosines[a]
        values += cosines[c]
    return values
