"""How few trainings find a good layout, by which rule they are chosen.

Run: python benchmarks/next_training.py [NAME …]. Prints Markdown; tables of docs/results.md are its output. Nothing is
trained: cells of the stored two-task table, and with the last rule trained layouts from all seeds but one, are revealed
one after the other. After each, the layout with the greatest expected gain (estimator bayes, uniform weights, no
budget) is chosen among the trained ones. It lacks what it gains less than the best of them, on the test split: by the
mean over all seeds of trained layouts, none of which the table uses, and with the last rule by the seed that was not
revealed. Each network counts as one training: a pair, a layout's parts, and the single-task networks they are compared
with.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from pair_by_pair import rank_runs

from core.costs import Unit, block_costs
from core.estimators.belief import belief_of
from core.estimators.layout_posterior import layout_posterior
from core.estimators.prediction import Estimator, estimates_of
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import Array, TwoTaskTable
from core.layouts import Layout
from core.selection.knowledge import Candidate, known_layouts
from core.selection.next_training import cells, rank_trainings, whole_layouts
from core.studies.bundled import load_bundled
from core.studies.measured import Oracle
from core.studies.study import Study

Cell = tuple[int, int, int, int]  # seed, task, task, branch point
RULES = ("in order", "random", "pair by pair (before)", "expected gain", "expected gain, layouts too")


@dataclass
class Revealed:
    """What is taken as trained so far, of the table's seeds in some order and of layouts from one seed."""

    study: Study
    oracle: Oracle
    order: tuple[int, ...]
    judge: int | None
    cells: list[Cell] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)
    singles: set[tuple[str, int, int]] = field(default_factory=set)
    trainings: int = 0

    @property
    def table(self) -> TwoTaskTable:
        """The table of the cells that are revealed; seeds that nothing is known of are left out."""
        whole = self.study.table.samples
        assert whole is not None
        shown = np.full_like(whole, np.nan)
        for seed, i, j, b in self.cells:
            shown[seed, i, j, b], shown[seed, j, i, b] = whole[seed, i, j, b], whole[seed, j, i, b]
        shown[..., 0] = 0.0
        shown[:, np.arange(shown.shape[1]), np.arange(shown.shape[1])] = 0.0
        return TwoTaskTable.from_samples(self.study.task_names, shown[self.begun() or [0]])

    @property
    def trained(self) -> TrainedLayouts | None:
        """The layouts that are revealed, from the seed that does not judge."""
        places = [self.oracle.layouts.index(layout) for layout in self.layouts]
        seeds = [seed for seed in range(len(self.oracle.seeds)) if seed != self.judge]
        return TrainedLayouts(tuple(self.layouts), self.oracle.validation[seeds][:, places]) if places else None

    def begun(self) -> list[int]:
        """Return the seeds of the table that something is known of, in their order."""
        seen = {cell[0] for cell in self.cells}
        return [seed for seed in self.order if seed in seen]

    def takes(self, cell: Cell) -> int:
        """Return how many networks one more cell takes."""
        seed, *tasks, _ = cell
        return 1 + sum(("table", seed, task) not in self.singles for task in tasks)

    def takes_layout(self, layout: Layout) -> int:
        """Return how many networks one more layout takes, from each seed that does not judge."""
        groups = [group for group, _ in layout.components()]
        n = sum(len(group) > 1 for group in groups)
        return (len(self.oracle.seeds) - 1) * (
            n + sum(("layout", 0, task) not in self.singles for task in range(layout.n_tasks))
        )

    def reveal(self, cell: Cell) -> None:
        """Take a cell as trained."""
        self.trainings += self.takes(cell)
        self.cells.append(cell)
        self.singles |= {("table", cell[0], task) for task in cell[1:3]}

    def reveal_layout(self, layout: Layout) -> None:
        """Take a layout as trained."""
        self.trainings += self.takes_layout(layout)
        self.layouts.append(layout)
        self.singles |= {("layout", 0, task) for task in range(layout.n_tasks)}

    def lacks(self) -> float:
        """Return what the chosen layout lacks."""
        values = layout_posterior(self.table, self.trained).values
        points = np.stack([layout.branch_points() for layout in self.oracle.layouts])
        chosen = int(np.argmax(estimates_of(values, points, Estimator.BAYES).mean(axis=1)))
        scores = self.oracle.test.mean(axis=2)
        judged = scores.mean(axis=0) if self.judge is None else scores[self.judge]
        return float(scores.mean(axis=0).max() - judged[chosen])


def every_cell(study: Study, order: tuple[int, ...]) -> list[Cell]:
    """Return the cells of a table as a study trains them: seed by seed, pair by pair, by branch point."""
    pairs = list(combinations(range(study.n_tasks), 2))
    return [(seed, i, j, b) for seed in order for i, j in pairs for b in range(1, study.n_blocks + 1)]


def in_order(found: Revealed, rng: np.random.Generator) -> Iterator[None]:  # noqa: ARG001  # as the others
    """Reveal the cells in the order in which a study trains them."""
    for cell in every_cell(found.study, found.order):
        found.reveal(cell)
        yield


def at_random(found: Revealed, rng: np.random.Generator) -> Iterator[None]:
    """Reveal the cells in a random order."""
    every = every_cell(found.study, found.order)
    for place in rng.permutation(len(every)):
        found.reveal(every[place])
        yield


def pair_by_pair(found: Revealed, rng: np.random.Generator) -> Iterator[None]:
    """Reveal what the rule advised that this one replaces: each time the first in its order that is left."""
    every = set(every_cell(found.study, found.order))
    while every:
        runs = rank_runs(found.table, "uniform", block_costs(found.study.backbone, Unit.MACS), rng=rng)
        options = (
            (seed, *run.tasks, run.branch_point)
            for run in runs
            for seed in found.order
            if (seed, *run.tasks, run.branch_point) in every
        )
        cell = next(options)
        every.remove(cell)
        found.reveal(cell)
        yield


def expected_gain(found: Revealed, rng: np.random.Generator) -> Iterator[None]:
    """Reveal what is expected to gain most per network, of the table alone."""
    yield from _advised(found, rng, whole=False)


def with_layouts(found: Revealed, rng: np.random.Generator) -> Iterator[None]:
    """Reveal what is expected to gain most per network, whole layouts among it."""
    yield from _advised(found, rng, whole=True)


def _advised(found: Revealed, rng: np.random.Generator, *, whole: bool) -> Iterator[None]:
    every = set(every_cell(found.study, found.order))
    n = found.study.n_tasks
    costs = block_costs(found.study.backbone, Unit.MACS)
    while every:
        table = found.table
        assert table.samples is not None
        seeds = [*(found.begun() or found.order[:1])]
        seeds += [seed for seed in found.order if seed not in seeds][:1]
        known = known_layouts(
            belief_of(table, found.trained, n_layout_seeds=len(found.oracle.seeds) - 1),
            np.full(n, 1 / n),
            costs,
            rng=rng,
        )
        options: dict[Candidate, Cell | Layout] = {}
        for each in cells(~np.isnan(table.samples)):
            i, j = each.tasks
            cell = (seeds[each.seed], i, j, each.branch_point) if each.seed < len(seeds) else (-1, 0, 0, 0)
            if cell in every:
                options[each] = cell
        if whole:
            options |= {
                each: each.layout for each in whole_layouts(known, found.layouts) if each.layout in found.oracle.layouts
            }

        def networks(each: Candidate, options: dict[Candidate, Cell | Layout] = options) -> float:
            of = options[each]
            return float(found.takes_layout(of) if isinstance(of, Layout) else found.takes(of))

        best = options[rank_trainings(known, list(options), networks)[0].candidate] if options else min(every)
        if isinstance(best, Layout):
            found.reveal_layout(best)
        else:
            every.remove(best)
            found.reveal(best)
        yield


METHODS: dict[str, Callable[[Revealed, np.random.Generator], Iterator[None]]] = dict(
    zip(RULES, (in_order, at_random, pair_by_pair, expected_gain, with_layouts), strict=True)
)


def curve(study: Study, oracle: Oracle, rule: str, orders: int, shown: list[int]) -> Array:
    """Return what is lacked after each number of trainings, ``[n_repeats, n_shown]``."""
    assert study.table.samples is not None
    n_seeds = len(study.table.samples)
    found = []
    for repeat in range(orders):
        order = tuple(np.roll(np.arange(n_seeds), repeat).tolist())
        for judge in range(len(oracle.seeds)) if METHODS[rule] is with_layouts else (None,):
            state = Revealed(study, oracle, order, judge)
            steps = METHODS[rule](state, np.random.default_rng(repeat))
            found.append([_lacks_at(state, steps, most) for most in shown])
    return np.array(found)


def _lacks_at(state: Revealed, steps: Iterator[None], most: int) -> float:
    """Return what is lacked after ``most`` trainings, or a few more where the last one took several networks."""
    while state.trainings < most:
        if next(steps, state) is state:
            break
    return state.lacks()


def main() -> None:
    """Print a table for every study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["scenes"])
    parser.add_argument("--orders", type=int, default=3, help="orders of the table's seeds, and of random cells")
    parser.add_argument("--rules", nargs="*", default=RULES, choices=RULES, help="how trainings are chosen")
    parser.add_argument("--trainings", type=int, nargs="*", default=[6, 9, 12, 18, 27, 36, 54])
    asked = parser.parse_args()
    for name in asked.names:
        study = load_bundled(name)
        if study.oracle is None:
            parser.error(f"{name} has no trained layouts to compare with.")
        print(f"\n`{name}`\n\n| chosen by | " + " | ".join(map(str, asked.trainings)) + " |", flush=True)
        print("|---" * (len(asked.trainings) + 1) + "|")
        for rule in asked.rules:
            orders = 4 * asked.orders if rule == "random" else asked.orders
            found = curve(study, study.oracle, rule, orders, asked.trainings)
            means, low, high = found.mean(axis=0), found.min(axis=0), found.max(axis=0)
            print(
                f"| {rule} | "
                + " | ".join(f"{m:.2f} ({a:.2f} to {z:.2f})" for m, a, z in zip(means, low, high, strict=True))
                + " |",
                flush=True,
            )


if __name__ == "__main__":
    main()
