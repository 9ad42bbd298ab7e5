"""What travels to the browser in few bytes; ``browser/runtime/packed.js`` unpacks it."""

import base64
import json
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# 16 bits: finer than anybody can see, and half a megabyte less for forty tasks at sixteen depths.
_LARGEST, _HOLE = 32_000, -32_768
_LEVEL = 6


def packed_json(value: object) -> str:
    """Return a value as base64 of compressed JSON.

    Args:
        value: Anything that JSON can hold.
    """
    return _packed(json.dumps(value, separators=(",", ":")).encode())


def packed_numbers(fields: Mapping[str, Array]) -> tuple[str, list[tuple[str, float]]]:
    """Return numbers as whole numbers of 16 bits, compressed, with the scale of each field.

    Args:
        fields: Name → ``[n_depths, n_tasks, n_tasks]``; NaN in holes.
    """
    scales = [(name, _scale(values)) for name, values in fields.items()]
    whole = [
        np.where(np.isnan(fields[name]), _HOLE, np.nan_to_num(fields[name]) / scale).round().astype("<i2")
        for name, scale in scales
    ]
    return _packed(b"".join(each.tobytes() for each in whole)), scales


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, _LEVEL)).decode()


def _scale(values: Array) -> float:
    known = np.abs(values[~np.isnan(values)])
    return max(float(known.max()) if known.size else 0.0, 1e-9) / _LARGEST
