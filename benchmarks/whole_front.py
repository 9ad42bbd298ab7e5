"""Whether trainings that are chosen for all budgets at once find better layouts than those chosen for one.

Run: python benchmarks/whole_front.py [NAME …]. Prints Markdown; docs/results.md has its output. Nothing is trained:
cells of the stored two-task table are revealed one after the other, as in benchmarks/next_training.py. *One budget*
chooses the cell that is expected to gain most per network for the best layout at any cost; *all budgets* the one whose
expected gain, averaged over ten budgets from the cheapest layout to single-task networks, is greatest. After each, the
layout with the greatest expected gain within every budget is chosen (estimator bayes, uniform weights). It lacks what
it gains less than the best trained one within that budget, on the test split, by the mean over all seeds of trained
layouts, none of which the table uses: averaged over the ten budgets, and at any cost.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from next_training import Cell, Revealed
from numpy.typing import NDArray

from core.costs import Unit, block_costs
from core.estimators.belief import belief_of, counted_of
from core.estimators.layout_posterior import layout_posterior
from core.estimators.prediction import Estimator, estimates_of
from core.estimators.two_task import Array
from core.layouts import Layout
from core.selection.knowledge import Candidate, Knowledge
from core.selection.next_training import TIMES, cells
from core.studies.bundled import load_bundled
from core.studies.study import Study

N_BUDGETS, N_OUTCOMES = 10, 256


def within_budgets(study: Study, layouts: Sequence[Layout]) -> NDArray[np.bool_]:
    """Return which layouts each of ten budgets admits, ``[n_budgets, n_layouts]``; the last admits all."""
    blocks = block_costs(study.backbone, Unit.MACS)
    costs = np.array([sum(map(float, blocks * [len(groups) for groups in each.partitions])) for each in layouts])
    found: NDArray[np.bool_] = costs <= np.linspace(costs.min(), costs.max(), N_BUDGETS)[:, None] * (1 + 1e-9)
    return found


def worth(known: Knowledge, candidate: Candidate, within: NDArray[np.bool_], rng: np.random.Generator) -> float:
    """Return the expected gain of a training per time it is made, averaged over budgets, at its best number of times.

    Args:
        known: What is known of the layouts.
        candidate: The training.
        within: Which layouts each budget admits, ``[n_budgets, n_layouts]``.
        rng: Source of randomness for outcomes.
    """
    rates = []
    for times in TIMES:
        moves = known.moves(candidate, times)
        half = rng.standard_normal((N_OUTCOMES // 2, moves.shape[1]))
        after = known.means[:, None] + moves @ np.concatenate([half, -half]).T
        gains = []
        for admitted in within:
            means, here = known.means[admitted], after[admitted]
            gains.append(float((here.max(axis=0) - here[int(np.argmax(means))]).mean()))
        rates.append(float(np.mean(gains)) / times)
    return max(rates)


def revealed(state: Revealed, within: NDArray[np.bool_]) -> Iterator[None]:
    """Reveal the cell that is expected to gain most per network, averaged over the budgets."""
    study, layouts, rng = state.study, state.oracle.layouts, np.random.default_rng(0)
    n, n_blocks = study.n_tasks, study.n_blocks
    weights = np.full(n, 1 / n)
    rows = (weights[:, None] * counted_of(layouts, n_blocks)).reshape(len(layouts), -1)
    left = {
        (seed, i, j, b)
        for seed in state.order
        for i in range(n)
        for j in range(i + 1, n)
        for b in range(1, n_blocks + 1)
    }
    while left:
        table = state.table
        assert table.samples is not None
        seeds = [*(state.begun() or state.order[:1])]
        seeds += [seed for seed in state.order if seed not in seeds][:1]
        known = Knowledge(belief_of(table), layouts, rows, weights)
        options: dict[Candidate, Cell] = {}
        for each in cells(~np.isnan(table.samples)):
            i, j = each.tasks
            if each.seed < len(seeds) and (cell := (seeds[each.seed], i, j, each.branch_point)) in left:
                options[each] = cell
        if options:
            rates = {each: worth(known, each, within, rng) / state.takes(cell) for each, cell in options.items()}
            chosen = options[max(rates, key=lambda each: rates[each])]
        else:
            chosen = min(left)
        left.remove(chosen)
        state.reveal(chosen)
        yield


def lacked(state: Revealed, within: NDArray[np.bool_]) -> Array:
    """Return what the layout chosen within each budget lacks, ``[n_budgets]``."""
    points = np.stack([layout.branch_points() for layout in state.oracle.layouts])
    gains = estimates_of(layout_posterior(state.table, None).values, points, Estimator.BAYES).mean(axis=1)
    real = state.oracle.test.mean(axis=2).mean(axis=0)
    return np.array([real[admitted].max() - real[admitted][int(np.argmax(gains[admitted]))] for admitted in within])


def main() -> None:
    """Print a table for every study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["scenes"])
    parser.add_argument("--trainings", type=int, nargs="*", default=[6, 9, 12, 18, 27, 54])
    asked = parser.parse_args()
    for name in asked.names:
        study = load_bundled(name)
        assert study.oracle is not None
        assert study.table.samples is not None
        every = within_budgets(study, study.oracle.layouts)
        print(f"\n`{name}`\n\n| chosen for | lacks | " + " | ".join(map(str, asked.trainings)) + " |")
        print("|---" * (len(asked.trainings) + 2) + "|")
        for rule, within in (("one budget", every[-1:]), ("all budgets", every)):
            found = np.array(
                [_curve(study, turn, within, every, asked.trainings) for turn in range(len(study.table.samples))]
            )
            for words, values in (("all budgets", found.mean(axis=2)), ("at any cost", found[..., -1])):
                shown = zip(values.mean(axis=0), values.min(axis=0), values.max(axis=0), strict=True)
                print(
                    f"| {rule} | {words} | " + " | ".join(f"{m:.2f} ({a:.2f} to {z:.2f})" for m, a, z in shown) + " |"
                )


def _curve(
    study: Study, turn: int, within: NDArray[np.bool_], every: NDArray[np.bool_], trainings: Sequence[int]
) -> list[Array]:
    """Return what is lacked within each budget after each number of trainings, ``[n_shown, n_budgets]``."""
    assert study.oracle is not None
    assert study.table.samples is not None
    order = tuple(np.roll(np.arange(len(study.table.samples)), turn).tolist())
    state = Revealed(study, study.oracle, order, None)
    steps, found = revealed(state, within), []
    for most in trainings:
        while state.trainings < most and next(steps, state) is None:
            pass
        found.append(lacked(state, every))
    return found


if __name__ == "__main__":
    main()
