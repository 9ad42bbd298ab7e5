"""Train what tells most of a study without a browser, until its recommendation is sure enough."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import JobError
from core.jobs.auto import Auto
from core.jobs.auto_line import AutoLine, AutoState
from core.jobs.engine import EngineSettings
from core.jobs.headless import LOOK_EVERY, serve_while
from core.studies.advice import Goal
from core.studies.database import Database


def run_until(
    name: str,
    database: Database,
    settings: EngineSettings,
    goal: Goal,
    *,
    progress: Callable[[AutoLine], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> AutoLine:
    """Train what tells most of a stored study, batch after batch, and return how it ended.

    Stopped or killed at any moment, it continues from there when it is called again with the same goal. Where another
    host serves the database, that one trains and this call waits.

    Args:
        name: Of the study.
        database: Holds it.
        settings: Where runs are executed.
        goal: Until when.
        progress: Called about twice a second.
        should_stop: Polled several times a second; true stops the call; its active runs return to the queue.

    Raises:
        JobError: The study has nothing to choose from, or the scheduler can't be reached.
        StudyError: There is no such study, or the database can't be used.
    """
    auto = Auto(database)
    auto.start(database.record(name), goal)
    if not settings.scheduler:
        # Workers take a while to start, and it may be sure already.
        auto.advance(settings.workers)
    watch = _Watch(name, auto, progress)
    serve_while(database, settings, watch, should_stop)
    line = auto.line(name)
    if line is None:
        raise JobError(f'The study "{name}" was deleted while it was trained.')
    return line


@dataclass(slots=True)
class _Watch:
    """Reports how it stands, at most every ``LOOK_EVERY`` seconds."""

    name: str
    auto: Auto
    report: Callable[[AutoLine], None]
    left: bool = True
    _looked: float = 0.0

    def tick(self) -> None:
        """Report how it stands, at most every ``LOOK_EVERY`` seconds."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self.look(elsewhere=False)

    def look(self, *, elsewhere: bool) -> bool:  # noqa: ARG002  # who trains is not said of Auto
        """Report how it stands; return whether it goes on."""
        self._looked = time.monotonic()
        line = self.auto.line(self.name)
        if line is not None:
            self.report(line)
        self.left = line is not None and line.state is AutoState.ACTIVE
        return self.left
