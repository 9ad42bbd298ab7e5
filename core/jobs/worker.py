"""What runs on a worker: one run, with progress going out and a request to stop coming in."""

import importlib
import os
import threading
import time
from pathlib import Path
from typing import Any, TypedDict

from distributed import Event, get_worker

from core.runs.result import RunState
from core.studies.home import home

# By name, since only workers know torch.
_EXECUTE = "core.training.execute"
_WORKPLACE = "core.training.workplace"
ASK_EVERY = 0.25
REPORT_EVERY = 0.25
# Random numbers and the number of threads belong to a whole process: two runs in one would not be repeatable.
_ONE_AT_A_TIME = threading.Lock()


class Order(TypedDict):
    """One run as it goes to a worker."""

    key: str
    kind: str
    specification: str
    device: str
    attempt: int
    keep_weights: bool
    time_limit: float | None
    home: str | None
    topic: str
    stop: str


class Outcome(TypedDict):
    """How a run ended, as it comes back."""

    result: str
    weights: str | None


def carry_out(order: Order) -> Outcome:
    """Carry out one run on this worker.

    Args:
        order: What to do; ``home`` is None on a worker that has a folder of its own.
    """
    execute = importlib.import_module(_EXECUTE).execute
    workplace = importlib.import_module(_WORKPLACE).Workplace
    with _ONE_AT_A_TIME:
        watch = _Watch(order)
        watch.tell("started", pid=os.getpid())
        place = workplace(
            Path(order["home"]) if order["home"] else home(), order["keep_weights"], watch.progress, watch.should_stop
        )
        result, weights = execute(order["kind"], order["specification"], place, device=order["device"])
    if watch.too_long and result.state is RunState.CANCELLED:
        sentence = (
            f"Its time limit of {order['time_limit']:.0f} s was over. Raise the limit, or train fewer epochs; "
            "asked for again it goes on from its last checkpoint."
        )
        result = result.model_copy(update={"state": RunState.FAILED, "sentence": sentence})
    return Outcome(result=result.model_dump_json(), weights=weights)


class _Watch:
    """The line between one run and its host."""

    def __init__(self, order: Order) -> None:
        self._order, self._worker = order, get_worker()
        self._stop = Event(order["stop"])
        self._begun = self._asked = time.monotonic()
        self._told = 0.0
        self._stopping = self.too_long = False

    def tell(self, what: str, **more: Any) -> None:  # noqa: ANN401  # any plain value
        """Send an event to the host."""
        message = {"key": self._order["key"], "attempt": self._order["attempt"], "what": what, **more}
        self._worker.log_event(self._order["topic"], message)

    def progress(self, step: int, steps: int, losses: dict[str, float]) -> None:
        """Send how far the run is."""
        now = time.monotonic()
        # A tiny network looks at its losses a hundred times a second.
        if now - self._told >= REPORT_EVERY or step >= steps:
            self._told = now
            self.tell("progress", step=step, steps=steps, losses=dict(losses))

    def should_stop(self) -> bool:
        """Say whether the run is to end: on request, or because its time is over."""
        now = time.monotonic()
        limit = self._order["time_limit"]
        if limit is not None and now - self._begun > limit:
            self.too_long = True
            return True
        if not self._stopping and now - self._asked >= ASK_EVERY:
            self._asked = now
            self._stopping = bool(self._stop.is_set())
        return self._stopping
