"""Selection of layouts and two-task runs to train."""

from collections.abc import Sequence

import numpy as np

from app.jobs.auto_words import premises
from app.ui.formatting import listed, percent, share
from app.ui.layout_words import layout_sentence
from core.families.layouts.predictions import BudgetView
from core.layouts import Layout
from core.studies.advice import SMALLEST_GAIN, Advice, Goal, Suggestion


def sample(view: BudgetView, n: int, known: Sequence[Layout] = ()) -> list[Layout]:
    """Return n layouts far apart in the plane of cost and Δ, half of them from the Pareto front.

    Args:
        view: The plane.
        n: How many.
        known: Layouts that are trained already; they are left out while others remain.

    Returns:
        The best predicted layout first, then always the one farthest from those chosen before it.
    """
    trained, rows = set(known), [*view.front, *view.cloud]
    fresh = [choice for choice in rows if choice.layout not in trained]
    rows = fresh if len(fresh) >= n else [*fresh, *(choice for choice in rows if choice.layout in trained)]
    if not rows:
        return []
    points = np.array([[choice.cost, choice.score] for choice in rows])
    points = (points - points.min(axis=0)) / np.where(np.ptp(points, axis=0) > 0, np.ptp(points, axis=0), 1.0)
    front = {choice.layout for choice in view.front}
    on_front = np.array([choice.layout in front for choice in rows])
    chosen = [int(np.argmax([choice.score for choice in rows]))]
    far = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(n, len(rows)):
        far[chosen] = -1.0
        wanted = on_front & (far >= 0)
        place = int(np.argmax(np.where(wanted, far, -1.0) if wanted.any() and len(chosen) < (n + 1) // 2 else far))
        chosen.append(place)
        far = np.where(far < 0, far, np.minimum(far, np.linalg.norm(points - points[place], axis=1)))
    return [rows[place].layout for place in chosen]


def worth_training(advice: Advice) -> list[Suggestion]:
    """Return the trainings that could change the recommendation, without those that could not."""
    return [each for each in advice.next if each.gain >= SMALLEST_GAIN]


def suggestion_words(suggestion: Suggestion, tasks: Sequence[str]) -> str:
    """Return what is trained and the reason to train it, as text."""
    if suggestion.layout is not None:
        return f"{layout_sentence(suggestion.layout, tasks)} (the layout itself)"
    pair = listed([tasks[task] for task in suggestion.tasks])
    why = "one more seed" if suggestion.measured else "never measured"
    return f"{pair}, sharing {blocks_shared(suggestion.branch_point)} ({why})"


def blocks_shared(branch_point: int) -> str:
    """Return a branch point as text."""
    return "the first block" if branch_point == 1 else f"the first {branch_point} blocks"


def standing_sentence(advice: Advice, tasks: Sequence[str], goal: Goal) -> str:
    """Return what is recommended now and how sure that is, as text.

    Args:
        advice: With the probability of being within the tolerance.
        tasks: Their names.
        goal: With the tolerance, the weights and the budget.
    """
    return (
        f"Recommended now: {layout_sentence(advice.layout, tasks)}; expected gain {percent(advice.gain, 2)}. "
        f"{share(advice.probability)} likely within {goal.tolerance:g} points of the best layout, and expected to lack "
        f"{advice.loss:.2f} points. {premises(goal, advice.gain)}"
    )
