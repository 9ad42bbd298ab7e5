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


def store_similarity(connection: sqlite3.Connection, name: str, similarity: Similarity, now: float) -> None:
    """Keep what was measured with a stored study; nothing where the study is gone.

    Args:
        connection: Inside a transaction.
        name: Of the study.
        similarity: What was measured.
        now: Seconds since the epoch.
    """
    text = documents.write_json(documents.similarity_document(similarity))
    connection.execute("UPDATE studies SET similarity = ?, updated = ? WHERE name = ?", (text, now, name))


def kept_similarity(connection: sqlite3.Connection, name: str, specification: StudySpecification | None) -> str | None:
    """Give the stored similarity that a new version of a study may keep, as JSON text; None where there is none.

    It holds as long as the study asks for the same single-task runs.

    Args:
        connection: To the database.
        name: Of the study.
        specification: What the new version asks for.
    """
    row = connection.execute("SELECT specification, similarity FROM studies WHERE name = ?", (name,)).fetchone()
    if row is None or row["similarity"] is None or row["specification"] is None or specification is None:
        return None
    what = f'Study "{name}"'
    before = study_from_document(documents.read_json(row["specification"], what), what)
    same = [run.key for run in source_runs(before)] == [run.key for run in source_runs(specification)]
    return str(row["similarity"]) if same else None
