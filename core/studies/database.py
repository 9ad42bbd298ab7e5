"""The study database: requests, runs and results."""

import atexit
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from core.backbones.profile_file import profile_document
from core.errors import StudyError
from core.runs.result import RunResult
from core.studies import documents
from core.studies.artefacts import ARTEFACTS, Artefacts
from core.studies.expand import expand
from core.studies.family import kinds as known_kinds
from core.studies.family import light_kinds
from core.studies.home import DATABASE_FILE, WEIGHTS, home, made
from core.studies.kept_similarity import kept_similarity
from core.studies.readers import Reader, Readers
from core.studies.record import StudyRecord
from core.studies.schema import marks, migrate
from core.studies.specification import study_from_document
from core.studies.study import Study
from core.studies.study_line import StudyLine, study_lines

BUSY_SECONDS = 30.0
_READERS = Readers()
atexit.register(_READERS.close)
# Positions of a study's runs from here on are of runs that were requested apart from its specification.
FIRST_EXTRA_POSITION = 1_000_000
# Requested and not begun.
_QUEUED = "'queued', 'waiting', 'interrupted'"


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
    """

    path: Path
    clock: Callable[[], float] = time.time

    @classmethod
    def at_home(cls) -> "Database":
        """Return the database in ``BRANCHWISE_HOME``."""
        return cls(home() / DATABASE_FILE)

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
        with self._faults(), _READERS.lent(self.path, self._reader) as connection:
            # A newer Branchwise may have migrated since this connection was opened.
            migrate(connection, self.path.name)
            yield connection

    def _reader(self, path: Path | None) -> Reader:
        if path is not None:
            # Migrates an older file, which a connection for reading can't.
            with self._connected(path):
                pass
        place = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(
            place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=Reader, uri=True
        )
        connection.row_factory = sqlite3.Row
        if path is None:
            migrate(connection, self.path.name)
            connection.execute("PRAGMA query_only = ON")
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Return a connection inside a transaction, committed at the end and rolled back on any error.

        Raises:
            StudyError: As ``reading``, or the folder can't be written to.
        """
        made(self.path.parent)
        with self._connected(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def compact(self) -> None:
        """Return room that deleted rows left inside the file back to the disk.

        Raises:
            StudyError: As ``writing``.
        """
        with self._connected(self.path) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _connected(self, path: Path) -> Iterator[sqlite3.Connection]:
        with self._faults(), closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection, self.path.name)
            # Last: a migration that recreates a table must not lose the rows that point to it.
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as fault:
            raise StudyError(
                f"The study database {self.path} can't be used: {fault}. "
                "Check the disk, or choose another folder with BRANCHWISE_HOME."
            ) from fault

    def put(self, record: StudyRecord, results: Mapping[str, RunResult] | None = None) -> None:
        """Store a study and plan those of its runs that are new; one of the same name is replaced.

        Runs are known by their key: what is done stays done, whichever study requested it.

        Args:
            record: The study.
            results: Run key → result of runs that are finished elsewhere; runs that are done here keep their own.
        """
        requested = [] if record.specification is None else expand(record.specification)
        with self.writing() as connection:
            # In here: cleaning up is a transaction, too, and never takes an artefact that is about to be named.
            row = self._row(record)
            places = ", ".join(f":{column}" for column in row)
            changes = ", ".join(f"{column} = excluded.{column}" for column in row if column not in ("name", "created"))
            row["similarity"] = row["similarity"] or kept_similarity(connection, record.specification)
            study_id = connection.execute(
                f"INSERT INTO studies ({', '.join(row)}) VALUES ({places}) "
                f"ON CONFLICT (name) DO UPDATE SET {changes} RETURNING id",
                row,
            ).fetchone()[0]
            # Measurements that a page requested apart from the specification stay.
            connection.execute(
                "DELETE FROM study_runs WHERE study_id = ? AND position < ?", (study_id, FIRST_EXTRA_POSITION)
            )
            connection.executemany(
                "INSERT OR IGNORE INTO runs (key, kind, label, specification, device) VALUES (?, ?, ?, ?, ?)",
                [
                    (run.key, run.kind, run.label.to_json(), run.model_dump_json(), run.settings.device)
                    for run in requested
                ],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO study_runs (study_id, position, run_key) VALUES (?, ?, ?)",
                [(study_id, position, run.key) for position, run in enumerate(requested)],
            )
            keys = {run.key for run in requested}
            self._take(connection, {key: result for key, result in (results or {}).items() if key in keys})

    def _take(self, connection: sqlite3.Connection, results: Mapping[str, RunResult]) -> None:
        """Store results of runs from elsewhere; queued runs among them continue, or are no longer needed."""
        found = [
            {
                "key": key,
                "state": result.state.value,
                "sentence": result.sentence,
                "result": result.model_dump_json(),
                "now": self.clock(),
            }
            for key, result in results.items()
        ]
        # Without its weights a run done elsewhere is not enough for runs that start from it.
        connection.executemany(
            f"UPDATE runs SET result = :result WHERE key = :key AND state IN ({_QUEUED}) AND keep_weights "
            "AND :state = 'done'",
            found,
        )
        connection.executemany(
            "UPDATE runs SET state = :state, sentence = :sentence, result = :result, finished = :now "
            "WHERE key = :key AND state NOT IN ('done', 'running', 'cancelling') "
            f"AND NOT (state IN ({_QUEUED}) AND (keep_weights OR :state != 'done'))",
            found,
        )
        connection.execute(
            "UPDATE runs SET state = 'queued' WHERE state = 'waiting' AND NOT EXISTS (SELECT 1 FROM run_parents "
            "JOIN runs AS parent ON parent.key = parent_key WHERE run_key = runs.key AND parent.state != 'done')"
        )

    def _row(self, record: StudyRecord) -> dict[str, object]:
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
        }

    def studies(self) -> tuple[StudyLine, ...]:
        """Return all studies, the last changed first."""
        with self.reading() as connection:
            return connection.unchanged("studies", partial(study_lines, connection))

    def has_study(self, name: str) -> bool:
        """Return whether a study of that name is stored."""
        with self.reading() as connection:
            return connection.execute("SELECT 1 FROM studies WHERE name = ?", (name,)).fetchone() is not None

    def record(self, name: str) -> StudyRecord:
        """Return what is stored of a study except its runs.

        Raises:
            StudyError: There is no such study, or what is stored is damaged.
        """
        with self.reading() as connection:
            row = connection.execute("SELECT * FROM studies WHERE name = ?", (name,)).fetchone()
            if row is None:
                raise StudyError(f'There is no study "{name}". {_known(connection)}')
            last = connection.execute(
                "SELECT MAX(finished) FROM runs JOIN study_runs ON key = run_key WHERE study_id = ? AND state = 'done'",
                (row["id"],),
            ).fetchone()[0]
        what = f'Study "{name}"'
        task_names = tuple(documents.read_json(row["task_names"], what))
        backbone = documents.read_backbone(documents.read_json(row["backbone"], what))
        specification, table, gallery = row["specification"], row["table_file"], row["gallery_file"]
        similar = None if row["similarity"] is None else documents.read_json(row["similarity"], what)
        return StudyRecord(
            name=name,
            task_names=task_names,
            backbone=backbone,
            specification=None
            if specification is None
            else study_from_document(documents.read_json(specification, what), what),
            tasks=documents.read_tasks(documents.read_json(row["tasks"], what)),
            table=None if table is None else documents.read_table(self.artefacts.read(table), task_names),
            gallery=None if gallery is None else documents.read_gallery(self.artefacts.read(gallery)),
            title=row["title"],
            description=row["description"],
            command=row["command"],
            finished=row["finished"] or ("" if last is None else _utc(last)),
            similarity=None
            if similar is None
            else documents.read_similarity(similar, len(task_names), backbone.n_blocks),
        )

    def kept_weights(self, keys: Sequence[str]) -> dict[str, Path | None]:
        """Return the file with the trained weights of every run that is done, None where they were not kept.

        A run that is trained again for its weights is done meanwhile.

        Args:
            keys: Of the runs; those that are not done are left out.
        """
        query = (
            f"SELECT key, weights FROM runs WHERE key IN ({marks(keys)}) AND json_extract(result, '$.state') = 'done'"
        )
        with self.reading() as connection:
            rows = connection.execute(query, tuple(keys)).fetchall()
        return {row[0]: self.path.parent / WEIGHTS / row[1] if row[1] else None for row in rows}

    def results(self, name: str, *kinds: str, whole: bool = True) -> dict[str, RunResult]:
        """Return run key → result of the runs of a study that are done or failed.

        Args:
            name: Of the study.
            kinds: Only these kinds; all where none is named.
            whole: Read training curves and scores of samples, too.

        Raises:
            StudyError: A stored result is damaged.
        """
        wanted = kinds or tuple(known_kinds())
        result = "result" if whole else "json_remove(result, '$.samples', '$.curve')"
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT key, {result} AS result FROM runs JOIN study_runs ON key = run_key "
                "JOIN studies ON id = study_id "
                f"WHERE name = ? AND result IS NOT NULL AND runs.kind IN ({marks(wanted)}) ORDER BY position",
                (name, *wanted),
            ).fetchall()
        try:
            return {row["key"]: RunResult.model_validate_json(row["result"]) for row in rows}
        except ValidationError as fault:
            raise StudyError(
                f'A result of study "{name}" is damaged: {documents.first_fault(fault)}. '
                "Delete the study, then train or import it again."
            ) from None

    def study(self, name: str) -> Study:
        """Return a study with everything measured on it so far.

        Raises:
            StudyError: There is no such study, or what is stored is damaged.
        """
        return self.record(name).study(self.results(name, *light_kinds(), whole=False))

    def delete(self, name: str) -> None:
        """Forget a study, and those of its runs that no other study requests and none is training.

        Raises:
            StudyError: There is no such study.
        """
        with self.writing() as connection:
            keys = [
                row[0]
                for row in connection.execute(
                    # The last first: a run goes before those it waits for.
                    "SELECT run_key FROM study_runs JOIN studies ON id = study_id WHERE name = ? "
                    "ORDER BY position DESC",
                    (name,),
                )
            ]
            if not connection.execute("DELETE FROM studies WHERE name = ?", (name,)).rowcount:
                raise StudyError(f'There is no study "{name}". {_known(connection)}')
            connection.executemany(
                "DELETE FROM runs WHERE key = ? AND owner IS NULL "
                "AND NOT EXISTS (SELECT 1 FROM study_runs WHERE run_key = key) "
                "AND NOT EXISTS (SELECT 1 FROM run_parents WHERE parent_key = key)",
                [(key,) for key in keys],
            )


def _known(connection: sqlite3.Connection) -> str:
    names: Sequence[str] = [row[0] for row in connection.execute("SELECT name FROM studies ORDER BY name")]
    return f"Known studies: {', '.join(names)}." if names else "Nothing is stored yet: run or import a study first."


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
