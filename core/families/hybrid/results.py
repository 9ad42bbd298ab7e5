"""What trained hybrids reached, against single-task networks, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.request import HybridRequest
from core.families.hybrid.runs import component_runs
from core.families.single.gain import delta
from core.families.single.runs import single_run
from core.runs.result import SPLITS, RunResult, Split
from core.studies.specification import StudySpecification
from core.tasks import Task

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class HybridScores:
    """What one hybrid reached.

    Args:
        hybrid: The network.
        gains: Split → Δ against the single-task networks of the same seed, percent, ``[n_seeds, n_tasks]``; NaN where
            a run is missing.
    """

    hybrid: Hybrid
    gains: Mapping[Split, Array] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class HybridResults:
    """Everything that is measured of a study's hybrids.

    Args:
        seeds: In the order of the arrays.
        tasks: In index order.
        networks: In the order of the study.
    """

    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]
    networks: tuple[HybridScores, ...]


def hybrid_results(
    study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
) -> HybridResults | None:
    """Return the results of the finished hybrids of a study; None where it requests none.

    Args:
        study: What is requested.
        tasks: Its tasks, in its order.
        finished: Run key → result; runs that are not done count as missing.
    """
    request = study.requested(HybridRequest)
    if request is None:
        return None
    networks = []
    for hybrid in request.hybrids(study.tasks):
        gains = {split: np.full((len(request.seeds), len(tasks)), np.nan) for split in SPLITS}
        for s, seed in enumerate(request.seeds):
            for group, run in component_runs(study, hybrid, seed):
                result = finished.get(run.key)
                if result is None or not result.is_done:
                    continue
                for task in group:
                    single = finished.get(single_run(study, task, seed).key)
                    known = single if single is not None and single.is_done else None
                    for split in SPLITS:
                        measured = result.metrics[split][tasks[task].name]
                        gains[split][s, task] = delta(measured, known, split, tasks[task])
        networks.append(HybridScores(hybrid, gains))
    return HybridResults(request.seeds, tuple(tasks), tuple(networks))
