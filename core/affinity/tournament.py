"""Which encoder is best for a task: tournaments over validation samples, and the affinity from them.

For a target task, every other task's encoder (its bottom blocks, frozen) was put under the
target's remaining blocks. On each validation sample the encoder with the lower loss wins.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import AffinityError

Array = NDArray[np.float64]

# A ratio of wins needs both sides above zero.
LEAST_SHARE = 0.001
MOST_TASKS = 40
_SAMPLES_AT_ONCE = 4096


class Eigenvector(StrEnum):
    """Of which matrix the principal eigenvector is taken."""

    AHP = "ahp"
    RAW = "raw"


def wins(losses: NDArray[np.floating]) -> Array:
    """Return the share of samples on which encoder i has a lower loss than encoder j; ties count half.

    Args:
        losses: Loss of each encoder on each sample, ``[n_tasks, n_samples]``.

    Returns:
        ``[n_tasks, n_tasks]``, ½ on the diagonal; entry (i, j) and (j, i) sum to 1.

    Raises:
        AffinityError: There is no sample, or a loss is not a number.

    Reference:
        Branched Multi-Task Networks, §3.2, the tournament matrix W.

    >>> wins(np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 2.0]])).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if losses.ndim != 2 or losses.shape[1] == 0:
        raise AffinityError(f"Losses of one target should be [n_tasks, n_samples]. Found {list(losses.shape)}.")
    if np.isnan(losses).any():
        raise AffinityError("A loss is not a number. Train that network again, or leave the sample out.")
    n, samples = losses.shape
    better = np.zeros((n, n))
    for start in range(0, samples, _SAMPLES_AT_ONCE):
        part = losses[:, start : start + _SAMPLES_AT_ONCE]
        lower = (part[:, None] < part[None]).sum(axis=2)
        equal = (part[:, None] == part[None]).sum(axis=2)
        better += lower + 0.5 * equal
    result: Array = better / samples
    return result


def scores(shares: Array, eigenvector: Eigenvector = Eigenvector.AHP) -> Array:
    """Return the score of each encoder in a tournament; the scores sum to 1.

    ``ahp`` takes the principal eigenvector of the ratios W/Wᵀ, as the analytic hierarchy process
    does: where the shares come from weights w as wᵢ/(wᵢ+wⱼ), it gives these weights back.
    ``raw`` takes that of W itself, as the text of Branched MTL says.

    Args:
        shares: As ``wins`` returns them.
        eigenvector: Of which matrix.

    Reference:
        Branched Multi-Task Networks, §3.2.

    >>> weights = np.array([0.5, 0.3, 0.2])
    >>> scores(weights[:, None] / (weights[:, None] + weights)).round(9).tolist()
    [0.5, 0.3, 0.2]
    """
    matrix = shares
    if eigenvector == Eigenvector.AHP:
        clipped = np.clip(shares, LEAST_SHARE, 1 - LEAST_SHARE)
        matrix = clipped / clipped.T
    values, vectors = np.linalg.eig(matrix)
    principal = np.abs(np.real(vectors[:, int(np.argmax(np.real(values)))]))
    result: Array = principal / principal.sum()
    return result


def performance(losses: NDArray[np.floating], eigenvector: Eigenvector = Eigenvector.AHP) -> Array:
    """Return the performance matrix P at every depth: row t holds how well each encoder serves target t.

    Args:
        losses: ``[n_depths, n_tasks, n_tasks, n_samples]``: depth, target, source, sample.
        eigenvector: Of which matrix.

    Returns:
        ``[n_depths, n_tasks, n_tasks]``; rows sum to 1.

    Raises:
        AffinityError: The losses have another form, or one is not a number.
    """
    _check_losses(losses)
    return np.array([[scores(wins(target), eigenvector) for target in depth] for depth in losses])


def affinity(losses: NDArray[np.floating], eigenvector: Eigenvector = Eigenvector.AHP) -> Array:
    """Return the affinity tensor A = (P + Pᵀ)/2 at every depth.

    Args:
        losses: ``[n_depths, n_tasks, n_tasks, n_samples]``: depth, target, source, sample.
        eigenvector: Of which matrix.

    Returns:
        ``[n_depths, n_tasks, n_tasks]``, symmetric.

    Raises:
        AffinityError: The losses have another form, or one is not a number.

    Reference:
        Branched Multi-Task Networks, §3.2.

    >>> affinity(np.zeros((1, 2, 2, 5))).tolist()
    [[[0.5, 0.5], [0.5, 0.5]]]
    """
    rows = performance(losses, eigenvector)
    result: Array = (rows + rows.transpose(0, 2, 1)) / 2.0
    return result


def _check_losses(losses: NDArray[np.floating]) -> None:
    if losses.ndim != 4 or losses.shape[1] != losses.shape[2] or 0 in losses.shape:
        hint = ""
        if losses.ndim == 4 and losses.shape[0] == losses.shape[1]:
            hint = " Depth comes first."
        raise AffinityError(
            "Losses should have shape [n_depths, n_tasks, n_tasks, n_samples]: depth, target, source, sample. "
            f"Found {list(losses.shape)}.{hint}"
        )
    if losses.shape[1] < 2:
        raise AffinityError("One task has nothing to compare with. Bring losses of two tasks or more.")
    if losses.shape[1] > MOST_TASKS:
        raise AffinityError(f"{losses.shape[1]} tasks found. Branchwise compares up to {MOST_TASKS}.")
    missing = np.isnan(losses)
    if missing.any():
        depth, target, source, sample = np.argwhere(missing)[0].tolist()
        whole = missing[depth, target, source].all()
        raise AffinityError(
            f"At depth {depth} target {target} has no loss on source {source}"
            f"{'' if whole else f' for sample {sample}'}. Train that network, or leave the sample out everywhere."
        )
