"""How well predicted scores order the layouts that were trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.estimators.correlation import METHODS, Method, correlation, correlations
from core.estimators.two_task import Array

MOST_SPLITS = 50
# Scores that are equal but for the order of their sums should be ties.
DIGITS = 10
TOO_FEW = "At least 3 layouts with different values are needed for a correlation."


@dataclass(frozen=True, slots=True)
class Estimate:
    """A correlation with its interval; None and a sentence where there is none.

    Args:
        value: From −1 to 1, or None.
        low: Lower end of the 90 % bootstrap interval, or None.
        high: Upper end, or None.
        note: Why there is no value; empty otherwise.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Predicted score against the same-weighted real Δ, and against its plain mean."""

    weighted: Estimate
    mean: Estimate


@dataclass(frozen=True, slots=True)
class Agreement:
    """Predicted against trained.

    Args:
        n: Number of layouts.
        n_seeds: Seeds of the oracle.
        spearman: Rank correlation, ties with average ranks. "Pearson's γ" of rankings in TreeMTL.
        pearson: Correlation of the values.
        kendall: τ-b.
        ceiling: Split-half Spearman of the oracle with itself over seeds: no prediction can be
            expected to do much better. Averaged over splits; None for a single seed.
        best_of_top_five: Place of the layout that did best after training among the five
            predicted best ("top-1" in TreeMTL).
        regret: How much weighted real Δ the predicted best loses against the best of all, in percent.
        regret_of_top_five: The same for the best after training among the predicted top five.
    """

    n: int
    n_seeds: int
    spearman: Correlation
    pearson: Correlation
    kendall: Correlation
    ceiling: Correlation
    best_of_top_five: int
    regret: float
    regret_of_top_five: float

    def to_json(self) -> dict[str, object]:
        """Return n and, per method, the correlations ``{weighted, mean}``; None where there is none."""
        result: dict[str, object] = {"n": self.n}
        for method in METHODS:
            pair: Correlation = getattr(self, method)
            result[method] = {"weighted": pair.weighted.value, "mean": pair.mean.value}
        return result


def agreement(
    predicted: Array,
    real: Array,
    weights: Array,
    *,
    rng: np.random.Generator,
    n_resamples: int = 1_000,
    level: float = 0.9,
) -> Agreement:
    """Return how predicted scores agree with trained layouts, with bootstrap intervals.

    Layouts are drawn with replacement; where the oracle has several seeds, whole seeds are drawn
    too, the same for every layout. Draws in which one side is constant are left out.

    Args:
        predicted: Predicted score of each layout, ``[n_layouts]``.
        real: Δ after training, in percent, ``[n_layouts, n_tasks]`` or ``[n_seeds, n_layouts, n_tasks]``.
        weights: Weights of the score, ``[n_tasks]``.
        rng: Source of randomness for the intervals.
        n_resamples: Number of draws; 0 for no intervals.
        level: Share of draws inside an interval.

    Raises:
        DataError: Shapes disagree, or a value is missing or infinite.
    """
    seeds = real[None] if real.ndim == 2 else real
    _check(predicted, seeds, weights)
    n_layouts = len(predicted)
    against = {"weighted": seeds @ weights, "mean": seeds.mean(axis=2)}
    layouts = rng.integers(n_layouts, size=(n_resamples, n_layouts))
    times = rng.multinomial(len(seeds), np.full(len(seeds), 1.0 / len(seeds)), size=n_resamples) / len(seeds)
    found: dict[Method, Correlation] = {
        method: Correlation(
            **{side: _estimate(method, predicted, values, layouts, times, level) for side, values in against.items()}
        )
        for method in METHODS
    }
    trained = against["weighted"].mean(axis=0)
    order = np.argsort(-predicted, kind="stable")
    top = int(order[:5][np.argmax(trained[order[:5]])])
    return Agreement(
        n=n_layouts,
        n_seeds=len(seeds),
        spearman=found["spearman"],
        pearson=found["pearson"],
        kendall=found["kendall"],
        ceiling=noise_ceiling(seeds, weights, rng=rng),
        best_of_top_five=top,
        regret=float(trained.max() - trained[order[0]]),
        regret_of_top_five=float(trained.max() - trained[top]),
    )


def noise_ceiling(
    seeds: Array, weights: Array, *, rng: np.random.Generator, method: Method = "spearman"
) -> Correlation:
    """Return how well one half of the oracle's seeds orders the layouts as the other half does.

    The mean over all splits into halves (50 random ones where there are more); with an odd number
    of seeds one half has one more. Low and high are the smallest and largest split.

    Args:
        seeds: Δ after training, ``[n_seeds, n_layouts, n_tasks]``.
        weights: Weights of the score, ``[n_tasks]``.
        rng: Source of randomness for the choice of splits.
        method: Kind of correlation.
    """
    return Correlation(_split_half(seeds @ weights, method, rng), _split_half(seeds.mean(axis=2), method, rng))


def attainable(split_half: float) -> float | None:
    """Return the correlation a perfect prediction would have with the mean over all seeds, about.

    Each half has half of the seeds, so r of the halves understates how reliable their mean is: that is
    2r/(1 + r). A prediction without any noise correlates with it by the square root.

    Args:
        split_half: Correlation r of the two halves of the oracle.

    Returns:
        sqrt(2r/(1 + r)), or None where r is not above zero and says nothing.

    Reference:
        Spearman 1910 and Brown 1910, Correlation Calculated from Faulty Data.

    >>> attainable(1.0), round(attainable(0.61), 2), attainable(-0.2)
    (1.0, 0.87, None)
    """
    return float(np.sqrt(2.0 * split_half / (1.0 + split_half))) if split_half > 0 else None


def _check(predicted: Array, seeds: Array, weights: Array) -> None:
    if predicted.ndim != 1 or seeds.ndim != 3 or seeds.shape[1:] != (len(predicted), len(weights)) or not len(seeds):
        raise DataError(
            f"{predicted.shape} predictions and {len(weights)} weights should come with Δ of shape "
            f"[n_layouts, n_tasks] or [n_seeds, n_layouts, n_tasks]. Found {list(seeds.shape)}."
        )
    if not len(predicted):
        raise DataError("There is no trained layout to compare with. Train at least three.")
    if not (np.isfinite(predicted).all() and np.isfinite(seeds).all()):
        raise DataError("A predicted score or a trained Δ is missing or infinite. Leave such layouts out.")


def _estimate(
    method: Method,
    predicted: Array,
    values: Array,
    layouts: NDArray[np.integer],
    times: Array,
    level: float,
) -> Estimate:
    predicted = predicted.round(DIGITS)
    value = correlation(method, predicted, values.mean(axis=0).round(DIGITS))
    if value is None:
        return Estimate(None, note=TOO_FEW)
    redrawn = np.take_along_axis((times @ values).round(DIGITS), layouts, axis=1)
    draws = correlations(method, predicted[layouts], redrawn)
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return Estimate(value)
    low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Estimate(value, float(low), float(high))


def _split_half(values: Array, method: Method, rng: np.random.Generator) -> Estimate:
    n_seeds = len(values)
    if n_seeds < 2:
        return Estimate(None, note="The oracle has one seed, so its own noise is unknown.")
    if n_seeds <= 8:
        masks = [[mask >> s & 1 == 1 for s in range(n_seeds)] for mask in range(1 << n_seeds)]
        # The first seed is always in the first half where halves are equal, so each split counts once.
        halves = [m for m in masks if sum(m) == n_seeds // 2 and (n_seeds % 2 or m[0])]
    else:
        halves = [(rng.permutation(n_seeds) < n_seeds // 2).tolist() for _ in range(MOST_SPLITS)]
    found = [correlation(method, _mean_of(values, half), _mean_of(values, np.logical_not(half))) for half in halves]
    known = [value for value in found if value is not None]
    if not known:
        return Estimate(None, note=TOO_FEW)
    return Estimate(float(np.mean(known)), min(known), max(known))


def _mean_of(values: Array, half: Sequence[bool] | NDArray[np.bool_]) -> Array:
    result: Array = values[np.asarray(half)].mean(axis=0).round(DIGITS)
    return result
