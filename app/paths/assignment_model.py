"""Which exit each task uses within a budget, and what it loses against its best exit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.paths.scores import exit_names
from app.ui.formatting import amount, cost_share, listed, percent
from app.ui.seed_means import Mean
from core.backbones import Backbone
from core.costs import Unit
from core.families.multipath.assignment import (
    Assignment,
    AssignmentQuestion,
    assignment_cost,
    best_assignments,
)
from core.families.multipath.points import path_costs
from core.families.multipath.results import MultiPathResults
from core.plane.point import drawn_of, last_within

Array = NDArray[np.float64]
_NAMES = {Unit.PARAMETERS: "\u00a0parameters", Unit.MACS: "\u00a0MACs"}
QUESTION_WORDS = {
    AssignmentQuestion.ACTIVE: "One active task",
    AssignmentQuestion.OWN_INPUT: "Each on its own input",
    AssignmentQuestion.ONE_INPUT: "All on one input",
}


@dataclass(frozen=True, eq=False)
class AssignmentView:
    """The best assignments of a matrix for one question and unit.

    Args:
        results: With a measured matrix.
        gains: Mean Δ on validation, percent, ``[n_tasks, n_exits]``.
        costs: Of each path, ``[n_exits]``.
        unit: Of the costs.
        question: What the cost is a cost of.
        front: The best assignment for every budget, by rising cost.
        whole: Cost where every task uses the whole backbone.
    """

    results: MultiPathResults
    gains: Array
    costs: Array
    unit: Unit
    question: AssignmentQuestion
    front: tuple[Assignment, ...]
    whole: float

    @classmethod
    def of(
        cls, results: MultiPathResults, backbone: Backbone, unit: Unit, question: AssignmentQuestion
    ) -> "AssignmentView | None":
        """Return the best assignments, exact for every budget; None where no seed has measured every cell."""
        gains = None if results.matrix is None else results.matrix.mean_gains("validation")
        if gains is None:
            return None
        costs = path_costs(results.exits, backbone, unit)
        usage = results.usage if question is AssignmentQuestion.ACTIVE else ()
        front = tuple(best_assignments(gains, costs.tolist(), question, usage))
        last = (len(costs) - 1,) * len(results.tasks)
        return cls(results, gains, costs, unit, question, front, assignment_cost(last, costs.tolist(), question, usage))

    def within(self, budget: float) -> Assignment | None:
        """Return the best assignment within a budget; None where nothing fits.

        Args:
            budget: Share of the cost where every task uses the whole backbone.
        """
        place = last_within(self.front, budget * self.whole)
        return None if place is None else self.front[place]

    @property
    def drawn(self) -> tuple[Assignment, ...]:
        """The front; of one too long to be drawn, what is best within each whole percent."""
        return drawn_of(self.front, self.whole)

    def tested(self, found: Assignment) -> Mean:
        """Return the mean Δ of an assignment on the test split."""
        assert self.results.matrix is not None
        gains = self.results.matrix.gains["test"]
        return Mean.of(np.mean([gains[:, task, exit_] for task, exit_ in enumerate(found.exits)], axis=0))

    def share_of(self, found: Assignment) -> float:
        """Return the cost of an assignment as a share of the whole."""
        return found.cost / self.whole if self.whole else 0.0


def assigned_frame(view: AssignmentView, found: Assignment) -> pd.DataFrame:
    """Return one row for each task: its exit, Δ there and at its best exit, what it loses, what its path costs."""
    assert view.results.matrix is not None
    names, test = exit_names(view.results), view.results.matrix.gains["test"]
    best = view.gains.argmax(axis=1).tolist()
    rows = []
    for t, (task, exit_) in enumerate(zip(view.results.tasks, found.exits, strict=True)):
        reported = Mean.of(test[:, t, exit_])
        low, high = reported.interval or (float("nan"), float("nan"))
        rows.append(
            {
                "task": task.name,
                "exit": names[exit_],
                "usage": 100 * view.results.usage[t],
                "Δ, validation": float(view.gains[t, exit_]),
                "best exit": names[best[t]],
                "loses (points)": float(view.gains[t, best[t]] - view.gains[t, exit_]),
                "Δ, test": reported.value,
                "± test": reported.half,
                "Δ low": low,
                "Δ high": high,
                "path": float(view.costs[exit_]),
                "share of path": 100 * float(view.costs[exit_] / view.costs[-1]) if view.costs[-1] else float("nan"),
            }
        )
    frame = pd.DataFrame(rows)
    return frame if view.question is AssignmentQuestion.ACTIVE else frame.drop(columns="usage")


def front_frame(view: AssignmentView) -> pd.DataFrame:
    """Return one row for each best assignment: its cost, mean Δ of both splits, and the exit of each task, from 1."""
    return pd.DataFrame(
        [
            {
                "cost": each.cost,
                "share of cost": 100 * view.share_of(each),
                "mean Δ, validation": each.score,
                "mean Δ, test": view.tested(each).value,
                **{
                    f"exit of {task.name}": exit_ + 1
                    for task, exit_ in zip(view.results.tasks, each.exits, strict=True)
                },
            }
            for each in view.front
        ]
    )


def cost_words(cost: float, unit: Unit) -> str:
    """Return a cost with its unit, spelled out where the number alone has none."""
    return f"{amount(cost, unit)}{_NAMES.get(unit, '')}"


def where_words(view: AssignmentView, found: Assignment) -> str:
    """Return the exits of an assignment with the tasks that use them."""
    there: dict[int, list[str]] = {}
    for task, exit_ in zip(view.results.tasks, found.exits, strict=True):
        there.setdefault(exit_, []).append(task.name)
    return "; ".join(f"{listed(there[exit_])} at exit {exit_ + 1}" for exit_ in sorted(there))


def headline(view: AssignmentView, found: Assignment) -> str:
    """Return an assignment in words: where tasks leave, what that costs, gains and loses."""
    lost = view.front[-1].score - found.score
    more = "no mean Δ is lost against the best without a budget"
    if lost > 1e-9:
        more = f"{lost:.1f} points of mean Δ less than the best without a budget"
    words = (
        f"{where_words(view, found)}. This costs {cost_words(found.cost, view.unit)}, "
        f"{cost_share(view.share_of(found))} of the cost with the whole backbone for every task, and has a "
        f"predicted mean Δ of {view.tested(found).written} on the test split. On the validation split, which chose "
        f"it, that is {percent(found.score)}: {more}."
    )
    return words.replace(" %", "\u00a0%")


def nothing_fits(view: AssignmentView) -> str:
    """Return what is said of a budget in which no path fits."""
    return (
        f"No path fits this budget: the first exit for every task costs {cost_share(view.share_of(view.front[0]))} of "
        "what the whole backbone costs. Raise the budget, or train with an earlier exit."
    )
