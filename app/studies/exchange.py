"""Studies and tables as files: out, in, and away."""

from functools import partial
from typing import Literal

import streamlit as st

from app.ui import cached
from app.ui.flash_messages import reported
from app.ui.formatting import escape
from app.ui.opening import open_study
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
    """Offer a study, its tables and its backbone as files."""
    name = line.name
    st.caption("Take it away. The zip holds the whole study with all its results; another machine can open it.")
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
                help="What it asks for, without results: train it anywhere with branchwise run.",
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
        st.caption("What its branches reached, seed by seed, stands on the Storage page under *Results*, with a CSV.")
        return
    st.caption(
        "Its two-task table. *Wide*: one column per task of a pair, means only. "
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
    """Return what is kept of a study, stored or bundled, beside its runs.

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
    """Return what a study asks for as a file for ``branchwise run``.

    Raises:
        StudyError: There is none of that name, or it asks for nothing.
    """
    specification = record_of(name).specification
    if specification is None:
        raise StudyError(f'"{name}" is a table that was brought in; there is nothing to train. Take its zip.')
    return write_study(specification)


def _is_bundled(name: str, database: Database) -> bool:
    return name in bundled_studies() and all(line.name != name for line in database.studies())


def bring_in() -> None:
    """Take a study that was exported elsewhere."""
    st.markdown("**Bring in a study**")
    # Another key empties the uploader once its file is stored.
    key = f"{_UPLOAD}-{st.session_state.get(_UPLOAD, 0)}"
    st.file_uploader(
        "A study zip made by Export",
        type="zip",
        key=key,
        on_change=_uploaded,
        args=(key,),
        max_upload_size=MAX_MB,
        help="It is checked as a whole, then stored on this machine and opened. A bad file changes nothing.",
    )


def _uploaded(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    with reported(f"Stored “{file.name}” and opened it."):
        name = store_archive(file.getvalue(), Database.at_home())
        open_study(name)
        st.session_state["chosen_study"] = name
    st.session_state[_UPLOAD] = st.session_state.get(_UPLOAD, 0) + 1


def delete_button(line: ListedStudy, next_study: str) -> None:
    """Offer to delete a study of this machine.

    Args:
        line: The study.
        next_study: What to open where the deleted one was open.
    """
    with st.popover(
        "Delete …",
        icon=":material/delete:",
        disabled=line.bundled,
        help="A bundled study belongs to the package and can't be deleted." if line.bundled else None,
    ):
        if not line.bundled:
            also = " The one that comes with Branchwise shows again." if line.name in bundled_studies() else ""
            st.markdown(f"Delete **{escape(line.title)}** with everything measured on it? This can't be undone.{also}")
            st.button("Delete for good", key="delete-for-good", on_click=_delete, args=(line.name, next_study))


def _delete(name: str, next_study: str) -> None:
    with reported(f"Deleted “{name}”."):
        Database.at_home().delete(name)
        st.session_state.pop("chosen_study", None)
        if st.session_state.get("study") == name and name not in bundled_studies():
            names = cached.study_names()
            open_study(next_study if next_study in names else next(iter(names), ""))


def _table(name: str, form: Literal["wide", "tidy"], kind: Literal["csv", "xlsx"]) -> bytes:
    return write_table(cached.study(name).table, form, kind)
