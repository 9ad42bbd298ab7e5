"""Halves of the seeds of trained layouts, and what a choice loses where one half chooses the best and the other judges.

The layout that is best in some results looks better in them than it is. So the best is chosen on one half of the seeds
(and on the validation split, where there is one) and judged on the other (and on the test split).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.estimators.two_task import Array

MOST_SPLITS = 50
# With more seeds splits are drawn at random.
_FEW_SEEDS = 8


@dataclass(frozen=True, slots=True)
class Regret:
    """How much less gain a choice has than the best trained layout, in percentage points; below 0 it has more.

    Args:
        value: Mean over the halves.
        low: Least of the halves; None with one seed.
        high: Greatest of the halves; None with one seed.
    """

    value: float
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """Return value and range."""
        return {"value": self.value, "low": self.low, "high": self.high}


def halves_of(n_seeds: int, rng: np.random.Generator) -> list[NDArray[np.bool_]]:
    """Return which seeds are in the first half, for each split into halves; 50 random splits where there are more.

    With an odd number the second half has one more. Where both have as many, each split counts once.

    Args:
        n_seeds: Two or more.
        rng: Source of randomness.

    >>> [half.tolist() for half in halves_of(2, np.random.default_rng(0))]
    [[True, False]]
    """
    if n_seeds > _FEW_SEEDS:
        return [rng.permutation(n_seeds) < n_seeds // 2 for _ in range(MOST_SPLITS)]
    masks = [np.array([mask >> s & 1 == 1 for s in range(n_seeds)]) for mask in range(1 << n_seeds)]
    return [mask for mask in masks if mask.sum() == n_seeds // 2 and (n_seeds % 2 or mask[0])]


def regret_of(choice: Array | Sequence[int], chosen_on: Array, reported_on: Array, rng: np.random.Generator) -> Regret:
    """Return what a choice loses against the best: chosen on half of the seeds of one split, judged on the rest.

    With one seed, the best is chosen on that seed of the one split and judged on that of the other.

    Args:
        choice: Probability that each layout is chosen, ``[n_layouts]``; or the places of a few layouts, the best of
            which is chosen as the best of all is.
        chosen_on: Score of every layout where the best is chosen, ``[n_seeds, n_layouts]``.
        reported_on: The same where both are judged.
        rng: Source of randomness where there are many splits.

    >>> values = np.array([[1.0, 0.0, 5.0], [3.0, 0.0, 1.0]])
    >>> regret_of([0], values, values, np.random.default_rng(0))
    Regret(value=-1.0, low=-2.0, high=0.0)
    """
    n_seeds = len(chosen_on)
    if n_seeds == 1:
        return Regret(_lost(choice, chosen_on[0], reported_on[0]))
    sides = [side for half in halves_of(n_seeds, rng) for side in ((half, ~half), (~half, half))]
    found = [_lost(choice, chosen_on[one].mean(axis=0), reported_on[other].mean(axis=0)) for one, other in sides]
    return Regret(float(np.mean(found)), min(found), max(found))


def _lost(choice: Array | Sequence[int], chosen_on: Array, reported_on: Array) -> float:
    best = reported_on[int(np.argmax(chosen_on))]
    if isinstance(choice, np.ndarray):
        return float(best - choice @ reported_on)
    places = list(choice)
    return float(best - reported_on[places[int(np.argmax(chosen_on[places]))]])
