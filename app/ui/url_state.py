"""Controls whose values are in the URL: a name and a code for each.

A control of options shows labels; the URL has its code, so that labels may change and links may not. Numbers and names
are written as they are. Only lines of text are bound by Streamlit: a bound control of numbers that finds ``1e400``
ends the page. Every other control begins with what the session holds and never with a default of its own: Streamlit
warns of a control that has both.

The URL decides when a page is opened by a link and when the browser goes back or forward; from then on the session
does. What links of earlier versions say is translated by ``app.ui.old_links``.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, cast

import streamlit as st

from app.ui.old_links import OLD_CODES
from app.ui.page_url import url_value, write
from app.ui.presenting import enlargement
from app.ui.unread_address import arrived, codes_rule, refuse
from core.plain_number import plain_number

_V = TypeVar("_V", bound=str)
_Width = int | Literal["stretch"]


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
        width=_wide(width),
        on_change=on_change or "rerun",
        persist_state="session",
    )
    return codes.give(key, chosen)


def name_choice(
    label: str,
    names: Sequence[str],
    key: str,
    *,
    labels: Mapping[str, str] | None = None,
    index: int = 0,
    help: str | None = None,
    width: _Width = "stretch",
    on_change: Callable[[], None] | None = None,
) -> str | None:
    """Ask for one of the names that people gave to studies or tasks; the URL holds the name.

    Args:
        label: What is asked.
        names: To choose from.
        key: Of the control, and its name in the URL.
        labels: What the screen calls each of them; the names by default.
        index: Of the one chosen at first.
        help: Explains the control.
        width: In pixels.
        on_change: Called when a person chooses another one.

    Returns:
        The name, or None where there are none.
    """
    usual = names[index] if names else None
    arriving = url_value(key, key)
    if arriving in names:
        st.session_state[key] = arriving
    elif arriving == "" or st.session_state.get(key) not in names:
        st.session_state[key] = usual
    if arriving and arriving not in names:
        refuse(key, codes_rule(names), st.session_state[key] or "")
    chosen = st.selectbox(
        label, names, key=key, help=help, width=_wide(width), on_change=on_change or "rerun", persist_state="session",
        format_func=lambda name: (labels or {}).get(name, name),
    )  # fmt: skip
    found = chosen if chosen in names else usual
    write(key, "" if found is None or found == usual else found)
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
    take_number(key, low, high, default)
    value = st.number_input(label, low, high, key=key, help=help, width=_wide(width), persist_state="session")
    return int(give_number(key, value, low, high, default))


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
    take_number(key, low, high, default)
    # Without a default an empty field is None; Streamlit's types know a number and None, but not either.
    value = st.number_input(
        label, low, high, cast("float", None), key=key, step=step, placeholder=placeholder, format="%g", help=help,
        width=_wide(width), persist_state="session",
    )  # fmt: skip
    typed = cast("float | None", value)
    if typed is None:
        write(key, "")
        return default
    return give_number(key, typed, low, high, default)


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
    take_number(key, low, high, default)
    value = st.slider(label, low, high, key=key, format=format, help=help, persist_state="session")
    return int(give_number(key, value, low, high, default))


def numbers(label: str, options: Sequence[int], default: Sequence[int], key: str) -> list[int]:
    """Ask for some of a few whole numbers.

    Args:
        label: What is asked.
        options: To choose from; the screen and the URL count from one more.
        default: Chosen at first, and left out of the URL.
        key: Of the control, and its name in the URL.
    """
    if url_value(key, key) is not None:
        texts = [text for text in st.query_params.get_all(key) if text]
        strange = [text for text in texts if text not in {str(number + 1) for number in options}]
        found = [number for number in options if str(number + 1) in texts]
        # An empty value stands for none of the numbers, no value for the default.
        none_chosen = key in st.query_params and not texts
        st.session_state[key] = found if found or none_chosen else list(default)
        if strange:
            arrived(key, strange[0])
            refuse(key, f"numbers from {min(options) + 1} to {max(options) + 1}")
    held = st.session_state.get(key)
    st.session_state[key] = list(default) if held is None else [number for number in options if number in held]
    chosen = st.pills(
        label, options, selection_mode="multi", key=key, format_func=lambda number: str(number + 1),
        persist_state="session",
    )  # fmt: skip
    numbers_chosen = sorted(chosen or [])
    _write_numbers(key, None if numbers_chosen == sorted(default) else numbers_chosen)
    return numbers_chosen


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
        arriving = url_value(name, key)
        code = None
        if arriving is not None:
            code = self.code(arriving, key) if arriving else str(self.default)
        if code is not None:
            st.session_state[key] = code
        elif st.session_state.get(key) not in self.texts:
            st.session_state[key] = str(self.default)
        if arriving and code is None:
            refuse(name, codes_rule(self.texts), st.session_state[key])

    def give(self, name: str, chosen: str | None) -> _V:
        """Write what is chosen to the URL and return it."""
        value = next((option for option in self.options if str(option) == chosen), self.default)
        write(name, "" if value == self.default else str(value))
        return value


def take_number(key: str, low: float, high: float, default: float | None) -> None:
    """Take a number from the URL where that decides, and keep what the session has within its bounds."""
    arriving = url_value(key, key)
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
    if arriving and (number is None or not low <= number <= high):
        refuse(key, f"a number from {low:g} to {high:g}", "" if held is None else f"{held:g}")


def give_number(key: str, value: float, low: float, high: float, default: float | None) -> float:
    """Write a number to the URL and return it."""
    found = min(high, max(low, value))
    write(key, "" if found == default else f"{found:.12g}")
    return found


def _write_numbers(key: str, chosen: Sequence[int] | None) -> None:
    """Write numbers to the URL, each from one more, an empty value for none of them; None removes the name."""
    texts = None if chosen is None else [str(number + 1) for number in chosen] or [""]
    if texts is None:
        write(key, "")
    elif st.query_params.get_all(key) != texts:
        st.query_params[key] = texts


def _number(text: str) -> float | None:
    """Return the finite number that a link holds, or None."""
    try:
        found = plain_number(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _wide(width: _Width) -> _Width:
    """Return the width of a control whose text is as large as on the page."""
    return width if width == "stretch" else round(enlargement() * width)
