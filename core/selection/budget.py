"""A compute budget: how much a layout may cost."""

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError

RELATIVE_TOLERANCE = 1e-9
# Percent of single-task networks that a study's recommendation may cost where no budget is given.
USUAL_PERCENT: Final = 60
_FORM = re.compile(r"\s*([+-]?(?:(?:\d{1,3}(?:[_']\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(x|×|%|)\s*")


@dataclass(frozen=True, slots=True)
class Budget:
    """An upper limit of cost, as people write it.

    Args:
        amount: The number.
        kind: ``backbones`` (so many times one backbone), ``independent`` (percent of T
            single-task networks) or ``absolute`` (in the unit of the costs).
        digits: Decimals of a percentage, as it was written.

    Raises:
        BudgetError: The number is not finite or is negative.

    >>> Budget.parse("3x")
    Budget(amount=3.0, kind='backbones')
    >>> Budget.parse("60 %").absolute(np.array([1.0, 3.0]), n_tasks=5)
    12.0
    """

    amount: float
    kind: Literal["absolute", "backbones", "independent"] = "absolute"
    digits: int = 0

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
            return cls(float(value))
        found = _FORM.fullmatch(value) if isinstance(value, str) and len(value) < 100 else None
        if found is None:
            raise BudgetError(
                f"{str(value)[:40]!r} is no budget. Write a plain number, 3x (backbones) or 60% (of independent)."
            )
        number = float(found[1].replace("'", "").replace("_", ""))
        if found[2] == "%":
            return cls(number, "independent", _decimals(found[1]))
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

    def as_shown(self, costs: NDArray[np.float64], *, n_tasks: int) -> float:
        """Return the budget as pages of the dashboard understand it: a percentage allows every cost that rounds to it.

        There 49 % allows 49.4 %, which is shown as 49 %: what a page recommends, ``show`` and exports find again.

        Args:
            costs: Cost of one copy of each block, ``[n_blocks]``.
            n_tasks: Number of tasks T.
        """
        if self.kind != "independent":
            return self.absolute(costs, n_tasks=n_tasks)
        return percent_fraction(self.amount, digits=self.digits) * n_tasks * float(np.sum(costs))


def percent_fraction(percent: float, *, digits: int = 0) -> float:
    """Return the greatest fraction that a budget in percent allows: every one that rounds to it or to less.

    Args:
        percent: The budget as it is written and shown.
        digits: Its decimals.

    >>> 0.4915 <= percent_fraction(49), 0.495 <= percent_fraction(49)
    (True, False)
    """
    # A half rounds up, also after the relative tolerance with which every limit is compared.
    return (percent + 0.5 * 10.0**-digits) / 100.0 * (1.0 - 2.0 * RELATIVE_TOLERANCE)


def _decimals(written: str) -> int:
    mantissa, _, exponent = written.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)


def inclusive(limit: float, cheapest: float) -> float:
    """Return the greatest cost that counts as within ``limit``.

    Raises:
        BudgetError: Even the cheapest layout costs more.
    """
    most = limit * (1.0 + RELATIVE_TOLERANCE)
    if not most >= cheapest:
        raise BudgetError(
            f"The cheapest layout costs {cheapest:,.10g}, the budget is {limit:,.10g}. "
            "Raise the budget to that or more."
        )
    return most
