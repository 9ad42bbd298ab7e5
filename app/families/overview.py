"""What the Overview shows of a study without layouts: the part of the family that measured it."""

from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from app.ui.formatting import escape
from core.studies.study import Study


def show_family_overview(study: Study) -> None:
    """Show the overview of the families that measured a study, or a hint if none has one.

    Args:
        study: One without a two-task table.
    """
    known = _parts(study)
    for part in known:
        # Imported late: most studies do not need it.
        import_module(part).show_overview(study)
    if not known:
        st.info(f"Nothing of “{escape(study.title)}” is measured yet. Train it on the Train page.")


def has_family_overview(study: Study) -> bool:
    """Return whether some family of a study has an overview of its own."""
    return bool(_parts(study))


def _parts(study: Study) -> list[str]:
    parts = [f"app.families.{name}.overview" for name in study.results]
    return [part for part in parts if find_spec(part.rpartition(".")[0]) and find_spec(part)]
