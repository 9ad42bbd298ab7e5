"""The difference between the gains of two measured networks, with its interval."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, variance

from scipy.special import stdtrit

from core.plane.interval import LEVEL, t_interval
from core.plane.point import PlanePoint


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one network gains than another, in percentage points.

    Args:
        mean: Difference of the means; where seeds are paired, over common seeds only.
        interval: 90 % interval; None where one of them has a single seed.
        n_paired: Common seeds that were subtracted one by one; 0 where there are fewer than two, so that the two are
            independent samples.
    """

    mean: float
    interval: tuple[float, float] | None
    n_paired: int

    @property
    def is_within_noise(self) -> bool | None:
        """Whether the interval includes 0; None where there is none."""
        return None if self.interval is None else self.interval[0] <= 0.0 <= self.interval[1]


def difference(one: PlanePoint, other: PlanePoint, task: str | None = None) -> Difference | None:
    """Return how much more one network gains than another: Student's interval of paired seeds, else Welch's.

    Args:
        one: A network.
        other: What is subtracted.
        task: Whose gain is compared; the mean over tasks where None.

    Returns:
        None where one of them has no measured gains.

    Reference:
        Welch 1947, The generalization of Student's problem when several different population variances are involved.
    """
    gains, others = one.scores(task), other.scores(task)
    if not gains or not others:
        return None
    # Single-task networks gain 0 with every seed: what gains are measured against is no sample.
    if _is_exact(others):
        return _difference_to_zero(gains, sign=1.0)
    if _is_exact(gains):
        return _difference_to_zero(others, sign=-1.0)
    common = sorted(gains.keys() & others.keys())
    if len(common) > 1:
        apart = [gains[seed] - others[seed] for seed in common]
        return Difference(fmean(apart), t_interval(apart), len(common))
    mean = fmean(gains.values()) - fmean(others.values())
    return Difference(mean, _welch(mean, list(gains.values()), list(others.values())), 0)


def _is_exact(gains: Mapping[int, float]) -> bool:
    return not any(gains.values())


def _difference_to_zero(gains: Mapping[int, float], sign: float) -> Difference:
    found = [sign * gain for gain in gains.values()]
    interval = (0.0, 0.0) if _is_exact(gains) else t_interval(found)
    return Difference(fmean(found), interval, len(found) if len(found) > 1 else 0)


def _welch(mean: float, one: list[float], other: list[float]) -> tuple[float, float] | None:
    if min(len(one), len(other)) < 2:
        return None
    errors = [variance(values) / len(values) for values in (one, other)]
    total = sum(errors)
    if total == 0:
        return mean, mean
    freedom = total**2 / sum(error**2 / (len(values) - 1) for error, values in zip(errors, (one, other), strict=True))
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * math.sqrt(total)
    return mean - half, mean + half
