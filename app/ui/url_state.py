"""The URL: a name and a code for every control. Nothing else reads or writes it.

A control of options shows labels; the URL has its code, so that labels may change and links may not. Numbers and names
are written as they are. Only lines of text and sets of numbers are bound by Streamlit. Every other control begins with
what the session holds and never with a default of its own: Streamlit warns of a control that has both.

The URL decides when a page is opened by a link and when the browser goes back or forward; from then on the session
does. What links of earlier versions say is translated by ``app.ui.old_links``.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.ui.old_links import OLD_CODES, OLD_NAMES

_V = TypeVar("_V", bound=str)
_Width = int | Literal["stretch"]

# What people name, and what is checked without being read as a number.
_NO_NUMBERS = ("study", "layout", "pins", "depth")
_URL, _FORGOTTEN = "url_of_page", "infinite_forgotten"


@dataclass(slots=True)
class _Page:
    """The page that is open, and which names of its URL were read and are in use.

    Args:
        name: Of the page.
        read: Names whose value was taken from the URL since the page was opened.
        in_use: Names that the present run of the page has used.
    """

    name: str
    read: set[str] = field(default_factory=set)
    in_use: set[str] = field(default_factory=set)


def begin(page: str) -> None:
    """Begin a run of a page: a page that was not open before takes its values from the URL."""
    if _page().name != page:
        st.session_state[_URL] = _Page(page)
    _page().in_use = set()
    _forget_infinite_numbers()


def end() -> None:
    """End a run of a page: what no control of it used is removed from the URL, such as that of a closed section."""
    page = _page()
    for name in page.read - page.in_use:
        _write(name, "")
        page.read.discard(name)


def kept(name: str) -> str:
    """Return a text that the URL and the session keep under one name, empty where there is none."""
    found = _arriving(name, name)
    text = str(st.session_state.get(name, "")) if found is None else found
    keep(name, text)
    return text


def keep(name: str, text: str) -> None:
    """Keep a text under a name in the URL and the session; an empty one is removed."""
    st.session_state[name] = text
    _write(name, text)


def choice(
    label: str,
    options: Sequence[_V],
    key: str,
    *,
    name: str = "",
    default: _V | None = None,
    labels: Mapping[_V, str] | None = None,
    help: str | None = None,
    labelled: bool = True,
    on_change: Callable[[], None] | None = None,
) -> _V:
    """Ask for one of a few options in a row; the URL holds its code.

    Args:
        label: What is asked.
        options: Codes, or members of an enumeration of codes.
        key: Of the control in the session.
        name: In the URL; the key by default.
        default: Chosen at first, and left out of the URL; the first of the options by default.
        labels: What the screen calls each of them; the codes by default.
        help: Explains the control.
        labelled: Whether the label is shown, not only spoken.
        on_change: Called when a person chooses another one.
    """
    codes = _Codes(tuple(options), options[0] if default is None else default, labels or {})
    codes.take(name or key, key)
    chosen = st.segmented_control(
        label,
        codes.texts,
        required=True,
        key=key,
        format_func=codes.label,
        help=help,
        label_visibility="visible" if labelled else "collapsed",
        on_change=on_change or "rerun",
        persist_state="session",
    )
    return codes.give(name or key, chosen)


def listed_choice(
    label: str,
    options: Sequence[str],
    key: str,
    *,
    labels: Mapping[str, str],
    help: str | None = None,
    width: _Width = "stretch",
    on_change: Callable[[], None] | None = None,
) -> str:
    """Ask for one of many options in a list; the URL holds its code, and leaves the first one out.

    Args:
        label: What is asked.
        options: Codes.
        key: Of the control, and its name in the URL.
        labels: What the screen calls those that it does not call by their code.
        help: Explains the control.
        width: In pixels.
        on_change: Called when a person chooses another one.
    """
    codes = _Codes(tuple(options), options[0], labels)
    codes.take(key, key)
    chosen = st.selectbox(
        label,
        codes.texts,
        key=key,
        format_func=codes.label,
        help=help,
        width=width,
        on_change=on_change or "rerun",
        persist_state="session",
    )
    return codes.give(key, chosen)


def name_choice(
    label: str,
    names: Sequence[str],
    key: str,
    *,
    index: int = 0,
    help: str | None = None,
    width: _Width = "stretch",
    on_change: Callable[[], None] | None = None,
) -> str | None:
    """Ask for one of the names that people gave to studies or tasks; the URL holds the name, as the screen does.

    Args:
        label: What is asked.
        names: To choose from.
        key: Of the control, and its name in the URL.
        index: Of the one chosen at first.
        help: Explains the control.
        width: In pixels.
        on_change: Called when a person chooses another one.

    Returns:
        The name, or None where there are none.
    """
    usual = names[index] if names else None
    arriving = _arriving(key, key)
    if arriving in names:
        st.session_state[key] = arriving
    elif arriving == "" or st.session_state.get(key) not in names:
        st.session_state[key] = usual
    chosen = st.selectbox(
        label, names, key=key, help=help, width=width, on_change=on_change or "rerun", persist_state="session",
    )  # fmt: skip
    found = chosen if chosen in names else usual
    _write(key, "" if found is None or found == usual else found)
    return found


def whole_number(
    label: str, low: int, high: int, default: int, key: str, *, help: str | None = None, width: _Width = "stretch"
) -> int:
    """Ask for a whole number from ``low`` to ``high``.

    Args:
        label: What is asked.
        low: Least value.
        high: Greatest value.
        default: At first, and left out of the URL.
        key: Of the control, and its name in the URL.
        help: Explains the control.
        width: In pixels.
    """
    _take_number(key, low, high, default)
    value = st.number_input(label, low, high, key=key, help=help, width=width, persist_state="session")
    return int(_give_number(key, value, low, high, default))


def real_number(
    label: str,
    low: float,
    high: float,
    default: float | None,
    key: str,
    *,
    step: float | None = None,
    placeholder: str | None = None,
    help: str | None = None,
    width: _Width = "stretch",
) -> float | None:
    """Ask for a number from ``low`` to ``high``; None where the default is None and nothing is typed.

    Args:
        label: What is asked.
        low: Least value.
        high: Greatest value.
        default: At first, and left out of the URL.
        key: Of the control, and its name in the URL.
        step: Of its buttons.
        placeholder: Shown while nothing is typed.
        help: Explains the control.
        width: In pixels.
    """
    _take_number(key, low, high, default)
    # Without a default an empty field is None; Streamlit's types know a number and None, but not either.
    value = st.number_input(
        label, low, high, cast("float", None), key=key, step=step, placeholder=placeholder, format="%g", help=help,
        width=width, persist_state="session",
    )  # fmt: skip
    typed = cast("float | None", value)
    if typed is None:
        _write(key, "")
        return default
    return _give_number(key, typed, low, high, default)


def slider(
    label: str, low: int, high: int, default: int, key: str, *, format: str | None = None, help: str | None = None
) -> int:
    """Ask for a whole number from ``low`` to ``high`` on a line.

    Args:
        label: What is asked.
        low: Least value.
        high: Greatest value.
        default: At first, and left out of the URL.
        key: Of the control, and its name in the URL.
        format: How the number is shown.
        help: Explains the control.
    """
    _take_number(key, low, high, default)
    value = st.slider(label, low, high, key=key, format=format, help=help, persist_state="session")
    return int(_give_number(key, value, low, high, default))


def numbers(label: str, options: Sequence[int], default: Sequence[int], key: str) -> list[int]:
    """Ask for some of a few whole numbers.

    Args:
        label: What is asked.
        options: To choose from; the screen and the URL count from one more.
        default: Chosen at first, and left out of the URL.
        key: Of the control, and its name in the URL.
    """
    chosen = st.pills(
        label, options, selection_mode="multi", default=list(default), key=key,
        format_func=lambda number: str(number + 1), bind="query-params", persist_state="session",
    )  # fmt: skip
    return list(chosen or [])


def text(label: str, key: str, *, placeholder: str, help: str | None = None, max_chars: int = 600) -> str:
    """Ask for a line of text.

    Args:
        label: What is asked.
        key: Of the control, and its name in the URL.
        placeholder: Shown while nothing is typed.
        help: Explains the control.
        max_chars: How much may be typed.
    """
    typed = st.text_input(
        label, key=key, placeholder=placeholder, help=help, max_chars=max_chars, bind="query-params",
        persist_state="session",
    )  # fmt: skip
    return typed or ""


def is_infinite(words: str) -> bool:
    """Return whether a URL's words are a number beyond all bounds.

    >>> is_infinite("1e400"), is_infinite("-inf"), is_infinite("40"), is_infinite("nan"), is_infinite("Table 1")
    (True, True, False, False, False)
    """
    try:
        return math.isinf(float(words))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Codes(Generic[_V]):
    """The codes of one control, with their labels.

    Args:
        options: The codes.
        default: Left out of the URL.
        labels: Code → label, where the screen has another word.
    """

    options: tuple[_V, ...]
    default: _V
    labels: Mapping[_V, str]

    @property
    def texts(self) -> list[str]:
        """The codes as plain strings, which the session keeps."""
        return [str(option) for option in self.options]

    def label(self, code: str) -> str:
        """Return what the screen calls a code."""
        return next((label for option, label in self.labels.items() if str(option) == code), code)

    def code(self, text: str, key: str) -> str | None:
        """Return the code that a link means, also one of an earlier version; None where it means none."""
        text = OLD_CODES.get(key, {}).get(text, text)
        return next((code for code in self.texts if text in (code, self.label(code))), None)

    def take(self, name: str, key: str) -> None:
        """Take the value from the URL where that decides."""
        arriving = _arriving(name, key)
        code = None
        if arriving is not None:
            code = self.code(arriving, key) if arriving else str(self.default)
        if code is not None:
            st.session_state[key] = code
        elif st.session_state.get(key) not in self.texts:
            st.session_state[key] = str(self.default)

    def give(self, name: str, chosen: str | None) -> _V:
        """Write what is chosen to the URL and return it."""
        value = next((option for option in self.options if str(option) == chosen), self.default)
        _write(name, "" if value == self.default else str(value))
        return value


def _take_number(key: str, low: float, high: float, default: float | None) -> None:
    """Take a number from the URL where that decides, and keep what the session has within its bounds."""
    arriving = _arriving(key, key)
    number = _number(arriving) if arriving else None
    if arriving == "":
        st.session_state[key] = default
    elif number is not None and low <= number <= high:
        st.session_state[key] = number
    held = st.session_state.get(key, default)
    if isinstance(held, int | float):
        whole = isinstance(low, int)
        held = min(high, max(low, round(held) if whole else float(held)))
    st.session_state[key] = held


def _give_number(key: str, value: float, low: float, high: float, default: float | None) -> float:
    """Write a number to the URL and return it."""
    found = min(high, max(low, value))
    _write(key, "" if found == default else f"{found:.12g}")
    return found


def _number(text: str) -> float | None:
    """Return the finite number that a link holds, or None."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _arriving(name: str, key: str) -> str | None:
    """Return what the URL decides: a text, empty for its absence, or None where the session decides."""
    page, ctx = _page(), get_script_run_ctx()
    page.in_use.add(name)
    went_back = ctx is not None and ctx.is_history_navigation
    is_new = name not in page.read
    if not (is_new or went_back):
        return None
    page.read.add(name)
    names = (name, *OLD_NAMES.get(key, ()))
    found = next((st.query_params[each] for each in names if each in st.query_params), None)
    for each in names[1:]:
        _write(each, "")
    # A page that is opened without a value keeps that of the session; going back to none means the default.
    return "" if found is None and went_back and not is_new else found


def _write(name: str, value: str) -> None:
    if value:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _page() -> _Page:
    page: _Page = st.session_state.setdefault(_URL, _Page(""))
    return page


def _forget_infinite_numbers() -> None:
    """Forget parameters that are infinite when read as a number, and begin again without them.

    Streamlit passes over every other nonsense, but a control of whole numbers that finds ``1e400`` ends the page.
    """
    found = [
        name
        for name in st.query_params
        if name not in _NO_NUMBERS and any(map(is_infinite, st.query_params.get_all(name)))
    ]
    # Once in a session for each: if something puts it back there is no end to beginning again.
    before: set[str] = st.session_state.setdefault(_FORGOTTEN, set())
    fresh = [name for name in found if name not in before]
    for name in found:
        del st.query_params[name]
    if fresh:
        st.session_state[_FORGOTTEN] = before | set(fresh)
        # Controls begin with what the URL held when the run began.
        st.rerun()
