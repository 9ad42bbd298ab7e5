"""The picked layout as files: PyTorch source, JSON, the page itself."""

import json

import streamlit as st

from app import state
from app.budget.entries import Scene
from app.feedback import sentences
from core.layouts import Layout
from core.studies.study import Study


def show_actions(scene: Scene, layout: Layout) -> None:
    """Offer what can be done with the layout that is shown: pin, undo, take away."""
    study = scene.view.study
    pinned = state.pins(study.n_tasks, study.n_blocks)
    full = len(pinned) >= state.MAX_PINS or layout in pinned
    st.button(
        "Pin",
        icon=":material/keep:",
        on_click=state.pin,
        args=(layout,),
        disabled=full,
        help="Keep up to four to compare",
    )
    st.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not state.can_undo())
    with sentences():
        st.download_button(
            "PyTorch module",
            lambda: _source(study, layout),
            file_name=f"{study.name}_network.py",
            mime="text/x-python",
            icon=":material/code:",
            on_click="ignore",
            help="A Python file that builds this network with torch and torchvision alone",
        )
    st.download_button(
        "Layout JSON",
        json.dumps({"tasks": list(study.task_names), "layout": layout.to_json()}),
        file_name=f"{study.name}_layout.json",
        mime="application/json",
        icon=":material/data_object:",
        on_click="ignore",
    )


def _source(study: Study, layout: Layout) -> str:
    from core.backbones.source import standalone_source

    return standalone_source(study.backbone, layout, study.task_names)
