"""Database changes when a run finishes: its own, and those of runs that wait for it."""

from sqlite3 import Connection

from core.jobs.states import ACTIVE, JobState
from core.runs.label import RunLabel
from core.studies.imported import RESULT_STATE
from core.studies.schema import marks

_BASELINE_LOST = "Not trained: “{}”, which it is compared with, {}."


def complete_without_result(
    connection: Connection, key: str, state: JobState, sentence: str, *, result: str | None = None
) -> None:
    """End a run without a measurement, and skip all that wait for it, directly or indirectly.

    A run that was measured before (it was trained again) stays *done*.

    Args:
        connection: Inside a transaction.
        key: Of the run.
        state: *failed*, *cancelled* or *skipped*.
        sentence: Why.
        result: Its stored result as JSON text, or None.
    """
    connection.execute(
        f"UPDATE runs SET state = CASE WHEN {RESULT_STATE} = 'done' THEN 'done' ELSE ? END, "
        f"sentence = ?, owner = NULL, result = CASE WHEN {RESULT_STATE} = 'done' THEN result "
        "ELSE ? END WHERE key = ?",
        (state, sentence, result, key),
    )
    connection.execute("DELETE FROM retrained WHERE run_key = ?", (key,))
    label, now = connection.execute("SELECT label, state FROM runs WHERE key = ?", (key,)).fetchone()
    if now == JobState.DONE:
        free_children(connection, key)
        return
    connection.execute("DELETE FROM progress WHERE run_key = ?", (key,))
    how = "failed" if state is JobState.FAILED else "was cancelled"
    for row in connection.execute(
        "SELECT key FROM runs JOIN run_parents ON run_key = key WHERE parent_key = ? AND state = 'waiting'", (key,)
    ).fetchall():
        complete_without_result(
            connection, row[0], JobState.SKIPPED, _BASELINE_LOST.format(RunLabel.stored(label), how)
        )


def free_children(connection: Connection, key: str) -> None:
    """Queue the runs that waited for this one and for nothing else."""
    connection.execute(
        "UPDATE runs SET state = 'queued' WHERE state = 'waiting' "
        "AND key IN (SELECT run_key FROM run_parents WHERE parent_key = ?) "
        # A parent that is not in the queue has its result from elsewhere.
        "AND NOT EXISTS (SELECT 1 FROM run_parents JOIN runs AS parent ON parent.key = parent_key "
        f"WHERE run_key = runs.key AND parent.state IN ({marks(ACTIVE)}))",
        (key, *ACTIVE),
    )


def log(connection: Connection, key: str, now: float, sentence: str) -> None:
    """Add a line to the log of a run that is known."""
    connection.execute(
        "INSERT INTO log (run_key, time, sentence) SELECT key, ?, ? FROM runs WHERE key = ?", (now, sentence, key)
    )
