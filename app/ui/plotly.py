"""Plotly figures on pages, with the text that a projector needs where somebody presents."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from app.ui.presenting import is_presenting

if TYPE_CHECKING:
    import plotly.graph_objects as go

_TEXT = 24
# Of its height without a projector, so that larger text leaves as much room.
_TALLER = 1.4
_USUAL_HEIGHT = 450


def plotly_chart(figure: "go.Figure", **arguments: Any) -> Any:  # noqa: ANN401  # Streamlit's own arguments and answer
    """Show a figure as ``st.plotly_chart`` does, large where somebody presents.

    Args:
        figure: The figure, which is not changed.
        **arguments: Those of Streamlit.
    """
    return st.plotly_chart(presented(figure) if is_presenting() else figure, **arguments)


def presented(figure: "go.Figure") -> "go.Figure":
    """Return a copy of a figure with text for a room."""
    import plotly.graph_objects as go

    large = go.Figure(figure)
    font = {"size": _TEXT}
    for update in (large.update_xaxes, large.update_yaxes):
        update(title_font=font, tickfont=font, automargin=True)
    large.update_annotations(font=font)
    large.update_coloraxes(colorbar_tickfont=font)
    large.update_traces(textfont=font, selector=lambda trace: "textfont" in trace)
    large.update_layout(
        font=font, legend_font=font, hoverlabel_font=font, height=_TALLER * (figure.layout.height or _USUAL_HEIGHT)
    )
    return large
