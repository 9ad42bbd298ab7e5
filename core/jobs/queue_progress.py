"""Progress of everything submitted since the queue was last empty."""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Row

from core.jobs.estimate import Speed, longest_or_shared
from core.jobs.states import ACTIVE, FINISHED
from core.studies.cells import number, text, whole
from core.studies.database import Database


@dataclass(frozen=True, slots=True)
class QueueProgress:
    """The active runs, and those that finished and were submitted no earlier than the oldest active one.

    Args:
        n_runs: How many there are.
        n_finished: Those that ended, with or without a result.
        fraction: Share of their work that is done, 0 to 1.
        seconds_left: Time the rest takes on this machine, or None where its speed is unknown.
    """

    n_runs: int
    n_finished: int
    fraction: float
    seconds_left: float | None = None


def queue_progress(
    database: Database, speed_of: Callable[[str], Speed | None], *, session: str | None = None, workers: int = 1
) -> QueueProgress | None:
    """Return the progress of the queue, or None where no run is active.

    Args:
        database: Holds the runs.
        speed_of: Returns the speed of this machine for a study by name (empty for runs of deleted ones), or None
            where it is unknown. As in a plan, so that what is left agrees with what was announced.
        session: Only what this session submitted.
        workers: How many runs are trained at once.
    """
    whose = (session, session)
    # Literal states: SQLite uses the index of the active runs only where it sees the states.
    states = ", ".join(f"'{state}'" for state in ACTIVE)
    with database.reading() as connection:
        first = connection.execute(
            f"SELECT MIN(asked) FROM runs WHERE state IN ({states}) AND (? IS NULL OR session = ?)", whose
        ).fetchone()[0]
        if number(first) is None:
            return None
        rows = connection.execute(
            "SELECT state, work, step, steps, COALESCE((SELECT MIN(name) FROM study_runs JOIN studies ON "
            "studies.id = study_id WHERE run_key = key), '') AS study FROM runs "
            "WHERE asked >= ? AND state != 'planned' AND (? IS NULL OR session = ?)",
            (first, *whose),
        ).fetchall()
    over = [row for row in rows if row["state"] in FINISHED]
    active = [row for row in rows if row["state"] not in FINISHED]
    left = [_left(row) for row in active]
    total = sum(number(row["work"]) or 0.0 for row in rows)
    fraction = 1 - sum(left) / total if total else len(over) / (len(rows) or 1)
    speeds = {name: speed_of(name) for name in {text(row["study"]) for row in active}}
    seconds = [
        None if (known := speeds[text(row["study"])]) is None else known.seconds * n
        for row, n in zip(active, left, strict=True)
    ]
    timed = [each for each in seconds if each is not None]
    return QueueProgress(
        len(rows), len(over), fraction, longest_or_shared(timed, workers) if len(timed) == len(seconds) else None
    )


def n_sessions(database: Database) -> int:
    """Return how many sessions have submitted runs."""
    with database.reading() as connection:
        return int(connection.execute("SELECT COUNT(DISTINCT session) FROM runs WHERE asked IS NOT NULL").fetchone()[0])


def _left(row: Row) -> float:
    return (number(row["work"]) or 0.0) * (1 - min(whole(row["step"]) / (whole(row["steps"]) or 1), 1))
