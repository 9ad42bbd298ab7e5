"""Δ of each task as bars with intervals, as the browser draws them."""

from collections.abc import Sequence

from app.charts.drawing import Drawing
from app.ui.formatting import percent
from core.estimators.resampling import LayoutInterval

_DIGITS = 4  # of a percent; what is written has two


def bars_drawing(tasks: Sequence[str], known: LayoutInterval, *, width: int = 400) -> Drawing:
    """Return one bar per task, on a scale of its own.

    Args:
        tasks: Names, in index order.
        known: Δ of the layout and its intervals.
        width: Width of the drawing in its own units.
    """
    ends = (float(known.low.min()), float(known.high.max()))
    return Drawing("bars", {"tasks": list(tasks), "domain": list(ends), "width": width, **bar_values(tasks, known)})


def bar_values(tasks: Sequence[str], known: LayoutInterval, trained: LayoutInterval | None = None) -> dict[str, object]:
    """Return what differs between the bars of two layouts.

    Args:
        tasks: Names, in index order.
        known: Δ of the layout and its intervals; without intervals no line is drawn.
        trained: Its Δ after training, drawn as diamonds, or None.
    """
    written = [percent(float(value)) for value in known.estimates]
    return {
        "values": known.estimates.round(_DIGITS).tolist(),
        "low": known.low.round(_DIGITS).tolist() if known.has_interval else None,
        "high": known.high.round(_DIGITS).tolist() if known.has_interval else None,
        "written": written,
        "label": "Δ: " + ", ".join(f"{name} {value}" for name, value in zip(tasks, written, strict=True)),
        "trained": None if trained is None else trained.estimates.round(_DIGITS).tolist(),
    }
