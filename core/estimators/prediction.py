"""Predicted Δ of any layout from two-task results, and the two-task models it rests on."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError
from core.estimators.two_task import Array, TwoTaskTable
from core.layouts import Layout


class Estimator(StrEnum):
    """How the gains of a layout are predicted from two-task results.

    * ``paper``: Δ of a task is the mean over all other tasks of its two-task result at their branch point.
    * ``blockwise``: Δ of a task is the sum over its blocks of the mean step of its two-task results with those
      that share the block; alone it gains nothing.
    * ``bayes``: as ``blockwise``, from the posterior of the table in place of its means, and with what groups of more
      than two tasks gain beyond their pairs; see ``core.estimators.layout_posterior``.
    """

    PAPER = "paper"
    BLOCKWISE = "blockwise"
    BAYES = "bayes"


# Of studies, on pages and where the command line shows one: bayes, by the tables of docs/results.md. Tables in files
# are predicted as the paper does unless another is named, so that the command line reproduces the paper.
DEFAULT_ESTIMATOR: Final = Estimator.BAYES


@dataclass(frozen=True, slots=True)
class AssociatedModel:
    """A two-task model with the branch point that its two tasks have in a layout.

    Args:
        tasks: The two tasks i < j.
        branch_point: Leading blocks they share, b_ij.
        deltas: Δ of i next to j and of j next to i, in percent; None for a hole.
        stderr: Their standard errors; None where unknown.
    """

    tasks: tuple[int, int]
    branch_point: int
    deltas: tuple[float | None, float | None]
    stderr: tuple[float | None, float | None]


def estimates(values: Array, layout: Layout, estimator: Estimator = Estimator.PAPER) -> Array:
    """Return the predicted Δ of every task of a layout, in percent, ``[n_tasks]``.

    With ``paper`` Δ_i is the mean over the other tasks j of P[i, j, b_ij]; a task that shares nothing
    with j counts 0 for it. With ``blockwise`` Δ_i = Σ_b mean over the j that share block b with i of
    P[i, j, b] − P[i, j, b − 1], so that a task whose group has one other task gains what both gain
    as a pair. A hole that the layout needs gives NaN: fill the holes first.

    Args:
        values: P, ``[n_tasks, n_tasks, n_blocks + 1]``.
        layout: A layout of as many tasks and blocks.
        estimator: Which one. Only ``bayes`` reads the diagonal: what groups gain beyond their pairs.

    Raises:
        LayoutError: The layout has other tasks or blocks than the table.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.1; ``blockwise`` is our own.

    >>> values = np.zeros((2, 2, 2))
    >>> values[0, 1, 1], values[1, 0, 1] = 2.0, -1.0
    >>> estimates(values, Layout.all_shared(2, 1)).tolist()
    [2.0, -1.0]
    """
    check_fits(values, layout)
    result: Array = estimates_of(values, layout.branch_points()[None], estimator)[0]
    return result


def estimates_of(values: Array, branch_points: NDArray[np.integer], estimator: Estimator = Estimator.PAPER) -> Array:
    """Return the predicted Δ of every task of many layouts, ``[n_layouts, n_tasks]``.

    Args:
        values: P, ``[n_tasks, n_tasks, n_blocks + 1]``.
        branch_points: b_ij of every layout, ``[n_layouts, n_tasks, n_tasks]``; the diagonal is not read.
        estimator: How they are predicted.
    """
    n_tasks = len(values)
    if estimator is not Estimator.PAPER:
        return np.stack([_applied(shares(points, values.shape[-1] - 1, estimator), values) for points in branch_points])
    usable = _with_zeros(values)
    total = np.zeros((len(branch_points), n_tasks))
    for i in range(n_tasks):
        for j in range(n_tasks):
            if i != j:
                total[:, i] += usable[i, j, branch_points[:, i, j]]
    return total / (n_tasks - 1)


def shares(branch_points: NDArray[np.integer], n_blocks: int, estimator: Estimator) -> Array:
    """Return what each cell of a table counts for the gains of a layout, ``[n_tasks, n_tasks, n_blocks + 1]``.

    Δ_i is the sum over j and b of shares[i, j, b] · P[i, j, b]; cells at branch point 0, which are 0, count nothing.
    With ``bayes`` the diagonal counts: its step at a block as often as :func:`beyond_pairs` says.

    Args:
        branch_points: b_ij of the layout, ``[n_tasks, n_tasks]``; the diagonal is not read.
        n_blocks: B.
        estimator: How gains are predicted.

    >>> shares(np.array([[2, 1], [1, 2]]), 2, Estimator.BLOCKWISE)[0, 1].tolist()
    [0.0, 1.0, 0.0]
    """
    n_tasks = len(branch_points)
    off = ~np.eye(n_tasks, dtype=bool)
    if estimator is Estimator.PAPER:
        found = (branch_points[:, :, None] == np.arange(n_blocks + 1)) / (n_tasks - 1)
    else:
        together = (branch_points[:, :, None] > np.arange(n_blocks)) & off[:, :, None]
        partners = together.sum(axis=1)
        # What a task's partners at block b + 1 count: equally much, and nothing where it is alone.
        each = together / np.maximum(partners[:, None], 1)
        if estimator is Estimator.BAYES:
            each[~off] = beyond_pairs(partners)
            off = np.ones_like(off)
        found = np.zeros((n_tasks, n_tasks, n_blocks + 1))
        found[..., 1:] += each
        found[..., :-1] -= each
    found[..., 0] = 0.0
    result: Array = np.where(off[:, :, None], found, 0.0)
    return result


def beyond_pairs(partners: NDArray[np.integer]) -> Array:
    """Return how often a task counts its step beyond pairs, beside some partners: log of their number.

    Two tasks are a pair, so that nothing is beyond it; each doubling of the partners adds as much as the one before.

    >>> beyond_pairs(np.array([0, 1, 2, 4])).round(2).tolist()
    [0.0, 0.0, 0.69, 1.39]
    """
    found: Array = np.log(np.maximum(partners, 1))
    return found


def draws_of_estimates(draws: Array, layout: Layout, estimator: Estimator = Estimator.PAPER) -> Array:
    """Return the predicted Δ of one layout under many tables, ``[n_draws, n_tasks]``.

    Args:
        draws: ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        layout: A layout of as many tasks and blocks.
        estimator: How they are predicted.

    Raises:
        LayoutError: The layout has other tasks or blocks than the tables.
    """
    check_fits(draws[0], layout)
    n_tasks = layout.n_tasks
    if estimator is not Estimator.PAPER:
        return _applied(shares(layout.branch_points(), layout.n_blocks, estimator), draws)
    rows, columns = np.arange(n_tasks)[:, None], np.arange(n_tasks)[None, :]
    chosen: Array = _with_zeros(draws)[:, rows, columns, layout.branch_points()]
    result: Array = chosen.sum(axis=-1) / (n_tasks - 1)
    return result


def score(values: Array, weights: Array, layout: Layout, estimator: Estimator = Estimator.PAPER) -> float:
    """Return Σ_i w_i Δ_i of a layout, in percent.

    Args:
        values: P, ``[n_tasks, n_tasks, n_blocks + 1]``.
        weights: One weight per task, ``[n_tasks]``.
        layout: A layout of as many tasks and blocks.
        estimator: How the gains are predicted.

    Raises:
        LayoutError: The layout has other tasks or blocks than the table.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, Eq. 2.
    """
    return float(estimates(values, layout, estimator) @ weights)


def associated_models(layout: Layout, table: TwoTaskTable) -> list[AssociatedModel]:
    """Return the two-task models whose results predict ``layout``, one per pair of tasks.

    Raises:
        LayoutError: The layout has other tasks or blocks than the table.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, Fig. 2.
    """
    check_fits(table.values, layout)
    points = layout.branch_points()
    models = []
    for i, j in combinations(range(layout.n_tasks), 2):
        b = int(points[i, j])
        cells = ((i, j, b), (j, i, b))
        if b == 0:
            deltas, stderr = [0.0, 0.0], [0.0, 0.0]
        else:
            deltas = [float(table.values[cell]) for cell in cells]
            stderr = [np.nan if table.stderr is None else float(table.stderr[cell]) for cell in cells]
        models.append(
            AssociatedModel((i, j), b, (_known(deltas[0]), _known(deltas[1])), (_known(stderr[0]), _known(stderr[1])))
        )
    return models


def check_fits(values: Array, layout: Layout) -> None:
    """Check that the layout has the tasks and blocks of the table, else raise LayoutError."""
    n_tasks, n_blocks = len(values), values.shape[-1] - 1
    if (layout.n_tasks, layout.n_blocks) != (n_tasks, n_blocks):
        raise LayoutError(
            f"The layout has {layout.n_tasks} tasks and {layout.n_blocks} blocks, the table {n_tasks} and {n_blocks}. "
            "Use a table and a layout of the same tasks and blocks."
        )


def _with_zeros(values: Array) -> Array:
    usable = np.array(values, dtype=np.float64)
    usable[..., 0] = 0.0
    diagonal = np.arange(values.shape[-2])
    usable[..., diagonal, diagonal, :] = 0.0
    return usable


def _applied(shares: Array, values: Array) -> Array:
    """Return Σ_jb shares[i, j, b] · values[…, i, j, b], ``[…, n_tasks]``; cells that count nothing may be missing."""
    counted = shares != 0
    found: Array = np.einsum("ijb,...ijb->...i", shares, np.where(counted, values, 0.0))
    return found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
