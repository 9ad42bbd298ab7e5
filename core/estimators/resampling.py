"""How else the table might have come out: tables resampled over seeds, and what follows for a layout."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.errors import TableError
from core.estimators.holes import FilledTable, adopt_orphans, fill_holes
from core.estimators.prediction import Estimator, draws_of_estimates, estimates
from core.estimators.two_task import Array, TwoTaskTable
from core.estimators.weights import TaskWeights
from core.layouts import Layout

# Δ is 100·(M − M_single)/|M_single|. Where both are equally noisy, half the variance of a cell
# is that of the baseline, which all cells of a task share.
BASELINE_SHARE = 0.5
MOST_NUMBERS = 50_000_000


class Spread(StrEnum):
    """What bootstrap samples differ by; the value is the sentence shown."""

    SEEDS = "Whole seeds were resampled together, since all cells of a task share one baseline per seed."
    STDERR = (
        "Cells were resampled from their standard errors; half of the variance is the baseline a task's cells share."
    )
    POSTERIOR = (
        "From draws of the posterior of the table, with the noise of as many new seeds and with how far groups of more "
        "than two tasks may stray from their pairs: assumed, as no trained layout says how far."
    )
    TRAINED = (
        "From draws of the posterior of the table and of trained layouts, with the noise of as many new seeds and with "
        "how far groups of more than two tasks stray from their pairs, which the trained layouts tell."
    )
    HOLES = "Only the cells that were not measured vary: the table has neither seeds nor standard errors."
    NONE = "The table has one value per cell, no seeds and no standard errors, so its uncertainty is unknown."

    @property
    def is_noise(self) -> bool:
        """Whether the noise of the measurements is among it, so that gains have intervals."""
        return self not in (Spread.HOLES, Spread.NONE)

    @property
    def is_drawn(self) -> bool:
        """Whether intervals come from drawn tables; those of seeds are Student's."""
        return self in (Spread.STDERR, Spread.POSTERIOR, Spread.TRAINED)


@dataclass(frozen=True, slots=True, eq=False)
class LayoutInterval:
    """Predicted Δ of one layout with an interval.

    Args:
        estimates: Predicted Δ per task, in percent, ``[n_tasks]``.
        low: Lower ends, ``[n_tasks]``.
        high: Upper ends, ``[n_tasks]``.
        score: Σ w_i Δ_i.
        score_low: Its lower end.
        score_high: Its upper end.
        spread: What the interval covers.
    """

    estimates: Array
    low: Array
    high: Array
    score: float
    score_low: float
    score_high: float
    spread: Spread

    @property
    def has_interval(self) -> bool:
        """Whether the ends are those of an interval; one value per cell has none."""
        return self.spread.is_noise


def spread_of(table: TwoTaskTable) -> Spread:
    """Return what :func:`resampled_values` uses."""
    if table.samples is not None and len(table.samples) > 1:
        return Spread.SEEDS
    if table.stderr is not None and np.nanmax(np.where(np.isnan(table.stderr), 0.0, table.stderr)) > 0:
        return Spread.STDERR
    return Spread.HOLES if table.holes.any() else Spread.NONE


def resampled_values(table: TwoTaskTable, n: int, rng: np.random.Generator) -> Array:
    """Return ``n`` bootstrap tables, ``[n, n_tasks, n_tasks, n_blocks + 1]``.

    With seeds: each table is the mean over seeds drawn with replacement, the same seeds for every
    cell. Its distance from the mean is stretched by sqrt(S/(S−1)), because S seeds drawn from S
    vary less than S fresh ones. With standard errors only: normal, with correlation ½ between the
    cells of a task (they share a baseline) and none between tasks. Holes are filled again in every
    table, and vary around the filling as :func:`fill_holes` says.

    Args:
        table: The two-task results.
        n: Number of tables.
        rng: Source of randomness.

    Raises:
        TableError: ``n`` is not positive, or so large that the tables would not fit in memory.
    """
    if n < 1 or n * table.values.size > MOST_NUMBERS:
        raise TableError(f"{n} tables of {table.values.size} cells were requested. Choose 1 to {_most(table)}.")
    filled = fill_holes(table)
    draws = _seed_draws(table, filled, n, rng) if spread_of(table) is Spread.SEEDS else _noise(table, filled, n, rng)
    return _refilled(draws, filled, rng) if filled.filled.any() else draws


def layout_interval(
    table: TwoTaskTable,
    layout: Layout,
    weights: TaskWeights,
    *,
    rng: np.random.Generator,
    n: int = 1_000,
    level: float = 0.9,
) -> LayoutInterval:
    """Return the predicted Δ of a layout and the interval in which ``level`` of bootstrap samples put it.

    Args:
        table: The two-task results.
        layout: A layout of the same tasks and blocks.
        weights: Weights of the score; the same in every resampled table.
        rng: Source of randomness.
        n: Number of bootstrap samples.
        level: Share of them inside the interval, between 0 and 1.

    Raises:
        LayoutError: The layout has other tasks or blocks than the table.
    """
    draws = resampled_values(table, n, rng)
    return interval_of_draws(fill_holes(table).values, draws, layout, weights, spread_of(table), level=level)


def interval_of_draws(
    values: Array,
    draws: Array,
    layout: Layout,
    weights: TaskWeights,
    spread: Spread,
    *,
    level: float = 0.9,
    estimator: Estimator = Estimator.PAPER,
    noise: Array | None = None,
) -> LayoutInterval:
    """Return the predicted Δ of a layout and its interval from tables that are resampled already.

    Args:
        values: P without holes, ``[n_tasks, n_tasks, n_blocks + 1]``.
        draws: Redrawn tables, ``[n_draws, n_tasks, n_tasks, n_blocks + 1]``.
        layout: A layout of the same tasks and blocks.
        weights: Weights of the score; the same in every resampled table.
        spread: What the draws differ by.
        level: Share of the draws inside the interval.
        estimator: How gains are predicted.
        noise: What a new measurement adds to Δ of each task in each draw, ``[n_draws, n_tasks]``; nothing where None.

    Raises:
        LayoutError: The layout has other tasks or blocks than the table.
    """
    centre = estimates(values, layout, estimator)
    resampled = draws_of_estimates(draws, layout, estimator) + (0.0 if noise is None else noise)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    low, high = np.quantile(resampled, tails, axis=0)
    score_low, score_high = np.quantile(resampled @ weights.values, tails)
    return LayoutInterval(
        centre, low, high, float(centre @ weights.values), float(score_low), float(score_high), spread
    )


def _most(table: TwoTaskTable) -> int:
    return max(MOST_NUMBERS // table.values.size, 1)


def _seed_draws(table: TwoTaskTable, filled: FilledTable, n: int, rng: np.random.Generator) -> Array:
    assert table.samples is not None
    n_seeds = len(table.samples)
    times = rng.multinomial(n_seeds, np.full(n_seeds, 1.0 / n_seeds), size=n).astype(np.float64)
    known = ~np.isnan(table.samples)
    cells = table.values.size
    total = times @ np.where(known, table.samples, 0.0).reshape(n_seeds, cells)
    drawn = times @ known.reshape(n_seeds, cells).astype(np.float64)
    mean = filled.values.reshape(cells)
    # A cell whose seeds were all left out keeps the mean of the seeds it has.
    draws = np.where(drawn > 0, total / np.maximum(drawn, 1.0), mean)
    stretch = np.sqrt(n_seeds / (n_seeds - 1.0))
    return _settled((mean + stretch * (draws - mean)).reshape(n, *table.values.shape))


def _noise(table: TwoTaskTable, filled: FilledTable, n: int, rng: np.random.Generator) -> Array:
    stderr = np.where(filled.filled, 0.0, filled.stderr)
    baseline = rng.standard_normal((n, table.n_tasks, 1, 1))
    own = rng.standard_normal((n, *table.values.shape))
    noise = np.sqrt(BASELINE_SHARE) * baseline + np.sqrt(1.0 - BASELINE_SHARE) * own
    return _settled(filled.values + stderr * noise)


def _refilled(draws: Array, filled: FilledTable, rng: np.random.Generator) -> Array:
    """Fill the holes of every draw anew and add what the walk between known cells may do."""
    again = adopt_orphans(_apply(filled.fill, draws), filled.orphans)
    steps = rng.standard_normal(draws.shape) * filled.step
    steps[..., 0] = 0.0
    walk = np.cumsum(steps, axis=-1)
    between = rng.standard_normal(draws.shape[:-1])[..., None] * filled.spread
    noise = walk - _apply(filled.fill, walk) + between
    return np.where(filled.filled, again + noise, draws)


def _apply(fill: Array, draws: Array) -> Array:
    result: Array = np.einsum("ijab,nijb->nija", fill, draws)
    return result


def _settled(draws: Array) -> Array:
    """Return draws whose branch point 0 and diagonal are 0 by definition."""
    diagonal = np.arange(draws.shape[1])
    draws[..., 0] = 0.0
    draws[:, diagonal, diagonal] = 0.0
    return draws
