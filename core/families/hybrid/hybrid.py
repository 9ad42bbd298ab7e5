"""A hybrid as a value: a tree of shared blocks, and the block behind which each task leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from core.backbones import Backbone
from core.costs import Allocation, copies_allocation
from core.errors import LayoutError
from core.layouts import Group, Layout

_EXITS = "@"


@dataclass(frozen=True, slots=True, order=True)
class Hybrid:
    """Which tasks share each block of a network, and the last block that each task runs.

    A task that left is alone in the layout from then on, so that two hybrids are equal exactly when their networks are.

    Args:
        layout: The tree; what it says of a task behind its last block is no part of the network.
        exits: Last block of each task, counted from the input.

    Raises:
        LayoutError: There is not one exit for every task, or one lies outside the layout.

    >>> Hybrid.of(Layout.parse("0,1 | 0,1"), (1, 0)).to_text()
    '0,1 | 0;1 @ 1,0'
    """

    layout: Layout
    exits: tuple[int, ...]

    def __post_init__(self) -> None:
        n_tasks, n_blocks = self.layout.n_tasks, self.layout.n_blocks
        if len(self.exits) != n_tasks or not all(0 <= exit_ < n_blocks for exit_ in self.exits):
            raise LayoutError(
                f"{n_tasks} tasks on {n_blocks} blocks have the exits {list(self.exits)[:12]}. "
                f"Give the number of each task's last block, 0 to {n_blocks - 1}."
            )
        for block, groups in enumerate(self.layout.partitions):
            for group in groups:
                if len(group) > 1 and any(self.exits[task] < block for task in group):
                    raise LayoutError(f"A task of {list(group)} left before block {block}. Make hybrids by Hybrid.of.")

    @classmethod
    def of(cls, layout: Layout, exits: Sequence[int]) -> Self:
        """Return the hybrid of a layout whose tasks leave behind certain blocks.

        Raises:
            LayoutError: There is not one exit for every task, or one lies outside the layout.
        """
        if len(exits) != layout.n_tasks:
            return cls(layout, tuple(exits))  # refused there
        partitions = []
        for block, groups in enumerate(layout.partitions):
            kept = [[task for task in group if exits[task] >= block] for group in groups]
            left = [[task] for task, exit_ in enumerate(exits) if exit_ < block]
            partitions.append([*(group for group in kept if group), *left])
        return cls(Layout.of(partitions), tuple(exits))

    @classmethod
    def parse(cls, text: str, tasks: Sequence[str] = ()) -> Self:
        """Return the hybrid written as a layout in its text form, ``@``, and the last block of each task.

        Without ``@`` no task leaves early.

        Raises:
            LayoutError: The text is not of this form.

        >>> Hybrid.parse("0,1 | 0;1 @ 0,1").exits
        (0, 1)
        """
        if _EXITS not in text:
            layout = Layout.parse(text, tasks)
            return cls.of(layout, (layout.n_blocks - 1,) * layout.n_tasks)
        tree, _, exits = text.rpartition(_EXITS)  # a name may hold the sign
        layout = Layout.parse(tree.strip(), tasks)
        words = [word.strip() for word in exits.split(",")]
        if not all(word.isascii() and word.isdigit() and len(word) < 4 for word in words):
            raise LayoutError(
                f'The exits "{exits.strip()[:60]}" should be numbers of blocks, one for each task, such as "3,3,1".'
            )
        return cls.of(layout, [int(word) for word in words])

    def to_text(self, tasks: Sequence[str] = ()) -> str:
        """Return the text form: the layout, ``@``, and the last block of each task in index order."""
        return f"{self.layout.to_text(tasks)} {_EXITS} {','.join(map(str, self.exits))}"

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return self.layout.n_blocks

    @property
    def is_layout(self) -> bool:
        """Whether every task runs all blocks."""
        return min(self.exits) == self.n_blocks - 1

    @property
    def is_path(self) -> bool:
        """Whether all tasks share every block that they run, as on nested paths."""
        return all(len(self.groups(block)) <= 1 for block in range(self.n_blocks))

    @property
    def is_proper(self) -> bool:
        """Whether no other family has it: a task leaves early, and not all tasks share every block that they run."""
        return not self.is_layout and not self.is_path

    def groups(self, block: int) -> tuple[Group, ...]:
        """Return the groups of tasks that run a copy of a block."""
        return tuple(group for group in self.layout.partitions[block] if self.exits[group[0]] >= block)

    def components(self) -> list[tuple[Group, "Hybrid"]]:
        """Return its separate networks: their tasks, and their own hybrids in local indices."""
        return [
            (group, Hybrid(part, tuple(self.exits[task] for task in group))) for group, part in self.layout.components()
        ]

    def allocation(self, backbone: Backbone, tasks: Sequence[str]) -> Allocation:
        """Return which task uses which copy of which block.

        Args:
            backbone: What each block holds and computes.
            tasks: Names, in index order.
        """
        copies = [(block, group) for block in range(self.n_blocks) for group in self.groups(block)]
        return copies_allocation(copies, backbone, tasks)
