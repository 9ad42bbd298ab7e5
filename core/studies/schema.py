"""Tables of the study database, and how older ones are brought up to date."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.errors import StudyError
from core.runs.label import RunLabel

# One entry per version, oldest first. A released entry is never edited: add another one.
MIGRATIONS = (
    """
    CREATE TABLE studies (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('measured', 'table')),
        title TEXT NOT NULL,
        description TEXT NOT NULL,
        task_names TEXT NOT NULL,
        specification TEXT CHECK ((specification IS NOT NULL) = (kind = 'measured')),
        tasks TEXT NOT NULL,
        backbone TEXT NOT NULL,
        table_file TEXT CHECK ((table_file IS NOT NULL) = (kind = 'table')),
        gallery_file TEXT,
        command TEXT NOT NULL,
        finished TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL
    );
    CREATE TABLE runs (
        key TEXT PRIMARY KEY,
        specification TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
        sentence TEXT NOT NULL DEFAULT '',
        attempt INTEGER NOT NULL DEFAULT 0,
        owner TEXT,
        expires REAL,
        started REAL,
        finished REAL,
        result TEXT,
        CHECK ((state = 'running') = (owner IS NOT NULL)),
        CHECK ((owner IS NULL) = (expires IS NULL)),
        CHECK (state != 'done' OR result IS NOT NULL)
    );
    CREATE TABLE study_runs (
        study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        run_key TEXT NOT NULL REFERENCES runs (key),
        PRIMARY KEY (study_id, position),
        UNIQUE (study_id, run_key)
    ) WITHOUT ROWID;
    CREATE INDEX runs_of_studies ON study_runs (run_key);
    CREATE TABLE layouts (
        id TEXT PRIMARY KEY,
        layout TEXT NOT NULL UNIQUE
    ) WITHOUT ROWID;
    """,
    # Similarity of the features of the tasks, as JSON; NULL until it is measured.
    "ALTER TABLE studies ADD COLUMN similarity TEXT",
    # Jobs: more states, parents and progress of runs, and the one host that dispatches them.
    """
    CREATE TABLE new_runs (
        key TEXT PRIMARY KEY,
        kind TEXT NOT NULL DEFAULT 'layout',
        title TEXT NOT NULL DEFAULT '',
        specification TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'queued', 'waiting', 'running',
            'cancelling', 'done', 'failed', 'cancelled', 'interrupted', 'skipped')),
        sentence TEXT NOT NULL DEFAULT '',
        attempt INTEGER NOT NULL DEFAULT 0,
        session TEXT NOT NULL DEFAULT '',
        asked REAL,
        work REAL NOT NULL DEFAULT 0,
        time_limit REAL,
        keep_weights INTEGER NOT NULL DEFAULT 0,
        weights TEXT,
        owner TEXT,
        started REAL,
        finished REAL,
        step INTEGER NOT NULL DEFAULT 0,
        steps INTEGER NOT NULL DEFAULT 0,
        result TEXT,
        CHECK ((state IN ('running', 'cancelling')) = (owner IS NOT NULL)),
        CHECK (state != 'done' OR result IS NOT NULL)
    );
    INSERT INTO new_runs (key, specification, state, sentence, attempt, started, finished, result)
        SELECT key, specification, CASE state WHEN 'queued' THEN 'planned' WHEN 'running' THEN 'interrupted' ELSE state
        END, sentence, attempt, started, finished, result FROM runs;
    DROP TABLE runs;
    ALTER TABLE new_runs RENAME TO runs;
    CREATE INDEX runs_in_hand ON runs (state)
        WHERE state IN ('queued', 'waiting', 'running', 'cancelling', 'interrupted');
    CREATE INDEX runs_counted ON runs (key, state, kind, session, owner, asked);
    CREATE TABLE run_parents (
        run_key TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        parent_key TEXT NOT NULL REFERENCES runs (key),
        PRIMARY KEY (run_key, parent_key)
    ) WITHOUT ROWID;
    CREATE INDEX children_of_runs ON run_parents (parent_key);
    CREATE TABLE progress (
        run_key TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        losses TEXT NOT NULL,
        PRIMARY KEY (run_key, step)
    ) WITHOUT ROWID;
    CREATE TABLE log (
        run_key TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        time REAL NOT NULL,
        sentence TEXT NOT NULL
    );
    CREATE INDEX log_of_runs ON log (run_key);
    CREATE TABLE host (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        owner TEXT NOT NULL,
        started REAL NOT NULL,
        heartbeat REAL NOT NULL,
        report TEXT NOT NULL
    );
    """,
    # Labels as fields instead of titles in words, and the device, which is no part of a run's specification.
    """
    ALTER TABLE runs ADD COLUMN label TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN device TEXT NOT NULL DEFAULT '';
    DROP TABLE layouts;
    """,
    # Results from elsewhere with the study they came with; who brought a study, and from where a run was submitted.
    """
    CREATE TABLE imported_results (
        study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
        run_key TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'cancelled')),
        result TEXT NOT NULL,
        PRIMARY KEY (study_id, run_key)
    );
    ALTER TABLE studies ADD COLUMN session TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN address TEXT NOT NULL DEFAULT '';
    """,
    # Runs that are trained anew, and for which study: the new result replaces the one it has.
    """
    CREATE TABLE retrained (
        run_key TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
        PRIMARY KEY (run_key, study_id)
    ) WITHOUT ROWID;
    """,
    # What code of its author a study may run, and the folders that it is imported from, as the owner of this machine
    # said. No archive has it.
    """
    CREATE TABLE own_code (
        study_id INTEGER PRIMARY KEY REFERENCES studies (id) ON DELETE CASCADE,
        identity TEXT NOT NULL,
        roots TEXT NOT NULL
    );
    """,
    # Studies whose next trainings are chosen one after the other: until when, what was chosen, and how it stands.
    """
    CREATE TABLE auto (
        study_id INTEGER PRIMARY KEY REFERENCES studies (id) ON DELETE CASCADE,
        goal TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'sure', 'stopped', 'failed')),
        sentence TEXT NOT NULL DEFAULT '',
        session TEXT NOT NULL DEFAULT '',
        runs TEXT NOT NULL DEFAULT '[]',
        standing TEXT NOT NULL DEFAULT '',
        began REAL NOT NULL,
        looked REAL NOT NULL,
        seconds REAL NOT NULL DEFAULT 0
    );
    """,
)
VERSION = len(MIGRATIONS)
# The version that brought labels and devices of runs.
_LABELS = 4


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Bring a database up to date; several processes may do so at once.

    Args:
        connection: In autocommit mode.
        name: What an error calls the database.

    Raises:
        StudyError: A newer Branchwise made it.
    """
    if _version(connection, name) == VERSION:
        return
    with transaction(connection):
        # Asked again: another process may have migrated while this one waited for the lock.
        before = _version(connection, name)
        for script in MIGRATIONS[before:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        if before < _LABELS:
            _label_runs(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Return a connection inside a transaction that writes, committed at the end and rolled back on any error.

    Args:
        connection: In autocommit mode.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _label_runs(connection: sqlite3.Connection) -> None:
    """Add the label and device of runs of earlier versions, as their specifications say."""
    from core.studies.family import read_run

    for key, kind, text in connection.execute("SELECT key, kind, specification FROM runs").fetchall():
        try:
            run = read_run(kind, text)
            label, device = run.label, str(run.settings.device)
        except StudyError:
            # Damaged, or of a family that is not installed: it can't be trained again, but is still listed.
            label, device = RunLabel(kind), ""
        connection.execute("UPDATE runs SET label = ?, device = ? WHERE key = ?", (label.to_json(), device, key))


def _version(connection: sqlite3.Connection, name: str) -> int:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise StudyError(
            f"{name} has schema {found}, made by a newer Branchwise; this one knows up to {VERSION}. "
            "Update Branchwise, or choose another folder with BRANCHWISE_HOME."
        )
    return found


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are values, for an SQL list."""
    return ", ".join("?" * len(values))
