"""Create a study: its settings, its size, and the button that stores it."""

import threading
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st

from app.classroom.rights import check_right, why_not
from app.jobs.train_link import choose_table_to_train
from app.studies.data_part import KINDS, data_input, looked_at
from app.studies.draft import TITLE
from app.studies.draft_model import study_of
from app.studies.network_part import backbone_input
from app.studies.rate_part import rate_input
from app.studies.tasks_part import tasks_input
from app.studies.training_part import (
    Machine,
    Training,
    is_by_hand,
    oracle_input,
    settings_for_speed,
    training_input,
)
from app.studies.weights_part import weights_input
from app.ui import cached
from app.ui.flash_messages import show_flash_messages
from app.ui.formatting import count, escape, listed, plural, runs_words
from app.ui.home_banner import why_not_store
from app.ui.identity import session_id
from app.ui.opening import go_to, open_next, open_study
from app.ui.own_code import own_code_roots
from app.ui.page_frame import show_errors
from app.ui.uploads import MAX_TITLE, taken_names
from core.backbones.profile_file import read_profile, write_profile
from core.data.file_digests import Progress
from core.data.fingerprint import with_fingerprint
from core.data.pretrained import with_weights_fingerprint
from core.data.preview import Preview
from core.errors import BranchwiseError, StudyError
from core.jobs.calibration import calibrate_in_background, calibration_fault
from core.jobs.estimate import about
from core.jobs.prepare import prepare
from core.jobs.presets import Price, rough_backbone
from core.layouts.counting import count_layouts
from core.studies.calibration import CalibrationRequest, stored_calibration
from core.studies.connection import forget_reader
from core.studies.database import Database
from core.studies.expand import expand, trainings
from core.studies.several_specification import DatasetSpecification, SeveralSpecification
from core.studies.specification import StudySpecification, study_from_document
from core.studies.study_file import write_study

_REQUESTED = "study_to_create"
_MADE = "study_created"
_WARNINGS = "study_created_warnings"
_FAULT = "study_not_created"
# Database and name → held while a study is created. A second press runs beside the first, in a thread of its own.
_CREATING: WeakValueDictionary[tuple[str, str], threading.Lock] = WeakValueDictionary()
_ONE_AT_A_TIME = threading.Lock()


def show_create() -> None:
    """Draw the form for a study with a summary of its size, and create the study."""
    # A container of its own: what comes and goes above must not move the form, which would be drawn twice meanwhile.
    with st.container():
        show_flash_messages(toast=False)
    if made := st.session_state.get(_MADE):
        _made(made)
        return
    left, right = st.columns(2)
    study = None
    with left, st.container(border=True):
        data = data_input()
    if data is not None:
        with left, st.container(border=True):
            tasks = tasks_input(data[1])
        with right:
            study = _network(*data, tasks)
    with right, st.container(border=True):
        _summary(study)
        # Below its button, and last: nothing moves when this appears or disappears.
        _create_requested()
        if fault := st.session_state.pop(_FAULT, ""):
            st.error(escape(fault), icon=":material/error:")


def _network(
    dataset: DatasetSpecification, found: Preview, tasks: list[str]
) -> tuple[StudySpecification, Training] | None:
    with st.container(border=True):
        backbone = backbone_input(len(tasks))
        weights = None if backbone is None else weights_input()
    if backbone is None:
        return None
    backbone |= {} if weights is None else {"weights": weights}
    with st.container(border=True), show_errors():
        st.markdown("**4 · Training**")
        if len(tasks) < 2:
            st.caption("Select two tasks to see the training time.")
            return None
        how_long = st.container()
        n_oracle = oracle_input(len(tasks), int(backbone["blocks"]))
        title = st.session_state.get(TITLE) or default_title(dataset.name)
        document: dict[str, Any] = {"dataset": dataset.model_dump(mode="json"), "tasks": tasks, "backbone": backbone}
        draft = study_of("draft", (), **document, training={}, n_seeds=1, n_oracle_seeds=n_oracle)
        chosen = tuple(task for task in found.tasks if task.name in tasks)
        roots = own_code_roots()
        marked = draft.backbone if roots is None else draft.backbone.with_code(roots)
        request = CalibrationRequest.of(marked, found.picture_size, chosen, settings_for_speed())
        machine = Machine.here(Database.at_home(), request)
        price = _price(draft.model_dump_json(), found.picture_size, _profile(request))
        if machine.measuring:
            st.fragment(partial(_until_measured, request), run_every=1.0)()
        elif fault := calibration_fault(Database.at_home().path.parent, request):
            st.error(escape(fault), icon=":material/error:")
        with how_long:
            training = training_input(dataset, found, price, machine, n_oracle)
        document["dataset"] |= training.sizes
        study = study_of(
            title,
            taken_names(Database.at_home()),
            **document,
            training=training.settings,
            n_seeds=training.n_seeds,
            n_oracle_seeds=training.n_oracle_seeds,
        )
        if is_by_hand():
            rate_input(study)
        return study, training
    return None


def default_title(dataset: str) -> str:
    """Return the default title of a study."""
    return f"{KINDS[dataset][0]} study"


def _profile(request: CalibrationRequest) -> str:
    """Return the profile of the traced backbone as JSON; empty where it is not traced yet."""
    measured = stored_calibration(Database.at_home().path.parent, request)
    return "" if measured is None else write_profile(measured.backbone)


def _until_measured(request: CalibrationRequest) -> None:
    if not calibrate_in_background(Database.at_home().path.parent, request, own_code_roots()):
        st.rerun()


@st.cache_resource(max_entries=64, show_spinner=False)
def _price(specification: str, size: tuple[int, int], profile: str) -> Price:
    study = StudySpecification.model_validate_json(specification)
    return Price.of(study, read_profile(profile) if profile else rough_backbone(study.backbone, size))


def _summary(found: tuple[StudySpecification, Training] | None) -> None:
    st.markdown("**5 · Name**")
    st.text_input(
        "Name of the study",
        key=TITLE,
        max_chars=MAX_TITLE,
        placeholder=default_title(st.session_state.get("new-data", "scenes")),
        persist_state="session",
        label_visibility="collapsed",
    )
    if found is None:
        st.caption("A summary of the study appears here before anything is stored.")
        return
    study, training = found
    with show_errors():
        _words(study, training)
        text = write_study(study)
        reason = why_not_store() or why_not("uploads")
        st.button(
            "Create study",
            icon=":material/add_circle:",
            on_click=_request,
            args=(study.model_dump_json(),),
            key="create-study",
            disabled=bool(reason),
            help=reason or "Stores the study. Nothing is trained until you submit runs on the Train page.",
        )
        with st.expander("As a study file", icon=":material/description:"):
            st.markdown(
                f"`branchwise run {study.name}.toml` trains the same study without a browser. "
                "Which metrics make a task's Δ is chosen in this file, under `[metrics]`."
            )
            st.code(text, language="toml")
            st.download_button(
                "Study as TOML",
                text,
                file_name=f"{study.name}.toml",
                mime="application/toml",
                icon=":material/download:",
                on_click="ignore",
                key="new-toml",
            )


def _words(study: StudySpecification, training: Training) -> None:
    sizes = looked_at(study.dataset).sizes
    n_tasks, blocks = len(study.tasks), study.backbone.blocks
    n_pairs = n_tasks * (n_tasks - 1) // 2 * blocks
    n_runs, n_measured = len(trainings(study)), len(expand(study)) - len(trainings(study))
    oracle = ""
    if training.n_oracle_seeds:
        oracle = f"- Every layout trained from {plural(training.n_oracle_seeds, 'seed')}, to judge the predictions\n"
    st.markdown(
        f"- Stored as `{study.name}`\n"
        f"- {n_tasks} tasks: {escape(listed(study.tasks))}\n"
        f"- {count(sizes['train'])} training, {count(sizes['validation'])} validation and "
        f"{count(sizes['test'])} test images\n"
        f"- {plural(blocks, 'block')}, so {count(count_layouts(n_tasks, blocks))} layouts\n"
        f"- Two-task table: {n_tasks} single-task and {count(n_pairs)} two-task networks, "
        f"from {training.n_seeds} seed{'s' if training.n_seeds > 1 else ''}\n"
        f"{oracle}"
        f"- {count(n_runs + n_measured)} runs: {runs_words(n_runs, n_measured)}\n"
        + (
            "- Time unknown until measured"
            if training.seconds is None
            else f"- About **{about(training.seconds)}** to train"
        )
    )


def _request(study: str) -> None:
    st.session_state[_REQUESTED] = study


def making_words(dataset: DatasetSpecification) -> str:
    """Return what is done about the images of a study while it is created: some are drawn, others only read."""
    sets = [each.dataset for each in dataset.sets] if isinstance(dataset, SeveralSpecification) else [dataset]
    done = [word for word, drawn in (("reading", False), ("generating", True)) if drawn in {s.generated for s in sets}]
    return f"{' and '.join(done)} its images"


def _create_requested() -> None:
    """Create the requested study; if another click interrupts this, the next run of the page continues."""
    requested = st.session_state.get(_REQUESTED)
    if requested is None:
        return
    study = StudySpecification.model_validate_json(requested)
    making = f"Creating the study: {making_words(study.dataset)} and tracing its backbone …"
    with st.spinner(making, show_time=True):
        files = st.empty()

        def show_files(done: int, of: int) -> None:
            files.progress(done / of, f"Files read: {count(done)} of {count(of)}")

        try:
            name, warnings = create(
                study,
                Database.at_home(),
                progress=show_files,
            )
        except BranchwiseError as fault:
            st.session_state[_FAULT] = str(fault)
        else:
            st.session_state[_MADE], st.session_state[_WARNINGS] = name, warnings
            open_next(name)
    del st.session_state[_REQUESTED]
    st.rerun()


def create(
    specification: StudySpecification, database: Database, *, progress: Progress | None = None
) -> tuple[str, tuple[str, ...]]:
    """Store a new study; return its name and doubts about its labels. An identical stored study is left as it is.

    Raises:
        BranchwiseError: Data, tasks or backbone do not fit, or the folder can't be written to.
    """
    check_right("uploads")
    marked = with_fingerprint(specification.dataset, progress=progress)
    backbone = with_weights_fingerprint(specification.backbone)
    document = specification.model_dump(mode="json") | {
        "dataset": marked.model_dump(mode="json"),
        "backbone": backbone.model_dump(mode="json"),
    }
    study = study_from_document(document, "The new study")
    with _ONE_AT_A_TIME:
        creating = _CREATING.setdefault((str(database.path), study.name), threading.Lock())
    with creating:
        # Another press may have stored it since this run of the page opened the file, or found none.
        forget_reader(database.path)
        try:
            if database.record(study.name).specification == study:
                return study.name, ()
        except StudyError:
            pass
        made = prepare(
            study, database, command=f"branchwise run {study.name}.toml", session=session_id(), code=own_code_roots()
        )
        return made.name, made.warnings


def _made(name: str) -> None:
    with st.container(border=True):
        st.markdown(f"**“{escape(cached.study_names().get(name, name))}” is stored and open.** Nothing is trained yet.")
        for sentence in st.session_state.get(_WARNINGS, ()):
            st.warning(escape(sentence), icon=":material/warning:")
        with st.container(horizontal=True):
            st.button(
                "Train",
                icon=":material/play_arrow:",
                key="made-train",
                on_click=_leave,
                args=("train", name),
            )
            st.button("Open", icon=":material/dashboard:", key="made-look", on_click=_leave, args=("overview", name))
            st.button(
                "Create another", icon=":material/add_circle:", type="tertiary", key="made-close", on_click=_forget
            )


def _leave(page: str, name: str) -> None:
    _forget()
    open_study(name)
    # Nothing is measured yet, so the two-task table comes first, whatever was selected for another study.
    choose_table_to_train()
    go_to(page)


def _forget() -> None:
    st.session_state.pop(_MADE, None)
    st.session_state.pop(_WARNINGS, None)
    # The next study needs another name.
    st.session_state[TITLE] = ""
