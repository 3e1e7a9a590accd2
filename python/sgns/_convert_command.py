"""``sgns convert``: vectors from one format to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgns._arguments import UsageError
from sgns.formats import Model, write_model, write_vectors
from sgns.formats._content import format_to_write
from sgns.formats._keyed import read_keyed

if TYPE_CHECKING:
    import argparse


def convert(args: argparse.Namespace) -> str:
    """Convert a file; return a line that says what was done.

    Parameters
    ----------
    args : argparse.Namespace
        As `sgns._arguments.parse` gives them.

    Raises
    ------
    UsageError
        Options that do not go together.
    ValueError, OSError
        The input is not what it should be, or a file cannot be read or written.
    """
    target = args.to or format_to_write(args.output)
    if target != "text" and (args.no_header_out or args.decimals is not None):
        raise UsageError("--no-header-out and --decimals are for text")
    if args.fvocab is not None and target != "safetensors":
        raise UsageError("--fvocab needs an output that keeps counts, .safetensors")
    model = _read(args)
    if target == "safetensors":
        write_model(args.output, model)
    else:
        write_vectors(
            args.output,
            model.words,
            model.input,
            format=target,
            header=not args.no_header_out,
            decimals=args.decimals,
        )
    rows, columns = model.input.shape
    return f"wrote {rows:,} vectors of {columns} numbers to {args.output} ({target})"


def _read(args: argparse.Namespace) -> Model:
    """Return words, the chosen table and, where they are known, counts."""
    model = read_keyed(
        args.input,
        format=args.format,
        errors=args.errors,
        on_bad_row="skip" if args.skip_bad_rows else "error",
        header=False if args.no_header else "auto",
        limit=args.limit,
        fvocab=args.fvocab,
        mmap=False,
    )
    if args.table == "input":
        return model
    if model.output is None:
        raise ValueError(f"{args.input} has no output vectors")
    return Model(model.words, model.output, counts=model.counts)
