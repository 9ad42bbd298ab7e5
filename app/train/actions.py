"""Stopping runs, and asking for them again."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.train.model import can_cancel, can_retry, run_words
from app.train.session import session_id
from app.train.submission import start_host
from app.ui.flash_messages import keep_errors
from app.ui.formatting import count
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.queue import Queue
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database

CHOSEN = "chosen_runs"


def show_actions(
    database: Database,
    lines: Sequence[JobLine],
    counts: Mapping[JobState, int],
    *,
    study: str | None,
    session: str | None,
) -> list[JobLine]:
    """Offer what can be done with runs, and give those that are chosen.

    Args:
        database: Where the runs are.
        lines: Those in the table.
        counts: How many there are in each state of what is listed.
        study: Only this study's runs are listed, or all where None.
        session: Only this session's runs are listed, or all where None.
    """
    known = {line.key: line for line in lines}
    for key in st.session_state.get(CHOSEN) or []:
        # A run that ended may stand on another page of the table by now.
        if key not in known and (line := JobsReader(database).line(key)) is not None:
            known[key] = line
    st.session_state[CHOSEN] = [key for key in st.session_state.get(CHOSEN) or [] if key in known]
    keys = st.multiselect(
        "Chosen runs",
        # In an order of their own: rows move every second, and a list that is open should not.
        sorted(known, key=lambda key: known[key].title),
        key=CHOSEN,
        format_func=lambda key: run_words(known[key].title) if key in known else key,
        placeholder="Choose runs",
    )
    chosen = [known[key] for key in keys if key in known]
    with st.container(horizontal=True, gap="small"):
        _for_chosen(chosen)
        _for_all(counts, study, session)
    return chosen


def _for_chosen(chosen: Sequence[JobLine]) -> None:
    stoppable = [line.key for line in chosen if can_cancel(line)]
    repeatable = [line.key for line in chosen if can_retry(line)]
    st.button(
        "Cancel", icon=":material/stop_circle:", key="cancel", disabled=not stoppable, on_click=_cancel,
        args=(stoppable,), help="Stop the chosen runs; asked for again they go on from their last checkpoint",
    )  # fmt: skip
    st.button(
        "Retry", icon=":material/replay:", key="retry", disabled=not repeatable, on_click=_retry,
        args=(repeatable,), help="Ask again for those of the chosen runs that ended without a result",
    )  # fmt: skip


def _for_all(counts: Mapping[JobState, int], study: str | None, session: str | None) -> None:
    n_left = sum(counts[state] for state in ACTIVE)
    n_lost = counts[JobState.FAILED] + counts[JobState.SKIPPED]
    lost = "failed or skipped" if counts[JobState.SKIPPED] else "failed"
    with st.popover("Cancel all", icon=":material/block:", disabled=not n_left, key="cancel_all"):
        many = f"Stop {count(n_left)} run{'' if n_left == 1 else 's'}? What is done stays."
        st.markdown(many if n_left else "Nothing is left to stop.")
        st.button(
            "Yes, cancel all", key="cancel_all_sure", disabled=not n_left, on_click=_cancel_all, args=(study, session)
        )
    st.button(
        f"Retry {count(n_lost)} {lost}" if n_lost else "Retry failed", icon=":material/replay:", key="retry_all",
        disabled=not n_lost, on_click=_retry_all, args=(study, session),
        help="Ask again for everything that failed, and for what was skipped because of it",
    )  # fmt: skip


def _cancel(keys: Sequence[str]) -> None:
    with keep_errors():
        Queue(Database.at_home()).cancel(keys)


def _retry(keys: Sequence[str]) -> None:
    with keep_errors():
        Queue(Database.at_home()).retry(keys, session=session_id())
        start_host()


def _cancel_all(study: str | None, session: str | None) -> None:
    with keep_errors():
        _cancel(Queue(Database.at_home()).keys(ACTIVE, study=study, session=session))


def _retry_all(study: str | None, session: str | None) -> None:
    with keep_errors():
        _retry(Queue(Database.at_home()).keys((JobState.FAILED, JobState.SKIPPED), study=study, session=session))
