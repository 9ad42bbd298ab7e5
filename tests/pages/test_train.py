"""The Train page on made-up studies; runs are begun and ended here as a host would, without one."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import streamlit

from app.train.jobs import ROWS
from core.families.recombined.request import AffinityRequest
from core.jobs.dispatcher import Dispatcher
from core.jobs.jobs_reader import JobsReader
from core.jobs.lease import Lease
from core.jobs.queue_limit import VARIABLE as QUEUE_LIMIT
from core.jobs.states import ACTIVE, JobState
from core.runs.result import CurvePoint, Environment, RunResult, RunState
from core.studies.database import Database

METRICS = {"*shape*": ("accuracy",), "far": ("error", "δ < 1.25"), "facing": ("angle",)}


@pytest.fixture
def home(studies_home, tmp_path) -> Path:
    """A copy that may be written to."""
    return Path(shutil.copytree(studies_home, tmp_path / "home"))


@pytest.fixture
def database(home):
    return Database(home / "studies.sqlite")


@pytest.fixture
def lease(database):
    """The lease of a host; while this test holds it, no page starts another one."""
    held = Lease(database)
    held.acquire()
    return held


@pytest.fixture
def train(visit, home, lease):  # noqa: ARG001  # no page starts a host while it is held
    """Open the page."""

    def opened(**address):
        return visit("train", home=home, **({"study": "trained"} | address))

    return opened


def result(run_key: str, names, state=RunState.DONE, sentence="") -> RunResult:
    metrics = {
        split: {name: {metric: 0.5 + int(run_key[:4], 16) / 2**18 for metric in METRICS[name]} for name in names}
        for split in ("validation", "test")
    }
    return RunResult(
        state=state,
        sentence=sentence,
        metrics=metrics if state is RunState.DONE else {},
        curve=tuple(CurvePoint(step=s, losses=dict.fromkeys(names, 1.0 / s)) for s in (1, 2, 3)),
        steps=3,
        seconds=2.0,
        environment=Environment(device="cpu", machine="a test", threads=1, versions={}),
    )


def button(at, label):
    (found,) = [each for each in at.button if re.fullmatch(label, each.label.strip("*"))]
    return found


def said(at):
    kinds = (at.error, at.warning, at.info, at.caption, at.markdown)
    return " ".join(e.value for kind in kinds for e in kind).replace("\\", "")


def price(at):
    return {metric.label: metric.value for metric in at.metric}


def press(at):
    button(at, r"Train \d+ runs?").click().run()
    assert not at.exception
    return at


def table(at) -> dict:
    (found,) = [
        element.proto
        for element in at.main
        if getattr(getattr(element, "proto", None), "component_name", "") == "branchwise.runs_table"
    ]
    return json.loads(found.json)


def jobs(at) -> pd.DataFrame:
    return pd.DataFrame(table(at)["rows"])


def choose(at, *keys: str):
    """Choose runs as the table does."""
    before = table(at)["chosen"]["count"]
    at.session_state["chosen_runs"], at.session_state["chosen_runs_count"] = list(keys), before + 1
    at.run()
    assert not at.exception
    return at


def test_a_table_says_what_to_do(train):
    at = train(study="five")
    assert "nothing to train" in said(at)
    assert "Studies page" in said(at)
    assert not [each for each in at.button if each.label.strip("*").startswith("Train")]


def test_what_is_done_costs_nothing(train):
    at = train(what="Two-task table")
    # Everything but how alike the tasks are was "trained".
    assert price(at)["New runs"] == "1"
    assert "already done" in said(at)
    assert "A rough guess" in said(at)
    # Saving weights trains nothing again that has a result, unless somebody says so and sees how much it is.
    at.toggle(key="keep_weights_too").set_value(True).run()
    assert price(at)["New runs"] == "1"
    at.checkbox(key="train_again").set_value(True).run()
    n_again = int(price(at)["New runs"]) - 1
    assert n_again > 1
    assert at.checkbox(key="train_again").label.startswith(f"Train {n_again} runs again")
    assert "trained again to save them" in said(at)
    at.checkbox(key="train_again").set_value(False).run()
    assert price(at)["New runs"] == "1"


def test_results_of_an_imported_study_are_no_jobs(train):
    """Submitting stores a bundled study with all its results; the list of jobs shows what was submitted."""
    at = train(what="Single tasks")
    at.number_input(key="seeds-singles-trained-1").set_value(4).run()
    press(at)
    assert len(jobs(at)) == 3


def test_asking_queues_the_runs_once(train, database):
    at = train(what="Single tasks")
    at.number_input(key="seeds-singles-trained-1").set_value(4).run()
    assert price(at)["New runs"] == "3"
    assert "Seeds 0, 1, 2 and 3" in said(at)
    press(at)
    assert Dispatcher(database).n_active() == 3
    assert price(at)["New runs"] == "0"
    assert "3 runs already in the queue" in said(at)
    assert button(at, "Train").disabled
    # A double click sends the same press twice.
    asking_again = Dispatcher(database).keys(ACTIVE)
    at.run()
    assert Dispatcher(database).keys(ACTIVE) == asking_again


def test_the_seeds_of_the_oracle_are_never_those_of_the_table(train):
    at = train(what="Two-task table")
    at.number_input(key="seeds-table-trained-1").set_value(9).run()
    assert "Seeds 0, 1, 2, 3, 4, 5, 6, 9 and 10" in said(at)
    at = train(what="Layouts")
    assert "Seeds 7 and 8" in said(at)
    at.number_input(key="seeds-layouts-trained-2").set_value(3).run()
    assert "Seeds 7, 8 and 100" in said(at)


@pytest.mark.parametrize("which", ["shown", "sample", "all"])
def test_layouts_can_be_chosen_in_every_way(train, which):
    at = train(what="Layouts", which=which)
    assert not at.error
    assert at.button_group(key="which").value == which
    # Those that are done are offered only for their weights.
    for box in at.checkbox:
        box.set_value(True).run()
    n = int(price(at)["New runs"])
    assert n > 0
    assert button(at, rf"Train {n} runs?").disabled is False


def test_pinned_layouts_are_added_to_the_one_shown(train):
    at = train(what="Layouts", which="Shown and pinned", pins="3!0:0_1_2~3!0:0.1.2", layout="3!0:0.1_2")
    frame = next(each.value for each in at.dataframe if "predicted gain Δ" in each.value)
    assert len(frame) == 3


def test_the_runs_worth_most_are_offered_with_why(train, database):
    at = train(what="Measure next")
    frame = next(each.value for each in at.dataframe if "worth" in each.value)
    assert frame["two-task run"].str.contains("one more seed").all()
    n = int(price(at)["New runs"])
    press(at)
    assert Dispatcher(database).n_active() == n


def test_a_device_is_asked_for_without_making_the_runs_new(train, database):
    at = train(what="Single tasks")
    at.number_input(key="seeds-singles-trained-1").set_value(4).run()
    at.button_group(key="device-trained").set_value("auto").run()
    at.number_input(key="minutes").set_value(5).run()
    assert price(at)["New runs"] == "3"
    press(at)
    taken = Dispatcher(database).take("x/1/y", 3)
    assert len(taken) == 3
    assert all(each.device == "auto" and each.time_limit == 300 for each in taken)


def test_a_full_queue_is_one_sentence(train, database, monkeypatch):
    monkeypatch.setenv(QUEUE_LIMIT, "2")
    at = train(what="Two-task table")
    at.toggle(key="keep_weights_too").set_value(True).run()
    at.checkbox(key="train_again").set_value(True).run()
    press(at)
    assert "this server allows 2 at a time" in said(at)
    assert not Dispatcher(database).n_active()
    monkeypatch.setenv(QUEUE_LIMIT, "many")
    press(at)
    assert "BRANCHWISE_QUEUE_LIMIT is 'many'" in said(at)


@pytest.fixture
def asked(train):
    """A page with seven new runs: one at work, some queued, others waiting."""
    at = train(what="Two-task table")
    at.number_input(key="seeds-table-trained-1").set_value(4).run()
    press(at)
    return at


def test_runs_at_work_show_how_far_they_are(asked, database):
    queue = Dispatcher(database)
    (first,) = queue.take("x/1/y", 1)
    queue.record_progress({first.key: [(50, 200, {"far": 0.7}), (100, 200, {"far": 0.25})]})
    asked.run()
    row = jobs(asked).iloc[0]
    assert row["state"].endswith("running")
    assert (row["progress"], row["loss"], row["meaning"]) == (50, "0.25", "step 100 of 200")
    choose(asked, first.key)
    assert not asked.exception
    assert "appear here when the run is done" in said(asked)
    assert not button(asked, "Cancel").disabled
    assert button(asked, "Retry").disabled


def test_a_host_that_is_gone_leaves_a_way_to_resume(asked, database, lease):
    assert "Starting: workers" in said(asked)
    assert not [each for each in asked.button if each.label == "Resume"]
    lease.renew({"workers": [{}, {}], "at_work": 1})
    Dispatcher(database).take("x/1/y", 2)
    asked.run()
    # Runs are counted once: the host's last report is older than the table.
    assert "Training on 2 workers." in said(asked)
    assert "2 running" in said(asked)
    lease.release()
    asked.run()
    n = Dispatcher(database).n_active()
    assert f"{n} runs are left, but no jobs host is running" in said(asked)
    # In the sidebar no time is left where nobody trains.
    assert any("Stopped; resume it" in each.value for each in asked.sidebar.caption)
    lease.acquire()
    button(asked, "Resume").click().run()
    assert not asked.exception
    assert Dispatcher(database).n_active() == n


def test_results_failures_and_what_was_skipped_for_them_are_told(asked, database):
    queue = Dispatcher(database)
    taken = queue.take("x/1/y", 9)
    tasks = {line.key: line.label.tasks for line in JobsReader(database).lines(limit=100)}
    lost, *well = taken
    queue.finish(lost.key, result(lost.key, [], RunState.FAILED, "The loss became not-a-number at step 3 of 9."))
    for each in well:
        if each.kind != "similarity":
            queue.finish(each.key, result(each.key, tasks[each.key]))
    asked.run()
    frame = jobs(asked)
    assert "The loss became not-a-number at step 3 of 9." in set(frame["meaning"])
    assert (frame["state"].str.contains("skipped")).any()
    choose(asked, next(each.key for each in well if each.kind == "layout"))
    metrics = next(each.value for each in asked.dataframe if "validation" in each.value)
    assert len(metrics) >= 1
    assert metrics["metric"].str.contains("[↑↓]").all()
    counts = JobsReader(database).counts()
    button(asked, f"Retry {counts[JobState.FAILED]} failed and {counts[JobState.SKIPPED]} skipped").click().run()
    assert not asked.exception
    assert JobsReader(database).counts()[JobState.FAILED] == JobsReader(database).counts()[JobState.SKIPPED] == 0


def test_chosen_runs_are_cancelled_and_asked_for_again(asked, database):
    queue = Dispatcher(database)
    n = queue.n_active()
    key = queue.keys((JobState.WAITING,))[0]
    choose(asked, key)
    button(asked, "Cancel").click().run()
    assert queue.n_active() == n - 1
    assert table(asked)["chosen"]["keys"] == [key]
    button(asked, "Retry").click().run()
    assert queue.n_active() == n


def test_a_run_chosen_in_the_same_breath_is_cancelled_with_the_others(asked, database):
    """The table's own callback may come after that of the button."""
    first, second = Dispatcher(database).keys((JobState.QUEUED,))[:2]
    choose(asked, first)
    asked.session_state["runs_table"] = {"chosen": {"keys": [first, second], "count": 99}}
    button(asked, "Cancel").click().run()
    states = {line.key: line.state for line in JobsReader(database).lines(keys=[first, second])}
    assert states == {first: JobState.CANCELLED, second: JobState.CANCELLED}


def test_runs_of_a_dead_host_are_interrupted_and_can_be_cancelled(asked, database, lease):
    (taken,) = Dispatcher(database).take("x/1/y", 1)
    lease.release()
    asked.run()
    row = jobs(asked).set_index("key").loc[taken.key]
    assert row["state"].endswith("interrupted")
    assert row["time"] == ""
    choose(asked, taken.key)
    lease.acquire()
    button(asked, "Cancel").click().run()
    assert not asked.exception


def test_runs_that_left_the_page_stay_up_to_date_for_a_table_that_holds_its_rows(asked, database):
    key = jobs(asked)["key"][0]
    asked.button_group(key="runs_state").set_value("Active").run()
    assert key in set(jobs(asked)["key"])
    Dispatcher(database).cancel([key])
    asked.run()
    assert key not in set(jobs(asked)["key"])
    (left,) = [row for row in table(asked)["more"] if row["key"] == key]
    assert left["state"].endswith("cancelled")


def test_the_price_follows_the_queue(asked, database):
    n = price(asked)["New runs"]
    assert n == "0"
    Dispatcher(database).cancel(Dispatcher(database).keys(ACTIVE))
    asked.run()
    assert int(price(asked)["New runs"]) > 0


def test_all_are_cancelled_after_a_question(asked, database):
    assert not [each for each in asked.button if each.label == "Yes, cancel all"]
    button(asked, "Cancel all").click().run()
    button(asked, "No").click().run()
    assert Dispatcher(database).n_active() > 0
    button(asked, "Cancel all").click().run()
    button(asked, "Yes, cancel all").click().run()
    assert not asked.exception
    assert not [each for each in asked.button if each.label == "Yes, cancel all"]
    assert Dispatcher(database).n_active() == 0
    assert not asked.error


def test_states_and_studies_filter_the_list(asked, database):
    Dispatcher(database).cancel(Dispatcher(database).keys((JobState.WAITING,))[:2])
    asked.run()
    n = Dispatcher(database).n_active()
    asked.button_group(key="runs_state").set_value("Active").run()
    assert len(jobs(asked)) == min(n, ROWS)
    asked.button_group(key="runs_state").set_value("Failed or cancelled").run()
    assert set(jobs(asked)["state"].str.split().str[-1]) == {"cancelled"}
    asked.button_group(key="runs_state").set_value("All").run()
    asked.number_input(key="seeds-table-trained-1").set_value(7).run()
    press(asked)
    assert asked.number_input(key="runs_page").max > 1
    asked.number_input(key="runs_page").set_value(2).run()
    assert len(jobs(asked)) > 0


def test_whose_runs_is_asked_only_where_there_are_others(asked, database):
    assert not [each for each in asked.button_group if each.key == "runs_whose"]
    with database.writing() as connection:
        connection.execute("UPDATE runs SET session = 'somebody else' WHERE state = 'queued'")
    # How many there are is looked up every few seconds only.
    streamlit.cache_data.clear()
    asked.run()
    everybody = jobs(asked)
    asked.button_group(key="runs_whose").set_value("Me").run()
    mine = jobs(asked)
    assert not mine["state"].str.contains("queued").any()
    assert everybody["state"].str.contains("queued").any()


def test_the_shown_layout_is_trained_by_a_button_on_budget(visit, home):
    at = visit("budget", home=home, study="trained", layout="3!0:0.1_2")
    button(at, "Train").click().run()
    assert not at.exception
    assert at.session_state["layout"] == "3!0:0.1_2"


def test_affinity_is_asked_for_from_the_deepest_block_on(visit, home, database, lease):  # noqa: ARG001  # no host of its own
    at = visit("train", home=home, study="trained", what="Affinity")
    blocks = database.record("trained").backbone.n_blocks
    at.number_input(key="from_block-trained").set_value(blocks).run()
    assert not at.exception
    assert not at.error
    at.button(key="train").click().run()
    asked = [line for line in JobsReader(database).lines(states=ACTIVE) if line.label.kind == "recombined"]
    tasks = database.record("trained").task_names
    assert sorted(line.label.details["source"] for line in asked) == sorted(tasks)
    assert {(line.label.details["depth"], line.label.seed) for line in asked} == {(blocks - 1, 0)}
    assert database.record("trained").specification.requested(AffinityRequest).first_depth == blocks - 1
