"""What a two-task table says of the true gains, with its noise and holes: a posterior, integrated over what is unknown.

Δ that a seed s measures of task i beside task j, sharing b blocks, is

    y = f_ij(b) + β_si + ε,

f_ij a random walk over the branch points from 0 with a step of variance r·τ², of whose variance a share ρ is common
to the partners of i; β the baseline of a seed, which all cells of a task share, and ε the noise of a cell, with
variances κ·τ² and (1 − κ)·τ². A grid of (r, ρ, κ) is weighted by how likely it makes the table, and τ² is integrated
in closed form, so that a table of one seed has wide intervals and not none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import gammaln, logsumexp

from core.errors import TableError
from core.estimators.measured_cells import MeasuredCells
from core.estimators.resampling import BASELINE_SHARE
from core.estimators.two_task import Array, TwoTaskTable

# Of the steps' variance to that of one seed's noise; common share of partners; share of the baseline.
STEPS: Final = (0.02, 0.08, 0.25, 0.8, 2.5, 8.0)
COMMON: Final = (0.0, 0.3, 0.6, 0.9)
BASELINES: Final = (0.15, 0.45, 0.75)
# τ² before anything is seen: inverse gamma, as of one degree of freedom and a noise of .5 percent.
SHAPE: Final = 0.5
RATE: Final = 0.5 * 0.5**2
# Cells of one task; a table of ten tasks on sixteen blocks has 144.
MOST_CELLS: Final = 400
# Points of the grid with less weight say nothing that a float could tell.
LEAST_WEIGHT: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The posterior of one task at one point of the grid, given τ² = 1.

    Args:
        mean: Of f at every cell, ``[n_cells]``; cells by partner, then by branch point from 1.
        covariance: Divided by τ², ``[n_cells, n_cells]``.
        shape: Of the inverse gamma of τ².
        rate: Of the inverse gamma of τ².
        weight: How likely the point is, given the table.
        noise: Standard deviation of Δ of a new mean over seeds, divided by τ.
        step: Variance of a step of f, divided by τ².
        baseline: Share of the noise that is the baseline's, κ.
        n_seeds: Seeds of such a mean.
        walk: Covariance of a walk of unit step, ``[n_cells, n_cells]``; the parts of a task share it.
    """

    mean: Array
    covariance: Array
    shape: float
    rate: float
    weight: float
    noise: float
    step: float
    baseline: float
    n_seeds: float
    walk: Array

    @property
    def scale(self) -> float:
        """Root of the mean of τ²; where that is infinite, of twice its rate."""
        return float(np.sqrt(self.rate / max(self.shape - 1, 0.5)))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known of the true gains of a table.

    Args:
        parts: For each task the points of the grid.
        n_blocks: B.
    """

    parts: tuple[tuple[Part, ...], ...]
    n_blocks: int

    @property
    def values(self) -> Array:
        """Posterior mean of every Δ in percent, ``[n_tasks, n_tasks, n_blocks + 1]``."""
        return self._table([np.sum([part.weight * part.mean for part in parts], axis=0) for parts in self.parts])

    @property
    def stderr(self) -> Array:
        """Posterior standard deviation of every Δ, same shape."""
        found: list[Array] = []
        for task, parts in enumerate(self.parts):
            centre = self.values[task, np.arange(len(self.parts)) != task, 1:].ravel()
            within = [part.weight * part.scale**2 * np.diag(part.covariance) for part in parts]
            between = [part.weight * (part.mean - centre) ** 2 for part in parts]
            found.append(np.sqrt(np.sum(within, axis=0) + np.sum(between, axis=0)))
        return self._table(found)

    def draws(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return draws of the true gains, and of the noise of a new mean over seeds.

        Args:
            n: How many.
            rng: Source of randomness.

        Returns:
            Tables, ``[n, n_tasks, n_tasks, n_blocks + 1]``, and what new seeds add to Δ of each task, ``[n, n_tasks]``.
        """
        tables, noise, _ = self.draws_with_steps(n, rng)
        return tables, noise

    def draws_with_steps(self, n: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Return what ``draws`` does, and the variance of a step of f in each draw, ``[n, n_tasks]``."""
        tables = np.zeros((n, len(self.parts), len(self.parts), self.n_blocks + 1))
        noise, steps = np.empty((n, len(self.parts))), np.empty((n, len(self.parts)))
        for task, parts in enumerate(self.parts):
            chosen = rng.choice(len(parts), n, p=[part.weight for part in parts])
            others = np.arange(len(self.parts)) != task
            for place, part in enumerate(parts):
                rows = np.flatnonzero(chosen == place)
                if not len(rows):
                    continue
                scale = np.sqrt(part.rate / rng.gamma(part.shape, size=len(rows)))
                values, vectors = np.linalg.eigh(part.covariance)
                root = vectors * np.sqrt(values.clip(min=0.0))
                found = part.mean + scale[:, None] * (rng.standard_normal((len(rows), len(root))) @ root.T)
                tables[rows[:, None], task, np.flatnonzero(others), 1:] = found.reshape(len(rows), -1, self.n_blocks)
                noise[rows, task] = part.noise * scale * rng.standard_normal(len(rows))
                steps[rows, task] = part.step * scale**2
        return tables, noise, steps

    def _table(self, cells: list[Array]) -> Array:
        n = len(self.parts)
        found = np.zeros((n, n, self.n_blocks + 1))
        for task, values in enumerate(cells):
            found[task, np.arange(n) != task, 1:] = values.reshape(-1, self.n_blocks)
        return found


def has_posterior(table: TwoTaskTable) -> bool:
    """Return whether a table is small enough for ``bayes``."""
    return (table.n_tasks - 1) * table.n_blocks <= MOST_CELLS


@lru_cache(maxsize=8)
def posterior_of(table: TwoTaskTable) -> Posterior:
    """Return what a table says of the true gains.

    Args:
        table: Of means over seeds, with the seeds, with standard errors, or of one value per cell; with or without
            holes.

    Raises:
        TableError: It has too many cells.
    """
    if not has_posterior(table):
        raise TableError(
            f"The estimator bayes takes up to {MOST_CELLS} cells of one task; this table has "
            f"{(table.n_tasks - 1) * table.n_blocks}. Choose the estimator blockwise, or fewer tasks or blocks."
        )
    parts = tuple(
        _parts(MeasuredCells.of(table, task), table.n_tasks - 1, table.n_blocks) for task in range(table.n_tasks)
    )
    return Posterior(parts, table.n_blocks)


def walk_covariance(n_partners: int, n_blocks: int, common: float) -> Array:
    """Return the covariance of a walk of unit step at every cell, ``[n_partners · n_blocks, …]``.

    Args:
        n_partners: Other tasks.
        n_blocks: B.
        common: Share of the variance that partners have in common, ρ.

    >>> walk_covariance(2, 2, 0.5)[0].tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    points = np.arange(1, n_blocks + 1)
    found: Array = np.kron(
        common * np.ones((n_partners, n_partners)) + (1 - common) * np.eye(n_partners),
        np.minimum.outer(points, points).astype(float),
    )
    return found


def _parts(cells: MeasuredCells, n_partners: int, n_blocks: int) -> tuple[Part, ...]:
    """Return the posterior at every point of the grid that has some weight.

    The covariances of all of them would take gigabytes for forty tasks.
    """
    likely = np.array([_fit(cells, *point).likely for point in _grid(cells, n_partners, n_blocks)])
    weights = np.exp(likely - logsumexp(likely))
    kept = weights >= LEAST_WEIGHT
    weights /= weights[kept].sum()
    return tuple(
        _part(cells, *point, float(weight))
        for point, weight, wanted in zip(_grid(cells, n_partners, n_blocks), weights, kept, strict=True)
        if wanted
    )


def _grid(cells: MeasuredCells, n_partners: int, n_blocks: int) -> Iterator[tuple[float, Array, float]]:
    walks = [walk_covariance(n_partners, n_blocks, common) for common in (COMMON if n_partners > 1 else COMMON[:1])]
    # With noise in percent the step is, too: relative to what noise is usual.
    usual = float(np.median(cells.own)) if cells.fixed and len(cells.own) else 1.0
    for step, walk, baseline in product(STEPS, walks, (BASELINE_SHARE,) if cells.fixed else BASELINES):
        yield step * usual, walk, baseline


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well one point of the grid agrees with the measured cells.

    Args:
        factor: Cholesky factor of the covariance of the measured cells.
        likely: Logarithm of the likelihood, up to a constant.
        shape: Of the posterior of the noise.
        rate: Of the same.
    """

    factor: tuple[Array, bool]
    likely: float
    shape: float
    rate: float


def _fit(cells: MeasuredCells, step: float, walk: Array, baseline: float) -> _Fit:
    known = cells.known
    noise = baseline * cells.overlap + (1 - baseline) * np.diag(cells.own)
    factor = cho_factor(step * walk[np.ix_(known, known)] + noise, lower=True)
    squares = float(cells.means @ cho_solve(factor, cells.means))
    log_size = 2 * float(np.log(np.diag(factor[0])).sum())
    n_noisy = cells.scatter.shape[1]
    if n_noisy and len(cells.scatter):
        # The covariance of deviations, κ11ᵀ + (1 − κ)I, has one direction of its own.
        along = cells.scatter.sum(axis=1) ** 2 / n_noisy
        across = (cells.scatter**2).sum(axis=1) - along
        wide = 1 - baseline + baseline * n_noisy
        squares += float((along / wide + across / (1 - baseline)).sum())
        log_size += (len(cells.scatter) - 1) * float(np.log(wide) + (n_noisy - 1) * np.log(1 - baseline))
    if cells.fixed:
        # As good as known: τ² is 1.
        return _Fit(factor, -0.5 * (log_size + squares), 1e6, 1e6)
    count = len(known) + n_noisy * max(len(cells.scatter) - 1, 0)
    shape, rate = SHAPE + count / 2, RATE + squares / 2
    likely = gammaln(shape) - gammaln(SHAPE) + SHAPE * np.log(RATE) - shape * np.log(rate) - 0.5 * log_size
    return _Fit(factor, float(likely), shape, rate)


def _part(cells: MeasuredCells, step: float, walk: Array, baseline: float, weight: float) -> Part:
    """Return the posterior at one point of the grid, with its weight among all points."""
    fit, known, prior = _fit(cells, step, walk, baseline), cells.known, step * walk
    gain = cho_solve(fit.factor, prior[known]).T
    mean, covariance = gain @ cells.means, prior - gain @ prior[known]
    if cells.fixed:
        noise, n_seeds = float(np.sqrt(np.median(cells.own))) if len(known) else 0.0, 1.0
    else:
        noise, n_seeds = 1 / np.sqrt(cells.n_seeds), cells.n_seeds
    return Part(mean, covariance, fit.shape, fit.rate, weight, noise, step, baseline, n_seeds, walk)
