"""Which task uses which piece of a layout's network: one piece for each copy of a block."""

from collections.abc import Sequence

from core.backbones import Backbone
from core.costs import Allocation, Piece
from core.layouts import Layout


def layout_allocation(layout: Layout, backbone: Backbone, tasks: Sequence[str]) -> Allocation:
    """Return which task uses which copy of which block.

    Args:
        layout: Of as many blocks as the backbone.
        backbone: What each block holds and computes.
        tasks: Names, in index order.
    """
    copies = [(block, group) for block, groups in enumerate(layout.partitions) for group in groups]
    pieces = []
    for number, group in copies:
        block = backbone.blocks[number]
        name = f"{block.name} of {', '.join(tasks[task] for task in group)}"
        pieces.append(Piece(name, (number,), block.params, block.macs, block.latency))
    paths = tuple(
        tuple(place for place, (_, group) in enumerate(copies) if task in group) for task in range(layout.n_tasks)
    )
    return Allocation(tuple(tasks), tuple(pieces), paths)
