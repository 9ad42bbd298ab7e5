"""The cost of a request, and the button that submits it."""

from dataclasses import dataclass
from functools import partial
from typing import cast

import streamlit as st

from app.classroom.rights import check_right, why_not
from app.families.train_form import FormChoice
from app.jobs.estimate import is_being_measured
from app.jobs.host import start_host
from app.jobs.trainable_study import TrainableStudy, trainable_study
from app.train.damaged import damaged_keys
from app.train.model import plan_sentences, submitted_sentence, training_sentence
from app.ui.flash_messages import flash, keep_errors, show_flash_messages
from app.ui.formatting import count, escape, plural
from app.ui.glossary import explain
from app.ui.home_banner import why_not_store
from app.ui.identity import network_address, session_id
from app.ui.opening import go_to, request_copy
from app.ui.owner import acting_session
from app.ui.page_frame import show_errors
from core.families.layouts.runs import LayoutSubmission
from core.jobs.device import move, on_device
from core.jobs.estimate import about, calibration_of, study_speed, workers_here
from core.jobs.jobs_reader import JobsReader
from core.jobs.queue import Queue
from core.jobs.queue_limit import queue_limit
from core.jobs.submit import Plan, plan
from core.jobs.submit import submit as submit_runs
from core.studies.database import Database
from core.studies.submission import Submission

EVERY_SECONDS = 2.0
_PLAN, _SUBMITTED, _WAS_MEASURING = "train_plan", "train_submitted", "train_was_measuring"
_AGAIN = "train_again"
DEVICES = {"auto": "Automatic", "cpu": "Processor", "cuda": "Graphics card"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How requested runs are trained.

    Args:
        keep: Whether to save trained weights.
        again: Whether runs that are done without weights are trained again to save them.
        device: Where to train.
        minutes: Most minutes a run may take; 0 sets no limit.
    """

    keep: bool
    again: bool
    device: str
    minutes: int


def show_submission(found: TrainableStudy, choice: FormChoice) -> None:
    """Show how many runs a request takes and how long, and offer to train it."""
    show_flash_messages()
    # Layouts are trained for use; of the two-task table only the metrics are needed.
    layouts = any(isinstance(each, LayoutSubmission) for each in choice.request or ())
    keep = st.toggle(
        "Save trained weights", layouts, key="keep_weights" if layouts else "keep_weights_too",
        help=explain("kept weights"),
    )  # fmt: skip
    # A separate container among the settings: it refreshes while runs finish, without resetting the inputs.
    cost = st.container()
    device, minutes = _settings(found)
    any_active = Queue(Database.at_home()).n_active() > 0
    with cost:
        body = partial(_cost, found, choice, keep, device, minutes, any_active)
        st.fragment(body, run_every=EVERY_SECONDS if any_active or _is_measuring(found) else None, key="submission")()


def _is_measuring(found: TrainableStudy) -> bool:
    """Return whether the speed of this machine with the study's backbone is being measured; start where needed."""
    database = Database.at_home()
    request = calibration_of(found.specification, found.record)
    code = database.code_roots(found.record.name) if request.backbone.needs_permission else None
    return is_being_measured(database.path.parent, request, study_speed(database, request), code)


def _cost(found: TrainableStudy, choice: FormChoice, keep: bool, device: str, minutes: int, any_active: bool) -> None:
    if st.session_state.pop(_SUBMITTED, False):
        st.rerun()
    with show_errors():
        if choice.request is None:
            st.info(escape(choice.reason))
            _button(found, None, 0, Settings(keep, False, device, minutes))
            return
        measuring = _is_measuring(found)
        again = keep and bool(st.session_state.get(_AGAIN))
        numbers = st.container()
        taken = _plan(found, choice.request, keep=keep, again=again)
        without = taken.n_without_weights + (taken.n_again if again else 0)
        if without:
            again = st.checkbox(
                f"Train {plural(without, 'run')} again that {'has' if without == 1 else 'have'} no saved weights",
                key=_AGAIN,
                help=explain("trained again"),
            )
            taken = _plan(found, choice.request, keep=keep, again=again)
        with numbers:
            _numbers(taken, measuring)
        if taken.n_again:
            st.caption(
                f"{count(taken.n_again)} of the new runs {'has a result' if taken.n_again == 1 else 'have results'} "
                "but no saved weights, and will be trained again to save them. Stored results stay as they are."
            )
        if taken.n_new and not keep:
            st.caption(
                ":material/info: The weights of these networks are not saved. To use one of them later, train it again "
                "then, or save the weights now."
            )
        if taken.n_new and choice.note:
            st.caption(f":material/info: {escape(choice.note)}")
        _button(found, choice.request, taken.n_new, Settings(keep, again, device, minutes))
        if not measuring and not any_active and st.session_state.pop(_WAS_MEASURING, False):
            st.rerun()  # no refresh is needed any more
        st.session_state[_WAS_MEASURING] = measuring


def _plan(found: TrainableStudy, request: tuple[Submission, ...], *, keep: bool, again: bool) -> Plan:
    """Return the plan of a submission; computed again only if the request or the state of a run has changed."""
    database = Database.at_home()
    workers = workers_here(database)
    speed = study_speed(database, calibration_of(found.specification, found.record))
    damaged = damaged_keys(found.record.name)
    identity = (found.record, request, keep, again, workers, speed, JobsReader(database).counts(), damaged)
    made = st.session_state.get(_PLAN, {})
    if again not in made or made[again][0] != identity:
        found_plan = plan(
            database,
            found.record,
            request,
            results=found.results,
            keep_weights=keep,
            again=again,
            workers=workers,
            damaged=damaged,
        )
        made = {**made, again: (identity, found_plan)}
        st.session_state[_PLAN] = made
    return cast(Plan, made[again][1])


def _numbers(taken: Plan, measuring: bool) -> None:
    workers = workers_here(Database.at_home())
    time = f"about {about(taken.seconds)}" if taken.n_new else "–"
    # Side by side if there is room: two equal columns of a narrow card would cut off the time.
    with st.container(horizontal=True):
        st.metric("New runs", count(taken.n_new), help=explain("run"), width="content")
        st.metric("Time", time, help=explain("estimated time"), width="content")
    for sentence in plan_sentences(taken, workers, measuring=measuring):
        st.caption(sentence)


def _settings(found: TrainableStudy) -> tuple[str, int]:
    with st.expander("Device and time limit", icon=":material/tune:"):
        own = found.specification.training.device
        device = st.segmented_control(
            "Device", list({**DEVICES, own: own}), default=own, required=True, key=f"device-{found.record.name}",
            format_func=lambda name: DEVICES.get(name, name), help=explain("device"),
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
    return str(device or own), int(minutes)


def _button(found: TrainableStudy, request: tuple[Submission, ...] | None, n_new: int, settings: Settings) -> None:
    reason = why_not_store() or why_not("submissions")
    st.button(
        # Bold, not "primary": white text on the dark theme's green has too little contrast.
        f"**Train {count(n_new)} run{'' if n_new == 1 else 's'}**" if n_new else "Train",
        icon=":material/play_arrow:",
        key="train",
        width="stretch",
        disabled=not n_new or bool(reason),
        help=reason or (None if n_new else "All of these runs are done or in the queue"),
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
        check_right("submissions")
        found = trainable_study(name)
        record = on_device(found.record, settings.device)
        wanted = plan(
            database, record, request, results=found.results, keep_weights=settings.keep, again=settings.again,
            damaged=(damaged := damaged_keys(name)),
        )  # fmt: skip
        move(database, wanted.runs, settings.device, session=acting_session())
        done = submit_runs(
            database, record, request, results=found.results, session=session_id(), keep_weights=settings.keep,
            again=settings.again, time_limit=60.0 * settings.minutes if settings.minutes else None, limit=queue_limit(),
            address=network_address(), damaged=damaged,
        )  # fmt: skip
        start_host()
        flash(submitted_sentence(done.n_new, wanted))
        st.session_state[_SUBMITTED] = True


def _copy(name: str) -> None:
    request_copy(name)
    go_to("studies")
