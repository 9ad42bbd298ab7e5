import json

import pytest
import streamlit as st

from app.paths import figure
from app.paths.controls import EXITS
from app.paths.model import backbone_ladder, preset_ladder
from core.backbones import load_backbone


@pytest.mark.parametrize("ladder", [preset_ladder("resnet18-5"), backbone_ladder(load_backbone("maxvit_t"))])
def test_a_drag_finds_words_for_every_place(ladder):
    data = figure.figure_data(ladder)
    assert json.loads(json.dumps(data)) == data
    assert len(data["rows"]) == len(data["names"]) == len(ladder.rungs)
    assert all(len(row) + 1 == len(data["columns"]) for row in data["rows"])
    for strip in data["strips"]:
        assert strip["ends"] == sorted(strip["ends"])
        assert len(strip["ends"]) == len(strip["written"]) == len(ladder.rungs)


class Sent:
    """What a component hands back."""

    def __init__(self, exits):
        self.exits = exits


@pytest.mark.parametrize("exits", [[1, 2, 99], [True], ["1"], "12", [-1], [0.5], list(range(9)), None, [float("nan")]])
def test_exits_that_no_drag_gives_change_nothing(monkeypatch, exits):
    state = {figure.KEY: Sent(exits), EXITS: ["1"]}
    monkeypatch.setattr(st, "session_state", state)
    figure._moved(8)
    assert state[EXITS] == ["1"]


def test_released_exits_are_those_of_the_control(monkeypatch):
    state = {figure.KEY: Sent([5, 2.0])}
    monkeypatch.setattr(st, "session_state", state)
    figure._moved(8)
    assert state[EXITS] == ["2", "5"]
