"""Affinities at all depths, as a figure for a paper."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.affinity.figure import source_words
from app.affinity.model import SURE, is_uncertain
from app.affinity.subject import Subject
from app.affinity.tables import interval_of, long_frame
from app.figures.bibliography import BRANCHED, TAG
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import HeatMaps
from core.affinity.ordering import Arrangement

Array = NDArray[np.float64]


def paper_menu(subject: Subject, arranged: Sequence[Arrangement]) -> None:
    """Show the menu of the heat maps."""
    name = "own" if subject.is_own else subject.study.name
    figure_menu(
        partial(affinity_figure, subject, tuple(arranged)), key="affinity", tasks=subject.view.tasks, has_order=True,
        has_colours=True, stem=f"branchwise-{name}-affinity-paper",
    )  # fmt: skip


def affinity_figure(subject: Subject, arranged: Sequence[Arrangement], edits: Edits) -> PaperFigure:
    """Return the heat maps of all depths in the order of the page, or in that of a person."""
    view, sure = subject.view, subject.sure
    orders = orders_of(arranged, edits, len(view.tasks))
    low, high = edits.colours or (0.0, 1.0)
    marked = is_uncertain(view, sure)
    own = "own features" if view.evidence.effects is None else "own steps"
    maps = ordered_maps(view.normalised, marked, orders, edits.named(view.tasks), f"affinity, 1: same as {own}",
                        (low, high))  # fmt: skip
    signs = [f"Dashed: rank uncertain, kept in fewer than {round(100 * SURE)} % of resamples."] if marked.any() else []
    signs += ["×: not measured."] if np.isnan(view.normalised).any() else []
    frame = long_frame(subject)
    measured = view.evidence.losses or view.evidence.effects
    seeds = "" if measured is None else " ".join(map(str, measured.seeds))
    intervals = f" Intervals in the data: 90 %, over {interval_of(subject)}." if sure is not None else ""
    return PaperFigure(
        "Affinity of tasks at every depth",
        source_words(subject),
        (maps,),
        caption="Affinity after each block, normalised by that of the tasks with themselves: 0 none, 1 as good as "
        f"{own}.{intervals}",
        columns=(*map(str, frame.columns), "seeds"),
        rows=tuple((*(None if value != value else value for value in row), seeds)
                   for row in frame.itertuples(index=False, name=None)),
        papers=(BRANCHED if view.evidence.effects is None else TAG,),
        provenance="" if subject.is_own else provenance_of(subject.study),
        signs=" ".join(signs),
    )  # fmt: skip


def orders_of(arranged: Sequence[Arrangement], edits: Edits, n_tasks: int) -> tuple[tuple[int, ...], ...]:
    """Return the order of tasks once for all depths, or for each."""
    return (edits.ordered(n_tasks),) if edits.order else tuple(each.order for each in arranged)


def ordered_maps(
    values: Array,
    marked: NDArray[np.bool_],
    orders: Sequence[tuple[int, ...]],
    tasks: Sequence[str],
    label: str,
    colours: tuple[float, float],
    *,
    is_diverging: bool = False,
) -> HeatMaps:
    """Return tensors as heat maps with their rows and columns in some order.

    Args:
        values: ``[n_depths, n_tasks, n_tasks]``.
        marked: Same shape.
        orders: One for all depths, or one for each.
        tasks: Names, in index order.
        label: Of the colour bar.
        colours: Values of the first and the last colour.
        is_diverging: Whether the middle colour means no difference.
    """
    of_depth = [orders[depth if len(orders) > 1 else 0] for depth in range(len(values))]
    cells = [np.ix_(order, order) for order in of_depth]
    names = tuple(tuple(tasks[task] for task in order) for order in orders)
    return HeatMaps(
        np.stack([table[cell] for table, cell in zip(values, cells, strict=True)]),
        tuple(f"after block {depth + 1}" for depth in range(len(values))),
        names, names, label, *colours, is_diverging=is_diverging,
        marked=np.stack([table[cell] for table, cell in zip(marked, cells, strict=True)]),
    )  # fmt: skip
