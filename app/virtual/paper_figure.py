"""The units of every task and how many levels learn each piece, as a figure for a paper."""

from functools import partial

import numpy as np

from app.figures.bibliography import VIRTUAL
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import HeatMaps
from app.ui.downloads import file_stem
from app.virtual.units_model import UnitsView
from core.studies.study import Study

# Tasks beyond these are in the data only.
_MOST = 8


def paper_menu(view: UnitsView, study: Study) -> None:
    """Show the menu of the units."""
    figure_menu(
        partial(units_figure, view, study), key="virtual", tasks=view.tasks, has_order=True,
        stem=f"branchwise-{file_stem(study.name)}-units",
    )  # fmt: skip


def units_figure(view: UnitsView, study: Study, edits: Edits) -> PaperFigure:
    """Return the totals of all pieces, and for each task the first level that has a piece."""
    n = view.n_levels
    order = edits.ordered(len(view.tasks))
    tasks = edits.named(view.tasks)
    totals = np.array(view.totals, dtype=np.float64)
    # A piece belongs to the first level that has both of its units.
    levels = np.array([[view.orders[task].index(unit) + 1 for unit in range(n)] for task in range(len(tasks))])
    firsts = np.maximum(levels[:, :, None], levels[:, None, :]).astype(np.float64)
    units = (tuple(str(unit + 1) for unit in range(n)),)
    shown = order[:_MOST]
    maps = HeatMaps(firsts[list(shown)], tuple(tasks[task] for task in shown), units, units,
                    "first level that has the piece", low=1.0, high=float(max(n, 2)), digits=0)  # fmt: skip
    whole = HeatMaps(totals[None], ("all tasks",), units, units, "levels that learn the piece",
                     low=0.0, high=float(max(totals.max(), 1.0)), digits=0)  # fmt: skip
    left = f" The first {_MOST} of {len(tasks)} tasks are drawn." if len(tasks) > _MOST else ""
    return PaperFigure(
        f"Units of virtual networks: {study.title}",
        "rows: unit that sends; columns: unit that receives; counted from 1",
        (whole, maps),
        caption="How many levels of tasks learn each piece from unit to unit (gradient totals), and the first level of "
        f"each task that has it.{left}",
        columns=("task", "from unit", "to unit", "first level", "levels that learn it"),
        rows=tuple(
            (tasks[task], a, b, int(firsts[task, a, b]) - 1, int(totals[a, b]))
            for task in range(len(tasks))
            for a in range(n)
            for b in range(n)
        ),
        papers=(VIRTUAL,),
        provenance=provenance_of(study),
    )
