"""What predictions are made from: a table without holes, or its posterior, and the weights of the tasks."""

from dataclasses import replace

from core.estimators.holes import FilledTable, fill_holes
from core.estimators.layout_posterior import layout_posterior
from core.estimators.posterior import has_posterior
from core.estimators.prediction import DEFAULT_ESTIMATOR, Estimator
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import TwoTaskTable
from core.estimators.weights import TaskWeights, WeightRule, task_weights


def usual_estimator(table: TwoTaskTable) -> Estimator:
    """Return the estimator that a study is shown with unless another is chosen: not ``bayes`` where it is too large."""
    if DEFAULT_ESTIMATOR is Estimator.BAYES and not has_posterior(table):
        return Estimator.BLOCKWISE
    return DEFAULT_ESTIMATOR


def without_holes(table: TwoTaskTable, estimator: Estimator, trained: TrainedLayouts | None = None) -> FilledTable:
    """Return the table that an estimator predicts from: holes filled, or with ``bayes`` the posterior of every cell.

    Args:
        table: With holes or without.
        estimator: How gains are predicted.
        trained: Layouts that were trained; only ``bayes`` learns from them.

    Raises:
        TableError: It has too many cells for ``bayes``.
        LayoutError: A trained layout has other tasks or blocks.
    """
    return _with_posterior(fill_holes(table), table, estimator, trained)


def basis_of(
    table: TwoTaskTable, rule: WeightRule | str, estimator: Estimator, trained: TrainedLayouts | None = None
) -> tuple[FilledTable, TaskWeights]:
    """Return the table that an estimator predicts from, and the weights of the tasks, which no estimator changes.

    Args:
        table: With holes or without.
        rule: How tasks are weighted in the score.
        estimator: How gains are predicted.
        trained: Layouts that were trained; only ``bayes`` learns from them.

    Raises:
        TableError: The weights don't fit the table, or it has too many cells for ``bayes``.
        LayoutError: A trained layout has other tasks or blocks.
    """
    filled = fill_holes(table)
    return _with_posterior(filled, table, estimator, trained), task_weights(table, rule)


def _with_posterior(
    filled: FilledTable, table: TwoTaskTable, estimator: Estimator, trained: TrainedLayouts | None
) -> FilledTable:
    if estimator is not Estimator.BAYES:
        return filled
    found = layout_posterior(table, trained)
    return replace(filled, table=TwoTaskTable(table.tasks, found.values, found.stderr, table.samples))
