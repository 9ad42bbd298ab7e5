"""Means over seeds with their intervals, and how figures of several seeds are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.ui.formatting import ONE_SEED, minus, percent, plural
from app.ui.written_table import Writer
from core.plane.interval import t_interval
from core.runs.result import Split

Array = NDArray[np.float64]
SPLIT_WORDS: dict[Split, str] = {"validation": "Validation split", "test": "Test split"}


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean over seeds with its 90 % interval.

    Args:
        value: NaN where no seed is measured.
        interval: Its ends; None with fewer than two seeds.
        n_seeds: How many are measured.
    """

    value: float
    interval: tuple[float, float] | None
    n_seeds: int

    @classmethod
    def of(cls, values: Sequence[float] | Array) -> "Mean":
        """Return the mean of what is measured."""
        known = [float(value) for value in values if np.isfinite(value)]
        return cls(sum(known) / len(known) if known else float("nan"), t_interval(known), len(known))

    @property
    def half(self) -> float:
        """Half the width of the interval; NaN without one."""
        return float("nan") if self.interval is None else (self.interval[1] - self.interval[0]) / 2

    @property
    def written(self) -> str:
        """The mean as a gain, with half its interval where there is one."""
        return self.in_digits(1)

    def in_digits(self, digits: int) -> str:
        """Return the mean as a gain with so many digits, and half its interval where there is one."""
        gain = percent(self.value, digits)
        return gain if self.interval is None else f"{gain.removesuffix(' %')} ± {self.half:.{digits}f} %"


def cells(values: Array) -> list[list[Mean]]:
    """Return the mean over seeds of every cell.

    Args:
        values: ``[n_seeds, n_tasks, n_exits]``.
    """
    return [[Mean.of(values[:, task, exit_]) for exit_ in range(values.shape[2])] for task in range(values.shape[1])]


def seeds_sentence(found: Array, split: Split) -> str:
    """Return the split, seeds and interval that numbers stand for.

    Args:
        found: ``[n_seeds, …]``; a seed with a missing number is not counted.
        split: Where it was measured.
    """
    return f"{SPLIT_WORDS[split]}, equal task weights, {seeds_words(found)}."


def seeds_words(found: Array) -> str:
    """Return the seeds and the interval that numbers stand for.

    Args:
        found: ``[n_seeds, …]``; a seed with a missing number is not counted.
    """
    n = int(np.isfinite(found.reshape(len(found), -1)).all(axis=1).sum())
    return f"{plural(n, 'seed')}; {ONE_SEED if n == 1 else '90 % intervals of the mean over seeds'}"


def value_writer(values: Sequence[float] | Array) -> Writer:
    """Return how some values are written: with four digits of the largest, and so many decimals for all.

    >>> write = value_writer([0.818, 0.8817])
    >>> write(0.818), write(0.8817), value_writer([12.34, 5.0])(5.0)
    ('0.8180', '0.8817', '5.00')
    """
    largest = max((abs(float(value)) for value in values if np.isfinite(value)), default=1.0)
    decimals = min(max(3 - math.floor(math.log10(largest)), 0), 8) if largest else 3
    return lambda value: minus(f"{value:.{decimals}f}")
