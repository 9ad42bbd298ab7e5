"""The study database: requests, runs and results."""

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from core.backbones.profile_file import profile_document
from core.errors import StudyError
from core.runs.result import RunResult
from core.studies import documents
from core.studies.artefacts import Artefacts
from core.studies.cells import key, number, sound, text
from core.studies.code_permission import Roots, roots_of_study
from core.studies.connection import connected, faults_as_sentences, forget_reader, reading, written_mark
from core.studies.family import kinds as known_kinds
from core.studies.family import light_kinds
from core.studies.home import ARTEFACTS, DATABASE_FILE, PRIVATE_FILE, VARIABLE, WEIGHTS, home, made
from core.studies.imported import JOIN, RESULT, RESULT_STATE, drop_queued, keep_imported, stored_bytes
from core.studies.readers import Reader
from core.studies.record import StudyRecord
from core.studies.result_check import check_numbers
from core.studies.schema import marks, transaction
from core.studies.snapshot import current_snapshot
from core.studies.stored_record import read_record, stored
from core.studies.study import Study
from core.studies.study_line import StudyLine, study_lines
from core.studies.study_rows import check_same_networks, forget_study, free_name, known_studies, store_study

# Path → what the file looked like when its studies were last read without a fault.
_READ: Final[dict[Path, object]] = {}


@dataclass(frozen=True, slots=True)
class Database:
    """Studies and their runs in one SQLite file, and their artefacts next to it.

    Nothing is made on disk before the first write. Every write opens its own connection and is one
    transaction, every read borrows a connection that nothing else uses meanwhile; so a database may
    be used from any thread and from many processes.
    ``core.jobs.queue`` adds requesting runs and dispatching them.

    Args:
        path: The SQLite file.
        clock: Seconds since the epoch.
        fault: Why it can't be used: it is empty then, and refuses what would write with this sentence.
    """

    path: Path
    clock: Callable[[], float] = time.time
    fault: str = ""

    @classmethod
    def at_home(cls) -> "Database":
        """Return the database in ``BRANCHWISE_HOME``; one that can't be read is empty, and says why in ``fault``."""
        snapshot = current_snapshot()
        if snapshot is None:
            return cls._found_at_home()
        return snapshot.once(("database", os.environ.get(VARIABLE)), cls._found_at_home)

    @classmethod
    def _found_at_home(cls) -> "Database":
        database = cls(home() / DATABASE_FILE)
        stamp = written_mark(database.path)
        if stamp is None or _READ.get(database.path) != stamp:
            try:
                database.studies()
            except StudyError as fault:
                return replace(database, fault=str(fault))
            _READ[database.path] = stamp
        return database

    @property
    def artefacts(self) -> Artefacts:
        """Files beside the database: tables and galleries."""
        return Artefacts(self.path.parent / ARTEFACTS)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Return a connection for queries; where there is no file yet, an empty database in memory.

        The connection is kept for the next reader. Cursors must not outlive the block.

        Raises:
            StudyError: The file is damaged, locked, or from a newer Branchwise.
        """
        with faults_as_sentences(self.path), reading(None if self.fault else self.path) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Return a connection inside a transaction, committed at the end and rolled back on any error.

        Raises:
            StudyError: As ``reading``, or the folder can't be written to.
        """
        self._check_usable()
        made(self.path.parent)
        if not self.path.exists():
            with faults_as_sentences(self.path):
                # Before SQLite makes it, readable by everybody; the files beside it are made like it.
                self.path.touch(mode=PRIVATE_FILE)
        forget_reader(self.path)
        with faults_as_sentences(self.path), connected(self.path) as connection, transaction(connection):
            yield connection

    def compact(self) -> None:
        """Return room that deleted rows left inside the file back to the disk.

        Raises:
            StudyError: As ``writing``.
        """
        self._check_usable()
        with faults_as_sentences(self.path), connected(self.path) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _check_usable(self) -> None:
        if self.fault:
            raise StudyError(self.fault)

    def put(
        self,
        record: StudyRecord,
        results: Mapping[str, RunResult] | None = None,
        *,
        session: str = "",
        replace: bool = True,
        code: Roots | None = None,
    ) -> None:
        """Store a study and plan those of its runs that are new; one of the same name is replaced.

        Runs are known by their key: what is done stays done, whichever study requested it.

        Args:
            record: The study.
            results: Run key → result of runs that are finished elsewhere; runs that are done keep their own.
            session: Who stores it, where it is new.
            replace: Whether one that trains other networks may be replaced; one that requests other runs always may.
            code: Folders that its author's code may be imported from, where the owner of this machine allows it now.

        Raises:
            StudyError: As ``writing``, or another study has the name.
        """
        with self.writing() as connection:
            if not replace:
                check_same_networks(connection, record.name, record.specification)
            store_study(connection, self._row(record, session), record.specification, results or {}, code)

    def check_same_networks(self, record: StudyRecord) -> None:
        """Check that a study of this name, if one is stored, trains the same networks on the same data set.

        Raises:
            StudyError: It is a table, or trains other networks.
        """
        with self.reading() as connection:
            check_same_networks(connection, record.name, record.specification)

    def add(
        self,
        record: StudyRecord,
        results: Mapping[str, RunResult] | None = None,
        *,
        reserved: Collection[str] = (),
        session: str = "",
        admit: Callable[[int], None] = lambda _: None,
        code: Roots | None = None,
    ) -> str:
        """Store a new study and return its name: its own, or with ``-2`` and so on where that is taken.

        Name and rows are one transaction: of two that store the same at once, each has a study.

        Args:
            record: The study.
            results: Run key → result of runs that are finished elsewhere; they belong to this study.
            reserved: Names that no stored study may take, such as those of bundled studies.
            session: Who stores it.
            admit: Called with the number of bytes before anything is written; raises where they are too many.
            code: As in ``put``; what was imported or uploaded has none.

        Raises:
            StudyError: As ``writing``.
        """
        admit(stored_bytes(results or {}))
        with self.writing() as connection:
            known = {row[0] for row in connection.execute("SELECT name FROM studies")}
            record = record.renamed(free_name(record.name, known | set(reserved)))
            store_study(connection, self._row(record, session), record.specification, results or {}, code)
        return record.name

    def complete(self, name: str, results: Mapping[str, RunResult]) -> None:
        """Add results of runs that are finished elsewhere to a stored study; what is done stays as it is.

        Args:
            name: Of the study.
            results: Run key → result; those that the study does not request are passed over.

        Raises:
            StudyError: There is no such study.
        """
        with self.writing() as connection:
            row = connection.execute("SELECT id FROM studies WHERE name = ?", (name,)).fetchone()
            if row is None:
                raise StudyError(f'There is no study "{name}". {known_studies(connection)}')
            requested = {row[0] for row in connection.execute("SELECT run_key FROM study_runs WHERE study_id = ?", row)}
            keep_imported(connection, row[0], {k: r for k, r in results.items() if k in requested})
            drop_queued(connection, row[0])
            connection.execute("UPDATE studies SET updated = ? WHERE id = ?", (self.clock(), row[0]))

    def _row(self, record: StudyRecord, session: str) -> dict[str, object]:
        specification, similar, now = record.specification, record.similarity, self.clock()
        table = None if record.table is None else self.artefacts.write(documents.table_npz(record.table))
        gallery = None if record.gallery is None else self.artefacts.write(documents.gallery_npz(record.gallery))
        return {
            "name": record.name,
            "kind": record.kind,
            "title": record.title or record.name,
            "description": record.description,
            "task_names": documents.write_json(record.task_names),
            "specification": None if specification is None else specification.model_dump_json(),
            "tasks": documents.write_json(documents.tasks_document(record.tasks)),
            "backbone": documents.write_json(profile_document(record.backbone)),
            "table_file": table,
            "gallery_file": gallery,
            "command": record.command,
            "finished": record.finished,
            "similarity": None if similar is None else documents.write_json(documents.similarity_document(similar)),
            "created": now,
            "updated": now,
            "session": session,
        }

    def studies(self) -> tuple[StudyLine, ...]:
        """Return all studies, the last changed first."""
        with self.reading() as connection:
            return connection.unchanged("studies", partial(study_lines, connection))

    def has_study(self, name: str) -> bool:
        """Return whether a study of that name is stored."""
        with self.reading() as connection:
            return connection.execute("SELECT 1 FROM studies WHERE name = ?", (name,)).fetchone() is not None

    def code_roots(self, name: str) -> Roots | None:
        """Return the folders that a study may import code of its author from; None where it may not."""
        with self.reading() as connection:
            return roots_of_study(connection, name)

    def record(self, name: str) -> StudyRecord:
        """Return what is stored of a study except its runs.

        Raises:
            StudyError: There is no such study, or what is stored is damaged.
        """
        with self.reading() as connection:
            row = connection.execute("SELECT * FROM studies WHERE name = ?", (name,)).fetchone()
            if row is None:
                raise StudyError(f'There is no study "{name}". {known_studies(connection)}')
            last = connection.execute(
                "SELECT MAX(finished) FROM runs JOIN study_runs ON key = run_key WHERE study_id = ? AND state = 'done'",
                (row["id"],),
            ).fetchone()[0]
        return read_record(row, self.artefacts, number(last))

    def kept_weights(self, keys: Sequence[str]) -> dict[str, Path | None]:
        """Return the file with the trained weights of every run that is done, None where they were not kept.

        A run that is trained again for its weights is done meanwhile.

        Args:
            keys: Of the runs; those that are not done are left out.
        """
        query = (
            f"SELECT run_key, NULL FROM imported_results WHERE run_key IN ({marks(keys)}) AND state = 'done' UNION ALL "
            f"SELECT key, weights FROM runs WHERE key IN ({marks(keys)}) "
            f"AND (weights IS NOT NULL OR {RESULT_STATE} = 'done')"
        )
        with self.reading() as connection:
            # What is trained here comes last, and decides.
            rows = connection.execute(query, (*keys, *keys)).fetchall()
        return {row[0]: self.path.parent / WEIGHTS / file if (file := text(row[1])) else None for row in rows}

    def results(self, name: str, *kinds: str, whole: bool = True) -> dict[str, RunResult]:
        """Return run key → result of the runs of a study that are done or failed; damaged ones are left out.

        Args:
            name: Of the study.
            kinds: Only these kinds; all where none is named.
            whole: Read training curves and scores of samples, too.
        """
        wanted = kinds or tuple(known_kinds())
        result = RESULT
        if not whole:
            result = f"CASE WHEN json_valid({RESULT}) THEN json_remove({RESULT}, '$.samples', '$.curve') END"
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT key, {result} AS result FROM runs JOIN study_runs ON key = study_runs.run_key "
                f"JOIN studies ON id = study_runs.study_id {JOIN} "
                f"WHERE name = ? AND runs.kind IN ({marks(wanted)}) AND {RESULT} IS NOT NULL ORDER BY position",
                (name, *wanted),
            ).fetchall()
        # A run whose result is damaged counts as one that is missing, and is trained when it is requested again.
        return dict(sound(rows, lambda row: (key(row["key"]), _result(text(row["result"])))))

    def study(self, name: str) -> Study:
        """Return a study with everything measured on it so far.

        Raises:
            StudyError: There is no such study, or what is stored is damaged.
        """
        record, results = self.record(name), self.results(name, *light_kinds(), whole=False)
        with stored(name):
            return record.study(results)

    def delete(self, name: str, *, session: str | None = None) -> None:
        """Forget a study, and those of its runs that no other study requests and none is training.

        Args:
            name: Of the study.
            session: Only a study that this session stored; any where None.

        Raises:
            StudyError: There is no such study, or another session stored it.
        """
        with self.writing() as connection:
            forget_study(connection, name, session)


def _result(text: str) -> RunResult:
    found = RunResult.model_validate_json(text)
    check_numbers(found)
    return found
