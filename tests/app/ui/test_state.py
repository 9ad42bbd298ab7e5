import pytest
from streamlit.testing.v1 import AppTest

from app.ui.links import layout_code
from app.ui.state import MAX_PINS
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts

LAYOUTS = list(enumerate_layouts(3, 3))
CODES = [layout_code(layout) for layout in LAYOUTS]


def page():
    """Do what the test asks, then write down what any page would see."""
    import streamlit as st

    from app.ui import state
    from app.ui.links import layout_code

    state.begin()
    for name, *values in st.session_state.get("acts", []):
        getattr(state, name)(*values)
    st.session_state["acts"] = []
    chosen = state.selected(3, 3)
    st.session_state["seen"] = (
        layout_code(chosen) if chosen else "", [layout_code(pin) for pin in state.pins(3, 3)], state.can_undo()
    )  # fmt: skip


def opened(**address: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=120)
    for name, value in address.items():
        at.query_params[name] = value
    return at.run()


def after(at: AppTest, *acts: tuple[object, ...]):
    at.session_state["acts"] = list(acts)
    at.run()
    assert not at.exception
    return at.session_state["seen"]


def address(at: AppTest, name: str) -> str:
    found = at.query_params.get(name, "")
    return found[0] if isinstance(found, list) else found


def test_an_empty_address_selects_nothing():
    at = opened()
    assert at.session_state["seen"] == ("", [], False)
    assert not at.warning


def test_a_selection_is_in_the_address_and_back():
    at = opened()
    assert after(at, ("select", LAYOUTS[4])) == (CODES[4], [], True)
    assert address(at, "layout") == CODES[4]
    assert after(at, ("select", None))[0] == ""
    assert address(at, "layout") == ""


def test_a_link_opens_what_it_names():
    at = opened(layout=CODES[3], pins=f"{CODES[1]}~{CODES[2]}")
    assert at.session_state["seen"] == (CODES[3], [CODES[1], CODES[2]], False)


def test_undo_goes_back_through_every_choice():
    at = opened(layout=CODES[0])
    after(at, *(("select", LAYOUTS[n]) for n in (1, 2)), ("select", None))
    back = [after(at, ("undo",)) for _ in range(4)]
    assert [seen[0] for seen in back] == [CODES[2], CODES[1], CODES[0], CODES[0]]
    assert [seen[2] for seen in back] == [True, True, False, False]


def test_a_long_session_keeps_a_bounded_history():
    at = opened()
    after(at, *(("select", LAYOUTS[n % 2]) for n in range(500)))
    assert len(at.session_state["undo"]) <= 100


def test_pins_keep_their_order_and_stop_at_four():
    at = opened()
    acts = [("pin", LAYOUTS[n]) for n in (5, 5, 1, 3, 0, 2)]
    assert after(at, *acts)[1] == [CODES[n] for n in (5, 1, 3, 0)]
    assert len(after(at)[1]) == MAX_PINS
    assert after(at, ("unpin", LAYOUTS[1]), ("unpin", LAYOUTS[9]), ("pin", LAYOUTS[2]))[1] == [
        CODES[n] for n in (5, 3, 0, 2)
    ]
    assert address(at, "pins") == "~".join(CODES[n] for n in (5, 3, 0, 2))


def test_another_study_starts_with_nothing():
    at = opened(layout=CODES[3], pins=CODES[1])
    after(at, ("select", LAYOUTS[1]), ("pin", LAYOUTS[2]))
    assert after(at, ("forget_layouts",)) == ("", [], False)
    assert address(at, "layout") == address(at, "pins") == ""


@pytest.mark.parametrize("code", ["garbage", layout_code(Layout.all_split(5, 3)), "3!0:0_1_2!1:0.1.2", "*!:_" * 50])
def test_a_link_with_a_bad_layout_says_so_once_and_forgets_it(code):
    at = opened(layout=code)
    assert not at.exception
    assert len(at.warning) == 1
    assert at.session_state["seen"][0] == ""
    assert address(at, "layout") == ""
    assert not at.run().warning


def test_a_layout_that_a_link_pins_twice_is_pinned_once():
    """Also where its groups stand in another order: cards of equal layouts would end the page."""
    one, other = Layout.parse("0;1,2 | 0;1,2 | 0;1,2", ["0", "1", "2"]), CODES[1]
    code = layout_code(one)
    turned = code.replace("0_1.2", "1.2_0")
    assert turned != code
    at = opened(pins=f"{code}~{turned}~{code}~{other}")
    assert at.session_state["seen"][1] == list(dict.fromkeys([code, other]))


@pytest.mark.parametrize("pins", ["garbage", "~~~", f"x~{CODES[1]}~{layout_code(Layout.all_split(5, 3))}", "~" * 5000])
def test_bad_pins_are_passed_over(pins):
    at = opened(pins=pins)
    assert not at.exception
    assert at.session_state["seen"][1] == [code for code in pins.split("~") if code in CODES]


def test_bad_pins_take_no_place():
    at = opened(pins="~".join(f"garbage{n}" for n in range(9)))
    assert after(at, ("pin", LAYOUTS[1]))[1] == [CODES[1]]


def test_many_pins_in_a_link_are_four():
    at = opened(pins="~".join(CODES * 3))
    assert at.session_state["seen"][1] == CODES[:4]


def test_pins_that_cannot_be_read_are_dropped_and_counted_those_of_other_studies_stay():
    foreign = layout_code(Layout.all_shared(4, 2))
    at = opened(pins="~".join(["][", CODES[0], foreign, "3!0:0.0.1.2"]))
    assert after(at, ("drop_damaged_pins", 3, 3))[1] == [CODES[0]]
    assert address(at, "pins") == f"{CODES[0]}~{foreign}"
