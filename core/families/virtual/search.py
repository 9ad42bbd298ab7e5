"""Orders of all tasks chosen together: similar tasks share their low levels, and all units learn about equally much.

The figure of merit is ours; the paper chooses orders by a rule.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import FamilyError
from core.families.virtual.orders import Order, Orders, affinity_orders, cyclic_orders, nearest_orders
from core.families.virtual.totals import unit_totals

# Complete search looks at k!^(T−1) orders; half a million take some seconds. What pairs of the k! share is kept.
MOST_COMPLETE: Final = 500_000
_MOST_UNITS_COMPLETE: Final = 6
# Up to so many units a step of the local search tries all orders of two tasks, above that swaps of two units of one.
_MOST_UNITS_WHOLE: Final = 5
_MOST_TASKS_WHOLE: Final = 8
# A start reaches its end long before; the number bounds made-up cases.
_MOST_SWAPS: Final = 20_000
# Random starts are so many that all tasks' units together are looked at about so often.
_MOST_STARTED: Final = 2_000
_EQUAL: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Merit:
    """How good orders are for tasks that are alike in some measure.

    Args:
        agreement: Mean of what pairs of tasks share below the last level, weighted by their affinity less the mean of
            all; from −1 to 1, where 1 means that pairs above the mean share everything and those below it nothing.
        imbalance: (largest − smallest) / mean of the units' gradient totals.
        balance: How much a unit of imbalance counts.
    """

    agreement: float
    imbalance: float
    balance: float

    @property
    def value(self) -> float:
        """What is maximised: agreement − balance · imbalance."""
        return self.agreement - self.balance * self.imbalance


@dataclass(frozen=True, slots=True)
class Searched:
    """The orders that a search found.

    Args:
        orders: The first task takes the units from 0 on: other names of the units change nothing.
        merit: How good they are.
        exact: Whether no orders are better.
    """

    orders: Orders
    merit: Merit
    exact: bool


def merit_of(orders: Orders, affinity: NDArray[np.float64], balance: float = 1.0) -> Merit:
    """Return how good orders are.

    Args:
        orders: One permutation of the units for each task.
        affinity: How alike tasks are, ``[n_tasks, n_tasks]``, symmetric; the diagonal is not read.
        balance: How much a unit of imbalance counts.

    Raises:
        FamilyError: The affinity has another shape or a hole.
    """
    return _merit(orders, _weights(affinity, len(orders)), balance)


def pair_weights(affinity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each pair of tasks counts in the agreement: its affinity less the mean, sizes adding up to 1.

    Args:
        affinity: How alike tasks are, ``[n_tasks, n_tasks]``, symmetric; the diagonal is not read.

    Raises:
        FamilyError: The affinity has another shape or a hole.
    """
    return _weights(affinity, len(affinity))


def shared_below(one: Order, other: Order) -> float:
    """Return the share of units that two tasks have in common, mean over all levels but the last.

    >>> shared_below((0, 1, 2), (1, 0, 2))
    0.5
    """
    both = np.maximum(np.argsort(one), np.argsort(other))
    levels = np.arange(1, len(one))
    return float(((both[:, None] < levels) / levels).sum(axis=0).mean())


def searched_orders(
    affinity: NDArray[np.float64], n_units: int, *, balance: float = 1.0, starts: int = 20, seed: int = 0
) -> Searched:
    """Return the best orders by complete search, or by local search where there are too many.

    Args:
        affinity: How alike tasks are, ``[n_tasks, n_tasks]``, symmetric; the diagonal is not read.
        n_units: Number of units.
        balance: How much a unit of imbalance counts against the affinity of what is shared.
        starts: How many orders drawn at random the local search starts from, beside the rules'.
        seed: Of the draws.

    Raises:
        FamilyError: Numbers or affinity are unusable.
    """
    n_tasks = len(affinity)
    nearest_orders(n_tasks, n_units)
    weights = _weights(affinity, n_tasks)
    if n_units <= _MOST_UNITS_COMPLETE and math.factorial(n_units) ** (n_tasks - 1) <= MOST_COMPLETE:
        orders, exact = _complete(weights, n_units, balance), True
    else:
        orders, exact = _local(affinity, weights, n_units, balance, starts, np.random.default_rng(seed)), False
    orders = _renamed(orders)
    return Searched(orders, merit_of(orders, affinity, balance), exact)


def _complete(weights: NDArray[np.float64], n_units: int, balance: float) -> Orders:
    n_tasks = len(weights)
    orders = list(itertools.permutations(range(n_units)))
    ranks, shared = _of_orders(orders)
    best, found = -math.inf, (orders[0],) * n_tasks
    if n_tasks == 1:
        return found
    mean = n_tasks * (n_units + 1) / 2
    # The first task takes the units as they are numbered; the last one's orders are looked at all together.
    for middle in itertools.product(range(len(orders)), repeat=n_tasks - 2):
        chosen = (0, *middle)
        fixed = sum(
            weights[one, other] * shared[chosen[one], chosen[other]]
            for one, other in itertools.combinations(range(n_tasks - 1), 2)
        )
        agreement = fixed + sum(weights[task, -1] * shared[number] for task, number in enumerate(chosen))
        totals = ranks[list(chosen)].sum(axis=0) + ranks
        values = agreement - balance * np.ptp(totals, axis=1) / mean
        place = int(np.argmax(values))
        if values[place] > best + _EQUAL:
            best, found = float(values[place]), tuple(orders[number] for number in (*chosen, place))
    return found


def _local(
    affinity: NDArray[np.float64],
    weights: NDArray[np.float64],
    n_units: int,
    balance: float,
    starts: int,
    rng: np.random.Generator,
) -> Orders:
    n_tasks = len(weights)
    beginnings = [nearest_orders(n_tasks, n_units), cyclic_orders(n_tasks, n_units), affinity_orders(affinity, n_units)]
    beginnings += [
        tuple(tuple(map(int, rng.permutation(n_units))) for _ in range(n_tasks))
        for _ in range(min(max(starts, 0), _MOST_STARTED // (n_tasks * n_units)))
    ]

    def value(orders: Orders) -> float:
        return _merit(orders, weights, balance).value

    if n_units <= _MOST_UNITS_WHOLE and 1 < n_tasks <= _MOST_TASKS_WHOLE:
        climb = _PairClimb(weights, n_units, balance).climbed
    else:
        climb = _SwapClimb(weights, n_units, balance).climbed
    return max(map(climb, beginnings), key=value)


def _merit(orders: Orders, weights: NDArray[np.float64], balance: float) -> Merit:
    pairs = itertools.combinations(range(len(orders)), 2)
    agreement = sum(weights[one, other] * shared_below(orders[one], orders[other]) for one, other in pairs)
    totals = unit_totals(orders)
    return Merit(float(agreement), float(np.ptp(totals) / totals.mean()), balance)


class _PairClimb:
    """Local search in which the orders of two tasks are the best for those of the others, until no pair improves."""

    def __init__(self, weights: NDArray[np.float64], n_units: int, balance: float) -> None:
        self.weights, self.balance = weights, balance
        self.orders = list(itertools.permutations(range(n_units)))
        self.numbers = {order: number for number, order in enumerate(self.orders)}
        self.ranks, self.shared = _of_orders(self.orders)
        self.mean = len(weights) * (n_units + 1) / 2

    def climbed(self, orders: Orders) -> Orders:
        """Return orders that no change of two tasks' orders improves."""
        chosen = [self.numbers[order] for order in orders]
        pairs = list(itertools.combinations(range(len(chosen)), 2))
        unchanged = 0
        for one, other in itertools.cycle(pairs):
            values = self._values(chosen, one, other)
            best = int(np.argmax(values))
            if values.flat[best] > values[chosen[one], chosen[other]] + _EQUAL:
                chosen[one], chosen[other] = divmod(best, len(self.orders))
                unchanged = 0
            else:
                unchanged += 1
            if unchanged == len(pairs):
                break
        return tuple(self.orders[number] for number in chosen)

    def _values(self, chosen: list[int], one: int, other: int) -> NDArray[np.float64]:
        """Return the merit for all orders of two tasks but for what the others share, ``[n_orders, n_orders]``."""
        rest = [task for task in range(len(chosen)) if task not in (one, other)]
        taken = [chosen[task] for task in rest]
        of_one, of_other = (self.weights[task, rest] @ self.shared[taken] for task in (one, other))
        agreement = self.weights[one, other] * self.shared + of_one[:, None] + of_other
        totals = self.ranks[taken].sum(axis=0) + self.ranks[:, None] + self.ranks
        values: NDArray[np.float64] = agreement - self.balance * np.ptp(totals, axis=2) / self.mean
        return values


class _SwapClimb:
    """Local search that swaps two units in the order of one task, the best two each time, until no swap improves.

    What two tasks share is a sum over units of a weight that falls with the larger of the unit's two places, so a swap
    changes two terms for each pair of tasks.
    """

    def __init__(self, weights: NDArray[np.float64], n_units: int, balance: float) -> None:
        self.weights, self.balance = weights, balance
        levels = np.arange(1, n_units)
        # What a unit adds to ``shared_below`` by the larger of its places, [n_units].
        self.worth = np.array([(1.0 / levels[levels > place]).sum() for place in range(n_units)]) / max(n_units - 1, 1)
        self.mean = len(weights) * (n_units + 1) / 2

    def climbed(self, orders: Orders) -> Orders:
        """Return orders that no swap improves; after very many swaps those that were reached."""
        places = np.argsort(np.array(orders), axis=1)
        n_tasks, unchanged = len(places), 0
        for task in itertools.islice(itertools.cycle(range(n_tasks)), _MOST_SWAPS):
            one, other, more = self._best_swap(places, task)
            if more > _EQUAL:
                places[task, [one, other]] = places[task, [other, one]]
                unchanged = 0
            else:
                unchanged += 1
            if unchanged == n_tasks:
                break
        return tuple(tuple(map(int, order)) for order in np.argsort(places, axis=1))

    def _best_swap(self, places: NDArray[np.int64], task: int) -> tuple[int, int, float]:
        """Return the two units of a task whose swap raises the merit most, and by how much."""
        own, n_units = places[task], places.shape[1]
        # Merit of each unit at each place of the task, for what the others have, [n_units, n_units].
        larger = np.maximum(places[:, :, None], np.arange(n_units))
        at = np.tensordot(self.weights[task], self.worth[larger], axes=1)
        here = at[np.arange(n_units), own]
        there = at[:, own]
        agreement = there + there.T - here[:, None] - here
        totals = (n_units - places).sum(axis=0)
        apart = own[:, None] - own
        changed = np.broadcast_to(totals, (n_units, n_units, n_units)).copy()
        units = np.arange(n_units)
        changed[units, :, units] += apart
        changed[:, units, units] -= apart
        more = agreement - self.balance * (np.ptp(changed, axis=2) - np.ptp(totals)) / self.mean
        one, other = divmod(int(np.argmax(more)), n_units)
        return one, other, float(more[one, other])


def _of_orders(orders: list[Order]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return gradient totals of units ``[n_orders, n_units]`` and what two orders share ``[n_orders, n_orders]``."""
    places = np.argsort(np.array(orders), axis=1).astype(np.int8)
    n_units = places.shape[1]
    both = np.maximum(places[:, None], places[None, :])
    shared = np.mean([(both < level).sum(axis=2) / level for level in range(1, n_units)], axis=0)
    return n_units - places.astype(np.int64), shared


def _renamed(orders: Orders) -> Orders:
    names = {unit: place for place, unit in enumerate(orders[0])}
    return tuple(tuple(names[unit] for unit in order) for order in orders)


def _weights(affinity: NDArray[np.float64], n_tasks: int) -> NDArray[np.float64]:
    """Return affinities of pairs less their mean, scaled so that their sizes add up to 1."""
    if affinity.shape != (n_tasks, n_tasks):
        raise FamilyError(
            f"The affinity of {n_tasks} tasks should be [{n_tasks}, {n_tasks}]. Found {list(affinity.shape)}."
        )
    pairs = np.triu_indices(n_tasks, 1)
    values = affinity[pairs]
    if not np.isfinite(values).all():
        place = int(np.argmin(np.isfinite(values)))
        raise FamilyError(
            f"The affinity of tasks {pairs[0][place]} and {pairs[1][place]} is not known. Measure it, or choose the "
            "order nearest or cyclic."
        )
    weights = np.zeros((n_tasks, n_tasks))
    if len(values):
        centred = values - values.mean()
        size = np.abs(centred).sum()
        # Tasks that are all alike leave balance to decide.
        weights[pairs] = centred / size if size > 1e-12 else 0.0
    return weights + weights.T
