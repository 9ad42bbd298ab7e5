"""The presenter's page: how to join, what members may do, questions and their tallies, the end of the class."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from app.classroom.asked import Asked
from app.classroom.join_page import UNENCRYPTED
from app.classroom.network import qr_svg, with_phrase
from app.classroom.room import Room, room_here
from app.classroom.store import ClassStore, held, hold
from app.classroom.tallies import tallies_csv, tally_rows
from app.ui.flash_messages import keep_errors
from app.ui.formatting import escape, plural
from app.ui.owner import check_owner, why_not_owner
from app.ui.page_frame import page_head, show_errors
from app.ui.presenting import is_presenting

_WHO: Final = "hold the class"
_EVERY_SECONDS: Final = 3.0
_SWITCHES: Final[dict[str, tuple[str, str]]] = {
    "wander": ("Open pages by themselves", "Otherwise they only follow what you show."),
    "tally": ("See the tally before the answer", "After their own guess, which they can't change any more."),
    "submissions": ("Submit trainings", "Each member's runs take turns with those of the others, at low priority."),
    "uploads": ("Store studies", "Import and create studies on this server."),
    "deletions": ("Delete their own studies", "Never those of others."),
}


def show_panel() -> None:
    """Show the page; to nobody but the presenter."""
    page_head("Class", "Who is in my class, what may they do, and what did they guess?")
    with show_errors():
        _show()


def _show() -> None:
    store, room = held(), room_here()
    if reason := why_not_owner(_WHO):
        st.warning(reason)
    elif store is None or room is None:
        st.info("The class has ended, and what was kept of it is deleted. Start another with `branchwise class`.")
    else:
        # On a projector the whole width is for those who join.
        join, allowed = (st.container(), st.container()) if is_presenting() else st.columns(2, gap="large")
        with join:
            _show_join(store, room)
        with allowed:
            _show_allowed(store)
        st.fragment(_show_questions, run_every=_EVERY_SECONDS)()
        _show_end(store)


def _show_join(store: ClassStore, room: Room) -> None:
    link = room.links[0]
    if is_presenting():
        _show_join_large(store, link)
        return
    st.header("Join", anchor=False)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.image(qr_svg(with_phrase(link, store.phrase)), width=220)
        with st.container(width="stretch", gap="small"):
            st.caption("Pass-phrase")
            st.subheader(store.phrase, anchor=False)
            st.caption("The QR code opens the join page, with the pass-phrase filled in.")
    st.code(link, language=None, wrap_lines=True)
    for other in room.links[1:4]:
        st.caption(f"or {escape(other)}")
    if not room.encrypted:
        st.caption(
            f"{UNENCRYPTED.split('. Type')[0]}. Encrypt with `--certificate FILE --key FILE`, given to "
            "the command `branchwise class`."
        )


def _show_join_large(store: ClassStore, link: str) -> None:
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.image(qr_svg(with_phrase(link, store.phrase)), width=560)
        with st.container(width="stretch", gap="large"):
            for label, words in (("Open this address, or scan the code", link), ("Pass-phrase", store.phrase)):
                with st.container(gap=None):
                    st.caption(label)
                    st.title(words, anchor=False)


def _show_allowed(store: ClassStore) -> None:
    st.header("Members may", anchor=False)
    for name, (label, note) in _SWITCHES.items():
        key = f"class-{name}"
        # Not from the last visit of this page: another tab may have changed it.
        st.session_state[key] = getattr(store.allowed, name)
        st.toggle(label, key=key, help=note, on_change=_allow, args=(name, key))


def _allow(name: str, key: str) -> None:
    store = held()
    with keep_errors():
        check_owner(_WHO)
        if store is not None:
            store.allow(replace(store.allowed, **{name: bool(st.session_state[key])}))


def _show_questions() -> None:
    store, room = held(), room_here()
    if store is None or room is None:
        return
    st.header("Questions", anchor=False)
    st.caption(f"{plural(store.n_members, 'member')} joined, {room.n_here} here now. Guesses carry no names.")
    questions, asked = store.questions(), room.asked or {}
    if not questions:
        st.caption("Nobody has guessed yet. Open a lesson and show its question.")
        return
    st.dataframe(
        pd.DataFrame(tally_rows(store, asked)).convert_dtypes(),
        hide_index=True,
        width="stretch",
        alt="Guesses of each question",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        open_ones = [name for name, each in questions.items() if not each.revealed]
        if open_ones:
            chosen = st.selectbox(
                "Question",
                open_ones,
                index=len(open_ones) - 1,
                key="class-question",
                width=400,
                format_func=lambda name: _title(name, asked),
            )
            st.button("Show the answer", on_click=_reveal, args=(chosen,))
            if chosen and questions[chosen].round == 1:
                st.button("Guess again", on_click=_again, args=(chosen,))
        st.download_button(
            "Tallies as CSV",
            tallies_csv(store, asked),
            "tallies.csv",
            "text/csv",
            icon=":material/download:",
            help="Counts only, nothing about a member.",
        )


def _title(question: str, asked: Mapping[str, Asked]) -> str:
    found = asked.get(question)
    return f"{found.lesson}: {found.step}" if found else question


def _reveal(question: str | None) -> None:
    store = held()
    with keep_errors():
        check_owner(_WHO)
        if store is not None and question:
            store.reveal(question)


def _again(question: str | None) -> None:
    store = held()
    with keep_errors():
        check_owner(_WHO)
        if store is not None and question:
            store.guess_again(question)


def _show_end(store: ClassStore) -> None:
    n = store.n_members
    # Unfolded in the page: a pop-up would cover the tallies.
    with st.expander("End the class …", icon=":material/logout:"):
        st.markdown(
            f"This deletes all guesses and signs out {plural(n, 'member')}. Download the tallies first if you want to "
            "keep them."
        )
        st.button("End the class", on_click=_end, key="class-end")


def _end() -> None:
    store = held()
    with keep_errors():
        check_owner(_WHO)
        hold(None)
        if store is not None:
            store.end()
