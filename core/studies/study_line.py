"""One study in a list, without results."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from core.studies.cells import key, moment, sound, text
from core.studies.family import training_kinds
from core.studies.imported import IS_DONE, JOIN, STATE
from core.studies.record import StudyKind
from core.studies.schema import marks


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One study in a list: name, progress, and the session that stored it."""

    name: str
    title: str
    kind: StudyKind
    n_runs: int
    n_done: int
    n_failed: int
    n_running: int
    updated: datetime
    session: str = ""


def study_lines(connection: sqlite3.Connection) -> tuple[StudyLine, ...]:
    """Return all studies, the last changed first.

    Args:
        connection: To the study database.
    """
    kinds = training_kinds()
    rows = connection.execute(
        f"SELECT studies.*, COUNT(runs.key) AS n_runs, SUM({IS_DONE}) AS n_done, "
        f"SUM({STATE} = 'failed') AS n_failed, SUM(runs.owner IS NOT NULL) AS n_running "
        "FROM studies LEFT JOIN study_runs ON study_runs.study_id = id "
        f"LEFT JOIN runs ON key = study_runs.run_key AND runs.kind IN ({marks(kinds)}) {JOIN} "
        "GROUP BY id ORDER BY updated DESC, name",
        kinds,
    ).fetchall()
    return tuple(sound(rows, _line))


def _line(row: sqlite3.Row) -> StudyLine:
    return StudyLine(
        key(row["name"]),
        text(row["title"]),
        "table" if row["kind"] == "table" else "measured",
        row["n_runs"],
        row["n_done"] or 0,
        row["n_failed"] or 0,
        row["n_running"] or 0,
        moment(row["updated"]),
        text(row["session"]),
    )
