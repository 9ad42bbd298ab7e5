"""Orders that are put together by hand: what they are compared with, and what was measured of them."""

import numpy as np

from app.families.virtual.order_words import orders_code
from app.ui.formatting import ONE_SEED, plural
from app.ui.seed_means import Mean
from app.virtual.accuracy_model import difference, difference_words
from app.virtual.controls import RULE_WORDS, rule_orders
from core.families.virtual.orders import Orders
from core.families.virtual.results import VirtualResults, VirtualScores
from core.families.virtual.search import pair_weights

BALANCE = 1.0


def presets(n_tasks: int, n_units: int, results: VirtualResults | None) -> list[tuple[str, Orders]]:
    """Return label and orders of each rule, those one begins with first.

    Args:
        n_tasks: Number of tasks.
        n_units: Number of units.
        results: Of the study; with affinity the searched orders are there, too.
    """
    return [(RULE_WORDS[rule], orders) for rule, orders in rule_orders(n_tasks, n_units, results).items()]


def weights_of(results: VirtualResults | None, n_tasks: int) -> list[list[float]] | None:
    """Return what each pair of tasks counts in the merit; None where the affinity of the tasks is not known."""
    if results is None or results.affinity is None or n_tasks < 2:
        return None
    return [[float(weight) for weight in row] for row in pair_weights(results.affinity)]


def renamed(orders: Orders) -> Orders:
    """Return orders in other names of the units, of which the first task takes them as they are numbered.

    >>> renamed(((1, 0, 2), (2, 1, 0)))
    ((0, 1, 2), (2, 0, 1))
    """
    names = {unit: place for place, unit in enumerate(orders[0])}
    return tuple(tuple(names[unit] for unit in order) for order in orders)


def measured(results: VirtualResults | None) -> dict[str, str]:
    """Return code of renamed orders → what the study measured with them, for jointly trained networks."""
    if results is None:
        return {}
    jointly = [network for network in results.networks if network.training == "jointly" and network.levels == "all"]
    known = [network for network in jointly if np.isfinite(network.gains["test"]).all(axis=(1, 2)).any()]
    found: dict[str, str] = {}
    for network in known:
        found.setdefault(orders_code(renamed(network.orders)), measured_sentence(network, known[0], results))
    return found


def measured_sentence(network: VirtualScores, first: VirtualScores, results: VirtualResults) -> str:
    """Return what a network reached on each end of its levels, and how it differs from the study's first one."""
    gains = network.gains["test"]
    low, high = Mean.of(gains[:, :, 0].mean(axis=1)), Mean.of(gains[:, :, -1].mean(axis=1))
    words = (
        f"The study trained these orders as “{network.name}”. Mean Δ on the test split: {low.written} on level 1, "
        f"{high.written} on level {results.n_levels}; {_seeds(low)}."
    )
    if network is not first and network.orders != first.orders:
        apart = difference(network, first, "test")
        words += (
            f" Points of mean Δ against “{first.name}”, paired by seed: level 1 {difference_words(apart[0])}; level "
            f"{results.n_levels} {difference_words(apart[-1])}."
        )
    return words.replace(" %", "\u00a0%")


def _seeds(found: Mean) -> str:
    return f"{plural(found.n_seeds, 'seed')}; {ONE_SEED if found.interval is None else '90 % intervals'}"
