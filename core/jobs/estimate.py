"""Estimated time of runs, from past runs on this machine."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.backbones import Backbone
from core.runs.run import Run
from core.studies.database import Database
from core.studies.family import training_kinds
from core.studies.schema import marks

# The speed is estimated from so many of the last trainings on this machine.
_MOST_RUNS = 400


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds a unit of work takes.

    Args:
        seconds: Per unit of work; median over past runs.
        n_runs: Number of past runs; 0 where the speed is unknown.
    """

    seconds: float
    n_runs: int

    def of(self, runs: Sequence[float], workers: int) -> float | None:
        """Return the seconds that runs of these sizes take on so many workers, or None where the speed is unknown."""
        if not self.n_runs:
            return None
        longest = max(runs, default=0.0)
        return self.seconds * max(sum(runs) / max(workers, 1), longest)


def work_of(backbone: Backbone) -> Callable[[Run], float]:
    """Return the function that computes the size of a run on a backbone, in 10⁹ multiply-accumulates.

    Args:
        backbone: Profile with the study's blocks.
    """

    def work(run: Run) -> float:
        return run.work(backbone)

    return work


def speed(database: Database) -> Speed:
    """Return the speed of the last trainings on this machine; measurements of loading are not counted."""
    kinds = training_kinds()
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT json_extract(result, '$.seconds') / work FROM runs "
            f"WHERE state = 'done' AND work > 0 AND attempt > 0 AND kind IN ({marks(kinds)}) "
            "ORDER BY finished DESC LIMIT ?",
            (*kinds, _MOST_RUNS),
        ).fetchall()
    found = [float(row[0]) for row in rows if row[0]]
    return Speed(statistics.median(found), len(found)) if found else Speed(0.0, 0)
