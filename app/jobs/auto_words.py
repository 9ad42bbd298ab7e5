"""How Auto stands, as text, on the command line and on pages."""

from collections.abc import Sequence

from app.ui.formatting import ESTIMATOR_WORDS, UNIT_WORDS, WEIGHT_WORDS, budget_share, percent, plural, share
from app.ui.layout_words import layout_sentence
from core.costs import Unit
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.jobs.auto_line import AutoLine, AutoState
from core.jobs.estimate import about
from core.layouts import Layout
from core.studies.advice import Goal


def progress_words(found: AutoLine, tasks: Sequence[str]) -> str:
    """Return how far it is and what is trained now, in one line."""
    parts = [made_words(found)]
    if (standing := found.standing) is not None:
        parts.append(f"expected to lack {standing.loss:.2f} points of at most {found.goal.tolerance:g}")
        if standing.next and found.state is AutoState.ACTIVE:
            more = f" and {len(standing.next) - 1} more" if len(standing.next) > 1 else ""
            parts.append(f"now: {next_words(standing.next[0], tasks)}{more}")
    return " · ".join(parts)


def made_words(found: AutoLine) -> str:
    """Return how many trainings are made, and how long that took."""
    return f"{plural(found.n_trained, 'training')} in {about(found.seconds)}"


def next_words(chosen: tuple[tuple[int, ...], int, str], tasks: Sequence[str]) -> str:
    """Return what is trained, as text.

    >>> next_words(((0, 2), 1, ""), ("depth", "edges", "normals"))
    'depth and normals, sharing 1 block'
    """
    pair, branch_point, layout = chosen
    if layout:
        return f"the layout itself: {layout_sentence(Layout.parse(layout), tasks)}"
    return f"{' and '.join(tasks[task] for task in pair)}, sharing {plural(branch_point, 'block')}"


def recommended_words(found: AutoLine, tasks: Sequence[str]) -> str:
    """Return what is recommended and how sure that is; empty before the first look."""
    if (standing := found.standing) is None:
        return ""
    return (
        f"Recommended: {layout_sentence(Layout.parse(standing.layout), tasks)}; expected gain "
        f"{percent(standing.gain, 2)}, expected to lack {standing.loss:.2f} points. It is "
        f"{share(standing.probability)} likely within {found.goal.tolerance:g} points of the best layout. "
        f"{premises(found.goal, standing.gain)}"
    )


def premises(goal: Goal, gain: float) -> str:
    """Return what an expected gain and a recommendation rest on, and whether single-task networks gain more.

    >>> premises(Goal(budget=0.6), 1.0)[:58]
    'With Bayes, entropy weights, within 60 % of the MACs of si'
    """
    worse = " Single-task networks are expected to be better: their gain is 0 at 100 % of the cost." if gain < 0 else ""
    return (
        f"{goal_words(goal)}: the best predicted layout, or a cheaper one that noise can't tell from it, as Overview, "
        f"Budget and branchwise show recommend with the same choices.{worse}"
    )


def goal_words(goal: Goal) -> str:
    """Return how gains are predicted and weighted, and what a layout may cost.

    >>> goal_words(Goal(budget=0.6))
    'With Bayes, entropy weights, within 60 % of the MACs of single-task networks'
    """
    rule = WeightRule(goal.weights)
    weights = WEIGHT_WORDS[rule].lower() if rule is not WeightRule.PAPER else "weights as printed (Zhang et al.)"
    unit = UNIT_WORDS[goal.unit] if goal.unit is Unit.MACS else UNIT_WORDS[goal.unit].lower()
    return (
        f"With {ESTIMATOR_WORDS[Estimator.BAYES]}, {weights}, within {budget_share(goal.budget)} of the {unit} of "
        "single-task networks"
    )
