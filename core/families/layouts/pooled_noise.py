"""How much trained layouts scatter between seeds, told by all of them together.

With two seeds each layout alone has one degree of freedom, and Student's interval of it is six times as wide as its
standard error. The gain of layout l from seed s is taken as μ_l + β_s + ε_sl: β is common to all layouts of a seed,
which are compared with the same single-task networks and trained on the same pictures; ε is each network's own, as
large for all layouts. So ε has as many degrees of freedom as all layouts have together. β has only those of the seeds,
but it cancels in every difference of two layouts.

The interval of a mean adds the squares of the half widths that β and ε have, each with Student's quantile of its own
freedom: right where one of them is all, too wide where both matter.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from core.plane.interval import LEVEL, t_half_widths

Array = NDArray[np.float64]
# A layout that scatters less is compared with itself, as single-task networks are.
_NO_SCATTER = 1e-9


@dataclass(frozen=True, eq=False)
class PooledNoise:
    """Noise of the means over seeds of layouts that were trained from the same seeds.

    Args:
        gains: Of a task or of a weighted sum of tasks, ``[n_seeds, n_layouts]``, percent.
    """

    gains: Array

    @cached_property
    def noisy(self) -> NDArray[np.bool_]:
        """Which layouts differ between seeds at all, ``[n_layouts]``."""
        found: NDArray[np.bool_] = np.ptp(self.gains, axis=0) > _NO_SCATTER
        return found

    @cached_property
    def half_widths(self) -> Array:
        """Half the width of the 90 % interval of the mean of each layout, ``[n_layouts]``; infinite with one seed."""
        alone = t_half_widths(self.gains)
        n_seeds, n = len(self.gains), int(self.noisy.sum())
        if n_seeds < 2 or n < 2:
            return alone
        # The scatter of the means of seeds holds β and a share 1 / n of ε; the rest of ε is added.
        seeds = _half(float(self.gains[:, self.noisy].mean(axis=1).var(ddof=1)) / n_seeds, n_seeds - 1)
        own = _half(self._own * (1.0 - 1.0 / n) / n_seeds, self._freedom)
        half = float(np.hypot(seeds, own))
        return np.where(self.noisy, half, 0.0)

    def between(self, one: int, other: int) -> float:
        """Return half the width of the interval of the difference of two layouts, given by place."""
        return float(self._between[one, other])

    def within_noise(self) -> NDArray[np.bool_]:
        """Return which pairs of layouts have an interval of their difference that includes 0, ``[n, n]``."""
        means, known = self.gains.mean(axis=0), np.isfinite(self._between)
        found: NDArray[np.bool_] = known & (np.abs(means[:, None] - means) <= self._between + _NO_SCATTER)
        return found

    @cached_property
    def _between(self) -> Array:
        """Half the widths of all differences; one of which only one layout has noise has the interval of that one."""
        both = self.noisy[:, None] & self.noisy
        half = _half(2.0 * self._own / len(self.gains), self._freedom) if self._freedom else float("inf")
        found = np.where(both, half, np.maximum(self.half_widths[:, None], self.half_widths))
        np.fill_diagonal(found, 0.0)
        return found

    @property
    def _freedom(self) -> int:
        return max((len(self.gains) - 1) * (int(self.noisy.sum()) - 1), 0)

    @cached_property
    def _own(self) -> float:
        """Estimate of var(ε)."""
        gains = self.gains[:, self.noisy]
        rest = gains - gains.mean(axis=0) - gains.mean(axis=1, keepdims=True) + gains.mean()
        return float((rest**2).sum()) / self._freedom


def _half(variance: float, freedom: float) -> float:
    return float(stdtrit(freedom, (1 + LEVEL) / 2)) * float(np.sqrt(variance))
