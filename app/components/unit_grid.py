"""Units of tasks and the pieces between them, with a movable level, which follows the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence

from app.components.served import Component

_UNIT_GRID = Component("unit_grid")

WORDS = {
    "level": "level",
    "slider": "Level",
    "task": "Task",
    "unit": "unit",
    "use": "Drag the level or use the arrow keys; press a task to see its pieces.",
    "axis": ["bar: weights", "line: channels"],
    "pieces": "Weights from unit (column) to unit (row); {task} uses the filled ones on level {level}. Numbers: levels "
    "of tasks that learn them.",
    "piece": "Weights from unit {from} to unit {to}: learned by {n} levels of tasks",
    "spoken": "Units in the order in which each task takes them",
}


def unit_grid(*, key: str, data: Mapping[str, object], on_shown: Callable[[], None]) -> None:
    """Show the orders of all tasks and the pieces that one of them uses.

    Args:
        key: Key of the component; its state has ``shown``: task and level, from 0.
        data: What ``grid_data`` returns.
        on_shown: Called when a task is chosen or the level is released.
    """
    _UNIT_GRID(key=key, data=data, on_shown_change=on_shown)


def grid_data(
    *,
    tasks: Sequence[str],
    orders: Sequence[Sequence[int]],
    totals: Sequence[Sequence[int]],
    widths: Sequence[float],
    densities: Sequence[float],
    bars: Sequence[Sequence[str]],
    sentences: Sequence[Sequence[str]],
    task: int,
    level: int,
    filename: str,
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        tasks: Names.
        orders: Units in the order in which each task takes them.
        totals: How many levels of tasks learn each piece, ``[n_units][n_units]``.
        widths: Share of the channels that each level has.
        densities: Share of the weights between units that each level has.
        bars: One or two lines below the bar of each level.
        sentences: What is said of each task's level, ``[n_tasks][n_levels]``.
        task: The one whose pieces are filled, from 0.
        level: From 0.
        filename: Name of downloaded pictures, without ending.
    """
    return {
        "tasks": list(tasks),
        "orders": [list(order) for order in orders],
        "totals": [list(row) for row in totals],
        "widths": list(widths),
        "densities": list(densities),
        "bars": [list(lines) for lines in bars],
        "sentences": [list(row) for row in sentences],
        "shown": [task, level],
        "filename": filename,
        "words": WORDS,
    }
