"""Auto on the Train page: start it, see how it stands and why it ended, stop it."""

from functools import partial

import streamlit as st

from app.jobs.auto_words import made_words, progress_words, recommended_words
from app.jobs.host import start_host
from app.jobs.trainable_study import trainable_study
from app.ui.flash_messages import keep_errors
from app.ui.formatting import escape
from app.ui.glossary import explain
from app.ui.home_banner import why_not_store
from app.ui.identity import session_id
from app.ui.owner import check_owner, why_not_owner
from app.ui.page_frame import show_errors
from core.jobs.auto import Auto
from core.jobs.auto_line import AutoLine, AutoState
from core.jobs.estimate import workers_here
from core.jobs.lease import current_host
from core.studies.advice import Goal
from core.studies.database import Database
from core.studies.study import Study

EVERY_SECONDS = 2.0
_MAY = "start or stop Auto"


def show_start(study: Study, goal: Goal) -> None:
    """Show the button that starts Auto.

    Args:
        study: The study.
        goal: Until when.
    """
    line = Auto(Database.at_home()).line(study.name)
    running = line is not None and line.state is AutoState.ACTIVE and line.goal == goal
    reason = why_not_store() or why_not_owner(_MAY)
    st.markdown("**Auto**", help=explain("auto"))
    st.caption(
        "Trains what tells most, as many at a time as there are workers, and then chooses anew. It goes on when this "
        "page is closed, and after a restart."
    )
    st.button(
        "**Start Auto**", icon=":material/play_arrow:", key="auto_start", width="stretch",
        disabled=running or bool(reason), help=reason or ("Auto is training with this goal" if running else None),
        on_click=_start, args=(study.name, goal),
    )  # fmt: skip


def show_auto(study: Study) -> None:
    """Show how Auto of a study stands; nothing where it was never started. Refreshed while it goes on."""
    with show_errors():
        line = Auto(Database.at_home()).line(study.name)
        if line is not None:
            goes_on = line.state is AutoState.ACTIVE
            body = partial(_live, study, goes_on)
            st.fragment(body, run_every=EVERY_SECONDS if goes_on else None, key="auto")()


def _live(study: Study, went_on: bool) -> None:
    database = Database.at_home()
    line = Auto(database).line(study.name)
    if line is None or (line.state is AutoState.ACTIVE) != went_on:
        st.rerun()
    host = current_host(database)
    waits = went_on and (host is None or not host.alive)
    with st.container(border=True), st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"**Auto**  {escape(auto_sentence(line, study.task_names, waits=waits))}", width="stretch")
        if went_on:
            reason = why_not_owner(_MAY)
            if waits:
                st.button("Continue", icon=":material/play_circle:", key="auto_continue", on_click=start_host)
            st.button(
                "Stop Auto", icon=":material/stop_circle:", key="auto_stop", disabled=bool(reason),
                help=reason or "Cancel its runs and choose no further ones; what is done stays",
                on_click=_stop, args=(study.name,),
            )  # fmt: skip


def auto_sentence(line: AutoLine, tasks: tuple[str, ...], *, waits: bool = False) -> str:
    """Return how it stands, or why it ended and what it recommends.

    Args:
        line: Auto of a study.
        tasks: Their names.
        waits: Whether no host is there to go on.
    """
    if line.state is AutoState.ACTIVE:
        return f"{progress_words(line, tasks)}.{' No jobs host is running.' if waits else ''}"
    return f"{line.sentence} {made_words(line)}. {recommended_words(line, tasks)}".strip()


def _start(name: str, goal: Goal) -> None:
    with keep_errors():
        check_owner(_MAY)
        database, found = Database.at_home(), trainable_study(name)
        auto = Auto(database)
        auto.start(found.record, goal, results=found.results, session=session_id())
        # The first trainings at once: a host is only started for what is in the queue.
        auto.advance(workers_here(database))
        start_host()


def _stop(name: str) -> None:
    with keep_errors():
        check_owner(_MAY)
        Auto(Database.at_home()).stop(name)
