"""Lines of text in a PDF file: its pages, its font, and how high text is."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode, XPos, YPos
from fpdf.fonts import TTFFont

from app.charts.paper import LIGHT
from core.plain_text import printable

# Matplotlib brings it, which draws our figures for papers; it has Δ, − and ≥, and most alphabets.
FONT: Final = "dejavu"
_FILES: Final = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_MISSING: Final = "\u25a1"
_KEPT: Final = frozenset("\n\t")
# Millimetres and points.
MARGIN: Final = 17.0
TINY: Final = 7.2
LINE: Final = 1.45
POINT: Final = 25.4 / 72


class PdfLines:
    """A PDF of A4 pages on which lines are written from top to bottom.

    Args:
        title: Of the document; stands below every page.
    """

    def __init__(self, title: str) -> None:
        self.pdf = _Pages(format="A4")
        for style, name in _FILES.items():
            self.pdf.add_font(FONT, style, _fonts() / name)
        letters = [frozenset(font.cmap) for font in self._fonts_used()]
        self.known = frozenset.intersection(*letters)
        self.pdf.title_line = self._text(title)
        self.pdf.set_title(self._text(title))
        self.pdf.set_lang("en")
        self.pdf.set_creator("Branchwise")
        self.pdf.set_margin(MARGIN)
        self.pdf.set_auto_page_break(auto=True, margin=MARGIN + 2)

    def close(self) -> None:
        """Close the fonts, which are read until the last page is written."""
        for font in self._fonts_used():
            font.close()

    def _fonts_used(self) -> list[TTFFont]:
        return [font for font in self.pdf.fonts.values() if isinstance(font, TTFFont)]

    def _height(
        self, text: str, size: float, *, bold: bool = False, width: float = 0.0, most_lines: int = 1000
    ) -> float:
        """Return how many millimetres lines need, or the first of them."""
        self._font(size, bold=bold)
        line = size * LINE * POINT
        needed = self.pdf.multi_cell(
            w=width, h=line, text=self._text(text), dry_run=True, output=MethodReturnValue.HEIGHT
        )  # fmt: skip
        assert isinstance(needed, float)
        return min(needed, most_lines * line)

    def _keep(self, height: float) -> None:
        """Begin a page unless so many millimetres are left on this one."""
        if self.pdf.will_page_break(height):
            self.pdf.add_page()

    def _write(
        self, text: str, size: float, *, bold: bool = False, quiet: bool = False, after: float = 0.0, left: float = 0.0,
        width: float = 0.0, fill: bool = False, wrap: WrapMode = WrapMode.WORD,
    ) -> None:  # fmt: skip
        """Write lines, and go below them."""
        self._font(size, bold=bold, quiet=quiet)
        if left:
            self.pdf.set_x(MARGIN + left)
        self.pdf.multi_cell(
            w=width, h=size * LINE * POINT, text=self._text(text), align=Align.L, fill=fill, wrapmode=wrap,
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip
        self.pdf.set_y(self.pdf.y + after)

    def _font(self, size: float, *, bold: bool = False, quiet: bool = False) -> None:
        self.pdf.set_font(FONT, "B" if bold else "", size)
        self.pdf.set_text_color(LIGHT["muted" if quiet else "text"])

    def _text(self, words: str) -> str:
        """Return text that the font can write."""
        clean = printable(words).replace(" %", "\u00a0%")
        return "".join(letter if letter in _KEPT or ord(letter) in self.known else _MISSING for letter in clean)


class _Pages(FPDF):
    """Pages with the title and their number below."""

    title_line = ""

    def footer(self) -> None:
        """Write below each page."""
        self.set_y(-13)
        self.set_font(FONT, "", TINY)
        self.set_text_color(LIGHT["muted"])
        # A long title leaves room for the number.
        title = self.title_line if len(self.title_line) <= 100 else f"{self.title_line[:99]}…"
        self.cell(text=title, w=self.epw - 15)
        self.cell(text=str(self.page_no()), w=15, align=Align.R)


def _fonts() -> Path:
    """Return the folder of the font's files."""
    found = find_spec("matplotlib")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
