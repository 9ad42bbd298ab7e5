"""What else is measured on a study than its trainings: runs of other kinds."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from core.errors import StudyError
from core.families.switching.runs import SWITCHING, SwitchingSpecification
from core.families.treednn.runs import (
    DEDICATED,
    GENERALISED,
    GRAFTED,
    SPECIALISED,
    TREE_KINDS,
    DedicatedSpecification,
    GeneralisedSpecification,
    GraftedSpecification,
    SpecialisedSpecification,
    TreeRun,
    tree_runs_of,
)
from core.studies.specification import RunSpecification, StudySpecification, TrainingSettings

LAYOUT: Final = "layout"
SIMILARITY: Final = "similarity"
RECOMBINED: Final = "recombined"
# Kinds of runs that train something that is kept; the comparison of features goes along with these.
TRAININGS: Final = (LAYOUT, RECOMBINED, *TREE_KINDS)
# Those whose trained weights may be kept.
WITH_WEIGHTS: Final = (LAYOUT, *TREE_KINDS)
EVERY_TASK_ON: Final = "every task on "


class SimilaritySpecification(BaseModel):
    """How alike the features of single-task networks are, after every block.

    Args:
        sources: The single-task trainings, in the order of the study's tasks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["similarity"] = "similarity"
    sources: tuple[RunSpecification, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.sources) < 2 or any(len(run.tasks) != 1 for run in self.sources):
            raise ValueError("similarity is measured on the single-task networks of two tasks or more")
        return self

    @cached_property
    def key(self) -> str:
        """Hash of the whole specification."""
        text = json.dumps({"kind": self.kind, "sources": [run.key for run in self.sources]}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"how alike the tasks are · seed {self.sources[0].seed}"


class RecombinedSpecification(BaseModel):
    """Every task trained on top of one task's frozen bottom blocks, at one depth.

    The frozen features are the same for all these tops, so that one run trains them all.

    Args:
        source: The single-task training whose bottom blocks are used.
        targets: The tasks to solve on them; the source is one of them.
        depth: The bottom ``depth + 1`` blocks are frozen.
        epochs: How long each top is trained; as the source was where None.

    Reference:
        Branched Multi-Task Networks, §3.2.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["recombined"] = "recombined"
    source: RunSpecification
    targets: tuple[str, ...]
    depth: int
    epochs: int | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.source.tasks) != 1 or len(set(self.targets)) != len(self.targets) or len(self.targets) < 2:
            raise ValueError("recombined networks take one task's blocks and at least two different targets")
        if not 0 <= self.depth < self.source.backbone.blocks:
            raise ValueError(f"the depth is not between 0 and {self.source.backbone.blocks - 1}")
        return self

    @property
    def sources(self) -> tuple[RunSpecification, ...]:
        """The one training whose weights are needed."""
        return (self.source,)

    @property
    def training(self) -> TrainingSettings:
        """How every top is trained."""
        settings = self.source.training
        return settings if self.epochs is None else settings.model_copy(update={"epochs": self.epochs})

    @cached_property
    def key(self) -> str:
        """Hash of the whole specification."""
        document = {
            "kind": self.kind,
            "source": self.source.key,
            "targets": self.targets,
            "depth": self.depth,
            "epochs": self.epochs,
        }
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def title(self) -> str:
        """What a progress line calls this run."""
        return f"{EVERY_TASK_ON}{self.source.tasks[0]} up to block {self.depth + 1} · seed {self.source.seed}"


AnyRun = RunSpecification | SimilaritySpecification | RecombinedSpecification | TreeRun | SwitchingSpecification


_KINDS: Final[Mapping[str, type[AnyRun]]] = {
    LAYOUT: RunSpecification,
    SIMILARITY: SimilaritySpecification,
    RECOMBINED: RecombinedSpecification,
    GENERALISED: GeneralisedSpecification,
    SPECIALISED: SpecialisedSpecification,
    GRAFTED: GraftedSpecification,
    DEDICATED: DedicatedSpecification,
    SWITCHING: SwitchingSpecification,
}


def kind_of(run: AnyRun) -> str:
    """Give the name of a run's kind, as the database and the workers know it."""
    return LAYOUT if isinstance(run, RunSpecification) else run.kind


def tasks_of(run: RunSpecification | TreeRun) -> tuple[str, ...]:
    """Give the tasks, or branches, that the result of a training measures."""
    match run:
        case RunSpecification():
            return run.tasks
        case GeneralisedSpecification():
            return tuple(branch.name for branch in run.tree.branches)
        case SpecialisedSpecification():
            return (run.branch,)
        case GraftedSpecification():
            return (run.graft.name,)
        case _:
            return (run.data.name,)


def read_run(kind: str, text: str) -> AnyRun:
    """Give the run of a kind whose specification was kept as JSON text.

    Raises:
        StudyError: There is no such kind, or the text is no specification of it.
    """
    if kind not in _KINDS:
        raise StudyError(f'A run of kind "{kind[:40]}" is not known here. A newer Branchwise made it: update.')
    try:
        return _KINDS[kind].model_validate_json(text)
    except ValidationError:
        raise StudyError(f'The specification of a run of kind "{kind}" is damaged. Ask for the run again.') from None


def similarity_of(specification: StudySpecification) -> SimilaritySpecification | None:
    """Give the measurement of similarity that goes with a study, or None where nothing is trained.

    It is made on the single-task networks of the first seed of the table, or of the oracle
    where there is no table.
    """
    asked = specification.table or specification.oracle
    if asked is None:
        return None
    seed = asked.seeds[0]
    return SimilaritySpecification(
        sources=tuple(specification.single_run(task, seed) for task in range(len(specification.tasks)))
    )


def recombined_of(specification: StudySpecification) -> list[RecombinedSpecification]:
    """Give the runs of recombined networks that a study asks for: seed by seed, the deepest first."""
    asked = specification.affinity
    if asked is None:
        return []
    depths = range(asked.first_depth, specification.backbone.blocks)
    return [
        RecombinedSpecification.model_construct(
            source=specification.single_run(task, seed),
            targets=specification.tasks,
            depth=depth,
            epochs=None if asked.epochs is None else asked.epochs[depth],
        )
        for seed in asked.seeds
        for depth in reversed(depths)
        for task in range(len(specification.tasks))
    ]


def trainings_of(specification: StudySpecification) -> list[AnyRun]:
    """Give every training that a study asks for, each after those it starts from."""
    return [*specification.runs(), *recombined_of(specification), *tree_runs_of(specification)]
