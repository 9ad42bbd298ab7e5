"""The cost of a request, and the button that submits it."""

import os
from dataclasses import dataclass
from functools import partial
from typing import cast

import streamlit as st

from app.families.train_form import FormChoice
from app.jobs.host import start_host
from app.jobs.trainable_study import TrainableStudy, trainable_study
from app.train.model import plan_sentences, training_sentence
from app.ui.flash_messages import flash, keep_errors, show_flash_messages
from app.ui.formatting import count, escape, seconds
from app.ui.glossary import explain
from app.ui.identity import session_id
from app.ui.opening import go_to, request_copy
from app.ui.page_frame import show_errors
from core.families.layouts.runs import LayoutSubmission
from core.jobs.device import move, on_device
from core.jobs.jobs_reader import JobsReader
from core.jobs.queue import Queue, Submitted
from core.jobs.queue_limit import queue_limit
from core.jobs.submission import Submission
from core.jobs.submit import Plan, plan
from core.jobs.submit import submit as submit_runs
from core.studies.database import Database

EVERY_SECONDS = 2.0
_PLAN, _SUBMITTED = "train_plan", "train_submitted"
DEVICES = {"auto": "Automatic", "cpu": "Processor", "cuda": "Graphics card"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How requested runs are trained.

    Args:
        keep: Whether to save trained weights.
        device: Where to train.
        minutes: Most minutes a run may take; 0 sets no limit.
    """

    keep: bool
    device: str
    minutes: int


def show_submission(found: TrainableStudy, choice: FormChoice) -> None:
    """Show how many runs a request takes and how long, and offer to train it."""
    show_flash_messages()
    # A separate container above the settings: it refreshes while runs finish, without resetting the inputs below.
    cost = st.container()
    keep, device, minutes = _settings(
        found, layouts=any(isinstance(each, LayoutSubmission) for each in choice.request or ())
    )
    any_active = Queue(Database.at_home()).n_active() > 0
    with cost:
        body = partial(_cost, found, choice, Settings(keep, device, minutes))
        st.fragment(body, run_every=EVERY_SECONDS if any_active else None, key="submission")()


def _cost(found: TrainableStudy, choice: FormChoice, settings: Settings) -> None:
    if st.session_state.pop(_SUBMITTED, False):
        st.rerun()
    with show_errors():
        if choice.request is None:
            st.info(escape(choice.reason))
            _button(found, None, 0, settings)
            return
        workers = max(os.cpu_count() or 1, 1)
        taken = _plan(found, choice.request, keep=settings.keep, workers=workers)
        _numbers(taken, workers)
        if taken.n_again:
            st.caption(
                f"{count(taken.n_again)} of the new runs {'has' if taken.n_again == 1 else 'have'} results but no "
                "saved weights, and will be trained again to save them."
            )
        _button(found, choice.request, taken.n_new, settings)


def _plan(found: TrainableStudy, request: tuple[Submission, ...], *, keep: bool, workers: int) -> Plan:
    """Return the plan of a submission; computed again only if the request or the state of a run has changed."""
    database = Database.at_home()
    identity = (found.record, request, keep, workers, JobsReader(database).counts())
    planned, plan_before = st.session_state.get(_PLAN, (None, None))
    if planned == identity:
        return cast(Plan, plan_before)
    made = plan(database, found.record, request, results=found.results, keep_weights=keep, workers=workers)
    st.session_state[_PLAN] = identity, made
    return made


def _numbers(taken: Plan, workers: int) -> None:
    known = taken.n_new and taken.seconds is not None
    time = f"about {seconds(max(taken.seconds or 0, 1))}" if known else "–" if not taken.n_new else "not known yet"
    # Side by side if there is room: two equal columns of a narrow card would cut off the time.
    with st.container(horizontal=True):
        st.metric("New runs", count(taken.n_new), help=explain("run"), width="content")
        st.metric("Time", time, help=explain("estimated time"), width="content")
    for sentence in plan_sentences(taken, workers):
        st.caption(sentence)


def _settings(found: TrainableStudy, *, layouts: bool) -> tuple[bool, str, int]:
    # Layouts are trained for use; of the two-task table only the metrics are needed.
    key = "keep_weights" if layouts else "keep_weights_too"
    keep = st.toggle("Save trained weights", layouts, key=key, help=explain("kept weights"))
    with st.expander("Device and time limit", icon=":material/tune:"):
        own = found.specification.training.device
        device = st.segmented_control(
            "Device", list(DEVICES), default=own, required=True, key=f"device-{found.record.name}",
            format_func=DEVICES.__getitem__, help=explain("device"),
        )  # fmt: skip
        minutes = st.number_input(
            "Time limit per run, minutes", 0, 10_000, 0, key="minutes", help=explain("time limit"), width=230
        )
    st.caption(
        f"All networks of this study: {escape(training_sentence(found.specification))}", help=explain("settings")
    )
    st.button(
        "Copy with other settings", icon=":material/content_copy:", type="tertiary", key="copy-study",
        on_click=_copy, args=(found.record.name,),
        help="Create a new study with the same settings and change data, tasks, backbone or training",
    )  # fmt: skip
    return keep, str(device or own), int(minutes)


def _button(found: TrainableStudy, request: tuple[Submission, ...] | None, n_new: int, settings: Settings) -> None:
    st.button(
        # Bold, not "primary": white text on the dark theme's green has too little contrast.
        f"**Train {count(n_new)} run{'' if n_new == 1 else 's'}**" if n_new else "Train",
        icon=":material/play_arrow:",
        key="train",
        width="stretch",
        disabled=not n_new,
        help=None if n_new else "All of these runs are done or in the queue",
        on_click=submit,
        args=(found.record.name, request, settings),
    )


def submit(name: str, request: tuple[Submission, ...] | None, settings: Settings) -> None:
    """Submit runs and make sure that a jobs host is running; submitting twice changes nothing. A callback.

    Args:
        name: Of the study.
        request: What to train.
        settings: How.
    """
    if request is None:
        return
    database = Database.at_home()
    with keep_errors():
        found = trainable_study(name)
        record = on_device(found.record, settings.device)
        wanted = plan(database, record, request, results=found.results, keep_weights=settings.keep)
        move(database, wanted.runs, settings.device)
        done = submit_runs(
            database, record, request, results=found.results, session=session_id(), keep_weights=settings.keep,
            time_limit=60.0 * settings.minutes if settings.minutes else None, limit=queue_limit(),
        )  # fmt: skip
        start_host()
        flash(_confirmation(done))
        st.session_state[_SUBMITTED] = True


def _copy(name: str) -> None:
    request_copy(name)
    go_to("studies")


def _confirmation(done: Submitted) -> str:
    if not done.n_new:
        return "Nothing to submit: all of these runs are done or in the queue."
    return f"{count(done.n_new)} run{'' if done.n_new == 1 else 's'} submitted."
