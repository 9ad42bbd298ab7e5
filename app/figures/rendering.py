"""A figure for a paper as SVG, PDF or PNG, drawn by Matplotlib.

Matplotlib draws all three from one figure, has wheels for every system, shapes right-to-left names and ships the font
(DejaVu Sans, with its licence). It is imported here and in ``drawing`` only, so the dashboard loads it with the first
download.
"""

import io
import math
from enum import StrEnum
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure, SubFigure

from app.figures.drawing.heatmaps import draw_heat_maps, size_of_heat_maps
from app.figures.drawing.ladder import draw_ladder, size_of_ladder
from app.figures.drawing.lettering import SMALL, lines, shown
from app.figures.drawing.plot import draw_plot
from app.figures.drawing.tree import draw_tree, size_of_tree
from app.figures.paper_figure import PaperFigure
from app.figures.parts import MUTED, TEXT, HeatMaps, Ladder, Part, Plot, Tree

DPI = 300
_TITLE, _LINE, _BOLD = 11.0, 1.3, 1.13  # points; of a letter's height; wider than plain letters
_LEAST_WIDTH, _MARGIN = 4.6, 0.12  # inches
# Settings of Matplotlib belong to the process, and its text layout is not made for threads.
_LOCK = Lock()
_SETTINGS: dict[Any, object] = {
    "font.family": "DejaVu Sans",
    "font.size": SMALL,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": TEXT,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "text.color": TEXT,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.parse_math": False,
    # Glyphs as paths: a reader without the font sees the same. PDF embeds the font, so that text can be searched.
    "svg.fonttype": "path",
    "svg.hashsalt": "branchwise",
    "pdf.fonttype": 42,
    "figure.facecolor": "#FFFFFF",
    "savefig.facecolor": "#FFFFFF",
}


class Format(StrEnum):
    """A kind of file; the value is its ending."""

    SVG = "svg"
    PDF = "pdf"
    PNG = "png"


def rendered(figure: PaperFigure, kind: Format) -> bytes:
    """Return a figure as a file; equal figures are equal files."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        drawn = drawn_figure(figure)
        file = io.BytesIO()
        if kind is Format.SVG:
            FigureCanvasSVG(drawn).print_svg(file, metadata={"Title": shown(figure.title), "Date": None})
        elif kind is Format.PDF:
            FigureCanvasPdf(drawn).print_pdf(
                file, metadata={"Title": shown(figure.title), "Creator": "Branchwise", "CreationDate": None}
            )
        else:
            drawn.set_dpi(DPI)
            FigureCanvasAgg(drawn).print_png(file, metadata={"Title": shown(figure.title)})
        return file.getvalue()


def drawn_figure(figure: PaperFigure) -> Figure:
    """Return a figure as Matplotlib has it."""
    sizes = [_size(part) for part in figure.parts]
    width = max(_LEAST_WIDTH, sum(size[0] for size in sizes))
    title = lines(figure.title, width - 2 * _MARGIN, _BOLD * _TITLE)
    source = lines(figure.source, width - 2 * _MARGIN, SMALL)
    foot = lines(figure.signs, width - 2 * _MARGIN, SMALL) + lines(figure.note, width - 2 * _MARGIN, SMALL)
    head = _height(title, _TITLE) + _height(source, SMALL) + 0.16
    below = _height(foot, SMALL) + 0.12
    body = max((size[1] for size in sizes), default=0.1)
    drawn = Figure(figsize=(width, head + body + below), layout="constrained")
    rows = drawn.subfigures(3, 1, height_ratios=[head, body, below], squeeze=False)[:, 0]
    _write(rows[0], title, source, width, head)
    places = rows[1].subfigures(1, max(1, len(sizes)), width_ratios=[size[0] for size in sizes] or None, squeeze=False)
    for place, part, size in zip(places[0], figure.parts, sizes, strict=False):
        _draw(place, part, (size[0] * width / sum(each[0] for each in sizes), body))
    _place_lines(rows[2], foot, 0.0, SMALL, TEXT, width, below)
    return drawn


def _write(place: SubFigure, title: list[str], source: list[str], width: float, height: float) -> None:
    _place_lines(place, title, 0.08, _TITLE, TEXT, width, height, weight="bold")
    _place_lines(place, source, 0.08 + _height(title, _TITLE), SMALL, MUTED, width, height)


def _place_lines(
    place: SubFigure, words: list[str], top: float, size: float, colour: str, width: float, height: float,
    weight: str = "normal",
) -> None:  # fmt: skip
    for line, text in enumerate(words):
        y = 1 - (top + line * size * _LINE / 72) / height
        place.text(_MARGIN / width, y, text, va="top", fontsize=size, color=colour, fontweight=weight)


def _height(words: list[str], size: float) -> float:
    return len(words) * size * _LINE / 72


def _size(part: Part) -> tuple[float, float]:
    if isinstance(part, Plot):
        return part.width, part.height + 0.2 * math.ceil(sum(1 for each in part.series if each.name) / 2)
    if isinstance(part, HeatMaps):
        return size_of_heat_maps(part)
    return size_of_tree(part) if isinstance(part, Tree) else size_of_ladder(part)


def _draw(place: SubFigure, part: Part, size: tuple[float, float]) -> None:
    if isinstance(part, Plot):
        draw_plot(place, part)
    elif isinstance(part, HeatMaps):
        draw_heat_maps(place, part, size)
    elif isinstance(part, Tree):
        draw_tree(place, part, size)
    elif isinstance(part, Ladder):
        draw_ladder(place, part)
