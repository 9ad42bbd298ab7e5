"""What a figure of a lesson is: data, so that a page of the dashboard and a page without a server draw the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
    """A table.

    Args:
        columns: Headings.
        rows: Cells, as many as there are columns.
        caption: What it shows.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)
    caption: str = ""


Figure = Interactive | Still | Rows
