"""Which task uses which piece of a TreeDNN: the blocks of the trunk, and each branch's own."""

from collections.abc import Sequence

from core.backbones import Backbone
from core.costs import Allocation, Piece


def tree_allocation(backbone: Backbone, cut: int, branches: Sequence[str]) -> Allocation:
    """Return which branch uses which block.

    Args:
        backbone: Trunk and every branch.
        cut: Leading blocks in the trunk.
        branches: Names.
    """
    trunk = [
        Piece(f"{block.name} of the trunk", (number,), block.params, block.macs, block.latency)
        for number, block in enumerate(backbone.blocks[:cut])
    ]
    own = [
        Piece(f"{block.name} of {branch}", (cut + number,), block.params, block.macs, block.latency)
        for branch in branches
        for number, block in enumerate(backbone.blocks[cut:])
    ]
    each = backbone.n_blocks - cut
    paths = tuple((*range(cut), *range(cut + n * each, cut + (n + 1) * each)) for n in range(len(branches)))
    return Allocation(tuple(branches), (*trunk, *own), paths)
