"""How the learning rate moves over a run, as a fraction of its peak."""

import math
from collections.abc import Callable
from typing import Literal

Schedule = Callable[[float], float]

_WARM_UP = 0.3
_START = 1 / 25
_END = 1 / 250_000
_DROPS = (0.6, 0.85)


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


def _between(first: float, last: float, share: float) -> float:
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
