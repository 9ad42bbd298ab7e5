"""Results of measured layouts: the two-task table, trained layouts, single-task baselines."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.estimators import TwoTaskTable
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import oracle_layouts, oracle_networks, pair_run
from core.families.single.gain import delta
from core.families.single.runs import NetworkRun, network_run, single_run
from core.runs.result import RunResult, Split
from core.studies.measured import LayoutResults, Oracle
from core.studies.specification import StudySpecification
from core.tasks import Task

Array = NDArray[np.float64]
Results = Mapping[str, RunResult]


def layout_results(study: StudySpecification, tasks: Sequence[Task], finished: Results) -> LayoutResults | None:
    """Return the results of the finished networks of a study; missing ones become holes.

    Args:
        study: What is requested.
        tasks: Its tasks, in its order.
        finished: Run key → result; runs that are not done count as missing.

    Returns:
        None where every task has its own pictures, so that no two can be trained together.
    """
    if study.has_several:
        return None
    done = {key: result for key, result in finished.items() if result.is_done}
    heads = tuple(
        max((done[key].head_params for key in _single_keys(study, task) if key in done), default=0)
        for task in range(len(tasks))
    )
    table, seeds = _table(study, tasks, done)
    return LayoutResults(
        table=table,
        oracle=_oracle(study, tasks, done),
        baselines=_baselines(study, tasks, done),
        head_params=heads if all(heads) else (),
        table_seeds=seeds,
    )


def deltas(
    run: NetworkRun, singles: Sequence[NetworkRun], tasks: Sequence[Task], results: Results, split: Split
) -> Array:
    """Return Δ of each task of ``run`` against its single-task run, ``[n_tasks_of_run]``; NaN where one is missing
    or a single-task value is so near zero that a change relative to it says nothing.

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
        if measured is not None:
            out[index] = delta(measured.metrics[split][task.name], baseline, split, task)
    return out


def _table(study: StudySpecification, tasks: Sequence[Task], done: Results) -> tuple[TwoTaskTable, tuple[int, ...]]:
    """Return the table, and the seeds that it has values of."""
    n, blocks = len(tasks), study.backbone.blocks
    seeds = _table_seeds(study)
    samples = np.full((max(len(seeds), 1), n, n, blocks + 1), np.nan)
    for s, seed in enumerate(seeds):
        singles = [single_run(study, t, seed) for t in range(n)]
        for i, j in combinations(range(n), 2):
            for b in range(1, blocks + 1):
                run = pair_run(study, i, j, b, seed)
                both = deltas(run, (singles[i], singles[j]), (tasks[i], tasks[j]), done, "validation")
                samples[s, i, j, b], samples[s, j, i, b] = both
    # A seed that was only requested says nothing yet, and should change no figure.
    begun = ~np.isnan(samples).all(axis=(1, 2, 3))
    samples = samples[begun] if begun.any() else samples[:1]
    samples[..., 0] = 0.0
    samples[:, np.arange(n), np.arange(n)] = 0.0
    kept = tuple(seed for seed, there in zip(seeds, begun, strict=False) if there)
    return TwoTaskTable.from_samples(study.tasks, samples), kept


def _oracle(study: StudySpecification, tasks: Sequence[Task], done: Results) -> Oracle | None:
    request = study.requested(OracleRequest)
    if request is None:
        return None
    layouts, seeds = oracle_layouts(study), request.seeds
    found: dict[Split, Array] = {}
    splits: tuple[Split, Split] = ("validation", "test")
    for split in splits:
        values = np.full((len(seeds), len(layouts), len(tasks)), np.nan)
        for s, seed in enumerate(seeds):
            singles = [single_run(study, t, seed) for t in range(len(tasks))]
            for n, (_, networks) in enumerate(oracle_networks(study)):
                for group, part in networks:
                    run = network_run(study, group, part, seed)
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
    """Return the seeds and the layouts of which every training is there, as many trainings as can be.

    Of equally many, more layouts: a seed that was trained for one layout alone should not hide all others.
    """
    order = np.argsort(-there.sum(axis=1), kind="stable")
    chosen = [(sorted(order[:n].tolist()), there[order[:n]].all(axis=0)) for n in range(1, len(order) + 1)]
    seeds, complete = max(chosen, key=lambda each: (len(each[0]) * int(each[1].sum()), int(each[1].sum())))
    return seeds, np.flatnonzero(complete).tolist()


def _baselines(
    study: StudySpecification, tasks: Sequence[Task], done: Results
) -> dict[Split, dict[str, dict[str, float]]]:
    out: dict[Split, dict[str, dict[str, float]]] = {"validation": {}, "test": {}}
    for t, task in enumerate(tasks):
        found = [done[key] for key in _single_keys(study, t) if key in done]
        for split, means in out.items():
            means[task.name] = {
                metric.name: math.fsum(r.metrics[split][task.name][metric.name] for r in found) / len(found)
                for metric in task.metrics
                if found
            }
    return out


def _single_keys(study: StudySpecification, task: int) -> list[str]:
    return [single_run(study, task, seed).key for seed in _single_seeds(study)]


def _single_seeds(study: StudySpecification) -> tuple[int, ...]:
    """Return the seeds of the table; where none is requested, those of everything else."""
    if study.requested(TableRequest) is not None:
        return _table_seeds(study)
    return tuple(sorted({seed for request in study.requests.values() for seed in getattr(request, "seeds", ())}))


def _table_seeds(study: StudySpecification) -> tuple[int, ...]:
    request = study.requested(TableRequest)
    return request.seeds if request else ()
