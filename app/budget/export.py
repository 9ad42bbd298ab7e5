"""Export of the selected layout: PyTorch source, weights, JSON, and the figure as a page."""

import json

import streamlit as st

from app.budget.figure import BudgetFigure
from app.budget.paper_figure import paper_menu
from app.jobs.train_link import choose_layout_to_train
from app.plane.scene import Scene
from app.ui import state
from app.ui.exported import module_button, network_button
from app.ui.paths import PAGES
from core.layouts import Layout


def show_actions(figure: BudgetFigure, layout: Layout) -> None:
    """Show the actions for the layout that is shown: pin, undo, train, download."""
    scene, study = figure.scene, figure.scene.view.study
    full = len(figure.pins) >= state.MAX_PINS or layout in figure.pins
    st.button(
        "Pin",
        icon=":material/keep:",
        on_click=state.pin,
        args=(layout,),
        disabled=full,
        help="Keep up to four to compare",
    )
    st.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not state.can_undo())
    if study.specification is not None and st.button(
        "Train",
        icon=":material/play_arrow:",
        on_click=choose_layout_to_train,
        args=(layout,),
        help=_trained_words(scene, layout),
    ):
        st.switch_page(PAGES / "train.py", query_params={})
    module_button(study, layout)
    # What is needed rarely: seven buttons beside the budget would need rows of their own.
    more = st.popover("Downloads", icon=":material/download:", key="budget_downloads", on_change="rerun")
    if more.open:
        with more:
            _downloads(figure, layout)
    paper_menu(scene, figure.budget, layout, figure.pins, figure.second)


def _downloads(figure: BudgetFigure, layout: Layout) -> None:
    study = figure.scene.view.study
    if study.specification is not None:
        network_button(study, layout)
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
        figure.page,
        file_name=f"branchwise-{study.name}.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        help="The plane as one HTML file with a movable budget; SVG and PNG are below the plane",
    )


def _trained_words(scene: Scene, layout: Layout) -> str:
    trained = scene.trained is not None and scene.trained.place(layout) is not None
    return (
        "Train it again, or with more seeds"
        if trained
        else "Train this layout after the table, a training of its own, and compare the result with its prediction"
    )
