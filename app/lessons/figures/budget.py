"""Figures of the lesson on budgets."""

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.charts import svg
from app.components.dial import Stop, dial_data
from app.lessons.bundled import study
from app.lessons.figure import Figure, Interactive, Rows
from app.lessons.values.budget import (
    BUDGET,
    FLOPS,
    PARAMETERS,
    STUDY,
    dominators,
    front_of,
    measured,
    rows,
    seed_front,
    shown,
    trees,
)
from app.plane.compact import compact_data
from app.ui.formatting import cost_share, count, number_word, percent, plural
from app.ui.layout_words import layout_sentence
from core.layouts import Layout

Array = NDArray[np.float64]

# From dominated by many to dominated by none.
_JUDGED = (
    "0;1;2 | 0;1;2 | 0;1;2 | 0;1;2 | 0;1;2",
    "0,1,2 | 0;1;2 | 0;1;2 | 0;1;2 | 0;1;2",
    "0,1,2 | 0,1,2 | 0;1;2 | 0;1;2 | 0;1;2",
    "0,1,2 | 0,1,2 | 0,2;1 | 0,2;1 | 0;1;2",
)
# So narrow that a phone shows its text in full size; where there is room it is stretched, and its text is not.
_PLANE_SIZE = 400.0, 290.0
_WIDTH, _LOW = 764.0, 276.0


def figures() -> dict[str, Figure]:
    """Return name → figure."""
    return {
        "plane": Interactive(
            "budget_plane", _plane(), "Drag the line, use the arrow keys, or click a point: the tree that is shown is "
            "the recommended one within the budget. Line width in the tree: MACs of a block.",
        ),
        "dominated": Interactive(
            "dial", dial_data("Which tree is judged", [_judged(n, text) for n, text in enumerate(_JUDGED)])
        ),
        "fronts": Interactive(
            "dial", dial_data("Which measurement", [_front(0), _front(1), _front(None)])
        ),
        "units": Rows(
            ("network", "FLOPs", "parameters", "gain Δ", "dominated in"),
            _published(),
            "TreeMTL, Table 4, Taskonomy: cost as a share of five single-task networks and mean gain, as published; "
            "the last column follows from them.",
        ),
    }  # fmt: skip


def _plane() -> dict[str, object]:
    """Return the budget line on predicted gains, without what only the Budget page explains."""
    scene = shown()
    return compact_data(
        scene,
        BUDGET,
        size=_PLANE_SIZE,
        caption=f"Each point is one of {count(scene.view.n_layouts)} trees. Gains: {scene.provenance}.",
        stamp=f"lesson-{STUDY}",
    )


def _judged(number: int, text: str) -> Stop:
    layout = Layout.parse(text)
    layouts, costs, gains = trees()
    better, tasks = dominators(layout), study(STUDY).task_names
    place = layouts.index(layout)
    title = layout_sentence(layout, tasks)
    said = f"Cost {cost_share(float(costs[place]))}, predicted gain {percent(float(gains[place]), 2)}. "
    if better:
        best = max(better, key=lambda each: float(gains[each]))
        said += (
            f"{plural(len(better), 'tree')} in the shaded part {'costs' if len(better) == 1 else 'cost'} no more and "
            f"{'gains' if len(better) == 1 else 'gain'} no less, such as this one, at {cost_share(float(costs[best]))} "
            f"and {percent(float(gains[best]), 2)}: {layout_sentence(layouts[best], tasks)}."
        )
    else:
        said += "No tree is in the shaded part, so for a budget just above its cost nothing is better."
    wide, narrow = (
        _scatter(gains, better, f"Trees that dominate: {title}", "predicted gain Δ", judged=place, width=width)
        for width in (_WIDTH, svg.NARROW)
    )
    return Stop(str(number + 1), title, wide, said, narrow)


def _front(seed: int | None) -> Stop:
    found, gains = seed_front(seed), measured(seed)
    n_seeds = len(study(STUDY).oracle.seeds)  # type: ignore[union-attr]
    others = [set(seed_front(each)) for each in range(n_seeds) if each != seed]
    both = len(set(found).intersection(*others))
    name = "mean" if seed is None else f"seed {seed + 1}"
    title = f"{number_word(len(found)).capitalize()} trees on the Pareto front of " + (
        "the mean of both seeds" if seed is None else f"{'the first' if seed == 0 else 'the second'} seed"
    )
    said = (
        f"{number_word(both).capitalize()} of them are on the fronts of both seeds."
        if seed is None
        else f"{number_word(both).capitalize()} of them are on the front of the other seed, too."
    )
    wide, narrow = (
        _scatter(gains, found, title, "measured gain Δ (test split)", stairs=True, width=width)
        for width in (_WIDTH, svg.NARROW)
    )
    return Stop(name, title, wide, said, narrow)


def _scatter(
    gains: Array, chosen: Collection[int], label: str, words: str, *, width: float, judged: int | None = None,
    stairs: bool = False,
) -> str:  # fmt: skip
    """Return the trees of the study by cost and gain.

    Args:
        gains: ``[n_layouts]``, percent.
        chosen: Places that stand out.
        label: Spoken description.
        words: What the gains are.
        width: Of the drawing in its own units.
        judged: A tree with a ring, and the part shaded where better ones are.
        stairs: Whether the chosen ones are joined by steps.
    """
    _, costs, _ = trees()
    is_narrow = width < _WIDTH
    left, right = (56.0, width - 10) if is_narrow else (70.0, width - 20)
    low, high = float(gains.min()) - 0.15, float(gains.max()) + 0.15

    def across(cost: float) -> float:
        return left + (cost - 0.28) / (1.04 - 0.28) * (right - left)

    def up(gain: float) -> float:
        return _LOW - (gain - low) / (high - low) * (_LOW - 12)

    body = ""
    if judged is not None:
        x, y = across(float(costs[judged])), up(float(gains[judged]))
        body += svg.tag("rect", x=left, y=12, width=x - left, height=y - 12, fill=svg.PRIMARY, opacity="0.14")
    for tick in svg.ticks(low, high, 5):
        line = svg.TEXT if tick == 0 else svg.LINE
        body += svg.tag("line", x1=left, x2=right, y1=up(tick), y2=up(tick), stroke=line)
        written = percent(tick, 0 if tick == round(tick) else 1)
        body += svg.text(left - 8, up(tick) + 5, written, anchor="end", fill=svg.MUTED, size=12.5)
    for tick in (0.4, 0.6, 0.8, 1.0):
        body += svg.text(across(tick), _LOW + 20, cost_share(tick), anchor="middle", fill=svg.MUTED, size=12.5)
    if stairs:
        body += _stairs([(across(float(costs[n])), up(float(gains[n]))) for n in chosen], right)
    for place in range(len(costs)):
        on = place in chosen
        body += svg.tag(
            "circle", cx=across(float(costs[place])), cy=up(float(gains[place])), r=5.5 if on else 4,
            fill=svg.PRIMARY if on else "var(--bw-dominated)", opacity="" if on else "0.55",
        )  # fmt: skip
    if judged is not None:
        body += svg.tag("circle", cx=x, cy=y, r=9, fill="none", stroke=svg.TEXT, stroke_width=2.4)
        body += svg.tag("circle", cx=x, cy=y, r=4, fill=svg.TEXT)
    # Under one another where they would meet.
    body += svg.text(0 if is_narrow else left, _LOW + 44, f"↑ {words}", fill=svg.MUTED, size=13)
    across_at = _LOW + (64 if is_narrow else 44)
    body += svg.text(right, across_at, "MACs, share of single-task networks →", anchor="end", fill=svg.MUTED, size=13)
    return svg.canvas(width, across_at + 10, body, label)


def _stairs(points: Sequence[tuple[float, float]], right: float) -> str:
    corners = [points[0]]
    for before, after in pairwise(points):
        corners += [(after[0], before[1]), after]
    corners.append((right, points[-1][1]))
    return svg.tag("path", d=svg.path(corners), fill="none", stroke=svg.PRIMARY, stroke_width=2)


def _published() -> list[tuple[str, ...]]:
    macs, params = rows(FLOPS), rows(PARAMETERS)
    fronts = [
        front_of(np.array([row.cost for row in each]), np.array([row.score for row in each])) for each in (macs, params)
    ]
    names = ("FLOPs", "parameters")
    order = sorted(range(len(macs)), key=lambda place: -macs[place].score)
    return [
        (
            macs[place].name, cost_share(macs[place].cost), cost_share(params[place].cost), percent(macs[place].score),
            " and ".join(name for name, front in zip(names, fronts, strict=True) if place not in front) or "neither",
        )
        for place in order
    ]  # fmt: skip
