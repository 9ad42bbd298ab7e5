"""Labels of the runs of a TreeDNN."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from core.families.treednn.request import FRESH, MOST_ALIKE
from core.plane.point import PlanePoint
from core.runs.label import RunLabel


def network(point: PlanePoint) -> str:
    """Return where the trunk ends."""
    return f"trunk through block {int(point.label.removeprefix('cut '))}, then a branch for each task"


def generalised_words(label: RunLabel) -> str:
    """Return of how many data sets, and where the backbone is cut."""
    return f"TreeDNN of {len(label.tasks)} data sets, cut after block {label.details['cut']}: generalised training"


def specialised_words(label: RunLabel) -> str:
    """Return which branch."""
    return f"{label.tasks[0]}: specialised training of its branch"


def grafted_words(label: RunLabel) -> str:
    """Return which branch is grafted, and what it starts from."""
    like = str(label.details["like"])
    start = {FRESH: "fresh", MOST_ALIKE: "from the most similar branch"}.get(like, f"from {like}")
    return f"{label.tasks[0]} grafted onto the TreeDNN, {start}"


def dedicated_words(label: RunLabel) -> str:
    """Return of which data set."""
    return f"{label.tasks[0]}, dedicated network"


WORDS: Final[Mapping[str, Words]] = {
    "generalised": generalised_words,
    "specialised": specialised_words,
    "grafted": grafted_words,
    "dedicated": dedicated_words,
}
