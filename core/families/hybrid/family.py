"""Hybrids as a family: what is requested, run, measured and drawn."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit
from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.points import hybrid_points
from core.families.hybrid.request import HybridRequest, count_trainings, request_fault
from core.families.hybrid.results import HybridResults, hybrid_results
from core.families.hybrid.runs import HybridRun, expand
from core.plane.point import PlanePoint
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task


class Hybrids(Family):
    """Trees of shared blocks whose tasks may leave before the last block."""

    name = "hybrid"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"hybrid": HybridRequest}
    stands_alone = True
    runs: ClassVar[tuple[type[Run], ...]] = (HybridRun,)
    checked_by = "core.families.hybrid.train:check_hybrids"
    not_written = (
        "Hybrids are trained to be compared with other families, and their weights are not kept. Write another "
        "family's network"
    )

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested hybrids, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many networks are requested at most."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return every network once, seed by seed."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> HybridResults | None:
        """Return what the networks reached; None where none is requested."""
        return hybrid_results(study, tasks, finished)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return trained hybrids as measured points, and the Pareto front of predictions."""
        return hybrid_points(study, question, unit)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which task uses which copy of which block."""
        return Hybrid.parse(point.label, point.tasks).allocation(study.backbone, point.tasks)


FAMILY: Final = Hybrids()
