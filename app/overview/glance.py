"""Summary of the study: its tasks, pairwise gains, what was measured, and how accurate predictions are."""

import streamlit as st

from app.figures.agreement import agreement_menu
from app.overview.pairs import show_pairs
from app.plane.basis import judged_alone, weighting
from app.plane.judged import cheap_sentence, estimate_words, how_regret, others_words, regret_words
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import plural
from app.ui.glossary import explain
from app.ui.paths import PAGES
from app.ui.study_summary import show_facts, show_subject
from core.estimators.agreement import Estimate


def show_glance(scene: Scene) -> None:
    """Show the summary."""
    study = scene.view.study
    show_subject(study)
    if study.table.is_measured:
        grid = st.grid(2, min_column_width=400)
        with grid.cell(), st.container(border=True, height="stretch"):
            show_pairs(scene)
        facts = grid.cell()
    else:
        facts = st.container()
    with facts, st.container(border=True, height="stretch"):
        show_facts(study)
        if study.similarity is not None:
            st.page_link(
                PAGES / "affinity.py", label="Affinity of the tasks", icon=":material/grid_on:", query_params={}
            )
    _evaluation(scene)


def _evaluation(scene: Scene) -> None:
    if scene.trained is None:
        return
    with st.container(border=True):
        found, ways = scene.trained.agreement, cached.baselines(scene)
        st.markdown(
            f"**How accurate are the predictions?** {plural(found.n, 'layout')} trained, "
            f"{plural(found.n_seeds, 'seed')} that the table never saw.{judged_alone(scene.view)}",
            help=explain("spearman", "cost strata", "split-half reliability", "noise ceiling", "oracle"),
        )
        strata = "" if found.strata is None else f", within layouts of similar cost {_estimate(found.strata.weighted)}"
        lines = [
            f"Spearman correlation of predicted and measured gain: {_estimate(found.spearman.weighted)}{strata}",
            f"Split-half reliability of the measured gains: {_estimate(found.split_half.weighted)}; a prediction "
            f"without noise would reach about {_estimate(found.ceiling.weighted)} (noise ceiling)",
        ]
        if others := others_words(ways):
            lines.append(f"Other ways to rank them: {others}")
        if said := cheap_sentence(found, ways):
            lines.append(said.removesuffix("."))
        if found.n > 1:
            lines.append(
                f"Regret: {regret_words(found.regret)} points for the best prediction, "
                f"{regret_words(found.regret_of_top_five)} for the best of the five best predictions; below 0 they are "
                "better than the best trained layout"
            )
        st.markdown("\n".join(f"- {line}" for line in lines))
        seeds = " and, but for reliability, seeds" if found.n_seeds > 1 else ""
        regret = f" Regret: {how_regret(found)}" if found.n > 1 else ""
        st.caption(
            f"Gains: {weighting(scene.view)}, test split. Square brackets: 90 % bootstrap intervals over "
            f"layouts{seeds}; the noise of the table is not in them.{regret}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                PAGES / "budget.py",
                label="Predicted vs measured",
                icon=":material/scatter_plot:",
                query_params={"section": "evaluation"},
            )
            agreement_menu(scene.trained)


def _estimate(found: Estimate) -> str:
    return "unknown" if found.value is None else f"**{estimate_words(found)}**"
