"""The jobs host: takes runs from the database, hands them to workers, writes back what they say."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core.errors import JobError, StudyError
from core.jobs.dispatcher import Dispatch, Dispatcher
from core.jobs.engine import Ended, Engine, EngineSettings, Told
from core.jobs.lease import Lease
from core.jobs.worker import Order
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.home import WEIGHTS

TICK = 0.2
HEARTBEAT = 1.0
# Shorter runs are handed out in advance, so that no worker waits for its next one.
SHORT_SECONDS = 5.0
_GONE = "The host that trained it ended before it was done."
_ENDING = "The host ended; it goes on from its last checkpoint when a host runs again."


@dataclass(slots=True)
class Host:
    """Dispatches the runs of one database until it is told to end, or nothing is left to do.

    The database is the truth: whatever happens to this process, another host finds there
    what was asked for and what is done, and goes on.

    Args:
        database: Whose runs.
        settings: Where they are carried out.
        idle: Seconds without work after which to end; None never ends.
        should_stop: Asked all the time; true ends the host.
        on_tick: Called some times a second.
    """

    database: Database
    settings: EngineSettings
    idle: float | None = None
    should_stop: Callable[[], bool] = field(default=lambda: False)
    on_tick: Callable[[], None] = field(default=lambda: None)
    _at_work: dict[str, Dispatch] = field(default_factory=dict)
    _told: dict[str, list[tuple[int, int, dict[str, float]]]] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)
    _steps: dict[str, int] = field(default_factory=dict)
    _deaths: dict[str, int] = field(default_factory=dict)
    _ended: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=200))
    _unsaved: list[Ended] = field(default_factory=list)
    _report: dict[str, Any] = field(default_factory=dict)

    def serve(self) -> None:
        """Serve until the end.

        Raises:
            JobError: Another host serves this database, or the scheduler can't be reached.
            StudyError: The database can't be used.
        """
        lease, queued = Lease(self.database), Dispatcher(self.database)
        lease.acquire()
        with _beating(lease, self._report) as lost:
            try:
                queued.interrupt(None, _GONE)
                engine = Engine(self.settings)
                try:
                    self._loop(lease, queued, engine, lost)
                finally:
                    queued.interrupt(lease.owner, _ENDING)
                    engine.close()
            finally:
                lease.release()

    def _loop(self, lease: Lease, queued: Dispatcher, engine: Engine, lost: threading.Event) -> None:
        look = busy = heard = time.monotonic()
        while not self.should_stop() and not lost.is_set():
            self._hear(engine, queued)
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
                self._dispatch(lease, queued, engine)
                if self._may_end(lease, now - busy):
                    return
            except StudyError:
                # Locked, or the disk is full at this moment: what is done waits in memory.
                time.sleep(TICK)
            self.on_tick()
            if self._at_work or self._unsaved:
                busy = now

    def _may_end(self, lease: Lease, quiet: float) -> bool:
        # The lease goes first: closing workers takes seconds, in which nobody should take this host for one at work.
        idle = self.idle is not None and quiet >= self.idle and not self._at_work and not self._unsaved
        return idle and lease.release_idle()

    def report(self, engine: Engine) -> dict[str, Any]:
        """Return the status of this host: workers, active runs, and runs finished in the last minutes."""
        now = time.time()
        recent = [seconds for when, seconds in self._ended if now - when < 300]
        return {
            **engine.report(),
            "at_work": len(self._at_work),
            "ended_5_minutes": len(recent),
            "busy_5_minutes": sum(recent),
            "unsaved": len(self._unsaved),
        }

    def _dispatch(self, lease: Lease, queued: Dispatcher, engine: Engine) -> None:
        slots = engine.n_slots()
        free = slots + (slots if self._are_short() else 0) - len(self._at_work)
        for dispatch in queued.take(lease.owner, free):
            self._at_work[dispatch.key] = dispatch
            engine.start(
                Order(
                    key=dispatch.key,
                    kind=dispatch.kind,
                    specification=dispatch.specification,
                    device=dispatch.device,
                    attempt=dispatch.attempt,
                    keep_weights=dispatch.keep_weights,
                    time_limit=dispatch.time_limit,
                    home=str(self.database.path.parent) if self.settings.scheduler is None else None,
                    topic="",
                    stop="",
                )
            )

    def _are_short(self) -> bool:
        last = [seconds for _, seconds in list(self._ended)[-8:]]
        return bool(last) and sum(last) / len(last) < SHORT_SECONDS

    def _cancel(self, queued: Dispatcher, engine: Engine) -> None:
        for key in queued.cancelling():
            if key in self._at_work and key not in self._stopped:
                self._stopped.add(key)
                engine.stop(key, self._at_work[key].attempt)

    def _hear(self, engine: Engine, queued: Dispatcher) -> None:
        """Take what workers sent, waiting a moment where there is nothing; progress is written in one piece."""
        ended: list[Ended] = self._unsaved
        self._unsaved = []
        until = time.monotonic() + TICK
        while (left := until - time.monotonic()) > 0 and not ended:
            try:
                message = engine.inbox.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(message, Ended):
                ended.append(message)
            else:
                self._note(message)
        while not engine.inbox.empty():
            message = engine.inbox.get()
            if isinstance(message, Ended):
                ended.append(message)
            else:
                self._note(message)
        try:
            self._write(queued)
            while ended:
                self._finish(queued, ended[0])
                ended.pop(0)
        except StudyError:
            self._unsaved = ended

    def _note(self, told: Told) -> None:
        message = told.message
        if message["what"] == "progress" and told.key in self._at_work:
            point = (int(message["step"]), int(message["steps"]), dict(message["losses"]))
            self._told.setdefault(told.key, []).append(point)
            self._steps[told.key] = point[0]

    def _write(self, queued: Dispatcher) -> None:
        if self._told:
            queued.record_progress(self._told)
            self._told = {}

    def _finish(self, queued: Dispatcher, ended: Ended) -> None:
        dispatch = self._at_work.get(ended.key)
        if dispatch is None:
            return
        if ended.lost or (ended.killed and self._got_on(ended.key)):
            queued.interrupt(None, ended.sentence, keys=[ended.key])
        elif ended.outcome is None:
            queued.finish(ended.key, _failed(ended.sentence))
        else:
            result = _read(ended.outcome["result"])
            queued.finish(ended.key, result, weights=self._kept(ended.outcome["weights"]))
            self._ended.append((time.time(), result.seconds))
        del self._at_work[ended.key]
        self._stopped.discard(ended.key)

    def _got_on(self, key: str) -> bool:
        """Say whether a run whose workers ended got further than when that happened last; then it is not to blame."""
        before, self._deaths[key] = self._deaths.get(key, 0), self._steps.get(key, 0)
        return self._deaths[key] > before

    def _kept(self, weights: str | None) -> str | None:
        # A worker without a common disk keeps them to itself: no row may name a file that is not here.
        if weights is None or not (self.database.path.parent / WEIGHTS / weights).is_file():
            return None
        return weights


@contextmanager
def _beating(lease: Lease, report: Mapping[str, Any]) -> Iterator[threading.Event]:
    """Keep the lease while other work blocks, such as starting workers; the event is set when it is lost."""
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


def _read(text: str) -> RunResult:
    try:
        return RunResult.model_validate_json(text)
    except ValidationError:
        return _failed("Its worker has another version of Branchwise than this host. Start both from the same one.")


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
) -> None:
    """Serve the runs of a database; see ``Host``.

    Raises:
        JobError: Another host serves this database, or the scheduler can't be reached.
        StudyError: The database can't be used.
    """
    Host(database, settings, idle, should_stop, on_tick).serve()
