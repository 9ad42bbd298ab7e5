"""What the drawing of the best assignments is sent, and what it hands back."""

import base64
import json
import zlib

import numpy as np
import pytest
import streamlit as st

from app.components.assignment_front import score_ticks
from app.paths import front
from app.paths.assignment_model import AssignmentView, assigned_frame, headline
from core.costs import Unit
from core.families.multipath.assignment import AssignmentQuestion
from core.families.multipath.results import MultiPathResults


def view_of(study, question=AssignmentQuestion.ACTIVE, unit=Unit.MACS):
    return AssignmentView.of(study.result(MultiPathResults), study.backbone, unit, question)


def entries(data):
    return json.loads(zlib.decompress(base64.b64decode(data["packed"])))


@pytest.mark.parametrize("question", AssignmentQuestion)
def test_a_drag_finds_words_for_every_budget(study_of, question):
    view = view_of(study_of("paths"), question)
    data = front.figure_data(view, 80, "paths")
    assert json.loads(json.dumps(data)) == data
    found = entries(data)
    assert len(found) == len(view.front)
    assert [each["cost"] for each in found] == sorted(each["cost"] for each in found)
    assert all(len(row) == len(data["columns"]) for each in found for row in each["rows"])
    assert ("usage" in data["columns"]) == (question is AssignmentQuestion.ACTIVE)
    low, high = data["ticks"][0][0], data["ticks"][-1][0]
    assert low <= found[0]["score"] <= found[-1]["score"] <= high


def test_what_is_said_of_a_budget_is_what_the_download_has(study_of):
    view = view_of(study_of("paths"), AssignmentQuestion.OWN_INPUT)
    best = view.within(0.5)
    place = view.front.index(best)
    said = entries(front.figure_data(view, 50, "paths"))[place]
    frame = assigned_frame(view, best)
    assert said["sentence"] == headline(view, best)
    assert [row[:2] for row in said["rows"]] == frame[["task", "exit"]].to_numpy().tolist()
    assert [float(row[3]) for row in said["rows"]] == pytest.approx(frame["loses (points)"].tolist(), abs=0.05)


@pytest.mark.parametrize("scores", [[0.0], [-7.25], [1.0, 1.0 + 1e-9], [-3.2, 4.9], [1e-7, 2e-7], [-1e6, 1e6]])
def test_the_axis_covers_every_score(scores):
    marks = score_ticks(scores)
    values = [value for value, _ in marks]
    assert values[0] <= min(scores) + 1e-9
    assert max(scores) <= values[-1] + 1e-9
    assert 2 <= len(marks) <= 12
    assert np.all(np.diff(values) > 0)


class Sent:
    """What a component hands back."""

    def __init__(self, budget):
        self.budget = budget


@pytest.mark.parametrize("budget", [0, 101, 12.5, True, "50", None, [50], float("nan"), float("inf")])
def test_a_budget_that_no_drag_gives_changes_nothing(monkeypatch, budget):
    state = {front.KEY: Sent(budget), front.BUDGET: 80}
    monkeypatch.setattr(st, "session_state", state)
    front.moved()
    assert state[front.BUDGET] == 80


def test_a_released_budget_is_that_of_the_control(monkeypatch):
    state = {front.KEY: Sent(37.0), front.BUDGET: 80}
    monkeypatch.setattr(st, "session_state", state)
    front.moved()
    assert state[front.BUDGET] == 37
