"""Multi-path networks on the plane: what nested paths cost for each question, and what they gain."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.backbones import Backbone
from core.costs import CostQuestion, Unit, block_costs
from core.families.multipath.assignment import AssignmentQuestion, best_assignments
from core.families.multipath.payload import ExitRecord
from core.families.multipath.results import MultiPathResults, PathScores
from core.plane.measured_point import measured_point
from core.plane.point import GainOrigin, PlanePoint
from core.plane.storage import StorageCurve, whole_gain
from core.studies.study import Study

Array = NDArray[np.float64]

FAMILY: Final = "multipath"
_BYTES: Final = 4  # float32


def path_costs(exits: Sequence[ExitRecord], backbone: Backbone, unit: Unit) -> Array:
    """Return the cost of each path without its head, ``[n_exits]``.

    Seconds of a path that ends inside a block are those of the blocks before it and a share of the block's own, by
    multiply-accumulates.

    Args:
        exits: From the input.
        backbone: Its blocks.
        unit: Unit of cost.

    Raises:
        BackboneError: Latency is requested and a block was never timed.
    """
    if unit is Unit.PARAMETERS:
        return np.array([exit_.params for exit_ in exits], dtype=np.float64)
    if unit is Unit.BYTES:
        return np.array([_BYTES * exit_.params for exit_ in exits], dtype=np.float64)
    macs = np.array([exit_.macs for exit_ in exits], dtype=np.float64)
    if unit is Unit.MACS:
        return macs
    done = np.concatenate([[0.0], np.cumsum(block_costs(backbone, Unit.MACS))])
    seconds = np.concatenate([[0.0], np.cumsum(block_costs(backbone, Unit.LATENCY))])
    found: Array = np.interp(macs, done, seconds)
    return found


def network_cost(assign: Sequence[int], costs: Array, question: CostQuestion, usage: Sequence[float]) -> float:
    """Return what a multi-path network costs without heads.

    Nested paths share everything, so what is *stored*, what runs for *all tasks* on one input, and what is
    *resident* while tasks are switched is the deepest path that any task uses. *One active task* runs its own path:
    the mean over tasks, by their shares of use.

    Args:
        assign: Number of the exit of each task.
        costs: Of each path, ``[n_exits]``.
        question: Which question the cost answers.
        usage: Share of use of each task.
    """
    if question is CostQuestion.ONE_TASK:
        return float(np.dot(usage, costs[list(assign)]) / sum(usage))
    return float(costs[max(assign)])


def multipath_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained networks as measured points (test split), then the best assignments of the matrix as predicted.

    The matrix network is trained for all exits of all tasks at once and is chosen from, so what it predicts of a
    network that is trained for one assignment is optimistic.

    Args:
        study: With multi-path networks.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    results = study.result(MultiPathResults)
    if results is None or not results.exits or unit not in question.units:
        return []
    if unit is Unit.LATENCY and study.backbone.latency is None:
        return []
    costs = path_costs(results.exits, study.backbone, unit)
    points = [_measured(network, results, costs, question, unit) for network in results.networks]
    return [*(point for point in points if point is not None), *_predicted(results, costs, question, unit)]


def _measured(
    network: PathScores, results: MultiPathResults, costs: Array, question: CostQuestion, unit: Unit
) -> PlanePoint | None:
    return measured_point(
        FAMILY,
        f"{network.name}: {assignment_text(network.assign, results)}",
        [task.name for task in results.tasks],
        network_cost(network.assign, costs, question, results.usage),
        (question, unit),
        results.seeds,
        network.gains["test"],
    )


def _predicted(results: MultiPathResults, costs: Array, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    gains = None if results.matrix is None else results.matrix.mean_gains("validation")
    if gains is None or results.matrix is None:
        return []
    found = results.matrix.gains["validation"]
    one_task = question is CostQuestion.ONE_TASK
    asked = AssignmentQuestion.ACTIVE if one_task else AssignmentQuestion.ONE_INPUT
    return [
        PlanePoint(
            family=FAMILY,
            label=f"matrix: {assignment_text(best.exits, results)}",
            tasks=tuple(task.name for task in results.tasks),
            costs={(question, unit): best.cost},
            gains=tuple(float(gains[task, exit_]) for task, exit_ in enumerate(best.exits)),
            gain=best.score,
            interval=None,
            n_seeds=int(np.isfinite(found).all(axis=(1, 2)).sum()),
            origin=GainOrigin.PREDICTED,
        )
        for best in best_assignments(gains, costs.tolist(), asked, results.usage if one_task else ())
    ]


def assignment_text(assign: Sequence[int], results: MultiPathResults) -> str:
    """Return which task leaves at which exit, in the order of the exits, such as ``loop at 1; class at 4``."""
    at = [
        f"{', '.join(task.name for task, exit_ in zip(results.tasks, assign, strict=True) if exit_ == place)} at {name}"
        for place, name in enumerate(results.exit_names)
        if place in assign
    ]
    return "; ".join(at)


def multipath_storage(study: Study) -> list[StorageCurve]:
    """Return what the best network stores up to the deepest exit of the first tasks; none before any is trained."""
    results = study.result(MultiPathResults)
    if results is None or not results.exits:
        return []
    costs = path_costs(results.exits, study.backbone, Unit.PARAMETERS)
    pair = CostQuestion.STORED, Unit.PARAMETERS
    found = [
        (network, point)
        for network in results.networks
        if (point := _measured(network, results, costs, *pair)) is not None
    ]
    if not found:
        return []
    network, point = max(found, key=lambda each: each[1].gain)
    sizes = tuple(float(costs[max(network.assign[:k])]) for k in range(1, len(network.assign) + 1))
    return [StorageCurve(FAMILY, point.label, sizes, point, whole_gain(point))]
