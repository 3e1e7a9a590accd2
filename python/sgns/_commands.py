"""The arguments of each command, those of the parameters made from their table."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from sgns import original
from sgns._checkpoint import CHECKPOINT_EVERY
from sgns._params import PARAMETERS, Parameter
from sgns.demo import DEFAULT_TOKENS

__all__ = ["COMMANDS", "flag_of"]

FORMATS = ("text", "binary", "safetensors", "npy", "tsv")
"""Formats of vector files that can be chosen by ``--format``."""


METHODS = ("3cosadd", "3cosmul")
"""Ways of comparing words that can be chosen by ``--method``."""


def flag_of(name: str) -> str:
    """Return the flag of a parameter."""
    return "--" + name.replace("_", "-")


def _reader(parameter: Parameter) -> Callable[[str], object]:
    """Return the function that reads the value of a parameter from its text."""

    def read(text: str) -> object:
        if parameter.none and text.lower() == "none":
            return None
        try:
            if parameter.kind == "int":
                return int(text)
            return float(text) if parameter.kind == "float" else text
        except ValueError:
            wanted = "an int" if parameter.kind == "int" else "a number"
            also = " or none" if parameter.none else ""
            message = f"expected {wanted}{also}, got {text!r}"
            raise argparse.ArgumentTypeError(message) from None

    return read


def _add_parameter(group: argparse._ActionsContainer, parameter: Parameter) -> None:
    default = "none" if parameter.default is None else parameter.default
    none = f"; none = {parameter.none}" if parameter.none else ""
    text = f"{parameter.help} (default: {default}{none})"
    if parameter.kind == "bool":
        group.add_argument(
            flag_of(parameter.name), action="store_true", help=parameter.help
        )
        return
    group.add_argument(
        flag_of(parameter.name),
        type=_reader(parameter),
        default=parameter.default,
        metavar="|".join(parameter.choices) or parameter.kind.upper(),
        help=text.replace("%", "%%"),
    )


def _fill_train(parser: argparse.ArgumentParser) -> None:
    _add_corpus(parser)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="VECTORS",
        help="where the vectors go (.txt or .vec text, .bin binary, .npy, .tsv; "
        ".safetensors the whole model); - = stdout",
    )
    parser.add_argument(
        "--output-vectors", metavar="FILE", help="where the second table goes"
    )
    parser.add_argument(
        "--vocabulary", metavar="FILE", help="words and counts to use: word count"
    )
    parser.add_argument(
        "--save-vocabulary", metavar="FILE", help="where words and counts go"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="format of both files, whatever their endings",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    _add_start(parser)
    group = parser.add_argument_group("parameters of the model and its training")
    for parameter in PARAMETERS.values():
        _add_parameter(group, parameter)


def _add_corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "corpus",
        nargs="+",
        metavar="CORPUS",
        help="files of text, one sentence a line, packed or not; also directories and "
        "patterns; - = stdin",
    )


def _add_start(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="model file that is written after each epoch, to go on after a stop",
    )
    _add_parameter(parser, CHECKPOINT_EVERY)
    parser.add_argument(
        "--resume", metavar="FILE", help="checkpoint to go on with, same parameters"
    )
    parser.add_argument(
        "--init-vectors",
        metavar="FILE",
        help="file of vectors that the words in it start from",
    )
    parser.add_argument(
        "--freeze", action="store_true", help="keep those vectors as they are"
    )


def _fill_most_similar(parser: argparse.ArgumentParser) -> None:
    _add_vectors(parser)
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="a table is shown for each; without words they are read from stdin",
    )
    parser.add_argument(
        "--positive", nargs="+", default=[], metavar="WORD", help="words to add"
    )
    parser.add_argument(
        "--negative", nargs="+", default=[], metavar="WORD", help="words to subtract"
    )
    _add_search(parser)
    _add_method(parser)


def _fill_analogy(parser: argparse.ArgumentParser) -> None:
    _add_vectors(parser)
    parser.add_argument(
        "words",
        nargs="*",
        metavar="A B C",
        help="three words; without words, lines of three are read from stdin",
    )
    _add_search(parser)
    _add_method(parser)


def _fill_evaluate(parser: argparse.ArgumentParser) -> None:
    _add_vectors(parser)
    parser.add_argument(
        "--analogies",
        nargs="+",
        default=[],
        metavar="FILE",
        help="files of questions, as questions-words.txt",
    )
    parser.add_argument(
        "--pairs",
        nargs="+",
        default=[],
        metavar="FILE",
        help="files of word, word, score",
    )
    _add_int(
        parser,
        "--most-frequent",
        "use only this many first words (default: 30000 for analogies, all words "
        "for pairs)",
    )
    parser.add_argument(
        "--plot", metavar="FILE", help="write a picture (.png, .svg or .pdf)"
    )
    _add_method(parser)
    _add_reading(parser)


def _add_vectors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("vectors", metavar="VECTORS", help="file of word vectors")


def _add_int(
    parser: argparse.ArgumentParser, flag: str, text: str, default: int | None = None
) -> None:
    shown = "" if default is None else f" (default: {default})"
    parser.add_argument(
        flag, type=int, default=default, metavar="INT", help=text + shown
    )


def _add_search(parser: argparse.ArgumentParser) -> None:
    _add_int(parser, "--topn", "how many words are shown", 10)
    _add_int(parser, "--restrict-vocab", "look only among this many first words")
    _add_int(parser, "--limit", "read only this many first words")
    _add_reading(parser)


def _add_method(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        choices=METHODS,
        default=METHODS[0],
        help=f"add vectors, or multiply cosines (default: {METHODS[0]})",
    )


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="format of the file; by default its content decides",
    )
    _add_parameter(parser, PARAMETERS["errors"])


def _fill_phrases(parser: argparse.ArgumentParser) -> None:
    _add_corpus(parser)
    for names, metavar, text in (
        (("--save",), "FILE", "where the phrases go (JSON)"),
        (("--apply",), "FILE", "join the phrases of this file; learn none"),
        (
            ("--threshold",),
            "NUMBER[,NUMBER...]",
            "score to exceed, one for each pass (default: 100; 0.5 for npmi)",
        ),
        (("--scoring",), "word2phrase|npmi", "the score (default: word2phrase)"),
        (
            ("--connectors",),
            "WORD[,WORD...]",
            "words that may stand inside a phrase; english = a list for English",
        ),
        (("--delimiter",), "TEXT", "between the words of a phrase (default: _)"),
    ):
        parser.add_argument(*names, metavar=metavar, help=text)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="TEXT",
        help="where the joined text goes, one sentence a line; - = stdout",
    )
    _add_int(
        parser,
        "--min-count",
        "least occurrences of words and phrases, and the discount (default: 5)",
    )
    parser.add_argument(
        "--across-sentences",
        action="store_true",
        help="count the end of a line and the start of the next, as word2phrase does",
    )
    for name in ("workers", "errors"):
        _add_parameter(parser, PARAMETERS[name])


def _fill_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="IN", help="file of vectors, or a model")
    parser.add_argument(
        "output",
        metavar="OUT",
        help="where they go: .txt, .vec text, .bin binary, .npy, .tsv, .safetensors; "
        ".gz, .bz2, .xz, .zst behind it packs",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="format of IN; by default its content decides",
    )
    parser.add_argument(
        "--to", choices=FORMATS, help="format of OUT, whatever its ending"
    )
    parser.add_argument(
        "--table",
        choices=("input", "output"),
        default="input",
        help="which table of a model (default: input)",
    )
    _add_int(parser, "--limit", "only this many first words")
    parser.add_argument(
        "--fvocab", metavar="FILE", help="vocabulary file with the counts of the words"
    )
    _fill_convert_text(parser)


def _fill_convert_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-header", action="store_true", help="the first line of IN is a row"
    )
    parser.add_argument(
        "--no-header-out", action="store_true", help="no first line, as GloVe writes"
    )
    _add_int(
        parser,
        "--decimals",
        "digits behind the point (default: as few as give the same number)",
    )
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="leave bad rows out, with a warning",
    )
    _add_parameter(parser, PARAMETERS["errors"])


def _fill_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        default="sgns-demo.txt",
        metavar="VECTORS",
        help="where the vectors go (default: sgns-demo.txt)",
    )
    _add_int(parser, "--tokens", "size of the corpus", DEFAULT_TOKENS)
    for name in ("seed", "workers"):
        _add_parameter(parser, PARAMETERS[name])


Fill = Callable[[argparse.ArgumentParser], None]

COMMANDS: dict[str, tuple[str, Fill]] = {
    "train": ("Train word vectors on a corpus.", _fill_train),
    "most-similar": ("Show the nearest neighbours of words.", _fill_most_similar),
    "analogy": ("Show which words are to C as B is to A.", _fill_analogy),
    "evaluate": (
        "Measure vectors by analogies and by pairs of words.",
        _fill_evaluate,
    ),
    "phrases": ("Join words that belong together in a text.", _fill_phrases),
    "convert": ("Write vectors in another format.", _fill_convert),
    "demo": ("Train on a generated corpus and show what was learned.", _fill_demo),
    "word2vec": (
        "Take the flags of the original program, and do what it did.",
        original.add_arguments,
    ),
}
"""What each command does, and what gives its parser the arguments."""
