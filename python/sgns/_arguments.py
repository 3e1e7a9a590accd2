"""The arguments of the command line, those of the parameters made from their table."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from sgns import original
from sgns._params import PARAMETERS, Parameter, suggest
from sgns.demo import DEFAULT_TOKENS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

FORMATS = ("text", "binary", "safetensors", "npy", "tsv")
"""Formats of vector files that can be chosen by ``--format``."""


METHODS = ("3cosadd", "3cosmul")
"""Ways of comparing words that can be chosen by ``--method``."""


class UsageError(Exception):
    """The command line itself is wrong: exit code 2."""


class HelpRequest(Exception):  # noqa: N818
    """The user asked for help; the argument is its text."""


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: SupportsWrite[str] | None = None) -> NoReturn:
        raise HelpRequest(self.format_help().rstrip())

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see '{self.prog} --help')")


def _flag(name: str) -> str:
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
    group.add_argument(
        _flag(parameter.name),
        type=_reader(parameter),
        default=parameter.default,
        metavar="|".join(parameter.choices) or parameter.kind.upper(),
        help=text.replace("%", "%%"),
    )


def _build_parser() -> tuple[_Parser, dict[str, _Parser]]:
    common = _Parser(add_help=False)
    common.add_argument(
        "--traceback",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show the whole traceback of an error",
    )
    parser = _Parser(
        prog="sgns",
        description="Train word vectors and ask them for neighbours.",
        parents=[common],
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="store_true", help="show the version and the kernel in use"
    )
    subparsers = parser.add_subparsers(title="commands", metavar="", dest="command")
    commands = {
        name: subparsers.add_parser(
            name, help=text, description=text, parents=[common], allow_abbrev=False
        )
        for name, text in (
            ("train", "Train word vectors on a corpus."),
            ("most-similar", "Show the nearest neighbours of words."),
            ("analogy", "Show which words are to C as B is to A."),
            ("evaluate", "Measure vectors by analogies and by pairs of words."),
            ("phrases", "Join words that belong together in a text."),
            ("convert", "Write vectors in another format."),
            ("demo", "Train on a generated corpus and show what was learned."),
            ("word2vec", "Take the flags of the original program, and do what it did."),
        )
    }
    _fill_train(commands["train"])
    _fill_most_similar(commands["most-similar"])
    _fill_analogy(commands["analogy"])
    _fill_evaluate(commands["evaluate"])
    _fill_phrases(commands["phrases"])
    _fill_convert(commands["convert"])
    _fill_demo(commands["demo"])
    original.add_arguments(commands["word2vec"])
    return parser, commands


def _fill_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "corpus", metavar="CORPUS", help="text, one sentence a line; - = stdin"
    )
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
    group = parser.add_argument_group("parameters of the model and its training")
    for parameter in PARAMETERS.values():
        _add_parameter(group, parameter)


def _fill_most_similar(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("vectors", metavar="VECTORS", help="file of word vectors")
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
    parser.add_argument("vectors", metavar="VECTORS", help="file of word vectors")
    parser.add_argument(
        "words",
        nargs="*",
        metavar="A B C",
        help="three words; without words, lines of three are read from stdin",
    )
    _add_search(parser)
    _add_method(parser)


def _fill_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("vectors", metavar="VECTORS", help="file of word vectors")
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
    parser.add_argument(
        "--most-frequent",
        type=int,
        metavar="INT",
        help="use only this many first words (default: 30000 for analogies, all words "
        "for pairs)",
    )
    parser.add_argument(
        "--plot", metavar="FILE", help="write a picture (.png, .svg or .pdf)"
    )
    _add_method(parser)
    _add_reading(parser)


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--topn",
        type=int,
        default=10,
        metavar="INT",
        help="how many words are shown (default: 10)",
    )
    parser.add_argument(
        "--restrict-vocab",
        type=int,
        metavar="INT",
        help="look only among this many first words",
    )
    parser.add_argument(
        "--limit", type=int, metavar="INT", help="read only this many first words"
    )
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
    for names, metavar, text in (
        (("corpus",), "CORPUS", "text, one sentence a line; - = stdin"),
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
    parser.add_argument(
        "--min-count",
        type=int,
        metavar="INT",
        help="least occurrences of words and phrases, and the discount (default: 5)",
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
    parser.add_argument(
        "--limit", type=int, metavar="INT", help="only this many first words"
    )
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
    parser.add_argument(
        "--decimals",
        type=int,
        metavar="INT",
        help="digits behind the point (default: as few as give the same number)",
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
    parser.add_argument(
        "--tokens",
        type=int,
        default=DEFAULT_TOKENS,
        metavar="INT",
        help=f"size of the corpus (default: {DEFAULT_TOKENS})",
    )
    for name in ("seed", "workers"):
        _add_parameter(parser, PARAMETERS[name])


def hint(name: str, names: Sequence[str]) -> str:
    """Return a question with the nearest name, or nothing when none is near."""
    found = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _unknown_flag(flag: str, parser: argparse.ArgumentParser) -> UsageError:
    flag = flag.split("=")[0]
    near = suggest(flag.lstrip("-").replace("-", "_"))
    options = [option for action in parser._actions for option in action.option_strings]
    if flag.startswith("-") and near and _flag(near) in options:
        return UsageError(f"unknown argument {flag!r}; did you mean {_flag(near)!r}?")
    return UsageError(f"unknown argument {flag!r}{hint(flag, options)}")


def _check_original(argv: Sequence[str], parser: _Parser) -> None:
    """Show the help when there is no argument; reject the beginnings of flags.

    The flags have one dash, and argparse completes those whatever it is told.
    """
    if len(argv) == 1:
        parser.print_help()
    known = {option for a in parser._actions for option in a.option_strings}
    for word in argv:
        if word[:1] == "-" and word[1:2].isalpha() and word not in known:
            raise _unknown_flag(word, parser)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments; raise UsageError or HelpRequest."""
    parser, commands = _build_parser()
    command = next((word for word in argv if not word.startswith("-")), None)
    if command is not None and command not in commands:
        expected = ", ".join(commands)
        near = hint(command, list(commands)) or f"; expected one of {expected}"
        raise UsageError(f"unknown command {command!r}{near}")
    if command == "word2vec":
        _check_original(argv, commands[command])
    args, unknown = parser.parse_known_args(argv)
    # Words may stand between and behind the options.
    if command in ("most-similar", "analogy"):
        args.words += [word for word in unknown if not word.startswith("-")]
        unknown = [word for word in unknown if word.startswith("-")]
    if unknown:
        raise _unknown_flag(unknown[0], commands[command] if command else parser)
    if command is None and not args.version:
        raise UsageError(f"expected a command: {', '.join(commands)}")
    return args
