"""Affinity tensors and the trees that they make."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.affinity.array_file import Kind
from core.affinity.distance import Distance, distances
from core.affinity.tensor_file import read_tensor
from core.selection.branched import BranchedCase, BranchedTree
from core.selection.branched_case import check_remaining
from core.selection.regrafting import cheapest_tree


def read_affinity(path: str | Path) -> NDArray[np.float64]:
    """Return an affinity tensor of an NPY, NPZ or CSV file, ``[n_depths, n_tasks, n_tasks]``.

    Args:
        path: Of the file.

    Raises:
        BranchwiseError: It can't be read, or holds something else; the sentence names the place.
    """
    return read_tensor(Path(path), "affinity")[0]


def branch(
    tensor: NDArray[np.float64],
    alpha: float,
    downsamplings_after: Sequence[float],
    *,
    kind: Kind = "affinity",
    distance: str = "cosine",
) -> BranchedTree:
    """Return the cheapest branched network for affinities or distances: its layout, and what it costs.

    Up to eleven tasks it is exact; beyond, the best of a beam search that is improved by moving branches.

    Args:
        tensor: ``[n_depths, n_tasks, n_tasks]``.
        alpha: Weight of the complexity; larger gives fewer branches.
        downsamplings_after: Remaining downsampling steps after each depth, from the input, ``[n_depths]``.
        kind: Whether the numbers are affinities or distances.
        distance: How affinities become distances: ``cosine``, ``one-minus`` or ``max``.

    Raises:
        BranchwiseError: Shapes or numbers don't fit.

    Reference:
        Branched Multi-Task Networks: Deciding What Layers To Share, BMVC 2020.
    """
    far = tensor if kind == "distance" else distances(tensor, Distance(distance))
    case = BranchedCase(far, tuple(map(float, downsamplings_after)))
    check_remaining(case.downsamplings)
    return cheapest_tree(case, alpha)[0]
