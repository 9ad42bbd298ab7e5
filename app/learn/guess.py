"""What has been guessed: it may be changed until the answer, and what follows from it, is shown."""

from collections.abc import Mapping
from contextlib import nullcontext
from string import ascii_uppercase

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.classroom import guesses as of_class
from app.components.class_question import class_question
from app.lessons.document import Choice
from app.lessons.prose import inline_html, markdown
from app.ui.presenting import is_presenting

# In pixels, as wide as one reads with ease; larger letters take as much more.
_PROSE_WIDTH, _PRESENTED = 760, 1330

_GUESSES, _OPENED = "lesson_guesses", "lesson_answers"


def prose_width() -> int:
    """Return the width of prose in pixels."""
    return _PRESENTED if is_presenting() else _PROSE_WIDTH


def guess_of(question: str) -> int | None:
    """Return the option that this browser guessed, counted from 1.

    Args:
        question: Its name.
    """
    found = of_class.my_guess(question) if of_class.in_class() else _guesses().get(question)
    return None if found is None else found + 1


def is_open(question: str) -> bool:
    """Return whether the answer may be shown: the reader requested it; in a class, the presenter decides.

    Args:
        question: Its name.
    """
    return of_class.is_revealed(question) if of_class.in_class() else question in _opened()


def show_choice(question: str, choice: Choice, values: Mapping[str, str], below: DeltaGenerator | None = None) -> None:
    """Show the options, and which was chosen; once the answer is open, which is right.

    Args:
        question: Its name.
        choice: The options.
        values: Of placeholders.
        below: Where the way to the answer stands; below the options where None.
    """
    if of_class.in_class():
        _show_to_class(question, choice, values)
        return
    guessed, opened = guess_of(question), is_open(question)
    # The question, all options and the way to the answer are seen at once.
    with st.container(gap="xxsmall" if is_presenting() else "xsmall", width=prose_width()):
        for number, option in enumerate(choice.options, start=1):
            right, mine = number == choice.answer, number == guessed
            st.button(
                f"**{ascii_uppercase[number - 1]}**  {markdown(option, values)}" + (" (your guess)" if mine else ""),
                key=f"guess-{question}-{number}",
                icon=_icon(opened, right=right, mine=mine),
                type="primary" if opened and right else "secondary",
                disabled=opened and not right and not mine,
                width="stretch",
                on_click=_guess,
                args=(question, number - 1),
            )
        if opened and guessed:
            st.markdown("**Right.**" if guessed == choice.answer else "**Not quite.**")
        if not opened:
            with below or nullcontext():
                st.button(
                    "Show the answer",
                    key=f"show-{question}",
                    type="primary" if guessed else "tertiary",
                    on_click=_opened().add,
                    args=(question,),
                )


def _icon(opened: bool, *, right: bool, mine: bool) -> str:
    if opened and right:
        return ":material/check_circle:"
    if opened and mine:
        return ":material/cancel:"
    return ":material/radio_button_checked:" if mine else ":material/radio_button_unchecked:"


def _guess(question: str, option: int) -> None:
    # What is known with the answer is no guess any more.
    if question not in _opened():
        _guesses()[question] = option


def _guesses() -> dict[str, int]:
    found: dict[str, int] = st.session_state.setdefault(_GUESSES, {})
    return found


def _opened() -> set[str]:
    found: set[str] = st.session_state.setdefault(_OPENED, set())
    return found


def _show_to_class(question: str, choice: Choice, values: Mapping[str, str]) -> None:
    """Show the options to a class; a guess runs no page, the presenter's answer does."""
    class_question(
        key=f"class-{question}",
        question=question,
        options=[inline_html(option, values) for option in choice.options],
        answer=choice.answer - 1,
        revealed=of_class.is_revealed(question),
    )
