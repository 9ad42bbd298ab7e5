"""Lagrangian tables: the best layouts when every block copy has a price."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from core.layouts import Group, Layout
from core.selection.choice import Choice, Terms

Array = NDArray[np.float64]
LANES = 8


@cache
def kernels() -> ModuleType:
    """Return the module of inner loops, importing numba on first use."""
    from core.selection import kernels as module

    return module


@cache
def canonical_rank(n_tasks: int) -> Array:
    """Return a number per group, ``[2^n_tasks]``, that falls in canonical (tuple) order."""
    groups = sorted(range(1 << n_tasks), key=lambda mask: tuple(t for t in range(n_tasks) if mask >> t & 1))
    rank = np.empty(1 << n_tasks)
    rank[groups] = -np.arange(1 << n_tasks)
    return rank


def layout_of(member: NDArray[np.int32]) -> Layout:
    """Return the layout of ``member [n_blocks, n_tasks]``, the mask of each task's group."""
    # The first mention of each group, by rising task, is the canonical order.
    return Layout(tuple(tuple(_group(mask) for mask in dict.fromkeys(row)) for row in member.tolist()))


@lru_cache(maxsize=1 << 14)
def _group(mask: int) -> Group:
    return tuple(task for task in range(mask.bit_length()) if mask >> task & 1)


@dataclass(frozen=True, eq=False)
class Lanes:
    """Tables for several prices at once, ready to bound a search.

    ``multipliers [n]`` price cost, ``tolls [n]`` price each block copy, ``best`` is
    ``[n_blocks + 1, 2^n_tasks, n]``; see ``core.selection.kernels``.
    """

    terms: Terms
    multipliers: Array
    tolls: Array

    @cached_property
    def penalties(self) -> Array:
        """Price of one copy of each block, ``[n, n_blocks]``."""
        return np.multiply.outer(self.multipliers, self.terms.costs) + self.tolls[:, None]

    @cached_property
    def best(self) -> Array:
        """The tables."""
        score = self.terms.score
        best = np.empty((score.n_blocks + 1, 1 << score.n_tasks, len(self.multipliers)))
        kernels().fill(score.gains, self.penalties, best)
        return best

    @cached_property
    def bounds(self) -> Array:
        """Multiplier, toll and slack against rounding, ``[3, n]``."""
        score = self.terms.score
        size = score.span + self.multipliers * self.terms.most_expensive + self.tolls * score.n_tasks * score.n_blocks
        return np.stack([self.multipliers, self.tolls, 1e-13 * size])

    def only(self, lanes: Sequence[int]) -> "Lanes":
        """Return some of the lanes."""
        index = list(lanes)
        part = Lanes(self.terms, self.multipliers[index], self.tolls[index])
        part.__dict__["best"] = np.ascontiguousarray(self.best[:, :, index])
        return part

    def optimum(self, lane: int) -> tuple[float, float]:
        """Return (score, cost) of a layout that is best at the prices of one lane."""
        return optimum(self.terms, self.penalties, self.best, lane)


def optimum(terms: Terms, penalties: Array, best: Array, lane: int) -> tuple[float, float]:
    """Return (score, cost) of a layout that is best at the prices of one lane."""
    score = terms.score
    member = np.zeros((score.n_blocks, score.n_tasks), dtype=np.int32)
    gained = kernels().trace(score.gains, penalties[lane], best, lane, member)
    n_groups = (np.diff(np.sort(member, axis=1), axis=1) != 0).sum(axis=1) + 1
    return score.constant + gained, float(np.dot(n_groups, terms.costs))


def cheapest_best(terms: Terms) -> tuple[float, float]:
    """Return (score, cost) of the best among the cheapest layouts.

    A copy of any block that costs something is priced above all that scores can gain.
    """
    penalties = np.where(terms.costs > 0, 4.0 * terms.score.span + 1.0, 0.0)[None]
    best = np.empty((terms.score.n_blocks + 1, 1 << terms.score.n_tasks, 1))
    kernels().fill(terms.score.gains, penalties, best)
    return optimum(terms, penalties, best, 0)


def gentle_prices(terms: Terms) -> tuple[float, float]:
    """Return a multiplier and a toll so small that they mostly order layouts of equal score."""
    span = terms.score.span or 1.0
    copies = terms.score.n_tasks * terms.score.n_blocks
    return 1e-3 * span / (terms.most_expensive or 1.0), 1e-3 * span / copies


def dual_multiplier(terms: Terms, limit: float) -> float:
    """Return the multiplier λ that minimises the bound max(score − λ cost) + λ limit."""
    free = Lanes(terms, np.zeros(1), np.zeros(1)).optimum(0)
    if free[1] <= limit:
        return 0.0
    low, high = cheapest_best(terms), free
    multiplier = 0.0
    while high[0] - low[0] > terms.score_step and high[1] > low[1]:
        multiplier = (high[0] - low[0]) / (high[1] - low[1])
        score, cost = Lanes(terms, np.array([multiplier]), np.zeros(1)).optimum(0)
        gap = (score - multiplier * cost) - (low[0] - multiplier * low[1])
        if gap <= 1e-11 * (terms.score.span + multiplier * terms.most_expensive):
            break
        if cost <= limit:
            low = (score, cost)
        else:
            high = (score, cost)
    return multiplier


def hull(terms: Terms) -> list[tuple[float, float]]:
    """Return (score, cost) of the front's corners, those that some multiplier makes best, by rising cost.

    All gaps between known corners are tried at once, so that one pass fills several lanes.
    """
    corners = [cheapest_best(terms)]
    free = Lanes(terms, np.zeros(1), np.zeros(1)).optimum(0)
    if terms.score_key(free[0]) <= terms.score_key(corners[0][0]):
        return corners
    corners.append(free)
    closed: set[tuple[tuple[float, float], tuple[float, float]]] = set()
    while True:
        gaps = [gap for gap in pairwise(corners) if gap not in closed]
        if not gaps:
            return corners
        for start in range(0, len(gaps), LANES):
            batch = gaps[start : start + LANES]
            slopes = np.array([(b[0] - a[0]) / (b[1] - a[1]) for a, b in batch])
            lanes = Lanes(terms, slopes, np.zeros(len(batch)))
            for lane, (a, b) in enumerate(batch):
                point = lanes.optimum(lane)
                above = (point[0] - slopes[lane] * point[1]) - (a[0] - slopes[lane] * a[1])
                if above <= 1e-11 * (terms.score.span + slopes[lane] * terms.most_expensive) or point in corners:
                    closed.add((a, b))
                else:
                    corners.append(point)
        # A point that ties with a corner is none: where nothing else was found, the gap has no more of them.
        rising = _rising(terms, corners)
        closed |= {gap for gap in gaps if gap in pairwise(rising)}
        corners = rising


def _rising(terms: Terms, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda p: (terms.cost_key(p[1]), -p[0])):
        if not kept or terms.score_key(point[0]) > terms.score_key(kept[-1][0]):
            kept.append(point)
    return kept


def as_choices(terms: Terms, found: NDArray[np.int32]) -> list[Choice]:
    """Return the choices of ``found [n, n_blocks, n_tasks]``, without those that are there twice."""
    return [terms.choice(layout_of(member)) for member in {member.tobytes(): member for member in found}.values()]
