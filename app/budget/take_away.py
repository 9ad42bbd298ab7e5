"""The picked layout as files: PyTorch source, JSON, the page itself."""

import json

import streamlit as st

from app import cached, state
from app.budget.entries import Scene
from app.budget.figure import figure_page
from app.words import escape
from core.errors import BackboneError
from core.layouts import Layout


def show_actions(scene: Scene, layout: Layout, budget: float) -> None:
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
    try:
        source, reason = cached.module_source(study, layout), ""
    except BackboneError as fault:
        source, reason = "", str(fault)
    st.download_button(
        "PyTorch module",
        source,
        file_name=f"{study.name}_network.py",
        mime="text/x-python",
        icon=":material/code:",
        on_click="ignore",
        disabled=bool(reason),
        help=escape(reason) or "A Python file that builds this network with torch and torchvision alone",
    )
    st.download_button(
        "Layout JSON",
        json.dumps({"tasks": list(study.task_names), "layout": layout.to_json()}),
        file_name=f"{study.name}_layout.json",
        mime="application/json",
        icon=":material/data_object:",
        on_click="ignore",
    )
    st.download_button(
        "Figure",
        lambda: figure_page(scene, budget, state.selected(study.n_tasks, study.n_blocks), pinned),
        file_name=f"branchwise-{study.name}.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        help="The plane as one HTML file in which the budget can be dragged; SVG and PNG are below the plane",
    )
