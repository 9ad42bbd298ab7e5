"""Arrays of pictures and labels in the forms that people save them, brought to one."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

Array = NDArray[Any]

# Grey, colours, colours with transparency.
_CHANNELS: Final = (3, 1, 4)
PICTURES: Final = (
    "They should be numbers from 0 to 255, from 0 to 65,535 (uint16) or from 0 to 1 (decimal), [n, height, width] or "
    "with 1, 3 or 4 channels as [n, height, width, channels] or [n, channels, height, width], all of one size"
)
_CHUNK: Final = 256


def channel_axis(shape: tuple[int, ...]) -> int | None:
    """Return the axis of the channels of pictures, 0 where they have none, None where that can't be told.

    >>> channel_axis((9, 8, 8)), channel_axis((9, 1, 8, 8)), channel_axis((9, 8, 8, 4)), channel_axis((9, 1, 8, 1))
    (0, 1, 3, None)
    """
    if 0 in shape or len(shape) not in (3, 4):
        return None
    if len(shape) == 3:
        return 0
    # Three colours decide, wherever they are; of one and four both ends may be meant.
    for axis in (1, 3):
        if shape[axis] == _CHANNELS[0]:
            return axis
    found = [axis for axis in (1, 3) if shape[axis] in _CHANNELS]
    return found[0] if len(found) == 1 else None


def as_pictures(found: Array, name: str) -> NDArray[np.uint8]:
    """Return pictures as ``uint8 [n, 3, height, width]``; what is transparent is laid on white.

    Args:
        found: In one of the forms that ``PICTURES`` lists.
        name: What they are called in messages, with the name of the file.

    Raises:
        DataError: They are in none of them.
    """
    axis = channel_axis(found.shape)
    if axis is None or found.dtype.kind not in "uibf":
        raise DataError(f"{name} are {found.dtype} {list(found.shape)}. {PICTURES}.")
    channels = found[:, None] if axis == 0 else np.moveaxis(found, axis, 1)
    scale = _scale(found, name)
    out = np.empty((len(found), 3, *channels.shape[2:]), dtype=np.uint8)
    for start in range(0, len(found), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = _colours(_bytes(channels[part], scale))
    return out


def as_classes(found: Array) -> NDArray[np.int64] | None:
    """Return class numbers ``[n, …]`` of whole numbers in any type, −1 for NaN; None where they are none.

    Args:
        found: Class numbers, perhaps as decimal numbers.
    """
    if found.dtype.kind in "iub":
        return found.astype(np.int64)
    if found.dtype.kind != "f":
        return None
    missing = np.isnan(found)
    whole = np.where(missing, -1, found)
    return whole.astype(np.int64) if (np.abs(whole) < 2**31).all() and (whole % 1 == 0).all() else None


def _scale(found: Array, name: str) -> float:
    """Return by what values are multiplied to lie from 0 to 255."""
    if found.dtype == np.uint8:
        return 1.0
    if found.dtype.kind == "b":
        return 255.0
    low, high = float(found.min()), float(found.max())
    if not (low >= 0 and high <= 65535):
        raise DataError(
            f"{name} hold values from {low:g} to {high:g}. {PICTURES}. Save them before they are standardised."
        )
    if found.dtype.kind == "f" and high <= 1:
        return 255.0
    if high <= 255:
        return 1.0
    if found.dtype == np.uint16:
        return 1 / 256
    raise DataError(f"{name} are {found.dtype} from {low:g} to {high:g}. {PICTURES}.")


def _bytes(part: Array, scale: float) -> NDArray[np.uint8]:
    if part.dtype == np.uint8:
        return part
    if scale < 1:
        # As pictures of 16 bits are read from files.
        return np.asarray(part >> 8, dtype=np.uint8)
    return np.asarray(np.rint(part.astype(np.float32) * np.float32(scale)), dtype=np.uint8)


def _colours(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if part.shape[1] == 1:
        return np.repeat(part, 3, axis=1)
    if part.shape[1] == _CHANNELS[0]:
        return part
    alpha = part[:, 3:].astype(np.float32) / 255
    return np.asarray(np.rint(part[:, :3] * alpha + 255 * (1 - alpha)), dtype=np.uint8)
