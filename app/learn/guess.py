"""What has been guessed: the answer and what follows from it are shown afterwards, not before."""

from collections.abc import Mapping

import streamlit as st

from app.classroom import guesses as of_class
from app.lessons.document import Choice
from app.lessons.prose import markdown
from app.ui.formatting import escape, share
from app.ui.owner import is_owner
from core.errors import BranchwiseError

PROSE_WIDTH = 760
EVERY_SECONDS = 2.0
_GUESSES, _FAULT = "lesson_guesses", "lesson_guess_fault"
# Somebody looked at the answer without a guess.
_SHOWN = -1


def guess_of(question: str) -> int | None:
    """Return the option that this browser guessed, counted from 1; 0 where it looked at the answer without a guess.

    Args:
        question: Its name.
    """
    found = of_class.my_guess(question) if of_class.in_class() else _guesses().get(question)
    return None if found is None else found + 1


def is_open(question: str) -> bool:
    """Return whether the answer may be shown: one has guessed, or asked for it; in a class, the presenter decides.

    Args:
        question: Its name.
    """
    return of_class.is_revealed(question) if of_class.in_class() else question in _guesses()


def show_choice(question: str, choice: Choice, values: Mapping[str, str]) -> None:
    """Show the options; once the answer is open, which is right and which was chosen.

    Args:
        question: Its name.
        choice: The options.
        values: Of placeholders.
    """
    guessed, opened = guess_of(question), is_open(question)
    with st.container(gap="small", width=PROSE_WIDTH):
        for number, option in enumerate(choice.options, start=1):
            right, mine = number == choice.answer, number == guessed
            st.button(
                markdown(option, values) + (" (your guess)" if mine else ""),
                key=f"guess-{question}-{number}",
                icon=_icon(opened, right=right, mine=mine),
                type="primary" if opened and right else "secondary",
                disabled=opened and not right and not mine,
                width="stretch",
                on_click=_guess,
                args=(question, number - 1),
            )
        if fault := st.session_state.pop(_FAULT, ""):
            st.error(escape(fault))
        if of_class.in_class():
            _show_class(question, choice, values)
        elif not opened:
            st.button(
                "Show the answer", key=f"show-{question}", type="tertiary", on_click=_guess, args=(question, _SHOWN)
            )
        elif guessed:
            st.markdown("**Right.**" if guessed == choice.answer else "**Not quite.**")


def _icon(opened: bool, *, right: bool, mine: bool) -> str:
    if opened and right:
        return ":material/check_circle:"
    if opened and mine:
        return ":material/cancel:"
    return ":material/radio_button_checked:" if mine else ":material/radio_button_unchecked:"


def _guess(question: str, option: int) -> None:
    if of_class.in_class():
        try:
            of_class.submit_guess(question, option)
        except BranchwiseError as fault:
            st.session_state[_FAULT] = str(fault)
    else:
        # The first guess counts: what is known by then is no guess any more.
        _guesses().setdefault(question, option)


def _guesses() -> dict[str, int]:
    found: dict[str, int] = st.session_state.setdefault(_GUESSES, {})
    return found


def _show_class(question: str, choice: Choice, values: Mapping[str, str]) -> None:
    """Show how the class has guessed, again and again until the answer is open; the presenter opens it."""
    opened = of_class.is_revealed(question)
    if is_owner() and not opened:
        st.button("Show the answer to the class", key=f"reveal-{question}", on_click=of_class.reveal, args=(question,))
    st.fragment(
        lambda: _tally(question, choice, values, opened=opened),
        run_every=None if opened else EVERY_SECONDS,
        key=f"tally-{question}",
    )()


def _tally(question: str, choice: Choice, values: Mapping[str, str], *, opened: bool) -> None:
    if of_class.is_revealed(question) and not opened:
        st.rerun()
    counts = of_class.tally(question, len(choice.options))
    if counts is None:
        st.caption("The class is guessing. The answer comes when the presenter shows it.")
        return
    total = sum(counts)
    st.caption(f"{_guesses_words(total)} of the class")
    for option, number in zip(choice.options, counts, strict=False):
        part = number / total if total else 0.0
        st.progress(part, text=f"{markdown(option, values)}: {number} ({share(part)})")


def _guesses_words(total: int) -> str:
    return f"{total} guess{'' if total == 1 else 'es'}"
