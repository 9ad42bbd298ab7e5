"""What a network learns from whose tasks share weights: tasks of one data set, or of several data sets a task each."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.data.dataset import Dataset
from core.tasks import Task
from core.training.streamed import Absent, Values, joined
from core.training.tensors import Tensors, tensors_of


@dataclass(frozen=True, slots=True, eq=False)
class TaskData:
    """Data sets, each with some of the tasks; pictures of all have one size.

    Args:
        sets: Each with its own pictures and the tasks that are learned from them.
        tasks: In index order; those of the first set come first.
        device: Where tensors live.
    """

    sets: tuple[Dataset, ...]
    tasks: tuple[Task, ...]
    device: torch.device

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.sets[0].size

    @property
    def owners(self) -> tuple[int, ...]:
        """Number of the data set of each task."""
        if len(self.sets) == 1:
            return (0,) * len(self.tasks)
        return tuple(range(len(self.sets)))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Training rows of each data set where there are several; empty otherwise."""
        return tuple(len(each.train) for each in self.sets) if len(self.sets) > 1 else ()

    def own(self, task: int) -> Dataset:
        """Return the data set of a task."""
        return self.sets[self.owners[task]]

    def parts(self, split: str) -> list[tuple[Tensors, list[int]]]:
        """Return a split of each data set, and the numbers of the tasks whose targets it has."""
        found = []
        for place, data in enumerate(self.sets):
            numbers = [task for task, owner in enumerate(self.owners) if owner == place]
            tasks = tuple(self.tasks[number] for number in numbers)
            found.append((tensors_of(data, split, tasks, self.device), numbers))
        return found

    def joint(self, split: str) -> Tensors:
        """Return a split of all data sets, one after the other; a task has no label in the sets of others."""
        if len(self.sets) == 1:
            return tensors_of(self.sets[0], split, self.tasks, self.device)
        found = [part for part, _ in self.parts(split)]
        sizes = tuple(map(len, found))
        targets = tuple(spread_out(part.targets[0], sizes, place) for place, part in enumerate(found))
        return Tensors(joined([part.pictures for part in found]), targets, (False,) * len(targets))


def spread_out(own: Values, sizes: Sequence[int], place: int) -> Values:
    """Return values of one data set's rows among the rows of all sets, as missing labels elsewhere.

    Args:
        own: Of the rows of one set, ``[sizes[place], …]``.
        sizes: Rows of each set.
        place: Number of the set.
    """
    nothing = [Absent(own[:0], size) for size in sizes]
    if not isinstance(own, torch.Tensor):
        return joined([*nothing[:place], own, *nothing[place + 1 :]])
    return torch.cat([*(each[:] for each in nothing[:place]), own, *(each[:] for each in nothing[place + 1 :])])
