"""The study database: what was asked, what is running, what was measured."""

import atexit
import hashlib
import sqlite3
import time
from base64 import b32encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from core.affinity.recombined import RecombinedLosses
from core.backbones.profile_file import profile_document
from core.errors import StudyError
from core.layouts import Layout
from core.studies import documents
from core.studies.home import DATABASE_FILE, home, made, write_whole
from core.studies.losses import losses_of
from core.studies.measurements import LAYOUT, RECOMBINED, TRAININGS, AnyRun, kind_of, trainings_of
from core.studies.readers import Reader, Readers
from core.studies.record import StudyRecord
from core.studies.result import RunResult
from core.studies.schema import marks, migrate
from core.studies.similarity import kept_similarity
from core.studies.specification import RunSpecification, StudySpecification, study_from_document
from core.studies.study import Study
from core.studies.study_line import StudyLine, study_lines
from core.studies.tree_runs import TREE_KINDS

BUSY_SECONDS = 30.0
SHORT_ID = 8
ARTEFACTS = "artefacts"
_READERS = Readers()
atexit.register(_READERS.close)
# Asked for and not begun.
_QUEUED = "'queued', 'waiting', 'interrupted'"


@dataclass(frozen=True, slots=True)
class RunLine:
    """One training in a list, without its result."""

    key: str
    specification: RunSpecification
    state: str
    sentence: str
    attempt: int
    started: float | None
    finished: float | None


@dataclass(frozen=True, slots=True)
class Database:
    """Studies, runs and layout ids in one SQLite file, and their artefacts beside it.

    Nothing is made on disk before the first write. Every write opens its own connection and is one
    transaction, every read borrows a connection that nobody else uses meanwhile; so a database may
    be used from any thread and from many processes.
    ``core.jobs.queue`` adds asking for runs and dispatching them.

    Args:
        path: The SQLite file.
        clock: Seconds since the epoch.
    """

    path: Path
    clock: Callable[[], float] = time.time

    @classmethod
    def at_home(cls) -> "Database":
        """Give the database in ``BRANCHWISE_HOME``."""
        return cls(home() / DATABASE_FILE)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a connection for queries; where there is no file yet, an empty database in memory.

        The connection is kept for the next one who reads. Cursors must not outlive the block.

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
        """Give a connection inside a transaction, committed at the end and rolled back on any error.

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
        """Give room that deleted rows left inside the file back to the disk.

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
            # Last: a migration that makes a table anew must not lose the rows that point to it.
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

        Runs are known by their key: what is done stays done, whichever study asked for it.

        Args:
            record: The study.
            results: Run key → result of runs that are finished elsewhere; runs that are done here keep their own.
        """
        asked = _asked(record.specification)
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
            # The comparison of features is asked for apart from the specification, and stays.
            connection.execute(
                "DELETE FROM study_runs WHERE study_id = ? "
                f"AND run_key IN (SELECT key FROM runs WHERE kind IN ({marks(TRAININGS)}))",
                (study_id, *TRAININGS),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO runs (key, kind, title, specification) VALUES (?, ?, ?, ?)",
                [(run.key, kind_of(run), run.title, run.model_dump_json()) for run in asked],
            )
            connection.executemany(
                "INSERT INTO study_runs (study_id, position, run_key) VALUES (?, ?, ?)",
                [(study_id, position, run.key) for position, run in enumerate(asked)],
            )
            keys = {run.key for run in asked}
            self._take(connection, {key: result for key, result in (results or {}).items() if key in keys})

    def _take(self, connection: sqlite3.Connection, results: Mapping[str, RunResult]) -> None:
        """Store what runs gave elsewhere; those that are in the queue meanwhile go on, or are not needed any more."""
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
        # Without its weights what was done elsewhere is not enough for those that start from it.
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
        table = None if record.table is None else self._artefact(documents.table_npz(record.table))
        gallery = None if record.gallery is None else self._artefact(documents.gallery_npz(record.gallery))
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

    def _artefact(self, content: bytes) -> str:
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.npz"
        path = self.path.parent / ARTEFACTS / name
        if not path.exists():
            write_whole(path, content)
        return name

    def _content(self, name: str) -> bytes:
        try:
            return (self.path.parent / ARTEFACTS / name).read_bytes()
        except OSError as fault:
            raise StudyError(f"The artefact {name} can't be read: {fault.strerror}. Import the study again.") from None

    def studies(self) -> tuple[StudyLine, ...]:
        """Give all studies, the last changed first."""
        with self.reading() as connection:
            return connection.unchanged("studies", partial(study_lines, connection))

    def record(self, name: str) -> StudyRecord:
        """Give what is kept of a study beside its runs.

        Raises:
            StudyError: There is no such study, or what is kept is damaged.
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
        asked, table, gallery = row["specification"], row["table_file"], row["gallery_file"]
        similar = None if row["similarity"] is None else documents.read_json(row["similarity"], what)
        return StudyRecord(
            name=name,
            task_names=task_names,
            backbone=backbone,
            specification=None if asked is None else study_from_document(documents.read_json(asked, what), what),
            tasks=documents.read_tasks(documents.read_json(row["tasks"], what)),
            table=None if table is None else documents.read_table(self._content(table), task_names),
            gallery=None if gallery is None else documents.read_gallery(self._content(gallery)),
            title=row["title"],
            description=row["description"],
            command=row["command"],
            finished=row["finished"] or ("" if last is None else _utc(last)),
            similarity=None
            if similar is None
            else documents.read_similarity(similar, len(task_names), backbone.n_blocks),
        )

    def results(self, name: str, *kinds: str) -> dict[str, RunResult]:
        """Give run key → result of the runs of a study that are done or failed, of some kinds; layouts by default."""
        wanted = kinds or (LAYOUT,)
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT key, result FROM runs JOIN study_runs ON key = run_key JOIN studies ON id = study_id "
                f"WHERE name = ? AND result IS NOT NULL AND runs.kind IN ({marks(wanted)}) ORDER BY position",
                (name, *wanted),
            ).fetchall()
        return {row["key"]: RunResult.model_validate_json(row["result"]) for row in rows}

    def runs(self, name: str) -> tuple[RunLine, ...]:
        """Give the trainings of a study in the order it asks for them."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT key, runs.specification, state, sentence, attempt, started, runs.finished FROM runs "
                "JOIN study_runs ON key = run_key JOIN studies ON id = study_id "
                "WHERE name = ? AND runs.kind = 'layout' ORDER BY position",
                (name,),
            ).fetchall()
        return tuple(RunLine(row[0], RunSpecification.model_validate_json(row[1]), *row[2:]) for row in rows)

    def losses(self, name: str) -> RecombinedLosses | None:
        """Give the losses of a study's recombined networks, as far as they are trained; None where none is.

        Raises:
            StudyError: There is no such study, or what is kept is damaged.
        """
        specification = self.record(name).specification
        return None if specification is None else losses_of(specification, self.results(name, RECOMBINED))

    def study(self, name: str) -> Study:
        """Give a study with everything measured on it so far.

        Raises:
            StudyError: There is no such study, or what is kept is damaged.
        """
        return self.record(name).study(self.results(name, LAYOUT, *TREE_KINDS))

    def delete(self, name: str) -> None:
        """Forget a study, and those of its runs that no other study asks for and nobody is training.

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

    def layout_id(self, layout: Layout) -> str:
        """Give the short id that stands for a layout in links, and remember it."""
        text = documents.write_json(layout.to_json())
        digest = b32encode(hashlib.sha256(text.encode()).digest()).decode().lower().rstrip("=")
        with self.reading() as connection:
            known = connection.execute("SELECT id FROM layouts WHERE layout = ?", (text,)).fetchone()
        if known is not None:
            return str(known[0])
        with self.writing() as connection:
            # Longer where a short id is taken by another layout.
            for length in range(SHORT_ID, len(digest) + 1):
                connection.execute("INSERT OR IGNORE INTO layouts VALUES (?, ?)", (digest[:length], text))
                row = connection.execute("SELECT id FROM layouts WHERE layout = ?", (text,)).fetchone()
                if row is not None:
                    return str(row[0])
        raise AssertionError("two layouts have one SHA-256")

    def layout(self, short_id: str) -> Layout | None:
        """Give the layout a short id stands for, or None."""
        with self.reading() as connection:
            row = connection.execute("SELECT layout FROM layouts WHERE id = ?", (short_id,)).fetchone()
        return None if row is None else Layout.parse(row[0])


def _asked(specification: StudySpecification | None) -> list[AnyRun]:
    return [] if specification is None else trainings_of(specification)


def _known(connection: sqlite3.Connection) -> str:
    names: Sequence[str] = [row[0] for row in connection.execute("SELECT name FROM studies ORDER BY name")]
    return f"Known studies: {', '.join(names)}." if names else "Nothing is stored yet: run or import a study first."


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
