"""The run that trains the fully shared network and measures what steps of one task do to the losses of others."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.errors import StudyError
from core.families.gradient_affinity.payload import GradientPayload
from core.families.gradient_affinity.request import GradientAffinityRequest
from core.families.single.runs import NetworkRun
from core.layouts import Layout
from core.runs.label import RunLabel
from core.runs.result import RunResult
from core.runs.run import Payload, Run
from core.studies.fields import union
from core.studies.specification import StudySpecification


class GradientAffinityRun(NetworkRun):
    """One training of the fully shared network, with effects of steps measured on the way.

    Args:
        every: Effects are measured at every so many-th step.
    """

    kind: ClassVar[str] = "gradient_affinity"
    carried_out_by: ClassVar[str] = "core.families.gradient_affinity.train:train_measured"
    payload_type: ClassVar[type[Payload] | None] = GradientPayload
    can_keep_weights: ClassVar[bool] = False
    compact: ClassVar[bool] = False

    every: int = Field(ge=1, le=1000)

    @model_validator(mode="after")
    def _check_shared(self) -> Self:
        if len(self.tasks) < 2 or any(len(groups) > 1 for groups in self.layout):
            raise ValueError("gradient affinity is measured while two tasks or more share all blocks")
        return self

    @property
    def identity(self) -> dict[str, Any]:
        """Everything but where it is trained and where the data lie."""
        return {**super().identity, "kind": self.kind}

    @property
    def label(self) -> RunLabel:
        """All tasks, the seed, and how often is measured."""
        return RunLabel(self.kind, self.tasks, self.seed, {"every": self.every})

    @property
    def parents(self) -> tuple[Run, ...]:
        """None: effects are compared with nothing else."""
        return ()

    def check(self, result: RunResult) -> None:
        """Check that a finished result has an effect for each block and each two tasks.

        Raises:
            StudyError: It has not.
        """
        if not result.is_done:
            return
        shape, n_tasks = self.payload_of(result, GradientPayload).shape, len(self.tasks)
        if shape != (self.backbone.blocks, n_tasks, n_tasks):
            raise StudyError(f'The result of "{self.label}" has other blocks or tasks than the run. Train it again.')

    def work(self, backbone: Backbone) -> float:
        """Return the work of the training and of the measurements in it, in 10⁹ multiply-accumulates.

        A step is one pass forward and one backward, worth two; a measurement is on two batches one pass forward and
        one backward for each task.
        """
        return super().work(backbone) * (1 + 2 * (1 + 2 * len(self.tasks)) / (3 * self.every))


def gradient_run(study: StudySpecification, seed: int) -> GradientAffinityRun | None:
    """Return the run of one seed; None where the study requests no gradient affinity."""
    request = study.requested(GradientAffinityRequest)
    if request is None:
        return None
    return GradientAffinityRun(
        dataset=study.dataset.for_seed(seed),
        tasks=study.tasks,
        backbone=study.backbone,
        layout=Layout.all_shared(len(study.tasks), study.backbone.blocks).partitions,
        training=study.training,
        seed=seed,
        every=request.every,
    )


def gradient_runs(study: StudySpecification) -> list[GradientAffinityRun]:
    """Return the runs that a study requests, one for each seed."""
    request = study.requested(GradientAffinityRequest)
    found = [gradient_run(study, seed) for seed in (request.seeds if request else ())]
    return [run for run in found if run is not None]


@dataclass(frozen=True, slots=True)
class GradientAffinitySubmission:
    """Measure gradient affinity.

    Args:
        seeds: One training for each.
    """

    seeds: tuple[int, ...]

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds in its gradient affinity.

        Raises:
            StudyError: The study has several data sets.
        """
        before = study.requested(GradientAffinityRequest) or GradientAffinityRequest(seeds=self.seeds)
        return study.with_request(before.model_copy(update={"seeds": union(before.seeds, self.seeds)}))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return what is trained."""
        return [run for run in gradient_runs(study) if run.seed in self.seeds]
