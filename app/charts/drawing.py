"""A drawing that the browser makes: its name and what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of ``components/browser/drawings``, which draws it wherever it is shown.

    Args:
        name: ``tree``, ``small_tree`` or ``bars``.
        asked: What that drawing takes; plain data.
    """

    name: str
    asked: Mapping[str, object]
