"""The draggable budget: plane, tree and per-task bars that follow the pointer without a round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.charts.plane import Scale
from app.components.packed import packed_json
from app.components.served import Component

_PLANE = Component("budget_plane")

WORDS = {
    "best": "Recommended within",
    "picked": "Current selection",
    "nothing": "No layout fits this budget",
    "nothingWithin": "No layout within",
    "cheapest": "The cheapest costs",
    "cheapestOf": "",
    "nothingMore": "no better layout within 10 more points",
    "same": "noise can't tell the best within",
    "sameAs": "from the recommended one",
    "over": "over the budget of",
    "delta": "Predicted gain Δ",
    "cost": "Backbone cost",
    "sure": "Confidence",
    "more": "Gain for 10 more points of budget",
    "moreAt": "recommended within",
    "moreCosts": "costs",
    "cut": "Branch off:",
    "cutGo": "Branch",
    "join": "Merge with:",
    "close": "Close",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One layout as the browser shows it: what is drawn, and ready sentences.

    Args:
        code: The layout as in an address.
        cost: Fraction of single-task networks.
        score: Weighted Δ, percent.
        layout: Its groups on each block.
        title: The layout in a sentence.
        bars: What ``bar_values`` returns: Δ of each task.
        domain: Smallest and largest Δ of its bars, or None for the scale that the front shares.
        delta: Δ in words.
        interval: Its interval in words.
        share: Cost as a share, in words.
        amount: Cost with its unit.
        recommends: Place on the front of the cheapest layout that noise can't tell from it; its own where it is that
            one, −1 where it is not on the front.
        advice: Why that one is recommended where this is the best; empty where it is itself.
        sure: Confidence in it where it was picked by hand, in words.
        sureNote: What that number means.
    """

    code: str
    cost: float
    score: float
    layout: list[list[list[int]]]
    title: str
    bars: dict[str, object]
    domain: tuple[float, float] | None
    delta: str
    interval: str
    share: str
    amount: str
    recommends: int
    advice: str
    sure: str
    sureNote: str  # noqa: N815  # read by JavaScript


def budget_plane(
    *,
    key: str,
    data: Mapping[str, object],
    on_budget: Callable[[], None],
    on_picked: Callable[[], None],
    on_edit: Callable[[], None],
    on_follow: Callable[[], None],
) -> None:
    """Show the plane.

    Args:
        key: Key of the component; its state has ``budget``, its triggers ``picked``, ``edit``, ``follow``.
        data: What ``plane_data`` returns.
        on_budget: Called when the line is released.
        on_picked: Called when a point is clicked.
        on_edit: Called when a block is cut or joined.
        on_follow: Called to go back to the best.
    """
    _PLANE(
        key=key,
        data=data,
        on_budget_change=on_budget,
        on_picked_change=on_picked,
        on_edit_change=on_edit,
        on_follow_change=on_follow,
    )


def plane_data(
    *,
    plane: str,
    scales: Sequence[Scale],
    front: str,
    confidences: str,
    picked: Entry | None,
    budget: float,
    tasks: Sequence[str],
    costs: Sequence[float],
    domain: tuple[float, float],
    caption: str,
    filename: str,
    stamp: str,
    words: Mapping[str, str],
    sure: tuple[str, str] | None = None,
) -> dict[str, object]:
    """Return what the browser gets: everything a drag needs, once.

    Args:
        plane: Drawings of the plane by rising width, packed; the browser shows the one that fits.
        scales: Scale of each of them.
        front: What ``packed_front`` returns.
        confidences: The confidence in what is recommended within 1 … 100 %, packed: pairs of texts, or null.
        picked: A layout chosen by hand, or None to follow the budget.
        budget: Budget as a fraction of single-task networks.
        tasks: Task names.
        costs: Cost of one copy of each block, ``[n_blocks]``; the trees are as wide.
        domain: Smallest and largest Δ of any task on the front, for bars on one scale.
        caption: What is shown and how to use it.
        filename: Name of downloaded pictures, without ending.
        stamp: Changes whenever what is drawn of the entries does.
        words: Sentences that differ from ``WORDS``.
        sure: The confidence in what is recommended within a budget between two whole percents: a pair as above.
    """
    return {
        "plane": plane,
        "scales": [asdict(scale) for scale in scales],
        "front": front,
        "confidences": confidences,
        "picked": asdict(picked) if picked else None,
        "budget": budget,
        "sure": sure,
        "tasks": list(tasks),
        "costs": list(costs),
        "domain": list(domain),
        "caption": caption,
        "filename": filename,
        "stamp": stamp,
        "words": {**WORDS, **words},
    }


def packed_front(entries: Sequence[Entry]) -> str:
    """Return the front as it travels: layouts and numbers, which the browser draws, and sentences.

    Args:
        entries: The front by rising cost.
    """
    return packed_json([asdict(entry) for entry in entries])
