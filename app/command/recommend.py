"""``branchwise recommend``: the best layouts within a budget."""

from pathlib import Path

import click
import numpy as np

from app.command.case import (
    Array,
    Case,
    costs_option,
    estimator_option,
    read_case,
    read_costs,
    sheet_option,
    table_argument,
    weights_option,
)
from app.command.number_types import Whole
from app.command.output import aligned, json_option, number, percent, say, write_json
from app.plane.confidence import not_told_apart
from app.ui.formatting import budget_share, compared, cost_share
from core.estimators.resampling import LayoutInterval
from core.families.layouts.gain_intervals import GainIntervals
from core.layouts.counting import count_layouts
from core.selection.budget import Budget
from core.selection.choice import Choice
from core.selection.search import Recommendation
from core.selection.search import front as search_front
from core.selection.search import recommend as search


@click.command()
@table_argument
@costs_option
@click.option(
    "--budget",
    metavar="N|3x|60%",
    help="Maximum cost: in the unit of --costs, in backbones (3x), or as a share of single-task networks (60%).",
)
@weights_option
@estimator_option
@sheet_option
@click.option("--top", type=Whole(1, 10_000), default=5, show_default=True, help="How many layouts.")
@json_option
def recommend(
    *,
    table: Path,
    costs: str,
    budget: str | None,
    weights: str,
    estimator: str,
    sheet: str | None,
    top: int,
    as_json: bool,
) -> None:
    """Print the layouts that TABLE predicts to be best within a budget.

    TABLE is a two-task table (CSV or XLSX, wide or tidy): the Δ of every task paired with every other, at every
    branch point. It may hold metrics instead, with those of single-task networks, from which Δ is computed.
    """
    case = read_case(table, weights, sheet, estimator)
    block_costs = read_costs(costs, case.table.n_blocks)
    found = search(case.score, block_costs, budget=budget, top=top)
    intervals = case.intervals
    advised, reason = _advised(case, intervals, found, block_costs, budget)
    warnings = case.warnings(advised.layout)
    count = count_layouts(case.table.n_tasks, case.table.n_blocks)
    if as_json:
        write_json(
            {
                "weights": case.weights.tolist(),
                "estimator": estimator,
                "count": str(count),
                "layouts": [choice_document(case, intervals, choice) for choice in found.choices],
                "recommended": choice_document(case, intervals, advised) | {"reason": reason},
                "tasks": list(case.table.tasks),
                "exact": found.exact,
                "basis": case.basis(),
                "warnings": list(warnings),
                "notes": [*case.remarks, *_notes(case, found)],
            }
        )
        return
    weighed = ", ".join(f"{name} {w:.3f}" for name, w in zip(case.table.tasks, case.weights, strict=True))
    for warning in warnings:
        say(f"Warning: {warning}\n")
    sizes = f"{case.table.n_tasks} tasks on {case.table.n_blocks} blocks"
    say(f"{count:,} layouts of {sizes}. Weights: {weighed}. Estimator: {estimator}.")
    whole = float(np.sum(block_costs)) * case.table.n_tasks
    limit = None if budget is None else Budget.parse(budget).absolute(block_costs, n_tasks=case.table.n_tasks)
    say(f"{_limit_words(case.table.n_tasks, whole, limit)}\n")
    places = {choice.layout: str(place) for place, choice in enumerate(found.choices, start=1)}
    shown = [*found.choices, *([] if advised.layout in places else [advised])]
    rows = [
        [
            f"{'*' if choice.layout == advised.layout else ''}{places.get(choice.layout, '')}",
            percent(choice.score),
            interval_words(intervals.of(choice.layout)),
            number(choice.cost),
            _share(choice.cost, whole),
            *(percent(delta) for delta in case.estimates(choice.layout)),
            choice.layout.to_text(case.table.tasks),
        ]
        for choice in shown
    ]
    header = ["", "score", "90 % interval", "cost", "share", *(f"Δ {name}" for name in case.table.tasks), "layout"]
    say(aligned(header, rows, left=[len(header) - 1]))
    say(f"\n* Recommended: {reason}")
    say(f"\n{case.basis()['interval']}")
    for note in _notes(case, found):
        say(f"\n{note}")


def _share(cost: float, whole: float) -> str:
    return cost_share(cost / whole) if whole else "–"


def _limit_words(n_tasks: int, whole: float, limit: float | None) -> str:
    """Return what costs and shares are of, and how much the budget is.

    Args:
        n_tasks: Number of tasks.
        whole: Cost of a single-task network for each.
        limit: The budget in the unit of the costs; None for none.
    """
    said = (
        f"Costs are in the unit of --costs; shares are of {n_tasks} single-task networks, which cost {number(whole)}."
    )
    if limit is None:
        return f"{said} No budget."
    return f"{said} Budget: {number(limit)}{f' ({budget_share(limit / whole)})' if whole else ''}."


def interval_words(known: LayoutInterval) -> str:
    """Return the ends of the interval of a score; a dash where there is none."""
    return f"{known.score_low:+.3f} to {known.score_high:+.3f} %" if known.has_interval else "–"


def choice_document(case: Case, intervals: GainIntervals, choice: Choice) -> dict[str, object]:
    """Return a layout with its score, the predicted Δ of every task, their intervals and its cost, for JSON."""
    known = intervals.of(choice.layout)
    ends = np.stack([known.low, known.high], axis=1).tolist()
    return {
        "layout": choice.layout.to_json(),
        "score": choice.score,
        "estimates": case.estimates(choice.layout).tolist(),
        "cost": int(choice.cost) if choice.cost.is_integer() else choice.cost,
        "interval": [known.score_low, known.score_high] if known.has_interval else None,
        "estimate_intervals": ends if known.has_interval else None,
    }


def _advised(
    case: Case, intervals: GainIntervals, found: Recommendation, costs: Array, budget: str | None
) -> tuple[Choice, str]:
    """Return the layout that pages recommend, too, and the reason: the cheapest that noise can't tell from the best."""
    best = found.choices[0]
    if not intervals.knows_noise:
        return best, "the best score within the budget; nothing is known of its noise."
    front = search_front(case.score, costs).choices
    limit = float("inf") if budget is None else Budget.parse(budget).absolute(costs, n_tasks=case.table.n_tasks)
    advice = intervals.advised(front, limit)
    if advice is None or not advice.is_cheaper:
        return best, "the best score within the budget; no cheaper layout of the Pareto front equals it within noise."
    best, cheaper = front[advice.best], front[advice.place]
    better, this, apart = compared(best.score, cheaper.score)
    half = intervals.half_width_between(best.layout, cheaper.layout)
    return cheaper, (
        f"the cheapest layout of the Pareto front that noise can't tell from the best. The best has "
        f"{better} at a cost of {number(best.cost)}, this one {this} at "
        f"{number(cheaper.cost)}: {not_told_apart(apart, half)}."
    )


def _notes(case: Case, found: Recommendation) -> tuple[str, ...]:
    if found.exact:
        return case.notes
    return (
        *case.notes,
        f"Found by a heuristic: no layout within the budget scores more than {found.bound:.3f} %, "
        f"so the first one is at most {found.gap:.3f} worse.",
    )
