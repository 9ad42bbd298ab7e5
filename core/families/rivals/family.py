"""Rivals as a family: what is requested, run and measured."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit
from core.families.rivals.allocation import point_allocation
from core.families.rivals.points import rival_points
from core.families.rivals.request import RivalRequest, count_trainings, request_fault
from core.families.rivals.results import RivalResults, rival_results
from core.families.rivals.runs import RivalRun, expand
from core.plane.point import PlanePoint
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task


class Rivals(Family):
    """Published ways to train several tasks in one network."""

    name = "rivals"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"rivals": RivalRequest}
    stands_alone = True
    runs: ClassVar[tuple[type[Run], ...]] = (RivalRun,)
    checked_by = "core.families.rivals.check:check_rivals"
    not_written = (
        "Networks of published methods are trained to be compared with: their masks, attention and policies need code "
        "of Branchwise, so they are not written as files. Write another family's network"
    )

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested rivals, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the runs seed by seed: single-task networks, then methods."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> RivalResults | None:
        """Return what the networks reached; None where none is requested."""
        return rival_results(study, tasks, finished)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return trained networks as measured points."""
        return rival_points(study, question, unit)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which task uses which block or unit; None where weights are masked one by one, or seeds differ."""
        results = study.result(RivalResults)
        return None if results is None else point_allocation(results, study.backbone, point)


FAMILY: Final = Rivals()
