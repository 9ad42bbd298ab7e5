"""Whether a server holds the class of a home folder: a lock that goes with its process, however that ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from app.classroom.store import ClassError
from core.studies.home import PRIVATE_FILE, made

FILE: Final = "class.lock"


@contextmanager
def only_server(home: Path) -> Iterator[None]:
    """Hold the class of a home folder, as one process at a time can.

    Args:
        home: The folder; made if need be.

    Raises:
        ClassError: Another process holds it, or the file of the lock can't be used.
    """
    path = made(home) / FILE
    try:
        path.touch(mode=PRIVATE_FILE)
        # SQLite's own lock: the system drops it when the process ends.
        connection = sqlite3.connect(path, timeout=0.0, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as fault:
        raise ClassError(f"The file {path} can't be used: {fault}. Move it away.") from None
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise ClassError(
                f"A server holds the class of {home}. End the class on its page Class, or stop that server first."
            ) from None
        except sqlite3.Error as fault:
            raise ClassError(f"The file {path} can't be used: {fault}. Move it away.") from None
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
