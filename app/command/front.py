"""``branchwise front``: the Pareto front of cost and score."""

from pathlib import Path

import click

from app.command.case import (
    costs_option,
    estimator_option,
    read_case,
    read_costs,
    sheet_option,
    table_argument,
    weights_option,
)
from app.command.output import aligned, json_option, number, percent, say, write_json
from app.command.recommend import choice_document, interval_words
from core.selection.search import front as search


@click.command()
@table_argument
@costs_option
@weights_option
@estimator_option
@sheet_option
@json_option
def front(*, table: Path, costs: str, weights: str, estimator: str, sheet: str | None, as_json: bool) -> None:
    """Print the Pareto front of cost and score of TABLE by increasing cost."""
    case = read_case(table, weights, sheet, estimator)
    found = search(case.score, read_costs(costs, case.table.n_blocks))
    notes, intervals = case.notes, case.intervals
    if not found.exact:
        notes = (*notes, "Found by a heuristic: there may be better layouts.")
    if as_json:
        write_json(
            {
                "front": [choice_document(case, intervals, choice) for choice in found.choices],
                "weights": case.weights.tolist(),
                "estimator": estimator,
                "tasks": list(case.table.tasks),
                "exact": found.exact,
                "basis": case.basis(),
                "warnings": list(case.warnings()),
                "notes": [*case.remarks, *notes],
            }
        )
        return
    for warning in case.warnings():
        say(f"Warning: {warning}\n")
    rows = [
        [
            number(choice.cost),
            percent(choice.score),
            interval_words(intervals.of(choice.layout)),
            choice.layout.to_text(case.table.tasks),
        ]
        for choice in found.choices
    ]
    say(aligned(["cost", "score", "90 % interval", "layout"], rows, left=[3]))
    say(f"\n{case.basis()['interval']} Estimator: {estimator}.")
    for note in notes:
        say(f"\n{note}")
