"""A compute budget: how much a layout may cost."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError

RELATIVE_TOLERANCE = 1e-9
# Percent of single-task networks that a study's recommendation may cost where no budget is given.
USUAL_PERCENT: Final = 60
# More decimals of a percentage than an address holds.
_MOST_DIGITS: Final = 10
_FORM = re.compile(r"\s*([+-]?(?:(?:\d{1,3}(?:[_']\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([xX]|×|%|)\s*")


@dataclass(frozen=True, slots=True)
class Budget:
    """An upper limit of cost, as people write it.

    Args:
        amount: The number.
        kind: ``backbones`` (so many times one backbone), ``independent`` (percent of T
            single-task networks) or ``absolute`` (in the unit of the costs).

    Raises:
        BudgetError: The number is not finite or is negative.

    >>> Budget.parse("3x")
    Budget(amount=3.0, kind='backbones')
    >>> Budget.parse("60 %").absolute(np.array([1.0, 3.0]), n_tasks=5)
    12.0
    """

    amount: float
    kind: Literal["absolute", "backbones", "independent"] = "absolute"

    def __post_init__(self) -> None:
        if not math.isfinite(self.amount) or self.amount < 0:
            raise BudgetError(f"A budget should be a finite number from 0. Found {self.amount}.")

    @classmethod
    def parse(cls, value: "Budget | float | str") -> "Budget":
        """Return the budget written as ``3x`` (backbones), ``60%`` (of independent) or a plain number.

        Raises:
            BudgetError: The text is none of the three.
        """
        if isinstance(value, Budget):
            return value
        if isinstance(value, int | float | np.number) and not isinstance(value, bool):
            try:
                return cls(float(value))
            except OverflowError:
                return cls(math.inf)  # refused as such
        found = _FORM.fullmatch(value) if isinstance(value, str) and len(value) < 100 else None
        if found is None:
            raise BudgetError(
                f"{str(value)[:40]!r} is no budget. Write a plain number, 3x (backbones) or 60% (of independent)."
            )
        number = float(found[1].replace("'", "").replace("_", ""))
        if found[2] == "%":
            return cls(number, "independent")
        return cls(number, "absolute" if not found[2] else "backbones")

    def absolute(self, costs: NDArray[np.float64], *, n_tasks: int) -> float:
        """Return the budget in the unit of ``costs``.

        Args:
            costs: Cost of one copy of each block, ``[n_blocks]``.
            n_tasks: Number of tasks T.
        """
        backbone = float(np.sum(costs))
        if self.kind == "backbones":
            return self.amount * backbone
        if self.kind == "independent":
            return self.amount / 100.0 * n_tasks * backbone
        return self.amount


def percent_of(shares: Sequence[float], place: int) -> float:
    """Return the budget in percent whose best choice is a given one of a front: its cost, rounded up.

    To tenths of a percent; to more decimals where a costlier choice would fit into the tenth, too.

    Args:
        shares: Costs as fractions of single-task networks, rising.
        place: Of the choice among them.

    >>> percent_of([0.3, 0.4932, 0.4937, 0.6], 1), percent_of([0.3, 0.4932, 0.4937, 0.6], 2)
    (49.32, 49.4)
    """
    share = shares[place]
    # The relative tolerance, with which every limit is compared, is no reason to round up.
    percent = 100.0 * share * (1.0 - RELATIVE_TOLERANCE / 2)
    next_cost = shares[place + 1] if place + 1 < len(shares) else math.inf
    for digits in range(1, _MOST_DIGITS):
        scale = 10.0**digits
        rounded = math.ceil(percent * scale) / scale
        if rounded / 100.0 * (1.0 + RELATIVE_TOLERANCE) < next_cost:
            return rounded
    return 100.0 * share


def whole_percent(budget: float) -> int | None:
    """Return the percentage of a budget, a fraction of single-task networks; None where it is not whole.

    >>> whole_percent(0.57), whole_percent(0.494)
    (57, None)
    """
    percent = round(100.0 * budget)
    return percent if abs(100.0 * budget - percent) <= RELATIVE_TOLERANCE * percent else None


def inclusive(limit: float, cheapest: float) -> float:
    """Return the greatest cost that counts as within ``limit``.

    Raises:
        BudgetError: Even the cheapest layout costs more.
    """
    most = limit * (1.0 + RELATIVE_TOLERANCE)
    if not most >= cheapest:
        raise BudgetError(
            f"The cheapest layout costs {cheapest:,.10g}, the budget is {limit:,.10g}. "
            f"Raise the budget to {cheapest:.10g} or more."
        )
    return most
