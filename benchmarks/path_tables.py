"""The Markdown tables of a bundled study of multi-path networks; ``python benchmarks/study.py NAME`` prints them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.paths.networks import derived_frame
from app.paths.trained import paper_order
from core.costs import Unit
from core.families.multipath.assignment import AssignmentQuestion, assignment_cost, best_assignment
from core.families.multipath.points import path_costs
from core.families.multipath.results import MultiPathResults, PathScores
from core.families.rivals.results import RivalResults
from core.studies.study import Study

Array = NDArray[np.float64]


def print_paths(study: Study, results: MultiPathResults) -> None:
    """Print networks and rivals, tasks × exits, assignments, and coarse answers that the fine one implies."""
    print_networks(study, results)
    print_matrix(study, results)
    print_assignments(study, results)
    print_derived(results)


def print_networks(study: Study, results: MultiPathResults) -> None:
    """Print accuracy and mean Δ of every network on the test split, with its difference from the paper's order."""
    first = results.networks[0].gains["test"]
    print("| network | exits | " + " | ".join(task.name for task in results.tasks) + " | mean Δ | against the first |")
    print("|---" * (len(results.tasks) + 4) + "|")
    _print_network("single-task networks", "–", results.singles["test"], np.zeros_like(first), None)
    if (alone := results.fine_alone) is not None:
        name = f"{results.tasks[alone.fine].name} alone, others read off it"
        _print_network(name, "–", alone.values["test"], alone.gains["test"], first)
    for place, network in enumerate(results.networks):
        exits = "/".join(str(exit_ + 1) for exit_ in network.assign)
        name = network.name
        _print_network(name, exits, network.values["test"], network.gains["test"], first if place else None)
    rivals = study.result(RivalResults)
    for method in () if rivals is None else rivals.methods:
        _print_network(method.title, "–", method.values["test"], method.gains["test"], first)
    print()


def _print_network(name: str, exits: str, values: Array, gains: Array, first: Array | None) -> None:
    cells = [written(100 * values[:, task], "") for task in range(values.shape[1])]
    mean = gains.mean(axis=1)
    delta = written(mean, "+") if mean.any() else "0"
    better = "" if first is None else written(mean - first.mean(axis=1), "+")
    print(f"| {name} | {exits} | " + " | ".join(cells) + f" | {delta} | {better or '–'} |")


def print_matrix(study: Study, results: MultiPathResults) -> None:
    """Print Δ of every task at every exit of the matrix network, on the test split."""
    if results.matrix is None:
        return
    found = results.matrix.gains["test"]
    names = [f"exit {place + 1}" for place in range(found.shape[2])]
    print("| Δ of | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for t, task in enumerate(results.tasks):
        print(f"| {task.name} | " + " | ".join(written(found[:, t, e], "+") for e in range(len(names))) + " |")
    for unit in (Unit.PARAMETERS, Unit.MACS):
        costs = path_costs(results.exits, study.backbone, unit)
        print(f"| {unit} | " + " | ".join(f"{100 * cost / costs[-1]:.1f} %" for cost in costs) + " |")
    print()


def print_assignments(study: Study, results: MultiPathResults) -> None:
    """Print the best assignment that costs no more than the paper's order, chosen on validation, for each question."""
    gains = None if results.matrix is None else results.matrix.mean_gains("validation")
    if gains is None or results.matrix is None:
        return
    costs = path_costs(results.exits, study.backbone, Unit.MACS).tolist()
    order, test = paper_order(results), results.matrix.gains["test"]
    print("| cost of | exits | cost | predicted difference | trained, Δ | trained difference |")
    print("|---|---|---|---|---|---|")
    usual = _trained(results, order)
    for question in AssignmentQuestion:
        usage = results.usage if question is AssignmentQuestion.ACTIVE else ()
        most = assignment_cost(order, costs, question, usage)
        best = best_assignment(gains, costs, most, question, usage)
        assert best is not None
        reached = _trained(results, best.exits)
        trained = "–" if reached is None else written(reached.gains["test"].mean(axis=1), "+")
        difference = "–"
        if reached is not None and usual is not None:
            difference = written((reached.gains["test"] - usual.gains["test"]).mean(axis=1), "+")
        exits = "/".join(str(exit_ + 1) for exit_ in best.exits)
        better = written(_mean_at(test, best.exits) - _mean_at(test, order), "+")
        print(f"| {question} | {exits} | {100 * best.cost / most:.0f} % | {better} | {trained} | {difference} |")
    print()


def _trained(results: MultiPathResults, exits: Sequence[int]) -> PathScores | None:
    """Return the network with these exits that learned from labels alone, as the matrix network did."""
    found = [each for each in results.networks if each.assign == tuple(exits) and each.loss.mix == "none"]
    return found[0] if found else None


def _mean_at(gains: Array, exits: Sequence[int]) -> Array:
    """Return the mean Δ of the tasks at their exits, ``[n_seeds]``."""
    found: Array = np.mean([gains[:, task, exit_] for task, exit_ in enumerate(exits)], axis=0)
    return found


def print_derived(results: MultiPathResults) -> None:
    """Print coarse answers of each network's own exits beside those read off its finest task, on the test split."""
    frame = derived_frame(results, "test")
    if frame.empty:
        return
    frame = frame[frame["read off"] == results.tasks[-1].name]
    coarse = frame["coarse task"].unique().tolist()
    print("| network | " + " | ".join(f"{name}, own exit | {name}, read off" for name in coarse) + " |")
    print("|---" * (1 + 2 * len(coarse)) + "|")
    for name, rows in frame.groupby("network", sort=False):
        cells = [
            f"{own:.1f} % | {derived:.1f} %" for own, derived in zip(rows["its own exit"], rows["derived"], strict=True)
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()


def written(values: Array, sign: str) -> str:
    """Return the mean over seeds with its standard error, to one decimal; without one of a single seed.

    Args:
        values: ``[n_seeds]``, some of them NaN where nothing is measured.
        sign: "+" for differences.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return "–"
    mean = f"{known.mean():{sign}.1f}"
    return mean if len(known) == 1 else f"{mean} ± {known.std(ddof=1) / np.sqrt(len(known)):.1f}"
