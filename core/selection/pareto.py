"""The complete front of cost and score, exactly, without enumeration."""

from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.selection.choice import Choice, Terms
from core.selection.lagrange import Lanes, canonical_rank, gentle_prices, hull, layout_of
from core.selection.layout_score import LayoutScore

Array = NDArray[np.float64]
Masks = NDArray[np.int32]
Corner = tuple[float, float]
# How far below the hull the first pass looks, as a share of the farthest that a point of the front can lie.
_FIRST_LOOK: Final = 0.1
# How much deeper the next one looks at most: what it finds may make a deeper look needless.
_DEEPER: Final = 3.0
# Numbers in the tables of one pass, 8 bytes each; and labels, 48 bytes each.
_MOST_NUMBERS: Final = 1 << 24
_MOST_LABELS: Final = 1 << 23


def exact_front(score: LayoutScore, costs: Array) -> list[Choice]:
    """Return every non-dominated (cost, score) with its layout, by rising cost.

    One layout per point: the one with fewest groups, then the first in canonical order. Two
    phases: the corners of the hull by Lagrangian relaxation, then dynamic programming over sets of
    tasks for the points below the hull, which are most of the front.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.

    Raises:
        BudgetError: The costs are not one finite number ≥ 0 per block.

    Reference:
        Two phases: Visée et al. 1998, Two-phases method and branch and bound procedures to solve the
        bi-objective knapsack problem. Bounds for labels: Bazgan, Hugot and Vanderpooten 2009, Solving
        efficiently the 0–1 multi-objective knapsack problem.
    """
    return front_choices(Terms(score, costs))


def front_choices(terms: Terms) -> list[Choice]:
    """Return the front of ``terms``; see ``exact_front``."""
    corners = hull(terms)
    gaps = [_between(*ends) for ends in pairwise(corners)] or [_only_point(terms, corners[0])]
    rows = (terms.score.n_blocks + 1) << (terms.score.n_tasks + 1)
    size = max(1, _MOST_NUMBERS // rows)
    found = [_within(terms, gaps[start : start + size], _MOST_LABELS) for start in range(0, len(gaps), size)]
    return terms.front(choice for points in found for choice in points.choices(terms))


@dataclass(frozen=True, slots=True)
class _Points:
    """Some layouts by rising cost.

    Args:
        scores: ``[n]``.
        costs: ``[n]``.
        found: Group of every task at every block, ``[n, n_blocks, n_tasks]``.
    """

    scores: Array
    costs: Array
    found: Masks

    def choices(self, terms: Terms) -> list[Choice]:
        """Return the layouts that may be points of the front, with what they score and cost."""
        score_keys = np.floor(self.scores / terms.score_step + 0.5)
        cost_keys = np.floor(self.costs / terms.cost_step + 0.5)
        best_so_far = np.maximum.accumulate(score_keys)
        # Of equal cost or score the order of ties decides later.
        kept = score_keys >= best_so_far
        kept[1:] &= (score_keys[1:] > best_so_far[:-1]) | (cost_keys[1:] == cost_keys[:-1])
        return [
            Choice(layout_of(self.found[i]), float(self.scores[i]), float(self.costs[i])) for i in np.flatnonzero(kept)
        ]


@dataclass(frozen=True, slots=True)
class _Gap:
    """A part of the front from one corner of the hull to the next.

    Args:
        multiplier: Price of cost at which both corners are best.
        height: Value of both at that price: no layout has more.
        low: The cheaper corner, (score, cost).
        high: The other one.
        depth: How far below the hull a point of the front can lie, in units of score.
    """

    multiplier: float
    height: float
    low: Corner
    high: Corner
    depth: float

    def steps(self, known: "_Staircase") -> "_Staircase":
        """Return what a point here has to exceed at which cost: (score of a known point, cost of the next one)."""
        inside = (known.costs >= self.low[1]) & (known.costs <= self.high[1])
        scores, costs = known.scores[inside], known.costs[inside]
        return _Staircase(scores, np.append(costs[1:], costs[-1]))

    def depth_left(self, known: "_Staircase") -> float:
        """Return how far below the hull a point can lie that no known point dominates."""
        if not self.depth:
            return 0.0
        steps = self.steps(known)
        return min(self.depth, float(np.max(self.height + self.multiplier * steps.costs - steps.scores)))


@dataclass(frozen=True, slots=True)
class _Staircase:
    """Known points by rising cost, with the best score that each cost has: they rise, too.

    Args:
        scores: ``[n]``.
        costs: ``[n]``.
    """

    scores: Array
    costs: Array

    @classmethod
    def of(cls, gaps: list[_Gap], points: _Points | None) -> "_Staircase":
        """Return points, if there are some, and the corners of gaps."""
        corners = [corner for gap in gaps for corner in (gap.low, gap.high)]
        scores, costs = (np.array(column) for column in zip(*corners, strict=True))
        if points is not None:
            scores, costs = np.concatenate([points.scores, scores]), np.concatenate([points.costs, costs])
        order = np.lexsort((scores, costs))
        return cls(np.maximum.accumulate(scores[order]), costs[order])


def _between(low: Corner, high: Corner) -> _Gap:
    multiplier = (high[0] - low[0]) / (high[1] - low[1])
    return _Gap(multiplier, low[0] - multiplier * low[1], low, high, high[0] - low[0])


def _only_point(terms: Terms, corner: Corner) -> _Gap:
    """Return the gap of a front of one point: the best of the cheapest."""
    multiplier = gentle_prices(terms)[0]
    return _Gap(multiplier, corner[0] - multiplier * corner[1], corner, corner, 0.0)


def _within(terms: Terms, gaps: list[_Gap], most_labels: int) -> _Points:
    """Return at least the points of the front in some gaps.

    A first pass looks just below the hull. What it finds says how far below it any other point of a gap can lie: where
    that is farther, another pass looks deeper.
    """
    every = Lanes(terms, np.array([gap.multiplier for gap in gaps]), np.zeros(len(gaps)))
    depths = np.array([_FIRST_LOOK * gap.depth for gap in gaps])
    left = np.arange(len(gaps))
    found: _Points | None = None
    while True:
        here = [gaps[i] for i in left]
        lanes = every if len(here) == len(gaps) else every.only(left.tolist())
        points = _looked(terms, lanes, here, depths[left], _Staircase.of(gaps, found), most_labels)
        if points is None and len(here) > 1:
            half = len(here) // 2
            points = _joined(_within(terms, here[:half], most_labels), _within(terms, here[half:], most_labels))
            return points if found is None else _joined(found, points)
        if points is None:
            return _within(terms, gaps, 4 * most_labels)
        found = points if found is None else _joined(found, points)
        known = _Staircase.of(gaps, found)
        needed = np.array([gap.depth_left(known) for gap in here])
        deeper = needed > depths[left]
        if not deeper.any():
            return found
        left = left[deeper]
        depths[left] = np.minimum(needed[deeper], _DEEPER * depths[left])


def _joined(one: _Points, other: _Points) -> _Points:
    """Return the points of both by rising cost."""
    costs = np.concatenate([one.costs, other.costs])
    order = np.argsort(costs, kind="stable")
    scores = np.concatenate([one.scores, other.scores])
    return _Points(scores[order], costs[order], np.concatenate([one.found, other.found])[order])


def _looked(
    terms: Terms, lanes: Lanes, gaps: list[_Gap], depths: Array, known: _Staircase, most_labels: int
) -> _Points | None:
    """Return a layout of every point of the front at most so deep below the hull; None for too many labels."""
    code, score = _kernels(), terms.score
    # What may tie with a point of the front is kept, and rounding is allowed for.
    slack = terms.score_step + lanes.multipliers * terms.cost_step + 10 * lanes.bounds[2]
    least = np.array([gap.height for gap in gaps]) - depths - slack
    steps = [gap.steps(known) for gap in gaps]
    starts = np.cumsum([0, *(len(each.costs) for each in steps)])
    steps_up = np.concatenate(
        [
            np.stack([each.costs + terms.cost_step, each.scores - off], axis=1)
            for each, off in zip(steps, slack, strict=True)
        ]
    )
    prices = lanes.penalties, lanes.multipliers, lanes.best
    wanted = least, starts, steps_up
    outside = np.empty_like(lanes.best)
    code.fill_outside(score.gains, *prices, score.constant, *wanted, outside)
    first, n, numbers, made = code.label_front(
        score.gains,
        terms.costs,
        *prices,
        outside,
        *wanted,
        np.array([terms.score_step, terms.cost_step]),
        canonical_rank(score.n_tasks),
        score.n_tasks,
        most_labels,
    )
    if n < 0:
        return None
    found = np.zeros((n, score.n_blocks, score.n_tasks), dtype=np.int32)
    code.layouts_of(made, first, found)
    costs, scores = numbers[first : first + n].T
    # Sums on a grid are exact: these are the numbers that the layouts have on their own.
    return _Points(score.constant + scores, costs, found)


def _kernels() -> ModuleType:
    """Return the module of inner loops, importing numba on first use."""
    from core.selection import labels

    return labels
