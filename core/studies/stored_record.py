"""The record of a study from its row in the database."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from core.errors import BranchwiseError, DamageError, StudyError
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
    try:
        return _read(what, row, artefacts, finished)
    except DamageError as damage:
        words = str(damage)
        raise _damaged(what, words[:1].lower() + words[1:]) from None
    except StudyError:
        raise
    except BranchwiseError as fault:
        raise _damaged(what, str(fault)) from None
    except DAMAGED_ROW:
        raise _damaged(what, "a value is not of its kind") from None


def _damaged(what: str, reason: str) -> StudyError:
    return StudyError(f"{what} is damaged: {reason.rstrip('.')}. Delete it, then train or import it again.")


def _read(what: str, row: sqlite3.Row, artefacts: Artefacts, finished: float | None) -> StudyRecord:
    def document(column: str) -> object:
        try:
            return documents.read_json(text(row[column]), what)
        except DamageError:
            raise _damaged(what, f"its {column.replace('_', ' ')} can't be read") from None

    def file(column: str, read: Callable[[bytes], _T]) -> _T | None:
        return None if row[column] is None else read(artefacts.read(text(row[column])))

    found = document("task_names")
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _damaged(what, "its task names are no texts")
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
