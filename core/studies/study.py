"""A study as a value: the tasks, the backbone and everything measured on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.affinity import Similarity
from core.backbones import Backbone
from core.errors import StudyError
from core.estimators import TwoTaskTable
from core.runs.arithmetic import Arithmetic
from core.runs.result import RunResult, Split
from core.studies.family import families
from core.studies.latencies import Latencies
from core.studies.measured import LayoutResults, Oracle
from core.studies.specification import StudySpecification
from core.studies.task_quality import TaskQuality, task_qualities
from core.tasks import Task, check_task_names

_R = TypeVar("_R")
SPLITS: tuple[Split, ...] = ("validation", "test")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the figures of a study come from.

    Args:
        n_runs: Trainings that it requests and whose results are read with it.
        n_done: Those that are done.
        n_apart: Further trainings, whose large results are read only where they are shown.
        seconds: Of training, in all.
        finished: When the last one ended, ISO 8601.
        machines: Operating systems and processors.
        versions: Library → version, or versions where there are several.
        command: How it was made.
        arithmetics: How results were computed → how many of them, the most frequent first.
    """

    n_runs: int = 0
    n_done: int = 0
    seconds: float = 0.0
    finished: str = ""
    machines: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    arithmetics: Mapping[Arithmetic, int] = field(default_factory=dict)
    n_apart: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Example inputs and targets as pictures.

    Args:
        inputs: ``[n_examples, height, width, 3]``, uint8.
        targets: Task name → ``[n_examples, height, width, 3]``, uint8; tasks that answer per pixel.
        labels: Task name → what is right for each example, in words; all other tasks.

    Raises:
        StudyError: A task has another number of labels than there are examples.
    """

    inputs: NDArray[np.uint8] = field(repr=False)
    targets: Mapping[str, NDArray[np.uint8]] = field(repr=False)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name, found in self.labels.items():
            if len(found) != len(self.inputs):
                raise StudyError(
                    f'The gallery has {len(self.inputs)} examples and {len(found)} labels of "{name}". '
                    "Give every example one."
                )

    def of_tasks(self, names: Sequence[str]) -> "Gallery":
        """Return the same examples with the targets and labels of some tasks only, in their order."""
        return Gallery(
            self.inputs,
            {name: self.targets[name] for name in names if name in self.targets},
            {name: self.labels[name] for name in names if name in self.labels},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Data set, tasks and backbone, and what was measured on them.

    Args:
        name: Short name, as in files and links.
        title: Its title on pages.
        description: One or two sentences.
        task_names: Names in index order.
        backbone: The blocks.
        tasks: Kinds and metrics, where known (not for an uploaded table).
        results: Family → results of its finished runs.
        gallery: Example pictures, or None.
        provenance: Where the figures come from.
        specification: What was requested, or None for an uploaded table.
        similarity: Similarity of the features of the tasks after every block, or None where not measured.
        quality: Split → how well single-task networks do each task, in index order; empty for an uploaded table.

    Raises:
        StudyError: Table, backbone and tasks do not match.
        AffinityError: The similarity is of other tasks or blocks.
    """

    name: str
    title: str
    description: str
    task_names: tuple[str, ...]
    backbone: Backbone
    tasks: tuple[Task, ...] = ()
    results: Mapping[str, object] = field(default_factory=dict, repr=False)
    gallery: Gallery | None = None
    provenance: Provenance = Provenance()
    specification: StudySpecification | None = None
    similarity: Similarity | None = None
    quality: Mapping[Split, tuple[TaskQuality, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_task_names(self.task_names)
        if (layouts := self.result(LayoutResults)) is not None:
            self._check_table(layouts.table)
        if self.similarity is not None:
            self.similarity.check_fits(self.n_tasks, self.n_blocks)

    def _check_table(self, table: TwoTaskTable) -> None:
        if table.tasks != self.task_names:
            raise StudyError(f"The table is about {', '.join(table.tasks)}; the study has other tasks.")
        if table.n_blocks != self.backbone.n_blocks:
            raise StudyError(
                f"The table has branch points 0 to {table.n_blocks}, so {table.n_blocks} blocks; "
                f'backbone "{self.backbone.name}" has {self.backbone.n_blocks}. '
                "Merge blocks of the backbone until the two agree."
            )

    def result(self, kind: type[_R]) -> _R | None:
        """Return the results of a type, of whichever family; None where there are none."""
        return next((found for found in self.results.values() if isinstance(found, kind)), None)

    @property
    def shares_inputs(self) -> bool:
        """Whether two tasks can be answered from one input, so that there are layouts to choose from."""
        return self.result(LayoutResults) is not None

    @property
    def layouts(self) -> LayoutResults:
        """What measured layouts add up to.

        Raises:
            StudyError: Every task has its own pictures, so there are no layouts.
        """
        found = self.result(LayoutResults)
        if found is None:
            raise StudyError(
                f'"{self.title}" has no two-task table: every task has its own pictures. Open another study.'
            )
        return found

    @property
    def table(self) -> TwoTaskTable:
        """Two-task table on the validation split, with holes where nothing is measured.

        Raises:
            StudyError: As ``layouts``.
        """
        return self.layouts.table

    @property
    def oracle(self) -> Oracle | None:
        """Trained layouts, or None."""
        found = self.result(LayoutResults)
        return None if found is None else found.oracle

    @property
    def baselines(self) -> Mapping[Split, Mapping[str, Mapping[str, float]]]:
        """Split → task → metric → mean of the single-task value over the table's seeds, or of all seeds without one."""
        found = self.result(LayoutResults)
        return {} if found is None else found.baselines

    @property
    def head_params(self) -> tuple[int, ...]:
        """Parameters of each task's head; empty where they are not known."""
        found = self.result(LayoutResults)
        return () if found is None else found.head_params

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with its tasks on the test split, in sentences; empty where nothing is known to be wrong."""
        return tuple(sentence for quality in self.quality.get("test", ()) for sentence in quality.sentences)

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return len(self.task_names)

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return self.backbone.n_blocks


def assemble(
    specification: StudySpecification,
    tasks: Sequence[Task],
    backbone: Backbone,
    finished: Mapping[str, RunResult],
    *,
    gallery: Gallery | None = None,
    provenance: Provenance | None = None,
    similarity: Similarity | None = None,
) -> Study:
    """Return the study that the finished runs add up to.

    Args:
        specification: What was requested.
        tasks: The tasks in the order of the specification.
        backbone: Profile of the backbone; its blocks take what a measurement of latency says, where there is one.
        finished: Run key → result; runs that are not done count as missing.
        gallery: Example pictures.
        provenance: Where the figures come from.
        similarity: Similarity of the features of the tasks, where it was measured elsewhere.
    """
    found = {family.name: family.results(specification, tasks, finished) for family in families()}
    results = {name: result for name, result in found.items() if result is not None}
    measured = next((result for result in results.values() if isinstance(result, Similarity)), None)
    latencies = next((result for result in results.values() if isinstance(result, Latencies)), None)
    return Study(
        name=specification.name,
        title=specification.title or specification.name,
        description=specification.description,
        task_names=specification.tasks,
        backbone=backbone if latencies is None else latencies.on(backbone),
        tasks=tuple(tasks),
        results=results,
        gallery=gallery,
        provenance=provenance or Provenance(),
        specification=specification,
        similarity=similarity or measured,
        quality={split: task_qualities(specification, tasks, finished, split) for split in SPLITS},
    )
