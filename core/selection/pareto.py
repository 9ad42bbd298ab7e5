"""The complete front of cost and score, exactly, without enumeration."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.selection.choice import Choice, Terms
from core.selection.lagrange import LANES, Lanes, as_choices, canonical_rank, gentle_prices, hull, kernels
from core.selection.layout_score import LayoutScore

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Masks = NDArray[np.int32]
NO_CAP = 1 << 62
FEW_NODES = 200_000


def exact_front(score: LayoutScore, costs: Array) -> list[Choice]:
    """Return every non-dominated (cost, score) with its layout, by rising cost.

    One layout per point: the one with fewest groups, then the first in canonical order. Two
    phases: the corners of the hull by Lagrangian relaxation, then between each two corners a
    depth-first branch and bound for the points below the hull, which are most of the front.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.

    Raises:
        BudgetError: The costs are not one finite number ≥ 0 per block.

    Reference:
        Visée et al. 1998, Two-phases method and branch and bound procedures to solve the
        bi-objective knapsack problem.
    """
    return front_choices(Terms(score, costs))


def front_choices(terms: Terms) -> list[Choice]:
    """Return the front of ``terms``; see ``exact_front``."""
    corners = hull(terms)
    if len(corners) == 1:
        # One point only: the best of the cheapest. Its copy, a step more expensive, makes a gap to search.
        corners = [corners[0], corners[0]]
    slopes = [(b[0] - a[0]) / (b[1] - a[1]) if b[1] > a[1] else gentle_prices(terms)[0] for a, b in pairwise(corners)]
    masks: list[Masks] = []
    inner = LANES - 2
    for start in range(0, len(slopes), inner):
        first, last = max(start - 1, 0), min(start + inner + 1, len(slopes))
        lanes = Lanes(terms, np.array(slopes[first:last]), np.zeros(last - first))
        for gap in range(start, min(start + inner, len(slopes))):
            here = gap - first
            beside = [lane for lane in (here, here - 1, here + 1) if 0 <= lane < last - first]
            masks += _between(terms, lanes.only(beside), corners[gap], corners[gap + 1])
    return terms.front(as_choices(terms, np.array(masks)))


def _between(
    terms: Terms, lanes: Lanes, low: tuple[float, float], high: tuple[float, float], capacity: int = 1 << 12
) -> list[Masks]:
    """Return a layout for each point of the front from one corner to the next."""
    code, score = kernels(), terms.score
    most = score.n_tasks * score.n_blocks
    keys = np.zeros((capacity, 3), dtype=np.int64)
    found = np.zeros((capacity, score.n_blocks, score.n_tasks), dtype=np.int32)
    for row, point in enumerate((low, high)):
        keys[row] = terms.score_key(point[0]), terms.cost_key(point[1]), most
    n = 2 if terms.cost_key(low[1]) < terms.cost_key(high[1]) else 1
    n, _ = _walk(terms, lanes, code.FRONT, keys, found, n, NO_CAP)
    if n == capacity:
        return _between(terms, lanes, low, high, 4 * capacity)
    keys[:n, 2] = most + 1
    _, nodes = _walk(terms, lanes, code.TARGETS, keys, found, n, FEW_NODES)
    if nodes >= FEW_NODES:
        # Many layouts tie on score and cost; a toll per copy prefers those with few groups.
        toll = gentle_prices(terms)[1]
        tolled = Lanes(terms, np.tile(lanes.multipliers[:1], 3), np.array([0.0, toll, 1e-3 * toll]))
        keys[:n, 2] = most + 1
        _walk(terms, tolled, code.TARGETS, keys, found, n, NO_CAP)
    return list(found[:n])


def _walk(terms: Terms, lanes: Lanes, mode: int, keys: Ints, found: Masks, n: int, cap: int) -> tuple[int, int]:
    score, code = terms.score, kernels()
    n, nodes = code.explore(
        mode,
        mode == code.TARGETS,
        score.gains,
        lanes.best,
        lanes.penalties,
        lanes.bounds,
        terms.costs,
        score.constant,
        np.array([terms.score_step, terms.cost_step, score.n_tasks * score.n_blocks]),
        terms.most_expensive,
        canonical_rank(score.n_tasks),
        np.empty((0, 3), dtype=np.int64),
        keys,
        found,
        n,
        len(keys),
        cap,
    )
    return n, nodes
