"""What a figure of a lesson is: data, so that a page of the dashboard and a page without a server draw the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Spaces at which no line ends. In a name: before a number that follows a word. In a value: all but before a bracket.
_IN_NAME, _IN_VALUE = re.compile(r" (?==)|(?<=[^\W\d]|[.=]) (?=\d)"), re.compile(r" (?!\()")


@dataclass(frozen=True, slots=True)
class Interactive:
    """A component of ours that needs no server.

    Args:
        component: Name of its files in ``app/components/browser``.
        data: What it shows; plain data.
        caption: What it shows and how to use it, in a sentence or two.
    """

    component: str
    data: Mapping[str, object] = field(repr=False)
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Still:
    """A drawing.

    Args:
        svg: An SVG text in our colour names, as ``app.charts`` makes it.
        caption: What it shows.
        narrow: The same for a phone; empty where the drawing fits one.
    """

    svg: str = field(repr=False)
    caption: str = ""
    narrow: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table. No line begins in a number with its unit, in a range, or between a word and its number.

    >>> Rows(("tree", "α"), [("after block 2", ".011 – .017")]).rows
    [('after block\\xa02', '.011\\xa0\\u2060–\\u2060\\xa0.017')]

    Args:
        columns: Headings.
        rows: Cells, as many as there are columns; the first names the row.
        caption: What it shows.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)
    caption: str = ""

    def __post_init__(self) -> None:
        whole = [(_together(name, _IN_NAME), *(_value(cell) for cell in cells)) for name, *cells in self.rows]
        object.__setattr__(self, "rows", whole)


def _value(cell: str) -> str:
    """Return a cell of a value; words without a number wrap as they like."""
    return _together(cell, _IN_VALUE) if re.search(r"\d", cell) else cell


def _together(text: str, spaces: re.Pattern[str]) -> str:
    return spaces.sub("\u00a0", text).replace("–", "\u2060–\u2060")


Figure = Interactive | Still | Rows
