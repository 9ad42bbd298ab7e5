"""A compute budget: how much a layout may cost."""

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError

RELATIVE_TOLERANCE = 1e-9
_FORM = re.compile(r"\s*([+-]?(?:\d+(?:[_']?\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(x|×|%|)\s*")


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
            return cls(float(value))
        found = _FORM.fullmatch(value) if isinstance(value, str) and len(value) < 100 else None
        if found is None:
            raise BudgetError(
                f"{str(value)[:40]!r} is no budget. Write a plain number, 3x (backbones) or 60% (of independent)."
            )
        number = float(found[1].replace("'", "").replace("_", ""))
        return cls(number, {"": "absolute", "%": "independent"}.get(found[2], "backbones"))  # type: ignore[arg-type]

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
