"""The class as pages see it: take a guess, show a tally, ask whether the answer may be shown.

Without a class nothing is kept, and nobody is told a tally.
"""

from typing import Final

import streamlit as st

from app.classroom.membership import member_of
from app.classroom.store import ClassError, ClassStore, held
from app.ui.owner import check_owner, is_owner

_NO_MEMBER: Final = "Only members of the class can guess. Open the link of the class and give its pass-phrase."


def in_class() -> bool:
    """Return whether the server holds a class."""
    return held() is not None


def is_shown_to_class() -> bool:
    """Return whether this page is the presenter's, whom a class follows."""
    return in_class() and is_owner()


def is_member_of_class() -> bool:
    """Return whether this page is a member's, who sees no answer before the presenter shows it."""
    return in_class() and not is_owner()


def submit_guess(question: str, option: int) -> None:
    """Keep the guess of this browser; a second one in the same round replaces the first.

    The presenter's own guess is not counted, and without a class nothing is kept.

    Args:
        question: Its name: letters, digits and hyphens, at most 60.
        option: Which answer, from 0.

    Raises:
        ClassError: The answer has been shown, or this browser is not a member of the class.
    """
    store = held()
    if store is None or is_owner():
        return
    member = _me()
    if not store.is_member(member):
        raise ClassError(_NO_MEMBER)
    store.guess(question, member, option)


def my_guess(question: str) -> int | None:
    """Return what this browser guessed in the round that is open; None where it did not."""
    store = held()
    return None if store is None else store.guess_of(question, _me())


def tally(question: str, n_options: int = 0) -> tuple[int, ...] | None:
    """Return how many guessed each option in the round that is open, at least ``n_options`` counts.

    None without a class, and where this browser may not see it: a member sees it after guessing, and only if the
    presenter lets members see it before the answer.

    Args:
        question: Its name.
        n_options: How many answers it has.
    """
    store = held()
    if store is None or not (is_owner() or sees_tally(store, question, _me())):
        return None
    return padded(store.tally(question, store.question(question).round), n_options)


def sees_tally(store: ClassStore, question: str, member: str) -> bool:
    """Return whether a member may see the tally of a question: no guess follows those of others."""
    return store.question(question).revealed or (store.allowed.tally and store.guess_of(question, member) is not None)


def padded(counts: tuple[int, ...], n_options: int) -> tuple[int, ...]:
    """Return counts with zeros for the last options that nobody guessed.

    >>> padded((2, 1), 4)
    (2, 1, 0, 0)
    """
    return counts + (0,) * (n_options - len(counts))


def is_revealed(question: str) -> bool:
    """Return whether the presenter has shown the answer to the class; False without a class."""
    store = held()
    return store is not None and store.question(question).revealed


def reveal(question: str) -> None:
    """Show the answer of a question to the class; the presenter's alone.

    Raises:
        JobError: Somebody else does.
    """
    check_owner("show the answer to the class")
    store = held()
    if store is not None:
        store.reveal(question)


def _me() -> str:
    return member_of(dict(st.context.cookies))
