"""Plan a submission: its runs and time; and put it into the queue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import JobError
from core.jobs.estimate import Speed, calibration_of, study_speed, study_work
from core.jobs.queue import Queue, Submitted, stored_states
from core.jobs.queue_limit import check_limit
from core.jobs.quota import check_quota
from core.jobs.states import ACTIVE, JobState
from core.jobs.submission import extended, kept_weights, requested_runs, with_parents
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.bundled import bundled_studies
from core.studies.code_permission import check_permitted
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification
from core.studies.submission import Submission


@dataclass(frozen=True, slots=True)
class Plan:
    """Runs and time of a submission.

    Args:
        specification: The study as it will request all this.
        runs: Every run, each after those it is compared with.
        n_done: Those that are done.
        n_waiting: Those that are in the queue already.
        n_new: Those that would be trained.
        n_again: Those of them that are done and would be trained again only for their weights.
        n_without_weights: Runs that are done without the weights that are wanted, and stay as they are.
        n_measurements: Those of the new runs that train no network, such as the similarity of tasks.
        seconds: Estimated time on this machine.
        speed: What the estimate rests on.
        n_anew: Those of the new runs that are done and whose results would be replaced.
        n_damaged: Those of the new runs whose results are damaged.
    """

    specification: StudySpecification
    runs: tuple[Run, ...]
    n_done: int
    n_waiting: int
    n_new: int
    n_again: int
    n_without_weights: int
    n_measurements: int
    seconds: float
    speed: Speed
    n_anew: int = 0
    n_damaged: int = 0


def plan(
    database: Database,
    record: StudyRecord,
    submissions: Sequence[Submission],
    *,
    results: Mapping[str, RunResult] | None = None,
    keep_weights: bool = False,
    again: bool = False,
    retry: bool = True,
    anew: Collection[str] = (),
    damaged: Collection[str] = (),
    workers: int = 1,
) -> Plan:
    """Return runs and time of a submission, without submitting it.

    Args:
        database: Where runs may be done or waiting already.
        record: The study.
        submissions: What to train.
        results: Run key → result of a study that is not stored yet.
        keep_weights: Whether the weights of what is requested are wanted. What it is compared with needs none.
        again: Whether runs that are done without them are trained again to keep them; they count as new then.
        retry: Whether runs that failed are submitted again, with those that were skipped because of them.
        anew: Keys of runs that are trained again where they are done, and whose results are replaced.
        damaged: Keys of runs whose results are damaged; they are trained again as well.
        workers: How many runs are trained at once.

    Raises:
        JobError: The study is a table without runs.
        StudyError: The request does not fit the study.
    """
    specification = extended(_specification(record), submissions)
    runs = tuple(with_parents(requested_runs(specification, submissions)))
    imported, kept = record.similarity is not None, _with_weights(specification, submissions) if keep_weights else set()
    bare = _states(database, record.name, runs, results or {}, (), imported=imported)
    damaged = {key for key in damaged if bare.get(key) == JobState.DONE}
    anew = {key for key in anew if bare.get(key) == JobState.DONE} - damaged
    needed = kept_weights(run for run in runs if run.key in anew | damaged or bare[run.key] != JobState.DONE)
    wanted = _states(database, record.name, runs, results or {}, kept | needed, imported=imported)
    states = wanted if again else _states(database, record.name, runs, results or {}, needed, imported=imported)
    n_again = sum(bare[key] == JobState.DONE != state for key, state in states.items() if key not in anew | damaged)
    states |= dict.fromkeys(anew | damaged, str(JobState.PLANNED))
    size = study_work(record)
    left_alone = () if retry else (JobState.FAILED, JobState.SKIPPED)
    new = [run for run in runs if states[run.key] not in (JobState.DONE, *ACTIVE, *left_alone)]
    fresh = [size(run) for run in new]
    known = study_speed(database, calibration_of(specification, record))
    return Plan(
        specification,
        runs,
        sum(state == JobState.DONE for state in states.values()),
        sum(state in ACTIVE for state in states.values()),
        len(fresh),
        n_again,
        sum(state == JobState.DONE != wanted[key] for key, state in states.items()),
        sum(not run.is_training for run in new),
        known.of(fresh, workers),
        known,
        len(anew),
        len(damaged),
    )


def submit(
    database: Database,
    record: StudyRecord,
    submissions: Sequence[Submission],
    *,
    results: Mapping[str, RunResult] | None = None,
    session: str = "",
    keep_weights: bool = False,
    again: bool = False,
    time_limit: float | None = None,
    limit: int | None = None,
    address: str = "",
    damaged: Collection[str] = (),
) -> Submitted:
    """Store a study with its requests, and put the runs into the queue; submitting twice changes nothing.

    Args:
        database: Where to store and queue.
        record: The study.
        submissions: What to train.
        results: Run key → result of a study that is not stored yet.
        session: Who submits.
        keep_weights: Keep the trained weights of what is requested.
        again: Whether runs that are done without them are trained again to keep them; their results stay.
        time_limit: Seconds each run may take.
        limit: Most runs a session, and an address, may have in the queue, or None.
        address: From where it is submitted.
        damaged: Keys of runs whose results are damaged; they are trained again.

    Raises:
        CodeError: It uses code of its author, which its owner did not allow.
        JobError: The study is a table without runs, the session requests too many, or the disk quota is used up.
        StudyError: The request does not fit the study, or the database can't be used.
    """
    check_quota(database)
    _check_code(database, record)
    specification = extended(_specification(record), submissions)
    runs = [
        run
        for run in with_parents(requested_runs(specification, submissions))
        if record.similarity is None or not run.travels_with_study
    ]
    if specification != record.specification or not database.has_study(record.name):
        if limit is not None:
            # Before the study is changed: what is refused leaves it as it is.
            n_new = plan(
                database,
                record,
                submissions,
                results=results,
                keep_weights=keep_weights,
                again=again,
                damaged=damaged,
            ).n_new
            _check_limit(database, session, address, n_new, limit)
        database.put(replace(record, specification=specification), results, session=_storer(record, session))
    return Queue(database).submit(
        record.name,
        runs,
        work=study_work(record),
        session=session,
        keep_weights=_with_weights(specification, submissions) if keep_weights else False,
        time_limit=time_limit,
        limit=limit,
        address=address,
        again=again,
        anew=damaged,
    )


def submit_measurement(
    database: Database,
    record: StudyRecord,
    run: Run,
    *,
    results: Mapping[str, RunResult] | None = None,
    session: str = "",
    limit: int | None = None,
    address: str = "",
) -> Submitted:
    """Put one measurement of a study into the queue.

    Args:
        database: Where to store and queue.
        record: The study.
        run: The measurement.
        results: Run key → result of a study that is not stored yet.
        session: Who submits.
        limit: Most runs a session, and an address, may have in the queue, or None.
        address: From where it is submitted.

    Raises:
        CodeError: The study uses code of its author, which its owner did not allow.
        JobError: The session submits too many, or the disk quota is used up.
        StudyError: The database can't be used.
    """
    check_quota(database)
    _check_code(database, record)
    if not database.has_study(record.name):
        if limit is not None:
            _check_limit(database, session, address, 1, limit)
        database.put(record, results, session=_storer(record, session))
    return Queue(database).submit(
        record.name, [run], work=study_work(record), session=session, limit=limit, address=address
    )


def _check_code(database: Database, record: StudyRecord) -> None:
    if record.specification is not None:
        with database.reading() as connection:
            check_permitted(connection, record.name, record.specification)


def _storer(record: StudyRecord, session: str) -> str:
    """Return whose a study is that is stored with its first request: a bundled one is everybody's, so the owner's."""
    return "" if record.name in bundled_studies() else session


def _check_limit(database: Database, session: str, address: str, n_new: int, limit: int) -> None:
    with database.reading() as connection:
        check_limit(connection, session, address, n_new, limit)


def _specification(record: StudyRecord) -> StudySpecification:
    if record.specification is None:
        raise JobError(
            f'"{record.title or record.name}" is an imported table; there is nothing to train. '
            "Open a measured study, or create one."
        )
    return record.specification


def _states(
    database: Database,
    study: str,
    runs: tuple[Run, ...],
    results: Mapping[str, RunResult],
    kept: Collection[str],
    *,
    imported: bool,
) -> dict[str, str]:
    states = {run.key: str(JobState.PLANNED) for run in runs}
    states |= {key: "done" for key, result in results.items() if key in states and key not in kept and result.is_done}
    with database.reading() as connection:
        stored = stored_states(connection, list(states), study)
    for key, row in stored.items():
        again = key in kept and row["weights"] is None
        if row["state"] != JobState.PLANNED:
            states[key] = str(JobState.PLANNED) if row["state"] == JobState.DONE and again else row["state"]
    if imported:
        states |= {run.key: "done" for run in runs if run.travels_with_study}
    return states


def _with_weights(specification: StudySpecification, submissions: Sequence[Submission]) -> set[str]:
    """Return the keys of what is requested and can keep weights."""
    return {run.key for run in requested_runs(specification, submissions) if run.can_keep_weights}
