"""The runs that measure similarity of tasks: recombined networks, and compared features."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.families.recombined.payloads import LossesPayload, SimilarityPayload
from core.families.recombined.request import AffinityRequest
from core.families.single.runs import NetworkRun, single_run
from core.runs.label import RunLabel
from core.runs.result import RunResult
from core.runs.run import GIGA, HEAD_SHARE, Payload, Run, block_macs
from core.runs.settings import TrainingSettings
from core.studies.documents import read_similarity
from core.studies.fields import union
from core.studies.specification import StudySpecification


class SimilarityRun(Run):
    """Similarity of the features of single-task networks after every block.

    Args:
        sources: The single-task networks, in the order of the study's tasks.
    """

    kind: ClassVar[str] = "similarity"
    carried_out_by: ClassVar[str] = "core.families.recombined.compare:compare_run"
    payload_type: ClassVar[type[Payload] | None] = SimilarityPayload
    is_training: ClassVar[bool] = False
    travels_with_study: ClassVar[bool] = True

    sources: tuple[NetworkRun, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.sources) < 2 or any(len(run.tasks) != 1 for run in self.sources):
            raise ValueError("similarity is measured on the single-task networks of two tasks or more")
        return self

    @property
    def identity(self) -> dict[str, Any]:
        """Which networks are compared."""
        return {"kind": self.kind, "sources": [run.key for run in self.sources]}

    @property
    def label(self) -> RunLabel:
        """All tasks, and the seed of the first network."""
        return RunLabel(self.kind, tuple(run.tasks[0] for run in self.sources), self.sources[0].seed)

    @property
    def settings(self) -> TrainingSettings:
        """Settings of the networks that are compared."""
        return self.sources[0].training

    @property
    def parents(self) -> tuple[Run, ...]:
        """The single-task networks."""
        return self.sources

    @property
    def measured_tasks(self) -> tuple[str, ...]:
        """No task: the result has no metrics."""
        return ()

    def check(self, result: RunResult) -> None:
        """Check that a finished result compares these networks after every block.

        Raises:
            StudyError: It is damaged.
            AffinityError: It is of other tasks or blocks.
        """
        if result.is_done:
            document = self.payload_of(result, SimilarityPayload).similarity
            read_similarity(document, len(self.sources), self.sources[0].backbone.blocks)

    def work(self, backbone: Backbone) -> float:
        """Return the work of the networks, which may have to be trained once more, in 10⁹ multiply-accumulates."""
        return sum(run.work(backbone) for run in self.sources)


class RecombinedRun(Run):
    """Every task trained on top of one task's frozen bottom blocks, at one depth.

    The frozen features are the same for all these tops, so that one run trains them all.

    Args:
        source: The single-task network whose bottom blocks are used.
        targets: The tasks to solve on them; the source is one of them.
        depth: The bottom ``depth + 1`` blocks are frozen.
        epochs: How long each top is trained; as the source was where None.

    Reference:
        Branched Multi-Task Networks, §3.2.
    """

    kind: ClassVar[str] = "recombined"
    carried_out_by: ClassVar[str] = "core.families.recombined.train:train_run"
    payload_type: ClassVar[type[Payload] | None] = LossesPayload
    needs_weights: ClassVar[bool] = True
    has_large_payload: ClassVar[bool] = True

    source: NetworkRun
    targets: tuple[str, ...]
    depth: Annotated[int, Field(ge=0, le=200)]
    epochs: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.source.tasks) != 1 or len(set(self.targets)) != len(self.targets) or len(self.targets) < 2:
            raise ValueError("recombined networks take one task's blocks and at least two different targets")
        if not 0 <= self.depth < self.source.backbone.blocks:
            raise ValueError(f"the depth is not between 0 and {self.source.backbone.blocks - 1}")
        return self

    @property
    def identity(self) -> dict[str, Any]:
        """Source, targets, depth and epochs."""
        return {
            "kind": self.kind,
            "source": self.source.key,
            "targets": self.targets,
            "depth": self.depth,
            "epochs": self.epochs,
        }

    @property
    def label(self) -> RunLabel:
        """The targets, and the source and depth of their frozen blocks."""
        return RunLabel(
            self.kind, self.targets, self.source.seed, {"source": self.source.tasks[0], "depth": self.depth}
        )

    @property
    def settings(self) -> TrainingSettings:
        """How every top is trained."""
        settings = self.source.training
        return settings if self.epochs is None else settings.model_copy(update={"epochs": self.epochs})

    @property
    def parents(self) -> tuple[Run, ...]:
        """The network whose weights are needed."""
        return (self.source,)

    @property
    def measured_tasks(self) -> tuple[str, ...]:
        """No task: the result has losses of samples, no metrics."""
        return ()

    def work(self, backbone: Backbone) -> float:
        """Return multiply-accumulates of the tops over all training samples, in 10⁹."""
        macs = block_macs(backbone)
        top = sum(macs[self.depth + 1 :]) + HEAD_SHARE * sum(macs)
        return len(self.targets) * top * self.source.dataset.passes(self.settings.epochs) / GIGA


def similarity_run(study: StudySpecification) -> SimilarityRun | None:
    """Return the comparison of features that goes with a study; None where it trains no single-task network.

    It is made on the networks of the first seed of the first section that has seeds.
    """
    seeds = next((found for request in study.requests.values() if (found := getattr(request, "seeds", ()))), ())
    if study.has_several or not seeds:
        return None
    return SimilarityRun(sources=tuple(single_run(study, task, seeds[0]) for task in range(len(study.tasks))))


def recombined_runs(study: StudySpecification) -> list[RecombinedRun]:
    """Return the runs of recombined networks that a study requests: seed by seed, the deepest first."""
    request = study.requested(AffinityRequest)
    if request is None:
        return []
    return [
        RecombinedRun.model_construct(
            source=single_run(study, task, seed),
            targets=study.tasks,
            depth=depth,
            epochs=None if request.epochs is None else request.epochs[depth],
        )
        for seed in request.seeds
        for depth in reversed(range(request.first_depth, study.backbone.blocks))
        for task in range(len(study.tasks))
    ]


def expand(study: StudySpecification) -> list[Run]:
    """Return the recombined networks that a study requests, then the comparison of its features."""
    similarity = similarity_run(study)
    return [*recombined_runs(study), *([] if similarity is None else [similarity])]


@dataclass(frozen=True, slots=True)
class AffinitySubmission:
    """Train recombined networks of every pair of tasks, at every depth.

    Args:
        seeds: Of the networks.
        first_depth: Leave out those split at a depth before this one.
    """

    seeds: tuple[int, ...]
    first_depth: int = 0

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds and depths in its affinity.

        Raises:
            StudyError: The study has several data sets, or the depth lies outside the backbone.
        """
        before = study.requested(AffinityRequest) or AffinityRequest(seeds=self.seeds, first_depth=self.first_depth)
        first = min(before.first_depth, self.first_depth)
        update = {"seeds": union(before.seeds, self.seeds), "first_depth": first}
        return study.with_request(before.model_copy(update=update))

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return what is trained, without what it starts from."""
        return [
            run for run in recombined_runs(study) if run.source.seed in self.seeds and run.depth >= self.first_depth
        ]


@dataclass(frozen=True, slots=True)
class SimilaritySubmission:
    """Compare the features of the single-task networks."""

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study as it is: the comparison goes with its single-task networks."""
        return study

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the comparison, where there are networks to compare."""
        found = similarity_run(study)
        return [] if found is None else [found]
