"""The study at a glance: its tasks, what pairs of them gain, what was measured, and whether predictions hold."""

import streamlit as st

from app.overview.pairs import show_pairs
from app.plane.scene import Scene
from app.ui.glossary import explain
from app.ui.paths import PAGES
from app.ui.study_summary import show_facts, show_subject
from core.estimators.agreement import Estimate


def show_glance(scene: Scene) -> None:
    """Show what the study holds."""
    study = scene.view.study
    show_subject(study)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        show_pairs(scene)
    with right, st.container(border=True, height="stretch"):
        show_facts(study)
        _judged(scene)


def _judged(scene: Scene) -> None:
    study = scene.view.study
    if scene.trained is not None:
        found = scene.trained.agreement
        st.markdown(
            f"**Do the predictions hold?** {found.n} layouts were trained from {found.n_seeds} other seeds. "
            f"Predicted and trained Δ agree with Spearman {_estimate(found.spearman.weighted)}; "
            f"the noise ceiling is {_estimate(found.ceiling.weighted)}.",
            help=explain("spearman", "noise ceiling", "oracle"),
        )
        st.page_link(
            PAGES / "budget.py",
            label="Predicted and trained",
            icon=":material/scatter_plot:",
            query_params={"section": "evaluation"},
        )
    if study.similarity is not None:
        st.page_link(PAGES / "affinity.py", label="How alike the tasks are", icon=":material/grid_on:", query_params={})


def _estimate(found: Estimate) -> str:
    if found.value is None:
        return "not known"
    interval = f" ({found.low:.2f} to {found.high:.2f})" if found.low is not None and found.high is not None else ""
    return f"**{found.value:.2f}**{interval}"
