"""The networks of a study, of all families, on the plane of cost and gain."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from core.costs import CostQuestion, Unit, independent_cost
from core.errors import BudgetError
from core.plane.comparison import Comparison
from core.plane.expected_gains import ExpectedGains, expected_gains
from core.plane.metric_scale import MetricScale
from core.plane.point import GainOrigin, PlanePoint
from core.plane.storage import StorageCurve
from core.studies.family import Family, families
from core.studies.study import Study

Pair = tuple[CostQuestion, Unit]
PAIRS: Final[tuple[Pair, ...]] = tuple((question, unit) for question in CostQuestion for unit in question.units)

# What gains are measured against.
_BASELINE: Final = "single"
NOT_MEASURED: Final = "not measured in this study"
NO_LATENCY: Final = "not timed here: [latency] in the study file measures the blocks of its networks"
NOT_STORED: Final = "what its networks would store for fewer tasks is not known"
NO_ANSWER: Final = "has no answer to this question in this unit"


@dataclass(frozen=True, eq=False)
class StudyPlane:
    """Every network of a study with what it costs for every question, and what it gains.

    Args:
        study: With results.
    """

    study: Study
    _found: dict[tuple[str, Pair], tuple[PlanePoint, ...]] = field(default_factory=dict, init=False, repr=False)

    @property
    def families(self) -> tuple[Family, ...]:
        """The families that have networks of their own to compare."""
        return tuple(family for family in families() if type(family).points is not Family.points)

    def points(self, question: CostQuestion, unit: Unit) -> dict[str, tuple[PlanePoint, ...]]:
        """Return family → its points, measured and predicted, for one question and unit; families with none left out.

        Raises:
            BudgetError: The question has no answer in the unit.
        """
        check_unit(question, unit)
        found = {family.name: self._of(family, (question, unit)) for family in self.families}
        return {name: points for name, points in found.items() if points}

    def missing(self, question: CostQuestion, unit: Unit) -> dict[str, str]:
        """Return family → why none of its networks is on the plane for a question and unit.

        Raises:
            BudgetError: The question has no answer in the unit.
        """
        here = self.points(question, unit)
        return {
            family.name: self._reason(family, question, unit) for family in self.families if family.name not in here
        }

    @cached_property
    def measured(self) -> tuple[PlanePoint, ...]:
        """Every measured network once, with its cost for all questions that it answers."""
        found: dict[tuple[str, str], PlanePoint] = {}
        for family in self.families:
            for pair in PAIRS:
                for point in _without_single(family.measured(self.study, *pair)):
                    key = point.family, point.label
                    known = found.get(key, point)
                    found[key] = replace(known, costs={**known.costs, **point.costs})
        return tuple(found.values())

    @property
    def against(self) -> dict[str, str]:
        """Family → what its gains are measured against, where that is not the study's single-task networks."""
        return {family.name: family.against for family in self.families if family.against}

    @cached_property
    def storage(self) -> tuple[StorageCurve, ...]:
        """What every family stores for the first 1 … T tasks."""
        return tuple(curve for family in self.families for curve in family.storage(self.study))

    @cached_property
    def without_storage(self) -> dict[str, str]:
        """Family → why it has no curve of storage over tasks."""
        known = {curve.family for curve in self.storage}
        return {
            family.name: NOT_STORED if any(self._of(family, pair) for pair in PAIRS) else NOT_MEASURED
            for family in self.families
            if family.name not in known
        }

    def independent(self, question: CostQuestion, unit: Unit) -> float | None:
        """Return what one network per task costs, the 100 % of budgets; None where its latency was not measured."""
        return independent_cost(self.study.backbone, self.study.n_tasks, question, unit)

    def scale(self, task: str) -> MetricScale | None:
        """Return the scale of a task's metric, test split; None where its gains are of several, or nothing is measured.

        Args:
            task: Name of the task.
        """
        quality = next((each for each in self.study.quality.get("test", ()) if each.task.name == task), None)
        if quality is None or len(quality.task.gain_metrics) != 1:
            return None
        (metric,) = quality.task.gain_metrics
        used = {seed for point in self._on_scale if point.family != _BASELINE for seed in point.scores(task)}
        singles = {
            seed: quality.by_seed[seed][metric.name]
            for seed in sorted(used & quality.by_seed.keys())
            if metric.name in quality.by_seed[seed]
        }
        return MetricScale(task, metric, singles) if singles and all(singles.values()) else None

    @property
    def _on_scale(self) -> list[PlanePoint]:
        """Measured networks whose gains are against the single-task networks of the study."""
        return [point for point in self.measured if point.family not in self.against]

    def comparison(
        self, question: CostQuestion, unit: Unit, task: str | None = None, scale: MetricScale | None = None
    ) -> Comparison | None:
        """Return the measured networks compared; None where nothing is measured, or single-task networks have no cost.

        Args:
            question: Which question costs answer.
            unit: Unit of cost.
            task: Whose gain is compared; the mean over tasks where None.
            scale: Of the task, where values of its metric are compared in place of gains.

        Raises:
            BudgetError: The question has no answer in the unit.
        """
        check_unit(question, unit)
        whole = self.independent(question, unit)
        if whole is None or not self.measured:
            return None
        found = Comparison(self.gains(task, scale), question, unit, whole)
        return found if found.networks else None

    def gains(self, task: str | None = None, scale: MetricScale | None = None) -> ExpectedGains:
        """Return the draws of what all measured networks gain, or score, the same for every question; seeded."""
        key = task, scale is not None
        if key not in self._gains:
            points = self.measured if scale is None else [p for each in self._on_scale if (p := scale.scored(each))]
            self._gains[key] = expected_gains(points, rng=np.random.default_rng(0), task=task)
        return self._gains[key]

    @cached_property
    def _gains(self) -> dict[tuple[str | None, bool], ExpectedGains]:
        return {}

    def _of(self, family: Family, pair: Pair) -> tuple[PlanePoint, ...]:
        key = family.name, pair
        if key not in self._found:
            self._found[key] = tuple(_without_single(family.points(self.study, *pair)))
        return self._found[key]

    def _reason(self, family: Family, question: CostQuestion, unit: Unit) -> str:
        if unit is Unit.LATENCY and self._of(family, (question, Unit.MACS)):
            return NO_LATENCY
        if any(self._of(family, pair) for pair in PAIRS):
            return NO_ANSWER
        return NOT_MEASURED


def check_unit(question: CostQuestion, unit: Unit) -> None:
    """Raise an error where a question has no answer in a unit.

    Raises:
        BudgetError: It has none.
    """
    if unit not in question.units:
        others = [each for each in CostQuestion if unit in each.units]
        raise BudgetError(
            f'The question "{question}" has no answer in {unit}. Choose from: {", ".join(question.units)}; '
            f"or, in {unit}, from the questions {' and '.join(others)}."
        )


def _without_single(points: Sequence[PlanePoint]) -> list[PlanePoint]:
    """Return points without a measured layout that shares nothing: these are the single-task networks themselves."""
    return [
        point
        for point in points
        if point.origin is not GainOrigin.MEASURED
        or point.layout is None
        or point.layout.group_counts[0] < point.layout.n_tasks
    ]
