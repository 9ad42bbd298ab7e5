"""One network on the plane: what it costs, by question and unit, and what it gains over single-task networks."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit
from core.layouts import Layout
from core.selection.budget import RELATIVE_TOLERANCE

# A longer front is drawn by what is best within each whole percent.
MOST_DRAWN: Final = 300


class GainOrigin(StrEnum):
    """Where the gain of a point comes from."""

    PREDICTED = "predicted"
    MEASURED = "measured"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """One network of a family.

    Args:
        family: Name of the family.
        label: Its label within the family, such as a layout in its text form.
        tasks: Names of the tasks, in the order of ``gains``.
        costs: (question, unit) → cost; parameters, multiply-accumulates, bytes or seconds.
        gains: Δ of each task against its single-task network, percent; None where it is not known.
        gain: What the network is ranked by: mean of the gains, weighted where the family weights tasks.
        interval: 90 % interval of ``gain``; None where nothing is known of it, as with one seed.
        n_seeds: Seeds that ``gain`` is a mean of; 0 for published figures without seeds.
        origin: Where ``gain`` comes from.
        layout: The sharing layout, where the network is one.
        seed_gains: Seed → Δ of each task on the split of ``gains``, in the order of ``tasks``; empty where gains are
            predicted or published.
    """

    family: str
    label: str
    tasks: tuple[str, ...]
    costs: Mapping[tuple[CostQuestion, Unit], float]
    gains: tuple[float | None, ...]
    gain: float
    interval: tuple[float, float] | None
    n_seeds: int
    origin: GainOrigin
    layout: Layout | None = field(default=None, compare=False)
    seed_gains: Mapping[int, tuple[float, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        assert all(len(gains) == len(self.tasks) for gains in self.seed_gains.values())

    def scores(self, task: str | None = None) -> dict[int, float]:
        """Return seed → mean Δ over tasks, or Δ of one task.

        Args:
            task: Name of a task; the mean over all where None. Without seeds of a task that it hasn't.
        """
        if task is None:
            return {seed: math.fsum(gains) / len(gains) for seed, gains in self.seed_gains.items()}
        if task not in self.tasks:
            return {}
        place = self.tasks.index(task)
        return {seed: gains[place] for seed, gains in self.seed_gains.items()}

    def cost(self, question: CostQuestion, unit: Unit) -> float | None:
        """Return the cost that answers a question in a unit; None where the family has none."""
        return self.costs.get((question, unit))


def seed_gains(seeds: Iterable[int], gains: NDArray[np.float64]) -> dict[int, tuple[float, ...]]:
    """Return seed → Δ of each task.

    Args:
        seeds: In the order of the rows.
        gains: ``[n_seeds, n_tasks]``, percent.
    """
    return {int(seed): tuple(row) for seed, row in zip(seeds, gains.tolist(), strict=True)}


class _Costed(Protocol):
    @property
    def cost(self) -> float: ...

    @property
    def score(self) -> float: ...


_C = TypeVar("_C", bound=_Costed)


def affordable(cost: float, budget: float) -> bool:
    """Return whether a cost is within a budget in the same unit, inclusive within 1e-9 of it."""
    return cost <= _limit(budget)


def last_within(front: Sequence[_C], budget: float) -> int | None:
    """Return the place of the best choice of a front that a budget allows; None where nothing fits.

    Args:
        front: Non-dominated choices by rising cost, and so by rising score.
        budget: In the unit of the costs.
    """
    fitting = bisect_right(front, _limit(budget), key=lambda choice: choice.cost)
    return fitting - 1 if fitting else None


def drawn_of(front: Sequence[_C], whole: float) -> tuple[_C, ...]:
    """Return the choices of a front that are drawn: all; of one too long, what is best within each whole percent.

    Args:
        front: Non-dominated choices by rising cost.
        whole: The cost that is a hundred percent.
    """
    if len(front) <= MOST_DRAWN:
        return tuple(front)
    places = (last_within(front, percent / 100 * whole) for percent in range(1, 101))
    return tuple(front[place] for place in dict.fromkeys(places) if place is not None)


def best_within(choices: Iterable[_C], budget: float) -> _C | None:
    """Return the best choice that a budget allows; of equally good ones the cheapest; None where nothing fits.

    Args:
        choices: Anything with ``cost`` and ``score``, in any order; the first of equals wins.
        budget: In the unit of the costs.

    >>> from types import SimpleNamespace as Choice
    >>> best_within([Choice(cost=1, score=0.0), Choice(cost=2, score=3.0), Choice(cost=4, score=5.0)], 2).score
    3.0
    """
    best: _C | None = None
    for choice in choices:
        if affordable(choice.cost, budget) and (
            best is None or (choice.score, -choice.cost) > (best.score, -best.cost)
        ):
            best = choice
    return best


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended within a budget.

    Args:
        best: Place of the choice with the best score on the front.
        place: Place of the recommended one: the cheapest that noise can't tell from the best.
    """

    best: int
    place: int

    @property
    def is_cheaper(self) -> bool:
        """Whether a cheaper one than the best is recommended, because the difference is within noise."""
        return self.place != self.best


def advised(front: Sequence[_Costed], equals: Sequence[int], budget: float) -> Advice | None:
    """Return what a front recommends within a budget; None where nothing fits.

    Args:
        front: Non-dominated choices by rising cost, and so by rising score.
        equals: For each of them the place of the cheapest that noise can't tell from it.
        budget: In the unit of the costs.
    """
    best = last_within(front, budget)
    return None if best is None else Advice(best, equals[best])


def pareto_front(points: Sequence[PlanePoint], question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return the points that no other point beats in both cost and gain, by rising cost.

    Args:
        points: Of any families; those without a cost for the question and unit are left out.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    known = [(cost, point) for point in points if (cost := point.cost(question, unit)) is not None]
    front: list[PlanePoint] = []
    for _, point in sorted(known, key=lambda each: (each[0], -each[1].gain)):
        if not front or point.gain > front[-1].gain:
            front.append(point)
    return front


def _limit(budget: float) -> float:
    return budget * (1 + RELATIVE_TOLERANCE)
