"""One host per database: the holder of the lease dispatches, all others only read."""

import json
import os
import platform
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import JobError
from core.jobs.states import ACTIVE
from core.studies.cells import document, number, text
from core.studies.database import Database

# A host without a heartbeat for so long counts as dead, wherever it runs.
LEASE_SECONDS = 20.0
_WATCH_EVERY = 0.1
# Heartbeats come every second; on a busy machine later.
_LATE_SECONDS = 5.0
# Owner → its last heartbeat that lay ahead of the clock here, and when that was seen first.
_SEEN: dict[str, tuple[float, float]] = {}


@dataclass(frozen=True, slots=True)
class HostLine:
    """The host that holds the lease.

    Args:
        owner: ``machine/process/unique``.
        started: Seconds since the epoch.
        heartbeat: Time of its last heartbeat.
        report: Its status then: workers, memory, throughput.
        alive: Whether it still holds the lease.
    """

    owner: str
    started: float
    heartbeat: float
    report: Mapping[str, Any]
    alive: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one host to dispatch the runs of a database.

    Args:
        database: Where the lease is kept.
        owner: ``machine/process/unique``; this process by default.
        seconds: How long it holds without a heartbeat.
    """

    database: Database
    owner: str = field(default_factory=lambda: f"{platform.node()}/{os.getpid()}/{uuid.uuid4().hex[:8]}")
    seconds: float = LEASE_SECONDS

    def acquire(self) -> None:
        """Take the lease, or take it over from a host that is gone.

        Raises:
            JobError: Another host holds it.
        """
        self._watch_a_heartbeat_ahead()
        now = self.database.clock()
        with self.database.writing() as connection:
            row = connection.execute("SELECT owner, heartbeat FROM host").fetchone()
            owner, heartbeat = ("", 0.0) if row is None else (text(row["owner"]), number(row["heartbeat"]) or 0.0)
            if row is not None and owner != self.owner and _holds(owner, heartbeat, now, self):
                raise JobError(
                    f"Another host ({_place(owner)}) serves {self.database.path}. "
                    "Let it run, or stop it first; one host per database is enough."
                )
            connection.execute(
                "INSERT OR REPLACE INTO host VALUES (1, ?, ?, ?, ?)",
                (self.owner, now, now, "{}"),
            )

    def _watch_a_heartbeat_ahead(self) -> None:
        """Wait until a host whose last heartbeat lies ahead sends another, at most as long as a lease holds."""
        first, end = None, time.monotonic() + self.seconds + _WATCH_EVERY
        while time.monotonic() < end:
            host = current_host(self.database, self.seconds)
            if host is None or not host.alive or host.heartbeat - self.database.clock() <= self.seconds:
                return
            if host.owner == self.owner or host.heartbeat != (first or host.heartbeat):
                return
            first = host.heartbeat
            time.sleep(_WATCH_EVERY)

    def renew(self, report: Mapping[str, Any]) -> bool:
        """Send a heartbeat; False where another host has taken over."""
        with self.database.writing() as connection:
            changed = connection.execute(
                "UPDATE host SET heartbeat = ?, report = ? WHERE owner = ?",
                (self.database.clock(), json.dumps(report), self.owner),
            ).rowcount
        return bool(changed)

    def release(self) -> None:
        """Return the lease back."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM host WHERE owner = ?", (self.owner,))

    def release_idle(self) -> bool:
        """Release the lease unless runs are left; return True if it was released.

        In one transaction: a submission finds either no host, or one that stays for it.
        """
        states = ", ".join(f"'{state}'" for state in ACTIVE)
        with self.database.writing() as connection:
            if connection.execute(f"SELECT EXISTS (SELECT 1 FROM runs WHERE state IN ({states}))").fetchone()[0]:
                return False
            connection.execute("DELETE FROM host WHERE owner = ?", (self.owner,))
        return True


def last_known(host: HostLine | None, now: float) -> float:
    """Return until when something is known of running runs: now, or the last heartbeat of a host that is late.

    Args:
        host: That runs them.
        now: Seconds since the epoch.
    """
    return now if host is None or now - host.heartbeat < _LATE_SECONDS else host.heartbeat


def current_host(database: Database, seconds: float = LEASE_SECONDS) -> HostLine | None:
    """Return the host of a database, alive or without a heartbeat; None where there is none."""
    with database.reading() as connection:
        row = connection.execute("SELECT * FROM host").fetchone()
    if row is None:
        return None
    lease = Lease(database, owner="", seconds=seconds)
    owner, report = text(row["owner"]), document(row["report"])
    started, heartbeat = number(row["started"]) or 0.0, number(row["heartbeat"]) or 0.0
    alive = _holds(owner, heartbeat, database.clock(), lease)
    return HostLine(owner, started, heartbeat, report if isinstance(report, dict) else {}, alive)


def _holds(owner: str, heartbeat: float, now: float, lease: Lease) -> bool:
    # A sleeping machine sends no heartbeat, but its processes still exist.
    if _is_gone(owner):
        return False
    if heartbeat - now > lease.seconds:
        return not _is_silent(owner, heartbeat, lease.seconds)
    return now - heartbeat < lease.seconds


def _is_silent(owner: str, heartbeat: float, seconds: float) -> bool:
    """Return whether this process has seen the same heartbeat for so long.

    A heartbeat that lies ahead says nothing of its age: the clock here or there was set since.
    """
    known, since = _SEEN.get(owner, (0.0, 0.0))
    if known != heartbeat:
        _SEEN[owner] = (heartbeat, time.monotonic())
        return False
    return time.monotonic() - since >= seconds


def _is_gone(owner: str) -> bool:
    host, _, process = owner.rpartition("/")[0].rpartition("/")
    # On other systems signal 0 would kill the process instead of testing it; there the lease decides.
    if os.name != "posix" or host != platform.node() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _has_ended(process)


def _has_ended(process: str) -> bool:
    """Return whether a process has ended and only its parent has not noticed yet; False where nothing tells."""
    try:
        # The state follows the name, which is in brackets and may hold any character.
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[
            0
        ] in ("Z", "X")
    except (OSError, IndexError):
        return False


def _place(owner: str) -> str:
    machine, process, _ = (*owner.split("/"), "", "")[:3]
    return f"process {process} on {machine}"
