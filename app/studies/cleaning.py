"""Clean up: disk use, and what can be removed and recreated."""

import streamlit as st

from app.studies.model import SPACES, disk_table, quota_words, size_words
from app.studies.study_list import forget_sizes
from app.ui.flash_messages import flash, show_flash_messages
from app.ui.glossary import explain
from app.ui.owner import check_owner, why_not_owner
from app.ui.page_frame import show_errors
from core.errors import BranchwiseError
from core.jobs.quota import DiskUse, Space, Use, clean, disk_use
from core.studies.database import Database

_REMOVING = "remove files"


def show_cleaning() -> None:
    """Show disk use, and offer to remove what can be recreated."""
    show_flash_messages(toast=False)
    with show_errors():
        found = disk_use(Database.at_home())
        with st.container(border=True):
            _total(found)
        with st.container(border=True):
            _removable(found)
        with st.expander("As a table", icon=":material/table:"):
            st.dataframe(disk_table(found), hide_index=True, alt="Use of the disk by kind of file")


def _total(found: DiskUse) -> None:
    st.markdown("**Disk**", help=explain("quota"))
    st.progress(min(found.n_bytes / found.quota, 1.0), text=quota_words(found))
    if found.n_bytes >= found.quota:
        st.warning(
            "The quota is used up, so no run can start. Remove something below, delete a study, "
            "or raise `BRANCHWISE_QUOTA`.",
            icon=":material/warning:",
        )


def _removable(found: DiskUse) -> None:
    head, everything = st.columns([7, 3], vertical_alignment="center")
    with head, st.container(gap=None):
        st.markdown("**Can be recreated**")
        st.caption("Studies and results are kept, and so are files of runs that are queued or running.")
    safe = [use for use in found.uses if use.space is not Space.WEIGHTS]
    reason = why_not_owner(_REMOVING)
    n_safe = sum(use.n_removable for use in safe)
    everything.button(
        f"Remove {size_words(n_safe)}" if n_safe else "Nothing to remove",
        icon=":material/mop:",
        key="clean-all",
        disabled=not n_safe or bool(reason),
        on_click=_clean,
        args=([use.space for use in safe],),
        help=reason or "Everything listed below except trained weights.",
        width="stretch",
    )
    for use in found.uses:
        _row(use, reason)


def _row(use: Use, reason: str) -> None:
    title, sentence = SPACES[use.space]
    words, size, button = st.columns([5, 2, 3], vertical_alignment="center")
    with words, st.container(gap=None):
        st.markdown(title)
        st.caption(sentence)
    with size, st.container(gap=None):
        st.markdown(size_words(use.n_bytes))
        st.caption(f"{use.n_files} file{'s' if use.n_files != 1 else ''}")
    if not use.n_removable:
        button.caption("Nothing to remove")
        return
    label, where = f"Remove {size_words(use.n_removable)}", f"clean-{use.space}"
    if use.space is Space.WEIGHTS:
        with button.popover(label, width="stretch", disabled=bool(reason), help=reason or None):
            st.markdown(
                "Remove all trained weights? Results are kept; the weights can only be recreated by training again."
            )
            st.button("Remove permanently", key=where, on_click=_clean, args=([use.space],), disabled=bool(reason))
        return
    button.button(
        label,
        key=where,
        on_click=_clean,
        args=([use.space],),
        width="stretch",
        disabled=bool(reason),
        help=reason or None,
    )


def _clean(spaces: list[Space]) -> None:
    try:
        check_owner(_REMOVING)
        flash(f"Freed {size_words(clean(Database.at_home(), spaces))}.")
    except BranchwiseError as fault:
        flash(str(fault), error=True)
    forget_sizes()
