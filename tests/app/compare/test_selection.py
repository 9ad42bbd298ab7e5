"""What is selected and pinned on Compare is what other pages have, where it is a layout."""

import pytest
import streamlit as st

from app.compare import selection
from app.compare.model import CompareView, code_of
from app.compare.pinned import unpin_code
from app.ui import page_url
from core.costs import CostQuestion, Unit
from core.studies.bundled import load_bundled
from core.studies.study_plane import StudyPlane


@pytest.fixture
def held(monkeypatch):
    """What the session holds, without a browser."""
    session: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", session)
    monkeypatch.setattr(page_url, "write", lambda _name, _value: None)
    monkeypatch.setattr(page_url, "url_value", lambda _name, _key: None)
    return session


def test_a_layout_is_selected_and_pinned_on_all_pages(held):
    view = CompareView(StudyPlane(load_bundled("scenes")), CostQuestion.STORED, Unit.PARAMETERS)
    one, other = [each for each in view.networks if each.point.layout is not None][:2]
    selection.select(one)
    assert held["layout"]
    assert selection.selected(view) == one
    for each in (one, other, one):
        selection.pin(view, each)
    assert held["pins"].count("~") == 1
    assert selection.pins(view) == {"A": one, "B": other}
    selection.unpin(one)
    assert selection.pins(view) == {"A": other}
    selection.select(None)
    assert selection.selected(view) is None


def test_four_networks_of_other_families_are_pinned_at_most(held, stored):
    others = [each for each in stored.networks if each.point.layout is None]
    for each in others:
        selection.pin(stored, each)
    assert list(selection.pins(stored).items()) == list(zip("ABCD", others[:4], strict=True))
    # A network keeps its letter where another one has no cost; the plane there needs no more than the first view.
    elsewhere = CompareView(stored.plane, CostQuestion.ONE_TASK, Unit.LATENCY)
    assert all(selection.pins(stored)[letter].point.label == each.point.label
               for letter, each in selection.pins(elsewhere).items())  # fmt: skip
    assert not selection.can_pin(stored, others[4])
    unpin_code(code_of(others[0].point))
    assert list(selection.pins(stored).values()) == others[1:4]
    selection.select(others[0])
    assert held["chosen"] == code_of(others[0].point)
    assert not held.get("layout")
    # A code of another study is dropped.
    held["chosen"] = "multipath:of another study"
    assert selection.selected(stored) is None
    assert held["chosen"] == ""
