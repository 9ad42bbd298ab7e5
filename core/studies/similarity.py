"""How alike the tasks of a study are: storing what was measured, and keeping it as long as it holds."""

import sqlite3
from collections.abc import Mapping

from core.families.recombined.runs import SimilaritySpecification, similarity_of
from core.studies import documents
from core.studies.specification import StudySpecification, study_from_document


def store_similarity(connection: sqlite3.Connection, key: str, similarity: Mapping[str, object], now: float) -> None:
    """Keep what was measured with the studies that ask for it; not with one that asks for other runs by now.

    Args:
        connection: Inside a transaction.
        key: Of the measurement.
        similarity: What it gave, as a plain document.
        now: Seconds since the epoch.
    """
    rows = connection.execute(
        "SELECT id, name, specification FROM studies JOIN study_runs ON study_id = id WHERE run_key = ?", (key,)
    ).fetchall()
    for row in rows:
        asked = _measurement(row)
        if asked is not None and asked.key == key:
            connection.execute(
                "UPDATE studies SET similarity = ?, updated = ? WHERE id = ?",
                (documents.write_json(similarity), now, row["id"]),
            )


def kept_similarity(connection: sqlite3.Connection, specification: StudySpecification | None) -> str | None:
    """Give the stored similarity that a study may keep when it is stored again, as JSON text; None where there is none.

    It holds as long as the study asks for the same single-task runs.

    Args:
        connection: To the database.
        specification: What the study asks for now.
    """
    row = None if specification is None else _row(connection, specification.name)
    if row is None or specification is None or row["similarity"] is None or not _same_sources(row, specification):
        return None
    return str(row["similarity"])


def _row(connection: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT name, specification, similarity FROM studies WHERE name = ?", (name,)
    ).fetchone()
    return row


def _same_sources(row: sqlite3.Row, specification: StudySpecification) -> bool:
    measured, asked = _measurement(row), similarity_of(specification)
    return measured is not None and asked is not None and measured.key == asked.key


def _measurement(row: sqlite3.Row) -> SimilaritySpecification | None:
    if row["specification"] is None:
        return None
    what = f'Study "{row["name"]}"'
    return similarity_of(study_from_document(documents.read_json(row["specification"], what), what))
