"""What a person changes in figures, and how a URL holds it."""

import pytest
from streamlit.testing.v1 import AppTest

from app.figures.controls import edits_of
from app.figures.edits import Edits, colours_of, names_of, order_of
from core.errors import DataError


def test_an_order_holds_every_task_once():
    assert Edits(order=(3, 1, 9)).ordered(4) == (3, 1, 0, 2)
    assert Edits().ordered(3) == (0, 1, 2)


@pytest.mark.parametrize(
    ("read", "text", "place"),
    [
        (lambda text: names_of(text, 2), "a;b;c", "3 names"),
        (lambda text: names_of(text, 2), "a;a", '"a"'),
        (lambda text: order_of(text, 3), "1, 4", '"4"'),
        (lambda text: order_of(text, 3), "2, 2", "Task 2"),
        (lambda text: order_of(text, 3), "0", '"0"'),
        (colours_of, "1 to 0", "lower"),
        (colours_of, "nan to 1", "lower"),
        (colours_of, "0 to", "range"),
    ],
)
def test_what_cannot_be_read_is_named(read, text, place):
    with pytest.raises(DataError, match=place):
        read(text)


def test_codes_that_do_not_fit_are_left_out_one_by_one():
    assert edits_of("a;b;c", "0-7", "1~0", "a note", n_tasks=2) == Edits(note="a note")
    assert edits_of("a;b", "1-0", "-1~1", "", n_tasks=2) == Edits(("a", "b"), (1, 0), (-1.0, 1.0))


def page() -> None:
    import streamlit as st

    from app.figures.controls import ask_edits, current_edits
    from app.ui import page_url

    page_url.begin("test")
    edits = current_edits(3)
    ask_edits("menu", ["seg", "depth", "edges"], has_order=True, has_colours=True)
    st.text(repr(edits))
    page_url.end()


def test_a_link_and_the_fields_say_the_same():
    at = AppTest.from_function(page, default_timeout=60)
    at.query_params["fig_order"] = "2-0"
    at.run()
    assert at.text_input(key="menu_fig_order").value == "3, 1"
    at.text_input(key="menu_fig_names").input("Semantics; ; Edges").run()
    assert at.query_params["fig_names"] == "Semantics;;Edges"
    assert "names=('Semantics', '', 'Edges'), order=(2, 0)" in at.text[0].value
    at.text_input(key="menu_fig_colours").input("1 to 0").run()
    assert len(at.error) == 1
    assert "fig_colours" not in at.query_params
