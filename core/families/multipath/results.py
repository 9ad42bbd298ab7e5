"""What trained multi-path networks reached, against single-task networks, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.families.multipath.distillation import Distillation
from core.families.multipath.fine_alone import FineAlone, fine_alone
from core.families.multipath.payload import ExitRecord, LeavingPoint, MatrixPayload, MultiPathPayload
from core.families.multipath.request import MultiPathRequest
from core.families.multipath.runs import MultiPathRun, PathMatrixRun, matrix_run, network_runs
from core.families.single.gain import delta, first_values
from core.runs.result import RunResult, Split
from core.studies.specification import StudySpecification
from core.tasks import Task

Array = NDArray[np.float64]
SPLITS: tuple[Split, Split] = ("validation", "test")


@dataclass(frozen=True, slots=True, eq=False)
class PathScores:
    """What one multi-path network reached.

    Args:
        name: What it is called.
        assign: Number of the exit of each task.
        loss: What it learned from labels and teachers.
        weighting: How losses of tasks count.
        gains: Split → Δ against the single-task networks of the same seed, percent, ``[n_seeds, n_tasks]``; NaN where
            a run is missing.
        values: Split → first metric of each task, ``[n_seeds, n_tasks]``.
        head_params: Parameters of each task's head; empty before one is trained.
        derived: Split → (coarse, fine) → share of right coarse answers that are read off the fine ones, ``[n_seeds]``:
            what a coarse task's own exit has to beat; only of tasks that are levels of a hierarchy.
    """

    name: str
    assign: tuple[int, ...]
    loss: Distillation
    weighting: str
    gains: Mapping[Split, Array] = field(repr=False)
    values: Mapping[Split, Array] = field(repr=False)
    head_params: tuple[int, ...] = ()
    derived: Mapping[Split, Mapping[tuple[str, str], Array]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class MatrixScores:
    """How good each task is at each exit, in a network that has all of them.

    Args:
        gains: Split → Δ, percent, ``[n_seeds, n_tasks, n_exits]``; NaN where a run is missing.
        values: Split → first metric of each task, ``[n_seeds, n_tasks, n_exits]``.
        leaving: Task → early leaving by confidence, for each seed that is trained.
        seeds: The seeds that are trained, in the order of these curves.
    """

    gains: Mapping[Split, Array] = field(repr=False)
    values: Mapping[Split, Array] = field(repr=False)
    leaving: Mapping[str, tuple[tuple[LeavingPoint, ...], ...]] = field(repr=False)
    seeds: tuple[int, ...] = ()

    def mean_gains(self, split: Split = "validation") -> Array | None:
        """Return the mean over complete seeds, ``[n_tasks, n_exits]``; None where there is none."""
        found = self.gains[split]
        complete = found[np.isfinite(found).all(axis=(1, 2))]
        return complete.mean(axis=0) if len(complete) else None


@dataclass(frozen=True, slots=True, eq=False)
class MultiPathResults:
    """Everything that is measured of a study's multi-path networks.

    Args:
        seeds: In the order of the arrays.
        tasks: In index order.
        exit_names: From the input.
        exits: What each path holds and computes; empty before anything is trained.
        networks: In the order of the study.
        matrix: Every task at every exit; None where not requested.
        singles: Split → first metric of the single-task networks, ``[n_seeds, n_tasks]``.
        usage: Share of use of each task.
        fine_alone: What the single-task network of the finest task reaches at every task; None where the tasks are no
            hierarchy, or no network has said how.
    """

    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]
    exit_names: tuple[str, ...]
    exits: tuple[ExitRecord, ...]
    networks: tuple[PathScores, ...]
    matrix: MatrixScores | None
    singles: Mapping[Split, Array] = field(repr=False)
    usage: tuple[float, ...] = ()
    fine_alone: FineAlone | None = None


def multipath_results(
    study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
) -> MultiPathResults | None:
    """Return the results of the finished multi-path networks of a study; None where it requests none.

    Args:
        study: What is requested.
        tasks: Its tasks, in its order.
        finished: Run key → result; runs that are not done count as missing.
    """
    request = study.requested(MultiPathRequest)
    if request is None:
        return None
    done = {key: result for key, result in finished.items() if result.is_done}
    by_seed = [network_runs(study, seed) for seed in request.seeds]
    singles = [[done.get(single.key) for single in runs[0].singles] for runs in by_seed]
    networks = tuple(
        _network(network.name, [runs[place] for runs in by_seed], singles, tasks, done)
        for place, network in enumerate(request.networks)
    )
    matrices = [matrix_run(study, seed) for seed in request.seeds] if request.matrix else []
    exit_names = request.exit_names(study.backbone.blocks)
    return MultiPathResults(
        seeds=request.seeds,
        tasks=tuple(tasks),
        exit_names=exit_names,
        exits=_exits([*(run for runs in by_seed for run in runs), *matrices], done),
        networks=networks,
        matrix=_matrix(matrices, singles, tasks, done, len(exit_names)) if matrices else None,
        singles={split: first_values(singles, tasks, split) for split in SPLITS},
        usage=request.shares(study.tasks),
        fine_alone=fine_alone(
            tasks,
            singles,
            (run.payload_of(done[run.key], MultiPathPayload) for runs in by_seed for run in runs if run.key in done),
        ),
    )


def _network(
    name: str,
    runs: Sequence[MultiPathRun],
    singles: Sequence[Sequence[RunResult | None]],
    tasks: Sequence[Task],
    done: Mapping[str, RunResult],
) -> PathScores:
    gains = {split: np.full((len(runs), len(tasks)), np.nan) for split in SPLITS}
    values = {split: np.full((len(runs), len(tasks)), np.nan) for split in SPLITS}
    heads: tuple[int, ...] = ()
    derived: dict[Split, dict[tuple[str, str], Array]] = {split: {} for split in SPLITS}
    for s, run in enumerate(runs):
        result = done.get(run.key)
        if result is None:
            continue
        payload = run.payload_of(result, MultiPathPayload)
        heads = payload.head_params
        for split in SPLITS:
            for t, task in enumerate(tasks):
                metrics = result.metrics[split][task.name]
                gains[split][s, t] = delta(metrics, singles[s][t], split, task)
                values[split][s, t] = metrics[task.metrics[0].name]
            for coarse, shares in payload.derived.get(split, {}).items():
                for fine, share in shares.items():
                    derived[split].setdefault((coarse, fine), np.full(len(runs), np.nan))[s] = share
    first = runs[0]
    return PathScores(name, first.assign, first.loss, first.weighting, gains, values, heads, derived)


def _matrix(
    runs: Sequence[PathMatrixRun],
    singles: Sequence[Sequence[RunResult | None]],
    tasks: Sequence[Task],
    done: Mapping[str, RunResult],
    n_exits: int,
) -> MatrixScores:
    shape = (len(runs), len(tasks), n_exits)
    gains: dict[Split, Array] = {split: np.full(shape, np.nan) for split in SPLITS}
    values: dict[Split, Array] = {split: np.full(shape, np.nan) for split in SPLITS}
    leaving: dict[str, list[tuple[LeavingPoint, ...]]] = {}
    for s, run in enumerate(runs):
        result = done.get(run.key)
        if result is None:
            continue
        payload = run.payload_of(result, MatrixPayload)
        for name, points in payload.leaving.items():
            leaving.setdefault(name, []).append(points)
        for split in SPLITS:
            for t, task in enumerate(tasks):
                for e, metrics in enumerate(payload.metrics[split][task.name]):
                    gains[split][s, t, e] = delta(metrics, singles[s][t], split, task)
                    values[split][s, t, e] = metrics[task.metrics[0].name]
    trained = tuple(run.seed for run in runs if run.key in done)
    # An archive may lack a curve; the others would then be taken for those of other seeds.
    complete = {name: tuple(curves) for name, curves in leaving.items() if len(curves) == len(trained)}
    return MatrixScores(gains, values, complete, trained)


def _exits(runs: Sequence[MultiPathRun | PathMatrixRun], done: Mapping[str, RunResult]) -> tuple[ExitRecord, ...]:
    for run in runs:
        if run.key in done:
            result = done[run.key]
            if isinstance(run, MultiPathRun):
                return run.payload_of(result, MultiPathPayload).exits
            return run.payload_of(result, MatrixPayload).exits
    return ()
