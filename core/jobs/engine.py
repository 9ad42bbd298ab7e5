"""Dask as the engine that executes runs: a cluster on this machine, or any scheduler."""

import logging
import os
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client, Event, Future, KilledWorker, Nanny, Scheduler, Security, SpecCluster, Worker

from core.errors import DiskError, JobError, UnfitWorkerError
from core.jobs.instructions import pinned_instructions
from core.jobs.scheduler_address import check_address
from core.jobs.this_machine import graphics_cards
from core.jobs.worker import JobOrder, JobOutcome, run_job
from core.runs.settings import Instructions

# A run that kills its worker again and again would kill them all; after so many the run has failed.
ALLOWED_DEATHS = 2
# Workers on a busy machine may need longer to say goodbye; they end with this process at the latest.
CLOSES_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where runs are executed.

    Args:
        workers: Worker processes of a cluster on this machine; each executes one run at a time.
        threads: Threads each of them computes with.
        memory: Bytes each of them may use.
        scheduler: Address of a running Dask scheduler, or None for a cluster on this machine.
        ca: File of the certificate authority, for ``tls://``.
        certificate: File of this client's certificate.
        key: File of its private key.
        insecure: Whether plain ``tcp://`` to another machine is allowed.
        processes: Whether the workers are separate processes; threads of this one otherwise.
        patience: Seconds to wait for a scheduler to answer.
    """

    workers: int = 0
    threads: int = 1
    memory: int = 0
    scheduler: str | None = None
    ca: str = ""
    certificate: str = ""
    key: str = ""
    insecure: bool = False
    processes: bool = True
    patience: float = 30.0

    def __post_init__(self) -> None:
        if self.scheduler:
            check_address(self.scheduler, self.insecure)
        for option, file in (("ca", self.ca), ("certificate", self.certificate), ("key", self.key)):
            if file and not Path(file).is_file():
                raise JobError(f"There is no file {file[:200]}, which --tls-{option} names. Check its path.")
        if not self.workers:
            # One thread each: two networks side by side are faster than one on two cores.
            object.__setattr__(self, "workers", max((os.cpu_count() or 1) // max(self.threads, 1), 1))
        if self.memory <= 0:
            object.__setattr__(self, "memory", int(0.8 * _machine_memory() / self.workers))


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run that a worker returned.

    Args:
        key: Of the run.
        outcome: Its result, or None.
        sentence: Why it has no result.
        lost: Whether the workers, not the run, are the cause.
        killed: Whether its worker process died repeatedly while executing it.
        no_room: Whether its worker could not write to its disk.
        unfit: Whether its worker refused it, and another one has to take it.
    """

    key: str
    outcome: JobOutcome | None
    sentence: str = ""
    lost: bool = False
    killed: bool = False
    no_room: bool = False
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """A message from a run: started, or its progress."""

    key: str
    message: Mapping[str, Any]


Inbox = queue.Queue[RunFinished | ProgressEvent]


class Engine:
    """A Dask client with its cluster; events are put into ``inbox``.

    Args:
        settings: Where runs are carried out.
        instructions: CPU instructions of its workers; those of a scheduler elsewhere have what was set there.
        inbox: Shared with another engine.

    Raises:
        JobError: The scheduler can't be reached.
    """

    def __init__(
        self, settings: EngineSettings, *, instructions: Instructions = "avx2", inbox: Inbox | None = None
    ) -> None:
        self.settings = settings
        self.inbox: Inbox = queue.Queue() if inbox is None else inbox
        self._futures: dict[str, Future[Any]] = {}
        self._unfit: set[str] = set()
        self._topic = f"branchwise-{os.getpid()}-{os.urandom(4).hex()}"
        self._closing = threading.Event()
        self._cluster = None
        self._n_cards = graphics_cards()
        logging.getLogger("distributed").setLevel(logging.ERROR)
        if settings.scheduler is None:
            self._cluster = _local(settings, self._n_cards, instructions)
        self._client = _client(settings, self._cluster)
        self._client.subscribe_topic(self._topic, self._receive)

    def start(self, order: JobOrder) -> None:
        """Submit a run to the workers.

        Args:
            order: The run; its ``topic`` and ``stop`` are set here.
        """
        complete: JobOrder = {**order, "topic": self._topic, "stop": self._stop_name(order["key"], order["attempt"])}
        future = self._client.submit(
            run_job,
            complete,
            key=f"{order['key']}-{order['attempt']}-{self._topic}",
            resources=self.demands(order) or None,
            workers=sorted(self._fit()) if self._unfit and order["instructions"] != "native" else None,
            pure=False,
            retries=0,
        )
        self._futures[order["key"]] = future
        future.add_done_callback(partial(self._done, order["key"]))

    def has_fit_worker(self) -> bool:
        """Return whether some worker has not refused to compute as studies are held to."""
        return not self._unfit or bool(self._fit())

    def _fit(self) -> set[str]:
        found = set(self._client.scheduler_info(n_workers=-1)["workers"])
        self._unfit &= found
        return found - self._unfit

    def demands(self, order: JobOrder) -> dict[str, float]:
        """Return what a worker must have free for a run: Dask resource → how many of it.

        On this machine a card is demanded only where there is one: a run that must have a card
        then fails with a message instead of waiting forever.

        Args:
            order: The run.
        """
        if self._cluster is None:
            return {"GPU": 1} if order["device"].startswith("cuda") else {}
        needs_card = self._n_cards > 0 and order["device"].startswith(("cuda", "auto"))
        return {"slot": 1, "GPU": 1} if needs_card else {"slot": 1}

    def stop(self, key: str, attempt: int) -> None:
        """Request that a run ends; one that no worker has started is withdrawn at once."""
        Event(self._stop_name(key, attempt), client=self._client).set()

    def n_slots(self) -> int:
        """Return the number of runs that can execute at once: one per worker process."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"]) or self.settings.workers

    def is_up(self) -> bool:
        """Return whether the scheduler answers."""
        return bool(self._client.status == "running")

    def report(self) -> dict[str, Any]:
        """Return the status of the engine: address, and name, memory and host of every worker."""
        info = self._client.scheduler_info(n_workers=-1)
        return {
            "scheduler": "this machine" if self._cluster is not None else str(self.settings.scheduler),
            "memory_limit": self.settings.memory if self._cluster is not None else 0,
            "workers": [
                {
                    "name": str(worker.get("name", address)),
                    "host": worker.get("host", ""),
                    "threads": worker["nthreads"],
                    "memory": int(worker.get("metrics", {}).get("memory", 0)),
                    "memory_limit": int(worker.get("memory_limit", 0)),
                    "running": int(worker.get("metrics", {}).get("executing", 0)),
                }
                for address, worker in sorted(info["workers"].items())
            ],
        }

    def close(self) -> None:
        """End the workers and the client."""
        self._closing.set()
        with suppress(TimeoutError):
            self._client.close(timeout=CLOSES_WITHIN)
        if self._cluster is not None:
            with suppress(TimeoutError):
                self._cluster.close(timeout=CLOSES_WITHIN)

    def _stop_name(self, key: str, attempt: int) -> str:
        return f"stop-{key}-{attempt}-{self._topic}"

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        _, message = event
        self.inbox.put(ProgressEvent(message["key"], message))

    def _done(self, key: str, future: Future[Any]) -> None:
        if self._closing.is_set():
            return
        self._futures.pop(key, None)
        if future.status == "finished":
            self.inbox.put(RunFinished(key, future.result()))
        elif future.status == "cancelled":
            # The scheduler is gone, or has forgotten the run: its outcome is unknown.
            self.inbox.put(RunFinished(key, None, "The scheduler lost it.", lost=True))
        else:
            fault = future.exception()
            if isinstance(fault, UnfitWorkerError):
                self._unfit.add(str(fault.args[-1]))
            self.inbox.put(_failure(key, fault, self.settings))
        future.release()


def _failure(key: str, fault: BaseException | None, settings: EngineSettings) -> RunFinished:
    if isinstance(fault, KilledWorker):
        limit = f"{settings.memory / 1e9:.1f} GB"
        return RunFinished(
            key,
            None,
            f"The worker that trained it died {ALLOWED_DEATHS + 1} times; probably the run needs more memory than the "
            f"{limit} a worker has. Use a smaller batch, or raise the limit with --memory.",
            killed=True,
        )
    if isinstance(fault, DiskError):
        return RunFinished(key, None, str(fault), lost=True, no_room=True)
    if isinstance(fault, UnfitWorkerError):
        return RunFinished(key, None, str(fault), lost=True, unfit=True)
    text = str(fault).strip().splitlines()
    return RunFinished(key, None, (text[0][:400] if text else type(fault).__name__) + " (an unexpected error)")


def _local(settings: EngineSettings, n_cards: int, instructions: Instructions) -> SpecCluster:
    """Start a cluster on this machine; the first workers have a card each, as far as there are cards."""
    import dask

    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": ALLOWED_DEATHS,
            "distributed.admin.log-length": 100,
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "distributed.nanny.http.routes": [],
            # Dask's default also makes malloc return memory at every step, which halves the speed of training.
            "distributed.nanny.pre-spawn-environ": {
                **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1),
                **pinned_instructions(chosen=instructions),
            },
            # Tensors are not Dask's to spill: it would pause a worker whose memory it can't free.
            "distributed.worker.memory.target": False,
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": False,
            # Profiling a training a hundred times a second slows it down.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.system-monitor.interval": "2s",
            "distributed.admin.system-monitor.gil.enabled": False,
        }
    )
    # Other users of this machine reach the same ports: only who holds this certificate, which is kept in memory, can
    # submit code.
    security = Security.temporary()
    options = {
        "host": "127.0.0.1",
        "protocol": "tls://",
        "security": security,
        "nthreads": 1,
        "memory_limit": settings.memory,
        "dashboard_address": None,
        "silence_logs": logging.CRITICAL,
    }
    kind = Nanny if settings.processes else Worker
    if settings.processes:
        options["preload"] = ["core.jobs.interrupts"]
    return SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": {
                "host": "127.0.0.1",
                "protocol": "tls://",
                "security": security,
                # Its HTTP server, without any page: on this machine only, at any free port.
                "dashboard_address": "127.0.0.1:0",
                "dashboard": False,
            },
        },
        workers={
            place: {
                "cls": kind,
                "options": {**options, "resources": {"slot": 1} | ({"GPU": 1} if place < n_cards else {})},
            }
            for place in range(settings.workers)
        },
        security=security,
        silence_logs=logging.CRITICAL,
    )


def _client(settings: EngineSettings, cluster: SpecCluster | None) -> Client:
    security = None
    if settings.scheduler and settings.scheduler.startswith("tls://"):
        missing = [name for name in ("ca", "certificate", "key") if not getattr(settings, name)]
        if missing:
            raise JobError(f"A tls:// scheduler needs certificates. Add --tls-{missing[0]} FILE.")
        security = Security(
            tls_ca_file=settings.ca,
            tls_client_cert=settings.certificate,
            tls_client_key=settings.key,
            require_encryption=True,
        )
    try:
        return Client(cluster or settings.scheduler, security=security, timeout=settings.patience, set_as_default=False)
    except (OSError, TimeoutError) as fault:
        raise JobError(
            f"The scheduler {settings.scheduler} can't be reached: {str(fault).splitlines()[0][:200]}. "
            "Check its address and that it runs."
        ) from None


def _machine_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().total)
