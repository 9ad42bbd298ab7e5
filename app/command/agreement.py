"""``branchwise agreement``: predicted against trained layouts."""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from app.command.case import (
    estimator_option,
    read_case,
    read_costs,
    sheet_option,
    table_argument,
    weights_option,
)
from app.command.output import aligned, json_option, say, write_json
from app.plane.judged import hyphened, regret_words
from app.ui.formatting import plural
from core.costs import layout_cost
from core.estimators import Agreement, Correlation, Estimate
from core.estimators import agreement as compare
from core.estimators.results_file import results_of
from core.estimators.table_file import file_bytes, read_sheet
from core.families.layouts.baselines import Baseline, Ranked, baselines

METHODS = ("spearman", "pearson", "kendall")


@click.command()
@table_argument
@click.argument("results", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@weights_option
@estimator_option
@sheet_option
@click.option(
    "--results-sheet",
    metavar="NAME",
    help="Worksheet of RESULTS, if it is a workbook; the first visible one by default.",
)
@click.option(
    "--costs",
    metavar="C1,C2,…",
    help="Cost of each block, from the input, in any unit: what low cost and cost strata go by; equal by default.",
)
@json_option
def agreement(
    *,
    table: Path,
    results: Path,
    weights: str,
    costs: str | None,
    estimator: str,
    sheet: str | None,
    results_sheet: str | None,
    as_json: bool,
) -> None:
    """Compare what TABLE predicts with the trained layouts in RESULTS.csv.

    RESULTS has a column "layout", one column of Δ per task and, for several seeds, a column "seed"; or metrics of
    networks of all tasks and of single-task ones, as TABLE may have. "weighted" compares the predicted score with the
    same-weighted real Δ, "mean" with its plain mean. The intervals resample layouts and, where RESULTS has them,
    seeds; those of means over seeds are narrower, as they leave out that noise. Below are ways to rank the same layouts
    that a prediction has to be better than; affinity and What-to-Share need networks of the tasks, and stand on the
    page Budget.
    """
    case = read_case(table, weights, sheet, estimator)
    found_sheet = read_sheet(file_bytes(results), results.name, worksheet=results_sheet)
    trained = results_of(found_sheet, case.table.tasks, case.table.n_blocks)
    given = [f"Results: {found_sheet.note}"] if found_sheet.others and results_sheet is None else []
    hidden = [f"Results: {remark}" for remark in found_sheet.remarks]
    for remark in hidden:
        say(f"Note: {remark}", err=True)
    predicted = np.array([case.estimates(layout) @ case.weights for layout in trained.layouts])
    block_costs = np.ones(case.table.n_blocks) if costs is None else read_costs(costs, case.table.n_blocks)
    prices = np.array([layout_cost(layout, block_costs) for layout in trained.layouts])
    found = compare(predicted, trained.deltas, case.weights, rng=np.random.default_rng(0), costs=prices)
    seeds = trained.deltas[None] if trained.deltas.ndim == 2 else trained.deltas
    unit = "every block alike" if costs is None else "--costs"
    ways = baselines(Ranked(trained.layouts, predicted, seeds, seeds, case.weights, case.score, {unit: prices}), found)
    ways = tuple(way for way in ways if way.places)
    if as_json:
        write_json(
            found.to_json()
            | {
                "baselines": [_document(way) for way in ways],
                "tasks": list(case.table.tasks),
                "weights": case.weights.tolist(),
                "estimator": estimator,
                "warnings": list(case.warnings()),
                "notes": [*case.remarks, *case.notes, *hidden, *given],
            }
        )
        return
    pairs: list[tuple[str, Correlation]] = [(method, getattr(found, method)) for method in METHODS]
    for warning in case.warnings():
        say(f"Warning: {warning}\n")
    has_intervals = any(each.low is not None for _, pair in pairs for each in (pair.weighted, pair.mean))
    resampled = f" {resampled_words(found.n_seeds)}" if has_intervals else ""
    say(f"{plural(found.n, 'layout')}, predicted against trained. Estimator: {estimator}.{resampled}\n")
    shown = [*pairs, *([("in strata", found.strata)] if found.strata else [])]
    rows = [[method, _text(pair.weighted), _text(pair.mean)] for method, pair in shown]
    say(aligned(["", "weighted", "mean"], rows, left=[0]))
    if found.strata:
        say(f"\nIn strata: Spearman within layouts of similar cost ({unit}), so that low cost alone has 0.")
    if found.split_half.mean.value is not None:
        say(
            f"\nSplit-half reliability of the trained layouts over seeds: Spearman {_text(found.split_half.mean)}. "
            f"Noise ceiling, which a prediction without noise would reach: {_text(found.ceiling.mean)}."
        )
    if found.n == 1:
        say("\nOne layout is trained, so nothing can be ranked and there is no regret.")
    else:
        _say_ways(found, ways)
    notes = (*case.notes, *given, *sorted({e.note for _, pair in pairs for e in (pair.weighted, pair.mean) if e.note}))
    for note in notes:
        say(f"\n{note}")


def _say_ways(found: Agreement, ways: Sequence[Baseline]) -> None:
    """Print how every way to rank the layouts agrees with training and what its first choice loses."""
    rows = [
        [
            way.name,
            str(len(way.places)),
            "–" if way.spearman is None else _text(way.spearman.weighted),
            "–" if way.strata is None else _text(way.strata.weighted),
            "–" if way.regret is None else hyphened(regret_words(way.regret)),
        ]
        for way in ways
    ]
    say("")
    say(aligned(["ranked by", "layouts", "Spearman", "in strata", "regret, points"], rows, left=[0]))
    how = (
        "chosen on half of the seeds and judged on the others; in brackets the range over halves"
        if found.chosen_apart
        else "chosen and judged on the same results, so it is biased upwards where these are noisy; give several seeds"
    )
    say(f"\nRegret: gain lost against the best trained layout, which is {how}. Below 0 the choice is better.")


def _document(way: Baseline) -> dict[str, object]:
    """Return a way to rank layouts for JSON; null where it ranks too few."""
    return {
        "name": way.name,
        "n": len(way.places),
        "spearman": None if way.spearman is None else way.spearman.to_json(),
        "strata": None if way.strata is None else way.strata.to_json(),
        "regret": None if way.regret is None else way.regret.to_json(),
    }


def resampled_words(n_seeds: int) -> str:
    """Return what the bootstrap intervals of correlations with results of so many seeds resample."""
    if n_seeds > 1:
        return f"Brackets: 90 % bootstrap intervals over layouts and the {n_seeds} seeds of the results."
    return (
        "Brackets: 90 % bootstrap intervals over layouts. The results have one seed or a mean, so noise between seeds "
        'is left out; give every seed its rows and a column "seed" to include it.'
    )


def _text(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"
