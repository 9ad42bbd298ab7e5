"""Values of one task's metric in place of its gains: accuracies, as they were measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import fmean

from core.plane.interval import t_interval
from core.plane.point import PlanePoint
from core.tasks import Metric


@dataclass(frozen=True)
class MetricScale:
    """The metric that alone makes a task's gains, so that each value of it follows from the gain of its seed.

    Networks are ranked by a score: the value less the mean of the single-task networks, in percent of that mean, with
    the sign by which more is better. Unlike a gain it is not paired with the single-task network of its seed.

    Args:
        task: Name of the task.
        metric: What the gains are made of.
        singles: Seed → value of the single-task network that gains of this seed are against.
    """

    task: str
    metric: Metric
    singles: Mapping[int, float] = field(repr=False)

    def __post_init__(self) -> None:
        assert self.singles
        assert all(self.singles.values())

    @cached_property
    def mean(self) -> float:
        """The mean value of the single-task networks; its score is 0."""
        return fmean(self.singles.values())

    @property
    def sign(self) -> int:
        """1 where a higher value is better, else −1."""
        return 1 if self.metric.higher_is_better else -1

    def value(self, score: float) -> float:
        """Return the value of the metric at a score."""
        return self.mean + self.apart(score)

    def apart(self, scores: float) -> float:
        """Return how far two values of the metric are apart whose scores are so far apart."""
        return self.sign * abs(self.mean) * scores / 100

    def score(self, value: float) -> float:
        """Return the score of a value of the metric."""
        return 100 * self.sign * (value - self.mean) / abs(self.mean)

    def values_of(self, point: PlanePoint) -> dict[int, float]:
        """Return seed → value of a measured network, for the seeds of which the single-task network is known.

        Args:
            point: With gains against the single-task networks of this scale.
        """
        gains = point.scores(self.task)
        return {
            seed: single + self.sign * abs(single) * gains[seed] / 100
            for seed, single in self.singles.items()
            if seed in gains and math.isfinite(gains[seed])
        }

    def scored(self, point: PlanePoint) -> PlanePoint | None:
        """Return a network with scores in place of the task's gains; other tasks keep theirs.

        Args:
            point: With gains against the single-task networks of this scale.

        Returns:
            None where no seed is known.
        """
        scores = {seed: self.score(value) for seed, value in self.values_of(point).items()}
        if not scores:
            return None
        place, mean = point.tasks.index(self.task), fmean(scores.values())
        by_seed = {
            seed: (*point.seed_gains[seed][:place], score, *point.seed_gains[seed][place + 1 :])
            for seed, score in scores.items()
        }
        return replace(
            point,
            gains=(*point.gains[:place], mean, *point.gains[place + 1 :]),
            gain=mean,
            interval=t_interval(list(scores.values())),
            n_seeds=len(scores),
            seed_gains=by_seed,
        )
