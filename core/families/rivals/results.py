"""What trained rivals reached, against single-task networks, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.families.rivals.method import STAGED, Method, title_of
from core.families.rivals.payload import RivalPayload
from core.families.rivals.request import RivalRequest
from core.families.rivals.runs import RivalRun, method_runs
from core.families.single.gain import delta, first_values
from core.runs.result import SPLITS, Metrics, RunResult, Split
from core.studies.specification import StudySpecification
from core.tasks import Task

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RivalScores:
    """What one method reached; arrays are NaN where a run is missing.

    Args:
        title: What it is called, with options that distinguish it from others of its method.
        method: With its options.
        gains: Split → Δ against the single-task networks of the same seed, percent, ``[n_seeds, n_tasks]``.
        values: Split → first metric of each task, ``[n_seeds, n_tasks]``.
        payloads: What the network of each trained seed holds and computes.
        stages: Of methods that learn one task after another without the data of those before it: split → first metric
            after each task was learned, ``[n_seeds, n_stages, n_tasks]``; NaN for tasks that come later. Without stages
            for others.
    """

    title: str
    method: Method
    gains: Mapping[Split, Array] = field(repr=False)
    values: Mapping[Split, Array] = field(repr=False)
    payloads: tuple[RivalPayload, ...] = field(default=(), repr=False)
    stages: Mapping[Split, Array] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class RivalResults:
    """Everything that is measured of a study's rivals.

    Args:
        seeds: In the order of the arrays.
        tasks: In index order.
        methods: In the order of the study.
        singles: Split → first metric of the single-task networks, ``[n_seeds, n_tasks]``.
    """

    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]
    methods: tuple[RivalScores, ...]
    singles: Mapping[Split, Array] = field(repr=False)


def rival_results(
    study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
) -> RivalResults | None:
    """Return the results of the finished rivals of a study; None where it requests none.

    Args:
        study: What is requested.
        tasks: Its tasks, in its order.
        finished: Run key → result; runs that are not done count as missing.
    """
    request = study.requested(RivalRequest)
    if request is None:
        return None
    done = {key: result for key, result in finished.items() if result.is_done}
    by_seed = [method_runs(study, seed) for seed in request.seeds]
    singles = [[done.get(single.key) for single in runs[0].singles] for runs in by_seed]
    return RivalResults(
        seeds=request.seeds,
        tasks=tuple(tasks),
        methods=tuple(
            _scores([runs[place] for runs in by_seed], _title(request, place), singles, tasks, done)
            for place in range(len(request.methods))
        ),
        singles={split: first_values(singles, tasks, split) for split in SPLITS},
    )


def _scores(
    runs: Sequence[RivalRun],
    title: str,
    singles: Sequence[Sequence[RunResult | None]],
    tasks: Sequence[Task],
    done: Mapping[str, RunResult],
) -> RivalScores:
    results = [done.get(run.key) for run in runs]
    gains = {split: np.full((len(runs), len(tasks)), np.nan) for split in SPLITS}
    values = {split: np.full((len(runs), len(tasks)), np.nan) for split in SPLITS}
    for split in SPLITS:
        for s, result in enumerate(results):
            for t, task in enumerate(tasks):
                values[split][s, t] = _value(result, split, task)
                gains[split][s, t] = delta(_metrics(result, split, task), singles[s][t], split, task)
    payloads = [
        None if result is None else run.payload_of(result, RivalPayload)
        for run, result in zip(runs, results, strict=True)
    ]
    known = tuple(payload for payload in payloads if payload is not None)
    return RivalScores(title, runs[0].method, gains, values, known, _stages(runs[0].method, payloads, tasks))


def _stages(method: Method, payloads: Sequence[RivalPayload | None], tasks: Sequence[Task]) -> dict[Split, Array]:
    n_stages = len(tasks) if method.name in STAGED else 0
    found = {split: np.full((len(payloads), n_stages, len(tasks)), np.nan) for split in SPLITS}
    for s, payload in enumerate(payloads):
        for split, stages in (payload.stages if payload is not None else {}).items():
            for number, metrics in enumerate(stages):
                for t, task in enumerate(tasks[: number + 1]):
                    found[split][s, number, t] = metrics[task.name][task.metrics[0].name]
    return found


def _title(request: RivalRequest, place: int) -> str:
    """Return the name of a method, numbered where it is requested with several sets of options."""
    titles = [title_of(method) for method in request.methods]
    same = [other for other, title in enumerate(titles) if title == titles[place]]
    return titles[place] if len(same) == 1 else f"{titles[place]} {same.index(place) + 1}"


def _metrics(result: RunResult | None, split: Split, task: Task) -> Metrics:
    return {} if result is None else result.metrics.get(split, {}).get(task.name, {})


def _value(result: RunResult | None, split: Split, task: Task) -> float:
    return _metrics(result, split, task).get(task.metrics[0].name, float("nan"))
