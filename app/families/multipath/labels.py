"""Labels of the runs of multi-path networks."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.families.multipath.exit_words import exit_words
from app.ui.formatting import listed
from core.plane.point import PlanePoint
from core.runs.label import RunLabel

_MIXES: Final = {
    "none": "labels only",
    "doubled": "twice the labels",
    "literal": "distilled, α {alpha}, T {temperature}",
    "additive": "distilled, added with α {alpha}, T {temperature}",
    "swapped": "distilled, α {alpha} on teachers, T {temperature}",
}


def network(point: PlanePoint) -> str:
    """Return the network's name, and which task exits where.

    >>> network(PlanePoint("multipath", "spread: a, b at 0; c at 2.conv1", (), {}, (), 1.0, None, 1, "measured"))
    'spread: a, b at block 1; c at block 3, conv1'
    """
    name, colon, assigned = point.label.partition(": ")
    places = [each.rpartition(" at ") for each in assigned.split("; ")]
    return name + colon + "; ".join(f"{who}{at}{exit_words(exit_)}" for who, at, exit_ in places)


def multipath_words(label: RunLabel) -> str:
    """Return which task leaves where, and what the network learns from."""
    details = label.details
    exits, assign = str(details["exits"]).split(","), map(int, str(details["assign"]).split(","))
    places = [f"{task} at {exit_words(exits[exit_])}" for task, exit_ in zip(label.tasks, assign, strict=True)]
    loss = _MIXES[str(details["mix"])].format(**details)
    more = [
        "KL(teacher‖student)" if "direction" in details else "",
        "T² factor" if "squared" in details else "",
        _weighting(label),
    ]
    return f"Multi-path network: {listed(places)}; {', '.join([loss, *filter(None, more)])}"


def matrix_words(label: RunLabel) -> str:
    """Return at how many exits every task has a head, and where these are."""
    exits = str(label.details["exits"]).split(",")
    more = _weighting(label)
    where = listed([exit_words(name) for name in exits])
    return f"Multi-path network: {listed(label.tasks)} at {where}{', ' + more if more else ''}"


def _weighting(label: RunLabel) -> str:
    return "weighted by labels" if "weighting" in label.details else ""


def timing_words(label: RunLabel) -> str:
    """Return of which network how many paths are timed."""
    return f"Times of {label.details['paths']} paths of {label.details['network']}"


WORDS: Final[Mapping[str, Words]] = {
    "multipath": multipath_words,
    "path-matrix": matrix_words,
    "path-timing": timing_words,
}
