"""How much of a two-task table was measured, and the warnings where a prediction rests on interpolation."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.estimators.prediction import check_fits
from core.estimators.sheet import shown
from core.estimators.two_task import TwoTaskTable
from core.layouts import Layout

# At most this share of a task's cells measured: its numbers are mostly made by filling.
FEW: Final = 0.2


def measured_cells(table: TwoTaskTable) -> NDArray[np.int64]:
    """Return how many cells of each task hold a measured Δ, ``[n_tasks]``; branch point 0 is never counted.

    Args:
        table: The table as it was measured, with its holes.
    """
    counts: NDArray[np.int64] = _measured(table).sum(axis=(1, 2))
    return counts


def hole_warning(table: TwoTaskTable) -> str:
    """Return how many cells of a table are not measured, and what that means; empty where none is missing.

    Args:
        table: The table as it was measured, with its holes.
    """
    if not (holes := int(table.holes.sum())):
        return ""
    total = table.n_tasks * (table.n_tasks - 1) * table.n_blocks
    are, they = ("is", "It is") if holes == 1 else ("are", "They are")
    return (
        f"The two-task table is incomplete: {holes:,} of its {total:,} cells {are} not measured. {they} estimated from "
        "the others, so gains and the recommended layout may change once all are measured."
    )


def seeds_of_cells(table: TwoTaskTable) -> tuple[int, int] | None:
    """Return from how many seeds the measured cells are means: the fewest and the most; None without seeds.

    Args:
        table: The table as it was measured.
    """
    if table.samples is None:
        return None
    measured = _measured(table)
    if not measured.any():
        return len(table.samples), len(table.samples)
    counts = (~np.isnan(table.samples)).sum(axis=0)[measured]
    return int(counts.min()), int(counts.max())


def interpolation_warnings(table: TwoTaskTable, layout: Layout | None = None) -> tuple[str, ...]:
    """Return what has to be said before a recommendation: which predictions rest on interpolation.

    A layout that is recommended from an incomplete table comes with the number of cells that are not measured. Tasks
    with at most one in five of their cells measured are named. So is a layout none of whose two-task values was
    measured.

    Args:
        table: The table as it was measured, with its holes.
        layout: The layout that is recommended; None where there is none.

    Raises:
        LayoutError: The layout has other tasks or blocks than the table.

    >>> values = np.full((2, 2, 6), np.nan)
    >>> values[0, 1, 5] = values[1, 0, 5] = 1.0
    >>> interpolation_warnings(TwoTaskTable(("a", "b"), values))
    ('Nearly all gains of a (1 of 5 measured) and b (1 of 5 measured) are interpolated, not measured.',)
    """
    found = [said] if layout is not None and (said := hole_warning(table)) else []
    counts = measured_cells(table)
    total = (table.n_tasks - 1) * table.n_blocks
    thin = np.flatnonzero(counts <= FEW * total) if table.holes.any() else ()
    if len(thin):
        named = [f"{table.tasks[task]} ({counts[task]} of {total} measured)" for task in thin]
        *others, last = named if len(named) <= 5 else [*named[:4], f"{len(named) - 4} other tasks"]
        listed = f"{', '.join(others)} and {last}" if others else last
        found.append(f"Nearly all gains of {shown(listed, 300)} are interpolated, not measured.")
    used = _used(table, layout) if layout is not None else ()
    if len(used) and not any(used):
        found.append(
            "The recommended layout rests on interpolation alone: no two-task network that it is predicted from was "
            "measured. Measure these before you rely on it."
        )
    return tuple(found)


def _measured(table: TwoTaskTable) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = ~np.isnan(table.values)
    known[..., 0] = False
    known[np.arange(table.n_tasks), np.arange(table.n_tasks)] = False
    return known


def _used(table: TwoTaskTable, layout: Layout) -> NDArray[np.bool_]:
    """Return whether each value that predicts a layout was measured; pairs that share nothing need none."""
    check_fits(table.values, layout)
    points = layout.branch_points()
    i, j = np.nonzero((points > 0) & ~np.eye(table.n_tasks, dtype=bool))
    known: NDArray[np.bool_] = _measured(table)[i, j, points[i, j]]
    return known
