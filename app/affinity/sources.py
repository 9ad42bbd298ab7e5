"""Whether two sources of affinities agree: recombined networks, RSA, gradient affinity, an uploaded file."""

import numpy as np
import pandas as pd
import streamlit as st

from app.affinity.depths_chart import depths_figure
from app.affinity.model import Array, Sureness
from app.affinity.subject import Subject
from app.affinity_source.inputs import ORIGIN_WORDS
from app.ui import cached
from app.ui.formatting import escape, minus
from app.ui.glossary import explain
from app.ui.interval_column import with_interval_column
from app.ui.plotly import plotly_chart
from app.ui.written_table import WHOLE, Writer, show_written
from core.affinity.evidence import Evidence, Origin, evidence_of_effects, evidence_of_features
from core.affinity.gradient import GradientEffects
from core.estimators.two_sources import SourceAgreement, agreement, agreement_sentences

_NAMES = {
    Origin.RECOMBINED: "recombined networks",
    Origin.FEATURES: "representation similarity (RSA)",
    Origin.GRADIENTS: "gradient affinity",
    Origin.FILE: "your file",
}


def other_source(subject: Subject) -> Evidence | None:
    """Return what the tensor that is shown can be compared with, or None where there is nothing of the same form."""
    study, evidence = subject.study, subject.view.evidence
    others: list[Evidence] = []
    if evidence.origin is not Origin.RECOMBINED and cached.losses(study.name) is not None:
        others.append(cached.measured_affinity(study.name))
    if evidence.origin is not Origin.FEATURES and study.similarity is not None:
        others.append(evidence_of_features(study.task_names, study.similarity))
    if evidence.origin is not Origin.GRADIENTS and (effects := study.result(GradientEffects)) is not None:
        others.append(evidence_of_effects(effects))
    fitting = (o for o in others if o.affinity.shape == evidence.affinity.shape and o.tasks == evidence.tasks)
    return next(fitting, None)


def show_sources(subject: Subject, other: Evidence, depth: int) -> None:
    """Show the rank correlation of two sources at every depth."""
    shown = subject.view.evidence
    found = _agreement(
        f"{subject.stamp}/{other.origin}/{subject.sure is not None}",
        subject.view.normalised,
        subject.sure,
        other.normalised(),
    )
    # One below the other where the table would be cut off beside the figure.
    grid = st.grid(2, min_column_width=400, gap="medium")
    label = f"Spearman of {_NAMES[shown.origin]} and {_NAMES[other.origin]} after each block"
    with grid.cell(), st.container(border=True):
        st.markdown(
            "**Do both sources rank the pairs in the same order?**", help=explain("spearman", "rsa", "recombined")
        )
        known = [value for value in (*found.by_depth, *found.low) if value is not None]
        figure = depths_figure(
            found.by_depth, low=found.low, high=found.high, chosen=depth,
            domain=(-1.0 if known and min(known) < 0 else 0.0, 1.0),
        )  # fmt: skip
        plotly_chart(figure, key="agreement-depths", alt=_spoken(label, found))
        band = "; bars: 90 % interval" if any(value is not None for value in found.low) else ""
        st.caption(f"Spearman correlation over the pairs of tasks{band}")
    with grid.cell():
        for said in agreement_sentences(found, _NAMES[shown.origin], _NAMES[other.origin]):
            st.markdown(escape(said))
        frame = pd.DataFrame(
            {
                "after block": np.arange(1, len(found.by_depth) + 1),
                "Spearman": found.by_depth,
                **({"low": found.low, "high": found.high} if band else {}),
            }
        )
        number: Writer = lambda value: minus(f"{value:.2f}")  # noqa: E731
        shown_frame = with_interval_column(frame, "Spearman", ("low", "high"), number)
        show_written(
            shown_frame,
            {"Spearman": number},
            hide_index=True,
            height="content" if len(frame) <= WHOLE else 388,
            alt=label,
        )
        if Origin.FEATURES in (shown.origin, other.origin):
            st.caption(
                f"{ORIGIN_WORDS[Origin.FEATURES]} needs no retraining: it compares which images two networks represent "
                "similarly."
            )


def _spoken(label: str, found: SourceAgreement) -> str:
    values = ", ".join("not known" if value is None else minus(f"{value:.2f}") for value in found.by_depth)
    return f"{label}: {values}"


@st.cache_resource(max_entries=16, show_spinner=False)
def _agreement(stamp: str, _one: Array, _sure: Sureness | None, _other: Array) -> SourceAgreement:  # noqa: ARG001
    return agreement(_one, _other, None if _sure is None else _sure.draws)
