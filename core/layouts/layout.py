"""A layout: which tasks share each block of the network."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError

if TYPE_CHECKING:
    import networkx as nx

Group = tuple[int, ...]
Partition = tuple[Group, ...]


@dataclass(frozen=True, slots=True, order=True)
class Layout:
    """Which tasks share each block of the network.

    ``partitions[b]`` is the partition of the tasks on block ``b``, counted from the
    input. A tree never re-joins: every partition refines the one before it. Groups and
    their members are sorted, so two layouts are equal exactly when their trees are.

    >>> Layout.of([[{0, 1, 2}], [{2}, {0, 1}]])
    Layout(partitions=(((0, 1, 2),), ((0, 1), (2,))))

    Raises:
        LayoutError: A block covers other tasks than the first one, or re-joins tasks
            that an earlier block had separated.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, Definition 3.1.
    """

    partitions: tuple[Partition, ...]

    def __post_init__(self) -> None:
        if not self.partitions:
            raise LayoutError("A layout needs at least one block. Write the groups of every block, as in 0,1 | 0;1.")
        for block, partition in enumerate(self.partitions):
            _check_partition(block, partition)
        n_tasks = sum(map(len, self.partitions[0]))
        for block, (above, below) in enumerate(pairwise(self.partitions), start=1):
            _check_refines(block, above, below, n_tasks)

    @classmethod
    def of(cls, partitions: Iterable[Iterable[Iterable[int]]]) -> "Layout":
        """Return the layout of nested collections in any order."""
        return cls(tuple(canonical_partition(partition) for partition in partitions))

    @classmethod
    def all_shared(cls, n_tasks: int, n_blocks: int) -> "Layout":
        """Return hard parameter sharing: one backbone for all tasks."""
        return cls(((tuple(range(n_tasks)),),) * n_blocks)

    @classmethod
    def all_split(cls, n_tasks: int, n_blocks: int) -> "Layout":
        """Return ``n_tasks`` single-task networks."""
        return cls((tuple((task,) for task in range(n_tasks)),) * n_blocks)

    @classmethod
    def from_branch_points(cls, branch_points: NDArray[np.integer]) -> "Layout":
        """Return the layout in which tasks i and j share their first ``branch_points[i, j]`` blocks.

        Args:
            branch_points: ``[n_tasks, n_tasks]``, symmetric; the diagonal holds the number of blocks.

        Raises:
            LayoutError: No tree has these branch points.
        """
        n_tasks, n_blocks = len(branch_points), int(branch_points[0, 0])
        partitions = [
            canonical_partition({tuple(np.flatnonzero(branch_points[i] > block).tolist()) for i in range(n_tasks)})
            for block in range(n_blocks)
        ]
        no_tree = LayoutError(
            "These branch points belong to no tree: of any three tasks, the two smallest must be equal."
        )
        try:
            layout = cls(tuple(partitions))
        except LayoutError:
            raise no_tree from None
        if layout.n_tasks != n_tasks or not np.array_equal(layout.branch_points(), branch_points):
            raise no_tree
        return layout

    @classmethod
    def parse(cls, value: object, tasks: Sequence[str] = ()) -> "Layout":
        """Return the layout written as nested lists, as JSON text or in the text form.

        Args:
            value: ``[[[0, 1, 2]], [[0, 1], [2]]]``, the same as JSON, or ``0,1,2 | 0,1;2``.
            tasks: Names that may stand for indices.

        Raises:
            LayoutError: The text is neither, names an unknown task, or is no tree.

        >>> Layout.parse("a,b,c | b,a;c", ["a", "b", "c"]).to_text()
        '0,1,2 | 0,1;2'
        """
        nested = _read_text(value) if isinstance(value, str) else value
        if not isinstance(nested, list | tuple) or not nested:
            raise LayoutError(f"{value!r} is no layout. Write 0,1,2 | 0,1;2 or [[[0,1,2]],[[0,1],[2]]].")
        names = {name: index for index, name in enumerate(tasks)}
        partitions: list[Partition] = []
        for block, partition in enumerate(nested):
            if not isinstance(partition, list | tuple) or not all(isinstance(g, list | tuple) for g in partition):
                raise LayoutError(f"Block {block} is {partition!r}. Each block should be a list of groups of tasks.")
            partitions.append(
                canonical_partition([[_task_index(task, names, block) for task in group] for group in partition])
            )
        layout = cls(tuple(partitions))
        if tasks and layout.n_tasks != len(tasks):
            raise LayoutError(f"The layout has {layout.n_tasks} tasks, but there are {len(tasks)}: {', '.join(tasks)}.")
        return layout

    def to_json(self) -> list[list[list[int]]]:
        """Return the interchange form: nested lists, one partition per block."""
        return [[list(group) for group in partition] for partition in self.partitions]

    def to_text(self, tasks: Sequence[str] = ()) -> str:
        """Return the text form: blocks by ``|``, groups by ``;``, tasks by ``,``."""
        return " | ".join(
            ";".join(",".join(tasks[task] if tasks else str(task) for task in group) for group in partition)
            for partition in self.partitions
        )

    def __str__(self) -> str:
        return self.to_text()

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return sum(map(len, self.partitions[0]))

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return len(self.partitions)

    @property
    def group_counts(self) -> tuple[int, ...]:
        """Number of copies of each block, from the input."""
        return tuple(map(len, self.partitions))

    @property
    def n_groups(self) -> int:
        """Number of block copies in the whole network."""
        return sum(self.group_counts)

    def group_of(self, task: int, block: int) -> Group:
        """Return the tasks that share ``block`` with ``task``, itself included."""
        return next(group for group in self.partitions[block] if task in group)

    def branch_points(self) -> NDArray[np.int64]:
        """Return b_ij, the number of leading blocks that tasks i and j share, ``[n_tasks, n_tasks]``.

        The diagonal holds the number of blocks.
        """
        shared = np.zeros((self.n_tasks, self.n_tasks), dtype=np.int64)
        for partition in self.partitions:
            for group in partition:
                shared[np.ix_(group, group)] += 1
        return shared

    def cut(self, block: int, part: Iterable[int]) -> "Layout":
        """Return the layout in which ``part`` leaves its group from ``block`` on.

        Raises:
            LayoutError: ``part`` is not a proper part of one group of that block.

        Reference:
            A Tree-Structured Multi-Task Model Recommender, Definition 3.2.
        """
        self._check_block(block)
        leaving = frozenset(part)
        if not any(leaving and leaving < set(group) for group in self.partitions[block]):
            raise LayoutError(
                f"Tasks {tuple(sorted(leaving))} are not a proper part of one group of block {block}, "
                f"{self.partitions[block]}. Choose some, not all, members of one group."
            )
        below = [
            canonical_partition(
                half for group in partition for half in (leaving & set(group), set(group) - leaving) if half
            )
            for partition in self.partitions[block:]
        ]
        return Layout(self.partitions[:block] + tuple(below))

    def cuts(self) -> Iterator["Layout"]:
        """Return every layout that one cut makes of this one (some more than once)."""
        for block, partition in enumerate(self.partitions):
            for group in partition:
                # The first member stays, so that a split and its mirror image count once.
                for mask in range(1, 1 << (len(group) - 1)):
                    yield self.cut(block, [task for bit, task in enumerate(group[1:]) if mask >> bit & 1])

    def merge(self, block: int, first: Iterable[int], second: Iterable[int]) -> "Layout":
        """Return the layout in which two groups share ``block`` and all blocks before it.

        Later blocks stay as they are. Earlier blocks are joined too where they were apart,
        since a tree never re-joins.

        Raises:
            LayoutError: ``first`` or ``second`` is no group of that block, or both are the same.
        """
        self._check_block(block)
        a, b = tuple(sorted(first)), tuple(sorted(second))
        if a == b or a not in self.partitions[block] or b not in self.partitions[block]:
            raise LayoutError(
                f"Block {block} has the groups {self.partitions[block]}; {a} and {b} are not two of them. "
                "Choose two different groups of this block."
            )
        above = []
        for partition in self.partitions[: block + 1]:
            joined = {group for group in partition if set(group) & {*a, *b}}
            above.append(canonical_partition([*(set(partition) - joined), [t for g in joined for t in g]]))
        return Layout(tuple(above) + self.partitions[block + 1 :])

    def restricted(self, tasks: Sequence[int]) -> "Layout":
        """Return the layout of some of the tasks, renumbered 0, 1, … in the order given."""
        new = {task: index for index, task in enumerate(tasks)}
        return Layout.of(
            [[new[task] for task in group if task in new] for group in partition if set(group) & set(tasks)]
            for partition in self.partitions
        )

    def components(self) -> list[tuple[Group, "Layout"]]:
        """Return the separate networks this layout consists of: their tasks and their own layouts.

        Tasks that share no block train without touching each other, so each component is a
        separate network.
        """
        return [(group, self.restricted(group)) for group in self.partitions[0]]

    def tree(self) -> "nx.DiGraph[tuple[int, Group]]":
        """Return the tree as a graph: nodes ``(block, group)``, an edge from each group to its parts."""
        # Imported here: it takes longer than all of ours, and few callers want a graph.
        import networkx as nx

        graph: nx.DiGraph[tuple[int, Group]] = nx.DiGraph()
        for block, partition in enumerate(self.partitions):
            for group in partition:
                graph.add_node((block, group))
                if block:
                    graph.add_edge((block - 1, self.group_of(group[0], block - 1)), (block, group))
        return graph

    def _check_block(self, block: int) -> None:
        if not 0 <= block < self.n_blocks:
            raise LayoutError(f"Block {block} is outside this layout, whose blocks are 0 to {self.n_blocks - 1}.")


def canonical_partition(groups: Iterable[Iterable[int]]) -> Partition:
    """Return groups with sorted members, sorted by smallest member."""
    return tuple(sorted(tuple(sorted(group)) for group in groups))


def _check_partition(block: int, partition: Partition) -> None:
    members = [task for group in partition for task in group]
    if any(not group for group in partition) or not members:
        raise LayoutError(f"Block {block} has an empty group. Every group needs at least one task.")
    if len(set(members)) != len(members):
        twice = next(task for task in members if members.count(task) > 1)
        raise LayoutError(f"Task {twice} is in two groups of block {block}. Each task goes through a block once.")
    if sorted(members) != list(range(len(members))):
        raise LayoutError(
            f"Block {block} has tasks {sorted(members)}. Tasks should be numbered 0 to {len(members) - 1} without gaps."
        )
    if partition != canonical_partition(partition):
        raise LayoutError(f"Block {block} is not in canonical order. Build layouts with Layout.of(…).")


def _check_refines(block: int, above: Partition, below: Partition, n_tasks: int) -> None:
    if sum(map(len, below)) != n_tasks:
        raise LayoutError(
            f"Block {block} has {sum(map(len, below))} tasks, but block 0 has {n_tasks}. "
            "Every block should cover the same tasks."
        )
    home = {task: group for group in above for task in group}
    for group in below:
        homes = sorted({home[task] for task in group})
        if len(homes) > 1:
            had = " and ".join("(" + ", ".join(map(str, h)) + ")" for h in homes)
            raise LayoutError(
                f"Tasks ({', '.join(map(str, group))}) are re-joined at block {block}, "
                f"but block {block - 1} has them in {had}. A tree can only split."
            )


def _read_text(text: str) -> object:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise LayoutError(f"{text[:80]!r} is not valid JSON. Write [[[0,1,2]],[[0,1],[2]]].") from None
    return [[group.split(",") for group in block.split(";")] for block in text.split("|")]


def _task_index(task: object, names: dict[str, int], block: int) -> int:
    if isinstance(task, int) and not isinstance(task, bool):
        return task
    word = task.strip() if isinstance(task, str) else ""
    if word in names:
        return names[word]
    if word.isascii() and word.isdigit() and len(word) <= 3:
        return int(word)
    known = f" Known tasks: {', '.join(names)}." if names else " Tasks are numbered from 0."
    raise LayoutError(f"Block {block} names the task {task!r}, which does not exist.{known}")
