import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from app.ui.address import forget_endless_numbers

    forget_endless_numbers()
    st.session_state["got"] = st.number_input("Branches", 1, 40, 5, key="k", bind="query-params")


@pytest.mark.parametrize(("words", "value"), [("1e400", 5), ("-1e999", 5), ("inf", 5), ("7", 7), ("nan", 5)])
def test_a_number_beyond_all_bounds_is_passed_over(words, value):
    at = AppTest.from_function(page, default_timeout=60)
    at.query_params["k"] = words
    at.run()
    assert not at.exception
    assert at.session_state["got"] == value


def test_a_study_may_be_called_like_a_number():
    at = AppTest.from_function(page, default_timeout=60)
    at.query_params["study"], at.query_params["k"] = "inf", "1e400"
    at.run()
    assert dict(at.query_params) == {"study": "inf"}


def stubborn():
    import streamlit as st

    from app.ui.address import forget_endless_numbers

    st.query_params["k"] = "1e400"  # as a page that writes its own state into the address
    forget_endless_numbers()
    st.markdown("done")


def test_what_is_put_back_is_not_forgotten_for_ever():
    at = AppTest.from_function(stubborn, default_timeout=20).run()
    assert [each.value for each in at.markdown] == ["done"]
