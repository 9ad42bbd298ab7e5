"""Whether affinities tell how pairs gain before they are trained, so that fewer trainings are needed.

Run: python benchmarks/affinity_prior.py [NAME …]. Prints Markdown; a table of docs/results.md is its output. Nothing is
trained. The steps of pairs get a mean that is proportional to the affinity of the pair after that block, by a factor of
each task that is integrated out with a variance weighted by how likely it makes the table; beside it `bayes` as it is.
"""

import argparse
from itertools import product

import numpy as np
from estimators import STRATA, Design, designs
from scipy.special import logsumexp

from core.costs import Unit, block_costs, layout_cost
from core.estimators.correlation import correlation, stratified_correlation
from core.estimators.measured_cells import MeasuredCells
from core.estimators.posterior import (
    BASELINES,
    COMMON,
    LEAST_WEIGHT,
    STEPS,
    Posterior,
    _fit,
    _part,
    walk_covariance,
)
from core.estimators.prediction import Estimator, estimates
from core.estimators.two_task import Array, TwoTaskTable
from core.families.recombined.losses import bundled_losses
from core.studies.bundled import load_bundled
from core.studies.study import Study

# Variance of the factor, of that of a step.
FACTORS = (0.0, 0.3, 1.0, 3.0)


def parts(n_blocks: int) -> tuple[Design, ...]:
    """Return parts of a table, from very few trainings to all."""
    few, one_seed, _, whole = designs(n_blocks)
    last = Design(one_seed=True, points=(n_blocks,))
    return last, Design(one_seed=True, points=tuple(sorted({min(2, n_blocks), n_blocks}))), few, one_seed, whole


def main() -> None:
    """Print a table for every study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["scenes", "digits"])
    print("| study | trainings | prior | Spearman | in cost strata | off by, points |")
    print("|---|---|---|---|---|---|")
    for name in parser.parse_args().names:
        study = load_bundled(name)
        losses = bundled_losses(study.name)
        assert losses is not None
        assert study.similarity is not None
        affinity = losses.affinity()
        own = np.sqrt(np.diagonal(affinity, axis1=1, axis2=2))
        known = {
            "none": None,
            "affinity": affinity / (own[:, :, None] * own[:, None, :]),
            "RSA": study.similarity.values,
        }
        for design, (prior, values) in product(parts(study.n_blocks), known.items()):
            found = [judged(study, table, values) for table in design.tables(study.table)]
            rank, strata, off = np.mean(found, axis=0)
            n = design.trainings(study.table)
            print(f"| {name} | {n} | {prior} | {rank:.2f} | {strata:.2f} | {off:.2f} |", flush=True)


def judged(study: Study, table: TwoTaskTable, affinity: Array | None) -> tuple[float, float, float]:
    """Return Spearman, Spearman within cost strata, and the error in points of predictions from part of a table.

    Args:
        study: Its trained layouts judge.
        table: Part of its two-task table.
        affinity: What tells the mean of steps, ``[n_blocks, n_tasks, n_tasks]``; None for `bayes` as it is.
    """
    oracle = study.oracle
    assert oracle is not None
    values = _posterior(table, affinity).values
    predicted = np.array([estimates(values, layout, Estimator.BAYES).mean() for layout in oracle.layouts])
    trained, same_split = oracle.test.mean(axis=(0, 2)), oracle.validation.mean(axis=(0, 2))
    costs = np.array([layout_cost(layout, block_costs(study.backbone, Unit.MACS)) for layout in oracle.layouts])
    rank = correlation("spearman", predicted, trained) or 0.0
    strata = stratified_correlation("spearman", predicted, trained, costs, STRATA) or 0.0
    return rank, strata, float(np.sqrt(((predicted - same_split) ** 2).mean()))


def _posterior(table: TwoTaskTable, affinity: Array | None) -> Posterior:
    """Return the posterior of a table whose steps have a mean in proportion to standardised affinities."""
    n_tasks, n_blocks = table.n_tasks, table.n_blocks
    off = ~np.eye(n_tasks, dtype=bool)
    along = np.zeros((n_tasks, n_tasks, n_blocks))
    if affinity is not None:
        depths = np.moveaxis(affinity, 0, 2)
        along = np.cumsum((depths - depths[off].mean()) / depths[off].std(), axis=2)
    tasks = []
    for task in range(n_tasks):
        mean = along[task, off[task]].ravel()
        cells = MeasuredCells.of(table, task)
        grid = [
            (step, walk_covariance(n_tasks - 1, n_blocks, common) + factor * np.outer(mean, mean), baseline)
            for step, common, baseline, factor in product(
                STEPS, COMMON, BASELINES, FACTORS if affinity is not None else FACTORS[:1]
            )
        ]
        likely = np.array([_fit(cells, *point).likely for point in grid])
        weights = np.exp(likely - logsumexp(likely))
        weights /= weights[weights >= LEAST_WEIGHT].sum()
        tasks.append(
            tuple(
                _part(cells, *point, float(weight))
                for point, weight in zip(grid, weights, strict=True)
                if weight >= LEAST_WEIGHT
            )
        )
    return Posterior(tuple(tasks), n_blocks)


if __name__ == "__main__":
    main()
