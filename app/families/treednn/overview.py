"""Overview of a TreeDNN study: what its trunk saves, and the results of its branches."""

import streamlit as st

from app.families.treednn.data_sets import show_data_sets
from app.families.treednn.scores import difference_words, summary
from app.ui.formatting import escape, share
from app.ui.paths import PAGES
from app.ui.study_summary import show_facts, show_subject
from core.families.treednn.costs import CutBackbone
from core.families.treednn.results import TreeResults
from core.studies.study import Study


def show_overview(study: Study) -> None:
    """Show size and results of the TreeDNN of a study, its data sets, and facts on the measurement."""
    tree = study.result(TreeResults)
    if tree is None:
        return
    case = CutBackbone(study.backbone, tree.cut, len(tree.branches))
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**{_headline(tree)}**")
        saved = (
            f"The trunk is stored once, which saves {share(case.blocks.relative)} of the blocks of {case.n_branches} "
            f"dedicated networks and {share(case.params.relative)} of their parameters. Each data set has its own "
            "images, so no computation is saved, only storage, and load time when the user switches tasks."
        )
        # A percent sign should not begin a line.
        st.markdown(saved.replace(" %", "\u00a0%"))
        st.markdown(f"{escape(summary(tree))} Measured on the test split, mean over seeds:")
        st.markdown("\n".join(f"- **{escape(b.name)}**: {escape(difference_words(b))}" for b in tree.branches))
        with st.container(horizontal=True):
            st.page_link(
                PAGES / "storage.py",
                label="Savings of the trunk, results per seed",
                icon=":material/database:",
                query_params={"trunk": str(tree.cut), "k": str(case.n_branches)},
            )
            st.page_link(PAGES / "train.py", label="Train more seeds", icon=":material/play_arrow:")
    with right, st.container(border=True, height="stretch"):
        show_facts(study)
    if study.gallery is not None and study.gallery.targets:
        # Targets that are images are shown below the inputs.
        show_subject(study)
        return
    if study.description:
        st.markdown(escape(study.description))
    show_data_sets(study, tree)


def _first(cut: int, n_blocks: int) -> str:
    return f"The first of {n_blocks} blocks" if cut == 1 else f"The first {cut} of {n_blocks} blocks"


def _headline(tree: TreeResults) -> str:
    blocks = "No block" if not tree.cut else _first(tree.cut, tree.n_blocks)
    grafts = sum(branch.is_graft for branch in tree.branches)
    grafted = "" if not grafts else ", one of them grafted" if grafts == 1 else f", {grafts} of them grafted"
    return f"{blocks} shared by {len(tree.branches)} branches{grafted}"
