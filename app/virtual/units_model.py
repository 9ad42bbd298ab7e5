"""The units of some tasks' orders: what each level uses, holds and computes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.families.virtual.order_words import order_words
from app.ui.formatting import amount, listed, plural, share
from core.backbones.division import Division
from core.costs import Unit
from core.families.virtual.orders import Orders
from core.families.virtual.payload import LevelRecord, VirtualPayload
from core.families.virtual.points import BYTES
from core.families.virtual.totals import densities, gradient_totals, widths


@dataclass(frozen=True, eq=False)
class UnitsView:
    """Orders of units, and what the levels of a trained network with them hold.

    Args:
        tasks: Names.
        division: How channels are divided.
        orders: Units in the order in which each task takes them.
        payload: Of a trained network of the study with this division; None where there is none.
    """

    tasks: tuple[str, ...]
    division: Division
    orders: Orders
    payload: VirtualPayload | None

    @property
    def n_levels(self) -> int:
        """Number of levels, which is that of units."""
        return self.division.n_units

    @property
    def densities(self) -> list[float]:
        """Share of the weights between channels that each level has."""
        return [float(each) for each in densities(self.n_levels, self.division.base)]

    @property
    def widths(self) -> list[float]:
        """Share of the channels that each level has."""
        return [float(each) for each in widths(self.n_levels, self.division.base)]

    @property
    def totals(self) -> list[list[int]]:
        """How many levels of tasks learn each piece, ``[n_units][n_units]``; the diagonal is that of the units."""
        return [[int(total) for total in row] for row in gradient_totals(self.orders)]

    def record(self, task: int, level: int) -> LevelRecord | None:
        """Return what a task's level holds and computes, where such a network is trained."""
        return None if self.payload is None else self.payload.records[task][level]


def level_sentence(view: UnitsView, task: int, level: int) -> str:
    """Return which units a level has, which pieces that makes, and what it holds."""
    n, active = level + 1, sorted(view.orders[task][: level + 1])
    units = listed([str(unit + 1) for unit in active])
    common = f" and the common {share(view.division.base)} of the channels" if view.division.base else ""
    words = (
        f"{view.tasks[task]}, level {n} of {view.n_levels}: {'unit' if n == 1 else 'units'} {units}{common}, so "
        f"{n} × {n} of {view.n_levels} × {view.n_levels} pieces: {share(view.widths[level])} of the channels and "
        f"{share(view.densities[level])} of the weights between them."
    )
    record = view.record(task, level)
    if record is None:
        return words.replace(" %", "\u00a0%")
    own, head = (amount(count, Unit.PARAMETERS) for count in (record.own_params, record.head_params))
    shared = amount(record.shared_params, Unit.PARAMETERS)
    held = (
        f" It holds {amount(BYTES * record.params, Unit.BYTES)}: {shared} shared weights, {own} parameters in norms "
        f"and biases of its own and {head} in its head. It computes {amount(record.macs, Unit.MACS)} MACs."
    )
    below = view.record(task, level - 1) if level else None
    if below is not None:
        more = amount(BYTES * (record.shared_params - below.shared_params), Unit.BYTES)
        held += f" That is {more} of weights more than level {level}."
    return (words + held).replace(" %", "\u00a0%")


def bar_words(view: UnitsView, level: int) -> list[str]:
    """Return what stands below the bar of a level: its share of the weights, and its bytes where they are known."""
    found = [share(view.densities[level])]
    record = view.record(0, level)
    return found if record is None else [*found, amount(BYTES * record.params, Unit.BYTES)]


def levels_frame(view: UnitsView) -> pd.DataFrame:
    """Return one row for each task's level: its units, pieces, share of the weights, and what it holds."""
    rows = []
    for t, task in enumerate(view.tasks):
        for level in range(view.n_levels):
            row: dict[str, object] = {
                "task": task,
                "level": level + 1,
                "units": order_words(view.orders[t][: level + 1]),
                "pieces": (level + 1) ** 2,
                "channels": 100 * view.widths[level],
                "weights": 100 * view.densities[level],
            }
            record, below = view.record(t, level), view.record(t, level - 1) if level else None
            if record is not None:
                before = 0 if below is None else below.shared_params
                row |= {
                    "shared weights": record.shared_params,
                    "norms and biases": record.own_params,
                    "head": record.head_params,
                    "bytes": BYTES * record.params,
                    "more weights than below, bytes": BYTES * (record.shared_params - before),
                    "MACs": record.macs,
                }
            rows.append(row)
    return pd.DataFrame(rows)


def totals_frame(view: UnitsView) -> pd.DataFrame:
    """Return how many levels of tasks learn the pieces from each unit (column) to each (row), both from 1."""
    names = [str(unit + 1) for unit in range(view.n_levels)]
    frame = pd.DataFrame(view.totals, columns=[f"from unit {name}" for name in names])
    frame.insert(0, "to unit", names)
    return frame


def totals_sentence(view: UnitsView) -> str:
    """Return how evenly units learn."""
    totals = np.diagonal(np.array(view.totals))
    said = listed([str(total) for total in totals])
    if np.ptp(totals) == 0:
        return f"Every unit is learned by {plural(int(totals[0]), 'level')} of tasks: all get equally many gradients."
    spread = 100 * float(np.ptp(totals) / totals.mean())
    return (
        f"Units 1 to {len(totals)} are learned by {said} levels of tasks; the most and the fewest differ by "
        f"{spread:.0f}\u00a0% of the mean."
    )


def quadratic_sentence(view: UnitsView) -> str:
    """Return why weights grow with the square of a level."""
    k, base = view.n_levels, view.division.base
    half = max(k // 2 - 1, 0)
    width, density = view.widths[half], view.densities[half]
    more = f" ({share(base)} of the channels are common to all levels)" if base else ""
    return (
        f"A layer's weights run from channels to channels, so a level with the share w of the channels{more} has w² of "
        f"the weights: level {half + 1} has {share(width)} of the channels and {share(density)} of the weights. Only "
        "the first layer, norms and heads grow in line."
    ).replace(" %", "\u00a0%")
