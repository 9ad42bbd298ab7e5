"""What a bundled study measured: Δ by branch point, agreement of prediction and training, minutes of training.

Run: python benchmarks/study.py [NAME]. Prints Markdown; the tables of docs/results.md are its output.
"""

import argparse
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from path_tables import print_paths
from virtual_tables import print_virtual

from app.families.treednn import scores
from app.plane.judged import estimate_words, hyphened, regret_words
from app.ui.layout_words import layout_sentence
from core.affinity.distance import distances
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import resampled_affinities
from core.backbones.downsampling import downsamplings
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.estimators.correlation import correlation
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.baselines import Method
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.families.multipath.results import MultiPathResults
from core.families.recombined.losses import bundled_losses
from core.families.treednn.results import TreeResults
from core.families.virtual.results import VirtualResults
from core.layouts import Layout
from core.plane.interval import t_half_widths
from core.selection.branched import alpha_path
from core.selection.branched_case import BranchedCase
from core.studies.bundled import load_bundled
from core.studies.measured import LayoutResults, Oracle
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
    tree = study.result(TreeResults)
    if tree is not None:
        print_tree(tree)
        return
    paths = study.result(MultiPathResults)
    if paths is not None:
        print_paths(study, paths)
        return
    virtual = study.result(VirtualResults)
    if virtual is not None:
        print_virtual(study, virtual)
        return
    measured = study.result(LayoutResults)
    assert measured is not None
    print_table(measured.table)
    losses = bundled_losses(study.name)
    if measured.oracle is not None:
        print_noise(measured.table.tasks, measured.oracle)
        print_agreement(study, measured.oracle, losses)
    if losses is not None and losses.is_complete:
        print_affinity(losses)
        print_path(study, losses, measured.oracle)


def print_tree(tree: TreeResults) -> None:
    """Print what every branch reached on the test split, mean and Student's 90 % interval over seeds."""
    print("| branch | data set | training rows | after phase 1 | after phase 2 | dedicated network | difference |")
    print("|---|---|---|---|---|---|---|")
    for branch in tree.branches:
        phases = (branch.generalised["test"], branch.specialised["test"], branch.dedicated["test"])
        digits = scores.digits_of(branch)
        cells = [
            "–" if np.isnan(values).all() else scores.written(branch.metric, scores.mean(values), digits)
            for values in phases
        ]
        name = f"{branch.name} (graft on {branch.like})" if branch.is_graft else branch.name
        print(
            "| "
            + " | ".join([name, branch.dataset, f"{branch.n_train}", *cells, scores.difference_words(branch)])
            + " |"
        )
    print("\n" + " ".join(scores.proof_sentences(tree)) + "\n")


def print_affinity(losses: RecombinedLosses) -> None:
    """Print similarity of tasks after every block, in proportion to themselves, with 90 % intervals."""
    draws = scaled(resampled_affinities(losses, rng=np.random.default_rng(0)))
    shown = scaled(losses.affinity()[None])[0]
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    print("| affinity of | and | " + " | ".join(f"after block {d + 1}" for d in range(losses.n_depths)) + " |")
    print("|---" * (losses.n_depths + 2) + "|")
    for i, j in combinations(range(len(losses.tasks)), 2):
        cells = [f"{shown[d, i, j]:.2f} [{low[d, i, j]:.2f}, {high[d, i, j]:.2f}]" for d in range(losses.n_depths)]
        print(f"| {losses.tasks[i]} | {losses.tasks[j]} | " + " | ".join(cells) + " |")
    print()


def scaled(affinity: np.ndarray) -> np.ndarray:
    """Return A_ij/√(A_ii·A_jj) of tensors ``[n, n_depths, n_tasks, n_tasks]``."""
    own = np.sqrt(np.diagonal(affinity, axis1=2, axis2=3))
    return affinity / (own[..., :, None] * own[..., None, :])


def print_path(study: Study, losses: RecombinedLosses, oracle: Oracle | None) -> None:
    """Print every tree that is cheapest for some α, and what it reached when it was trained."""
    case = BranchedCase(distances(losses.affinity()), downsamplings(study.backbone))
    trained: dict[Layout, float] = {}
    if oracle is not None:
        means = oracle.test.mean(axis=(0, 2))
        trained = dict(zip(oracle.layouts, means.tolist(), strict=True))
        best = max(trained, key=trained.__getitem__)
        words = layout_sentence(best, study.task_names)
        print(f"best of {len(trained)} trained layouts: {words}, {trained[best]:+.2f} %\n")
    print("| from α | tree | clustering | complexity | trained Δ, rank |")
    print("|---|---|---|---|---|")
    for start, tree in alpha_path(case):
        delta = trained.get(tree.layout)
        rank = (
            "" if delta is None else f"{delta:+.2f} %, {1 + sum(d > delta for d in trained.values())} of {len(trained)}"
        )
        words = layout_sentence(tree.layout, study.task_names)
        print(f"| {start:.4f} | {words} | {tree.clustering:.3f} | {tree.complexity:g} | {rank or '–'} |")
    if len(trained) > 2:
        for alpha in (0.0, 0.05):
            costs = [case.tree(layout, alpha).cost for layout in trained]
            rank = correlation("spearman", -np.array(costs), np.array([*trained.values()]))
            print(f"\nSpearman of low cost at α = {alpha:g} and trained Δ over all layouts: {rank:.2f}")


def print_table(table: TwoTaskTable) -> None:
    """Print Δ of every task next to every other, by blocks shared, with standard errors over seeds."""
    print("| Δ of | next to | " + " | ".join(f"b={b}" for b in range(1, table.n_blocks + 1)) + " |")
    print("|---" * (table.n_blocks + 2) + "|")
    for i, task in enumerate(table.tasks):
        for j, partner in enumerate(table.tasks):
            if i != j:
                errors = np.full(table.n_blocks + 1, np.nan) if table.stderr is None else table.stderr[i, j]
                cells = [f"{d:+.1f} ± {e:.1f}" for d, e in zip(table.values[i, j, 1:], errors[1:], strict=True)]
                print(f"| {task} | {partner} | " + " | ".join(cells) + " |")
    print()


def print_noise(tasks: Sequence[str], oracle: Oracle) -> None:
    """Print how many trained layouts have a Δ whose Student's 90 % interval over seeds leaves 0 out, and the range."""
    mean = oracle.test.mean(axis=2, keepdims=True)
    shared = next((i for i, layout in enumerate(oracle.layouts) if len(layout.partitions[-1]) == 1), None)
    columns = {name: oracle.test[:, :, t] for t, name in enumerate(tasks)} | {"mean": mean[..., 0]}
    if shared is not None:
        columns["mean, against the fully shared"] = mean[..., 0] - mean[:, [shared], 0]
    print(f"| Δ of, in {len(oracle.layouts)} layouts | least | most | above noise | below noise |")
    print("|---|---|---|---|---|")
    for name, values in columns.items():
        means, half = values.mean(axis=0), t_half_widths(values)
        above, below = int((means > half).sum()), int((means < -half).sum())
        print(f"| {name} | {means.min():+.1f} | {means.max():+.1f} | {above} | {below} |")
    print()


def print_agreement(study: Study, oracle: Oracle, losses: RecombinedLosses | None) -> None:
    """Print rank correlations of predicted and trained Δ for every rule of weights, and the baselines."""
    columns = (
        "Spearman, weighted|in cost strata|Spearman, plain mean|Pearson, weighted|split-half reliability"
        "|noise ceiling|regret, points"
    )
    print("| estimator | weights | " + columns.replace("|", " | ") + " |")
    print("|---" * 9 + "|")
    for estimator in Estimator:
        for rule in (WeightRule.SVDE, WeightRule.UNIFORM, WeightRule.PAPER):
            found = TrainedView(budget_view(study, rule, Unit.MACS, estimator), oracle).agreement
            row = (
                f"| {estimator} | {rule} | {estimate_words(found.spearman.weighted)} "
                f"| {'–' if found.strata is None else estimate_words(found.strata.weighted)} "
                f"| {estimate_words(found.spearman.mean)} "
                f"| {estimate_words(found.pearson.weighted)} | {estimate_words(found.split_half.weighted)} "
                f"| {estimate_words(found.ceiling.weighted)} | {regret_words(found.regret)} |"
            )
            print(hyphened(row))
    print()
    affinity = None if losses is None or not losses.is_complete else distances(losses.affinity())
    print("| ranked by | layouts | Spearman | in cost strata | regret, points |")
    print("|---|---|---|---|---|")
    for estimator in Estimator:
        trained = TrainedView(budget_view(study, WeightRule.UNIFORM, Unit.MACS, estimator), oracle)
        for way in trained.baselines(affinity):
            follows = way.method in (Method.OURS, Method.GREEDY, Method.GROUPING)
            if way.places and (follows or estimator is Estimator.PAPER):
                row = (
                    f"| {way.name}{f', {estimator}' if follows else ''} | {len(way.places)} "
                    f"| {'–' if way.spearman is None else estimate_words(way.spearman.weighted)} "
                    f"| {'–' if way.strata is None else estimate_words(way.strata.weighted)} "
                    f"| {'–' if way.regret is None else regret_words(way.regret)} |"
                )
                print(hyphened(row))
    print()


if __name__ == "__main__":
    main()
