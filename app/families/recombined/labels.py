"""Labels of recombined networks and compared features."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from core.runs.label import RunLabel


def recombined_words(label: RunLabel) -> str:
    """Return the source of the frozen features, up to which block they are used, and whether tops are fine-tuned."""
    depth = int(label.details["depth"]) + 1
    tuned = ", fine-tuned" if label.details.get("tops") else ""
    return f"Every task on {label.details['source']}’s features after block {depth}{tuned}"


def similarity_words(label: RunLabel) -> str:  # noqa: ARG001  # all tasks are compared
    """Return what is compared."""
    return "Similarity of the tasks’ features"


WORDS: Final[Mapping[str, Words]] = {"recombined": recombined_words, "similarity": similarity_words}
