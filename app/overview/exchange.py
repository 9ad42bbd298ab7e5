"""Studies and tables as files: out, in, and away."""

from typing import Literal

import streamlit as st

from app import cached, state
from app.feedback import sentences
from app.importing import MAX_MB, store_archive
from app.overview.outcome import reported, show_outcome
from app.sidebar import DEFAULT_STUDY
from app.words import escape
from core.backbones.profile_file import write_profile
from core.estimators.table_file import write_table
from core.studies.archive import export_study, write_archive
from core.studies.bundled import bundled_studies, open_bundled
from core.studies.database import Database
from core.studies.study import Study

_UPLOAD = "study_zip"
_DELETE = "study_to_delete"
_FORMS: dict[str, tuple[Literal["wide", "tidy"], Literal["csv", "xlsx"]]] = {
    "Wide CSV": ("wide", "csv"),
    "Tidy CSV": ("tidy", "csv"),
    "Wide XLSX": ("wide", "xlsx"),
    "Tidy XLSX": ("tidy", "xlsx"),
}


def show_exchange(study: Study | None) -> None:
    """Offer export, import and deletion."""
    show_outcome()
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.markdown("**Take away**")
        if study is not None:
            _take_away(study)
    with right, st.container(border=True, height="stretch"):
        st.markdown("**Bring in a study**")
        _bring_in()
        _remove()


def _take_away(study: Study) -> None:
    st.markdown("The whole study with all its results in one file, which another machine can open:")
    st.download_button(
        "Study as zip",
        lambda: archive_of(study.name),
        file_name=f"{study.name}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
    )
    st.markdown(
        "Its two-task table. *Wide*: one column per task of a pair, means only. "
        "*Tidy*: one row per value, with seeds or standard errors."
    )
    with st.container(horizontal=True):
        for label, (form, kind) in _FORMS.items():
            st.download_button(
                label,
                lambda form=form, kind=kind: write_table(study.table, form, kind),
                file_name=f"{study.name}-two_task-{form}.{kind}",
                icon=":material/table:",
                on_click="ignore",
                key=f"table-{form}-{kind}",
            )
    st.markdown("The profile of its backbone:")
    st.download_button(
        "Backbone as JSON",
        write_profile(study.backbone),
        file_name=f"{study.name}-backbone.json",
        mime="application/json",
        icon=":material/data_object:",
        on_click="ignore",
        key="study-backbone",
    )


def archive_of(name: str) -> bytes:
    """Give a study, stored or bundled, as a zip file.

    Raises:
        StudyError: There is none of that name.
    """
    database = Database.at_home()
    if name in bundled_studies() and all(line.name != name for line in database.studies()):
        opened = open_bundled(name)
        return write_archive(opened.record, opened.results)
    return export_study(database, name)


def _bring_in() -> None:
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
        open_study(store_archive(file.getvalue(), Database.at_home()))
    st.session_state[_UPLOAD] = st.session_state.get(_UPLOAD, 0) + 1


def open_study(name: str) -> None:
    """Open a study on all pages; to be called from a callback, before the sidebar draws its chooser."""
    st.session_state["study"] = name
    state.forget_layouts()


def _remove() -> None:
    with sentences():
        own = [line.name for line in Database.at_home().studies()]
        if not own:
            return
        names = cached.study_names()
        st.markdown("**Delete a study of this machine**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "Study to delete",
                own,
                key=_DELETE,
                index=None,
                placeholder="Choose a study …",
                format_func=lambda name: names.get(name, name),
                label_visibility="collapsed",
            )
            with st.popover("Delete …", icon=":material/delete:", disabled=chosen is None):
                if chosen is not None:
                    st.markdown(
                        f"Delete **{escape(names.get(chosen, chosen))}** with everything measured on it? "
                        "This can't be undone."
                    )
                    st.button("Delete for good", key="delete-for-good", on_click=_delete, args=(chosen,))


def _delete(name: str) -> None:
    with reported(f"Deleted “{name}”."):
        Database.at_home().delete(name)
        if st.session_state.get("study") == name and name not in bundled_studies():
            open_study(DEFAULT_STUDY if DEFAULT_STUDY in cached.study_names() else next(iter(cached.study_names()), ""))
    st.session_state[_DELETE] = None
