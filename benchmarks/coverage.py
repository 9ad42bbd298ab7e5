"""Whether intervals and confidence of predictions are as they say, by simulation with known true gains.

Run: python benchmarks/coverage.py [--tables N]. Prints Markdown; a table of docs/results.md is its output.

True gains of pairs are drawn, a two-task table of some seeds is measured of them, and each estimator predicts all 51
layouts of three tasks on five blocks. The true gain of a layout follows the estimator's own rule from the true gains of
pairs; with `bayes` groups of three stray from it as its prior says, and some layouts may be trained, too, from as many
seeds. So noise is judged, and not whether rule or prior is right: that is judged by `benchmarks/estimators.py`.
An interval is right where it holds the gain that as many new seeds measure.
"""

import argparse
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.estimators.basis import without_holes
from core.estimators.layout_posterior import BEYOND, COMMON, OF_TASK, PRIOR
from core.estimators.posterior import walk_covariance
from core.estimators.prediction import Estimator, estimates, shares
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import Array, TwoTaskTable
from core.estimators.weights import task_weights
from core.families.layouts.gain_intervals import GainIntervals
from core.layouts import Layout, enumerate_layouts
from core.selection.complete import layout_scores_of_draws

N_TASKS, N_BLOCKS = 3, 5
SEEDS = (1, 2, 3, 5, 10)
TRAINED = (4, 16)
LAYOUTS = enumerate_layouts(N_TASKS, N_BLOCKS)
FIXED = Layout.parse("0,1,2 | 0,1,2 | 0,1;2 | 0,1;2 | 0;1;2")


@dataclass
class Found:
    """What came of the tables of one number of seeds: a value for every table."""

    fixed: list[bool] = field(default_factory=list)
    chosen: list[bool] = field(default_factory=list)
    bias: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    best: list[bool] = field(default_factory=list)
    width: list[float] = field(default_factory=list)


def main() -> None:
    """Print a row for every estimator and number of seeds, and of trained layouts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=500, help="simulated tables of each row")
    n_tables = parser.parse_args().tables
    columns = (
        "estimator|seeds|trained layouts|holds, fixed layout|width|holds, chosen layout|bias of the chosen"
        "|said to be best|is best"
    )
    print("| " + columns.replace("|", " | ") + " |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows = [(estimator, n_seeds, 0) for estimator in Estimator for n_seeds in SEEDS]
    rows += [(Estimator.BAYES, n_seeds, n_trained) for n_seeds in (1, 3) for n_trained in TRAINED]
    for estimator, n_seeds, n_trained in rows:
        found = Found()
        for place in range(n_tables):
            _simulate(found, estimator, n_seeds, n_trained, np.random.default_rng([n_seeds, place]))
        print(f"| {estimator} | {n_seeds} | {n_trained} | {_row(found)} |", flush=True)


def _row(found: Found) -> str:
    if not found.fixed:
        return f"– | – | – | {np.mean(found.bias):+.2f} | – | {np.mean(found.best):.2f}"
    return (
        f"{np.mean(found.fixed):.2f} | {np.mean(found.width):.2f} | {np.mean(found.chosen):.2f} "
        f"| {np.mean(found.bias):+.2f} | {np.mean(found.said):.2f} | {np.mean(found.best):.2f}"
    )


def _simulate(found: Found, estimator: Estimator, n_seeds: int, n_trained: int, rng: np.random.Generator) -> None:
    truth, table, new, noise = _measured(n_seeds, rng)
    weights = task_weights(table, "uniform")
    trained = _trained(truth, noise, n_seeds, n_trained, rng) if n_trained else None
    filled = without_holes(table, estimator, trained)
    intervals = GainIntervals(table, filled, weights, estimator, trained)
    real = np.einsum("lijb,ijb->li", _counted(estimator), truth) @ weights.values
    predicted = np.einsum("lijb,ijb->li", _counted(estimator), filled.values) @ weights.values
    best = int(np.argmax(predicted))
    found.bias.append(float(predicted[best] - real[best]))
    found.best.append(bool(real[best] >= real.max() - 1e-9))
    if not intervals.knows_noise:
        return
    for layout, gain, holds in ((FIXED, None, found.fixed), (LAYOUTS[best], real[best], found.chosen)):
        known = intervals.of(layout)
        gain = float(estimates(truth, layout, estimator) @ weights.values) if gain is None else float(gain)
        # A task that shares nothing is its single-task network in every seed.
        added = float(np.where(_alone(layout), 0.0, new) @ weights.values)
        holds.append(bool(known.score_low <= gain + added <= known.score_high))
    known = intervals.of(FIXED)
    found.width.append(known.score_high - known.score_low)
    draws = intervals.draws
    scores = layout_scores_of_draws(LAYOUTS, draws, np.tile(weights.values, (len(draws), 1)), estimator)
    found.said.append(float((scores.argmax(axis=0) == best).mean()))


@cache
def _counted(estimator: Estimator) -> Array:
    """Return what each cell of a table counts for each layout, ``[n_layouts, n_tasks, n_tasks, n_blocks + 1]``."""
    return np.array([shares(layout.branch_points(), N_BLOCKS, estimator) for layout in LAYOUTS])


def _trained(
    truth: Array, noise: tuple[float, float], n_seeds: int, n_layouts: int, rng: np.random.Generator
) -> TrainedLayouts:
    """Return layouts but the fixed one with the gains that new seeds measure."""
    baseline, own = noise
    others = [layout for layout in LAYOUTS if layout not in (FIXED, Layout.all_split(N_TASKS, N_BLOCKS))]
    layouts = tuple(others[row] for row in rng.choice(len(others), n_layouts, replace=False))
    gains = np.array([estimates(truth, layout, Estimator.BAYES) for layout in layouts])
    errors = baseline * rng.standard_normal((n_seeds, 1, N_TASKS)) + own * rng.standard_normal((n_seeds, *gains.shape))
    return TrainedLayouts(layouts, gains + np.where(np.array(list(map(_alone, layouts))), 0.0, errors))


def _alone(layout: Layout) -> NDArray[np.bool_]:
    """Return which tasks share nothing, ``[n_tasks]``."""
    return np.array([len(layout.group_of(task, 0)) == 1 for task in range(N_TASKS)])


def _measured(n_seeds: int, rng: np.random.Generator) -> tuple[Array, TwoTaskTable, Array, tuple[float, float]]:
    """Return true gains of pairs and beyond, the table that seeds measure, the noise of as many new seeds,
    ``[n_tasks]``, and the standard deviations of noise.
    """
    step, common, baseline, own = (
        rng.uniform(0.2, 0.8),
        rng.uniform(0, 0.8),
        rng.uniform(0.2, 0.7),
        rng.uniform(0.3, 0.8),
    )
    truth = np.zeros((N_TASKS, N_TASKS, N_BLOCKS + 1))
    samples = np.zeros((n_seeds, *truth.shape))
    root = np.linalg.cholesky(step**2 * walk_covariance(N_TASKS - 1, N_BLOCKS, common))
    for task in range(N_TASKS):
        others = np.arange(N_TASKS) != task
        truth[task, others, 1:] = (root @ rng.standard_normal(len(root))).reshape(-1, N_BLOCKS)
        shared = baseline * rng.standard_normal((n_seeds, 1, 1))
        samples[:, task, others, 1:] = (
            truth[task, others, 1:] + shared + own * rng.standard_normal((n_seeds, N_TASKS - 1, N_BLOCKS))
        )
    spread = np.sqrt((baseline**2 + own**2) / n_seeds)
    new = spread * rng.standard_normal(N_TASKS)
    beyond = np.sqrt(COMMON) * rng.standard_normal() + np.sqrt(OF_TASK) * rng.standard_normal((N_TASKS, 1))
    beyond = beyond + np.sqrt(1 - COMMON - OF_TASK) * rng.standard_normal((N_TASKS, N_BLOCKS))
    diagonal = np.arange(N_TASKS)
    truth[diagonal, diagonal, 1:] = step * np.sqrt(rng.choice(BEYOND, p=PRIOR)) * np.cumsum(beyond, axis=1)
    return truth, TwoTaskTable.from_samples(("a", "b", "c"), samples), new, (baseline, own)


if __name__ == "__main__":
    main()
