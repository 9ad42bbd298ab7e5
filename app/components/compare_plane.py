"""The plane of all families with a budget that follows the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from app.charts.plane import Scale
from app.components.packed import packed_json
from app.components.served import Component

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_PLANE = Component("compare_plane")

WORDS: Final = {
    "best": "Recommended within",
    "picked": "Current selection",
    "nothing": "No network is so cheap",
    "nothingWithin": "No network within",
    "over": "over the budget of",
    "cost": "Cost",
    "sure": "Probability",
    "family": "Which family",
    "front": "Joint Pareto front",
    "frontNote": "probability that no other network costs less and gains more",
    "noDrawing": "This method changes single weights or adds parts of its own: it has no pieces to draw.",
}


def compare_plane(
    *,
    key: str,
    data: Mapping[str, object],
    on_budget: Callable[[], None],
    on_picked: Callable[[], None],
    on_follow: Callable[[], None],
) -> None:
    """Show the plane.

    Args:
        key: Key of the component; its state has ``budget``, its triggers ``picked`` and ``follow``.
        data: What ``compare_data`` returns.
        on_budget: Called when the line is released.
        on_picked: Called when a network is clicked; ``picked`` is its code.
        on_follow: Called to go back to what is recommended.
    """
    _PLANE(key=key, data=data, on_budget_change=on_budget, on_picked_change=on_picked, on_follow_change=on_follow)


def compare_data(
    *,
    plane: str,
    scales: Sequence[Scale],
    entries: str,
    rows: str,
    readouts: str,
    picked: "DataclassInstance | None",
    budget: float,
    own: "DataclassInstance | None",
    tasks: Sequence[str],
    costs: Sequence[float],
    caption: str,
    measure: str,
    filename: str,
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        plane: Drawings of the plane by rising width, packed; the browser shows the one that fits.
        scales: Scale of each of them.
        entries: Networks that some budget recommends, packed.
        rows: What is said of 1 … 100 %, packed.
        readouts: Code and line of each network of the plane, packed.
        picked: Entry of the network that was chosen by hand, or None to follow the budget.
        budget: As a fraction of single-task networks.
        own: What is said of a budget between two whole percents: a row, and the entry of what is recommended.
        tasks: Task names.
        costs: Cost of one copy of each block; layouts are drawn as wide.
        caption: How to use the plane.
        measure: What networks are ranked by.
        filename: Name of downloaded pictures, without ending.
    """
    return {
        "plane": plane,
        "scales": [asdict(scale) for scale in scales],
        "entries": entries,
        "rows": rows,
        "readouts": readouts,
        "picked": asdict(picked) if picked else None,
        "budget": budget,
        "own": asdict(own) if own else None,
        "tasks": list(tasks),
        "costs": list(costs),
        "caption": caption,
        "filename": filename,
        "words": {**WORDS, "delta": measure},
    }


def packed_entries(entries: "Sequence[DataclassInstance]") -> str:
    """Return entries as they travel."""
    return packed_json([asdict(entry) for entry in entries])
