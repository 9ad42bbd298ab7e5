"""What the drawing of units is sent, and what it hands back."""

import json

import pytest
import streamlit as st

from app.virtual import units
from app.virtual.units_model import UnitsView, levels_frame, totals_frame, totals_sentence
from core.backbones.division import Division
from core.families.virtual.orders import cyclic_orders, nearest_orders
from core.families.virtual.results import VirtualResults


@pytest.fixture
def view(study_of):
    results = study_of("virtual").result(VirtualResults)
    network = results.networks[0]
    return UnitsView(tuple(t.name for t in results.tasks), results.division, network.orders, network.payloads[0])


def test_a_drag_finds_words_for_every_task_and_level(view):
    data = units.figure_data(view, 1, 2, "virtual")
    assert json.loads(json.dumps(data)) == data
    assert [len(row) for row in data["sentences"]] == [4, 4, 4]
    assert len(data["bars"]) == len(data["densities"]) == 4
    assert data["shown"] == [1, 2]
    assert len({sentence for row in data["sentences"] for sentence in row}) == 12


def test_what_is_said_of_a_level_is_what_its_record_has(view):
    frame = levels_frame(view)
    assert frame["pieces"].tolist() == [1, 4, 9, 16] * 3
    first = frame.iloc[:4]
    assert first["shared weights"].tolist() == [144 * n * n + 27 * n for n in (1, 2, 3, 4)]
    # What a level has more than the one below it adds up to the whole.
    assert first["more weights than below, bytes"].sum() == 4 * first["shared weights"].iloc[-1]
    assert (
        frame["bytes"].tolist() == (4 * (frame["shared weights"] + frame["norms and biases"] + frame["head"])).tolist()
    )


def test_totals_are_said_as_they_are_drawn():
    even = UnitsView(("a", "b", "c"), Division(3), cyclic_orders(3, 3), None)
    assert totals_sentence(even).startswith("Every unit is learned by 6 levels")
    uneven = UnitsView(("a", "b", "c", "d"), Division(4), nearest_orders(4, 4), None)
    assert "9, 12, 11 and 8" in totals_sentence(uneven)
    frame = totals_frame(uneven)
    assert [frame[f"from unit {n}"][n - 1] for n in (1, 2, 3, 4)] == [9, 12, 11, 8]


class Sent:
    """What a component hands back."""

    def __init__(self, shown):
        self.shown = shown


@pytest.mark.parametrize(
    "shown",
    [None, 1, "01", [1], [1, 2, 3], [3, 0], [0, 4], [-1, 0], [True, 1], [0.5, 1], ["1", "1"], [float("nan"), 0]],
)
def test_what_no_drag_gives_changes_nothing(monkeypatch, view, shown):
    state = {units.KEY: Sent(shown), units.TASK: "1"}
    monkeypatch.setattr(st, "session_state", state)
    units.moved(view)
    assert state == {units.KEY: state[units.KEY], units.TASK: "1"}


def test_a_released_level_is_that_of_the_address(monkeypatch, view):
    state = {units.KEY: Sent([2.0, 3])}
    monkeypatch.setattr(st, "session_state", state)
    units.moved(view)
    assert (state[units.TASK], state[units.LEVEL]) == ("2", "3")
