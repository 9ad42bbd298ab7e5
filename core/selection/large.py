"""Good layouts for more tasks than the exact search can take, with a proved upper bound."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import BudgetError
from core.layouts import Layout
from core.selection.block_score import BlockScore
from core.selection.budget import Budget, inclusive
from core.selection.choice import Choice, Terms
from core.selection.exact import top_choices
from core.selection.lagrange import Lanes, kernels, layout_of
from core.selection.layout_score import GainScore
from core.selection.pairwise import PairwiseScore

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
SUPER_TASKS = 9
BOUND_TASKS = 10
# Prices of cost, in units of (what sharing can gain) / (what single-task networks cost).
PRICES = (0.0, 0.05, 0.15, 0.3, 0.5, 0.8, 1.2, 1.8, 2.7, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class LargeSearch:
    """The best layouts found, and how far from the best possible they could be at most.

    Args:
        choices: Best first, within the budget. Not proved to be the best.
        bound: No layout within the budget scores more than this.
        gap: ``bound`` less the score of the first choice.
    """

    choices: tuple[Choice, ...]
    bound: float
    gap: float


def search_large(
    score: GainScore,
    costs: Array,
    *,
    budget: Budget | float | str | None = None,
    top: int = 5,
    restarts: int = 5,
    seed: int = 0,
) -> LargeSearch:
    """Return the best layouts found within a budget for up to 40 tasks, and a proved upper bound.

    For several prices of cost: contract the tasks to super-tasks, search these exactly, then
    take out each task and put it back in its best place until nothing improves.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        budget: Greatest cost, inclusive within 10⁻⁹ relative; none by default.
        top: How many layouts, at least one.
        restarts: Contractions tried per price.
        seed: Seed of the contractions.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.
    """
    if top < 1:
        raise BudgetError(f"{top} layouts were requested. Choose at least one.")
    terms = Terms(score, costs)
    limit = terms.most_expensive
    if budget is not None:
        amount = Budget.parse(budget).absolute(np.asarray(costs, dtype=np.float64), n_tasks=score.n_tasks)
        limit = min(limit, inclusive(amount, terms.cheapest))
    rng = np.random.default_rng(seed)
    pool = {layout: terms.choice(layout) for layout in _local_optima(terms, PRICES, restarts, rng)}
    seeds = sorted((c for c in pool.values() if c.cost <= limit), key=terms.order)[: 2 * top]
    for choice in seeds:
        polished = _reinserted(terms, choice.layout.branch_points(), price=0.0, limit=limit, rng=rng)
        layout = Layout.from_branch_points(polished)
        pool[layout] = terms.choice(layout)
    within = sorted((c for c in pool.values() if c.cost <= limit), key=terms.order)[:top]
    bound = max(upper_bound(terms, limit), within[0].score)
    return LargeSearch(tuple(within), bound, bound - within[0].score)


def large_front(score: GainScore, costs: Array, *, restarts: int = 5, seed: int = 0) -> list[Choice]:
    """Return the non-dominated ones of the layouts found, by rising cost: an approximate front.

    Args:
        score: What to maximise.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        restarts: Contractions tried per price.
        seed: Seed of the contractions.
    """
    terms = Terms(score, costs)
    between = [(a + b) / 2 for a, b in pairwise(PRICES)]
    found = _local_optima(terms, sorted([*PRICES, *between]), restarts, np.random.default_rng(seed))
    return terms.front(terms.choice(layout) for layout in found)


def upper_bound(terms: Terms, limit: float) -> float:
    """Return a score that no layout of cost up to ``limit`` exceeds.

    Tasks are put in clusters of at most 10. Within a cluster the best score is found exactly
    (a layout restricted to some tasks costs no more than the whole); between clusters each
    pair counts with its best branch point. Where groups earn means, a part of a group says nothing
    of the whole, so each task counts with its best partner at every block and the most beyond, whatever the cost.
    """
    score = _score(terms)
    if isinstance(score, BlockScore):
        return score.ceiling + 1e-12 * score.span
    bound = score.ceiling
    spread = score.pairs.max(axis=2) - score.pairs.min(axis=2)
    left = list(range(score.n_tasks))
    while len(left) > 1:
        cluster = [left[int(np.argmax(spread[np.ix_(left, left)].sum(axis=1)))]]
        while len(cluster) < min(BOUND_TASKS, len(left)):
            rest = [t for t in left if t not in cluster]
            cluster.append(rest[int(np.argmax(spread[np.ix_(rest, cluster)].sum(axis=1)))])
        part = Terms(score.restricted(sorted(cluster)), terms.costs)
        bound += top_choices(part, min(limit, part.most_expensive), 1)[0].score - part.score.ceiling
        left = [t for t in left if t not in cluster]
    return bound + 1e-12 * score.span


def _local_optima(terms: Terms, prices: Iterable[float], restarts: int, rng: np.random.Generator) -> list[Layout]:
    score = _score(terms)
    unit = (score.ceiling - score.constant) / (terms.most_expensive or 1.0)
    start = Layout.all_shared(score.n_tasks, score.n_blocks)
    found = {start: None, Layout.all_split(score.n_tasks, score.n_blocks): None}
    previous = start.branch_points()
    for factor in sorted(prices, reverse=True):
        price = factor * unit
        # The optimum of the price before is a start as well: it is often close.
        starts = [previous, *(_contracted(terms, price, noise, rng) for noise in np.linspace(0, 1, restarts))]
        ends = [_reinserted(terms, points, price=price, limit=np.inf, rng=rng) for points in starts]
        layouts = [Layout.from_branch_points(points) for points in ends]
        found |= dict.fromkeys(layouts)
        values = [score.score(layout) - price * terms.choice(layout).cost for layout in layouts]
        previous = ends[int(np.argmax(values))]
    return list(found)


def _contracted(terms: Terms, price: float, noise: float, rng: np.random.Generator) -> Ints:
    """Return branch points of a start: tasks joined to super-tasks, these searched exactly."""
    score = _score(terms)
    members = [[task] for task in range(score.n_tasks)]
    together = score.pairs[:, :, -1] - score.pairs[:, :, :-1].max(axis=2)
    together = together + noise * together.std() * rng.standard_normal(together.shape)
    likeness = together + together.T
    np.fill_diagonal(likeness, -np.inf)
    while len(members) > SUPER_TASKS:
        a, b = sorted(int(x) for x in np.unravel_index(np.argmax(likeness), likeness.shape))
        sizes = len(members[a]), len(members[b])
        likeness[a] = (sizes[0] * likeness[a] + sizes[1] * likeness[b]) / sum(sizes)
        likeness[:, a] = likeness[a]
        likeness[a, a] = -np.inf
        likeness = np.delete(np.delete(likeness, b, axis=0), b, axis=1)
        members[a] += members.pop(b)
    home = np.zeros((len(members), score.n_tasks))
    for index, tasks in enumerate(members):
        home[index, tasks] = 1.0
    small = Terms(score.contracted(home), terms.costs)
    lanes = Lanes(small, np.array([price]), np.zeros(1))
    member = np.zeros((small.score.n_blocks, len(members)), dtype=np.int32)
    kernels().trace(small.score.gains, lanes.penalties[0], lanes.best, 0, member)
    points = layout_of(member).branch_points()
    place = home.argmax(axis=0)
    return points[np.ix_(place, place)]


def _reinserted(terms: Terms, points: Ints, *, price: float, limit: float, rng: np.random.Generator) -> Ints:
    """Return branch points that moving any one task can't improve (or nearly: 20 sweeps)."""
    from core.selection.reinsertion import sweep, sweep_blocks

    score = _score(terms)
    points = points.astype(np.int64)
    tail = np.append(np.cumsum(terms.costs[::-1])[::-1], 0.0)
    for _ in range(20):
        order = rng.permutation(score.n_tasks)
        rest = (tail, points, order, float(price), float(limit), terms.score_step)
        if isinstance(score, PairwiseScore):
            moved = sweep(score.pairs, *rest)
        else:
            assert score.beyond is not None
            moved = sweep_blocks(score.steps, score.beyond, *rest)
        if not moved:
            break
    return points


def _score(terms: Terms) -> GainScore:
    assert isinstance(terms.score, PairwiseScore | BlockScore)
    return terms.score
