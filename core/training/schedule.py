"""How the learning rate moves over a run, as a fraction of its peak."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.runs.result import CurvePoint
from core.runs.settings import TrainingSettings

Schedule = Callable[[float], float]

_WARM_UP = 0.3
_START = 1 / 25
_END = 1 / 250_000
_DROPS = (0.6, 0.85)
# A loss has stalled after this many epochs in which it was not lower by this share.
_STALLED_EPOCHS = 3
_LOWER_BY = 0.01
_MOST_DROPS = 3


def one_cycle(progress: float) -> float:
    """Return the fraction of the peak: a cosine up over the first 30 %, then a cosine down to almost zero.

    Args:
        progress: Share of the steps already made, 0 to 1.

    Reference:
        Smith and Topin, Super-Convergence, 2018.

    >>> [round(one_cycle(x), 4) for x in (0.0, 0.3, 0.65, 1.0)]
    [0.04, 1.0, 0.5, 0.0]
    """
    if progress < _WARM_UP:
        return _between(_START, 1.0, progress / _WARM_UP)
    return _between(1.0, _END, (progress - _WARM_UP) / (1 - _WARM_UP))


def step_down(progress: float) -> float:
    """Return the fraction of the peak: a tenth after 60 % of the steps, a hundredth after 85 %.

    Args:
        progress: Share of the steps already made, 0 to 1.

    >>> [step_down(x) for x in (0.0, 0.6, 0.9)]
    [1.0, 0.1, 0.01]
    """
    return float(f"1e-{sum(progress >= drop for drop in _DROPS)}")


def cosine(progress: float) -> float:
    """Return the fraction of the peak: half a cosine from the peak to almost zero.

    Args:
        progress: Share of the steps already made, 0 to 1.

    Reference:
        Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, Eq 5, without restarts.

    >>> [round(cosine(x), 4) for x in (0.0, 0.5, 1.0)]
    [1.0, 0.5, 0.0]
    """
    return _between(1.0, _END, progress)


SCHEDULES: dict[Literal["one-cycle", "step", "cosine"], Schedule] = {
    "one-cycle": one_cycle,
    "step": step_down,
    "cosine": cosine,
}


def plateau(losses: Sequence[float]) -> float:
    """Return the fraction of the peak: ÷10 each time the training loss has stalled, at most three times.

    It has stalled after three epochs in a row whose loss is not at least 1 % below the lowest one before. Counting
    starts again after each ÷10. A loss below zero is lower by 1 % of its size.

    Args:
        losses: Mean training loss of each epoch so far.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, §IV, which says "when the training
        loss converges"; the numbers are ours.

    >>> plateau([1.0, 0.5, 0.499, 0.498]), plateau([1.0, 0.5, 0.499, 0.498, 0.497])
    (1.0, 0.1)
    """
    lowest, waited, drops = math.inf, 0, 0
    for loss in losses:
        waited = 0 if lowest == math.inf or loss <= lowest - _LOWER_BY * abs(lowest) else waited + 1
        lowest = min(lowest, loss)
        if waited == _STALLED_EPOCHS:
            waited, drops = 0, min(drops + 1, _MOST_DROPS)
    return float(f"1e-{drops}")


def epoch_losses(curve: Sequence[CurvePoint], steps_per_epoch: int, n_epochs: int) -> list[float]:
    """Return the mean training loss of each of the first epochs: the sum of all losses that the curve reports.

    Args:
        curve: Mean losses of stretches of steps; no stretch goes beyond the end of an epoch.
        steps_per_epoch: Steps of an epoch, as the curve counts them.
        n_epochs: How many epochs are over.
    """
    sums, before = [0.0] * n_epochs, 0
    for point in curve:
        epoch = (point.step - 1) // steps_per_epoch
        if epoch >= n_epochs:
            break
        sums[epoch] += (point.step - before) * sum(point.losses.values())
        before = point.step
    return [total / steps_per_epoch for total in sums]


@dataclass(slots=True)
class LearningRate:
    """The learning rate of each step of one training, from the step and the losses before its epoch alone.

    So a training that is resumed from a checkpoint, which holds the curve, has the same rates.

    Args:
        settings: Schedule and peak.
        n_steps: Of the whole training, as the curve counts them.
        steps_per_epoch: As the curve counts them.
    """

    settings: TrainingSettings
    n_steps: int
    steps_per_epoch: int
    _known: tuple[int, float] = field(default=(0, 1.0), init=False, repr=False)

    def at(self, step: int, curve: Sequence[CurvePoint]) -> float:
        """Return the rate of a step.

        Args:
            step: From 0.
            curve: Of all epochs before.
        """
        return self.settings.learning_rate * self._share(step, curve)

    def _share(self, step: int, curve: Sequence[CurvePoint]) -> float:
        progress, warm = step / self.n_steps, self.settings.warm_up
        if progress < warm:
            return _START + (1 - _START) * progress / warm
        if self.settings.schedule != "plateau":
            return SCHEDULES[self.settings.schedule]((progress - warm) / (1 - warm))
        epoch = step // self.steps_per_epoch
        if self._known[0] != epoch:
            self._known = (epoch, plateau(epoch_losses(curve, self.steps_per_epoch, epoch)))
        return self._known[1]


def _between(first: float, last: float, share: float) -> float:
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
