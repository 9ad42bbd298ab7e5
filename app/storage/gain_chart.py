"""Gain over the number of branches, one panel per unit, as a Plotly figure."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.charts.plotly_text import plotly_text
from app.storage.model import MOST_BRANCHES, Count, Gain, StorageView, curve_names, curves_frame
from app.ui.formatting import share

PANELS = {
    "Layers": (Count.FORMULA, Count.BLOCKS),
    "Parameters and bytes": (Count.PARAMETERS,),
    "MACs": (Count.ALL_TASKS, Count.ONE_TASK),
}
# Has enough contrast on the background of both colour schemes.
_GREY = "#7E8A8C"
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_DASHES = {Count.FORMULA: "dash", Count.ONE_TASK: "dashdot"}


def gain_figure(view: StorageView) -> go.Figure:
    """Return the curves of every count with their limits, and a line at the selected number of branches.

    Args:
        view: The backbone with its cut, the number of branches, and whether shares or amounts are drawn.
    """
    panels = {title: [what for what in counts if what in view.counts] for title, counts in PANELS.items()}
    panels = {title: counts for title, counts in panels.items() if counts}
    figure = make_subplots(cols=len(panels), subplot_titles=list(panels), horizontal_spacing=0.07)
    frame = curves_frame(view)
    relative, names = view.gain is Gain.RELATIVE, curve_names(view)
    for column, counts in enumerate(panels.values(), start=1):
        for what in counts:
            rows = frame[frame["count"] == str(what)]
            values = rows["saved_share" if relative else "saved"].tolist()
            _curve(figure, f"{names[what]}: {view.saved(what)}", values, column, _DASHES.get(what, "solid"), relative)
            if relative and what is not Count.ONE_TASK and view.asymptote(what):
                figure.add_hline(y=view.asymptote(what), line_dash="dot", line_width=1.4, line_color=_GREY, col=column)
    figure.add_vline(x=view.case.n_branches, line_width=1.6, line_color=_GREY)
    figure.update_annotations(font_size=14)
    figure.update_xaxes(title="branches k", range=[0.5, MOST_BRANCHES + 0.5], dtick=10, tick0=0)
    shares = {"range": [0, 1.02], "tickvals": _SHARES, "ticktext": [share(each) for each in _SHARES]}
    figure.update_yaxes(**(shares if relative else {"rangemode": "tozero"}))
    figure.update_layout(
        height=330 + 20 * len(names), hovermode="closest", margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "y": -0.24, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure


def _curve(figure: go.Figure, name: str, values: Sequence[float], column: int, dash: str, relative: bool) -> None:
    number = "%{customdata}" if relative else "%{y:.3s}"
    figure.add_scatter(
        customdata=[share(value) for value in values] if relative else None,
        x=list(range(1, MOST_BRANCHES + 1)), y=list(values), name=plotly_text(name), mode="lines", line={"dash": dash},
        row=1, col=column, hovertemplate=f"%{{x}} branches: {number}<extra></extra>",
    )  # fmt: skip
