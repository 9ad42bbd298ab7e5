"""On disk: the list of studies, and actions on one of them."""

from typing import Any

import streamlit as st

from app.studies.draft import copy_study
from app.studies.exchange import delete_button, show_files, show_import
from app.studies.model import kind_words, size_words, study_table, task_words
from app.ui import cached
from app.ui.computed_elsewhere import show_computed_elsewhere
from app.ui.flash_messages import show_flash_messages
from app.ui.formatting import count, escape
from app.ui.glossary import explain
from app.ui.opening import open_on
from app.ui.page_frame import show_errors
from app.ui.time_zone import visitor_zone
from core.studies.bundled import FIRST, bundled_archive, bundled_studies
from core.studies.database import Database
from core.studies.study_list import ListedStudy, bundled_line, size_of, stored_lines

_CHOSEN = "chosen_study"
_ROWS = "study_rows"
_ROW = 35


def show_study_list() -> None:
    """Show the list of studies, and the actions on the selected one."""
    show_flash_messages(toast=False)
    lines: dict[str, ListedStudy] = {}
    with show_errors():
        lines = studies_on_disk()
        _table(list(lines.values()))
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"), show_errors():
        _one(lines)
    with right, st.container(border=True):
        show_import()


def studies_on_disk() -> dict[str, ListedStudy]:
    """Return name → study: stored ones, the last changed first, then bundled ones.

    Raises:
        StudyError: The database can't be used.
    """
    lines = {line.name: line for line in stored_lines(Database.at_home())}
    return lines | {name: bundled_line(name) for name in bundled_studies() if name not in lines}


def _table(lines: list[ListedStudy]) -> None:
    sizes = [
        bundled_archive(line.name).stat().st_size if line.bundled else _size(line.name, line.version) for line in lines
    ]
    st.dataframe(
        study_table(lines, sizes),
        hide_index=True,
        height=min(38 + _ROW * len(lines), 12 * _ROW),
        key=_ROWS,
        on_select=_picked,
        selection_mode="single-row",
        alt="All studies on this machine and in the package; the list below selects like a click on a row",
        column_config={
            "study": st.column_config.TextColumn("Study", width=272),
            "name": st.column_config.TextColumn("Name", help="Used in links, files and on the command line."),
            "tasks": st.column_config.TextColumn("Tasks"),
            "trainings done": st.column_config.TextColumn("Trainings", help=explain("run", "study kind")),
            "size": st.column_config.TextColumn("Size", help="Results, tables, example images and trained weights."),
        },
    )
    # Callbacks know rows by number only.
    st.session_state[f"{_ROWS}_names"] = [line.name for line in lines]


@st.cache_data(max_entries=512, show_spinner=False)
def _size(name: str, version: str) -> int:  # noqa: ARG001  # part of the key
    return size_of(Database.at_home(), name)


def forget_sizes() -> None:
    """Compute the sizes again after files were removed."""
    _size.clear()


def _picked() -> None:
    found: dict[str, Any] = st.session_state.get(_ROWS, {})
    names = st.session_state.get(f"{_ROWS}_names", [])
    rows = found.get("selection", {}).get("rows", [])
    if rows and rows[0] < len(names):
        st.session_state[_CHOSEN] = names[rows[0]]


def _one(lines: dict[str, ListedStudy]) -> None:
    if not lines:
        st.caption("There is no study yet. Create one, or import a file.")
        return
    present = st.session_state.get("study")
    if st.session_state.get(_CHOSEN) not in lines:
        st.session_state[_CHOSEN] = present if present in lines else next(iter(lines))
    chosen = st.selectbox(
        "Selected study",
        list(lines),
        key=_CHOSEN,
        format_func=lambda name: lines[name].title if name in lines else name,
        persist_state="session",
    )
    line = lines[chosen]
    st.markdown(_words(line))
    with st.container(horizontal=True):
        st.button(
            "Open",
            icon=":material/dashboard:",
            key="study-open",
            on_click=_open_chosen,
            help="Open it on all pages.",
        )
        st.button(
            "Copy with other settings",
            icon=":material/content_copy:",
            key="study-copy",
            on_click=_copy_chosen,
            disabled=line.kind != "measured",
            help="Create a new study with the same settings and change data, tasks, backbone or training."
            if line.kind == "measured"
            else "A table has no training settings to change.",
        )
        delete_button(line, FIRST)
    show_files(line)
    with show_errors():
        show_computed_elsewhere(cached.study(line.name))


def _open_chosen() -> None:
    # Who chooses and presses at once means what is chosen, not what the page was drawn with.
    open_on("overview", st.session_state[_CHOSEN])


def _copy_chosen() -> None:
    copy_study(st.session_state[_CHOSEN])


def _words(line: ListedStudy) -> str:
    parts = [f"`{line.name}`", escape(kind_words(line)), escape(task_words(line.task_names))]
    if line.dataset:
        parts.append(f"data: {escape(line.dataset)}")
    if line.n_runs:
        left = line.n_runs - line.n_done
        parts.append("all trainings done" if not left else f"{count(left)} of {count(line.n_runs)} trainings not done")
    if not line.bundled:
        parts.append(size_words(_size(line.name, line.version)))
    if line.updated is not None:
        parts.append(f"changed {line.updated.astimezone(visitor_zone()):%-d %B %Y, %H:%M}")
    return " · ".join(parts)
