"""Plain networks as a family: other families request them, a study file never does."""

from typing import ClassVar, Final

from core.families.single.runs import NetworkRun
from core.families.single.set_network import SetNetworkRun
from core.runs.run import Run
from core.studies.family import Family


class Single(Family):
    """The networks that other families start from or are compared with."""

    name = "single"
    runs: ClassVar[tuple[type[Run], ...]] = (NetworkRun, SetNetworkRun)


FAMILY: Final = Single()
