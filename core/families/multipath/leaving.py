"""Leaving early by confidence: thresholds chosen on validation, and what they give on test."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.families.multipath.payload import LeavingPoint

Array = NDArray[np.float64]

# Shares of right answers that are wanted of those who leave; the last one nobody reaches.
WANTED: Final = (*np.round(np.arange(0.5, 1.0001, 0.02), 2).tolist(), 1.01)
# Above every confidence.
NEVER: Final = 2.0


def confidence_of(scores: Array) -> Array:
    """Return the probability of the answered class, ``[n]``.

    Args:
        scores: Class scores, ``[n, classes]``.
    """
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Array = shifted.max(axis=1) / shifted.sum(axis=1)
    return found


def chosen_thresholds(confidence: Array, right: NDArray[np.bool_], wanted: float) -> tuple[float, ...]:
    """Return the confidence from which pictures leave at each exit but the last, chosen on validation.

    Exit by exit, among the pictures that are still there: the lowest confidence at which those who leave are right
    as often as wanted. Where no confidence reaches that, none leaves.

    Args:
        confidence: Of the answer of each exit, ``[n_exits, n]``.
        right: Whether it is right, ``[n_exits, n]``.
        wanted: Share of right answers of those who leave, 0 to 1.
    """
    left = np.ones(confidence.shape[1], dtype=bool)
    found = []
    for own, correct in zip(confidence[:-1], right[:-1], strict=True):
        threshold = _threshold(own[left], correct[left], wanted)
        left &= own < threshold
        found.append(threshold)
    return tuple(found)


def _threshold(confidence: Array, right: NDArray[np.bool_], wanted: float) -> float:
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A threshold can't part equal confidences.
    whole = np.append(ordered[1:] < ordered[:-1], True) if len(ordered) else np.zeros(0, dtype=bool)
    good = np.flatnonzero((share >= wanted - 1e-12) & whole)
    return float(ordered[good[-1]]) if len(good) else NEVER


def leaving_exits(confidence: Array, thresholds: Sequence[float]) -> NDArray[np.int64]:
    """Return the exit at which each picture leaves, ``[n]``.

    Args:
        confidence: Of the answer of each exit, ``[n_exits, n]``.
        thresholds: One for each exit but the last.
    """
    leaves = np.vstack([confidence[:-1] >= np.asarray(thresholds)[:, None], np.ones(confidence.shape[1], dtype=bool)])
    found: NDArray[np.int64] = np.argmax(leaves, axis=0).astype(np.int64)
    return found


def leaving_curve(
    validation: tuple[Array, NDArray[np.bool_]],
    test: tuple[Array, NDArray[np.bool_]],
    macs: Sequence[float],
    wanted: Sequence[float] = WANTED,
) -> tuple[LeavingPoint, ...]:
    """Return accuracy against mean multiply-accumulates on test, for thresholds chosen on validation.

    Args:
        validation: Confidence and whether the answer is right, ``[n_exits, n]`` each.
        test: The same of the test split.
        macs: Multiply-accumulates of each path, ``[n_exits]``.
        wanted: Shares of right answers that are wanted of those who leave.

    Returns:
        One point for each different choice of thresholds, by rising share.

    Reference:
        Huang et al., Multi-Scale Dense Networks for Resource Efficient Image Classification, §3, for thresholds of
        exits chosen on validation.
    """
    found: dict[tuple[float, ...], LeavingPoint] = {}
    confidence, right = test
    for share in wanted:
        thresholds = chosen_thresholds(*validation, share)
        exits = leaving_exits(confidence, thresholds)
        counts = np.bincount(exits, minlength=len(macs))
        found[thresholds] = LeavingPoint(
            wanted=share,
            thresholds=thresholds,
            shares=tuple((counts / len(exits)).tolist()),
            accuracy=float(right[exits, np.arange(len(exits))].mean()),
            macs=float(np.dot(counts, np.asarray(macs, dtype=np.float64)) / len(exits)),
        )
    return tuple(found.values())
