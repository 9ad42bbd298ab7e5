"""The gain of each task of a layout as columns of a table."""

from collections.abc import Sequence

from app.ui.formatting import percent
from core.estimators.resampling import LayoutInterval


def task_columns(tasks: Sequence[str], known: LayoutInterval) -> dict[str, float | None]:
    """Return column → Δ of each task and the ends of its 90 % interval, for a file; None where there is none.

    Args:
        tasks: Names, in index order.
        known: Gains of a layout.
    """
    found: dict[str, float | None] = {}
    for place, task in enumerate(tasks):
        found[f"Δ {task}"] = float(known.estimates[place])
        found[f"Δ {task} low"] = float(known.low[place]) if known.has_interval else None
        found[f"Δ {task} high"] = float(known.high[place]) if known.has_interval else None
    return found


def task_names(tasks: Sequence[str]) -> list[str]:
    """Return the names of these columns."""
    return [f"Δ {task}{end}" for task in tasks for end in ("", " low", " high")]


def with_interval(value: float, low: float, high: float) -> str:
    """Return a gain with its interval, for the screen.

    >>> with_interval(0.4, -0.1, 0.9)
    '+0.4 % (−0.1 to +0.9)'
    """
    return f"{percent(value)} ({percent(low).removesuffix(' %')} to {percent(high).removesuffix(' %')})"
