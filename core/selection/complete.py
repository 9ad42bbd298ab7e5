"""Scores and estimates of every layout of a complete table."""

import numpy as np
from numpy.typing import NDArray

from core.layouts import LayoutTable
from core.selection.pairwise import PairwiseScore

Array = NDArray[np.float64]
_CHUNK = 50_000


def layout_scores(table: LayoutTable, score: PairwiseScore) -> Array:
    """Give the score of every layout, ``[n_layouts]``.

    The same floats as ``score.score(layout)`` gives one by one.

    Args:
        table: All layouts.
        score: A score of as many tasks and blocks.
    """
    i, j = np.triu_indices(score.n_tasks, 1)
    steps = np.diff(score.pairs, axis=2)[i, j]
    n = len(table.partitions)
    worth = np.empty((score.n_blocks, n))
    for start in range(0, n, _CHUNK):
        together = table.together[start : start + _CHUNK, i, j].astype(np.float64)
        worth[:, start : start + _CHUNK] = (together @ steps).T
    worth[0] += score.constant
    return table.additive(worth)


def layout_estimates(table: LayoutTable, values: Array) -> Array:
    """Give the predicted Δ of every task in every layout, ``[n_layouts, n_tasks]``, in percent.

    Δ_i is the mean over the other tasks j of ``values[i, j, b_ij]``.

    Args:
        table: All layouts.
        values: Δ of task i next to task j sharing b blocks, ``[n_tasks, n_tasks, n_blocks + 1]``.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.3.
    """
    n_tasks, n_blocks = table.n_tasks, table.n_blocks
    off = ~np.eye(n_tasks, dtype=bool)
    clean = np.where(off[:, :, None], values, 0.0) / max(n_tasks - 1, 1)
    steps = np.diff(clean, axis=2)
    worth = np.empty((n_blocks, len(table.partitions), n_tasks))
    for block in range(n_blocks):
        worth[block] = np.einsum("pij,ij->pi", table.together, steps[:, :, block])
    worth[0] += clean[:, :, 0].sum(axis=1)
    return table.additive(worth)


def layout_scores_of_draws(table: LayoutTable, draws: Array, weights: Array) -> Array:
    """Give the score of every layout in every redrawn table, ``[n_layouts, n_draws]``.

    Args:
        table: All layouts, or some.
        draws: Tables without holes, zero at branch point 0, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        weights: Weights of each draw, ``[n_draws, n_tasks]``.
    """
    i, j = np.triu_indices(table.n_tasks, 1)
    pairs = weights[:, i, None] * draws[:, i, j] + weights[:, j, None] * draws[:, j, i]
    steps = np.diff(pairs, axis=2) / (table.n_tasks - 1)
    together = table.together[:, i, j].astype(np.float64)
    worth: Array = np.ascontiguousarray(np.einsum("pq,nqb->bpn", together, steps, optimize=True))
    return table.additive(worth)
