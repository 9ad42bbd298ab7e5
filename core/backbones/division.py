"""How the channels of a layer are divided into units."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import FamilyError

COMMON = -1
MOST_UNITS: Final = 64
# A common share is a fraction with at most so large a denominator, such as 1/4.
_FINEST = 64


@dataclass(frozen=True, slots=True)
class Division:
    """Channels take turns: the common ones and those of each unit come round again and again.

    So every layer has the same pattern, whatever its width, and a shortcut that appends zero channels keeps each
    channel in its unit.

    Args:
        n_units: Number of units k.
        base: Share of the channels that every level has; the rest is cut into units.

    Raises:
        FamilyError: A number is out of range.
    """

    n_units: int
    base: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= self.n_units <= MOST_UNITS:
            raise FamilyError(f"There should be 2 to {MOST_UNITS} units. Found {self.n_units}.")
        if not 0 <= self.base < 1:
            raise FamilyError(f"The common share should be from 0 to below 1. Found {self.base:g}.")

    @property
    def pattern(self) -> tuple[int, ...]:
        """Unit of each channel until the pattern begins anew; −1 for the common ones.

        >>> Division(3, 0.25).pattern
        (-1, 0, 1, 2)
        """
        share = Fraction(self.base).limit_denominator(_FINEST)
        # The fewest channels of which the common ones are whole and the others can be divided by the units.
        period = lcm(share.denominator, ((1 - share) / self.n_units).denominator)
        common, each = int(share * period), int((1 - share) * period) // self.n_units
        return (COMMON,) * common + tuple(unit for _ in range(each) for unit in range(self.n_units))

    def channels(self, n_channels: int, units: Collection[int], where: str = "a layer") -> NDArray[np.int64]:
        """Return which channels of a layer some units have, with the common ones, in rising order.

        Args:
            n_channels: Of the layer.
            units: The active ones.
            where: Name of the layer, for the sentence.

        Raises:
            FamilyError: The units don't divide the channels.
        """
        pattern = np.array(self.pattern)
        if n_channels % len(pattern):
            share = f", {self.base:g} of them common," if self.base else ""
            raise FamilyError(
                f"{where[:120]} has {n_channels} channels, and {self.n_units} units{share} need a multiple of "
                f"{len(pattern)}. Choose another width or number of units."
            )
        active = np.isin(np.resize(pattern, n_channels), [COMMON, *units])
        return np.flatnonzero(active)
