"""A data set whose labels are read and whose pictures are not: enough for a preview, and the way to the whole."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS, Dataset, Samples
from core.data.missing import labelled
from core.data.splits import Rows
from core.data.stream import Stream, pieces, rows_per_part
from core.tasks import Task

Array = NDArray[np.generic]
Answers = Mapping[str, Array]


def _no_maps(_: Rows) -> Answers:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Labels of a data set, its splits, and how to get the pictures of some rows.

    Args:
        name: Its name.
        tasks: The tasks in the order they are offered.
        labels: Task name → answers of every row, ``[n_rows, …]``; dense tasks may be left to ``maps``.
        rows: Split → rows that belong to it.
        pictures: Gives the pictures of some rows, ``uint8 [len(rows), 3, height, width]``.
        maps: Gives the answers of the dense tasks that are not in ``labels``, for some rows.
        class_names: Task name → what its classes or labels are called.
        remarks: Sentences on what was taken for granted in reading it.
    """

    name: str
    tasks: tuple[Task, ...]
    labels: Answers
    rows: Mapping[str, Rows]
    pictures: Callable[[Rows], NDArray[np.uint8]]
    maps: Callable[[Rows], Answers] = _no_maps
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def samples(self, rows: Rows) -> Samples:
        """Return pictures and targets of some rows.

        Raises:
            DataError: A picture can't be read.
        """
        labels = {name: found[rows] for name, found in self.labels.items()}
        return Samples(self.pictures(rows), {**labels, **self.maps(rows)})

    def dataset(self) -> Dataset:
        """Return the whole data set.

        Raises:
            DataError: A picture can't be read, or a split has no label of a task.
        """
        splits = {split: self.samples(self.rows[split]) for split in SPLITS}
        return Dataset(self.name, self.tasks, **splits, class_names=self.class_names)

    def stream(self) -> Stream:
        """Return the whole data set, a few pictures at a time."""
        sizes = {split: len(rows) for split, rows in self.rows.items()}
        return Stream(self.name, self.tasks, sizes, self._parts, self.class_names)

    def _parts(self, split: str) -> Iterator[Samples]:
        rows = self.rows[split]
        first = self.samples(rows[:1])
        row_bytes = first.pictures.nbytes + sum(target.nbytes for target in first.targets.values())
        yield first
        for part in pieces(len(rows) - 1, rows_per_part(row_bytes)):
            yield self.samples(rows[1:][part])

    def n_labelled(self) -> dict[str, dict[str, int]]:
        """Return task → split → how many samples have a label; dense tasks left to ``maps`` count as complete."""
        return {
            task.name: {
                split: int(labelled(task.kind, self.labels[task.name][rows]).sum())
                if task.name in self.labels
                else len(rows)
                for split, rows in self.rows.items()
            }
            for task in self.tasks
        }
