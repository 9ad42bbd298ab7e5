"""Actions on the current tree: select it on all pages, pin it, train it, export it."""

import json

import streamlit as st

from app.branching.paper_figure import paper_menu
from app.branching.scene import BranchingScene
from app.branching.tables import path_frame
from app.jobs.train_link import choose_layout_to_train
from app.ui import state
from app.ui.downloads import frame_csv
from app.ui.exported import module_button, network_button
from app.ui.formatting import escape
from app.ui.paths import PAGES
from core.layouts import Layout


def show_actions(scene: BranchingScene, alpha: float) -> None:
    """Show the actions on the tree at an α."""
    layout = scene.view.step(alpha).tree.layout
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not scene.misfit:
            _choose(scene, layout)
            module_button(scene.study, layout)
            if scene.study.specification is not None:
                network_button(scene.study, layout)
        st.download_button(
            "Tree JSON",
            lambda: json.dumps(tree_document(scene, alpha)),
            file_name=f"{scene.study.name}_tree.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            help="The tree with its costs, as branchwise branch writes it",
        )
        st.download_button(
            "Path CSV",
            # Files count blocks from 0; a sentence is that of the screen.
            lambda: frame_csv(path_frame(scene).rename(columns={"sentence": "sentence (blocks from 1)"})),
            file_name=f"{scene.study.name}_alpha_path.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            help="Every tree with the range of α in which it is the cheapest",
        )
        paper_menu(scene, alpha)
    if scene.misfit:
        st.caption(f"{escape(scene.misfit)}. Budget and Train can't open this tree; download it instead.")


def tree_document(scene: BranchingScene, alpha: float) -> dict[str, object]:
    """Return the tree at an α with its costs, as ``branchwise branch --json`` has it."""
    tree = scene.view.case.tree(scene.view.step(alpha).tree.layout, alpha)
    return {
        "tasks": list(scene.view.tasks),
        "layout": tree.layout.to_json(),
        "alpha": alpha,
        "cost": tree.cost,
        "clustering": tree.clustering,
        "complexity": tree.complexity,
        "downsamplings": list(scene.view.case.downsamplings),
        "distance": "given" if scene.evidence.given_distance is not None else str(scene.kind),
        "exact": scene.view.exact is not None,
    }


def _choose(scene: BranchingScene, layout: Layout) -> None:
    study = scene.study
    chosen = state.selected(study.n_tasks, study.n_blocks)
    pinned = state.pins(study.n_tasks, study.n_blocks)
    st.button(
        "Select this tree",
        icon=":material/check:",
        on_click=state.select,
        args=(layout,),
        disabled=chosen == layout,
        help="Already selected on all pages" if chosen == layout else "Show this layout on all pages",
    )
    st.button(
        "Pin",
        icon=":material/keep:",
        on_click=state.pin,
        args=(layout,),
        disabled=len(pinned) >= state.MAX_PINS or layout in pinned,
        help="Keep up to four to compare",
    )
    st.button("Undo", icon=":material/undo:", on_click=state.undo, disabled=not state.can_undo())
    if st.button(
        "Budget",
        icon=":material/savings:",
        on_click=state.select,
        args=(layout,),
        help="Show its cost and predicted gain",
    ):
        st.switch_page(PAGES / "budget.py", query_params={})
    if study.specification is not None and st.button(
        "Train",
        icon=":material/play_arrow:",
        on_click=choose_layout_to_train,
        args=(layout,),
        help="Train this tree, a training of its own after that of the table",
    ):
        st.switch_page(PAGES / "train.py", query_params={})
