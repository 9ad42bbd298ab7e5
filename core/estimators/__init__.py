"""Predict how well a layout will do before training it."""

from core.estimators.agreement import Agreement, Correlation, Estimate, agreement, noise_ceiling, split_half
from core.estimators.baselines import (
    Grouping,
    dissimilarity,
    dissimilarity_ranking,
    grouping_front,
    is_grouping,
    task_groupings,
)
from core.estimators.holes import FilledTable, fill_holes
from core.estimators.prediction import AssociatedModel, associated_models, estimates, estimates_of, score
from core.estimators.resampling import LayoutInterval, Spread, layout_interval, resampled_values, spread_of
from core.estimators.results_file import TrainedLayouts, read_results, read_results_path
from core.estimators.table_file import read_table, read_table_path, write_table
from core.estimators.two_task import TwoTaskTable
from core.estimators.weights import TaskWeights, WeightRule, explicit_weights, parse_weights, task_weights, weights_of

__all__ = [
    "Agreement",
    "AssociatedModel",
    "Correlation",
    "Estimate",
    "FilledTable",
    "Grouping",
    "LayoutInterval",
    "Spread",
    "TaskWeights",
    "TrainedLayouts",
    "TwoTaskTable",
    "WeightRule",
    "agreement",
    "associated_models",
    "dissimilarity",
    "dissimilarity_ranking",
    "estimates",
    "estimates_of",
    "explicit_weights",
    "fill_holes",
    "grouping_front",
    "is_grouping",
    "layout_interval",
    "noise_ceiling",
    "parse_weights",
    "read_results",
    "read_results_path",
    "read_table",
    "read_table_path",
    "resampled_values",
    "score",
    "split_half",
    "spread_of",
    "task_groupings",
    "task_weights",
    "weights_of",
    "write_table",
]
