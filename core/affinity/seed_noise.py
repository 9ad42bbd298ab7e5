"""How far tournaments move from one seed to the next, where few seeds were measured.

Two or three seeds say little about their own spread: intervals made of it alone are right less often than they say.
Every tournament measures the same kind of noise, though, so each borrows from all others: its variance is moved
towards the common one, the more the less these differ, and keeps an uncertainty of its own.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

Array = NDArray[np.float64]

# The logarithm of a variance of zero is none: it counts as this share of the median.
_LEAST_SHARE = 1e-3
# An encoder that never wins has a raw score of 0.
LEAST_SCORE = 1e-6
_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class SeedNoise:
    """Variance between seeds of the logarithms of scores, of every tournament.

    Args:
        n_seeds: How many seeds the scores are a mean of.
        variance: Of one seed, ``[n_depths, n_tasks]``: depth and target; NaN where it is not measured.
        freedom: Degrees of freedom of these variances.
    """

    n_seeds: int
    variance: Array = field(repr=False)
    freedom: float

    @classmethod
    def of(cls, scores: Array) -> Self | None:
        """Return the noise of some seeds' scores; None where one seed tells nothing of it.

        Args:
            scores: Of each encoder in the tournaments of one seed alone, ``[n_seeds, n_depths, n_tasks (target),
                n_tasks (source)]``; NaN where a depth is not measured.

        Reference:
            Smyth, Linear Models and Empirical Bayes Methods for Assessing Differential Expression, 2004, §6: the
            common variance and its degrees of freedom.
        """
        n_seeds, *_, n_tasks = scores.shape
        if n_seeds < 2:
            return None
        own = (n_seeds - 1) * (n_tasks - 1)
        variance = seed_variance(scores)
        known = variance[~np.isnan(variance)]
        if not known.any():
            return cls(n_seeds, variance, np.inf)
        common, freedom = common_variance(known, own)
        # Of all tournaments together no more is known than all of them say.
        freedom = min(freedom, float(own * (known.size - 1)))
        return cls(n_seeds, (own * variance + freedom * common) / (own + freedom), own + freedom)

    def draws(self, n: int, of_samples: Array, rng: np.random.Generator) -> Array:
        """Return how far the mean over seeds may lie from the true mean, as changes of logarithms.

        Args:
            n: How many draws.
            of_samples: Part of the variance that comes from the samples, which are drawn apart, as ``variance``.
            rng: Random numbers.

        Returns:
            ``[n, n_depths, n_tasks (target), n_tasks (source)]``.
        """
        n_depths, n_tasks = self.variance.shape
        true = np.broadcast_to(self.variance, (n, n_depths, n_tasks))
        if np.isfinite(self.freedom):
            true = true * self.freedom / rng.chisquare(self.freedom, true.shape)
        spread = np.sqrt(np.maximum(true - of_samples, 0.0) / self.n_seeds)
        result: Array = spread[..., None] * rng.standard_normal((n, n_depths, n_tasks, n_tasks))
        return result


def seed_variance(scores: Array) -> Array:
    """Return the variance between seeds of the logarithms of scores, in the mean over the sources of a tournament.

    Only ratios of scores count, so that each seed has one degree of freedom less than there are sources.

    Args:
        scores: ``[n_seeds, …, n_tasks (source)]``, above zero.

    Returns:
        ``[…]``.
    """
    logs = np.log(np.maximum(scores, LEAST_SCORE))
    logs -= logs.mean(axis=-1, keepdims=True)
    freedom = (scores.shape[0] - 1) * (scores.shape[-1] - 1)
    found: Array = ((logs - logs.mean(axis=0)) ** 2).sum(axis=(0, -1)) / freedom
    return found


def common_variance(variances: Array, freedom: int) -> tuple[float, float]:
    """Return the variance that some sample variances have in common, and how many degrees of freedom it is worth.

    The true variances are taken to be drawn from a scaled inverse χ² distribution, which is fitted to the mean and
    the variance of the logarithms.

    Args:
        variances: Zero or more, at least one above.
        freedom: Degrees of freedom of each.

    Returns:
        The common variance and its degrees of freedom: infinite where the variances differ no more than chance
        makes them, 0 where there is but one.

    Reference:
        Smyth, 2004, §6.2.
    """
    logs = np.log(np.maximum(variances, _LEAST_SHARE * np.median(variances[variances > 0])))
    logs = logs - digamma(freedom / 2) + np.log(freedom / 2)
    if len(logs) < 2:
        return float(variances[0]), 0.0
    excess = float(logs.var(ddof=1) - polygamma(1, freedom / 2))
    if excess <= 0:
        return float(np.exp(logs.mean())), np.inf
    found = 2.0 * inverse_trigamma(excess)
    return float(np.exp(logs.mean() + digamma(found / 2) - np.log(found / 2))), found


def inverse_trigamma(value: float) -> float:
    """Return the number whose trigamma is a given one, above zero.

    >>> round(inverse_trigamma(float(polygamma(1, 3.0))), 9)
    3.0
    """
    # Newton's steps on 1/trigamma, which is nearly a line: they come from below and never jump over.
    found = 0.5 + 1.0 / value
    for _ in range(_STEPS):
        here = float(polygamma(1, found))
        step = here * (1.0 - here / value) / float(polygamma(2, found))
        found += step
        if abs(step) < 1e-12 * found:
            break
    return found
