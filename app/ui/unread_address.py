"""Values of the address that can't be read: each is said once, above the page, with what is shown instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from app.ui.formatting import escape

_NOTES = "unread_address"
# These have messages of their own, where their layouts and studies are shown.
_SAID_ELSEWHERE = ("study", "layout", "pins")
_MOST_LETTERS, _MOST_CODES = 40, 8


@dataclass(slots=True)
class _Note:
    """One value that can't be read.

    Args:
        sentence: What is said of it, for Markdown.
        left: What the address had in its place when that was said first; None before.
    """

    sentence: str
    left: str | None = None


@dataclass(slots=True)
class _Arrived:
    """What an address brought in this run, and what of it could not be read on this page.

    Args:
        values: Name → text.
        notes: Name → note.
    """

    values: dict[str, str] = field(default_factory=dict)
    notes: dict[str, _Note] = field(default_factory=dict)


def begin(*, is_new: bool) -> None:
    """Begin a run of a page: what is dropped from now on was not brought by an earlier address.

    Args:
        is_new: Whether the page was not open before, so that no note is about it.
    """
    if is_new:
        st.session_state[_NOTES] = _Arrived()
    _held().values.clear()


def arrived(name: str, text: str) -> None:
    """Keep what the address brought under a name, until it is read or refused in this run."""
    _held().values[name] = text


def refuse(name: str, rule: str, used: str = "") -> None:
    """Note that what the address brought can't be read; nothing where the session brought it.

    Args:
        name: In the address.
        rule: What it should be.
        used: What is used instead, as in an address; empty where it is left out.
    """
    found = _held().values.pop(name, "")
    if not found or name in _SAID_ELSEWHERE:
        return
    short = found if len(found) <= _MOST_LETTERS else f"{found[:_MOST_LETTERS]}…"
    instead = f"{used} is used" if used else "it is left out"
    sentence = f"In this link, {name} should be {rule}. It is “{short}”, so {instead}."
    _held().notes[name] = _Note(escape(sentence))


def codes_rule(codes: Sequence[str]) -> str:
    """Return what a value of few codes should be.

    >>> codes_rule(["macs", "bytes", "latency"]), codes_rule(["all"])
    ('macs, bytes or latency', 'all')
    """
    if len(codes) > _MOST_CODES:
        return f"one of its {len(codes)} values"
    return " or ".join(filter(None, [", ".join(codes[:-1]), *codes[-1:]]))


def show_unread_address() -> None:
    """Show the notes of this page, those whose value was not changed since."""
    notes = _held().notes
    for name, note in list(notes.items()):
        present = st.query_params.get(name, "")
        if note.left is None:
            note.left = present
        elif note.left != present:
            del notes[name]
    if notes:
        st.warning("  \n".join(note.sentence for note in notes.values()), icon=":material/link_off:")


def _held() -> _Arrived:
    found: _Arrived = st.session_state.setdefault(_NOTES, _Arrived())
    return found
