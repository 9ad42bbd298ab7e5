"""Training progress and new results, in the sidebar of every page."""

from functools import partial

import streamlit as st

from app.jobs.eta import current_progress, finished_words, left_words
from app.ui.formatting import count, escape
from app.ui.page_frame import show_errors
from app.ui.paths import PAGES
from core.jobs.jobs_reader import JobsReader
from core.jobs.launch import is_starting
from core.jobs.lease import current_host
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.studies.database import Database

EVERY_SECONDS = 2.0


def show_status(study: str) -> None:
    """Show training progress, refreshed every two seconds while any run is active.

    Args:
        study: Name of the open study, whose new results are announced.
    """
    database = Database.at_home()
    any_active = Queue(database).n_active() > 0
    if any_active:
        st.fragment(partial(_status, study, n_done(database, study)), run_every=EVERY_SECONDS, key="training-hint")()


def n_done(database: Database, study: str) -> int:
    """Return how many runs of a study are done."""
    return JobsReader(database).counts(study=study)[JobState.DONE]


def _status(study: str, n_before: int) -> None:
    with show_errors():
        database = Database.at_home()
        host = current_host(database)
        progress = current_progress(database)
        n_new = n_done(database, study) - n_before
        if n_new > 0:
            words = f"{count(n_new)} new result{'' if n_new == 1 else 's'}: refresh"
            if st.button(words, icon=":material/refresh:", key="see_results", width="stretch"):
                st.rerun()
        label = "Training has finished" if progress is None else finished_words(progress)
        st.page_link(PAGES / "train.py", label=label, icon=":material/play_arrow:")
        if progress is None:
            return
        at_work = (host is not None and host.alive) or is_starting(database)
        # Below the link, which would cut it off in a narrow window.
        if words := left_words(progress) if at_work else "Stopped; resume it on Train.":
            st.caption(escape(words))
