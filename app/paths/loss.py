"""The loss of the multi-path paper and its mixes: what labels and teacher weigh."""

import pandas as pd
import streamlit as st

from app.components.drawing import drawing
from app.paths.controls import MIXES, loss_input
from app.paths.model import Ladder
from app.paths.teachers import WIDTHS, Teaching, teachers_svg
from app.ui.downloads import csv_button, file_stem
from app.ui.formatting import escape
from app.ui.written_table import show_written
from core.families.multipath.distillation import Distillation, Mix
from core.studies.study import Study

_EQUATIONS: dict[Mix, str] = {
    "literal": r"\alpha\,L_\text{labels}+(1-\alpha)\,L_\text{teacher}",
    "additive": r"L_\text{labels}+\alpha\,L_\text{teacher}",
    "swapped": r"(1-\alpha)\,L_\text{labels}+\alpha\,L_\text{teacher}",
}


def show_loss(ladder: Ladder, study: Study) -> None:
    """Show who teaches whom, the loss of one task with the chosen mix, α and T, and the other mixes at the same α.

    Args:
        ladder: With the exits that are chosen.
        study: Whose tasks leave at them.
    """
    settings = loss_input()
    teaching = Teaching.of(ladder, study.task_names, settings)
    with st.container(border=True):
        drawing(
            [teachers_svg(teaching, width=width) for width in WIDTHS], key="paths-teachers",
            saved_as=f"branchwise-paths-teachers-{file_stem(ladder.name)}", caption=teaching.words,
        )  # fmt: skip
    st.caption(
        "The tasks of this study in the paper's order, from the first exit to the last. Teachers have the whole "
        "backbone and are trained first; they are no part of the network that is used afterwards."
    )
    labels, teacher = settings.weights
    grid = st.grid(2, min_column_width=420)
    with grid.cell(), st.container(border=True, height="stretch"):
        st.latex(rf"\;L={_EQUATIONS[settings.mix]}\;")
        st.latex(
            rf"L={labels:.3g}\,L_\text{{labels}}\;+\;{teacher:.3g}\,L_\text{{teacher}}(T={settings.temperature:g})"
        )
        st.caption(
            "Loss of one task. The labels' loss is the cross-entropy (Eq. 3); the teacher's loss is the "
            "Kullback-Leibler divergence between student and teacher at temperature T (Eq. 4)."
        )
        if settings.warning:
            st.warning(escape(settings.warning), icon=":material/link_off:")
    with grid.cell(), st.container(border=True, height="stretch"):
        _show_weights(settings)


def weights_frame(settings: Distillation) -> pd.DataFrame:
    """Return what labels and teacher weigh in each mix at one α."""
    rows = []
    for mix, name in MIXES.items():
        labels, teacher = Distillation(mix=mix, alpha=settings.alpha).weights
        rows.append((name, labels, teacher, "distils" if teacher else "no distillation"))
    return pd.DataFrame(rows, columns=["mix", "labels", "teacher", "effect"])


def _show_weights(settings: Distillation) -> None:
    frame = weights_frame(settings)
    show_written(
        frame,
        {"labels": lambda value: f"{value:.3g}", "teacher": lambda value: f"{value:.3g}"},
        hide_index=True,
        alt=f"Weights of labels and teacher in every mix at α = {settings.alpha:g}",
    )
    st.caption(
        f"Weights at α = {settings.alpha:g}. The paper uses α = 1 in two of its three scenarios; read literally, that "
        "trains without teachers. Additive is the reading in which it does not."
    )
    csv_button("Weights as CSV", frame, "branchwise-paths-mixes.csv")
