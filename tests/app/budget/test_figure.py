import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.budget.figure import _edited
from app.ui.links import layout_code
from core.errors import LayoutError
from core.layouts import Layout

START = Layout.parse("0,1,2 | 0,1,2 | 0,1;2")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
groups = st.lists(st.integers(-1, 4), max_size=4) | anything
edits = st.fixed_dictionaries(
    {},
    optional={
        "layout": st.sampled_from([layout_code(START), "garbage"]) | anything,
        "block": st.integers(-2, 4) | anything,
        "tasks": groups,
        "other": groups,
        "op": st.sampled_from(["cut", "merge"]) | anything,
    },
)


def edit(**changes: Any) -> dict[str, object]:
    return {"layout": layout_code(START), "block": 1, "tasks": [2], "op": "cut"} | changes


def test_a_cut_is_a_cut_and_a_join_a_join():
    assert _edited(edit(), 3, 3) == START.cut(1, [2])
    joined = edit(op="merge", block=2, tasks=[0, 1], other=[2])
    assert _edited(joined, 3, 3) == START.merge(2, [0, 1], [2])


@given(edits)
def test_whatever_the_browser_sends_makes_a_layout_of_this_study_or_a_sentence(sent):
    try:
        layout = _edited(sent, 3, 3)
    except LayoutError as refusal:
        said = str(refusal)
    else:
        said = "."
        assert (layout.n_tasks, layout.n_blocks) == (3, 3)
    assert said.endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": None}, {"layout": layout_code(Layout.all_split(5, 3))}, {"block": 9}, {"block": -1}, {"block": 1.0},
        {"block": "1"}, {"tasks": []}, {"tasks": [0, 1, 2]}, {"tasks": [7]}, {"tasks": "02"}, {"tasks": None},
        {"tasks": [[0]]}, {"tasks": [0], "other": 5, "op": "merge"}, {"tasks": [0], "other": [0], "op": "merge"},
        {"tasks": [10**30]}, {"op": "merge"},
    ],
)  # fmt: skip
def test_a_bad_edit_is_refused(changes):
    with pytest.raises(LayoutError):
        _edited(edit(**changes), 3, 3)


def page():
    """Receive what the test says the browser sent."""
    from types import SimpleNamespace

    import streamlit as st

    from app.budget import figure
    from app.ui import state
    from core.layouts import Layout
    from core.selection.choice import Choice

    state.begin()
    st.session_state.setdefault("budget", 60)
    scene = SimpleNamespace(
        front=[Choice(Layout.all_shared(3, 3), 0.0, 1.0)], cloud=[Choice(Layout.all_split(3, 3), 0.0, 3.0)],
        trained=SimpleNamespace(choices=[Choice(Layout.parse("0,1,2 | 0,1;2 | 0,1;2"), 0.5, 2.0)]), trained_shown=False,
    )  # fmt: skip
    what = st.session_state.get("what", "")
    if what:
        sent = st.session_state["sent"]
        st.session_state[figure.KEY] = None if what == "nothing" else SimpleNamespace(**{what: sent})
        figure._budget_moved()
        figure._point_picked(scene)
        figure._block_edited(3, 3)


@pytest.fixture
def receive():
    at = AppTest.from_function(page, default_timeout=120).run()

    def send(what: str, value: object) -> tuple[int, str, str]:
        at.session_state["what"], at.session_state["sent"] = what, value
        at.run()
        assert not at.exception
        known = at.session_state
        return known["budget"], known["layout"], known["budget_fault"] if "budget_fault" in known else ""  # noqa: SIM401  # it has no get

    return send


@pytest.mark.parametrize(("sent", "budget"), [(0.42, 42), (0.494, 49.4), (1, 100), (1.1, 100), (0.001, 1)])
def test_a_released_line_sets_the_slider(receive, sent, budget):
    assert receive("budget", sent) == (budget, "", "")


@pytest.mark.parametrize("sent", [None, "0.5", 0, -1, 99, math.nan, math.inf, [0.5], {}, 10**400])
def test_no_other_budget_is_believed(receive, sent):
    assert receive("budget", sent) == (60, "", "")


def test_moving_the_line_goes_back_to_the_best(receive):
    assert receive("picked", {"kind": "cloud", "index": 0})[1] == layout_code(Layout.all_split(3, 3))
    assert receive("budget", 0.5) == (50, "", "")


@pytest.mark.parametrize(
    ("kind", "layout"),
    [
        ("front", Layout.all_shared(3, 3)),
        ("cloud", Layout.all_split(3, 3)),
        ("trained", Layout.parse("0,1,2 | 0,1;2 | 0,1;2")),
    ],
)
def test_a_clicked_point_is_selected_and_the_budget_stays(receive, kind, layout):
    assert receive("picked", {"kind": kind, "index": 0})[:2] == (60, layout_code(layout))


@pytest.mark.parametrize(
    "sent", [None, 3, [], {}, {"kind": "front"}, {"kind": "front", "index": 1}, {"kind": "cloud", "index": -1},
             {"kind": "pins", "index": 0}, {"kind": ["front"], "index": 0}, {"kind": "front", "index": "0"}],
)  # fmt: skip
def test_no_other_click_selects(receive, sent):
    assert receive("picked", sent) == (60, "", "")


def test_an_edit_selects_and_a_bad_one_is_said(receive):
    assert receive("edit", edit())[1:] == (layout_code(START.cut(1, [2])), "")
    assert receive("edit", edit(block=9))[2].startswith("Block 9")


@pytest.mark.parametrize("sent", [None, "cut", 5, [], {}])
def test_no_edit_changes_nothing(receive, sent):
    assert receive("edit", sent)[:2] == (60, "")


def test_a_message_without_a_component_changes_nothing(receive):
    assert receive("nothing", None) == (60, "", "")
