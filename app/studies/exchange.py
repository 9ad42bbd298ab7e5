"""Download, import and delete studies and tables."""

from functools import partial
from typing import Literal

import streamlit as st

from app.classroom.rights import check_right, why_not
from app.ui import cached
from app.ui.flash_messages import reported
from app.ui.formatting import escape
from app.ui.home_banner import why_not_store
from app.ui.identity import session_id
from app.ui.opening import open_study
from app.ui.owner import acting_session, why_not_owner
from app.ui.uploads import MAX_MB, store_archive
from core.backbones.profile_file import write_profile
from core.errors import StudyError
from core.estimators.table_file import write_table
from core.studies.archive import export_study, write_archive
from core.studies.bundled import bundled_studies, open_bundled
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.study_file import write_study
from core.studies.study_list import ListedStudy

_UPLOAD = "study_zip"
_FORMS: dict[str, tuple[Literal["wide", "tidy"], Literal["csv", "xlsx"]]] = {
    "Wide CSV": ("wide", "csv"),
    "Tidy CSV": ("tidy", "csv"),
    "Wide XLSX": ("wide", "xlsx"),
    "Tidy XLSX": ("tidy", "xlsx"),
}


def show_files(line: ListedStudy) -> None:
    """Show the downloads of a study, its tables and its backbone."""
    name = line.name
    st.caption(
        "**Download.** The zip file holds the whole study with all results and can be imported on another machine."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Study as zip",
            lambda: archive_of(name),
            file_name=f"{name}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="export-zip",
        )
        if line.kind == "measured":
            st.download_button(
                "Study as TOML",
                lambda: toml_of(name),
                file_name=f"{name}.toml",
                mime="application/toml",
                icon=":material/description:",
                on_click="ignore",
                key="export-toml",
                help="Its settings without results: train it anywhere with branchwise run.",
            )
        st.download_button(
            "Backbone as JSON",
            lambda: write_profile(cached.study(name).backbone),
            file_name=f"{name}-backbone.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            key="export-backbone",
        )
    if not cached.study(name).shares_inputs:
        st.caption(
            "Results of its branches for every seed are on the Storage page under *Results*, with a CSV download."
        )
        return
    st.caption(
        "Two-task table. *Wide*: one column per task of a pair, means only. "
        "*Tidy*: one row per value, with seeds or standard errors."
    )
    with st.container(horizontal=True):
        for label, (form, kind) in _FORMS.items():
            st.download_button(
                label,
                partial(_table, name, form, kind),
                file_name=f"{name}-two_task-{form}.{kind}",
                icon=":material/table:",
                on_click="ignore",
                key=f"table-{form}-{kind}",
            )


def record_of(name: str) -> StudyRecord:
    """Return the record of a study, stored or bundled.

    Raises:
        StudyError: There is none of that name.
    """
    database = Database.at_home()
    if _is_bundled(name, database):
        return open_bundled(name).record
    return database.record(name)


def archive_of(name: str) -> bytes:
    """Return a study, stored or bundled, as a zip file.

    Raises:
        StudyError: There is none of that name.
    """
    database = Database.at_home()
    if _is_bundled(name, database):
        opened = open_bundled(name)
        return write_archive(opened.record, opened.results)
    return export_study(database, name)


def toml_of(name: str) -> str:
    """Return the study file for ``branchwise run``.

    Raises:
        StudyError: There is none of that name, or it is an imported table.
    """
    specification = record_of(name).specification
    if specification is None:
        raise StudyError(f'"{name}" is an imported table; there is nothing to train. Download its zip.')
    return write_study(specification)


def _is_bundled(name: str, database: Database) -> bool:
    return name in bundled_studies() and all(line.name != name for line in database.studies())


def show_import() -> None:
    """Show the import of a study that was exported elsewhere."""
    st.markdown("**Import study**")
    # A new key clears the uploader once its file is stored.
    key = f"{_UPLOAD}-{st.session_state.get(_UPLOAD, 0)}"
    reason = why_not_store() or why_not("uploads")
    st.file_uploader(
        "Study zip, exported with Download or branchwise export",
        type="zip",
        key=key,
        on_change=_uploaded,
        args=(key,),
        max_upload_size=MAX_MB,
        disabled=bool(reason),
        help=reason or "The file is checked, stored on this machine and opened. An invalid file changes nothing.",
    )


def _uploaded(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    with reported(f"Imported “{file.name}” and opened it."):
        check_right("uploads")
        name = store_archive(file.getvalue(), Database.at_home(), session=session_id())
        open_study(name)
        st.session_state["chosen_study"] = name
    st.session_state[_UPLOAD] = st.session_state.get(_UPLOAD, 0) + 1


def delete_button(line: ListedStudy, next_study: str) -> None:
    """Show the button that deletes a study of this machine.

    Args:
        line: The study.
        next_study: Opened if the deleted one was open.
    """
    reason = _why_not_delete(line)
    with st.popover("Delete …", icon=":material/delete:", disabled=bool(reason), help=reason or None):
        if not reason:
            also = " The bundled study of this name becomes visible again." if line.name in bundled_studies() else ""
            st.markdown(f"Delete **{escape(line.title)}** and all its results? This can't be undone.{also}")
            st.button("Delete permanently", key="delete-for-good", on_click=_delete, args=(line.name, next_study))


def _why_not_delete(line: ListedStudy) -> str:
    if line.bundled:
        return "A bundled study is part of the package and can't be deleted."
    mine = acting_session() in (None, line.session)
    return why_not("deletions") if mine else why_not_owner("delete studies that others stored")


def _delete(name: str, next_study: str) -> None:
    with reported(f"Deleted “{name}”."):
        check_right("deletions")
        Database.at_home().delete(name, session=acting_session())
        st.session_state.pop("chosen_study", None)
        if st.session_state.get("study") == name and name not in bundled_studies():
            names = cached.study_names()
            open_study(next_study if next_study in names else next(iter(names), ""))


def _table(name: str, form: Literal["wide", "tidy"], kind: Literal["csv", "xlsx"]) -> bytes:
    return write_table(cached.study(name).table, form, kind)
