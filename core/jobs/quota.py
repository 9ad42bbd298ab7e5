"""Disk space of Branchwise: what is used, what can be recreated, and the quota."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import JobError
from core.jobs.launch import LOG
from core.jobs.lease import current_host
from core.jobs.states import ACTIVE, OWNED
from core.studies.database import Database
from core.studies.disk_quota import GIGABYTE, VARIABLE, quota_bytes
from core.studies.home import ARTEFACTS, CACHE, CHECKPOINTS, WEIGHTS

# A process names a new artefact or draft within moments; after an hour it never will.
_ABANDONED: Final = 3600.0


class Space(StrEnum):
    """One kind of files in the folder of Branchwise."""

    CACHE = "cache"
    CHECKPOINTS = "checkpoints"
    WEIGHTS = "weights"
    ARTEFACTS = "artefacts"
    DATABASE = "database"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Use:
    """Disk space of one kind of files.

    Args:
        space: The kind.
        n_files: How many there are.
        n_bytes: Their size.
        n_removable: How many bytes of it ``clean`` would free now.
    """

    space: Space
    n_files: int
    n_bytes: int
    n_removable: int


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Disk space of all kinds of files.

    Args:
        uses: One for every kind, in the order of ``Space``.
        quota: Bytes that may be used.
    """

    uses: tuple[Use, ...]
    quota: int

    @property
    def n_bytes(self) -> int:
        """Size of everything."""
        return sum(use.n_bytes for use in self.uses)

    @property
    def n_removable(self) -> int:
        """What ``clean`` could free now."""
        return sum(use.n_removable for use in self.uses)


def disk_use(database: Database) -> DiskUse:
    """Return how many bytes a database takes together with the files next to it.

    Raises:
        JobError: The quota is no number.
        StudyError: The database can't be used.
    """
    quota = quota_bytes()
    with database.reading() as connection:
        uses = tuple(_use(space, database, connection) for space in Space)
    return DiskUse(uses, quota)


def check_quota(database: Database, n_more: int = 0) -> None:
    """Check that more may be trained or stored.

    Args:
        database: Where.
        n_more: Bytes that would be added, where they are known.

    Raises:
        JobError: The quota is used up.
        StudyError: The database can't be used.
    """
    found = disk_use(database)
    if found.n_bytes + n_more >= found.quota:
        more = f", {n_more / GIGABYTE:.3g} GB would be added" if n_more else ""
        raise JobError(
            f"Branchwise uses {found.n_bytes / GIGABYTE:.1f} GB of disk{more}, and its quota is "
            f"{found.quota / GIGABYTE:g} GB. Remove what can be recreated on the Studies page, or raise {VARIABLE}."
        )


def clean(database: Database, spaces: Collection[Space]) -> int:
    """Remove what can be recreated, and return how many bytes that freed.

    Files that a queued or running run uses, or that a study names, stay. No row of the
    database ever names a missing file, even if this is killed midway.

    Args:
        database: The files are next to it.
        spaces: Which kinds to remove.

    Raises:
        JobError: Nothing could be removed, with the reason.
        StudyError: The database can't be used.
    """
    if not database.path.parent.is_dir():
        return 0
    if Space.WEIGHTS in spaces:
        with database.writing() as connection:
            # Rows first: a file that no row names only wastes space, a row without its file is a fault.
            connection.execute(f"UPDATE runs SET weights = NULL WHERE weights IS NOT NULL AND {_NOT_NEEDED}")
    freed = 0
    with database.writing() as connection:
        # While this transaction is open no run can be submitted, and no host can name a file. One that was named
        # since the rows forgot theirs stays.
        named = _column(connection, "SELECT weights FROM runs") if Space.WEIGHTS in spaces else set()
        for space in (Space.CACHE, Space.CHECKPOINTS, Space.WEIGHTS, Space.ARTEFACTS, Space.LOG):
            if space in spaces:
                files = _removable(space, _files(space, database), database.clock(), connection)
                unnamed = [file for file in files if file.name not in named]
                freed += _remove(_folder(space, database), unnamed, emptied=space is Space.LOG)
    return freed + (_compact(database) if Space.DATABASE in spaces else 0)


class _File(NamedTuple):
    """A file with its size and age; thousands are read for one page."""

    name: str
    size: int
    changed: float

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return self.name.rpartition(".")[0]


def _use(space: Space, database: Database, connection: sqlite3.Connection) -> Use:
    files = _files(space, database)
    if space is Space.DATABASE:
        n_removable = _free_bytes(database, connection)
    else:
        n_removable = sum(file.size for file in _removable(space, files, database.clock(), connection))
    return Use(space, len(files), sum(file.size for file in files), n_removable)


def _files(space: Space, database: Database) -> list[_File]:
    """Return the files of one kind, links left out."""
    folder, name = _folder(space, database), database.path.name
    wanted = {Space.DATABASE: {name, f"{name}-wal", f"{name}-shm"}, Space.LOG: {LOG}}.get(space)
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if (wanted is None or entry.name in wanted) and entry.is_file(follow_symlinks=False):
                # Another process may have removed it by now.
                with contextlib.suppress(FileNotFoundError):
                    stat = entry.stat(follow_symlinks=False)
                    found.append(_File(entry.name, stat.st_size, stat.st_mtime))
    return found


def _folder(space: Space, database: Database) -> Path:
    return database.path.parent / _FOLDERS.get(space, "")


_FOLDERS: Final = {
    Space.CACHE: CACHE,
    Space.CHECKPOINTS: CHECKPOINTS,
    Space.WEIGHTS: WEIGHTS,
    Space.ARTEFACTS: ARTEFACTS,
}


def _removable(space: Space, files: list[_File], now: float, connection: sqlite3.Connection) -> list[_File]:
    """Return those of the files of one kind that may be removed, as of this transaction."""
    stays = _STAYS[space](connection)
    found = []
    for file in files:
        draft = file.name.startswith(".")
        if (draft or space is Space.ARTEFACTS) and now - file.changed < _ABANDONED:
            continue
        if draft or not stays(file):
            found.append(file)
    return found


def _cache_stays(connection: sqlite3.Connection) -> Callable[[_File], bool]:
    busy = connection.execute(f"SELECT EXISTS (SELECT 1 FROM runs WHERE state IN ({_quoted(OWNED)}))").fetchone()[0]
    return lambda _: bool(busy)


def _checkpoint_stays(connection: sqlite3.Connection) -> Callable[[_File], bool]:
    keys = _column(connection, f"SELECT key FROM runs WHERE state IN ({_quoted(ACTIVE)})")
    # A measurement may keep several drafts, all with its key in their names.
    return lambda file: not keys.isdisjoint(file.name.split("."))


def _weights_stay(connection: sqlite3.Connection) -> Callable[[_File], bool]:
    keys = _column(connection, f"SELECT key FROM runs WHERE NOT ({_NOT_NEEDED})")
    return lambda file: file.stem in keys


def _artefact_stays(connection: sqlite3.Connection) -> Callable[[_File], bool]:
    names = _column(connection, "SELECT table_file FROM studies UNION SELECT gallery_file FROM studies")
    return lambda file: file.name in names


def _quoted(states: Collection[str]) -> str:
    return ", ".join(f"'{state}'" for state in states)


# Trained weights are needed by the run that trains them again, and by those that start from them.
_NOT_NEEDED: Final = (
    f"state NOT IN ({_quoted(ACTIVE)}) AND key NOT IN (SELECT parent_key FROM run_parents "
    f"JOIN runs AS child ON child.key = run_key WHERE child.state IN ({_quoted(ACTIVE)}))"
)
_STAYS: Final[dict[Space, Callable[[sqlite3.Connection], Callable[[_File], bool]]]] = {
    Space.CACHE: _cache_stays,
    Space.CHECKPOINTS: _checkpoint_stays,
    Space.WEIGHTS: _weights_stay,
    Space.ARTEFACTS: _artefact_stays,
    Space.LOG: lambda _: lambda _: False,
}


def _remove(folder: Path, files: list[_File], *, emptied: bool) -> int:
    freed, fault = 0, None
    for file in files:
        path = folder / file.name
        try:
            if emptied:
                # The host has its log open; a removed file would keep growing unseen.
                os.truncate(path, 0)
            else:
                path.unlink(missing_ok=True)
            freed += file.size
        except OSError as found:
            fault = fault or (file.name, found)
    if fault is not None and not freed:
        raise JobError(f"{fault[0]} can't be removed: {fault[1].strerror}. Check who owns the folder.")
    return freed


def _free_bytes(database: Database, connection: sqlite3.Connection) -> int:
    host = current_host(database)
    if not database.path.is_file() or (host is not None and host.alive):
        return 0
    pages = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return int(pages) * int(connection.execute("PRAGMA page_size").fetchone()[0])


def _compact(database: Database) -> int:
    """Return unused space inside the database file to the disk."""
    before = sum(file.size for file in _files(Space.DATABASE, database))
    with database.reading() as connection:
        if not _free_bytes(database, connection):
            return 0
    database.compact()
    return max(before - sum(file.size for file in _files(Space.DATABASE, database)), 0)


def _column(connection: sqlite3.Connection, query: str) -> set[str]:
    return {str(row[0]) for row in connection.execute(query) if row[0] is not None}
