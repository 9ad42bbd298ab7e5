"""What an application must know of the tasks of a deep virtual network: classes, preprocessing, splits, metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.membership import Membership, known_membership, preprocessing_of
from core.families.virtual.kept import KeptNetwork
from core.runs.result import RunResult
from core.studies import manifest_entries as entries
from core.studies.record import StudyRecord
from core.studies.several_specification import SeveralSpecification
from core.studies.study import SPLITS
from core.studies.task_entry import MeasuredMetric, Preprocessing, Splits, TaskEntry
from core.studies.task_quality import TaskQuality, task_qualities


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """The data of a network's tasks, and what they reached.

    Args:
        kept: The network.
        memberships: Class names and splits, of each task's data set or of the one that all share.
        qualities: What the tasks are compared with.
        has_several: Whether every task has a data set of its own.
    """

    kept: KeptNetwork
    memberships: tuple[Membership, ...]
    qualities: Sequence[TaskQuality]
    has_several: bool

    @classmethod
    def of(cls, record: StudyRecord, kept: KeptNetwork, results: Mapping[str, RunResult]) -> "TaskFacts":
        """Return the facts of a study's tasks.

        Args:
            record: The study.
            kept: One of its networks.
            results: Run key → result of the study.
        """
        study = record.specification
        assert study is not None
        qualities = [each for split in SPLITS for each in task_qualities(study, record.tasks, results, split)]
        dataset = kept.run.dataset
        if isinstance(dataset, SeveralSpecification):
            found = tuple(known_membership(each.dataset) for each in dataset.sets)
            return cls(kept, found, qualities, has_several=True)
        return cls(kept, (known_membership(dataset),), qualities, has_several=False)

    def entry(self, number: int, level: int, **facts: Any) -> TaskEntry:  # noqa: ANN401  # fields of the entry
        """Return the manifest's entry of a task.

        Args:
            number: Of the task.
            level: Whose metrics are listed.
            facts: Further fields.
        """
        kept, task = self.kept, self.kept.tasks[number]
        own: dict[str, Any] = {}
        if self.has_several:
            own = {"preprocessing": self.preprocessing(number), "splits": self.splits(number)}
        return entries.task_entry(
            task,
            classes=self.classes(number),
            metrics=self.metrics(number, level),
            size=kept.size if task.kind.is_map else None,
            **entries.compared(self.qualities, task.name),
            **own,
            **facts,
        )

    def metrics(self, number: int, level: int) -> tuple[MeasuredMetric, ...]:
        """Return what a task's level reached."""
        task = self.kept.tasks[number]
        found = self.kept.metrics(task.name, level)
        return entries.measured(task, found, "weights" if self.kept.is_own else "run")

    def classes(self, number: int) -> tuple[str, ...]:
        """Return what the classes of a task are called, in the order of its outputs; empty where they have no names."""
        task, dataset = self.kept.tasks[number], self.kept.run.dataset
        called = dataset.sets[number].task if isinstance(dataset, SeveralSpecification) else task.name
        membership = self.memberships[number if self.has_several else 0]
        found = tuple(map(str, membership.class_names.get(called, ())))
        return found if len(found) == task.n_outputs else ()

    def preprocessing(self, number: int) -> Preprocessing:
        """Return what is done to a picture of a task."""
        dataset = self.kept.run.dataset
        one = dataset.sets[number].dataset if isinstance(dataset, SeveralSpecification) else dataset
        return preprocessing_of(one, self.kept.size)

    def splits(self, number: int) -> Splits:
        """Return which pictures of a task belong to which split, by the rule alone where every task has its own."""
        found = self.memberships[number if self.has_several else 0].splits
        # The list of files of a folder is in its labels.
        return found.model_copy(update={"file": ""}) if self.has_several else found

    @property
    def listing(self) -> bytes:
        """CSV of every picture with its split, where pictures are files of one data set; empty otherwise."""
        return b"" if self.has_several else self.memberships[0].listing
