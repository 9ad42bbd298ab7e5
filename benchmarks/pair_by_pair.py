"""Which two-task run to make next: the one that may change the recommendation most."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.errors import LayoutError
from core.estimators import FilledTable, TaskWeights, TwoTaskTable, WeightRule, fill_holes, task_weights
from core.estimators.holes import fill_operator
from core.selection.budget import Budget
from core.selection.pairwise import PairwiseScore
from core.selection.regret import forced_scores

Array = NDArray[np.float64]
MOST_TASKS = 12
N_OUTCOMES = 512


@dataclass(frozen=True, slots=True)
class NextRun:
    """A two-task training that could be made.

    Args:
        tasks: The pair i < j.
        branch_point: Leading blocks they share, 1 to B.
        gain: How much better, on average, the layout recommended afterwards is expected to be
            than today's, in percent of weighted Δ (the value of the information).
        change_probability: How likely another layout is recommended afterwards.
        measured: Whether the table has this run already, so that it would be one more seed.
    """

    tasks: tuple[int, int]
    branch_point: int
    gain: float
    change_probability: float
    measured: bool


def rank_runs(
    table: TwoTaskTable,
    weights: WeightRule | TaskWeights | str,
    costs: Array,
    *,
    rng: np.random.Generator,
    budget: Budget | float | str | None = None,
) -> list[NextRun]:
    """Return every two-task run, most worth making first.

    A run gives Δ of both tasks at one branch point. Before it is made, its outcome is uncertain: for
    a hole by the interval of :func:`fill_holes`, for a measured cell by its standard error, less
    what the noise of one seed hides. Each of many outcomes moves the cell, and the holes that are
    interpolated from it; the layout that is then best within the budget is found exactly. The
    gain is the mean of its score minus that of today's choice under the same outcome. Runs of one pair
    move only that pair's scores, so the best layouts with b_ij forced to each value decide.
    Weights stay as they are; a pair without any measurement is not taken to tell about others.

    Args:
        table: The two-task results.
        weights: A rule of weights, its name, or weights.
        costs: Cost of one copy of each block, ``[n_blocks]``.
        rng: Source of randomness for the outcomes.
        budget: Greatest cost; none by default.

    Returns:
        All T(T−1)/2 · B runs by falling gain, then falling chance of a change, holes first, then
        by branch point and pair.

    Raises:
        BudgetError: Costs or budget can't be used, or the cheapest layout costs more.
        LayoutError: There are too many tasks.

    Reference:
        Raiffa and Schlaifer 1961, Applied Statistical Decision Theory: preposterior analysis;
        Frazier et al. 2008, A Knowledge-Gradient Policy for Sequential Information Collection.
    """
    if table.n_tasks > MOST_TASKS:
        raise LayoutError(f"{table.n_tasks} tasks are too many to weigh every run. Use at most {MOST_TASKS}.")
    filled = fill_holes(table)
    w = task_weights(table, weights).values
    score = PairwiseScore.of(filled.values, w)
    forced = forced_scores(score, costs, budget=budget)
    half = rng.standard_normal((N_OUTCOMES // 2, 2))
    # Each outcome and its mirror image: the mean is exactly today's table, so no gain is below 0.
    outcomes = np.concatenate([half, -half])
    runs = list(_runs(table, filled, w, forced, outcomes))
    return sorted(runs, key=lambda r: (-round(r.gain, 9), -r.change_probability, r.measured, r.branch_point, r.tasks))


def _runs(table: TwoTaskTable, filled: FilledTable, w: Array, forced: Array, outcomes: Array) -> Iterator[NextRun]:
    holes, n_tasks = table.holes, table.n_tasks
    moves = _expected_moves(table, filled)
    for i, j in combinations(range(n_tasks), 2):
        reachable = np.isfinite(forced[i, j])
        today = forced[i, j][reachable]
        for b in range(1, table.n_blocks + 1):
            shifts = [
                w[target] * moves[target, partner, b] * _reach(holes[target, partner], b)[reachable] / (n_tasks - 1)
                for target, partner in ((i, j), (j, i))
            ]
            after = today + outcomes @ np.array(shifts)
            best = after.max(axis=1)
            kept = after[:, int(np.argmax(today))]
            yield NextRun(
                tasks=(i, j),
                branch_point=b,
                gain=max(float(np.mean(best - kept)), 0.0),
                change_probability=float(np.mean(best > kept + 1e-9)),
                measured=not (holes[i, j, b] or holes[j, i, b]),
            )


def _reach(holes: NDArray[np.bool_], b: int) -> Array:
    """How much each cell of a pair moves when the cell at b does, once b is measured, ``[n_blocks + 1]``."""
    known = ~holes
    known[b] = True
    result: Array = fill_operator(known)[:, b]
    return result


def _expected_moves(table: TwoTaskTable, filled: FilledTable) -> Array:
    """Standard deviation of how far one new run would move each cell.

    With variance v before and noise e² of one run, the mean moves with variance v²/(v + e²). A
    measured cell of S seeds has e² = S·v; for a hole e² is the median of those.
    """
    n_seeds = 1 if table.samples is None else max(len(table.samples), 1)
    variance = filled.stderr**2
    cells = ~np.eye(table.n_tasks, dtype=bool)[:, :, None] & ~filled.filled
    cells[..., 0] = False
    measured = variance[cells]
    noise = np.where(filled.filled, n_seeds * float(np.median(measured)) if measured.size else 0.0, n_seeds * variance)
    total = variance + noise
    result: Array = variance / np.sqrt(np.where(total > 0, total, 1.0))
    return result
