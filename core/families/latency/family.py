"""Measured latency as a family: requested in a study file, and read by the families whose networks it times."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.families.latency.request import LatencyRequest
from core.families.latency.results import latency_results
from core.families.latency.runs import LatencyRun, expand, request_fault
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.latencies import Latencies
from core.studies.specification import StudySpecification
from core.tasks import Task


class Latency(Family):
    """How long the blocks of all networks of a study take on one machine."""

    name = "latency"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"latency": LatencyRequest}
    several = True
    runs: ClassVar[tuple[type[Run], ...]] = (LatencyRun,)

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested measurement, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:  # noqa: ARG002
        """Return that it requests no training."""
        return 0

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return the measurement that a study requests."""
        return expand(study)

    def results(
        self,
        study: StudySpecification,
        tasks: Sequence[Task],  # noqa: ARG002
        finished: Mapping[str, RunResult],
    ) -> Latencies | None:
        """Return what was measured of the blocks of the study's networks."""
        return latency_results(study, finished)


FAMILY: Final = Latency()
