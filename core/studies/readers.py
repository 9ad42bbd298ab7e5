"""Connections for reading that are kept between two reads: opening one costs more than most queries."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

# Idle connections per file, and files; a server has one file and as many readers as pages that run at this moment.
KEPT_PER_FILE = 4
KEPT_FILES = 4
# Path, device and inode; None where there is no file, so that all of them share one kind of empty database.
Identity = tuple[Path, int, int] | None


class Reader(sqlite3.Connection):
    """A connection that never writes, and remembers what it found as long as no other connection wrote."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # as sqlite3 calls it
        super().__init__(*args, **options)
        self._found: dict[str, tuple[int, object]] = {}
        # False for one that shows the file as it was when it was opened.
        self.is_kept = True

    def unchanged(self, name: str, find: Callable[[], T]) -> T:
        """Return what ``find`` returned last, or call it where another connection has committed since.

        Args:
            name: Cache key of the query; the same name means the same query.
            find: Reads with this connection and returns something immutable.
        """
        # Before the read: what is committed in between is found now and looked for once more later.
        version = int(self.execute("PRAGMA data_version").fetchone()[0])
        known = self._found.get(name)
        if known is not None and known[0] == version:
            return known[1]  # type: ignore[return-value]  # of one name there is one type
        value = find()
        self._found[name] = (version, value)
        return value


class Readers:
    """Idle connections to the files that were read last.

    A file that was replaced or removed is another file: its connections are closed at the next read. They must be
    read-only: closing the last connection that may write removes the log ``-wal`` by its *name*, which may belong to
    the new file by then.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Identity, list[Reader]] = {}
        # A connection must not be used, nor closed, on the other side of a fork.
        self._of_the_parent: list[dict[Identity, list[Reader]]] = []
        os.register_at_fork(after_in_child=self._forget_the_parents)

    @contextmanager
    def lent(
        self,
        path: Path | None,
        opened: Callable[[Path | None], Reader],
        is_current: Callable[[Reader], bool] = lambda _: True,
    ) -> Iterator[Reader]:
        """Lend a connection to one thread; cursors must not outlive the block.

        Args:
            path: The database file; it need not exist, and there is none for None.
            opened: Opens a connection to the file, or to an empty database in memory for None.
            is_current: Whether an idle connection can still be used.
        """
        identity = None if path is None else _identity(path)
        reader = self._taken(path, identity)
        if reader is not None and not is_current(reader):
            reader.close()
            reader = None
        reader = reader or opened(None if identity is None else path)
        try:
            yield reader
        except BaseException:
            # A cursor that the traceback keeps would hold an old state of the database.
            reader.close()
            raise
        self._give_back(identity, reader)

    def _taken(self, path: Path | None, identity: Identity) -> Reader | None:
        with self._lock:
            self._close([known for known in self._idle if known and known[0] == path and known != identity])
            idle = self._idle.get(identity)
            return idle.pop() if idle else None

    def _give_back(self, identity: Identity, reader: Reader) -> None:
        with self._lock:
            idle = self._idle.pop(identity, [])
            # At the end: the file that was read last is the last to be forgotten.
            self._idle[identity] = idle
            if reader.is_kept and len(idle) < KEPT_PER_FILE:
                idle.append(reader)
            else:
                reader.close()
            self._close(list(self._idle)[:-KEPT_FILES])

    def _close(self, identities: Sequence[Identity]) -> None:
        for identity in identities:
            for reader in self._idle.pop(identity):
                reader.close()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            self._close(list(self._idle))

    def _forget_the_parents(self) -> None:
        self._of_the_parent.append(self._idle)
        self._idle, self._lock = {}, threading.Lock()


def _identity(path: Path) -> Identity:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return path, found.st_dev, found.st_ino
