"""Multi-path networks as a family: what is requested, run, measured and drawn."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit
from core.families.multipath.allocation import assignment_of, path_allocation
from core.families.multipath.points import multipath_points, multipath_storage
from core.families.multipath.request import MultiPathRequest, count_trainings, request_fault, warnings_of
from core.families.multipath.results import MultiPathResults, multipath_results
from core.families.multipath.runs import MultiPathRun, PathMatrixRun, expand
from core.families.multipath.timing_run import PathTimingRun
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task


class MultiPaths(Family):
    """Networks with nested exits, taught by single-task networks."""

    name = "multipath"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"multipath": MultiPathRequest}
    stands_alone = True
    several = True
    runs: ClassVar[tuple[type[Run], ...]] = (MultiPathRun, PathMatrixRun, PathTimingRun)
    checked_by = "core.families.multipath.check:check_paths"
    written_by = "core.families.multipath.written:write_path"

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested networks, as a sentence; None if there is none."""
        return request_fault(study)

    def warnings(self, study: StudySpecification) -> list[str]:
        """Return which networks ask for teachers and give them no weight."""
        request = study.requested(MultiPathRequest)
        return [] if request is None else warnings_of(request)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the runs seed by seed: teachers, networks, matrix."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> MultiPathResults | None:
        """Return what the networks reached; None where none is requested."""
        return multipath_results(study, tasks, finished)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return trained networks as measured points, and the best assignments of the matrix as predicted ones."""
        return multipath_points(study, question, unit)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which task uses which part of the path to the deepest exit."""
        results = study.result(MultiPathResults)
        assign = None if results is None else assignment_of(study, results, point)
        return None if results is None or assign is None else path_allocation(results, study.backbone, assign)

    def storage(self, study: Study) -> list[StorageCurve]:
        """Return what the best network stores up to the deepest exit of the first tasks."""
        return multipath_storage(study)


FAMILY: Final = MultiPaths()
