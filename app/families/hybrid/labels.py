"""Labels of the runs of hybrids."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.ui.formatting import layout_sentence, listed
from core.errors import LayoutError
from core.layouts import Layout
from core.runs.label import RunLabel


def hybrid_words(label: RunLabel) -> str:
    """Return which tasks a network has, how they share blocks, and which leave early.

    >>> hybrid_words(RunLabel("hybrid", ("a", "b"), 0, {"layout": "0,1 | 0;1", "exits": "1,0"}))
    'All tasks share block 1; a and b split after block 1; b exits after block 1'
    """
    exits = [int(exit_) for exit_ in str(label.details["exits"]).split(",")]
    try:
        layout = Layout.parse(str(label.details["layout"]))
    except LayoutError:
        return str(label)
    early = [
        f"{name} exits after block {exit_ + 1}"
        for name, exit_ in zip(label.tasks, exits, strict=True)
        if exit_ < layout.n_blocks - 1
    ]
    if len(label.tasks) == 1:
        return f"{listed(early)}, alone"
    return f"{layout_sentence(layout, label.tasks)}; {listed(early)}"


WORDS: Final[Mapping[str, Words]] = {"hybrid": hybrid_words}
