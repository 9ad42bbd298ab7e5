"""Train the runs of a study one after the other, each one kept as soon as it is done."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.data.dataset import Dataset
from core.errors import BranchwiseError, StudyError
from core.studies.claims import Claims
from core.studies.database import Database
from core.studies.result import RunResult, RunState
from core.studies.similarity import source_runs, store_similarity
from core.studies.specification import RunSpecification, StudySpecification
from core.training.run import device_of, environment_of, run
from core.training.similarity import measure_similarity
from core.training.surroundings import surroundings

CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is.

    Args:
        n_runs: Runs this process is asked for.
        n_done: Those that are done, by whomever.
        n_failed: Those that failed.
        title: What is trained now: a run, or the networks whose features are compared; empty in between.
        fraction: How much of that run is done, 0 to 1.
        seconds_left: Estimate for the runs that are neither done nor failed; None before the first one is trained.
    """

    n_runs: int
    n_done: int
    n_failed: int
    title: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How a call of ``run_study`` ended.

    Args:
        n_runs: Runs asked for.
        n_done: Runs that are done.
        n_failed: Runs that failed.
        n_trained: Runs this call trained.
        n_elsewhere: Runs another process trains at this moment.
        seconds: Wall-clock seconds of this call.
        faults: Run title → sentence of those that failed.
        similarity: Whether the similarity of the tasks is measured, now or before.
    """

    n_runs: int
    n_done: int
    n_failed: int
    n_trained: int
    n_elsewhere: int
    seconds: float
    faults: Mapping[str, str] = field(default_factory=dict)
    similarity: bool = False


def run_study(
    specification: StudySpecification,
    database: Database,
    *,
    data: Dataset | None = None,
    part: tuple[int, int] = (1, 1),
    retry_failed: bool = False,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Summary:
    """Train what a study lacks and give how it ended.

    What is done is skipped; what another process trains is left to it. A run that fails is
    recorded and the others go on. Interrupted at any moment, the study can be resumed by
    calling this again: finished runs are kept, and the run at hand goes on from its checkpoint.
    After the last run the first part measures how alike the tasks are, where that is not known.

    Args:
        specification: What is asked.
        database: Where the study and its results are kept.
        data: The data set, where it is loaded already.
        part: ``(k, n)``: only the k-th of every n runs, so that n processes can share the work.
        retry_failed: Whether to train failed runs once more.
        command: How the study is made, as people may repeat it.
        progress: Called when a run starts or ends, and about every 50 steps in between.
        should_stop: Asked every few steps; true ends the call after giving back the run at hand.

    Raises:
        DataError: The data set has no such task.
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
        StudyError: The database can't be used, or ``part`` is none.
    """
    if not 1 <= part[0] <= part[1]:
        raise StudyError(f"Part {part[0]}/{part[1]} is none: write K/N with K from 1 to N.")
    started = time.perf_counter()
    record, dataset = surroundings(specification, data=data, command=command)
    database.put(record)
    claims = Claims.of_this_process(database)
    claims.release_dead()
    watch = _Watch(specification, database, part, progress or _silent)
    stop = should_stop or _never
    seen: list[str] = []
    n_trained = 0
    try:
        while not stop():
            asked = claims.claim(specification.name, part=part, skip=seen, retry_failed=retry_failed)
            if asked is None:
                break
            result = _trained(asked, dataset, claims, watch, stop)
            seen.append(asked.key)
            if result.state is not RunState.CANCELLED:
                claims.finish(asked.key, result)
                n_trained += 1
                watch.ended(asked, result)
    finally:
        # A run at hand, whether stopped, interrupted or broken, is given back for the next call.
        claims.release()
    similar, fault = _similarity(specification, database, dataset, part, watch, stop)
    summary = watch.summary(n_trained, time.perf_counter() - started)
    return replace(summary, similarity=similar, faults={**summary.faults, **fault})


def _trained(
    asked: RunSpecification, dataset: Dataset, claims: Claims, watch: "_Watch", stop: Callable[[], bool]
) -> RunResult:
    checkpoint = claims.database.path.parent / CHECKPOINTS / f"{asked.key}.safetensors"
    watch.show(asked, 0.0)
    with _renewing(claims, asked.key) as lost:
        return _result(
            asked,
            dataset,
            progress=lambda step, steps, _: watch.show(asked, step / steps),
            should_stop=lambda: lost.is_set() or stop(),
            checkpoint=checkpoint,
        )


def _similarity(
    specification: StudySpecification,
    database: Database,
    dataset: Dataset,
    part: tuple[int, int],
    watch: "_Watch",
    stop: Callable[[], bool],
) -> tuple[bool, dict[str, str]]:
    """Say whether the similarity of the tasks is known, after measuring it where it is due, and what went wrong."""
    if database.record(specification.name).similarity is not None:
        return True, {}
    sources = source_runs(specification)
    if not sources or part[0] != 1 or not watch.is_over() or watch.has_failed(sources):
        return False, {}
    try:
        found = measure_similarity(
            specification,
            dataset,
            progress=lambda task, done: watch.show_similarity(sources, task, done),
            should_stop=stop,
            checkpoints=database.path.parent / CHECKPOINTS,
        )
    except (BranchwiseError, RuntimeError, MemoryError) as fault:
        return False, {"similarity of the tasks": _sentence(fault)}
    if found is None:
        return False, {}
    with database.writing() as connection:
        store_similarity(connection, specification, found, database.clock())
    return True, {}


def _result(
    asked: RunSpecification,
    dataset: Dataset,
    *,
    progress: Callable[[int, int, Mapping[str, float]], None],
    should_stop: Callable[[], bool],
    checkpoint: Path,
) -> RunResult:
    device = device_of(asked.training)
    try:
        return run(asked, data=dataset, progress=progress, should_stop=should_stop, checkpoint=checkpoint)
    except (BranchwiseError, RuntimeError, MemoryError) as fault:
        # Out of memory, an unsupported operator: the world's fault, told as a sentence beside the run.
        return RunResult(
            state=RunState.FAILED,
            sentence=_sentence(fault),
            environment=environment_of(device, asked.training.threads),
        )


def _sentence(fault: Exception) -> str:
    return str(fault).strip().splitlines()[0][:500] if str(fault).strip() else type(fault).__name__


@contextmanager
def _renewing(claims: Claims, key: str) -> Iterator[threading.Event]:
    """Keep a claim alive; the event is set when the run is no longer ours."""
    lost, ended = threading.Event(), threading.Event()

    def renew() -> None:
        while not ended.wait(claims.lease / 4):
            try:
                if not claims.renew(key):
                    lost.set()
                    return
            except StudyError:
                # Locked or full at this moment: three more tries fit into the lease.
                continue

    thread = threading.Thread(target=renew, name=f"lease of {key[:8]}", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()


class _Watch:
    """Counts runs and guesses the time that is left."""

    def __init__(
        self,
        specification: StudySpecification,
        database: Database,
        part: tuple[int, int],
        report: Callable[[Progress], None],
    ) -> None:
        k, n = part
        self.asked = {run.key: run for run in specification.runs()[k - 1 :: n]}
        self.name, self.database, self.report = specification.name, database, report
        self.work_done, self.seconds, self.begin = 0.0, 0.0, time.perf_counter()
        self.state = Progress(len(self.asked), 0, 0)
        self._count()

    def show(self, run: RunSpecification, fraction: float) -> None:
        left = None
        if self.work_done:
            speed = self.work_done / self.seconds
            left = max(self.work_left - fraction * _work(run), 0.0) / speed
        self.state = replace(self.state, title=run.title, fraction=fraction, seconds_left=left)
        self.report(self.state)

    def show_similarity(self, sources: Sequence[RunSpecification], task: str, done: float) -> None:
        work = sum(map(_work, sources))
        left = (1 - done) * work * self.seconds / self.work_done if self.work_done else None
        title = f"how alike the tasks are, {done:.0%}: {task}"
        self.state = replace(self.state, title=title, fraction=0.0, seconds_left=left)
        self.report(self.state)

    def is_over(self) -> bool:
        """Say whether no run of this part is left, by whomever it is trained."""
        self._count()
        return self.state.n_done + self.state.n_failed == self.state.n_runs

    def has_failed(self, runs: Sequence[RunSpecification]) -> bool:
        keys = {run.key for run in runs}
        return any(line.key in keys and line.state == "failed" for line in self.database.runs(self.name))

    def ended(self, run: RunSpecification, result: RunResult) -> None:
        if result.state is RunState.DONE:
            self.work_done += _work(run)
            self.seconds += result.seconds
        self._count()
        self.state = replace(self.state, title="", fraction=0.0)
        self.report(self.state)

    def _count(self) -> None:
        lines = [line for line in self.database.runs(self.name) if line.key in self.asked]
        states = [line.state for line in lines]
        self.work_left = sum(_work(line.specification) for line in lines if line.state not in ("done", "failed"))
        self.n_elsewhere = states.count("running")
        self.faults = {line.specification.title: line.sentence for line in lines if line.state == "failed"}
        self.state = replace(self.state, n_done=states.count("done"), n_failed=states.count("failed"))

    def summary(self, n_trained: int, seconds: float) -> Summary:
        self._count()
        return Summary(
            self.state.n_runs,
            self.state.n_done,
            self.state.n_failed,
            n_trained,
            self.n_elsewhere,
            seconds,
            self.faults,
        )


def _work(run: RunSpecification) -> int:
    # Time goes with the number of block copies and heads; their sizes differ less than that.
    return run.tree.n_groups + len(run.tasks)


def _silent(_: Progress) -> None:
    return


def _never() -> bool:
    return False
