"""Spearman, Pearson and Kendall, for one pair of samples or many at once."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.estimators.two_task import Array

Method = Literal["spearman", "pearson", "kendall"]
METHODS: tuple[Method, ...] = get_args(Method)
# A sign matrix of this many numbers is compared at once.
_CHUNK = 2_000_000
_MANY = 400


def correlation(method: Method, x: Array, y: Array) -> float | None:
    """Return the correlation of two samples, or None for fewer than 3 values or a constant one.

    Args:
        method: ``spearman`` (average ranks for ties), ``pearson`` or ``kendall`` (τ-b).
        x: ``[n]``.
        y: ``[n]``.

    >>> correlation("spearman", np.array([1.0, 2.0, 3.0]), np.array([1.0, 8.0, 27.0]))
    1.0
    """
    if len(x) < 3:
        return None
    value = float(correlations(method, x[None], y[None])[0])
    return None if np.isnan(value) else value


def correlations(method: Method, x: Array, y: Array) -> Array:
    """Return the correlation of each row of ``x`` with the same row of ``y``, NaN where one is constant.

    Args:
        method: ``spearman``, ``pearson`` or ``kendall``.
        x: ``[n_rows, n]``.
        y: ``[n_rows, n]``.
    """
    if method == "kendall":
        return _kendall(x, y)
    if method == "spearman":
        x, y = average_ranks(x), average_ranks(y)
    return _pearson(x, y)


def stratified_correlation(method: Method, x: Array, y: Array, by: Array, n_strata: int) -> float | None:
    """Return the mean correlation within groups of similar ``by``, weighted by their sizes; None where there is none.

    So what ``by`` alone explains does not count: a prediction that is right only because cheap layouts are good has 0.

    Args:
        method: ``spearman``, ``pearson`` or ``kendall``.
        x: ``[n]``.
        y: ``[n]``.
        by: What groups are formed by, ``[n]``; equal values stay in one group.
        n_strata: Groups of about equal size.

    >>> cost = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])
    >>> gain = -10 * cost + np.array([1.0, 2.0, 3.0, 3.0, 2.0, 1.0])
    >>> stratified_correlation("spearman", -10 * cost + np.arange(6.0), gain, cost, 2)
    0.0
    """
    found = [
        (float(len(inside)), value)
        for inside in strata(by, n_strata)
        if (value := correlation(method, x[inside], y[inside])) is not None
    ]
    if not found:
        return None
    return sum(size * value for size, value in found) / sum(size for size, _ in found)


def strata(by: Array, n_strata: int) -> list[NDArray[np.intp]]:
    """Return the places of each of so many groups of similar values; equal ones are in one group, so one may be empty.

    Args:
        by: ``[n]``.
        n_strata: How many, of about equal size.

    >>> [group.tolist() for group in strata(np.array([4.0, 1.0, 1.0, 9.0]), 2)]
    [[1, 2], [0, 3]]
    """
    ranks = average_ranks(by[None])[0]
    groups = np.minimum((ranks - 0.5) / len(by) * n_strata, n_strata - 1).astype(int)
    return [np.flatnonzero(groups == group) for group in range(n_strata)]


def average_ranks(x: Array) -> Array:
    """Return the rank of each value in its row, counted from 1; equal values share the mean of their ranks.

    The same as ``scipy.stats.rankdata``, whose import alone takes longer than the first page.

    Args:
        x: ``[n_rows, n]``.

    >>> average_ranks(np.array([[5.0, 2.0, 5.0]])).tolist()
    [[2.5, 1.0, 2.5]]
    """
    n = x.shape[1]
    order = np.argsort(x, axis=1, kind="stable")
    ordered = np.take_along_axis(x, order, axis=1)
    starts = np.ones(x.shape, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    places = np.arange(n)
    first = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
    ends = np.ones(x.shape, dtype=bool)
    ends[:, :-1] = starts[:, 1:]
    last = np.minimum.accumulate(np.where(ends, places, n)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(x.shape)
    np.put_along_axis(ranks, order, (first + last) / 2.0 + 1.0, axis=1)
    return ranks


def _pearson(x: Array, y: Array) -> Array:
    dx, dy = _centred(x), _centred(y)
    length = np.sqrt((dx**2).sum(axis=1) * (dy**2).sum(axis=1))
    safe = np.where(length > 0, length, 1.0)
    result: Array = np.where(length > 0, np.clip((dx * dy).sum(axis=1) / safe, -1.0, 1.0), np.nan)
    return result


def _centred(x: Array) -> Array:
    # The mean of equal numbers may differ from them in the last digit.
    centred = np.where(np.ptp(x, axis=1, keepdims=True) > 0, x - x.mean(axis=1, keepdims=True), 0.0)
    largest = np.abs(centred).max(axis=1, keepdims=True)
    result: Array = centred / np.where(largest > 0, largest, 1.0)
    return result


def _kendall(x: Array, y: Array) -> Array:
    n_rows, n = x.shape
    if n > _MANY:
        # Comparing all pairs would take n² steps; scipy counts inversions in n log n.
        return np.array([_tau(a, b) for a, b in zip(x, y, strict=True)])
    result = np.empty(n_rows)
    rows = max(_CHUNK // (n * n), 1)
    for start in range(0, n_rows, rows):
        part = slice(start, start + rows)
        sx = np.sign(x[part, :, None] - x[part, None, :])
        sy = np.sign(y[part, :, None] - y[part, None, :])
        together = (sx * sy).sum(axis=(1, 2))
        apart = np.sqrt(np.abs(sx).sum(axis=(1, 2)) * np.abs(sy).sum(axis=(1, 2)))
        result[part] = np.where(apart > 0, together / np.where(apart > 0, apart, 1.0), np.nan)
    return result


def _tau(a: Array, b: Array) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    from scipy import stats

    return float(stats.kendalltau(a, b).statistic)
