"""State of all pages: study, selected layout, pinned layouts, depth. In the session and the URL."""

import streamlit as st

from app.ui.formatting import escape
from app.ui.links import DamagedLinkError, layout_code, layout_from_code
from app.ui.page_url import keep, kept
from app.ui.unread_address import refuse
from core.errors import BranchwiseError
from core.layouts import Layout

MAX_PINS = 4
_HISTORY = 50
# The pair of tasks that the Affinity page has open.
PAIR = "pair"
_IN_URL = ("layout", "pins", "depth")


def begin() -> None:
    """Read the URL when it decides, then keep URL and session in sync on every page."""
    texts = {name: kept(name) for name in _IN_URL}
    if not texts["depth"].isdecimal():
        keep("depth", "")
        refuse("depth", "the number of a block from 0")
    st.session_state.setdefault("undo", [])


def selected(n_tasks: int, n_blocks: int) -> Layout | None:
    """Return the layout selected by hand, or None while the best within the budget is shown.

    A code that does not fit the study is dropped with a warning.
    """
    code = st.session_state.get("layout", "")
    if not code:
        return None
    try:
        return layout_from_code(code, n_tasks, n_blocks)
    except BranchwiseError as fault:
        st.warning(escape(str(fault)))
        keep("layout", "")
        return None


def select(layout: Layout | None) -> None:
    """Select a layout on all pages; None follows the best within the budget. Can be undone."""
    history: list[str] = st.session_state.setdefault("undo", [])
    history.append(st.session_state.get("layout", ""))
    del history[:-_HISTORY]
    keep("layout", layout_code(layout) if layout else "")


def undo() -> None:
    """Go back to the layout selected before."""
    history: list[str] = st.session_state.get("undo", [])
    if history:
        keep("layout", history.pop())


def can_undo() -> bool:
    """Return whether there is a step to go back."""
    return bool(st.session_state.get("undo"))


def pins(n_tasks: int, n_blocks: int) -> list[Layout]:
    """Return the pinned layouts of this study, each once."""
    found = []
    for code in _pin_codes():
        try:
            found.append(layout_from_code(code, n_tasks, n_blocks))
        except BranchwiseError:
            continue  # damaged, or of another study
    # A link may say the same layout twice, with its groups in another order.
    return list(dict.fromkeys(found))[:MAX_PINS]


def drop_damaged_pins(n_tasks: int, n_blocks: int) -> int:
    """Forget pins whose codes can't be read, and return how many these were; those of other studies stay."""
    codes, known = _pin_codes(), []
    for code in codes:
        try:
            layout_from_code(code, n_tasks, n_blocks)
        except DamagedLinkError:
            continue
        except BranchwiseError:
            pass  # of another study
        known.append(code)
    if len(known) < len(codes):
        keep("pins", "~".join(known))
    return len(codes) - len(known)


def pin(layout: Layout) -> None:
    """Pin a layout, or do nothing when it is pinned or four are."""
    # Codes in a link that do not fit the study do not count.
    codes = [layout_code(pinned) for pinned in pins(layout.n_tasks, layout.n_blocks)]
    code = layout_code(layout)
    if code not in codes and len(codes) < MAX_PINS:
        keep("pins", "~".join([*codes, code]))


def unpin(layout: Layout) -> None:
    """Remove a pin."""
    keep("pins", "~".join(code for code in _pin_codes() if code != layout_code(layout)))


def depth(n_depths: int) -> int | None:
    """Return the selected depth, counted from 0, or None."""
    words = str(st.session_state.get("depth", ""))
    found = int(words) if words.isdecimal() and len(words) < 4 else -1
    if 0 <= found < n_depths:
        return found
    keep("depth", "")
    refuse("depth", f"a number from 0 to {n_depths - 1}")
    return None


def choose_depth(depth: int) -> None:
    """Select a depth, counted from 0, on all pages."""
    keep("depth", str(depth))


def open_pair(low: int, high: int) -> None:
    """Select a pair of tasks on the Affinity page."""
    keep(PAIR, f"{low}-{high}")


def forget_layouts() -> None:
    """Drop selection, pins and depth; called when another study is opened."""
    for name in _IN_URL:
        keep(name, "")
    st.session_state["undo"] = []


def keep_what_fits(n_tasks: int, n_blocks: int) -> None:
    """Drop a selected layout and a depth that another study does not have; pins that do not fit it are only hidden."""
    code = st.session_state.get("layout", "")
    try:
        if code:
            layout_from_code(code, n_tasks, n_blocks)
    except BranchwiseError:
        keep("layout", "")
    depth(n_blocks)
    st.session_state["undo"] = []


def _pin_codes() -> list[str]:
    return [code for code in st.session_state.get("pins", "").split("~") if code][: 2 * MAX_PINS]
