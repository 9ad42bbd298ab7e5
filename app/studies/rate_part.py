"""A learning rate for a new study, from one short training."""

import threading
from typing import Final

import plotly.graph_objects as go
import streamlit as st

from app.classroom.rights import check_right, why_not
from app.studies.fields import key_of
from app.ui.home_banner import why_not_store
from app.ui.page_frame import show_errors
from app.ui.plotly import plotly_chart
from core.jobs.rate import FoundRate, found_rate
from core.studies.database import Database
from core.studies.specification import StudySpecification

_FOUND: Final = "found_rate"
# Two at once would slow each other down, and everything else.
_ONE_AT_A_TIME: Final = threading.Lock()


def rate_input(study: StudySpecification) -> None:
    """Offer to look for a learning rate; show the curve, and a button that takes what it suggests.

    Args:
        study: As the form has it.
    """
    asked = _asked(study)
    with st.expander("Find a learning rate", icon=":material/speed:"):
        st.caption("One short training of the network in which all tasks share all blocks, whose rate rises.")
        reason = why_not_store() or why_not("submissions")
        if st.button("Find", key="find-rate", icon=":material/search:", disabled=bool(reason), help=reason or None):
            with show_errors(), st.spinner("Training with a rising rate …"), _ONE_AT_A_TIME:
                # A browser can press a button that is disabled.
                check_right("submissions")
                st.session_state[_FOUND] = (asked, found_rate(study, Database.at_home().path.parent))
        before, found = st.session_state.get(_FOUND, ("", None))
        if found is None or before != asked:
            return
        shown = f"{found.suggested:g}"
        plotly_chart(
            _figure(found),
            key="rate-curve",
            alt=f"Training loss over a rising learning rate: lowest at {found.lowest:.1e}, suggested {shown}.",
        )
        st.button(f"Use {shown}", key="use-rate", icon=":material/check:", on_click=_use, args=(found.suggested,))


def _asked(study: StudySpecification) -> str:
    """Return what decides the curve: the rate itself and the schedule do not."""
    plain = study.training.model_copy(update={"learning_rate": 0.01, "schedule": "cosine", "epochs": 1})
    return study.model_copy(update={"training": plain, "name": "x", "title": ""}).model_dump_json()


def _use(rate: float) -> None:
    st.session_state[key_of("training", "learning_rate")] = rate


def _figure(found: FoundRate) -> go.Figure:
    figure = go.Figure(go.Scatter(x=found.rates, y=found.losses, mode="lines", name="loss"))
    figure.add_vline(x=found.suggested, line_dash="dot", annotation_text=f"suggested {found.suggested:g}")
    figure.update_layout(height=260, margin={"l": 0, "r": 0, "t": 20, "b": 0}, showlegend=False)
    figure.update_xaxes(type="log", title="learning rate", exponentformat="power")
    figure.update_yaxes(title="training loss")
    return figure
