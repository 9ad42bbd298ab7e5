"""The draggable budget: plane, tree and per-task bars that follow the pointer without a round trip."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.charts.plane import Scale
from app.components.source import source

_PLANE = st.components.v2.component(
    "branchwise_budget_plane",
    html=source("budget_plane.html"),
    css=source("budget_plane.css"),
    js=source("budget_plane.js", "picture_file.js"),
)

WORDS = {
    "best": "Best within",
    "picked": "Your choice",
    "nothing": "Nothing fits this budget",
    "nothingMore": "nothing better within 10 % more",
    "delta": "predicted Δ",
    "cost": "cost of the blocks",
    "sure": "how sure",
    "more": "10 % more budget buys",
    "moreAt": "with the layout at",
    "cut": "Split off:",
    "cutGo": "Split",
    "join": "Join with:",
    "close": "Close",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One layout as the browser shows it: drawings and ready sentences.

    Args:
        code: The layout as in an address.
        cost: Fraction of independent networks.
        score: Weighted Δ, percent.
        title: The layout in a sentence.
        tree: Drawing of the tree.
        bars: Drawing of Δ per task.
        delta: Δ in words.
        interval: Its interval in words.
        share: Cost as a share, in words.
        amount: Cost with its unit.
        sure: How often it stays the best.
        sureNote: What that number means.
    """

    code: str
    cost: float
    score: float
    title: str
    tree: str
    bars: str
    delta: str
    interval: str
    share: str
    amount: str
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
        data: What ``plane_data`` gives.
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
    scale: Scale,
    entries: Sequence[Entry],
    picked: Entry | None,
    budget: float,
    tasks: Sequence[str],
    caption: str,
    filename: str,
    stamp: str,
    words: Mapping[str, str],
) -> dict[str, object]:
    """Give what the browser gets: everything a drag needs, once.

    The drawings of a long front repeat themselves, so they travel compressed: 6 MB become a tenth.

    Args:
        plane: Drawing of the plane.
        scale: Scale of that drawing.
        entries: The front by rising cost.
        picked: A layout chosen by hand, or None to follow the budget.
        budget: Budget as a fraction of independent networks.
        tasks: Task names.
        caption: What is shown and how to use it.
        filename: Name of downloaded pictures, without ending.
        stamp: Changes whenever the drawings of the entries do.
        words: Sentences that differ from ``WORDS``.
    """
    return {
        "plane": plane,
        "scale": asdict(scale),
        "packed": _packed([asdict(entry) for entry in entries]),
        "picked": asdict(picked) if picked else None,
        "budget": budget,
        "tasks": list(tasks),
        "caption": caption,
        "filename": filename,
        "stamp": stamp,
        "words": {**WORDS, **words},
    }


def _packed(value: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(value).encode(), 6)).decode()
