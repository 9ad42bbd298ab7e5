"""What networks of another width reached, against single-task networks of the study's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.families.single.gain import delta
from core.families.widened.payload import WidenedPayload
from core.families.widened.request import WidenedRequest
from core.families.widened.runs import width_runs
from core.layouts import Layout
from core.runs.result import SPLITS, RunResult, Split
from core.studies.specification import StudySpecification
from core.tasks import Task


@dataclass(frozen=True, slots=True, eq=False)
class WidthScores:
    """What the layout reached at one width.

    Args:
        width: Channels of the first block.
        gains: Split → Δ against the single-task networks of the same seed, percent, ``[n_seeds, n_tasks]``; NaN where
            a run is missing.
        blocks: What a copy of each block costs; None before a run is done.
    """

    width: int
    gains: Mapping[Split, NDArray[np.float64]] = field(repr=False)
    blocks: WidenedPayload | None


@dataclass(frozen=True, slots=True, eq=False)
class WidenedResults:
    """Everything that is measured of other widths.

    Args:
        seeds: In the order of the arrays.
        layout: What the networks share.
        widths: In the order of the study.
    """

    seeds: tuple[int, ...]
    layout: Layout
    widths: tuple[WidthScores, ...]


def widened_results(
    study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
) -> WidenedResults | None:
    """Return the results of the finished runs of other widths; None where a study requests none.

    Args:
        study: What is requested.
        tasks: Its tasks, in its order.
        finished: Run key → result; runs that are not done count as missing.
    """
    request = study.requested(WidenedRequest)
    if request is None:
        return None
    done = {key: result for key, result in finished.items() if result.is_done}
    found = tuple(_scores(study, width, request.seeds, tasks, done) for width in request.widths)
    return WidenedResults(request.seeds, request.sharing(study), found)


def _scores(
    study: StudySpecification, width: int, seeds: Sequence[int], tasks: Sequence[Task], done: Mapping[str, RunResult]
) -> WidthScores:
    gains = {split: np.full((len(seeds), len(tasks)), np.nan) for split in SPLITS}
    names, blocks = [task.name for task in tasks], None
    for s, seed in enumerate(seeds):
        for run in width_runs(study, width, seed):
            result = done.get(run.key)
            if result is None:
                continue
            blocks = run.payload_of(result, WidenedPayload)
            for name, single in zip(run.tasks, run.singles, strict=True):
                t = names.index(name)
                for split in SPLITS:
                    measured = result.metrics.get(split, {}).get(name, {})
                    gains[split][s, t] = delta(measured, done.get(single.key), split, tasks[t])
    return WidthScores(width, gains, blocks)
