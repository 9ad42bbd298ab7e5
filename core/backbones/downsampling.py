"""How much a network still shrinks its maps after each block: what an early branch costs more than a late one."""

import math
from collections.abc import Sequence

from core.backbones.backbone import Backbone
from core.errors import BackboneError


def downsamplings(backbone: Backbone) -> tuple[float, ...]:
    """Give the down-samplings that come after each block, log2(resolution after it / resolution at the end).

    Resolution is the side of the maps, √(height · width); maps that become a vector keep theirs, since that is no
    pooling between two branches. Odd sizes and strides other than 2 give numbers that are not whole; a network that
    grows its maps again has none after the smallest.

    Args:
        backbone: Blocks with the shapes they hand on.

    Returns:
        One number from 0 for each block, 0 for the last.

    Raises:
        BackboneError: A block's shape is not known.

    Reference:
        Branched Multi-Task Networks, §3.3: p_l, for dilated convolutions from the resolution.

    >>> from core.backbones.catalogue import load_backbone
    >>> downsamplings(load_backbone("resnet50").merged([0, 4, 8, 14]))
    (3.0, 2.0, 1.0, 0.0)
    """
    sides: list[float] = []
    for number, block in enumerate(backbone.blocks, start=1):
        if not block.output_shape or min(block.output_shape) < 1:
            raise BackboneError(
                f'The profile of "{backbone.name}" does not say what block {number}, {block.name}, hands on. Make it '
                "again with branchwise backbone, or give the down-samplings by hand."
            )
        is_vector = len(block.output_shape) == 1
        sides.append((sides[-1] if sides else 1.0) if is_vector else _side(block.output_shape))
    return tuple(max(math.log2(side / sides[-1]), 0.0) for side in sides)


def _side(shape: Sequence[int]) -> float:
    """Give the side of the maps that a block hands on, or that a row of tokens stands for."""
    if len(shape) == 3:
        # Swin and its kin keep channels last: height and width are then the first two.
        height, width = shape[:2] if shape[0] == shape[1] != shape[2] else shape[1:]
        return math.sqrt(height * width)
    return math.sqrt(shape[0])
