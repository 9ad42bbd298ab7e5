"""Measuring a switch on this machine: submitted here, run by the jobs host like every run."""

import time
from functools import partial

import streamlit as st

from app.jobs.host import start_host
from app.jobs.trainable_study import trainable_study
from app.storage.evidence import own_switchings
from app.storage.response_model import backbone_expression
from app.ui.flash_messages import keep_errors, show_flash_messages
from app.ui.formatting import count, escape
from app.ui.home_banner import why_not_store
from app.ui.identity import network_address, session_id
from app.ui.owner import acting_session, check_owner, why_not_owner
from app.ui.page_frame import show_errors
from core.families.switching.runs import SwitchingRun
from core.families.treednn.costs import CutBackbone
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.queue import Queue
from core.jobs.queue_limit import queue_limit
from core.jobs.states import ACTIVE, JobState
from core.jobs.submit import submit_measurement
from core.studies.database import Database
from core.studies.study import Study

EVERY_SECOND = 1.0

_UNKNOWN = (
    "The profile doesn't say how this network is made, so it can't be timed here. Choose a backbone from the list above"
)
# A profile may have a longer one; the run is known by its blocks.
_LONGEST_NAME = 120
_STOPPING = "cancel runs that others submitted"


def show_measure(cut_backbone: CutBackbone, study: Study) -> None:
    """Show the button that measures the backbone and cut of the page, and the progress of a measurement.

    Args:
        cut_backbone: What to measure.
        study: The measurement is one of its runs.
    """
    show_flash_messages()
    found = JobsReader(Database.at_home()).lines(study=study.name, kind=SwitchingRun.kind, limit=1)
    any_active = bool(found) and found[0].state in ACTIVE
    expression = backbone_expression(cut_backbone.backbone)
    reason = why_not_store() or ("" if expression else _UNKNOWN)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Measure on this machine",
            icon=":material/timer:",
            key="measure-switching",
            disabled=any_active or bool(reason),
            help=reason
            or "Writes trunk and branches with random weights to disk, measures the response time, and removes them",
            on_click=_submit,
            args=(cut_backbone, expression, study.name),
        )
        if any_active:
            st.fragment(partial(_live, study.name), run_every=EVERY_SECOND, key="switching")()
        elif found and found[0].state is JobState.FAILED:
            st.error(escape(found[0].sentence), icon=":material/error:")
        else:
            st.caption(_done_words(study.name))


def _done_words(name: str) -> str:
    n = len(own_switchings(name))
    if n:
        return f"{count(n)} measurement{'' if n == 1 else 's'} on this machine shown below."
    return "Takes seconds to minutes. `branchwise switch FOLDER` measures a deployed TreeDNN."


def _live(name: str) -> None:
    with show_errors():
        database = Database.at_home()
        found = JobsReader(database).lines(study=name, kind=SwitchingRun.kind, limit=1)
        if not found or found[0].state not in ACTIVE:
            # It has finished: the times below are drawn again.
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
                key="stop-switching",
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


def _submit(case: CutBackbone, expression: str, name: str) -> None:
    backbone = case.backbone
    height, width = backbone.input_shape[1:] if len(backbone.input_shape) == 3 else (224, 224)
    with keep_errors():
        found = trainable_study(name)
        run = SwitchingRun(
            backbone=backbone.name[:_LONGEST_NAME],
            builder=expression,
            size=(height, width),
            params=tuple(block.params for block in backbone.blocks),
            cut=case.cut,
            n_branches=case.n_branches,
            asked=int(time.time()),
        )
        submit_measurement(
            Database.at_home(),
            found.record,
            run,
            results=found.results,
            session=session_id(),
            limit=queue_limit(),
            address=network_address(),
        )
        start_host()
