"""Runs on the Train page that are begun and ended here as a host would, without one."""

import streamlit

from app.train.jobs import ROWS
from core.jobs.dispatcher import Dispatcher
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import ACTIVE, JobState
from core.runs.result import RunState
from tests.pages.train.train_page import button, choose, jobs, press, price, result, said, table


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


def test_what_is_left_is_what_was_announced_beside_the_button(train):
    at = train(what="Two-task table")
    at.number_input(key="seeds-table-trained-1").set_value(4).run()
    announced = price(at)["Time"].removeprefix("about ")
    press(at)
    # The host runs, but its workers aren't there yet.
    assert [bar.proto.text.split(" · ")[1] for bar in at.get("progress")] == [f"{announced} left"]


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


def test_damaged_results_are_counted_listed_and_trained_again(asked, database):
    queue = Dispatcher(database)
    (taken,) = queue.take("x/1/y", 1)
    (line,) = JobsReader(database).lines(keys=[taken.key])
    whole = result(taken.key, line.label.tasks)
    queue.finish(taken.key, whole.model_copy(update={"metrics": {}}))
    choose(asked, taken.key)
    row = _row(asked, taken.key)
    assert row["state"].endswith("damaged")
    assert "damaged" in row["meaning"]
    assert any("1 damaged" in caption.value for caption in asked.caption)
    assert "0 done" not in " ".join(caption.value for caption in asked.caption)
    assert not button(asked, "Retry 1 damaged").disabled
    asked.button_group(key="runs_state").set_value("Failed or cancelled").run()
    assert [each["key"] for each in table(asked)["rows"]] == [taken.key]
    asked.button_group(key="runs_state").set_value("Done").run()
    assert taken.key not in [each["key"] for each in table(asked)["rows"]]
    asked.button_group(key="runs_state").set_value("All").run()
    n = queue.n_active()
    button(asked, "Retry").click().run()
    assert not asked.exception
    assert queue.n_active() == n + 1
    while taken.key not in (again := [each.key for each in queue.take("x/1/y", 1)]):
        assert again
    queue.finish(taken.key, whole)
    asked.run()
    row = _row(asked, taken.key)
    assert row["state"].endswith("done")
    assert "damaged" not in row["meaning"]
    assert button(asked, "Retry").disabled


def test_retry_of_all_takes_damaged_results_too(asked, database):
    queue = Dispatcher(database)
    (taken,) = queue.take("x/1/y", 1)
    (line,) = JobsReader(database).lines(keys=[taken.key])
    queue.finish(taken.key, result(taken.key, line.label.tasks).model_copy(update={"metrics": {}}))
    asked.run()
    n = queue.n_active()
    button(asked, "Retry 1 damaged").click().run()
    assert not asked.exception
    assert queue.n_active() == n + 1


def _row(at, key: str):
    """Return a row of the table, on this page of it or on another."""
    shown = table(at)
    return next(row for row in [*shown["rows"], *shown["more"]] if row["key"] == key)


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
