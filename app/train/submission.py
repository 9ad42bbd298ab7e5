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
from app.ui.opening import ask_to_copy, go_to
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
        keep: Whether to keep trained weights.
        device: Where to train.
        minutes: Most minutes a run may take; 0 sets no limit.
    """

    keep: bool
    device: str
    minutes: int


def show_submission(found: TrainableStudy, choice: FormChoice) -> None:
    """Show how many runs a request takes and how long, and offer to train it."""
    show_flash_messages()
    # A place of its own above the settings: while runs finish it is drawn anew, and what is typed below stays.
    cost = st.container()
    keep, device, minutes = _settings(
        found, layouts=any(isinstance(each, LayoutSubmission) for each in choice.request or ())
    )
    lively = Queue(Database.at_home()).n_active() > 0
    with cost:
        body = partial(_cost, found, choice, Settings(keep, device, minutes))
        st.fragment(body, run_every=EVERY_SECONDS if lively else None, key="submission")()


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
                f"{count(taken.n_again)} of them {'is' if taken.n_again == 1 else 'are'} measured already, without "
                "weights; trained again, only to keep the weights."
            )
        _button(found, choice.request, taken.n_new, settings)


def _plan(found: TrainableStudy, request: tuple[Submission, ...], *, keep: bool, workers: int) -> Plan:
    """Return the plan of a request; made anew only when something was asked or a run has changed its state."""
    database = Database.at_home()
    question = (found.record, request, keep, workers, JobsReader(database).counts())
    asked, plan_before = st.session_state.get(_PLAN, (None, None))
    if asked == question:
        return cast(Plan, plan_before)
    made = plan(database, found.record, request, results=found.results, keep_weights=keep, workers=workers)
    st.session_state[_PLAN] = question, made
    return made


def _numbers(taken: Plan, workers: int) -> None:
    known = taken.n_new and taken.seconds is not None
    time = f"about {seconds(max(taken.seconds or 0, 1))}" if known else "–" if not taken.n_new else "not known yet"
    # Side by side where there is room: in halves of a narrow card the time would be cut off.
    with st.container(horizontal=True):
        st.metric("New runs", count(taken.n_new), help=explain("run"), width="content")
        st.metric("Time", time, help=explain("estimated time"), width="content")
    for sentence in plan_sentences(taken, workers):
        st.caption(sentence)


def _settings(found: TrainableStudy, *, layouts: bool) -> tuple[bool, str, int]:
    # A layout is trained to be used; of the table only the figures are.
    key = "keep_weights" if layouts else "keep_weights_too"
    keep = st.toggle("Keep trained weights", layouts, key=key, help=explain("kept weights"))
    with st.expander("Device and time limit", icon=":material/tune:"):
        own = found.specification.training.device
        device = st.segmented_control(
            "Device", list(DEVICES), default=own, required=True, key=f"device-{found.record.name}",
            format_func=DEVICES.__getitem__, help=explain("device"),
        )  # fmt: skip
        minutes = st.number_input(
            "Time limit of a run, minutes", 0, 10_000, 0, key="minutes", help=explain("time limit"), width=230
        )
    st.caption(
        f"Every network of this study: {escape(training_sentence(found.specification))}", help=explain("settings")
    )
    st.button(
        "Copy with other settings", icon=":material/content_copy:", type="tertiary", key="copy-study",
        on_click=_copy, args=(found.record.name,),
        help="Make a new study like it, with other data, tasks, backbone or training",
    )  # fmt: skip
    return keep, str(device or own), int(minutes)


def _button(found: TrainableStudy, request: tuple[Submission, ...] | None, n_new: int, settings: Settings) -> None:
    st.button(
        # Bold, not "primary": Streamlit writes those in white, which nobody can read on the dark theme's green.
        f"**Train {count(n_new)} run{'' if n_new == 1 else 's'}**" if n_new else "Train",
        icon=":material/play_arrow:",
        key="train",
        width="stretch",
        disabled=not n_new,
        help=None if n_new else "All of this is done or in the queue already",
        on_click=submit,
        args=(found.record.name, request, settings),
    )


def submit(name: str, request: tuple[Submission, ...] | None, settings: Settings) -> None:
    """Submit runs and make sure that a host is at work; submitting twice changes nothing. A callback.

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
        flash(_answer(done))
        st.session_state[_SUBMITTED] = True


def _copy(name: str) -> None:
    ask_to_copy(name)
    go_to("studies")


def _answer(done: Submitted) -> str:
    if not done.n_new:
        return "Nothing to add: all of it is done or in the queue already."
    return f"{count(done.n_new)} run{' is' if done.n_new == 1 else 's are'} in the queue."
