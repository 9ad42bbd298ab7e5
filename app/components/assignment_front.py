"""The best assignments of tasks to exits with a movable budget, which follows the pointer without a round trip."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.charts.svg import ticks as plain_ticks
from app.components.packed import packed_json
from app.components.served import Component
from app.ui.formatting import minus

_ASSIGNMENT_FRONT = Component("assignment_front")

WORDS = {
    "budget": "Budget, share of the cost with the whole backbone for every task",
    "use": "Drag the budget, or use the arrow keys.",
    "gain": "predicted mean Δ, validation, %",
    "over": "over budget",
}


@dataclass(frozen=True, slots=True)
class FrontEntry:
    """Everything that is said about one assignment.

    Args:
        cost: Share of the cost where every task uses the whole backbone.
        score: Mean Δ, percent.
        sentence: Which task uses which exit, and what that costs.
        short: The same in a few words, for a mark of the drawing.
        rows: Of each task, in the order of the columns.
    """

    cost: float
    score: float
    sentence: str
    short: str
    rows: list[list[str]]


def assignment_front(*, key: str, data: Mapping[str, object], on_budget: Callable[[], None]) -> None:
    """Show the drawing, and beside it the exit of each task within the budget.

    Args:
        key: Key of the component; its state has ``budget``.
        data: What ``front_data`` returns.
        on_budget: Called when the budget is released.
    """
    _ASSIGNMENT_FRONT(key=key, data=data, on_budget_change=on_budget)


def front_data(
    *,
    entries: Sequence[FrontEntry],
    columns: Sequence[str],
    ticks: Sequence[tuple[float, str]],
    budget: int,
    nothing: str,
    cost: str,
    spoken: str,
    filename: str,
    words: Mapping[str, str] = WORDS,
    written: Sequence[str] = (),
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        entries: The best assignment for every budget, by rising cost.
        columns: Headings of the table.
        ticks: Marks of the vertical axis: Δ, and how it is written.
        budget: In percent of the cost where every task uses the whole backbone.
        nothing: What is said where nothing fits.
        cost: What the horizontal axis measures.
        spoken: The whole drawing in words.
        filename: Name of downloaded pictures, without ending.
        words: What budget and gain are called.
        written: What the grip says of each percent from 0 to 100; the percent itself where left out.
    """
    return {
        "packed": packed_json([asdict(entry) for entry in entries]),
        "columns": list(columns),
        "ticks": [list(tick) for tick in ticks],
        "budget": budget,
        "nothing": nothing,
        "cost": cost,
        "spoken": spoken,
        "filename": filename,
        "words": dict(words),
        "written": list(written),
    }


def score_ticks(scores: Sequence[float]) -> list[tuple[float, str]]:
    """Return the marks of the axis of Δ, the first at most the least score and the last at least the greatest.

    Args:
        scores: Percent.
    """
    low, high = min(scores), max(scores)
    step = max(_step(low, high), 0.1)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:
        first, last = first - 1, last + 1
    return [(step * place, minus(f"{step * place:.10g}")) for place in range(first, last + 1)]


def _step(low: float, high: float) -> float:
    found = plain_ticks(low, high) if high > low else [low]
    return found[1] - found[0] if len(found) > 1 else 1.0
