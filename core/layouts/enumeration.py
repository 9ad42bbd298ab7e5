"""All layouts at once, as one compact table; and random ones where there are too many."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError
from core.layouts.counting import count_layouts
from core.layouts.layout import Group, Layout, Partition

MAX_LAYOUTS = 3_000_000


@dataclass(frozen=True, eq=False)
class LayoutTable:
    """Every layout of T tasks on B blocks, one row each, in the canonical order of layouts.

    Rows are decoded on access: ``table[i]`` is a ``Layout``.

    Args:
        partitions: Every partition of the tasks, in canonical order.
        ids: ``[n_layouts, n_blocks]``, the place in ``partitions`` of each block's partition.

    >>> table = enumerate_layouts(3, 2)
    >>> len(table), str(table[-1]), table.index(Layout.all_shared(3, 2))
    (12, '0,2;1 | 0,2;1', 8)
    """

    partitions: tuple[Partition, ...] = field(repr=False)
    ids: NDArray[np.integer] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int) -> Layout:
        return Layout(tuple(self.partitions[p] for p in self.ids[index].tolist()))

    def __iter__(self) -> Iterator[Layout]:
        return (self[index] for index in range(len(self)))

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return sum(map(len, self.partitions[0]))

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return int(self.ids.shape[1])

    @cached_property
    def partition_sizes(self) -> NDArray[np.uint8]:
        """Number of groups of each partition, ``[n_partitions]``."""
        return np.array([len(partition) for partition in self.partitions], dtype=np.uint8)

    @cached_property
    def together(self) -> NDArray[np.bool_]:
        """Which tasks are in one group, ``[n_partitions, n_tasks, n_tasks]``; the diagonal is true."""
        label = np.empty((len(self.partitions), self.n_tasks), dtype=np.int8)
        for index, partition in enumerate(self.partitions):
            for number, group in enumerate(partition):
                label[index, list(group)] = number
        same: NDArray[np.bool_] = label[:, :, None] == label[:, None, :]
        return same

    @property
    def group_counts(self) -> NDArray[np.uint8]:
        """Number of copies of each block, ``[n_layouts, n_blocks]``."""
        counts: NDArray[np.uint8] = self.partition_sizes[self.ids]
        return counts

    def index(self, layout: Layout) -> int:
        """Return the row of ``layout``.

        Raises:
            LayoutError: It has another number of tasks or blocks.
        """
        if (layout.n_tasks, layout.n_blocks) != (self.n_tasks, self.n_blocks):
            raise LayoutError(
                f"The layout has {layout.n_tasks} tasks on {layout.n_blocks} blocks, the table "
                f"{self.n_tasks} on {self.n_blocks}. Look up a layout of the same size."
            )
        low, high = 0, len(self)
        for block, partition in enumerate(layout.partitions):
            column, wanted = self.ids[low:high, block], self._place[partition]
            low, high = (
                low + int(np.searchsorted(column, wanted)),
                low + int(np.searchsorted(column, wanted, side="right")),
            )
        return low

    def additive(self, worth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return Σ_b worth of the partition at block b, for every layout.

        Args:
            worth: ``[n_blocks, n_partitions]`` or ``[n_blocks, n_partitions, k]``.

        Returns:
            ``[n_layouts]`` or ``[n_layouts, k]``.
        """
        total = np.take(worth[0], self.ids[:, 0], axis=0)
        for block in range(1, self.n_blocks):
            total += np.take(worth[block], self.ids[:, block], axis=0)
        return total

    def costs(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cost of every layout, ``[n_layouts]``, from the cost of each block, ``[n_blocks]``."""
        return self.additive(np.multiply.outer(np.asarray(costs, dtype=np.float64), self.partition_sizes))

    @cached_property
    def _place(self) -> dict[Partition, int]:
        return {partition: index for index, partition in enumerate(self.partitions)}


def enumerate_layouts(n_tasks: int, n_blocks: int) -> LayoutTable:
    """Return every layout of ``n_tasks`` tasks on ``n_blocks`` blocks.

    Raises:
        LayoutError: There are more than 3·10⁶, or no task or block at all.
    """
    if n_tasks < 1 or n_blocks < 1:
        raise LayoutError(f"There is nothing to enumerate for {n_tasks} tasks on {n_blocks} blocks. Use at least one.")
    count = count_layouts(n_tasks, n_blocks)
    if count > MAX_LAYOUTS:
        raise LayoutError(
            f"{n_tasks} tasks on {n_blocks} blocks have {count:,} layouts; at most {MAX_LAYOUTS:,} are enumerated. "
            "Use the exact search (core.selection.best_layouts), which needs no enumeration."
        )
    partitions = _partitions(n_tasks)
    columns = [np.arange(len(partitions), dtype=_id_type(len(partitions)))]
    for _ in range(1, n_blocks):
        start, below = _refinements(n_tasks)
        first, n_below = start[columns[-1]], np.diff(start)[columns[-1]]
        offset = np.cumsum(n_below) - n_below
        column = below[np.arange(int(n_below.sum())) - np.repeat(offset - first, n_below)]
        columns = [*(np.repeat(above, n_below) for above in columns), column]
    # Fortran order: every later step reads whole columns.
    ids: NDArray[np.integer] = np.empty((count, n_blocks), dtype=_id_type(len(partitions)), order="F")
    for block, column in enumerate(columns):
        ids[:, block] = column
    return LayoutTable(partitions, ids)


def sample_layouts(n_tasks: int, n_blocks: int, n: int, rng: np.random.Generator) -> list[Layout]:
    """Return ``n`` layouts drawn uniformly and independently from all of them, without enumeration.

    Args:
        n_tasks: Number of tasks.
        n_blocks: Number of blocks.
        n: How many to draw; some may be equal.
        rng: Source of randomness.

    Raises:
        LayoutError: There is no task or no block.
    """
    if n_tasks < 1 or n_blocks < 1:
        raise LayoutError(f"There is nothing to draw for {n_tasks} tasks on {n_blocks} blocks. Use at least one.")
    count_layouts(n_tasks, n_blocks)
    layouts = []
    for _ in range(n):
        groups: list[list[Group]] = [[] for _ in range(n_blocks)]
        _draw(list(range(n_tasks)), 0, groups, rng)
        layouts.append(Layout.of(groups))
    return layouts


def _draw(tasks: list[int], block: int, groups: list[list[Group]], rng: np.random.Generator) -> None:
    depth = len(groups) - block
    while depth and tasks:
        n = len(tasks)
        ways = [
            comb(n - 1, size - 1) * count_layouts(size, depth - 1) * count_layouts(n - size, depth)
            for size in range(1, n + 1)
        ]
        ticket, size = _below(sum(ways), rng), 1
        while ticket >= ways[size - 1]:
            ticket -= ways[size - 1]
            size += 1
        chosen = {0, *(rng.permutation(n - 1)[: size - 1] + 1).tolist()}
        group = [task for place, task in enumerate(tasks) if place in chosen]
        groups[block].append(tuple(group))
        _draw(group, block + 1, groups, rng)
        tasks = [task for place, task in enumerate(tasks) if place not in chosen]


def _below(limit: int, rng: np.random.Generator) -> int:
    """Return a uniform integer below ``limit``, which may exceed 64 bits."""
    bits = limit.bit_length()
    while True:
        ticket = int.from_bytes(rng.bytes((bits + 7) // 8), "little") >> (-bits % 8)
        if ticket < limit:
            return ticket


def _id_type(n_partitions: int) -> type[np.uint16] | type[np.uint32]:
    return np.uint16 if n_partitions <= 1 << 16 else np.uint32


def _canonical_partitions(tasks: Group) -> Iterator[Partition]:
    """Return every partition of sorted ``tasks`` in canonical order."""
    if not tasks:
        yield ()
        return
    for group in _groups_of_first(tasks):
        rest = tuple(task for task in tasks if task not in group)
        for others in _canonical_partitions(rest):
            yield (group, *others)


def _groups_of_first(tasks: Group) -> list[Group]:
    groups: list[Group] = [tasks[:1]]
    for task in tasks[1:]:
        groups += [(*group, task) for group in groups]
    return sorted(groups)


@lru_cache(maxsize=4)
def _partitions(n_tasks: int) -> tuple[Partition, ...]:
    return tuple(_canonical_partitions(tuple(range(n_tasks))))


@lru_cache(maxsize=4)
def _refinements(n_tasks: int) -> tuple[NDArray[np.int64], NDArray[np.integer]]:
    """Return the refinements of partition p as ``below[start[p]:start[p + 1]]``, rising.

    A partition's code is the sum of its groups' codes, so the codes of all refinements are
    sums of the codes of the parts' partitions. Codes are random 62-bit numbers of one fixed
    generator; the number of distinct codes is checked.
    """
    partitions = _partitions(n_tasks)
    group_code = np.random.default_rng(0).integers(0, 1 << 55, size=1 << n_tasks)
    code_of: dict[Group, NDArray[np.int64]] = {}
    codes = np.array([sum(int(group_code[_mask(group)]) for group in p) for p in partitions], dtype=np.int64)
    order = np.argsort(codes)
    ranked = codes[order]
    assert np.all(np.diff(ranked) > 0)
    pieces = []
    for partition in partitions:
        total = np.zeros(1, dtype=np.int64)
        for group in partition:
            if group not in code_of:
                code_of[group] = np.array(
                    [sum(int(group_code[_mask(g)]) for g in p) for p in _canonical_partitions(group)], dtype=np.int64
                )
            total = np.add.outer(total, code_of[group]).ravel()
        pieces.append(np.sort(order[np.searchsorted(ranked, total)]))
    start = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
    return start, np.concatenate(pieces).astype(_id_type(len(partitions)))


def _mask(group: Group) -> int:
    return sum(1 << task for task in group)
