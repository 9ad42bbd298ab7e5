"""Orders of units: which unit each task has on its first level, and which it adds on each level above.

Paper: Kim, Ahn, Torr and Oh, Deep Virtual Networks for Memory Efficient Inference of Multiple Tasks, CVPR 2019. Its
rules are pictures that our text of the slides lacks; ``nearest`` is how we read them.
"""

import itertools
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.backbones.division import MOST_UNITS
from core.errors import FamilyError

Rule = Literal["nearest", "cyclic", "affinity"]
RULES: Final[tuple[Rule, ...]] = ("nearest", "cyclic", "affinity")
MOST_TASKS: Final = 40
# Units in the order in which one task takes them.
Order = tuple[int, ...]
# One for each task.
Orders = tuple[Order, ...]


def nearest_orders(n_tasks: int, n_units: int) -> Orders:
    """Return orders that go from a task's own unit outwards: i, i−1, i+1, i−2, i+2, …; ids out of range are skipped.

    >>> nearest_orders(3, 3)
    ((0, 1, 2), (1, 0, 2), (2, 1, 0))

    Raises:
        FamilyError: There are too many tasks or units, or too few.
    """
    _check_numbers(n_tasks, n_units)
    return tuple(_outwards(start, n_units) for start in first_units(n_tasks, n_units))


def cyclic_orders(n_tasks: int, n_units: int) -> Orders:
    """Return orders that go round: i, i+1, …, and on from 0. With as many tasks as units all units learn equally much.

    >>> cyclic_orders(3, 3)
    ((0, 1, 2), (1, 2, 0), (2, 0, 1))

    Raises:
        FamilyError: As ``nearest_orders``.
    """
    _check_numbers(n_tasks, n_units)
    return tuple(tuple((start + step) % n_units for step in range(n_units)) for start in first_units(n_tasks, n_units))


def affinity_orders(affinity: NDArray[np.float64], n_units: int) -> Orders:
    """Return orders in which a task takes its own unit first, then those of the tasks that are most like it.

    A unit belongs to the tasks that begin with it; one with which no task begins, to those that begin nearest to it.
    Of units that are equally alike the nearer one comes first, as in ``nearest_orders``.

    Args:
        affinity: How alike tasks are, ``[n_tasks, n_tasks]``; the diagonal is not read.
        n_units: Number of units.

    Raises:
        FamilyError: As ``nearest_orders``; the matrix is not square or has a hole.
    """
    n_tasks = len(affinity)
    if affinity.shape != (n_tasks, n_tasks):
        raise FamilyError(f"Affinity should be [n_tasks, n_tasks]. Found {list(affinity.shape)}.")
    _check_numbers(n_tasks, n_units)
    off = ~np.eye(n_tasks, dtype=bool)
    if not np.isfinite(affinity[off]).all():
        one, other = (int(each) for each in np.argwhere(off & ~np.isfinite(affinity))[0])
        raise FamilyError(
            f"The affinity of tasks {one} and {other} is not known. Measure it, or choose the order nearest or cyclic."
        )
    starts = first_units(n_tasks, n_units)
    near = [
        [task for task, start in enumerate(starts) if abs(start - unit) == min(abs(each - unit) for each in starts)]
        for unit in range(n_units)
    ]
    orders = []
    for task, start in enumerate(starts):
        alike = [
            float(np.mean([affinity[task, other] for other in owners if other != task] or [np.inf])) for owners in near
        ]
        # Sorting keeps what is nearer first where tasks are equally alike.
        others = sorted(_outwards(start, n_units)[1:], key=lambda unit, alike=alike: -alike[unit])  # type: ignore[misc]
        orders.append((start, *others))
    return tuple(orders)


def orders_of(rule: Rule, n_tasks: int, n_units: int, affinity: NDArray[np.float64] | None = None) -> Orders:
    """Return the orders of a rule.

    Args:
        rule: Which one.
        n_tasks: Number of tasks.
        n_units: Number of units.
        affinity: Of the tasks, for the rule that needs it.

    Raises:
        FamilyError: As the functions of the rules; the affinity is needed and missing.
    """
    if rule == "nearest":
        return nearest_orders(n_tasks, n_units)
    if rule == "cyclic":
        return cyclic_orders(n_tasks, n_units)
    if affinity is None:
        raise FamilyError('The order "affinity" needs the affinity of the tasks. Measure it, or choose another order.')
    return affinity_orders(affinity, n_units)


def first_units(n_tasks: int, n_units: int) -> list[int]:
    """Return the unit that each task begins with: spread evenly from the first to the last, ⌊t(k−1)/(T−1) + ½⌋."""
    steps = max(n_tasks - 1, 1)
    return [(2 * task * (n_units - 1) + steps) // (2 * steps) for task in range(n_tasks)]


def check_orders(orders: Sequence[Sequence[int]], n_units: int) -> Orders:
    """Return orders as tuples after checking that each is a permutation of all units.

    Raises:
        FamilyError: One is not; it is named.
    """
    _check_numbers(len(orders), n_units)
    for task, order in enumerate(orders):
        if sorted(order) != list(range(n_units)):
            raise FamilyError(
                f"The order of task {task} should name each of the {n_units} units once, from 0. "
                f"Found {str(list(order))[:120]}."
            )
    return tuple(tuple(order) for order in orders)


def _outwards(start: int, n_units: int) -> Order:
    below, above = range(start - 1, -1, -1), range(start + 1, n_units)
    both = itertools.chain.from_iterable(itertools.zip_longest(below, above))
    return (start, *(unit for unit in both if unit is not None))


def _check_numbers(n_tasks: int, n_units: int) -> None:
    for name, number, least, most in (("tasks", n_tasks, 1, MOST_TASKS), ("units", n_units, 2, MOST_UNITS)):
        if not least <= number <= most:
            raise FamilyError(f"There should be {least} to {most} {name}. Found {number}.")
