"""Gains seed by seed: intervals of single layouts, and which pairs of layouts noise can't tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.estimators.holes import FilledTable, adopt_orphans
from core.estimators.prediction import Estimator, draws_of_estimates, shares
from core.layouts import Layout
from core.plane.interval import LEVEL, t_half_widths
from core.plane.noise import zero_inside

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SeedTables:
    """A two-task table of each seed, with the same cells filled as in the table of means.

    Args:
        tables: ``[n_seeds, n_tasks, n_tasks, n_blocks + 1]``; NaN where a seed lacks a cell that others have.
        variance: Of cells that no seed has and that are filled, 0 elsewhere, ``[n_tasks, n_tasks, n_blocks + 1]``.
        estimator: How gains are predicted from a table.
    """

    tables: Array
    variance: Array
    estimator: Estimator = Estimator.PAPER

    @classmethod
    def of(cls, filled: FilledTable, estimator: Estimator = Estimator.PAPER) -> "SeedTables":
        """Return the tables of the seeds behind a table whose holes are filled."""
        samples = filled.table.samples
        assert samples is not None
        lacks = np.isnan(samples) & ~filled.filled
        known = np.where(lacks | np.isnan(samples), filled.values, samples)
        tables = adopt_orphans(np.einsum("ijab,sijb->sija", filled.fill, known), filled.orphans)
        # What is filled from a cell that a seed lacks is lacking, too.
        reached = np.einsum("ijab,sijb->sija", np.abs(filled.fill), lacks.astype(np.float64))
        reached = adopt_orphans(reached, filled.orphans)
        tables = np.where(reached > 0, np.nan, tables)
        diagonal = np.arange(tables.shape[1])
        tables[:, diagonal, diagonal] = 0.0
        tables[..., 0] = 0.0
        return cls(tables, np.where(filled.filled, filled.stderr**2, 0.0), estimator)

    def gains(self, layout: Layout) -> Array:
        """Return Δ of each task of a layout by seed, ``[n_seeds, n_tasks]``; only seeds that have every cell of it."""
        found = draws_of_estimates(self.tables, layout, self.estimator)
        gains: Array = found[np.isfinite(found).all(axis=1)]
        return gains

    def hole_variance(self, layout: Layout) -> Array:
        """Return the variance that filled cells add to Δ of each task of a layout, ``[n_tasks]``."""
        counted = shares(layout.branch_points(), layout.n_blocks, self.estimator)
        found: Array = np.einsum("ijb,ijb->i", counted**2, self.variance)
        return found

    def half_widths(self, layout: Layout, weights: Array) -> tuple[Array, float] | None:
        """Return half the widths of the intervals of Δ of each task and of their weighted sum.

        Returns:
            None where fewer than two seeds have every cell of the layout.
        """
        gains, holes = self.gains(layout), self.hole_variance(layout)
        if len(gains) < 2:
            return None
        z = float(ndtri((1 + LEVEL) / 2))
        score = float(t_half_widths(gains @ weights))
        whole = float(np.sqrt(score**2 + z**2 * float(holes @ weights**2)))
        return np.sqrt(t_half_widths(gains) ** 2 + z**2 * holes), whole

    def half_width_between(self, one: Layout, other: Layout, weights: Array) -> float:
        """Return half the width of the interval of the difference of two layouts in score; infinite where unknown."""
        scores = [draws_of_estimates(self.tables, layout, self.estimator) @ weights for layout in (one, other)]
        apart = scores[0] - scores[1]
        counts = [shares(layout.branch_points(), layout.n_blocks, self.estimator) for layout in (one, other)]
        holes = float(np.sum((weights[:, None, None] * (counts[0] - counts[1])) ** 2 * self.variance))
        z = float(ndtri((1 + LEVEL) / 2))
        return float(np.sqrt(float(t_half_widths(apart[np.isfinite(apart)])) ** 2 + z**2 * holes))

    def within_noise(self, layouts: Sequence[Layout], weights: Array) -> NDArray[np.bool_]:
        """Return which pairs of layouts have an interval of their difference in score that includes 0.

        Differences are taken seed by seed, so that what a seed does to both cancels.

        Args:
            layouts: To be compared.
            weights: Weights of the score, ``[n_tasks]``.

        Returns:
            ``[n_layouts, n_layouts]``, symmetric. Where fewer than two seeds have both layouts it is unknown: False.
        """
        scores = np.stack([draws_of_estimates(self.tables, layout, self.estimator) @ weights for layout in layouts])
        n, open_cells = len(layouts), self.variance > 0
        variance = self.variance[open_cells]
        # What each cell that is filled counts for the score of each layout, ``[n_layouts, n_cells]``.
        counted = np.stack(
            [
                (weights[:, None, None] * shares(layout.branch_points(), layout.n_blocks, self.estimator))[open_cells]
                for layout in layouts
            ]
        )
        z = float(ndtri((1 + LEVEL) / 2))
        equal = np.eye(n, dtype=bool)
        for row in range(1, n):
            # Only cells that count differently in both add noise to their difference.
            holes = (counted[row] - counted[:row]) ** 2 @ variance
            equal[row, :row] = zero_inside(scores[row] - scores[:row], extra=z**2 * holes)
        found: NDArray[np.bool_] = equal | equal.T
        return found
