"""Controls of what a person changes in figures; every value is in the URL, the same on every page."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

import streamlit as st

from app.figures.edits import BETWEEN, LONGEST_NOTE, Edits, colours_of, names_of, order_of
from app.ui.page_frame import show_errors
from app.ui.page_url import keep, kept
from core.errors import BranchwiseError
from core.plain_text import sentence

NAMES, ORDER, COLOURS, NOTE = "fig_names", "fig_order", "fig_colours", "fig_note"
_LONGEST = 3000


def current_edits(n_tasks: int) -> Edits:
    """Return what the URL changes in figures of so many tasks; what does not fit them is left out."""
    return edits_of(*(kept(name)[:_LONGEST] for name in (NAMES, ORDER, COLOURS, NOTE)), n_tasks=n_tasks)


@lru_cache(maxsize=64)
def edits_of(names: str, order: str, colours: str, note: str, *, n_tasks: int) -> Edits:
    """Return the changes that codes of a URL mean; what can't be read is left out.

    >>> edits_of("Edges;Depth", "2-0", "0.4~1", "", n_tasks=3)
    Edits(names=('Edges', 'Depth'), order=(2, 0), colours=(0.4, 1.0), note='')
    """
    found = Edits(note=sentence(note)[:LONGEST_NOTE])
    with suppress(BranchwiseError):
        found = replace(found, names=names_of(names, n_tasks))
    with suppress(BranchwiseError):
        found = replace(found, order=order_of(_order_text(order), n_tasks))
    with suppress(BranchwiseError):
        found = replace(found, colours=colours_of(_colours_text(colours)))
    return found


def ask_edits(key: str, tasks: Sequence[str], *, has_order: bool, has_colours: bool) -> None:
    """Ask what to change.

    Args:
        key: Of the menu on this page.
        tasks: Tasks that the figure names, in index order; empty where it names none.
        has_order: Whether their order can be chosen.
        has_colours: Whether the figure has a colour range.
    """
    n = len(tasks)
    for field, is_asked in (
        (
            _Field(
                "Names of tasks", NAMES, f"{BETWEEN} ".join(tasks), lambda text: BETWEEN.join(names_of(text, n)), str,
                "In the order of the study, separated by semicolons; leave one empty to keep it",
            ),
            bool(tasks),
        ),
        (
            _Field(
                "Order of tasks", ORDER, ", ".join(str(task + 1) for task in range(n)),
                lambda text: "-".join(str(task) for task in order_of(text, n)), _order_text,
                "Numbers of tasks, in the order of the study, separated by commas; the others follow",
            ),
            has_order,
        ),
        (
            _Field(
                "Colours from", COLOURS, "0 to 1", _colours_code, _colours_text,
                "Values of the first and of the last colour",
            ),
            has_colours,
        ),
        (_Field("Note below the figure", NOTE, "", lambda text: text.strip()[:LONGEST_NOTE], str, ""), True),
    ):  # fmt: skip
        if is_asked:
            field.ask(key)


@dataclass(frozen=True, slots=True)
class _Field:
    """One line of text whose code is in the URL.

    Args:
        label: What is asked.
        name: In the URL and the session.
        placeholder: Shown while nothing is typed.
        code: Text → code; raises BranchwiseError where it can't be read.
        text: Code → text.
        help: Explains it.
    """

    label: str
    name: str
    placeholder: str
    code: Callable[[str], str]
    text: Callable[[str], str]
    help: str

    def ask(self, menu: str) -> None:
        """Show the field; what can't be read is said and leaves the URL as it is."""
        key, shown = f"{menu}_{self.name}", f"{menu}_{self.name}_shown"
        now = str(st.session_state.get(self.name, ""))
        # Anew where the URL says something else, and where the menu was closed in between.
        if key not in st.session_state or st.session_state.get(shown) != now:
            st.session_state[shown], st.session_state[key] = now, self.text(now)
        typed = st.text_input(
            self.label, key=key, placeholder=self.placeholder, help=self.help or None, max_chars=_LONGEST,
            on_change=self._take, args=(key, shown),
        )  # fmt: skip
        with show_errors():
            self.code(typed or "")

    def _take(self, key: str, shown: str) -> None:
        try:
            found = self.code(str(st.session_state.get(key, "")))
        except BranchwiseError:
            return
        keep(self.name, found)
        st.session_state[shown] = found


def _order_text(code: str) -> str:
    """Return the order of a URL, which counts from 0, as the screen writes it."""
    words = [word for word in code.split("-") if word]
    return ", ".join(str(int(word) + 1) if word.isascii() and word.isdecimal() else word for word in words)


def _colours_code(text: str) -> str:
    found = colours_of(text)
    return "" if found is None else f"{found[0]:.12g}~{found[1]:.12g}"


def _colours_text(code: str) -> str:
    return code.replace("~", " to ")
