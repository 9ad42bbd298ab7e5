"""The jobs host: takes runs from the database, submits them to workers, and writes back results and progress."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core.errors import DiskError, JobError, StudyError
from core.jobs.auto import Auto
from core.jobs.dispatcher import Dispatch, Dispatcher
from core.jobs.engine import EngineSettings, ProgressEvent, RunFinished
from core.jobs.engines import Engines
from core.jobs.lease import Lease
from core.jobs.suspects import Suspects
from core.jobs.worker import JobOrder
from core.runs.result import Environment, RunResult, RunState
from core.runs.settings import Instructions
from core.studies.database import Database
from core.studies.family import read_run
from core.studies.home import WEIGHTS
from core.studies.home_state import why_read_only

TICK = 0.2
HEARTBEAT = 1.0
# Shorter runs are submitted in advance, so that no worker waits for its next one.
SHORT_SECONDS = 5.0
# After a disk was full: a run that starts at once would end at once.
PAUSE_SECONDS = 10.0
_GONE = "The host that trained it stopped before it was done."
_ENDING = "The host stopped; the run continues from its last checkpoint when a host runs again."


@dataclass(slots=True)
class Host:
    """Dispatches the runs of one database until it is told to stop, or nothing is left to do.

    The database is the only state: whatever happens to this process, another host finds there
    what was requested and what is done, and continues.

    Args:
        database: Holds the runs.
        settings: Where they are executed.
        idle: Seconds without work after which to stop; None never stops.
        should_stop: Polled several times a second; true stops the host.
        on_tick: Called several times a second.
        patience: Seconds without room on the disk, or without a worker that fits, after which to stop; None waits.
    """

    database: Database
    settings: EngineSettings
    idle: float | None = None
    should_stop: Callable[[], bool] = field(default=lambda: False)
    on_tick: Callable[[], None] = field(default=lambda: None)
    patience: float | None = None
    _running: dict[str, Dispatch] = field(default_factory=dict)
    _progress: dict[str, list[tuple[int, int, dict[str, float]]]] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)
    _suspects: Suspects = field(default_factory=Suspects)
    _finished: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=200))
    _unsaved: list[RunFinished] = field(default_factory=list)
    _report: dict[str, Any] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _refused_since: float = 0.0
    _no_room: str = ""
    _no_room_since: float = 0.0
    _no_room_seen: bool = False
    _paused_until: float = 0.0
    _advanced: float = 0.0

    def serve(self) -> None:
        """Serve until stopped or idle.

        Raises:
            JobError: Another host serves this database, or the scheduler can't be reached.
            StudyError: The database can't be used.
            DiskError: There was no room for ``patience`` seconds.
        """
        lease, queued = Lease(self.database), Dispatcher(self.database)
        lease.acquire()
        with _heartbeat(lease, self._report) as lost:
            try:
                queued.interrupt(None, _GONE)
                engine = Engines(self.settings)
                try:
                    self._loop(lease, queued, engine, lost)
                finally:
                    queued.interrupt(lease.owner, _ENDING)
                    engine.close()
            finally:
                lease.release()

    def _loop(self, lease: Lease, queued: Dispatcher, engine: Engines, lost: threading.Event) -> None:
        look = busy = heard = time.monotonic()
        auto = Auto(self.database)
        while not self.should_stop() and not lost.is_set():
            self._receive(engine, queued)
            now = time.monotonic()
            if engine.is_up():
                heard = now
            elif now - heard > self.settings.patience:
                raise JobError(f"The scheduler {self.settings.scheduler or 'of this host'} went away. {_ENDING}")
            else:
                continue
            if now - look >= HEARTBEAT:
                look = now
                self._report.update(self.report(engine))
            try:
                self._cancel(queued, engine)
                self._advance(auto, engine)
                self._dispatch(lease, queued, engine)
                if self._may_end(lease, now - busy):
                    return
            except DiskError as fault:
                self._pause(str(fault))
            except StudyError:
                time.sleep(TICK)  # locked at this moment
            self._check_patience()
            self.on_tick()
            if self._running or self._unsaved or self._no_room:
                busy = now

    def _advance(self, auto: Auto, engine: Engines) -> None:
        """Choose what is trained next where a study asks for that, about once a second."""
        now = time.monotonic()
        if now - self._advanced >= HEARTBEAT and now >= self._paused_until:
            auto.advance(max(engine.n_slots(), 1))
            self._advanced = time.monotonic()

    def _may_end(self, lease: Lease, quiet: float) -> bool:
        # The lease is released first: closing workers takes seconds, and this host must not look active meanwhile.
        idle = self.idle is not None and quiet >= self.idle and not self._running and not self._unsaved
        return idle and lease.release_idle()

    def report(self, engine: Engines) -> dict[str, Any]:
        """Return the status of this host: workers, active runs, and runs finished in the last minutes."""
        now = time.time()
        recent = [seconds for when, seconds in self._finished if now - when < 300]
        return {
            **engine.report(),
            "at_work": len(self._running),
            "ended_5_minutes": len(recent),
            "busy_5_minutes": sum(recent),
            "unsaved": len(self._unsaved),
        }

    def _dispatch(self, lease: Lease, queued: Dispatcher, engine: Engines) -> None:
        if time.monotonic() < self._paused_until:
            return
        if reason := why_read_only(self.database.path.parent):
            self._pause(reason, seen=True)
            return
        if self._no_room_seen:
            self._no_room, self._no_room_seen = "", False
        slots = engine.n_slots()
        free = slots + (slots if self._runs_are_short() else 0) - len(self._running)
        if self._refused and engine.has_fit_worker():
            self._refused.clear()
        for dispatch in queued.take(lease.owner, free, without=self._refused):
            self._running[dispatch.key] = dispatch
            self._suspects.dispatched(dispatch.key)
            engine.start(
                JobOrder(
                    key=dispatch.key,
                    kind=dispatch.kind,
                    specification=dispatch.specification,
                    device=dispatch.device,
                    instructions=_instructions(dispatch),
                    attempt=dispatch.attempt,
                    keep_weights=dispatch.keep_weights,
                    time_limit=dispatch.time_limit,
                    code=None if dispatch.code is None else list(dispatch.code),
                    home=str(self.database.path.parent) if self.settings.scheduler is None else None,
                    topic="",
                    stop="",
                )
            )

    def _pause(self, reason: str, *, seen: bool = False) -> None:
        """Start no run for a while; finished ones wait in memory.

        Args:
            reason: Why nothing can be written.
            seen: Whether the disk itself says so; it also says when there is room again.
        """
        now = time.monotonic()
        if not self._no_room:
            self._no_room_since = now
        self._no_room_seen = seen
        self._no_room, self._paused_until = reason, now + PAUSE_SECONDS

    def _check_patience(self) -> None:
        if self.patience is not None and self._no_room and time.monotonic() - self._no_room_since > self.patience:
            raise DiskError(self._no_room)
        if not self._refused or self._running:
            self._refused_since = time.monotonic()
        elif self.patience is not None and time.monotonic() - self._refused_since > self.patience:
            raise JobError(next(iter(self._refused.values())))

    def _runs_are_short(self) -> bool:
        last = [seconds for _, seconds in list(self._finished)[-8:]]
        return bool(last) and sum(last) / len(last) < SHORT_SECONDS

    def _cancel(self, queued: Dispatcher, engine: Engines) -> None:
        for key in queued.cancelling():
            if key in self._running and key not in self._stopped:
                self._stopped.add(key)
                engine.stop(key, self._running[key].attempt)

    def _receive(self, engine: Engines, queued: Dispatcher) -> None:
        """Read messages from workers, waiting a moment if there are none; progress is written in one transaction."""
        finished: list[RunFinished] = self._unsaved
        self._unsaved = []
        until = time.monotonic() + TICK
        while (left := until - time.monotonic()) > 0 and not finished:
            try:
                message = engine.inbox.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(message, RunFinished):
                finished.append(message)
            else:
                self._note(message)
        while not engine.inbox.empty():
            message = engine.inbox.get()
            if isinstance(message, RunFinished):
                finished.append(message)
            else:
                self._note(message)
        try:
            self._write(queued)
            while finished:
                self._finish(queued, finished[0])
                finished.pop(0)
        except StudyError as fault:
            self._unsaved = finished
            if isinstance(fault, DiskError):
                self._pause(str(fault))

    def _note(self, event: ProgressEvent) -> None:
        message = event.message
        if event.key not in self._running:
            return
        if message["what"] == "started":
            self._suspects.started(event.key)
        else:
            self._no_room = ""
            point = (int(message["step"]), int(message["steps"]), dict(message["losses"]))
            self._progress.setdefault(event.key, []).append(point)
            self._suspects.progressed(event.key, point[0])

    def _write(self, queued: Dispatcher) -> None:
        if self._progress:
            queued.record_progress(self._progress)
            self._progress = {}

    def _finish(self, queued: Dispatcher, finished: RunFinished) -> None:
        dispatch = self._running.get(finished.key)
        if dispatch is None:
            return
        if finished.no_room:
            self._pause(finished.sentence)
        if finished.unfit:
            self._refused[finished.key] = finished.sentence
        if finished.lost or (finished.killed and not self._suspects.is_to_blame(finished.key)):
            queued.interrupt(None, finished.sentence, keys=[finished.key])
        elif finished.outcome is None:
            queued.finish(finished.key, _failed(finished.sentence))
        else:
            result = _read(finished.outcome["result"])
            queued.finish(finished.key, result, weights=self._kept(finished.outcome["weights"]))
            self._no_room = ""
            self._finished.append((time.time(), result.seconds))
        del self._running[finished.key]
        self._stopped.discard(finished.key)

    def _kept(self, weights: str | None) -> str | None:
        # A worker without a shared disk keeps its weights: no row may name a file that does not exist here.
        if weights is None or not (self.database.path.parent / WEIGHTS / weights).is_file():
            return None
        return weights


@contextmanager
def _heartbeat(lease: Lease, report: Mapping[str, Any]) -> Iterator[threading.Event]:
    """Renew the lease while other work blocks, such as starting workers; the event is set when the lease is lost."""
    lost, ended = threading.Event(), threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT):
            try:
                if not lease.renew(dict(report)):
                    lost.set()
                    return
            except StudyError:
                continue  # locked or full at this moment; the lease outlasts many of these

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()


def _instructions(dispatch: Dispatch) -> Instructions:
    try:
        return read_run(dispatch.kind, dispatch.specification).settings.instructions
    except StudyError:
        return "avx2"  # damaged; its worker says so


def _read(text: str) -> RunResult:
    try:
        return RunResult.model_validate_json(text)
    except ValidationError:
        return _failed("Its worker has another version of Branchwise than this host. Start both from the same version.")


def _failed(sentence: str) -> RunResult:
    unknown = Environment(device="", machine="", threads=0, versions={})
    return RunResult(state=RunState.FAILED, sentence=sentence, environment=unknown)


def serve(
    database: Database,
    settings: EngineSettings,
    *,
    idle: float | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    on_tick: Callable[[], None] = lambda: None,
    patience: float | None = None,
) -> None:
    """Serve the runs of a database; see ``Host``.

    Raises:
        JobError: Another host serves this database, or the scheduler can't be reached.
        StudyError: The database can't be used.
        DiskError: There was no room for ``patience`` seconds.
    """
    Host(database, settings, idle, should_stop, on_tick, patience).serve()
