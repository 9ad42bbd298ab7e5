import pytest

from core.errors import StudyError
from core.jobs.jobs_reader import JobsReader
from core.jobs.lease import Lease
from core.jobs.states import JobState
from core.runs.label import UNREADABLE
from core.runs.result import CurvePoint

ME = "here/1/x"


@pytest.fixture
def lease(database):
    """The lease of a host that is at work."""
    held = Lease(database, owner=ME)
    held.acquire()
    return held


@pytest.fixture
def reader(database, lease):  # noqa: ARG001  # runs at work have a host
    return JobsReader(database)


@pytest.mark.usefixtures("queue")
def test_nothing_is_shown_before_anybody_asked(reader, runs):
    assert reader.lines() == ()
    counts = reader.counts()
    assert set(counts) == set(JobState)
    assert counts[JobState.PLANNED] == len(runs)


def test_those_at_work_come_first_then_the_next_in_line_then_the_last_ended(queue, reader, runs, ended, clock):
    queue.submit("small", runs, work=lambda run: float(run.label.tasks[0] == "b"))
    first, second, third = queue.take(ME, 3)
    clock.now += 1
    queue.finish(first.key, ended())
    clock.now += 1
    queue.finish(second.key, ended("failed", "No."))
    lines = reader.lines(limit=100)
    assert lines[0].key == third.key
    places = {line.state: place for place, line in enumerate(lines)}
    assert places[JobState.RUNNING] < places[JobState.QUEUED] < places[JobState.WAITING] < places[JobState.DONE]
    queued = [line.work for line in lines if line.state is JobState.QUEUED]
    assert queued == sorted(queued)
    failed = next(line for line in lines if line.state is JobState.FAILED)
    assert failed.sentence == "No."
    assert next(line for line in lines if line.state is JobState.WAITING).sentence == JobState.WAITING.sentence


def test_pages_of_the_list_follow_each_other(queue, reader, runs):
    queue.submit("small", runs)
    whole = [line.key for line in reader.lines(limit=100)]
    assert len(whole) == len(runs)
    parts = [line.key for start in range(0, len(runs), 4) for line in reader.lines(limit=4, offset=start)]
    assert parts == whole


def test_lines_of_one_study_and_one_session(queue, reader, runs):
    queue.submit("small", runs[:2], session="one")
    queue.submit("small", runs[2:4], session="other")
    assert {line.key for line in reader.lines(session="one")} == {run.key for run in runs[:2]}
    assert reader.counts(session="other")[JobState.QUEUED] == 2
    assert reader.lines(study="another") == ()
    assert {line.study for line in reader.lines()} == {"small"}


def test_what_is_done_of_a_run_grows_with_every_step(queue, reader, runs):
    queue.submit("small", runs[:2], work=lambda _: 10.0)
    key = queue.take(ME, 1)[0].key
    queue.record_progress({key: [(3, 12, {"a": 1.0})]})
    assert reader.lines()[0].fraction == 0.25


def test_curve_and_log_of_a_run(queue, reader, runs, ended):
    queue.submit("small", runs[:1])
    key = queue.take(ME, 1)[0].key
    queue.record_progress({key: [(1, 9, {"a": 2.0}), (2, 9, {"a": float("inf")})]})
    assert [(point.step, point.losses) for point in reader.curve(key)] == [(1, {"a": 2.0}), (2, {})]
    queue.finish(key, ended())
    assert reader.curve(key) == ()
    assert reader.result(key) == ended()
    assert [sentence for _, sentence in reader.log(key)] == [
        "Attempt 1 submitted to a worker.",
        "Done.",
    ]
    assert reader.result("unknown") is None


def test_runs_of_a_host_that_is_gone_are_interrupted(queue, reader, runs, lease, clock):
    queue.submit("small", runs[:3])
    stopping, running = (each.key for each in queue.take(ME, 2))
    queue.cancel([stopping])
    states = {line.key: line.state for line in reader.lines()}
    assert (states[stopping], states[running]) == (JobState.CANCELLING, JobState.RUNNING)
    clock.now += lease.seconds + 1
    for key in (stopping, running):
        assert reader.line(key).state is JobState.INTERRUPTED
        assert reader.line(key).sentence == JobState.INTERRUPTED.sentence
    assert {line.key for line in reader.lines(states=[JobState.INTERRUPTED])} == {stopping, running}
    assert not reader.lines(states=[JobState.RUNNING, JobState.CANCELLING])
    assert reader.counts()[JobState.INTERRUPTED] == 2
    # Nobody is left to stop it within a few steps.
    assert queue.cancel([stopping]) == 1
    assert reader.line(stopping).state is JobState.CANCELLED


def test_last_losses_of_runs_at_work_and_done(queue, reader, runs, ended):
    queue.submit("small", runs[:3])
    done, running, _ = (each.key for each in queue.take(ME, 3))
    queue.record_progress({running: [(1, 9, {"a": 8.0}), (2, 9, {"a": 2.0, "b": 4.0, "c": float("nan")})]})
    curve = (CurvePoint(step=1, losses={"a": 9.0}), CurvePoint(step=2, losses={"a": 1.0, "b": 2.0}))
    queue.finish(done, ended(curve=curve))
    losses = reader.last_losses([each.key for each in runs[:3]])
    assert losses == {running: 3.0, done: 1.5}


def test_lines_of_some_runs_only(queue, reader, runs):
    queue.submit("small", runs)
    wanted = {runs[1].key, runs[4].key}
    assert {line.key for line in reader.lines(keys=sorted(wanted))} == wanted
    assert reader.lines(keys=[]) == ()


def test_a_diverged_run_that_is_done_has_the_loss_of_its_other_tasks(queue, reader, runs, ended):
    queue.submit("small", runs[:1])
    (done,) = (each.key for each in queue.take(ME, 1))
    curve = (CurvePoint(step=1, losses={"a": float("nan"), "b": 2.0, "c": float("inf")}),)
    queue.finish(done, ended(curve=curve))
    assert reader.last_losses([done]) == {done: 2.0}


@pytest.mark.parametrize("text", ["{", "{}", "null"])
def test_one_damaged_row_hides_no_other(database, queue, reader, runs, ended, text):
    queue.submit("small", runs[:2])
    bad, good = (each.key for each in queue.take(ME, 2))
    for key in (bad, good):
        queue.finish(key, ended(curve=(CurvePoint(step=1, losses={"a": 2.0}),)))
    with database.writing() as connection:
        connection.execute("UPDATE runs SET label = ?, result = ? WHERE key = ?", (text, text, bad))
    assert {line.key for line in reader.lines()} == {bad, good}
    assert reader.line(bad).label.kind == UNREADABLE
    assert reader.last_losses([bad, good]) == {good: 2.0}
    with pytest.raises(StudyError, match="damaged"):
        reader.result(bad)


def test_a_run_with_a_damaged_label_can_fail(database, queue, reader, runs, ended):
    queue.submit("small", runs[:1])
    (bad,) = (each.key for each in queue.take(ME, 1))
    with database.writing() as connection:
        connection.execute("UPDATE runs SET label = '{' WHERE key = ?", (bad,))
    queue.finish(bad, ended(state="failed"))
    assert reader.line(bad).state is JobState.FAILED


def test_runs_of_some_kinds_are_counted_alone(queue, reader, runs):
    queue.submit("small", runs)
    kind = runs[0].kind
    alike = sum(run.kind == kind for run in runs)
    assert 0 < sum(reader.counts(kinds=(kind,)).values()) == alike
    assert sum(reader.counts(kinds=("timing",)).values()) == 0
