"""What is going on at this moment: the host, and how far the present batch is."""

import streamlit as st

from app.train.asking import start_host
from app.train.model import batch_sentence, host_sentence
from app.train.pace import batch_now
from app.ui.formatting import escape
from app.ui.glossary import explain
from core.jobs.launch import is_starting
from core.jobs.lease import current_host
from core.studies.database import Database


def show_now(database: Database, n_in_hand: int) -> None:
    """Show the host in a sentence, with a way to resume where it is gone, and a bar for the present batch.

    Args:
        database: Where the runs are.
        n_in_hand: Runs that are queued, waiting or at work.
    """
    host = current_host(database)
    said, stuck = host_sentence(host, n_in_hand, starting=is_starting(database))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"**Jobs**  :gray[{escape(said)}]", help=explain("jobs host"), width="stretch")
        if stuck:
            st.button("Resume", icon=":material/play_circle:", key="resume", on_click=start_host)
    batch = batch_now(database, host) if n_in_hand else None
    if batch is not None:
        st.progress(min(max(batch.fraction, 0.0), 1.0), text=escape(batch_sentence(batch)))
