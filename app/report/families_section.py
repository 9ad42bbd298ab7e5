"""What the networks of every family reached: the family's own words, and all of its points in one table."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from app.families.network_words import network_words
from app.report.model import Heading, Part, Section, Table
from app.ui.formatting import ONE_SEED, amount, percent
from core.costs import CostQuestion, Unit
from core.plane.point import GainOrigin, PlanePoint
from core.studies.family import Family, families
from core.studies.study import Study

# Sharing layouts have sections of their own.
_APART, _BASELINE = "layouts", "single"
_MOST_ROWS = 60
_COSTS = {
    "parameters stored": (CostQuestion.STORED, Unit.PARAMETERS),
    "MACs, all tasks": (CostQuestion.ALL_TASKS, Unit.MACS),
    "MACs, one task": (CostQuestion.ONE_TASK, Unit.MACS),
    "latency, one task": (CostQuestion.ONE_TASK, Unit.LATENCY),
}


def families_section(study: Study) -> list[Section]:
    """Return the results of families other than layouts; nothing where none has any."""
    found = {
        family: own
        for family in families()
        if family.name != _APART and (own := [*_own_parts(family, study), *_points(family, study)])
    }
    # Alone they say nothing that the recommendation does not.
    if all(family.name == _BASELINE for family in found):
        return []
    parts = [part for family, own in found.items() for part in (Heading(_title(family)), *own)]
    return [Section("families", "Measured networks", tuple(parts))] if parts else []


def _own_parts(family: Family, study: Study) -> list[Part]:
    """Return what a family says of its results, where it says anything."""
    module = _module(family)
    found: list[Part] = [] if module is None else module.report_parts(study)
    return found


def _title(family: Family) -> str:
    title: str = getattr(_module(family), "TITLE", family.name[:1].upper() + family.name[1:])
    return title


def _module(family: Family) -> ModuleType | None:
    """Return ``app/families/<name>/report.py`` of a family; None where it has none."""
    place = f"app.families.{family.name}.report"
    is_there = find_spec(place.rpartition(".")[0]) and find_spec(place)
    return import_module(place) if is_there else None


def _points(family: Family, study: Study) -> list[Part]:
    """Return the trained networks of a family as one table, the best first."""
    costs: dict[str, dict[str, float]] = {}
    found: dict[str, PlanePoint] = {}
    for title, (question, unit) in _COSTS.items():
        for point in family.points(study, question, unit):
            cost = point.cost(question, unit)
            if point.origin is GainOrigin.MEASURED and cost is not None:
                found.setdefault(point.label, point)
                costs.setdefault(point.label, {})[title] = cost
    if not found:
        return []
    titles = [title for title in _COSTS if any(title in each for each in costs.values())]
    order = sorted(found.values(), key=lambda point: (-point.gain, point.label))
    rows = [
        (
            _label(family, point, study),
            percent(point.gain),
            _interval(point),
            str(point.n_seeds),
            *(_amount(costs[point.label].get(title), _COSTS[title][1]) for title in titles),
        )
        for point in order[:_MOST_ROWS]
    ]
    which = f"The best {len(rows)} of {len(order)} networks" if len(rows) < len(order) else "Trained networks"
    chosen = "; the best was chosen on the split it is reported on, so its gain is biased upwards" * (len(rows) > 1)
    table = Table(
        f"{which}: mean gain Δ against single-task networks, test split, equal task weights{chosen}. Costs: without "
        "heads",
        ("network", "mean Δ", "90 % interval", "seeds", *titles),
        tuple(rows),
    )
    return [table]


def _label(family: Family, point: PlanePoint, study: Study) -> str:
    """Return what a network is called where blocks count from 1: as its family's report has it, or Compare."""
    module = _module(family)
    named: Callable[[PlanePoint, Study], str] | None = getattr(module, "shown_label", None)
    return network_words(point) if named is None else named(point, study)


def _interval(point: PlanePoint) -> str:
    if point.interval is None:
        return ONE_SEED if point.n_seeds == 1 else "–"
    return f"{percent(point.interval[0])} to {percent(point.interval[1])}"


def _amount(value: float | None, unit: Unit) -> str:
    return "–" if value is None else amount(value, unit)
