"""A report as a PDF file on A4, with an outline and a list of contents; drawings stay drawings."""

import io
import logging
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, WrapMode, XPos, YPos
from fpdf.fonts import FontFace
from fpdf.outline import OutlineSection

from app.charts.paper import LIGHT, on_paper
from app.report.model import (
    Bullets,
    Code,
    DraggedPlane,
    Facts,
    Figure,
    Heading,
    Paragraph,
    Part,
    Report,
    Section,
    Strips,
    Table,
)
from app.report.pdf_lines import FONT, LINE, MARGIN, POINT, TINY, PdfLines

# Millimetres and points.
_TEXT, _SMALL = 9.5, 8.0
_FIGURE_WIDTH, _STRIP_WIDTH = 125.0, 82.0
_WIDEST_CELL = 46.0
_NARROWEST: Final = 8.0  # where the height of text is asked
_NAMES: Final = 38.0  # left of values
_LARGEST_UNIT: Final = 0.24  # of a drawing: its letters of 13 units are 9 points high then


def pdf_report(report: Report) -> bytes:
    """Return a report as a PDF file.

    Characters that the font lacks, such as emoji of later standards, are written as □.

    Args:
        report: What it says.
    """
    # Whatever it has to say of a font is not for the reader of a report.
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return _Document(report).written()


class _Document(PdfLines):
    """A PDF that is written from top to bottom."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.title)
        self.report = report

    def written(self) -> bytes:
        """Return the file."""
        try:
            self._pages()
            return bytes(self.pdf.output())
        finally:
            self.close()

    def _pages(self) -> None:
        self.pdf.add_page()
        self._write(self.report.title, 20, bold=True, after=2)
        self._write(self.report.question, 11.5, after=2)
        self._write(self.report.made, _SMALL, quiet=True, after=4)
        # Ends the page: what follows begins on the next one.
        self.pdf.insert_toc_placeholder(self._contents)
        for section in self.report.sections:
            self._section(section)

    def _contents(self, pdf: FPDF, outline: list[OutlineSection]) -> None:
        for number, section in enumerate(outline, start=1):
            link = pdf.add_link(page=section.page_number)
            self._font(_TEXT)
            pdf.set_x(MARGIN)
            line = _TEXT * LINE * POINT * 1.15
            words = f"{number}.  {section.name}"
            pdf.cell(text=words, w=pdf.epw - 12, h=line, link=link)
            pdf.cell(
                text=str(section.page_number), w=12, h=line, align=Align.R, link=link, new_x=XPos.LMARGIN,
                new_y=YPos.NEXT,
            )  # fmt: skip

    def _section(self, section: Section) -> None:
        # A heading stays with what it is of.
        self._keep(self._height(section.title, 14.5, bold=True) + 8 + self._beginning(section.parts))
        if self.pdf.y > MARGIN + 1:
            self.pdf.ln(6)
        self.pdf.start_section(self._text(section.title))
        self._write(section.title, 14.5, bold=True, after=2)
        for place, part in enumerate(section.parts):
            if isinstance(part, Heading):
                self._keep(self._beginning(section.parts[place:]))
            self._part(part)

    def _beginning(self, parts: Sequence[Part]) -> float:
        """Return how many millimetres parts need so that the first of them begins where it stands."""
        if not parts:
            return 0.0
        match parts[0]:
            case Heading(text):
                return self._height(text, 11, bold=True) + 2.5 + self._beginning(parts[1:])
            case Paragraph(text, quiet):
                return self._height(text, _SMALL if quiet else _TEXT, most_lines=3)
            case Bullets(items):
                return self._height(f"•  {items[0]}", _TEXT, most_lines=3)
            case Facts(rows):
                return max(self._height(each, _TEXT, width=_NAMES) for each in rows[0]) + 2
            case Table() as table:
                return self._head_height(table)
            case Figure(svg, caption):
                return self._figure_height(svg, caption)
            case DraggedPlane(still=still, caption=caption, beside=beside):
                return self._beginning(beside) if beside else self._figure_height(still, caption)
            case Strips() | Code():
                return 20.0

    def _part(self, part: Part) -> None:
        match part:
            case Paragraph(text, quiet):
                self._write(text, _SMALL if quiet else _TEXT, quiet=quiet, after=2.2)
            case Heading(text):
                self.pdf.ln(1.5)
                self._write(text, 11, bold=True, after=1)
            case Bullets(items):
                for item in items:
                    self._write(f"•  {item}", _TEXT, after=1, left=3)
                self.pdf.ln(1.5)
            case Facts(rows, large):
                self._grid([(row[0], "   ".join(filter(None, row[1:]))) for row in rows], bold=large)
            case Table():
                self._table(part)
            case Strips():
                self._strips(part)
            case Figure(svg, caption):
                self._figure(svg, caption)
            case DraggedPlane():
                for each in part.beside:
                    self._part(each)
                self._figure(part.still, part.caption)
            case Code(text, title, on_paper):
                if on_paper:
                    self._write(f"{title}. {on_paper}", _SMALL, quiet=True, after=2.2)
                else:
                    self._code(text, title)

    def _grid(self, rows: list[tuple[str, str]], *, bold: bool) -> None:
        """Write names with their values beside them."""
        width = _NAMES
        for name, value in rows:
            # A value that goes on on the next page would leave the rest of that page empty.
            self._keep(min(self._height(value, _TEXT, bold=bold, width=self.pdf.epw - width), self.pdf.eph / 2))
            top = self.pdf.y
            self._write(name, _SMALL if bold else _TEXT, quiet=True, width=width)
            below = self.pdf.y
            self.pdf.set_xy(MARGIN + width, top)
            self._write(value, _TEXT, bold=bold, width=self.pdf.epw - width)
            self.pdf.set_xy(MARGIN, max(below, self.pdf.y) + 0.6)
        self.pdf.ln(2.5)

    def _table(self, table: Table) -> None:
        # A table is not cut behind its caption or its titles.
        self._keep(self._head_height(table))
        self._write(f"{table.caption.removesuffix('.')}.", _SMALL, quiet=True, after=1)
        size = _size(table)
        self._font(size)
        self.pdf.set_draw_color(LIGHT["line"])
        aligns = [Align.L if place in table.words else Align.R for place in range(len(table.columns))]
        widths = self._widths(table)
        with self.pdf.table(
            align=Align.L,
            width=min(sum(widths), self.pdf.epw - 0.01),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=widths,
            text_align=tuple(aligns),
            line_height=size * LINE * POINT,
            headings_style=FontFace(emphasis="", color=LIGHT["muted"]),
            padding=(0.6, 1.1),
        ) as drawn:
            for row in (table.columns, *table.rows):
                drawn.row([self._text(cell) for cell in row])
        self.pdf.ln(4)

    def _head_height(self, table: Table) -> float:
        """Return how high a table's caption, its titles and its first two rows are."""
        found, size = self._height(table.caption, _SMALL) + 1, _size(table)
        self._font(size)
        widths = self._widths(table)
        for row in (table.columns, *table.rows[:2]):
            cells = zip(row, widths, strict=True)
            found += max(self._height(cell, size, width=max(width, _NARROWEST)) for cell, width in cells) + 1.2
        return found

    def _widths(self, table: Table) -> tuple[float, ...]:
        """Return the width of each column: what its longest cell needs, less for words where there is no room."""
        needed = []
        for place, title in enumerate(table.columns):
            cells = [row[place] for row in table.rows]
            longest = max((self.pdf.get_string_width(self._text(cell)) for cell in cells), default=0.0)
            word = max((self.pdf.get_string_width(self._text(word)) for word in title.split()), default=0.0)
            needed.append(max(longest, word) + 3.2)
        room = self.pdf.epw
        long = [place for place, width in enumerate(needed) if width > _WIDEST_CELL] or [0]
        over = sum(needed) - room
        if over > 0:
            shares = sum(needed[place] for place in long)
            for place in long:
                needed[place] = max(25.0, needed[place] - over * needed[place] / shares)
        return tuple(width * min(1.0, room / sum(needed)) for width in needed)

    def _strips(self, strips: Strips) -> None:
        for row in strips.rows:
            self._keep(20)
            top, left = self.pdf.y, 34.0
            self._write(row.name, _TEXT, bold=True, width=left - 2)
            below = self.pdf.y
            room = self.pdf.epw - left
            if row.png:
                info = self.pdf.image(
                    io.BytesIO(row.png), x=MARGIN + left, y=top, w=min(_STRIP_WIDTH, 14.0 * row.n_pictures),
                    alt_text=self._text(row.alt),
                )  # fmt: skip
                width = float(info.rendered_width)
                below = max(below, top + float(info.rendered_height))
                left, room = left + width + 3, room - width - 3
            self.pdf.set_xy(MARGIN + left, top)
            self._write(row.remark, _SMALL, quiet=True, width=room)
            self.pdf.set_xy(MARGIN, max(below, self.pdf.y) + 1.5)
        self.pdf.ln(3)

    def _figure(self, svg: str, caption: str) -> None:
        drawn = on_paper(self._text(svg)).replace('font-family="inherit"', f'font-family="{FONT}"')
        # What only a pointer meets; the library knows no such colour.
        drawn = drawn.replace('fill="transparent"', 'fill="none"')
        shown, _ = self._figure_size(svg)
        self._keep(self._figure_height(svg, caption))
        self.pdf.image(io.BytesIO(drawn.encode()), w=shown, alt_text=self._text(caption))
        self.pdf.ln(1)
        self._write(caption, _SMALL, quiet=True, after=4)

    def _figure_size(self, svg: str) -> tuple[float, float]:
        """Return width and height of a drawing on the page; small ones are not enlarged."""
        width, height = (float(number) for number in svg.partition('viewBox="0 0 ')[2].partition('"')[0].split())
        shown = min(_FIGURE_WIDTH, _LARGEST_UNIT * width, (self.pdf.eph - 20) * width / height)
        return shown, shown * height / width

    def _figure_height(self, svg: str, caption: str) -> float:
        return self._figure_size(svg)[1] + 1 + self._height(caption, _SMALL)

    def _code(self, text: str, title: str) -> None:
        self._keep(16)
        self._write(f"{title}:", _SMALL, quiet=True, after=0.5)
        self.pdf.set_fill_color(LIGHT["over"])
        self._write(text, TINY, after=4, fill=True, wrap=WrapMode.CHAR)


def _size(table: Table) -> float:
    """Return the size of letters in points."""
    return _SMALL if len(table.columns) <= 6 else TINY
