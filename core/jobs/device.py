"""The device of runs that have not started: not part of their key, so it may change."""

from collections.abc import Sequence
from dataclasses import replace

from core.jobs.states import ACTIVE
from core.runs.run import Run
from core.studies.database import Database
from core.studies.record import StudyRecord


def on_device(record: StudyRecord, device: str) -> StudyRecord:
    """Return a study whose runs are trained on a device; their keys stay the same.

    Args:
        record: A measured study.
        device: ``auto``, ``cpu`` or ``cuda``.
    """
    specification = record.specification
    assert specification is not None
    settings = specification.training.model_copy(update={"device": device})
    return replace(record, specification=specification.model_copy(update={"training": settings}))


def move(database: Database, runs: Sequence[Run], device: str, *, session: str | None = None) -> int:
    """Set the device of stored runs that are not running, and return how many changed.

    Args:
        database: Holds the runs.
        runs: Any runs; measurements are not changed.
        device: ``auto``, ``cpu`` or ``cuda``.
        session: Runs that another session has in the queue stay where they are; none is left out where None.
    """
    others = f"AND NOT (session != :session AND state IN ({', '.join(repr(str(state)) for state in ACTIVE)}))"
    with database.writing() as connection:
        return connection.executemany(
            "UPDATE runs SET device = :device WHERE key = :key AND owner IS NULL AND device != :device "
            f"{'' if session is None else others}",
            [{"device": device, "key": run.key, "session": session} for run in runs if run.is_training],
        ).rowcount
