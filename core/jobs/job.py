"""One run of the queue by its key, wherever it stands in the list."""

from core.jobs.board import JobLine
from core.jobs.states import JobState
from core.studies.database import Database

_FIELDS = (
    "key, title, attempt, session, asked, started, finished, step, steps, work, state, sentence, "
    "weights IS NOT NULL AS has_weights"
)


def job(database: Database, key: str) -> JobLine | None:
    """Give a run, or None where it was forgotten.

    Args:
        database: Where the runs are.
        key: Of the run.
    """
    with database.reading() as connection:
        row = connection.execute(f"SELECT {_FIELDS} FROM runs WHERE key = ?", (key,)).fetchone()
        study = connection.execute(
            "SELECT MIN(name) FROM studies JOIN study_runs ON id = study_id WHERE run_key = ?", (key,)
        ).fetchone()
    if row is None:
        return None
    state = JobState(row["state"])
    fields = {**dict(row), "state": state, "sentence": row["sentence"] or state.sentence}
    return JobLine(**{**fields, "study": study[0] or "", "has_weights": bool(row["has_weights"])})
