"""What can be trained, and links that open the Train page with an option selected; for callbacks."""

from collections.abc import Sequence

import streamlit as st

from app.ui import state
from core.layouts import Layout

# Keys of the Train page's controls, which are their names in the address.
WHAT, WHICH = "what", "which"
# What layouts offer to train; other families have codes of their own.
LAYOUTS, TABLE, NEXT, SINGLES = "layouts", "table", "next", "singles"
# What multi-path networks offer to train: those of the study, or one with exits of one's choice.
PATHS, ASSIGNED = "multipath", "assigned"
# What deep virtual networks offer to train: those of the study, or one with orders of one's choice.
VIRTUAL, ORDERED = "virtual", "ordered"
# Orders of units that were put together by hand, in the session and in the address.
ORDERS = "orders"
# Which layouts to train: code → label.
SHOWN, PINNED, SAMPLE, ALL = "shown", "pinned", "sample", "all"
WHICH_LABELS = {SHOWN: "Current selection", PINNED: "Current and pinned", SAMPLE: "A sample", ALL: "All"}


# How what tells most is trained: what is listed, or one batch after the other.
HOW, ONCE, AUTO = "how", "once", "auto"
HOW_LABELS = {ONCE: "These trainings", AUTO: "Auto"}


def choose_layout_to_train(layout: Layout) -> None:
    """Select a layout on all pages and preselect it on the Train page."""
    state.select(layout)
    st.session_state[WHAT], st.session_state[WHICH] = LAYOUTS, SHOWN


def choose_table_to_train() -> None:
    """Preselect the two-task table on the Train page."""
    st.session_state[WHAT] = TABLE


def exit_key(task: int) -> str:
    """Return the key of the Train page's control for the exit of a task, which is its name in the address."""
    return f"exit_{task + 1}"


def choose_exits_to_train(exits: Sequence[int]) -> None:
    """Preselect a multi-path network on the Train page whose tasks leave at these exits."""
    st.session_state[WHAT] = ASSIGNED
    for task, exit_ in enumerate(exits):
        st.session_state[exit_key(task)] = str(exit_ + 1)


def choose_orders_to_train(code: str) -> None:
    """Preselect a deep virtual network on the Train page with these orders of units, as an address has them."""
    st.session_state[WHAT] = ORDERED
    st.session_state[ORDERS] = code
