"""How commands write: one JSON document, or lines and aligned tables for people."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO, TypeVar

import click

from core.plain_text import printable

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add ``--json`` to a command."""
    return click.option(
        "as_json",
        "--json",
        is_flag=True,
        # Before other options are read, which may import a module of the user's.
        is_eager=True,
        callback=_keep_output_pure,
        help="Write one JSON document and nothing else.",
    )(command)


def say(text: object = "", *, err: bool = False) -> None:
    """Write lines for people; what a name would do to their terminal is written out."""
    click.echo(printable(str(text)), err=err)


def write_json(document: object) -> None:
    """Write one JSON document to standard output."""
    # Escapes keep it whole on terminals of any encoding.
    click.echo(json.dumps(document, allow_nan=False), file=_output())


_OUTPUT = "branchwise.output"


def _keep_output_pure(context: click.Context, _: click.Parameter, wanted: bool) -> bool:
    if wanted:
        context.meta[_OUTPUT] = _others_on_standard_error(context)
    return wanted


def _output() -> TextIO | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(_OUTPUT)


def _others_on_standard_error(context: click.Context) -> TextIO:
    """Send what anybody prints to standard error, and return the stream that is standard output.

    A module that is imported for a user may print, from Python or, as compiled libraries do, past it.
    """
    output: TextIO = sys.stdout
    if sys.__stdout__ is None or output is not sys.__stdout__:
        # Captured by a test or an embedding program: it has no file of its own. No generator may hold the old stream:
        # the context of a command with a bad option is never closed, and a generator would put it back much later.
        sys.stdout = sys.stderr
        context.call_on_close(lambda: setattr(sys, "stdout", output))
        return output
    # To the end of the process, at which modules print, too.
    sys.__stdout__.flush()
    stream = open(os.dup(1), "w", encoding=sys.__stdout__.encoding, errors="backslashreplace")  # noqa: PTH123, SIM115
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    context.call_on_close(stream.flush)
    return stream


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int] = ()) -> str:
    """Return a table in columns of equal width.

    Args:
        header: Titles.
        rows: Cells as text, one per title.
        left: Columns that are set flush left; the others are flush right, as numbers are.

    >>> print(aligned(["cost", "layout"], [["10", "0,1"], ["9", "0;1"]], left=[1]))
    cost  layout
      10  0,1
       9  0;1
    """
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def number(value: float) -> str:
    """Return a number with thousands separators if it is whole, else with three decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def percent(value: float) -> str:
    """Return Δ with its sign, in percent."""
    return f"{value:+.3f} %"


def duration(seconds: float) -> str:
    """Return a span of time in at most two units.

    >>> duration(42), duration(192), duration(7500)
    ('42 s', '3 min 12 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
