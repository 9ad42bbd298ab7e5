"""A backbone with exits on several scales."""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from app.figures.drawing.lettering import SMALL, lines, named
from app.figures.parts import HIGH, LINE, LOW, MUTED, PRIMARY, Ladder, Strip

_STRIP = 0.62


def size_of_ladder(ladder: Ladder) -> tuple[float, float]:
    """Return width and height in inches."""
    return ladder.width, _STRIP * len(ladder.strips) + 0.7 + 0.16 * len(ladder.marks)


def draw_ladder(place: SubFigure, ladder: Ladder) -> None:
    """Draw every scale as a bar whose pieces are the blocks, with a line at each mark."""
    axes = place.subplots()
    axes.set_xlim(-0.005, 1.02)
    axes.set_ylim(len(ladder.strips) - 0.4, -0.75)
    axes.set_xticks([])
    axes.set_yticks(range(len(ladder.strips)), [named(strip.name) for strip in ladder.strips])
    axes.tick_params(length=0, labelsize=SMALL)
    axes.spines[:].set_visible(False)
    for row, strip in enumerate(ladder.strips):
        whole = strip.ends[-1] or 1.0
        ends = [0.0, *(end / whole for end in strip.ends)]
        last = max((place for place, _ in ladder.marks), default=len(strip.ends) - 1)
        for block, (left, right) in enumerate(pairwise(ends)):
            axes.barh(row, right - left, left=left, height=0.42, edgecolor="#FFFFFF", linewidth=0.6,
                      color=LOW if block <= last else LINE)  # fmt: skip
        _draw_marks(axes, ladder, strip, row, whole)
    key = [f"{number + 1}: {words}" for number, (_, words) in enumerate(ladder.marks)]
    axes.set_xlabel("\n".join(line for words in key for line in lines(words, ladder.width - 1, SMALL - 0.5)),
                    fontsize=SMALL - 0.5, loc="left", color=MUTED)  # fmt: skip
    if ladder.title:
        axes.set_title("\n".join(lines(ladder.title, ladder.width, SMALL + 1)), fontsize=SMALL + 1, loc="left")


def _draw_marks(axes: Axes, ladder: Ladder, strip: Strip, row: int, whole: float) -> None:
    before = -1.0
    for number, (place, _) in enumerate(ladder.marks):
        x = strip.ends[place] / whole
        axes.plot([x, x], [row - 0.32, row + 0.26], color=PRIMARY, linewidth=1.4)
        axes.text(x, row - 0.36, str(number + 1), ha="center", va="bottom", fontsize=SMALL - 1, color=PRIMARY)
        words = named(strip.written[place])
        # What would run into the words before it is in the data.
        if x - before >= len(words) * (SMALL - 1.5) * 0.6 / 72 / (ladder.width - 1):
            axes.text(x, row + 0.27, words, ha="right" if x > 0.9 else "center", va="top", fontsize=SMALL - 1.5,
                      color=HIGH)  # fmt: skip
            before = x
