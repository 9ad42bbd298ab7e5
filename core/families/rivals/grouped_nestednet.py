"""NestedNet with channels: nested networks in one set of weights, a level of whole channels for each task.

Paper: Kim, Ahn and Oh, NestedNet: Learning Nested Sparse Structures in Deep Neural Networks, CVPR 2018, with its
channel scheduling, as the paper on deep virtual networks compares with it ("with channel pruning").

Levels take the units of channels in one common order, and a level holds those of the levels below it. A task has one
level, from the fewest units to all, and all are trained together, so that a task changes the weights of all levels
below it, too; what a task computes are dense layers with its channels.

Which is which: here each task has one level, as in the multi-task networks of the paper, and T tasks have T networks
in all. With ``order = "common"`` a deep virtual network has every task on every level: that is NestedNet's
memory-efficient network, for all tasks at once.

Differs: the order of units is fixed, and nothing is learned of it (channels are alike before training, so any order is
as good as another; the paper also learns masks of single weights, as ``nestednet`` does); norms and biases are those
of each level. We had the paper's abstract and its use in two other papers at hand, not its text.
"""

from collections.abc import Sequence

from torch import nn

from core.backbones.division import Division
from core.families.rivals.units import UnitNetwork


class GroupedNestedNet(UnitNetwork):
    """The network of all levels; its arguments are those of ``UnitNetwork``."""

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        heads: Sequence[nn.Module],
        division: Division,
        counts: tuple[int, ...],
        size: tuple[int, int],
    ) -> None:
        super().__init__(blocks, heads, division, counts, size)
        self.chains = nn.ModuleList(self.cut(range(count)) for count in counts)
        self.heads = nn.ModuleList(self.cut_head(head, range(count)) for head, count in zip(heads, counts, strict=True))
