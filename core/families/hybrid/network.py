"""A hybrid as a network: a tree of blocks whose tasks may have their head behind an earlier block."""

from collections.abc import Sequence

from torch import nn

from core.families.hybrid.hybrid import Hybrid
from core.networks.heads import head_of
from core.networks.study_blocks import blocks_of
from core.networks.tree import TreeNetwork
from core.runs.settings import BackboneSpecification
from core.tasks import Task
from core.training.build import seeded, shapes_of


class HybridNetwork(TreeNetwork):
    """A tree in which nothing happens to the features of a task behind its last block.

    Args:
        blocks: One module per block; every copy starts from the same weights.
        hybrid: Which tasks share each block, and where they leave.
        heads: One module per task, for the features that its last block returns.

    Raises:
        LayoutError: Blocks or heads do not match the layout.
    """

    def __init__(self, blocks: Sequence[nn.Module], hybrid: Hybrid, heads: Sequence[nn.Module]) -> None:
        super().__init__(blocks, hybrid.layout, heads)
        for block, (copies, groups) in enumerate(zip(self.blocks, hybrid.layout.partitions, strict=True)):
            assert isinstance(copies, nn.ModuleList)
            for place, group in enumerate(groups):
                if hybrid.exits[group[0]] < block:
                    copies[place] = nn.Identity()


def build_hybrid(
    backbone: BackboneSpecification, hybrid: Hybrid, tasks: Sequence[Task], size: tuple[int, int], seed: int
) -> HybridNetwork:
    """Return the network of a hybrid with the initial weights of a seed.

    Blocks begin with the weights that they have in every network of the seed, and so does the head of a task that runs
    all of them: where no task leaves early it is the layout's network, number for number.

    Args:
        backbone: Which blocks.
        hybrid: Which tasks share them, in indices of ``tasks``, and where they leave.
        tasks: One head each.
        size: Height and width of the pictures.
        seed: Of the initial weights.

    Raises:
        BackboneError: The backbone can't be cut into as many blocks, or a head doesn't fit where its task leaves.
    """
    with seeded(seed, "blocks"):
        blocks = blocks_of(backbone, size)
    shapes = shapes_of(blocks, size)
    heads = []
    for task, exit_ in zip(tasks, hybrid.exits, strict=True):
        with seeded(seed, f"head of {task.name}"):
            heads.append(head_of(task, shapes[exit_], size, backbone.heads))
    return HybridNetwork(blocks, hybrid, heads)
