"""Variances of noise of many networks from few seeds each: own ones, drawn towards the common one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

Array = NDArray[np.float64]

# Degrees of freedom of a common variance that all agree on.
FREE: Final = 1e6
# Fewer networks don't say how far their variances differ.
_FEWEST: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Variances:
    """What is known of the variance of noise of each network.

    Args:
        own: Estimated from its own seeds alone, ``[n_points]``.
        freedom: Degrees of freedom of ``own``, ``[n_points]``.
        prior: Common variance of each network's group, ``[n_points]``.
        prior_freedom: How much the common one counts, in degrees of freedom, ``[n_points]``.
        pooled_freedom: Degrees of freedom from which the common one is known.
    """

    own: Array
    freedom: Array
    common: Array
    common_freedom: Array
    pooled_freedom: float

    @property
    def prior(self) -> float:
        """Mean common variance; 0 where there is no noise at all."""
        return float(self.common.mean())

    @property
    def means(self) -> Array:
        """Own variance drawn towards the common one, ``[n_points]``."""
        found: Array = (self.common_freedom * self.common + self.freedom * self.own) / (
            self.common_freedom + self.freedom
        )
        return found

    def draws(self, n_draws: int, rng: np.random.Generator) -> Array:
        """Return draws from the posterior of the variances, ``[n_draws, n_points]``; the common one is drawn once."""
        pooled = self.pooled_freedom / rng.chisquare(max(self.pooled_freedom, 1.0), n_draws)
        total = self.common_freedom + self.freedom
        centre = np.outer(pooled, self.common_freedom * self.common) + self.freedom * self.own
        found: Array = centre / rng.chisquare(total, (n_draws, len(total)))
        return found


def shared_variances(residuals: Array, leverage: Array, families: Sequence[str]) -> Variances:
    """Return the variances of noise, drawn towards that of the family; small families towards that of all.

    Args:
        residuals: ``[n_seeds, n_points]``; NaN where a network lacks a seed.
        leverage: Share of its own noise that was fitted away, ``[n_points]``.
        families: Of each network.

    Reference:
        Smyth 2004, Linear models and empirical Bayes methods for assessing differential expression, §6.2.
    """
    counts = np.isfinite(residuals).sum(axis=0)
    freedom = (counts - 1).astype(np.float64)
    left = np.maximum(1 - leverage, 1e-9)
    own = np.where(leverage < 1 - 1e-9, np.nansum(residuals**2, axis=0) / freedom / left, 0.0)
    common, common_freedom = np.empty(len(own)), np.empty(len(own))
    names = np.array(families)
    sizes = {name: int((names == name).sum()) for name in dict.fromkeys(families)}
    for name in sizes:
        here = names == name
        common[here], common_freedom[here] = _common(own[here] if sizes[name] >= _FEWEST else own, float(freedom.min()))
    return Variances(own, freedom, common, common_freedom, float((freedom * (1 - leverage)).sum()))


def _common(own: Array, freedom: float) -> tuple[float, float]:
    """Return the common variance of networks and its degrees of freedom, by moments of the logarithms.

    Args:
        own: Variances, each with ``freedom`` degrees of freedom.
        freedom: At least.
    """
    if len(own) < _FEWEST or not own.any():
        return float(own.mean()), FREE
    # A variance of 0 has no logarithm; one far below all others says no more than one below them.
    logs = np.log(np.maximum(own, 1e-4 * float(np.median(own[own > 0]))))
    excess = float(logs.var(ddof=1) - polygamma(1, freedom / 2))
    level = float((logs - digamma(freedom / 2) + np.log(freedom / 2)).mean())
    if excess <= 0:
        return float(np.exp(level)), FREE
    prior = 2 * _inverse_trigamma(excess)
    return float(np.exp(level + digamma(prior / 2) - np.log(prior / 2))), min(prior, FREE)


def _inverse_trigamma(value: float) -> float:
    """Return x with ψ′(x) = value, by Newton's method on 1/ψ′, which is nearly a line."""
    x = 0.5 + 1 / value
    for _ in range(50):
        slope = float(polygamma(1, x))
        step = slope * (1 - slope / value) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-9 * x:
            break
    return x
