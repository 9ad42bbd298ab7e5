"""A data set: pictures and one target array per task, in three splits. Knows no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.data.missing import has_a_label, labelled
from core.errors import DataError
from core.tasks import Kind, Task

Array = NDArray[np.generic]

SPLITS = ("train", "validation", "test")
DENSE = frozenset({Kind.SEGMENTATION, Kind.NORMALS, Kind.DEPTH, Kind.REGRESSION_MAP})


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Pictures and what each task should answer for them.

    Args:
        pictures: ``uint8 [n, 3, height, width]``; of a large data set mapped from a file, as dense targets are.
        targets: Task name → array whose first axis is ``n``. Segmentation and
            classification hold class numbers (segmentation ``[n, height, width]``),
            the other dense kinds ``[n, channels, height, width]``. ``core.data.missing``
            says how a missing label is written.

    Raises:
        DataError: Pictures are no ``uint8 [n, 3, h, w]``, there are none, or a target's
            length or size differs from theirs.
    """

    pictures: NDArray[np.uint8]
    targets: Mapping[str, Array]

    def __post_init__(self) -> None:
        if self.pictures.dtype != np.uint8 or self.pictures.ndim != 4 or self.pictures.shape[1] != 3:
            raise DataError(
                f"Pictures should be uint8 [n, 3, height, width]. Found {self.pictures.dtype} "
                f"{list(self.pictures.shape)}."
            )
        if len(self.pictures) == 0:
            raise DataError("A split has no pictures. Give every split at least one.")
        for name, target in self.targets.items():
            dense = target.ndim > 2
            if len(target) != len(self) or (dense and target.shape[-2:] != self.pictures.shape[-2:]):
                raise DataError(
                    f'Target "{name}" has shape {list(target.shape)}, the pictures {list(self.pictures.shape)}. '
                    "Their number and size should agree."
                )
        object.__setattr__(self, "targets", MappingProxyType(dict(self.targets)))

    def __len__(self) -> int:
        return len(self.pictures)

    @classmethod
    def joined(cls, parts: Sequence["Samples"]) -> "Samples":
        """Return the samples of several pieces, one after the other."""
        names = parts[0].targets
        return cls(
            np.concatenate([part.pictures for part in parts]),
            {name: np.concatenate([part.targets[name] for part in parts]) for name in names},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Training, validation and test samples of one set of tasks.

    Args:
        name: Its name.
        tasks: The tasks, each with a target in every split.
        train: What networks learn from.
        validation: What tables, searches and choices use.
        test: What is reported as trained.
        class_names: Task name → what its classes or labels are called, where known.

    Raises:
        DataError: A split lacks the target or any label of a task, or pictures differ in size.
    """

    name: str
    tasks: tuple[Task, ...]
    train: Samples
    validation: Samples
    test: Samples
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for split in SPLITS:
            samples: Samples = getattr(self, split)
            missing = [task.name for task in self.tasks if task.name not in samples.targets]
            if missing:
                raise DataError(f'The {split} split has no target for "{missing[0]}". Give every task a target.')
            for task in self.tasks:
                if not has_a_label(task.kind, samples.targets[task.name]):
                    raise DataError(f'No picture of the {split} split has a label for "{task.name}". Label more.')
            if samples.pictures.shape[1:] != self.train.pictures.shape[1:]:
                raise DataError(f"Pictures of the {split} split differ in size from the training pictures.")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.train.pictures.shape[2], self.train.pictures.shape[3]

    def n_labelled(self, split: str, name: str) -> int:
        """Return the number of samples of a split that have a label of the task ``name``, or one labelled pixel.

        Raises:
            DataError: There is no such task.
        """
        samples: Samples = getattr(self, split)
        return int(labelled(self.task(name).kind, samples.targets[name]).sum())

    def with_part(self, part: int, parts: int) -> "Dataset":
        """Return the data set with a part of its training samples; the parts share none and are drawn once for all.

        Args:
            part: Which, from 0.
            parts: Of how many.

        Raises:
            DataError: There are fewer samples than parts, or a task has no label in this part.
        """
        n = len(self.train)
        if n < parts:
            raise DataError(f"{n} training pictures can't be divided into {parts} parts. Ask for more pictures.")
        order = np.random.default_rng([n, parts]).permutation(n)
        rows = np.sort(order[part * n // parts : (part + 1) * n // parts])
        targets = {name: values[rows] for name, values in self.train.targets.items()}
        return replace(self, train=Samples(self.train.pictures[rows], targets))

    def task(self, name: str) -> Task:
        """Return the task of that name.

        Raises:
            DataError: There is none.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        raise DataError(
            f'Data set "{self.name}" has no task "{name}". Choose from: {", ".join(t.name for t in self.tasks)}.'
        )
