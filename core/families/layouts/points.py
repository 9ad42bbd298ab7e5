"""Layouts on the plane: trained ones as they were measured, and the Pareto front of predictions."""

from core.costs import CostQuestion, Unit, block_costs, layout_cost
from core.estimators.holes import fill_holes
from core.estimators.prediction import estimates
from core.estimators.weights import WeightRule, task_weights
from core.layouts import Layout
from core.plane.interval import t_interval
from core.plane.point import GainOrigin, PlanePoint
from core.selection.pairwise import PairwiseScore
from core.selection.search import front
from core.studies.measured import Oracle
from core.studies.study import Study


def layout_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained layouts as measured points (test split), then the Pareto front of equally weighted predictions.

    Args:
        study: With a two-task table, trained layouts, or both.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    if not study.shares_inputs or unit not in question.units:
        return []
    measured = [] if study.oracle is None else measured_points(study, study.oracle, question, unit)
    return [*measured, *predicted_points(study, question, unit)]


def cost_of(study: Study, layout: Layout, question: CostQuestion, unit: Unit) -> float:
    """Return what a layout costs without heads.

    Args:
        study: Whose backbone.
        layout: Of its tasks and blocks.
        question: Of *one task* and *resident* it is one path through the backbone, of the others all copies.
        unit: Unit of cost.
    """
    costs = block_costs(study.backbone, unit)
    if question is CostQuestion.ONE_TASK:
        return float(costs.sum())
    return layout_cost(layout, costs)


def measured_points(study: Study, oracle: Oracle, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return trained layouts with their gain on the test split, mean over tasks and seeds."""
    return [
        PlanePoint(
            family="layouts",
            label=layout.to_text(study.task_names),
            tasks=study.task_names,
            costs={(question, unit): cost_of(study, layout, question, unit)},
            gains=tuple(oracle.test[:, place].mean(axis=0).tolist()),
            gain=float(oracle.test[:, place].mean()),
            interval=t_interval(oracle.test[:, place].mean(axis=1).tolist()),
            n_seeds=len(oracle.seeds),
            origin=GainOrigin.MEASURED,
            layout=layout,
        )
        for place, layout in enumerate(oracle.layouts)
    ]


def predicted_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return the Pareto front of predictions with equal weights; none where nothing is measured."""
    filled = fill_holes(study.table)
    if not study.table.is_measured:
        return []
    weights = task_weights(filled.table, WeightRule.UNIFORM)
    pairwise = PairwiseScore.of(filled.values, weights.values)
    found = front(pairwise, block_costs(study.backbone, unit))
    return [
        PlanePoint(
            family="layouts",
            label=choice.layout.to_text(study.task_names),
            tasks=study.task_names,
            costs={(question, unit): cost_of(study, choice.layout, question, unit)},
            gains=tuple(estimates(filled.values, choice.layout).tolist()),
            gain=choice.score,
            interval=None,
            n_seeds=0 if study.table.samples is None else len(study.table.samples),
            origin=GainOrigin.PREDICTED,
            layout=choice.layout,
        )
        for choice in found.choices
    ]
