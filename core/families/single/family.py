"""Plain networks as a family: other families request them, a study file never does."""

from typing import ClassVar, Final

from core.costs import Allocation, CostQuestion, Unit, layout_allocation
from core.families.single.points import single_points, single_storage
from core.families.single.runs import NetworkRun
from core.families.single.set_network import SetNetworkRun
from core.layouts import Layout
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve
from core.runs.run import Run
from core.studies.family import Family
from core.studies.study import Study


class Single(Family):
    """The networks that other families start from or are compared with."""

    name = "single"
    runs: ClassVar[tuple[type[Run], ...]] = (NetworkRun, SetNetworkRun)

    def points(self, study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
        """Return one network per task, whose gain is 0."""
        return single_points(study, question, unit)

    def allocation(self, study: Study, point: PlanePoint) -> Allocation | None:
        """Return each task with blocks of its own."""
        alone = Layout.all_split(len(point.tasks), study.backbone.n_blocks)
        return layout_allocation(alone, study.backbone, point.tasks)

    def storage(self, study: Study) -> list[StorageCurve]:
        """Return what one network for each of the first tasks stores."""
        return single_storage(study)


FAMILY: Final = Single()
