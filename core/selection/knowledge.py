"""What measurements tell of the layouts that compete: the best, how sure that is, and what a training would tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError
from core.estimators.belief import Belief, as_table, counted_of
from core.estimators.prediction import Estimator, beyond_pairs
from core.layouts import Layout, LayoutTable, enumerate_layouts
from core.layouts.counting import count_layouts
from core.selection.choice import Terms
from core.selection.exact import checked_question
from core.selection.layout_score import score_of
from core.selection.search import recommend

Array = NDArray[np.float64]
MOST_TASKS = 12
# So many layouts are compared one by one; of more, those that are best under some draw.
FEW_LAYOUTS = 10_000
SEARCHES = 16
# Layouts that can still be the best: hardly any draw makes others so.
_REACH = 4.0
MOST_RIVALS = 400
N_DRAWS = 2000
# Variance that a measurement without noise has, and a deviation that is none.
_EXACT, _NO_DIFFERENCE = 1e-12, 1e-9
# Share of the greatest variance that keeps a covariance positive in spite of rounding.
_JITTER = 1e-9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A training that could be made: one cell of the two-task table from one seed, or one layout.

    Args:
        tasks: The pair i < j; empty for a layout.
        branch_point: Leading blocks the pair shares, 1 to B; 0 for a layout.
        seed: Place of the seed in the table; the number of its seeds for one that is not used yet.
        layout: Trained as it is, from the seeds of trained layouts; None for a cell.
    """

    tasks: tuple[int, ...] = ()
    branch_point: int = 0
    seed: int = 0
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is recommended now and how sure that is.

    Args:
        layout: Recommended within the budget.
        gain: Its expected Δ, weighted, in percent.
        loss: What the best layout is expected to gain beyond it.
        probability: How likely it lacks no more than a tolerance.
    """

    layout: Layout
    gain: float
    loss: float
    probability: float


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What is known of every layout that can be the best.

    Args:
        belief: Of all gains.
        layouts: Those that can be the best.
        rows: What the state of the belief counts for the score of each layout, ``[n_layouts, n_cells]``.
        weights: Of the tasks, ``[n_tasks]``.
    """

    belief: Belief
    layouts: tuple[Layout, ...]
    rows: Array
    weights: Array

    @property
    def means(self) -> Array:
        """Expected score of each layout, ``[n_layouts]``."""
        found: Array = self.rows @ self.belief.mean[: self.belief.n_cells]
        return found

    def standing(self, tolerance: float, rng: np.random.Generator, *, layout: Layout | None = None) -> Standing:
        """Return what is recommended and how sure that is.

        Args:
            tolerance: How much less than the best is still good enough, in percent.
            rng: Source of randomness for the draws.
            layout: The recommended one, within the budget; that of the highest expected score by default.
        """
        rows = self.rows
        if layout is None or layout in self.layouts:
            chosen = int(np.argmax(self.means)) if layout is None else self.layouts.index(layout)
        else:
            # It may be cheap and within noise of the best without a chance to be the best itself.
            chosen, rows = len(rows), np.vstack([rows, _rows_of([layout], self.weights, self.belief.n_blocks)])
        n = self.belief.n_cells
        means = rows @ self.belief.mean[:n]
        values, vectors = np.linalg.eigh(rows @ self.belief.covariance[:n, :n] @ rows.T)
        root = vectors * np.sqrt(values.clip(min=0.0))
        drawn = means[:, None] + root @ rng.standard_normal((len(values), N_DRAWS))
        lacks = drawn.max(axis=0) - drawn[chosen]
        return Standing(
            self.layouts[chosen] if layout is None else layout,
            float(means[chosen]),
            float(lacks.mean()),
            float((lacks <= tolerance).mean()),
        )

    def moves(self, candidate: Candidate, times: int = 1) -> Array:
        """Return how far a training moves what is expected of each layout, ``[n_layouts, n_measured]``.

        Columns are independent standard deviations of what it measures: as many as tasks whose gain it measures.

        Args:
            candidate: The training.
            times: How often it is made, each time from a seed of its own where more than once.
        """
        rows, noise = self.measured(candidate, times)
        # A cell counts two entries of thousands: whole products would take minutes of hundreds of cells.
        there = np.flatnonzero(rows.any(axis=0))
        counted = rows[:, there]
        total = counted @ self.belief.covariance[np.ix_(there, there)] @ counted.T
        root = np.linalg.cholesky(total + np.diag(noise + _EXACT))
        found: Array = np.linalg.solve(root, (self._crossed[:, there] @ counted.T).T).T
        return found

    @cached_property
    def _crossed(self) -> Array:
        """Covariance of the score of each layout with the state, ``[n_layouts, n_state]``."""
        found: Array = self.rows @ self.belief.covariance[: self.belief.n_cells]
        return found

    def after(self, candidate: Candidate) -> "Knowledge":
        """Return what will be known once a training is made, with what is expected now: for choosing the one after."""
        return replace(self, belief=self.belief.learned(*self.measured(candidate)))

    def measured(self, candidate: Candidate, times: int = 1) -> tuple[Array, Array]:
        """Return what a training measures of the state of the belief, and its noise, as ``Belief`` has them."""
        if candidate.layout is not None:
            return self.belief.of_layout(candidate.layout, times)
        i, j = candidate.tasks
        return self.belief.of_cell((i, j), candidate.branch_point, candidate.seed, times)


def known_layouts(
    belief: Belief,
    weights: Array,
    costs: Array,
    *,
    limit: float | None = None,
    rng: np.random.Generator,
) -> Knowledge:
    """Return what is known of the layouts that can be the best within a budget.

    Few layouts are all looked at. Of many, those compete that are best under the expected gains or under draws of them.

    Args:
        belief: Of all gains.
        weights: Of the tasks, ``[n_tasks]``.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        limit: Greatest cost, in the unit of the costs; none by default.
        rng: Source of randomness for the draws.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.
        LayoutError: There are too many tasks.
    """
    n_tasks, n_blocks = belief.n_tasks, belief.n_blocks
    if n_tasks > MOST_TASKS:
        raise LayoutError(f"{n_tasks} tasks are too many to weigh every training. Use at most {MOST_TASKS}.")
    weights = np.asarray(weights, dtype=np.float64)
    terms = Terms(score_of(belief.table, weights, Estimator.BAYES), costs)
    most, _ = checked_question(terms, costs, limit, 1)
    if count_layouts(n_tasks, n_blocks) <= FEW_LAYOUTS:
        table = enumerate_layouts(n_tasks, n_blocks)
        within = np.flatnonzero(table.costs(terms.costs) <= most)
        counted = _counted_of_table(table, within)
        rows = (weights[:, None] * counted).reshape(len(within), -1)
        kept = _rivals(belief, rows)
        return Knowledge(belief, tuple(table[row] for row in within[kept].tolist()), rows[kept], weights)
    found = list(dict.fromkeys(_best_under_draws(belief, weights, costs, limit, rng)))
    rows = _rows_of(found, weights, n_blocks)
    kept = _rivals(belief, rows)
    return Knowledge(belief, tuple(found[row] for row in kept.tolist()), rows[kept], weights)


def _rows_of(layouts: Sequence[Layout], weights: Array, n_blocks: int) -> Array:
    """Return what gains count for the score of each layout, ``[n_layouts, n_cells]``."""
    found: Array = (weights[:, None] * counted_of(layouts, n_blocks)).reshape(len(layouts), -1)
    return found


def _best_under_draws(
    belief: Belief, weights: Array, costs: Array, limit: float | None, rng: np.random.Generator
) -> list[Layout]:
    n = belief.n_cells
    covariance = belief.covariance[:n, :n]
    # Of thousands of cells a tenth of the time that eigenvalues take; what is exactly known has no variance.
    root = np.linalg.cholesky(covariance + _JITTER * np.diag(covariance).max() * np.eye(n))
    drawn = rng.standard_normal((SEARCHES, n)) @ root.T
    tables = as_table(belief.mean[:n] + np.concatenate([np.zeros((1, n)), drawn]), belief.n_tasks)
    return [
        choice.layout
        for place, table in enumerate(tables)
        for choice in recommend(
            score_of(table, weights, Estimator.BAYES), costs, budget=limit, top=1 if place else SEARCHES
        ).choices
    ]


def _counted_of_table(table: LayoutTable, places: NDArray[np.int64]) -> Array:
    """Return ``counted_of`` of some layouts of all."""
    beside = table.together & ~np.eye(table.n_tasks, dtype=bool)
    partners = beside.sum(axis=2)
    counted = beside / np.maximum(partners[:, :, None], 1)
    counted[:, np.arange(table.n_tasks), np.arange(table.n_tasks)] = beyond_pairs(partners)
    each = counted[table.ids[places]]
    each[:, :-1] -= each[:, 1:].copy()
    found: Array = np.moveaxis(each, 1, -1).reshape(len(places), table.n_tasks, -1)
    return found


def _rivals(belief: Belief, rows: Array) -> NDArray[np.int64]:
    """Return the places of the layouts that can be better than the best expected one, that one among them."""
    n = belief.n_cells
    means = rows @ belief.mean[:n]
    best = int(np.argmax(means))
    apart = rows - rows[best]
    deviation = np.sqrt(np.einsum("ln,ln->l", apart @ belief.covariance[:n, :n], apart).clip(min=0.0))
    gap = means[best] - means
    far = np.where(deviation > _NO_DIFFERENCE, gap / np.maximum(deviation, _NO_DIFFERENCE), np.inf)
    far[best] = -1.0
    order = np.argsort(far, kind="stable")[:MOST_RIVALS]
    return np.sort(order[far[order] <= _REACH])
