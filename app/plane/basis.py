"""Which estimator, weighting, split and seeds a gain is of: what every Δ on a screen says."""

import numpy as np

from app.ui.formatting import WEIGHT_WORDS, plural, share
from core.estimators.coverage import seeds_of_cells
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import BudgetView
from core.families.layouts.trained import TrainedView

_NAMED = 8
_SAME = 1e-9


def predicted_basis(view: BudgetView) -> str:
    """Return what the predicted score of a layout is of."""
    return f"{view.estimator} estimator, {weighting(view)}, {measured_in(view)}"


def task_basis(view: BudgetView) -> str:
    """Return what the predicted gain of each task is of, which no weighting has a part in."""
    return f"{view.estimator} estimator, {measured_in(view)}"


def measured_in(view: BudgetView) -> str:
    """Return split and seeds of the two-task table, and how many trained layouts predictions learn from."""
    learned = "" if view.trained is None else f", {plural(len(view.trained.layouts), 'trained layout')}"
    return f"{predicted_split(view)}{learned}"


def measured_basis(trained: TrainedView) -> str:
    """Return what the measured score of a layout is of."""
    return f"{weighting(trained.view)}, {measured_split(trained)}"


def judged_alone(view: BudgetView) -> str:
    """Return that trained layouts judge the table alone where predictions learn from them; empty where they don't."""
    if view.trained is None:
        return ""
    return (
        " They judge what the table alone predicts: predictions elsewhere also learn from the validation split of "
        "these layouts."
    )


def judged_basis(trained: TrainedView) -> str:
    """Return what the predictions that trained layouts judge, and their measured gains, are of."""
    view = trained.view
    return (
        f"Predicted gain Δ: {view.estimator} estimator, {weighting(view)}, {predicted_split(view)}. "
        f"Measured gain Δ: same weights, {measured_split(trained)}.{judged_alone(view)}"
    )


def weighting(view: BudgetView) -> str:
    """Return how tasks are weighted: equally where a rule has no weights to give."""
    if view.weights.note and np.ptp(view.weights.values) < _SAME:
        return WEIGHT_WORDS[WeightRule.UNIFORM].lower()
    return WEIGHT_WORDS[view.weights.rule].lower()


def pair_basis(view: BudgetView) -> str:
    """Return which mean the gain of a pair is, and which that of a layout where it is another."""
    words = "Gains of a pair are the plain mean of its two tasks in the measured two-task network"
    if view.study.table.holes.any():
        words += ", interpolated where that network is not measured"
    if np.ptp(view.weights.values) < _SAME:
        return f"{words}."
    return f"{words}; those of a layout are the mean of all tasks with {weighting(view)}."


def weights_sentence(view: BudgetView) -> str:
    """Return the weight of each task in the score, the heaviest of many; empty where all weigh the same."""
    values = view.weights.values
    if np.ptp(values) < _SAME:
        return ""
    order = range(len(values)) if len(values) <= _NAMED else np.argsort(-values, kind="stable")[: _NAMED - 1].tolist()
    named = [f"{view.tasks[task]} {share(float(values[task]))}" for task in order]
    rest = (
        [f"{len(values) - len(named)} others {share(1 - float(values[order].sum()))}"] if len(values) > _NAMED else []
    )
    return f"Weights of the tasks: {', '.join([*named, *rest])}."


def predicted_split(view: BudgetView) -> str:
    """Return split and seeds of the two-task table; a table that was uploaded does not say its split."""
    table = view.study.table
    split = "uploaded table, split unknown" if view.study.specification is None else "validation split"
    if (seeds := seeds_of_cells(table)) is not None:
        fewest, most = seeds
        return f"{split}, {plural(most, 'seed') if fewest == most else f'{fewest} to {most} seeds a cell'}"
    # That there is one value per cell is said where its interval would be.
    return split


def measured_split(trained: TrainedView) -> str:
    """Return split and seeds of the trained layouts."""
    return f"test split, {plural(len(trained.oracle.seeds), 'seed')}"
