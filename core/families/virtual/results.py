"""What trained deep virtual networks reached on every level, against single-task networks, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.backbones.division import Division
from core.families.single.gain import delta, first_values
from core.families.virtual.narrow_run import NarrowRun
from core.families.virtual.orders import Orders
from core.families.virtual.payload import LevelRecord, NarrowPayload, OfTasks, VirtualPayload
from core.families.virtual.request import Levels, VirtualNetworkRequest, VirtualRequest
from core.families.virtual.runs import SequenceRun, VirtualRun, narrow_runs, network_runs
from core.runs.result import SPLITS, Metrics, RunResult, Split
from core.studies.specification import StudySpecification
from core.tasks import Task

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class VirtualScores:
    """What one deep virtual network reached; arrays are NaN where a run is missing.

    Args:
        name: What it is called.
        rule: Its rule of orders; ``given`` where they are written out.
        orders: Units in the order in which each task takes them.
        training: Whether tasks were learned jointly or in sequence.
        levels: Which levels learned in a step.
        distillation: In sequence, weight of the loss that holds earlier answers; 0 for none.
        gains: Split → Δ against the single-task networks of the same seed, percent, ``[n_seeds, n_tasks, n_levels]``.
        values: Split → first metric, ``[n_seeds, n_tasks, n_levels]``.
        stages: In sequence: split → first metric after each task was learned, ``[n_seeds, n_stages, n_tasks,
            n_levels]``; NaN for tasks that come later.
        seconds: Of the training of each seed, ``[n_seeds]``.
        payloads: Of the trained seeds, by seed.
    """

    name: str
    rule: str
    orders: Orders
    training: Literal["jointly", "sequence"]
    levels: Levels
    distillation: float
    gains: Mapping[Split, Array] = field(repr=False)
    values: Mapping[Split, Array] = field(repr=False)
    stages: Mapping[Split, Array] = field(repr=False)
    seconds: Array = field(repr=False)
    payloads: Mapping[int, VirtualPayload] = field(repr=False)

    def mean_gains(self, split: Split = "validation") -> Array | None:
        """Return the mean over complete seeds, ``[n_tasks, n_levels]``; None where there is none."""
        found = self.gains[split]
        complete = found[np.isfinite(found).all(axis=(1, 2))]
        return complete.mean(axis=0) if len(complete) else None


@dataclass(frozen=True, slots=True, eq=False)
class AloneScores:
    """What networks reached that were trained for one task's level alone; the last level is the single-task network.

    Args:
        gains: Split → Δ against the single-task networks of the same seed, percent, ``[n_seeds, n_tasks, n_levels]``;
            0 on the last level.
        values: Split → first metric, ``[n_seeds, n_tasks, n_levels]``.
        records: What each holds and computes, ``[n_tasks][n_levels - 1]``; None where not trained.
        seconds: Of all trainings of a task's levels, ``[n_seeds, n_tasks, n_levels]``; NaN where missing.
    """

    gains: Mapping[Split, Array] = field(repr=False)
    values: Mapping[Split, Array] = field(repr=False)
    records: tuple[tuple[LevelRecord | None, ...], ...] = field(repr=False)
    seconds: Array = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class VirtualResults:
    """Everything that is measured of a study's deep virtual networks.

    Args:
        seeds: In the order of the arrays.
        tasks: In index order.
        division: How channels are divided into units.
        affinity: How alike tasks are, as the study has it; None where it is not written.
        networks: In the order of the study.
        alone: The network of each task's level trained alone; None where not requested.
        singles: Split → first metric of the single-task networks, ``[n_seeds, n_tasks]``.
    """

    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]
    division: Division
    affinity: Array | None
    networks: tuple[VirtualScores, ...]
    alone: AloneScores | None
    singles: Mapping[Split, Array] = field(repr=False)

    @property
    def n_levels(self) -> int:
        """Number of levels, which is that of units."""
        return self.division.n_units

    @property
    def payload(self) -> VirtualPayload | None:
        """What a trained network holds; it is the same for all seeds and, but for the orders, for all networks."""
        return next((payload for network in self.networks for payload in network.payloads.values()), None)


def virtual_results(
    study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
) -> VirtualResults | None:
    """Return the results of the finished deep virtual networks of a study; None where it requests none.

    Args:
        study: What is requested.
        tasks: Its tasks, in its order.
        finished: Run key → result; runs that are not done count as missing.
    """
    request = study.requested(VirtualRequest)
    if request is None:
        return None
    done = {key: result for key, result in finished.items() if result.is_done}
    by_seed = [network_runs(study, seed) for seed in request.seeds]
    singles = [[done.get(single.key) for single in runs[0].singles] for runs in by_seed]
    return VirtualResults(
        seeds=request.seeds,
        tasks=tuple(tasks),
        division=request.division,
        affinity=request.alike,
        networks=tuple(
            _scores(network, [runs[place] for runs in by_seed], singles, tasks, done)
            for place, network in enumerate(request.networks)
        ),
        alone=_alone([narrow_runs(study, seed) for seed in request.seeds], singles, tasks, done)
        if request.alone
        else None,
        singles={split: first_values(singles, tasks, split) for split in SPLITS},
    )


def _scores(
    request: VirtualNetworkRequest,
    runs: Sequence[VirtualRun | SequenceRun],
    singles: Sequence[Sequence[RunResult | None]],
    tasks: Sequence[Task],
    done: Mapping[str, RunResult],
) -> VirtualScores:
    first = runs[0]
    shape = (len(runs), len(tasks), first.units)
    gains = {split: np.full(shape, np.nan) for split in SPLITS}
    values = {split: np.full(shape, np.nan) for split in SPLITS}
    n_stages = len(tasks) if isinstance(first, SequenceRun) else 0
    stages = {split: np.full((len(runs), n_stages, *shape[1:]), np.nan) for split in SPLITS}
    seconds, payloads = np.full(len(runs), np.nan), {}
    for s, run in enumerate(runs):
        result = done.get(run.key)
        if result is None:
            continue
        payload = run.payload_of(result, VirtualPayload)
        payloads[run.seed], seconds[s] = payload, result.seconds
        for split in SPLITS:
            _fill(values[split][s], tasks, payload.metrics[split])
            for stage, found in enumerate(payload.stages.get(split, ())):
                _fill(stages[split][s, stage], tasks, found)
            for t, task in enumerate(tasks):
                for level, metrics in enumerate(payload.metrics[split][task.name]):
                    gains[split][s, t, level] = delta(metrics, singles[s][t], split, task)
    return VirtualScores(
        name=request.name,
        rule=request.order if isinstance(request.order, str) else "given",
        orders=first.orders,
        training=request.training,
        levels=request.levels,
        distillation=request.distillation if isinstance(first, SequenceRun) else 0.0,
        gains=gains,
        values=values,
        stages=stages,
        seconds=seconds,
        payloads=payloads,
    )


def _fill(values: Array, tasks: Sequence[Task], metrics: OfTasks) -> None:
    """Write the first metric of tasks on each level, ``[n_tasks, n_levels]``; others are left as they are."""
    for t, task in enumerate(tasks):
        for level, found in enumerate(metrics.get(task.name, ())):
            values[t, level] = found[task.metrics[0].name]


def _alone(
    by_seed: Sequence[Sequence[Sequence[NarrowRun]]],
    singles: Sequence[Sequence[RunResult | None]],
    tasks: Sequence[Task],
    done: Mapping[str, RunResult],
) -> AloneScores:
    n_below = len(by_seed[0][0])
    shape = (len(by_seed), len(tasks), n_below + 1)
    gains = {split: np.full(shape, np.nan) for split in SPLITS}
    values = {split: np.full(shape, np.nan) for split in SPLITS}
    seconds = np.full(shape, np.nan)
    records: list[list[LevelRecord | None]] = [[None] * n_below for _ in tasks]
    for s, of_tasks in enumerate(by_seed):
        for t, (task, runs) in enumerate(zip(tasks, of_tasks, strict=True)):
            single = singles[s][t]
            for level, result in enumerate([*(done.get(run.key) for run in runs), single]):
                if result is None:
                    continue
                seconds[s, t, level] = result.seconds
                for split in SPLITS:
                    metrics: Metrics = result.metrics[split][task.name]
                    gains[split][s, t, level] = delta(metrics, single, split, task)
                    values[split][s, t, level] = metrics[task.metrics[0].name]
                if level < n_below:
                    records[t][level] = runs[level].payload_of(result, NarrowPayload).record
    return AloneScores(gains, values, tuple(map(tuple, records)), seconds)
