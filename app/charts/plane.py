"""The plane of cost and gain Δ: the Pareto front as a staircase over all layouts."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.charts import svg
from app.ui.formatting import cost_share, percent
from core.costs import CostQuestion, Unit
from core.plane.point import PlanePoint

_WIDTH, _HEIGHT = 620.0, 430.0
_SECOND = svg.task_colour(3)
_OVER, _DOMINATED = "var(--bw-over)", "var(--bw-dominated)"
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 18.0, 46.0, 92.0
# Rows of the axes' words and of the legend.
_LINE, _ROW = 20.0, 19.0
# Of an axis, where the browser makes letters as much larger as it may; a drawing for a phone stands as it is drawn.
_LETTER, _NARROW_LETTER = _WIDTH / 72, 7.8
_MOST_LINES, _MOST_NARROW_LINES = 2, 4
# Of a cost at its axis, with the room around it.
_TICK = 55.0
# The legend begins where the words of the Δ axis do, and may be as much enlarged.
_EDGE, _ENLARGED, _APART = 4.0, 1.15, 14.0


@dataclass(frozen=True, slots=True)
class Point:
    """One layout on the plane: cost as a fraction of single-task networks, Δ in percent."""

    cost: float
    score: float
    mark: str = ""

    @classmethod
    def of(cls, found: PlanePoint, unit: Unit, whole: float) -> "Point":
        """Return where a network of any family stands.

        Args:
            found: The network.
            unit: Unit of cost; its usual question is meant.
            whole: Cost of single-task networks for all tasks.
        """
        cost = found.cost(CostQuestion.usual(unit), unit)
        return cls((cost or 0.0) / whole if whole else 0.0, found.gain)


@dataclass(frozen=True, slots=True)
class SecondFront:
    """Another Pareto front in the same plane.

    Args:
        points: By rising cost, each as a fraction of its own single-task networks.
        words: What the legend calls it.
        basis: What its gains are of.
    """

    points: tuple[Point, ...]
    words: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Plane:
    """Everything the plane shows.

    Args:
        front: Non-dominated layouts by rising cost.
        cloud: The other layouts, all of them or a sample.
        trained: Trained layouts, or empty.
        pins: Pinned layouts; ``mark`` is their letter.
        x_label: What the cost axis says.
        y_label: What the Δ axis says.
        links: Lines between two points of one layout, predicted and measured.
        measured: Split and seeds of the trained layouts.
        ring: What the legend calls the pins.
        has_budget: Whether a budget line is drawn over it.
        second: Another front to compare with.
    """

    front: Sequence[Point]
    cloud: Sequence[Point]
    trained: Sequence[Point]
    pins: Sequence[Point]
    x_label: str
    y_label: str
    links: Sequence[tuple[Point, Point]] = ()
    measured: str = "test split"
    ring: str = "pinned or selected"
    has_budget: bool = True
    second: SecondFront | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """Where costs and scores lie in the drawing; the browser places the budget line by it."""

    x0: float
    x1: float
    low: float
    high: float
    bottom: float
    top: float
    y_low: float
    y_high: float
    width: float = _WIDTH
    height: float = _HEIGHT

    @property
    def is_narrow(self) -> bool:
        """Whether it is of a drawing for a phone."""
        return self.width <= svg.NARROW

    def x(self, cost: float) -> float:
        """Return the horizontal place of a cost."""
        return self.x0 + (cost - self.low) / (self.high - self.low) * (self.x1 - self.x0)

    def y(self, score: float) -> float:
        """Return the vertical place of a Δ."""
        return self.bottom - (score - self.y_low) / (self.y_high - self.y_low) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The plane as a drawing.

    Args:
        scale: Where costs and scores lie in it.
        svg: Its text.
    """

    scale: Scale
    svg: str


def drawn_planes(plane: Plane, width: float = _WIDTH, height: float = _HEIGHT) -> tuple[Drawn, Drawn]:
    """Return the plane for a phone, and in a size for wider places: the browser shows the one that fits."""
    narrow = scale_of(plane, svg.NARROW, min(height, _HEIGHT))
    wide = scale_of(plane, width, height)
    return Drawn(narrow, plane_svg(plane, narrow)), Drawn(wide, plane_svg(plane, wide))


def plane_height(n_tasks: int) -> float:
    """Return the height of a plane beside which a tree and the gains of so many tasks stand.

    >>> plane_height(3), plane_height(10)
    (430.0, 540.0)
    """
    return _HEIGHT + 22 * max(0, min(n_tasks, 12) - 5)


def scale_of(plane: Plane, width: float = _WIDTH, height: float = _HEIGHT) -> Scale:
    """Return the scale that shows every point with a margin, in a drawing of a size."""
    points = [*plane.front, *plane.cloud, *plane.trained, *plane.pins, *(plane.second.points if plane.second else ())]
    costs = [point.cost for point in points]
    scores = [point.score for point in points] + [0.0]
    pad = 0.06 * max(max(scores) - min(scores), 0.5)
    margin = 0.05 * max(max(costs) - min(costs), 0.05)
    # Axis words and legends of a narrow drawing have more rows; a legend of one row needs less height.
    n_rows = len(_legend_rows(plane, width))
    above = _LINE * max(0, len(axis_lines(plane.y_label, width)) - _MOST_LINES)
    below = _LINE * (len(axis_lines(plane.x_label, width)) - 1) + _ROW * max(0, n_rows - 2)
    return Scale(
        x0=_LEFT, x1=width - _RIGHT, low=min(costs) - margin, high=max(costs) + margin,
        bottom=height - _BOTTOM - below, top=_TOP + above, y_low=min(scores) - pad, y_high=max(scores) + pad,
        width=width, height=height - _ROW * max(0, 2 - n_rows),
    )  # fmt: skip


def plane_svg(plane: Plane, scale: Scale) -> str:
    """Return the drawing without budget line; the browser adds it and greys what is over budget."""
    body = _axes(plane, scale)
    body += svg.tag(
        "rect",
        class_="over",
        x=scale.x1,
        y=scale.top,
        width=0.1,
        height=scale.bottom - scale.top,
        fill=_OVER,
    )
    body += "".join(
        _dot(point, scale, "cloud", 3.2, _DOMINATED, index=index) for index, point in enumerate(plane.cloud)
    )
    body += "".join(_tie(one, other, scale) for one, other in plane.links)
    body += "".join(_diamond(point, scale, index) for index, point in enumerate(plane.trained))
    if plane.second is not None:
        body += _second(plane.second, scale)
    body += svg.tag(
        "path", d=_staircase(plane.front, scale), stroke=svg.PRIMARY, stroke_width=1.8, fill="none", opacity=0.75
    )
    body += "".join(
        _dot(point, scale, "front", 5.4, svg.PRIMARY, index=index) for index, point in enumerate(plane.front)
    )
    body += _legend(plane, scale)
    for pin in plane.pins:
        x, y = scale.x(pin.cost), scale.y(pin.score)
        body += svg.tag("circle", cx=x, cy=y, r=5, fill="none", stroke=svg.TEXT, stroke_width=1.6)
        # The browser moves it to the other side of its point where the budget line would cross it.
        body += svg.text(x + 8, y - 7, pin.mark, size=14, font_weight=700, class_="mark", data_x=x)
    n_layouts = f"{len(plane.front)} layouts on the Pareto front, {len(plane.cloud)} dominated"
    label = f"{plane.y_label} against {plane.x_label}: {n_layouts}"
    return svg.canvas(scale.width, scale.height, body, label, class_="plane", role="group")


def _axes(plane: Plane, scale: Scale) -> str:
    body = ""
    heights = svg.ticks(scale.y_low, scale.y_high, 6)
    digits = next((d for d in (0, 1) if all(abs(value - round(value, d)) < 1e-9 for value in heights)), 2)
    for value in heights:
        y = scale.y(value)
        body += svg.tag(
            "line", x1=scale.x0, x2=scale.x1, y1=y, y2=y, stroke=svg.LINE, stroke_width=1.6 if value == 0 else 1
        )
        body += svg.text(scale.x0 - 8, y + 4, percent(value, digits), anchor="end", fill=svg.MUTED, size=13.5)
    for value in svg.ticks(scale.low, scale.high, min(6, int((scale.x1 - scale.x0) / _TICK))):
        body += svg.text(
            scale.x(value), scale.bottom + 19, cost_share(value), anchor="middle", fill=svg.MUTED, size=13.5
        )
    for line, words in enumerate(axis_lines(plane.y_label, scale.width)):
        body += svg.text(_EDGE, 14 + _LINE * line, words, fill=svg.MUTED, size=13.5)
    middle = (scale.x0 + scale.x1) / 2
    for line, words in enumerate(axis_lines(plane.x_label, scale.width)):
        body += svg.text(middle, scale.bottom + 39 + _LINE * line, words, anchor="middle", fill=svg.MUTED, size=13.5)
    return body


def axis_lines(words: str, width: float) -> list[str]:
    """Return the words of an axis in lines that fit a drawing of a width."""
    letter, most = (_NARROW_LETTER, _MOST_NARROW_LINES) if width <= svg.NARROW else (_LETTER, _MOST_LINES)
    return textwrap.wrap(words, int(width / letter))[:most] or [""]


def _dot(point: Point, scale: Scale, kind: str, radius: float, fill: str, index: int | str = "") -> str:
    return svg.tag(
        "circle",
        cx=scale.x(point.cost),
        cy=scale.y(point.score),
        r=radius,
        fill=fill,
        class_=kind,
        data_cost=f"{point.cost:.12g}",
        data_i=index,
    )


def _second(front: SecondFront, scale: Scale) -> str:
    body = svg.tag(
        "path", d=_staircase(front.points, scale), stroke=_SECOND, stroke_width=1.8, stroke_dasharray="5 3",
        fill="none",
    )  # fmt: skip
    for point in front.points:
        words = svg.tag("title", escape(f"{front.words}: {percent(point.score)} at {cost_share(point.cost)}"))
        square = _square(scale.x(point.cost), scale.y(point.score))
        body += svg.tag("g", words + square, class_="second", data_cost=f"{point.cost:.12g}")
    return body


def _square(x: float, y: float) -> str:
    return svg.tag("rect", x=x - 4, y=y - 4, width=8, height=8, fill="var(--bw-card)", stroke=_SECOND, stroke_width=1.8)


def _diamond(point: Point, scale: Scale, index: int) -> str:
    return _diamond_at(
        scale.x(point.cost), scale.y(point.score), class_="trained", data_cost=f"{point.cost:.12g}", data_i=index
    )


def _diamond_at(x: float, y: float, **more: object) -> str:
    # Filled, so that the whole of it can be clicked.
    corners = [(x, y - 5.5), (x + 5, y), (x, y + 5.5), (x - 5, y)]
    return svg.tag("path", d=svg.path(corners) + "Z", fill="var(--bw-card)", stroke=svg.TEXT, stroke_width=1.2, **more)


def _tie(one: Point, other: Point, scale: Scale) -> str:
    return svg.tag(
        "path",
        d=svg.path([(scale.x(point.cost), scale.y(point.score)) for point in (one, other)]),
        fill="none",
        stroke=svg.MUTED,
        stroke_width=1,
        stroke_dasharray="2 3",
        class_="tie",
        data_cost=f"{one.cost:.12g}",
    )


def _legend(plane: Plane, scale: Scale) -> str:
    """Return what each mark means, in rows below the axis."""
    rows, body = _legend_rows(plane, scale.width), ""
    first = scale.height - 30 - _ROW * (len(rows) - 2)
    for row, entries in enumerate(rows):
        x, y = _EDGE, first + _ROW * row
        for mark, words in entries:
            entry = _mark(mark, x + 5, y - 4.5) + svg.text(x + 15, y, words, fill=svg.MUTED, size=12)
            body += svg.tag("g", entry, class_="entry", data_x=x)
            x += _legend_room(words)
    return svg.tag("g", body, class_="legend", data_x=_EDGE, data_y=first)


def _legend_rows(plane: Plane, width: float) -> list[list[tuple[str, str]]]:
    """Return the marks of the legend with their words, in as few rows as fit, each about as wide as the others."""
    names = [("dot", "Pareto front"), ("small dot", "other layouts")]
    names += [("square", plane.second.words)] if plane.second else []
    names += [("diamond", f"measured, {plane.measured}")] if plane.trained else []
    names += [("ring", plane.ring)] if plane.pins else []
    names += [("shade", "over the budget")] if plane.has_budget else []
    room = (width - _EDGE) / _ENLARGED
    least = len(_rows_within(names, room))
    while len(rows := _rows_within(names, room)) == least and room > 0:
        found, room = rows, room - 10
    return found


def _rows_within(names: list[tuple[str, str]], room: float) -> list[list[tuple[str, str]]]:
    rows: list[list[tuple[str, str]]] = [[]]
    for name in names:
        if rows[-1] and sum(_legend_room(words) for _, words in [*rows[-1], name]) - _APART > room:
            rows.append([])
        rows[-1].append(name)
    return rows


def _legend_room(words: str) -> float:
    return 15 + 6.1 * len(words) + _APART


def _mark(mark: str, x: float, y: float) -> str:
    if mark == "diamond":
        return _diamond_at(x, y)
    if mark == "square":
        return _square(x, y)
    if mark == "shade":
        return svg.tag("rect", x=x - 5, y=y - 5.5, width=10, height=11, fill=_OVER, stroke=svg.LINE)
    fill, radius, stroke = {
        "dot": (svg.PRIMARY, 5.0, ""),
        "small dot": (_DOMINATED, 3.6, ""),
        "ring": ("none", 5.0, svg.TEXT),
    }[mark]
    return svg.tag("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke)


def _staircase(front: Sequence[Point], scale: Scale) -> str:
    corners: list[tuple[float, float]] = []
    for point in front:
        x, y = scale.x(point.cost), scale.y(point.score)
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    corners.append((scale.x1, corners[-1][1]))
    return svg.path(corners)
