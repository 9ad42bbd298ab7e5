"""Which lesson and which step the address names."""

import streamlit as st

from app.ui.page_url import url_value, write
from app.ui.unread_address import refuse


def number(name: str, low: int, high: int) -> int:
    """Return a whole number that the address and the session keep; the lowest where there is none that fits.

    Args:
        name: In the address.
        low: Least value, which the address leaves out.
        high: Greatest value.
    """
    arriving = url_value(name, name)
    if arriving is not None:
        st.session_state[_key(name)] = int(arriving) if arriving.isdecimal() and len(arriving) < 4 else low
    found = int(st.session_state.get(_key(name), low))
    found = found if low <= found <= high else low
    if arriving and str(found) != arriving:
        # What the address leaves out stands for no choice: no number is used, and none is offered.
        rule = f"a number from {low or 1} to {high}" if high > 1 else "1"
        refuse(name, rule, str(found) if low else "")
    set_number(name, found, low)
    return found


def set_number(name: str, value: int, low: int) -> None:
    """Keep a number.

    Args:
        name: In the address.
        value: The number.
        low: Least value, which the address leaves out.
    """
    st.session_state[_key(name)] = value
    write(name, "" if value == low else str(value))


def _key(name: str) -> str:
    # Other pages keep a step of their own.
    return f"learn_{name}"
