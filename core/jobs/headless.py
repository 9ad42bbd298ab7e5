"""Train a whole study without a browser, through the same queue and host."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import mul
from typing import Protocol

from core.errors import JobError
from core.jobs.engine import EngineSettings
from core.jobs.estimate import study_work
from core.jobs.host import serve
from core.jobs.lease import current_host
from core.jobs.queue import Queue
from core.jobs.retraining import kept_results, n_replaced, runs_computed_elsewhere
from core.jobs.states import ACTIVE, JobState
from core.jobs.submission import with_parents
from core.runs.label import RunLabel
from core.studies.cells import number, whole
from core.studies.damaged_results import damaged_results
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.family import training_kinds
from core.studies.imported import JOIN, STATE
from core.studies.schema import marks
from core.studies.specification import StudySpecification

LOOK_EVERY = 0.5
# Seconds to wait for room on a full disk; what was running continues when the study is run again.
ROOM_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a study.

    Args:
        n_runs: Trainings it requests.
        n_done: Those that are done.
        n_failed: Those that failed or were skipped.
        labels: Labels of the active runs.
        fraction: Share of all work that is done, 0 to 1.
        seconds_left: Estimate; None before the first run is done.
        elsewhere: Whether another host dispatches.
    """

    n_runs: int
    n_done: int
    n_failed: int
    labels: tuple[RunLabel, ...] = ()
    fraction: float = 0.0
    seconds_left: float | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Outcome of ``run_study``.

    Args:
        n_runs: Trainings the study requests.
        n_done: Those that are done.
        n_failed: Those that failed.
        n_trained: Those that were done during this call.
        seconds: Wall-clock seconds of this call.
        faults: Run → sentence of those that failed or were skipped.
        similarity: Whether the similarity of the tasks is measured.
        kept: Run → sentence of those that were trained anew without success, and have the result they had.
    """

    n_runs: int
    n_done: int
    n_failed: int
    n_trained: int
    seconds: float
    faults: Mapping[str, str] = field(default_factory=dict)
    similarity: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)


def run_study(
    name: str,
    database: Database,
    settings: EngineSettings,
    *,
    retry_failed: bool = False,
    keep_weights: bool = False,
    again: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    requested: StudySpecification | None = None,
) -> Summary:
    """Train the missing runs of a stored study, those with a damaged result among them, and return the outcome.

    Stopped or killed at any moment, it continues from there when it is called again. Where
    another host serves the database, this call only waits until that host is done or gone.

    Args:
        name: Of the study.
        database: Holds it.
        settings: Where runs are executed.
        retry_failed: Whether to train failed runs once more.
        keep_weights: Whether to keep trained weights.
        again: Whether to train anew what was computed in another environment; its results are replaced.
        progress: Called about twice a second.
        should_stop: Polled several times a second; true stops the call; its active runs return to the queue.
        requested: The runs to train where the study holds further ones, such as those that Auto chose.

    Raises:
        StudyError: There is no such study, or the database can't be used.
        JobError: The study is a table without runs, or the scheduler can't be reached.
    """
    record = database.record(name)
    if record.specification is None:
        raise JobError(f'"{name}" is an imported table; there is nothing to train. Open a measured study.')
    begun, queued = time.perf_counter(), Queue(database)
    wanted = expand(requested or record.specification)
    if record.similarity is not None:
        wanted = [run for run in wanted if not run.travels_with_study]
    runs = with_parents(wanted)
    anew = (runs_computed_elsewhere(database, name, runs) if again else set()) | damaged_results(database, record)
    watch = _StudyProgress(name, database, {run.key for run in runs}, progress)
    queued.submit(name, runs, work=study_work(record), keep_weights=keep_weights, retry=retry_failed, anew=anew)
    serve_while(database, settings, watch, should_stop)
    found = watch.summary(time.perf_counter() - begun, similarity=database.study(name).similarity is not None)
    return replace(found, n_trained=found.n_trained + n_replaced(database, anew), kept=kept_results(database, anew))


class Watch(Protocol):
    """Reports progress of what a call waits for."""

    @property
    def left(self) -> bool:
        """Whether anything was left to do at the last look."""

    def look(self, *, elsewhere: bool) -> bool:
        """Report progress, and whether another host trains; return whether anything is left to do."""

    def tick(self) -> None:
        """Look again where the last look is a while ago."""


def serve_while(database: Database, settings: EngineSettings, watch: Watch, should_stop: Callable[[], bool]) -> None:
    """Train what is in the queue until nothing is left to do; where another host serves the database, wait for it.

    Args:
        database: Holds the queue.
        settings: Where runs are executed.
        watch: Says whether anything is left.
        should_stop: True stops the call; its active runs return to the queue.
    """
    while not should_stop() and watch.look(elsewhere=False):
        host = current_host(database)
        if host is not None and host.alive:
            watch.look(elsewhere=True)
            time.sleep(LOOK_EVERY)
            continue
        serve(
            database,
            settings,
            should_stop=lambda: should_stop() or not watch.left,
            on_tick=watch.tick,
            patience=ROOM_PATIENCE,
        )


class _StudyProgress:
    """Counts the requested runs of a study and estimates the remaining time."""

    def __init__(self, name: str, database: Database, keys: set[str], report: Callable[[Progress], None]) -> None:
        self._name, self._database, self._keys, self._report = name, database, keys, report
        self._begun = self._looked = time.monotonic()
        self._done_before = self._count()[JobState.DONE]
        self._work_before: float | None = None
        self.left = True

    def tick(self) -> None:
        """Report progress, at most every ``LOOK_EVERY`` seconds."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self.look(elsewhere=False)

    def look(self, *, elsewhere: bool) -> bool:
        """Report progress; return whether anything is left to do."""
        self._looked = time.monotonic()
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT key, runs.kind, runs.label, {STATE} AS state, work, step, steps FROM runs "
                f"JOIN study_runs ON study_runs.run_key = key JOIN studies ON id = study_runs.study_id {JOIN} "
                "WHERE name = ?",
                (self._name,),
            ).fetchall()
        self.left = any(row["state"] in ACTIVE for row in rows)
        rows = [row for row in rows if row["key"] in self._keys]
        trainings = [row for row in rows if row["kind"] in training_kinds()]
        states = [row["state"] for row in trainings]
        over = (JobState.DONE, JobState.FAILED, JobState.SKIPPED)
        work = [number(row["work"]) or 0.0 for row in rows]
        shares = [1.0 if row["state"] in over else whole(row["step"]) / (whole(row["steps"]) or 1) for row in rows]
        made, total = sum(map(mul, work, shares)), sum(work) or 1.0
        self._report(
            Progress(
                len(trainings),
                states.count(JobState.DONE),
                states.count(JobState.FAILED) + states.count(JobState.SKIPPED),
                tuple(RunLabel.stored(row["label"]) for row in rows if row["state"] == JobState.RUNNING),
                made / total,
                self._seconds_left(made, total),
                elsewhere,
            )
        )
        return self.left

    def _seconds_left(self, made: float, total: float) -> float | None:
        if self._work_before is None:
            self._work_before = made
        seconds, gained = time.monotonic() - self._begun, made - self._work_before
        return (total - made) * seconds / gained if gained > 0 else None

    def _count(self) -> dict[str, int]:
        kinds = training_kinds()
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT key, {STATE} AS state FROM runs JOIN study_runs ON study_runs.run_key = key "
                f"JOIN studies ON id = study_runs.study_id {JOIN} "
                f"WHERE name = ? AND runs.kind IN ({marks(kinds)})",
                (self._name, *kinds),
            ).fetchall()
        return dict.fromkeys(JobState, 0) | Counter(row["state"] for row in rows if row["key"] in self._keys)

    def summary(self, seconds: float, *, similarity: bool) -> Summary:
        """Return how it ended."""
        counted = self._count()
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT key, runs.label, sentence FROM runs JOIN study_runs ON study_runs.run_key = key "
                f"JOIN studies ON id = study_runs.study_id {JOIN} WHERE name = ? AND {STATE} IN ('failed', 'skipped')",
                (self._name,),
            ).fetchall()
        return Summary(
            sum(counted.values()),
            counted[JobState.DONE],
            counted[JobState.FAILED] + counted[JobState.SKIPPED],
            counted[JobState.DONE] - self._done_before,
            seconds,
            {str(RunLabel.stored(row["label"])): row["sentence"] for row in rows if row["key"] in self._keys},
            similarity,
        )
