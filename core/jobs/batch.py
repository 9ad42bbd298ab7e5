"""How far all is that was asked for since the queue was last empty."""

from dataclasses import dataclass

from core.jobs.estimate import Speed
from core.jobs.states import ENDED, IN_HAND
from core.studies.database import Database


@dataclass(frozen=True, slots=True)
class Batch:
    """The runs in hand, and those that ended and were asked for no earlier than the oldest of them.

    Args:
        n_runs: How many there are.
        n_ended: Those that are over, well or not.
        fraction: Share of their work that is over, 0 to 1.
        seconds_left: What the rest takes on this machine, or None where nothing is known of its speed.
    """

    n_runs: int
    n_ended: int
    fraction: float
    seconds_left: float | None


def current_batch(database: Database, speed: Speed, *, session: str | None = None, workers: int = 1) -> Batch | None:
    """Give how far the present batch is, or None where nothing is in hand.

    Args:
        database: Where the runs are.
        speed: Of this machine, as ``core.jobs.estimate.speed`` gives it.
        session: Only what this session asked for.
        workers: How many runs are trained at once.
    """
    whose = (session, session)
    # Written out: SQLite uses the index of the runs in hand only where it sees the states.
    states = ", ".join(f"'{state}'" for state in IN_HAND)
    with database.reading() as connection:
        first = connection.execute(
            f"SELECT MIN(asked) FROM runs WHERE state IN ({states}) AND (? IS NULL OR session = ?)", whose
        ).fetchone()[0]
        if first is None:
            return None
        rows = connection.execute(
            "SELECT state, work, step, steps FROM runs "
            "WHERE asked >= ? AND state != 'planned' AND (? IS NULL OR session = ?)",
            (first, *whose),
        ).fetchall()
    over = [row for row in rows if row["state"] in ENDED]
    left = [_left(row["work"], row["step"], row["steps"]) for row in rows if row["state"] not in ENDED]
    total = sum(row["work"] for row in rows)
    fraction = 1 - sum(left) / total if total else len(over) / len(rows)
    return Batch(len(rows), len(over), fraction, speed.of(left, workers))


def n_sessions(database: Database) -> int:
    """Give how many sessions have asked for runs."""
    with database.reading() as connection:
        return int(connection.execute("SELECT COUNT(DISTINCT session) FROM runs WHERE asked IS NOT NULL").fetchone()[0])


def _left(work: float, step: int, steps: int) -> float:
    return work * (1 - min(step / (steps or 1), 1))
