"""Labels of runs of gradient affinity."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.ui.formatting import listed
from core.runs.label import RunLabel


def gradient_words(label: RunLabel) -> str:
    """Return which tasks share all blocks, and how often effects are measured.

    >>> gradient_words(RunLabel("gradient_affinity", ("a", "b"), 0, {"every": 10}))
    'Gradient affinity of a and b, measured every 10 steps'
    """
    return f"Gradient affinity of {listed(label.tasks)}, measured {every_words(int(label.details['every']))}"


def every_words(every: int) -> str:
    """Return how often effects are measured.

    >>> every_words(1), every_words(10)
    ('at every step', 'every 10 steps')
    """
    return "at every step" if every == 1 else f"every {every} steps"


WORDS: Final[Mapping[str, Words]] = {"gradient_affinity": gradient_words}
