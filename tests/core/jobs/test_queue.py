from dataclasses import replace

import pytest

from core.errors import JobError
from core.families.layouts.runs import pair_run
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import recombined_runs
from core.families.single.runs import single_run
from core.jobs.dispatcher import Dispatcher
from core.jobs.lease import Lease
from core.jobs.states import JobState
from core.jobs.submission import kept_weights, with_parents
from core.runs.result import RunState
from core.studies.family import read_run

ME = "here/1/x"


@pytest.fixture
def lease(database):
    return Lease(database)


def work(run):
    return float(len(run.tasks)) if hasattr(run, "tasks") else 9.0


def test_asking_twice_changes_nothing(queue, runs, states):
    first = queue.submit("small", runs, work=work)
    assert (first.n_new, first.n_waiting, first.n_done) == (len(runs), 0, 0)
    before = states()
    second = queue.submit("small", runs, work=work)
    assert (second.n_new, second.n_waiting, second.n_done) == (0, len(runs), 0)
    assert states() == before


def test_runs_compared_with_results_from_elsewhere_need_not_wait(queue, runs, states, record, ended):
    queue.database.put(record, {run.key: ended() for run in runs if not run.parents})
    found = queue.submit("small", runs, work=work)
    assert found.n_done == sum(not run.parents for run in runs)
    assert {states()[str(run.label)] for run in runs if run.parents} == {"queued"}


def test_a_run_with_one_parent_from_elsewhere_waits_for_the_other(queue, runs, states, record, ended):
    pair = next(run for run in runs if len(run.parents) == 2)
    queue.database.put(record, {pair.parents[0].key: ended()})
    queue.submit("small", runs, work=work)
    assert states()[str(pair.label)] == "waiting"
    for dispatch in queue.take(ME, 100):
        queue.finish(dispatch.key, ended())
    assert states()[str(pair.label)] == "queued"


def test_results_from_elsewhere_mark_no_run_of_another_study(queue, runs, states, record, ended):
    queue.submit("small", runs, work=work)
    name = queue.database.add(record, {run.key: ended() for run in runs})
    assert {*states().values()} == {"queued", "waiting"}
    lines = {line.name: line for line in queue.database.studies()}
    assert (lines["small"].n_done, lines[name].n_done) == (0, sum(run.is_training for run in runs))
    assert queue.database.results("small") == {}
    assert len(queue.database.results(name)) == len(runs)


def test_a_run_that_is_wanted_with_its_weights_stays_in_the_queue(queue, runs, states, record, ended):
    queue.submit("small", runs, work=work, keep_weights=True)
    queue.database.put(record, {run.key: ended() for run in runs if not run.parents})
    assert {states()[str(run.label)] for run in runs if not run.parents} == {"queued"}
    assert {states()[str(run.label)] for run in runs if run.parents} == {"waiting"}


def test_what_failed_elsewhere_is_trained_here_where_it_is_asked_for(queue, runs, states, record, ended):
    queue.submit("small", runs[:1], work=work)
    queue.database.put(record, {run.key: ended("failed") for run in runs[:2]})
    assert [states()[str(run.label)] for run in runs[:2]] == ["queued", "planned"]
    assert queue.database.studies()[0].n_failed == 1
    queue.submit("small", runs[1:2], work=work)
    assert queue.database.studies()[0].n_failed == 0


def test_runs_wait_for_what_they_are_compared_with(queue, runs, states, ended):
    queue.submit("small", runs, work=work)
    assert {title for title, state in states().items() if state == "queued"} == {
        f"{task} (layout, seed {seed})" for task in "abc" for seed in (0, 7)
    }
    for dispatch in queue.take(ME, 100):
        queue.finish(dispatch.key, ended())
    found = states()
    assert not [title for title, state in found.items() if state == "waiting"]
    assert sum(state == "queued" for state in found.values()) == len(runs) - 6


def test_a_failed_parent_skips_its_children_and_says_why(queue, runs, states, ended, database):
    queue.submit("small", runs, work=work)
    for dispatch in queue.take(ME, 100):
        run = read_run(dispatch.kind, dispatch.specification)
        bad = "a" in run.label.tasks and run.label.seed == 0
        queue.finish(dispatch.key, ended("failed", "No.") if bad else ended())
    skipped = {title for title, state in states().items() if state == "skipped"}
    assert skipped == {
        str(run.label) for run in runs if "a (layout, seed 0)" in [str(parent.label) for parent in run.parents]
    }
    with database.reading() as connection:
        sentence = connection.execute("SELECT sentence FROM runs WHERE state = 'skipped'").fetchone()[0]
    assert sentence == "Not trained: “a (layout, seed 0)”, which it is compared with, failed."


def test_what_failed_is_taken_up_again_only_where_wanted(queue, runs, ended):
    queue.submit("small", runs, work=work)
    for dispatch in queue.take(ME, 100):
        queue.finish(dispatch.key, ended("failed", "No."))
    assert queue.submit("small", runs, work=work, retry=False).n_new == 0
    assert queue.submit("small", runs, work=work).n_new == len(runs)


def test_retry_brings_back_the_skipped_with_what_they_wait_for(queue, runs, ended):
    queue.submit("small", runs, work=work)
    for dispatch in queue.take(ME, 100):
        queue.finish(dispatch.key, ended("failed", "No."))
    skipped = queue.keys([JobState.SKIPPED])
    assert queue.retry(skipped[:1]) == 1 + len(next(run for run in runs if run.key == skipped[0]).parents)


def test_short_runs_go_first_and_sessions_share_the_workers(queue, specification):
    whole = specification
    alone = [single_run(whole, t, s) for s in (20, 21) for t in range(3)]
    late = [single_run(whole, 0, 30), single_run(whole, 1, 30)]
    queue.submit("small", alone, work=lambda run: 5.0 - 4.0 * (run.seed == 21), session="one")
    queue.submit("small", late, work=lambda _: 50.0, session="other")
    order = [dispatch.key for dispatch in queue.take(ME, 8)]
    seeds = {run.key: run.seed for run in [*alone, *late]}
    # One of each in turn, although the other came later and with longer runs; one's short runs before its long ones.
    assert [seeds[key] for key in order[:4]] == [21, 30, 21, 30]
    assert [seeds[key] for key in order[4:]] == [21, 20, 20, 20]


def test_a_session_at_work_waits_for_the_one_with_nothing(queue, specification):
    queue.submit("small", [single_run(specification, t, 20) for t in range(3)], session="one")
    assert len(queue.take(ME, 2)) == 2
    queue.submit("small", [single_run(specification, 0, 30)], work=lambda _: 99.0, session="other")
    assert '"seed":30' in queue.take(ME, 1)[0].specification


def test_a_run_that_waits_is_cancelled_at_once_and_its_children_are_skipped(queue, runs, states, specification):
    queue.submit("small", runs)
    assert queue.cancel([runs[0].key]) == 1
    assert queue.cancel([runs[0].key]) == 0
    found = states()
    assert found[str(runs[0].label)] == "cancelled"
    assert found[str(pair_run(specification, 0, 1, 2, 0).label)] == "skipped"
    assert found[str(pair_run(specification, 1, 2, 2, 0).label)] == "waiting"


def test_what_was_skipped_because_of_a_run_comes_back_with_it(queue, runs, states, specification):
    queue.submit("small", runs)
    before = states()
    queue.cancel([runs[0].key, runs[1].key])
    n_skipped = sum(state == "skipped" for state in states().values())
    assert n_skipped > 1
    assert queue.retry([runs[0].key]) > 1
    # What builds on the other cancelled run needs it, and brings it back.
    assert states()[str(pair_run(specification, 0, 1, 2, 0).label)] == "waiting"
    queue.retry([runs[1].key])
    assert states() == before


def test_a_run_at_work_is_asked_to_stop_where_a_host_lives(queue, runs, states, database, ended):
    lease = Lease(database)
    lease.acquire()
    queue.submit("small", runs[:1])
    queue.take(lease.owner, 1)
    assert queue.cancel([runs[0].key]) == 1
    assert states()[str(runs[0].label)] == "cancelling"
    assert queue.cancelling() == [runs[0].key]
    queue.finish(runs[0].key, ended("cancelled", "Cancelled after 3 of 9 steps."))
    assert states()[str(runs[0].label)] == "cancelled"


def test_a_run_whose_host_is_gone_is_cancelled_at_once(queue, runs, states):
    queue.submit("small", runs[:1])
    queue.take("elsewhere/1/x", 1)
    queue.cancel([runs[0].key])
    assert states()[str(runs[0].label)] == "cancelled"


def test_interrupted_runs_are_next_and_count_their_attempts(queue, runs, states):
    queue.submit("small", runs)
    first = queue.take(ME, 2)
    assert queue.interrupt(None, "Gone.") == 2
    assert sum(state == "interrupted" for state in states().values()) == 2
    again = {dispatch.key: dispatch.attempt for dispatch in queue.take(ME, 100)}
    assert all(again[dispatch.key] == 2 for dispatch in first)


def test_a_run_trained_again_for_its_weights_never_loses_its_result(queue, runs, states, ended, database):
    queue.submit("small", runs[:1])
    queue.take(ME, 1)
    queue.finish(runs[0].key, ended())
    assert queue.submit("small", runs[:1]).n_done == 1
    assert queue.submit("small", runs[:1], keep_weights=True).n_new == 1
    assert list(database.results("small")) == [runs[0].key]
    queue.take(ME, 1)
    queue.finish(runs[0].key, ended("failed", "No."))
    assert states()[str(runs[0].label)] == "done"
    assert database.results("small")[runs[0].key].state is RunState.DONE
    queue.submit("small", runs[:1], keep_weights=True)
    queue.cancel([runs[0].key])
    assert states()[str(runs[0].label)] == "done"
    queue.submit("small", runs[:1], keep_weights=True)
    assert queue.take(ME, 1)[0].keep_weights
    queue.finish(runs[0].key, ended(), weights="file.safetensors")
    assert queue.submit("small", runs[:1], keep_weights=True).n_done == 1


def test_weights_trained_later_leave_the_stored_result_as_it_is_and_say_how_far_they_are_from_it(
    queue, runs, ended, database
):
    bundled, key = ended(), runs[0].key
    queue.submit("small", runs[:1])
    queue.take(ME, 1)
    queue.finish(key, bundled)
    metrics = {split: {**found, "a": {"error": 1.01 * found["a"]["error"]}} for split, found in bundled.metrics.items()}
    for result, words in ((bundled.model_copy(update={"metrics": metrics}), "at most 1 %"), (bundled, "are the same")):
        with database.writing() as connection:
            connection.execute("UPDATE runs SET weights = NULL")
        queue.submit("small", runs[:1], keep_weights=True)
        queue.take(ME, 1)
        queue.finish(key, result, weights="file.safetensors")
        assert database.results("small")[key] == bundled
        with database.reading() as connection:
            row = connection.execute("SELECT sentence, weights, state FROM runs WHERE key = ?", (key,)).fetchone()
        assert (row["weights"], row["state"]) == ("file.safetensors", "done")
        assert words in row["sentence"]


def test_finished_runs_are_trained_again_for_their_weights_only_on_request(queue, runs, ended):
    queue.submit("small", runs[:1])
    queue.take(ME, 1)
    queue.finish(runs[0].key, ended())
    assert queue.submit("small", runs[:2], keep_weights=True, again=False).n_new == 1
    assert [taken.keep_weights for taken in queue.take(ME, 9)] == [True]


@pytest.mark.parametrize("n_running", [0, 2])
def test_runs_cancelled_together_are_all_cancelled(queue, runs, states, n_running, lease, ended):
    queue.submit("small", runs)
    lease.acquire()
    running = queue.take(ME, n_running)
    assert queue.cancel([run.key for run in runs]) == len(runs)
    for taken in running:
        queue.finish(taken.key, ended("cancelled", "Cancelled."))
    assert set(states().values()) == {"cancelled"}


def test_progress_is_kept_while_a_run_is_at_work_and_no_longer(queue, runs, database, ended):
    queue.submit("small", runs[:1])
    key = runs[0].key
    queue.record_progress({key: [(1, 9, {"a": 0.5})]})
    queue.take(ME, 1)
    queue.record_progress({key: [(5, 9, {"a": 0.5}), (6, 9, {"a": float("nan")})]})
    with database.reading() as connection:
        assert connection.execute("SELECT step, steps FROM runs WHERE key = ?", (key,)).fetchone()[:] == (6, 9)
        assert [row[0] for row in connection.execute("SELECT step FROM progress")] == [5, 6]
    queue.finish(key, ended())
    with database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM progress").fetchone()[0] == 0


def test_a_measured_similarity_reaches_the_study(queue, runs, ended, database):
    queue.submit("small", runs)
    values = [[[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]]] * 2
    while taken := queue.take(ME, 50):
        for dispatch in taken:
            document = {"similarity": {"values": values, "seed": 0, "n_pictures": 8}}
            queue.finish(dispatch.key, ended(payload=document if dispatch.kind == "similarity" else None))
    assert database.study("small").similarity.values[0, 0, 1] == 0.5
    assert len(database.results("small")) == len(runs)


def test_a_study_that_is_gone_is_no_study(queue, runs, database):
    database.delete("small")
    with pytest.raises(JobError, match="no study"):
        queue.submit("small", runs)


def test_deleting_a_study_forgets_its_queue(queue, runs, database):
    queue.submit("small", runs)
    database.delete("small")
    with database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 0


def test_a_run_of_a_deleted_study_is_stopped_and_not_trained_again(queue, runs, database):
    queue.submit("small", runs[:2])
    taken = queue.take(ME, 1)
    database.delete("small")
    assert queue.cancelling() == [taken[0].key]
    queue.interrupt(ME, "The host stopped.")
    assert not queue.n_active()
    assert not queue.take("another", 9)
    with database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 0


def test_a_run_that_ends_after_its_study_was_deleted_leaves_nothing(queue, runs, ended, database):
    queue.submit("small", runs)
    taken = queue.take(ME, 2)
    database.delete("small")
    for dispatch in taken:
        queue.finish(dispatch.key, ended())
    with database.reading() as connection:
        left = {row[0] for row in connection.execute("SELECT key FROM runs")}
    assert not left & {dispatch.key for dispatch in taken}


def test_recombined_networks_need_the_weights_of_what_they_are_built_on(database, record, ended):
    asking = record.specification.with_request(AffinityRequest(seeds=(0,)))
    database.put(replace(record, specification=asking))
    queue, asked = Dispatcher(database), with_parents(recombined_runs(asking))
    sources = kept_weights(asked)
    # Done before, without weights: trained again, only for these.
    queue.submit("small", [run for run in asked if run.key in sources])
    for taken in queue.take(ME, 9):
        queue.finish(taken.key, ended())
    assert queue.submit("small", asked).n_new == len(asked)
    again = queue.take(ME, 99)
    assert {taken.key for taken in again} == sources
    assert all(taken.keep_weights for taken in again)
    for taken in again:
        queue.finish(taken.key, ended(), weights=f"{taken.key}.safetensors")
    rest = queue.take(ME, 99)
    assert {taken.kind for taken in rest} == {"recombined"}
    assert not any(taken.keep_weights for taken in rest)
    for taken in rest:
        queue.finish(taken.key, ended())
    # All measured: the weights may go, nothing is trained for them any more.
    with database.writing() as connection:
        connection.execute("UPDATE runs SET weights = NULL")
    assert queue.submit("small", asked).n_new == 0


def test_a_visitor_cancels_only_runs_of_their_own(queue, runs, states):
    queue.submit("small", runs[:1], work=work, session="me")
    queue.submit("small", runs[1:2], work=work, session="other")
    assert queue.cancel([run.key for run in runs[:2]], session="me") == 1
    assert [states()[str(run.label)] for run in runs[:2]] == ["cancelled", "queued"]
    assert queue.cancel([run.key for run in runs[:2]]) == 1
