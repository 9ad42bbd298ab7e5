"""The similarity of a study's tasks: which runs it is measured on, and how the database keeps it."""

import sqlite3

from core.affinity import Similarity
from core.studies import documents
from core.studies.specification import RunSpecification, StudySpecification, study_from_document


def source_runs(specification: StudySpecification) -> tuple[RunSpecification, ...]:
    """Give the single-task runs whose features are compared, in the order of the tasks.

    They are those of the first seed of the table, or of the oracle where there is no table;
    none where nothing is trained.
    """
    asked = specification.table or specification.oracle
    if asked is None:
        return ()
    return tuple(specification.single_run(task, asked.seeds[0]) for task in range(len(specification.tasks)))


def store_similarity(
    connection: sqlite3.Connection, specification: StudySpecification, similarity: Similarity, now: float
) -> None:
    """Keep what was measured with a stored study; nothing where the study is gone or asks for other runs by now.

    Args:
        connection: Inside a transaction.
        specification: What was asked when it was measured.
        similarity: What was measured.
        now: Seconds since the epoch.
    """
    row = _row(connection, specification.name)
    if row is not None and _same_sources(row, specification):
        text = documents.write_json(documents.similarity_document(similarity))
        connection.execute(
            "UPDATE studies SET similarity = ?, updated = ? WHERE name = ?", (text, now, specification.name)
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
    if row["specification"] is None:
        return False
    what = f'Study "{row["name"]}"'
    stored = study_from_document(documents.read_json(row["specification"], what), what)
    return [run.key for run in source_runs(stored)] == [run.key for run in source_runs(specification)]
