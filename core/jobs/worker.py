"""What a worker does with one run: report progress, and stop when requested."""

import importlib
import os
import threading
import time
from pathlib import Path
from typing import Any, TypedDict

from distributed import Event, get_worker

from core.errors import UnfitWorkerError
from core.jobs.instructions import hold_to, lift_limit, wrong_instructions
from core.jobs.niceness import give_way
from core.own_code.permission import permitted
from core.runs.result import RunState
from core.runs.settings import Instructions
from core.studies.home import home

# By name, since only workers know torch.
_EXECUTE = "core.training.execute"
_WORKPLACE = "core.training.workplace"
_INSTRUCTIONS = "core.training.used_instructions"
STOP_CHECK_EVERY = 0.25
REPORT_EVERY = 0.25
# Random numbers and the number of threads belong to a whole process: two runs in one would not be repeatable.
_ONE_AT_A_TIME = threading.Lock()


class JobOrder(TypedDict):
    """One run as it goes to a worker."""

    key: str
    kind: str
    specification: str
    device: str
    instructions: Instructions
    attempt: int
    keep_weights: bool
    time_limit: float | None
    code: list[str] | None
    home: str | None
    topic: str
    stop: str


class JobOutcome(TypedDict):
    """Result of a run, as the worker returns it."""

    result: str
    weights: str | None


def run_job(order: JobOrder) -> JobOutcome:
    """Execute one run on this worker.

    Args:
        order: The run; ``home`` is None on a worker with a separate data folder.

    Raises:
        UnfitWorkerError: This worker was started by others and computes with other instructions than the study is
            held to: the run is for another worker.
    """
    give_way()
    too_late = ""
    if order["home"] is None:
        too_late = hold_to(order["instructions"])
    elif order["instructions"] == "native":
        lift_limit()
    execute = importlib.import_module(_EXECUTE).execute
    if order["home"] is None:
        _check_instructions(order["instructions"])
    workplace = importlib.import_module(_WORKPLACE).Workplace
    with _ONE_AT_A_TIME:
        reporter = _Reporter(order)
        reporter.send("started", pid=os.getpid())
        place = workplace(
            Path(order["home"]) if order["home"] else home(),
            order["keep_weights"],
            reporter.progress,
            reporter.should_stop,
        )
        with permitted(order["code"]):
            result, weights = execute(order["kind"], order["specification"], place, device=order["device"])
    if reporter.timed_out and result.state is RunState.CANCELLED:
        sentence = (
            f"Its time limit of {order['time_limit']:.0f} s was reached. Raise the limit, or train fewer epochs; "
            "submitted again, the run continues from its last checkpoint."
        )
        result = result.model_copy(update={"state": RunState.FAILED, "sentence": sentence})
    if too_late and result.is_done:
        result = result.model_copy(update={"sentence": f"{result.sentence} {too_late}".strip()})
    return JobOutcome(result=result.model_dump_json(), weights=weights)


def _check_instructions(chosen: Instructions) -> None:
    used: str = importlib.import_module(_INSTRUCTIONS).used_instructions()
    if wrong := wrong_instructions(used, chosen):
        worker = get_worker()
        raise UnfitWorkerError(
            f"Worker {worker.name} computes with {wrong}, but the study with {chosen.upper()}, which gives other "
            "results. The run waits for another worker: start that one again, or write instructions = "
            '"native" under [training] of the study.',
            worker.address,
        )


class _Reporter:
    """Sends the progress of one run to its host and receives stop requests."""

    def __init__(self, order: JobOrder) -> None:
        self._order, self._worker = order, get_worker()
        self._stop = Event(order["stop"])
        self._started = self._stop_checked = time.monotonic()
        self._reported = 0.0
        self._stopping = self.timed_out = False

    def send(self, what: str, **more: Any) -> None:  # noqa: ANN401  # any plain value
        """Send an event to the host."""
        message = {"key": self._order["key"], "attempt": self._order["attempt"], "what": what, **more}
        self._worker.log_event(self._order["topic"], message)

    def progress(self, step: int, steps: int, losses: dict[str, float]) -> None:
        """Send the progress of the run."""
        now = time.monotonic()
        # A tiny network reports its losses a hundred times a second.
        if now - self._reported >= REPORT_EVERY or step >= steps:
            self._reported = now
            self.send("progress", step=step, steps=steps, losses=dict(losses))

    def should_stop(self) -> bool:
        """Return whether the run should end: on request, or because its time limit is reached."""
        now = time.monotonic()
        limit = self._order["time_limit"]
        if limit is not None and now - self._started > limit:
            self.timed_out = True
            return True
        if not self._stopping and now - self._stop_checked >= STOP_CHECK_EVERY:
            self._stop_checked = now
            self._stopping = bool(self._stop.is_set())
        return self._stopping
