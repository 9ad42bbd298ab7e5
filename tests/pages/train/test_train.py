"""What the Train page offers and submits, on made-up studies."""

import pytest

from core.families.recombined.request import AffinityRequest
from core.jobs.auto import Auto
from core.jobs.auto_line import AutoState
from core.jobs.dispatcher import Dispatcher
from core.jobs.jobs_reader import JobsReader
from core.jobs.queue import Queue
from core.jobs.queue_limit import VARIABLE as QUEUE_LIMIT
from core.jobs.states import ACTIVE
from tests.pages.studies.studies_page import parts_of
from tests.pages.train.train_page import button, jobs, press, price, said


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


@pytest.mark.parametrize(("what", "note"), [("Two-task table", "second training"), ("Layouts", "training of its own")])
def test_a_second_training_is_announced_above_the_button(train, what, note):
    at = train(what=what)
    (seeds,) = (each for each in at.number_input if each.key.startswith("seeds-"))
    seeds.set_value(5).run()
    shown = [each for each in parts_of(at.main) if each.type in ("caption", "button")]
    (place,) = (i for i, each in enumerate(shown) if each.type == "caption" and note in each.value)
    assert shown[place + 1].key == "train"


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
    frame = next(each.value for each in at.table if "expected gain" in each.value)
    assert frame["expected gain"].str.fullmatch(r"\+\d+\.\d\d").all()
    # A cell from two seeds reads alike but for its seeds.
    assert not frame["training"].duplicated().any()
    assert frame["training"].str.contains("one more seed|never measured|the layout itself").all()
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


def test_auto_starts_says_how_it_stands_and_is_stopped(train, database):
    at = train(what="next", how="auto")
    button(at, "Start Auto").click().run()
    assert not at.exception
    line = Auto(database).line("trained")
    assert (line.state, line.goal.minutes) == (AutoState.ACTIVE, 30)
    assert set(line.runs) <= set(Queue(database).keys(ACTIVE))
    assert "expected to lack" in said(at)
    button(at, "Stop Auto").click().run()
    assert Auto(database).line("trained").state is AutoState.STOPPED
    assert Queue(database).n_active() == 0
    assert "Stopped on request" in said(at.run())
