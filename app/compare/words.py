"""What the Compare page calls questions, costs and networks."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.compare.family_marks import family_words
from app.families.network_words import network_words
from app.ui.formatting import UNIT_WORDS, percent, plural, unit_words
from core.costs import CostQuestion, Unit
from core.plane.point import PlanePoint

QUESTION_WORDS: Final[Mapping[CostQuestion, str]] = {
    CostQuestion.STORED: "Stored",
    CostQuestion.ALL_TASKS: "All tasks, one input",
    CostQuestion.ONE_TASK: "One active task",
    CostQuestion.RESIDENT: "Resident at a switch",
}
_AXIS: Final[Mapping[CostQuestion, str]] = {
    CostQuestion.STORED: "Stored {unit}",
    CostQuestion.ALL_TASKS: "{unit} for all tasks on one input",
    CostQuestion.ONE_TASK: "{unit} for one active task",
    CostQuestion.RESIDENT: "Resident {unit} while tasks are switched",
}
ONE_SEED: Final = "no probability: one seed"


def cost_words(question: CostQuestion, unit: Unit) -> str:
    """Return what a cost is of, such as ``Stored parameters``.

    >>> cost_words(CostQuestion.ONE_TASK, Unit.MACS)
    'MACs for one active task'
    """
    begins = _AXIS[question].startswith("{unit}")
    return _AXIS[question].format(unit=UNIT_WORDS[unit] if begins else unit_words(unit))


def axis_words(question: CostQuestion, unit: Unit, n_tasks: int) -> str:
    """Return what the axis of costs says."""
    one = question in (CostQuestion.ONE_TASK, CostQuestion.RESIDENT)
    whole = "a single-task network" if one else f"{n_tasks} single-task networks"
    return f"{cost_words(question, unit)}, share of {whole}"


def title(point: PlanePoint) -> str:
    """Return a network in words, with its family."""
    return (
        family_words(point.family)
        if point.family == "single"
        else f"{family_words(point.family)}: {network_words(point)}"
    )


def interval_words(interval: tuple[float, float] | None) -> str:
    """Return a 90 % interval of a gain in words."""
    return (
        "no interval: one seed"
        if interval is None
        else f"90 % interval {percent(interval[0])} to {percent(interval[1])}"
    )


def chance(probability: float | None) -> str:
    """Return a probability from draws as it may be written: never 0 or 100 %, which draws can't tell.

    >>> [words.replace("\u00a0", " ") for words in (chance(0.684), chance(0.9999), chance(0.0), chance(None))]
    ['68 %', '> 99 %', '< 1 %', '–']
    """
    if probability is None:
        return "–"
    if probability > 0.99:
        return ">\u00a099\u00a0%"
    return "<\u00a01\u00a0%" if probability < 0.01 else f"{100 * probability:.0f}\u00a0%"


def not_drawn_words(missing: Mapping[str, str]) -> str:
    """Return which families are not drawn, each with the reason; empty where all are.

    Args:
        missing: Family → reason.

    >>> not_drawn_words({"treednn": "not measured", "virtual": "not measured"})
    'Not drawn: TreeDNN, Virtual networks (not measured).'
    """
    by_reason: dict[str, list[str]] = {}
    for family, reason in missing.items():
        by_reason.setdefault(reason, []).append(family_words(family))
    words = "; ".join(f"{', '.join(names)} ({reason})" for reason, names in by_reason.items())
    return f"Not drawn: {words}." if words else ""


def seeds_words(counts: Sequence[int]) -> str:
    """Return how many seeds networks have.

    >>> seeds_words([5, 5]), seeds_words([1]), seeds_words([2, 5])
    ('5 seeds', '1 seed', '2 to 5 seeds')
    """
    low, high = min(counts, default=0), max(counts, default=0)
    return plural(high, "seed") if low == high else f"{low} to {high} seeds"
