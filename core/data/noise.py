"""Gaussian noise on pictures: each picture's own, whichever others are requested."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.splits import Rows

_RANGE = 255


def noisy(pictures: NDArray[np.uint8], rows: Rows, deviation: float, stream: Sequence[int]) -> NDArray[np.uint8]:
    """Return pictures with Gaussian noise in every channel.

    Args:
        pictures: ``[len(rows), 3, height, width]``; left as they are.
        rows: Numbers of the pictures in their data set.
        deviation: Standard deviation of the noise; 1 is the whole range of brightness.
        stream: What the noise is drawn from, besides the row.
    """
    if not deviation:
        return np.ascontiguousarray(pictures)
    out = np.empty_like(pictures, order="C")
    for place, row in enumerate(rows):
        # One stream per picture: it has the same noise whichever others are requested.
        grain = np.random.default_rng([*stream, int(row)]).standard_normal(pictures.shape[1:])
        out[place] = np.rint(np.clip(pictures[place] + _RANGE * deviation * grain, 0, _RANGE))
    return out
