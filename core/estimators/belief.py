"""What is known of all gains, as one Gaussian that further trainings can be added to before they are made.

The posterior of ``core.estimators.layout_posterior`` is a mixture. Here it is one Gaussian of the same mean and nearly
the same covariance, over the true gains of every cell and what groups gain beyond their pairs, the baselines of the
table's seeds and of one more, and those of trained layouts. So the next training is one more linear observation,
whether it repeats a cell from another seed, fills a hole, or trains a whole layout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from core.estimators.layout_posterior import LayoutPosterior, layout_posterior, taken_in
from core.estimators.measured_cells import EXACT, MeasuredCells
from core.estimators.posterior import Part
from core.estimators.prediction import Estimator, shares
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import Array, TwoTaskTable
from core.layouts import Layout

# Parts of a posterior that weigh less change nothing that can be seen.
_LEAST_WEIGHT = 5e-4


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """All gains as a Gaussian.

    Args:
        mean: Of the state: every Δ, ``n_tasks * n_tasks * n_blocks`` in the order of a table from branch point 1, with
            what groups gain beyond pairs on the diagonal; then for each task the baselines of ``n_seeds`` seeds of the
            table and of one that is not used yet; then for each task that of the seeds of trained layouts.
        covariance: Of the same.
        n_tasks: T.
        n_blocks: B.
        n_seeds: Seeds of the table.
        n_layout_seeds: Seeds that layouts are trained from, all of the same ones.
        noise: For each task, variance of one training beside its seed's baseline, percent².
        baseline: For each task, variance of a seed's baseline, percent².
    """

    mean: Array
    covariance: Array
    n_tasks: int
    n_blocks: int
    n_seeds: int
    n_layout_seeds: int
    noise: Array
    baseline: Array

    @property
    def n_cells(self) -> int:
        """Number of gains in the state."""
        return self.n_tasks * self.n_tasks * self.n_blocks

    @property
    def table(self) -> Array:
        """Expected gains, ``[n_tasks, n_tasks, n_blocks + 1]``."""
        return as_table(self.mean[: self.n_cells], self.n_tasks)

    def of_cell(self, tasks: tuple[int, int], branch_point: int, seed: int, times: int = 1) -> tuple[Array, Array]:
        """Return what trainings of one cell measure of the state, and their noise, ``[2, n_state]`` and ``[2]``.

        Args:
            tasks: The pair.
            branch_point: From 1.
            seed: Place of its seed in the table; one more than the last for a seed that is not used yet.
            times: How many, each from a seed of its own that is not used yet where more than one.
        """
        rows, noise = np.zeros((2, len(self.mean))), np.empty(2)
        for place, (task, partner) in enumerate((tasks, tasks[::-1])):
            rows[place, (task * self.n_tasks + partner) * self.n_blocks + branch_point - 1] = 1.0
            if times == 1:
                rows[place, self.n_cells + task * (self.n_seeds + 1) + seed] = 1.0
            noise[place] = self.noise[task] + (self.baseline[task] if times > 1 else 0.0)
        return rows, noise / times

    def of_layout(self, layout: Layout, times: int = 1) -> tuple[Array, Array]:
        """Return what trainings of a layout measure, and their noise, of the tasks that share anything.

        Args:
            layout: Trained as it is from the seeds of trained layouts.
            times: From so many times as many seeds, none of them used yet where more than once.
        """
        tasks, rows = self._sharing(layout)
        n_seeds = self.n_layout_seeds * times
        if times > 1:
            return rows, (self.noise + self.baseline)[tasks] / n_seeds
        rows[np.arange(len(tasks)), len(self.mean) - self.n_tasks + tasks] = 1.0
        return rows, self.noise[tasks] / n_seeds

    def _sharing(self, layout: Layout) -> tuple[NDArray[np.int64], Array]:
        """Return the tasks that share anything in a layout, and what their gains count of the state."""
        counted = counted_of([layout], self.n_blocks)[0]
        tasks, size = np.flatnonzero(counted.any(axis=1)), counted.shape[1]
        rows = np.zeros((len(tasks), len(self.mean)))
        for row, task in zip(rows, tasks.tolist(), strict=True):
            row[task * size : (task + 1) * size] = counted[task]
        return tasks, rows

    def learned(self, rows: Array, noise: Array, values: Array | None = None) -> "Belief":
        """Return what is known after a measurement.

        Args:
            rows: What it measures of the state, ``[n_measured, n_state]``.
            noise: Variances of what it measures beside that, ``[n_measured]``.
            values: What it measured; None for one that is only planned, which leaves the mean as it is.
        """
        crossed = rows @ self.covariance
        total = crossed @ rows.T + np.diag(noise + EXACT)
        factor = cho_factor(total, lower=True)
        mean = self.mean if values is None else self.mean + crossed.T @ cho_solve(factor, values - rows @ self.mean)
        return replace(self, mean=mean, covariance=self.covariance - crossed.T @ cho_solve(factor, crossed))


def as_table(cells: Array, n_tasks: int) -> Array:
    """Return cells from branch point 1 as a table, ``[…, n_tasks, n_tasks, n_blocks + 1]``."""
    found = cells.reshape(*cells.shape[:-1], n_tasks, n_tasks, -1)
    return np.concatenate([np.zeros_like(found[..., :1]), found], axis=-1)


def counted_of(layouts: Sequence[Layout], n_blocks: int) -> Array:
    """Return what cells of its row count for the gain of each task, ``[n_layouts, n_tasks, n_tasks * n_blocks]``."""
    found = np.stack([shares(each.branch_points(), n_blocks, Estimator.BAYES) for each in layouts])[..., 1:]
    return found.reshape(*found.shape[:2], -1)


def belief_of(table: TwoTaskTable, trained: TrainedLayouts | None = None, *, n_layout_seeds: int = 1) -> Belief:
    """Return what a table, and trained layouts where there are some, say of all gains.

    Args:
        table: With or without holes.
        trained: Layouts of the same tasks and blocks with the gains that were measured.
        n_layout_seeds: Seeds that layouts will be trained from where none is yet.

    Raises:
        TableError: The table has too many cells for the estimator ``bayes``, or a gain is no finite number.
        LayoutError: A layout has other tasks or blocks than the table.
    """
    posterior = layout_posterior(table, trained)
    n_tasks, n_blocks = table.n_tasks, table.n_blocks
    tasks = [_task(table, task, parts) for task, parts in enumerate(posterior.pairs.parts)]
    n_seeds, n_cells = tasks[0].n_seeds, n_tasks * n_tasks * n_blocks
    size = n_cells + n_tasks * (n_seeds + 1) + n_tasks
    covariance, places = np.zeros((size, size)), np.arange(n_cells).reshape(n_tasks, n_tasks, n_blocks)
    for task, own in enumerate(tasks):
        seeds = n_cells + task * (n_seeds + 1) + np.arange(n_seeds + 1)
        state = np.concatenate([places[task, np.arange(n_tasks) != task].ravel(), seeds])
        covariance[np.ix_(state, state)] = own.covariance
    beyond = places[np.arange(n_tasks), np.arange(n_tasks)].ravel()
    covariance[np.ix_(beyond, beyond)] = posterior.beyond()
    mean = np.concatenate([posterior.values[..., 1:].ravel(), np.zeros(size - n_cells)])
    noise, baseline = np.array([own.noise for own in tasks]), np.array([own.baseline for own in tasks])
    if trained is not None and trained.layouts:
        n_layout_seeds = len(trained.deltas)
    last = size - n_tasks + np.arange(n_tasks)
    covariance[last, last] = baseline / n_layout_seeds
    found = Belief(mean, covariance, n_tasks, n_blocks, n_seeds, n_layout_seeds, noise, baseline)
    return found if trained is None or not trained.layouts else _with_trained(found, posterior, trained)


def _with_trained(found: Belief, posterior: LayoutPosterior, trained: TrainedLayouts) -> Belief:
    """Return the belief with the covariance that trained layouts leave; the posterior's mean has them already."""
    last = len(found.mean) - found.n_tasks
    rows, noise = [], []
    for place in taken_in(trained):
        tasks, measured = found._sharing(trained.layouts[place])
        for task, row in zip(tasks.tolist(), measured, strict=True):
            if posterior.open_blocks[task].any():
                row[last + task] = 1.0
                rows.append(row)
                noise.append(found.noise[task] / found.n_layout_seeds)
    return found.learned(np.array(rows), np.array(noise)) if rows else found


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What the table says of one task: covariance of its pairs' gains and its seeds' baselines, and its noise."""

    covariance: Array
    n_seeds: int
    noise: float
    baseline: float


def _task(table: TwoTaskTable, task: int, parts: Sequence[Part]) -> _Task:
    cells = MeasuredCells.of(table, task)
    # The last is a seed that is not used yet.
    loads = np.vstack([cells.loads, np.zeros((1, len(cells.known)))])
    kept = [part for part in parts if part.weight >= _LEAST_WEIGHT]
    weights = np.array([part.weight for part in kept])
    weights /= weights.sum()
    squares = np.array([part.scale**2 for part in kept])
    # With noise in percent² a seed's variance is, too; else it is τ².
    usual = float(np.median(cells.own)) if cells.fixed and len(cells.own) else 1.0
    each = [_with_seeds(part, cells, loads, usual) for part in kept]
    mean = weights @ np.stack([state for state, _ in each])
    covariance = np.zeros((len(mean), len(mean)))
    for weight, square, (state, within) in zip(weights, squares, each, strict=True):
        covariance += weight * (square * within + np.outer(state - mean, state - mean))
    shares_of = np.array([part.baseline for part in kept])
    total = weights * squares * usual
    return _Task(covariance, len(loads) - 1, float(total @ (1 - shares_of)), float(total @ shares_of))


def _with_seeds(part: Part, cells: MeasuredCells, loads: Array, usual: float) -> tuple[Array, Array]:
    """Return mean and covariance, divided by τ², of the cells and of the baselines of the seeds."""
    n_cells, n_seeds, known = len(part.mean), len(loads), cells.known
    prior = np.zeros((n_cells + n_seeds, n_cells + n_seeds))
    prior[:n_cells, :n_cells] = part.step * part.walk
    prior[n_cells:, n_cells:] = part.baseline * np.eye(n_seeds)
    prior[-1, -1] *= usual
    if not len(known):
        return np.zeros(len(prior)), prior
    seen = prior[:, known] + prior[:, n_cells:] @ loads
    total = seen[known] + loads.T @ seen[n_cells:] + (1 - part.baseline) * np.diag(cells.own)
    gain = cho_solve(cho_factor(total, lower=True), seen.T).T
    return gain @ cells.means, prior - gain @ seen.T
