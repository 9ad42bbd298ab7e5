"""Where runs are trained: moved in one statement, and a card demanded only where there are cards."""

import pytest

from core.families.recombined.runs import similarity_run
from core.families.single.runs import single_run
from core.jobs import this_machine
from core.jobs.device import move, on_device
from core.jobs.engine import Engine, EngineSettings
from core.jobs.this_machine import graphics_cards
from core.studies.expand import expand

ME = "m/1/x"


@pytest.fixture
def singles(specification):
    return [single_run(specification, task, 0) for task in range(3)]


@pytest.fixture
def devices(database):
    """Return the function that reads run key → device."""

    def read():
        with database.reading() as connection:
            return dict(map(tuple, connection.execute("SELECT key, device FROM runs")))

    return read


def test_another_device_changes_no_key(record):
    moved = on_device(record, "cuda")
    assert [run.key for run in expand(moved.specification)] == [run.key for run in expand(record.specification)]
    assert {run.settings.device for run in expand(moved.specification)} == {"cuda"}


def test_runs_are_moved_but_those_at_work(queue, singles, database, devices):
    queue.submit("small", singles)
    (at_work,) = queue.take(ME, 1)
    assert move(database, singles, "auto") == 2
    assert move(database, singles, "auto") == 0
    assert devices()[at_work.key] == at_work.device == "cpu"
    assert {dispatch.device for dispatch in queue.take(ME, 2)} == {"auto"}


def test_measurements_stay_where_they_are(queue, specification, runs, database, devices):
    queue.submit("small", runs)
    move(database, runs, "cuda")
    stay = similarity_run(specification).key
    assert {key for key, device in devices().items() if device != "cuda"} == {stay}


def test_moving_touches_no_specification(queue, singles, database):
    queue.submit("small", singles)

    def specifications():
        with database.reading() as connection:
            return [row[0] for row in connection.execute("SELECT specification FROM runs ORDER BY rowid")]

    before = specifications()
    move(database, singles, "cuda")
    assert specifications() == before


def test_requested_again_a_moved_run_stays_where_it_was_moved(queue, singles, database, devices):
    queue.submit("small", singles)
    move(database, singles, "cuda")
    queue.submit("small", singles)
    assert {devices()[run.key] for run in singles} == {"cuda"}


@pytest.fixture
def cards(tmp_path, monkeypatch):
    """Return the function that gives this machine some cards, as its driver lists them."""

    def give(n):
        folder = tmp_path / "gpus"
        for place in range(n):
            (folder / f"0000:0{place}:00.0").mkdir(parents=True)
        monkeypatch.setattr(this_machine, "_CARDS", folder)

    return give


def test_cards_are_counted_as_the_driver_lists_them(cards):
    cards(0)
    assert graphics_cards() == 0
    cards(3)
    assert graphics_cards() == 3


@pytest.mark.parametrize(
    ("n_cards", "demanding"), [(0, set()), (1, {"auto", "cuda"})], ids=["without a card", "with a card"]
)
def test_a_card_is_demanded_only_where_there_is_one(cards, n_cards, demanding):
    cards(n_cards)
    started = Engine(EngineSettings(workers=2, memory=10**9, processes=False))
    try:
        orders = {device: {"key": device, "attempt": 1, "device": device} for device in ("", "auto", "cpu", "cuda")}
        assert {device for device, order in orders.items() if "GPU" in started.demands(order)} == demanding
        # As many workers have a card as there are cards, so that no two runs share one.
        assert started.n_slots() == 2
    finally:
        started.close()
