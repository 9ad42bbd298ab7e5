"""Labels of networks of another width."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from app.families.single.labels import network_words
from core.runs.label import RunLabel


def width_words(label: RunLabel) -> str:
    """Return which tasks a network has, which blocks they share, and its width.

    >>> width_words(RunLabel("widened", ("a", "b"), 0, {"layout": "0,1 | 0,1 | 0;1", "width": 8}))
    'a and b sharing 2 of 3 blocks, width 8'
    """
    return f"{network_words(label)}, width {label.details['width']}"


WORDS: Final[Mapping[str, Words]] = {"widened": width_words}
