"""How long trainings take that are not made yet, with what they are compared with."""

from collections.abc import Callable, Mapping, Sequence

from core.jobs.estimate import calibration_of, study_speed, study_work
from core.jobs.queue import stored_states
from core.jobs.states import ACTIVE, JobState
from core.jobs.submission import with_parents
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.database import Database
from core.studies.record import StudyRecord


def training_time(
    database: Database, record: StudyRecord, results: Mapping[str, RunResult]
) -> Callable[[Sequence[Run]], float | None]:
    """Return the function that estimates seconds of runs and of their parents on one worker.

    It returns 0 where all of them are done, and None where one of them is in the queue, or failed: it is not to be
    trained again unasked. What was cancelled can be trained after all.

    Args:
        database: Holds past runs, and knows what is done and in the queue.
        record: The study.
        results: Run key → result of a study that is not stored.
    """
    assert record.specification is not None
    size = study_work(record)
    elsewhere = {key for key, result in results.items() if result.is_done}
    speed = study_speed(database, calibration_of(record.specification, record))

    def seconds(runs: Sequence[Run]) -> float | None:
        every = with_parents(runs)
        own = {run.key for run in runs}
        with database.reading() as connection:
            stored = stored_states(connection, [run.key for run in every], record.name)
        fresh = []
        for run in every:
            state = stored[run.key]["state"] if run.key in stored else JobState.PLANNED
            if state == JobState.DONE or (state == JobState.PLANNED and run.key in elsewhere):
                continue
            if state in ACTIVE:
                if run.key in own:
                    return None
            elif state in (JobState.PLANNED, JobState.CANCELLED):
                fresh.append(size(run))
            else:
                return None
        return speed.of(fresh, 1)

    return seconds
