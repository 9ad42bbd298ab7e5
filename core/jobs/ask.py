"""From a wish to the queue: what it would take, and asking for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from core.errors import JobError
from core.jobs.estimate import speed, work_of
from core.jobs.graph import Request, asked_runs, extended, runs_of, with_weights
from core.jobs.queue import Queue, Submitted, stored_states
from core.jobs.quota import check_quota
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database
from core.studies.measurements import SIMILARITY, WITH_WEIGHTS, AnyRun, kind_of
from core.studies.record import StudyRecord
from core.studies.result import RunResult, RunState
from core.studies.specification import StudySpecification


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request takes.

    Args:
        specification: The study as it will ask for all this.
        runs: Every run, each after those it is compared with.
        n_done: Those that are done.
        n_waiting: Those that are in the queue already.
        n_new: Those that would be trained.
        n_again: Those of them that are done and would be trained again only for their weights.
        seconds: How long these will take on this machine, or None where nothing is known of its speed.
        n_timed: How many past runs of this machine that is found from.
    """

    specification: StudySpecification
    runs: tuple[AnyRun, ...]
    n_done: int
    n_waiting: int
    n_new: int
    n_again: int
    seconds: float | None
    n_timed: int


def plan(
    database: Database,
    record: StudyRecord,
    request: Request,
    *,
    results: Mapping[str, RunResult] | None = None,
    keep_weights: bool = False,
    workers: int = 1,
) -> Plan:
    """Give what a request takes, without asking for it.

    Args:
        database: Where runs may be done or waiting already.
        record: The study.
        request: What to train.
        results: Run key → result of a study that is not stored yet.
        keep_weights: Whether the weights of what is requested are wanted; where it is done without them it
            counts as new then. What it is compared with needs none.
        workers: How many runs are trained at once.

    Raises:
        JobError: The study is a table without runs.
        StudyError: The request does not fit the study.
    """
    specification = extended(_specification(record), request)
    runs = tuple(runs_of(specification, request))
    similar, kept = record.similarity is not None, _with_weights(specification, request) if keep_weights else set()
    bare = _states(database, runs, results or {}, (), similar=similar)
    kept |= with_weights(run for run in runs if bare[run.key] != JobState.DONE)
    states = _states(database, runs, results or {}, kept, similar=similar) if kept else bare
    size = work_of(record.backbone)
    fresh = [size(run) for run in runs if states[run.key] not in (JobState.DONE, *ACTIVE)]
    known = speed(database)
    return Plan(
        specification,
        runs,
        sum(state == JobState.DONE for state in states.values()),
        sum(state in ACTIVE for state in states.values()),
        len(fresh),
        sum(bare[key] == JobState.DONE != state for key, state in states.items()),
        known.of(fresh, workers),
        known.n_runs,
    )


def ask(
    database: Database,
    record: StudyRecord,
    request: Request,
    *,
    results: Mapping[str, RunResult] | None = None,
    session: str = "",
    keep_weights: bool = False,
    time_limit: float | None = None,
    limit: int | None = None,
) -> Submitted:
    """Store a study with what is requested of it, and put the runs into the queue; asking twice changes nothing.

    Args:
        database: Where to store and queue.
        record: The study.
        request: What to train.
        results: Run key → result of a study that is not stored yet.
        session: Who asks.
        keep_weights: Keep the trained weights of what is requested.
        time_limit: Seconds each run may take.
        limit: Most runs a session may have in the queue, or None.

    Raises:
        JobError: The study is a table without runs, the session asks for too many, or the disk quota is used up.
        StudyError: The request does not fit the study, or the database can't be used.
    """
    check_quota(database)
    specification = extended(_specification(record), request)
    runs = [run for run in runs_of(specification, request) if record.similarity is None or kind_of(run) != SIMILARITY]
    if specification != record.specification or not any(line.name == record.name for line in database.studies()):
        database.put(replace(record, specification=specification), results)
    return Queue(database).submit(
        record.name,
        runs,
        work=work_of(record.backbone),
        session=session,
        keep_weights=_with_weights(specification, request) if keep_weights else False,
        time_limit=time_limit,
        limit=limit,
    )


def ask_measurement(
    database: Database,
    record: StudyRecord,
    run: AnyRun,
    *,
    results: Mapping[str, RunResult] | None = None,
    session: str = "",
    limit: int | None = None,
) -> Submitted:
    """Put one measurement into the queue that belongs to a study and is none of its trainings.

    Args:
        database: Where to store and queue.
        record: The study.
        run: The measurement.
        results: Run key → result of a study that is not stored yet.
        session: Who asks.
        limit: Most runs a session may have in the queue, or None.

    Raises:
        JobError: The session asks for too many, or the disk quota is used up.
        StudyError: The database can't be used.
    """
    check_quota(database)
    if not any(line.name == record.name for line in database.studies()):
        database.put(record, results)
    return Queue(database).submit(record.name, [run], work=work_of(record.backbone), session=session, limit=limit)


def _specification(record: StudyRecord) -> StudySpecification:
    if record.specification is None:
        raise JobError(
            f'"{record.title or record.name}" is a table that was brought in; there is nothing to train. '
            "Open a measured study, or create one."
        )
    return record.specification


def _states(
    database: Database,
    runs: tuple[AnyRun, ...],
    results: Mapping[str, RunResult],
    kept: Collection[str],
    *,
    similar: bool,
) -> dict[str, str]:
    states = {run.key: str(JobState.PLANNED) for run in runs}
    states |= {
        key: "done"
        for key, result in results.items()
        if key in states and key not in kept and result.state is RunState.DONE
    }
    with database.reading() as connection:
        stored = stored_states(connection, list(states))
    for key, row in stored.items():
        again = key in kept and row["weights"] is None
        states[key] = str(JobState.PLANNED) if row["state"] == JobState.DONE and again else row["state"]
    if similar:
        states |= {run.key: "done" for run in runs if kind_of(run) == SIMILARITY}
    return states


def _with_weights(specification: StudySpecification, request: Request) -> set[str]:
    """Give the keys of what is requested and has weights: every training, no measurement."""
    return {run.key for run in asked_runs(specification, request) if kind_of(run) in WITH_WEIGHTS}
