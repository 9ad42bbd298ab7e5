"""Points and lines on two axes."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from app.figures.drawing.lettering import SMALL, lines, named, shown
from app.figures.parts import LINE, MUTED, Plot, Series

_TICKS = 7


def draw_plot(place: SubFigure, plot: Plot) -> None:
    """Draw a plot with its legend below it."""
    axes = place.subplots()
    axes.grid(visible=True, color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for x0, y0, x1, y1 in plot.links:
        axes.plot([x0, x1], [y0, y1], color=MUTED, linewidth=0.6, linestyle=":", zorder=1.5)
    # A staircase runs to the edge, which only all series together show.
    places = [x for each in plot.series for x in each.x if math.isfinite(x)]
    edge = max(places, default=1.0) + 0.03 * (max(places, default=1.0) - min(places, default=0.0) or 1.0)
    for each in plot.series:
        _draw_series(axes, each, edge)
    for x, words in plot.verticals:
        axes.axvline(x, color=MUTED, linewidth=0.8, linestyle="--")
        _beside(axes, x, words)
    for y, _ in plot.horizontals:
        axes.axhline(y, color=MUTED, linewidth=0.8, linestyle=":")
    if plot.is_diagonal:
        axes.axline((0, 0), slope=1, color=MUTED, linewidth=0.8, linestyle=":")
    _set_ticks(axes, plot)
    axes.set_xlabel("\n".join(lines(plot.x_label, 0.8 * plot.width, SMALL)), fontsize=SMALL)
    axes.set_ylabel("\n".join(lines(plot.y_label, 0.85 * plot.height, SMALL)), fontsize=SMALL)
    if plot.title:
        axes.set_title("\n".join(lines(plot.title, 0.85 * plot.width, SMALL + 1)), fontsize=SMALL + 1, loc="left")
    if plot.is_y_down:
        axes.invert_yaxis()
    _draw_legend(place, axes, plot)


def _draw_series(axes: Axes, series: Series, edge: float) -> None:
    x, y = list(series.x), list(series.y)
    if series.is_staircase and x:
        axes.step([*x, edge], [*y, y[-1]], where="post", color=series.colour, linewidth=1.3, zorder=2,
                  linestyle=series.line or "-", label=_label(series) if not series.mark else "_")  # fmt: skip
    if series.low:
        known = [
            (a, b, b - low, high - b)
            for a, b, low, high in zip(x, y, series.low, series.high, strict=True)
            if math.isfinite(low) and math.isfinite(high)
        ]
        if known:
            axes.errorbar(
                [each[0] for each in known], [each[1] for each in known],
                yerr=[[max(0.0, each[2]) for each in known], [max(0.0, each[3]) for each in known]],
                fmt="none", ecolor=series.colour, elinewidth=0.8, capsize=1.6, alpha=0.75, zorder=2.2,
            )  # fmt: skip
    axes.plot(
        x, y, marker=series.mark or "None", markersize=series.size, color=series.colour, zorder=2.5,
        linestyle="None" if series.is_staircase or not series.line else series.line, linewidth=1.3,
        markerfacecolor="#FFFFFF" if series.is_open else series.colour,
        markeredgewidth=2.2 if series.mark == "_" else 0.9,
        label="_" if series.is_staircase and not series.mark else _label(series),
    )  # fmt: skip
    for a, b, words in zip(x, y, series.labels, strict=False):
        if words:
            axes.annotate(named(words), (a, b), xytext=(4, 4), textcoords="offset points", fontsize=SMALL - 1)


def _label(series: Series) -> str:
    """Return what the legend says; Matplotlib leaves out what begins with a line."""
    return shown(series.name, 60).lstrip("_") or "_"


def _beside(axes: Axes, x: float, words: str) -> None:
    if words:
        axes.annotate(
            shown(words, 30), (x, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -2), textcoords="offset points",
            va="top", fontsize=SMALL - 1, color=MUTED,
        )  # fmt: skip


def _set_ticks(axes: Axes, plot: Plot) -> None:
    axes.tick_params(labelsize=SMALL - 0.5, length=2.5)
    for axis, ticks, is_share in (
        (axes.xaxis, plot.x_ticks, plot.is_x_share), (axes.yaxis, plot.y_ticks, plot.is_y_share),
    ):  # fmt: skip
        if ticks:
            axis.set_ticks([at for at, _ in ticks], [named(words) for _, words in ticks])
        else:
            axis.set_major_locator(MaxNLocator(_TICKS))
            if is_share:
                axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %".replace("-", "−")))
    if plot.y_from_zero:
        axes.set_ylim(bottom=0)


def _draw_legend(place: SubFigure, axes: Axes, plot: Plot) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    place.legend(
        handles, labels, loc="outside lower left", ncols=_columns(labels, plot.width), frameon=False,
        fontsize=SMALL - 0.5, handletextpad=0.4, columnspacing=1.2, borderaxespad=0.6,
    )  # fmt: skip


def _columns(labels: Sequence[str], width: float) -> int:
    longest = max(map(len, labels)) * (SMALL - 0.5) * 0.56 / 72 + 0.45
    return max(1, min(len(labels), int(width / longest)))
