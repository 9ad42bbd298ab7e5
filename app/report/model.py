"""What a report is made of, as plain values: every text is data, and whoever draws it escapes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

# Marks, and what ``escape`` of ``app/ui/formatting.py`` puts into names.
_MARKUP = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~:$<>&=])|\u2060|\*+|`")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences.

    Args:
        text: As it is read.
        quiet: Whether it is a remark on what stands before it.
    """

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values.

    Args:
        rows: Name and value.
        large: Whether these are the few figures that a section is about: (name, value, remark).
    """

    rows: tuple[tuple[str, ...], ...]
    large: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose cells are written.

    Args:
        caption: What it shows, and which split, seeds and weighting its numbers are of.
        columns: Titles.
        rows: Cells, one per title.
        words: Places of columns that hold words; the others hold numbers, which are flush right.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class Strip:
    """Example pictures side by side.

    Args:
        name: What they are of.
        remark: Kind, labels or values beside them.
        png: The pictures in one; empty where labels are words.
        alt: What they show.
        n_pictures: How many there are in one.
    """

    name: str
    remark: str
    png: bytes = field(default=b"", repr=False)
    alt: str = ""
    n_pictures: int = 0


@dataclass(frozen=True, slots=True)
class Strips:
    """Examples of the data, one row for the inputs and one for each task."""

    rows: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing.

    Args:
        svg: Its text, in colours by name, as our chart functions return it.
        caption: What it shows.
    """

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class DraggedPlane:
    """The plane of cost and gain with its budget line, which can be dragged where there is a browser.

    Args:
        component: Name of its files in ``components/browser``.
        data: What ``plane_data`` or ``compare_data`` returns.
        still: The same with the line where the report has it, as an SVG text.
        caption: What it shows.
        beside: What a browser shows beside it; on paper it stands above.
    """

    component: str
    data: Mapping[str, object]
    still: str
    caption: str
    beside: "tuple[Facts | Figure | Paragraph, ...]" = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to copy.

    Args:
        text: The lines.
        title: What they are.
        on_paper: What stands in their place on paper, where they are longer than anybody types; folded on a screen.
    """

    text: str
    title: str
    on_paper: str = ""


Part: TypeAlias = Paragraph | Heading | Bullets | Facts | Table | Strips | Figure | DraggedPlane | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter.

    Args:
        code: Its address inside the file.
        title: Its heading.
        parts: What it says.
    """

    code: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Args:
        title: Of the study.
        question: What it answers.
        made: What made it, and from what.
        sections: In order; none of them is empty.
    """

    title: str
    question: str
    made: str
    sections: tuple[Section, ...]


def paragraphs(texts: Sequence[str], *, quiet: bool = False) -> list[Part]:
    """Return those of some texts that say anything as paragraphs."""
    return [Paragraph(text, quiet=quiet) for text in texts if text]


def plain(markdown: str) -> str:
    r"""Return what a sentence for Markdown says, without its marks and the backslashes before those of names.

    >>> plain(r"Best: **a\_b**, see *Study* and `c`")
    'Best: a_b, see Study and c'
    """
    return _MARKUP.sub(lambda found: found[1] or "", markdown)
