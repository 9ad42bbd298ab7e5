"""Labels of runs as text: each family defines its own; others are shown by their fields."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from core.runs.label import RunLabel
from core.studies.family import family_of

Words = Callable[[RunLabel], str]


def run_words(label: RunLabel) -> str:
    """Return a run in words, its seed last.

    >>> run_words(RunLabel("layout", ("depth",), 3))
    'depth, single-task network · seed 3'
    """
    words, seed = words_and_seed(label)
    return f"{words} · seed {seed}" if seed else words


def words_and_seed(label: RunLabel) -> tuple[str, str]:
    """Return the label of a run and, separately, its seed; empty if it has none.

    >>> words_and_seed(RunLabel("switching", details={"backbone": "resnet18", "branches": 2, "cut": 4}))
    ('Switching between 2 branches of resnet18, cut after block 4', '')
    """
    words = _words(label.kind)
    seed = "" if label.seed is None else str(label.seed)
    fields = str(RunLabel(label.kind, label.tasks, None, label.details))
    try:
        return (words(label) if words else fields), seed
    except (LookupError, ValueError):
        # A run whose specification was damaged has a label without tasks and details.
        return fields, seed


@cache
def _words(kind: str) -> Words | None:
    """Return the function for a kind in ``app.families.NAME.labels``; None if there is no such module."""
    family = family_of(kind)
    name = "" if family is None else f"app.families.{family.name}"
    if not name or find_spec(name) is None or find_spec(f"{name}.labels") is None:
        return None
    known: Mapping[str, Words] = import_module(f"{name}.labels").WORDS
    return known.get(kind)
