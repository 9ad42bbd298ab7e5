"""What the labels of a study leave to doubt, said before anything is trained on them."""

import streamlit as st

from app.jobs.trainable_study import trainable_study
from app.ui import cached
from app.ui.formatting import escape


def show_label_warnings(name: str) -> None:
    """Show every doubt about the labels of a study, such as a class that no training image shows."""
    if found := _warnings(name, cached.version_of(name)):
        st.warning("\n".join(f"- {escape(sentence)}" for sentence in found), icon=":material/label_off:")


@st.cache_resource(max_entries=32, show_spinner=False)
def _warnings(name: str, version: str) -> tuple[str, ...]:  # noqa: ARG001  # part of the key
    # Imported here: most studies have made-up data, whose readers are not needed.
    from core.data.label_warnings import known_warnings

    specification = trainable_study(name).specification
    return known_warnings(specification.dataset, specification.tasks)
