"""How well each estimator predicts trained layouts, and from how many trainings.

Run: python benchmarks/estimators.py [NAME …]. Prints Markdown; the tables of docs/results.md are its output. Nothing is
trained: seeds and branch points are left out of the two-task tables of bundled studies, and what is left predicts their
trained layouts, which come from other seeds. Weights are uniform and costs MACs. A second table shows what `bayes`
learns from some of the trained layouts: it is judged on the others, and on a seed that it has not seen.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.costs import Unit, block_costs, layout_cost
from core.estimators.basis import without_holes
from core.estimators.correlation import correlation, correlations, stratified_correlation
from core.estimators.layout_posterior import layout_posterior
from core.estimators.prediction import Estimator, draws_of_estimates, estimates
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import Array, TwoTaskTable
from core.estimators.weights import task_weights
from core.families.layouts.gain_intervals import GainIntervals
from core.studies.bundled import load_bundled
from core.studies.measured import Oracle
from core.studies.study import Study

STRATA = 4
LEVEL = 0.9
RESAMPLES = 2000
TRAINED = (0, 4, 8, 16)
SPLITS = 10
DRAWS = 1000


@dataclass(frozen=True)
class Design:
    """Which part of a table is taken as trained: one seed at a time or all, and which branch points."""

    one_seed: bool
    points: tuple[int, ...]

    def tables(self, table: TwoTaskTable) -> Iterator[TwoTaskTable]:
        """Return the table of each seed, or of all seeds, with holes at the other branch points."""
        assert table.samples is not None
        left = table.samples.copy()
        gone = [point for point in range(1, table.n_blocks + 1) if point not in self.points]
        left[..., gone] = np.nan
        for seeds in np.split(left, len(left)) if self.one_seed else [left]:
            yield TwoTaskTable.from_samples(table.tasks, seeds)

    def trainings(self, table: TwoTaskTable) -> int:
        """Return the number of networks: all pairs at these branch points, and the single-task ones."""
        assert table.samples is not None
        pairs = table.n_tasks * (table.n_tasks - 1) // 2
        return (1 if self.one_seed else len(table.samples)) * (pairs * len(self.points) + table.n_tasks)


def designs(n_blocks: int) -> tuple[Design, ...]:
    """Return parts of a table, from few trainings to all."""
    everywhere = tuple(range(1, n_blocks + 1))
    return (
        Design(one_seed=True, points=tuple(sorted({1, (n_blocks + 1) // 2, n_blocks}))),
        Design(one_seed=True, points=everywhere),
        Design(one_seed=False, points=tuple(sorted({min(2, n_blocks), n_blocks}))),
        Design(one_seed=False, points=everywhere),
    )


def main() -> None:
    """Print a table for every study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["scenes", "digits"])
    for name in parser.parse_args().names:
        study = load_bundled(name)
        oracle = study.oracle
        if oracle is None:
            parser.error(f"{name} has no trained layouts to compare with.")
        print_study(study, oracle)
        print_learned(study, oracle)


def print_study(study: Study, oracle: Oracle) -> None:
    """Print what each estimator reaches from each part of the table."""
    print(f"\n`{study.name}`: {len(oracle.layouts)} trained layouts, {len(oracle.seeds)} seeds of their own\n")
    columns = "trainings|estimator|Spearman (range)|in cost strata|lacks, points|inside|interval score"
    print("| " + columns.replace("|", " | ") + " |")
    print("|---|---|---|---|---|---|---|")
    costs = np.array([layout_cost(layout, block_costs(study.backbone, Unit.MACS)) for layout in oracle.layouts])
    for design in designs(study.table.n_blocks):
        for estimator in Estimator:
            found = np.array([judged(table, oracle, costs, estimator) for table in design.tables(study.table)])
            rank, low, high = found[:, 0].mean(), found[:, 0].min(), found[:, 0].max()
            spread = f" ({low:.2f} to {high:.2f})" if len(found) > 1 else ""
            _, strata, regret, inside, score = found.mean(axis=0)
            held = "–" if np.isnan(inside) else f"{inside:.2f}"
            width = "–" if np.isnan(score) else f"{score:.2f}"
            print(
                f"| {design.trainings(study.table)} | {estimator} | {rank:.2f}{spread} | {strata:.2f} | {regret:+.2f} "
                f"| {held} | {width} |"
            )
    ranks = correlation("spearman", -costs, oracle.test.mean(axis=(0, 2)))
    print(f"\nLow cost alone: Spearman {ranks:.2f}.")
    for estimator in (Estimator.BLOCKWISE, Estimator.BAYES):
        value, low, high = better_than_paper(study.table, oracle, estimator)
        print(f"{estimator} − paper, whole table: Spearman {value:+.2f} [{low:+.2f}, {high:+.2f}].")


def better_than_paper(table: TwoTaskTable, oracle: Oracle, estimator: Estimator) -> tuple[float, float, float]:
    """Return by how much Spearman exceeds that of ``paper``, with a 90 % interval of paired bootstrap draws.

    Layouts and the seeds of the trained layouts are drawn, the same for both; the table stays.

    Args:
        table: All of it.
        oracle: The trained layouts.
        estimator: Compared with ``paper``.
    """
    weights, rng = task_weights(table, "uniform").values, np.random.default_rng(0)
    scores = [
        np.array([estimates(without_holes(table, each).values, layout, each) @ weights for layout in oracle.layouts])
        for each in (estimator, Estimator.PAPER)
    ]
    trained, n = oracle.test @ weights, len(oracle.layouts)
    rows = rng.integers(n, size=(RESAMPLES, n))
    seeds = rng.integers(len(trained), size=(RESAMPLES, len(trained)))
    drawn = np.take_along_axis(trained[seeds].mean(axis=1), rows, axis=1)
    ours, papers = (correlations("spearman", score[rows].round(10), drawn) for score in scores)
    whole = [correlation("spearman", score, trained.mean(axis=0)) or 0.0 for score in scores]
    low, high = np.nanquantile(ours - papers, [0.05, 0.95])
    return whole[0] - whole[1], float(low), float(high)


def judged(table: TwoTaskTable, oracle: Oracle, costs: Array, estimator: Estimator) -> tuple[float, ...]:
    """Return Spearman, Spearman within cost strata, regret, share inside 90 % intervals, and interval score."""
    filled, weights = without_holes(table, estimator), task_weights(table, "uniform")
    predicted = np.array([estimates(filled.values, layout, estimator) @ weights.values for layout in oracle.layouts])
    by_seed = oracle.test @ weights.values
    intervals = GainIntervals(table, filled, weights, estimator)
    inside, score = _held(intervals, oracle)
    trained = by_seed.mean(axis=0)
    rank = correlation("spearman", predicted, trained)
    strata = stratified_correlation("spearman", predicted, trained, costs, STRATA)
    return rank or 0.0, strata or 0.0, _regret(predicted, by_seed), inside, score


def print_learned(study: Study, oracle: Oracle) -> None:
    """Print what trained layouts add to the table, judged on layouts and a seed that were not used."""
    print("\n| trainings of the table | trained layouts | Spearman | off, points | inside | width | interval score |")
    print("|---|---|---|---|---|---|---|")
    sharing = [
        row
        for row, layout in enumerate(oracle.layouts)
        if any(len(part) < layout.n_tasks for part in layout.partitions)
    ]
    for design in designs(study.n_blocks)[1::2]:
        for n_trained in TRAINED:
            if len(sharing) - n_trained < 4:
                continue
            rng = np.random.default_rng(0)
            found = [
                _learned(table, oracle, rng.permutation(sharing), n_trained, seed)
                for table in design.tables(study.table)
                for _ in range(SPLITS if n_trained else 1)
                for seed in range(len(oracle.seeds))
            ]
            rank, off, inside, width, score = np.array(found).mean(axis=0)
            numbers = f"{rank:.2f} | {off:+.2f} | {inside:.2f} | {width:.2f} | {score:.2f}"
            print(f"| {design.trainings(study.table)} | {n_trained} | {numbers} |", flush=True)


def _learned(table: TwoTaskTable, oracle: Oracle, order: Array, n_trained: int, seed: int) -> tuple[float, ...]:
    """Return Spearman, mean error, share inside, width and interval score where one seed judges what others tell."""
    used, judging = order[:n_trained].astype(int), order[n_trained:].astype(int)
    others = [place for place in range(len(oracle.seeds)) if place != seed]
    trained = TrainedLayouts(tuple(oracle.layouts[row] for row in used), oracle.validation[others][:, used])
    known = layout_posterior(table, trained if n_trained else None)
    tables, noise = known.draws(DRAWS, np.random.default_rng(0))
    assert table.samples is not None
    # The noise of one seed, as one seed judges.
    noise = noise.mean(axis=1) * np.sqrt(len(table.samples))
    values = known.values
    layouts = [oracle.layouts[row] for row in judging]
    drawn = np.array([draws_of_estimates(tables, each, Estimator.BAYES).mean(axis=1) + noise for each in layouts])
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    predicted = np.array([estimates(values, each, Estimator.BAYES).mean() for each in layouts])
    real = oracle.validation[seed, judging].mean(axis=1)
    missed = np.maximum(low - real, 0.0) + np.maximum(real - high, 0.0)
    rank = correlation("spearman", predicted, real) or 0.0
    width = high - low
    score = float((width + 2 / (1 - LEVEL) * missed).mean())
    return rank, float((predicted - real).mean()), float((missed == 0).mean()), float(width.mean()), score


def _regret(predicted: Array, by_seed: Array) -> float:
    """Return what the predicted best lacks against the best of one trained seed, both judged on the other seeds."""
    chosen = int(np.argmax(predicted))
    lacks = []
    for seed, scores in enumerate(by_seed):
        others = np.delete(by_seed, seed, axis=0).mean(axis=0)
        lacks.append(others[int(np.argmax(scores))] - others[chosen])
    return float(np.mean(lacks))


def _held(intervals: GainIntervals, oracle: Oracle) -> tuple[float, float]:
    """Return the share of trained layouts inside their interval, on validation, and the mean interval score."""
    if not intervals.knows_noise:
        return float("nan"), float("nan")
    found = [intervals.of(layout) for layout in oracle.layouts]
    low, high = np.array([each.score_low for each in found]), np.array([each.score_high for each in found])
    real = oracle.validation.mean(axis=0) @ intervals.weights.values
    missed = np.maximum(low - real, 0.0) + np.maximum(real - high, 0.0)
    return float((missed == 0).mean()), float((high - low + 2 / (1 - LEVEL) * missed).mean())


if __name__ == "__main__":
    main()
