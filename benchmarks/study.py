"""What a bundled study measured: Δ by branch point, agreement of prediction and training, minutes of training.

Run: python benchmarks/study.py [NAME]. Prints Markdown; the README's figures are its output.
"""

import argparse

import numpy as np

from app.views.budget import budget_view
from app.views.trained import TrainedView
from core.costs import Unit
from core.estimators.agreement import Estimate, attainable
from core.estimators.weights import WeightRule
from core.studies.bundled import load_bundled
from core.studies.study import Study


def main() -> None:
    """Print the tables of one study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="scenes")
    study = load_bundled(parser.parse_args().name)
    made = study.provenance
    print(
        f"{made.n_done} of {made.n_runs} trainings done, {made.seconds / 60:.0f} minutes of training in all "
        f"({', '.join(made.machines)}; {', '.join(f'{k} {v}' for k, v in made.versions.items())})\n"
    )
    print_table(study)
    if study.oracle is not None:
        print_agreement(study)


def print_table(study: Study) -> None:
    """Print Δ of every task next to every other, by blocks shared, with standard errors over seeds."""
    table = study.table
    print("| Δ of | next to | " + " | ".join(f"b={b}" for b in range(1, table.n_blocks + 1)) + " |")
    print("|---" * (table.n_blocks + 2) + "|")
    for i, task in enumerate(table.tasks):
        for j, partner in enumerate(table.tasks):
            if i != j:
                errors = np.full(table.n_blocks + 1, np.nan) if table.stderr is None else table.stderr[i, j]
                cells = [f"{d:+.1f} ± {e:.1f}" for d, e in zip(table.values[i, j, 1:], errors[1:], strict=True)]
                print(f"| {task} | {partner} | " + " | ".join(cells) + " |")
    print()


def print_agreement(study: Study) -> None:
    """Print rank correlations of predicted and trained Δ for every rule of weights, and the rivals."""
    assert study.oracle is not None
    columns = "Spearman, weighted|Spearman, plain mean|Pearson, weighted|split-half of the oracle|perfect, about|regret"
    print("| weights | " + columns.replace("|", " | ") + " |")
    print("|---|---|---|---|---|---|---|")
    for rule in (WeightRule.SVDE, WeightRule.UNIFORM, WeightRule.PAPER):
        trained = TrainedView(budget_view(study, rule, Unit.MACS), study.oracle)
        found = trained.agreement
        print(
            f"| {rule} | {written(found.spearman.weighted)} | {written(found.spearman.mean)} "
            f"| {written(found.pearson.weighted)} | {written(found.ceiling.weighted)} "
            f"| {attainable(found.ceiling.weighted.value or 0.0) or float('nan'):.2f} | {found.regret:.2f} % |"
        )
    print()
    for rival in TrainedView(budget_view(study, WeightRule.UNIFORM, Unit.MACS), study.oracle).rivals:
        if rival.spearman is not None:
            print(f"{rival.method.value}: Spearman {written(rival.spearman.weighted)} over {len(rival.places)} layouts")


def written(estimate: Estimate) -> str:
    """Give a correlation with its 90 % interval."""
    if estimate.value is None:
        return "–"
    ends = "" if estimate.low is None or estimate.high is None else f" [{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{estimate.value:.2f}{ends}"


if __name__ == "__main__":
    main()
