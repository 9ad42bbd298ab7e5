"""A study as a value: the tasks, the backbone and everything measured on them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.affinity import Similarity
from core.backbones import Backbone
from core.errors import StudyError
from core.estimators import TwoTaskTable
from core.families.treednn.results import TreeResults, tree_results
from core.layouts import Layout
from core.runs.result import RunResult, RunState, Split
from core.studies.specification import RunSpecification, StudySpecification
from core.tasks import Task, check_task_names, relative_performance

Array = NDArray[np.float64]
Results = Mapping[str, RunResult]


@dataclass(frozen=True, slots=True, eq=False)
class Oracle:
    """Layouts that were trained, and the Δ each task reached.

    Args:
        layouts: The trained layouts.
        seeds: Seeds they were trained from; disjoint from those of the table.
        validation: Δ on the validation split, ``[n_seeds, n_layouts, n_tasks]``, percent.
        test: Δ on the test split, same shape. What a page calls *trained*.
    """

    layouts: tuple[Layout, ...]
    seeds: tuple[int, ...]
    validation: Array = field(repr=False)
    test: Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the figures of a study come from."""

    n_runs: int = 0
    n_done: int = 0
    seconds: float = 0.0
    finished: str = ""
    machines: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Example inputs and targets as pictures.

    Args:
        inputs: ``[n_examples, height, width, 3]``, uint8.
        targets: Task name → ``[n_examples, height, width, 3]``, uint8; tasks that answer per pixel.
        labels: Task name → what is right for each example, in words; all other tasks.

    Raises:
        StudyError: A task has another number of labels than there are examples.
    """

    inputs: NDArray[np.uint8] = field(repr=False)
    targets: Mapping[str, NDArray[np.uint8]] = field(repr=False)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name, found in self.labels.items():
            if len(found) != len(self.inputs):
                raise StudyError(
                    f'The gallery has {len(self.inputs)} examples and {len(found)} labels of "{name}". '
                    "Give every example one."
                )

    def of_tasks(self, names: Sequence[str]) -> "Gallery":
        """Give the same examples with the targets and labels of some tasks only, in their order."""
        return Gallery(
            self.inputs,
            {name: self.targets[name] for name in names if name in self.targets},
            {name: self.labels[name] for name in names if name in self.labels},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Data set, tasks and backbone, and what was measured on them.

    Args:
        name: Short name, as in files and links.
        title: What the screen calls it.
        description: One or two sentences.
        task_names: Names in index order.
        backbone: The blocks.
        table: Two-task table on the validation split.
        tasks: Kinds and metrics, where known (not for an uploaded table).
        head_params: Parameters of each task's head, where known.
        oracle: Trained layouts, or None.
        baselines: Split → task → metric → mean over the table's seeds of the single-task value.
        gallery: Example pictures, or None.
        provenance: Where the figures come from.
        specification: What was asked, or None for an uploaded table.
        similarity: How alike the features of the tasks are after every block, or None where not measured.
        tree: What the branches of a tree reached, where every task has a data set of its own.

    Raises:
        StudyError: Table, backbone and tasks do not match.
        AffinityError: The similarity is of other tasks or blocks.
    """

    name: str
    title: str
    description: str
    task_names: tuple[str, ...]
    backbone: Backbone
    table: TwoTaskTable
    tasks: tuple[Task, ...] = ()
    head_params: tuple[int, ...] = ()
    oracle: Oracle | None = None
    baselines: Mapping[Split, Mapping[str, Mapping[str, float]]] = field(default_factory=dict, repr=False)
    gallery: Gallery | None = None
    provenance: Provenance = Provenance()
    specification: StudySpecification | None = None
    similarity: Similarity | None = None
    tree: TreeResults | None = None

    def __post_init__(self) -> None:
        check_task_names(self.task_names)
        if self.table.tasks != self.task_names:
            raise StudyError(f"The table is about {', '.join(self.table.tasks)}; the study has other tasks.")
        if self.table.n_blocks != self.backbone.n_blocks:
            raise StudyError(
                f"The table has branch points 0 to {self.table.n_blocks}, so {self.table.n_blocks} blocks; "
                f'backbone "{self.backbone.name}" has {self.backbone.n_blocks}. '
                "Merge blocks of the backbone until the two agree."
            )
        if self.similarity is not None:
            self.similarity.check_fits(self.n_tasks, self.n_blocks)

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return len(self.task_names)

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return self.backbone.n_blocks


def assemble(
    specification: StudySpecification,
    tasks: Sequence[Task],
    backbone: Backbone,
    results: Results,
    *,
    gallery: Gallery | None = None,
    provenance: Provenance | None = None,
    similarity: Similarity | None = None,
) -> Study:
    """Give the study that the finished runs add up to; missing runs become holes.

    Args:
        specification: What was asked.
        tasks: The tasks in the order of the specification.
        backbone: Profile of the backbone.
        results: Run key → result; runs that are not done count as missing.
        gallery: Example pictures.
        provenance: Where the figures come from.
        similarity: How alike the features of the tasks are.
    """
    done = {key: result for key, result in results.items() if result.state is RunState.DONE}
    heads = tuple(
        max((done[k].head_params for k in _single_keys(specification, t) if k in done), default=0)
        for t in range(len(tasks))
    )
    return Study(
        name=specification.name,
        title=specification.title or specification.name,
        description=specification.description,
        task_names=specification.tasks,
        backbone=backbone,
        table=_table(specification, tasks, done),
        tasks=tuple(tasks),
        head_params=heads if all(heads) else (),
        oracle=_oracle(specification, tasks, done),
        baselines=_baselines(specification, tasks, done),
        gallery=gallery,
        provenance=provenance or Provenance(),
        specification=specification,
        similarity=similarity,
        tree=tree_results(specification, tasks, results),
    )


def deltas(
    run: RunSpecification, singles: Sequence[RunSpecification], tasks: Sequence[Task], results: Results, split: Split
) -> Array:
    """Give Δ of each task of ``run`` against its single-task run, ``[n_tasks_of_run]``; NaN where one is missing.

    Args:
        run: The multi-task run.
        singles: The single-task runs of the same seed, in the order of the run's tasks.
        tasks: The tasks, in the order of the run's tasks.
        results: Run key → result of finished runs.
        split: Which split's metrics to compare.
    """
    out = np.full(len(tasks), np.nan)
    measured = results.get(run.key)
    for index, (single, task) in enumerate(zip(singles, tasks, strict=True)):
        baseline = results.get(single.key)
        if measured is not None and baseline is not None:
            out[index] = relative_performance(
                measured.metrics[split][task.name], baseline.metrics[split][task.name], task.metrics
            )
    return out


def _table(specification: StudySpecification, tasks: Sequence[Task], done: Results) -> TwoTaskTable:
    n, blocks = len(tasks), specification.backbone.blocks
    seeds = specification.table.seeds if specification.table else ()
    samples = np.full((max(len(seeds), 1), n, n, blocks + 1), np.nan)
    for s, seed in enumerate(seeds):
        singles = [specification.single_run(t, seed) for t in range(n)]
        for i, j in combinations(range(n), 2):
            for b in range(1, blocks + 1):
                run = specification.pair_run(i, j, b, seed)
                both = deltas(run, (singles[i], singles[j]), (tasks[i], tasks[j]), done, "validation")
                samples[s, i, j, b], samples[s, j, i, b] = both
    # A seed that was only asked for says nothing yet, and should change no figure.
    begun = ~np.isnan(samples).all(axis=(1, 2, 3))
    samples = samples[begun] if begun.any() else samples[:1]
    samples[..., 0] = 0.0
    samples[:, np.arange(n), np.arange(n)] = 0.0
    return TwoTaskTable.from_samples(specification.tasks, samples)


def _oracle(specification: StudySpecification, tasks: Sequence[Task], done: Results) -> Oracle | None:
    if specification.oracle is None:
        return None
    layouts, seeds = specification.oracle_layouts(), specification.oracle.seeds
    found: dict[Split, Array] = {}
    splits: tuple[Split, Split] = ("validation", "test")
    for split in splits:
        values = np.full((len(seeds), len(layouts), len(tasks)), np.nan)
        for s, seed in enumerate(seeds):
            singles = [specification.single_run(t, seed) for t in range(len(tasks))]
            for n, (_, networks) in enumerate(specification.oracle_networks):
                for group, part in networks:
                    run = specification.run_of(group, part, seed)
                    values[s, n, list(group)] = deltas(
                        run, [singles[t] for t in group], [tasks[t] for t in group], done, split
                    )
        found[split] = values
    rows, columns = _complete(~np.asarray(np.isnan(found["test"]).any(axis=2)))
    if not len(columns):
        return None
    kept, index = tuple(layouts[n] for n in columns), np.ix_(rows, columns)
    return Oracle(kept, tuple(seeds[s] for s in rows), found["validation"][index], found["test"][index])


def _complete(there: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """Give the seeds and the layouts of which every training is there, as many trainings as can be.

    Of equally many, more layouts: a seed that was trained for one layout alone should not hide all others.
    """
    order = np.argsort(-there.sum(axis=1), kind="stable")
    chosen = [(sorted(order[:n].tolist()), there[order[:n]].all(axis=0)) for n in range(1, len(order) + 1)]
    seeds, complete = max(chosen, key=lambda each: (len(each[0]) * int(each[1].sum()), int(each[1].sum())))
    return seeds, np.flatnonzero(complete).tolist()


def _baselines(
    specification: StudySpecification, tasks: Sequence[Task], done: Results
) -> dict[Split, dict[str, dict[str, float]]]:
    out: dict[Split, dict[str, dict[str, float]]] = {"validation": {}, "test": {}}
    for t, task in enumerate(tasks):
        found = [done[key] for key in _single_keys(specification, t) if key in done]
        for split, means in out.items():
            means[task.name] = {
                metric.name: math.fsum(r.metrics[split][task.name][metric.name] for r in found) / len(found)
                for metric in task.metrics
                if found
            }
    return out


def _single_keys(specification: StudySpecification, task: int) -> list[str]:
    seeds = specification.table.seeds if specification.table else ()
    return [specification.single_run(task, seed).key for seed in seeds]
