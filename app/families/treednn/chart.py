"""Branches of a tree against dedicated networks, as bars with a dot for every seed."""

from collections.abc import Sequence

import numpy as np

from app.charts import svg
from app.families.treednn.scores import BranchBars, Network

_FILLS = {
    Network.DEDICATED: {"fill": "var(--bw-over)", "stroke": svg.MUTED},
    Network.GENERALISED: {"fill": svg.SHARED, "stroke": svg.SHARED},
    Network.SPECIALISED: {"fill": svg.PRIMARY, "stroke": svg.PRIMARY},
}
_ROW, _GAP, _HEAD = 17.0, 16.0, 20.0


def grown_svg(branches: Sequence[BranchBars], *, width: int = 640) -> str:
    """Give three bars per branch, two for a graft: mean over seeds, and every seed as a dot.

    Args:
        branches: What ``branch_bars`` gives.
        width: Width of the drawing in its own units.
    """
    left, right = 104.0, width - 66.0
    body, y = "", 4.0
    for branch in branches:
        body += svg.text(0, y + 12, svg.shortened(branch.name, 18), size=13.5, font_weight=700)
        body += svg.text(width, y + 12, f"{branch.metric} · {branch.note}", anchor="end", size=12, fill=svg.MUTED)
        y += _HEAD
        for network, values in branch.values.items():
            body += _bar(branch, network, values, left, right, y)
            y += _ROW
        body += svg.tag("line", x1=left, x2=left, y1=y - _ROW * len(branch.values), y2=y, stroke=svg.MUTED)
        y += _GAP
    return svg.canvas(width, y, body, spoken(branches))


def spoken(branches: Sequence[BranchBars]) -> str:
    """Give the bars in words."""
    parts = [
        f"{branch.name}, {branch.metric}: "
        + ", ".join(f"{network} {branch.written[network]}" for network in branch.values)
        + f"; {branch.note}"
        for branch in branches
    ]
    return "The tree against dedicated networks on the test split. " + ". ".join(parts)


def _bar(branch: BranchBars, network: Network, values: np.ndarray, left: float, right: float, y: float) -> str:
    known = [float(value) for value in values if not np.isnan(value)]

    def x(value: float) -> float:
        return left + min(max(value / branch.top, 0.0), 1.0) * (right - left)

    middle = y + _ROW / 2
    out = svg.text(left - 8, middle + 4, str(network), anchor="end", size=12, fill=svg.MUTED)
    if known:
        mean = sum(known) / len(known)
        out += svg.tag("rect", x=left, y=y + 2.5, width=x(mean) - left, height=_ROW - 5, rx=2, **_FILLS[network])
    for value in known:
        out += svg.tag("circle", cx=x(value), cy=middle, r=3, fill="var(--bw-card)", stroke=svg.TEXT, stroke_width=1.3)
    words = branch.written[network] if known else "missing"
    return out + svg.text(right + 10, middle + 4, words, size=12, font_weight=600)
