"""Whether trainings are worth what is said of them, by making each many times.

Run: python benchmarks/expected_gain.py [--tables N] [--draws N]. Prints Markdown; docs/results.md has its output.

Two-task tables of three tasks on five blocks are drawn, and the cell is taken that is expected to gain most per second
when every training takes equally long. What it measures is then drawn from the whole posterior of the table (every
point of its grid, with its own noise), the posterior is computed anew with it, and the best of all 51 layouts is
chosen: its gain beyond the layout that was the best before, with what is then known of both, is what the training was
worth. What is said of it takes the posterior for one Gaussian whose noise and steps are not learned any further; the
last column is what the same outcomes are worth if that is so.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import numpy as np

from core.estimators.belief import belief_of
from core.estimators.layout_posterior import layout_posterior
from core.estimators.posterior import Part, walk_covariance
from core.estimators.prediction import Estimator, estimates_of
from core.estimators.two_task import Array, TwoTaskTable
from core.layouts import enumerate_layouts
from core.selection.knowledge import Knowledge, known_layouts
from core.selection.next_training import NextTraining, cells, rank_trainings
from core.studies.advice import SMALLEST_GAIN

N_TASKS, N_BLOCKS = 3, 5
LAYOUTS = enumerate_layouts(N_TASKS, N_BLOCKS)
POINTS = np.stack([layout.branch_points() for layout in LAYOUTS])
SEEDS = (1, 2, 3)


def table_of(n_seeds: int, rng: np.random.Generator) -> TwoTaskTable:
    """Return a table that some seeds measure of gains that are drawn."""
    step, baseline, own = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.7), rng.uniform(0.3, 0.8)
    root = np.linalg.cholesky(step**2 * walk_covariance(N_TASKS - 1, N_BLOCKS, rng.uniform(0, 0.8)))
    samples = np.zeros((n_seeds, N_TASKS, N_TASKS, N_BLOCKS + 1))
    for task in range(N_TASKS):
        truth = (root @ rng.standard_normal(len(root))).reshape(-1, N_BLOCKS)
        noise = baseline * rng.standard_normal((n_seeds, 1, 1)) + own * rng.standard_normal((n_seeds, *truth.shape))
        samples[:, task, np.arange(N_TASKS) != task, 1:] = truth + noise
    return TwoTaskTable.from_samples(("a", "b", "c"), samples)


def scores(table: TwoTaskTable) -> Array:
    """Return what every layout is expected to gain."""
    found: Array = estimates_of(layout_posterior(table, None).values, POINTS, Estimator.BAYES).mean(axis=1)
    return found


def knowledge(table: TwoTaskTable) -> Knowledge:
    """Return what a table says of all layouts, at any cost and with equal weights."""
    weights = np.full(N_TASKS, 1 / N_TASKS)
    return known_layouts(belief_of(table), weights, np.ones(N_BLOCKS), rng=np.random.default_rng(0))


def best_training(table: TwoTaskTable) -> NextTraining:
    """Return the cell that is expected to gain most per second."""
    assert table.samples is not None
    return rank_trainings(knowledge(table), cells(~np.isnan(table.samples)), lambda _: 1.0)[0]


def made(table: TwoTaskTable, training: NextTraining, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return what a training was worth each of many times, ``[n]``: with the posterior, and with one Gaussian."""
    assert table.samples is not None
    parts, today = layout_posterior(table, None).pairs.parts, int(np.argmax(scores(table)))
    candidate, known, found = training.candidate, knowledge(table), []
    observed = known.measured(candidate, training.times)
    for _ in range(n):
        new = np.full((training.times, *table.samples.shape[1:]), np.nan)
        new[..., 0] = 0.0
        new[:, np.arange(N_TASKS), np.arange(N_TASKS)] = 0.0
        values = []
        for task, partner in (candidate.tasks, candidate.tasks[::-1]):
            cell = [other for other in range(N_TASKS) if other != task].index(partner) * N_BLOCKS
            of = parts[task][rng.choice(len(parts[task]), p=[part.weight for part in parts[task]])]
            measured = _measured(of, cell + candidate.branch_point - 1, training.times, rng)
            new[:, task, partner, candidate.branch_point] = measured
            values.append(measured.mean())
        after = scores(TwoTaskTable.from_samples(table.tasks, np.concatenate([table.samples, new])))
        gaussian = replace(known, belief=known.belief.learned(*observed, np.array(values))).means
        found.append((after.max() - after[today], gaussian.max() - gaussian[int(np.argmax(known.means))]))
    anew, fixed = np.array(found).T
    return anew, fixed


def _measured(part: Part, cell: int, times: int, rng: np.random.Generator) -> Array:
    """Return what new seeds measure of a cell, ``[times]``: its gain, and the baseline and noise of each."""
    scale = np.sqrt(part.rate / rng.gamma(part.shape))
    gain = part.mean[cell] + scale * np.sqrt(part.covariance[cell, cell]) * rng.standard_normal()
    found: Array = gain + scale * rng.standard_normal(times)
    return found


def main() -> None:
    """Print a row for every number of seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=12, help="simulated tables of each row")
    parser.add_argument("--draws", type=int, default=150, help="how often each training is made")
    asked = parser.parse_args()
    print("| seeds of the table | said, mean | made, mean | made / said | with one Gaussian |\n|---|---|---|---|---|")
    for n_seeds in SEEDS:
        said: list[float] = []
        worth: list[tuple[Array, Array]] = []
        for place in count():
            rng = np.random.default_rng([n_seeds, place])
            table = table_of(n_seeds, rng)
            training = best_training(table)
            # A smaller gain is displayed as 0, and nothing is trained for it.
            if training.gain >= SMALLEST_GAIN:
                said.append(training.gain)
                worth.append(made(table, training, asked.draws, rng))
            if len(said) == asked.tables:
                break
        ratios = [_ratio(values, said) for values in zip(*worth, strict=True)]
        true = np.mean([anew.mean() for anew, _ in worth])
        print(f"| {n_seeds} | {np.mean(said):.3f} | {true:.3f} | {' | '.join(ratios)} |", flush=True)


def _ratio(worth: Sequence[Array], said: Sequence[float]) -> str:
    error = np.sqrt(np.sum([each.var() / len(each) for each in worth])) / np.sum(said)
    return f"{np.sum([each.mean() for each in worth]) / np.sum(said):.2f} ± {error:.2f}"


if __name__ == "__main__":
    main()
