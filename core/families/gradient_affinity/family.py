"""Gradient affinity as a family: what is requested, run and measured."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from core.affinity.gradient import GradientEffects
from core.families.gradient_affinity.request import GradientAffinityRequest, request_fault
from core.families.gradient_affinity.results import gradient_effects
from core.families.gradient_affinity.runs import GradientAffinityRun, gradient_runs
from core.runs.frozen import Frozen
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.family import Family
from core.studies.specification import StudySpecification
from core.tasks import Task


class GradientAffinity(Family):
    """Effects of steps of one task on the losses of others; its networks are no points of their own."""

    name = "gradient_affinity"
    sections: ClassVar[Mapping[str, type[Frozen]]] = {"gradient_affinity": GradientAffinityRequest}
    runs: ClassVar[tuple[type[Run], ...]] = (GradientAffinityRun,)

    def fault(self, study: StudySpecification) -> str | None:
        """Return the error in the requested gradient affinity, as a sentence; None if there is none."""
        return request_fault(study)

    def count(self, study: StudySpecification) -> int:
        """Return how many runs are requested."""
        request = study.requested(GradientAffinityRequest)
        return len(request.seeds) if request else 0

    def expand(self, study: StudySpecification) -> list[Run]:
        """Return one run for each seed."""
        return [*gradient_runs(study)]

    def results(
        self,
        study: StudySpecification,
        tasks: Sequence[Task],  # noqa: ARG002  # effects have no metrics
        finished: Mapping[str, RunResult],
    ) -> GradientEffects | None:
        """Return the effects of the seeds that are done; None where none is."""
        return gradient_effects(study, finished)


FAMILY: Final = GradientAffinity()
