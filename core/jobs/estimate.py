"""How long runs will take, from what this machine's past runs took."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.backbones import Backbone
from core.families.recombined.runs import AnyRun, RecombinedSpecification, SimilaritySpecification
from core.families.switching.runs import SWITCHING, SwitchingSpecification
from core.families.treednn.runs import (
    GeneralisedSpecification,
    GraftedSpecification,
    SpecialisedSpecification,
    TreeRun,
)
from core.studies.database import Database
from core.studies.specification import DatasetSpecification, RunSpecification, TrainingSettings

# Work is counted in so many multiply-accumulates over all training samples.
GIGA = 1e9
# A head and its loss cost about as much as this share of the cheapest path through the backbone.
_HEAD_SHARE = 0.25
_SAMPLES = 400


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds a unit of work takes.

    Args:
        seconds: Per unit of work; median over past runs.
        n_runs: How many runs it was found from; 0 where there are none, and nothing is known.
    """

    seconds: float
    n_runs: int

    def of(self, runs: Sequence[float], workers: int) -> float | None:
        """Give the seconds that runs of these sizes take on so many workers, or None where nothing is known."""
        if not self.n_runs:
            return None
        longest = max(runs, default=0.0)
        return self.seconds * max(sum(runs) / max(workers, 1), longest)


def work_of(backbone: Backbone) -> Callable[[AnyRun], float]:
    """Give the function that says how large a run on a backbone is, in 10⁹ multiply-accumulates.

    Args:
        backbone: Profile with the study's blocks.
    """
    macs = [max(block.macs, block.params, 1) for block in backbone.blocks]

    def work(run: AnyRun) -> float:
        if isinstance(run, SimilaritySpecification):
            return sum(map(work, run.sources))
        if isinstance(run, RecombinedSpecification):
            return _recombined(run, macs) / GIGA
        if isinstance(run, SwitchingSpecification):
            # Each repeat reads the whole network and every branch, warm and cold; about one picture a megabyte.
            return run.repeats * run.n_branches * 4 * max(sum(run.params), 1) / GIGA
        if isinstance(run, RunSpecification):
            return _network(run, macs) * _samples(run.dataset, run.training) / GIGA
        return _of_tree(run, macs) / GIGA

    return work


def _network(run: RunSpecification, macs: Sequence[int]) -> float:
    trunk = sum(cost * len(groups) for cost, groups in zip(macs, run.layout, strict=True))
    return trunk + _HEAD_SHARE * sum(macs) * len(run.tasks)


def _recombined(run: RecombinedSpecification, macs: Sequence[int]) -> float:
    top = sum(macs[run.depth + 1 :]) + _HEAD_SHARE * sum(macs)
    return len(run.targets) * top * _samples(run.source.dataset, run.training)


def _of_tree(run: TreeRun, macs: Sequence[int]) -> float:
    whole = sum(macs) * (1 + _HEAD_SHARE)
    match run:
        case GeneralisedSpecification():
            # Every set gives as many rows as the longest one.
            longest = max(_samples(branch.data.dataset, run.training) for branch in run.tree.branches)
            return whole * longest * len(run.tree.branches)
        case SpecialisedSpecification():
            trained, data = run.tree, run.tree.branch(run.branch).data
        case GraftedSpecification():
            trained, data = run.tree, run.graft.data
        case _:
            return whole * (1 + run.epochs / run.training.epochs) * _samples(run.data.dataset, run.training)
    return (sum(macs[trained.cut :]) + _HEAD_SHARE * sum(macs)) * _samples(data.dataset, run.training)


def _samples(dataset: DatasetSpecification, training: TrainingSettings) -> float:
    # Some data sets say how many pictures there are only once they are read.
    return float(training.epochs * (getattr(dataset, "n_train", None) or 1000))


def speed(database: Database) -> Speed:
    """Give how fast this machine's last trainings were; reading files again and again says nothing about that."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT json_extract(result, '$.seconds') / work FROM runs "
            "WHERE state = 'done' AND work > 0 AND attempt > 0 AND kind != ? ORDER BY finished DESC LIMIT ?",
            (SWITCHING, _SAMPLES),
        ).fetchall()
    found = [float(row[0]) for row in rows if row[0]]
    return Speed(statistics.median(found), len(found)) if found else Speed(0.0, 0)
