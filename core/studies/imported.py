"""Results that came with a study from elsewhere. They belong to that study alone.

A run is known by its key on every machine, and what is trained here counts for every study that requests it. What
somebody sent is not trained here: it is shown in the study that it came with, and marks no run of another as done.
"""

import sqlite3
from collections.abc import Mapping
from typing import Final

from core.runs.result import RunResult

# After ``runs JOIN study_runs``.
JOIN: Final = (
    "LEFT JOIN imported_results AS imported ON imported.study_id = study_runs.study_id AND imported.run_key = runs.key"
)
# State of a run as one study sees it; a run that is trained again for its weights is in the queue meanwhile.
STATE: Final = (
    "CASE WHEN imported.state = 'done' AND runs.state IN ('planned', 'failed', 'cancelled', 'skipped') THEN 'done' "
    "WHEN runs.state = 'planned' THEN COALESCE(imported.state, 'planned') ELSE runs.state END"
)
RESULT: Final = "CASE WHEN imported.state = 'done' THEN imported.result ELSE COALESCE(runs.result, imported.result) END"
# Of what is trained here; a damaged result says nothing, and raises nothing.
RESULT_STATE: Final = "CASE WHEN json_valid(runs.result) THEN json_extract(runs.result, '$.state') END"
IS_DONE: Final = "(imported.state = 'done' OR runs.state = 'done')"


def keep_imported(connection: sqlite3.Connection, study_id: int, results: Mapping[str, RunResult]) -> None:
    """Store results from elsewhere with their study, but for runs that are done: those keep their own.

    Args:
        connection: Inside a transaction.
        study_id: Of the study.
        results: Run key → result.
    """
    connection.executemany(
        "INSERT INTO imported_results (study_id, run_key, state, result) "
        "SELECT :study, key, json_extract(:result, '$.state'), :result FROM runs WHERE key = :key AND state != 'done' "
        "ON CONFLICT (study_id, run_key) DO UPDATE SET state = excluded.state, result = excluded.result "
        "WHERE imported_results.state != 'done'",
        # One text at a time: together they may take as much memory as the results.
        ({"study": study_id, "key": key, "result": result.model_dump_json()} for key, result in results.items()),
    )


def drop_queued(connection: sqlite3.Connection, study_id: int) -> None:
    """Take runs out of the queue that are done elsewhere by now, and that no other study requests.

    Args:
        connection: Inside a transaction.
        study_id: Of the study that the results came to.
    """
    connection.execute(
        "UPDATE runs SET state = 'planned' WHERE state IN ('queued', 'waiting') AND key IN ("
        "SELECT run_key FROM imported_results WHERE study_id = :study AND state = 'done') "
        "AND NOT EXISTS (SELECT 1 FROM study_runs WHERE run_key = key AND study_id != :study) "
        "AND NOT EXISTS (SELECT 1 FROM retrained WHERE run_key = key)",
        {"study": study_id},
    )


def drop_replaced(connection: sqlite3.Connection, key: str) -> None:
    """Forget the results from elsewhere of a run, in the studies that asked to train it anew.

    Args:
        connection: Inside a transaction.
        key: Of the run, which has a result of this machine now.
    """
    connection.execute(
        "DELETE FROM imported_results WHERE run_key = :key "
        "AND study_id IN (SELECT study_id FROM retrained WHERE run_key = :key)",
        {"key": key},
    )


def stored_bytes(results: Mapping[str, RunResult]) -> int:
    """Return how many bytes results take where they are stored."""
    return sum(len(result.model_dump_json()) for result in results.values())
