"""The record of a study from its row in the database."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from core.errors import BranchwiseError, StudyError
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
    name = text(row["name"])
    try:
        return _read(name, row, artefacts, finished)
    except StudyError:
        raise
    except DAMAGED_ROW as fault:
        reason = str(fault).rstrip(".") if isinstance(fault, BranchwiseError) else "a value is not of its kind"
        raise StudyError(f'Study "{name}" is damaged: {reason}. Delete it, then train or import it again.') from None


def _read(name: str, row: sqlite3.Row, artefacts: Artefacts, finished: float | None) -> StudyRecord:
    what = f'Study "{name}"'

    def document(column: str) -> object:
        try:
            return documents.read_json(text(row[column]), what)
        except StudyError:
            part = column.replace("_", " ")
            raise StudyError(
                f"{what} is damaged: its {part} can't be read. Delete it, then train or import it again."
            ) from None

    def file(column: str, read: Callable[[bytes], _T]) -> _T | None:
        if row[column] is None:
            return None
        try:
            return read(artefacts.read(text(row[column])))
        except StudyError as fault:
            # What helps is another thing here than with a file that is imported.
            reason = str(fault).removesuffix(" Export the study again.").removesuffix(" Import the study again.")
            raise StudyError(
                f"{what} is damaged: {reason[:1].lower()}{reason[1:].rstrip('.')}. Delete it, then train or import it "
                "again."
            ) from None

    found = document("task_names")
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise StudyError(f"{what} is damaged: its task names are no texts. Delete it, then train or import it again.")
    task_names, backbone = tuple(found), documents.read_backbone(document("backbone"))
    ended = "" if finished is None else datetime.fromtimestamp(finished, UTC).isoformat(timespec="seconds")
    return StudyRecord(
        name=name,
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
