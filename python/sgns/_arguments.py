"""The command line as a whole: its parser, and what it says of mistakes."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from sgns._commands import COMMANDS, flag_of
from sgns._params import suggest

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class UsageError(Exception):
    """The command line itself is wrong: exit code 2."""


class HelpRequest(Exception):  # noqa: N818
    """The user asked for help; the argument is its text."""


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: SupportsWrite[str] | None = None) -> NoReturn:
        raise HelpRequest(self.format_help().rstrip())

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see '{self.prog} --help')")


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
    commands = {}
    for name, (text, fill) in COMMANDS.items():
        commands[name] = subparsers.add_parser(
            name, help=text, description=text, parents=[common], allow_abbrev=False
        )
        fill(commands[name])
    return parser, commands


def hint(name: str, names: Sequence[str]) -> str:
    """Return a question with the nearest name, or nothing when none is near."""
    found = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _unknown_flag(flag: str, parser: argparse.ArgumentParser) -> UsageError:
    flag = flag.split("=")[0]
    near = suggest(flag.lstrip("-").replace("-", "_"))
    options = [option for action in parser._actions for option in action.option_strings]
    if flag.startswith("-") and near and flag_of(near) in options:
        return UsageError(f"unknown argument {flag!r}; did you mean {flag_of(near)!r}?")
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
    # Words and files may stand between and behind the options.
    if command in ("most-similar", "analogy"):
        args.words += [word for word in unknown if not word.startswith("-")]
        unknown = [word for word in unknown if word.startswith("-")]
    if command in ("train", "phrases"):
        args.corpus += [word for word in unknown if word[:1] != "-" or word == "-"]
        unknown = [word for word in unknown if word[:1] == "-" and word != "-"]
        if len(args.corpus) > 1 and "-" in args.corpus:
            raise UsageError("standard input (-) cannot be read together with files")
    if unknown:
        raise _unknown_flag(unknown[0], commands[command] if command else parser)
    if command is None and not args.version:
        raise UsageError(f"expected a command: {', '.join(commands)}")
    return args
