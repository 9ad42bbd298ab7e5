"""The state of the host and the progress of the queue."""

import streamlit as st

from app.jobs.eta import current_progress, progress_sentence
from app.jobs.host import start_host
from app.train.model import host_sentence
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.home_banner import why_not_store
from core.jobs.launch import is_starting
from core.jobs.lease import current_host
from core.studies.database import Database


def show_host_status(database: Database, n_active: int) -> None:
    """Show the state of the host, a Resume button where it has stopped, and a bar for the queue.

    Args:
        database: Where the runs are.
        n_active: Runs that are queued, waiting or running.
    """
    host = current_host(database)
    sentence, stuck = host_sentence(host, n_active, starting=is_starting(database))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"**Jobs**  :gray[{escape(sentence)}]", help=explain("jobs host"), width="stretch")
        if stuck:
            reason = why_not_store()
            st.button(
                "Resume",
                icon=":material/play_circle:",
                key="resume",
                on_click=start_host,
                disabled=bool(reason),
                help=reason or None,
            )
    progress = current_progress(database) if n_active else None
    if progress is not None:
        st.progress(min(max(progress.fraction, 0.0), 1.0), text=escape(progress_sentence(progress)))
