"""The list of all studies: tasks and data set of each, progress, and disk space."""

import zipfile
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from core.bounded_zip import DAMAGE
from core.errors import DamageError, StudyError
from core.studies import documents
from core.studies.bundled import bundled_archive
from core.studies.cells import text, texts, whole
from core.studies.database import Database
from core.studies.home import ARTEFACTS, WEIGHTS
from core.studies.study_line import StudyLine


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """One study in the list of all.

    Args:
        name: As in files and links.
        title: Its title on pages.
        kind: *measured* or *table*.
        bundled: Whether it comes with Branchwise and is not stored here.
        task_names: In index order.
        dataset: Name of its data set; empty for a table.
        n_runs: Trainings that it requests.
        n_done: Those that are done.
        n_failed: Those that failed.
        updated: When it last changed; None for a bundled one.
        session: Who stored it; empty for a bundled one, and where it was stored on the command line.
    """

    name: str
    title: str
    kind: str
    bundled: bool
    task_names: tuple[str, ...]
    dataset: str
    n_runs: int
    n_done: int
    n_failed: int
    updated: datetime | None
    session: str = ""

    @property
    def version(self) -> str:
        """Changes whenever the study does."""
        return f"{self.updated}/{self.n_done}"


def stored_lines(database: Database) -> tuple[ListedStudy, ...]:
    """Return the studies of a database, the last changed first.

    Raises:
        StudyError: The database can't be used.
    """
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT name, task_names, "
            "CASE WHEN json_valid(specification) THEN json_extract(specification, '$.dataset.name') END FROM studies"
        ).fetchall()
    # A damaged study is listed without its tasks, so that it can be deleted.
    about = {row[0]: (texts(row[1]), text(row[2])) for row in rows}
    return tuple(_stored(line, *about[line.name]) for line in database.studies() if line.name in about)


def _stored(line: StudyLine, tasks: tuple[str, ...], dataset: str) -> ListedStudy:
    return ListedStudy(
        line.name,
        line.title or line.name,
        line.kind,
        False,
        tasks,
        dataset,
        line.n_runs,
        line.n_done,
        line.n_failed,
        line.updated,
        line.session,
    )


@cache
def bundled_line(name: str) -> ListedStudy:
    """Return the list entry of a bundled study, without reading its results.

    Raises:
        StudyError: There is none of that name, or its archive is damaged.
    """
    path = bundled_archive(name)
    try:
        with zipfile.ZipFile(path) as archive:
            study = documents.read_json(archive.read("study.json"), "study.json")
            measured = study["specification"] is not None
            found = documents.read_json(archive.read("runs.json"), "runs.json")["runs"] if measured else {}
        # What is measured of trained networks makes no step, and is no training.
        runs = {key: run for key, run in found.items() if run["steps"] or run["state"] != "done"}
        specification = study["specification"] or {}
        n_failed = sum(run["state"] != "done" for run in runs.values())
        return ListedStudy(
            name,
            str(study["title"]) or name,
            str(study["kind"]),
            True,
            tuple(study["task_names"]),
            str(specification.get("dataset", {}).get("name", "")),
            len(runs),
            len(runs) - n_failed,
            n_failed,
            None,
        )
    except (*DAMAGE, KeyError, DamageError) as fault:
        reason = str(fault).rstrip(".")
        raise StudyError(f"The bundled study {path.name} is damaged: {reason}. Install Branchwise again.") from None


def size_of(database: Database, name: str) -> int:
    """Return the number of bytes a stored study takes: results in the database, tables, pictures and trained weights.

    Runs that two studies share count for both.

    Raises:
        StudyError: The database can't be used.
    """
    with database.reading() as connection:
        files = connection.execute("SELECT table_file, gallery_file FROM studies WHERE name = ?", (name,)).fetchone()
        rows = connection.execute(
            "SELECT LENGTH(CAST(result AS BLOB)), weights FROM runs JOIN study_runs ON run_key = key "
            "JOIN studies ON id = study_id WHERE name = :name AND result IS NOT NULL UNION ALL "
            "SELECT LENGTH(CAST(result AS BLOB)), NULL FROM imported_results JOIN studies ON id = study_id "
            "WHERE name = :name",
            {"name": name},
        ).fetchall()
    home = database.path.parent
    artefacts = [home / ARTEFACTS / file for cell in files or () if (file := text(cell))]
    weights = [home / WEIGHTS / file for row in rows if (file := text(row[1]))]
    return sum(whole(row[0]) for row in rows) + sum(map(_size, (*artefacts, *weights)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
