"""What networks are expected to gain over new seeds, and how sure that is: draws from a posterior of means.

Gains of networks that start from one seed are measured against the same single-task networks, so they move together:
``y_sp = μ_p + a_p β_s + ε_sp``, with network p, seed s, and a_p the share of the tasks of p that are not single-task
networks themselves. A bootstrap of five seeds would know nothing of noise beyond them; here μ has a flat prior, and
noise a variance that networks share as far as the data say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.plane.point import PlanePoint
from core.plane.shrinkage import FEWEST, drawn_together
from core.plane.variances import Variances, shared_variances

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

DRAWS: Final = 4000
# Of all draws of all networks; with more networks there are fewer draws.
_MOST_CELLS: Final = 4_000_000
_FEWEST_DRAWS: Final = 500
_SWEEPS: Final = 30
# No network decides more than so many times as much as the usual one what a seed does to all.
_MOST_WEIGHT: Final = 4.0


@dataclass(frozen=True, eq=False)
class ExpectedGains:
    """Networks with the gain that is expected of each over new seeds of its training, on the same split.

    Args:
        points: Measured networks.
        means: Mean gain over seeds, percent, ``[n_points]``; NaN where a network has no gain of the task.
        draws: Of the expected gains together, ``[n_draws, n_points]``; NaN where one seed says nothing of noise.
        task: Whose gain it is; None for the mean over tasks.
    """

    points: tuple[PlanePoint, ...]
    means: Array = field(repr=False)
    draws: Array = field(repr=False)
    task: str | None = None

    @cached_property
    def is_known(self) -> Mask:
        """Which networks have several seeds, or are what gains are measured against, ``[n_points]``."""
        found: Mask = np.isfinite(self.draws[0]) if len(self.draws) else np.zeros(len(self.points), dtype=bool)
        return found

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        """(Family, label) → place of the network."""
        return {(point.family, point.label): place for place, point in enumerate(self.points)}


def expected_gains(
    points: Sequence[PlanePoint], *, rng: np.random.Generator, task: str | None = None, n_draws: int = DRAWS
) -> ExpectedGains:
    """Return draws of the expected gains of measured networks.

    Equal seeds are paired: what a seed does to all cancels in differences. Of a single network the draws are Student's
    t of its seeds, of two networks with the same seeds their difference is the paired one. Noise of a network has a
    variance of its own, drawn towards the common one of its family as far as variances there agree.

    Args:
        points: Measured networks of any families; others have no seeds, and no draws.
        rng: Source of the draws.
        task: Whose gain is meant; the mean over tasks where None.
        n_draws: How many, at most; fewer of very many networks.

    Reference:
        Smyth 2004, Linear models and empirical Bayes methods, for the variances.
    """
    scores = [point.scores(task) for point in points]
    seeds = sorted({seed for found in scores for seed in found})
    values = np.array([[found.get(seed, np.nan) for found in scores] for seed in seeds]).reshape(-1, len(points))
    there = np.isfinite(values)
    n_seeds = there.sum(axis=0)
    sums = np.where(there, values, 0.0).sum(axis=0)
    means = np.divide(sums, n_seeds, out=np.full(len(points), np.nan), where=n_seeds > 0)
    n_draws = max(min(n_draws, _MOST_CELLS // max(len(points), 1)), _FEWEST_DRAWS)
    draws = np.full((n_draws, len(points)), np.nan)
    # What gains are measured against gains 0 with every seed, and that is no measurement.
    exact = (n_seeds > 0) & (np.where(there, values, 0.0) == 0.0).all(axis=0)
    draws[:, exact] = 0.0
    noisy = np.flatnonzero(~exact & (n_seeds > 1))
    for group in _connected(there[:, noisy]):
        columns = noisy[group]
        rows = there[:, columns].any(axis=1)
        families = [points[place].family for place in columns]
        loadings = np.array([_loading(points[place], task) for place in columns])
        draws[:, columns] = _draws_of(values[np.ix_(rows, columns)], loadings, families, n_draws, rng)
    return ExpectedGains(tuple(points), means, draws, task)


def _loading(point: PlanePoint, task: str | None) -> float:
    """Return the share of the tasks of a network that are not single-task networks, whose gain is 0 by definition."""
    if task is not None:
        return 1.0
    gains = np.array(list(point.seed_gains.values()))
    return float((gains != 0.0).any(axis=0).mean())


def _connected(there: Mask) -> list[NDArray[np.intp]]:
    """Return the networks that have seeds in common, directly or by others.

    Args:
        there: Which seeds each has, ``[n_seeds, n_points]``.
    """
    groups, open_ = [], set(range(there.shape[1]))
    while open_:
        found: Mask = np.zeros(there.shape[1], dtype=bool)
        found[min(open_)] = True
        while True:
            more: Mask = np.any(there[np.any(there[:, found], axis=1)], axis=0)
            if np.array_equal(more, found):
                break
            found = more
        groups.append(np.flatnonzero(found))
        open_ -= set(groups[-1].tolist())
    return groups


def _draws_of(values: Array, loadings: Array, families: Sequence[str], n_draws: int, rng: np.random.Generator) -> Array:
    """Return draws of the expected gains of networks with common seeds, ``[n_draws, n_points]``.

    Args:
        values: ``[n_seeds, n_points]``; NaN where a network lacks a seed.
        loadings: a_p, ``[n_points]``.
        families: Of each network.
        n_draws: How many.
        rng: Source of the draws.
    """
    n_rows = len(values)
    equal = np.ones(len(loadings))
    fit = _Fit.of(values, loadings, equal)
    weights = _weights(shared_variances(fit.residuals, fit.leverage, families), fit)
    fit = _Fit.of(values, loadings, weights)
    variances = shared_variances(fit.residuals, fit.leverage, families)
    counts = np.isfinite(values).sum(axis=0)
    drawn = variances.draws(n_draws, rng) / counts
    centres = np.tile(fit.means, (n_draws, 1))
    if len(families) >= FEWEST:
        centres, drawn = drawn_together(fit.means, variances.means / counts, drawn, rng)
    noise = rng.standard_normal(drawn.shape) * np.sqrt(drawn)
    # The part of the noise that all have in common can't be told from what seeds do, and is drawn with it.
    load = weights * loadings
    noise -= np.outer(noise @ load, loadings) / float(load @ loadings)
    spread = float(np.sqrt((fit.seeds**2).sum() / (n_rows - 1) / n_rows))
    shift = spread * rng.standard_t(n_rows - 1, n_draws)
    found: Array = centres + noise + np.outer(shift, loadings)
    return found


def _weights(variances: Variances, fit: "_Fit") -> Array:
    """Return how much each network says of what a seed does to all, ``[n_points]``."""
    if variances.prior == 0.0:
        return np.ones(len(fit.means))
    found = 1 / np.maximum(variances.means, variances.prior * 1e-6)
    return np.minimum(found, _MOST_WEIGHT * float(np.median(found)))


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Weighted least squares of networks and seeds.

    Args:
        means: Of the networks, ``[n_points]``.
        seeds: What each seed does to all, ``[n_seeds]``; mean 0.
        residuals: ``[n_seeds, n_points]``; NaN where a network lacks a seed.
        leverage: Share of its own noise that a network takes for what seeds do, ``[n_points]``.
    """

    means: Array
    seeds: Array
    residuals: Array
    leverage: Array

    @classmethod
    def of(cls, values: Array, loadings: Array, weights: Array) -> "_Fit":
        """Return the fit, in sweeps over networks and seeds in turn; exact in one where no network lacks a seed."""
        there = np.isfinite(values)
        known = np.where(there, values, 0.0)
        load = weights * loadings
        each = np.where(there, load * loadings, 0.0).sum(axis=1)
        seeds = np.zeros(len(values))
        for _ in range(1 if there.all() else _SWEEPS):
            means = np.where(there, known - np.outer(seeds, loadings), 0.0).sum(axis=0) / there.sum(axis=0)
            seeds = np.where(there, (known - means) * load, 0.0).sum(axis=1) / each
            seeds -= seeds.mean()
        means = np.where(there, known - np.outer(seeds, loadings), 0.0).sum(axis=0) / there.sum(axis=0)
        residuals = np.where(there, known - means - np.outer(seeds, loadings), np.nan)
        return cls(means, seeds, residuals, load * loadings / float(load @ loadings))
