"""Which family when: for each question, unit and budget the family with the best network, and how sure that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.charts import svg
from app.compare.family_marks import family_mark, family_words, mark_shape, placed_words
from app.compare.kept import compare_view
from app.compare.model import CompareView
from app.compare.words import QUESTION_WORDS, chance
from app.components.drawing import drawing
from app.ui.downloads import csv_button
from app.ui.formatting import unit_words
from core.costs import CostQuestion, Unit
from core.plane.comparison import PERCENTS, BestWithin
from core.studies.study import Study
from core.studies.study_plane import PAIRS

_WIDTH, _TOP, _ROW = 860.0, 38.0, 44.0
# The browser shows the one that fits. On a phone, questions stand above their rows, and so do the words on budgets.
WIDTHS = (svg.NARROW, 620.0, _WIDTH)
_LEFT, _ABOVE = 210.0, 20.0
_MARK, _LINE = 6.0, 20.0


@dataclass(frozen=True, slots=True)
class WhichRow:
    """What each budget buys at one question and unit.

    Args:
        question: Which question costs answer.
        unit: Unit of cost.
        best: Percent of single-task networks → what it buys; None where nothing is so cheap.
    """

    question: CostQuestion
    unit: Unit
    best: Mapping[int, BestWithin | None]

    @property
    def words(self) -> str:
        """Question and unit in words."""
        return f"{QUESTION_WORDS[self.question]}: {unit_words(self.unit)}"


def which_rows(views: Iterable[CompareView]) -> list[WhichRow]:
    """Return what budgets buy at those questions and units that several families answer."""
    return [
        WhichRow(view.question, view.unit, {percent: view.by_percent[percent - 1] for percent in PERCENTS})
        for view in views
        if view.has_rivals
    ]


def show_which(study: Study, task: str | None) -> None:
    """Show the map, and the same as a file."""
    rows = which_rows(compare_view(study.name, question, unit, task) for question, unit in PAIRS)
    if not rows:
        st.info("Nothing but single-task networks is measured, so no family can win.", icon=":material/info:")
        return
    of = f"Δ {task}" if task else "mean Δ over tasks, equal weights"
    st.caption(
        f"The family with the best network within each budget, by {of}, test split. Below its mark the probability "
        "that the best network is one of its own, or “only” where no other family has one so cheap; hatched where "
        "noise can't tell it from another family's best. The network that is recommended may be of another family: it "
        "is the cheapest that noise can't tell from the one with the largest mean gain."
    )
    drawing(
        [which_svg(rows, width) for width in WIDTHS],
        key="which-family",
        saved_as=f"branchwise-{study.name}-which-family",
    )
    csv_button("Which family when, as CSV", which_frame(rows), f"branchwise-{study.name}-which-family.csv")


def which_frame(rows: Sequence[WhichRow]) -> pd.DataFrame:
    """Return one line for each question, unit and budget."""
    return pd.DataFrame(
        [
            {
                "question": str(row.question),
                "unit": str(row.unit),
                "budget, %": percent,
                "family": None if found is None else found.family,
                "probability": None if found is None else found.certainty,
                "within noise": None if found is None else " ".join(found.alike),
                "recommended": None if found is None else f"{found.advised.point.family}: {found.advised.point.label}",
            }
            for row in rows
            for percent, found in row.best.items()
        ]
    )


def which_svg(rows: Sequence[WhichRow], width: float = _WIDTH) -> str:
    """Return the map: questions and units from top to bottom, budgets from left to right.

    Args:
        rows: What budgets buy.
        width: Of the drawing, one of ``WIDTHS``.
    """
    is_narrow = width <= svg.NARROW
    left, above, size = (0.0, _ABOVE, 11.5) if is_narrow else (_LEFT, 0.0, 12.5)
    step, top, row_height = (width - left) / len(PERCENTS), _TOP + above, _ROW + above
    body = svg.hatching()
    for place, percent in enumerate(PERCENTS):
        at = left + step * (place + 0.5)
        body += svg.text(at, 20 + above, f"{percent} %", anchor="middle", fill=svg.MUTED, size=size)
    if is_narrow:
        body += svg.text(0, 14, "Budget, share of single-task networks", fill=svg.MUTED, size=12.5)
    else:
        body += _two_lines("Budget, share of", "single-task networks", 11, svg.MUTED)
    for number, row in enumerate(rows):
        y = top + row_height * number
        body += svg.tag("line", x1=0, x2=width, y1=y, y2=y, stroke=svg.LINE, stroke_width=1)
        if is_narrow:
            body += svg.text(0, y + 16, row.words, size=12.5)
        else:
            body += _two_lines(f"{QUESTION_WORDS[row.question]}:", unit_words(row.unit), y + 18, svg.TEXT)
        cells = enumerate(row.best.values())
        body += "".join(_cell(found, left + step * place, y + above, step, size) for place, found in cells)
    bottom = top + row_height * len(rows)
    seen = {found.family for row in rows for found in row.best.values() if found}
    styles = [family_mark(name) for name in sorted(seen)]
    noise = "within noise of another"
    *places, (x, last) = placed_words([*(style.words for style in styles), f"  {noise}"], 4.0, width)
    legend = ""
    for style, (left, above) in zip(styles, places, strict=True):
        y = bottom + 24 + _LINE * above
        legend += mark_shape(style.shape, left + 6, y - 4, _MARK, fill=style.colour)
        legend += svg.text(left + 17, y, style.words, fill=svg.MUTED, size=12.5)
    y = bottom + 24 + _LINE * last
    legend += svg.tag("rect", x=x, y=y - 11, width=16, height=14, fill="url(#hatch)", opacity=0.6)
    legend += svg.text(x + 22, y, noise, fill=svg.MUTED, size=12.5)
    body += svg.tag("g", legend, class_="legend", data_x=4, data_y=bottom)
    return svg.canvas(width, y + 10, body, spoken(rows))


def _two_lines(first: str, second: str, y: float, colour: str) -> str:
    """Return words at the left in two lines, since larger text has no room for one."""
    return svg.text(4, y, first, fill=colour, size=12.5) + svg.text(4, y + 17, second, fill=colour, size=12.5)


def spoken(rows: Sequence[WhichRow]) -> str:
    """Return the map in words: at each question the family that wins at most budgets."""
    said = []
    for row in rows:
        names = [found.family for found in row.best.values() if found]
        most = max(dict.fromkeys(names), key=names.count) if names else None
        said.append(f"{row.words}: {family_words(most) if most else 'nothing fits'}")
    return "Which family has the best network, mostly. " + "; ".join(said)


def _cell(found: BestWithin | None, x: float, y: float, width: float, size: float) -> str:
    middle = x + width / 2
    if found is None:
        return svg.text(middle, y + _ROW / 2 + 5, "–", anchor="middle", fill=svg.MUTED)
    style, body = family_mark(found.family), ""
    if found.alike:
        body += svg.tag("rect", x=x + 2, y=y + 2, width=width - 4, height=_ROW - 4, fill="url(#hatch)", opacity=0.28)
    body += mark_shape(style.shape, middle, y + 14, _MARK, fill=style.colour)
    words = "only" if found.is_only_family else "1 seed" if found.certainty is None else chance(found.certainty)
    return body + svg.text(middle, y + 36, words, anchor="middle", size=size)
