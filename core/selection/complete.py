"""Scores and estimates of every layout of a complete table, and the best of few layouts by looking at all."""

import numpy as np
from numpy.typing import NDArray

from core.estimators.prediction import Estimator, beyond_pairs
from core.layouts import LayoutTable, enumerate_layouts
from core.selection.choice import Choice, Terms
from core.selection.layout_score import LayoutScore
from core.selection.pairwise import PairwiseScore

Array = NDArray[np.float64]
_CHUNK = 50_000


def layout_scores(table: LayoutTable, score: LayoutScore) -> Array:
    """Return the score of every layout, ``[n_layouts]``.

    The same floats as ``score.score(layout)`` gives one by one.

    Args:
        table: All layouts.
        score: A score of as many tasks and blocks.
    """
    n = len(table.partitions)
    if not isinstance(score, PairwiseScore):
        return table.additive(_earned(table, score))
    i, j = np.triu_indices(score.n_tasks, 1)
    steps = np.diff(score.pairs, axis=2)[i, j]
    worth = np.empty((score.n_blocks, n))
    for start in range(0, n, _CHUNK):
        together = table.together[start : start + _CHUNK, i, j].astype(np.float64)
        worth[:, start : start + _CHUNK] = (together @ steps).T
    worth[0] += score.constant
    return table.additive(worth)


def _earned(table: LayoutTable, score: LayoutScore) -> Array:
    """Return what the groups of every partition earn at every block, ``[n_blocks, n_partitions]``."""
    bits = 1 << np.arange(score.n_tasks)
    masks = table.together @ bits
    # Each group counts where its first task stands.
    first = ~np.tril(table.together, -1).any(axis=2)
    worth: Array = np.where(first, score.gains[:, masks], 0.0).sum(axis=2)
    worth[0] += score.constant
    return worth


def layout_estimates(table: LayoutTable, values: Array) -> Array:
    """Return the predicted Δ of every task in every layout, ``[n_layouts, n_tasks]``, in percent.

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


def layout_scores_of_draws(
    table: LayoutTable, draws: Array, weights: Array, estimator: Estimator = Estimator.PAPER
) -> Array:
    """Return the score of every layout in every resampled table, ``[n_layouts, n_draws]``.

    Args:
        table: All layouts, or some.
        draws: Tables without holes, zero at branch point 0, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``; with
            ``bayes`` the diagonal is read, too.
        weights: Weights of each draw, ``[n_draws, n_tasks]``.
        estimator: How gains are predicted.
    """
    if estimator is not Estimator.PAPER:
        beside = table.together & ~np.eye(table.n_tasks, dtype=bool)
        partners = beside.sum(axis=2)
        counted = beside / np.maximum(partners[:, :, None], 1)
        if estimator is Estimator.BAYES:
            counted[:, np.arange(table.n_tasks), np.arange(table.n_tasks)] = beyond_pairs(partners)
        grown = np.diff(weights[:, :, None, None] * draws, axis=3)
        earned: Array = np.ascontiguousarray(np.einsum("pij,nijb->bpn", counted, grown, optimize=True))
        return table.additive(earned)
    i, j = np.triu_indices(table.n_tasks, 1)
    pairs = weights[:, i, None] * draws[:, i, j] + weights[:, j, None] * draws[:, j, i]
    steps = np.diff(pairs, axis=2) / (table.n_tasks - 1)
    together = table.together[:, i, j].astype(np.float64)
    worth: Array = np.ascontiguousarray(np.einsum("pq,nqb->bpn", together, steps, optimize=True))
    return table.additive(worth)


def complete_front(terms: Terms) -> list[Choice]:
    """Return every non-dominated (cost, score) with its layout, by rising cost, by listing all layouts.

    The same as ``core.selection.exact_front``, without a compiler: for families of few layouts.

    Args:
        terms: Scores and costs.

    Raises:
        LayoutError: There are too many layouts to list.
    """
    ranking = _Ranking(terms)
    order = np.lexsort((ranking.groups, -ranking.score_keys, ranking.cost_keys))
    keys = ranking.score_keys[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] > np.maximum.accumulate(keys)[:-1]
    return ranking.choices(order[new])


def complete_best(terms: Terms, limit: float, top: int) -> list[Choice]:
    """Return the ``top`` best layouts that cost at most ``limit``, best first, by listing all layouts.

    Ties: lower cost, then fewer groups, then canonical order. The same as
    ``core.selection.exact.top_choices``, without a compiler.

    Args:
        terms: Scores and costs.
        limit: Greatest cost, inclusive.
        top: How many; fewer are given if there are no more.

    Raises:
        LayoutError: There are too many layouts to list.
    """
    ranking = _Ranking(terms)
    rows = np.flatnonzero(ranking.costs <= limit)
    keys = (ranking.groups[rows], ranking.cost_keys[rows], -ranking.score_keys[rows])
    return ranking.choices(rows[np.lexsort(keys)][:top])


class _Ranking:
    """All layouts in canonical order, with what decides between them; every array is ``[n_layouts]``."""

    def __init__(self, terms: Terms) -> None:
        self.table = enumerate_layouts(terms.score.n_tasks, terms.score.n_blocks)
        self.scores = layout_scores(self.table, terms.score)
        self.costs = self.table.costs(terms.costs)
        self.score_keys = np.floor(self.scores / terms.score_step + 0.5)
        self.cost_keys = np.floor(self.costs / terms.cost_step + 0.5)
        self.groups = self.table.group_counts.sum(axis=1)

    def choices(self, rows: NDArray[np.integer]) -> list[Choice]:
        return [Choice(self.table[row], float(self.scores[row]), float(self.costs[row])) for row in rows.tolist()]
