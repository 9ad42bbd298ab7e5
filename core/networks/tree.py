"""A layout as a network: shared blocks run once, heads are never shared."""

import copy
from collections.abc import Sequence

from torch import Tensor, nn

from core.errors import LayoutError
from core.layouts import Layout


class TreeNetwork(nn.Module):
    """A tree of blocks with one head per task.

    Block ``b`` of group ``g`` lives at ``blocks[b][i]``, where ``i`` is the place of ``g``
    in ``layout.partitions[b]``; the head of task ``t`` is ``heads[t]``. A shared block runs
    once per forward pass whatever the number of tasks behind it.

    Args:
        blocks: One module per block; every group of that block gets its own deep copy, so
            that all copies start from the same weights.
        layout: Which tasks share each block.
        heads: One module per task, used as they are.

    Raises:
        LayoutError: Blocks or heads do not match the layout.
    """

    def __init__(self, blocks: Sequence[nn.Module], layout: Layout, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        if len(blocks) != layout.n_blocks or len(heads) != layout.n_tasks:
            raise LayoutError(
                f"The layout has {layout.n_blocks} blocks and {layout.n_tasks} tasks; "
                f"{len(blocks)} blocks and {len(heads)} heads were given. They should match."
            )
        self.layout = layout
        self.blocks = nn.ModuleList(
            nn.ModuleList(copy.deepcopy(block) for _ in partition)
            for block, partition in zip(blocks, layout.partitions, strict=True)
        )
        self.heads = nn.ModuleList(heads)

    def forward(self, x: Tensor, tasks: Sequence[int] | None = None) -> dict[int, Tensor]:
        """Return the output of each task, computing every needed block once.

        Args:
            x: A batch of inputs.
            tasks: The tasks wanted; all of them by default. Only their paths run.

        Returns:
            Task index → output of its head.
        """
        wanted = range(self.layout.n_tasks) if tasks is None else tasks
        features = self.features(x, wanted)
        return {task: self.heads[task](features[task]) for task in wanted}

    def features(self, x: Tensor, tasks: Sequence[int] | None = None) -> dict[int, Tensor]:
        """Return the input of each head; shared tensors are one object."""
        wanted = range(self.layout.n_tasks) if tasks is None else tasks
        state = dict.fromkeys(wanted, x)
        for modules, partition in zip(self.blocks, self.layout.partitions, strict=True):
            assert isinstance(modules, nn.ModuleList)
            for module, group in zip(modules, partition, strict=True):
                members = [task for task in group if task in state]
                if members:
                    out = module(state[members[0]])
                    state.update(dict.fromkeys(members, out))
        return state

    def path(self, task: int) -> nn.Sequential:
        """Return the single-task network of one task: its blocks and its head, shared with this tree."""
        blocks = []
        for modules, partition in zip(self.blocks, self.layout.partitions, strict=True):
            assert isinstance(modules, nn.ModuleList)
            index = next(i for i, group in enumerate(partition) if task in group)
            blocks.append(modules[index])
        return nn.Sequential(*blocks, self.heads[task])


def count_parameters(module: nn.Module) -> int:
    """Return the number of parameters, each shared tensor once."""
    return sum(parameter.numel() for parameter in module.parameters())
