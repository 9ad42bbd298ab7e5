import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from app.ui import page_url, unread_address, url_state

    page_url.begin(st.session_state.get("page", "first"))
    if st.session_state.get("asked", True):
        labels = {"one": "The first", "two": "The second"}
        st.session_state["chosen"] = url_state.choice("What", ["one", "two"], "key", name="code", labels=labels)
    st.session_state["got"] = url_state.whole_number("Branches", 1, 40, 5, "k")
    st.session_state["picked"] = url_state.numbers("Before", [1, 2, 3], [2], "starts")
    url_state.name_choice("Task", ["tall", "Infinity"], "task")
    st.session_state["held"] = page_url.kept("layout")
    unread_address.show_unread_address()
    page_url.end()


def opened(**address: str | list[str]) -> AppTest:
    at = AppTest.from_function(page, default_timeout=120)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("text", ["two", "The second"])
def test_a_code_and_a_label_are_understood_and_the_code_is_written(text):
    at = opened(code=text)
    assert at.session_state["chosen"] == "two"
    assert at.query_params["code"] == "two"
    at.segmented_control(key="key").set_value("one").run()
    assert dict(at.query_params) == {}
    at.segmented_control(key="key").set_value("two").run()
    assert at.query_params["code"] == "two"


@pytest.mark.parametrize("text", ["", "three", "the second", "<b>", "one"])
def test_nonsense_and_the_default_leave_the_address_and_nonsense_is_said(text):
    at = opened(code=text)
    assert at.session_state["chosen"] == "one"
    assert "code" not in at.query_params
    assert bool(at.warning) == (text not in ("", "one"))


def test_what_can_not_be_read_is_said_once_until_it_is_changed():
    at = opened(code="<img src=x>" * 9, k="41")
    (said,) = at.warning
    assert "code" in said.value
    assert "41" in said.value
    assert "<" not in said.value.replace("\\<", "")
    assert len(said.value) < 400
    at.number_input(key="k").set_value(7).run()
    (said,) = at.warning
    assert "41" not in said.value
    at.session_state["page"] = "second"
    assert not at.run().warning


def test_a_control_that_is_gone_leaves_the_address_and_comes_back_as_it_was():
    at = opened(code="two")
    at.session_state["asked"] = False
    at.run()
    assert "code" not in at.query_params
    at.session_state["asked"] = True
    at.run()
    assert at.session_state["chosen"] == at.query_params["code"] == "two"


def test_the_session_decides_while_a_page_stays_open_and_the_address_when_one_is_opened():
    at = opened(code="two", layout="a")
    at.query_params["code"] = "one"
    at.run()
    assert at.session_state["chosen"] == at.query_params["code"] == "two"
    at.session_state["page"], at.query_params["code"], at.query_params["layout"] = "second", "one", "b"
    at.run()
    assert (at.session_state["chosen"], at.session_state["held"]) == ("one", "b")


def test_a_page_that_is_opened_without_an_address_keeps_what_was_chosen():
    at = opened(code="two", layout="a")
    at.session_state["page"] = "second"
    at.query_params.clear()
    at.run()
    assert (at.session_state["chosen"], at.session_state["held"]) == ("two", "a")
    assert (at.query_params["code"], at.query_params["layout"]) == ("two", "a")


@pytest.mark.parametrize(("words", "value"), [("1e400", 5), ("-1e999", 5), ("inf", 5), ("7", 7), ("nan", 5)])
def test_a_number_beyond_all_bounds_is_passed_over(words, value):
    at = opened(k=words)
    assert at.session_state["got"] == value
    assert [words in each.value.replace("\\", "") for each in at.warning] == [True] * (words != "7")


def test_what_people_name_may_be_called_like_a_number():
    at = opened(study="inf", task="Infinity", k="1e400", x="1e400")
    assert at.session_state["task"] == at.query_params["task"] == "Infinity"
    assert "k" not in at.query_params
    (said,) = at.warning
    assert "1 to 40" in said.value
    assert all(words not in said.value for words in ("study", "task", "x should"))


@pytest.mark.parametrize(
    ("texts", "picked", "written", "blamed"),
    [
        (["2", "4"], [1, 3], ["2", "4"], ""),
        (["3"], [2], None, ""),
        ([""], [], "", ""),
        (["2", "1e400"], [1], "2", "1e400"),
        (["1e400", "2"], [1], "2", "1e400"),
        (["inf"], [2], None, "inf"),
    ],
)
def test_some_of_a_few_numbers_are_read_and_written_and_the_strange_one_is_said(texts, picked, written, blamed):
    at = opened(starts=texts)
    assert at.session_state["picked"] == picked
    assert at.query_params.get("starts") == written
    assert [f"“{blamed}”" in each.value for each in at.warning] == [True] * bool(blamed)
