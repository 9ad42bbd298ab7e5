"""The engine of a host, and a second one for runs that may use every instruction of the processor."""

import queue
from itertools import zip_longest
from typing import Any

from core.jobs.engine import Engine, EngineSettings, Inbox
from core.jobs.instructions import pinned_instructions
from core.jobs.worker import JobOrder
from core.runs.settings import Instructions


class Engines:
    """Workers held to one set of CPU instructions, and workers without that limit from the first run that wants them.

    A process can't change the limit once torch is loaded. Both take no more runs at once than one of them would.

    Args:
        settings: Where runs are executed.

    Raises:
        JobError: The scheduler can't be reached.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.inbox: Inbox = queue.Queue()
        self._usual = Engine(settings, inbox=self.inbox)
        self._native: Engine | None = None

    def start(self, order: JobOrder) -> None:
        """Submit a run to the workers that compute as it wants.

        Args:
            order: The run.
        """
        self._of(order["instructions"]).start(order)

    def _of(self, instructions: Instructions) -> Engine:
        # Workers elsewhere, in this process, or on a processor without the limit are all of one kind.
        if instructions != "native" or self.settings.scheduler or not self.settings.processes or not _limited():
            return self._usual
        if self._native is None:
            self._native = Engine(self.settings, instructions="native", inbox=self.inbox)
        return self._native

    def stop(self, key: str, attempt: int) -> None:
        """Request that a run ends; one that no worker has started is withdrawn at once."""
        for engine in self._all():
            engine.stop(key, attempt)

    def n_slots(self) -> int:
        """Return the number of runs that can execute at once."""
        return self._usual.n_slots()

    def has_fit_worker(self) -> bool:
        """Return whether some worker has not refused to compute as studies are held to."""
        return self._usual.has_fit_worker()

    def is_up(self) -> bool:
        """Return whether the schedulers answer."""
        return all(engine.is_up() for engine in self._all())

    def report(self) -> dict[str, Any]:
        """Return the status of the workers, as ``Engine.report``; two processes that take turns are one worker."""
        usual = self._usual.report()
        if self._native is None:
            return usual
        pairs = zip_longest(usual["workers"], self._native.report()["workers"])
        return {**usual, "workers": [_together(one, other) for one, other in pairs]}

    def close(self) -> None:
        """End all workers."""
        for engine in self._all():
            engine.close()

    def _all(self) -> list[Engine]:
        return [engine for engine in (self._usual, self._native) if engine is not None]


def _together(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any]:
    if one is None or other is None:
        return one or other or {}
    return {**one, **{name: one[name] + other[name] for name in ("memory", "running")}}


def _limited() -> bool:
    return bool(pinned_instructions())
