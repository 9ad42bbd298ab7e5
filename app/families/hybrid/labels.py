"""Labels of the runs of hybrids."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.families.labels import Words
from app.ui.formatting import listed
from app.ui.layout_words import layout_sentence
from core.errors import LayoutError
from core.families.hybrid.hybrid import Hybrid
from core.layouts import Layout
from core.plane.point import PlanePoint
from core.runs.label import RunLabel


def hybrid_words(label: RunLabel) -> str:
    """Return which tasks a network has, how they share blocks, and which leave early.

    >>> hybrid_words(RunLabel("hybrid", ("a", "b"), 0, {"layout": "0,1 | 0;1", "exits": "1,0"}))
    'All tasks share block 1; a and b split after block 1; b exits after block 1'
    """
    try:
        hybrid = Hybrid.parse(f"{label.details['layout']} @ {label.details['exits']}")
    except LayoutError:
        return str(label)
    return _sentence(hybrid, label.tasks)


def network(point: PlanePoint) -> str:
    """Return how tasks share blocks, and which leave early.

    >>> network(PlanePoint("hybrid", "a,b | a;b @ 1,0", ("a", "b"), {}, (1.0, 1.0), 1.0, None, 1, "measured"))
    'All tasks share block 1; a and b split after block 1; b exits after block 1'
    """
    return _sentence(Hybrid.parse(point.label, point.tasks), point.tasks)


def _sentence(hybrid: Hybrid, tasks: Sequence[str]) -> str:
    exits = {
        exit_: [name for name, own in zip(tasks, hybrid.exits, strict=True) if own == exit_]
        for exit_ in range(hybrid.n_blocks - 1)
    }
    early = [
        f"{'all tasks' if len(names) == len(tasks) > 1 else listed(names)} "
        f"{'exits' if len(names) == 1 else 'exit'} after block {exit_ + 1}"
        for exit_, names in exits.items()
        if names
    ]
    if len(tasks) == 1:
        return f"{listed(early)}, alone"
    # Behind the last exit there is no network that tasks could share.
    kept = hybrid.layout.partitions[: max(hybrid.exits) + 1]
    return f"{layout_sentence(Layout(kept), tasks)}; {', '.join(early)}"


WORDS: Final[Mapping[str, Words]] = {"hybrid": hybrid_words}
