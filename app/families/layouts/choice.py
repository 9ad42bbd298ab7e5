"""Selection of layouts and two-task runs to train."""

from collections.abc import Sequence

import numpy as np

from app.families.train_form import own_seeds, table_seeds
from app.ui.formatting import listed
from core.families.layouts.predictions import BudgetView
from core.families.layouts.request import TableRequest
from core.families.layouts.runs import TableSubmission
from core.layouts import Layout
from core.selection.measure_next import NextRun
from core.studies.specification import StudySpecification

# A smaller gain is displayed as 0.
SMALLEST_GAIN = 0.005


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


def worth_measuring(runs: Sequence[NextRun], n: int) -> list[NextRun]:
    """Return the n runs that could change the recommendation most, without those that could not."""
    return [run for run in runs if run.gain >= SMALLEST_GAIN][:n]


def next_sentence(run: NextRun, tasks: Sequence[str]) -> str:
    """Return the two-task run and the reason to measure it, as text."""
    pair = listed([tasks[task] for task in run.tasks])
    why = "one more seed" if run.measured else "never measured"
    return f"{pair}, sharing {blocks_shared(run.branch_point)} ({why})"


def blocks_shared(branch_point: int) -> str:
    """Return a branch point as text."""
    return "the first block" if branch_point == 1 else f"the first {branch_point} blocks"


def next_submission(specification: StudySpecification, runs: Sequence[NextRun], *, one_more: bool) -> TableSubmission:
    """Return the submission of some two-task runs.

    Args:
        specification: The study.
        runs: Which.
        one_more: Whether to take a seed beyond the study's own.
    """
    n_own = len(own_seeds(specification, TableRequest)) or 1
    seeds = table_seeds(specification, n_own + one_more)
    return TableSubmission(seeds, tuple((*run.tasks, run.branch_point) for run in runs))
