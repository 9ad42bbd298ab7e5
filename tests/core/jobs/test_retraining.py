"""Runs of another environment are trained anew; each result is replaced when the new one is there, and no sooner."""

import pytest

from core.jobs.retraining import kept_results, n_replaced, runs_computed_elsewhere
from core.jobs.submission import WholeStudy, with_parents
from core.jobs.submit import plan
from core.jobs.this_machine import arithmetic_here
from core.runs.result import Environment, RunResult
from core.runs.settings import TrainingSettings
from core.studies.expand import expand
from core.studies.specification import parse_study
from tests.core.families.treednn.test_runs import TEXT as TREE

ME = "m/1/x"
HERE = arithmetic_here(TrainingSettings())


def environment(**changes):
    sets = dict(HERE.instructions)
    instructions = ", ".join(
        found if library == "torch" else f"{library} {found}" for library, found in {"torch": "none", **sets}.items()
    )
    found = Environment(
        device="cpu", machine="m", threads=1, versions={"torch": f"{HERE.torch}+cpu"}, instructions=instructions
    )
    return found.model_copy(update=changes)


ELSEWHERE = {
    "older torch": environment(versions={"torch": "1.0"}),
    "other instructions": environment(instructions="SSE4, oneDNN SSE4"),
    "a card": environment(device="NVIDIA H100"),
    "not recorded": environment(instructions=""),
}


@pytest.fixture
def single(runs):
    return next(run for run in runs if not run.parents)


def computed(result, where):
    return result.model_copy(update={"environment": where})


def trained(queue, key, result, weights=None):
    """Take a run and finish it."""
    assert key in {each.key for each in queue.take(ME, 100)}
    queue.finish(key, result, weights=weights)


def shown(queue, key):
    return queue.database.results("small")[key]


@pytest.mark.parametrize("where", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_run_of_another_environment_is_found(queue, single, ended, where):
    queue.submit("small", [single])
    trained(queue, single.key, computed(ended(), where))
    assert runs_computed_elsewhere(queue.database, "small", [single]) == {single.key}


def test_runs_of_this_environment_and_unfinished_ones_are_not(queue, runs, single, ended):
    queue.submit("small", runs)
    trained(queue, single.key, computed(ended(), environment(machine="another", threads=4)))
    assert runs_computed_elsewhere(queue.database, "small", runs) == set()


@pytest.mark.parametrize("damage", ["{", "[]", '{"state": "done", "environment": 3}', '{"state": "done"}'])
def test_a_damaged_result_costs_that_result(queue, runs, single, ended, damage):
    queue.submit("small", [single])
    trained(queue, single.key, ended())
    with queue.database.writing() as connection:
        connection.execute("UPDATE runs SET result = ?", (damage,))
    assert runs_computed_elsewhere(queue.database, "small", runs) == set()


def test_the_result_stays_until_the_new_one_is_there(queue, single, ended):
    old, new = computed(ended(), ELSEWHERE["older torch"]), computed(ended(params=7), environment())
    queue.submit("small", [single])
    trained(queue, single.key, old)
    anew = {single.key}
    assert queue.submit("small", [single], anew=anew).n_new == 1
    assert shown(queue, single.key) == old
    assert (n_replaced(queue.database, anew), kept_results(queue.database, anew)) == (0, {})
    trained(queue, single.key, new)
    assert shown(queue, single.key) == new
    assert n_replaced(queue.database, anew) == 1
    assert runs_computed_elsewhere(queue.database, "small", [single]) == set()
    # Trained again for its weights, it keeps its result again.
    queue.submit("small", [single], keep_weights=True)
    trained(queue, single.key, old, weights="x.safetensors")
    assert shown(queue, single.key) == new


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_without_a_new_result_the_earlier_one_stays_and_it_is_said(queue, single, ended, states, how):
    old = computed(ended(), ELSEWHERE["older torch"])
    queue.submit("small", [single])
    trained(queue, single.key, old)
    queue.submit("small", [single], anew={single.key})
    trained(queue, single.key, ended(how, "It diverged."))
    assert shown(queue, single.key) == old
    assert states()[str(single.label)] == "done"
    assert "It diverged." in kept_results(queue.database, {single.key})[str(single.label)]
    # What was asked for is over: a later training for weights replaces nothing.
    queue.submit("small", [single], keep_weights=True)
    trained(queue, single.key, computed(ended(), environment()), weights="x.safetensors")
    assert shown(queue, single.key) == old


def test_cancelled_in_the_queue_it_keeps_its_result(queue, single, ended):
    old = computed(ended(), ELSEWHERE["older torch"])
    queue.submit("small", [single])
    trained(queue, single.key, old)
    queue.submit("small", [single], anew={single.key})
    assert queue.cancel([single.key]) == 1
    assert shown(queue, single.key) == old
    with queue.database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM retrained").fetchone()[0] == 0


def test_a_result_that_came_with_a_study_is_replaced_there_and_nowhere_else(queue, record, single, ended):
    database = queue.database
    old, new = computed(ended(), ELSEWHERE["not recorded"]), computed(ended(), environment())
    database.put(record, {single.key: old})
    other = record.renamed("other")
    database.put(other, {single.key: old})
    assert runs_computed_elsewhere(database, "small", [single]) == {single.key}
    queue.submit("small", [single], anew={single.key})
    assert shown(queue, single.key) == old
    trained(queue, single.key, new)
    assert shown(queue, single.key) == new
    assert database.results("other")[single.key] == old


def test_a_result_that_came_with_a_study_stays_where_its_training_fails(queue, record, single, ended):
    old = computed(ended(), ELSEWHERE["not recorded"])
    queue.database.put(record, {single.key: old})
    queue.submit("small", [single], anew={single.key})
    trained(queue, single.key, ended("failed", "It diverged."))
    assert shown(queue, single.key) == old
    assert kept_results(queue.database, {single.key})


def test_weights_of_the_replaced_network_go_with_it(queue, single, ended):
    queue.submit("small", [single], keep_weights=True)
    trained(queue, single.key, computed(ended(), ELSEWHERE["older torch"]), weights="old.safetensors")
    queue.submit("small", [single], anew={single.key})
    assert [each.keep_weights for each in queue.take(ME, 1)] == [True]
    queue.finish(single.key, computed(ended(), environment()), weights=None)
    assert list(queue.database.kept_weights([single.key]).values()) == [None]


def test_what_starts_from_the_weights_of_a_replaced_network_is_replaced_with_it(database):
    tree = parse_study(TREE)
    grown, *others = with_parents(expand(tree))
    here, elsewhere = environment(), ELSEWHERE["older torch"]
    results = {run.key: _done(here) for run in others} | {grown.key: _done(elsewhere)}
    anew = runs_computed_elsewhere(database, tree.name, [grown, *others], results)
    starting = {run.key for run in others if run.needs_weights and grown.key in {each.key for each in run.parents}}
    assert starting
    assert anew == {grown.key} | starting


def _done(where):
    return RunResult(state="done", environment=where)


def test_a_plan_counts_them(queue, record, runs, ended):
    queue.submit("small", runs)
    for run in runs:
        trained_where = ELSEWHERE["older torch"] if run.parents else environment()
        queue.take(ME, 100)
        queue.finish(run.key, computed(ended(), trained_where))
    anew = runs_computed_elsewhere(queue.database, "small", runs)
    assert anew == {run.key for run in runs if run.parents}
    found = plan(queue.database, record, [WholeStudy()], anew=anew)
    assert (found.n_new, found.n_anew, found.n_again) == (len(anew), len(anew), 0)
    assert found.n_done == len(runs) - len(anew)
