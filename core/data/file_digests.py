"""SHA-256 of many files, each read once: kept under its inode, size and times until one of them changes."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from core.data_roots import allowed, data_roots
from core.errors import DataError, StudyError
from core.studies.home import CACHE, home, made

Progress = Callable[[int, int], None]

KEPT: Final = "file-digests.sqlite"
# Larger files are no data set that is read here, and would be hashed for minutes.
MAX_BYTES: Final = 8_000_000_000
MOST_KEPT: Final = 2_000_000
# A file changed this recently may change again without another time: clocks of file systems tick that coarsely.
_SETTLED: Final = 2 * 10**9  # nanoseconds
_AT_ONCE: Final = 256
_PIECE: Final = 1 << 20
_PATIENCE: Final = 5.0


def file_digests(
    paths: Sequence[Path], *, progress: Progress | None = None, clock: Callable[[], int] = time.time_ns
) -> list[str]:
    """Return the SHA-256 of the content of every file, in hexadecimal digits.

    A digest is kept in the folder of Branchwise, so that an unchanged file is read once. A file counts as
    unchanged while its device, inode, size, time of modification and time of change are the same. Where
    nothing can be kept, every file is read.

    Args:
        paths: The files.
        progress: Called now and then with the number of files done and of all.
        clock: Gives the time in nanoseconds: a file that changed in the last two seconds is read again next time.

    Raises:
        DataError: A file is missing, can't be read, is no regular file, is too large or is outside the allowed
            folders.
    """
    found: list[str] = []
    with _kept_digests() as kept:
        for start in range(0, len(paths), _AT_ONCE):
            part = paths[start : start + _AT_ONCE]
            found += _digests(part, kept, clock)
            if progress is not None:
                progress(start + len(part), len(paths))
    return found


def _digests(paths: Sequence[Path], kept: "_Kept", clock: Callable[[], int]) -> list[str]:
    roots = data_roots()
    real = [allowed(path) if roots else path for path in paths]
    states = [_state(path) for path in real]
    known = kept.read([_key(state) for state in states])
    unread = [place for place, state in enumerate(states) if _key(state) not in known]
    found = [known.get(_key(state), "") for state in states]
    # Threads: hashing lets go of the interpreter, and a network drive answers several questions at once.
    with ThreadPoolExecutor(min(8, len(unread)) or 1) as readers:
        for place, (digest, state) in zip(unread, readers.map(_read, [real[place] for place in unread]), strict=True):
            found[place] = digest
            if state is not None and clock() - max(state.st_mtime_ns, state.st_ctime_ns) > _SETTLED:
                kept.add(_key(state), digest)
    kept.write()
    return found


def _state(path: Path) -> os.stat_result:
    try:
        found = path.stat()
    except OSError as fault:
        raise _unreadable(path, fault) from None
    if not stat.S_ISREG(found.st_mode):
        raise DataError(f"{path.name} is no file. Put the file there that belongs there.")
    if found.st_size > MAX_BYTES:
        raise DataError(
            f"{path.name} has {found.st_size:,} bytes; at most {MAX_BYTES:,} are read. Bring less of the data."
        )
    return found


def _key(found: os.stat_result) -> str:
    # The time of change, too: whoever sets the time of modification back by hand does not set that one.
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def _read(path: Path) -> tuple[str, os.stat_result | None]:
    """Return the digest of a file and its state, which is None where the file changed meanwhile."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            while piece := file.read(_PIECE):
                digest.update(piece)
            after = os.fstat(file.fileno())
    except OSError as fault:
        raise _unreadable(path, fault) from None
    return digest.hexdigest(), after if _key(before) == _key(after) else None


def _unreadable(path: Path, fault: OSError) -> DataError:
    if isinstance(fault, FileNotFoundError):
        return DataError(f"There is no file {path}. Put it there, or remove it from the labels.")
    return DataError(f"{path} can't be read: {fault.strerror}. Check its rights.")


class _Kept:
    """Digests in a small database; one that is missing, locked, full or damaged keeps nothing and stops nobody."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self.connection = connection
        self.new: list[tuple[str, str]] = []

    def read(self, keys: Sequence[str]) -> dict[str, str]:
        if self.connection is None:
            return {}
        marks = ", ".join("?" * len(keys))
        with contextlib.suppress(sqlite3.Error):
            return dict(self.connection.execute(f"SELECT key, digest FROM digests WHERE key IN ({marks})", keys))
        return {}

    def add(self, key: str, digest: str) -> None:
        self.new.append((key, digest))

    def write(self) -> None:
        if self.connection is None or not self.new:
            return
        with contextlib.suppress(sqlite3.Error), self.connection:
            self.connection.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?)", self.new)
        self.new.clear()

    def forget_old(self) -> None:
        """Forget the digests kept first once there are too many: most of them are of files that have changed."""
        if self.connection is None:
            return
        with contextlib.suppress(sqlite3.Error), self.connection:
            self.connection.execute(
                "DELETE FROM digests WHERE rowid <= (SELECT max(rowid) FROM digests) - ?", (MOST_KEPT,)
            )


@contextlib.contextmanager
def _kept_digests() -> Iterator[_Kept]:
    connection = _opened()
    kept = _Kept(connection)
    try:
        yield kept
    finally:
        kept.forget_old()
        if connection is not None:
            connection.close()


def _opened() -> sqlite3.Connection | None:
    try:
        path = made(home() / CACHE) / KEPT
        connection = sqlite3.connect(path, timeout=_PATIENCE)
    except (StudyError, sqlite3.Error, OSError):
        return None
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS digests (key TEXT PRIMARY KEY, digest TEXT NOT NULL)")
    except sqlite3.Error as fault:
        connection.close()
        if not isinstance(fault, sqlite3.OperationalError):
            # Damaged: made anew next time.
            with contextlib.suppress(OSError):
                path.unlink()
        return None
    return connection
