"""A measurement on this machine that a page requests: its button, its progress, and how to stop it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.classroom.rights import check_right, why_not
from app.jobs.host import start_host
from app.jobs.trainable_study import trainable_study
from app.ui.flash_messages import keep_errors, show_flash_messages
from app.ui.formatting import escape
from app.ui.home_banner import why_not_store
from app.ui.identity import network_address, session_id
from app.ui.owner import acting_session, check_owner, why_not_owner
from app.ui.page_frame import show_errors
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.queue import Queue
from core.jobs.queue_limit import queue_limit
from core.jobs.states import ACTIVE, JobState
from core.jobs.submit import submit_measurement
from core.runs.run import Run
from core.studies.database import Database

EVERY_SECOND = 1.0
_STOPPING = "cancel runs that others submitted"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a page can have measured.

    Args:
        study: Name of the study; the measurement is one of its runs.
        kind: Of the run.
        run: Returns the run; called when the button is pressed.
        help: What is done, for the button.
        reason: Why it can't be done; empty where it can.
        done: What is said while nothing is measured: what there is already, or how long it takes.
    """

    study: str
    kind: str
    run: Callable[[], Run]
    help: str
    reason: str = ""
    done: str = ""


def show_measurement(measurement: Measurement) -> None:
    """Show the button that measures on this machine, and the progress of a measurement.

    Args:
        measurement: What to measure.
    """
    show_flash_messages()
    study, kind = measurement.study, measurement.kind
    found = JobsReader(Database.at_home()).lines(study=study, kind=kind, limit=1)
    any_active = bool(found) and found[0].state in ACTIVE
    reason = why_not_store() or why_not("submissions") or measurement.reason
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Measure on this machine",
            icon=":material/timer:",
            key=f"measure-{kind}",
            disabled=any_active or bool(reason),
            help=reason or measurement.help,
            on_click=_submit,
            args=(measurement,),
        )
        if any_active:
            st.fragment(partial(_live, study, kind), run_every=EVERY_SECOND, key=kind)()
        elif found and found[0].state is JobState.FAILED:
            st.error(escape(found[0].sentence), icon=":material/error:")
        else:
            st.caption(measurement.done)


def _live(study: str, kind: str) -> None:
    with show_errors():
        found = JobsReader(Database.at_home()).lines(study=study, kind=kind, limit=1)
        if not found or found[0].state not in ACTIVE:
            # It has finished: what was measured is drawn again.
            st.rerun()
        line = found[0]
        with st.container(horizontal=True, vertical_alignment="center"):
            mine = acting_session() in (None, line.session)
            reason = "" if mine else why_not_owner(_STOPPING)
            stopping = line.state is JobState.CANCELLING
            st.progress(line.fraction, text=escape(_live_words(line)), width=260)
            st.button(
                "Stop",
                icon=":material/stop:",
                key=f"stop-{kind}",
                disabled=stopping or bool(reason),
                help=reason or None,
                on_click=_stop,
                args=(line.key,),
            )


def _live_words(line: JobLine) -> str:
    if line.state is JobState.CANCELLING:
        return "Stopping after this repeat"
    if line.state is not JobState.RUNNING:
        return "Queued"
    return f"Measuring: repeat {line.step} of {line.steps}" if line.steps else "Preparing"


def _stop(key: str) -> None:
    with keep_errors():
        queue = Queue(Database.at_home())
        if not queue.of_session([key], acting_session()):
            check_owner(_STOPPING)
        queue.cancel([key], session=acting_session())


def _submit(measurement: Measurement) -> None:
    with keep_errors():
        check_right("submissions")
        found = trainable_study(measurement.study)
        submit_measurement(
            Database.at_home(),
            found.record,
            measurement.run(),
            results=found.results,
            session=session_id(),
            limit=queue_limit(),
            address=network_address(),
        )
        start_host()
