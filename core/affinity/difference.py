"""How far two affinity tensors of the same tasks differ, and whether noise explains it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import LEVEL
from core.errors import AffinityError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TensorDifference:
    """One tensor minus another, cell by cell.

    Args:
        values: ``[n_depths, n_tasks, n_tasks]``; NaN where one of both is not known.
        low: Lower end of the 90 % interval, same shape; NaN where nothing is known of the noise.
        high: Upper end.
    """

    values: Array = field(repr=False)
    low: Array = field(repr=False)
    high: Array = field(repr=False)

    @property
    def within_noise(self) -> NDArray[np.bool_]:
        """Cells whose interval includes 0; never a task with itself, and never without an interval."""
        found = np.asarray((self.low <= 0) & (self.high >= 0))
        diagonal = np.arange(self.values.shape[1])
        found[:, diagonal, diagonal] = False
        return found

    @property
    def has_intervals(self) -> bool:
        """Whether the noise of any cell is known."""
        return not bool(np.isnan(self.low).all())


def difference(
    one: Array,
    other: Array,
    draws: NDArray[np.floating] | None = None,
    other_draws: NDArray[np.floating] | None = None,
    *,
    is_paired: bool = False,
    rng: np.random.Generator,
) -> TensorDifference:
    """Return one tensor minus another, with intervals from draws of either or both.

    Args:
        one: ``[n_depths, n_tasks, n_tasks]``.
        other: Same tasks and depths.
        draws: Of the first, ``[n, n_depths, n_tasks, n_tasks]``; None where its noise is not known, and then counts as
            none.
        other_draws: Of the second.
        is_paired: Whether the draws of both at one place are of the same samples.
        rng: Pairs draws that are not of the same samples.

    Raises:
        AffinityError: The tensors have other tasks or depths.
    """
    if one.shape != other.shape:
        raise AffinityError(
            f"Tensors {list(one.shape)} and {list(other.shape)} can't be compared. Both need the same tasks and depths."
        )
    unknown = np.full(one.shape, np.nan)
    if draws is None and other_draws is None:
        return TensorDifference(one - other, unknown, unknown)
    n = max(len(each) for each in (draws, other_draws) if each is not None)
    first: NDArray[np.floating] = one[None] if draws is None else draws[np.arange(n) % len(draws)]
    second: NDArray[np.floating] = other[None]
    if other_draws is not None:
        places = np.arange(n) if is_paired else rng.permutation(n)
        second = other_draws[places % len(other_draws)]
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(first - second, [tail, 1.0 - tail], axis=0)
    return TensorDifference(one - other, np.asarray(low), np.asarray(high))


def of_seed(losses: RecombinedLosses, seed: int) -> RecombinedLosses:
    """Return the losses of one seed alone.

    Raises:
        AffinityError: They have no such seed.
    """
    if seed not in losses.seeds:
        raise AffinityError(f"Seed {seed} was not measured. Choose one of {', '.join(map(str, losses.seeds))}.")
    place = losses.seeds.index(seed)
    return RecombinedLosses(losses.tasks, (seed,), losses.values[place : place + 1])
