"""All families on one plane, as a figure for a paper."""

from functools import partial
from math import nan
from typing import Final

from app.charts.paper import on_paper
from app.compare.entries import time_words
from app.compare.family_marks import family_mark
from app.compare.model import CompareView
from app.compare.picture import gain_words
from app.compare.tables import networks_frame
from app.compare.words import axis_words, chance, cost_words, title
from app.figures.bibliography import entries
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import MUTED, Plot, Series
from app.ui.formatting import budget_share
from core.plane.comparison import Priced

# Shapes of the page as Matplotlib calls them.
_MARKS: Final = {
    "circle": "o", "square": "s", "diamond": "D", "triangle": "^", "fallen triangle": "v", "hexagon": "h",
    "cross": "P", "bar": "_", "hourglass": "X",
}  # fmt: skip


def paper_menu(view: CompareView, budget: float) -> None:
    """Show the menu of the plane.

    Args:
        view: Its networks.
        budget: As a fraction of single-task networks.
    """
    stem = f"branchwise-{view.study.name}-compare-{view.question}-{view.unit}"
    figure_menu(partial(compare_figure, view, budget), key="compare", stem=stem)


def compare_figure(view: CompareView, budget: float, edits: Edits) -> PaperFigure:  # noqa: ARG001  # it names no task
    """Return the measured networks with the joint Pareto front and the best within the budget."""
    assert view.comparison is not None
    front = view.comparison.front
    families = dict.fromkeys(each.point.family for each in view.networks)
    series = [_series(view, name, [each for each in view.networks if each.point.family == name]) for name in families]
    # The line joins the marks of all families and has none itself.
    line = Series("joint Pareto front; bars: 90 % intervals", tuple(view.share(each) for each in front),
                  tuple(_shown(view, each.score) for each in front), *_ends(view, front), mark="", colour=MUTED,
                  is_staircase=True)  # fmt: skip
    gain = "Mean gain Δ over tasks" if view.task is None else f"Gain Δ of {view.task}"
    label = f"{gain} vs single-task networks (%)"
    if view.scale is not None:
        label = f"{view.scale.metric.name} of {view.task}"
    plot = Plot(
        (*series, line), axis_words(view.question, view.unit, view.study.n_tasks),
        label,
        is_x_share=True, verticals=((budget, f"budget {budget_share(budget)}"),),
        horizontals=((_shown(view, 0.0), ""),),
        width=6.6, height=4.0,
    )  # fmt: skip
    best = view.within(budget)
    answer = ""
    if best is not None:
        sure = "" if best.probability is None else f"; best with probability {chance(best.probability)}"
        answer = (
            f" Within {budget_share(budget)}: {title(best.advised.point)} ({view.written(best.advised.score)}{sure})."
        )
    frame = networks_frame(view)
    return PaperFigure(
        f"{cost_words(view.question, view.unit)} and gain of all families: {view.study.title}",
        gain_words(view),
        (plot,),
        caption=f"Measured networks of every family; costs without heads.{answer} {time_words(view)}".rstrip(),
        columns=(*map(str, frame.columns), "unit", "question"),
        rows=tuple((*(None if cell != cell else cell for cell in row), str(view.unit), str(view.question))
                   for row in frame.itertuples(index=False, name=None)),
        papers=tuple(entries()),
        provenance=provenance_of(view.study),
    )  # fmt: skip


def _series(view: CompareView, family: str, networks: list[Priced]) -> Series:
    mark = family_mark(family)
    return Series(
        mark.words, tuple(view.share(each) for each in networks), tuple(_shown(view, each.score) for each in networks),
        mark=_MARKS[mark.shape], colour=on_paper(mark.colour), size=4.5,
    )  # fmt: skip


def _ends(view: CompareView, networks: tuple[Priced, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    ends = [view.interval(each) or (nan, nan) for each in networks]
    shown = [sorted((_shown(view, low), _shown(view, high))) for low, high in ends]
    return tuple(low for low, _ in shown), tuple(high for _, high in shown)


def _shown(view: CompareView, score: float) -> float:
    """Return a gain, or the value of the metric."""
    return score if view.scale is None else view.scale.value(score)
