"""Layouts of another width as a family: what is requested, run, measured and drawn."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.backbones import Backbone, Block
from core.costs import Allocation, CostQuestion, Unit, layout_allocation
from core.families.widened.points import width_points, width_seconds, width_storage
from core.families.widened.request import WidenedRequest, count_trainings, request_fault
from core.families.widened.results import WidenedResults, widened_results
from core.families.widened.runs import WidenedRun, expand, timed_widths
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


class Widened(Family):
    """A layout on backbones of other widths: the control for branching at equal numbers of parameters."""

    name = "widened"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"widened": WidenedRequest}
    stands_alone = True
    runs: ClassVar[tuple[type[Run], ...]] = (WidenedRun,)
    not_written = (
        "Networks of another width are trained to be compared with, and are not written as files. Write that width "
        "below [backbone] of a study of its own, and train its layouts"
    )

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested widths, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested at most."""
        return count_trainings(study)

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the runs seed by seed: single-task networks, then widths."""
        return expand(study)

    def results(
        self, study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
    ) -> WidenedResults | None:
        """Return what the networks reached; None where none is requested."""
        return widened_results(study, tasks, finished)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return trained networks as measured points."""
        return width_points(study, question, unit)

    def timed(self, study: StudySpecification) -> list[TimedBlocks]:
        """Return the backbone with every width."""
        return timed_widths(study)

    def storage(self, study: Study) -> list[StorageCurve]:
        """Return what the networks store without the branches of later tasks."""
        return width_storage(study)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return which task uses which copy of which block, of other widths than the study's."""
        results = study.result(WidenedResults)
        for scores in () if results is None else results.widths:
            if scores.blocks is not None and point.label == f"width {scores.width}":
                seconds = width_seconds(study, scores.width)
                times = [None] * study.n_blocks if seconds is None else seconds.tolist()
                sizes = zip(study.backbone.blocks, scores.blocks.params, scores.blocks.macs, times, strict=True)
                blocks = tuple(Block(block.name, params, macs, latency=time) for block, params, macs, time in sizes)
                assert results is not None
                return layout_allocation(results.layout, Backbone(point.label, blocks), point.tasks)
        return None


FAMILY: Final = Widened()
