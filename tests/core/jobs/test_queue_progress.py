"""How far the queue is, on runs that are begun and ended by hand."""

from dataclasses import replace

import pytest

from core.families.single.runs import single_run
from core.jobs.dispatcher import Dispatcher
from core.jobs.estimate import REFERENCE, Speed, calibration_of, speed, speed_of_study, study_speed, study_work
from core.jobs.jobs_reader import JobsReader
from core.jobs.queue_progress import n_sessions, queue_progress
from core.jobs.states import JobState
from core.studies.database import Database


def UNKNOWN(_study):  # noqa: N802  # a constant to the tests
    return None


def by_past_runs(database):
    return lambda _study: speed(database)


@pytest.fixture
def stored(database: Database, record):
    database.put(record)
    return database


@pytest.fixture
def runs(specification):
    return [single_run(specification, task, seed) for seed in (0, 7) for task in range(3)]


def test_there_is_no_batch_where_nothing_is_in_hand(database, stored, runs, ended):
    assert queue_progress(database, UNKNOWN) is None
    Dispatcher(stored).submit("small", runs[:1])
    (taken,) = Dispatcher(stored).take("m/1/x", 1)
    assert queue_progress(stored, by_past_runs(stored)).n_finished == 0
    Dispatcher(stored).finish(taken.key, ended())
    assert queue_progress(stored, by_past_runs(stored)) is None


def test_what_ended_before_the_queue_was_empty_does_not_count(stored, clock, runs, ended):
    queue = Dispatcher(stored)
    queue.submit("small", runs[:1], work=lambda _: 1.0)
    (taken,) = queue.take("m/1/x", 1)
    queue.finish(taken.key, ended())
    clock.now += 60
    queue.submit("small", runs[1:5], work=lambda _: 2.0)
    progress = queue_progress(stored, by_past_runs(stored))
    assert (progress.n_runs, progress.n_finished, progress.fraction) == (4, 0, 0.0)


def test_the_share_that_is_over_counts_steps_and_work(stored, runs, ended):
    queue, size = Dispatcher(stored), {run.key: float(n + 1) for n, run in enumerate(runs)}
    queue.submit("small", runs, work=lambda run: size[run.key])
    first, second = queue.take("m/1/x", 2)
    queue.finish(first.key, ended())
    queue.record_progress({second.key: [(25, 100, {})]})
    progress = queue_progress(stored, by_past_runs(stored))
    assert (progress.n_runs, progress.n_finished) == (6, 1)
    assert progress.fraction == pytest.approx((size[first.key] + size[second.key] / 4) / sum(size.values()))
    # One past run of 1 s for its unit of work.
    left = sum(size.values()) * (1 - progress.fraction)
    assert progress.seconds_left == pytest.approx(left / size[first.key])
    assert queue_progress(stored, by_past_runs(stored), workers=2).seconds_left < progress.seconds_left


def test_what_is_left_is_timed_as_the_plan_of_each_study_says(stored, record, specification, runs):
    """Runs of a slow backbone take long, whatever was trained before them."""
    queue = Dispatcher(stored)
    queue.submit("small", runs[:2], work=lambda _: 5.0)
    settings = specification.training.model_copy(update={"batch_size": 3})
    other = specification.model_copy(update={"name": "other", "training": settings})
    stored.put(replace(record, name="other", specification=other))
    queue.submit("other", [single_run(other, 0, 0)], work=lambda _: 5.0)
    asked = []

    def speed_of(study):
        asked.append(study)
        return {"small": Speed(2.0, 0), "other": Speed(30.0, 0)}[study]

    assert queue_progress(stored, speed_of).seconds_left == 2 * 10.0 + 150.0
    assert sorted(asked) == ["other", "small"]
    # The longest run is the least it takes.
    assert queue_progress(stored, speed_of, workers=9).seconds_left == 150.0


def test_before_the_first_run_the_time_is_the_one_of_the_plan(stored, record, runs):
    work = study_work(record)
    Dispatcher(stored).submit("small", runs, work=work)
    wanted = study_speed(stored, calibration_of(record.specification, record)).of([work(run) for run in runs], 2)
    progress = queue_progress(stored, lambda study: speed_of_study(stored, study), workers=2)
    assert progress.seconds_left == pytest.approx(wanted)


def test_a_study_that_is_gone_has_the_speed_of_the_machine(database):
    assert speed_of_study(database, "gone") == REFERENCE
    assert speed_of_study(database, "") == REFERENCE


def test_every_session_has_its_own_batch(stored, runs):
    queue = Dispatcher(stored)
    assert n_sessions(stored) == 0
    queue.submit("small", runs[:2], session="one")
    queue.submit("small", runs[2:], session="other")
    assert n_sessions(stored) == 2
    assert queue_progress(stored, UNKNOWN, session="one").n_runs == 2
    assert queue_progress(stored, UNKNOWN, session="nobody") is None
    assert queue_progress(stored, by_past_runs(stored)).n_runs == 6


def test_one_run_by_its_key(stored, runs):
    Dispatcher(stored).submit("small", runs[:1], session="me")
    found = JobsReader(stored).line(runs[0].key)
    assert (found.study, found.label, found.state, found.session) == ("small", runs[0].label, JobState.QUEUED, "me")
    assert found.sentence == JobState.QUEUED.sentence
    assert JobsReader(stored).line("gone") is None
