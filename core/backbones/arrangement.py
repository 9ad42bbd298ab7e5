"""Where the channels are in what a backbone hands on to its heads."""

from collections.abc import Sequence
from enum import StrEnum

from core.errors import BackboneError


class Arrangement(StrEnum):
    """How one output of the last block is laid out; the value says it in words."""

    FIRST = "[channels, height, width]"
    LAST = "[height, width, channels]"
    """Swin and its kin."""
    TOKENS = "[tokens, channels]"
    VECTOR = "[channels]"


def arrangement(shape: Sequence[int], size: Sequence[int]) -> tuple[int, Arrangement]:
    """Return the number of channels and where they are.

    A map keeps about the proportions of the picture, which tells its two sides from its channels.

    Args:
        shape: Of the output of the last block, without the batch.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The shape has other than one to three dimensions.

    >>> arrangement((512, 7, 7), (224, 224)), arrangement((7, 7, 768), (224, 224))
    ((512, <Arrangement.FIRST: '[channels, height, width]'>), (768, <Arrangement.LAST: '[height, width, channels]'>))
    """
    match len(shape):
        case 1:
            return shape[0], Arrangement.VECTOR
        case 2:
            return shape[1], Arrangement.TOKENS
        case 3:
            # Answers may have other proportions than the picture, so a doubtful case is the usual one.
            last = 1.5 * _distance(shape[:2], size) < _distance(shape[1:], size)
            return (shape[2], Arrangement.LAST) if last else (shape[0], Arrangement.FIRST)
    raise BackboneError(
        f"The last block gives the shape {list(shape)}. Heads are known for one to three dimensions. "
        "Choose another backbone, or let its head start later."
    )


def _distance(sides: Sequence[int], size: Sequence[int]) -> float:
    """Return by which factor the proportions of two rectangles differ, 1 or more."""
    ratio = (sides[0] * size[1]) / max(sides[1] * size[0], 1)
    return max(ratio, 1 / ratio) if ratio > 0 else float("inf")
