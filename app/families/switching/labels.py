"""Labels of measured switches."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from core.runs.label import RunLabel


def switching_words(label: RunLabel) -> str:
    """Return which backbone is cut where, into how many branches."""
    found = label.details
    return f"Switching between {found['branches']} branches of {found['backbone']}, cut after block {found['cut']}"


WORDS: Final[Mapping[str, Words]] = {"switching": switching_words}
