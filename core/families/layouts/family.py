"""Layouts as a family: what is requested, run, measured and drawn."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit, layout_allocation
from core.families.layouts.next_training import layout_advice
from core.families.layouts.points import layout_points, measured_layouts
from core.families.layouts.request import OracleRequest, TableRequest, count_trainings, request_fault
from core.families.layouts.results import layout_results
from core.families.layouts.runs import expand
from core.families.layouts.storage import layout_storage
from core.layouts import Layout
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.advice import Advice, Goal
from core.studies.family import Family
from core.studies.measured import LayoutResults
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task


class Layouts(Family):
    """Two-task tables and trained layouts; their networks are of the kind that ``single`` has."""

    name = "layouts"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"table": TableRequest, "oracle": OracleRequest}
    defaults: ClassVar[Mapping[str, Frozen]] = {"table": TableRequest()}
    written_by = "core.families.layouts.written:write_layout"

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested the table or the layouts, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many networks are requested."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return every network once, seed by seed."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> LayoutResults | None:
        """Return table, trained layouts and baselines; None where every task has its own pictures."""
        return layout_results(study, tasks, finished)

    def advise(
        self, study: Study, goal: Goal, seconds: Callable[[Sequence[Run]], float | None], n: int
    ) -> Advice | None:
        """Return which pairs or layouts to train next; None where every task has its own pictures."""
        return layout_advice(study, goal, seconds, n, batch=True) if study.shares_inputs else None

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return trained layouts as measured points, and the Pareto front of predictions."""
        return layout_points(study, question, unit)

    def measured(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return trained layouts."""
        return measured_layouts(study, question, unit)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which task uses which copy of which block."""
        layout = point.layout or Layout.parse(point.label, point.tasks)
        return layout_allocation(layout, study.backbone, point.tasks)

    def storage(self, study: Study) -> list[StorageCurve]:
        """Return what the fully shared network and the best layout store for the first tasks."""
        return layout_storage(study)


FAMILY: Final = Layouts()
