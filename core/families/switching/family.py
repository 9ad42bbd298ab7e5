"""Measured switching as a family: requested on its page, in no study file."""

from typing import ClassVar, Final

from core.families.switching.runs import SwitchingRun
from core.runs.run import Run
from core.studies.family import Family


class Switching(Family):
    """Measurements of load and switch times on this machine."""

    name = "switching"
    runs: ClassVar[tuple[type[Run], ...]] = (SwitchingRun,)


FAMILY: Final = Switching()
