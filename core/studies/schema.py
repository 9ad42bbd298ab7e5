"""Tables of the study database, and how older ones are brought up to date."""

import sqlite3

from core.errors import StudyError

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
    # How alike the features of the tasks are, as JSON; NULL until it is measured.
    "ALTER TABLE studies ADD COLUMN similarity TEXT",
)
VERSION = len(MIGRATIONS)


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
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again: another process may have migrated while this one waited for the lock.
        for script in MIGRATIONS[_version(connection, name) :]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, name: str) -> int:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise StudyError(
            f"{name} has schema {found}, made by a newer Branchwise; this one knows up to {VERSION}. "
            "Update Branchwise, or choose another folder with BRANCHWISE_HOME."
        )
    return found
