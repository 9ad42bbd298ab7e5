"""Bars of load and first output, two for each network and cut, as a Plotly figure."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts.plotly_text import plotly_text
from app.storage.response_model import BRANCH, WHOLE, Bar, Comparison, milliseconds

_PITCH = 3.0  # from one network to the next; a bar is 1 apart from the other
_PIXELS = 27
_LEFT = 104
_PATTERN = {"shape": "/", "fillmode": "replace", "size": 7, "solidity": 0.35}
# White with a dark edge is visible on every bar and both backgrounds.
_MARK = {"color": "white", "line": {"color": "#1B2225", "width": 1.6}}


def response_figure(found: Sequence[Comparison], *, log: bool) -> go.Figure:
    """Return measured bars with TreeDNN's formula as marks.

    Args:
        found: From top to bottom.
        log: Whether the axis is logarithmic.
    """
    figure = go.Figure()
    rows = [
        (place * _PITCH + offset, group, bar)
        for place, group in enumerate(found)
        for offset, bar in ((0.9, group.whole), (1.8, group.branch))
    ]
    known = [(y, bar) for y, _, bar in rows if bar.load is not None]
    _bars(
        figure, "loading: until the weights are in place", known, [0.0] * len(known), [_load(bar) for _, bar in known]
    )
    _bars(
        figure, "computing: until the first output", known, [_load(bar) for _, bar in known],
        [bar.first_output - _load(bar) for _, bar in known], _PATTERN,
    )  # fmt: skip
    whole = [(y, bar) for y, _, bar in rows if bar.load is None]
    _bars(
        figure, "published: both together", whole, [0.0] * len(whole), [bar.first_output for _, bar in whole],
        {"shape": "x", "fillmode": "replace", "size": 6, "solidity": 0.3},
    )  # fmt: skip
    marks = [
        ("loading by bytes alone", "circle", [(y, bar.load_by_bytes) for y, _, bar in rows]),
        ("first output by bytes alone", "diamond", [(y, bar.first_by_bytes) for y, _, bar in rows]),
    ]
    for name, symbol, points in marks:
        _marks(figure, name, symbol, [(y, x) for y, x in points if x is not None])
    _ends(figure, [(y, bar) for y, _, bar in rows])
    _layout(figure, found, [bar for _, _, bar in rows], log=log)
    return figure


def _load(bar: Bar) -> float:
    return bar.load or 0.0


def _bars(
    figure: go.Figure, name: str, rows: Sequence[tuple[float, Bar]], base: Sequence[float], long: Sequence[float],
    pattern: dict[str, object] | None = None,
) -> None:  # fmt: skip
    if rows:
        figure.add_bar(
            name=name, orientation="h", y=[y for y, _ in rows], base=[1000 * value for value in base],
            x=[1000 * value for value in long], width=0.78, marker={"pattern": pattern or {}},
            hovertemplate=f"{name.split(':')[0]}: %{{x:.1f}} ms<extra></extra>",
        )  # fmt: skip


def _marks(figure: go.Figure, name: str, symbol: str, points: Sequence[tuple[float, float]]) -> None:
    if points:
        figure.add_scatter(
            name=name, mode="markers", y=[y for y, _ in points], x=[1000 * x for _, x in points],
            marker={**_MARK, "symbol": symbol, "size": 11}, hovertemplate=f"{name}: %{{x:.1f}} ms<extra></extra>",
        )  # fmt: skip


def _ends(figure: go.Figure, rows: Sequence[tuple[float, Bar]]) -> None:
    """Write the times after the bars, or after a mark that is further right."""
    figure.add_scatter(
        mode="text", showlegend=False, hoverinfo="skip", textposition="middle right", y=[y for y, _ in rows],
        x=[1000 * max(bar.first_output, bar.first_by_bytes or 0.0) for _, bar in rows],
        text=[f"\u2003{_words(bar)}" for _, bar in rows],
    )  # fmt: skip


def _words(bar: Bar) -> str:
    if bar.load is None:
        return milliseconds(bar.first_output)
    return f"{milliseconds(bar.load).removesuffix(' ms')} → {milliseconds(bar.first_output)}"


def _layout(figure: go.Figure, found: Sequence[Comparison], bars: Sequence[Bar], *, log: bool) -> None:
    for place, group in enumerate(found):
        name = f"<b>{plotly_text(group.name)}</b>{' ◂ nearest to the selected cut' if group.is_nearest else ''}"
        figure.add_annotation(
            xref="paper", x=0, xanchor="left", xshift=-_LEFT + 4, y=place * _PITCH + 0.12, yanchor="middle",
            text=name, showarrow=False, align="left", font={"size": 13},
        )  # fmt: skip
    times = [1000 * time for bar in bars for time in (bar.load, bar.first_output, bar.load_by_bytes) if time]
    low, high = (min(times), max(times)) if times else (1.0, 10.0)
    axis: dict[str, object] = {"range": [0, high * 1.4]}
    if log:
        ticks = [digit * 10**power for power in range(-3, 7) for digit in (1, 2, 5)]
        ends = [math.log10(low * 0.6), math.log10(high * 6)]
        axis = {"type": "log", "range": ends, "tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
    rows = [place * _PITCH + offset for place in range(len(found)) for offset in (0.9, 1.8)]
    figure.update_layout(
        barmode="overlay", height=170 + round(_PIXELS * _PITCH * len(found)), hovermode="closest",
        margin={"l": _LEFT, "r": 8, "t": 8, "b": 10},
        # Below the axis, however many networks stand above it.
        legend={"orientation": "h", "y": -62 / (_PIXELS * _PITCH * len(found)), "yanchor": "top", "x": 0},
        xaxis={"title": f"milliseconds from the request{', logarithmic' if log else ''}", **axis},
        yaxis={
            "tickvals": rows, "ticktext": [WHOLE, BRANCH] * len(found), "showgrid": False, "zeroline": False,
            "range": [_PITCH * len(found) - 0.45, -0.45],
        },
    )  # fmt: skip
