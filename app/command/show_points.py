"""The trained networks of a family as points of cost and gain, as a document and as lines."""

from dataclasses import dataclass
from typing import Any, Final

from app.command.output import aligned, number, percent
from app.ui.formatting import plural
from core.costs import CostQuestion, Unit
from core.errors import BudgetError
from core.plane.point import GainOrigin, PlanePoint, best_within, pareto_front
from core.selection.budget import Budget
from core.studies.family import families
from core.studies.study import Study

# What each question asks, in words.
QUESTIONS: Final = {
    CostQuestion.STORED: "everything that is kept",
    CostQuestion.ALL_TASKS: "all tasks on one input",
    CostQuestion.ONE_TASK: "one active task",
    CostQuestion.RESIDENT: "what is in memory while tasks are switched",
}


class FamilyPoints:
    """The networks of a family that have a cost for a question.

    Args:
        study: With results.
        family: Name of the family.
        question: Which question the cost answers.
        unit: Unit of cost.
        budget: Most cost, as people write it; None for no limit.

    Raises:
        BudgetError: The question has no answer in the unit, no network has a cost, or the budget is none that can be
            compared with.
    """

    def __init__(self, study: Study, family: str, question: CostQuestion, unit: Unit, budget: str | None) -> None:
        if unit not in question.units:
            raise BudgetError(
                f'The question "{question}" has no answer in {unit}. Choose from: {", ".join(question.units)}.'
            )
        (found,) = [each for each in families() if each.name == family]
        self.family, self.question, self.unit = family, question, unit
        self.limit = None if budget is None else _limit(budget)
        costs = [(point.cost(question, unit), point) for point in found.points(study, question, unit)]
        self.points = [Costed(point, cost) for cost, point in costs if cost is not None]
        if not self.points:
            raise BudgetError(
                f'No network of the family "{family}" has a cost of {QUESTIONS[question]} in {unit}. '
                "Choose another --question or --unit."
            )

    @property
    def measured(self) -> list["Costed"]:
        """Those that were trained."""
        return [each for each in self.points if each.point.origin is GainOrigin.MEASURED]

    @property
    def best(self) -> "Costed | None":
        """The trained one with the largest gain within the budget; of equal ones the cheapest."""
        return best_within(self.measured, float("inf") if self.limit is None else self.limit)

    def is_on_front(self, each: "Costed") -> bool:
        """Return whether a network was trained, and no other trained one beats it in both cost and gain."""
        front = pareto_front([known.point for known in self.measured], self.question, self.unit)
        return any(each.point is point for point in front)


@dataclass(frozen=True, slots=True, eq=False)
class Costed:
    """A point with the cost that is requested."""

    point: PlanePoint
    cost: float

    @property
    def score(self) -> float:
        """What it is ranked by."""
        return self.point.gain


def points_document(found: FamilyPoints) -> dict[str, Any]:
    """Return what `branchwise show` says of a family's networks, for JSON."""
    best = found.best
    return {
        "question": found.question.value,
        "unit": found.unit.value,
        "budget": found.limit,
        "best": None if best is None else best.point.label,
        "points": [
            {
                "label": each.point.label,
                "cost": each.cost,
                "gain": each.point.gain,
                "gains": list(each.point.gains),
                "interval": None if each.point.interval is None else list(each.point.interval),
                "seeds": each.point.n_seeds,
                "origin": each.point.origin.value,
                "front": found.is_on_front(each),
            }
            for each in found.points
        ],
    }


def points_lines(found: FamilyPoints) -> list[str]:
    """Return the same as lines for people."""
    best = found.best
    header = ["", "Δ", "90 % interval", "seeds", f"cost ({found.unit.value})", "origin", "network"]
    rows = [
        [
            "*" if each is best else "+" if found.is_on_front(each) else "",
            percent(each.point.gain),
            f"{each.point.interval[0]:+.3f} to {each.point.interval[1]:+.3f} %" if each.point.interval else "–",
            str(each.point.n_seeds),
            number(each.cost),
            each.point.origin.value,
            each.point.label,
        ]
        for each in sorted(found.points, key=lambda each: (each.cost, -each.score))
    ]
    said = [
        f"Family {found.family}, {plural(len(found.points), 'network')}; cost of {QUESTIONS[found.question]}, "
        "heads apart."
    ]
    if best is None:
        said.append("No trained network is within the budget.")
    else:
        within = "" if found.limit is None else " within the budget"
        said.append(f"* Best trained{within}: {best.point.label}, {percent(best.score)} on the test split.")
        if len(found.measured) > 1:
            said.append("It was chosen on the split it is reported on, so its gain is biased upwards.")
    return [*said, "+ No other trained network beats it in both cost and gain.", "", aligned(header, rows, left=[6])]


def _limit(budget: str) -> float:
    found = Budget.parse(budget)
    if found.kind != "absolute":
        raise BudgetError(
            f"The budget {budget[:40]!r} is a share of single-task networks, and the networks of this family are not "
            "measured in them. Write a plain number in the unit of the costs."
        )
    return found.amount


def asked_of(study: Study, family: str, question: str | None, unit: str | None) -> tuple[CostQuestion, Unit]:
    """Return question and unit of cost, where they are left out the first in which the trained networks differ most.

    What is stored is the same for all levels of a deep virtual network, and says nothing of which to use.

    Args:
        study: With results.
        family: Name of the family.
        question: As given; None for any.
        unit: As given; None for any.
    """
    questions = [CostQuestion(question)] if question else [*CostQuestion]
    pairs = [(each, known) for each in questions for known in each.units if unit is None or known is Unit(unit)]
    if not pairs:
        return questions[0], Unit(unit) if unit else questions[0].units[0]
    (found,) = [each for each in families() if each.name == family]

    def n_costs(pair: tuple[CostQuestion, Unit]) -> int:
        points = [point for point in found.points(study, *pair) if point.origin is GainOrigin.MEASURED]
        return len({point.cost(*pair) for point in points} - {None})

    return max(pairs, key=n_costs)
