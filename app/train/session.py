"""Whose runs are whose on a server that many people share."""

import hashlib
import os
import uuid

import streamlit as st

from core.errors import JobError

QUEUE_LIMIT = "BRANCHWISE_QUEUE_LIMIT"
# Streamlit sets it once per browser; it outlives reloads, tabs and restarts of the server.
_COOKIE = "_streamlit_xsrf"


def session_id() -> str:
    """Return a name for this browser that stays the same and tells nothing about it."""
    if "session_id" not in st.session_state:
        cookie = st.context.cookies.get(_COOKIE, "")
        st.session_state["session_id"] = browser_id(cookie) if cookie else uuid.uuid4().hex[:16]
    name: str = st.session_state["session_id"]
    return name


def browser_id(cookie: str) -> str:
    """Return the name of the browser that holds a cookie; the cookie can't be found from it.

    >>> browser_id("a") == browser_id("a"), browser_id("a") == browser_id("b"), len(browser_id("a"))
    (True, False, 16)
    >>> browser_id("2|00000000|cafe|1795361036") == browser_id("2|ffffffff|3501|1795361036")
    True
    """
    return hashlib.sha256(f"branchwise {_token(cookie)}".encode()).hexdigest()[:16]


def _token(cookie: str) -> str:
    # Every answer of the server masks the same token anew, so the cookie's text changes with each reload.
    match cookie.strip("\"'").split("|"):
        case ["2", mask, masked, _]:
            try:
                key, hidden = bytes.fromhex(mask), bytes.fromhex(masked)
            except ValueError:
                return cookie
            return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(hidden)).hex() if key else cookie
    return cookie


def queue_limit() -> int | None:
    """Return how many runs one browser may have in the queue, or None where nobody set a limit.

    Raises:
        JobError: The setting is no number above zero.
    """
    text = os.environ.get(QUEUE_LIMIT, "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise JobError(f"{QUEUE_LIMIT} is {text[:40]!r}. Set it to a whole number from 1, or remove it.")
    return int(text)
