"""Rows of a study in the database, and its name among the others."""

import sqlite3
from collections.abc import Collection, Mapping
from typing import Final

from pydantic import BaseModel

from core.errors import StudyError
from core.runs.result import RunResult
from core.runs.settings import WHERE_TRAINED
from core.studies.cells import text
from core.studies.code_permission import Roots, keep_permission
from core.studies.documents import read_json
from core.studies.expand import expand
from core.studies.imported import keep_imported
from core.studies.kept_similarity import kept_similarity
from core.studies.specification import StudySpecification, study_from_document

# Positions of a study's runs from here on are of runs that were requested apart from its specification.
FIRST_EXTRA_POSITION = 1_000_000
# Leaves room for "-2" and so on.
_NAME_LENGTH = 36


def free_name(name: str, taken: Collection[str]) -> str:
    """Return ``name``, or ``name-2`` and so on where it is taken.

    >>> free_name("rooms", {"rooms", "rooms-2"})
    'rooms-3'
    """
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name[:_NAME_LENGTH]}-{number}"
    return free


def check_same_networks(connection: sqlite3.Connection, name: str, specification: StudySpecification | None) -> None:
    """Check that a study of a name, if there is one, trains the networks of a specification on its data set.

    What it requests of them may differ, as may where the data are and what machine trains.

    Raises:
        StudyError: It is a table, or trains other networks.
    """
    row = connection.execute("SELECT specification FROM studies WHERE name = ?", (name,)).fetchone()
    if row is None:
        return
    way_out = "Give the study file another name, or delete the stored study first."
    if row[0] is None or specification is None:
        raise StudyError(f'"{name}" is stored as an imported table, which would be replaced. {way_out}')
    what = f'Study "{name}"'
    try:
        before = study_from_document(read_json(row[0], what), what)
    except StudyError:
        # A damaged study can be replaced by a sound one.
        return
    if part := other_networks(before, specification):
        raise StudyError(f'"{name}" is stored with {part}, and would be replaced. {way_out}')


def other_networks(one: StudySpecification, other: StudySpecification) -> str:
    """Return in what a study differs from another that trains other networks; an empty text where both train the same.

    Where the data are and what machine trains makes no difference.
    """
    for part, words in _PARTS.items():
        if _what_counts(getattr(one, part)) != _what_counts(getattr(other, part)):
            return words
    return ""


_PARTS: Final = {
    "dataset": "another data set",
    "tasks": "other tasks",
    "backbone": "another backbone",
    "training": "other training settings",
}
# Data and code that changed are told by their fingerprint, and trained anew.
_ELSEWHERE: Final = {"fingerprint", "path", "file", "code", *WHERE_TRAINED}


def _what_counts(part: object) -> object:
    if isinstance(part, BaseModel):
        return _what_counts(part.model_dump(mode="json"))
    if isinstance(part, dict):
        return {name: _what_counts(value) for name, value in part.items() if name not in _ELSEWHERE}
    # Each of several data sets lies somewhere, too.
    return [_what_counts(value) for value in part] if isinstance(part, list | tuple) else part


def store_study(
    connection: sqlite3.Connection,
    row: dict[str, object],
    specification: StudySpecification | None,
    results: Mapping[str, RunResult],
    code: Roots | None = None,
) -> None:
    """Write the row of a study, plan its runs, and keep results from elsewhere; one of the same name is replaced.

    Args:
        connection: Inside a transaction; cleaning up is one, too, and takes no artefact that is about to be named.
        row: Column → value.
        specification: What it requests, or None for a table.
        results: Run key → result.
        code: Folders that its author's code may be imported from, where the owner of this machine allows it now.
    """
    requested = [] if specification is None else expand(specification)
    places = ", ".join(f":{column}" for column in row)
    stays = ("name", "created", "session")
    changes = ", ".join(f"{column} = excluded.{column}" for column in row if column not in stays)
    row["similarity"] = row["similarity"] or kept_similarity(connection, specification)
    study_id = connection.execute(
        f"INSERT INTO studies ({', '.join(row)}) VALUES ({places}) "
        f"ON CONFLICT (name) DO UPDATE SET {changes} RETURNING id",
        row,
    ).fetchone()[0]
    # Measurements that a page requested apart from the specification stay.
    connection.execute("DELETE FROM study_runs WHERE study_id = ? AND position < ?", (study_id, FIRST_EXTRA_POSITION))
    connection.executemany(
        "INSERT OR IGNORE INTO runs (key, kind, label, specification, device) VALUES (?, ?, ?, ?, ?)",
        [(run.key, run.kind, run.label.to_json(), run.model_dump_json(), run.settings.device) for run in requested],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO study_runs (study_id, position, run_key) VALUES (?, ?, ?)",
        [(study_id, position, run.key) for position, run in enumerate(requested)],
    )
    keys = {run.key for run in requested}
    keep_permission(connection, study_id, specification, code)
    keep_imported(connection, study_id, {key: result for key, result in results.items() if key in keys})


def forget_study(connection: sqlite3.Connection, name: str, session: str | None) -> None:
    """Delete a study, and those of its runs that no other study requests and none is training.

    Args:
        connection: Inside a transaction.
        name: Of the study.
        session: Only a study that this session stored; any where None.

    Raises:
        StudyError: There is no such study, or another session stored it.
    """
    row = connection.execute("SELECT session FROM studies WHERE name = ?", (name,)).fetchone()
    if session is not None and row is not None and row["session"] != session:
        raise StudyError(f'Study "{name}" is not yours. Only who stored it and the owner may delete it.')
    keys = [
        row[0]
        for row in connection.execute(
            # The last first: a run goes before those it waits for.
            "SELECT run_key FROM study_runs JOIN studies ON id = study_id WHERE name = ? ORDER BY position DESC",
            (name,),
        )
    ]
    if not connection.execute("DELETE FROM studies WHERE name = ?", (name,)).rowcount:
        raise StudyError(f'There is no study "{name}". {known_studies(connection)}')
    connection.executemany(
        "DELETE FROM runs WHERE key = ? AND owner IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM study_runs WHERE run_key = key) "
        "AND NOT EXISTS (SELECT 1 FROM run_parents WHERE parent_key = key)",
        [(key,) for key in keys],
    )
    # What is being trained stops; nobody would see its result.
    connection.executemany(
        "UPDATE runs SET state = 'cancelling' WHERE key = ? AND state = 'running' "
        "AND NOT EXISTS (SELECT 1 FROM study_runs WHERE run_key = key)",
        [(key,) for key in keys],
    )


def known_studies(connection: sqlite3.Connection) -> str:
    """Return a sentence that names the studies of a database."""
    names = [text(row[0]) for row in connection.execute("SELECT name FROM studies ORDER BY name")]
    return f"Known studies: {', '.join(names)}." if names else "Nothing is stored yet: run or import a study first."
