"""A host in a separate process, started where none is running."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from core.errors import JobError
from core.jobs.lease import current_host
from core.studies.database import Database
from core.studies.home import PRIVATE_FILE, VARIABLE, made

IDLE_SECONDS = 120.0
LOG = "host.log"
_WAIT = 20.0
_Started = tuple[Path, float, subprocess.Popen[bytes]]


def ensure_host(database: Database, *, wait: bool = False) -> bool:
    """Start a host for a database unless one is running or starting; return whether one was started.

    The host outlives this process and ends by itself when nothing is left to do. On a busy machine it takes a while to
    take the lease: whoever asks meanwhile gets no second one.

    Args:
        database: Holds the runs that it dispatches.
        wait: Whether to return only when it holds the lease.

    Raises:
        JobError: It stopped at once; the message names its log.
        StudyError: The folder can't be written to.
    """
    host = current_host(database)
    if host is not None and host.alive:
        return False
    folder = made(database.path.parent)
    with _LOCK:
        if process := _starting(folder):
            started = False
        else:
            process, started = _host_process(folder), True
            _STARTED.append((folder, time.monotonic(), process))
    until = time.monotonic() + (_WAIT if wait else 0.0)
    while time.monotonic() < until:
        host = current_host(database)
        if host is not None and host.alive:
            break
        if process.poll() is not None:
            raise JobError(f"The jobs host stopped at once. {_last_line(folder / LOG)} See {folder / LOG}.")
        time.sleep(0.05)
    return started


def is_starting(database: Database) -> bool:
    """Return whether a host that this process started a moment ago may still take the lease.

    Args:
        database: Whose host.
    """
    with _LOCK:
        return _starting(database.path.parent) is not None


# Kept until the process is reaped: until then a stopped host looks alive.
_STARTED: list[_Started] = []
# Pages of several users run in threads of one process.
_LOCK = threading.Lock()


def _starting(folder: Path) -> subprocess.Popen[bytes] | None:
    """Return the process of a host of this folder that was started a moment ago, with ``_LOCK`` held."""
    now = time.monotonic()
    _STARTED[:] = [entry for entry in _STARTED if entry[2].poll() is None]
    return next((process for place, begun, process in _STARTED if place == folder and now - begun < _WAIT), None)


def _host_process(folder: Path) -> subprocess.Popen[bytes]:
    if not (folder / LOG).exists():
        (folder / LOG).touch(mode=PRIVATE_FILE)
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core.jobs", "--idle", str(IDLE_SECONDS)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A separate session: it continues when the dashboard is closed or its terminal ends.
            start_new_session=True,
            env={**os.environ, VARIABLE: str(folder)},
            cwd=Path(sys.prefix),
        )


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
