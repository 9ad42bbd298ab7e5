"""Which labels are missing. One convention for every kind of target.

* classification and ordinal: whole numbers, ``-1`` is missing;
* segmentation: ``uint8``, ``255`` is a pixel without a label;
* every other kind: floating-point numbers, NaN is missing (of normals: a pixel with a NaN in any channel).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.tasks import Kind

MISSING_CLASS: Final = -1
MISSING_PIXEL: Final = 255
_CHUNK: Final = 64
_PART: Final = 1024


def labelled(kind: Kind, target: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return which samples have a label, or at least one labelled pixel, ``[n]``.

    Args:
        kind: Of the task.
        target: As in ``Samples.targets``.

    >>> labelled(Kind.CLASSIFICATION, np.array([3, -1, 0]))
    array([ True, False,  True])
    """
    if kind.is_one_class:
        return np.asarray(target != MISSING_CLASS)
    # Maps may be more than fits in memory.
    parts = [_labelled(kind, target[start : start + _PART]) for start in range(0, len(target), _PART)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)


def _labelled(kind: Kind, target: NDArray[np.generic]) -> NDArray[np.bool_]:
    present = target != MISSING_PIXEL if kind is Kind.SEGMENTATION else ~np.isnan(target.astype(np.float32, copy=False))
    if kind is Kind.NORMALS:
        present = present.all(axis=1)
    return np.asarray(present.reshape(len(target), -1).any(axis=1))


def has_a_label(kind: Kind, target: NDArray[np.generic]) -> bool:
    """Return whether any sample has a label; looks no further than the first one that has."""
    parts = (target[start : start + _CHUNK] for start in range(0, len(target), _CHUNK))
    return any(labelled(kind, part).any() for part in parts)
