"""Connections to the database file: for writing, for reading, and for reading where nothing can be written."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from core.errors import DiskError, StudyError
from core.studies.home import DISK_FAULTS, keep_private
from core.studies.readers import Reader, Readers
from core.studies.schema import VERSION, migrate
from core.studies.snapshot import current_snapshot

BUSY_SECONDS: Final = 30.0
_READERS: Final = Readers()
# Reading needs files next to the database, too; these say that they can't be made or written.
_CAN_NOT_WRITE: Final = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)


@contextmanager
def faults_as_sentences(path: Path) -> Iterator[None]:
    """Turn faults of the file into one sentence.

    Raises:
        DiskError: The disk is full or read-only.
        StudyError: The file is damaged, locked, or can't be read.
    """
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError, OverflowError) as fault:
        damaged = isinstance(fault, UnicodeDecodeError | OverflowError) or (
            isinstance(fault, sqlite3.DatabaseError)
            and not isinstance(fault, sqlite3.OperationalError | sqlite3.IntegrityError)
        )
        way_out = (
            "Move the file away, and the exported studies can be imported again"
            if damaged
            else "Check the disk, or choose another folder with BRANCHWISE_HOME"
        )
        reason = "it is damaged" if damaged else str(fault)[:200]
        no_room = _can_not_write(fault) or (isinstance(fault, OSError) and fault.errno in DISK_FAULTS)
        kind = DiskError if no_room else StudyError
        raise kind(f"The study database {path} can't be used: {reason}. {way_out}.") from fault


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a new connection that may write, to a database that is up to date."""
    keep_private(path.parent)
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection, path.name)
        # Last: a migration that recreates a table must not lose the rows that point to it.
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


@contextmanager
def reading(path: Path | None) -> Iterator[Reader]:
    """Lend a connection for queries; for None, and where there is no file yet, an empty database in memory.

    Where the folder is read-only or the disk is full, the file is read as it is.
    """
    snapshot = current_snapshot()
    if snapshot is None:
        with _lent(path) as reader:
            yield reader
        return
    reader = snapshot.once(_name(path), lambda: snapshot.until_the_end.enter_context(_lent(path)))
    try:
        yield reader
    except BaseException:
        # As after a fault outside: the next read opens another.
        reader.is_kept = False
        snapshot.forget(_name(path))
        raise


def forget_reader(path: Path) -> None:
    """Let the next read of this snapshot open the file anew; the first write to a database makes it."""
    if snapshot := current_snapshot():
        snapshot.forget(_name(path))


def _name(path: Path | None) -> tuple[str, Path | None]:
    return ("reader", path)


def _lent(path: Path | None) -> AbstractContextManager[Reader]:
    name = "" if path is None else path.name
    return _READERS.lent(path, partial(_opened, name=name), partial(_is_current, name=name))


def close_readers() -> None:
    """Close the connections for reading that this process keeps; the next query opens one."""
    _READERS.close()


atexit.register(close_readers)


def _is_current(reader: Reader, name: str) -> bool:
    # A newer Branchwise may have migrated since this connection was opened.
    try:
        migrate(reader, name)
    except sqlite3.Error as fault:
        if not _can_not_write(fault):
            raise
        return False
    return True


def _opened(path: Path | None, name: str) -> Reader:
    if path is None:
        reader = _reader(":memory:")
        migrate(reader, name)
        reader.execute("PRAGMA query_only = ON")
        return reader
    try:
        # Migrates an older file, which a connection for reading can't.
        with connected(path):
            pass
        reader = _reader(f"{path.absolute().as_uri()}?mode=ro")
        migrate(reader, name)
    except sqlite3.Error as fault:
        if not _can_not_write(fault):
            raise
        return _frozen(path)
    return reader


def _frozen(path: Path) -> Reader:
    """Return a connection to the file as it is at this moment; nothing is made next to it."""
    log = path.with_name(f"{path.name}-wal")
    if not (log.is_file() and log.stat().st_size):
        reader = _reader(f"{path.absolute().as_uri()}?immutable=1")
        if reader.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            reader.is_kept = False
            return reader
        reader.close()
    reader = _reader(":memory:")
    reader.is_kept = False
    with tempfile.TemporaryDirectory() as folder, closing(_copied(path, log, Path(folder))) as copy:
        copy.backup(reader)
    migrate(reader, path.name)
    reader.execute("PRAGMA query_only = ON")
    return reader


def _copied(path: Path, log: Path, folder: Path) -> sqlite3.Connection:
    # What was written last is in the log only.
    with suppress(OSError, sqlite3.Error):
        for file in (path, log):
            if file.is_file():
                shutil.copyfile(file, folder / file.name)
        connection = sqlite3.connect(folder / path.name)
        connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
        return connection
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)


def _reader(place: str) -> Reader:
    reader = sqlite3.connect(
        place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=Reader, uri=True
    )
    reader.row_factory = sqlite3.Row
    # A text that is none costs its letters, not every row that is read with it.
    reader.text_factory = partial(str, encoding="utf-8", errors="replace")
    return reader


def _can_not_write(fault: Exception) -> bool:
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF in _CAN_NOT_WRITE


def written_mark(path: Path) -> object:
    """Return what changes whenever a database is written; None where it can't be told."""
    try:
        found = [file.stat() if file.exists() else None for file in (path, path.with_name(f"{path.name}-wal"))]
    except OSError:
        return None
    return tuple(each and (each.st_ino, each.st_size, each.st_mtime_ns, each.st_mode) for each in found)
