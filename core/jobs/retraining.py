"""Finished runs of another environment: which they are, and what became of them when they were trained anew."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.jobs.this_machine import arithmetic_here
from core.runs.arithmetic import Arithmetic
from core.runs.label import RunLabel
from core.runs.result import Environment, RunResult
from core.runs.run import Run
from core.studies.cells import sound
from core.studies.database import Database
from core.studies.family import training_kinds
from core.studies.imported import RESULT
from core.studies.schema import marks

# Less than SQLite allows in one statement.
_AT_ONCE = 500


def runs_computed_elsewhere(
    database: Database, study: str, runs: Sequence[Run], results: Mapping[str, RunResult] | None = None
) -> set[str]:
    """Return the keys of finished runs that this machine would compute otherwise, or whose record does not tell.

    What starts from the weights of one of them is among them: it belongs to the network that is replaced.

    Args:
        database: Holds the results.
        study: Name of the study whose results from elsewhere count.
        runs: Each after its parents.
        results: Run key → result of a study that is not stored yet.
    """
    found = {key: result.environment for key, result in (results or {}).items() if result.is_done}
    found |= _stored(database, study, [run.key for run in runs])
    here = {run.settings: arithmetic_here(run.settings) for run in runs}
    anew: set[str] = set()
    for run in runs:
        if run.key in found and (
            not Arithmetic.of(found[run.key]).is_of(here[run.settings])
            or (run.starts_from_parents and any(parent.key in anew for parent in run.parents))
        ):
            anew.add(run.key)
    return anew


def n_replaced(database: Database, keys: Collection[str]) -> int:
    """Return how many trainings among runs that were submitted to be trained anew have their new result."""
    return sum(row["finished"] is not None and row["kind"] in training_kinds() for row in _rows(database, keys))


def kept_results(database: Database, keys: Collection[str]) -> dict[str, str]:
    """Return run → sentence of those that were submitted to be trained anew and ended without a new result."""
    ended = ("done", "failed", "cancelled", "skipped")
    return {
        str(RunLabel.stored(row["label"])): row["sentence"]
        for row in _rows(database, keys)
        if row["finished"] is None and row["state"] in ended
    }


def _rows(database: Database, keys: Collection[str]) -> list[Mapping[str, Any]]:
    query = "SELECT kind, label, state, sentence, finished FROM runs WHERE key IN ({})"
    with database.reading() as connection:
        return [
            row
            for part in _parts(sorted(keys))
            for row in connection.execute(query.format(marks(part)), part).fetchall()
        ]


def _stored(database: Database, study: str, keys: Sequence[str]) -> dict[str, Environment]:
    """Return run key → environment of the finished result that a study shows; damaged ones are left out."""
    sound_result = f"CASE WHEN json_valid({RESULT}) THEN {RESULT} END"
    query = (
        f"SELECT key, json_extract({sound_result}, '$.environment') AS environment FROM runs "
        "LEFT JOIN studies ON name = ? "
        "LEFT JOIN imported_results AS imported ON imported.study_id = studies.id AND imported.run_key = key "
        f"WHERE json_extract({sound_result}, '$.state') = 'done' AND key IN "
    )
    with database.reading() as connection:
        rows = [row for part in _parts(keys) for row in connection.execute(f"{query} ({marks(part)})", (study, *part))]
    return dict(sound(rows, lambda row: (row["key"], Environment.model_validate_json(row["environment"]))))


def _parts(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]
