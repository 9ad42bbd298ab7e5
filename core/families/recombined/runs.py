"""The runs that measure similarity of tasks: recombined networks, and compared features."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field, model_validator

from core.backbones import Backbone
from core.errors import StudyError
from core.families.recombined.payloads import LossesPayload, SimilarityPayload
from core.families.recombined.request import AffinityRequest
from core.families.single.runs import NetworkRun, single_run
from core.runs.label import Detail, RunLabel
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
        fine_tune: Whether each top starts from the trained network of its task; else from the weights that this
            network started from.

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
    fine_tune: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.source.tasks) != 1 or len(set(self.targets)) != len(self.targets) or len(self.targets) < 2:
            raise ValueError("recombined networks take one task's blocks and at least two different targets")
        if not 0 <= self.depth < self.source.backbone.blocks:
            raise ValueError(f"the depth is not between 0 and {self.source.backbone.blocks - 1}")
        return self

    @property
    def identity(self) -> dict[str, Any]:
        """Source, targets, depth and epochs; what tops start from where it is not as it always was."""
        return {
            "kind": self.kind,
            "source": self.source.key,
            "targets": self.targets,
            "depth": self.depth,
            "epochs": self.epochs,
            **({"fine_tune": True} if self.fine_tune else {}),
        }

    @property
    def label(self) -> RunLabel:
        """The targets, and the source and depth of their frozen blocks."""
        details: dict[str, Detail] = {"source": self.source.tasks[0], "depth": self.depth}
        if self.fine_tune:
            details["tops"] = "fine-tuned"
        return RunLabel(self.kind, self.targets, self.source.seed, details)

    @property
    def settings(self) -> TrainingSettings:
        """How every top is trained."""
        settings = self.source.training
        return settings if self.epochs is None else settings.model_copy(update={"epochs": self.epochs})

    @property
    def parents(self) -> tuple[Run, ...]:
        """The networks whose weights are needed: the source, and those of the targets where these are fine-tuned."""
        others = [self.alone(name) for name in self.targets if name != self.source.tasks[0]] if self.fine_tune else []
        return (self.source, *others)

    def alone(self, target: str) -> NetworkRun:
        """Return the single-task network of a target, trained as the source was."""
        return self.source if target == self.source.tasks[0] else self.source.model_copy(update={"tasks": (target,)})

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
            fine_tune=request.fine_tune,
        )
        for seed in request.seeds
        for depth in reversed(range(request.first_depth, study.backbone.blocks))
        for task in range(len(study.tasks))
    ]


def expand(study: StudySpecification) -> list[Run]:
    """Return the recombined networks that a study requests, then the comparison of its features."""
    similarity = similarity_run(study)
    return [*recombined_runs(study), *([] if similarity is None else [similarity])]


# What tops of recombined networks start from, by whether they are fine-tuned.
START_WORDS: Final = {False: "start anew", True: "start from trained networks"}


@dataclass(frozen=True, slots=True)
class AffinitySubmission:
    """Train recombined networks of every pair of tasks, at every depth.

    Args:
        seeds: Of the networks.
        first_depth: Leave out those split at a depth before this one.
        fine_tune: Whether tops start from the trained networks of their tasks; as the study has it where None.
    """

    seeds: tuple[int, ...]
    first_depth: int = 0
    fine_tune: bool | None = None

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with these seeds and depths in its affinity.

        Raises:
            StudyError: The study has several data sets, the depth lies outside the backbone, or its tops start from
                other weights.
        """
        before = study.requested(AffinityRequest) or AffinityRequest(
            seeds=self.seeds, first_depth=self.first_depth, fine_tune=bool(self.fine_tune)
        )
        if self.fine_tune not in (None, before.fine_tune):
            raise StudyError(
                f'The tops of recombined networks of "{study.name}" {START_WORDS[before.fine_tune]}, and affinities of '
                "both kinds can't be compared. Train the others in a copy of the study."
            )
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
