"""Which task uses which piece of a deep virtual network: the grid of pieces from one unit to another."""

from collections.abc import Sequence

import numpy as np

from core.costs import Allocation, Piece
from core.families.virtual.memory import Footprint
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.results import VirtualResults, VirtualScores
from core.families.virtual.totals import widths
from core.plane.point import PlanePoint

# Multiply-accumulates of levels that differ by more from those of a grid are not those of one.
_TINY = 1e-9


def level_allocation(
    network: VirtualScores, payload: VirtualPayload, levels: Sequence[int], tasks: Sequence[str], base: float = 0.0
) -> Allocation | None:
    """Return which task uses which piece of the grid, where tasks use certain levels; None where there is no grid.

    A piece holds the weights between two units in both directions, or within one, over all layers; runs keep no grid
    of single blocks. Norms are of one task's level and come first on its path, since they differ from the first layer
    on, so that nothing is computed for two tasks at once. Weights between units that no task uses at these levels are
    kept, and so are norms of other levels and the heads of all but the last.

    Args:
        network: Whose orders it has.
        payload: What it holds and computes.
        levels: Of each task.
        tasks: Names, in index order.
        base: Share of the channels that every level has.
    """
    n_units = len(payload.pieces)
    macs = _grid_macs([record.macs for record in payload.records[0]], base)
    if macs is None:
        return None
    footprint = Footprint.of(payload, network.orders)
    used = [footprint.used(task, level) for task, level in enumerate(levels)]
    anyone = np.any(used, axis=0)
    pieces, places = [], {}
    if base:
        pieces.append(Piece("common channels", (), footprint.common, macs[0], stays=True))
    for high in range(n_units):
        for low in range(high + 1):
            name = f"unit {low + 1}" if low == high else f"units {low + 1} and {high + 1}"
            places[low, high] = len(pieces)
            size = int(footprint.pairs[low, high])
            pieces.append(Piece(name, (), size, macs[1 if low == high else 2], stays=bool(anyone[low, high])))
    paths = []
    for task, (level, records) in enumerate(zip(levels, payload.records, strict=True)):
        grid = [place for pair, place in places.items() if used[task][pair]]
        paths.append((len(pieces), *([0] if base else []), *grid))
        name = f"norms of {tasks[task]} at level {level + 1}"
        pieces.append(Piece(name, (), records[level].own_params, 0, stays=True))
        kept = sum(record.own_params for place, record in enumerate(records) if place != level)
        kept += sum(record.head_params for record in records[:-1])
        pieces.append(Piece(f"norms and heads of {tasks[task]} at other levels", (), kept, 0))
    return Allocation(tuple(tasks), tuple(pieces), tuple(paths))


def point_allocation(results: VirtualResults, point: PlanePoint) -> Allocation | None:
    """Return which task uses which piece in a network of the plane; None where it is none of the results.

    Args:
        results: Networks and what they hold.
        point: All tasks on one level of a network.
    """
    for network in results.networks:
        payload = next(iter(network.payloads.values()), None)
        for level in range(results.n_levels):
            if payload and point.label == f"{network.name}: level {level + 1} of {results.n_levels}":
                levels = (level,) * len(results.tasks)
                names = [task.name for task in results.tasks]
                return level_allocation(network, payload, levels, names, results.division.base)
    return None


def _grid_macs(of_levels: Sequence[int], base: float) -> tuple[float, float, float] | None:
    """Return the multiply-accumulates of common channels, of what a unit adds to them, and between two units.

    Layers that read the picture grow with the width of a level, others with its square.
    """
    width = widths(len(of_levels), base)
    known = np.asarray(of_levels, dtype=np.float64)
    (line, square), *_ = np.linalg.lstsq(np.column_stack([width, width**2]), known, rcond=None)
    if np.abs(line * width + square * width**2 - known).max() > _TINY * known.max():
        return None
    step = (1 - base) / len(of_levels)
    both = max(float(2 * square * step**2), 0.0)
    return float(line * base + square * base**2), float(line * step + square * step * (step + 2 * base)), both
