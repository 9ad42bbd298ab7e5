"""How much a network still shrinks its maps after each block: what an early branch costs more than a late one."""

import math
from collections.abc import Sequence

from core.backbones.backbone import Backbone
from core.errors import BackboneError


def downsamplings(backbone: Backbone) -> tuple[float, ...]:
    """Return the downsampling steps that come after each block, log2(resolution after it / resolution at the end).

    Resolution is the side of the maps, √(height · width); of tokens, the root of their number, also where they stand in
    windows; maps that become a vector keep theirs, since that is no pooling between two branches. Odd sizes and strides
    other than 2 give numbers that are not whole; a network that grows its maps again has none after the smallest.

    Args:
        backbone: Blocks with the shapes they hand on.

    Returns:
        One number from 0 for each block, 0 for the last.

    Raises:
        BackboneError: A block's shape is not known, or does not tell the resolution.

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
                "again with branchwise backbone, or give the downsampling steps by hand."
            )
        if len(block.output_shape) == 1:
            sides.append(sides[-1] if sides else 1.0)
            continue
        side = _side(block.output_shape, backbone)
        if side is None:
            raise BackboneError(
                f'Block {number} of "{backbone.name}", {block.name}, hands on {list(block.output_shape)}, which does '
                "not tell how large its maps are. Choose another branching point, or give the downsampling steps."
            )
        sides.append(side)
    return tuple(max(math.log2(side / sides[-1]), 0.0) for side in sides)


def _side(shape: Sequence[int], backbone: Backbone) -> float | None:
    """Return the side of the maps of the output of a block, or that its tokens represent; None where unknown."""
    if len(shape) == 2:
        return math.sqrt(shape[0])
    windows = _side_of_windows(shape, backbone)
    if windows is not None:
        return windows
    if len(shape) != 3:
        return None
    # Swin and its kin keep channels last: height and width are then the first two.
    height, width = shape[:2] if shape[0] == shape[1] != shape[2] else shape[1:]
    return math.sqrt(height * width)


def _side_of_windows(shape: Sequence[int], backbone: Backbone) -> float | None:
    """Return the side of the maps that were cut into windows, channels last; None where these are no such windows.

    As many numbers and channels as the maps of another block, though of another form, are the same maps rearranged.
    With no such block, and square pictures, windows and their tokens are two square numbers: 64 windows of 49 tokens
    are maps of 56 × 56.
    """
    if len(shape) < 3 or (len(shape) == 3 and (shape[1] == shape[2] or shape[0] == shape[1])):
        return None
    for block in backbone.blocks:
        maps = block.output_shape
        is_square = len(maps) == 3 and maps[1] == maps[2]
        if is_square and maps[0] == shape[-1] and math.prod(maps) == math.prod(shape):
            return float(maps[1])
    is_square = len(backbone.input_shape) == 3 and backbone.input_shape[1] == backbone.input_shape[2]
    if is_square and len(shape) == 3 and all(math.isqrt(n) ** 2 == n for n in shape[:2]):
        return math.sqrt(shape[0] * shape[1])
    return None
