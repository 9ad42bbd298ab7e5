"""How far the queue is, on runs that are begun and ended by hand."""

import pytest

from core.families.single.runs import single_run
from core.jobs.dispatcher import Dispatcher
from core.jobs.estimate import speed
from core.jobs.jobs_reader import JobsReader
from core.jobs.queue_progress import n_sessions, queue_progress
from core.jobs.states import JobState
from core.studies.database import Database

UNKNOWN = None


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
    assert queue_progress(stored, speed(stored)).n_finished == 0
    Dispatcher(stored).finish(taken.key, ended())
    assert queue_progress(stored, speed(stored)) is None


def test_what_ended_before_the_queue_was_empty_does_not_count(stored, clock, runs, ended):
    queue = Dispatcher(stored)
    queue.submit("small", runs[:1], work=lambda _: 1.0)
    (taken,) = queue.take("m/1/x", 1)
    queue.finish(taken.key, ended())
    clock.now += 60
    queue.submit("small", runs[1:5], work=lambda _: 2.0)
    progress = queue_progress(stored, speed(stored))
    assert (progress.n_runs, progress.n_finished, progress.fraction) == (4, 0, 0.0)


def test_the_share_that_is_over_counts_steps_and_work(stored, runs, ended):
    queue, size = Dispatcher(stored), {run.key: float(n + 1) for n, run in enumerate(runs)}
    queue.submit("small", runs, work=lambda run: size[run.key])
    first, second = queue.take("m/1/x", 2)
    queue.finish(first.key, ended())
    queue.record_progress({second.key: [(25, 100, {})]})
    progress = queue_progress(stored, speed(stored))
    assert (progress.n_runs, progress.n_finished) == (6, 1)
    assert progress.fraction == pytest.approx((size[first.key] + size[second.key] / 4) / sum(size.values()))
    # One past run of 1 s for its unit of work.
    left = sum(size.values()) * (1 - progress.fraction)
    assert progress.seconds_left == pytest.approx(left / size[first.key])
    assert queue_progress(stored, speed(stored), workers=2).seconds_left < progress.seconds_left


def test_every_session_has_its_own_batch(stored, runs):
    queue = Dispatcher(stored)
    assert n_sessions(stored) == 0
    queue.submit("small", runs[:2], session="one")
    queue.submit("small", runs[2:], session="other")
    assert n_sessions(stored) == 2
    assert queue_progress(stored, UNKNOWN, session="one").n_runs == 2
    assert queue_progress(stored, UNKNOWN, session="nobody") is None
    assert queue_progress(stored, speed(stored)).n_runs == 6


def test_one_run_by_its_key(stored, runs):
    Dispatcher(stored).submit("small", runs[:1], session="me")
    found = JobsReader(stored).line(runs[0].key)
    assert (found.study, found.label, found.state, found.session) == ("small", runs[0].label, JobState.QUEUED, "me")
    assert found.sentence == JobState.QUEUED.sentence
    assert JobsReader(stored).line("gone") is None
