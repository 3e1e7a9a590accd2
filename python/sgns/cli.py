"""The command line: ``sgns COMMAND``, the commands being those of `_run`.

Results go to stdout, everything else to stderr. Exit codes: 0 success, 1 error,
2 wrong usage, 130 and 143 interrupted by Ctrl-C and SIGTERM, 141 stdout closed.
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sgns import (
    KeyedVectors,
    Word2Vec,
    __version__,
    _phrase_command,
    demo,
    original,
    show_config,
)
from sgns._arguments import HelpRequest, UsageError, parse
from sgns._checkpoint import CHECKPOINT_EVERY
from sgns._commands import flag_of
from sgns._compression import SUFFIXES
from sgns._convert_command import convert
from sgns._params import PARAMETERS
from sgns._query_commands import analogy, check_count, evaluate, most_similar
from sgns._sources import corpus_of, files_of
from sgns._terminal import message, note, say, stdout
from sgns.formats import Format, binary, text, write_vocabulary

if TYPE_CHECKING:
    import argparse
    from types import FrameType

logger = logging.getLogger("sgns")

EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_INTERRUPT = 130
EXIT_CLOSED = 141
EXIT_TERMINATED = 143

ERRORS = (
    UsageError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    MemoryError,
    ImportError,
)
"""What a command may raise; anything else is a fault of this program."""

FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".vec": "text",
    ".bin": "binary",
    ".safetensors": "safetensors",
    ".npy": "npy",
    ".tsv": "tsv",
}
"""Output format by the ending of the file name."""


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; whoever handles Ctrl-C handles it too."""


def _write_all(file: TextIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:  # an unbuffered stdout takes a part
        rest = rest[file.buffer.write(rest) :]


def _check_output(output: str, corpus: Sequence[str] = ()) -> None:
    """Raise OSError or UsageError before the work if `output` cannot be written.

    `corpus` has the paths of what is read; none of its files may be replaced.
    """
    if output == "-":
        return
    path = Path(output)
    if path.is_dir():
        code = errno.EISDIR
    elif path.exists() and not (path.is_file() or path.is_fifo()):
        raise OSError(errno.EINVAL, "a device or a socket (- is stdout)", output)
    elif not path.parent.exists():
        raise FileNotFoundError(errno.ENOENT, "the directory does not exist", output)
    elif not path.parent.is_dir():
        code = errno.ENOTDIR
    else:
        places = [path.parent, path] if path.exists() else [path.parent]
        code = 0 if all(os.access(place, os.W_OK) for place in places) else errno.EACCES
    if code:
        raise OSError(code, os.strerror(code), output)
    if path.exists() and any(map(path.samefile, files_of(corpus))):
        raise UsageError(
            f"{output!r} is the corpus itself: the result would replace it"
        )


def _format(output: str, chosen: Format | None) -> Format:
    """Return the chosen format, or the one that the ending of `output` stands for."""
    if output == "-":
        if chosen not in (None, "text", "binary"):
            raise UsageError(f"stdout takes text or binary, got {chosen!r}")
        return chosen or "text"
    path = Path(output)
    ending = path.suffix if path.suffix not in SUFFIXES else Path(path.stem).suffix
    known = chosen or FORMATS.get(ending)
    if known is None:
        raise UsageError(
            f"expected an output name that ends in {', '.join(FORMATS)} "
            f"(or --format), got {output!r}"
        )
    return known


def _save(vectors: KeyedVectors, output: str, chosen: Format | None) -> None:
    form = _format(output, chosen)
    if output == "-":
        encoded = [word.encode("utf-8", "surrogateescape") for word in vectors.words]
        write = binary.format_rows if form == "binary" else text.format_rows
        with stdout() as file:
            for block in write(encoded, vectors.vectors):
                _write_all(file, block)
    else:
        vectors.save(output, format=form)
    rows, columns = vectors.vectors.shape
    name = "stdout" if output == "-" else output
    note(f"wrote {rows:,} vectors of {columns} numbers to {name}")


def _check_train(args: argparse.Namespace) -> None:
    """Raise before the work for what cannot be written, or makes no sense."""
    _check_checkpoint(args)
    if args.freeze and args.init_vectors is None:
        raise UsageError("--freeze needs --init-vectors")
    outputs = [args.output]
    if args.save_vocabulary is not None:
        _check_output(args.save_vocabulary, args.corpus)
    if args.output_vectors is not None:
        outputs.append(args.output_vectors)
    for output in outputs:
        _format(output, args.format)
        _check_output(output, args.corpus)
    if len(outputs) == 2 and Path(outputs[0]).resolve() == Path(outputs[1]).resolve():
        raise UsageError("--output and --output-vectors are the same file")
    if args.output_vectors is not None and args.loss == "hs":
        raise UsageError(
            "--output-vectors needs a loss with noise words, got loss='hs'"
        )


def _train(args: argparse.Namespace) -> int:
    _check_train(args)
    values = {name: getattr(args, name) for name in PARAMETERS}
    try:
        model = Word2Vec(progress=not args.quiet, vocabulary=args.vocabulary, **values)
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    if args.quiet:
        logger.setLevel(logging.WARNING)
    code = 0
    try:
        model.fit(
            corpus_of(args.corpus),
            resume=args.resume,
            checkpoint=args.checkpoint,
            checkpoint_every=args.checkpoint_every,
            init_vectors=args.init_vectors,
            freeze=args.freeze,
        )
    except KeyboardInterrupt as interrupt:
        if not hasattr(model, "wv"):
            raise
        code = EXIT_TERMINATED if isinstance(interrupt, Terminated) else EXIT_INTERRUPT
        note("interrupted; the vectors trained so far are kept")
    if _format(args.output, args.format) == "safetensors":
        model.save(args.output)
        note(f"wrote the model to {args.output}")
    else:
        _save(model.wv, args.output, args.format)
    if args.save_vocabulary is not None:
        assert model.wv.counts is not None
        write_vocabulary(args.save_vocabulary, model.wv.words, model.wv.counts)
    if args.output_vectors is not None:
        _save(_second_table(model), args.output_vectors, args.format)
    return code


def _check_checkpoint(args: argparse.Namespace) -> None:
    if args.checkpoint is None:
        if args.checkpoint_every != CHECKPOINT_EVERY.default:
            raise UsageError("--checkpoint-every needs --checkpoint")
        return
    check_count("--checkpoint-every", args.checkpoint_every)
    if args.checkpoint == "-":
        raise UsageError("--checkpoint needs a file, got '-'")
    _check_output(args.checkpoint, args.corpus)
    for name in ("output", "output_vectors", "save_vocabulary"):
        other = getattr(args, name)
        if other and Path(other).resolve() == Path(args.checkpoint).resolve():
            raise UsageError(f"--checkpoint and {flag_of(name)} are the same file")


def _second_table(model: Word2Vec) -> KeyedVectors:
    table = model.output_vectors_
    if table is None:
        raise ValueError(f"loss={model.loss!r} has no output vectors")
    return KeyedVectors(model.wv.words, table, model.wv.counts)


def _phrases(args: argparse.Namespace) -> int:
    _phrase_command.check(args)
    for output in filter(None, (args.output, args.save)):
        _check_output(output, args.corpus)
    phrases, joined = _phrase_command.learn_and_join(args)
    if args.output == "-":
        with stdout() as file:
            for block in joined.blocks():
                _write_all(file, block)
    else:
        joined.save(args.output)
    found = ", ".join(f"{len(found):,}" for found in phrases.passes)
    name = "stdout" if args.output == "-" else args.output
    note(f"{found} phrases; wrote {joined.encoded.n_tokens:,} words to {name}")
    return 0


def _convert(args: argparse.Namespace) -> int:
    if args.limit is not None:
        check_count("--limit", args.limit)
    _check_output(args.output)
    note(convert(args))
    return 0


def _demo(args: argparse.Namespace) -> int:
    check_count("--tokens", args.tokens)
    if args.output == "-":
        raise UsageError("the vectors of the demo go to a file, got '-'")
    _format(args.output, None)
    _check_output(args.output)
    demo.run(
        args.output,
        seed=args.seed,
        n_tokens=args.tokens,
        workers=args.workers,
        progress=True,
        say=say,
    )
    return 0


def _word2vec(args: argparse.Namespace) -> int:
    for output in (args.output, args.save_vocab):
        if output:
            _check_output(output, [args.train])
    if args.debug < 2:
        logger.setLevel(logging.WARNING)
    original.run(args, say=say)
    return 0


def _version() -> int:
    say(f"sgns {__version__} ({show_config()['kernel']} kernel)")
    return 0


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    note(f"warning: {message}")


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """Show warnings and progress as plain lines; turn SIGTERM into an interrupt."""

    def terminate(_signal: int, _frame: FrameType | None) -> None:
        raise Terminated

    level = logger.level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("sgns: %(message)s"))
    on_main_thread = threading.current_thread() is threading.main_thread()
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _show_warning
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        if on_main_thread:
            before = signal.signal(signal.SIGTERM, terminate)
        try:
            yield
        finally:
            if on_main_thread:
                signal.signal(signal.SIGTERM, before)
            logger.setLevel(level)
            logger.removeHandler(handler)


def _run(argv: Sequence[str]) -> int:
    try:
        args = parse(argv)
    except HelpRequest as request:
        say(str(request))
        return 0
    if args.version:
        return _version()
    commands = {
        "train": _train,
        "most-similar": most_similar,
        "analogy": analogy,
        "evaluate": evaluate,
        "phrases": _phrases,
        "convert": _convert,
        "demo": _demo,
        "word2vec": _word2vec,
    }
    return commands[args.command](args)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the name of the program; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        with _surroundings():
            return _run(argv)
    except KeyboardInterrupt as interrupt:
        note("interrupted")
        return EXIT_TERMINATED if isinstance(interrupt, Terminated) else EXIT_INTERRUPT
    except BrokenPipeError:
        return EXIT_CLOSED
    except ERRORS as error:
        if "--traceback" in argv:
            traceback.print_exc()
        note(message(error))
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_ERROR


def entry() -> None:
    """Run the command of this process and end it with the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # any word can be shown
    code = main()
    # What a closed or full stdout did not take must not be tried again at exit.
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
