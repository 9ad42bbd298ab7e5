"""The record of a study from its row in the database."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TypeVar

from core.errors import BranchwiseError, DamageError, way_out
from core.studies import documents
from core.studies.artefacts import Artefacts
from core.studies.cells import DAMAGED_ROW, text
from core.studies.record import StudyRecord
from core.studies.specification import study_from_document

_T = TypeVar("_T")


def read_record(row: sqlite3.Row, artefacts: Artefacts, finished: float | None) -> StudyRecord:
    """Return what is stored of a study except its runs.

    Args:
        row: All columns of it.
        artefacts: Its table and gallery are among them.
        finished: When its last run was done, in seconds since the epoch; None where none was.

    Raises:
        StudyError: What is stored is damaged.
    """
    what = f'Study "{text(row["name"])}"'
    with stored(text(row["name"])):
        try:
            return _read(what, row, artefacts, finished)
        except BranchwiseError:
            raise
        except DAMAGED_ROW:
            raise DamageError("A value is not of its kind.") from None


def stored(name: str) -> AbstractContextManager[None]:
    """Return what gives every fault of a stored study its name and the way out."""
    return way_out("Delete the study, then train or import it again.", f'Study "{name}"')


def _read(what: str, row: sqlite3.Row, artefacts: Artefacts, finished: float | None) -> StudyRecord:
    def document(column: str) -> object:
        try:
            return documents.read_json(text(row[column]), what)
        except DamageError:
            raise DamageError(f"Its {column.replace('_', ' ')} can't be read.") from None

    def file(column: str, read: Callable[[bytes], _T]) -> _T | None:
        return None if row[column] is None else read(artefacts.read(text(row[column])))

    found = document("task_names")
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise DamageError("Its task names are no texts.")
    task_names, backbone = tuple(found), documents.read_backbone(document("backbone"))
    ended = "" if finished is None else datetime.fromtimestamp(finished, UTC).isoformat(timespec="seconds")
    return StudyRecord(
        name=text(row["name"]),
        task_names=task_names,
        backbone=backbone,
        specification=None if row["specification"] is None else study_from_document(document("specification"), what),
        tasks=documents.read_tasks(document("tasks")),
        table=file("table_file", lambda data: documents.read_table(data, task_names)),
        gallery=file("gallery_file", documents.read_gallery),
        title=text(row["title"]),
        description=text(row["description"]),
        command=text(row["command"]),
        finished=text(row["finished"]) or ended,
        similarity=None
        if row["similarity"] is None
        else documents.read_similarity(document("similarity"), len(task_names), backbone.n_blocks),
    )
