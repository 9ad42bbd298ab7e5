"""Levels within a memory, as the page says them."""

import base64
import itertools
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from app.virtual import memory
from app.virtual.memory_model import MemoryView, chosen_frame, enough_sentence, front_frame, headline
from core.families.virtual.memory import LevelChoice, MemoryQuestion
from core.families.virtual.results import VirtualResults


@pytest.fixture(params=list(MemoryQuestion))
def view(study_of, request):
    results = study_of("virtual").result(VirtualResults)
    return MemoryView.of(results, results.networks[0], request.param)


@pytest.mark.parametrize("budget", [0.25, 0.6, 1.0])
def test_within_a_memory_no_other_levels_are_better(view, budget):
    best = view.within(budget)
    scores = [
        np.mean([view.gains[task, level] for task, level in enumerate(levels)])
        for levels in itertools.product(range(4), repeat=3)
        if 4 * view.footprint.cost(levels, view.question) <= budget * view.whole + 1e-6
    ]
    assert best is None if not scores else best.score == pytest.approx(max(scores))


def test_what_is_said_is_what_the_download_has(view):
    best = view.within(0.8)
    data = memory.figure_data(view, 80, "virtual")
    assert json.loads(json.dumps(data)) == data
    entries = json.loads(zlib.decompress(base64.b64decode(data["packed"])))
    said, frame = entries[view.front.index(best)], chosen_frame(view, best)
    assert said["sentence"] == headline(view, best)
    assert [row[1] for row in said["rows"]] == [f"level {level}" for level in frame["level"]]
    assert [float(row[3]) for row in said["rows"]] == pytest.approx(frame["loses (points)"].tolist(), abs=0.05)
    assert all(len(row) == len(data["columns"]) for each in entries for row in each["rows"])
    assert [each["cost"] for each in entries] == sorted(each["cost"] for each in entries)


def test_every_row_of_every_memory_needs_more_and_gains_more(view):
    frame = front_frame(view)
    assert frame["bytes"].is_monotonic_increasing
    assert frame["mean Δ, validation"].is_monotonic_increasing
    assert len(frame) == len(view.front)


def test_what_is_lost_against_no_limit_is_said(view):
    last, first = view.front[-1], view.front[0]
    assert "no mean Δ is lost" in headline(view, last)
    assert f"{last.score - first.score:.1f} points less" in headline(view, first)
    apart = view.apart(first, "test")
    assert apart.value == pytest.approx(view.tested(first).value - view.tested(last).value)
    assert f"{apart.value:+.1f} ± {apart.half:.1f} on test".replace("-", "−") in headline(view, first)


def test_the_least_memory_within_noise_is_said(view):
    found, best = view.enough, view.front[-1]
    place = view.front.index(found)
    for each in view.front[:place]:
        low, high = view.apart(each, "validation").interval
        assert high < 0 or low > 0
    if found is not best:
        low, high = view.apart(found, "validation").interval
        assert low <= 0 <= high
    assert enough_sentence(view)
    single = replace(view.network, gains={split: gains[:1] for split, gains in view.network.gains.items()})
    assert enough_sentence(replace(view, network=single)) == ""


def test_separate_networks_share_nothing(view):
    found = LevelChoice((3, 3, 3), 0, 0.0)
    assert view.separate(found) == 4 * view.footprint.alone()[:, 3].sum()


class Sent:
    """What a component hands back."""

    def __init__(self, budget):
        self.budget = budget


@pytest.mark.parametrize("budget", [0, 101, 12.5, True, "50", None, [50], float("nan")])
def test_a_memory_that_no_drag_gives_changes_nothing(monkeypatch, budget):
    state = {memory.KEY: Sent(budget), memory.MEMORY: 80}
    monkeypatch.setattr(st, "session_state", state)
    memory.moved()
    assert state[memory.MEMORY] == 80


def test_a_released_memory_is_that_of_the_control(monkeypatch):
    state = {memory.KEY: Sent(37.0), memory.MEMORY: 80}
    monkeypatch.setattr(st, "session_state", state)
    memory.moved()
    assert state[memory.MEMORY] == 37
