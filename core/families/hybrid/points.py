"""Hybrids on the plane: trained ones as they were measured, and the Pareto front of predictions."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit, block_costs
from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.results import HybridResults, HybridScores
from core.families.hybrid.search import MOST_TASKS, HybridChoice, hybrid_front
from core.families.layouts.points import equal_weights
from core.families.multipath.results import MultiPathResults
from core.plane.measured_point import measured_point
from core.plane.point import GainOrigin, PlanePoint
from core.studies.study import Study

Array = NDArray[np.float64]

FAMILY: Final = "hybrid"


def hybrid_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained hybrids as measured points (test split), then the Pareto front of predictions; equal weights.

    Predicted are only networks that no other family has: in which a task leaves early, and not all share every block.

    Args:
        study: With trained hybrids; or with a two-task table and multi-path networks, for predictions.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    if unit not in question.units or (unit is Unit.LATENCY and study.backbone.latency is None):
        return []
    results = study.result(HybridResults)
    measured = [] if results is None else [_measured(each, results, study, question, unit) for each in results.networks]
    return [*(point for point in measured if point is not None), *_predicted(study, question, unit)]


def gains_by_leaving(study: Study) -> Array | None:
    """Return what each task gains by leaving behind each block, percent, ``[n_tasks, n_blocks]``; None where unknown.

    The difference to the last exit in the same network, which has a head of every task at every exit: validation
    split, mean over seeds. Minus infinity behind blocks that have no exit.

    Args:
        study: With multi-path networks.
    """
    results = study.result(MultiPathResults)
    gains = None if results is None or results.matrix is None else results.matrix.mean_gains("validation")
    if gains is None or results is None:
        return None
    found = np.full((study.n_tasks, study.n_blocks), -np.inf)
    for place, name in enumerate(results.exit_names):
        if name.isascii() and name.isdigit():
            found[:, int(name)] = gains[:, place] - gains[:, -1]
    return found


def predicted_front(study: Study, question: CostQuestion, unit: Unit) -> list[HybridChoice]:
    """Return the hybrids that no other is predicted to beat in both cost and gain, layouts and nested paths included.

    Equal weights, and the estimator that the study is shown with. For what is *resident* at a switch there are none:
    the largest path is no sum over blocks and groups.

    Args:
        study: With a two-task table and multi-path networks.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    leaving = gains_by_leaving(study) if study.shares_inputs and study.n_tasks <= MOST_TASKS else None
    if leaving is None or not study.table.is_measured or question is CostQuestion.RESIDENT:
        return []
    view = equal_weights(study, Unit.PARAMETERS)
    return hybrid_front(
        view.score,
        block_costs(study.backbone, unit),
        view.weights.values[:, None] * leaving,
        one_task=question is CostQuestion.ONE_TASK,
    )


def predicted_gains(study: Study, hybrid: Hybrid) -> Array:
    """Return the predicted gain of each task, percent, ``[n_tasks]``.

    Args:
        study: With a two-task table and multi-path networks.
        hybrid: One of its networks.
    """
    leaving = gains_by_leaving(study)
    assert leaving is not None
    of_layout = equal_weights(study, Unit.PARAMETERS).estimates(hybrid.layout)
    found: Array = of_layout + leaving[np.arange(study.n_tasks), list(hybrid.exits)]
    return found


@lru_cache(maxsize=16)
def _predicted(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    front = predicted_front(study, question, unit)
    if not front:  # as where every task has its own pictures, and there is no table
        return []
    samples = study.table.samples
    return [
        PlanePoint(
            family=FAMILY,
            label=choice.hybrid.to_text(study.task_names),
            tasks=study.task_names,
            costs={(question, unit): choice.cost},
            gains=tuple(predicted_gains(study, choice.hybrid).tolist()),
            gain=choice.score,
            interval=None,
            n_seeds=0 if samples is None else len(samples),
            origin=GainOrigin.PREDICTED,
        )
        for choice in front
        if choice.hybrid.is_proper
    ]


def _measured(
    scores: HybridScores, results: HybridResults, study: Study, question: CostQuestion, unit: Unit
) -> PlanePoint | None:
    names = [task.name for task in results.tasks]
    cost = scores.hybrid.allocation(study.backbone, names).cost(question, unit)
    label = scores.hybrid.to_text(names)
    return measured_point(FAMILY, label, names, cost, (question, unit), results.seeds, scores.gains["test"])
