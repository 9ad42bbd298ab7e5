"""Deep virtual networks on the plane: what their levels cost for each question, and what they gain."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.costs import CostQuestion, Unit
from core.families.virtual.memory import Footprint, MemoryQuestion
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.results import VirtualResults, VirtualScores
from core.families.virtual.timing_run import level_name
from core.plane.measured_point import measured_point
from core.plane.point import PlanePoint
from core.plane.storage import StorageCurve, best_measured, whole_gain
from core.studies.latencies import Latencies
from core.studies.study import Study

FAMILY: Final = "virtual"
BYTES: Final = 4  # float32


def stored_params(payload: VirtualPayload, n_tasks: int | None = None) -> int:
    """Return the parameters of everything that is kept: weights once, norms and biases of all tasks and levels.

    The last level has all units, so that weights are the same for any number of tasks.

    Heads count as on the whole plane, where every task's one head is left out: here those of the last level are, and
    the heads of all lower levels count.

    Args:
        payload: What the network holds.
        n_tasks: How many of its tasks are kept, from the first; all where None.
    """
    kept = payload.records[:n_tasks]
    own = sum(record.own_params for levels in kept for record in levels)
    return payload.shared_params + own + sum(each.head_params for levels in kept for each in levels[:-1])


def level_cost(
    network: VirtualScores,
    payload: VirtualPayload,
    levels: Sequence[int],
    question: CostQuestion,
    unit: Unit,
    seconds: Sequence[float] = (),
) -> float | None:
    """Return what a network costs whose tasks use certain levels; None where question and unit do not go together.

    Args:
        network: Whose orders it has.
        payload: What it holds and computes.
        levels: Of each task.
        question: *Stored*: everything that is kept, whichever levels are used. *All tasks*: each task's level is a
            pass of its own, since norms differ from the first layer on. *One task*: the mean over tasks. *Resident*:
            the weights that any of the levels uses, once, and their norms, biases and heads but for one head a task.
        unit: Unit of cost.
        seconds: Of each level, where they were timed.
    """
    if unit not in question.units:
        return None
    times = BYTES if unit is Unit.BYTES else 1
    if question is CostQuestion.STORED:
        return float(stored_params(payload) * times)
    if question is CostQuestion.RESIDENT:
        heads = sum(payload.records[task][level].head_params for task, level in enumerate(levels))
        held = Footprint.of(payload, network.orders).cost(levels, MemoryQuestion.ALL)
        return float((held - heads) * times)
    if unit is Unit.LATENCY and not seconds:
        return None
    each = [
        seconds[level] if unit is Unit.LATENCY else payload.records[task][level].macs
        for task, level in enumerate(levels)
    ]
    return float(np.sum(each) if question is CostQuestion.ALL_TASKS else np.mean(each))


def virtual_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return every network with all tasks on each of its levels, as measured points (test split).

    Args:
        study: With deep virtual networks.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    results = study.result(VirtualResults)
    if results is None:
        return []
    seconds = level_seconds(study, results.n_levels)
    points = [
        _point(network, level, results, question, unit, seconds)
        for network in results.networks
        for level in range(results.n_levels)
    ]
    return [point for point in points if point is not None]


def level_seconds(study: Study, n_levels: int) -> tuple[float, ...]:
    """Return the seconds that a measurement of latency found for each level; empty where there is none."""
    found = study.result(Latencies)
    seconds = [] if found is None else [found.total(FAMILY, level_name(level, n_levels)) for level in range(n_levels)]
    known = tuple(each for each in seconds if each is not None)
    return known if len(known) == n_levels else ()


def _point(
    network: VirtualScores,
    level: int,
    results: VirtualResults,
    question: CostQuestion,
    unit: Unit,
    seconds: Sequence[float],
) -> PlanePoint | None:
    payload = next(iter(network.payloads.values()), None)
    if payload is None:
        return None
    return measured_point(
        FAMILY,
        f"{network.name}: level {level + 1} of {results.n_levels}",
        [task.name for task in results.tasks],
        level_cost(network, payload, (level,) * len(results.tasks), question, unit, seconds),
        (question, unit),
        results.seeds,
        network.gains["test"][:, :, level],
    )


def virtual_storage(study: Study) -> list[StorageCurve]:
    """Return what the best network stores with all levels of the first tasks; none before any is trained."""
    results = study.result(VirtualResults)
    points = virtual_points(study, CostQuestion.STORED, Unit.PARAMETERS)
    best = best_measured(points)
    if results is None or best is None:
        return []
    name, _, _ = best.label.rpartition(": level ")
    payload = next(next(iter(each.payloads.values())) for each in results.networks if each.name == name)
    sizes = tuple(float(stored_params(payload, k)) for k in range(1, len(results.tasks) + 1))
    return [StorageCurve(FAMILY, best.label, sizes, best, whole_gain(best))]
