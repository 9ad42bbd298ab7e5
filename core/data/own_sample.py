"""Pictures and maps as a data set of the user's own code gives them: Pillow, numpy or torch, channels first or last."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data.dense_set import metres, nearest, unit_normals
from core.data.missing import MISSING_CLASS, MISSING_PIXEL
from core.errors import DataError
from core.tasks import Kind

Array = NDArray[Any]
MOST_SIDE: Final = 20_000
_CHANNELS: Final = (1, 3, 4)


def array_of(value: Any) -> Array:  # noqa: ANN401  # whatever the user's code gives
    """Return a value as numpy has it; tensors of torch are brought to the processor.

    Raises:
        DataError: It is no array of numbers.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        found = np.asarray(value)
    except Exception:  # torch and others raise their own
        raise DataError(f"a value of type {type(value).__name__[:40]} is no array of numbers") from None
    if found.dtype.kind not in "biuf":
        raise DataError(f"a value of type {type(value).__name__[:40]} is no array of numbers")
    return found


def picture_of(value: Any, size: int | None) -> NDArray[np.uint8]:  # noqa: ANN401
    """Return a picture, ``uint8 [3, height, width]``.

    Args:
        value: A picture of Pillow; or an array or tensor ``[height, width]`` with one, three or four channels before
            or behind: bytes, 16 bits, or decimal numbers from 0 to 1.
        size: Height and width to stretch it to; as it is where None.

    Raises:
        DataError: It is none of these; the words continue a sentence.
    """
    values = _bytes_of(value)
    if size is not None and values.shape[:2] != (size, size):
        image = Image.fromarray(values).resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0)
        values = np.asarray(image)
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def _bytes_of(value: Any) -> NDArray[np.uint8]:  # noqa: ANN401
    """Return ``uint8 [height, width, 3]``."""
    if isinstance(value, Image.Image):
        if value.mode in ("RGBA", "LA", "PA") or "transparency" in value.info:
            picture = value.convert("RGBA")
            value = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        value = np.asarray(value) if value.mode.startswith("I") else np.asarray(value.convert("RGB"))
    values = array_of(value)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or not {values.shape[0], values.shape[-1]} & {*_CHANNELS} or not values.size:
        raise DataError(
            f"the picture is {list(values.shape)[:6]}; it should be [height, width], with 1, 3 or 4 channels before or "
            "behind"
        )
    if values.shape[-1] not in _CHANNELS:
        values = values.transpose(1, 2, 0)
    if max(values.shape[:2]) > MOST_SIDE:
        raise DataError(f"the picture is {values.shape[0]:,} × {values.shape[1]:,}; sides go to {MOST_SIDE:,}")
    values = _eight_bits(values)
    return values[..., :3] if values.shape[-1] >= 3 else np.repeat(values[..., :1], 3, axis=2)


def _eight_bits(values: Array) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind == "b":
        return np.where(values, np.uint8(255), np.uint8(0))
    if values.dtype.kind == "f":
        low, high = float(np.min(values)), float(np.max(values))
        if not (low >= 0 and high <= 1):
            raise DataError(
                f"the picture has decimal numbers from {low:.6g} to {high:.6g}; they should be 0 to 1, not normalised"
            )
        return np.asarray(np.rint(values * 255), dtype=np.uint8)
    if values.min() < 0 or values.max() > 65535:
        raise DataError(f"the picture has numbers from {values.min()} to {values.max()}; they should be 0 to 65535")
    # As pictures in files are read: 16 bits are divided by 256, and so are integers that exceed a byte.
    deep = values.dtype.itemsize == 2 or values.max() > 255
    return np.asarray(values >> 8 if deep else values, dtype=np.uint8)


def map_of(value: Any, kind: Kind, n_outputs: int, size: tuple[int, int]) -> Array:  # noqa: ANN401
    """Return the targets of a picture of a task with an answer per pixel, as ``Samples.targets`` has them.

    Args:
        value: An array or tensor ``[height, width]``, or with channels before or behind; at any size.
        kind: Of the task.
        n_outputs: Classes or channels.
        size: Height and width of the pictures; the nearest pixel is taken.

    Raises:
        DataError: It has another shape, or numbers that are no targets; the words continue a sentence.
    """
    values = array_of(value)
    channels = {Kind.SEGMENTATION: 1, Kind.DEPTH: 1, Kind.NORMALS: 3}.get(kind, n_outputs)
    if values.ndim == 2 and channels == 1:
        values = values[None]
    elif values.ndim == 3 and values.shape[0] != channels and values.shape[-1] == channels:
        values = values.transpose(2, 0, 1)
    if values.ndim != 3 or values.shape[0] != channels or not values.size:
        raise DataError(
            f"it is {list(values.shape)[:6]}; a target of kind {kind.value} should be [height, width]"
            + ("" if channels == 1 else f" with {channels} channels before or behind")
        )
    values = nearest_to(values, size)
    if kind is Kind.SEGMENTATION:
        return _classes(values[0], n_outputs)
    if kind is Kind.DEPTH:
        return metres(values[0])
    if kind is Kind.NORMALS:
        return unit_normals(np.moveaxis(values, 0, -1))
    with np.errstate(over="ignore"):
        found = values.astype(np.float32)
    if np.isinf(found).any():
        raise DataError("it has infinite numbers; write NaN where a target is missing")
    return found


def missing_map(kind: Kind, n_outputs: int, size: tuple[int, int]) -> Array:
    """Return the targets of a picture of which no pixel has a label, as ``map_of`` returns them."""
    if kind is Kind.SEGMENTATION:
        return np.full(size, MISSING_PIXEL, dtype=np.uint8)
    return np.full((n_outputs, *size), np.nan, dtype=np.float32)


def nearest_to(values: Array, size: tuple[int, int]) -> Array:
    """Return a map ``[channels, *size]``, of each pixel the nearest one."""
    if values.shape[1:] == size:
        return values
    if size[0] == size[1]:
        return nearest(values, size[0])
    down, across = (
        ((np.arange(wanted) + 0.5) * side / wanted).astype(np.intp)
        for wanted, side in zip(size, values.shape[1:], strict=True)
    )
    return values[:, down[:, None], across]


def _classes(values: Array, n_outputs: int) -> NDArray[np.uint8]:
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), MISSING_CLASS, values)
        if (values != np.floor(values)).any():
            raise DataError("it has decimal numbers; a target of kind segmentation should be whole numbers")
    numbers = values.astype(np.int64)
    missing = (numbers == MISSING_CLASS) | (numbers == MISSING_PIXEL)
    if (wrong := numbers[~missing & ((numbers < 0) | (numbers >= n_outputs))]).size:
        raise DataError(f"it has the class {wrong.flat[0]}; classes are 0 to {n_outputs - 1}, and -1 or 255 is missing")
    return np.where(missing, MISSING_PIXEL, numbers).astype(np.uint8)
