"""An imported similarity of tasks, kept as long as it still holds."""

import sqlite3

from core.errors import StudyError
from core.studies import documents
from core.studies.specification import StudySpecification, study_from_document

_WHAT_NETWORKS_LEARN = ("dataset", "tasks", "backbone", "training")


def kept_similarity(connection: sqlite3.Connection, specification: StudySpecification | None) -> str | None:
    """Return an imported similarity that a study may keep when it is stored again, as JSON text.

    It holds as long as the study trains the same networks on the same data.
    """
    if specification is None:
        return None
    row = connection.execute(
        "SELECT specification, similarity FROM studies WHERE name = ?", (specification.name,)
    ).fetchone()
    if row is None or row["similarity"] is None or row["specification"] is None:
        return None
    what = f'Study "{specification.name}"'
    try:
        before = study_from_document(documents.read_json(row["specification"], what), what)
    except StudyError:
        # A damaged study can be replaced by a sound one.
        return None
    same = all(getattr(before, name) == getattr(specification, name) for name in _WHAT_NETWORKS_LEARN)
    return str(row["similarity"]) if same else None
