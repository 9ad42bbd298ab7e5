"""Labels of single networks."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.ui.formatting import listed
from app.ui.layout_words import layout_sentence
from core.errors import LayoutError
from core.layouts import Layout
from core.runs.label import RunLabel

_MOST_NAMES = 4


def network_words(label: RunLabel) -> str:
    """Return which tasks a network has and which blocks they share.

    >>> network_words(RunLabel("layout", ("a", "b"), 0, {"layout": "0,1 | 0,1 | 0;1"}))
    'a and b sharing 2 of 3 blocks'
    """
    if not label.tasks:
        raise LookupError("the label names no task")
    if "layout" not in label.details:
        return f"{listed(label.tasks)}, single-task network"
    try:
        layout = Layout.parse(str(label.details["layout"]))
    except LayoutError:
        return str(label)
    if layout.n_tasks == 2:
        shared = int(layout.branch_points()[0, 1])
        return f"{listed(label.tasks)} sharing {shared} of {layout.n_blocks} blocks"
    if layout == Layout.all_shared(layout.n_tasks, layout.n_blocks):
        who = listed(label.tasks) if len(label.tasks) <= _MOST_NAMES else f"{len(label.tasks)} tasks"
        return f"{who} sharing all blocks"
    return layout_sentence(layout, label.tasks)


def set_words(label: RunLabel) -> str:
    """Return which data set a single-task network has."""
    return f"{listed(label.tasks)}, single-task network on its own data set"


WORDS: Final[Mapping[str, Words]] = {"layout": network_words, "set-network": set_words}
