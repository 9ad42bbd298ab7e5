"""Stopping runs and submitting them again."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.classroom.rights import check_right, why_not
from app.jobs.host import start_host
from app.train.chosen_runs import chosen_runs
from app.train.damaged import jobs_reader
from app.train.model import LOST, can_cancel, can_retry, retry_words
from app.ui.flash_messages import keep_errors
from app.ui.formatting import plural
from app.ui.home_banner import why_not_store
from app.ui.identity import network_address, session_id
from app.ui.owner import acting_session, check_owner, why_not_owner
from core.jobs.jobs_reader import JobLine
from core.jobs.queue import Queue
from core.jobs.queue_limit import queue_limit
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database

_CONFIRMING = "cancel_all_asked"
_CANCELING = "cancel runs that others submitted"
_RETRYING = "retry runs that others submitted"


def show_actions(
    chosen: Sequence[JobLine], counts: Mapping[JobState, int], *, study: str | None, session: str | None
) -> None:
    """Show the buttons that act on runs.

    Args:
        chosen: The selected runs.
        counts: Number of runs in each state of what is listed.
        study: Only this study's runs are listed, or all where None.
        session: Only this session's runs are listed, or all where None.
    """
    cancelable = [line for line in chosen if can_cancel(line)]
    # Of a visitor, those that this browser submitted.
    whose = acting_session()
    mine = [line for line in cancelable if whose in (None, line.session)]
    reason = why_not_owner(_CANCELING) if cancelable and not mine else ""
    lost = [line for line in chosen if can_retry(line)]
    my_lost = [line for line in lost if whose in (None, line.session)]
    not_theirs = why_not_owner(_RETRYING) if lost and not my_lost else ""
    no_room = why_not_store() or why_not("submissions")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Cancel", icon=":material/stop_circle:", key="cancel", disabled=not mine, on_click=_cancel_chosen,
            help=reason or "Stop the selected runs; when retried, they resume from their last checkpoint",
        )  # fmt: skip
        st.button(
            "Retry", icon=":material/replay:", key="retry", on_click=_retry_chosen,
            disabled=not my_lost or bool(no_room),
            help=no_room
            or not_theirs
            or "Submit the selected runs without a result again, and what was skipped because of them",
        )  # fmt: skip
        confirm = _cancel_all_button(counts, study, session, whose)
        _retry_all_button(counts, study, session, whose, no_room)
    if confirm is not None:
        _question(*confirm, study)


def _cancel_all_button(
    counts: Mapping[JobState, int], study: str | None, session: str | None, whose: str | None
) -> tuple[int, str | None] | None:
    """Show the button; return how many runs of which session its question is about, or None where it is not asked."""
    reason = ""
    if whose is not None and session != whose:
        all_left, session = _n_left(counts), whose
        counts = _counts_of(whose, study)
        reason = why_not_owner(_CANCELING) if all_left and not _n_left(counts) else ""
    n_left = _n_left(counts)
    if not n_left:
        # Nothing is left to confirm.
        st.session_state[_CONFIRMING] = False
    st.button(
        "Cancel all", icon=":material/block:", disabled=not n_left, key="cancel_all", on_click=_ask, args=(True,),
        help=reason or None,
    )  # fmt: skip
    return (n_left, session) if st.session_state.get(_CONFIRMING) else None


def _counts_of(session: str, study: str | None) -> Mapping[JobState, int]:
    return jobs_reader(Database.at_home(), study).counts(study=study, session=session, submitted=True)


def _question(n_left: int, session: str | None, study: str | None) -> None:
    # Next to the buttons, not in a popover, which Tab reaches only after the rest of the page.
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"Stop {plural(n_left, 'run')}? Finished runs stay.", width="content")
        st.button("Yes, cancel all", key="cancel_all_sure", on_click=_cancel_all, args=(study, session))
        st.button("No", key="cancel_all_no", type="tertiary", on_click=_ask, args=(False,))


def _ask(asked: bool) -> None:
    st.session_state[_CONFIRMING] = asked


def _n_left(counts: Mapping[JobState, int]) -> int:
    return sum(counts[state] for state in ACTIVE if state is not JobState.CANCELLING)


def _retry_all_button(
    counts: Mapping[JobState, int], study: str | None, session: str | None, whose: str | None, no_room: str
) -> None:
    n_lost = _n_lost(counts)
    if whose is not None and session != whose:
        all_lost, session, counts = n_lost, whose, _counts_of(whose, study)
        n_lost = _n_lost(counts)
        no_room = no_room or (why_not_owner(_RETRYING) if all_lost and not n_lost else "")
    st.button(
        retry_words(counts), icon=":material/replay:", key="retry_all",
        disabled=not n_lost or bool(no_room), on_click=_retry_all, args=(study, session),
        help=no_room
        or "Submit again all runs that failed or have a damaged result, and those that were skipped because of them",
    )  # fmt: skip


def _n_lost(counts: Mapping[JobState, int]) -> int:
    return sum(counts[state] for state in LOST)


def _chosen_keys(may: Callable[[JobLine], bool]) -> list[str]:
    """Return the keys of the selected runs that allow an action at the moment the button is pressed."""
    keys = chosen_runs().keys
    lines = jobs_reader(Database.at_home()).lines(keys=keys, limit=len(keys))
    return [line.key for line in lines if may(line)]


def _cancel_chosen() -> None:
    with keep_errors():
        _cancel(Queue(Database.at_home()), _chosen_keys(can_cancel))


def _cancel(queue: Queue, keys: Sequence[str]) -> None:
    """Cancel runs; of a visitor, those that this browser submitted.

    Raises:
        JobError: A visitor selected only runs of others.
    """
    _check_any(queue, keys, _CANCELING)
    queue.cancel(keys, session=acting_session())


def _check_any(queue: Queue, keys: Sequence[str], what: str) -> None:
    if keys and not queue.of_session(keys, acting_session()):
        check_owner(what)


def _retry_chosen() -> None:
    with keep_errors():
        _retry(_chosen_keys(can_retry))


def _retry(keys: Sequence[str]) -> None:
    """Submit runs again; of a visitor, those that this browser submitted.

    Raises:
        JobError: A visitor selected only runs of others, or has too many in the queue.
    """
    queue = Queue(Database.at_home())
    check_right("submissions")
    _check_any(queue, keys, _RETRYING)
    queue.retry(
        keys,
        session=session_id(),
        limit=queue_limit(),
        address=network_address(),
        whose=acting_session(),
        damaged=_damaged(keys),
    )
    start_host()


def _damaged(keys: Sequence[str]) -> set[str]:
    reader = jobs_reader(Database.at_home())
    lines = reader.lines(states=[JobState.DAMAGED], keys=keys, limit=len(keys)) if keys and reader.damaged else ()
    return {line.key for line in lines}


def _cancel_all(study: str | None, session: str | None) -> None:
    st.session_state[_CONFIRMING] = False
    with keep_errors():
        queue = Queue(Database.at_home())
        _cancel(queue, queue.keys(ACTIVE, study=study, session=session))


def _retry_all(study: str | None, session: str | None) -> None:
    with keep_errors():
        database = Database.at_home()
        reader = jobs_reader(database, study)
        damaged = reader.lines(
            states=[JobState.DAMAGED], study=study, session=session, submitted=True, limit=len(reader.damaged)
        )
        _retry([*Queue(database).keys(LOST, study=study, session=session), *(line.key for line in damaged)])
