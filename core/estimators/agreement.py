"""How well predicted scores order the layouts that were trained."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.estimators.correlation import METHODS, Method, correlation, correlations, strata, stratified_correlation
from core.estimators.halves import Regret, halves_of, regret_of
from core.estimators.two_task import Array

# Quarters of similar cost, or fewer where they would hold less than three layouts.
MOST_STRATA = 4
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

    def intervals(self) -> dict[str, object]:
        """Return both values with the ends of their intervals, ``[value, low, high]``; None where there is none."""
        sides = (("weighted", self.weighted), ("mean", self.mean))
        return {side: None if found.value is None else [found.value, found.low, found.high] for side, found in sides}

    def to_json(self) -> dict[str, object]:
        """Return both values; None where there is none."""
        return {"weighted": self.weighted.value, "mean": self.mean.value}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Predicted against trained.

    Args:
        n: Number of layouts.
        n_seeds: Seeds of the oracle.
        spearman: Rank correlation, ties with average ranks. "Pearson's γ" of rankings in TreeMTL.
        pearson: Correlation of the values.
        kendall: τ-b.
        split_half: Spearman correlation of one half of the oracle's seeds with the other half (its reliability),
            averaged over splits; None for a single seed. No ceiling: that is ``noise_ceiling`` of it.
        best_of_top_five: Place of the layout that did best after training among the five
            predicted best ("top-1" in TreeMTL).
        regret: How much weighted real Δ the predicted best loses against the best trained one, which is chosen on
            half of the seeds, and on another split where there is one, and judged with it on the rest.
        regret_of_top_five: The same for the best after training among the predicted top five.
        strata: Spearman correlation within layouts of similar cost, so that low cost alone has 0; None without costs.
        chosen_apart: Whether the best were chosen on other seeds or another split than the regret is reported on.
    """

    n: int
    n_seeds: int
    spearman: Correlation
    pearson: Correlation
    kendall: Correlation
    split_half: Correlation
    best_of_top_five: int
    regret: Regret
    regret_of_top_five: Regret
    strata: Correlation | None = None
    chosen_apart: bool = False

    @property
    def ceiling(self) -> Correlation:
        """Spearman correlation that a prediction without noise would reach, about, with its interval."""
        return Correlation(noise_ceiling(self.split_half.weighted), noise_ceiling(self.split_half.mean))

    def to_json(self) -> dict[str, object]:
        """Return n and, per method, the correlations ``{weighted, mean}``, None where there is none; then the rest."""
        result: dict[str, object] = {"n": self.n}
        for method in METHODS:
            pair: Correlation = getattr(self, method)
            result[method] = pair.to_json()
        result["strata"] = None if self.strata is None else self.strata.to_json()
        result["split_half"] = self.split_half.intervals()
        result["ceiling"] = self.ceiling.intervals()
        result["regret"] = self.regret.to_json() if self.n > 1 else None
        return result


def agreement(
    predicted: Array,
    real: Array,
    weights: Array,
    *,
    rng: np.random.Generator,
    n_resamples: int = 1_000,
    level: float = 0.9,
    chosen_on: Array | None = None,
    costs: Array | None = None,
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
        chosen_on: Δ of another split, shaped like ``real``, on which the best trained layouts are chosen, so that
            their gain is not flattered by the choice; None to choose on ``real`` itself.
        costs: Of each layout, ``[n_layouts]``, for the correlation within cost strata; None for none.

    Raises:
        DataError: Shapes disagree, or a value is missing or infinite.
    """
    seeds = real[None] if real.ndim == 2 else real
    _check(predicted, seeds, weights)
    n_layouts = len(predicted)
    samples = _Samples.drawn(seeds, weights, n_resamples, level, rng)
    found: dict[Method, Correlation] = {method: samples.correlation(method, predicted) for method in METHODS}
    reported = samples.real["weighted"]
    chooses = reported if chosen_on is None else (chosen_on[None] if chosen_on.ndim == 2 else chosen_on) @ weights
    order = np.argsort(-predicted, kind="stable")
    top_five = order[:5].tolist()
    return Agreement(
        n=n_layouts,
        n_seeds=len(seeds),
        spearman=found["spearman"],
        pearson=found["pearson"],
        kendall=found["kendall"],
        split_half=split_half(seeds, weights, rng=rng, n_resamples=n_resamples, level=level),
        best_of_top_five=top_five[int(np.argmax(chooses.mean(axis=0)[top_five]))],
        regret=regret_of(top_five[:1], chooses, reported, rng),
        regret_of_top_five=regret_of(top_five, chooses, reported, rng),
        strata=None if costs is None else _within_strata(predicted, samples, costs, rng),
        chosen_apart=chosen_on is not None or len(seeds) > 1,
    )


def rank_correlations(
    predicted: Array, real: Array, weights: Array, *, rng: np.random.Generator, costs: Array, n_resamples: int = 400
) -> tuple[Correlation, Correlation]:
    """Return the Spearman correlation of scores with trained layouts, and that within layouts of similar cost.

    Args:
        predicted: Any score of each layout, ``[n_layouts]``.
        real: Δ after training, ``[n_seeds, n_layouts, n_tasks]``.
        weights: Weights of the score, ``[n_tasks]``.
        rng: Source of randomness for the intervals.
        costs: Of each layout, ``[n_layouts]``.
        n_resamples: Number of draws.
    """
    samples = _Samples.drawn(real, weights, n_resamples, 0.9, rng)
    return samples.correlation("spearman", predicted), _within_strata(predicted, samples, costs, rng)


def split_half(
    seeds: Array,
    weights: Array,
    *,
    rng: np.random.Generator,
    method: Method = "spearman",
    n_resamples: int = 1_000,
    level: float = 0.9,
) -> Correlation:
    """Return how well one half of the oracle's seeds orders the layouts as the other half does: its reliability.

    The mean over all splits into halves (50 random ones where there are more); with an odd number
    of seeds one half has one more. The interval comes from layouts drawn with replacement.

    Args:
        seeds: Δ after training, ``[n_seeds, n_layouts, n_tasks]``.
        weights: Weights of the score, ``[n_tasks]``.
        rng: Source of randomness for the choice of splits and layouts.
        method: Kind of correlation.
        n_resamples: Number of draws; 0 for no interval.
        level: Share of draws inside the interval.
    """
    layouts = rng.integers(seeds.shape[1], size=(n_resamples, seeds.shape[1]))
    return Correlation(
        _split_half(seeds @ weights, method, rng, layouts, level),
        _split_half(seeds.mean(axis=2), method, rng, layouts, level),
    )


def noise_ceiling(split_half: Estimate) -> Estimate:
    """Return the correlation that a prediction without noise would have with the mean over all seeds, about.

    Each half has half of the seeds, so r of the halves understates how reliable their mean is: that is
    2r/(1 + r). A prediction without any noise correlates with it by the square root.

    Args:
        split_half: Correlation r of the two halves of the oracle, with its interval.

    Returns:
        sqrt(2r/(1 + r)) of r and of the ends of its interval; no value where r is not above zero and says nothing.

    Reference:
        Spearman 1910 and Brown 1910, Correlation Calculated from Faulty Data.

    >>> round(noise_ceiling(Estimate(0.61)).value, 2), noise_ceiling(Estimate(-0.2)).value
    (0.87, None)
    """
    if split_half.value is None:
        return split_half
    if split_half.value <= 0:
        return Estimate(None, note="The halves of the seeds do not agree, so the noise of the oracle hides everything.")
    low = None if split_half.low is None else _corrected(max(split_half.low, 0.0))
    return Estimate(_corrected(split_half.value), low, None if split_half.high is None else _corrected(split_half.high))


def _corrected(reliability: float) -> float:
    return float(np.sqrt(2.0 * reliability / (1.0 + reliability)))


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


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """What predictions are compared with, and the samples of layouts and seeds that its intervals are of.

    Args:
        real: Δ after training, same-weighted and as plain mean over tasks, each ``[n_seeds, n_layouts]``.
        layouts: Places of layouts drawn with replacement, ``[n_resamples, n_layouts]``.
        times: Share of each seed in a sample of whole seeds, ``[n_resamples, n_seeds]``.
        level: Share of draws inside an interval.
    """

    real: Mapping[str, Array]
    layouts: NDArray[np.integer]
    times: Array
    level: float

    @classmethod
    def drawn(cls, seeds: Array, weights: Array, n: int, level: float, rng: np.random.Generator) -> "_Samples":
        n_seeds, n_layouts, _ = seeds.shape
        layouts = rng.integers(n_layouts, size=(n, n_layouts))
        times = rng.multinomial(n_seeds, np.full(n_seeds, 1.0 / n_seeds), size=n) / n_seeds
        return cls({"weighted": seeds @ weights, "mean": seeds.mean(axis=2)}, layouts, times, level)

    def correlation(self, method: Method, predicted: Array) -> Correlation:
        """Return the correlation of a predicted score with both."""
        predicted = predicted.round(DIGITS)

        def estimate(values: Array) -> Estimate:
            value = correlation(method, predicted, values.mean(axis=0).round(DIGITS))
            if value is None:
                return Estimate(None, note=TOO_FEW)
            resampled = np.take_along_axis((self.times @ values).round(DIGITS), self.layouts, axis=1)
            return _estimate(value, correlations(method, predicted[self.layouts], resampled), self.level)

        return Correlation(**{side: estimate(values) for side, values in self.real.items()})


def _estimate(value: float, draws: Array, level: float) -> Estimate:
    """Return a value with the interval of the draws that are known."""
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return Estimate(value)
    low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Estimate(value, float(low), float(high))


def _within_strata(predicted: Array, samples: _Samples, costs: Array, rng: np.random.Generator) -> Correlation:
    """Return the Spearman correlation within strata of cost; layouts are drawn within their stratum."""
    n_strata = min(MOST_STRATA, len(predicted) // 3)
    if n_strata < 2:
        few = Estimate(None, note="At least 6 layouts are needed for a correlation within cost strata.")
        return Correlation(few, few)
    times = samples.times
    groups = [group for group in strata(costs, n_strata) if len(group) > 2]
    drawn = [group[rng.integers(len(group), size=(len(times), len(group)))] for group in groups]
    predicted = predicted.round(DIGITS)

    def estimate(values: Array) -> Estimate:
        mean = values.mean(axis=0).round(DIGITS)
        value = stratified_correlation("spearman", predicted, mean, costs, n_strata)
        if value is None:
            return Estimate(None, note=TOO_FEW)
        resampled = (times @ values).round(DIGITS)
        found = np.stack(
            [correlations("spearman", predicted[rows], np.take_along_axis(resampled, rows, axis=1)) for rows in drawn]
        )
        sizes = np.where(np.isfinite(found), np.array([[len(group)] for group in groups]), 0)
        known = sizes.sum(axis=0) > 0
        draws = (np.nan_to_num(found) * sizes).sum(axis=0)[known] / sizes.sum(axis=0)[known]
        return _estimate(value, draws, samples.level)

    return Correlation(**{side: estimate(values) for side, values in samples.real.items()})


def _split_half(
    values: Array, method: Method, rng: np.random.Generator, layouts: NDArray[np.integer], level: float
) -> Estimate:
    n_seeds = len(values)
    if n_seeds < 2:
        return Estimate(None, note="The oracle has one seed, so its own noise is unknown.")
    sides = [(_mean_of(values, half), _mean_of(values, ~half)) for half in halves_of(n_seeds, rng)]
    known = [value for one, other in sides if (value := correlation(method, one, other)) is not None]
    if not known:
        return Estimate(None, note=TOO_FEW)
    if not len(layouts):
        return Estimate(float(np.mean(known)))
    drawn = np.mean([correlations(method, one[layouts], other[layouts]) for one, other in sides], axis=0)
    return _estimate(float(np.mean(known)), drawn, level)


def _mean_of(values: Array, half: NDArray[np.bool_]) -> Array:
    result: Array = values[half].mean(axis=0).round(DIGITS)
    return result
