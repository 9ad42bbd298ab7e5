"""The host with real trainings; workers are threads of this process where nothing has to be killed."""

import threading
import time

import pytest

from core.errors import JobError
from core.families.layouts.runs import LayoutSubmission, TableSubmission, oracle_layouts
from core.families.recombined.runs import SimilaritySubmission
from core.families.single.runs import single_run
from core.families.switching.results import switching_of
from core.families.switching.runs import SwitchingRun
from core.jobs.engine import EngineSettings
from core.jobs.headless import run_study
from core.jobs.host import serve
from core.jobs.jobs_reader import JobsReader
from core.jobs.lease import Lease, current_host
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.jobs.submit import plan, submit, submit_measurement
from core.layouts import Layout
from core.networks.plan import BackbonePlan
from core.networks.tree import count_parameters
from core.studies.expand import trainings
from core.studies.measured import LayoutResults

SMALL = tuple(count_parameters(block) for block in BackbonePlan("small_residual(width=4)", (16, 16)).blocks())
HERE = EngineSettings(workers=2, memory=10**9, processes=False)


def test_a_study_is_trained_once(stored, home):
    seen = []
    first = run_study("tiny", stored, HERE, progress=seen.append)
    assert (first.n_runs, first.n_done, first.n_failed, first.n_trained) == (10, 10, 0, 10)
    assert first.similarity
    assert not first.faults
    assert seen[-1].fraction == 1.0
    study = stored.study("tiny")
    measured = study.result(LayoutResults)
    assert not measured.table.holes.any()
    assert study.similarity is not None
    assert len(measured.oracle.layouts) == 2
    assert current_host(stored) is None
    assert not list((home / "checkpoints").glob("*"))
    again = run_study("tiny", stored, HERE)
    assert (again.n_done, again.n_trained) == (10, 0)


def test_workers_side_by_side_give_what_one_alone_gives(stored, home, tiny):
    from core.training.execute import execute
    from core.training.workplace import Workplace

    run_study("tiny", stored, HERE)
    results = stored.results("tiny")
    for run in trainings(tiny)[:4]:
        alone, _ = execute("layout", run.model_dump_json(), Workplace(home))
        assert alone.metrics == results[run.key].metrics


def test_stopped_and_called_again_it_goes_on(stored):
    def stop_after_three():
        return JobsReader(stored).counts()[JobState.DONE] >= 3

    stopped = run_study("tiny", stored, HERE, should_stop=stop_after_three)
    assert 3 <= stopped.n_done < 10
    counts = JobsReader(stored).counts()
    assert counts[JobState.RUNNING] == 0
    rest = run_study("tiny", stored, HERE)
    assert rest.n_done == 10
    assert rest.n_trained == 10 - stopped.n_done


def test_weights_are_kept_on_request_also_of_what_is_done(stored, home, tiny):
    run_study("tiny", stored, HERE)
    assert not (home / "weights").exists()
    again = run_study("tiny", stored, HERE, keep_weights=True)
    assert again.n_done == 10
    assert {path.stem for path in (home / "weights").iterdir()} == {run.key for run in trainings(tiny)}


def test_a_diverged_run_is_a_sentence_and_skips_what_needs_it(tiny, stored):
    from core.training.prepare_study import prepare_study

    hot = tiny.training.model_copy(update={"optimizer": "sgd", "learning_rate": 10.0, "epochs": 40, "average": 0.0})
    wild = tiny.model_copy(update={"training": hot})
    stored.put(prepare_study(wild)[0])
    summary = run_study("tiny", stored, HERE)
    assert summary.n_failed > 0
    assert any("not-a-number at step" in sentence for sentence in summary.faults.values())
    assert run_study("tiny", stored, HERE).n_trained == 0
    assert run_study("tiny", stored, HERE, retry_failed=True).n_failed == summary.n_failed


def test_a_run_is_cancelled_and_resumes_from_its_checkpoint(tiny, home, stored):
    long = tiny.model_copy(update={"training": tiny.training.model_copy(update={"epochs": 1000})})
    from core.training.prepare_study import prepare_study

    stored.put(prepare_study(long)[0])
    key = single_run(long, 0, 0).key
    queue, reader, ended = Queue(stored), JobsReader(stored), threading.Event()
    queue.submit("tiny", [single_run(long, 0, 0)])
    host = threading.Thread(target=serve, args=(stored, HERE), kwargs={"should_stop": ended.is_set})
    host.start()
    try:
        until(lambda: any(line.key == key and line.step > 4 for line in reader.lines(states=[JobState.RUNNING])))
        queue.cancel([key])
        until(lambda: not reader.lines(states=[JobState.CANCELLING]))
        line = next(line for line in reader.lines() if line.key == key)
        assert line.state is JobState.CANCELLED
        assert line.sentence.startswith("Cancelled after")
        assert (home / "checkpoints" / f"{key}.safetensors").is_file()
        assert [sentence for _, sentence in reader.log(key)][-1].startswith("Cancelled.")
        queue.retry([key])
        until(lambda: any(line.key == key and line.step > 4 for line in reader.lines(states=[JobState.RUNNING])))
        assert reader.curve(key)[0].step >= 2
    finally:
        ended.set()
        host.join()
    assert reader.counts()[JobState.RUNNING] == 0


def test_a_time_limit_ends_a_run_with_a_sentence(tiny, stored):
    from core.training.prepare_study import prepare_study

    long = tiny.model_copy(update={"training": tiny.training.model_copy(update={"epochs": 1000})})
    stored.put(prepare_study(long)[0])
    submit(stored, stored.record("tiny"), [TableSubmission((0,), singles_only=True)], time_limit=0.2)
    serve(stored, HERE, idle=0.0)
    lines = JobsReader(stored).lines(states=[JobState.FAILED])
    assert len(lines) == 2
    assert lines[0].sentence.startswith("Its time limit of 0 s")


def test_two_hosts_on_one_database_and_one_dispatches(stored):
    lease = Lease(stored)
    lease.acquire()
    with pytest.raises(JobError, match="Another host"):
        serve(stored, HERE, idle=0.0)
    lease.release()
    serve(stored, HERE, idle=0.0)


def test_a_plan_says_what_a_request_takes(stored):
    record = stored.record("tiny")
    shared = Layout.parse("0,1|0,1|0,1|0,1|0,1")
    request = [LayoutSubmission((shared,), (5,)), SimilaritySubmission()]
    before = plan(stored, record, request)
    assert (before.n_done, before.n_waiting, before.n_new) == (0, 0, 6)
    assert before.seconds > 0
    asked = submit(stored, record, request)
    assert asked.n_new == 6
    assert plan(stored, stored.record("tiny"), request).n_waiting == 6
    serve(stored, HERE, idle=0.0)
    after = plan(stored, stored.record("tiny"), [LayoutSubmission((shared,), (5, 6))])
    assert (after.n_done, after.n_waiting, after.n_new) == (3, 0, 3)
    assert after.seconds > 0
    assert shared in oracle_layouts(stored.record("tiny").specification)


def until(condition):
    """Wait for something that another thread brings about."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def test_a_switch_is_measured_on_the_side_of_a_study(stored):
    run = SwitchingRun(
        backbone="small", builder="small_residual(width=4)", size=(16, 16), params=SMALL, cut=2, n_branches=1,
        repeats=1, asked=7,
    )  # fmt: skip
    assert submit_measurement(stored, stored.record("tiny"), run).n_new == 1
    before = stored.studies()
    serve(stored, HERE, idle=0.5)
    assert switching_of(stored.results("tiny", "switching")[run.key].payload["switching"]).report.repeats == 1
    # It is none of the trainings that a study is made of.
    assert [line.n_runs for line in stored.studies()] == [line.n_runs for line in before]
    assert submit_measurement(stored, stored.record("tiny"), run).n_new == 0
