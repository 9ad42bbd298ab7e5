"""TreeDNN as a family: what is requested, run, measured and drawn."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit, layout_allocation
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.points import tree_points, tree_storage
from core.families.treednn.request import TreeRequest, count_trainings, request_fault
from core.families.treednn.results import TreeResults, tree_results
from core.families.treednn.runs import DedicatedRun, GeneralisedRun, SpecialisedRun
from core.families.treednn.submission import expand
from core.layouts import Layout
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.specification import StudySpecification
from core.studies.study import Study
from core.tasks import Task


class TreeDNNs(Family):
    """One trunk with a branch for each data set, against dedicated networks."""

    name = "treednn"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"treednn": TreeRequest}
    stands_alone = True
    several = True
    against = "dedicated networks that learn from the same pictures, as often as the branches"
    runs: ClassVar[tuple[type[Run], ...]] = (GeneralisedRun, SpecialisedRun, GraftedRun, DedicatedRun)
    checked_by = "core.families.treednn.check:check_branches"
    written_by = "core.families.treednn.written:write_tree"
    deployed_by = "core.families.treednn.written:write_tree"

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested the TreeDNN, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the runs seed by seed, each after those it starts from."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> TreeResults | None:
        """Return what the branches reached; None where no TreeDNN is requested."""
        return tree_results(study, tasks, finished)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return the TreeDNN as one measured point; none before it was compared with dedicated networks."""
        return tree_points(study, question, unit)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which branch uses which block, its own or the trunk's."""
        results = study.result(TreeResults)
        if results is None:
            return None
        n_tasks, n_blocks = len(point.tasks), study.backbone.n_blocks
        shared, split = Layout.all_shared(n_tasks, n_blocks), Layout.all_split(n_tasks, n_blocks)
        tree = Layout((*shared.partitions[: results.cut], *split.partitions[results.cut :]))
        return layout_allocation(tree, study.backbone, point.tasks)

    def storage(self, study: Study) -> list[StorageCurve]:
        """Return what the trunk and the first branches store."""
        return tree_storage(study)


FAMILY: Final = TreeDNNs()
