"""Networks on the plane in words: each family defines its own; others are shown by their label."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from app.ui.layout_words import layout_sentence
from core.errors import BranchwiseError
from core.plane.point import PlanePoint


def network_words(point: PlanePoint) -> str:
    """Return a network in words, without its family; blocks count from 1, as on every screen.

    >>> network_words(PlanePoint("treednn", "cut 3", ("a",), {}, (1.0,), 1.0, None, 1, "measured"))
    'trunk through block 3, then a branch for each task'
    """
    if point.layout is not None:
        return layout_sentence(point.layout, point.tasks)
    words = _words(point.family)
    try:
        return words(point) if words else point.label
    except (BranchwiseError, LookupError, ValueError):
        return point.label


@cache
def _words(family: str) -> Callable[[PlanePoint], str] | None:
    """Return ``network`` of ``app.families.NAME.labels``; None where there is none."""
    name = f"app.families.{family}"
    if not family.isidentifier() or find_spec(name) is None or find_spec(f"{name}.labels") is None:
        return None
    found: Callable[[PlanePoint], str] | None = getattr(import_module(f"{name}.labels"), "network", None)
    return found
