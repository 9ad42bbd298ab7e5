"""Deep virtual networks as a family: what is requested, run, measured and drawn."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit
from core.families.virtual.allocation import point_allocation
from core.families.virtual.narrow_run import NarrowRun
from core.families.virtual.points import virtual_points, virtual_storage
from core.families.virtual.request import VirtualRequest, count_trainings, request_fault
from core.families.virtual.results import VirtualResults, virtual_results
from core.families.virtual.runs import SequenceRun, VirtualRun, expand
from core.families.virtual.timing_run import VirtualTimingRun, timed_levels
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.latencies import TimedBlocks
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task


class VirtualNetworks(Family):
    """One set of weights, cut into units, in which every task has a network for every level."""

    name = "virtual"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"virtual": VirtualRequest}
    stands_alone = True
    several = True
    written_by = "core.families.virtual.written:write_level"
    deployed_by = "core.families.virtual.written:write_network"
    runs: ClassVar[tuple[type[Run], ...]] = (VirtualRun, SequenceRun, NarrowRun, VirtualTimingRun)
    checked_by = "core.families.virtual.check:check_virtual"

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested networks, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the runs seed by seed: single-task networks, levels alone, networks."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> VirtualResults | None:
        """Return what the networks reached; None where none is requested."""
        return virtual_results(study, tasks, finished)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return every network with all tasks on each of its levels."""
        return virtual_points(study, question, unit)

    def timed(self, study: StudySpecification) -> list[TimedBlocks]:
        """Return the plain network of every level."""
        return timed_levels(study)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which task uses which piece of the grid between units."""
        results = study.result(VirtualResults)
        return None if results is None else point_allocation(results, point)

    def storage(self, study: Study) -> list[StorageCurve]:
        """Return what the best network stores with all levels of the first tasks."""
        return virtual_storage(study)


FAMILY: Final = VirtualNetworks()
