"""What an address may hold that no control can take."""

import math

import streamlit as st

# What people name, and what ``app.ui.state`` checks by itself: no control reads a number there.
_NO_NUMBERS = ("study", "layout", "pins", "depth")
_FORGOTTEN = "endless_forgotten"


def forget_endless_numbers() -> None:
    """Forget parameters that are infinite when read as a number, and begin again without them.

    Streamlit passes over every other nonsense, but a control of whole numbers that finds ``1e400`` ends the page.
    """
    found = [
        name
        for name in st.query_params
        if name not in _NO_NUMBERS and any(map(is_endless, st.query_params.get_all(name)))
    ]
    # Once in a session for each: if something puts it back there is no end to beginning again.
    before: set[str] = st.session_state.setdefault(_FORGOTTEN, set())
    fresh = [name for name in found if name not in before]
    for name in found:
        del st.query_params[name]
    if fresh:
        st.session_state[_FORGOTTEN] = before | set(fresh)
        # Controls begin with what the address held when the run began.
        st.rerun()


def is_endless(words: str) -> bool:
    """Give whether an address's words are a number beyond all bounds.

    >>> is_endless("1e400"), is_endless("-inf"), is_endless("40"), is_endless("nan"), is_endless("Table 1")
    (True, True, False, False, False)
    """
    try:
        return math.isinf(float(words))
    except ValueError:
        return False
