"""From affinities to distances, in the three ways that people use."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import AffinityError

Array = NDArray[np.float64]


class Distance(StrEnum):
    """How a distance is made of affinities; the weight of complexity means something else in each."""

    COSINE = "cosine"
    ONE_MINUS = "one-minus"
    MAX = "max"


def distances(affinity: Array, kind: Distance = Distance.COSINE) -> Array:
    """Return the dissimilarity of tasks at every depth, 0 to 1 and 0 on the diagonal.

    *cosine* is 1 − A_ij/√(A_ii·A_jj), *one-minus* is 1 − A_ij, *max* is 1 − A_ij/max A of that depth.

    Args:
        affinity: ``[n_depths, n_tasks, n_tasks]``, symmetric.
        kind: Which of the three.

    Raises:
        AffinityError: The tensor has another form, or an affinity that must be above zero is not.

    Reference:
        Branched Multi-Task Networks, §3.3, leaves the distance open.

    >>> distances(np.array([[[0.5, 0.25], [0.25, 0.5]]])).tolist()
    [[[0.0, 0.5], [0.5, 0.0]]]
    """
    check_tensor(affinity, "An affinity tensor")
    own = np.diagonal(affinity, axis1=1, axis2=2)
    if kind == Distance.COSINE:
        if (own <= 0).any():
            depth, task = np.argwhere(own <= 0)[0].tolist()
            raise AffinityError(
                f"The affinity of task {task} with itself at depth {depth} is {own[depth, task]:g}; the cosine "
                "distance divides by it. Bring one above zero, or use --distance one-minus."
            )
        scaled = proportions(affinity)
    elif kind == Distance.MAX:
        largest = affinity.max(axis=(1, 2), keepdims=True)
        if (largest <= 0).any():
            depth = int(np.argmax(largest[:, 0, 0] <= 0))
            raise AffinityError(f"No affinity of depth {depth} is above zero, so none can be the largest. Measure it.")
        scaled = affinity / largest
    else:
        scaled = affinity
    result: Array = np.clip(1.0 - scaled, 0.0, 1.0)
    result[:, np.arange(result.shape[1]), np.arange(result.shape[1])] = 0.0
    return result


def proportions(affinity: Array) -> Array:
    """Return affinities in proportion to the tasks' own, A_ij/√(A_ii·A_jj): 1 on the diagonal.

    Args:
        affinity: ``[…, n_tasks, n_tasks]``; NaN where something is not measured.

    Returns:
        Of the same shape; NaN where a task has no affinity with itself above zero.
    """
    own = np.sqrt(np.maximum(np.diagonal(affinity, axis1=-2, axis2=-1), 0.0))
    scale = own[..., :, None] * own[..., None, :]
    found: Array = np.divide(affinity, scale, out=np.full(affinity.shape, np.nan), where=scale > 0)
    return found


def check_tensor(tensor: Array, what: str) -> None:
    """Check that a tensor is symmetric, finite and has its depth first, else raise AffinityError.

    Args:
        tensor: Should be ``[n_depths, n_tasks, n_tasks]``.
        what: What a sentence calls it.
    """
    check_shape(tensor, what)
    if not np.isfinite(tensor).all():
        depth, i, j = np.argwhere(~np.isfinite(tensor))[0].tolist()
        raise AffinityError(f"{what} has no number at depth {depth}, tasks {i} and {j}. Fill it in.")
    check_symmetric(tensor, what)


def check_shape(tensor: Array, what: str) -> None:
    """Check that a tensor has one square table for each depth, and depth comes first, else raise AffinityError.

    Where there are as many depths as tasks the shape does not tell, so a tensor that is symmetric in its first
    axis and another, but not in its last two, is taken for one whose axes are in another order.

    Args:
        tensor: Should be ``[n_depths, n_tasks, n_tasks]``; NaN where something is missing.
        what: What a sentence calls it.
    """
    fits = tensor.ndim == 3 and tensor.shape[1] == tensor.shape[2] and 0 not in tensor.shape
    if fits and _gap(tensor, 1, 2) <= _tolerance(tensor):
        return
    hint = ""
    for other, where in ((1, "last"), (2, "middle")):
        square = tensor.ndim == 3 and 0 not in tensor.shape and tensor.shape[0] == tensor.shape[other]
        if square and (not fits or _gap(tensor, 0, other) <= _tolerance(tensor)):
            hint = f" Depth comes first: move the {where} axis to the front."
            break
    if hint or not fits:
        raise AffinityError(f"{what} should have shape [n_depths, n_tasks, n_tasks]. Found {list(tensor.shape)}.{hint}")


def check_symmetric(tensor: Array, what: str) -> None:
    """Check that a tensor is symmetric wherever both directions are known, else raise AffinityError."""
    with np.errstate(invalid="ignore"):  # ∞ − ∞; callers that allow it check elsewhere
        gap = np.nan_to_num(np.abs(tensor - tensor.transpose(0, 2, 1)))
    if gap.max() > _tolerance(tensor):
        depth, i, j = np.unravel_index(int(gap.argmax()), gap.shape)
        raise AffinityError(
            f"{what} is not symmetric at depth {depth}, tasks {min(i, j)} and {max(i, j)}: {tensor[depth, i, j]:g} and "
            f"{tensor[depth, j, i]:g}. Use the mean of both directions."
        )


def _gap(tensor: Array, one: int, other: int) -> float:
    """Return the largest asymmetry of a tensor in two of its axes."""
    with np.errstate(invalid="ignore"):
        return float(np.nan_to_num(np.abs(tensor - tensor.swapaxes(one, other))).max())


def _tolerance(tensor: Array) -> float:
    known = np.abs(tensor[np.isfinite(tensor)])
    return 1e-6 * max(1.0, float(known.max()) if known.size else 0.0)
