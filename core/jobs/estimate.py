"""How long runs will take, from what this machine's past runs took."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.backbones import Backbone
from core.runs.run import Run
from core.studies.database import Database
from core.studies.family import training_kinds
from core.studies.schema import marks

# So many of this machine's last trainings tell how fast it is.
_MOST_RUNS = 400


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
        """Return the seconds that runs of these sizes take on so many workers, or None where nothing is known."""
        if not self.n_runs:
            return None
        longest = max(runs, default=0.0)
        return self.seconds * max(sum(runs) / max(workers, 1), longest)


def work_of(backbone: Backbone) -> Callable[[Run], float]:
    """Return the function that says how large a run on a backbone is, in 10⁹ multiply-accumulates.

    Args:
        backbone: Profile with the study's blocks.
    """

    def work(run: Run) -> float:
        return run.work(backbone)

    return work


def speed(database: Database) -> Speed:
    """Return how fast this machine's last trainings were; reading files again and again says nothing about that."""
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
