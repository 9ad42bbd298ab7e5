"""What can be trained, and ways to the Train page with something chosen there; to be called from callbacks."""

import streamlit as st

from app.ui import state
from core.layouts import Layout

# Keys of the Train page's controls, which are their names in the address.
WHAT, WHICH = "what", "which"
# What layouts offer to train; other families have codes of their own.
LAYOUTS, TABLE, NEXT, SINGLES = "layouts", "table", "next", "singles"
# Which layouts to train: code → label.
SHOWN, PINNED, SAMPLE, ALL = "shown", "pinned", "sample", "all"
WHICH_LABELS = {SHOWN: "Current selection", PINNED: "Current and pinned", SAMPLE: "A sample", ALL: "All"}


def choose_layout_to_train(layout: Layout) -> None:
    """Have all pages show a layout and the Train page offer to train it."""
    state.select(layout)
    st.session_state[WHAT], st.session_state[WHICH] = LAYOUTS, SHOWN


def choose_table_to_train() -> None:
    """Have the Train page offer to train the two-task table."""
    st.session_state[WHAT] = TABLE
