"""Auto: batches are chosen and stored, nothing is trained twice, and each way to end says why."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import JobError
from core.estimators.two_task import TwoTaskTable
from core.jobs.auto import Auto
from core.jobs.auto_line import AutoState
from core.jobs.states import ACTIVE, JobState
from core.studies.advice import Goal

GOAL = Goal(tolerance=0.01, weights="uniform")


@pytest.fixture
def auto(queue):
    return Auto(queue.database)


@pytest.fixture
def train(queue, ended):
    """Give the function that trains what is in the queue: every gain is a little better than alone, with noise."""

    def trained(n=1000, state="done"):
        made = []
        while len(made) < n and (taken := queue.take("x/1/y", 1)):
            rng = np.random.default_rng([1, len(queue.keys([JobState.DONE]))])
            metrics = {
                split: {name: {"error": float(rng.uniform(0.4, 1.0))} for name in "abc"}
                for split in ("validation", "test")
            }
            found = ended(state)
            queue.finish(taken[0].key, found.model_copy(update={"metrics": metrics}) if state == "done" else found)
            made.append(taken[0].key)
        return made

    return trained


def test_it_chooses_batch_after_batch_and_trains_nothing_twice(auto, record, train, clock, queue):
    auto.start(record, GOAL)
    made = []
    for _ in range(4):
        auto.advance(2)
        line = auto.line("small")
        assert len(queue.keys(ACTIVE)) > 0
        waiting = queue.keys(ACTIVE)
        # While they are trained nothing more is chosen.
        auto.advance(2)
        assert queue.keys(ACTIVE) == waiting
        made += train()
        clock.now += 5
    assert len(made) == len(set(made))
    line = auto.line("small")
    assert 4 <= line.n_trained == len(line.runs) <= 8
    assert line.seconds >= 15
    assert line.standing.loss > 0
    assert line.standing.next


def test_a_host_that_was_killed_is_followed_by_one_that_goes_on(database, record, train, queue):
    Auto(database).start(record, GOAL)
    Auto(database).advance(2)
    chosen = Auto(database).line("small").runs
    # Killed between noting and submitting: nothing of it is in the queue.
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'planned', asked = NULL")
    Auto(database).advance(2)
    assert Auto(database).line("small").runs == chosen
    assert set(chosen) <= set(queue.keys(ACTIVE))
    made = train()
    Auto(database).start(record, GOAL)
    assert Auto(database).line("small").runs == chosen
    Auto(database).advance(2)
    assert not set(made) & set(queue.keys(ACTIVE))


def test_it_ends_after_so_many_trainings(auto, record, train):
    auto.start(record, GOAL.model_copy(update={"trainings": 3}))
    for _ in range(6):
        auto.advance(2)
        train()
    line = auto.line("small")
    assert (line.state, line.n_trained) == (AutoState.STOPPED, 3)
    assert "3 trainings" in line.sentence


def test_it_ends_when_the_minutes_are_over_and_counts_only_those_of_a_host(auto, record, clock, queue):
    auto.start(record, GOAL.model_copy(update={"minutes": 30.0}))
    clock.now += 36_000
    auto.advance(2)
    # Most of that time no host was there.
    assert auto.line("small").seconds <= 30
    while (line := auto.line("small")).state is AutoState.ACTIVE:
        assert line.seconds < 1800
        clock.now += 30
        auto.advance(2)
    assert (line.state, line.seconds, queue.n_active()) == (AutoState.STOPPED, 1800, 0)
    assert "30 minutes" in line.sentence


def test_what_takes_longer_than_the_rest_is_not_begun(auto, record, queue, monkeypatch):
    monkeypatch.setattr("core.jobs.estimate.REFERENCE_SECONDS", 1.0)
    auto.start(record, GOAL.model_copy(update={"minutes": 1e-6}))
    auto.advance(1)
    line = auto.line("small")
    assert (line.state, queue.n_active()) == (AutoState.STOPPED, 0)
    assert "more time than is left" in line.sentence


def test_stopped_it_cancels_its_own_runs_alone(auto, record, runs, queue):
    auto.start(record, GOAL)
    auto.advance(1)
    (own,) = auto.line("small").runs
    other = next(run for run in runs if run.key != own and len(run.tasks) > 1)
    queue.submit("small", [*other.parents, other])
    auto.stop("small")
    assert auto.line("small").state is AutoState.STOPPED
    assert other.key in queue.keys(ACTIVE)
    assert own in queue.keys([JobState.CANCELLED])
    auto.advance(1)
    assert own not in queue.keys(ACTIVE)


def test_a_cancelled_training_ends_it(auto, record, queue):
    auto.start(record, GOAL)
    auto.advance(1)
    queue.cancel(auto.line("small").runs)
    auto.advance(1)
    line = auto.line("small")
    assert (line.state, "cancelled" in line.sentence) == (AutoState.STOPPED, True)


def test_trainings_without_result_are_left_out_and_end_it_at_last(auto, record, train):
    auto.start(record, GOAL)
    for _ in range(6):
        auto.advance(1)
        train(state="failed")
    line = auto.line("small")
    assert (line.state, line.n_trained) == (AutoState.FAILED, 0)
    assert 1 <= len(line.runs) == len(set(line.runs)) <= 3
    assert "without a result" in line.sentence


def test_another_goal_begins_anew_and_the_same_goes_on(auto, record, train):
    auto.start(record, GOAL)
    auto.advance(1)
    train()
    runs = auto.line("small").runs
    auto.start(record, GOAL)
    assert auto.line("small").runs == runs
    auto.start(record, GOAL.model_copy(update={"tolerance": 0.02}))
    assert (auto.line("small").runs, auto.line("small").state) == ((), AutoState.ACTIVE)


def test_a_damaged_goal_ends_it_and_a_table_has_nothing_to_choose_from(auto, record, database):
    auto.start(record, GOAL)
    with database.writing() as connection:
        connection.execute("UPDATE auto SET goal = '{'")
    auto.advance(1)
    assert auto.active() == ()
    with pytest.raises(JobError, match="measured study"):
        auto.start(replace(record, specification=None, table=TwoTaskTable(tuple("abc"), np.zeros((3, 3, 3)))), GOAL)


def test_it_goes_with_its_study(auto, record, database):
    auto.start(record, GOAL)
    with database.writing() as connection:
        connection.execute("DELETE FROM studies")
    assert (auto.line("small"), auto.active()) == (None, ())


def test_what_was_cancelled_is_offered_again_when_it_is_started_again(auto, record, train, queue):
    auto.start(record, GOAL)
    auto.advance(1)
    auto.stop("small")
    cancelled = queue.keys([JobState.CANCELLED])
    assert cancelled
    auto.start(record, GOAL)
    auto.advance(1)
    assert set(queue.keys(ACTIVE)) == set(cancelled)
    assert train()
    auto.advance(1)
    assert auto.line("small").state is AutoState.ACTIVE


def test_another_goal_keeps_what_is_being_trained_and_stop_cancels_it(auto, record, queue):
    auto.start(record, GOAL)
    auto.advance(2)
    at_work = queue.keys(ACTIVE)
    auto.start(record, GOAL.model_copy(update={"tolerance": 0.02}))
    auto.advance(2)
    assert queue.keys(ACTIVE) == at_work
    auto.stop("small")
    assert queue.keys(ACTIVE) == []


def test_two_processes_that_choose_at_once_submit_once(auto, record, queue):
    auto.start(record, GOAL)
    stale = auto.line("small")
    auto.advance(1)
    at_work = queue.keys(ACTIVE)
    auto._advance(stale, 1)
    assert queue.keys(ACTIVE) == at_work
    assert len(auto.line("small").runs) == 1


def test_it_is_not_sure_before_every_task_was_measured_beside_another(auto, record, train):
    auto.start(record, GOAL.model_copy(update={"tolerance": 100.0}))
    pairs = set()
    for _ in range(2):
        auto.advance(1)
        line = auto.line("small")
        assert line.state is AutoState.ACTIVE
        pairs |= {tasks for tasks, _, _ in line.standing.next}
        train()
    auto.advance(1)
    assert len(pairs) == 2  # of three tasks; no whole layout among them
    assert () not in pairs
    line = auto.line("small")
    assert (line.state, line.n_trained, auto.active()) == (AutoState.SURE, 2, ())
    assert "the 100 points requested" in line.sentence
