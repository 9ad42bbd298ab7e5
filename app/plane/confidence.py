"""How sure a recommendation is, in words: how often it is the best, and how often nearly so."""

from app.ui.formatting import share
from core.estimators.prediction import Estimator
from core.estimators.resampling import LayoutInterval
from core.families.layouts.predictions import BudgetView
from core.layouts import Layout

WITHIN_NOISE = "within noise"
WITHIN_NOISE_NOTE = "of the best, and cheaper: the 90 % interval of their difference includes 0"
CHEAPEST_OF_ALL = "No layout within this budget is better than the cheapest, this one, by more than noise."
# Noise that hides more than as many points says too little to call what it hides equal.
WIDE_NOISE = 2.0
TRAIN_MORE = "train more before you rely on it"
ONE_DIGIT = 0.1
ZERO_INSIDE = "The interval of its gain includes 0, so noise can't tell it from single-task networks."


def not_told_apart(apart: str, half: float) -> str:
    """Return why the cheaper of two layouts is recommended; where noise hides much, that this says little.

    Args:
        apart: How many points the cheaper one is lower, as written.
        half: Half the width of the interval of the difference.

    >>> not_told_apart("8.0", 50.04)
    "8.0 points lower, and noise of ±50.0 points can't tell them apart: train more before you rely on it"
    >>> not_told_apart("0.1", 0.3)
    "0.1 points lower, and noise of ±0.3 points can't tell them apart, so the cheapest such layout is recommended"
    """
    if half > WIDE_NOISE:
        return f"{apart} points lower, and noise of ±{half:.1f} points can't tell them apart: {TRAIN_MORE}"
    words = f"{half:.1f}" if half >= ONE_DIGIT else f"{half:.2g}"
    return (
        f"{apart} points lower, and noise of ±{words} points can't tell them apart, so the cheapest such layout is "
        "recommended"
    )


def confidence(
    view: BudgetView, layout: Layout, budget: float, tolerance: float, *, is_cheaper: bool = False
) -> tuple[str, str]:
    """Return the confidence in a layout within a budget, and what that number means.

    Args:
        view: With intervals.
        layout: Within the budget.
        budget: As a fraction of single-task networks.
        tolerance: How much less gain than the best is as good, in percentage points.
        is_cheaper: Whether it is recommended in place of the best, which noise can't tell from it.
    """
    near = near_words(view, layout, budget, tolerance)
    if is_cheaper:
        return WITHIN_NOISE, "; ".join(filter(None, (WITHIN_NOISE_NOTE, near)))
    among = "" if view.certainty.complete else ", among the Pareto front"
    note = f"of {samples_word(view)} select it{among}"
    return share(view.certainty.share(layout, budget)), "; ".join(filter(None, (note, near, few_seeds(view))))


def short_confidence(
    view: BudgetView, layout: Layout, budget: float, tolerance: float, *, is_cheaper: bool = False
) -> tuple[str, str]:
    """Return the same for where there is little room.

    Args:
        view: With intervals.
        layout: Within the budget.
        budget: As a fraction of single-task networks.
        tolerance: How much less gain than the best is as good, in percentage points.
        is_cheaper: Whether it is recommended in place of the best, which noise can't tell from it.
    """
    value, note = confidence(view, layout, budget, 0.0, is_cheaper=is_cheaper)
    if tolerance <= 0:
        return value, note
    near = f"{share(view.certainty.near(layout, budget, tolerance))} within {points(tolerance)}"
    return value, near if is_cheaper else f"best; {near}"


def near_words(view: BudgetView, layout: Layout, budget: float, tolerance: float) -> str:
    """Return how often a layout lacks no more than the tolerance; empty where nothing is tolerated.

    Args:
        view: With intervals.
        layout: Any layout.
        budget: As a fraction of single-task networks.
        tolerance: In percentage points.
    """
    if tolerance <= 0:
        return ""
    near = view.certainty.near(layout, budget, tolerance)
    return f"within {points(tolerance)} of the best in {share(near)}"


def points(tolerance: float) -> str:
    """Return percentage points in words.

    >>> points(0.2), points(1.0)
    ('0.2 points', '1 point')
    """
    return f"{tolerance:g} point{'' if tolerance == 1 else 's'}"


def samples_word(view: BudgetView) -> str:
    """Return what confidence is counted in."""
    return "posterior draws" if view.estimator is Estimator.BAYES else "bootstrap samples"


def few_seeds(view: BudgetView) -> str:
    """Return that confidence rests on one seed or one value per cell, where it does; empty elsewhere."""
    table = view.study.table
    if table.stderr is not None and table.samples is None:
        return ""
    if table.samples is None:
        return "one value per cell"
    return "one seed" if len(table.samples) == 1 else ""


def caution(view: BudgetView) -> str:
    """Return what intervals and confidence leave out with this estimator; empty where they hold or there are none."""
    if view.by_seed is None:
        return ""
    return (
        f"With the estimator {view.estimator} intervals and confidence leave out new seeds, and the gain of what is "
        "chosen is overstated; those of bayes hold in simulations."
    )


def is_zero_inside(known: LayoutInterval) -> bool:
    """Return whether noise can't tell the gain of a layout from 0; not of one that is 0 by definition."""
    return known.has_interval and known.score_low <= 0 <= known.score_high and known.score_low < known.score_high
