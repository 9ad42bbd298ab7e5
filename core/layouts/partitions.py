"""All set partitions of a few tasks, numbered in canonical order, and what merging two groups leads to."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError
from core.layouts.layout import Partition

# Bell(12) is 4,213,597; thirteen tasks would need gigabytes.
MAX_PARTITION_TASKS = 12
# Eleven tasks have 55 pairs, one bit each; twelve have more than a word of 64 bits holds.
MAX_MASKED_TASKS = 11

Ids = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Partitions:
    """Every partition of ``n_tasks`` tasks.

    Args:
        ids: Group of each task, numbered by first appearance, ``[n_partitions, n_tasks]``; rows in
            lexicographic order, so the first has one group and the last none with two members.
        n_groups: Groups of each partition, ``[n_partitions]``.
    """

    ids: Ids = field(repr=False)
    n_groups: NDArray[np.int8] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_tasks(self) -> int:
        """Number of tasks."""
        return int(self.ids.shape[1])

    def groups(self, index: int) -> Partition:
        """Return a partition as groups of tasks, in canonical order."""
        row = self.ids[index].tolist()
        return tuple(tuple(task for task, group in enumerate(row) if group == g) for g in range(max(row) + 1))


@cache
def all_partitions(n_tasks: int) -> Partitions:
    """Return every partition of a number of tasks; there are Bell(n_tasks).

    Raises:
        LayoutError: There are too many to list.

    >>> [all_partitions(3).groups(index) for index in range(5)][:2]
    [((0, 1, 2),), ((0, 1), (2,))]
    """
    if not 1 <= n_tasks <= MAX_PARTITION_TASKS:
        raise LayoutError(
            f"Partitions of {n_tasks} tasks are not listed. Use 1 to {MAX_PARTITION_TASKS}, or a beam search."
        )
    ids: Ids = np.zeros((1, 1), dtype=np.int8)
    groups = np.ones(1, dtype=np.int8)
    for task in range(1, n_tasks):
        # The new task joins each group in turn, or opens the next one.
        times = groups.astype(np.intp) + 1
        rows = np.repeat(np.arange(len(ids)), times)
        joined = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        extended = np.empty((len(rows), task + 1), dtype=np.int8)
        extended[:, :task] = ids[rows]
        extended[:, task] = joined
        groups = np.maximum(groups[rows], joined + 1).astype(np.int8)
        ids = extended
    ids.setflags(write=False)
    groups.setflags(write=False)
    return Partitions(ids, groups)


@cache
def pair_masks(n_tasks: int) -> NDArray[np.int64]:
    """Return which pairs of tasks each partition keeps together, one bit a pair, ``[n_partitions]``.

    A partition refines another exactly when it keeps no pair together that the other does not.

    Raises:
        LayoutError: There are more than 11 tasks.

    >>> [bin(mask) for mask in pair_masks(3).tolist()]
    ['0b111', '0b1', '0b10', '0b100', '0b0']
    """
    if n_tasks > MAX_MASKED_TASKS:
        raise LayoutError(
            f"The pairs of {n_tasks} tasks fit no word. Use at most {MAX_MASKED_TASKS}, or a beam search."
        )
    ids = all_partitions(n_tasks).ids
    masks = np.zeros(len(ids), dtype=np.int64)
    bit = 0
    for task in range(1, n_tasks):
        for other in range(task):
            masks |= (ids[:, other] == ids[:, task]).astype(np.int64) << bit
            bit += 1
    masks.setflags(write=False)
    return masks
